/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "lib/handles.h"
#include "report/report.h"

void bzc_lib_give(void *to, size_t size, const void *from, size_t known)
{
    memset(to, 0, size);
    memcpy(to, from, size < known ? size : known);
}

enum bzcheck_verdict bzcheck_result_verdict(const struct bzcheck_result *result)
{
    switch (result->verification.verdict) {
    case BZC_VERDICT_PASS:
        return BZCHECK_PASS;
    case BZC_VERDICT_FAIL:
        return BZCHECK_FAIL;
    default:
        return BZCHECK_UNKNOWN;
    }
}

const char *bzcheck_result_reason(const struct bzcheck_result *result)
{
    return result->verification.reason;
}

void bzcheck_result_free(struct bzcheck_result *result)
{
    if (!result)
        return;
    bzc_verification_free(&result->verification);
    bzcheck_image_close(result->image);
    free(result->cmdline);
    free(result);
}

/* ---- findings ---- */

size_t bzcheck_result_finding_count(const struct bzcheck_result *result)
{
    return result->verification.findings.count;
}

enum bzcheck_status bzcheck_result_finding(const struct bzcheck_result *result, size_t index,
                                           struct bzcheck_finding *finding, size_t size)
{
    static const enum bzcheck_outcome outcomes[] = {
        [BZC_OUTCOME_PASS] = BZCHECK_PASSED,
        [BZC_OUTCOME_FAIL] = BZCHECK_FAILED,
        [BZC_OUTCOME_SKIP] = BZCHECK_SKIPPED,
        [BZC_OUTCOME_UNKNOWN] = BZCHECK_UNDECIDED,
    };
    struct bzcheck_finding known = {0};

    if (index < result->verification.findings.count) {
        const struct bzc_finding *item = &result->verification.findings.item[index];

        known = (struct bzcheck_finding){
            .rule = item->rule->id,
            .name = item->rule->name,
            .title = item->rule->title,
            .source = item->rule->spec,
            .message = item->message,
            .where = item->where,
            .expected = item->expected,
            .actual = item->actual,
            .outcome = outcomes[item->outcome],
            .severity = item->off ? BZCHECK_OFF : bzc_lib_severity(item->severity),
            .run = item->run,
        };
    }
    bzc_lib_give(finding, size, &known, sizeof(known));
    return known.rule ? BZCHECK_OK : BZCHECK_ERR_ARGUMENT;
}

/* ---- runs ---- */

size_t bzcheck_result_run_count(const struct bzcheck_result *result)
{
    return result->verification.facts.run_count;
}

static struct bzcheck_run describe(const struct bzc_run_facts *run)
{
    bool started = run->plan_error.status == BZC_OK;
    struct bzcheck_run known = {
        .scenario = run->scenario,
        .purpose = run->purpose,
        .result = bzc_run_result(run),
        .detail = started ? run->stop.detail : run->plan_error.message,
        .load_addr = run->load_addr,
        .kaslr = run->kaslr,
        .entered = run->entry.reached,
        .compared = run->compared,
    };

    if (run->kaslr)
        known.kaslr_seed = run->kaslr_seed;
    if (run->entry.reached)
        known.entry_phys = run->entry.phys;
    if (run->compared) {
        known.base = run->comparison.base;
        known.virt_delta = run->comparison.virt_delta;
        known.relocations = run->comparison.relocations;
    }
    return known;
}

enum bzcheck_status bzcheck_result_run(const struct bzcheck_result *result, size_t index, struct bzcheck_run *run,
                                       size_t size)
{
    struct bzcheck_run known = {0};

    if (index < result->verification.facts.run_count)
        known = describe(&result->verification.facts.run[index]);
    bzc_lib_give(run, size, &known, sizeof(known));
    return known.scenario ? BZCHECK_OK : BZCHECK_ERR_ARGUMENT;
}
