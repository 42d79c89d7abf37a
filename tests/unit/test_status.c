/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/status.h"

static void error_text_is_cut_never_overflowed(void **state)
{
    struct bzc_error err;
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(bzc_error_set(&err, BZC_ERR_LIMIT, "%d %s", 7, text), BZC_ERR_LIMIT);
    assert_int_equal(err.status, BZC_ERR_LIMIT);
    assert_int_equal(strlen(err.message), BZC_ERROR_TEXT_SIZE - 1);
    assert_memory_equal(err.message, "7 xxx", 5);
    assert_int_equal(bzc_error_set(NULL, BZC_ERR_IO, "%d", 7), BZC_ERR_IO);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(bzc_status_name(BZC_OK), "ok");
    assert_string_equal(bzc_status_name(BZC_ERR_IO), "io");
    assert_string_equal(bzc_status_name(BZC_ERR_UNSUPPORTED), "unsupported");
    assert_string_equal(bzc_status_name((enum bzc_status)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(error_text_is_cut_never_overflowed), cmocka_unit_test(names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
