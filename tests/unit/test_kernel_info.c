/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel_info: the example of boot.rst, "The kernel_info", and what a file may hold instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_builder.h"
#include "loader/kernel_info.h"

#define AT 0x345u /* kernel_info_offset: nothing asks for alignment, and Linux 5.10 has 0x318e27 */

static uint8_t file[BUILD_SIZE];
static uint8_t *const info_bytes = file + BUILD_REALMODE_SIZE + AT;

/* The bytes that boot.rst's example assembles to: one more fixed word, "0123" with 10 bytes, "ABCD" with 18. */
static const uint8_t example[] = {
    'L', 'T', 'o', 'P', 0x14, 0, 0, 0, 0x40, 0,   0,   0,   0x09, 0,   0,    0x80, 0x67, 0x45, 0x23, 0x01, /* */
    '0', '1', '2', '3', 18,   0, 0, 0, 'S',  't', 'r', 'u', 'c',  't', 0x89, 0x67, 0x45, 0x01,             /* */
    'A', 'B', 'C', 'D', 26,   0, 0, 0, 'S',  't', 'r', 'i', 'n',  'g', '_',  '0',  0,    'S',  't',  'r',
    'i', 'n', 'g', '_', '1',  0};

static struct bzc_image image;

static void build(uint32_t offset)
{
    build_image(file, 0x020f);
    bzc_store32(file + 0x268, offset);
    memcpy(info_bytes, example, sizeof(example));
}

static bool read_info(struct bzc_kernel_info *info)
{
    bzc_image_parse((struct bzc_bytes){file, BUILD_SIZE}, &image);
    return bzc_kernel_info_read(&image, info);
}

static void reads_the_example_of_the_protocol(void **state)
{
    struct bzc_kernel_info info;

    (void)state;
    build(AT);
    assert_int_equal(sizeof(example), 0x40);
    assert_true(read_info(&info));
    assert_int_equal(info.file_offset, BUILD_REALMODE_SIZE + AT);
    assert_int_equal(info.size, 20);
    assert_int_equal(info.size_total, 0x40);
    assert_true(info.has_setup_type_max);
    assert_int_equal(info.setup_type_max, 0x80000009);
    assert_int_equal(info.chunk_count, 2);
    assert_true(info.chunks_whole);
    assert_null(info.chunks_problem);
}

static void reads_a_structure_without_variable_part(void **state)
{
    struct bzc_kernel_info info;

    (void)state;
    build(AT);
    info_bytes[4] = info_bytes[8] = 16;
    assert_true(read_info(&info));
    assert_int_equal(info.chunk_count, 0);
    assert_true(info.chunks_whole);
}

static void a_short_fixed_part_has_no_setup_type_max(void **state)
{
    struct bzc_kernel_info info;

    (void)state;
    build(AT);
    info_bytes[4] = 12;
    assert_true(read_info(&info));
    assert_false(info.has_setup_type_max);
}

static void there_is_none_without_offset_magic_or_room(void **state)
{
    struct bzc_kernel_info info;

    (void)state;
    build(0);
    assert_false(read_info(&info));
    build(AT);
    bzc_store16(file + 0x206, 0x020d);
    assert_false(read_info(&info));
    build(AT);
    info_bytes[3] = 'Q';
    assert_false(read_info(&info));
    build(BUILD_PM_SIZE - 11);
    memcpy(file + BUILD_SIZE - 11, example, 11);
    assert_false(read_info(&info));
    build(0xfffffffc);
    assert_false(read_info(&info));
    /* twelve bytes are enough to be recognised, not for setup_type_max */
    build(BUILD_PM_SIZE - 12);
    memcpy(file + BUILD_SIZE - 12, example, 12);
    assert_true(read_info(&info));
    assert_false(info.has_setup_type_max);
}

static void assert_bad_chunk(unsigned count, uint64_t offset, const char *problem)
{
    struct bzc_kernel_info info;

    assert_true(read_info(&info));
    assert_false(info.chunks_whole);
    assert_int_equal(info.chunk_count, count);
    assert_int_equal(info.bad_chunk, BUILD_REALMODE_SIZE + AT + offset);
    assert_string_equal(info.chunks_problem, problem);
}

static void tells_the_first_chunk_that_is_not_whole(void **state)
{
    (void)state;
    build(AT);
    info_bytes[20 + 4] = 7;
    assert_bad_chunk(0, 20, "its size does not cover its magic and its size");
    build(AT);
    info_bytes[38] = 0;
    assert_bad_chunk(1, 38, "its magic is no text of four characters");
    build(AT);
    info_bytes[38 + 4] = 27;
    assert_bad_chunk(1, 38, "it runs past the end of kernel_info");
    build(AT);
    info_bytes[8] = 0x47; /* seven bytes are left over */
    memset(info_bytes + 0x40, 'x', 7);
    assert_bad_chunk(2, 0x40, "there is no room for its magic and its size");
    build(AT);
    bzc_store32(info_bytes + 38 + 4, 0xffffffff);
    assert_bad_chunk(1, 38, "it runs past the end of kernel_info");
}

static void a_size_beyond_the_image_ends_at_its_end(void **state)
{
    struct bzc_kernel_info info;

    (void)state;
    build(AT);
    bzc_store32(info_bytes + 8, 0xffffffff);
    assert_true(read_info(&info));
    assert_int_equal(info.size_total, 0xffffffff);
    assert_false(info.chunks_whole); /* the rest of the image is no chunk */
    build(AT);
    bzc_store32(info_bytes + 4, 0xfffffff0);
    bzc_store32(info_bytes + 8, 0xffffffff);
    assert_true(read_info(&info));
    assert_false(info.chunks_whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_example_of_the_protocol),
        cmocka_unit_test(reads_a_structure_without_variable_part),
        cmocka_unit_test(a_short_fixed_part_has_no_setup_type_max),
        cmocka_unit_test(there_is_none_without_offset_magic_or_room),
        cmocka_unit_test(tells_the_first_chunk_that_is_not_whole),
        cmocka_unit_test(a_size_beyond_the_image_ends_at_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
