/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/uart16550.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fakes/fake_host.h"

struct board {
    struct fake_host *fake;
    struct bzc_uart16550 uart;
    struct bzc_ports ports;
};

static int setup(void **state)
{
    struct board *b = calloc(1, sizeof(*b));

    b->fake = fake_host_new();
    bzc_uart16550_init(&b->uart, &b->fake->host);
    assert_true(bzc_uart16550_attach(&b->uart, &b->ports, "COM1", 0x3f8));
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct board *b = *state;

    fake_host_free(b->fake);
    free(b);
    return 0;
}

/* Linux's early_serial_init() and serial_putchar(). */
static void prints_as_linux_does(void **state)
{
    struct board *b = *state;
    uint8_t lcr;

    fake_out(&b->ports, 0x3fb, 0x03);
    fake_out(&b->ports, 0x3f9, 0x00);
    fake_out(&b->ports, 0x3fa, 0x00);
    fake_out(&b->ports, 0x3fc, 0x03);
    lcr = fake_in(&b->ports, 0x3fb);
    assert_int_equal(lcr, 0x03);
    fake_out(&b->ports, 0x3fb, lcr | 0x80);
    fake_out(&b->ports, 0x3f8, 0x01);
    fake_out(&b->ports, 0x3f9, 0x00);
    fake_out(&b->ports, 0x3fb, lcr);
    assert_int_equal(b->fake->console_size[BZC_CONSOLE_UART], 0); /* the divisor is no text */
    for (const char *s = "hi"; *s; s++) {
        assert_int_equal(fake_in(&b->ports, 0x3fd) & 0x60, 0x60);
        fake_out(&b->ports, 0x3f8, (uint8_t)*s);
    }
    assert_string_equal(b->fake->console[BZC_CONSOLE_UART], "hi");
}

static void divisor_reads_back(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x3fb, 0x83);
    fake_out(&b->ports, 0x3f8, 0x80);
    fake_out(&b->ports, 0x3f9, 0x01); /* 384: 300 baud */
    assert_int_equal(fake_in(&b->ports, 0x3f8), 0x80);
    assert_int_equal(fake_in(&b->ports, 0x3f9), 0x01);
    fake_out(&b->ports, 0x3fb, 0x03);
    assert_int_equal(fake_in(&b->ports, 0x3f9), 0x00); /* IER again */
}

/* How drivers tell an 8250, a 16450 and a 16550A apart. */
static void looks_like_a_16550a(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x3ff, 0x5a);
    assert_int_equal(fake_in(&b->ports, 0x3ff), 0x5a);
    assert_int_equal(fake_in(&b->ports, 0x3fa), 0x01);
    fake_out(&b->ports, 0x3fa, 0x01);
    assert_int_equal(fake_in(&b->ports, 0x3fa), 0xc1);
    fake_out(&b->ports, 0x3f9, 0xff);
    assert_int_equal(fake_in(&b->ports, 0x3f9), 0x0f); /* IER has four bits */
}

/* Data sheet, MCR bit 4; the values are those of Linux's serial driver test. */
static void loops_back(void **state)
{
    struct board *b = *state;

    assert_int_equal(fake_in(&b->ports, 0x3fe) & 0xf0, 0xb0);
    fake_out(&b->ports, 0x3fc, 0x1a);                         /* loopback, OUT2, RTS */
    assert_int_equal(fake_in(&b->ports, 0x3fe) & 0xf0, 0x90); /* DCD, CTS */
    fake_out(&b->ports, 0x3fc, 0x15);                         /* loopback, OUT1, DTR */
    assert_int_equal(fake_in(&b->ports, 0x3fe) & 0xf0, 0x60); /* RI, DSR */
    assert_int_equal(fake_in(&b->ports, 0x3fd), 0x60);
    fake_out(&b->ports, 0x3f8, 0xae);
    assert_int_equal(fake_in(&b->ports, 0x3fd), 0x61);
    assert_int_equal(fake_in(&b->ports, 0x3f8), 0xae);
    assert_int_equal(fake_in(&b->ports, 0x3fd), 0x60);
    assert_int_equal(b->fake->console_size[BZC_CONSOLE_UART], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(prints_as_linux_does, setup, teardown),
        cmocka_unit_test_setup_teardown(divisor_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(looks_like_a_16550a, setup, teardown),
        cmocka_unit_test_setup_teardown(loops_back, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
