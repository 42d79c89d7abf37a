/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "loader/authenticode.h"
#include "pe_builder.h"

/* "pesign -h -P -i FILE" and "-d sha1" (pesign 0.112) on the file of build_pe(), and on it with EXTRA bytes behind. */
#define EXTRA 5
static const char plain_sha256[] = "6ca8db27a46414850355719a36e01326473153cd09bd5d16fca78afbce4e9155";
static const char plain_sha1[] = "add7543b7b50a1af2c6df71675bb1b372bd19d49";
static const char extra_sha256[] = "2615d5a44c2535b7363aab3b46cf6f9dc8a898304e7a6846d69bbc6a48e157fd";

static void assert_digest(struct bzc_bytes file, enum bzc_digest_kind kind, const char *expected)
{
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    char hex[BZC_DIGEST_HEX_SIZE];
    struct bzc_error err;
    struct bzc_pe pe;

    bzc_pe_parse(file, &pe);
    assert_int_equal(bzc_authenticode_digest(file, &pe, kind, digest, &err), BZC_OK);
    bzc_digest_hex(digest, bzc_digest_size(kind), hex);
    assert_string_equal(hex, expected);
}

static void image_digest(void **state)
{
    uint8_t file[BUILD_PE_SIZE + EXTRA] = {0};

    (void)state;
    build_pe(file);
    assert_digest((struct bzc_bytes){file, BUILD_PE_SIZE}, BZC_DIGEST_SHA256, plain_sha256);
    assert_digest((struct bzc_bytes){file, BUILD_PE_SIZE}, BZC_DIGEST_SHA1, plain_sha1);
    /* Bytes behind the sections count, and zeros up to the next multiple of 8. */
    file[BUILD_PE_SIZE] = 1;
    file[BUILD_PE_SIZE + 4] = 5;
    assert_digest((struct bzc_bytes){file, BUILD_PE_SIZE + EXTRA}, BZC_DIGEST_SHA256, extra_sha256);
}

/* CheckSum, the directory entry of the table and the table itself are left out; everything else counts. */
static void what_counts(void **state)
{
    static const unsigned out[] = {0xd8, 0xdb, 0x128, 0x12f, 0x800, 0x80f},
                          in[] = {0x0, 0xd7, 0xdc, 0x127, 0x130, 0x1ff, 0x200, 0x7ff};
    uint8_t file[BUILD_PE_SIZE + 16] = {0}, before[BZC_DIGEST_SIZE_MAX], after[BZC_DIGEST_SIZE_MAX];
    struct bzc_bytes bytes = {file, sizeof(file)};
    struct bzc_pe pe;

    (void)state;
    build_pe(file);
    bzc_store32(file + 0x128, BUILD_PE_SIZE);
    bzc_store32(file + 0x12c, 16);
    bzc_pe_parse(bytes, &pe);
    assert_int_equal(bzc_authenticode_digest(bytes, &pe, BZC_DIGEST_SHA256, before, NULL), BZC_OK);
    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
        file[out[i]] ^= 1;
        bzc_authenticode_digest(bytes, &pe, BZC_DIGEST_SHA256, after, NULL);
        assert_memory_equal(before, after, 32);
        file[out[i]] ^= 1;
    }
    for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
        file[in[i]] ^= 1;
        bzc_authenticode_digest(bytes, &pe, BZC_DIGEST_SHA256, after, NULL);
        assert_memory_not_equal(before, after, 32);
        file[in[i]] ^= 1;
    }
}

/* Microsoft's step 10: sections are hashed in the order of PointerToRawData, not of the table. */
static void sections_are_sorted(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);

    (void)state;
    bzc_store32(file + BUILD_PE_SECTIONS + 40 + 20, 0x600);
    bzc_store32(file + BUILD_PE_SECTIONS + 80 + 20, 0x400);
    /* sha256sum of the file without 0xd8..0xdb and 0x128..0x12f: in the right order that is all there is. */
    assert_digest(bytes, BZC_DIGEST_SHA256, "e4674ca7ed95f37000bd2510243d5ef8d676aa41a3032e0fa87d08e96733dc65");
}

static void assert_no_digest(struct bzc_bytes file, const char *word)
{
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    struct bzc_error err = {BZC_OK, ""};
    struct bzc_pe pe;

    bzc_pe_parse(file, &pe);
    assert_int_equal(bzc_authenticode_digest(file, &pe, BZC_DIGEST_SHA256, digest, &err), BZC_ERR_FORMAT);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
}

static void damaged_images_have_no_digest(void **state)
{
    uint8_t file[BUILD_PE_SIZE], digest[BZC_DIGEST_SIZE_MAX];
    struct bzc_bytes bytes = build_pe(file);
    struct bzc_pe pe;

    (void)state;
    bzc_pe_parse(bytes, &pe);
    assert_int_equal(bzc_authenticode_digest(bytes, &pe, BZC_DIGEST_NONE, digest, NULL), BZC_ERR_UNSUPPORTED);
    bzc_store32(file + BUILD_PE_OPTIONAL + 60, 0xffffffff);
    assert_no_digest(bytes, "SizeOfHeaders");
    bzc_store32(file + BUILD_PE_OPTIONAL + 60, 0xdc);
    assert_no_digest(bytes, "SizeOfHeaders");
    build_pe(file);
    bzc_store32(file + BUILD_PE_SECTIONS + 16, 0x601);
    assert_no_digest(bytes, "section");
    build_pe(file);
    bzc_store32(file + BUILD_PE_SECTIONS + 20, 0xfffffff0);
    assert_no_digest(bytes, "section");
    build_pe(file);
    bzc_store16(file + BUILD_PE_COFF + 2, 200);
    assert_no_digest(bytes, "section table");
    build_pe(file);
    bzc_store32(file + 0x128, 0x800);
    bzc_store32(file + 0x12c, 0x801);
    assert_no_digest(bytes, "certificate table");
    build_pe(file);
    bzc_store16(file + BUILD_PE_OPTIONAL, 0);
    assert_no_digest(bytes, "optional header");
}

/*
 * The start of a signature as sbsign 0.9.4 writes it (openssl asn1parse shows the same tree), cut down to what is read:
 * ContentInfo, SignedData without certificates and signer, SpcIndirectDataContent with an empty SpcPeImageData.
 */
static const uint8_t signature_der[] = {
    0x30, 0x6d,                                                                   /* ContentInfo */
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,             /* signedData */
    0xa0, 0x60, 0x30, 0x5e,                                                       /* [0] SignedData */
    0x02, 0x01, 0x01,                                                             /* version 1 */
    0x31, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, /* digestAlgorithms */
    0x02, 0x01, 0x05, 0x00,                                                       /* SHA-256 */
    0x30, 0x48,                                                                   /* contentInfo */
    0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x04,       /* SPC_INDIRECT_DATA */
    0xa0, 0x3a, 0x30, 0x38,                                                       /* [0] SpcIndirectDataContent */
    0x30, 0x03, 0x06, 0x01, 0x2a,                                                 /* data */
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, /* messageDigest */
    0x02, 0x01, 0x05, 0x00,                                                       /* SHA-256 */
    0x04, 0x20,                                                                   /* OCTET STRING */
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13, 14, 15,
    16,   17,   18,   19,   20,   21,   22,   23,   24,   25,   26,   27,   28,   29, 30, 31};
/* Offsets in it. */
enum { DER_SIGNED_DATA_OID = 2, DER_INDIRECT_OID = 39, DER_ALGORITHM_ARC = 74, DER_DIGEST_TAG = 77 };

#define TABLE_ROOM 0x1000u

struct signed_file {
    uint8_t byte[BUILD_PE_SIZE + TABLE_ROOM];
    size_t size;
};

/* One entry more at the end of the file; the directory entry grows with it. */
static void append(struct signed_file *file, uint16_t type, const uint8_t *der, size_t size)
{
    uint8_t *entry = file->byte + file->size;
    size_t padded = (8 + size + 7) / 8 * 8;

    bzc_store32(entry, (uint32_t)(8 + size));
    bzc_store16(entry + 4, 0x200);
    bzc_store16(entry + 6, type);
    memcpy(entry + 8, der, size);
    file->size += padded;
    bzc_store32(file->byte + 0x128, BUILD_PE_SIZE);
    bzc_store32(file->byte + 0x12c, (uint32_t)(file->size - BUILD_PE_SIZE));
}

static void start(struct signed_file *file)
{
    memset(file, 0, sizeof(*file));
    build_pe(file->byte);
    file->size = BUILD_PE_SIZE;
}

static void read_signatures(const struct signed_file *file, struct bzc_signatures *signatures)
{
    struct bzc_bytes bytes = {file->byte, file->size};
    struct bzc_pe pe;

    bzc_pe_parse(bytes, &pe);
    bzc_signatures_read(bytes, &pe, signatures);
}

static void reads_signatures(void **state)
{
    struct bzc_signatures signatures;
    struct signed_file file;

    (void)state;
    start(&file);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 0);
    append(&file, BZC_CERTIFICATE_PKCS_SIGNED_DATA, signature_der, sizeof(signature_der));
    append(&file, BZC_CERTIFICATE_EFI_GUID, signature_der, 24);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 2);
    assert_string_equal(signatures.problem, "");
    assert_int_equal(signatures.item[0].offset, BUILD_PE_SIZE);
    assert_int_equal(signatures.item[0].length, 8 + sizeof(signature_der));
    assert_int_equal(signatures.item[0].revision, 0x200);
    assert_string_equal(signatures.item[0].problem, "");
    assert_int_equal(signatures.item[0].algorithm, BZC_DIGEST_SHA256);
    assert_int_equal(signatures.item[0].digest_size, 32);
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(signatures.item[0].digest[i], i);
    assert_int_equal(signatures.item[1].offset, BUILD_PE_SIZE + 120);
    assert_int_equal(signatures.item[1].type, BZC_CERTIFICATE_EFI_GUID);
    assert_int_equal(signatures.item[1].digest_size, 0);
}

static void assert_problem(unsigned at, uint8_t value, const char *word)
{
    uint8_t der[sizeof(signature_der)];
    struct bzc_signatures signatures;
    struct signed_file file;

    memcpy(der, signature_der, sizeof(der));
    der[at] = value;
    start(&file);
    append(&file, BZC_CERTIFICATE_PKCS_SIGNED_DATA, der, sizeof(der));
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 1);
    if (!strstr(signatures.item[0].problem, word))
        fail_msg("byte %u: \"%s\" does not say \"%s\"", at, signatures.item[0].problem, word);
}

static void damaged_signatures_are_named(void **state)
{
    (void)state;
    assert_problem(0, 0x31, "DER sequence");
    assert_problem(1, 0x7f, "DER sequence"); /* longer than the entry */
    assert_problem(1, 0x80, "DER sequence"); /* indefinite length is BER */
    assert_problem(DER_SIGNED_DATA_OID + 10, 0x01, "SignedData");
    assert_problem(DER_INDIRECT_OID + 11, 0x05, "SpcIndirectDataContent");
    assert_problem(DER_DIGEST_TAG, 0x05, "messageDigest");
    assert_problem(DER_DIGEST_TAG + 1, 0x1f, "length");
    assert_problem(DER_DIGEST_TAG + 1, 0x00, "length");
}

static void other_algorithms_are_kept(void **state)
{
    uint8_t der[sizeof(signature_der)];
    struct bzc_signatures signatures;
    struct signed_file file;

    (void)state;
    memcpy(der, signature_der, sizeof(der));
    der[DER_ALGORITHM_ARC] = 0x08; /* 2.16.840.1.101.3.4.2.8: SHA3-256 */
    start(&file);
    append(&file, BZC_CERTIFICATE_PKCS_SIGNED_DATA, der, sizeof(der));
    read_signatures(&file, &signatures);
    assert_string_equal(signatures.item[0].problem, "");
    assert_int_equal(signatures.item[0].algorithm, BZC_DIGEST_NONE);
    assert_int_equal(signatures.item[0].digest_size, 32);
}

static void table_lengths_are_checked(void **state)
{
    struct bzc_signatures signatures;
    struct signed_file file;

    (void)state;
    start(&file);
    append(&file, BZC_CERTIFICATE_EFI_GUID, signature_der, 16);
    bzc_store32(file.byte + BUILD_PE_SIZE, 7);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 0);
    assert_non_null(strstr(signatures.problem, "0x800"));
    bzc_store32(file.byte + BUILD_PE_SIZE, 25);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 0);
    bzc_store32(file.byte + BUILD_PE_SIZE, 0xfffffff9); /* would wrap when rounded up */
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 0);
    bzc_store32(file.byte + BUILD_PE_SIZE, 24);
    bzc_store32(file.byte + 0x12c, 25);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, 1);
    assert_non_null(strstr(signatures.problem, "end of the file"));
}

static void entries_are_bounded(void **state)
{
    struct bzc_signatures signatures;
    struct signed_file file;

    (void)state;
    start(&file);
    for (unsigned i = 0; i < BZC_SIGNATURES_MAX; i++)
        append(&file, BZC_CERTIFICATE_EFI_GUID, signature_der, 8);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, BZC_SIGNATURES_MAX);
    assert_false(signatures.more);
    append(&file, BZC_CERTIFICATE_EFI_GUID, signature_der, 8);
    read_signatures(&file, &signatures);
    assert_int_equal(signatures.count, BZC_SIGNATURES_MAX);
    assert_true(signatures.more);
}

/* Every byte of the DER in turn with some bits changed: a sanitizer sees what is read behind the end. */
static void every_change_is_survived(void **state)
{
    static const uint8_t mask[] = {0x01, 0x20, 0x80, 0xff};
    struct bzc_signatures signatures;

    (void)state;
    for (size_t cut = 0; cut <= sizeof(signature_der); cut++) {
        for (size_t i = 0; i < sizeof(mask); i++) {
            size_t table = 8 + cut;
            uint8_t *copy = malloc(BUILD_PE_SIZE + table);
            struct bzc_bytes bytes = {copy, BUILD_PE_SIZE + table};
            struct bzc_pe pe;

            assert_non_null(copy);
            build_pe(copy);
            bzc_store32(copy + 0x128, BUILD_PE_SIZE);
            bzc_store32(copy + 0x12c, (uint32_t)table);
            bzc_store32(copy + BUILD_PE_SIZE, (uint32_t)table);
            bzc_store32(copy + BUILD_PE_SIZE + 4, 0x00020200);
            memcpy(copy + BUILD_PE_SIZE + 8, signature_der, cut);
            if (cut)
                copy[BUILD_PE_SIZE + 8 + cut - 1] ^= mask[i];
            bzc_pe_parse(bytes, &pe);
            bzc_signatures_read(bytes, &pe, &signatures);
            assert_int_equal(signatures.count, 1);
            if (cut < sizeof(signature_der))
                assert_string_not_equal(signatures.item[0].problem, "");
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image_digest),
        cmocka_unit_test(what_counts),
        cmocka_unit_test(sections_are_sorted),
        cmocka_unit_test(damaged_images_have_no_digest),
        cmocka_unit_test(reads_signatures),
        cmocka_unit_test(damaged_signatures_are_named),
        cmocka_unit_test(other_algorithms_are_kept),
        cmocka_unit_test(table_lengths_are_checked),
        cmocka_unit_test(entries_are_bounded),
        cmocka_unit_test(every_change_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
