/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lz4 legacy frames ("lz4 -l"), by liblz4: the magic number, then blocks of a 32-bit packed size and their data, each
 * of at most 8 MiB unpacked. Source: lz4_Frame_format.md, "Legacy frame". There is no end mark: frames end with the
 * file, or at a zero size (Linux, lib/decompress_unlz4.c).
 */
#include <lz4.h>

#include "loader/unpack.h"

#define LEGACY_MAGIC 0x184c2102u
#define BLOCK_MAX    (8u << 20)
#define SIZE_WORD    4u

_Static_assert(BZC_UNPACK_SLACK >= BLOCK_MAX, "every block must have room for all its output");

enum bzc_status bzc_unpack_lz4(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    uint32_t word;
    size_t at = 0;

    if (!bzc_bytes_u32(packed, 0, &word) || word != LEGACY_MAGIC)
        return bzc_unpack_damaged(err, "lz4", "no legacy frame", 0);
    while (bzc_bytes_u32(packed, at, &word)) {
        int got;

        if (word == LEGACY_MAGIC) {
            at += SIZE_WORD;
            continue;
        }
        /* A lone word at the end is the unpacked size that the kernel build appends. */
        if (word == 0 || packed.size - at == SIZE_WORD)
            break;
        if (word > (uint32_t)LZ4_COMPRESSBOUND(BLOCK_MAX)) {
            /* The frame format: what cannot be a block's size belongs to something else that follows. */
            if (out->size != 0)
                break;
            return bzc_unpack_damaged(err, "lz4", "impossible block size", at);
        }
        if (!bzc_bytes_has(packed, at + SIZE_WORD, word))
            return bzc_unpack_damaged(err, "lz4", "a block runs past the end", at);
        got = LZ4_decompress_safe((const char *)packed.data + at + SIZE_WORD, (char *)out->data + out->size, (int)word,
                                  (int)BLOCK_MAX);
        if (got < 0)
            return bzc_unpack_damaged(err, "lz4", "damaged block", at);
        out->size += (size_t)got;
        if (out->size > out->limit)
            return bzc_unpack_too_large(err, "lz4", out->limit);
        at += SIZE_WORD + word;
    }
    if (out->size == 0)
        return bzc_unpack_damaged(err, "lz4", "no block", at);
    out->consumed = at;
    return BZC_OK;
}
