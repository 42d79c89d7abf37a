/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/authenticode.h"

#include <inttypes.h>
#include <libtasn1.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ENTRY_HEADER_SIZE 8u
#define ENTRY_ALIGNMENT   8u
#define CHECK_SUM_SIZE    4u
#define DIRECTORY_SIZE    8u

#define OID_SIZE_MAX          64u /* bytes of one in DER */
#define OID_TEXT_SIZE         256
#define OID_SIGNED_DATA       "1.2.840.113549.1.7.2"
#define OID_SPC_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"

/* ---- DER ---- */

/* What is left of a DER value while it is read from front to back. */
struct der {
    struct bzc_bytes rest;
};

#define TAG_CONTEXT_0 (ASN1_CLASS_CONTEXT_SPECIFIC | ASN1_CLASS_STRUCTURED | 0)
#define TAG_SEQUENCE  (ASN1_CLASS_STRUCTURED | ASN1_TAG_SEQUENCE)
#define TAG_SET       (ASN1_CLASS_STRUCTURED | ASN1_TAG_SET)

/* Takes the next element, which must have this class and tag; *content is what is in it. */
static bool take(struct der *der, unsigned class_and_tag, struct der *content)
{
    size_t size = der->rest.size;
    unsigned char class;
    int header, length_size;
    unsigned long tag;
    long length;

    if (size == 0 || size > INT_MAX ||
        asn1_get_tag_der(der->rest.data, (int)size, &class, &header, &tag) != ASN1_SUCCESS ||
        (class | tag) != class_and_tag || header < 0 || (size_t)header >= size)
        return false;
    length = asn1_get_length_der(der->rest.data + header, (int)size - header, &length_size);
    if (length < 0 || !bzc_bytes_has(der->rest, (uint64_t)header + (uint64_t)length_size, (uint64_t)length))
        return false;
    content->rest = bzc_bytes_slice(der->rest, (uint64_t)header + (uint64_t)length_size, (uint64_t)length);
    der->rest = bzc_bytes_slice(der->rest, (uint64_t)header + (uint64_t)length_size + (uint64_t)length, size);
    return true;
}

/* Takes an object identifier as text ("1.2.840"). */
static bool take_oid(struct der *der, char *text, int room)
{
    struct der content;
    int consumed;

    if (!take(der, ASN1_TAG_OBJECT_ID, &content) || content.rest.size == 0 || content.rest.size > OID_SIZE_MAX)
        return false;
    /* The library wants the length, one byte for such a short element, in front of the identifier. */
    return asn1_get_object_id_der(content.rest.data - 1, (int)content.rest.size + 1, &consumed, text, room) ==
           ASN1_SUCCESS;
}

static bool take_this_oid(struct der *der, const char *oid)
{
    char text[OID_TEXT_SIZE];

    return take_oid(der, text, sizeof(text)) && strcmp(text, oid) == 0;
}

static enum bzc_digest_kind digest_of_oid(const char *oid)
{
    static const struct {
        const char *oid;
        enum bzc_digest_kind kind;
    } known[] = {
        {"1.3.14.3.2.26", BZC_DIGEST_SHA1},
        {"2.16.840.1.101.3.4.2.1", BZC_DIGEST_SHA256},
        {"2.16.840.1.101.3.4.2.2", BZC_DIGEST_SHA384},
        {"2.16.840.1.101.3.4.2.3", BZC_DIGEST_SHA512},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(oid, known[i].oid) == 0)
            return known[i].kind;
    }
    return BZC_DIGEST_NONE;
}

/* SpcIndirectDataContent ::= SEQUENCE { data, messageDigest SEQUENCE { SEQUENCE { OID, ... }, OCTET STRING } } */
static const char *read_indirect_data(struct der content, struct bzc_signature *signature)
{
    struct der data, info, algorithm, digest;
    char oid[OID_TEXT_SIZE];

    if (!take(&content, TAG_SEQUENCE, &data) || !take(&content, TAG_SEQUENCE, &info))
        return "its SpcIndirectDataContent cannot be read";
    if (!take(&info, TAG_SEQUENCE, &algorithm) || !take_oid(&algorithm, oid, sizeof(oid)) ||
        !take(&info, ASN1_TAG_OCTET_STRING, &digest))
        return "its messageDigest cannot be read";
    if (digest.rest.size == 0 || digest.rest.size > BZC_DIGEST_SIZE_MAX)
        return "its messageDigest has a length that no digest has";
    signature->algorithm = digest_of_oid(oid);
    if (signature->algorithm != BZC_DIGEST_NONE && digest.rest.size != bzc_digest_size(signature->algorithm))
        return "its messageDigest has not the length of its algorithm";
    memcpy(signature->digest, digest.rest.data, digest.rest.size);
    signature->digest_size = digest.rest.size;
    return NULL;
}

/*
 * ContentInfo ::= SEQUENCE { OID signedData, [0] SEQUENCE { version, digestAlgorithms SET,
 * contentInfo SEQUENCE { OID SPC_INDIRECT_DATA, [0] SpcIndirectDataContent }, ... } }
 */
static const char *read_signed_data(struct bzc_bytes der, struct bzc_signature *signature)
{
    struct der file = {der}, outer, explicit, signed_data, skipped, inner, content;

    if (!take(&file, TAG_SEQUENCE, &outer))
        return "it is no DER sequence";
    if (!take_this_oid(&outer, OID_SIGNED_DATA) || !take(&outer, TAG_CONTEXT_0, &explicit) ||
        !take(&explicit, TAG_SEQUENCE, &signed_data))
        return "it is no PKCS #7 SignedData";
    if (!take(&signed_data, ASN1_TAG_INTEGER, &skipped) || !take(&signed_data, TAG_SET, &skipped) ||
        !take(&signed_data, TAG_SEQUENCE, &inner))
        return "its SignedData cannot be read";
    if (!take_this_oid(&inner, OID_SPC_INDIRECT_DATA) || !take(&inner, TAG_CONTEXT_0, &explicit) ||
        !take(&explicit, TAG_SEQUENCE, &content))
        return "its content is not SpcIndirectDataContent";
    return read_indirect_data(content, signature);
}

/* ---- the attribute certificate table ---- */

void bzc_signatures_read(struct bzc_bytes file, const struct bzc_pe *pe, struct bzc_signatures *signatures)
{
    const struct bzc_pe_directory *directory = bzc_pe_directory(pe, BZC_PE_DIRECTORY_CERTIFICATE);
    uint64_t at = 0;
    struct bzc_bytes table;

    memset(signatures, 0, sizeof(*signatures));
    if (!directory)
        return;
    table = bzc_bytes_slice(file, directory->virtual_address, directory->size);
    if (table.size < directory->size)
        snprintf(signatures->problem, sizeof(signatures->problem), "the table runs past the end of the file");
    while (at < table.size) {
        struct bzc_signature *signature = &signatures->item[signatures->count];
        const char *problem;
        uint32_t length;

        if (signatures->count == BZC_SIGNATURES_MAX) {
            signatures->more = true;
            return;
        }
        if (!bzc_bytes_u32(table, at, &length) || !bzc_bytes_has(table, at, length) || length < ENTRY_HEADER_SIZE) {
            if (!signatures->problem[0])
                snprintf(signatures->problem, sizeof(signatures->problem),
                         "the entry at 0x%" PRIx64 " of the file does not fit the table",
                         directory->virtual_address + at);
            return;
        }
        signatures->count++;
        signature->offset = directory->virtual_address + at;
        signature->length = length;
        signature->revision = bzc_load16(table.data + at + 4);
        signature->type = bzc_load16(table.data + at + 6);
        if (signature->type == BZC_CERTIFICATE_PKCS_SIGNED_DATA) {
            problem =
                read_signed_data(bzc_bytes_slice(table, at + ENTRY_HEADER_SIZE, length - ENTRY_HEADER_SIZE), signature);
            if (problem)
                snprintf(signature->problem, sizeof(signature->problem), "%s", problem);
        }
        at += ((uint64_t)length + ENTRY_ALIGNMENT - 1) / ENTRY_ALIGNMENT * ENTRY_ALIGNMENT;
    }
}

/* ---- the digest ---- */

/* Pieces of the file in the order in which they are hashed: headers in three, sections, the rest, zeros. */
#define PIECES_MAX (BZC_PE_SECTIONS_MAX + 5)

struct pieces {
    struct bzc_bytes item[PIECES_MAX];
    size_t count;
    uint64_t hashed; /* "SUM_OF_BYTES_HASHED": headers and sections, the bytes left out counted, too */
};

static void add(struct pieces *pieces, struct bzc_bytes file, uint64_t start, uint64_t end)
{
    pieces->item[pieces->count++] = bzc_bytes_slice(file, start, end - start);
}

static bool add_headers(struct pieces *pieces, struct bzc_bytes file, const struct bzc_pe *pe)
{
    uint64_t after_check_sum = pe->check_sum_offset + CHECK_SUM_SIZE;
    uint64_t end = pe->size_of_headers;
    uint64_t entry = pe->directory_offset + BZC_PE_DIRECTORY_CERTIFICATE * DIRECTORY_SIZE;

    if (end > file.size || after_check_sum > end)
        return false;
    add(pieces, file, 0, pe->check_sum_offset);
    if (pe->directory_count > BZC_PE_DIRECTORY_CERTIFICATE) {
        if (entry + DIRECTORY_SIZE > end)
            return false;
        add(pieces, file, after_check_sum, entry);
        add(pieces, file, entry + DIRECTORY_SIZE, end);
    } else {
        add(pieces, file, after_check_sum, end);
    }
    pieces->hashed = end;
    return true;
}

/* In the order of PointerToRawData; those without bytes in the file are left out. */
static bool add_sections(struct pieces *pieces, struct bzc_bytes file, const struct bzc_pe *pe)
{
    size_t order[BZC_PE_SECTIONS_MAX], count = 0;

    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        size_t at = count;

        if (section->size_of_raw_data == 0)
            continue;
        if (!bzc_bytes_has(file, section->pointer_to_raw_data, section->size_of_raw_data))
            return false;
        for (; at > 0 && pe->section[order[at - 1]].pointer_to_raw_data > section->pointer_to_raw_data; at--)
            order[at] = order[at - 1];
        order[at] = i;
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        const struct bzc_pe_section *section = &pe->section[order[i]];

        add(pieces, file, section->pointer_to_raw_data,
            (uint64_t)section->pointer_to_raw_data + section->size_of_raw_data);
        pieces->hashed += section->size_of_raw_data;
    }
    return true;
}

enum bzc_status bzc_authenticode_digest(struct bzc_bytes file, const struct bzc_pe *pe, enum bzc_digest_kind kind,
                                        uint8_t *digest, struct bzc_error *err)
{
    static const uint8_t zeros[ENTRY_ALIGNMENT] = {0};
    const struct bzc_pe_directory *table = bzc_pe_directory(pe, BZC_PE_DIRECTORY_CERTIFICATE);
    struct pieces pieces = {.count = 0};
    uint64_t end = file.size;

    if (kind == BZC_DIGEST_NONE)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "the digest algorithm is not known");
    if (!pe->present || pe->check_sum_offset == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "there is no PE optional header");
    if (pe->section_count < pe->number_of_sections)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the section table cannot be read to its end");
    if (!add_headers(&pieces, file, pe))
        return bzc_error_set(err, BZC_ERR_FORMAT, "SizeOfHeaders does not hold the headers, or runs past the file");
    if (!add_sections(&pieces, file, pe))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the bytes of a section run past the end of the file");
    if (table) {
        if (table->size > file.size)
            return bzc_error_set(err, BZC_ERR_FORMAT, "the certificate table is larger than the file");
        end = file.size - table->size;
    }
    if (pieces.hashed < end)
        add(&pieces, file, pieces.hashed, end);
    if (!table && file.size % ENTRY_ALIGNMENT != 0)
        pieces.item[pieces.count++] = (struct bzc_bytes){zeros, ENTRY_ALIGNMENT - file.size % ENTRY_ALIGNMENT};
    bzc_digest_compute(kind, pieces.item, pieces.count, digest);
    return BZC_OK;
}
