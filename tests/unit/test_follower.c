/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which edges are jumps between parts, and of what kind: edges made by hand, in a machine that stands still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "followed_run.h"
#include "verify/follower.h"

/* A machine that stands at the kernel's entry of the good tiny guest, and its follower. */
struct scene {
    struct bzc_run_facts facts;
    struct bzc_tracker tracker;
    struct bzc_collector collector;
    struct bzc_follower follower;
    struct bzc_machine *machine;
    struct bzc_image image;
};

static const struct bzc_oracle *no_oracle(void *context)
{
    (void)context;
    return NULL;
}

/* Blocks besides those of the plan. */
static struct bzc_block extra[2];
static size_t extra_count;

static void stand_at_the_kernel(struct scene *scene, const struct bzc_watcher *who)
{
    struct bzc_plan_options plan = {.cmdline = "", .load_addr = 0x100000, .map = &scene->facts.map};
    struct bzc_machine_config config = {.map = &scene->facts.map,
                                        .profile = options.profile,
                                        .observer = {&scene->follower, bzc_follower_on_code},
                                        .sink = {&scene->follower, bzc_follower_event}};
    struct bzc_boot_loader loader;
    struct bzc_error err = {0};
    bool inconclusive;

    memset(scene, 0, sizeof(*scene));
    scene->facts.map = options.map;
    scene->collector.facts = &scene->facts;
    bzc_image_parse(sample_bytes(&file), &scene->image);
    bzc_boot_loader_init(&loader, BZC_PATH_SETUP);
    if (bzc_plan_make(&loader, &scene->image, &plan, &scene->facts.plan, &err) != BZC_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < extra_count; i++)
        scene->facts.plan.block[scene->facts.plan.block_count++] = extra[i];
    extra_count = 0;
    bzc_tracker_init(&scene->tracker, &scene->image, &scene->facts);
    scene->tracker.expects_linux = true;
    scene->tracker.await_oracle = no_oracle;
    assert_int_equal(bzc_follower_init(&scene->follower, who, &scene->facts, &scene->tracker, &scene->collector, &err),
                     BZC_OK);
    assert_int_equal(bzc_machine_new(&config, &scene->machine, &err), BZC_OK);
    bzc_follower_attach(&scene->follower, scene->machine);
    assert_int_equal(bzc_machine_load(scene->machine, &scene->facts.plan, &err), BZC_OK);
    assert_int_equal(bzc_machine_run(scene->machine, &scene->facts.stop, &inconclusive, &err), BZC_OK);
    assert_int_equal(scene->facts.stage_count, 4);
    run = &scene->facts;
}

static void leave(struct scene *scene)
{
    struct bzc_error err;

    assert_int_equal(bzc_follower_finish(&scene->follower, &err), BZC_OK);
    bzc_follower_free(&scene->follower);
    bzc_machine_free(scene->machine);
    bzc_plan_free(&scene->facts.plan);
    bzc_picture_free(scene->facts.picture);
}

/* Control went from one address to another, in the scene without paging. */
static void edge(struct scene *scene, uint64_t from, uint64_t to)
{
    bzc_follower_event(
        &scene->follower,
        &(struct bzc_event){.kind = BZC_EVENT_EDGE, .seq = 1000, .ip = to, .a = to, .b = from, .c = from});
}

static struct scene scene;

/* From the copy at 0x200000 into the decompressor's first page, by each instruction that stands in the copy. */
static void each_way_counts_once(void **state)
{
    size_t before;

    (void)state;
    stand_at_the_kernel(&scene, NULL);
    before = run->picture->jump_count;
    edge(&scene, TINY_COPY + 28, 0x100000); /* jmp eax */
    assert_int_equal(run->picture->jump_count, before + 1);
    assert_jump(before, "decompressor (relocated)", "decompressor", 0x100000);
    assert_way(before, BZC_JUMP_JUMP, TINY_COPY + 28, "jmp eax");
    edge(&scene, TINY_COPY + 28, 0x100000);
    assert_int_equal(run->picture->jump_count, before + 1);
    edge(&scene, TINY_COPY + 28, 0x100005);
    edge(&scene, TINY_COPY, 0x100005); /* call */
    assert_int_equal(run->picture->jump_count, before + 3);
    assert_way(before + 2, BZC_JUMP_CALL, TINY_COPY, "call 0x200005");
    edge(&scene, TINY_COPY, TINY_COPY + 5); /* inside */
    edge(&scene, 0x100000, 0x100005);
    bzc_pair_map_add(&scene.follower.pages, 0, 0)->value = 1;
    edge(&scene, 0, 0x100005); /* from nobody knows where: not from page 0 */
    assert_int_equal(run->picture->jump_count, before + 3);
    leave(&scene);
}

/* Two pages that end with an instruction each, and behind each of them another part begins. */
static void code_that_goes_on_falls(void **state)
{
    static const uint8_t nop[] = {0x66, 0x90}, branch[] = {0x74, 0x10};
    size_t before;

    (void)state;
    extra[0] = (struct bzc_block){.role = BZC_BLOCK_INITRD, .name = "", .phys = 0x8ffe, .bytes = {nop, sizeof(nop)}};
    extra[1] =
        (struct bzc_block){.role = BZC_BLOCK_INITRD, .name = "", .phys = 0xaffe, .bytes = {branch, sizeof(branch)}};
    extra_count = 2;
    stand_at_the_kernel(&scene, NULL);
    for (unsigned i = 0; i < 2; i++)
        scene.follower.part[scene.follower.part_count++].name = i ? "odd" : "even";
    for (uint64_t page = 0x8; page <= 0xb; page++)
        bzc_pair_map_add(&scene.follower.pages, page, 0)->value =
            (uint32_t)(scene.follower.part_count - 1 + (page & 1));
    before = run->picture->jump_count;
    edge(&scene, 0x8ffe, 0x9000);
    assert_jump(before, "even", "odd", 0x9000);
    assert_way(before, BZC_JUMP_FALL, 0x8ffe, "nop");
    edge(&scene, 0xaffe, 0xb000);
    assert_way(before + 1, BZC_JUMP_FALL, 0xaffe, "je 0xb010");
    edge(&scene, 0xaffe, 0xb010);
    assert_way(before + 2, BZC_JUMP_JUMP, 0xaffe, "je 0xb010");
    edge(&scene, 0x8ffe, 0x9002); /* nothing in a NOP leads there */
    assert_way(before + 3, BZC_JUMP_UNKNOWN, 0x8ffe, "nop");
    leave(&scene);
}

/* 0xff065 stands for the stub of a service: it belongs to the ROM. */
static void bios_counts_once_a_service(void **state)
{
    size_t before;

    (void)state;
    stand_at_the_kernel(&scene, NULL);
    before = run->picture->jump_count;
    edge(&scene, 0x10300, 0xff065);
    edge(&scene, 0xff066, 0x10302);
    edge(&scene, 0x10400, 0xff065);
    edge(&scene, 0xff066, 0x10402);
    edge(&scene, 0x10400, 0xff075);
    assert_int_equal(run->picture->jump_count, before + 2);
    assert_jump(before, "setup", "BIOS", 0xff065);
    assert_jump(before + 1, "setup", "BIOS", 0xff075);
    edge(&scene, 0xff076, 0x100000); /* but it returns elsewhere */
    assert_int_equal(run->picture->jump_count, before + 3);
    assert_jump(before + 2, "BIOS", "decompressor", 0x100000);
    leave(&scene);
}

/* The machine stands in protected mode; setup ran in real mode up to 0x10281, as tiny_guest.h tells. */
static void change_of_mode_counts_inside_a_part(void **state)
{
    static const struct bzc_watcher each = {.trace = {.level = BZC_TRACE_BRANCHES}};
    struct bzc_fetch back = {
        .linear = 0x10200, .phys = 0x10200, .page = 0x10000, .from = 0x10320, .from_phys = 0x10320};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        size_t before;

        stand_at_the_kernel(&scene, i > 0 ? &each : NULL);
        before = run->picture->jump_count;
        edge(&scene, 0x1027c, 0x10300); /* or $1,%al: nobody knows how that could lead there */
        assert_int_equal(run->picture->jump_count, before + 1);
        assert_jump(before, "setup", "setup", 0x10300);
        assert_way(before, BZC_JUMP_UNKNOWN, 0x1027c, "or al, 1");
        assert_modes(before, BZC_MODE_REAL, BZC_MODE_PROT32);
        edge(&scene, 0x1027c, 0x10300);
        edge(&scene, 0x10300, 0x10310);            /* protected mode since then */
        edge(&scene, TINY_COPY + 0x1000, 0x10300); /* nobody saw that code */
        assert_int_equal(run->picture->jump_count, before + 1);
        edge(&scene, 0x10200, 0x10320);
        assert_modes(before + 1, BZC_MODE_REAL, BZC_MODE_PROT32);
        edge(&scene, 0x10320, 0x10200); /* from now on that code may be of either mode */
        edge(&scene, 0x10200, 0x10330);
        assert_int_equal(run->picture->jump_count, before + 2);
        back.regs = &run->plan.start; /* of real mode */
        assert_true(bzc_follower_on_code(&scene.follower, scene.machine, &back));
        assert_int_equal(run->picture->jump_count, before + 3);
        assert_modes(before + 2, BZC_MODE_PROT32, BZC_MODE_REAL);
        edge(&scene, 0x10200, 0x10340);
        assert_int_equal(run->picture->jump_count, before + 3);
        leave(&scene);
    }
}

static void interrupt_tells_where_control_was(void **state)
{
    size_t before;

    (void)state;
    stand_at_the_kernel(&scene, NULL);
    before = run->picture->jump_count;
    bzc_follower_event(&scene.follower,
                       &(struct bzc_event){.kind = BZC_EVENT_INTERRUPT, .a = 6, .b = 0x10300, .ip = TINY_COPY + 28});
    edge(&scene, 0, 0x10300);
    assert_int_equal(run->picture->jump_count, before + 1);
    assert_jump(before, "decompressor (relocated)", "setup", 0x10300);
    assert_way(before, BZC_JUMP_EVENT, TINY_COPY + 28, "jmp eax");
    edge(&scene, 0, 0x10300);
    assert_int_equal(run->picture->jump_count, before + 1);
    leave(&scene);
}

static void no_more_jumps_than_there_is_room_for(void **state)
{
    size_t before, jumps = 0;

    (void)state;
    stand_at_the_kernel(&scene, &watcher);
    before = run->picture->jump_count;
    for (uint64_t i = 0; i < 2000; i++)
        edge(&scene, TINY_COPY + i % 50, 0x100000 + i);
    assert_int_equal(run->picture->jump_count, BZC_PICTURE_JUMPS_MAX);
    assert_int_equal(run->picture->jumps_left_out, BZC_PICTURE_JUMPS_MAX);
    for (size_t i = 0; i < told_count; i++)
        jumps += told[i].what == TOLD_JUMP;
    assert_int_equal(jumps, 2 * BZC_PICTURE_JUMPS_MAX);
    assert_true(before < BZC_PICTURE_JUMPS_MAX);
    leave(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_way_counts_once, fresh),
        cmocka_unit_test_setup(code_that_goes_on_falls, fresh),
        cmocka_unit_test_setup(bios_counts_once_a_service, fresh),
        cmocka_unit_test_setup(change_of_mode_counts_inside_a_part, fresh),
        cmocka_unit_test_setup(interrupt_tells_where_control_was, fresh),
        cmocka_unit_test_setup(no_more_jumps_than_there_is_room_for, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
