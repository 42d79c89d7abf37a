/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/catalogue.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loader/uki.h"
#include "verify/rules.h"

const struct bzc_rule_family *const bzc_rule_families[] = {
    &bzc_rules_hdr,           &bzc_rules_hdr_size,     &bzc_rules_hdr_values,
    &bzc_rules_hdr_load,      &bzc_rules_hdr_align,    &bzc_rules_hdr_place,
    &bzc_rules_hdr_flags,     &bzc_rules_hdr_limits,   &bzc_rules_hdr_kernel_info,
    &bzc_rules_pay,           &bzc_rules_pay_stream,   &bzc_rules_elf,
    &bzc_rules_elf_segments,  &bzc_rules_elf_contents, &bzc_rules_pe,
    &bzc_rules_pe_sections,   &bzc_rules_pe_loading,   &bzc_rules_pe_kernel,
    &bzc_rules_pe_signatures, &bzc_rules_uki,          &bzc_rules_uki_data,
    &bzc_rules_run,           &bzc_rules_ent_kernel,   &bzc_rules_ent,
    &bzc_rules_ent_long,      &bzc_rules_ent_pvh,      &bzc_rules_bpr,
    &bzc_rules_bpr_loader,    &bzc_rules_mem,          &bzc_rules_mem_place,
    &bzc_rules_rel,           &bzc_rules_rel_probes,
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

/* What a rule needs and the image does not have, as the reason to skip it; NULL when all is there. */
static const char *missing(const struct bzc_rule *rule, const struct bzc_image_facts *image)
{
    const struct bzc_oracle *oracle = image->oracle;

    if (rule->needs & BZC_NEEDS_IMAGE && !bzc_image_is_boot_image(&image->image))
        return "the file is no boot image itself";
    if (rule->needs & BZC_NEEDS_HEADER && !image->image.has_header)
        return "the image has no setup header";
    if (rule->needs & BZC_NEEDS_PE && !image->pe.present)
        return "the image has no PE header";
    if (rule->needs & BZC_NEEDS_UKI && !bzc_uki_is(&image->pe))
        return "the file is no unified kernel image";
    if (rule->needs & BZC_NEEDS_LINUX && image->system == BZC_SYSTEM_UNKNOWN)
        return "the headers do not tell whether the image is a Linux kernel";
    if (rule->needs & BZC_NEEDS_LINUX && image->system != BZC_SYSTEM_LINUX)
        return "the image is not a Linux kernel";
    if (image->image.version < rule->since)
        return "the image's protocol version does not promise it";
    if (rule->phase == BZC_PHASE_IMAGE && rule->reads > image->depth)
        return "it reads beyond the headers (--no-payload)";
    if (rule->phase == BZC_PHASE_IMAGE && rule->reads == BZC_DEPTH_KERNEL && !oracle)
        return "the payload could not be unpacked";
    if (rule->needs & BZC_NEEDS_ELF && oracle->kind != BZC_PAYLOAD_ELF)
        return "the payload is a flat memory image, as before protocol 2.08";
    if (rule->needs & BZC_NEEDS_ELF && oracle->elf.load_count == 0)
        return "explained by ELF-001: the payload's ELF file cannot be read";
    return NULL;
}

/* The kernel itself, without its decompressor. */
static bool is_entered_by_loader(const struct bzc_run_facts *run)
{
    return bzc_path_enters_kernel(run->path);
}

/* Why a rule cannot be asked about this image or run; NULL when it can. */
static const char *not_applicable(const struct bzc_rule *rule, const struct bzc_image_facts *image,
                                  const struct bzc_run_facts *run)
{
    static const char wrong_code[] = "explained by ENT-030: the image promises no code for this mode";
    const char *reason = missing(rule, image);
    unsigned asks = rule->asks ? rule->asks : 1u << BZC_EXPECT_KERNEL | 1u << BZC_EXPECT_RUNNING;

    if (reason)
        return reason;
    if (run && !(asks & 1u << run->expect))
        return run->expect == BZC_EXPECT_KERNEL || run->expect == BZC_EXPECT_RUNNING
                   ? "this run is to reach the kernel"
                   : "this run is not to reach the kernel as usual";
    switch (rule->phase) {
    case BZC_PHASE_IMAGE:
    case BZC_PHASE_RUN:
        return NULL;
    case BZC_PHASE_SETUP:
        if (run->path == BZC_PATH_ENTRY64 || is_entered_by_loader(run) ||
            (run->pm_entry.reached && run->plan.jump.mode == BZC_MODE_LONG))
            return "the run does not use the 32-bit entry";
        return run->pm_entry.reached ? NULL : "the run did not reach the 32-bit entry";
    case BZC_PHASE_LONG:
        if (run->plan.jump.mode != BZC_MODE_LONG || is_entered_by_loader(run))
            return "the run does not use a 64-bit entry";
        return run->pm_entry.reached ? NULL : "the run did not reach the 64-bit entry";
    case BZC_PHASE_ENTRY:
        if (!run->entry.reached)
            return "the run did not reach the kernel";
        return bzc_is_entered_unpromised(image, run) ? wrong_code : NULL;
    case BZC_PHASE_MEMORY:
        if (!run->entry.reached)
            return "the run did not reach the kernel";
        if (bzc_is_entered_unpromised(image, run))
            return wrong_code;
        return run->compared ? NULL : "there is no unpacked payload to compare with";
    }
    return NULL;
}

bool bzc_rule_fails(const struct bzc_rule *rule, const struct bzc_image_facts *image, const struct bzc_run_facts *run)
{
    struct bzc_finding finding = {.outcome = BZC_OUTCOME_PASS};
    struct bzc_verdict verdict = {&finding};

    if (not_applicable(rule, image, run))
        return false;
    rule->check(image, run, &verdict);
    return finding.outcome == BZC_OUTCOME_FAIL;
}

static enum bzc_status ask(const struct bzc_rule *rule, const struct bzc_facts *facts, int run_index,
                           const struct bzc_policy *policy, struct bzc_findings *findings, struct bzc_error *err)
{
    const struct bzc_run_facts *run = run_index >= 0 ? &facts->run[run_index] : NULL;
    struct bzc_verdict verdict = {append(findings)};
    const char *reason;
    bool on;

    if (!verdict.finding)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the findings");
    verdict.finding->rule = rule;
    verdict.finding->run = run_index;
    verdict.finding->outcome = BZC_OUTCOME_PASS;
    on = bzc_policy_severity(policy, rule, &verdict.finding->severity);
    verdict.finding->off = !on;
    reason = on ? not_applicable(rule, &facts->image, run) : "it is switched off";
    if (reason)
        bzc_skip(&verdict, "%s", reason);
    else
        rule->check(&facts->image, run, &verdict);
    return BZC_OK;
}

enum bzc_status bzc_catalogue_run(const struct bzc_facts *facts, const struct bzc_policy *policy,
                                  struct bzc_findings *findings, struct bzc_error *err)
{
    size_t count = bzc_rule_count();
    enum bzc_status status = BZC_OK;

    for (int run = -1; run < (int)facts->run_count; run++) {
        for (size_t r = 0; r < count && status == BZC_OK; r++) {
            const struct bzc_rule *rule = bzc_rule_at(r);

            if ((rule->phase == BZC_PHASE_IMAGE) == (run < 0))
                status = ask(rule, facts, run, policy, findings, err);
        }
    }
    return status;
}

size_t bzc_rule_count(void)
{
    size_t count = 0;

    for (size_t f = 0; f < bzc_rule_family_count; f++)
        count += bzc_rule_families[f]->count;
    return count;
}

const struct bzc_rule *bzc_rule_at(size_t index)
{
    size_t f = 0;

    while (index >= bzc_rule_families[f]->count)
        index -= bzc_rule_families[f++]->count;
    return &bzc_rule_families[f]->rule[index];
}

const struct bzc_rule *bzc_rule_find(const char *id_or_name)
{
    for (size_t i = 0, count = bzc_rule_count(); i < count; i++) {
        const struct bzc_rule *rule = bzc_rule_at(i);

        if (strcasecmp(rule->id, id_or_name) == 0 || strcmp(rule->name, id_or_name) == 0)
            return rule;
    }
    return NULL;
}
