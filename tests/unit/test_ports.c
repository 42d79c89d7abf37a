/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/device.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool add(struct bzc_ports *ports, const char *name, uint16_t first, uint16_t count)
{
    struct bzc_port_range range = {.name = name, .first = first, .count = count, .width = 1};

    return bzc_ports_add(ports, &range);
}

static void finds_by_range(void **state)
{
    struct bzc_ports ports = {0};

    (void)state;
    assert_true(add(&ports, "a", 0x60, 1));
    assert_true(add(&ports, "b", 0x61, 3));
    assert_null(bzc_ports_find(&ports, 0x5f));
    assert_string_equal(bzc_ports_find(&ports, 0x60)->name, "a");
    assert_string_equal(bzc_ports_find(&ports, 0x61)->name, "b");
    assert_string_equal(bzc_ports_find(&ports, 0x63)->name, "b");
    assert_null(bzc_ports_find(&ports, 0x64));
}

static void refuses_overlap(void **state)
{
    struct bzc_ports ports = {0};

    (void)state;
    assert_true(add(&ports, "a", 0x100, 0x10));
    assert_false(add(&ports, "same", 0x100, 0x10));
    assert_false(add(&ports, "inside", 0x105, 1));
    assert_false(add(&ports, "around", 0x0f0, 0x40));
    assert_false(add(&ports, "into the start", 0x0f0, 0x11));
    assert_false(add(&ports, "into the end", 0x10f, 4));
    assert_true(add(&ports, "before", 0x0f0, 0x10));
    assert_true(add(&ports, "behind", 0x110, 1));
    assert_int_equal(ports.count, 3);
}

static void knows_the_end_of_the_port_space(void **state)
{
    struct bzc_ports ports = {0};

    (void)state;
    assert_false(add(&ports, "empty", 0x80, 0));
    assert_false(add(&ports, "wraps", 0xffff, 2));
    assert_true(add(&ports, "last", 0xffff, 1));
    assert_string_equal(bzc_ports_find(&ports, 0xffff)->name, "last");
    assert_null(bzc_ports_find(&ports, 0));
}

static void is_bounded(void **state)
{
    struct bzc_ports ports = {0};

    (void)state;
    for (unsigned i = 0; i < BZC_PORT_RANGES_MAX; i++)
        assert_true(add(&ports, "x", (uint16_t)(i * 2), 1));
    assert_false(add(&ports, "too many", 0x8000, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_range),
        cmocka_unit_test(refuses_overlap),
        cmocka_unit_test(knows_the_end_of_the_port_space),
        cmocka_unit_test(is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
