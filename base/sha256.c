/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sha256.h"

#include <nettle/sha2.h>
#include <stdint.h>

void bzc_sha256_hex(const void *data, size_t size, char hex[BZC_SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    size_t i;

    sha256_init(&context);
    if (size != 0)
        sha256_update(&context, size, data);
    sha256_digest(&context, sizeof(digest), digest);
    for (i = 0; i < sizeof(digest); i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 0xf];
    }
    hex[2 * sizeof(digest)] = '\0';
}
