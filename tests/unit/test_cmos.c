/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/cmos.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/fakes/fake_host.h"

struct board {
    struct bzc_clock clock;
    struct bzc_memory_map map;
    struct bzc_cmos cmos;
    struct bzc_ports ports;
};

/* A PC with 639 KiB and with RAM from 1 MiB to `end`. */
static void power_on(struct board *b, uint64_t end)
{
    *b = (struct board){
        .map = {.range = {{0, 0x9fc00, BZC_E820_RAM}, {0x100000, end - 0x100000, BZC_E820_RAM}}, .count = 2}};
    bzc_cmos_init(&b->cmos, &b->map, &b->clock);
    assert_true(bzc_cmos_attach(&b->cmos, &b->ports));
}

static uint8_t get(struct board *b, uint8_t index)
{
    fake_out(&b->ports, 0x70, index);
    return fake_in(&b->ports, 0x71);
}

static unsigned get16(struct board *b, uint8_t index)
{
    return get(b, index) | (unsigned)get(b, (uint8_t)(index + 1)) << 8;
}

static void starts_on_a_fixed_date(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0x8000000);
    assert_int_equal(get(&b, 0x00), 0x00);
    assert_int_equal(get(&b, 0x02), 0x00);
    assert_int_equal(get(&b, 0x04), 0x00);
    assert_int_equal(get(&b, 0x06), 0x05); /* a Thursday, says cal(1) */
    assert_int_equal(get(&b, 0x07), 0x01);
    assert_int_equal(get(&b, 0x08), 0x01);
    assert_int_equal(get(&b, 0x09), 0x26);
    assert_int_equal(get(&b, 0x32), 0x20);
    assert_int_equal(get(&b, 0x0a) & 0x80, 0); /* no update in progress */
    assert_int_equal(get(&b, 0x0b), 0x02);     /* BCD, 24 hours */
    assert_int_equal(get(&b, 0x0d), 0x80);
}

static void follows_the_guest_clock(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0x8000000);
    b.clock.ticks = (uint64_t)BZC_CLOCK_HZ * (59 * 86400ull + 13 * 3600 + 47 * 60 + 58); /* 2026-03-01, a Sunday */
    assert_int_equal(get(&b, 0x00), 0x58);
    assert_int_equal(get(&b, 0x02), 0x47);
    assert_int_equal(get(&b, 0x04), 0x13);
    assert_int_equal(get(&b, 0x06), 0x01);
    assert_int_equal(get(&b, 0x07), 0x01);
    assert_int_equal(get(&b, 0x08), 0x03);
    b.clock.ticks = (uint64_t)BZC_CLOCK_HZ * 86400 * 365;
    assert_int_equal(get(&b, 0x07), 0x01);
    assert_int_equal(get(&b, 0x08), 0x01);
    assert_int_equal(get(&b, 0x09), 0x27);
    b.clock.ticks = UINT64_MAX; /* far away, but a date */
    assert_int_equal(get(&b, 0x32), 0x20);
    assert_in_range(get(&b, 0x09), 0x26, 0x27);
    assert_in_range(get(&b, 0x07), 0x01, 0x31);
}

static void nmi_bit_is_no_index(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0x8000000);
    assert_int_equal(get(&b, 0x80 | 0x0d), 0x80);
}

static void tells_the_memory(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0x8000000); /* 128 MiB */
    assert_int_equal(get16(&b, 0x15), 639);
    assert_int_equal(get16(&b, 0x17), 0xffff); /* 130048 KiB do not fit */
    assert_int_equal(get16(&b, 0x30), 0xffff);
    assert_int_equal(get16(&b, 0x34), 0x700); /* 112 MiB in 64 KiB */
    power_on(&b, 0x800000);                   /* 8 MiB */
    assert_int_equal(get16(&b, 0x17), 7168);
    assert_int_equal(get16(&b, 0x30), 7168);
    assert_int_equal(get16(&b, 0x34), 0);
    power_on(&b, 0x100000000ull << 4);
    assert_int_equal(get16(&b, 0x34), 0xffff);
}

static void describes_a_pc_without_drives(void **state)
{
    struct board b;
    unsigned sum = 0;

    (void)state;
    power_on(&b, 0x8000000);
    assert_int_equal(get(&b, 0x0f), 0x00);
    assert_int_equal(get(&b, 0x10), 0x00);
    assert_int_equal(get(&b, 0x12), 0x00);
    assert_int_equal(get(&b, 0x14) & 0x32, 0x22); /* coprocessor, 80x25 colour */
    for (uint8_t i = 0x10; i <= 0x2d; i++)
        sum += get(&b, i);
    assert_int_equal(get(&b, 0x2e) << 8 | get(&b, 0x2f), sum);
}

static void keeps_what_is_written(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0x8000000);
    fake_out(&b.ports, 0x70, 0x0f);
    fake_out(&b.ports, 0x71, 0x0a);
    assert_int_equal(get(&b, 0x0f), 0x0a);
    fake_out(&b.ports, 0x70, 0x0d);
    fake_out(&b.ports, 0x71, 0x00);
    assert_int_equal(get(&b, 0x0d), 0x80); /* read-only */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_on_a_fixed_date),        cmocka_unit_test(follows_the_guest_clock),
        cmocka_unit_test(nmi_bit_is_no_index),           cmocka_unit_test(tells_the_memory),
        cmocka_unit_test(describes_a_pc_without_drives), cmocka_unit_test(keeps_what_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
