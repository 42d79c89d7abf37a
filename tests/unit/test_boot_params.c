/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "loader/boot_params.h"

static void rows_follow_their_ids(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < BZC_BP_FIELD_COUNT; i++) {
        assert_int_equal(bzc_bp_fields[i].id, i);
        assert_ptr_equal(bzc_bp_field((enum bzc_bp_field_id)i), &bzc_bp_fields[i]);
        assert_true(bzc_bp_fields[i].offset + bzc_bp_fields[i].size <= BZC_BOOT_PARAMS_SIZE);
    }
    /* zero-page.rst: 2D0/A00 */
    assert_int_equal(bzc_bp_field(BZC_BP_E820_TABLE)->offset, 0x2d0);
    assert_int_equal(bzc_bp_field(BZC_BP_E820_TABLE)->size, 0xa00);
}

/* Offsets as zero-page.rst and bootparam.h (ext_mem_k, cl_magic, cl_offset) give them. */
static void reads_scalars(void **state)
{
    static const struct {
        enum bzc_bp_field_id id;
        unsigned offset, size;
    } cases[] = {
        {BZC_BP_EXT_MEM_K, 0x002, 2},        {BZC_BP_CL_MAGIC, 0x020, 2},          {BZC_BP_CL_OFFSET, 0x022, 2},
        {BZC_BP_ACPI_RSDP_ADDR, 0x070, 8},   {BZC_BP_EXT_RAMDISK_IMAGE, 0x0c0, 4}, {BZC_BP_EXT_RAMDISK_SIZE, 0x0c4, 4},
        {BZC_BP_EXT_CMD_LINE_PTR, 0x0c8, 4}, {BZC_BP_ALT_MEM_K, 0x1e0, 4},         {BZC_BP_E820_ENTRIES, 0x1e8, 1},
        {BZC_BP_SENTINEL, 0x1ef, 1},
    };
    uint8_t memory[BZC_BOOT_PARAMS_SIZE];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct bzc_bytes all = {memory, sizeof(memory)};
        const struct bzc_bytes cut = {memory, cases[i].offset + cases[i].size - 1};
        uint64_t expected = 0, value = 99;
        unsigned byte;

        memset(memory, 0, sizeof(memory));
        for (byte = 0; byte < cases[i].size; byte++) {
            memory[cases[i].offset + byte] = (uint8_t)(0xe0 + byte);
            expected |= (uint64_t)(0xe0 + byte) << (8 * byte);
        }
        assert_false(bzc_bp_read(cut, cases[i].id, &value));
        assert_int_equal(value, 99);
        assert_true(bzc_bp_read(all, cases[i].id, &value));
        assert_int_equal(value, expected);
    }
}

static void reads_the_e820_table(void **state)
{
    uint8_t memory[BZC_BOOT_PARAMS_SIZE] = {
        [0x1e8] = 2,    [0x2d2] = 0x10, /* addr 0x100000 */
        [0x2da] = 0xf0,                 /* size 0xf00000 */
        [0x2e0] = 1,    [0x2e8] = 1,    /* addr 0x100000000 */
        [0x2ed] = 0x10, [0x2f4] = 20,
    };
    const struct bzc_bytes bytes = {memory, sizeof(memory)}, cut = {memory, 0x2f7};
    struct bzc_memory_range out[130];

    (void)state;
    memset(out, 0xee, sizeof(out));
    assert_int_equal(bzc_bp_e820(bytes, out, 130), 2);
    assert_int_equal(out[0].start, 0x100000);
    assert_int_equal(out[0].size, 0xf00000);
    assert_int_equal(out[0].type, 1);
    assert_int_equal(out[1].start, 0x100000000ull);
    assert_int_equal(out[1].size, 0x1000);
    assert_int_equal(out[1].type, 20);
    memset(out, 0xee, sizeof(out));
    assert_int_equal(bzc_bp_e820(bytes, out, 1), 2);
    assert_int_equal(out[0].start, 0x100000);
    assert_int_equal(out[1].start, 0xeeeeeeeeeeeeeeeeull);
    assert_int_equal(bzc_bp_e820(cut, out, 130), 2);
    /* More than the table holds is told, never read. */
    memory[0x1e8] = 255;
    memset(out, 0xee, sizeof(out));
    assert_int_equal(bzc_bp_e820(bytes, out, 130), 255);
    assert_int_equal(out[127].start, 0);
    assert_int_equal(out[128].start, 0xeeeeeeeeeeeeeeeeull);
}

/* zero-page.rst and bootparam.h (struct screen_info) once more, for names and stores. */
static void stores_scalars_by_name(void **state)
{
    static const struct {
        const char *name;
        unsigned offset, size;
    } cases[] = {
        {"orig_x", 0x000, 1},           {"orig_y", 0x001, 1},
        {"ext_mem_k", 0x002, 2},        {"orig_video_mode", 0x006, 1},
        {"orig_video_cols", 0x007, 1},  {"orig_video_lines", 0x00e, 1},
        {"orig_video_isVGA", 0x00f, 1}, {"orig_video_points", 0x010, 2},
        {"acpi_rsdp_addr", 0x070, 8},   {"ext_ramdisk_image", 0x0c0, 4},
        {"ext_ramdisk_size", 0x0c4, 4}, {"ext_cmd_line_ptr", 0x0c8, 4},
        {"cc_blob_address", 0x13c, 4},  {"alt_mem_k", 0x1e0, 4},
        {"e820_entries", 0x1e8, 1},     {"sentinel", 0x1ef, 1},
    };
    uint8_t memory[BZC_BOOT_PARAMS_SIZE], expected[BZC_BOOT_PARAMS_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct bzc_bp_field *field = bzc_bp_field_by_name(cases[i].name);

        assert_non_null(field);
        memset(memory, 0x55, sizeof(memory));
        memset(expected, 0x55, sizeof(expected));
        for (unsigned byte = 0; byte < cases[i].size; byte++)
            expected[cases[i].offset + byte] = (uint8_t)(0xf1 + byte);
        /* what the field has no room for is left out */
        bzc_bp_store(memory, field->id, 0xf8f7f6f5f4f3f2f1ull);
        assert_memory_equal(memory, expected, sizeof(memory));
    }
    assert_null(bzc_bp_field_by_name("orig_video_isvga"));
    assert_null(bzc_bp_field_by_name(""));
    assert_null(bzc_bp_field_by_name("setup_sects"));
}

/* uapi/asm/setup_data.h, struct boot_e820_entry: __u64 addr, __u64 size, __u32 type; packed */
static void stores_an_e820_entry(void **state)
{
    static const uint8_t expected[] = {0xff, 8,    7,    6,    5,    4,    3,    2,    1,    0x18, 0x17,
                                       0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0xed, 0xfe, 0xad, 0xde, 0xff};
    const struct bzc_memory_range range = {0x0102030405060708, 0x1112131415161718, 0xdeadfeed};
    uint8_t memory[22];

    (void)state;
    memset(memory, 0xff, sizeof(memory));
    bzc_e820_store(memory + 1, &range);
    assert_memory_equal(memory, expected, sizeof(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_their_ids), cmocka_unit_test(reads_scalars),
        cmocka_unit_test(reads_the_e820_table),  cmocka_unit_test(stores_scalars_by_name),
        cmocka_unit_test(stores_an_e820_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
