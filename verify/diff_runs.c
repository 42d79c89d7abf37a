/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two images do when they are booted alike: stages, hand-overs, where the kernel goes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verify/diff_parts.h"
#include "verify/scenario.h"

#define USUAL_LOAD_ADDR 0x100000u /* boot.rst, "Loading The Rest of The Kernel" */

/* ---- ways in that are promised ---- */

void bzc_diff_scenarios(struct bzc_diff_work *work)
{
    for (size_t i = 0; i < bzc_scenario_count; i++) {
        const struct bzc_scenario *scenario = &bzc_scenarios[i];
        const char *before = scenario->missing(&work->before->kernel->facts);
        const char *after = scenario->missing(&work->after->kernel->facts);
        struct bzc_difference *difference;

        if (scenario->on_request || !before == !after)
            continue;
        difference = bzc_diff_add_values(work, before ? BZC_DIFF_SCENARIO_GAINED : BZC_DIFF_SCENARIO_LOST,
                                         scenario->name, before ? "" : "promised", after ? "" : "promised");
        if (after)
            snprintf(difference->meaning, sizeof(difference->meaning), "the image does not promise this way in: %.180s",
                     after);
    }
}

/* ---- runs ---- */

static bool is_alike(const struct bzc_run_facts *a, const struct bzc_run_facts *b)
{
    return strcmp(a->scenario, b->scenario) == 0 && a->as_loader == b->as_loader && a->kaslr == b->kaslr &&
           a->kaslr_seed == b->kaslr_seed;
}

const struct bzc_run_facts *bzc_diff_run_like(const struct bzc_facts *before, size_t index,
                                              const struct bzc_facts *after)
{
    size_t n = 0;

    for (size_t i = 0; i < index; i++)
        n += is_alike(&before->run[i], &before->run[index]);
    for (size_t i = 0; i < after->run_count; i++)
        if (is_alike(&after->run[i], &before->run[index]) && n-- == 0)
            return &after->run[i];
    return NULL;
}

static void name_run(const struct bzc_run_facts *run, char label[BZC_DIFF_RUN_LABEL])
{
    size_t used = (size_t)snprintf(label, BZC_DIFF_RUN_LABEL, "%s%.100s", run->as_loader ? "as " : "", run->scenario);

    if (!run->as_loader && run->load_addr != 0 && run->load_addr != USUAL_LOAD_ADDR)
        used += (size_t)snprintf(label + used, BZC_DIFF_RUN_LABEL - used, " at 0x%" PRIx64, run->load_addr);
    if (run->kaslr)
        snprintf(label + used, BZC_DIFF_RUN_LABEL - used, " with KASLR seed %" PRIu64, run->kaslr_seed);
}

const char *bzc_diff_next_run(const struct bzc_difference *difference, const struct bzc_diff_side *before, size_t *at,
                              char label[BZC_DIFF_RUN_LABEL])
{
    const struct bzc_facts *facts = before->kernel_is ? &before->kernel_is->facts : NULL;

    while (facts && *at < facts->run_count) {
        size_t run = (*at)++;

        if (difference->runs[run / 8] >> run % 8 & 1) {
            name_run(&facts->run[run], label);
            return label;
        }
    }
    return NULL;
}

static bool reached_kernel(const struct bzc_run_facts *run)
{
    if (run->plan_error.status != BZC_OK)
        return false;
    return run->expect == BZC_EXPECT_RUNNING ? run->running.reached : run->entry.reached;
}

bool bzc_diff_runs_end_alike(const struct bzc_run_facts *before, const struct bzc_run_facts *after)
{
    return (before->plan_error.status != BZC_OK) == (after->plan_error.status != BZC_OK) &&
           reached_kernel(before) == reached_kernel(after);
}

/* How it ended, without addresses of its own: "reaches the kernel", "triple-fault in decompressor: ...". */
static void describe_result(const struct bzc_run_facts *run, char text[BZC_DIFF_TEXT])
{
    const char *stage = run->stage_count > 0 ? run->stage[run->stage_count - 1].name : NULL;

    if (run->plan_error.status != BZC_OK)
        snprintf(text, BZC_DIFF_TEXT, "not started: %.200s", run->plan_error.message);
    else if (reached_kernel(run))
        snprintf(text, BZC_DIFF_TEXT, "%s",
                 run->expect == BZC_EXPECT_RUNNING ? "the kernel runs" : "reaches the kernel");
    else if (run->refusal[0])
        snprintf(text, BZC_DIFF_TEXT, "it refuses: %s", run->refusal);
    else if (run->stop.reason == BZC_STOP_OBSERVER)
        snprintf(text, BZC_DIFF_TEXT, "hand-over to what is not Linux");
    else
        snprintf(text, BZC_DIFF_TEXT, "%s%s%s", bzc_stop_name(run->stop.reason), stage ? " in " : "",
                 stage ? stage : "");
}

static void compare_results(struct bzc_diff_work *work, size_t index, const struct bzc_run_facts *before,
                            const struct bzc_run_facts *after)
{
    bool worked = reached_kernel(before), works = reached_kernel(after);
    char old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];
    struct bzc_difference *difference;

    describe_result(before, old_text);
    describe_result(after, new_text);
    if (strcmp(old_text, new_text) == 0)
        return;
    difference = bzc_diff_add_of_run(work,
                                     worked == works ? BZC_DIFF_RUN_RESULT
                                     : worked        ? BZC_DIFF_RUN_BROKEN
                                                     : BZC_DIFF_RUN_MENDED,
                                     index, "result", old_text, new_text);
    if (worked && !works)
        snprintf(difference->meaning, sizeof(difference->meaning), "it does not boot this way any more%s%.180s",
                 after->stop.detail[0] ? ": " : "", after->stop.detail);
}

/* The same runs were asked of both: one is missing only where the file is cut off. */
static void compare_with_none(struct bzc_diff_work *work, size_t index, const struct bzc_run_facts *before)
{
    char text[BZC_DIFF_TEXT];
    struct bzc_difference *difference;

    if (!reached_kernel(before))
        return;
    describe_result(before, text);
    difference = bzc_diff_add_of_run(work, BZC_DIFF_RUN_BROKEN, index, "result", text, "not run");
    snprintf(difference->meaning, sizeof(difference->meaning), "the file ends too early to be booted");
}

/* ---- stages ---- */

static void describe_stages(const struct bzc_run_facts *run, char text[BZC_DIFF_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < run->stage_count && used < BZC_DIFF_TEXT; i++)
        used += (size_t)snprintf(text + used, BZC_DIFF_TEXT - used, "%s%s (%s)", i > 0 ? ", " : "", run->stage[i].name,
                                 bzc_mode_name(run->stage[i].mode));
}

static void compare_stages(struct bzc_diff_work *work, size_t index, const struct bzc_run_facts *before,
                           const struct bzc_run_facts *after)
{
    char old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];
    bool alike = before->stage_count == after->stage_count;

    for (size_t i = 0; i < before->stage_count && alike; i++)
        alike =
            strcmp(before->stage[i].name, after->stage[i].name) == 0 && before->stage[i].mode == after->stage[i].mode;
    if (!alike) {
        describe_stages(before, old_text);
        describe_stages(after, new_text);
        bzc_diff_add_of_run(work, BZC_DIFF_RUN_STAGES, index, "stages", old_text, new_text);
        return;
    }
    for (size_t i = 0; i < before->stage_count; i++) {
        char subject[BZC_DIFF_TEXT];

        if (before->stage[i].phys == after->stage[i].phys ||
            (before->entry.reached && before->stage[i].phys == before->entry.phys))
            continue;
        snprintf(subject, sizeof(subject), "stage %s", before->stage[i].name);
        snprintf(old_text, sizeof(old_text), "0x%" PRIx64, before->stage[i].phys);
        snprintf(new_text, sizeof(new_text), "0x%" PRIx64, after->stage[i].phys);
        bzc_diff_add_of_run(work, BZC_DIFF_RUN_STAGE_ADDRESS, index, subject, old_text, new_text);
    }
}

/* ---- hand-overs ---- */

/* What the protocol says about the CPU at a hand-over, as text. */
struct state {
    const char *name;
    char text[48];
};
#define STATES_MAX 12

static size_t describe_state(const struct bzc_hand_over *at, bool by_setup, struct state state[STATES_MAX])
{
    static const enum bzc_seg segments[] = {BZC_CS, BZC_DS, BZC_ES, BZC_SS};
    static const enum bzc_gpr zeros[] = {BZC_RBX, BZC_RBP, BZC_RDI};
    const struct bzc_regs *regs = &at->regs;
    size_t n = 0;

    state[n].name = "CPU mode";
    snprintf(state[n++].text, sizeof(state->text), "%s", bzc_mode_name(bzc_regs_mode(regs)));
    state[n].name = "paging";
    snprintf(state[n++].text, sizeof(state->text), "%s%s", regs->cr0 & BZC_CR0_PG ? "on" : "off",
             regs->cr0 & BZC_CR0_PG && regs->cr4 & BZC_CR4_LA57 ? ", 5 levels" : "");
    state[n].name = "interrupts";
    snprintf(state[n++].text, sizeof(state->text), "%s", regs->rflags & BZC_FLAG_IF ? "on" : "off");
    state[n].name = "A20";
    snprintf(state[n++].text, sizeof(state->text), "%s", at->a20_open ? "open" : "closed");
    for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
        const struct bzc_segment *segment = &regs->seg[segments[i]];

        state[n].name = bzc_seg_name(segments[i]);
        snprintf(state[n++].text, sizeof(state->text), "0x%02x, base 0x%" PRIx64 ", limit 0x%" PRIx32,
                 segment->selector, segment->base, segment->limit);
    }
    for (size_t i = 0; by_setup && i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        state[n].name = bzc_gpr_name(zeros[i]);
        snprintf(state[n++].text, sizeof(state->text), "0x%" PRIx64, regs->gpr[zeros[i]]);
    }
    return n;
}

static void compare_hand_over(struct bzc_diff_work *work, size_t index, enum bzc_diff_kind_id kind, const char *place,
                              const struct bzc_hand_over *before, const struct bzc_hand_over *after)
{
    bool by_setup = kind == BZC_DIFF_RUN_HAND_OVER_STATE;
    struct state old_state[STATES_MAX], new_state[STATES_MAX];
    char subject[BZC_DIFF_TEXT], old_text[32], new_text[32];
    size_t count;

    if (!before->reached || !after->reached)
        return;
    count = describe_state(before, by_setup, old_state);
    describe_state(after, by_setup, new_state);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(old_state[i].text, new_state[i].text) == 0)
            continue;
        snprintf(subject, sizeof(subject), "%s at %s", old_state[i].name, place);
        bzc_diff_add_of_run(work, kind, index, subject, old_state[i].text, new_state[i].text);
    }
    if (before->boot_params_phys == after->boot_params_phys)
        return;
    snprintf(subject, sizeof(subject), "boot_params at %s", place);
    snprintf(old_text, sizeof(old_text), "0x%" PRIx64, before->boot_params_phys);
    snprintf(new_text, sizeof(new_text), "0x%" PRIx64, after->boot_params_phys);
    bzc_diff_add_of_run(work, BZC_DIFF_RUN_BOOT_PARAMS_ADDRESS, index, subject, old_text, new_text);
}

static void compare_addresses(struct bzc_diff_work *work, size_t index, enum bzc_diff_kind_id kind, const char *subject,
                              uint64_t before, uint64_t after)
{
    char old_text[32], new_text[32];

    if (before == after)
        return;
    snprintf(old_text, sizeof(old_text), "0x%" PRIx64, before);
    snprintf(new_text, sizeof(new_text), "0x%" PRIx64, after);
    bzc_diff_add_of_run(work, kind, index, subject, old_text, new_text);
}

static void compare_kernels(struct bzc_diff_work *work, size_t index, const struct bzc_run_facts *before,
                            const struct bzc_run_facts *after)
{
    if (!before->compared || !after->compared)
        return;
    compare_addresses(work, index, before->kaslr ? BZC_DIFF_RUN_RANDOM_ADDRESS : BZC_DIFF_RUN_KERNEL_ADDRESS,
                      "address of the kernel", before->comparison.base, after->comparison.base);
    compare_addresses(work, index, before->kaslr ? BZC_DIFF_RUN_RANDOM_ADDRESS : BZC_DIFF_RUN_VIRTUAL_ADDRESS,
                      "virtual distance", (uint64_t)before->comparison.virt_delta,
                      (uint64_t)after->comparison.virt_delta);
    compare_addresses(work, index, BZC_DIFF_RUN_ENTRY_ADDRESS, "entry, from the kernel's address",
                      before->entry.phys - before->comparison.base, after->entry.phys - after->comparison.base);
}

void bzc_diff_runs(struct bzc_diff_work *work)
{
    const struct bzc_facts *before = &work->before->kernel_is->facts, *after = &work->after->kernel_is->facts;

    for (size_t i = 0; i < before->run_count; i++) {
        const struct bzc_run_facts *old_run = &before->run[i], *new_run = bzc_diff_run_like(before, i, after);

        if (!new_run) {
            compare_with_none(work, i, old_run);
            continue;
        }
        work->diff->runs_compared++;
        compare_results(work, i, old_run, new_run);
        if (!bzc_diff_runs_end_alike(old_run, new_run))
            continue;
        compare_stages(work, i, old_run, new_run);
        compare_hand_over(work, i, BZC_DIFF_RUN_HAND_OVER_STATE, "the protected-mode entry", &old_run->pm_entry,
                          &new_run->pm_entry);
        compare_hand_over(work, i, BZC_DIFF_RUN_ENTRY_STATE, "the kernel's entry", &old_run->entry, &new_run->entry);
        compare_kernels(work, i, old_run, new_run);
    }
}
