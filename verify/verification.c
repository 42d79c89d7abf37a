/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/verification.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *bzc_verdict_name(enum bzc_image_verdict verdict)
{
    static const char *const names[] = {"pass", "fail", "unknown"};

    return names[verdict];
}

bool bzc_finding_counts(const struct bzc_verification *verification, const struct bzc_finding *finding)
{
    return finding->outcome == BZC_OUTCOME_FAIL && finding->severity >= verification->fail_on && !finding->known;
}

/* What could be said about an image of another system. */
static const char *why_not_linux(const struct bzc_facts *facts)
{
    for (size_t i = 0; i < facts->run_count; i++) {
        if (facts->run[i].plan_error.status != BZC_OK)
            return facts->run[i].plan_error.message;
        if (facts->run[i].pm_entry.reached)
            return "this is not a Linux kernel: only its hand-over to 32-bit code could be checked";
    }
    return "this is not a Linux kernel, and it did not come to the hand-over to 32-bit code that could be checked";
}

static void decide(struct bzc_verification *verification)
{
    const struct bzc_finding *unknown = NULL;
    bool failed = false, damaged = false, foreign;

    for (size_t i = 0; i < verification->findings.count; i++) {
        const struct bzc_finding *finding = &verification->findings.item[i];

        if (bzc_finding_counts(verification, finding)) {
            failed = true;
            damaged = damaged || finding->rule->phase == BZC_PHASE_IMAGE;
        }
        if (finding->outcome == BZC_OUTCOME_UNKNOWN && !unknown)
            unknown = finding;
    }
    foreign = verification->executed && verification->facts.image.system == BZC_SYSTEM_NOT_LINUX;
    if (foreign && !damaged) {
        verification->verdict = BZC_VERDICT_UNKNOWN;
        snprintf(verification->reason, sizeof(verification->reason), "%s", why_not_linux(&verification->facts));
    } else if (failed) {
        verification->verdict = BZC_VERDICT_FAIL;
    } else if (verification->runs_left_out) {
        bool one = verification->runs_left_out == 1;

        verification->verdict = BZC_VERDICT_UNKNOWN;
        snprintf(verification->reason, sizeof(verification->reason), "%zu run%s left out: more than %d",
                 verification->runs_left_out, one ? " was" : "s were", BZC_RUNS_MAX);
    } else if (unknown) {
        verification->verdict = BZC_VERDICT_UNKNOWN;
        snprintf(verification->reason, sizeof(verification->reason), "%s", unknown->message);
    } else if (verification->executed && verification->facts.image.system == BZC_SYSTEM_LINUX &&
               !verification->oracle) {
        /* However well it went: nobody has seen whether the kernel in memory is the kernel in the file. */
        verification->verdict = BZC_VERDICT_UNKNOWN;
        snprintf(verification->reason, sizeof(verification->reason), "the kernel in memory was not compared: %.260s",
                 verification->facts.image.oracle_error.message);
    } else {
        verification->verdict = BZC_VERDICT_PASS;
    }
}

enum bzc_status bzc_verification_conclude(struct bzc_verification *verification, const struct bzc_policy *policy,
                                          struct bzc_error *err)
{
    enum bzc_status status = bzc_catalogue_run(&verification->facts, policy, &verification->findings, err);

    return status == BZC_OK ? bzc_verification_judge(verification, policy, err) : status;
}

enum bzc_status bzc_verification_judge(struct bzc_verification *verification, const struct bzc_policy *policy,
                                       struct bzc_error *err)
{
    const struct bzc_facts *facts = &verification->facts;
    enum bzc_status status = BZC_OK;

    verification->fail_on = policy->fail_on;
    verification->reason[0] = '\0';
    bzc_baseline_gone_free(&verification->gone);
    if (policy->baseline) {
        bzc_baseline_mark(policy->baseline, facts->image.path, facts, &verification->findings);
        status = bzc_baseline_find_gone(policy->baseline, facts->image.path, facts, &verification->findings,
                                        &verification->gone, err);
    }
    decide(verification);
    return status;
}

void bzc_verification_free(struct bzc_verification *verification)
{
    for (size_t i = 0; i < verification->facts.run_count; i++) {
        bzc_plan_free(&verification->facts.run[i].plan);
        bzc_picture_free(verification->facts.run[i].picture);
    }
    free(verification->facts.run);
    bzc_findings_free(&verification->findings);
    bzc_baseline_gone_free(&verification->gone);
    bzc_oracle_free(verification->oracle);
    memset(verification, 0, sizeof(*verification));
}
