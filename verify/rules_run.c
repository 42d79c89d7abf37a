/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about a run as a whole. */
#include <inttypes.h>

#include "verify/rules.h"

static const char *damaged_payload(const struct bzc_image *image)
{
    if (!bzc_payload_incomplete_fault(image))
        return "PAY-002: the payload is damaged";
    return bzc_image_ends_early(image) ? "HDR-001: the file ends too early" : "PAY-001: the payload is not complete";
}

/* The finding that already tells why the kernel was not reached; NULL when none does. */
static const char *explained_by(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    if (run->setup.reached && !run->setup.a20_open)
        return "ENT-024: A20 is closed when protected mode begins";
    if (run->stop.reason == BZC_STOP_OUTSIDE_MEMORY && run->stop.access == BZC_ACCESS_WRITE)
        return "MEM-004: the run ended with a write outside RAM";
    if (!facts->oracle && facts->oracle_error.status == BZC_ERR_FORMAT)
        return damaged_payload(&facts->image);
    return NULL;
}

static const char *last_stage(const struct bzc_run_facts *run)
{
    return run->stage_count ? run->stage[run->stage_count - 1].name : "the loader";
}

static void check_reached(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const char *reason = explained_by(facts, run);

    if (run->entry.reached)
        return;
    if (reason) {
        bzc_skip(verdict, "explained by %s", reason);
    } else if (run->plan_error.status != BZC_OK) {
        bzc_unknown(verdict, "not started: %s", run->plan_error.message);
    } else {
        bzc_fail(verdict, "the kernel is not reached: %s in %s (%s)", bzc_stop_name(run->stop.reason), last_stage(run),
                 run->stop.detail);
        bzc_where(verdict, "0x%" PRIx64, run->stop.phys_known ? run->stop.phys : run->stop.linear);
        bzc_expected(verdict, "the kernel's first instruction");
        bzc_actual(verdict, "%s", bzc_stop_name(run->stop.reason));
    }
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
};

const struct bzc_rule_family bzc_rules_run = {rules, sizeof(rules) / sizeof(rules[0])};
