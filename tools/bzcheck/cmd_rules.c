/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck rules: lists the catalogue. */
#include <getopt.h>
#include <string.h>

#include "report/rule_list.h"
#include "tools/bzcheck/command.h"

static const char help[] = "Usage: bzcheck rules [options]\n"
                           "\n"
                           "Lists the rules, one a line: id, severity, name, and what holds when it passes.\n"
                           "\n"
                           "  --family NAME  only this family: HDR, PAY, ...\n"
                           "  --json         as JSON, with the source of each rule\n"
                           "  -h, --help     print this help\n"
                           "\n"
                           "'bzcheck explain RULE' tells about one.\n";

static const struct option long_options[] = {
    {"family", required_argument, NULL, 'f'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Says which families there are. */
static int no_family(const char *about, const char *family)
{
    char known[512] = "";
    size_t used = 0;

    for (size_t i = 0, count = bzc_rule_count(); i < count && used < sizeof(known); i++) {
        const char *id = bzc_rule_at(i)->id;
        int length = (int)strcspn(id, "-");

        if (i == 0 || strncmp(id, bzc_rule_at(i - 1)->id, (size_t)length + 1) != 0)
            used += (size_t)snprintf(known + used, sizeof(known) - used, " %.*s", length, id);
    }
    return bzc_usage_error(about, "--family: there is no '%s'; there is:%s", family, known);
}

static bool has_rules(const char *family)
{
    for (size_t i = 0, count = bzc_rule_count(); i < count; i++)
        if (bzc_rule_is_of(bzc_rule_at(i), family))
            return true;
    return false;
}

int bzc_cmd_rules(int argc, char **argv)
{
    struct bzc_error err = {0};
    const char *family = NULL;
    bool json = false;
    int option;

    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (option) {
        case 'f':
            family = optarg;
            break;
        case 'j':
            json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return BZC_EXIT_PASS;
        default:
            fprintf(stderr, "Try '%s --help'.\n", argv[0]);
            return BZC_EXIT_USAGE;
        }
    }
    if (optind < argc)
        return bzc_usage_error(argv[0], "'%s' is too much; 'bzcheck explain' tells about a rule", argv[optind]);
    if (!has_rules(family))
        return no_family(argv[0], family);
    if (!json) {
        bzc_rule_list_text(family, stdout);
    } else if (bzc_rule_list_json(family, stdout, &err) == BZC_ERR_MEMORY) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    return BZC_EXIT_PASS; /* main() looks whether stdout took it */
}
