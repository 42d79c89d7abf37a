/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs that are followed: options for one by way of setup, and a watcher that notes all it is told. */
#ifndef BZC_TESTS_UNIT_FOLLOWED_RUN_H
#define BZC_TESTS_UNIT_FOLLOWED_RUN_H

#include "emu/cpuid.h"
#include "tiny_guest.h"
#include "verify/verify.h"

#define TOLD_MAX 4096

/* What the watcher was told, in order. */
struct told {
    enum { TOLD_BEGIN, TOLD_EVENT, TOLD_JUMP } what;
    struct bzc_event event;
    struct bzc_region_jump jump;
    const char *region;
    uint64_t offset, block;
    bool has_regs;
    uint64_t rip;
    uint8_t first; /* byte at event.a, of CODE */
    size_t stages;
};

static struct sample file;
static struct bzc_verify_options options;
static struct bzc_verification verification;
static const struct bzc_run_facts *run;
static struct told told[TOLD_MAX];
static size_t told_count;

static inline struct told *note(const struct bzc_watched *watched)
{
    struct told *now = &told[told_count < TOLD_MAX ? told_count++ : TOLD_MAX - 1];

    memset(now, 0, sizeof(*now));
    if (watched) {
        now->region = watched->region;
        now->offset = watched->region_offset;
        now->block = watched->block;
        now->has_regs = watched->regs != NULL;
        now->rip = watched->regs ? watched->regs->rip : 0;
        now->stages = watched->run->stage_count;
    }
    return now;
}

static inline void on_begin(void *context, const struct bzc_run_facts *facts)
{
    (void)context;
    note(NULL)->stages = facts->stage_count;
}

static inline void on_event(void *context, const struct bzc_event *event, const struct bzc_watched *watched)
{
    struct told *now = note(watched);
    struct bzc_bytes byte;

    (void)context;
    now->what = TOLD_EVENT;
    now->event = *event;
    if (event->kind != BZC_EVENT_CODE)
        return;
    byte = watched->guest->view(watched->guest->context, event->a, 1);
    now->first = byte.size ? byte.data[0] : 0;
}

static inline void on_jump(void *context, const struct bzc_region_jump *jump, const struct bzc_watched *watched)
{
    struct told *now = note(watched);

    (void)context;
    now->what = TOLD_JUMP;
    now->jump = *jump;
}

static struct bzc_watcher watcher = {.begin = on_begin, .event = on_event, .jump = on_jump};

/* Pictures of one run by way of setup, at 1 MiB. */
static inline int fresh(void **state)
{
    (void)state;
    memset(&options, 0, sizeof(options));
    options.scenario[options.scenario_count++] = bzc_scenario_find("bios");
    options.load_addr[options.load_addr_count++] = 0x100000;
    options.cmdline = "";
    options.jobs = 2;
    options.pictures = true;
    options.policy.fail_on = BZC_SEVERITY_ERROR;
    options.profile = bzc_cpu_profile_find("x86-64");
    memset(&watcher.trace, 0, sizeof(watcher.trace));
    watcher.counted = false;
    told_count = 0;
    tiny_good_image(&file);
    return bzc_memory_map_default(64u << 20, &options.map, NULL) == BZC_OK ? 0 : -1;
}

static inline int done(void **state)
{
    (void)state;
    bzc_verification_free(&verification);
    return 0;
}

static inline void verify(struct bzc_bytes image)
{
    struct bzc_error err = {0};

    if (bzc_verify("tiny", image, &options, &verification, &err) != BZC_OK)
        fail_msg("%s", err.message);
    assert_in_range(verification.facts.run_count, 1, 8);
    run = &verification.facts.run[0];
    if (run->plan_error.status != BZC_OK)
        fail_msg("%s", run->plan_error.message);
}

static inline void watch(struct bzc_bytes image)
{
    options.watcher = &watcher;
    verify(image);
    assert_in_range(told_count, 1, TOLD_MAX - 1);
}

static inline void assert_jump(size_t index, const char *from, const char *to, uint64_t linear)
{
    const struct bzc_region_jump *jump = &run->picture->jump[index];

    assert_in_range(index, 0, run->picture->jump_count - 1);
    if (from)
        assert_string_equal(jump->from, from);
    else
        assert_null(jump->from);
    assert_string_equal(jump->to, to);
    assert_int_equal(jump->linear, linear);
    assert_int_equal(jump->phys, linear);
}

static inline void assert_way(size_t index, enum bzc_jump_kind kind, uint64_t from, const char *instruction)
{
    const struct bzc_region_jump *jump = &run->picture->jump[index];

    assert_string_equal(bzc_jump_kind_name(jump->kind), bzc_jump_kind_name(kind));
    assert_int_equal(jump->from_known, from != 0);
    assert_int_equal(jump->from_linear, from);
    assert_int_equal(jump->from_phys, from);
    assert_string_equal(jump->instruction, instruction);
}

/* Control went from one mode to another, or stayed in it. */
static inline void assert_modes(size_t index, enum bzc_mode before, enum bzc_mode mode)
{
    const struct bzc_region_jump *jump = &run->picture->jump[index];

    assert_string_equal(bzc_mode_name(jump->mode_before), bzc_mode_name(before));
    assert_string_equal(bzc_mode_name(jump->mode), bzc_mode_name(mode));
    assert_string_equal(bzc_mode_name(bzc_regs_mode(&jump->regs)), bzc_mode_name(mode));
}

/* Who wrote last to the page at `phys`; -1: nobody. */
static inline int writer_of(const struct bzc_stage_picture *picture, uint64_t phys)
{
    for (size_t i = 0; i < picture->range_count; i++)
        if (phys - picture->range[i].phys < picture->range[i].size)
            return picture->range[i].writer;
    return -1;
}

#endif
