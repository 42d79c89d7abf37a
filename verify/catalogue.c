/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/catalogue.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/rules.h"

const struct bzc_rule_family bzc_rule_families[] = {
    {bzc_rules_hdr, BZC_RULES_HDR_COUNT}, {bzc_rules_pay, BZC_RULES_PAY_COUNT}, {bzc_rules_elf, BZC_RULES_ELF_COUNT},
    {bzc_rules_run, BZC_RULES_RUN_COUNT}, {bzc_rules_ent, BZC_RULES_ENT_COUNT}, {bzc_rules_bpr, BZC_RULES_BPR_COUNT},
    {bzc_rules_mem, BZC_RULES_MEM_COUNT}, {bzc_rules_rel, BZC_RULES_REL_COUNT},
};
const size_t bzc_rule_family_count = sizeof(bzc_rule_families) / sizeof(bzc_rule_families[0]);

struct bzc_verdict {
    struct bzc_finding *finding;
};

static void __attribute__((format(printf, 3, 0)))
answer(struct bzc_verdict *verdict, enum bzc_outcome outcome, const char *format, va_list args)
{
    verdict->finding->outcome = outcome;
    vsnprintf(verdict->finding->message, BZC_FINDING_TEXT, format, args);
}

void bzc_fail(struct bzc_verdict *verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    answer(verdict, BZC_OUTCOME_FAIL, format, args);
    va_end(args);
}

void bzc_skip(struct bzc_verdict *verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    answer(verdict, BZC_OUTCOME_SKIP, format, args);
    va_end(args);
}

void bzc_unknown(struct bzc_verdict *verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    answer(verdict, BZC_OUTCOME_UNKNOWN, format, args);
    va_end(args);
}

void bzc_where(struct bzc_verdict *verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(verdict->finding->where, BZC_FINDING_TEXT, format, args);
    va_end(args);
}

void bzc_expected(struct bzc_verdict *verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(verdict->finding->expected, BZC_FINDING_TEXT, format, args);
    va_end(args);
}

void bzc_actual(struct bzc_verdict *verdict, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(verdict->finding->actual, BZC_FINDING_TEXT, format, args);
    va_end(args);
}

static struct bzc_finding *append(struct bzc_findings *findings)
{
    if (findings->count == findings->capacity) {
        size_t capacity = findings->capacity ? 2 * findings->capacity : 64;
        struct bzc_finding *item = realloc(findings->item, capacity * sizeof(*item));

        if (!item)
            return NULL;
        findings->item = item;
        findings->capacity = capacity;
    }
    struct bzc_finding *finding = &findings->item[findings->count++];

    memset(finding, 0, sizeof(*finding));
    return finding;
}

/* Why a rule cannot be asked about this image or run; NULL when it can. */
static const char *not_applicable(const struct bzc_rule *rule, const struct bzc_image_facts *image,
                                  const struct bzc_run_facts *run)
{
    if (rule->linux_only && image->system != BZC_SYSTEM_LINUX)
        return "the image is not a Linux kernel";
    if (image->image.version < rule->since)
        return "the image's protocol version does not promise it";
    switch (rule->phase) {
    case BZC_PHASE_IMAGE:
    case BZC_PHASE_RUN:
        return NULL;
    case BZC_PHASE_SETUP:
        return run->setup.reached ? NULL : "the run did not reach the 32-bit entry";
    case BZC_PHASE_ENTRY:
        return run->entry.reached ? NULL : "the run did not reach the kernel";
    case BZC_PHASE_MEMORY:
        if (!run->entry.reached)
            return "the run did not reach the kernel";
        return run->compared ? NULL : "there is no unpacked payload to compare with";
    }
    return NULL;
}

static enum bzc_status ask(const struct bzc_rule *rule, const struct bzc_facts *facts, int run_index,
                           struct bzc_findings *findings, struct bzc_error *err)
{
    const struct bzc_run_facts *run = run_index >= 0 ? &facts->run[run_index] : NULL;
    struct bzc_verdict verdict = {append(findings)};
    const char *reason;

    if (!verdict.finding)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the findings");
    verdict.finding->rule = rule;
    verdict.finding->run = run_index;
    verdict.finding->outcome = BZC_OUTCOME_PASS;
    reason = not_applicable(rule, &facts->image, run);
    if (reason)
        bzc_skip(&verdict, "%s", reason);
    else
        rule->check(&facts->image, run, &verdict);
    return BZC_OK;
}

enum bzc_status bzc_catalogue_run(const struct bzc_facts *facts, struct bzc_findings *findings, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;

    for (int run = -1; run < (int)facts->run_count; run++) {
        for (size_t f = 0; f < bzc_rule_family_count; f++) {
            for (size_t r = 0; r < bzc_rule_families[f].count && status == BZC_OK; r++) {
                const struct bzc_rule *rule = &bzc_rule_families[f].rule[r];

                if ((rule->phase == BZC_PHASE_IMAGE) == (run < 0))
                    status = ask(rule, facts, run, findings, err);
            }
        }
    }
    return status;
}

const struct bzc_rule *bzc_rule_find(const char *id_or_name)
{
    for (size_t f = 0; f < bzc_rule_family_count; f++) {
        for (size_t r = 0; r < bzc_rule_families[f].count; r++) {
            const struct bzc_rule *rule = &bzc_rule_families[f].rule[r];

            if (strcmp(rule->id, id_or_name) == 0 || strcmp(rule->name, id_or_name) == 0)
                return rule;
        }
    }
    return NULL;
}
