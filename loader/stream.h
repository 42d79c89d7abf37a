/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the headers of a compressed payload say: the options that decide whether the kernel's own decompressor and the
 * loaders that unpack the payload themselves can read it. Nothing is unpacked.
 *
 * Sources: RFC 1952, 2.3 (gzip); "The .xz File Format", 2.1.1 Stream Header and 3.1 Block Header; LZMA SDK,
 * lzma-specification.txt (the .lzma header); lzop 1.04, src/conf.h; RFC 8878, 3.1.1 and 3.1.2 (zstd);
 * lz4_Frame_format.md, "Legacy frame", and lz4_Block_format.md.
 */
#ifndef BZC_LOADER_STREAM_H
#define BZC_LOADER_STREAM_H

#include "base/bytes.h"
#include "loader/compression.h"

#define BZC_XZ_FILTERS_MAX 4 /* of a chain */

/* xz filters */
#define BZC_XZ_FILTER_BCJ_X86 0x04u
#define BZC_XZ_FILTER_LZMA2   0x21u

/* gzip flags */
#define BZC_GZIP_FNAME 0x08u

/* lzop flags that say which checks a block carries */
#define BZC_LZOP_CHECKS_OF_UNPACKED 0x00000101u /* Adler-32, CRC-32 */
#define BZC_LZOP_CHECKS_OF_PACKED   0x00000202u
#define BZC_LZOP_EXTRA_FIELD        0x00000040u
#define BZC_LZOP_FILTER             0x00000800u

/* What every block of an lz4 legacy frame but the last one unpacks to */
#define BZC_LZ4_BLOCK_SIZE (8u << 20)

struct bzc_stream {
    bool known; /* the header of `compression` could be read; the members of the other formats are zero */
    enum bzc_compression compression;
    uint64_t dictionary; /* bytes: LZMA dictionary (lzma, xz) or window (zstd, of the frame that needs most); else 0 */
    struct {
        uint8_t flags;
    } gzip;
    struct {
        unsigned check; /* 0 none, 1 CRC-32, 4 CRC-64, 10 SHA-256 */
        /* Of the first block. */
        unsigned filter_count;
        uint64_t filter[BZC_XZ_FILTERS_MAX];
        bool start_offset; /* a BCJ filter has properties: its addresses do not start at 0 */
    } xz;
    struct {
        uint16_t version; /* of lzop that wrote it: 0x1040 for 1.04 */
        uint32_t flags;
        uint32_t largest_block; /* unpacked bytes */
    } lzo;
    struct {
        bool short_block;          /* a block before the last one unpacks to less than BZC_LZ4_BLOCK_SIZE */
        uint64_t short_block_at;   /* where the first of them starts in the payload */
        uint64_t short_block_size; /* unpacked bytes */
    } lz4;
    struct {
        unsigned frames; /* in a row, with skippable ones */
        bool skippable;  /* one of them is */
    } zstd;
};

/* Reads the headers of the stream at the start of `payload`. Always succeeds; see `known`. */
void bzc_stream_read(enum bzc_compression compression, struct bzc_bytes payload, struct bzc_stream *stream);

#endif
