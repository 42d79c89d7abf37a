/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths entry32 and entry64: where a loader puts things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan_scene.h"

/* ---- the whole, at the usual places ---- */

static void entry32_is_planned(void **state)
{
    const struct bzc_block *block;

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    assert_plan();
    assert_int_equal(scene.plan.path, BZC_PATH_ENTRY32);
    assert_int_equal(scene.plan.block_count, 4);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_PM);
    assert_int_equal(block->phys, 0x100000);
    assert_ptr_equal(block->bytes.data, scene.file + 2048);
    assert_int_equal(block->bytes.size, 8192);
    assert_false(block->keep);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE);
    assert_int_equal(block->phys, 0x20000);
    assert_int_equal(block->bytes.size, 14);
    assert_memory_equal(block->bytes.data, "console=ttyS0", 14);
    assert_true(block->keep);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_BOOT_PARAMS);
    assert_int_equal(block->phys, 0x10000);
    assert_int_equal(block->bytes.size, 4096);
    assert_non_null(bzc_plan_block(&scene.plan, BZC_BLOCK_TRAMPOLINE));
    assert_true(blocks_are_apart());
    assert_true(scene.plan.has_pm);
    assert_int_equal(scene.plan.pm_phys, 0x100000);
    assert_int_equal(scene.plan.pm_entry_phys, 0x100000);
    assert_int_equal(scene.plan.boot_params_phys, 0x10000);
    assert_int_equal(scene.plan.kernel_alignment, 0x200000);
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_PROT32);
    assert_int_equal(scene.plan.jump.linear, 0x100000);
    assert_true(scene.plan.a20_open);
    assert_int_equal(scene.plan.realmode_phys, 0);
    assert_int_equal(scene.plan.write_count, 3);
    assert_header_write(BZC_FIELD_TYPE_OF_LOADER, 0xff);
    assert_header_write(BZC_FIELD_CMD_LINE_PTR, 0x20000);
    assert_bp_write(BZC_BP_E820_ENTRIES, 4);
    bzc_plan_free(&scene.plan);
}

/* boot.rst, "64-bit Boot Protocol": "loaded 64-bit kernel plus 0x200" */
static void entry64_is_planned(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY64, 256 * MIB);
    assert_plan();
    assert_int_equal(scene.plan.block_count, 5);
    assert_non_null(bzc_plan_block(&scene.plan, BZC_BLOCK_PAGE_TABLES));
    assert_true(blocks_are_apart());
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_LONG);
    assert_int_equal(scene.plan.jump.linear, 0x100200);
    assert_int_equal(scene.plan.boot_params_phys, 0x10000);
    bzc_plan_free(&scene.plan);
}

/* Intel SDM 3A, "4-Level Paging": where the plan's tables lead, with pages of 2 MiB; UINT64_MAX: nowhere. */
static uint64_t walk(uint64_t linear)
{
    const struct bzc_block *block = bzc_plan_block(&scene.plan, BZC_BLOCK_PAGE_TABLES);
    uint64_t table;

    assert_non_null(block);
    table = block->phys;
    for (unsigned shift = 39; shift >= 21; shift -= 9) {
        uint64_t entry = bzc_load64(block->bytes.data + (table - block->phys) + (linear >> shift & 511) * 8);

        if (!(entry & 1))
            return UINT64_MAX;
        if (entry & 0x80)
            return (entry & ~(uint64_t)0x1fffff) + (linear & 0x1fffff);
        table = entry & ~(uint64_t)0xfff;
    }
    fail_msg("no page for 0x%llx", (unsigned long long)linear);
    return 0;
}

/* boot.rst, "64-bit Boot Protocol", names what has to be mapped; Linux reads setup_data through the mapping as well. */
static void mapping_covers_what_is_read_early(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY64, 256 * MIB);
    scene.options.setup_data[0] = (struct bzc_setup_data){.type = 2, .data = {initrd, 40}};
    scene.options.setup_data_count = 1;
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    scene.loader.setup_data_at = (struct bzc_place){BZC_PLACE_ADDRESS, 0x8000000};
    assert_plan();
    assert_int_equal(walk(0x100000), 0x100000);
    assert_int_equal(walk(0x1000000), 0x1000000);
    assert_int_equal(walk(0x1344fff), 0x1344fff);
    assert_int_equal(walk(0x10000), 0x10000);
    assert_int_equal(walk(0x20000), 0x20000);
    assert_int_equal(walk(0x8000000), 0x8000000);
    assert_int_equal(walk(0x8200000), UINT64_MAX);
    assert_int_equal(walk(scene.plan.initrd_phys), UINT64_MAX); /* nobody has to */
    bzc_plan_free(&scene.plan);
}

/* ---- the loader's own writes ---- */

static void last_write_of_a_field_counts(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.loader.write[0] =
        (struct bzc_loader_write){.is_header = true, .field = BZC_FIELD_TYPE_OF_LOADER, .value = 0x72};
    scene.loader.write[1] = (struct bzc_loader_write){.bp = BZC_BP_SENTINEL, .value = 0xff};
    scene.loader.write[2] =
        (struct bzc_loader_write){.is_header = true, .field = BZC_FIELD_VID_MODE, .value = 1, .when.unless = true};
    scene.loader.write_count = 3;
    assert_plan();
    assert_int_equal(scene.plan.write_count, 4);
    assert_header_write(BZC_FIELD_TYPE_OF_LOADER, 0x72);
    assert_bp_write(BZC_BP_SENTINEL, 0xff);
    assert_null(find_write(true, BZC_FIELD_VID_MODE)); /* no terms always hold, and "unless" turns that round */
    assert_int_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS)[0x210], 0x72);
    assert_int_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS)[0x1ef], 0xff);
    bzc_plan_free(&scene.plan);
}

/* ---- the command line ---- */

static void command_line_has_limits(void **state)
{
    char text[400];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.options.cmdline = text;
    bzc_store32(scene.file + 0x238, 399);
    assert_plan();
    bzc_plan_free(&scene.plan);
    bzc_store32(scene.file + 0x238, 398);
    assert_refused(BZC_ERR_LIMIT, "the command line has 399 characters, the kernel takes 398");
    /* 0 is no bound but a field that was forgotten: 255 as before 2.06 */
    bzc_store32(scene.file + 0x238, 0);
    assert_refused(BZC_ERR_LIMIT, "the kernel takes 255");
    bzc_store32(scene.file + 0x238, 0xffffffff);
    assert_plan();
    bzc_plan_free(&scene.plan);
    scene.loader.cmdline_max = 10;
    assert_refused(BZC_ERR_LIMIT, "the loader takes 10");
    scene.loader.truncate_cmdline = true;
    assert_plan();
    assert_string_equal(scene.plan.cmdline, "xxxxxxxxxx");
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE)->bytes.size, 11);
    bzc_plan_free(&scene.plan);
}

static void low_blocks_need_ram(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    set_map("0 0xffff usable\n0x11000 0x9ffff usable\n0x100000 0xfffffff usable\n");
    assert_refused(BZC_ERR_LIMIT, "no RAM at 0x10000 and 0x20000");
    scene.loader.boot_params_at = 0xf000;
    assert_plan();
    bzc_plan_free(&scene.plan);
    scene.loader.boot_params_at = UINT64_MAX;
    assert_refused(BZC_ERR_LIMIT, "no RAM at");
    scene.loader.boot_params_at = 0xf000;
    scene.loader.cmdline_at = UINT64_MAX - 4;
    assert_refused(BZC_ERR_LIMIT, "no RAM at");
}

/* ---- where the kernel goes ---- */

static void code32_start_moves_with_the_kernel(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.options.load_addr = 0x2000000;
    bzc_store32(scene.file + 0x214, 0x100040);
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x2000000);
    assert_header_write(BZC_FIELD_CODE32_START, 0x2000040);
    assert_int_equal(bzc_load32(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x214), 0x2000040);
    assert_int_equal(scene.plan.jump.linear, 0x2000040);
    bzc_plan_free(&scene.plan);
    scene.loader.entry_is_first_byte = true;
    assert_plan();
    assert_int_equal(scene.plan.jump.linear, 0x2000000);
    bzc_plan_free(&scene.plan);
    scene.loader.entry_offset = 0x10;
    assert_plan();
    assert_int_equal(scene.plan.jump.linear, 0x2000010);
    bzc_plan_free(&scene.plan);
    scene.loader.entry_is_first_byte = false; /* an offset says enough */
    assert_plan();
    assert_int_equal(scene.plan.jump.linear, 0x2000010);
    bzc_plan_free(&scene.plan);
    scene.loader.entry_offset = 0;
    scene.loader.keep_code32_start = true; /* of its own place; an address asked for takes the entry along */
    assert_plan();
    assert_int_equal(scene.plan.jump.linear, 0x2000040);
    bzc_plan_free(&scene.plan);
    scene.loader.kernel_at[0].place = (struct bzc_place){BZC_PLACE_ADDRESS, scene.options.load_addr};
    scene.options.load_addr = 0;
    assert_plan();
    assert_null(find_write(true, BZC_FIELD_CODE32_START));
    assert_int_equal(scene.plan.jump.linear, 0x100040);
    bzc_plan_free(&scene.plan);
}

/* Places that a loader may know, in the memory that the map of each case has. */
static void kernel_goes_where_the_loader_says(void **state)
{
    /* RAM for the file at 1 MiB, for all of the kernel from 0x7ff000 on */
    static const char split[] = "0 0x9ffff usable\n0x100000 0x2fffff usable\n0x7ff000 0xfffffff usable\n";
    static const char whole[] = "0 0x9ffff usable\n0x100000 0xfffffff usable\n";
    static const struct {
        const char *map;
        struct bzc_place place;
        enum bzc_room room;
        bool align;
        uint64_t expected;
    } cases[] = {
        {whole, {BZC_PLACE_ADDRESS, 0x300000}, BZC_ROOM_INIT_SIZE, false, 0x300000},
        {whole, {BZC_PLACE_ADDRESS, 0x300000}, BZC_ROOM_INIT_SIZE, true, 0x400000},
        {whole, {BZC_PLACE_PREF_ADDRESS, 0}, BZC_ROOM_INIT_SIZE, false, 0x1000000},
        {whole, {BZC_PLACE_CODE32_START, 0}, BZC_ROOM_INIT_SIZE, false, 0x100000},
        {whole, {BZC_PLACE_LOWEST, 0}, BZC_ROOM_INIT_SIZE, false, 0x100000},
        {whole, {BZC_PLACE_LOWEST, 0}, BZC_ROOM_INIT_SIZE, true, 0x200000},
        {whole, {BZC_PLACE_LOWEST, 0x1000001}, BZC_ROOM_INIT_SIZE, false, 0x1001000},
        {split, {BZC_PLACE_LOWEST, 0}, BZC_ROOM_FILE, false, 0x100000},
        {split, {BZC_PLACE_LOWEST, 0}, BZC_ROOM_FILE, true, 0x200000},
        {split, {BZC_PLACE_LOWEST, 0}, BZC_ROOM_INIT_SIZE, false, 0x7ff000},
        {split, {BZC_PLACE_LOWEST, 0}, BZC_ROOM_INIT_SIZE, true, 0x800000},
        /* 0x10000000 - 0x345000 = 0xfcbb000; down to 2 MiB */
        {whole, {BZC_PLACE_HIGHEST, 0}, BZC_ROOM_INIT_SIZE, true, 0xfc00000},
        {whole, {BZC_PLACE_HIGHEST, 0x8000000}, BZC_ROOM_INIT_SIZE, true, 0x7c00000},
        {whole, {BZC_PLACE_HIGHEST, 0}, BZC_ROOM_FILE, false, 0xfffe000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_scene(BZC_PATH_ENTRY32, 256 * MIB);
        set_map(cases[i].map);
        scene.loader.kernel_at[0].place = cases[i].place;
        scene.loader.kernel_room = cases[i].room;
        scene.loader.kernel_align = cases[i].align;
        assert_plan();
        if (scene.plan.pm_phys != cases[i].expected)
            fail_msg("case %zu: 0x%llx", i, (unsigned long long)scene.plan.pm_phys);
        assert_int_equal(scene.plan.code32_start, cases[i].expected);
        bzc_plan_free(&scene.plan);
    }
}

static void first_place_that_fits_is_taken(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 32 * MIB);
    scene.loader.kernel_at[0].place = (struct bzc_place){BZC_PLACE_ADDRESS, 0x1e00000}; /* not 0x345000 bytes of RAM */
    scene.loader.kernel_at[1].place = (struct bzc_place){BZC_PLACE_ADDRESS, 0x1c00000};
    scene.loader.kernel_at[2].place = (struct bzc_place){BZC_PLACE_ADDRESS, 0x1800000};
    scene.loader.kernel_at_count = 3;
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x1c00000);
    bzc_plan_free(&scene.plan);
    scene.loader.kernel_at[1].when.unless = true; /* never */
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x1800000);
    bzc_plan_free(&scene.plan);
    scene.loader.kernel_at[2].when.unless = true;
    assert_refused(BZC_ERR_LIMIT, "0x345000 bytes of RAM from 0x1e00000 on");
    /* That a place with another condition would do does not count. */
    scene.loader.kernel_at[0].when.unless = true;
    assert_refused(BZC_ERR_LIMIT, "no place for the kernel");
}

/* GRUB's way: down to min_alignment when nothing else fits, and the header says so. */
static void alignment_goes_down_to_the_least(void **state)
{
    static const char half[] = "0 0x9ffff usable\n0x100000 0x100fff usable\n0x1101000 0x145ffff usable\n";
    /* 0x1102000 + 0x345000 = 0x1447000: the multiple of 0x2000 fits exactly */
    static const char least[] = "0 0x9ffff usable\n0x100000 0x100fff usable\n0x1101000 0x1446fff usable\n";
    static const char less[] = "0 0x9ffff usable\n0x100000 0x100fff usable\n0x1101000 0x1445fff usable\n";

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.loader.kernel_at[0].place = (struct bzc_place){BZC_PLACE_ADDRESS, 0x1101000};
    scene.loader.kernel_align = scene.loader.min_align = scene.loader.write_alignment = true;
    set_map(half);
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x1110000);
    assert_int_equal(scene.plan.kernel_alignment, 0x10000);
    assert_header_write(BZC_FIELD_KERNEL_ALIGNMENT, 0x10000);
    assert_int_equal(bzc_load32(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x230), 0x10000);
    bzc_plan_free(&scene.plan);
    set_map(least);
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x1102000);
    assert_header_write(BZC_FIELD_KERNEL_ALIGNMENT, 0x2000);
    bzc_plan_free(&scene.plan);
    set_map(less);
    assert_refused(BZC_ERR_LIMIT, "RAM");
    /* Without a word in the header the kernel aligns itself up, and then has no room. */
    set_map(half);
    scene.loader.write_alignment = false;
    assert_refused(BZC_ERR_LIMIT, "init_size");
    scene.loader.write_alignment = true;
    scene.loader.min_align = false;
    assert_refused(BZC_ERR_LIMIT, "RAM");
}

static void alignment_of_the_user_is_written(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.options.load_addr = 0x1400000;
    scene.options.kernel_alignment = 0x400000;
    assert_plan();
    assert_int_equal(scene.plan.kernel_alignment, 0x400000);
    assert_header_write(BZC_FIELD_KERNEL_ALIGNMENT, 0x400000);
    bzc_plan_free(&scene.plan);
    bzc_store16(scene.file + 0x206, 0x0204); /* the field came with 2.05 */
    scene.options.load_addr = 0;
    assert_plan();
    assert_null(find_write(true, BZC_FIELD_KERNEL_ALIGNMENT));
    bzc_plan_free(&scene.plan);
}

static void force_overrides_the_header(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.file[0x234] = 0;
    scene.options.load_addr = 0x3000000;
    assert_refused(BZC_ERR_UNSUPPORTED, "not relocatable");
    scene.options.force = true;
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x3000000);
    bzc_plan_free(&scene.plan);
    /* Not what there is no RAM for. */
    scene.options.load_addr = 0x20000000;
    assert_refused(BZC_ERR_LIMIT, "no RAM");
    /* init_size does not count either. */
    scene.file[0x234] = 1;
    scene.options.load_addr = 0xfffe000;
    assert_plan();
    bzc_plan_free(&scene.plan);
    scene.options.force = false;
    assert_refused(BZC_ERR_LIMIT, "init_size");
}

/* An address out of the entry's reach is not taken although the map has RAM there. */
static void kernel_stays_in_reach(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 8 * GIB);
    scene.loader.kernel_at[0].place.kind = BZC_PLACE_PREF_ADDRESS;
    bzc_store64(scene.file + 0x258, 0x100000000);
    assert_refused(BZC_ERR_LIMIT, "not between 1 MiB and 4 GiB");
    bzc_store64(scene.file + 0x258, 0x8000);
    assert_refused(BZC_ERR_LIMIT, "not between 1 MiB and 4 GiB");
    scene.loader.kernel_align = true;
    bzc_store64(scene.file + 0x258, UINT64_MAX);
    assert_refused(BZC_ERR_LIMIT, "");
    bzc_boot_loader_init(&scene.loader, BZC_PATH_ENTRY64);
    scene.loader.kernel_at[0].place.kind = BZC_PLACE_PREF_ADDRESS;
    bzc_store64(scene.file + 0x258, 0x100000000);
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x100000000);
    bzc_plan_free(&scene.plan);
    scene.options.load_addr = 0x200000;
    bzc_boot_loader_init(&scene.loader, BZC_PATH_ENTRY32);
    scene.options.load_addr = UINT64_MAX - 4095;
    assert_refused(BZC_ERR_LIMIT, "not between");
    bzc_boot_loader_init(&scene.loader, BZC_PATH_ENTRY64);
    assert_refused(BZC_ERR_LIMIT, "not between");
}

/* Numbers that no kernel has: any answer but a wrong one. */
static void hostile_numbers_are_survived(void **state)
{
    static const struct {
        unsigned offset;
        uint32_t value;
    } cases[] = {
        {0x230, 0},          {0x230, 1},          {0x230, 3},          {0x230, 0x200001},   {0x230, 0x80000000},
        {0x230, 0xffffffff}, {0x260, 0},          {0x260, 0xffffffff}, {0x258, 0xffffffff}, {0x25c, 0xffffffff},
        {0x238, 0},          {0x238, 0xffffffff}, {0x22c, 0},          {0x22c, 1},          {0x22c, 0xffffffff},
        {0x214, 0},          {0x214, 0xffffffff},
    };
    static const struct bzc_place places[] = {{BZC_PLACE_ADDRESS, 0x100000},       {BZC_PLACE_ADDRESS, UINT64_MAX},
                                              {BZC_PLACE_PREF_ADDRESS, 0x2000000}, {BZC_PLACE_LOWEST, UINT64_MAX},
                                              {BZC_PLACE_LOWEST, 0x200000},        {BZC_PLACE_HIGHEST, 0},
                                              {BZC_PLACE_BEHIND_KERNEL, 0},        {BZC_PLACE_BEHIND_PM, 0}};

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        for (unsigned i = 0; i < 8 * 4; i++) {
            const struct bzc_place *place = &places[i / 4];

            set_scene(i & 1 ? BZC_PATH_ENTRY64 : BZC_PATH_ENTRY32, 8 * GIB);
            bzc_store32(scene.file + cases[c].offset, cases[c].value);
            scene.file[0x235] = 255;
            scene.loader.kernel_at[0].place = scene.loader.initrd_at = scene.loader.setup_data_at = *place;
            scene.loader.kernel_align = scene.loader.min_align = true;
            scene.loader.kernel_room = i & 2 ? BZC_ROOM_FILE : BZC_ROOM_INIT_SIZE;
            scene.loader.rng_seed = true;
            scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
            if (make_plan() != BZC_OK) {
                assert_int_not_equal(scene.err.message[0], 0);
                continue;
            }
            for (size_t b = 0; b < scene.plan.block_count; b++)
                assert_true(
                    bzc_memory_map_is_ram(&scene.map, scene.plan.block[b].phys, scene.plan.block[b].bytes.size));
            assert_true(bzc_plan_block(&scene.plan, BZC_BLOCK_INITRD)->phys >= 0x100000);
            assert_true(bzc_plan_block(&scene.plan, BZC_BLOCK_SETUP_DATA)->phys >= 0x100000);
            bzc_plan_free(&scene.plan);
        }
    }
}

/* A kernel that would end at the end of all addresses: behind it is not at 0. */
static void nothing_goes_behind_the_end_of_everything(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    bzc_store64(scene.file + 0x258, 0xffffffffff000000);
    bzc_store32(scene.file + 0x260, 0xffffffff);
    scene.options.load_addr = 0x100000;
    assert_refused(BZC_ERR_LIMIT, "init_size");
    scene.options.force = true;
    assert_plan();
    bzc_plan_free(&scene.plan);
    scene.loader.initrd_at.kind = BZC_PLACE_BEHIND_KERNEL;
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_refused(BZC_ERR_LIMIT, "initrd");
    scene.options.initrd.size = 0;
    scene.loader.setup_data_at.kind = BZC_PLACE_BEHIND_KERNEL;
    scene.loader.rng_seed = true;
    assert_refused(BZC_ERR_LIMIT, "setup_data");
}

/* ---- above 4 GiB ---- */

/* boot.rst, xloadflags: "the kernel/boot_params/cmdline/ramdisk can be above 4G"; zero-page.rst: ext_ fields */
static void everything_goes_above_4_gib(void **state)
{
    const uint8_t *page;

    (void)state;
    set_scene(BZC_PATH_ENTRY64, 8 * GIB); /* RAM from 4 GiB to 0x240000000 */
    scene.options.load_addr = 0x100200000;
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    scene.loader.rng_seed = true;
    assert_plan();
    assert_true(blocks_are_apart());
    page = block_bytes(BZC_BLOCK_BOOT_PARAMS);
    assert_int_equal(scene.plan.pm_phys, 0x100200000);
    assert_int_equal(scene.plan.jump.linear, 0x100200200);
    assert_int_equal(scene.plan.boot_params_phys, 0x23ffff000);
    assert_int_equal(scene.plan.cmdline_phys, 0x23fffe000);
    assert_int_equal(bzc_load32(page + 0x228), 0x3fffe000);
    assert_int_equal(bzc_load32(page + 0x0c8), 2);
    assert_int_equal(scene.plan.initrd_phys, 0x23fffb000);
    assert_int_equal(bzc_load32(page + 0x218), 0x3fffb000);
    assert_int_equal(bzc_load32(page + 0x0c0), 2);
    assert_int_equal(bzc_load32(page + 0x21c), 10000);
    assert_int_equal(bzc_load32(page + 0x0c4), 0);
    assert_bp_write(BZC_BP_EXT_CMD_LINE_PTR, 2);
    assert_bp_write(BZC_BP_EXT_RAMDISK_IMAGE, 2);
    assert_null(find_write(false, BZC_BP_EXT_RAMDISK_SIZE));
    assert_true(bzc_load64(page + 0x250) > 0x100000000);
    bzc_plan_free(&scene.plan);
    /* One that would fit into the page of boot_params. */
    scene.options.initrd.size = 100;
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x23fffd000);
    assert_true(blocks_are_apart());
    bzc_plan_free(&scene.plan);
}

static void kernel_must_allow_for_4_gib(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY64, 8 * GIB);
    scene.options.load_addr = 0x100200000;
    bzc_store16(scene.file + 0x236, 0x7d);
    assert_refused(BZC_ERR_UNSUPPORTED, "XLF_CAN_BE_LOADED_ABOVE_4G is not set");
    scene.options.force = true;
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x100200000);
    bzc_plan_free(&scene.plan);
    /* What a loader does that does not look is its own business. */
    scene.options.force = false;
    scene.options.load_addr = 0;
    scene.loader.kernel_at[0].place = (struct bzc_place){BZC_PLACE_ADDRESS, 0x100200000};
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x100200000);
    bzc_plan_free(&scene.plan);
}

/* No RAM above 4 GiB but for the kernel: what belongs to it stays low. */
static void without_room_above_it_stays_low(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY64, 256 * MIB);
    assert_true(bzc_memory_map_add_ram(&scene.map, 0x100000000, 0x345000));
    scene.options.load_addr = 0x100000000;
    assert_plan();
    assert_int_equal(scene.plan.pm_phys, 0x100000000);
    assert_int_equal(scene.plan.boot_params_phys, 0x10000);
    assert_int_equal(scene.plan.cmdline_phys, 0x20000);
    bzc_plan_free(&scene.plan);
}

/* ---- the initrd ---- */

static void initrd_goes_where_the_loader_says(void **state)
{
    static const struct {
        struct bzc_place place;
        enum bzc_room avoids;
        uint64_t last;
        const char *cmdline;
        uint64_t expected; /* 0: it does not fit */
    } cases[] = {
        {{BZC_PLACE_HIGHEST, 0}, BZC_ROOM_INIT_SIZE, 0, "", 0x10000000 - 0x3000},
        {{BZC_PLACE_HIGHEST, 0x8000000}, BZC_ROOM_INIT_SIZE, 0, "", 0x8000000 - 0x3000},
        {{BZC_PLACE_HIGHEST, 0}, BZC_ROOM_INIT_SIZE, 0x6ffffff, "", 0x7000000 - 0x3000},
        {{BZC_PLACE_HIGHEST, 0}, BZC_ROOM_INIT_SIZE, 0, "mem=64M", 0x4000000 - 0x3000},
        {{BZC_PLACE_HIGHEST, 0}, BZC_ROOM_INIT_SIZE, 0x1345fff, "", 0x1000000 - 0x3000},
        {{BZC_PLACE_HIGHEST, 0}, BZC_ROOM_FILE, 0x1345fff, "", 0x1343000},
        {{BZC_PLACE_LOWEST, 0}, BZC_ROOM_INIT_SIZE, 0, "", 0x102000},
        {{BZC_PLACE_LOWEST, 0x1000000}, BZC_ROOM_INIT_SIZE, 0, "", 0x1345000},
        {{BZC_PLACE_LOWEST, 0x1000000}, BZC_ROOM_FILE, 0, "", 0x1000000},
        {{BZC_PLACE_LOWEST, 0x10000000}, BZC_ROOM_INIT_SIZE, 0, "", 0},
        {{BZC_PLACE_ADDRESS, 0x4000000}, BZC_ROOM_INIT_SIZE, 0, "", 0x4000000},
        {{BZC_PLACE_ADDRESS, 0x1100000}, BZC_ROOM_INIT_SIZE, 0, "", 0x1100000}, /* on the kernel, as it is told */
        {{BZC_PLACE_ADDRESS, 0x4000000}, BZC_ROOM_INIT_SIZE, 0x400270e, "", 0}, /* one byte too low: 0x4000000 + 9999 */
        {{BZC_PLACE_ADDRESS, 0x4000000}, BZC_ROOM_INIT_SIZE, 0x400270f, "", 0x4000000},
        {{BZC_PLACE_ADDRESS, 0x4000000}, BZC_ROOM_INIT_SIZE, 0, "mem=64M", 0},
        {{BZC_PLACE_BEHIND_KERNEL, 0}, BZC_ROOM_INIT_SIZE, 0, "", 0x1345000},
        {{BZC_PLACE_BEHIND_KERNEL, 0}, BZC_ROOM_FILE, 0, "", 0x102000},
        {{BZC_PLACE_BEHIND_PM, 0}, BZC_ROOM_INIT_SIZE, 0, "", 0x102000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_scene(BZC_PATH_ENTRY32, 256 * MIB);
        scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
        scene.options.cmdline = cases[i].cmdline;
        scene.loader.initrd_at = cases[i].place;
        scene.loader.initrd_avoids = cases[i].avoids;
        scene.loader.initrd_last = cases[i].last;
        if (cases[i].expected == 0) {
            assert_refused(BZC_ERR_LIMIT, "an initrd of 10000 bytes does not fit");
            continue;
        }
        assert_plan();
        if (scene.plan.initrd_phys != cases[i].expected)
            fail_msg("case %zu: 0x%llx", i, (unsigned long long)scene.plan.initrd_phys);
        assert_ptr_equal(block_bytes(BZC_BLOCK_INITRD), initrd);
        assert_true(bzc_plan_block(&scene.plan, BZC_BLOCK_INITRD)->keep);
        assert_int_equal(bzc_load32(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x218), cases[i].expected);
        bzc_plan_free(&scene.plan);
    }
}

static void initrd_of_a_32_bit_entry_stays_below_4_gib(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 8 * GIB);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x80000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    scene.loader.initrd_last = UINT64_MAX; /* RAM ends at 3 GiB and goes on at 4 GiB */
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0xc0000000 - 0x3000);
    assert_null(find_write(false, BZC_BP_EXT_RAMDISK_IMAGE));
    bzc_plan_free(&scene.plan);
}

static void initrd_of_a_64_bit_entry_may_lie_high(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY64, 8 * GIB);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x240000000 - 0x3000);
    assert_int_equal(bzc_load32(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x0c0), 2);
    bzc_plan_free(&scene.plan);
    bzc_store16(scene.file + 0x236, 0x7d); /* without XLF_CAN_BE_LOADED_ABOVE_4G: initrd_addr_max */
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x80000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    scene.loader.initrd_last = UINT64_MAX; /* a loader that does not look */
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x240000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    /* The flag is one of 2.12. */
    scene.loader.initrd_last = 0;
    bzc_store16(scene.file + 0x236, 0x7f);
    bzc_store16(scene.file + 0x206, 0x020b);
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x80000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    /* and 0 is no bound but a field that was forgotten */
    bzc_store32(scene.file + 0x22c, 0);
    assert_plan();
    assert_int_equal(scene.plan.initrd_phys, 0x38000000 - 0x3000);
    bzc_plan_free(&scene.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entry32_is_planned),
        cmocka_unit_test(entry64_is_planned),
        cmocka_unit_test(mapping_covers_what_is_read_early),
        cmocka_unit_test(last_write_of_a_field_counts),
        cmocka_unit_test(command_line_has_limits),
        cmocka_unit_test(low_blocks_need_ram),
        cmocka_unit_test(code32_start_moves_with_the_kernel),
        cmocka_unit_test(kernel_goes_where_the_loader_says),
        cmocka_unit_test(first_place_that_fits_is_taken),
        cmocka_unit_test(alignment_goes_down_to_the_least),
        cmocka_unit_test(alignment_of_the_user_is_written),
        cmocka_unit_test(force_overrides_the_header),
        cmocka_unit_test(kernel_stays_in_reach),
        cmocka_unit_test(hostile_numbers_are_survived),
        cmocka_unit_test(nothing_goes_behind_the_end_of_everything),
        cmocka_unit_test(everything_goes_above_4_gib),
        cmocka_unit_test(kernel_must_allow_for_4_gib),
        cmocka_unit_test(without_room_above_it_stays_low),
        cmocka_unit_test(initrd_goes_where_the_loader_says),
        cmocka_unit_test(initrd_of_a_32_bit_entry_stays_below_4_gib),
        cmocka_unit_test(initrd_of_a_64_bit_entry_may_lie_high),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
