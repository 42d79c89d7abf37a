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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_their_ids),
        cmocka_unit_test(reads_scalars),
        cmocka_unit_test(reads_the_e820_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
