/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation of a run: what becomes one entry, order, counts, and what there is no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "verify/collector.h"

static struct bzc_run_facts facts;
static struct bzc_collector collector;

static int fresh(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof(facts));
    collector = (struct bzc_collector){.facts = &facts};
    return 0;
}

static void tell(enum bzc_event_kind kind, uint64_t a, uint64_t b, const char *name)
{
    const struct bzc_event event = {.kind = kind, .a = a, .b = b, .name = name};

    bzc_collector_event(&collector, &event);
}

static void expect(size_t index, enum bzc_talk_kind kind, uint8_t vector, uint16_t number, bool whole_ax,
                   uint64_t count)
{
    const struct bzc_talk *talk = &facts.conversation[index];

    assert_true(index < facts.conversation_count);
    assert_int_equal(talk->kind, kind);
    assert_int_equal(talk->vector, vector);
    assert_int_equal(talk->number, number);
    assert_int_equal(talk->whole_ax, whole_ax);
    assert_int_equal(talk->count, count);
}

static void each_port_and_direction_is_told_once(void **state)
{
    (void)state;
    tell(BZC_EVENT_PORT_IN, 0x64, 0x14, "i8042");
    tell(BZC_EVENT_PORT_OUT, 0x64, 0xd1, "i8042");
    tell(BZC_EVENT_PORT_IN, 0x64, 0x00, "i8042");
    tell(BZC_EVENT_PORT_IN, 0x3fd, 0x60, NULL);
    tell(BZC_EVENT_CONSOLE, 'x', 0, NULL);
    assert_int_equal(facts.conversation_count, 3);
    expect(0, BZC_TALK_PORT_IN, 0, 0x64, false, 2);
    expect(1, BZC_TALK_PORT_OUT, 0, 0x64, false, 1);
    expect(2, BZC_TALK_PORT_IN, 0, 0x3fd, false, 1);
    assert_string_equal(facts.conversation[0].name, "i8042");
    assert_null(facts.conversation[2].name);
}

/* INT 10h AH=0Eh has its character in AL, INT 15h AX=E820h its function. */
static void a_bios_service_is_what_its_registers_select(void **state)
{
    (void)state;
    tell(BZC_EVENT_BIOS_CALL, 0x10, 0x0e41, "teletype");
    tell(BZC_EVENT_BIOS_CALL, 0x10, 0x0e42, "teletype");
    tell(BZC_EVENT_BIOS_CALL, 0x15, 0xe820, "memory map");
    tell(BZC_EVENT_BIOS_CALL, 0x15, 0xe801, "memory size");
    tell(BZC_EVENT_BIOS_CALL, 0x15, 0x8800, "memory size");
    tell(BZC_EVENT_BIOS_CALL, 0x15, 0x88ff, "memory size");
    tell(BZC_EVENT_BIOS_CALL, 0x16, 0x0e00, "keyboard");
    assert_int_equal(facts.conversation_count, 5);
    expect(0, BZC_TALK_BIOS, 0x10, 0x0e, false, 2);
    expect(1, BZC_TALK_BIOS, 0x15, 0xe820, true, 1);
    expect(2, BZC_TALK_BIOS, 0x15, 0xe801, true, 1);
    expect(3, BZC_TALK_BIOS, 0x15, 0x88, false, 2);
    expect(4, BZC_TALK_BIOS, 0x16, 0x0e, false, 1);
    assert_true(facts.asked_for_e820);
}

static void what_there_is_no_room_for_is_counted(void **state)
{
    (void)state;
    for (uint64_t port = 0; port < BZC_CONVERSATION_MAX + 3; port++)
        tell(BZC_EVENT_PORT_OUT, port, 0, NULL);
    tell(BZC_EVENT_PORT_OUT, BZC_CONVERSATION_MAX - 1, 0, NULL);
    assert_int_equal(facts.conversation_count, BZC_CONVERSATION_MAX);
    assert_int_equal(facts.conversation_left_out, 3);
    expect(BZC_CONVERSATION_MAX - 1, BZC_TALK_PORT_OUT, 0, BZC_CONVERSATION_MAX - 1, false, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_port_and_direction_is_told_once, fresh),
        cmocka_unit_test_setup(a_bios_service_is_what_its_registers_select, fresh),
        cmocka_unit_test_setup(what_there_is_no_room_for_is_counted, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
