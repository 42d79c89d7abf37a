/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/digest.h"

#include <assert.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

union context {
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512; /* SHA-384, too */
};

static const struct nettle_hash *find(enum bzc_digest_kind kind)
{
    switch (kind) {
    case BZC_DIGEST_NONE:
        return NULL;
    case BZC_DIGEST_SHA1:
        return &nettle_sha1;
    case BZC_DIGEST_SHA256:
        return &nettle_sha256;
    case BZC_DIGEST_SHA384:
        return &nettle_sha384;
    case BZC_DIGEST_SHA512:
        return &nettle_sha512;
    }
    return NULL;
}

const char *bzc_digest_name(enum bzc_digest_kind kind)
{
    switch (kind) {
    case BZC_DIGEST_NONE:
        return "unknown";
    case BZC_DIGEST_SHA1:
        return "SHA-1";
    case BZC_DIGEST_SHA256:
        return "SHA-256";
    case BZC_DIGEST_SHA384:
        return "SHA-384";
    case BZC_DIGEST_SHA512:
        return "SHA-512";
    }
    return "unknown";
}

size_t bzc_digest_size(enum bzc_digest_kind kind)
{
    const struct nettle_hash *hash = find(kind);

    return hash ? hash->digest_size : 0;
}

void bzc_digest_compute(enum bzc_digest_kind kind, const struct bzc_bytes *piece, size_t count, uint8_t *digest)
{
    const struct nettle_hash *hash = find(kind);
    union context context;

    if (!hash)
        return;
    assert(hash->context_size <= sizeof(context) && hash->digest_size <= BZC_DIGEST_SIZE_MAX);
    hash->init(&context);
    for (size_t i = 0; i < count; i++) {
        if (piece[i].size != 0)
            hash->update(&context, piece[i].size, piece[i].data);
    }
    hash->digest(&context, hash->digest_size, digest);
}

void bzc_digest_hex(const uint8_t *digest, size_t size, char hex[BZC_DIGEST_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    assert(size <= BZC_DIGEST_SIZE_MAX);
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 0xf];
    }
    hex[2 * size] = '\0';
}
