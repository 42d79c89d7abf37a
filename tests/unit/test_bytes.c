/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"

static const uint8_t data[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};
static const struct bzc_bytes span = {data, sizeof(data)};

static void has_never_wraps(void **state)
{
    (void)state;
    assert_true(bzc_bytes_has(span, 0, 8));
    assert_true(bzc_bytes_has(span, 8, 0));
    assert_false(bzc_bytes_has(span, 9, 0));
    assert_false(bzc_bytes_has(span, 1, 8));
    assert_false(bzc_bytes_has(span, UINT64_MAX, 2));
    assert_false(bzc_bytes_has(span, 2, UINT64_MAX));
}

static void slice_is_cut_at_the_end(void **state)
{
    struct bzc_bytes slice;

    (void)state;
    slice = bzc_bytes_slice(span, 2, 3);
    assert_ptr_equal(slice.data, data + 2);
    assert_int_equal(slice.size, 3);
    slice = bzc_bytes_slice(span, 6, UINT64_MAX);
    assert_ptr_equal(slice.data, data + 6);
    assert_int_equal(slice.size, 2);
    assert_int_equal(bzc_bytes_slice(span, 8, 1).size, 0);
    assert_int_equal(bzc_bytes_slice(span, UINT64_MAX, 1).size, 0);
}

static void reads_are_little_endian(void **state)
{
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;
    uint8_t u8;

    (void)state;
    assert_true(bzc_bytes_u8(span, 7, &u8));
    assert_int_equal(u8, 0x88);
    assert_true(bzc_bytes_u16(span, 6, &u16));
    assert_int_equal(u16, 0x8807);
    assert_true(bzc_bytes_u32(span, 1, &u32));
    assert_int_equal(u32, 0x05040302);
    assert_true(bzc_bytes_u64(span, 0, &u64));
    assert_int_equal(u64, 0x8807060504030201ull);
}

static void reads_beyond_the_end_leave_the_value(void **state)
{
    uint64_t u64 = 99;
    uint32_t u32 = 99;
    uint16_t u16 = 99;
    uint8_t u8 = 99;

    (void)state;
    assert_false(bzc_bytes_u8(span, 8, &u8));
    assert_false(bzc_bytes_u16(span, 7, &u16));
    assert_false(bzc_bytes_u32(span, 5, &u32));
    assert_false(bzc_bytes_u64(span, 1, &u64));
    assert_false(bzc_bytes_u64(span, UINT64_MAX - 3, &u64));
    assert_int_equal(u8, 99);
    assert_int_equal(u16, 99);
    assert_int_equal(u32, 99);
    assert_int_equal(u64, 99);
}

static void uint_takes_four_sizes(void **state)
{
    uint64_t value = 99;

    (void)state;
    assert_false(bzc_bytes_uint(span, 0, 3, &value));
    assert_false(bzc_bytes_uint(span, 0, 0, &value));
    assert_false(bzc_bytes_uint(span, 5, 4, &value));
    assert_int_equal(value, 99);
    assert_true(bzc_bytes_uint(span, 7, 1, &value));
    assert_int_equal(value, 0x88);
    assert_true(bzc_bytes_uint(span, 0, 2, &value));
    assert_int_equal(value, 0x0201);
    assert_true(bzc_bytes_uint(span, 4, 4, &value));
    assert_int_equal(value, 0x88070605u);
    assert_true(bzc_bytes_uint(span, 0, 8, &value));
    assert_int_equal(value, 0x8807060504030201ull);
}

static void stores_are_little_endian(void **state)
{
    const uint8_t expected[] = {0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0xf1};
    uint8_t memory[8];

    (void)state;
    bzc_store64(memory, 0xf102030405060708ull);
    assert_memory_equal(memory, expected, 8);
    assert_int_equal(bzc_load64(memory), 0xf102030405060708ull);
    assert_int_equal(bzc_load32(memory + 4), 0xf1020304u);
    assert_int_equal(bzc_load16(memory + 6), 0xf102);
}

static void string_needs_its_nul(void **state)
{
    static const uint8_t text[] = "Linux\t6.1\xff";
    const struct bzc_bytes with_nul = {text, sizeof(text)}, without = {text, sizeof(text) - 1};
    char out[16] = "before";

    (void)state;
    assert_false(bzc_bytes_string(without, 0, sizeof(out), out));
    assert_false(bzc_bytes_string(with_nul, 0, 10, out));
    assert_false(bzc_bytes_string(with_nul, 11, sizeof(out), out));
    assert_string_equal(out, "before");
    assert_true(bzc_bytes_string(with_nul, 0, 11, out));
    assert_string_equal(out, "Linux?6.1?");
    assert_true(bzc_bytes_string(with_nul, 10, 1, out));
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_never_wraps),         cmocka_unit_test(slice_is_cut_at_the_end),
        cmocka_unit_test(reads_are_little_endian), cmocka_unit_test(reads_beyond_the_end_leave_the_value),
        cmocka_unit_test(uint_takes_four_sizes),   cmocka_unit_test(stores_are_little_endian),
        cmocka_unit_test(string_needs_its_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
