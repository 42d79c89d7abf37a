/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "image_builder.h"
#include "loader/layout.h"
#include "pe_builder.h"

#define KERNEL_INFO_PM 0x1800u /* of the protected-mode part */

/* What must hold for every layout: the parts of each level lie behind each other, and cover what is around them. */
static void assert_covers(const struct bzc_layout *layout, size_t *index, unsigned depth, uint64_t start, uint64_t end)
{
    uint64_t at = start;

    while (*index < layout->count && layout->part[*index].depth == depth && at < end) {
        const struct bzc_part *part = &layout->part[(*index)++];

        assert_int_equal(part->offset, at);
        assert_true(part->size > 0);
        assert_true(*part->name != '\0');
        at += part->size;
        if (*index < layout->count && layout->part[*index].depth > depth) {
            assert_int_equal(layout->part[*index].depth, depth + 1);
            assert_covers(layout, index, depth + 1, part->offset, at);
        }
    }
    assert_int_equal(at, end);
}

static void assert_whole(const struct bzc_layout *layout, uint64_t size)
{
    size_t index = 0;

    assert_covers(layout, &index, 0, 0, size);
    assert_int_equal(index, layout->count);
}

static void assert_part(const struct bzc_layout *layout, enum bzc_part_kind kind, uint64_t offset, uint64_t size,
                        unsigned depth)
{
    const struct bzc_part *part = bzc_layout_part(layout, kind);

    assert_non_null(part);
    assert_int_equal(part->offset, offset);
    assert_int_equal(part->size, size);
    assert_int_equal(part->depth, depth);
}

static void read_image(struct bzc_bytes file, uint64_t stream_size, uint64_t checksum_end, struct bzc_layout *layout)
{
    struct bzc_image image;
    struct bzc_pe pe;

    bzc_image_parse(file, &image);
    bzc_pe_parse(file, &pe);
    bzc_layout_read(&(struct bzc_layout_input){.file = file,
                                               .image = bzc_image_is_boot_image(&image) ? &image : NULL,
                                               .pe = &pe,
                                               .stream_size = stream_size,
                                               .checksum_end = checksum_end},
                    layout);
    assert_whole(layout, file.size);
}

/* 2.15 with a payload of 0x1002 bytes at 0x100, of which 0xffe are the stream; kernel_info; zeros, and a CRC-32. */
static struct bzc_bytes build_kernel(uint8_t file[BUILD_SIZE])
{
    struct bzc_bytes bytes = build_image(file, 0x020f);
    uint8_t *info = file + BUILD_REALMODE_SIZE + KERNEL_INFO_PM;

    memset(file + 0x410, 0xaa, 0x10);
    bzc_store32(file + 0x248, 0x100);
    bzc_store32(file + 0x24c, 0x1002);
    bzc_store32(file + 0x268, KERNEL_INFO_PM);
    memcpy(file + BUILD_REALMODE_SIZE + 0x100, "\x02\x21\x4c\x18", 4); /* lz4 legacy frame */
    memcpy(info, "LToP", 4);
    bzc_store32(info + 4, 16);
    bzc_store32(info + 8, 24);
    bzc_store32(info + 12, 0x80000009);
    memset(file + BUILD_SIZE - 0x44, 0, 0x40);
    return bytes;
}

static void names_every_part_of_a_kernel(void **state)
{
    struct bzc_layout layout;
    uint8_t file[BUILD_SIZE];

    (void)state;
    read_image(build_kernel(file), 0xffe, BUILD_SIZE, &layout);
    assert_part(&layout, BZC_PART_REALMODE, 0, 2048, 0);
    assert_part(&layout, BZC_PART_BOOT_SECTOR, 0, 0x1f1, 1);
    assert_part(&layout, BZC_PART_SETUP_HEADER, 0x1f1, 0x26c - 0x1f1, 1);
    assert_part(&layout, BZC_PART_SETUP, 0x26c, 2048 - 0x26c, 1);
    assert_part(&layout, BZC_PART_PM, 2048, 8192, 0);
    assert_part(&layout, BZC_PART_HEAD, 2048, 0x100, 1);
    assert_part(&layout, BZC_PART_PAYLOAD, 2048 + 0x100, 0x1002, 1);
    assert_part(&layout, BZC_PART_STREAM, 2048 + 0x100, 0xffe, 2);
    assert_part(&layout, BZC_PART_SIZE_WORD, 2048 + 0x100 + 0xffe, 4, 2);
    assert_part(&layout, BZC_PART_TAIL, 2048 + 0x1102, 8192 - 0x1102, 1);
    assert_part(&layout, BZC_PART_KERNEL_INFO, 2048 + KERNEL_INFO_PM, 24, 2);
    assert_part(&layout, BZC_PART_CHECKSUM, BUILD_SIZE - 4, 4, 2);
    assert_null(bzc_layout_part(&layout, BZC_PART_TRAILING));
    /* The first zeros are inside setup, behind the version string; the last ones before the CRC. */
    assert_string_equal(layout.part[layout.count - 1].name, "CRC-32");
    assert_int_equal(layout.part[layout.count - 2].kind, BZC_PART_ZEROS);
    assert_int_equal(layout.part[layout.count - 2].size, 0x40);
    assert_string_equal(bzc_part_kind_name(BZC_PART_KERNEL_INFO), "kernel-info");
}

static void a_bare_image_has_few_parts(void **state)
{
    struct bzc_layout layout;
    uint8_t file[BUILD_SIZE];

    (void)state;
    read_image(build_image(file, 0x0201), 0, 0, &layout);
    assert_part(&layout, BZC_PART_REALMODE, 0, 2048, 0);
    assert_part(&layout, BZC_PART_PM, 2048, 8192, 0);
    assert_null(bzc_layout_part(&layout, BZC_PART_PAYLOAD));
    assert_null(bzc_layout_part(&layout, BZC_PART_HEAD));
    assert_null(bzc_layout_part(&layout, BZC_PART_KERNEL_INFO));
    assert_null(bzc_layout_part(&layout, BZC_PART_CHECKSUM));
    assert_null(bzc_layout_part(&layout, BZC_PART_PE_HEADERS));
}

/* The PE file of pe_builder.h, whose sections lie apart from each other and are followed by something. */
static void names_every_part_of_a_pe_file(void **state)
{
    struct bzc_signatures signatures = {.count = 1, .item[0] = {.offset = 0x710, .length = 0x21}};
    struct bzc_layout layout;
    uint8_t file[BUILD_PE_SIZE + 0x100];
    struct bzc_bytes bytes = {file, sizeof(file)};
    struct bzc_pe pe;
    const struct bzc_part *part;

    (void)state;
    build_pe(file);
    memset(file + BUILD_PE_SIZE, 0x55, 0x100);
    bzc_store32(file + BUILD_PE_SECTIONS + 2 * 40 + 16, 0x100); /* .sbat ends at 0x700 */
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4 * 8, 0x710); /* the certificate table */
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4 * 8 + 4, 0x28);
    bzc_pe_parse(bytes, &pe);
    bzc_layout_read(&(struct bzc_layout_input){.file = bytes, .pe = &pe, .signatures = &signatures}, &layout);
    assert_whole(&layout, bytes.size);
    assert_part(&layout, BZC_PART_DOS_HEADER, 0, 0x80, 0);
    assert_part(&layout, BZC_PART_PE_HEADERS, 0x80, 0x138 + 3 * 40 - 0x80, 0);
    assert_part(&layout, BZC_PART_PE_SECTION, 0x200, 0x200, 0);
    assert_string_equal(bzc_layout_part(&layout, BZC_PART_PE_SECTION)->name, "PE section .text");
    assert_part(&layout, BZC_PART_CERTIFICATES, 0x710, 0x28, 0);
    assert_part(&layout, BZC_PART_SIGNATURE, 0x710, 0x21, 1);
    assert_int_equal(layout.part[layout.count - 1].kind, BZC_PART_TRAILING);
    part = bzc_layout_part(&layout, BZC_PART_SIGNATURE) + 1;
    assert_int_equal(part->kind, BZC_PART_ZEROS);
    assert_int_equal(part->depth, 1);
}

/* A kernel with PE headers: sections inside a part are shown there, those across parts are not. */
static void puts_sections_into_parts(void **state)
{
    struct bzc_layout layout;
    uint8_t file[BUILD_SIZE], pe[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_kernel(file);

    (void)state;
    build_pe(pe);
    memcpy(file, pe, 0x1b0);
    build_section(file, 0, ".setup", (const uint32_t[]){0x100, 0x1000, 0x100, 0x500}, 0);
    build_section(file, 1, ".text", (const uint32_t[]){0x1800, 0x2000, 0x1800, 0x800}, 0);
    build_section(file, 2, ".data", (const uint32_t[]){0x200, 0x4000, 0x200, 0x2600}, 0);
    read_image(bytes, 0xffe, BUILD_SIZE, &layout);
    assert_part(&layout, BZC_PART_DOS_HEADER, 0, 0x80, 2);
    assert_part(&layout, BZC_PART_PE_HEADERS, 0x80, 0x138 + 3 * 40 - 0x80, 2);
    assert_part(&layout, BZC_PART_PE_SECTION, 0x500, 0x100, 2);
    assert_string_equal(bzc_layout_part(&layout, BZC_PART_PE_SECTION)->name, "PE section .setup");
    /* .data is the end of the tail, and holds the zeros and the CRC-32. */
    assert_part(&layout, BZC_PART_CHECKSUM, BUILD_SIZE - 4, 4, 3);
    for (size_t i = 0; i < layout.count; i++)
        assert_string_not_equal(layout.part[i].name, "PE section .text");
}

static void a_cut_file_has_what_is_left(void **state)
{
    struct bzc_layout layout;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_kernel(file);

    (void)state;
    bytes.size = 2048 + 0x200;
    read_image(bytes, 0, 0, &layout);
    assert_part(&layout, BZC_PART_PAYLOAD, 2048 + 0x100, 0x100, 1);
    assert_true(bzc_layout_part(&layout, BZC_PART_PAYLOAD)->cut);
    assert_true(bzc_layout_part(&layout, BZC_PART_PM)->cut);
    assert_false(bzc_layout_part(&layout, BZC_PART_REALMODE)->cut);
    bytes.size = 0x210;
    read_image(bytes, 0, 0, &layout);
    assert_part(&layout, BZC_PART_SETUP_HEADER, 0x1f1, 0x210 - 0x1f1, 1);
    assert_true(bzc_layout_part(&layout, BZC_PART_SETUP_HEADER)->cut);
    assert_null(bzc_layout_part(&layout, BZC_PART_PM));
    /* syssize counts in paragraphs: less than one is not missing. */
    bytes = build_image(file, 0x020f);
    bytes.size = BUILD_SIZE - 15;
    read_image(bytes, 0, 0, &layout);
    assert_false(bzc_layout_part(&layout, BZC_PART_PM)->cut);
    bytes.size = 0;
    read_image(bytes, 0, 0, &layout);
    assert_int_equal(layout.count, 0);
}

static void says_what_trails(void **state)
{
    struct bzc_layout layout;
    uint8_t file[BUILD_SIZE + 32];
    struct bzc_bytes bytes = {file, sizeof(file)};

    (void)state;
    build_image(file, 0x020f);
    memset(file + BUILD_SIZE, 7, 32);
    read_image(bytes, 0, 0, &layout);
    assert_part(&layout, BZC_PART_TRAILING, BUILD_SIZE, 32, 0);
    memset(file + BUILD_SIZE, 0, 32);
    read_image(bytes, 0, 0, &layout);
    assert_null(bzc_layout_part(&layout, BZC_PART_TRAILING));
    assert_int_equal(layout.part[layout.count - 1].kind, BZC_PART_ZEROS);
}

/* Whatever the headers say, the layout is whole. */
static void any_header_gives_a_whole_layout(void **state)
{
    static const uint8_t bytes_of_interest[] = {0x00, 0x01, 0x10, 0x40, 0x7f, 0x80, 0xeb, 0xff};
    static uint8_t file[BUILD_SIZE], pe[BUILD_PE_SIZE];
    struct bzc_layout layout;
    uint32_t seed = 1;

    (void)state;
    build_pe(pe);
    for (unsigned i = 0; i < 20000; i++) {
        struct bzc_bytes bytes = build_kernel(file);
        unsigned changes;

        memcpy(file, pe, 0x1b0);
        if (i % 8 == 0)
            memset(file + 0x202, 0, 4); /* no setup header: a PE file */
        seed = seed * 1664525u + 1013904223u;
        for (changes = 1 + (seed >> 28); changes > 0; changes--) {
            uint32_t place;

            seed = seed * 1664525u + 1013904223u;
            place = (seed >> 8) % 0x280;
            file[place] = bytes_of_interest[seed >> 29];
        }
        if (seed % 16 == 0)
            bytes.size = (seed >> 8) % BUILD_SIZE;
        read_image(bytes, seed % 5 == 0 ? 0xffe : 0, seed % 3 == 0 ? (seed >> 12) % BUILD_SIZE : 0, &layout);
    }
}

/* As many sections as a header can speak of, one inside the other: what has no room is left out, gaps are filled. */
static void many_sections_are_bounded(void **state)
{
    enum { SECTIONS = 600 };
    static uint8_t file[0x10000];
    struct bzc_bytes bytes = {file, sizeof(file)};
    struct bzc_layout layout;

    (void)state;
    memset(file, 0x33, sizeof(file));
    build_pe(file);
    bzc_store16(file + BUILD_PE_COFF + 2, SECTIONS);
    for (unsigned i = 0; i < SECTIONS; i++)
        build_section(file, i, ".x", (const uint32_t[]){1, 1, 0x8000 - 32 * i, 0x8000 + 16 * i}, 0);
    read_image(bytes, 0, 0, &layout);
    assert_true(layout.count > 96);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_part_of_a_kernel),    cmocka_unit_test(a_bare_image_has_few_parts),
        cmocka_unit_test(names_every_part_of_a_pe_file),   cmocka_unit_test(puts_sections_into_parts),
        cmocka_unit_test(a_cut_file_has_what_is_left),     cmocka_unit_test(says_what_trails),
        cmocka_unit_test(any_header_gives_a_whole_layout), cmocka_unit_test(many_sections_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
