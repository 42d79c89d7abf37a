/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/stream.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LZOP_MAGIC_SIZE         9u
#define LZOP_VERSION_WITH_LEVEL 0x0940u

#define ZSTD_SINGLE_SEGMENT 0x20u

#define LZ4_MAGIC     0x184c2102u
#define LZ4_MATCH_MIN 4u

static void read_gzip(struct bzc_bytes payload, struct bzc_stream *stream)
{
    stream->known = bzc_bytes_u8(payload, 3, &stream->gzip.flags);
}

static uint32_t dictionary_of(const lzma_filter *filter)
{
    const lzma_options_lzma *options = filter->options;

    return options->dict_size;
}

/* `filters` ends with LZMA_VLI_UNKNOWN; liblzma has allocated the options. */
static void take_filters(lzma_filter *filters, struct bzc_stream *stream)
{
    for (unsigned i = 0; i < BZC_XZ_FILTERS_MAX && filters[i].id != LZMA_VLI_UNKNOWN; i++) {
        stream->xz.filter[i] = filters[i].id;
        stream->xz.filter_count = i + 1;
        if (filters[i].id == LZMA_FILTER_LZMA2 && filters[i].options != NULL)
            stream->dictionary = dictionary_of(&filters[i]);
        else if (filters[i].id == LZMA_FILTER_X86 && filters[i].options != NULL)
            stream->xz.start_offset = true;
        free(filters[i].options);
    }
}

static void read_xz(struct bzc_bytes payload, struct bzc_stream *stream)
{
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    struct bzc_bytes header;
    lzma_stream_flags flags;
    lzma_block block;

    if (payload.size <= LZMA_STREAM_HEADER_SIZE || lzma_stream_header_decode(&flags, payload.data) != LZMA_OK)
        return;
    stream->xz.check = (unsigned)flags.check;
    memset(&block, 0, sizeof(block));
    block.check = flags.check;
    block.filters = filters;
    /* A stream without a block has its index here, which starts with 0. */
    if (payload.data[LZMA_STREAM_HEADER_SIZE] == 0)
        return;
    block.header_size = lzma_block_header_size_decode(payload.data[LZMA_STREAM_HEADER_SIZE]);
    header = bzc_bytes_slice(payload, LZMA_STREAM_HEADER_SIZE, block.header_size);
    if (header.size != block.header_size || lzma_block_header_decode(&block, NULL, header.data) != LZMA_OK)
        return;
    take_filters(filters, stream);
    stream->known = true;
}

static void read_lzma(struct bzc_bytes payload, struct bzc_stream *stream)
{
    uint32_t dictionary;

    stream->known = bzc_bytes_u32(payload, 1, &dictionary);
    if (stream->known)
        stream->dictionary = dictionary;
}

static bool big_endian(struct bzc_bytes bytes, uint64_t offset, unsigned size, uint32_t *value)
{
    if (!bzc_bytes_has(bytes, offset, size))
        return false;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value = *value << 8 | bytes.data[offset + i];
    return true;
}

/* Where the first block of an lzop file starts; 0 when the header is cut off. */
static uint64_t read_lzop_header(struct bzc_bytes payload, struct bzc_stream *stream)
{
    uint64_t at = LZOP_MAGIC_SIZE;
    uint32_t version, size;
    uint8_t name;
    bool level;

    if (!big_endian(payload, at, 2, &version))
        return 0;
    stream->lzo.version = (uint16_t)version;
    level = version >= LZOP_VERSION_WITH_LEVEL;
    at += level ? 2 + 2 + 2 + 1 + 1 : 2 + 2 + 1; /* version, library, needed version, method, level */
    if (!big_endian(payload, at, 4, &stream->lzo.flags))
        return 0;
    at += 4 + (stream->lzo.flags & BZC_LZOP_FILTER ? 4 : 0) + (level ? 12 : 8); /* mode and time */
    if (!bzc_bytes_u8(payload, at, &name))
        return 0;
    at += 1 + (uint64_t)name + 4;
    if (stream->lzo.flags & BZC_LZOP_EXTRA_FIELD) {
        if (!big_endian(payload, at, 4, &size))
            return 0;
        at += 4 + (uint64_t)size + 4;
    }
    return at;
}

static unsigned checks_in(uint32_t flags)
{
    return (flags & 0xffu ? 1u : 0u) + (flags & 0xff00u ? 1u : 0u);
}

static void read_lzo(struct bzc_bytes payload, struct bzc_stream *stream)
{
    uint64_t at = read_lzop_header(payload, stream);
    uint32_t size, packed;

    if (at == 0)
        return;
    stream->known = true;
    while (big_endian(payload, at, 4, &size) && size != 0 && big_endian(payload, at + 4, 4, &packed)) {
        if (size > stream->lzo.largest_block)
            stream->lzo.largest_block = size;
        at += 8 + 4 * (uint64_t)checks_in(stream->lzo.flags & BZC_LZOP_CHECKS_OF_UNPACKED);
        if (packed < size)
            at += 4 * (uint64_t)checks_in(stream->lzo.flags & BZC_LZOP_CHECKS_OF_PACKED);
        at += packed;
    }
}

/* RFC 8878, 3.1.1.1.2: of a frame in a single segment the window is its content. */
static uint64_t zstd_window(struct bzc_bytes frame)
{
    uint8_t descriptor = 0, window = 0;
    uint64_t base;

    if (!bzc_bytes_u8(frame, 4, &descriptor) || !bzc_bytes_u8(frame, 5, &window))
        return 0;
    if (descriptor & ZSTD_SINGLE_SEGMENT) {
        unsigned long long content = ZSTD_getFrameContentSize(frame.data, frame.size);

        return content < ZSTD_CONTENTSIZE_ERROR ? content : 0;
    }
    base = 1ull << (10 + (window >> 3));
    return base + base / 8 * (window & 7);
}

static void read_zstd(struct bzc_bytes payload, struct bzc_stream *stream)
{
    struct bzc_bytes rest = payload;
    uint32_t magic;

    while (bzc_bytes_u32(rest, 0, &magic)) {
        bool skippable = (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
        size_t size;

        if (magic != ZSTD_MAGICNUMBER && !skippable)
            break;
        size = ZSTD_findFrameCompressedSize(rest.data, rest.size);
        if (!skippable && zstd_window(rest) > stream->dictionary)
            stream->dictionary = zstd_window(rest);
        stream->zstd.frames++;
        stream->zstd.skippable = stream->zstd.skippable || skippable;
        stream->known = true;
        if (ZSTD_isError(size))
            break;
        rest = bzc_bytes_slice(rest, size, rest.size);
    }
}

/* The rest of a length whose first 4 bits are all set. False at the end of the block. */
static bool lz4_length(struct bzc_bytes block, uint64_t *at, uint64_t *length)
{
    uint8_t byte;

    if (*length != 15)
        return true;
    do {
        if (!bzc_bytes_u8(block, (*at)++, &byte))
            return false;
        *length += byte;
    } while (byte == 255);
    return true;
}

/* How many bytes a block unpacks to: the lengths of its literals and matches. False when it is damaged. */
static bool lz4_unpacked_size(struct bzc_bytes block, uint64_t *size)
{
    uint64_t at = 0;
    uint8_t token;

    *size = 0;
    while (bzc_bytes_u8(block, at++, &token)) {
        uint64_t literals = token >> 4, match = token & 15;

        if (!lz4_length(block, &at, &literals) || !bzc_bytes_has(block, at, literals))
            return false;
        at += literals;
        *size += literals;
        if (at == block.size)
            return true;
        at += 2; /* how far back the match lies */
        if (!lz4_length(block, &at, &match))
            return false;
        *size += match + LZ4_MATCH_MIN;
    }
    return false;
}

static void read_lz4(struct bzc_bytes payload, struct bzc_stream *stream)
{
    uint64_t at = 0, before = 0, size = BZC_LZ4_BLOCK_SIZE;
    uint32_t word;

    while (bzc_bytes_u32(payload, at, &word)) {
        if (word == LZ4_MAGIC) {
            stream->known = true;
            at += 4;
            continue;
        }
        /* The size word behind the last block is no block. */
        if (word == 0 || payload.size - at == 4 || !bzc_bytes_has(payload, at + 4, word))
            return;
        if (size < BZC_LZ4_BLOCK_SIZE) {
            stream->lz4.short_block = true;
            stream->lz4.short_block_at = before;
            stream->lz4.short_block_size = size;
            return;
        }
        before = at;
        if (!lz4_unpacked_size(bzc_bytes_slice(payload, at + 4, word), &size))
            return;
        at += 4 + (uint64_t)word;
    }
}

void bzc_stream_read(enum bzc_compression compression, struct bzc_bytes payload, struct bzc_stream *stream)
{
    memset(stream, 0, sizeof(*stream));
    stream->compression = compression;
    switch (compression) {
    case BZC_COMPRESSION_GZIP:
        read_gzip(payload, stream);
        break;
    case BZC_COMPRESSION_LZMA:
        read_lzma(payload, stream);
        break;
    case BZC_COMPRESSION_XZ:
        read_xz(payload, stream);
        break;
    case BZC_COMPRESSION_LZO:
        read_lzo(payload, stream);
        break;
    case BZC_COMPRESSION_LZ4:
        read_lz4(payload, stream);
        break;
    case BZC_COMPRESSION_ZSTD:
        read_zstd(payload, stream);
        break;
    case BZC_COMPRESSION_UNKNOWN:
    case BZC_COMPRESSION_NONE:
    case BZC_COMPRESSION_BZIP2:
        break;
    }
}
