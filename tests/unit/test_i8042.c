/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/i8042.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fakes/fake_host.h"

struct board {
    struct fake_host *fake;
    struct bzc_a20 a20;
    struct bzc_i8042 kbc;
    struct bzc_ports ports;
};

static int setup(void **state)
{
    struct board *b = calloc(1, sizeof(*b));

    b->fake = fake_host_new();
    b->a20.host = &b->fake->host;
    bzc_i8042_init(&b->kbc, &b->a20, &b->fake->host);
    assert_true(bzc_i8042_attach(&b->kbc, &b->ports));
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

/* The bytes the controller holds for the guest, in order. */
static void expect_bytes(struct board *b, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(fake_in(&b->ports, 0x64) & 0x01, 0x01);
        assert_int_equal(fake_in(&b->ports, 0x60), bytes[i]);
    }
    assert_int_equal(fake_in(&b->ports, 0x64) & 0x01, 0);
}

static void is_idle_at_power_on(void **state)
{
    struct board *b = *state;

    /* Output and input buffer empty, system flag set, not locked. */
    assert_int_equal(fake_in(&b->ports, 0x64), 0x14);
}

static void tells_commands_from_data(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x64, 0xae);
    assert_int_equal(fake_in(&b->ports, 0x64) & 0x08, 0x08);
    fake_out(&b->ports, 0x60, 0xf4);
    assert_int_equal(fake_in(&b->ports, 0x64) & 0x08, 0);
}

static void output_port_moves_a20(void **state)
{
    struct board *b = *state;

    /* What Linux's setup does. */
    fake_out(&b->ports, 0x64, 0xd1);
    fake_out(&b->ports, 0x60, 0xdf);
    fake_out(&b->ports, 0x64, 0xff);
    assert_true(b->fake->a20);
    assert_string_equal(b->fake->a20_by, "8042");
    assert_int_equal(b->fake->a20_changes, 1);
    fake_out(&b->ports, 0x64, 0xd0);
    expect_bytes(b, (const uint8_t[]){0x03}, 1);

    fake_out(&b->ports, 0x64, 0xd1);
    fake_out(&b->ports, 0x60, 0xdd);
    assert_false(b->fake->a20);
    fake_out(&b->ports, 0x64, 0xd0);
    expect_bytes(b, (const uint8_t[]){0x01}, 1);
    assert_int_equal(b->fake->resets, 0);
}

static void single_byte_commands_move_a20(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x64, 0xdf);
    assert_true(b->fake->a20);
    fake_out(&b->ports, 0x64, 0xdd);
    assert_false(b->fake->a20);
}

static void shows_a20_moved_elsewhere(void **state)
{
    struct board *b = *state;

    bzc_a20_set(&b->a20, true, "port 92h");
    fake_out(&b->ports, 0x64, 0xd0);
    expect_bytes(b, (const uint8_t[]){0x03}, 1);
    fake_out(&b->ports, 0x64, 0xdf);
    assert_int_equal(b->fake->a20_changes, 1); /* it was open: nothing moved */
}

static void resets(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x64, 0xff); /* pulses nothing */
    assert_int_equal(b->fake->resets, 0);
    fake_out(&b->ports, 0x64, 0xfe); /* pulses bit 0 */
    assert_int_equal(b->fake->resets, 1);
    assert_string_equal(b->fake->reset_by, "8042");
    fake_out(&b->ports, 0x64, 0xd1);
    fake_out(&b->ports, 0x60, 0xfe); /* bit 0 of the output port low */
    assert_int_equal(b->fake->resets, 2);
}

static void tests_itself(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x64, 0xaa);
    expect_bytes(b, (const uint8_t[]){0x55}, 1);
    fake_out(&b->ports, 0x64, 0xab);
    expect_bytes(b, (const uint8_t[]){0x00}, 1);
}

static void keeps_the_command_byte(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x64, 0x60);
    fake_out(&b->ports, 0x60, 0x47);
    fake_out(&b->ports, 0x64, 0x20);
    expect_bytes(b, (const uint8_t[]){0x47}, 1);
    fake_out(&b->ports, 0x64, 0xad); /* bit 4: keyboard off */
    fake_out(&b->ports, 0x64, 0xa7); /* bit 5: mouse off */
    fake_out(&b->ports, 0x64, 0x20);
    expect_bytes(b, (const uint8_t[]){0x77}, 1);
    fake_out(&b->ports, 0x64, 0xae);
    fake_out(&b->ports, 0x64, 0xa8);
    fake_out(&b->ports, 0x64, 0x20);
    expect_bytes(b, (const uint8_t[]){0x47}, 1);
}

static void keyboard_answers(void **state)
{
    struct board *b = *state;

    fake_out(&b->ports, 0x60, 0xed); /* indicators and their value */
    expect_bytes(b, (const uint8_t[]){0xfa}, 1);
    fake_out(&b->ports, 0x60, 0xff); /* now a parameter, no reset */
    expect_bytes(b, (const uint8_t[]){0xfa}, 1);
    fake_out(&b->ports, 0x60, 0xff); /* reset: ACK, test passed */
    expect_bytes(b, (const uint8_t[]){0xfa, 0xaa}, 2);
    fake_out(&b->ports, 0x60, 0xee);
    expect_bytes(b, (const uint8_t[]){0xee}, 1);
    fake_out(&b->ports, 0x60, 0xf2); /* identify, translated */
    expect_bytes(b, (const uint8_t[]){0xfa, 0xab, 0x41}, 3);
    fake_out(&b->ports, 0x64, 0x60); /* translation off */
    fake_out(&b->ports, 0x60, 0x05);
    fake_out(&b->ports, 0x60, 0xf2);
    expect_bytes(b, (const uint8_t[]){0xfa, 0xab, 0x83}, 3);
}

static void queue_is_bounded(void **state)
{
    struct board *b = *state;

    for (int i = 0; i < 100; i++)
        fake_out(&b->ports, 0x64, 0xaa);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(fake_in(&b->ports, 0x64) & 0x01, 1);
        assert_int_equal(fake_in(&b->ports, 0x60), 0x55);
    }
    assert_int_equal(fake_in(&b->ports, 0x64) & 0x01, 0);
    assert_int_equal(fake_in(&b->ports, 0x60), 0x55); /* an empty buffer shows its last byte */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_idle_at_power_on, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_commands_from_data, setup, teardown),
        cmocka_unit_test_setup_teardown(output_port_moves_a20, setup, teardown),
        cmocka_unit_test_setup_teardown(single_byte_commands_move_a20, setup, teardown),
        cmocka_unit_test_setup_teardown(shows_a20_moved_elsewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(resets, setup, teardown),
        cmocka_unit_test_setup_teardown(tests_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_the_command_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(keyboard_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(queue_is_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
