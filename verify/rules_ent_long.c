/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about a loader's hand-over at the 64-bit entry of the protected-mode part. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules_ent.h"

#define SPEC_64 "boot.rst, 64-bit Boot Protocol"

/* asm/segment.h: the selectors that both boot protocols name */
#define BOOT_CS 0x10
#define BOOT_DS 0x18

bool bzc_is_entered_unpromised(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    uint64_t flags = 0;

    if (bzc_path_enters_kernel(run->path) || !run->pm_entry.reached || run->plan.jump.mode != BZC_MODE_LONG)
        return false;
    return !bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags) || !(flags & BZC_XLF_KERNEL_64);
}

static void check_promised(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    if (!bzc_is_entered_unpromised(facts, run))
        return;
    bzc_fail(verdict, "the loader enters 64-bit code that the image does not promise");
    bzc_where(verdict, "entry at 0x%" PRIx64, run->pm_entry.linear);
    bzc_expected(verdict, "the 32-bit entry: xloadflags has no XLF_KERNEL_64");
    bzc_actual(verdict, "a jump to 0x%" PRIx64 " bytes behind the load address, in long mode",
               run->pm_entry.linear - run->plan.pm_phys);
}

static void check_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    enum bzc_mode mode = bzc_regs_mode(&run->pm_entry.regs);

    (void)facts;
    if (mode == BZC_MODE_LONG)
        return;
    bzc_fail(verdict, "the 64-bit entry is not reached in 64-bit mode");
    bzc_where(verdict, "CPU mode at 0x%" PRIx64, run->pm_entry.phys);
    bzc_expected(verdict, "long, paging on");
    bzc_actual(verdict, "%s, paging %s", bzc_mode_name(mode), run->pm_entry.regs.cr0 & BZC_CR0_PG ? "on" : "off");
}

static void check_cs(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_segment *cs = &run->pm_entry.regs.seg[BZC_CS];

    (void)facts;
    if (!bzc_segment_is_code(cs) || cs->selector != BOOT_CS)
        bzc_fail_segment(verdict, BZC_CS, cs, "selector 0x10 (__BOOT_CS), readable code");
}

static void check_data_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    static const enum bzc_seg promised[] = {BZC_DS, BZC_ES, BZC_SS};

    (void)facts;
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        const struct bzc_segment *segment = &run->pm_entry.regs.seg[promised[i]];

        if (!bzc_segment_is_flat(segment) || !bzc_segment_is_data(segment) || segment->selector != BOOT_DS) {
            bzc_fail_segment(verdict, promised[i], segment,
                             "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data");
            return;
        }
    }
}

static void check_if(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    (void)facts;
    bzc_check_interrupts_off(&run->pm_entry, verdict);
}

static void check_rsi(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    bzc_check_boot_params(facts, &run->pm_entry, "RSI", verdict);
}

static void check_identity(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_identity *identity = &run->loader_identity;

    (void)facts;
    if (!identity->broken)
        return;
    bzc_fail(verdict, "the loader's identity mapping does not cover %s",
             identity->what ? identity->what : "what the protocol names");
    bzc_where(verdict, "linear 0x%" PRIx64, identity->linear);
    bzc_expected(verdict, "physical 0x%" PRIx64, identity->linear);
    if (identity->mapped)
        bzc_actual(verdict, "physical 0x%" PRIx64, identity->phys);
    else
        bzc_actual(verdict, "not mapped");
}

static const struct bzc_rule rules[] = {
    {
        .id = "ENT-030",
        .name = "entry64-promised",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a loader enters the 64-bit entry only of an image that has one",
        .spec = "boot.rst, Details of Header Fields: xloadflags",
        .phase = BZC_PHASE_LONG,
        .check = check_promised,
    },
    {
        .id = "ENT-031",
        .name = "entry64-mode",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the 64-bit entry is reached in 64-bit mode with paging",
        .spec = SPEC_64,
        .phase = BZC_PHASE_LONG,
        .check = check_mode,
    },
    {
        .id = "ENT-032",
        .name = "entry64-code-segment",
        .severity = BZC_SEVERITY_WARNING,
        .title = "CS is 0x10 at the 64-bit entry",
        .spec = SPEC_64,
        .phase = BZC_PHASE_LONG,
        .check = check_cs,
    },
    {
        .id = "ENT-033",
        .name = "entry64-data-segments",
        .severity = BZC_SEVERITY_WARNING,
        .title = "DS, ES and SS are the flat segment 0x18 at the 64-bit entry",
        .spec = SPEC_64,
        .phase = BZC_PHASE_LONG,
        .check = check_data_segments,
    },
    {
        .id = "ENT-034",
        .name = "entry64-interrupts-off",
        .severity = BZC_SEVERITY_ERROR,
        .title = "interrupts are off at the 64-bit entry",
        .spec = SPEC_64,
        .phase = BZC_PHASE_LONG,
        .check = check_if,
    },
    {
        .id = "ENT-035",
        .name = "entry64-boot-params",
        .severity = BZC_SEVERITY_ERROR,
        .title = "RSI points to boot_params at the 64-bit entry",
        .spec = SPEC_64,
        .phase = BZC_PHASE_LONG,
        .needs = BZC_NEEDS_HEADER,
        .check = check_rsi,
    },
    {
        .id = "ENT-036",
        .name = "entry64-identity-mapping",
        .severity = BZC_SEVERITY_ERROR,
        .title = "kernel, boot_params and command line are identity-mapped at the 64-bit entry",
        .spec = SPEC_64,
        .phase = BZC_PHASE_LONG,
        .check = check_identity,
    },
};

const struct bzc_rule_family bzc_rules_ent_long = {rules, sizeof(rules) / sizeof(rules[0])};

/* ---- for other rules ---- */

/* What is wrong with the address that control is handed to, be it the image's field or the loader's jump; or NULL. */
static const char *wrong_entry(const struct bzc_rule *rule)
{
    if (strcmp(rule->id, "ENT-027") == 0)
        return "the 32-bit entry does not lie in the protected-mode part";
    return strcmp(rule->id, "ENT-028") == 0 ? "the 32-bit entry is an ELF header" : NULL;
}

const char *bzc_hand_over_reason(const struct bzc_rule *fault)
{
    const char *reason = wrong_entry(fault);

    return reason ? reason : "the loader's hand-over is wrong";
}

static const struct bzc_rule *failing(const struct bzc_rule_family *family, const struct bzc_image_facts *facts,
                                      const struct bzc_run_facts *run)
{
    for (size_t i = 0; i < family->count; i++) {
        const struct bzc_rule *rule = &family->rule[i];

        if ((rule->phase != BZC_PHASE_SETUP && rule->phase != BZC_PHASE_LONG) || rule->severity != BZC_SEVERITY_ERROR)
            continue;
        if ((run->path != BZC_PATH_SETUP || wrong_entry(rule)) && bzc_rule_fails(rule, facts, run))
            return rule;
    }
    return NULL;
}

const struct bzc_rule *bzc_hand_over_fault(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    const struct bzc_rule *rule = failing(&bzc_rules_ent, facts, run);

    return rule ? rule : failing(&bzc_rules_ent_long, facts, run);
}
