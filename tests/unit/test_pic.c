/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/pic.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/fakes/fake_host.h"

struct board {
    struct bzc_pic pic;
    struct bzc_ports ports;
};

static void power_on(struct board *b)
{
    *b = (struct board){0};
    bzc_pic_init(&b->pic);
    assert_true(bzc_pic_attach(&b->pic, &b->ports));
}

/* The sequence of Linux 2.2's setup.S: vectors 20h and 28h. */
static void program(struct board *b, uint8_t icw4)
{
    fake_out(&b->ports, 0x20, 0x11);
    fake_out(&b->ports, 0xa0, 0x11);
    fake_out(&b->ports, 0x21, 0x20);
    fake_out(&b->ports, 0xa1, 0x28);
    fake_out(&b->ports, 0x21, 0x04);
    fake_out(&b->ports, 0xa1, 0x02);
    fake_out(&b->ports, 0x21, icw4);
    fake_out(&b->ports, 0xa1, icw4);
}

static void expect_vector(struct board *b, uint8_t expected)
{
    uint8_t vector = 0;

    assert_true(bzc_pic_acknowledge(&b->pic, &vector));
    assert_int_equal(vector, expected);
}

static void expect_none(struct board *b)
{
    uint8_t vector;

    assert_false(bzc_pic_acknowledge(&b->pic, &vector));
}

static void serves_the_bios_vectors(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    expect_none(&b);
    bzc_pic_raise(&b.pic, 0);
    expect_vector(&b, 0x08);
    fake_out(&b.ports, 0x20, 0x20);
    bzc_pic_raise(&b.pic, 1);
    expect_vector(&b, 0x09);
    fake_out(&b.ports, 0x20, 0x20);
    fake_out(&b.ports, 0xa1, 0x00);
    bzc_pic_raise(&b.pic, 8);
    expect_vector(&b, 0x70);
}

static void initialises_as_linux_does(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x01);
    assert_int_equal(fake_in(&b.ports, 0x21), 0x00); /* ICW1 clears the masks */
    assert_int_equal(fake_in(&b.ports, 0xa1), 0x00);
    fake_out(&b.ports, 0xa1, 0xff);
    fake_out(&b.ports, 0x21, 0xfb);
    assert_int_equal(fake_in(&b.ports, 0x21), 0xfb);
    assert_int_equal(fake_in(&b.ports, 0xa1), 0xff);
    bzc_pic_raise(&b.pic, 0);
    bzc_pic_raise(&b.pic, 14);
    expect_none(&b);
    fake_out(&b.ports, 0xa1, 0xbf);
    expect_vector(&b, 0x2e);
    fake_out(&b.ports, 0x21, 0xfa);
    expect_vector(&b, 0x20); /* IRQ 0 passes by the cascade in service */
}

static void mask_keeps_the_request(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x01);
    fake_out(&b.ports, 0x21, 0x01);
    bzc_pic_raise(&b.pic, 0);
    expect_none(&b);
    assert_int_equal(fake_in(&b.ports, 0x20), 0x01); /* IRR */
    fake_out(&b.ports, 0x21, 0x00);
    expect_vector(&b, 0x20);
    assert_int_equal(fake_in(&b.ports, 0x20), 0x00);
}

static void priorities_nest(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x01);
    bzc_pic_raise(&b.pic, 5);
    bzc_pic_raise(&b.pic, 3);
    expect_vector(&b, 0x23);
    expect_none(&b); /* 5 is below 3 */
    bzc_pic_raise(&b.pic, 3);
    expect_none(&b); /* 3 again waits for its own end */
    bzc_pic_raise(&b.pic, 1);
    expect_vector(&b, 0x21);
    fake_out(&b.ports, 0x20, 0x0b); /* OCW3: show ISR */
    assert_int_equal(fake_in(&b.ports, 0x20), 0x0a);
    fake_out(&b.ports, 0x20, 0x20); /* EOI ends the highest: 1 */
    assert_int_equal(fake_in(&b.ports, 0x20), 0x08);
    expect_none(&b);
    fake_out(&b.ports, 0x20, 0x63); /* specific EOI of 3 */
    expect_vector(&b, 0x23);
    fake_out(&b.ports, 0x20, 0x63);
    assert_int_equal(fake_in(&b.ports, 0x20), 0x00);
    fake_out(&b.ports, 0x20, 0x0a); /* back to IRR */
    assert_int_equal(fake_in(&b.ports, 0x20), 0x20);
    expect_vector(&b, 0x25);
}

static void second_chip_passes_through_input_2(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x01);
    bzc_pic_raise(&b.pic, 12);
    bzc_pic_raise(&b.pic, 3);
    assert_int_equal(fake_in(&b.ports, 0x20), 0x0c); /* IRR: 3, and 2 for the second chip */
    expect_vector(&b, 0x2c);
    expect_none(&b);
    fake_out(&b.ports, 0x20, 0x20); /* ends input 2 only */
    expect_vector(&b, 0x23);
    fake_out(&b.ports, 0xa0, 0x0b);
    assert_int_equal(fake_in(&b.ports, 0xa0), 0x10);
    fake_out(&b.ports, 0xa0, 0x20);
    assert_int_equal(fake_in(&b.ports, 0xa0), 0x00);
}

static void auto_eoi_leaves_nothing_in_service(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x03);
    bzc_pic_raise(&b.pic, 3);
    expect_vector(&b, 0x23);
    bzc_pic_raise(&b.pic, 5);
    expect_vector(&b, 0x25);
}

static void icw1_without_icw4(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    fake_out(&b.ports, 0x20, 0x12); /* single, no ICW4 */
    fake_out(&b.ports, 0x21, 0x47); /* T7-T3 only */
    fake_out(&b.ports, 0x21, 0xfd); /* already OCW1 */
    assert_int_equal(fake_in(&b.ports, 0x21), 0xfd);
    bzc_pic_raise(&b.pic, 1);
    expect_vector(&b, 0x41);
}

static void rotates(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x01);
    bzc_pic_raise(&b.pic, 3);
    expect_vector(&b, 0x23);
    fake_out(&b.ports, 0x20, 0xa0); /* rotate on EOI: 3 is lowest now, 4 highest */
    bzc_pic_raise(&b.pic, 0);
    bzc_pic_raise(&b.pic, 4);
    expect_vector(&b, 0x24);
    fake_out(&b.ports, 0x20, 0x20);
    fake_out(&b.ports, 0x20, 0xc7); /* set priority: 7 lowest, as at first */
    bzc_pic_raise(&b.pic, 4);
    expect_vector(&b, 0x20);
}

static void polls(void **state)
{
    struct board b;

    (void)state;
    power_on(&b);
    program(&b, 0x01);
    bzc_pic_raise(&b.pic, 6);
    fake_out(&b.ports, 0x20, 0x0c);
    assert_int_equal(fake_in(&b.ports, 0x20), 0x86);
    fake_out(&b.ports, 0x20, 0x0c);
    assert_int_equal(fake_in(&b.ports, 0x20) & 0x80, 0x00);
    expect_none(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_the_bios_vectors),
        cmocka_unit_test(initialises_as_linux_does),
        cmocka_unit_test(mask_keeps_the_request),
        cmocka_unit_test(priorities_nest),
        cmocka_unit_test(second_chip_passes_through_input_2),
        cmocka_unit_test(auto_eoi_leaves_nothing_in_service),
        cmocka_unit_test(icw1_without_icw4),
        cmocka_unit_test(rotates),
        cmocka_unit_test(polls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
