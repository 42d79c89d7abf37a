/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules about PE files and unified kernel images on files made here: what the images of tests/rules/ cannot show,
 * and that no bytes of headers, relocations or signatures make a rule read outside of the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "loader/uki.h"
#include "pe_builder.h"
#include "verify/catalogue.h"

/* Asks every rule about the file's image; the finding of the rule `id` is copied to *finding (may be NULL). */
static void ask(struct bzc_bytes file, const char *id, struct bzc_finding *finding)
{
    static struct bzc_facts facts;
    struct bzc_findings findings = {0};
    struct bzc_policy policy;

    memset(&facts, 0, sizeof(facts));
    bzc_policy_init(&policy);
    facts.image.path = "made.efi";
    facts.image.depth = BZC_DEPTH_FILE;
    facts.image.system = BZC_SYSTEM_NOT_LINUX;
    bzc_image_parse(file, &facts.image.image);
    bzc_pe_parse(file, &facts.image.pe);
    assert_int_equal(bzc_catalogue_run(&facts, &policy, &findings, NULL), BZC_OK);
    for (size_t i = 0; i < findings.count; i++) {
        if (finding && strcmp(findings.item[i].rule->id, id) == 0)
            *finding = findings.item[i];
    }
    bzc_findings_free(&findings);
}

static void assert_fails(struct bzc_bytes file, const char *id, const char *words)
{
    struct bzc_finding finding = {.outcome = BZC_OUTCOME_SKIP};

    ask(file, id, &finding);
    if (finding.outcome != BZC_OUTCOME_FAIL || !strstr(finding.message, words))
        fail_msg("%s: outcome %d, \"%s\" does not say \"%s\"", id, finding.outcome, finding.message, words);
}

/* build_pe() with .linux in the place of .sbat. */
static struct bzc_bytes build_uki(uint8_t file[BUILD_PE_SIZE])
{
    struct bzc_bytes bytes = build_pe(file);

    memcpy(file + BUILD_PE_SECTIONS + 80, ".linux\0", 8);
    return bytes;
}

/* `lint` does not take such files as kernels, so that run_cases cannot judge them. */
static void kernels_that_are_none(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_uki(file);
    struct bzc_finding finding = {.outcome = BZC_OUTCOME_FAIL};

    (void)state;
    assert_fails(bytes, "UKI-001", "does not hold a bzImage");
    bzc_store32(file + BUILD_PE_SECTIONS + 80 + 8, 0);
    assert_fails(bytes, "UKI-001", "is empty");
    build_uki(file);
    bzc_store32(file + BUILD_PE_SECTIONS + 80 + 20, 0x10000);
    ask(bytes, "UKI-001", &finding);
    assert_int_equal(finding.outcome, BZC_OUTCOME_SKIP);
    assert_non_null(strstr(finding.message, "explained by PE-014"));
    assert_fails(bytes, "PE-014", "past the end of the file");
}

static void digest_needs_sections(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);
    static const uint8_t entry[] = {8, 0, 0, 0, 0, 2, 2, 0};

    (void)state;
    memcpy(file + 0x7f8, entry, sizeof(entry));
    bzc_store32(file + 0x128, 0x7f8);
    bzc_store32(file + 0x12c, 8);
    assert_fails(bytes, "PE-035", "no DER sequence");
}

/* Every byte of the headers with some values, in a copy of its own size, so that a sanitizer sees reads behind it. */
static void hostile_headers(void **state)
{
    static const uint8_t value[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    uint8_t file[BUILD_PE_SIZE];

    (void)state;
    for (size_t at = 0x3c; at < 0x1b0; at++) {
        for (size_t v = 0; v < sizeof(value); v++) {
            uint8_t *copy = malloc(BUILD_PE_SIZE);

            assert_non_null(copy);
            build_uki(file);
            /* With base relocations and a signature, so that their rules have something to read. */
            bzc_store32(file + 0x130, 0x1000);
            bzc_store32(file + 0x134, 0x100);
            bzc_store32(file + 0x128, 0x700);
            bzc_store32(file + 0x12c, 0x100);
            file[at] = value[v];
            memcpy(copy, file, BUILD_PE_SIZE);
            ask((struct bzc_bytes){copy, BUILD_PE_SIZE}, "", NULL);
            free(copy);
        }
    }
}

static void every_cut_is_survived(void **state)
{
    uint8_t file[BUILD_PE_SIZE];

    (void)state;
    build_uki(file);
    for (size_t size = 0x40; size < BUILD_PE_SIZE; size += size < 0x210 ? 1 : 61) {
        uint8_t *copy = malloc(size);

        assert_non_null(copy);
        memcpy(copy, file, size);
        ask((struct bzc_bytes){copy, size}, "", NULL);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_that_are_none),
        cmocka_unit_test(digest_needs_sections),
        cmocka_unit_test(hostile_headers),
        cmocka_unit_test(every_cut_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
