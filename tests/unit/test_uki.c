/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loader/uki.h"
#include "pe_builder.h"

static void dot_linux_makes_a_uki(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file), kernel = {NULL, 77};
    struct bzc_pe pe;

    (void)state;
    bzc_pe_parse(bytes, &pe);
    assert_false(bzc_uki_is(&pe));
    assert_false(bzc_uki_linux(&pe, bytes, &kernel));
    assert_int_equal(kernel.size, 77);
    memcpy(file + BUILD_PE_SECTIONS + 80, ".linux\0", 8);
    bzc_pe_parse(bytes, &pe);
    assert_true(bzc_uki_is(&pe));
    assert_true(bzc_uki_linux(&pe, bytes, &kernel));
    assert_ptr_equal(kernel.data, file + 0x600);
    assert_int_equal(kernel.size, 0x11);
}

static void known_sections(void **state)
{
    /* The specification: all "are singletons ... except for the .dtb section". */
    static const char *const once[] = {".linux",  ".osrel", ".cmdline", ".initrd", ".ucode",
                                       ".splash", ".uname", ".sbat",    ".pcrsig", ".pcrpkey"};

    (void)state;
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        assert_non_null(bzc_uki_section_find(once[i]));
        assert_false(bzc_uki_section_find(once[i])->many);
    }
    assert_true(bzc_uki_section_find(".dtb")->many);
    assert_true(bzc_uki_section_find(".profile")->many);
    assert_null(bzc_uki_section_find(".text"));
}

static void check(const char *text, size_t size, enum bzc_status expected, const char *word)
{
    struct bzc_error err = {BZC_OK, ""};

    assert_int_equal(bzc_uki_check_pcrsig((struct bzc_bytes){(const uint8_t *)text, size}, &err), expected);
    if (word && !strstr(err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
}

/* The example of the specification, its base64 shortened, and ways to break it. */
static void pcrsig(void **state)
{
    static const char good[] = "{\"sha1\": [{\"pcrs\": [11], \"pkfp\": \"2870989436ec\", \"pol\": \"4a5cfbca\","
                               " \"sig\": \"X9a07Q==\"}], \"sha256\": [{\"pcrs\": [11, 12], \"pkfp\": \"28\","
                               " \"pol\": \"70\", \"sig\": \"moQh\"}]}\0\0\0";
    static const struct {
        const char *text, *word;
    } bad[] = {
        {"", "empty"},
        {"{\"sha1\": [", "no JSON"},
        {"[]", "no JSON object"},
        {"{\"sha1\": {}}", "bank \"sha1\" is no array"},
        {"{\"sha1\": [3]}", "entry 0 of bank \"sha1\" is no object"},
        {"{\"a\": [{\"pkfp\": \"28\", \"pol\": \"70\", \"sig\": \"m\"}]}", "\"pcrs\""},
        {"{\"a\": [{\"pcrs\": [24], \"pkfp\": \"28\", \"pol\": \"70\", \"sig\": \"m\"}]}", "\"pcrs\""},
        {"{\"a\": [{\"pcrs\": [], \"pkfp\": \"28\", \"pol\": \"70\", \"sig\": \"m\"}]}", "\"pcrs\""},
        {"{\"a\": [{\"pcrs\": [1], \"pkfp\": \"2g\", \"pol\": \"70\", \"sig\": \"m\"}]}", "\"pkfp\""},
        {"{\"a\": [{\"pcrs\": [1], \"pkfp\": \"28\", \"pol\": 70, \"sig\": \"m\"}]}", "\"pol\""},
        {"{\"a\": [{\"pcrs\": [1], \"pkfp\": \"28\", \"pol\": \"70\", \"sig\": \"\"}]}", "\"sig\""},
        {"{\"a\": [], \"a\": []}", "no JSON"},
    };

    (void)state;
    check(good, sizeof(good), BZC_OK, NULL);
    check(good, sizeof(good) - 4, BZC_OK, NULL);
    check("{}", 2, BZC_OK, NULL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check(bad[i].text, strlen(bad[i].text), BZC_ERR_FORMAT, bad[i].word);
    check("{}\0{}", 5, BZC_ERR_FORMAT, "no JSON");
    check(good, BZC_PCRSIG_SIZE_MAX + 1, BZC_ERR_LIMIT, "over"); /* not read */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dot_linux_makes_a_uki),
        cmocka_unit_test(known_sections),
        cmocka_unit_test(pcrsig),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
