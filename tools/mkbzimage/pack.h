/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compresses a kernel as the kernel's build does (scripts/Makefile.lib of Linux: cmd_gzip, cmd_lz4, size_append). */
#ifndef BZC_TOOLS_MKBZIMAGE_PACK_H
#define BZC_TOOLS_MKBZIMAGE_PACK_H

#include "base/bytes.h"
#include "base/status.h"
#include "loader/compression.h"

/*
 * *packed is malloc'd memory that the caller frees: the stream, and behind an lz4 stream the 32-bit size of the
 * unpacked data (gzip ends in that word by itself). `level` is 0 to 9. The same input gives the same bytes. Errors:
 * BZC_ERR_UNSUPPORTED (a format that the test decompressor does not know), BZC_ERR_LIMIT (over 64 MiB), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_pack(enum bzc_compression compression, unsigned level, struct bzc_bytes data, uint8_t **packed,
                         size_t *size, struct bzc_error *err);

/* CRC-32 of RFC 1952 over `data`. */
uint32_t bzc_pack_crc32(struct bzc_bytes data);

#endif
