/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/rule_list.h"

#include <string.h>
#include <strings.h>

#include "report/json.h"
#include "report/page.h"

#define SEVERITY_COLUMN 9u
#define NAME_COLUMN     18u

bool bzc_rule_is_of(const struct bzc_rule *rule, const char *family)
{
    size_t length = strlen(family ? family : "");

    return !family || (strncasecmp(rule->id, family, length) == 0 && rule->id[length] == '-');
}

/* The width of the longest name of all rules, so that a family's lines are the same as in the whole list. */
static unsigned name_width(void)
{
    size_t width = 0;

    for (size_t i = 0, count = bzc_rule_count(); i < count; i++) {
        size_t length = strlen(bzc_rule_at(i)->name);

        width = length > width ? length : width;
    }
    return (unsigned)width;
}

void bzc_rule_list_text(const char *family, FILE *out)
{
    struct bzc_page page = {.out = out};
    unsigned title_column = NAME_COLUMN + name_width() + 2;

    for (size_t i = 0, count = bzc_rule_count(); i < count; i++) {
        const struct bzc_rule *rule = bzc_rule_at(i);

        if (!bzc_rule_is_of(rule, family))
            continue;
        bzc_page_put(&page, BZC_STYLE_PLAIN, rule->id);
        bzc_page_tab(&page, SEVERITY_COLUMN);
        bzc_page_put(&page, BZC_STYLE_PLAIN, bzc_severity_name(rule->severity));
        bzc_page_tab(&page, NAME_COLUMN);
        bzc_page_put(&page, BZC_STYLE_PLAIN, rule->name);
        bzc_page_tab(&page, title_column);
        bzc_page_put(&page, BZC_STYLE_PLAIN, rule->title);
        bzc_page_end_line(&page);
    }
}

static json_t *needs_array(const struct bzc_rule *rule, bool *failed)
{
    static const struct {
        unsigned bit;
        const char *name;
    } needs[] = {
        {BZC_NEEDS_IMAGE, "boot-image"}, {BZC_NEEDS_HEADER, "setup-header"},
        {BZC_NEEDS_LINUX, "linux"},      {BZC_NEEDS_PE, "pe"},
        {BZC_NEEDS_UKI, "uki"},          {BZC_NEEDS_ELF, "elf"},
    };
    json_t *array = json_array();

    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        if (rule->needs & needs[i].bit)
            bzc_json_append(array, json_string(needs[i].name), failed);
    return array;
}

static json_t *rule_object(const struct bzc_rule *rule, bool *failed)
{
    static const char *const phases[] = {
        [BZC_PHASE_IMAGE] = "image", [BZC_PHASE_RUN] = "run",     [BZC_PHASE_SETUP] = "setup",
        [BZC_PHASE_LONG] = "long",   [BZC_PHASE_ENTRY] = "entry", [BZC_PHASE_MEMORY] = "memory"};
    static const char *const depths[] = {"headers", "file", "kernel"};
    json_t *object = json_object(), *since = json_null(), *reads = json_null();

    if (rule->since > 0)
        since = json_sprintf("%u.%02u", rule->since >> 8, rule->since & 0xffu);
    if (rule->phase == BZC_PHASE_IMAGE)
        reads = json_string(depths[rule->reads]);
    bzc_json_set(object, "id", json_string(rule->id), failed);
    bzc_json_set(object, "name", json_string(rule->name), failed);
    bzc_json_set(object, "severity", json_string(bzc_severity_name(rule->severity)), failed);
    bzc_json_set(object, "title", json_string(rule->title), failed);
    bzc_json_set(object, "spec", json_string(rule->spec), failed);
    bzc_json_set(object, "phase", json_string(phases[rule->phase]), failed);
    bzc_json_set(object, "since", since, failed);
    bzc_json_set(object, "needs", needs_array(rule, failed), failed);
    bzc_json_set(object, "reads", reads, failed);
    return object;
}

enum bzc_status bzc_rule_list_json(const char *family, FILE *out, struct bzc_error *err)
{
    json_t *array = json_array();
    bool failed = !array, written;

    for (size_t i = 0, count = bzc_rule_count(); i < count; i++)
        if (bzc_rule_is_of(bzc_rule_at(i), family))
            bzc_json_append(array, rule_object(bzc_rule_at(i), &failed), &failed);
    if (failed) {
        json_decref(array);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the list of rules");
    }
    written = json_dumpf(array, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF && fflush(out) == 0;
    json_decref(array);
    return written ? BZC_OK : bzc_error_set(err, BZC_ERR_IO, "cannot write the list of rules");
}
