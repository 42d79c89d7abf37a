/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CRC-32 that the kernel's build appended to an image from Linux 2.6.26 to 6.14.
 *
 * Source: boot.rst of those versions, "The Image Checksum": "the CRC of the file up to the limit specified in the
 * syssize field of the header is always 0". That is the CRC-32 of ISO 3309 (zlib's) without its final inversion, so
 * zlib's value is 0xffffffff.
 */
#ifndef BZC_LOADER_CHECKSUM_H
#define BZC_LOADER_CHECKSUM_H

#include "loader/image.h"
#include "loader/pe.h"

enum bzc_checksum_state {
    BZC_CHECKSUM_ABSENT,   /* not computed: protocol before 2.08, or syssize reaches behind the end of the file */
    BZC_CHECKSUM_GOOD,     /* the CRC is 0 */
    BZC_CHECKSUM_UNSIGNED, /* it was before the file was signed: with CheckSum and certificate directory set to 0 */
    BZC_CHECKSUM_WRONG,
};

struct bzc_checksum {
    enum bzc_checksum_state state;
    uint64_t end;      /* of the part that it covers: file offset, exclusive */
    uint32_t stored;   /* the last 4 bytes of that part */
    uint32_t computed; /* what they should hold */
    bool is_signed;    /* the PE header has a certificate table: another CRC than before is no wonder */
    bool covers_file;  /* when WRONG: over the whole file, which goes on behind `end`, the CRC is 0 */
};

/* Computes the CRC over the file up to the end that syssize gives. `pe` are the file's PE headers. */
void bzc_checksum_read(const struct bzc_image *image, const struct bzc_pe *pe, struct bzc_checksum *checksum);

#endif
