/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/pc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fakes/fake_host.h"

struct board {
    struct fake_host *fake;
    struct bzc_memory_map map;
    struct bzc_pc *pc;
    const char *name; /* of the device that answered last */
};

static int setup(void **state)
{
    struct board *b = calloc(1, sizeof(*b));
    struct bzc_pc_config config;

    b->fake = fake_host_new();
    b->map =
        (struct bzc_memory_map){.range = {{0, 0x9fc00, BZC_E820_RAM}, {0x100000, 0x7f00000, BZC_E820_RAM}}, .count = 2};
    config = (struct bzc_pc_config){.map = &b->map, .host = b->fake->host, .timer_seed = 1};
    b->pc = bzc_pc_new(&config);
    assert_non_null(b->pc);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct board *b = *state;

    bzc_pc_free(b->pc);
    fake_host_free(b->fake);
    free(b);
    return 0;
}

static uint32_t in(struct board *b, uint16_t port, unsigned size)
{
    return bzc_pc_in(b->pc, port, size, &b->name);
}

static void out(struct board *b, uint16_t port, unsigned size, uint32_t value)
{
    bzc_pc_out(b->pc, port, size, value, &b->name);
}

static bool a20_by_bios(struct board *b, uint16_t ax)
{
    struct bzc_bios_regs regs = {.eax = ax};

    assert_int_equal(bzc_bios_call(bzc_pc_bios(b->pc), 0x15, &regs, NULL), BZC_BIOS_DONE);
    return regs.eax & 1;
}

static void a20_by_port_92(struct board *b, bool open)
{
    uint32_t value = in(b, 0x92, 1);

    out(b, 0x92, 1, open ? value | 0x02 : value & ~0x02u);
}

static void a20_by_8042(struct board *b, bool open)
{
    out(b, 0x64, 1, 0xd1);
    out(b, 0x60, 1, open ? 0xdf : 0xdd);
}

/* All three ways report the same line. */
static void expect_a20(struct board *b, bool open)
{
    assert_int_equal(b->fake->a20, open);
    assert_int_equal(in(b, 0x92, 1) >> 1 & 1, open);
    out(b, 0x64, 1, 0xd0);
    assert_int_equal(in(b, 0x60, 1) >> 1 & 1, open);
    assert_int_equal(a20_by_bios(b, 0x2402), open);
}

static void a20_three_ways(void **state)
{
    struct board *b = *state;

    expect_a20(b, false);
    assert_int_equal(b->fake->a20_changes, 0);
    a20_by_bios(b, 0x2401);
    expect_a20(b, true);
    assert_string_equal(b->fake->a20_by, "INT 15h");
    a20_by_port_92(b, false);
    expect_a20(b, false);
    assert_string_equal(b->fake->a20_by, "port 92h");
    a20_by_8042(b, true);
    expect_a20(b, true);
    assert_string_equal(b->fake->a20_by, "8042");
    a20_by_bios(b, 0x2400);
    expect_a20(b, false);
    a20_by_port_92(b, true);
    expect_a20(b, true);
    a20_by_8042(b, false);
    expect_a20(b, false);
    assert_int_equal(b->fake->a20_changes, 6);
    assert_int_equal(b->fake->resets, 0);
}

static void resets_three_ways(void **state)
{
    struct board *b = *state;

    out(b, 0x92, 1, 0x01);
    assert_int_equal(b->fake->resets, 1);
    assert_string_equal(b->fake->reset_by, "port 92h");
    out(b, 0x92, 1, 0x01); /* no rising edge */
    assert_int_equal(b->fake->resets, 1);
    out(b, 0x64, 1, 0xfe);
    assert_int_equal(b->fake->resets, 2);
    out(b, 0xcf9, 1, 0x02); /* Linux: first 02h, then 06h */
    assert_int_equal(b->fake->resets, 2);
    out(b, 0xcf9, 1, 0x06);
    assert_int_equal(b->fake->resets, 3);
    assert_string_equal(b->fake->reset_by, "port CF9h");
    out(b, 0xcf9, 1, 0x06); /* no rising edge */
    assert_int_equal(b->fake->resets, 3);
}

static void unknown_ports_have_no_name(void **state)
{
    struct board *b = *state;

    assert_int_equal(in(b, 0x1234, 1), 0xff);
    assert_null(b->name);
    assert_int_equal(in(b, 0x1234, 2), 0xffff);
    assert_int_equal(in(b, 0x1234, 4), 0xffffffff);
    out(b, 0x1234, 4, 0);
    assert_null(b->name);
    assert_int_equal(in(b, 0xffff, 4) & 0xff, 0xff); /* wraps to port 0 */
    assert_null(b->name);
}

/* Ports that setup code of Linux 2.2 to 7.x touches. */
static void known_ports_have_names(void **state)
{
    static const struct {
        uint16_t port;
        const char *name;
    } known[] = {
        {0x20, "PIC"},
        {0x21, "PIC"},
        {0xa0, "PIC"},
        {0xa1, "PIC"},
        {0x40, "PIT"},
        {0x43, "PIT"},
        {0x60, "8042"},
        {0x64, "8042"},
        {0x61, "port 61h"},
        {0x70, "CMOS"},
        {0x71, "CMOS"},
        {0x80, "delay port 80h"},
        {0xed, "delay port EDh"},
        {0x92, "port 92h"},
        {0xf0, "coprocessor"},
        {0xf1, "coprocessor"},
        {0x3c0, "VGA"},
        {0x3cc, "VGA"},
        {0x3ce, "VGA"},
        {0x3d4, "VGA"},
        {0x3da, "VGA"},
        {0x3f8, "COM1"},
        {0x3fd, "COM1"},
        {0x2f8, "COM2"},
        {0x3f2, "floppy controller"},
        {0xe9, "debug console"},
        {0xcf8, "PCI configuration"},
    };
    struct board *b = *state;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        in(b, known[i].port, 1);
        assert_non_null(b->name);
        assert_string_equal(b->name, known[i].name);
    }
}

/* Every port, every size, reading and writing: an answer within the size. */
static void no_port_does_harm(void **state)
{
    struct board *b = *state;

    for (unsigned port = 0; port < 0x10000; port++) {
        for (unsigned size = 1; size <= 4; size *= 2) {
            out(b, (uint16_t)port, size, 0xffffffffu);
            if (size < 4)
                assert_int_equal(in(b, (uint16_t)port, size) >> size * 8, 0);
            else
                in(b, (uint16_t)port, size);
            out(b, (uint16_t)port, size, 0);
        }
    }
}

/* Linux's out_idx(): one word, index and value. */
static void wide_accesses_split(void **state)
{
    struct board *b = *state;

    out(b, 0x3d4, 2, 0x340c);
    assert_string_equal(b->name, "VGA");
    out(b, 0x3d4, 1, 0x0c);
    assert_int_equal(in(b, 0x3d5, 1), 0x34);
    assert_int_equal(in(b, 0x3d4, 2), 0x340c);
    assert_int_equal(in(b, 0x60, 4) >> 16 & 0xffff, 0xffff); /* 62h and 63h: nobody */
}

static void pci_bus_is_empty(void **state)
{
    struct board *b = *state;

    out(b, 0xcf8, 4, 0x80000000);
    assert_int_equal(in(b, 0xcf8, 4), 0x80000000); /* mechanism 1 is there */
    assert_int_equal(in(b, 0xcfc, 4), 0xffffffff);
    assert_int_equal(in(b, 0xcfe, 2), 0xffff);
    out(b, 0xcf8, 1, 0x12); /* a byte passes the register by */
    assert_int_equal(in(b, 0xcf8, 4), 0x80000000);
}

static void timer_interrupts_through_the_pic(void **state)
{
    struct board *b = *state;
    uint8_t vector = 0;

    bzc_pc_advance(b->pc, 65536);
    assert_true(bzc_pc_interrupt(b->pc, &vector));
    assert_int_equal(vector, 0x08);
    assert_false(bzc_pc_interrupt(b->pc, &vector));
    bzc_pc_advance(b->pc, 65536);
    assert_false(bzc_pc_interrupt(b->pc, &vector)); /* still in service */
    out(b, 0x20, 1, 0x20);
    assert_true(bzc_pc_interrupt(b->pc, &vector));
    out(b, 0x20, 1, 0x20);
    out(b, 0x21, 1, 0xfb); /* masked as by Linux's setup */
    bzc_pc_advance(b->pc, 65536);
    assert_false(bzc_pc_interrupt(b->pc, &vector));
    assert_int_equal(in(b, 0x20, 1) & 1, 1); /* but requested */
}

static void port_accesses_take_time(void **state)
{
    struct board *b = *state;
    unsigned first, second;

    out(b, 0x43, 1, 0x34); /* counter 0, mode 2, 65536 */
    out(b, 0x40, 1, 0x00);
    out(b, 0x40, 1, 0x00);
    out(b, 0x43, 1, 0x00);
    first = in(b, 0x40, 1);
    first |= in(b, 0x40, 1) << 8;
    out(b, 0x43, 1, 0x00);
    second = in(b, 0x40, 1);
    second |= in(b, 0x40, 1) << 8;
    assert_int_equal(first, 0xffff);
    assert_int_equal(second, 0xfffc); /* three accesses later */
}

static void seed_reaches_the_timer(void **state)
{
    struct board *b = *state;
    uint16_t reading[3];

    for (unsigned i = 0; i < 3; i++) {
        struct bzc_pc_config config = {.map = &b->map, .host = b->fake->host, .timer_seed = i == 2 ? 0 : i};
        struct bzc_pc *pc = bzc_pc_new(&config);
        const char *name;

        assert_non_null(pc);
        bzc_pc_out(pc, 0x43, 1, 0x00, &name);
        reading[i] = (uint16_t)bzc_pc_in(pc, 0x40, 1, &name);
        reading[i] |= (uint16_t)(bzc_pc_in(pc, 0x40, 1, &name) << 8);
        bzc_pc_free(pc);
    }
    assert_int_not_equal(reading[0], reading[1]);
    assert_int_equal(reading[0], reading[2]);
}

static void vga_answers_as_linux_asks(void **state)
{
    struct board *b = *state;
    uint32_t status;

    assert_int_equal(in(b, 0x3cc, 1) & 1, 1); /* CRTC at 3d4h */
    in(b, 0x3da, 1);                          /* attribute controller: index next */
    out(b, 0x3c0, 1, 0x10);
    assert_int_equal(in(b, 0x3c1, 1) & 1, 0); /* text */
    out(b, 0x3ce, 1, 0x06);
    assert_int_equal(in(b, 0x3cf, 1) & 1, 0); /* text */
    out(b, 0x3d4, 1, 0x0f);
    assert_int_equal(in(b, 0x3d5, 1), 0);
    assert_int_equal(in(b, 0x3b5, 1), 0xff); /* the monochrome block is silent */
    status = in(b, 0x3da, 1) & 0x09;
    assert_int_equal(in(b, 0x3da, 1) & 0x09, status ^ 0x09);
    out(b, 0x3c2, 1, 0x66); /* monochrome */
    assert_int_equal(in(b, 0x3b5, 1), 0);
    assert_int_equal(in(b, 0x3d5, 1), 0xff);
}

static void vga_attribute_port_alternates(void **state)
{
    struct board *b = *state;

    in(b, 0x3da, 1);
    out(b, 0x3c0, 1, 0x01);
    out(b, 0x3c0, 1, 0x2a);
    out(b, 0x3c0, 1, 0x02);
    in(b, 0x3da, 1); /* starts over: the next is an index again */
    out(b, 0x3c0, 1, 0x01);
    assert_int_equal(in(b, 0x3c1, 1), 0x2a);
}

static void consoles_are_told_apart(void **state)
{
    struct board *b = *state;

    out(b, 0x3f8, 1, 'u');
    out(b, 0x2f8, 1, 'v');
    out(b, 0xe9, 1, 'd');
    assert_string_equal(b->fake->console[BZC_CONSOLE_UART], "uv");
    assert_string_equal(b->fake->console[BZC_CONSOLE_DEBUG], "d");
    assert_string_equal(b->fake->console[BZC_CONSOLE_INT10], "");
    assert_int_equal(in(b, 0xe9, 1), 0xe9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a20_three_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(resets_three_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_ports_have_no_name, setup, teardown),
        cmocka_unit_test_setup_teardown(known_ports_have_names, setup, teardown),
        cmocka_unit_test_setup_teardown(no_port_does_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(wide_accesses_split, setup, teardown),
        cmocka_unit_test_setup_teardown(pci_bus_is_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(timer_interrupts_through_the_pic, setup, teardown),
        cmocka_unit_test_setup_teardown(port_accesses_take_time, setup, teardown),
        cmocka_unit_test_setup_teardown(seed_reaches_the_timer, setup, teardown),
        cmocka_unit_test_setup_teardown(vga_answers_as_linux_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(vga_attribute_port_alternates, setup, teardown),
        cmocka_unit_test_setup_teardown(consoles_are_told_apart, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
