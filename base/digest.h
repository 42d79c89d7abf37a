/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The digests that signatures of boot images use, by the nettle library: SHA-1 (FIPS 180-4), SHA-256, SHA-384 and
 * SHA-512. A message is fed in pieces.
 */
#ifndef BZC_BASE_DIGEST_H
#define BZC_BASE_DIGEST_H

#include "base/bytes.h"

enum bzc_digest_kind {
    BZC_DIGEST_NONE, /* an algorithm that is not in this list */
    BZC_DIGEST_SHA1,
    BZC_DIGEST_SHA256,
    BZC_DIGEST_SHA384,
    BZC_DIGEST_SHA512,
};

#define BZC_DIGEST_SIZE_MAX 64u                           /* bytes of the longest, SHA-512 */
#define BZC_DIGEST_HEX_SIZE (2 * BZC_DIGEST_SIZE_MAX + 1) /* its hex digits and the NUL */

/* "SHA-1", "SHA-256", "SHA-384", "SHA-512"; "unknown" for NONE. */
const char *bzc_digest_name(enum bzc_digest_kind kind);
/* Bytes of a digest; 0 for NONE. */
size_t bzc_digest_size(enum bzc_digest_kind kind);

/*
 * The digest of the `count` pieces as if they stood behind each other. `digest` has room for BZC_DIGEST_SIZE_MAX bytes,
 * of which bzc_digest_size(kind) are set; none for NONE.
 */
void bzc_digest_compute(enum bzc_digest_kind kind, const struct bzc_bytes *piece, size_t count, uint8_t *digest);

/* `size` bytes (at most BZC_DIGEST_SIZE_MAX) as lower-case hex. */
void bzc_digest_hex(const uint8_t *digest, size_t size, char hex[BZC_DIGEST_HEX_SIZE]);

#endif
