/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "compression_samples.h"
#include "loader/compression.h"

struct sample {
    const char *name;
    enum bzc_compression compression;
    const uint8_t *data;
    size_t size;
};

static const struct sample samples[] = {
    {"gzip", BZC_COMPRESSION_GZIP, sample_gzip, sizeof(sample_gzip)},
    {"bzip2", BZC_COMPRESSION_BZIP2, sample_bzip2, sizeof(sample_bzip2)},
    {"lzma", BZC_COMPRESSION_LZMA, sample_lzma, sizeof(sample_lzma)},
    {"xz", BZC_COMPRESSION_XZ, sample_xz_x86, sizeof(sample_xz_x86)},
    {"xz", BZC_COMPRESSION_XZ, sample_xz_128m, sizeof(sample_xz_128m)},
    {"lzo", BZC_COMPRESSION_LZO, sample_lzo, sizeof(sample_lzo)},
    {"lzo", BZC_COMPRESSION_LZO, sample_lzo_crc, sizeof(sample_lzo_crc)},
    {"lz4", BZC_COMPRESSION_LZ4, sample_lz4, sizeof(sample_lz4)},
    {"zstd", BZC_COMPRESSION_ZSTD, sample_zstd, sizeof(sample_zstd)},
    {"zstd", BZC_COMPRESSION_ZSTD, sample_zstd_128m, sizeof(sample_zstd_128m)},
};
#define SAMPLE_COUNT (sizeof(samples) / sizeof(samples[0]))

static enum bzc_status unpack(enum bzc_compression compression, const uint8_t *data, size_t size, uint64_t limit,
                              struct bzc_bytes *output, uint64_t *consumed, struct bzc_error *err)
{
    const struct bzc_bytes packed = {data, size};

    return bzc_decompress(compression, packed, limit, output, consumed, err);
}

static void magic_numbers(void **state)
{
    static const uint8_t old_gzip[] = {0x1f, 0x9e}, elf[] = {0x7f, 'E', 'L', 'F'}, nothing[] = {0, 0, 0, 0};
    struct bzc_bytes bytes;
    size_t i;

    (void)state;
    for (i = 0; i < SAMPLE_COUNT; i++) {
        bytes.data = samples[i].data;
        bytes.size = samples[i].size;
        assert_int_equal(bzc_compression_identify(bytes), samples[i].compression);
        assert_string_equal(bzc_compression_name(samples[i].compression), samples[i].name);
        bytes.size = 1;
        assert_int_equal(bzc_compression_identify(bytes), BZC_COMPRESSION_UNKNOWN);
    }
    assert_int_equal(bzc_compression_identify((struct bzc_bytes){old_gzip, 2}), BZC_COMPRESSION_GZIP);
    assert_int_equal(bzc_compression_identify((struct bzc_bytes){elf, 4}), BZC_COMPRESSION_NONE);
    assert_int_equal(bzc_compression_identify((struct bzc_bytes){elf, 3}), BZC_COMPRESSION_UNKNOWN);
    assert_int_equal(bzc_compression_identify((struct bzc_bytes){nothing, 4}), BZC_COMPRESSION_UNKNOWN);
    assert_int_equal(bzc_compression_identify((struct bzc_bytes){NULL, 0}), BZC_COMPRESSION_UNKNOWN);
    assert_string_equal(bzc_compression_name(BZC_COMPRESSION_NONE), "none");
    assert_string_equal(bzc_compression_name(BZC_COMPRESSION_UNKNOWN), "unknown");
}

/* As in a kernel: behind the stream stands the size word, and then whatever follows the payload. */
static void unpacks_what_the_tools_packed(void **state)
{
    uint8_t expected[SAMPLE_SIZE];
    size_t i, tail;

    (void)state;
    sample_fill(expected);
    for (i = 0; i < SAMPLE_COUNT; i++) {
        for (tail = 0; tail <= 4; tail += 4) {
            uint8_t *packed = malloc(samples[i].size + tail);
            struct bzc_bytes output;
            struct bzc_error err;
            uint64_t consumed;

            assert_non_null(packed);
            memcpy(packed, samples[i].data, samples[i].size);
            if (tail != 0)
                bzc_store32(packed + samples[i].size, SAMPLE_SIZE);
            assert_int_equal(unpack(samples[i].compression, packed, samples[i].size + tail, BZC_PAYLOAD_OUTPUT_MAX,
                                    &output, &consumed, &err),
                             BZC_OK);
            assert_int_equal(output.size, SAMPLE_SIZE);
            assert_memory_equal(output.data, expected, SAMPLE_SIZE);
            assert_int_equal(consumed, samples[i].size);
            bzc_decompress_free(output);
            free(packed);
        }
    }
}

static void output_is_bounded(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < SAMPLE_COUNT; i++) {
        const struct sample *sample = &samples[i];
        struct bzc_bytes output;
        struct bzc_error err;

        assert_int_equal(unpack(sample->compression, sample->data, sample->size, SAMPLE_SIZE, &output, NULL, &err),
                         BZC_OK);
        bzc_decompress_free(output);
        assert_int_equal(unpack(sample->compression, sample->data, sample->size, SAMPLE_SIZE - 1, &output, NULL, &err),
                         BZC_ERR_LIMIT);
        assert_int_equal(output.size, 0);
        assert_non_null(strstr(err.message, sample->name));
        assert_int_equal(unpack(sample->compression, sample->data, sample->size, 0, &output, NULL, &err),
                         BZC_ERR_LIMIT);
    }
}

static void every_cut_is_seen(void **state)
{
    size_t i, size;

    (void)state;
    for (i = 0; i < SAMPLE_COUNT; i++) {
        const struct sample *sample = &samples[i];

        for (size = 0; size < sample->size; size += 1 + size / 16) {
            /* A copy of exactly this size lets ASan see a read past it. */
            uint8_t *cut = malloc(size + 1);
            struct bzc_bytes output;
            struct bzc_error err;

            assert_non_null(cut);
            cut = realloc(cut, size != 0 ? size : 1);
            memcpy(cut, sample->data, size);
            assert_int_equal(unpack(sample->compression, cut, size, 1u << 20, &output, NULL, &err), BZC_ERR_FORMAT);
            assert_int_equal(output.size, 0);
            assert_non_null(strstr(err.message, sample->name));
            assert_non_null(strstr(err.message, "offset"));
            free(cut);
        }
    }
}

/* Formats with a check of their data; lzma and lz4 legacy frames have none. */
static void a_flipped_bit_never_goes_unseen(void **state)
{
    static const size_t checked[] = {0, 1, 3, 5, 6, 8};
    uint8_t expected[SAMPLE_SIZE];
    size_t k, at;

    (void)state;
    sample_fill(expected);
    for (k = 0; k < sizeof(checked) / sizeof(checked[0]); k++) {
        const struct sample *sample = &samples[checked[k]];
        uint8_t *packed = malloc(sample->size);
        size_t harmless = 0;

        assert_non_null(packed);
        for (at = 0; at < sample->size; at++) {
            struct bzc_bytes output;

            memcpy(packed, sample->data, sample->size);
            packed[at] ^= 0x10;
            if (unpack(sample->compression, packed, sample->size, 1u << 20, &output, NULL, NULL) != BZC_OK)
                continue;
            /* Bits that say nothing about the data: time and system in headers, padding, another way to say the same.
             */
            assert_int_equal(output.size, SAMPLE_SIZE);
            assert_memory_equal(output.data, expected, SAMPLE_SIZE);
            harmless++;
            bzc_decompress_free(output);
        }
        assert_true(harmless < sample->size / 2);
        free(packed);
    }
}

static void dictionaries_are_bounded(void **state)
{
    uint8_t lzma[sizeof(sample_lzma)];
    struct bzc_bytes output;
    struct bzc_error err;

    (void)state;
    assert_int_equal(unpack(BZC_COMPRESSION_XZ, sample_xz_192m, sizeof(sample_xz_192m), 1u << 20, &output, NULL, &err),
                     BZC_ERR_LIMIT);
    assert_non_null(strstr(err.message, "dictionary"));
    assert_int_equal(
        unpack(BZC_COMPRESSION_ZSTD, sample_zstd_256m, sizeof(sample_zstd_256m), 1u << 20, &output, NULL, &err),
        BZC_ERR_LIMIT);
    assert_non_null(strstr(err.message, "window"));
    /* The .lzma header: one byte of properties, then the dictionary's size. */
    memcpy(lzma, sample_lzma, sizeof(lzma));
    bzc_store32(lzma + 1, 192u << 20);
    assert_int_equal(unpack(BZC_COMPRESSION_LZMA, lzma, sizeof(lzma), 1u << 20, &output, NULL, &err), BZC_ERR_LIMIT);
    bzc_store32(lzma + 1, 128u << 20);
    assert_int_equal(unpack(BZC_COMPRESSION_LZMA, lzma, sizeof(lzma), 1u << 20, &output, NULL, &err), BZC_OK);
    assert_int_equal(output.size, SAMPLE_SIZE);
    bzc_decompress_free(output);
}

/* By lz4_Block_format.md: token 0x40 is four literals. By lib/decompress_unlz4.c: a second magic, a zero at the end. */
static void lz4_chains_blocks(void **state)
{
    static const uint8_t chain[] = {
        0x02, 0x21, 0x4c, 0x18, 5,  0,  0,  0, 0x40, 'a', 'b', 'c',  'd', 5,   0, 0, 0, 0x40, 'e',
        'f',  'g',  'h',  2,    33, 76, 24, 3, 0,    0,   0,   0x20, 'i', 'j', 0, 0, 0, 0,    0x55,
    };
    uint8_t huge[sizeof(chain)];
    struct bzc_bytes output;
    uint64_t consumed;

    (void)state;
    assert_int_equal(unpack(BZC_COMPRESSION_LZ4, chain, sizeof(chain), 1000, &output, &consumed, NULL), BZC_OK);
    assert_int_equal(output.size, 10);
    assert_memory_equal(output.data, "abcdefghij", 10);
    assert_int_equal(consumed, sizeof(chain) - 5);
    bzc_decompress_free(output);
    assert_int_equal(unpack(BZC_COMPRESSION_LZ4, chain, sizeof(chain), 9, &output, NULL, NULL), BZC_ERR_LIMIT);
    memcpy(huge, chain, sizeof(huge));
    bzc_store32(huge + 4, 0xfffffff0);
    assert_int_equal(unpack(BZC_COMPRESSION_LZ4, huge, sizeof(huge), 1000, &output, NULL, NULL), BZC_ERR_FORMAT);
    memcpy(huge, chain, sizeof(huge));
    huge[8] = 0x50; /* five literals where the block has four */
    assert_int_equal(unpack(BZC_COMPRESSION_LZ4, huge, sizeof(huge), 1000, &output, NULL, NULL), BZC_ERR_FORMAT);
}

/* A stored block (packed size equals unpacked size) has no check of its packed form, although -CC asked for one. */
static void lzo_stored_block(void **state)
{
    uint8_t packed[sizeof(sample_lzo_stored)];
    struct bzc_bytes output;
    size_t i;

    (void)state;
    assert_int_equal(unpack(BZC_COMPRESSION_LZO, sample_lzo_stored, sizeof(sample_lzo_stored), 32, &output, NULL, NULL),
                     BZC_OK);
    assert_int_equal(output.size, 32);
    for (i = 0; i < 32; i++)
        assert_int_equal(output.data[i], i);
    bzc_decompress_free(output);
    memcpy(packed, sample_lzo_stored, sizeof(packed));
    packed[sizeof(packed) - 5] ^= 1; /* the last byte of data stands before the end mark */
    assert_int_equal(unpack(BZC_COMPRESSION_LZO, packed, sizeof(packed), 32, &output, NULL, NULL), BZC_ERR_FORMAT);
}

/* Each check of an lzop file, alone: its header's, and those of the packed and unpacked data of its first block. */
static void lzo_checks(void **state)
{
    /* The file mode; the block's header is unpacked size, packed size, CRC of the unpacked and of the packed data. */
    static const size_t places[] = {24, 38 + 8, 38 + 12};
    static const char *const words[] = {"header check", "unpacked data", "packed data"};
    uint8_t packed[sizeof(sample_lzo_crc)];
    struct bzc_bytes output;
    struct bzc_error err;
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        memcpy(packed, sample_lzo_crc, sizeof(packed));
        packed[places[i]] ^= 1;
        assert_int_equal(unpack(BZC_COMPRESSION_LZO, packed, sizeof(packed), SAMPLE_SIZE, &output, NULL, &err),
                         BZC_ERR_FORMAT);
        assert_non_null(strstr(err.message, words[i]));
    }
}

static void zstd_chains_frames(void **state)
{
    uint8_t packed[2 * sizeof(sample_zstd) + 12], expected[SAMPLE_SIZE];
    struct bzc_bytes output;
    uint64_t consumed;

    (void)state;
    sample_fill(expected);
    memcpy(packed, sample_zstd, sizeof(sample_zstd));
    /* A skippable frame (RFC 8878, 3.1.2) of two bytes stands between. */
    memcpy(packed + sizeof(sample_zstd), (const uint8_t[]){0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9}, 10);
    memcpy(packed + sizeof(sample_zstd) + 10, sample_zstd, sizeof(sample_zstd));
    memset(packed + sizeof(packed) - 2, 0, 2);
    assert_int_equal(unpack(BZC_COMPRESSION_ZSTD, packed, sizeof(packed), 2 * SAMPLE_SIZE, &output, &consumed, NULL),
                     BZC_OK);
    assert_int_equal(output.size, 2 * SAMPLE_SIZE);
    assert_memory_equal(output.data + SAMPLE_SIZE, expected, SAMPLE_SIZE);
    assert_int_equal(consumed, sizeof(packed) - 2);
    bzc_decompress_free(output);
    assert_int_equal(unpack(BZC_COMPRESSION_ZSTD, packed, sizeof(packed), 2 * SAMPLE_SIZE - 1, &output, NULL, NULL),
                     BZC_ERR_LIMIT);
}

static void plain_is_copied_and_unknown_refused(void **state)
{
    static const uint8_t elf[] = {0x7f, 'E', 'L', 'F', 2};
    static const uint8_t large[10u << 20];
    struct bzc_bytes output;
    uint64_t consumed;

    (void)state;
    assert_int_equal(unpack(BZC_COMPRESSION_NONE, elf, sizeof(elf), 5, &output, &consumed, NULL), BZC_OK);
    assert_int_equal(output.size, 5);
    assert_memory_equal(output.data, elf, 5);
    assert_ptr_not_equal(output.data, elf);
    assert_int_equal(consumed, 5);
    bzc_decompress_free(output);
    assert_int_equal(unpack(BZC_COMPRESSION_NONE, elf, sizeof(elf), 4, &output, NULL, NULL), BZC_ERR_LIMIT);
    assert_int_equal(unpack(BZC_COMPRESSION_NONE, large, sizeof(large), 4, &output, NULL, NULL), BZC_ERR_LIMIT);
    assert_int_equal(unpack(BZC_COMPRESSION_UNKNOWN, elf, sizeof(elf), 5, &output, NULL, NULL), BZC_ERR_UNSUPPORTED);
    bzc_decompress_free((struct bzc_bytes){NULL, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(magic_numbers),
        cmocka_unit_test(unpacks_what_the_tools_packed),
        cmocka_unit_test(output_is_bounded),
        cmocka_unit_test(every_cut_is_seen),
        cmocka_unit_test(a_flipped_bit_never_goes_unseen),
        cmocka_unit_test(dictionaries_are_bounded),
        cmocka_unit_test(lz4_chains_blocks),
        cmocka_unit_test(lzo_stored_block),
        cmocka_unit_test(lzo_checks),
        cmocka_unit_test(zstd_chains_frames),
        cmocka_unit_test(plain_is_copied_and_unknown_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
