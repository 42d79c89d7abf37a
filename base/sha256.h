/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4) by the nettle library. */
#ifndef BZC_BASE_SHA256_H
#define BZC_BASE_SHA256_H

#include <stddef.h>

#define BZC_SHA256_HEX_SIZE 65 /* 64 lower-case hex digits and the NUL */

/* The digest of `size` bytes at `data` as lower-case hex in `hex`. */
void bzc_sha256_hex(const void *data, size_t size, char hex[BZC_SHA256_HEX_SIZE]);

#endif
