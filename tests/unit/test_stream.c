/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of compressed streams, made by the stock tools and, for what these never write, by hand from the formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compression_samples.h"
#include "loader/stream.h"

static struct bzc_stream stream;

static void read_stream(enum bzc_compression compression, const void *data, size_t size)
{
    bzc_stream_read(compression, (struct bzc_bytes){data, size}, &stream);
}

static void gzip_has_flags(void **state)
{
    uint8_t header[16] = {0x1f, 0x8b, 8, 0x1c};

    (void)state;
    read_stream(BZC_COMPRESSION_GZIP, sample_gzip, sizeof(sample_gzip));
    assert_true(stream.known);
    assert_int_equal(stream.gzip.flags, 0);
    read_stream(BZC_COMPRESSION_GZIP, header, sizeof(header));
    assert_int_equal(stream.gzip.flags, 0x1c);
    read_stream(BZC_COMPRESSION_GZIP, header, 3);
    assert_false(stream.known);
}

static void xz_has_check_filters_and_dictionary(void **state)
{
    (void)state;
    read_stream(BZC_COMPRESSION_XZ, sample_xz_x86, sizeof(sample_xz_x86));
    assert_true(stream.known);
    assert_int_equal(stream.xz.check, 1);
    assert_int_equal(stream.xz.filter_count, 2);
    assert_int_equal(stream.xz.filter[0], BZC_XZ_FILTER_BCJ_X86);
    assert_int_equal(stream.xz.filter[1], BZC_XZ_FILTER_LZMA2);
    assert_false(stream.xz.start_offset);
    assert_int_equal(stream.dictionary, 32u << 20);
    read_stream(BZC_COMPRESSION_XZ, sample_xz_128m, sizeof(sample_xz_128m));
    assert_int_equal(stream.xz.check, 10);
    assert_int_equal(stream.xz.filter_count, 1);
    assert_int_equal(stream.dictionary, 128u << 20);
    read_stream(BZC_COMPRESSION_XZ, sample_xz_192m, sizeof(sample_xz_192m));
    assert_int_equal(stream.xz.check, 4);
    assert_int_equal(stream.dictionary, 192u << 20);
}

static void damaged_xz_is_not_known(void **state)
{
    uint8_t copy[sizeof(sample_xz_x86)];

    (void)state;
    for (size_t size = 0; size < 12 + 12; size++) {
        memcpy(copy, sample_xz_x86, sizeof(copy));
        read_stream(BZC_COMPRESSION_XZ, copy, size);
        assert_false(stream.known);
    }
    for (size_t at = 0; at < 12 + 12; at++) {
        memcpy(copy, sample_xz_x86, sizeof(copy));
        copy[at] ^= 0x40;
        read_stream(BZC_COMPRESSION_XZ, copy, sizeof(copy));
        assert_false(stream.known);
    }
}

static void lzma_has_a_dictionary(void **state)
{
    (void)state;
    read_stream(BZC_COMPRESSION_LZMA, sample_lzma, sizeof(sample_lzma));
    assert_true(stream.known);
    assert_int_equal(stream.dictionary, 64u << 20);
    read_stream(BZC_COMPRESSION_LZMA, sample_lzma, 4);
    assert_false(stream.known);
}

static void lzop_has_flags_and_blocks(void **state)
{
    (void)state;
    read_stream(BZC_COMPRESSION_LZO, sample_lzo, sizeof(sample_lzo));
    assert_true(stream.known);
    assert_int_equal(stream.lzo.version, 0x1040);
    assert_int_equal(stream.lzo.flags, 0x0300000d);
    assert_int_equal(stream.lzo.largest_block, SAMPLE_SIZE);
    read_stream(BZC_COMPRESSION_LZO, sample_lzo_crc, sizeof(sample_lzo_crc));
    assert_int_equal(stream.lzo.flags, 0x0300130c);
    assert_int_equal(stream.lzo.largest_block, SAMPLE_SIZE);
    read_stream(BZC_COMPRESSION_LZO, sample_lzo, 30);
    assert_false(stream.known);
    /* A block of 4 GiB that is not there ends the walk. */
    uint8_t copy[sizeof(sample_lzo)];
    memcpy(copy, sample_lzo, sizeof(copy));
    memset(copy + 38, 0xff, 8);
    read_stream(BZC_COMPRESSION_LZO, copy, sizeof(copy));
    assert_int_equal(stream.lzo.largest_block, 0xffffffff);
}

/* A block of `size` literals: lz4_Block_format.md, "Sequence": 15 in the token, then 255s and a rest. */
static size_t put_literals(uint8_t *out, size_t size)
{
    size_t at = 4;

    out[at++] = 0xf0;
    for (size -= 15; size >= 255; size -= 255)
        out[at++] = 255;
    out[at++] = (uint8_t)size;
    return at;
}

static void lz4_blocks_are_measured(void **state)
{
    static uint8_t file[64];
    size_t at = 4, start;

    (void)state;
    read_stream(BZC_COMPRESSION_LZ4, sample_lz4, sizeof(sample_lz4));
    assert_true(stream.known);
    assert_false(stream.lz4.short_block);
    /* A block of 3 literals and a match of 19 + 10 bytes, then one of 1 literal, then a size word. */
    memcpy(file, "\x02\x21\x4c\x18", 4);
    bzc_store32(file + at, 1 + 3 + 2 + 1 + 1 + 5);
    file[at + 4] = 0x3f;
    file[at + 4 + 4] = 1; /* distance */
    file[at + 4 + 6] = 10;
    file[at + 4 + 7] = 0x50; /* 5 last literals */
    start = at;
    at += 4 + 13;
    bzc_store32(file + at, 2);
    file[at + 4] = 0x10;
    at += 4 + 2;
    bzc_store32(file + at, 38);
    read_stream(BZC_COMPRESSION_LZ4, file, at + 4);
    assert_true(stream.lz4.short_block);
    assert_int_equal(stream.lz4.short_block_at, start);
    assert_int_equal(stream.lz4.short_block_size, 3 + 29 + 5);
    /* Without the second block the first may be short. */
    read_stream(BZC_COMPRESSION_LZ4, file, start + 4 + 13 + 4);
    assert_false(stream.lz4.short_block);
}

static void full_lz4_blocks_are_no_finding(void **state)
{
    static uint8_t file[4 + 2 * (4 + 1 + BZC_LZ4_BLOCK_SIZE / 255 + 2 + BZC_LZ4_BLOCK_SIZE) + 4];
    size_t at = 4, head, size;

    (void)state;
    memcpy(file, "\x02\x21\x4c\x18", 4);
    for (unsigned i = 0; i < 2; i++) {
        head = put_literals(file + at, BZC_LZ4_BLOCK_SIZE);
        size = head - 4 + BZC_LZ4_BLOCK_SIZE;
        bzc_store32(file + at, (uint32_t)size);
        at += 4 + size;
    }
    bzc_store32(file + at, 2 * BZC_LZ4_BLOCK_SIZE);
    read_stream(BZC_COMPRESSION_LZ4, file, at + 4);
    assert_true(stream.known);
    assert_false(stream.lz4.short_block);
}

static void zstd_has_frames_and_a_window(void **state)
{
    static uint8_t file[2 * sizeof(sample_zstd) + 12];
    size_t size = sizeof(sample_zstd);

    (void)state;
    read_stream(BZC_COMPRESSION_ZSTD, sample_zstd, size);
    assert_true(stream.known);
    assert_int_equal(stream.zstd.frames, 1);
    assert_false(stream.zstd.skippable);
    assert_int_equal(stream.dictionary, 8u << 20);
    read_stream(BZC_COMPRESSION_ZSTD, sample_zstd_128m, sizeof(sample_zstd_128m));
    assert_int_equal(stream.dictionary, 128u << 20);
    memcpy(file, sample_zstd, size);
    memcpy(file + size, "\x50\x2a\x4d\x18\x04\x00\x00\x00skip", 12);
    memcpy(file + size + 12, sample_zstd, size);
    read_stream(BZC_COMPRESSION_ZSTD, file, sizeof(file));
    assert_int_equal(stream.zstd.frames, 3);
    assert_true(stream.zstd.skippable);
    read_stream(BZC_COMPRESSION_ZSTD, file, 3);
    assert_false(stream.known);
    /* RFC 8878: one segment, content size in 1 byte, and one raw block. */
    const uint8_t segment[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 0x29, 0, 0, 1, 2, 3, 4, 5};
    read_stream(BZC_COMPRESSION_ZSTD, segment, sizeof(segment));
    assert_true(stream.known);
    assert_int_equal(stream.dictionary, 5);
}

static void other_formats_have_nothing_to_tell(void **state)
{
    (void)state;
    read_stream(BZC_COMPRESSION_BZIP2, sample_bzip2, sizeof(sample_bzip2));
    assert_false(stream.known);
    read_stream(BZC_COMPRESSION_UNKNOWN, NULL, 0);
    assert_false(stream.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_has_flags),
        cmocka_unit_test(xz_has_check_filters_and_dictionary),
        cmocka_unit_test(damaged_xz_is_not_known),
        cmocka_unit_test(lzma_has_a_dictionary),
        cmocka_unit_test(lzop_has_flags_and_blocks),
        cmocka_unit_test(lz4_blocks_are_measured),
        cmocka_unit_test(full_lz4_blocks_are_no_finding),
        cmocka_unit_test(zstd_has_frames_and_a_window),
        cmocka_unit_test(other_formats_have_nothing_to_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
