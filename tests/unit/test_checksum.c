/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image's CRC-32, against a bit-by-bit computation of the polynomial that boot.rst gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_builder.h"
#include "loader/checksum.h"

static uint8_t file[BUILD_SIZE + 64];

/* boot.rst: polynomial 0x04C11DB7 (here with its bits reversed), initial remainder 0xffffffff, no final inversion. */
static uint32_t remainder_of(size_t size)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < size; i++) {
        crc ^= file[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return crc;
}

static struct bzc_checksum check(size_t size)
{
    struct bzc_checksum checksum;
    struct bzc_image image;
    struct bzc_pe pe;

    bzc_image_parse((struct bzc_bytes){file, size}, &image);
    bzc_pe_parse((struct bzc_bytes){file, size}, &pe);
    bzc_checksum_read(&image, &pe, &checksum);
    return checksum;
}

static void seal(size_t size)
{
    bzc_store32(file + size - 4, remainder_of(size - 4));
}

/* A PE32+ header at 0x80 with 5 data directories: PE Format, Optional Header. */
static void put_pe(void)
{
    memcpy(file, "MZ", 2);
    bzc_store32(file + 0x3c, 0x80);
    memcpy(file + 0x80, "PE\0\0", 4);
    bzc_store16(file + 0x84 + 16, 112 + 5 * 8); /* SizeOfOptionalHeader */
    bzc_store16(file + 0x98, 0x20b);
    bzc_store32(file + 0x98 + 108, 5); /* NumberOfRvaAndSizes */
}

static void the_builds_crc_is_good(void **state)
{
    struct bzc_checksum checksum;

    (void)state;
    build_image(file, 0x020f);
    seal(BUILD_SIZE);
    assert_int_equal(remainder_of(BUILD_SIZE), 0); /* as boot.rst says */
    checksum = check(BUILD_SIZE);
    assert_int_equal(checksum.state, BZC_CHECKSUM_GOOD);
    assert_int_equal(checksum.end, BUILD_SIZE);
    assert_int_equal(checksum.stored, checksum.computed);
    /* What follows the end that syssize gives does not count. */
    memset(file + BUILD_SIZE, 0x55, 64);
    assert_int_equal(check(BUILD_SIZE + 64).state, BZC_CHECKSUM_GOOD);
}

static void one_bit_makes_it_wrong(void **state)
{
    struct bzc_checksum checksum;

    (void)state;
    build_image(file, 0x020f);
    seal(BUILD_SIZE);
    file[0x10] ^= 1;
    checksum = check(BUILD_SIZE);
    assert_int_equal(checksum.state, BZC_CHECKSUM_WRONG);
    assert_int_equal(checksum.computed, remainder_of(BUILD_SIZE - 4));
    assert_false(checksum.is_signed);
    assert_false(checksum.covers_file);
}

static void it_is_not_computed(void **state)
{
    (void)state;
    build_image(file, 0x0207);
    assert_int_equal(check(BUILD_SIZE).state, BZC_CHECKSUM_ABSENT);
    build_image(file, 0x0208);
    assert_int_equal(check(BUILD_SIZE).state, BZC_CHECKSUM_WRONG);
    assert_int_equal(check(BUILD_SIZE - 1).state, BZC_CHECKSUM_ABSENT);
    bzc_store32(file + 0x1f4, 0xffffffff);
    assert_int_equal(check(BUILD_SIZE).state, BZC_CHECKSUM_ABSENT);
    bzc_store32(file + 0x1f4, 0);
    assert_int_equal(check(BUILD_SIZE).state, BZC_CHECKSUM_ABSENT);
}

static void syssize_may_be_what_is_wrong(void **state)
{
    (void)state;
    build_image(file, 0x020f);
    bzc_store32(file + 0x1f4, BUILD_PM_SIZE / 32);
    seal(BUILD_SIZE);
    assert_int_equal(check(BUILD_SIZE).state, BZC_CHECKSUM_WRONG);
    assert_true(check(BUILD_SIZE).covers_file);
}

static void signing_is_undone(void **state)
{
    struct bzc_checksum checksum;

    (void)state;
    build_image(file, 0x020f);
    put_pe();
    seal(BUILD_SIZE);
    assert_int_equal(check(BUILD_SIZE).state, BZC_CHECKSUM_GOOD);
    bzc_store32(file + 0x98 + 64, 0x12345678); /* CheckSum */
    bzc_store32(file + 0x98 + 112 + 4 * 8, BUILD_SIZE);
    bzc_store32(file + 0x98 + 112 + 4 * 8 + 4, 64);
    checksum = check(BUILD_SIZE + 64);
    assert_int_equal(checksum.state, BZC_CHECKSUM_UNSIGNED);
    assert_true(checksum.is_signed);
    file[0x400] ^= 1;
    checksum = check(BUILD_SIZE + 64);
    assert_int_equal(checksum.state, BZC_CHECKSUM_WRONG);
    assert_true(checksum.is_signed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_builds_crc_is_good), cmocka_unit_test(one_bit_makes_it_wrong),
        cmocka_unit_test(it_is_not_computed),     cmocka_unit_test(syssize_may_be_what_is_wrong),
        cmocka_unit_test(signing_is_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
