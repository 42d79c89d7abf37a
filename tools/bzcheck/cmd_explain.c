/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck explain: prints the pages of rules. */
#include <ctype.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/page.h"
#include "report/rule_pages.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/terminal.h"
#include "verify/catalogue.h"

#define WORD_MAX  64u /* longer words are like no rule */
#define NEAR_MAX  3u  /* rules that are suggested */
#define NEAR_EDIT 3u  /* with at most so many letters to change */

static const char help[] = "Usage: bzcheck explain RULE...\n"
                           "\n"
                           "Tells about rules, by id (HDR-001) or name (image-complete): what the protocol\n"
                           "demands, why it matters, what goes wrong in practice, how to fix it.\n"
                           "\n"
                           "  -h, --help     print this help\n"
                           "\n"
                           "'bzcheck rules' lists them.\n";

/* ---- rules that somebody may have meant ---- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to change, insert or take out until one word is the other, in any case. */
static unsigned distance(const char *from, const char *to)
{
    size_t length = strlen(to);
    unsigned row[WORD_MAX + 1];

    for (unsigned j = 0; j <= length; j++)
        row[j] = j;
    for (unsigned i = 1; from[i - 1]; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            bool same = tolower((unsigned char)from[i - 1]) == tolower((unsigned char)to[j - 1]);
            unsigned changed = diagonal + !same;

            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[length];
}

/* How far a rule is from what was typed: part of its id or name, a few letters off, or more than NEAR_EDIT. */
static unsigned farness(const struct bzc_rule *rule, const char *text)
{
    unsigned letters;

    if (strlen(text) > WORD_MAX || strlen(rule->name) > WORD_MAX)
        return NEAR_EDIT + 1;
    if (strlen(text) > 2 && (strcasestr(rule->id, text) || strcasestr(rule->name, text)))
        return 0;
    letters = least(distance(text, rule->id), distance(text, rule->name));
    return letters * 2 < strlen(text) ? letters : NEAR_EDIT + 1;
}

/* Appends the nearest rules to `list`, nearest first. */
static void list_near(const char *text, char *list, size_t size)
{
    size_t used = 0, named = 0;

    list[0] = '\0';
    for (unsigned far = 0; far <= NEAR_EDIT; far++) {
        for (size_t i = 0, count = bzc_rule_count(); i < count && named < NEAR_MAX && used < size; i++) {
            const struct bzc_rule *rule = bzc_rule_at(i);

            if (farness(rule, text) == far)
                used += (size_t)snprintf(list + used, size - used, "%s%s %s", named++ > 0 ? ", " : "", rule->id,
                                         rule->name);
        }
    }
}

static int no_rule(const char *about, const char *text)
{
    char near[256];

    list_near(text, near, sizeof(near));
    if (*near)
        bzc_complain(about, "there is no rule '%s'; near to it: %s", text, near);
    else
        bzc_complain(about, "there is no rule '%s'; 'bzcheck rules' lists them", text);
    return BZC_EXIT_USAGE;
}

/* ---- pages ---- */

static void print_line(struct bzc_page *page, const char *line, size_t length)
{
    char text[512];

    snprintf(text, sizeof(text), "%.*s", (int)length, line);
    bzc_page_put(page, text[0] == '#' ? BZC_STYLE_HEAD : BZC_STYLE_PLAIN, text);
    bzc_page_end_line(page);
}

static void print_page(const char *text)
{
    struct bzc_page page = {.out = stdout, .colour = bzc_terminal_has_colour(stdout)};

    while (*text) {
        size_t length = strcspn(text, "\n");

        print_line(&page, text, length);
        text += length + (text[length] == '\n');
    }
}

static int explain(const char *about, const struct bzc_rule *rule)
{
    const char *text = bzc_rule_page(rule->id);

    if (!text) {
        bzc_complain(about, "%s %s: this build has no page about it", rule->id, rule->name);
        return BZC_EXIT_UNKNOWN;
    }
    print_page(text);
    return BZC_EXIT_PASS;
}

int bzc_cmd_explain(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int worst = BZC_EXIT_PASS, option;

    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return BZC_EXIT_PASS;
        }
        fprintf(stderr, "Try '%s --help'.\n", argv[0]);
        return BZC_EXIT_USAGE;
    }
    if (optind == argc)
        return bzc_usage_error(argv[0], "a rule is missing");
    for (int i = optind; i < argc; i++)
        if (!bzc_rule_find(argv[i]))
            return no_rule(argv[0], argv[i]);
    for (int i = optind; i < argc; i++) {
        int status;

        if (i > optind)
            fputc('\n', stdout);
        status = explain(argv[0], bzc_rule_find(argv[i]));
        worst = status > worst ? status : worst;
    }
    return worst;
}
