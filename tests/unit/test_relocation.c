/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load addresses that probe relocation. All addresses are worked out by hand from boot.rst and misc.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rules_world.h"
#include "verify/choices.h"
#include "verify/relocation.h"

static struct world world;
static struct bzc_choices choices;
static struct bzc_verify_options options;

/* 16 MiB preferred, aligned to 16 MiB, at least to 1 << min: loaded into 512 MiB of RAM. */
static void make_image(unsigned bits, uint8_t min_alignment, uint32_t kernel_alignment)
{
    static const char message[] = "Destination address too large";

    world_init(&world, bits);
    world.image->min_alignment = min_alignment;
    world.image->kernel_alignment = kernel_alignment;
    world.image->init_size = 0x800000;
    memcpy(world.pm + 0x400, message, sizeof(message));
    bzc_store32(world.pm + WORLD_PM - 0x100, 0x37ffffff); /* cmp eax, 0x37ffffff */
    memset(&choices, 0, sizeof(choices));
    memset(&options, 0, sizeof(options));
    options.cmdline = "";
    options.map = world.map;
}

static const struct bzc_choice *find(uint64_t load_addr, uint64_t kernel_alignment)
{
    const struct bzc_choice *found = NULL;

    for (size_t i = 0; i < choices.count; i++) {
        if (choices.choice[i].load_addr != load_addr || choices.choice[i].kernel_alignment != kernel_alignment)
            continue;
        assert_null(found); /* none twice */
        found = &choices.choice[i];
    }
    return found;
}

static void every_alignment_class_is_tried_twice(void **state)
{
    /* 16 MiB + 2^13 to 2^23; 32 MiB would be a multiple of 2^25, 48 MiB is one of 2^24 and no more */
    (void)state;
    make_image(32, 13, 0x1000000);
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    for (unsigned shift = 13; shift < 24; shift++) {
        const struct bzc_choice *kept = find(0x1000000 + (1u << shift), 1u << shift);
        const struct bzc_choice *raised = find(0x1000000 + (1u << shift), 0);

        assert_non_null(kept);
        assert_non_null(raised);
        assert_int_equal(kept->expect, BZC_EXPECT_KERNEL);
        assert_string_equal(kept->name, "bios");
        assert_false(kept->kaslr);
        assert_false(kept->force);
        assert_string_not_equal(kept->purpose, raised->purpose);
    }
    assert_non_null(find(0x3000000, 0));
    assert_null(find(0x3000000, 0x1000000));
    assert_non_null(find(0x1000000, 0)); /* pref_address */
    assert_non_null(find(0x1001000, 0)); /* a page, not 8 KiB */
    assert_non_null(find(0x1001230, 0)); /* not a page */
    assert_int_equal(choices.count, 2 * 11 + 4);
}

static void before_2_10_the_loader_cannot_choose_the_alignment(void **state)
{
    (void)state;
    make_image(32, 0, 0x100000);
    world.image->version = 0x0209;
    world.image->pref_address = 0;
    world.image->init_size = 0;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_non_null(find(0x300000, 0)); /* above 1 MiB, a multiple of 1 MiB and not of 2 MiB */
    assert_non_null(find(0x101000, 0));
    assert_non_null(find(0x101230, 0));
    assert_int_equal(choices.count, 3);
}

static void what_is_there_already_is_not_repeated(void **state)
{
    (void)state;
    make_image(64, 21, 0x200000);
    choices.choice[0] = (struct bzc_choice){
        .name = "bios", .scenario = bzc_scenario_find("bios"), .load_addr = 0x1000000, .purpose = "pref_address"};
    choices.choice[1] =
        (struct bzc_choice){.name = "entry32", .scenario = bzc_scenario_find("entry32"), .load_addr = 0x1200000};
    choices.count = 2;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 2 + 3); /* 0x1200000, 0x1001000, 0x1001230 by setup */
}

static void overlap_needs_a_payload_that_is_hardly_packed(void **state)
{
    (void)state;
    make_image(64, 21, 0x200000);
    world.image->init_size = 2 * WORLD_PM;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 4);
    make_image(64, 21, 0x200000);
    world.image->init_size = 2 * WORLD_PM - 0x1000; /* the copy begins a page before its source ends */
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_non_null(find(0x1600000, 0)); /* aligned: source and destination as near as they can be */
    assert_int_equal(choices.count, 5);
    make_image(64, 21, 0x200000);
    world.image->init_size = 1; /* LegoOS; HDR-048 says so */
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 4);
}

static void ram_is_asked_for_where_the_map_has_none(void **state)
{
    const struct bzc_choice *choice;

    (void)state;
    make_image(32, 24, 0x1000000);
    world.image->init_size = 0x7fe000;                /* whole megabytes are added */
    options.map.range[2].size = 0x1500000 - 0x100000; /* 21 MiB; the BIOS's ROM stays where it is */
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    choice = find(0x3000000, 0);
    assert_non_null(choice);
    assert_int_equal(choice->ram_from, 0x3000000);
    assert_int_equal(choice->ram_size, 0x800000);
    choice = find(0x1001230, 0); /* from there to 32 MiB + init_size */
    assert_non_null(choice);
    assert_int_equal(choice->ram_from, 0x1000000);
    assert_int_equal(choice->ram_size, 0x1800000);
    /* nor can anything in a map without room for one more range */
    make_image(32, 24, 0x1000000);
    options.map.range[2].size = 0x1500000 - 0x100000;
    while (options.map.count < BZC_MEMORY_MAP_MAX) {
        options.map.range[options.map.count] =
            (struct bzc_memory_range){0x100000000 + options.map.count * 0x2000, 0x1000, BZC_E820_RESERVED};
        options.map.count++;
    }
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_null(find(0x3000000, 0));
    /* what is reserved cannot become RAM */
    make_image(32, 24, 0x1000000);
    options.map.range[2] = (struct bzc_memory_range){0x100000, 0x1400000, BZC_E820_RAM};
    options.map.range[3] = (struct bzc_memory_range){0x3000000, 0x1000, BZC_E820_RESERVED};
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_null(find(0x3000000, 0));
}

static void fixed_image_is_loaded_above_its_own_memory(void **state)
{
    (void)state;
    make_image(32, 13, 0x200000);
    world.image->relocatable = false;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 1);
    assert_int_equal(choices.choice[0].load_addr, 0x1800000); /* 16 MiB + 8 MiB */
    assert_int_equal(choices.choice[0].expect, BZC_EXPECT_FIXED);
    assert_true(choices.choice[0].force);
}

static void other_images_are_left_alone(void **state)
{
    (void)state;
    make_image(32, 13, 0x200000);
    world.image->payload_source = BZC_PAYLOAD_ABSENT;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 0);
    make_image(32, 13, 0x300000); /* no power of two: HDR-041's task */
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 0);
    make_image(32, 13, 0x200000);
    world.image->kind = BZC_IMAGE_ZIMAGE;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, 0);
}

/*
 * misc.c: (-__PAGE_OFFSET - (128 << 20) - 1) & 0x7fffffff, for the splits at 3 GiB, 2 GiB and 1 GiB; with 512 << 20 in
 * 2.6.32; 0x3fffffffffff. The first number, or the one above it, stands in the code.
 */
static void limit_is_that_of_misc_c(void **state)
{
    static const struct {
        unsigned bits;
        uint64_t page_offset;
        uint32_t in_code;
        uint64_t limit;
    } cases[] = {{32, 0xc0000000u, 0x37ffffff, 0x37ffffff}, {32, 0xc0000000u, 0x38000000, 0x37ffffff},
                 {32, 0xc0000000u, 0x1fffffff, 0x1fffffff}, {32, 0x80000000u, 0x77ffffff, 0x77ffffff},
                 {32, 0x40000000, 0x37ffffff, 0x37ffffff},  {64, 0xffffffff80000000u, 0, 0x3fffffffffff}};
    uint64_t limit = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make_image(cases[i].bits, 21, 0x200000);
        world.oracle.segment[0].vaddr = cases[i].page_offset + WORLD_BASE;
        bzc_store32(world.pm + WORLD_PM - 0x100, cases[i].in_code);
        assert_true(bzc_relocation_limit(&world.facts.image, &limit));
        assert_int_equal(limit, cases[i].limit);
    }
    make_image(32, 21, 0x200000);
    bzc_store32(world.pm + WORLD_PM - 0x100, 0x12345678); /* another number: no such check is known */
    assert_false(bzc_relocation_limit(&world.facts.image, &limit));
    make_image(64, 21, 0x200000);
    world.pm[0x400] = 'd';
    assert_false(bzc_relocation_limit(&world.facts.image, &limit));
    make_image(32, 21, 0x200000);
    world.image->version = 0x0209;
    assert_false(bzc_relocation_limit(&world.facts.image, &limit));
    make_image(32, 21, 0x200000);
    world.facts.image.oracle = NULL;
    assert_false(bzc_relocation_limit(&world.facts.image, &limit));
}

static struct bzc_run_facts runs[8];

/* Adds a run, as if the choice had been carried out. */
static void carry_out(const struct bzc_choice *choice, bool reached)
{
    struct bzc_run_facts *run = &runs[world.facts.run_count++];

    *run = (struct bzc_run_facts){.scenario = choice->name, .expect = choice->expect, .load_addr = choice->load_addr};
    run->entry.reached = reached;
    run->compared = reached;
}

static void start_top(unsigned bits, const char *scenario)
{
    const struct bzc_choice first = {.name = scenario, .load_addr = 0x100000};

    make_image(bits, 21, 0x200000);
    world.facts.run = runs;
    world.facts.run_count = 0;
    carry_out(&first, true);
}

static void the_image_is_taken_to_its_limit_step_by_step(void **state)
{
    (void)state;
    start_top(32, "bios");
    world.image->init_size = 0x1000000;
    bzc_choices_follow_up(&world.facts, &options, &choices);
    /* 0x38000000 - 16 MiB: its memory ends right at the limit; and 2 MiB more */
    assert_int_equal(choices.count, 2);
    assert_int_equal(choices.choice[0].load_addr, 0x37000000);
    assert_int_equal(choices.choice[0].expect, BZC_EXPECT_KERNEL);
    assert_int_equal(choices.choice[0].ram_from, 0x37000000);
    assert_int_equal(choices.choice[0].ram_size, 0x1000000);
    assert_int_equal(choices.choice[1].load_addr, 0x37200000);
    assert_int_equal(choices.choice[1].expect, BZC_EXPECT_REFUSAL);
    assert_true(choices.choice[1].early_messages);
    carry_out(&choices.choice[0], true);
    carry_out(&choices.choice[1], true);
    /* accepted: 2 MiB more, twice; the fourth lies above the limit */
    for (unsigned step = 2; step <= 4; step++) {
        bzc_choices_follow_up(&world.facts, &options, &choices);
        assert_int_equal(choices.count, 1);
        assert_int_equal(choices.choice[0].load_addr, step < 4 ? 0x37000000 + step * 0x200000 : 0x38000000);
        assert_int_equal(choices.choice[0].expect, BZC_EXPECT_REFUSAL);
        carry_out(&choices.choice[0], true);
    }
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0);
}

static void a_refusal_ends_it(void **state)
{
    (void)state;
    start_top(32, "bios");
    bzc_choices_follow_up(&world.facts, &options, &choices);
    carry_out(&choices.choice[0], true);
    carry_out(&choices.choice[1], false);
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0);
}

/* 0x38000000 and above is reserved: the kernel's memory ends right there, and nothing above it can be tried. */
static void the_top_is_tried_once(void **state)
{
    (void)state;
    start_top(32, "bios");
    options.map.range[options.map.count++] = (struct bzc_memory_range){0x38000000, 0x1000000, BZC_E820_RESERVED};
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 1);
    assert_int_equal(choices.choice[0].load_addr, 0x37800000);
    carry_out(&choices.choice[0], true);
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0);
}

/* A run that was made for another reason is not the top's probe: the step above it is tried all the same. */
static void a_run_at_the_top_counts(void **state)
{
    const struct bzc_choice top = {.name = "bios", .load_addr = 0x37800000};

    (void)state;
    start_top(32, "bios");
    carry_out(&top, true);
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 1);
    assert_int_equal(choices.choice[0].load_addr, 0x37a00000);
    assert_int_equal(choices.choice[0].expect, BZC_EXPECT_REFUSAL);
}

static void runs_without_room_are_counted(void **state)
{
    (void)state;
    make_image(32, 13, 0x1000000);
    for (size_t i = 0; i < BZC_RUNS_MAX - 1; i++)
        choices.choice[i].load_addr = i;
    choices.count = BZC_RUNS_MAX - 1;
    bzc_choices_relocation(&world.facts.image, &options, &choices);
    assert_int_equal(choices.count, BZC_RUNS_MAX);
    assert_int_equal(choices.left_out, 2 * 11 + 4 - 1);
    start_top(32, "bios");
    choices.left_out = 5; /* of the choices before */
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.left_out, 0);
}

static void above_4_gib_there_is_only_the_64_bit_entry(void **state)
{
    (void)state;
    start_top(64, "entry64");
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0); /* XLF_CAN_BE_LOADED_ABOVE_4G is not set */
    world.image->xloadflags = 3;
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 2);
    assert_string_equal(choices.choice[0].name, "entry64");
    assert_int_equal(choices.choice[0].load_addr, 0x3fffff800000);
    assert_int_equal(choices.choice[1].load_addr, 0x3fffffa00000);
    start_top(64, "bios"); /* nobody asked for the 64-bit entry */
    world.image->xloadflags = 3;
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0);
}

static void addresses_of_the_user_are_his_own(void **state)
{
    (void)state;
    start_top(32, "bios");
    options.load_addr_count = 1;
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0);
    start_top(32, "bios");
    runs[0].compared = false; /* the payload may not be there yet */
    bzc_choices_follow_up(&world.facts, &options, &choices);
    assert_int_equal(choices.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_alignment_class_is_tried_twice),
        cmocka_unit_test(before_2_10_the_loader_cannot_choose_the_alignment),
        cmocka_unit_test(what_is_there_already_is_not_repeated),
        cmocka_unit_test(overlap_needs_a_payload_that_is_hardly_packed),
        cmocka_unit_test(ram_is_asked_for_where_the_map_has_none),
        cmocka_unit_test(fixed_image_is_loaded_above_its_own_memory),
        cmocka_unit_test(other_images_are_left_alone),
        cmocka_unit_test(limit_is_that_of_misc_c),
        cmocka_unit_test(the_image_is_taken_to_its_limit_step_by_step),
        cmocka_unit_test(a_refusal_ends_it),
        cmocka_unit_test(the_top_is_tried_once),
        cmocka_unit_test(a_run_at_the_top_counts),
        cmocka_unit_test(runs_without_room_are_counted),
        cmocka_unit_test(above_4_gib_there_is_only_the_64_bit_entry),
        cmocka_unit_test(addresses_of_the_user_are_his_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
