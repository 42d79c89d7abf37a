/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compressed kernel inside the protected-mode part: what it is compressed with, and unpacking it with the
 * format's public library. Source: boot.rst, field payload_offset ("The payload may be compressed. The format of both
 * the compressed and uncompressed data should be determined using the standard magic numbers"), and the lists of
 * magic numbers given there.
 */
#ifndef BZC_LOADER_COMPRESSION_H
#define BZC_LOADER_COMPRESSION_H

#include "base/bytes.h"
#include "base/status.h"

enum bzc_compression {
    BZC_COMPRESSION_UNKNOWN,
    BZC_COMPRESSION_NONE, /* the payload is the ELF file itself */
    BZC_COMPRESSION_GZIP,
    BZC_COMPRESSION_BZIP2,
    BZC_COMPRESSION_LZMA, /* the .lzma container ("LZMA alone") */
    BZC_COMPRESSION_XZ,
    BZC_COMPRESSION_LZO, /* the lzop container */
    BZC_COMPRESSION_LZ4, /* legacy frames */
    BZC_COMPRESSION_ZSTD,
};

/* "none", "gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd", "unknown". */
const char *bzc_compression_name(enum bzc_compression compression);

/* By the magic number at the start of the span. Looks at 10 bytes at most. */
enum bzc_compression bzc_compression_identify(struct bzc_bytes payload);

/* Bounds that keep a hostile payload from taking the host's memory. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define BZC_PAYLOAD_OUTPUT_MAX (16ull << 20)
#else
#define BZC_PAYLOAD_OUTPUT_MAX (1ull << 30) /* bytes of unpacked kernel */
#endif
#define BZC_PAYLOAD_DICTIONARY_MAX (128u << 20) /* lzma, xz and zstd window; 6.12 and later use 128 MiB for xz */

/*
 * Unpacks one compressed stream (or, for lz4 and lzo, one chain of blocks) at the start of `packed`. `limit` is the
 * largest output in bytes, at most BZC_PAYLOAD_OUTPUT_MAX. The format's own checks (CRC, Adler) are verified.
 *
 * On success *output is the unpacked data in mapped memory that the caller gives back with
 * bzc_decompress_free(), and *consumed (may be NULL) the bytes of `packed` that the stream took. Only the pages that
 * the output fills are ever touched. For BZC_COMPRESSION_NONE the output is a copy.
 * Errors: BZC_ERR_FORMAT (damaged, truncated, check failed; the message names the format and the packed offset),
 * BZC_ERR_LIMIT (output or dictionary over the bound), BZC_ERR_UNSUPPORTED (unknown format), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_decompress(enum bzc_compression compression, struct bzc_bytes packed, uint64_t limit,
                               struct bzc_bytes *output, uint64_t *consumed, struct bzc_error *err);
/* Gives back what bzc_decompress() mapped; a span of size 0 is allowed. */
void bzc_decompress_free(struct bzc_bytes output);

#endif
