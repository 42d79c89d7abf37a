/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container of lzop, blocks by liblzo2: a header with its own check, then blocks of {unpacked size, packed size,
 * checks, data} until an unpacked size of 0. All numbers are big-endian. Source: lzop 1.04, "conf.h" and the readers
 * of the format (Linux, lib/decompress_unlzo.c).
 */
#include <lzo/lzo1x.h>
#include <string.h>

#include "loader/unpack.h"

/* Header flags */
#define ADLER32_OF_UNPACKED (1u << 0)
#define ADLER32_OF_PACKED   (1u << 1)
#define HAS_EXTRA_FIELD     (1u << 6)
#define CRC32_OF_UNPACKED   (1u << 8)
#define CRC32_OF_PACKED     (1u << 9)
#define HAS_FILTER          (1u << 11)
#define HEADER_CRC32        (1u << 12)

#define VERSION_WITH_LEVEL 0x0940u /* needed version, level and the high half of the time came with 0.94 */
#define METHOD_LAST        3       /* 1 to 3 are levels of LZO1X, one decoder */

static const uint8_t magic[] = {0x89, 'L', 'Z', 'O', 0x00, 0x0d, 0x0a, 0x1a, 0x0a};

/* Reads on from `at`; past the end it returns 0 and `ok` stays false from then on. */
struct reader {
    struct bzc_bytes bytes;
    size_t at;
    bool ok;
};

static uint32_t take(struct reader *reader, unsigned size)
{
    uint32_t value = 0;
    unsigned i;

    if (!reader->ok || !bzc_bytes_has(reader->bytes, reader->at, size)) {
        reader->ok = false;
        return 0;
    }
    for (i = 0; i < size; i++)
        value = value << 8 | reader->bytes.data[reader->at + i];
    reader->at += size;
    return value;
}

static const uint8_t *take_span(struct reader *reader, size_t size)
{
    const uint8_t *span;

    if (!reader->ok || !bzc_bytes_has(reader->bytes, reader->at, size)) {
        reader->ok = false;
        return NULL;
    }
    span = reader->bytes.data + reader->at;
    reader->at += size;
    return span;
}

static uint32_t adler32(const uint8_t *data, size_t size)
{
    return lzo_adler32(1, data, size);
}

static uint32_t crc32(const uint8_t *data, size_t size)
{
    return lzo_crc32(0, data, size);
}

static enum bzc_status read_header(struct reader *in, uint32_t *flags, struct bzc_error *err)
{
    const uint8_t *start = take_span(in, sizeof(magic));
    uint32_t version, method, expected, found;
    size_t checked;

    if (start == NULL || memcmp(start, magic, sizeof(magic)) != 0)
        return bzc_unpack_damaged(err, "lzo", "no lzop header", 0);
    version = take(in, 2);
    take(in, 2); /* version of the library */
    if (version >= VERSION_WITH_LEVEL)
        take(in, 2); /* version needed to extract */
    method = take(in, 1);
    if (version >= VERSION_WITH_LEVEL)
        take(in, 1); /* level */
    *flags = take(in, 4);
    if (*flags & HAS_FILTER)
        take(in, 4);
    take_span(in, version >= VERSION_WITH_LEVEL ? 12 : 8); /* mode and time */
    take_span(in, take(in, 1));                            /* file name */
    checked = in->at - sizeof(magic);
    expected = take(in, 4);
    if (!in->ok)
        return bzc_unpack_damaged(err, "lzo", "the header is cut off", in->at);
    found = *flags & HEADER_CRC32 ? crc32(start + sizeof(magic), checked) : adler32(start + sizeof(magic), checked);
    if (found != expected)
        return bzc_unpack_damaged(err, "lzo", "header check failed", in->at - 4);
    if (*flags & HAS_EXTRA_FIELD) {
        take_span(in, take(in, 4));
        take(in, 4);
    }
    if (!in->ok)
        return bzc_unpack_damaged(err, "lzo", "the header is cut off", in->at);
    if (method == 0 || method > METHOD_LAST || *flags & HAS_FILTER)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "lzo payload: method %u or a filter that is not LZO1X", method);
    return BZC_OK;
}

/* One block whose unpacked size, not 0 and within the limit, has just been read. */
static enum bzc_status unpack_block(struct reader *in, uint32_t flags, uint32_t size, struct bzc_unpack *out,
                                    struct bzc_error *err)
{
    uint8_t *target = out->data + out->size;
    uint32_t adler = 0, crc = 0, packed_adler = 0, packed_crc = 0, packed_flags = 0;
    size_t start = in->at - 4;
    const uint8_t *packed;
    lzo_uint got = size;
    uint32_t packed_size;

    packed_size = take(in, 4);
    if (flags & ADLER32_OF_UNPACKED)
        adler = take(in, 4);
    if (flags & CRC32_OF_UNPACKED)
        crc = take(in, 4);
    /* A stored block has no checks of its packed form. */
    if (packed_size < size)
        packed_flags = flags;
    if (packed_flags & ADLER32_OF_PACKED)
        packed_adler = take(in, 4);
    if (packed_flags & CRC32_OF_PACKED)
        packed_crc = take(in, 4);
    packed = take_span(in, packed_size);
    if (packed == NULL)
        return bzc_unpack_damaged(err, "lzo", "a block runs past the end", start);
    if (packed_size == 0 || packed_size > size)
        return bzc_unpack_damaged(err, "lzo", "a block is larger packed than unpacked", start);
    if ((packed_flags & ADLER32_OF_PACKED && adler32(packed, packed_size) != packed_adler) ||
        (packed_flags & CRC32_OF_PACKED && crc32(packed, packed_size) != packed_crc))
        return bzc_unpack_damaged(err, "lzo", "check of packed data failed", start);
    if (packed_size == size)
        memcpy(target, packed, size);
    else if (lzo1x_decompress_safe(packed, packed_size, target, &got, NULL) != LZO_E_OK || got != size)
        return bzc_unpack_damaged(err, "lzo", "damaged block", start);
    if ((flags & ADLER32_OF_UNPACKED && adler32(target, size) != adler) ||
        (flags & CRC32_OF_UNPACKED && crc32(target, size) != crc))
        return bzc_unpack_damaged(err, "lzo", "check of unpacked data failed", start);
    out->size += size;
    return BZC_OK;
}

enum bzc_status bzc_unpack_lzo(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    struct reader in = {packed, 0, true};
    enum bzc_status status;
    uint32_t flags = 0;

    if (lzo_init() != LZO_E_OK)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "lzo payload: liblzo2 does not work on this machine");
    status = read_header(&in, &flags, err);
    while (status == BZC_OK) {
        uint32_t size = take(&in, 4);

        if (!in.ok)
            return bzc_unpack_damaged(err, "lzo", "the end mark is missing", in.at);
        if (size == 0) {
            if (out->size == 0)
                return bzc_unpack_damaged(err, "lzo", "no block", in.at - 4);
            break;
        }
        if (size > out->limit - out->size)
            return bzc_unpack_too_large(err, "lzo", out->limit);
        status = unpack_block(&in, flags, size, out, err);
    }
    out->consumed = in.at;
    return status;
}
