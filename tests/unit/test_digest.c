/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/digest.h"

/* NIST, examples with intermediate values for FIPS 180-4: the message "abc". */
static const struct {
    enum bzc_digest_kind kind;
    size_t size;
    const char *name, *hex;
} abc[] = {
    {BZC_DIGEST_SHA1, 20, "SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {BZC_DIGEST_SHA256, 32, "SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {BZC_DIGEST_SHA384, 48, "SHA-384",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {BZC_DIGEST_SHA512, 64, "SHA-512",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
     "2a9ac94fa54ca49f"},
};

static void known_answers(void **state)
{
    const struct bzc_bytes pieces[] = {{(const uint8_t *)"a", 1}, {NULL, 0}, {(const uint8_t *)"bc", 2}};
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    char hex[BZC_DIGEST_HEX_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(abc) / sizeof(abc[0]); i++) {
        assert_int_equal(bzc_digest_size(abc[i].kind), abc[i].size);
        assert_string_equal(bzc_digest_name(abc[i].kind), abc[i].name);
        bzc_digest_compute(abc[i].kind, pieces, 3, digest);
        bzc_digest_hex(digest, abc[i].size, hex);
        assert_string_equal(hex, abc[i].hex);
    }
}

static void unknown_kinds_have_no_digest(void **state)
{
    uint8_t digest[BZC_DIGEST_SIZE_MAX] = {0x55};

    (void)state;
    assert_int_equal(bzc_digest_size(BZC_DIGEST_NONE), 0);
    assert_string_equal(bzc_digest_name(BZC_DIGEST_NONE), "unknown");
    bzc_digest_compute(BZC_DIGEST_NONE, NULL, 0, digest);
    assert_int_equal(digest[0], 0x55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(unknown_kinds_have_no_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
