/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authenticode: the signatures of a PE image, and the digest that they sign. bzcheck judges whether a signature is for
 * this image; who made it, and whether anybody trusts it, is not its business.
 *
 * Sources: Microsoft, "Windows Authenticode Portable Executable Signature Format" (2008), "Calculating the PE Image
 * Hash", "Authenticode Signature Format"; Microsoft, "PE Format", "The Attribute Certificate Table (Image Only)"; RFC
 * 2315 (PKCS #7), "Signed-data content type".
 */
#ifndef BZC_LOADER_AUTHENTICODE_H
#define BZC_LOADER_AUTHENTICODE_H

#include "base/digest.h"
#include "base/status.h"
#include "loader/pe.h"

/* wCertificateType */
#define BZC_CERTIFICATE_PKCS_SIGNED_DATA 0x0002u
#define BZC_CERTIFICATE_EFI_PKCS115      0x0ef0u
#define BZC_CERTIFICATE_EFI_GUID         0x0ef1u

#define BZC_SIGNATURES_MAX 16

/* One entry of the attribute certificate table (WIN_CERTIFICATE). */
struct bzc_signature {
    uint64_t offset;   /* of the entry in the file */
    uint32_t length;   /* dwLength: bytes with the 8 of its header, without padding */
    uint16_t revision; /* wRevision: 0x0200 */
    uint16_t type;     /* wCertificateType */
    /* Of a PKCS_SIGNED_DATA entry that can be read (problem is ""): */
    enum bzc_digest_kind algorithm; /* NONE for one that bzcheck does not know */
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    size_t digest_size;
    char problem[160]; /* why no digest could be read; "" when there is one, or the type is another */
};

struct bzc_signatures {
    struct bzc_signature item[BZC_SIGNATURES_MAX];
    size_t count;
    bool more;         /* there are more than BZC_SIGNATURES_MAX */
    char problem[160]; /* what is wrong with the table's lengths, "" when nothing is */
};

/*
 * Reads the attribute certificate table. An image without one gives count 0. Nothing is allocated; a damaged table
 * gives the entries before the damage and `problem`.
 */
void bzc_signatures_read(struct bzc_bytes file, const struct bzc_pe *pe, struct bzc_signatures *signatures);

/*
 * The digest of the image as a signer computes it: headers up to size_of_headers without CheckSum and without the
 * certificate table's directory entry, the bytes of all sections in the order of the file, and what follows the bytes
 * counted so far up to the certificate table. An image without a certificate table is hashed to its end, filled up with
 * zeros to a multiple of 8 bytes: what a signer does before it appends the table. `digest` has room for
 * BZC_DIGEST_SIZE_MAX bytes.
 * Errors: BZC_ERR_FORMAT (a header or section runs past the end of the file, or there are more sections than recorded:
 * no signer could compute it), BZC_ERR_UNSUPPORTED (`kind` is NONE).
 */
enum bzc_status bzc_authenticode_digest(struct bzc_bytes file, const struct bzc_pe *pe, enum bzc_digest_kind kind,
                                        uint8_t *digest, struct bzc_error *err);

#endif
