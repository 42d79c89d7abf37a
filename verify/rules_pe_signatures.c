/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the signatures of a PE file: where they lie, and whether they are for this file. */
#include <inttypes.h>
#include <string.h>

#include "loader/authenticode.h"
#include "verify/rules_pe.h"

#define ENTRY_ALIGNMENT 8u
#define REVISION_2      0x0200u

/* The directory entry of the certificate table; without one the verdict is a skip. */
static const struct bzc_pe_directory *find_table(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    const struct bzc_pe_directory *table = bzc_pe_directory(&facts->pe, BZC_PE_DIRECTORY_CERTIFICATE);

    if (!table)
        bzc_skip(verdict, "the file is not signed");
    return table;
}

static uint64_t end_of(const struct bzc_pe_directory *table)
{
    return (uint64_t)table->virtual_address + table->size;
}

/* The end of what a certificate table must lie behind, and its name. */
static uint64_t end_of_image(const struct bzc_image_facts *facts, const char **name)
{
    const struct bzc_pe *pe = &facts->pe;
    uint64_t end = pe->size_of_headers, kernel = facts->image.realmode_size + facts->image.pm_declared_size;

    *name = "SizeOfHeaders";
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        uint64_t section_end = (uint64_t)section->pointer_to_raw_data + section->size_of_raw_data;

        if (section->size_of_raw_data != 0 && section_end > end) {
            end = section_end;
            *name = section->name;
        }
    }
    /* A paragraph of syssize may be incomplete. */
    if (facts->image.pm_declared_size >= 16 && kernel - 15 > end) {
        end = kernel - 15;
        *name = "syssize";
    }
    return end;
}

/* A table past the end of the file is the fault of the file's end when that is wrong anyway. */
static bool past_end_is_explained(const struct bzc_image_facts *facts, const struct bzc_pe_directory *table,
                                  struct bzc_verdict *verdict)
{
    return end_of(table) > facts->image.file.size &&
           bzc_pe_explained(bzc_pe_end_fault(facts), "the file does not hold what its headers say", verdict);
}

static void check_place(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_pe_directory *table = find_table(facts, verdict);
    const char *before;
    uint64_t start;

    (void)run;
    if (!table)
        return;
    start = end_of_image(facts, &before);
    if (past_end_is_explained(facts, table, verdict) ||
        (table->virtual_address < start &&
         bzc_pe_explained(bzc_pe_end_fault(facts), "the sections are not where they should be", verdict)))
        return;
    if (end_of(table) > facts->image.file.size) {
        bzc_fail(verdict, "the certificate table runs past the end of the file");
        bzc_expected(verdict, "an end of at most 0x%zx", facts->image.file.size);
    } else if (table->virtual_address < start) {
        bzc_fail(verdict, "the certificate table lies over what it signs");
        bzc_expected(verdict, "a start of at least 0x%" PRIx64 " (end of %s)", start, before);
    } else if (table->virtual_address % ENTRY_ALIGNMENT != 0) {
        bzc_fail(verdict, "the certificate table does not start on a multiple of 8 bytes");
        bzc_expected(verdict, "a multiple of 0x8");
    } else {
        return;
    }
    bzc_where(verdict, "data directory 4");
    bzc_actual(verdict, "0x%" PRIx32 " to 0x%" PRIx64, table->virtual_address, end_of(table));
}

static void check_end(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_pe_directory *table = find_table(facts, verdict);

    (void)run;
    if (!table || end_of(table) == facts->image.file.size || past_end_is_explained(facts, table, verdict))
        return;
    if (end_of(table) > facts->image.file.size) {
        bzc_skip(verdict, "explained by PE-032: the table runs past the end of the file");
        return;
    }
    bzc_fail(verdict, "there are bytes behind the certificate table");
    bzc_where(verdict, "data directory 4, end of file");
    bzc_expected(verdict, "0x%" PRIx64 " bytes of file", end_of(table));
    bzc_actual(verdict, "0x%zx bytes", facts->image.file.size);
}

static bool is_known_type(uint16_t type)
{
    /* 1 to 4: X509, PKCS_SIGNED_DATA, reserved, TS_STACK_SIGNED. */
    return (type >= 1 && type <= 4) || type == BZC_CERTIFICATE_EFI_PKCS115 || type == BZC_CERTIFICATE_EFI_GUID;
}

static void check_entries(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const struct bzc_pe_directory *table = find_table(facts, verdict);
    struct bzc_signatures signatures;
    uint64_t sum = 0;

    (void)run;
    if (!table || past_end_is_explained(facts, table, verdict))
        return;
    if (end_of(table) > facts->image.file.size) {
        bzc_skip(verdict, "explained by PE-032: the table runs past the end of the file");
        return;
    }
    bzc_signatures_read(facts->image.file, &facts->pe, &signatures);
    if (signatures.problem[0]) {
        bzc_fail(verdict, "the certificate table is damaged: %s", signatures.problem);
        bzc_where(verdict, "certificate table at 0x%" PRIx32, table->virtual_address);
        return;
    }
    for (size_t i = 0; i < signatures.count; i++) {
        const struct bzc_signature *item = &signatures.item[i];

        sum += ((uint64_t)item->length + ENTRY_ALIGNMENT - 1) / ENTRY_ALIGNMENT * ENTRY_ALIGNMENT;
        if (item->revision == REVISION_2 && is_known_type(item->type))
            continue;
        bzc_fail(verdict, "an entry of the certificate table has an unknown revision or type");
        bzc_where(verdict, "certificate table, entry at 0x%" PRIx64, item->offset);
        bzc_expected(verdict, "wRevision 0x200, wCertificateType 0x2 (PKCS_SIGNED_DATA)");
        bzc_actual(verdict, "0x%x, 0x%x", item->revision, item->type);
        return;
    }
    if (sum == table->size || signatures.more)
        return;
    bzc_fail(verdict, "the certificate table is not as long as its entries");
    bzc_where(verdict, "data directory 4, size");
    bzc_expected(verdict, "0x%" PRIx64 " bytes (entries rounded up to 8 bytes)", sum);
    bzc_actual(verdict, "0x%" PRIx32, table->size);
}

/* A digest of a file that does not hold what its headers say means nothing. */
static bool is_not_whole(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return bzc_pe_explained(bzc_pe_end_fault(facts), "the file does not hold what its headers say", verdict) ||
           bzc_pe_explained(bzc_pe_headers_size_fault(facts), "SizeOfHeaders is wrong", verdict);
}

/* Whether the signature is for this file, as far as it can be known; *err is set when there is no digest. */
static bool is_for_this_file(const struct bzc_image_facts *facts, const struct bzc_signature *item, uint8_t *digest,
                             struct bzc_error *err)
{
    if (item->problem[0])
        return false;
    if (item->algorithm == BZC_DIGEST_NONE)
        return true;
    return bzc_authenticode_digest(facts->image.file, &facts->pe, item->algorithm, digest, err) == BZC_OK &&
           memcmp(digest, item->digest, item->digest_size) == 0;
}

/* "PE-035" when that fails: the file is not the one that was signed. Asked only when the file is whole. */
static const char *signature_fault(const struct bzc_image_facts *facts)
{
    const struct bzc_pe_directory *table = bzc_pe_directory(&facts->pe, BZC_PE_DIRECTORY_CERTIFICATE);
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    struct bzc_signatures signatures;
    struct bzc_error err;

    if (!table || end_of(table) > facts->image.file.size)
        return NULL;
    bzc_signatures_read(facts->image.file, &facts->pe, &signatures);
    for (size_t i = 0; i < signatures.count; i++) {
        if (signatures.item[i].type == BZC_CERTIFICATE_PKCS_SIGNED_DATA &&
            !is_for_this_file(facts, &signatures.item[i], digest, &err))
            return "PE-035";
    }
    return NULL;
}

/* False when the signature is not for this file; the verdict says so. */
static bool check_one(const struct bzc_image_facts *facts, const struct bzc_signature *item,
                      struct bzc_verdict *verdict)
{
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    char expected[BZC_DIGEST_HEX_SIZE], actual[BZC_DIGEST_HEX_SIZE];
    struct bzc_error err = {0};

    if (is_for_this_file(facts, item, digest, &err))
        return true;
    if (item->problem[0]) {
        bzc_fail(verdict, "a signature cannot be read: %s", item->problem);
        bzc_where(verdict, "certificate table, entry at 0x%" PRIx64, item->offset);
        return false;
    }
    if (err.message[0]) {
        bzc_fail(verdict, "the file has a signature, but no digest: %s", err.message);
        bzc_where(verdict, "section table");
        return false;
    }
    bzc_digest_hex(item->digest, item->digest_size, expected);
    bzc_digest_hex(digest, item->digest_size, actual);
    bzc_fail(verdict, "a signature is not for this file: its %s digest is another", bzc_digest_name(item->algorithm));
    bzc_where(verdict, "certificate table, entry at 0x%" PRIx64, item->offset);
    bzc_expected(verdict, "%s (signed)", expected);
    bzc_actual(verdict, "%s (of the file)", actual);
    return false;
}

static void check_digest(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_pe_directory *table = find_table(facts, verdict);
    struct bzc_signatures signatures;
    bool known = false;

    (void)run;
    if (!table || is_not_whole(facts, verdict))
        return;
    if (end_of(table) > facts->image.file.size) {
        bzc_skip(verdict, "explained by PE-032: the table runs past the end of the file");
        return;
    }
    bzc_signatures_read(facts->image.file, &facts->pe, &signatures);
    for (size_t i = 0; i < signatures.count; i++) {
        const struct bzc_signature *item = &signatures.item[i];

        if (item->type != BZC_CERTIFICATE_PKCS_SIGNED_DATA)
            continue;
        if (!check_one(facts, item, verdict))
            return;
        known |= item->algorithm != BZC_DIGEST_NONE;
    }
    if (!known)
        bzc_skip(verdict, "the certificate table has no signature with a known digest");
}

static void check_check_sum(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    uint32_t expected;

    (void)run;
    if (facts->pe.check_sum == 0) {
        bzc_skip(verdict, "CheckSum is not used");
        return;
    }
    expected = bzc_pe_compute_check_sum(&facts->pe, facts->image.file);
    if (facts->pe.check_sum == expected || is_not_whole(facts, verdict) ||
        bzc_pe_explained(signature_fault(facts), "the file is not the one that was signed", verdict))
        return;
    bzc_fail(verdict, "the checksum in the optional header is not that of the file");
    bzc_where(verdict, "CheckSum");
    bzc_expected(verdict, "0x%" PRIx32 " or 0x0", expected);
    bzc_actual(verdict, "0x%" PRIx32, facts->pe.check_sum);
}

#define STUB_DIRECTORIES 6u /* room for these, but one of them declared */
#define DIRECTORY_SIZE   8u
#define FIXED_PE32       96u
#define FIXED_PE32_PLUS  112u

bool bzc_pe_is_first_stub(const struct bzc_pe *pe)
{
    const struct bzc_pe_section *text = &pe->section[0], *reloc = &pe->section[1];
    uint32_t fixed = bzc_pe_is_plus(pe) ? FIXED_PE32_PLUS : FIXED_PE32;

    return bzc_pe_has_fields(pe) && pe->number_of_rva_and_sizes == 1 &&
           pe->size_of_optional_header == fixed + STUB_DIRECTORIES * DIRECTORY_SIZE && pe->section_count == 2 &&
           !text->virtual_address && !text->pointer_to_raw_data && !reloc->virtual_address &&
           !reloc->pointer_to_raw_data;
}

bool bzc_pe_first_stub_explains(const struct bzc_pe *pe, struct bzc_verdict *verdict)
{
    if (!bzc_pe_is_first_stub(pe))
        return false;
    bzc_skip(verdict, "explained by PE-037: the PE header is that of the first EFI stub");
    return true;
}

static void check_first_stub(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (!bzc_pe_is_first_stub(&facts->pe))
        return;
    bzc_fail(verdict,
             "the PE header is that of the first EFI stub, which firmware of today does not load: its sections "
             "lie over the headers, and one data directory is declared where six are");
    bzc_where(verdict, "section 0 (%s), VirtualAddress and PointerToRawData; NumberOfRvaAndSizes",
              facts->pe.section[0].name);
    bzc_expected(verdict, "at least 0x%" PRIx32 " (SizeOfHeaders); 6", facts->pe.size_of_headers);
    bzc_actual(verdict, "0x0, 0x0; 1");
}

static void check_signature(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->pe.present)
        return;
    if (!bzc_pe_signature_fault(facts)) {
        bzc_skip(verdict, "the image is no PE file");
        return;
    }
    if (facts->pe.mz) {
        bzc_fail(verdict, "the image begins with \"MZ\", but e_lfanew leads to no PE header");
        bzc_where(verdict, "e_lfanew (offset 0x3c)");
        bzc_expected(verdict, "the offset of \"PE\\0\\0\"");
        bzc_actual(verdict, "0x%" PRIx32, facts->pe.e_lfanew);
    } else {
        uint16_t start = 0;

        bzc_bytes_u16(facts->image.file, 0, &start);
        bzc_fail(verdict, "the image has a PE header, but does not begin with \"MZ\"");
        bzc_where(verdict, "offset 0x0");
        bzc_expected(verdict, "0x5a4d (\"MZ\")");
        bzc_actual(verdict, "0x%04x", start);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "PE-032",
        .name = "pe-certificate-place",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the certificate table lies behind the image, in the file, on a multiple of 8 bytes",
        .spec = "PE Format, The Attribute Certificate Table (Image Only)",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_place,
    },
    {
        .id = "PE-033",
        .name = "pe-certificate-end",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the certificate table ends the file",
        .spec = "Authenticode, Calculating the PE Image Hash",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_end,
    },
    {
        .id = "PE-034",
        .name = "pe-certificate-entries",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the entries of the certificate table are well-formed and fill it",
        .spec = "PE Format, The Attribute Certificate Table (Image Only)",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_FILE,
        .check = check_entries,
    },
    {
        .id = "PE-035",
        .name = "pe-signature-digest",
        .severity = BZC_SEVERITY_ERROR,
        .title = "each signature is for this file: the Authenticode digests agree",
        .spec = "Authenticode, Calculating the PE Image Hash",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_FILE,
        .check = check_digest,
    },
    {
        .id = "PE-036",
        .name = "pe-check-sum",
        .severity = BZC_SEVERITY_NOTE,
        .title = "CheckSum is zero or that of the file",
        .spec = "PE Format, Optional Header Windows-Specific Fields: CheckSum",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_FILE,
        .check = check_check_sum,
    },
    {
        .id = "PE-037",
        .name = "pe-first-stub",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the PE header is not that of the first EFI stub, which firmware does not load any more",
        .spec = "PE Format, Section Table; Optional Header: SizeOfHeaders, NumberOfRvaAndSizes",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_first_stub,
    },
    {
        .id = "PE-038",
        .name = "pe-signature",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a PE file begins with \"MZ\", and e_lfanew leads to the PE header",
        .spec = "PE Format, MS-DOS Stub (Image Only), Signature (Image Only)",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_signature,
    },
};

const struct bzc_rule_family bzc_rules_pe_signatures = {rules, sizeof(rules) / sizeof(rules[0])};
