/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about a run as a whole. */
#include <inttypes.h>
#include <stdio.h>

#include "verify/rules.h"

#define EXPLANATION 96

static const char *damaged_payload(const struct bzc_image *image)
{
    if (!bzc_payload_incomplete_fault(image))
        return "PAY-002: the payload is damaged";
    return bzc_image_ends_early(image) ? "HDR-001: the file ends too early" : "PAY-001: the payload is not complete";
}

/* What a boot does not survive; a kernel is reached without its initrd all the same. */
static bool is_in_the_way(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    static const enum bzc_block_role roles[] = {BZC_BLOCK_BOOT_PARAMS, BZC_BLOCK_PAGE_TABLES, BZC_BLOCK_CMDLINE,
                                                BZC_BLOCK_PM,          BZC_BLOCK_SEGMENT,     BZC_BLOCK_SETUP_DATA,
                                                BZC_BLOCK_START_INFO};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (bzc_is_misplaced(facts, run, roles[i]))
            return true;
    return false;
}

/* The finding that already tells why the kernel was not reached; NULL when none does. */
static const char *explained_by(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, char *text)
{
    const struct bzc_rule *fault;

    if (run->pm_entry.reached && !run->pm_entry.a20_open && run->plan.jump.mode != BZC_MODE_LONG)
        return "ENT-024: A20 is closed when protected mode begins";
    fault = bzc_hand_over_fault(facts, run);
    if (fault) {
        snprintf(text, EXPLANATION, "%s: %s", fault->id, bzc_hand_over_reason(fault));
        return text;
    }
    if (is_in_the_way(facts, run))
        return "MEM-008: the loader put something into the way";
    if (bzc_is_moved_by_loader(facts, run))
        return "MEM-009: the loader moved a kernel that is not relocatable";
    /* Its decompressor says so and then executes for(;;). */
    if ((run->stop.reason == BZC_STOP_HALT || run->stop.reason == BZC_STOP_BUDGET) &&
        bzc_rule_fails(bzc_rule_find("BPR-009"), facts, run))
        return "BPR-009: the kernel is not told how much memory there is";
    if (run->stop.reason == BZC_STOP_OUTSIDE_MEMORY && run->stop.access == BZC_ACCESS_WRITE &&
        bzc_rule_fails(bzc_rule_find("MEM-004"), facts, run))
        return "MEM-004: the run ended with a write outside RAM";
    if (!facts->oracle && facts->oracle_error.status == BZC_ERR_FORMAT)
        return damaged_payload(&facts->image);
    return NULL;
}

static const char *last_stage(const struct bzc_run_facts *run)
{
    return run->stage_count ? run->stage[run->stage_count - 1].name : "the loader";
}

/* FAIL, or the reason for less: the run ended before it was where it had to get. */
static void stopped_early(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, const char *goal,
                          const char *expected, struct bzc_verdict *verdict)
{
    char text[EXPLANATION];
    const char *reason = explained_by(facts, run, text);

    if (reason) {
        bzc_skip(verdict, "explained by %s", reason);
    } else if (run->plan_error.status != BZC_OK) {
        bzc_unknown(verdict, "not started: %s", run->plan_error.message);
    } else {
        bzc_fail(verdict, "the kernel %s: %s in %s (%s)", goal, bzc_stop_name(run->stop.reason), last_stage(run),
                 run->stop.detail);
        bzc_where(verdict, "0x%" PRIx64, run->stop.phys_known ? run->stop.phys : run->stop.linear);
        bzc_expected(verdict, "%s", expected);
        bzc_actual(verdict, "%s", bzc_stop_name(run->stop.reason));
    }
}

static void check_reached(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    if (run->entry.reached)
        return;
    stopped_early(facts, run, "is not reached", "the kernel's first instruction", verdict);
}

static void check_running(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    if (run->running.reached)
        return;
    if (!run->entry.reached) {
        bzc_skip(verdict, "explained by RUN-001: the kernel is not reached");
        return;
    }
    stopped_early(facts, run, "does not get going",
                  "an instruction at the kernel's virtual address, or its first message", verdict);
}

static const struct bzc_rule rules[] = {
    {
        .id = "RUN-001",
        .name = "kernel-reached",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the boot reaches the kernel's first instruction",
        .spec = "boot.rst, Running the Kernel",
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .check = check_reached,
    },
    {
        .id = "RUN-002",
        .name = "kernel-running",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a kernel that the loader enters itself gets to its own virtual addresses",
        .spec = "System V ABI, ELF Header: e_entry; arch/x86/kernel/head_64.S and head_32.S",
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .asks = 1u << BZC_EXPECT_RUNNING,
        .check = check_running,
    },
};

const struct bzc_rule_family bzc_rules_run = {rules, sizeof(rules) / sizeof(rules[0])};
