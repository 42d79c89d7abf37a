/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the loader: one unpacker a compression format, all with the same shape, called by compression.c alone.
 *
 * An unpacker reads one stream (or chain of blocks) at the start of `packed`, writes the output to out->data and sets
 * out->size and out->consumed. Errors: BZC_ERR_FORMAT with the format's name and the packed offset, BZC_ERR_LIMIT (more
 * than out->limit bytes of output, or a dictionary over BZC_PAYLOAD_DICTIONARY_MAX), BZC_ERR_UNSUPPORTED,
 * BZC_ERR_MEMORY.
 */
#ifndef BZC_LOADER_UNPACK_H
#define BZC_LOADER_UNPACK_H

#include "base/bytes.h"
#include "base/status.h"

/*
 * Room behind `limit` that may be written. One byte more than the limit lets a decoder that stops at a full buffer
 * still see the end of a stream of exactly `limit` bytes; a whole lz4 block (8 MiB) lets every block be decoded with
 * the same room, so that a failure always means damage.
 */
#define BZC_UNPACK_SLACK ((8u << 20) + 1)

struct bzc_unpack {
    uint8_t *data; /* limit + BZC_UNPACK_SLACK bytes */
    size_t limit;
    size_t size;     /* bytes of output */
    size_t consumed; /* bytes of `packed` */
};

typedef enum bzc_status bzc_unpack_function(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err);

bzc_unpack_function bzc_unpack_gzip;
bzc_unpack_function bzc_unpack_bzip2;
bzc_unpack_function bzc_unpack_lzma;
bzc_unpack_function bzc_unpack_xz;
bzc_unpack_function bzc_unpack_lzo;
bzc_unpack_function bzc_unpack_lz4;
bzc_unpack_function bzc_unpack_zstd;

/* The errors that every format has, in one wording. */
enum bzc_status bzc_unpack_damaged(struct bzc_error *err, const char *format, const char *what, size_t offset);
enum bzc_status bzc_unpack_too_large(struct bzc_error *err, const char *format, size_t limit);
enum bzc_status bzc_unpack_no_memory(struct bzc_error *err, const char *format);

#endif
