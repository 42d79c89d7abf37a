/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "report/utf8.h"

static void expect(const char *text, size_t length, uint32_t code)
{
    uint32_t found = 0;

    assert_int_equal(bzc_utf8_next(text, &found), length);
    assert_int_equal(found, code);
}

/* The first and last character of each length: RFC 3629, section 4. */
static void decodes_every_length(void **state)
{
    (void)state;
    expect("", 0, 0);
    expect("a", 1, 'a');
    expect("\x7f", 1, 0x7f);
    expect("\xc2\x80", 2, 0x80);
    expect("\xdf\xbf", 2, 0x7ff);
    expect("\xe0\xa0\x80", 3, 0x800);
    expect("\xed\x9f\xbf", 3, 0xd7ff);
    expect("\xee\x80\x80", 3, 0xe000);
    expect("\xef\xbf\xbf", 3, 0xffff);
    expect("\xf0\x90\x80\x80", 4, 0x10000);
    expect("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
}

static void invalid_bytes_have_length_one(void **state)
{
    static const char *const invalid[] = {
        "\x80",             /* begins with a continuation byte */
        "\xbf\xbf",         /* the same */
        "\xc0\x80",         /* over-long NUL */
        "\xc1\xbf",         /* over-long */
        "\xe0\x9f\xbf",     /* over-long */
        "\xf0\x8f\xbf\xbf", /* over-long */
        "\xed\xa0\x80",     /* surrogate U+D800 */
        "\xed\xbf\xbf",     /* surrogate U+DFFF */
        "\xf4\x90\x80\x80", /* U+110000 */
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3(",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
        expect(invalid[i], 1, BZC_UTF8_REPLACEMENT);
}

static void valid_copies(void **state)
{
    static const struct {
        const char *text, *valid;
    } row[] = {
        {"", ""},
        {"plain", "plain"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"a\xff\xfe"
         "b",
         "a\xef\xbf\xbd\xef\xbf\xbd"
         "b"},
        {"cut\xe2\x82", "cut\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xef\xbf\xbd", "\xef\xbf\xbd"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        char *valid = bzc_utf8_valid(row[i].text);

        assert_non_null(valid);
        assert_string_equal(valid, row[i].valid);
        free(valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_length),
        cmocka_unit_test(invalid_bytes_have_length_one),
        cmocka_unit_test(valid_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
