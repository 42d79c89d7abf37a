/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mkbzimage/pack.h"

#include <lz4hc.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define INPUT_MAX      (64u << 20)
#define LZ4_MAGIC      0x184c2102u /* legacy frame */
#define LZ4_BLOCK_SIZE (8u << 20)  /* fixed by that frame format */
#define GZIP_WINDOW    (15 + 16)   /* zlib: 32 KiB window, gzip wrapper */

static enum bzc_status no_memory(size_t size, struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %zu bytes of compressed data", size);
}

static enum bzc_status pack_gzip(unsigned level, struct bzc_bytes data, uint8_t **packed, size_t *size,
                                 struct bzc_error *err)
{
    z_stream stream = {0};
    size_t room;
    int result;

    if (deflateInit2(&stream, (int)level, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return no_memory(data.size, err);
    room = deflateBound(&stream, data.size);
    *packed = malloc(room);
    if (!*packed) {
        deflateEnd(&stream);
        return no_memory(room, err);
    }
    stream.next_in = (Bytef *)(uintptr_t)data.data;
    stream.avail_in = (uInt)data.size;
    stream.next_out = *packed;
    stream.avail_out = (uInt)room;
    result = deflate(&stream, Z_FINISH);
    *size = stream.total_out;
    deflateEnd(&stream);
    if (result == Z_STREAM_END)
        return BZC_OK;
    free(*packed);
    return bzc_error_set(err, BZC_ERR_MEMORY, "zlib could not compress (%d)", result);
}

static enum bzc_status pack_lz4(unsigned level, struct bzc_bytes data, uint8_t **packed, size_t *size,
                                struct bzc_error *err)
{
    size_t blocks = (data.size + LZ4_BLOCK_SIZE - 1) / LZ4_BLOCK_SIZE;
    size_t room = 4 + blocks * (4 + (size_t)LZ4_compressBound(LZ4_BLOCK_SIZE)) + 4, at = 4;
    uint8_t *out = malloc(room);

    if (!out)
        return no_memory(room, err);
    bzc_store32(out, LZ4_MAGIC);
    for (size_t done = 0; done < data.size; done += LZ4_BLOCK_SIZE) {
        size_t part = data.size - done < LZ4_BLOCK_SIZE ? data.size - done : LZ4_BLOCK_SIZE;
        int result = LZ4_compress_HC((const char *)data.data + done, (char *)out + at + 4, (int)part,
                                     LZ4_compressBound((int)part), (int)level);

        if (result <= 0) {
            free(out);
            return no_memory(part, err);
        }
        bzc_store32(out + at, (uint32_t)result);
        at += 4 + (size_t)result;
    }
    bzc_store32(out + at, (uint32_t)data.size);
    *packed = out;
    *size = at + 4;
    return BZC_OK;
}

enum bzc_status bzc_pack(enum bzc_compression compression, unsigned level, struct bzc_bytes data, uint8_t **packed,
                         size_t *size, struct bzc_error *err)
{
    if (data.size > INPUT_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "a kernel of %zu bytes is over the limit of %u", data.size, INPUT_MAX);
    switch (compression) {
    case BZC_COMPRESSION_GZIP:
        return pack_gzip(level, data, packed, size, err);
    case BZC_COMPRESSION_LZ4:
        return pack_lz4(level, data, packed, size, err);
    case BZC_COMPRESSION_NONE:
        *packed = malloc(data.size + 1);
        if (!*packed)
            return no_memory(data.size, err);
        if (data.size)
            memcpy(*packed, data.data, data.size);
        *size = data.size;
        return BZC_OK;
    default:
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "the test decompressor does not know %s",
                             bzc_compression_name(compression));
    }
}

uint32_t bzc_pack_crc32(struct bzc_bytes data)
{
    return (uint32_t)crc32_z(0, data.data, data.size);
}
