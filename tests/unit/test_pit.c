/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/pit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/fakes/fake_host.h"

struct board {
    struct bzc_clock clock;
    struct bzc_pit pit;
    struct bzc_ports ports;
};

static void power_on(struct board *b, uint64_t seed)
{
    *b = (struct board){0};
    bzc_pit_init(&b->pit, &b->clock, seed);
    assert_true(bzc_pit_attach(&b->pit, &b->ports));
}

static void set_counter(struct board *b, unsigned counter, uint8_t control, uint16_t count)
{
    fake_out(&b->ports, 0x43, control);
    fake_out(&b->ports, (uint16_t)(0x40 + counter), (uint8_t)count);
    fake_out(&b->ports, (uint16_t)(0x40 + counter), (uint8_t)(count >> 8));
}

static uint16_t read16(struct board *b, uint16_t port)
{
    uint8_t low = fake_in(&b->ports, port);

    return (uint16_t)(low | fake_in(&b->ports, port) << 8);
}

/* As Linux's kaslr.c: read-back of count and status of counter 0. */
static uint16_t kaslr_timer(struct board *b)
{
    fake_out(&b->ports, 0x43, 0xc2);
    assert_int_equal(fake_in(&b->ports, 0x40) & 0x40, 0); /* null count would make the kernel wait */
    return read16(b, 0x40);
}

static void mode_0_counts_down_and_raises_out_once(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x30, 1000);
    assert_int_equal(read16(&b, 0x40), 1000);
    b.clock.ticks += 400;
    assert_int_equal(read16(&b, 0x40), 600);
    assert_false(bzc_pit_irq0(&b.pit));
    b.clock.ticks += 600;
    assert_true(bzc_pit_irq0(&b.pit));
    assert_false(bzc_pit_irq0(&b.pit));
    b.clock.ticks += 1; /* it goes on, through ffffh */
    assert_int_equal(read16(&b, 0x40), 0xffff);
    b.clock.ticks += 0x20000;
    assert_false(bzc_pit_irq0(&b.pit));
}

static void mode_2_repeats(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x34, 1000);
    b.clock.ticks += 999;
    assert_int_equal(read16(&b, 0x40), 1); /* never 0 in mode 2 */
    fake_out(&b.ports, 0x43, 0xe2);        /* status: OUT low for the last tick */
    assert_int_equal(fake_in(&b.ports, 0x40), 0x34);
    b.clock.ticks += 1;
    assert_int_equal(read16(&b, 0x40), 1000);
    fake_out(&b.ports, 0x43, 0xe2);
    assert_int_equal(fake_in(&b.ports, 0x40), 0xb4);
    assert_true(bzc_pit_irq0(&b.pit));
    b.clock.ticks += 999;
    assert_false(bzc_pit_irq0(&b.pit));
    b.clock.ticks += 1;
    assert_true(bzc_pit_irq0(&b.pit));
}

static void mode_3_counts_by_two(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x36, 1000);
    b.clock.ticks += 100;
    assert_int_equal(read16(&b, 0x40), 800);
    fake_out(&b.ports, 0x43, 0xe2);
    assert_int_equal(fake_in(&b.ports, 0x40), 0xb6); /* OUT high, RW 3, mode 3 */
    b.clock.ticks += 400;                            /* second half */
    assert_int_equal(read16(&b, 0x40), 1000);
    fake_out(&b.ports, 0x43, 0xe2);
    assert_int_equal(fake_in(&b.ports, 0x40), 0x36);
    b.clock.ticks += 500;
    assert_true(bzc_pit_irq0(&b.pit));
    assert_false(bzc_pit_irq0(&b.pit));
}

/* Data sheet, mode 3 with an odd count: OUT is high for (N+1)/2 and low for (N-1)/2; for 5 the counter shows
 * 4 2 0, then 4 2. */
static void mode_3_with_an_odd_count(void **state)
{
    static const uint8_t count[5] = {4, 2, 0, 4, 2}, out[5] = {0x80, 0x80, 0x80, 0, 0};
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x36, 5);
    for (unsigned i = 0; i < 10; i++, b.clock.ticks++) {
        assert_int_equal(read16(&b, 0x40), count[i % 5]);
        fake_out(&b.ports, 0x43, 0xe2);
        assert_int_equal(fake_in(&b.ports, 0x40) & 0x80, out[i % 5]);
    }
}

static void latch_holds_both_bytes(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x34, 0x1234);
    fake_out(&b.ports, 0x43, 0x00);
    b.clock.ticks += 0x40;
    fake_out(&b.ports, 0x43, 0x00); /* a second latch before the read is ignored */
    assert_int_equal(fake_in(&b.ports, 0x40), 0x34);
    b.clock.ticks += 0x300;
    assert_int_equal(fake_in(&b.ports, 0x40), 0x12);
    assert_int_equal(read16(&b, 0x40), 0x1234 - 0x340);
}

static void reads_and_writes_one_byte(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    fake_out(&b.ports, 0x43, 0x14); /* counter 0, low byte only, mode 2 */
    fake_out(&b.ports, 0x40, 0x80);
    b.clock.ticks += 0x10;
    assert_int_equal(fake_in(&b.ports, 0x40), 0x70);
    assert_int_equal(fake_in(&b.ports, 0x40), 0x70);
    fake_out(&b.ports, 0x43, 0x24); /* high byte only */
    fake_out(&b.ports, 0x40, 0x80);
    b.clock.ticks += 0x1000;
    assert_int_equal(fake_in(&b.ports, 0x40), 0x70);
    assert_int_equal(fake_in(&b.ports, 0x40), 0x70);
}

/* Data sheet, "Read-Back Command Example". */
static void read_back(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x34, 1000);
    set_counter(&b, 2, 0xb4, 2000);
    fake_out(&b.ports, 0x43, 0xc2); /* count and status of 0 */
    fake_out(&b.ports, 0x43, 0xe4); /* status of 1 */
    fake_out(&b.ports, 0x43, 0xec); /* status of 1 and 2: latches 2, 1 is latched already */
    fake_out(&b.ports, 0x43, 0xd8); /* count of 2 */
    b.clock.ticks += 999;           /* OUT of 0 is low now */
    fake_out(&b.ports, 0x43, 0xe2); /* status of 0: ignored */
    assert_int_equal(fake_in(&b.ports, 0x40), 0xb4);
    assert_int_equal(read16(&b, 0x40), 1000);
    assert_int_equal(read16(&b, 0x40), 1);
    assert_int_equal(fake_in(&b.ports, 0x41) & 0x7f, 0x14);
    assert_int_equal(fake_in(&b.ports, 0x42), 0xb4);
    assert_int_equal(read16(&b, 0x42), 2000);
}

static void null_count_until_loaded(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    fake_out(&b.ports, 0x43, 0x34);
    fake_out(&b.ports, 0x40, 0x10);
    fake_out(&b.ports, 0x43, 0xe2);
    assert_int_equal(fake_in(&b.ports, 0x40), 0xf4); /* OUT high, null count: half a count is none */
    fake_out(&b.ports, 0x40, 0x00);
    fake_out(&b.ports, 0x43, 0xe2);
    assert_int_equal(fake_in(&b.ports, 0x40), 0xb4);
}

static void count_0_is_65536(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    set_counter(&b, 0, 0x34, 0);
    assert_int_equal(read16(&b, 0x40), 0);
    b.clock.ticks += 1;
    assert_int_equal(read16(&b, 0x40), 0xffff);
    b.clock.ticks += 65534;
    assert_false(bzc_pit_irq0(&b.pit));
    b.clock.ticks += 1;
    assert_true(bzc_pit_irq0(&b.pit));
}

static void power_on_state_is_the_bios_one(void **state)
{
    struct board b;
    unsigned rises = 0;

    (void)state;
    power_on(&b, 7);
    fake_out(&b.ports, 0x43, 0xe2);
    assert_int_equal(fake_in(&b.ports, 0x40) & 0x7f, 0x36);
    for (unsigned i = 0; i < 40; i++) { /* 18.2 Hz: 40 quarters of 65536 hold exactly 10 ticks */
        b.clock.ticks += 65536 / 4;
        rises += bzc_pit_irq0(&b.pit);
    }
    assert_int_equal(rises, 10);
}

static void counter_2_stands_at_power_on(void **state)
{
    struct board b;
    uint16_t before;

    (void)state;
    power_on(&b, 7);
    before = read16(&b, 0x42);
    b.clock.ticks += 101;
    assert_int_equal(read16(&b, 0x42), before);
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x03, 0);
}

static void seed_decides_the_readings(void **state)
{
    uint16_t seen[32];
    unsigned bits = 0, quarters = 0;

    (void)state;
    for (unsigned seed = 0; seed < 32; seed++) {
        struct board a, again;

        power_on(&a, seed);
        power_on(&again, seed);
        seen[seed] = kaslr_timer(&a);
        assert_int_equal(seen[seed], kaslr_timer(&again));
        for (unsigned i = 0; i < seed; i++)
            assert_int_not_equal(seen[i], seen[seed]);
        bits |= seen[0] ^ seen[seed];
        quarters |= 1u << (seen[seed] >> 14);
    }
    assert_int_equal(quarters, 0x0f); /* neighbouring seeds lie far apart */
    assert_int_equal(bits, 0xfffe);   /* every bit varies but the lowest: mode 3 counts by two */
}

static void port_61_gates_counter_2(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    fake_out(&b.ports, 0x61, 0x00);
    set_counter(&b, 2, 0xb0, 1000); /* mode 0, as Linux calibrates with it */
    b.clock.ticks += 5000;
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x23, 0x00);
    fake_out(&b.ports, 0x61, 0x01);
    b.clock.ticks += 999;
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x23, 0x01);
    b.clock.ticks += 1;
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x23, 0x21);
}

static void gate_pauses_mode_0(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    fake_out(&b.ports, 0x61, 0x01);
    set_counter(&b, 2, 0xb0, 1000);
    b.clock.ticks += 300;
    fake_out(&b.ports, 0x61, 0x00);
    b.clock.ticks += 5000;
    assert_int_equal(read16(&b, 0x42), 700);
    fake_out(&b.ports, 0x61, 0x01);
    b.clock.ticks += 100;
    assert_int_equal(read16(&b, 0x42), 600);
}

static void gate_triggers_mode_1(void **state)
{
    struct board b;

    (void)state;
    power_on(&b, 0);
    fake_out(&b.ports, 0x61, 0x00);
    set_counter(&b, 2, 0xb2, 500);
    b.clock.ticks += 5000;
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x20, 0x20); /* high until triggered */
    fake_out(&b.ports, 0x61, 0x01);
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x20, 0x00);
    b.clock.ticks += 500;
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x20, 0x20);
}

static void refresh_toggles(void **state)
{
    struct board b;
    uint8_t first;

    (void)state;
    power_on(&b, 0);
    first = fake_in(&b.ports, 0x61) & 0x10;
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x10, first ^ 0x10);
    assert_int_equal(fake_in(&b.ports, 0x61) & 0x10, first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mode_0_counts_down_and_raises_out_once),
        cmocka_unit_test(mode_2_repeats),
        cmocka_unit_test(mode_3_counts_by_two),
        cmocka_unit_test(mode_3_with_an_odd_count),
        cmocka_unit_test(latch_holds_both_bytes),
        cmocka_unit_test(reads_and_writes_one_byte),
        cmocka_unit_test(read_back),
        cmocka_unit_test(null_count_until_loaded),
        cmocka_unit_test(count_0_is_65536),
        cmocka_unit_test(power_on_state_is_the_bios_one),
        cmocka_unit_test(counter_2_stands_at_power_on),
        cmocka_unit_test(seed_decides_the_readings),
        cmocka_unit_test(port_61_gates_counter_2),
        cmocka_unit_test(gate_pauses_mode_0),
        cmocka_unit_test(gate_triggers_mode_1),
        cmocka_unit_test(refresh_toggles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
