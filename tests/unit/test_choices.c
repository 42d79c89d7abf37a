/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which runs an image gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tiny_guest.h"
#include "verify/choices.h"
#include "verify/image_facts.h"

#define GIB (1ull << 30)

static struct sample file;
static struct bzc_image_facts facts;
static struct bzc_verify_options options;
static struct bzc_choices choices;
static struct bzc_oracle *oracle;

/* Options of somebody who gave none, and 256 MiB. */
static int fresh(void **state)
{
    (void)state;
    memset(&options, 0, sizeof(options));
    options.cmdline = "";
    options.jobs = 1;
    tiny_good_image(&file);
    return bzc_memory_map_default(256u << 20, &options.map, NULL) == BZC_OK ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    bzc_oracle_free(oracle);
    oracle = NULL;
    return 0;
}

/* What is chosen before the payload is unpacked, or (`with_payload`) because of it. */
static void choose(bool with_payload)
{
    struct bzc_error err = {0};

    if (bzc_image_facts_read("tiny", sample_bytes(&file), BZC_DEPTH_KERNEL, &facts, &err) != BZC_OK)
        fail_msg("%s", err.message);
    if (with_payload) {
        bzc_oracle_free(oracle);
        oracle = bzc_image_facts_unpack(&facts);
    }
    bzc_choices_make(&facts, &options, with_payload, &choices);
}

static const struct bzc_choice *find(const char *name, uint64_t load_addr, bool kaslr)
{
    for (size_t i = 0; i < choices.count; i++) {
        const struct bzc_choice *choice = &choices.choice[i];

        if (strcmp(choice->name, name) == 0 && choice->load_addr == load_addr && choice->kaslr == kaslr)
            return choice;
    }
    return NULL;
}

static size_t count_of(const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < choices.count; i++)
        count += strcmp(choices.choice[i].name, name) == 0;
    return count;
}

static void assert_choice(const char *name, uint64_t load_addr, const char *purpose)
{
    const struct bzc_choice *choice = find(name, load_addr, false);

    if (!choice)
        fail_msg("no run of %s at 0x%llx", name, (unsigned long long)load_addr);
    assert_string_equal(choice->purpose, purpose);
    assert_ptr_equal(choice->scenario, bzc_scenario_find(name));
    assert_null(choice->loader);
}

static void ask_for(const char *scenario)
{
    const struct bzc_scenario *row = bzc_scenario_find(scenario);

    assert_non_null(row);
    options.scenario[options.scenario_count++] = row;
}

/* ---- without options ---- */

static void relocatable_image_runs_low_and_where_it_prefers(void **state)
{
    (void)state;
    choose(false);
    assert_choice("bios", 0x100000, "");
    assert_choice("bios", 0x1000000, "pref_address");
    assert_choice("entry32", 0x100000, "");
    assert_choice("entry32", 0x1000000, "pref_address");
    assert_int_equal(count_of("entry32"), 2);
    assert_int_equal(count_of("entry64"), 0); /* no XLF_KERNEL_64 */
    assert_int_equal(count_of("zimage"), 0);
    assert_int_equal(count_of("payload-elf"), 0); /* not before the payload is there */
    assert_int_equal(count_of("elf-wrapped"), 0);
    for (size_t i = 0; i < choices.count; i++) {
        assert_false(choices.choice[i].kaslr);
        assert_int_equal(choices.choice[i].expect, BZC_EXPECT_KERNEL);
    }
}

/* boot.rst, kernel_alignment and min_alignment: every class of addresses, with the field rewritten and without. */
static void alignments_are_probed(void **state)
{
    const struct bzc_choice *kept = NULL;

    (void)state;
    file.data[0x235] = 20; /* kernel_alignment is 2^21 */
    choose(false);
    for (size_t i = 0; i < choices.count; i++)
        if (choices.choice[i].kernel_alignment != 0)
            kept = &choices.choice[i];
    assert_non_null(kept);
    assert_string_equal(kept->name, "bios");
    assert_int_equal(kept->kernel_alignment, 0x100000);
    assert_int_equal(kept->load_addr, 0x1100000);    /* the first multiple of 1 MiB, not of 2 MiB, above pref_address */
    assert_non_null(find("bios", 0x1200000, false)); /* the first multiple of 2 MiB */
    assert_non_null(find("bios", 0x1001000, false)); /* a page */
}

static void fixed_image_is_loaded_at_one_place_and_proved_to_be_fixed(void **state)
{
    (void)state;
    file.data[0x234] = 0; /* relocatable_kernel */
    choose(false);
    assert_choice("bios", 0x100000, "");
    assert_choice("entry32", 0x100000, "");
    assert_int_equal(count_of("entry32"), 1);
    assert_int_equal(count_of("bios"), 2);
    for (size_t i = 0; i < choices.count; i++) {
        const struct bzc_choice *choice = &choices.choice[i];

        assert_int_equal(choice->force, choice->load_addr != 0x100000);
        assert_int_equal(choice->expect, choice->force ? BZC_EXPECT_FIXED : BZC_EXPECT_KERNEL);
    }
}

static void image_for_64_bits_runs_above_4_gib_where_it_says_so(void **state)
{
    const struct bzc_choice *choice;

    (void)state;
    bzc_store16(file.data + 0x236, 0x1); /* XLF_KERNEL_64 */
    choose(false);
    assert_choice("entry64", 0x100000, "");
    assert_choice("entry64", 0x1000000, "pref_address");
    assert_int_equal(count_of("entry64"), 2);
    bzc_store16(file.data + 0x236, 0x3); /* and XLF_CAN_BE_LOADED_ABOVE_4G */
    choose(false);
    assert_int_equal(count_of("entry64"), 3);
    assert_choice("entry64", 4 * GIB + 0x800000, "above 4 GiB");
    choice = find("entry64", 4 * GIB + 0x800000, false);
    assert_int_equal(choice->ram_from, 4 * GIB);
    /* room for the kernel itself (init_size 0x100000) and for what belongs to it */
    assert_true(choice->ram_size >= 0x800000 + 0x100000 + (64u << 20));
    /* One that is not relocatable cannot be there, whatever it says. */
    file.data[0x234] = 0;
    choose(false);
    assert_int_equal(count_of("entry64"), 1);
    /* The flags came with 2.12. */
    file.data[0x234] = 1;
    bzc_store16(file.data + 0x206, 0x020b);
    choose(false);
    assert_int_equal(count_of("entry64"), 0);
}

/* A map that reserves memory above 4 GiB, or has no room for one more range. */
static void memory_above_4_gib_must_be_there_to_be_had(void **state)
{
    (void)state;
    bzc_store16(file.data + 0x236, 0x3);
    options.map.range[options.map.count++] = (struct bzc_memory_range){4 * GIB + 0x880000, 0x1000, BZC_E820_RESERVED};
    choose(false);
    assert_null(find("entry64", 4 * GIB + 0x800000, false));
    options.map.range[options.map.count - 1].start = 4 * GIB + 0x900000; /* behind init_size */
    choose(false);
    assert_non_null(find("entry64", 4 * GIB + 0x800000, false));
    while (options.map.count < BZC_MEMORY_MAP_MAX) {
        options.map.range[options.map.count] =
            (struct bzc_memory_range){64 * GIB + options.map.count * 0x2000, 0x1000, BZC_E820_RESERVED};
        options.map.count++;
    }
    choose(false);
    assert_null(find("entry64", 4 * GIB + 0x800000, false));
}

static void kaslr_build_runs_with_a_seed_too(void **state)
{
    (void)state;
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD - 10, "nokaslr", 8);
    choose(false);
    assert_non_null(find("bios", 0x100000, false));
    assert_non_null(find("bios", 0x100000, true));
    assert_int_equal(find("bios", 0x100000, true)->seed, 1);
    assert_null(find("entry32", 0x100000, true));
    options.cmdline = "quiet nokaslr";
    choose(false);
    assert_null(find("bios", 0x100000, true));
    /* Without the path setup, none. */
    options.cmdline = "";
    ask_for("entry32");
    choose(false);
    assert_null(find("bios", 0x100000, true));
}

/* Besides load addresses, too, and in the first scenario that was asked for and loads anywhere. */
static void one_run_with_kaslr_can_be_asked_for(void **state)
{
    (void)state;
    options.kaslr_once = true;
    options.load_addr[options.load_addr_count++] = 0x200000;
    choose(false);
    assert_null(find("bios", 0x200000, true)); /* a build without */
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD - 10, "nokaslr", 8);
    choose(false);
    assert_non_null(find("bios", 0x200000, false));
    assert_non_null(find("bios", 0x200000, true));
    assert_int_equal(find("bios", 0x200000, true)->seed, 1);
    assert_null(find("entry32", 0x200000, true));
    choose(true);
    for (size_t i = 0; i < choices.count; i++)
        assert_false(choices.choice[i].kaslr);
    options.cmdline = "nokaslr";
    choose(false);
    assert_null(find("bios", 0x200000, true));
    options.cmdline = "";
    ask_for("entry32");
    choose(false);
    assert_non_null(find("entry32", 0x200000, true));
    assert_int_equal(choices.count, 2);
    options.kaslr_seed[options.kaslr_seed_count++] = 7;
    choose(false);
    assert_int_equal(choices.count, 1);
}

static void low_image_runs_as_a_zimage(void **state)
{
    (void)state;
    file.data[0x211] = 0; /* LOADED_HIGH */
    bzc_store32(file.data + 0x214, 0x1000);
    choose(false);
    assert_int_equal(choices.count, 1);
    assert_choice("zimage", 0, "");
}

static void image_without_payload_is_started_by_its_setup_only(void **state)
{
    (void)state;
    bzc_store64(file.data + 0x248, 0);
    choose(false);
    assert_int_equal(count_of("bios"), choices.count);
    assert_choice("bios", 0x100000, "");
}

/* Those that need the unpacked payload come when it is there, and not before. */
static void payload_has_its_own_runs(void **state)
{
    (void)state;
    choose(true);
    assert_int_equal(choices.count, 1);
    assert_choice("payload-elf", 0, "");
    assert_int_equal(choices.choice[0].expect, BZC_EXPECT_RUNNING);
    /* A payload that is no ELF file. */
    file.data[SAMPLE_REALMODE + TINY_PAYLOAD] = 'X';
    choose(true);
    assert_int_equal(choices.count, 0);
    /* Asked for by name it is there to be refused with the reason. */
    ask_for("payload-elf");
    ask_for("pvh");
    ask_for("entry32");
    choose(true);
    assert_int_equal(choices.count, 2);
    choose(false);
    assert_int_equal(count_of("payload-elf") + count_of("pvh"), 0);
    assert_int_equal(count_of("entry32"), 2);
}

/* ---- options ---- */

static void scenarios_take_the_place_of_what_is_promised(void **state)
{
    (void)state;
    ask_for("zimage"); /* it does not fit, but somebody wants to know why */
    ask_for("elf-wrapped-legacy");
    ask_for("zimage");
    choose(false);
    assert_int_equal(choices.count, 2);
    assert_choice("zimage", 0, "");
    assert_choice("elf-wrapped-legacy", 0x100000, "");
}

static void load_addresses_count_for_scenarios_that_can_be_moved(void **state)
{
    (void)state;
    ask_for("bios");
    ask_for("entry32");
    ask_for("elf-wrapped");
    options.load_addr[options.load_addr_count++] = 0x2000000;
    options.load_addr[options.load_addr_count++] = 0x3000000;
    options.load_addr[options.load_addr_count++] = 0x2000000;
    choose(false);
    assert_int_equal(choices.count, 5);
    assert_choice("bios", 0x2000000, "");
    assert_choice("bios", 0x3000000, "");
    assert_choice("entry32", 0x2000000, "");
    assert_choice("entry32", 0x3000000, "");
    assert_choice("elf-wrapped", 0, "");
}

static void seeds_count_for_builds_with_kaslr(void **state)
{
    (void)state;
    options.kaslr_seed[options.kaslr_seed_count++] = 5;
    options.kaslr_seed[options.kaslr_seed_count++] = 6;
    ask_for("entry32");
    choose(false);
    assert_int_equal(choices.count, 2);
    for (size_t i = 0; i < choices.count; i++)
        assert_false(choices.choice[i].kaslr);
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD - 10, "nokaslr", 8);
    choose(false);
    assert_int_equal(choices.count, 4);
    for (size_t i = 0; i < choices.count; i++) {
        assert_true(choices.choice[i].kaslr);
        assert_int_equal(choices.choice[i].seed, 5 + i % 2);
        assert_int_equal(choices.choice[i].load_addr, i < 2 ? 0x100000 : 0x1000000);
    }
}

static void loaders_take_the_place_of_scenarios(void **state)
{
    static struct bzc_boot_loader loader, other;

    (void)state;
    bzc_boot_loader_init(&loader, BZC_PATH_ENTRY32);
    bzc_boot_loader_init(&other, BZC_PATH_SETUP);
    strcpy(loader.name, "one");
    strcpy(other.name, "other");
    options.as[options.as_count++] = &loader;
    options.as[options.as_count++] = &other;
    ask_for("bios");
    choose(false); /* what a loader does may depend on the payload */
    assert_int_equal(choices.count, 0);
    choose(true);
    assert_int_equal(choices.count, 2);
    assert_ptr_equal(choices.choice[0].loader, &loader);
    assert_string_equal(choices.choice[0].name, "one");
    assert_null(choices.choice[0].scenario);
    assert_int_equal(choices.choice[0].load_addr, 0);
    assert_ptr_equal(choices.choice[1].loader, &other);
    options.load_addr[options.load_addr_count++] = 0x2000000;
    choose(true);
    assert_int_equal(choices.count, 2);
    assert_int_equal(choices.choice[0].load_addr, 0x2000000);
}

/* 32 load addresses, 32 seeds: more than there may be runs. */
static void runs_have_a_bound(void **state)
{
    (void)state;
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD - 10, "nokaslr", 8);
    ask_for("bios");
    for (size_t i = 0; i < BZC_CHOICES_MAX; i++) {
        options.load_addr[options.load_addr_count++] = 0x1000000 + i * 0x200000;
        options.kaslr_seed[options.kaslr_seed_count++] = i;
    }
    choose(false);
    assert_int_equal(choices.count, 256);
    assert_int_equal(choices.choice[255].load_addr, 0x1000000 + 7 * 0x200000);
    assert_int_equal(choices.choice[255].seed, 31);
    assert_int_equal(choices.left_out, 32 * 32 - 256);
    options.load_addr_count = 8;
    choose(false);
    assert_int_equal(choices.count, 256);
    assert_int_equal(choices.left_out, 0);
}

/* ---- hostile headers ---- */

/* Whatever the fields say, a bounded number of runs comes out, each but forced ones of a scenario that fits. */
static void hostile_headers_are_survived(void **state)
{
    static const uint64_t values[] = {0, 1, 3, 0x80000000, 0xffffffff, 0xfffffffffffff000, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        for (unsigned minimum = 0; minimum < 256; minimum += 51) {
            for (unsigned field = 0; field < 4; field++) {
                tiny_good_image(&file);
                bzc_store16(file.data + 0x236, 0x3);
                file.data[0x235] = (uint8_t)minimum;
                if (field == 0)
                    bzc_store32(file.data + 0x230, (uint32_t)values[i]);
                else if (field == 1)
                    bzc_store64(file.data + 0x258, values[i]);
                else if (field == 2)
                    bzc_store32(file.data + 0x260, (uint32_t)values[i]);
                else
                    bzc_store32(file.data + 0x214, (uint32_t)values[i]);
                choose(false);
                assert_in_range(choices.count, 3, 60);
                assert_non_null(find("bios", 0x100000, false));
                for (size_t c = 0; c < choices.count; c++)
                    assert_non_null(choices.choice[c].scenario);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(relocatable_image_runs_low_and_where_it_prefers, fresh, done),
        cmocka_unit_test_setup_teardown(alignments_are_probed, fresh, done),
        cmocka_unit_test_setup_teardown(fixed_image_is_loaded_at_one_place_and_proved_to_be_fixed, fresh, done),
        cmocka_unit_test_setup_teardown(image_for_64_bits_runs_above_4_gib_where_it_says_so, fresh, done),
        cmocka_unit_test_setup_teardown(memory_above_4_gib_must_be_there_to_be_had, fresh, done),
        cmocka_unit_test_setup_teardown(kaslr_build_runs_with_a_seed_too, fresh, done),
        cmocka_unit_test_setup_teardown(one_run_with_kaslr_can_be_asked_for, fresh, done),
        cmocka_unit_test_setup_teardown(low_image_runs_as_a_zimage, fresh, done),
        cmocka_unit_test_setup_teardown(image_without_payload_is_started_by_its_setup_only, fresh, done),
        cmocka_unit_test_setup_teardown(payload_has_its_own_runs, fresh, done),
        cmocka_unit_test_setup_teardown(scenarios_take_the_place_of_what_is_promised, fresh, done),
        cmocka_unit_test_setup_teardown(load_addresses_count_for_scenarios_that_can_be_moved, fresh, done),
        cmocka_unit_test_setup_teardown(seeds_count_for_builds_with_kaslr, fresh, done),
        cmocka_unit_test_setup_teardown(loaders_take_the_place_of_scenarios, fresh, done),
        cmocka_unit_test_setup_teardown(runs_have_a_bound, fresh, done),
        cmocka_unit_test_setup_teardown(hostile_headers_are_survived, fresh, done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
