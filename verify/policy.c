/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/policy.h"

#include <stdio.h>
#include <string.h>

#include "verify/catalogue.h"

#define LINE_MAX_SIZE 256u

void bzc_policy_init(struct bzc_policy *policy)
{
    policy->fail_on = BZC_SEVERITY_ERROR;
    policy->count = 0;
    policy->baseline = NULL;
    for (size_t i = 0; i < BZC_DIFF_KIND_COUNT; i++)
        policy->difference[i] = bzc_diff_kinds[i].importance;
}

static struct bzc_policy_entry *find(struct bzc_policy *policy, const struct bzc_rule *rule)
{
    for (size_t i = 0; i < policy->count; i++)
        if (policy->entry[i].rule == rule)
            return &policy->entry[i];
    return NULL;
}

enum bzc_status bzc_policy_set(struct bzc_policy *policy, const char *name, const char *word, struct bzc_error *err)
{
    struct bzc_policy_entry fresh = {.rule = bzc_rule_find(name)}, *entry;

    if (strcmp(word, "off") == 0)
        fresh.off = true;
    else if (!bzc_severity_parse(strcmp(word, "warn") == 0 ? "warning" : word, &fresh.severity))
        return bzc_error_set(err, BZC_ERR_FORMAT, "'%s' is none of error, warning, note, off", word);
    if (!fresh.rule)
        return bzc_error_set(err, BZC_ERR_FORMAT, "there is no rule '%s'; 'bzcheck rules' lists them", name);
    entry = find(policy, fresh.rule);
    if (!entry) {
        if (policy->count == BZC_POLICY_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "more than %d rules are given", BZC_POLICY_MAX);
        entry = &policy->entry[policy->count++];
    }
    *entry = fresh;
    return BZC_OK;
}

static enum bzc_status set_difference(struct bzc_policy *policy, const char *name, enum bzc_importance importance,
                                      struct bzc_error *err)
{
    const struct bzc_diff_kind *kind = bzc_diff_kind_find(name);

    if (!kind)
        return bzc_error_set(err, BZC_ERR_FORMAT, "there is no kind of difference '%s'; 'bzcheck diff --list' has them",
                             name);
    policy->difference[kind->id] = importance;
    return BZC_OK;
}

/* What bzc_policy_set() takes. */
static bool is_rule_word(const char *word)
{
    enum bzc_severity severity;

    return strcmp(word, "off") == 0 || strcmp(word, "warn") == 0 || bzc_severity_parse(word, &severity);
}

/* `line` is NUL-terminated and without its comment. */
static enum bzc_status read_line(struct bzc_policy *policy, const char *line, struct bzc_error *err)
{
    char word[LINE_MAX_SIZE], value[LINE_MAX_SIZE], rest[LINE_MAX_SIZE];
    int words = sscanf(line, "%255s %255s %255s", word, value, rest);
    enum bzc_importance importance;

    if (words <= 0)
        return BZC_OK;
    if (words != 2)
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "a line has two words, 'error RULE', 'fail-on SEVERITY' or 'breaking KIND'");
    if (bzc_importance_parse(word, &importance))
        return set_difference(policy, value, importance, err);
    if (is_rule_word(word))
        return bzc_policy_set(policy, value, word, err);
    if (strcmp(word, "fail-on") != 0)
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "'%s' is none of error, warning, note, off, fail-on, breaking, notable, expected", word);
    if (!bzc_severity_parse(value, &policy->fail_on))
        return bzc_error_set(err, BZC_ERR_FORMAT, "fail-on: '%s' is none of error, warning, note", value);
    return BZC_OK;
}

enum bzc_status bzc_policy_read(struct bzc_policy *policy, struct bzc_bytes text, struct bzc_error *err)
{
    size_t at = 0;

    for (unsigned number = 1; at < text.size; number++) {
        const uint8_t *start = text.data + at, *end = memchr(start, '\n', text.size - at);
        size_t length = end ? (size_t)(end - start) : text.size - at;
        struct bzc_error problem = {0};
        char line[LINE_MAX_SIZE];
        char *comment;

        at += length + 1;
        if (length >= sizeof(line) || memchr(start, '\0', length))
            return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: this is no text line of a profile", number);
        memcpy(line, start, length);
        line[length] = '\0';
        comment = strchr(line, '#');
        if (comment)
            *comment = '\0';
        if (read_line(policy, line, &problem) != BZC_OK)
            return bzc_error_set(err, problem.status, "line %u: %s", number, problem.message);
    }
    return BZC_OK;
}

bool bzc_policy_severity(const struct bzc_policy *policy, const struct bzc_rule *rule, enum bzc_severity *severity)
{
    for (size_t i = 0; i < policy->count; i++) {
        if (policy->entry[i].rule == rule) {
            *severity = policy->entry[i].severity;
            return !policy->entry[i].off;
        }
    }
    *severity = rule->severity;
    return true;
}
