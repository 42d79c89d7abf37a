/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot_params and the setup_data list, as a loader builds them that bypasses setup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "plan_scene.h"

/* ---- boot_params, byte by byte ---- */

/* Bytes in the file that tell where a copy begins and ends. */
static void mark_file(void)
{
    memset(scene.file, 0xd1, 0x1f1);
    memset(scene.file + 0x26c, 0xd2, 0x1000 - 0x26c);
}

/* The map of 256 MiB as zero-page.rst has it: 20 bytes {addr, size, type} each from 0x2d0 on, their number at 0x1e8. */
static void expect_e820(uint8_t *page)
{
    static const struct {
        uint64_t start, size;
        uint32_t type;
    } entry[] = {{0, 0x9fc00, 1}, {0x9fc00, 0x400, 2}, {0xf0000, 0x10000, 2}, {0x100000, 0xff00000, 1}};

    page[0x1e8] = 4;
    for (unsigned i = 0; i < 4; i++) {
        bzc_store64(page + 0x2d0 + 20 * i, entry[i].start);
        bzc_store64(page + 0x2d0 + 20 * i + 8, entry[i].size);
        bzc_store32(page + 0x2d0 + 20 * i + 16, entry[i].type);
    }
}

/* boot.rst, "32-bit Boot Protocol": all zero, and the header from 0x1f1 to 0x202 + the byte at 0x201. */
static void boot_params_hold_what_the_protocol_says(void **state)
{
    uint8_t page[4096] = {0};

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    mark_file();
    memcpy(page + 0x1f1, scene.file + 0x1f1, 0x26c - 0x1f1);
    page[0x210] = 0xff;
    bzc_store32(page + 0x228, 0x20000);
    expect_e820(page);
    assert_plan();
    assert_memory_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS), page, sizeof(page));
    bzc_plan_free(&scene.plan);

    scene.loader.alt_mem_k = true;
    scene.loader.screen_info = true;
    scene.options.acpi_rsdp_addr = 0x1234567f0;
    scene.options.has_hardware_subarch = true;
    scene.options.hardware_subarch = 3;
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    bzc_store32(page + 0x1e0, 0x3fc00); /* alt_mem_k: 255 MiB above 1 MiB */
    bzc_store16(page + 0x002, 0xffff);  /* ext_mem_k: as much as it can say */
    page[0x006] = 3;                    /* 80x25 text on a VGA, characters of 16 lines */
    page[0x007] = 80;
    page[0x00e] = 25;
    page[0x00f] = 1;
    page[0x010] = 16;
    bzc_store64(page + 0x070, 0x1234567f0);
    bzc_store32(page + 0x23c, 3);
    bzc_store32(page + 0x218, 0x10000000 - 0x3000);
    bzc_store32(page + 0x21c, 10000);
    assert_plan();
    assert_memory_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS), page, sizeof(page));
    assert_bp_write(BZC_BP_ALT_MEM_K, 0x3fc00);
    assert_bp_write(BZC_BP_ACPI_RSDP_ADDR, 0x1234567f0);
    assert_header_write(BZC_FIELD_HARDWARE_SUBARCH, 3);
    assert_header_write(BZC_FIELD_RAMDISK_IMAGE, 0x10000000 - 0x3000);
    assert_int_equal(scene.plan.write_count, 3 + 2 + 5 + 1 + 1 + 2);
    bzc_plan_free(&scene.plan);

    /* hardware_subarch came with 2.07 */
    bzc_store16(scene.file + 0x206, 0x0206);
    assert_plan();
    assert_null(find_write(true, BZC_FIELD_HARDWARE_SUBARCH));
    assert_int_equal(bzc_load32(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x23c), 0);
    bzc_plan_free(&scene.plan);
}

/* What of the file is copied, told by bytes that nothing else writes. */
static void header_is_copied_in_three_ways(void **state)
{
    static const struct {
        enum bzc_copy copy;
        uint32_t size;
        uint8_t jump;
        unsigned start, end;
    } cases[] = {
        {BZC_COPY_HEADER, 0, 0x6a, 0x1f1, 0x26c},     {BZC_COPY_HEADER, 0, 0x7f, 0x1f1, 0x281},
        {BZC_COPY_HEADER, 0, 0x62, 0x1f1, 0x264},     {BZC_COPY_HEADER, 0, 0x8e, 0x1f1, 0x290},
        {BZC_COPY_HEADER, 0, 0x8f, 0x1f1, 0x290},     {BZC_COPY_HEADER, 0, 0xff, 0x1f1, 0x290},
        {BZC_COPY_STRUCT, 123, 0xff, 0x1f1, 0x26c},   {BZC_COPY_STRUCT, 300, 0x6a, 0x1f1, 0x31d},
        {BZC_COPY_STRUCT, 3599, 0x6a, 0x1f1, 0x1000}, {BZC_COPY_PAGE, 0, 0x6a, 0, 0x1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t page[4096] = {0};

        set_scene(BZC_PATH_ENTRY32, 256 * MIB);
        mark_file();
        scene.file[0x201] = cases[i].jump;
        scene.loader.copy = cases[i].copy;
        scene.loader.copy_size = cases[i].size;
        scene.loader.no_e820 = true;
        memcpy(page + cases[i].start, scene.file + cases[i].start, cases[i].end - cases[i].start);
        page[0x210] = 0xff;
        bzc_store32(page + 0x228, 0x20000);
        assert_plan();
        assert_memory_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS), page, sizeof(page));
        assert_null(find_write(false, BZC_BP_E820_ENTRIES));
        bzc_plan_free(&scene.plan);
    }
}

/* The smallest file: one setup sector and a paragraph. Nothing is read behind it. */
static void short_file_is_copied_as_far_as_it_goes(void **state)
{
    uint8_t *file = malloc(1024 + 16);

    (void)state;
    assert_non_null(file);
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    memcpy(file, scene.file, 1024 + 16);
    file[0x1f1] = 1;
    bzc_store32(file + 0x1f4, 1);
    scene.bytes = (struct bzc_bytes){file, 1024 + 16};
    scene.loader.copy = BZC_COPY_PAGE;
    scene.loader.no_e820 = true;
    assert_plan();
    assert_memory_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x230, file + 0x230, 1024 + 16 - 0x230);
    for (unsigned i = 1024 + 16; i < 4096; i++)
        assert_int_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS)[i], 0);
    bzc_plan_free(&scene.plan);
    free(file);
}

/* `count` entries: the four of 256 MiB, and pages of RAM from 0x20000000 on. */
static void set_e820(size_t count)
{
    for (size_t i = scene.map.count; i < count; i++)
        scene.map.range[scene.map.count++] =
            (struct bzc_memory_range){0x20000000 + i * 0x10000, 0x1000 + (i << 12), (uint32_t)(2 + i % 4)};
    assert_int_equal(scene.map.count, count);
}

static void assert_e820_entry(const uint8_t *entry, size_t i)
{
    assert_int_equal(bzc_load64(entry), scene.map.range[i].start);
    assert_int_equal(bzc_load64(entry + 8), scene.map.range[i].size);
    assert_int_equal(bzc_load32(entry + 16), scene.map.range[i].type);
}

/* zero-page.rst: e820_table holds 128; boot.rst, setup_data: SETUP_E820_EXT has the rest. */
static void long_e820_maps_go_on_in_setup_data(void **state)
{
    static const struct {
        size_t count;
        unsigned max;
        size_t table, rest;
    } cases[] = {{5, 128, 5, 0}, {128, 128, 128, 0}, {129, 128, 128, 1}, {300, 128, 128, 172}, {20, 8, 8, 12}};

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        const uint8_t *page, *node;

        set_scene(BZC_PATH_ENTRY32, 256 * MIB);
        set_e820(cases[c].count);
        scene.loader.e820_max = cases[c].max;
        assert_plan();
        page = block_bytes(BZC_BLOCK_BOOT_PARAMS);
        assert_int_equal(page[0x1e8], cases[c].table);
        for (size_t i = 0; i < cases[c].table; i++)
            assert_e820_entry(page + 0x2d0 + 20 * i, i);
        for (size_t i = 0x2d0 + 20 * cases[c].table; i < 4096; i++)
            assert_int_equal(page[i], 0);
        assert_int_equal(bzc_load64(page + 0x250) != 0, cases[c].rest != 0);
        if (cases[c].rest != 0) {
            node = block_at(bzc_load64(page + 0x250))->bytes.data;
            assert_int_equal(block_at(bzc_load64(page + 0x250))->bytes.size, 16 + 20 * cases[c].rest);
            assert_int_equal(bzc_load64(node), 0);
            assert_int_equal(bzc_load32(node + 8), 1); /* SETUP_E820_EXT */
            assert_int_equal(bzc_load32(node + 12), 20 * cases[c].rest);
            for (size_t i = 0; i < cases[c].rest; i++)
                assert_e820_entry(node + 16 + 20 * i, cases[c].table + i);
        }
        bzc_plan_free(&scene.plan);
    }
    /* A loader that drops the rest, and a kernel of before setup_data. */
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    set_e820(300);
    scene.loader.e820_ext = false;
    assert_plan();
    assert_int_equal(bzc_load64(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x250), 0);
    bzc_plan_free(&scene.plan);
    scene.loader.e820_ext = true;
    bzc_store16(scene.file + 0x206, 0x0208);
    assert_plan();
    assert_int_equal(block_bytes(BZC_BLOCK_BOOT_PARAMS)[0x1e8], 128);
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_SETUP_DATA));
    bzc_plan_free(&scene.plan);
}

static void mem_k_fields_have_limits(void **state)
{
    const uint8_t *page;

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.loader.alt_mem_k = true;
    set_map("0 0x9ffff usable\n0x100000 0x8ffffff usable\n0x10000000 0x1fffffff usable\n");
    assert_plan();
    page = block_bytes(BZC_BLOCK_BOOT_PARAMS);
    assert_int_equal(bzc_load32(page + 0x1e0), (0x9000000 - 0x100000) / 1024);
    bzc_plan_free(&scene.plan);
    bzc_store64(scene.file + 0x258, 0x200000); /* it still fits */
    set_map("0 0x9ffff usable\n0x100000 0x9fffff usable\n");
    assert_plan();
    page = block_bytes(BZC_BLOCK_BOOT_PARAMS);
    assert_int_equal(bzc_load32(page + 0x1e0), 9 * 1024);
    assert_int_equal(bzc_load16(page + 0x002), 9 * 1024);
    bzc_plan_free(&scene.plan);
}

/* ---- setup_data ---- */

static const uint8_t node_data[40] = {1, 2, 3}, indirect_data[100] = {9, 8, 7};

static void assert_node(const struct bzc_block *block, uint32_t type, uint32_t length)
{
    assert_int_equal(block->role, BZC_BLOCK_SETUP_DATA);
    assert_true(block->keep);
    assert_int_equal(block->bytes.size, 16 + length);
    assert_int_equal(bzc_load32(block->bytes.data + 8), type);
    assert_int_equal(bzc_load32(block->bytes.data + 12), length);
}

/* boot.rst, fields setup_data: {u64 next, u32 type, u32 len, u8 data[]}; {u32 type, u32 reserved, u64 len, u64 addr} */
static void setup_data_is_a_list(void **state)
{
    const struct bzc_block *node;
    const uint8_t *indirect;

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    set_e820(130);
    scene.loader.rng_seed = true;
    scene.options.setup_data[0] = (struct bzc_setup_data){.type = 2, .data = {node_data, sizeof(node_data)}};
    scene.options.setup_data[1] =
        (struct bzc_setup_data){.type = 5, .indirect = true, .data = {indirect_data, sizeof(indirect_data)}};
    scene.options.setup_data[2] = (struct bzc_setup_data){.type = 7}; /* nothing in it */
    scene.options.setup_data_count = 3;
    assert_plan();
    assert_true(blocks_are_apart());
    assert_header_write(BZC_FIELD_SETUP_DATA, bzc_load64(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x250));

    node = block_at(bzc_load64(block_bytes(BZC_BLOCK_BOOT_PARAMS) + 0x250));
    assert_int_equal(node->phys, 0x30000);
    assert_node(node, 2, 40);
    assert_memory_equal(node->bytes.data + 16, node_data, 40);

    node = block_at(bzc_load64(node->bytes.data));
    assert_node(node, 0x80000000, 24);
    indirect = node->bytes.data + 16;
    assert_int_equal(bzc_load32(indirect), 0x80000005);
    assert_int_equal(bzc_load32(indirect + 4), 0);
    assert_int_equal(bzc_load64(indirect + 8), 100);
    assert_int_equal(block_at(bzc_load64(indirect + 16))->role, BZC_BLOCK_SETUP_DATA);
    assert_true(block_at(bzc_load64(indirect + 16))->keep);
    assert_int_equal(block_at(bzc_load64(indirect + 16))->bytes.size, 100);
    assert_memory_equal(block_at(bzc_load64(indirect + 16))->bytes.data, indirect_data, 100);

    node = block_at(bzc_load64(node->bytes.data));
    assert_node(node, 7, 0);
    node = block_at(bzc_load64(node->bytes.data));
    assert_node(node, 1, 40); /* the two entries over 128 */
    node = block_at(bzc_load64(node->bytes.data));
    assert_node(node, 9, 32); /* SETUP_RNG_SEED */
    assert_int_equal(bzc_load64(node->bytes.data), 0);
    bzc_plan_free(&scene.plan);
}

static void setup_data_needs_a_kernel_that_knows_it(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.options.setup_data[0] = (struct bzc_setup_data){.type = 2, .data = {node_data, sizeof(node_data)}};
    scene.options.setup_data_count = 1;
    bzc_store16(scene.file + 0x206, 0x0208);
    assert_refused(BZC_ERR_UNSUPPORTED, "2.09");
    bzc_store16(scene.file + 0x206, 0x0209);
    assert_plan();
    bzc_plan_free(&scene.plan);
    scene.options.setup_data[0].indirect = true;
    bzc_store16(scene.file + 0x206, 0x020e);
    assert_refused(BZC_ERR_UNSUPPORTED, "2.15");
    bzc_store16(scene.file + 0x206, 0x020f);
    assert_plan();
    bzc_plan_free(&scene.plan);
    /* A seed that nobody asked for is no reason to refuse. */
    scene.options.setup_data_count = 0;
    scene.loader.rng_seed = true;
    bzc_store16(scene.file + 0x206, 0x0208);
    assert_plan();
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_SETUP_DATA));
    bzc_plan_free(&scene.plan);
}

static void setup_data_goes_where_the_loader_says(void **state)
{
    static const struct {
        struct bzc_place place;
        uint64_t load_addr, expected;
    } cases[] = {
        {{BZC_PLACE_ADDRESS, 0x20800}, 0, 0x20800},     {{BZC_PLACE_ADDRESS, 0x5000000}, 0, 0x5000000},
        {{BZC_PLACE_BEHIND_PM, 0}, 0, 0x102000},        {{BZC_PLACE_BEHIND_PM, 0}, 0x2000000, 0x2002000},
        {{BZC_PLACE_BEHIND_KERNEL, 0}, 0, 0x1345000},   {{BZC_PLACE_HIGHEST, 0}, 0, 0xffff000},
        {{BZC_PLACE_HIGHEST, 0x8000000}, 0, 0x7fff000}, {{BZC_PLACE_LOWEST, 0x100000}, 0, 0x102000},
        {{BZC_PLACE_LOWEST, 0x1000000}, 0, 0x1345000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_scene(BZC_PATH_ENTRY32, 256 * MIB);
        scene.options.setup_data[0] = (struct bzc_setup_data){.type = 2, .data = {node_data, sizeof(node_data)}};
        scene.options.setup_data_count = 1;
        scene.options.load_addr = cases[i].load_addr;
        scene.loader.setup_data_at = cases[i].place;
        assert_plan();
        assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_SETUP_DATA)->phys, cases[i].expected);
        bzc_plan_free(&scene.plan);
    }
}

/* More than 64 KiB does not fit at the usual place, and more than there is memory nowhere. */
static void large_setup_data_goes_high(void **state)
{
    static const uint8_t large[0x10000];

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    scene.options.setup_data[0] = (struct bzc_setup_data){.type = 2, .data = {large, sizeof(large)}};
    scene.options.setup_data_count = 1;
    assert_plan();
    assert_true(bzc_plan_block(&scene.plan, BZC_BLOCK_SETUP_DATA)->phys > 0xff00000);
    bzc_plan_free(&scene.plan);
    set_map("0 0x9ffff usable\n0x100000 0x10ffff usable\n0x1000000 0x1344fff usable\n");
    assert_refused(BZC_ERR_LIMIT, "no room for");
}

/* Where the loader's own command line lies, too. */
static void setup_data_keeps_off_the_command_line(void **state)
{
    static char cmdline[0x9000];

    (void)state;
    set_scene(BZC_PATH_ENTRY32, 256 * MIB);
    memset(cmdline, 'x', sizeof(cmdline) - 1);
    bzc_store32(scene.file + 0x238, 0x10000);
    scene.options.cmdline = cmdline;
    scene.loader.cmdline_at = 0x28000;
    scene.loader.rng_seed = true;
    assert_plan();
    assert_true(blocks_are_apart());
    bzc_plan_free(&scene.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boot_params_hold_what_the_protocol_says),
        cmocka_unit_test(header_is_copied_in_three_ways),
        cmocka_unit_test(short_file_is_copied_as_far_as_it_goes),
        cmocka_unit_test(long_e820_maps_go_on_in_setup_data),
        cmocka_unit_test(mem_k_fields_have_limits),
        cmocka_unit_test(setup_data_is_a_list),
        cmocka_unit_test(setup_data_needs_a_kernel_that_knows_it),
        cmocka_unit_test(setup_data_goes_where_the_loader_says),
        cmocka_unit_test(large_setup_data_goes_high),
        cmocka_unit_test(setup_data_keeps_off_the_command_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
