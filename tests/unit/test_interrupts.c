/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames worked out by hand from Intel SDM 3A 6.12 and 6.14 and 3B 21.1.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "emu/interrupts.h"
#include "tests/fakes/guest.h"

#define IDT 0x40000u

static struct guest *guest_in(enum guest_mode mode)
{
    struct guest *guest = guest_new(NULL);
    struct bzc_regs regs;

    guest_enter(guest, mode);
    regs = guest_regs(guest);
    if (mode != GUEST_REAL)
        regs.idtr = (struct bzc_table){IDT, mode == GUEST_LONG ? 16 * 16 - 1 : 16 * 8 - 1};
    regs.rflags = 0x303; /* IF, TF, CF */
    regs.rip = 0x1234;
    guest_set(guest, &regs);
    return guest;
}

static uint64_t load(struct guest *guest, uint64_t phys, unsigned size)
{
    uint8_t raw[8] = {0};

    assert_true(bzc_memory_read(guest->memory, phys, raw, size));
    return bzc_load64(raw);
}

/* A gate of 8 or 16 bytes: `type` is the byte with P, DPL and type. */
static void put_gate(struct guest *guest, unsigned vector, unsigned size, uint16_t selector, uint64_t offset,
                     uint8_t type, uint8_t ist)
{
    uint8_t raw[16] = {0};

    bzc_store16(raw, (uint16_t)offset);
    bzc_store16(raw + 2, selector);
    raw[4] = ist;
    raw[5] = type;
    bzc_store16(raw + 6, (uint16_t)(offset >> 16));
    if (size == 16)
        bzc_store32(raw + 8, (uint32_t)(offset >> 32));
    guest_put(guest, IDT + vector * size, raw, size);
}

static bool deliver(struct guest *guest, struct bzc_regs *regs, struct bzc_interrupt interrupt, const char **why)
{
    *why = NULL;
    return bzc_interrupt_deliver(&guest->tlb, regs, &interrupt, why);
}

static void real_mode_goes_through_the_ivt(void **state)
{
    struct guest *guest = guest_in(GUEST_REAL);
    struct bzc_regs regs = guest_regs(guest), before;
    const char *why;

    (void)state;
    guest_put(guest, 0x10 * 4, "\x78\x56\x00\xf0", 4); /* F000:5678 */
    regs.rflags |= 1u << 18;                           /* AC */
    before = regs;
    assert_true(deliver(guest, &regs, (struct bzc_interrupt){.vector = 0x10}, &why));
    assert_int_equal(regs.seg[BZC_CS].selector, 0xf000);
    assert_int_equal(regs.seg[BZC_CS].base, 0xf0000);
    assert_int_equal(regs.rip, 0x5678);
    assert_int_equal(regs.rflags & (BZC_FLAG_IF | BZC_FLAG_TF | 1u << 18), 0);
    assert_true(regs.rflags & BZC_FLAG_CF);
    assert_int_equal(regs.gpr[BZC_RSP], before.gpr[BZC_RSP] - 6);
    assert_int_equal(load(guest, GUEST_STACK - 6, 2), 0x1234);
    assert_int_equal(load(guest, GUEST_STACK - 4, 2), GUEST_CODE >> 4);
    assert_int_equal(load(guest, GUEST_STACK - 2, 2), 0x303);
    guest_free(guest);
}

static void real_mode_stack_wraps_at_64_kib(void **state)
{
    struct guest *guest = guest_in(GUEST_REAL);
    struct bzc_regs regs = guest_regs(guest);
    const char *why;

    (void)state;
    regs.gpr[BZC_RSP] = 0xabcd0002;
    assert_true(deliver(guest, &regs, (struct bzc_interrupt){.vector = 1}, &why));
    assert_int_equal(regs.gpr[BZC_RSP], 0xabcdfffc);
    assert_int_equal(load(guest, 0x30000, 2), 0x303);
    assert_int_equal(load(guest, 0x3fffc, 2), 0x1234);
    guest_free(guest);
}

static void real_mode_needs_the_ivt(void **state)
{
    struct guest *guest = guest_in(GUEST_REAL);
    struct bzc_regs regs = guest_regs(guest), before;
    const char *why;

    (void)state;
    regs.idtr.limit = 0x10 * 4 + 2;
    before = regs;
    assert_false(deliver(guest, &regs, (struct bzc_interrupt){.vector = 0x10}, &why));
    assert_memory_equal(&regs, &before, sizeof(regs));
    assert_non_null(why);
    guest_free(guest);
}

static void protected_mode_pushes_doublewords(void **state)
{
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);
    const char *why;

    (void)state;
    put_gate(guest, 3, 8, 0x08, 0x12345678, 0x8e, 0); /* interrupt gate */
    assert_true(deliver(guest, &regs, (struct bzc_interrupt){.vector = 3}, &why));
    assert_int_equal(regs.rip, 0x12345678);
    assert_int_equal(regs.seg[BZC_CS].selector, 0x08);
    assert_int_equal(regs.seg[BZC_CS].limit, 0xffffffff);
    assert_int_equal(regs.seg[BZC_CS].access & 0xf09f, 0xc09b);
    assert_int_equal(regs.gpr[BZC_RSP], GUEST_STACK - 12);
    assert_int_equal(load(guest, GUEST_STACK - 12, 4), 0x1234);
    assert_int_equal(load(guest, GUEST_STACK - 8, 4), 0x08);
    assert_int_equal(load(guest, GUEST_STACK - 4, 4), 0x303);
    assert_int_equal(regs.rflags & (BZC_FLAG_IF | BZC_FLAG_TF), 0);
    guest_free(guest);
}

static void error_codes_lie_on_top(void **state)
{
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);
    const char *why;

    (void)state;
    put_gate(guest, 13, 8, 0x08, 0x9000, 0x8f, 0); /* trap gate: IF stays */
    assert_true(deliver(guest, &regs, (struct bzc_interrupt){13, true, 0x30}, &why));
    assert_int_equal(regs.gpr[BZC_RSP], GUEST_STACK - 16);
    assert_int_equal(load(guest, GUEST_STACK - 16, 4), 0x30);
    assert_int_equal(load(guest, GUEST_STACK - 12, 4), 0x1234);
    assert_int_equal(regs.rflags & (BZC_FLAG_IF | BZC_FLAG_TF), BZC_FLAG_IF);
    guest_free(guest);
}

static void sixteen_bit_gates_push_words(void **state)
{
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);
    const char *why;

    (void)state;
    put_gate(guest, 0, 8, 0x20, 0x0010, 0x86, 0);
    assert_true(deliver(guest, &regs, (struct bzc_interrupt){.vector = 0}, &why));
    assert_int_equal(regs.gpr[BZC_RSP], GUEST_STACK - 6);
    assert_int_equal(load(guest, GUEST_STACK - 6, 2), 0x1234);
    assert_int_equal(bzc_regs_mode(&regs), BZC_MODE_PROT16);
    guest_free(guest);
}

static void long_mode_aligns_and_pushes_the_stack(void **state)
{
    static const bool with_code[] = {false, true};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct guest *guest = guest_in(GUEST_LONG);
        struct bzc_regs regs = guest_regs(guest);
        uint64_t top = GUEST_STACK - 16; /* of the frame: RSP 8 bytes off is rounded down */
        const char *why;
        unsigned down = with_code[i] ? 48 : 40;

        put_gate(guest, 14, 16, 0x18, 0xffffffff81000123ull, 0x8e, 0);
        regs.gpr[BZC_RSP] = GUEST_STACK - 8;
        regs.rip = 0xffffffff81234567ull;
        assert_true(deliver(guest, &regs, (struct bzc_interrupt){14, with_code[i], 2}, &why));
        assert_int_equal(regs.rip, 0xffffffff81000123ull);
        assert_int_equal(regs.seg[BZC_CS].selector, 0x18);
        assert_int_equal(bzc_regs_mode(&regs), BZC_MODE_LONG);
        assert_int_equal(regs.gpr[BZC_RSP], top - down);
        assert_int_equal(load(guest, top - 8, 8), 0x10);             /* SS */
        assert_int_equal(load(guest, top - 16, 8), GUEST_STACK - 8); /* RSP as it was */
        assert_int_equal(load(guest, top - 24, 8), 0x303);
        assert_int_equal(load(guest, top - 32, 8), 0x18);
        assert_int_equal(load(guest, top - 40, 8), 0xffffffff81234567ull);
        if (with_code[i])
            assert_int_equal(load(guest, top - 48, 8), 2);
        guest_free(guest);
    }
}

/* The frame is right when the CPU's own IRET takes it back. */
static void iret_returns_in_every_mode(void **state)
{
    static const uint8_t iret[3][2] = {{0xcf}, {0xcf}, {0x48, 0xcf}}, halt[] = {0xf4};

    (void)state;
    for (int mode = GUEST_REAL; mode <= GUEST_LONG; mode++) {
        struct guest *guest = guest_new(NULL);
        struct bzc_regs regs, before;
        const char *why;

        guest_enter(guest, (enum guest_mode)mode);
        regs = guest_regs(guest);
        if (mode == GUEST_REAL) {
            guest_put(guest, 5 * 4, "\x00\x00\x00\x50", 4);
        } else {
            regs.idtr = (struct bzc_table){IDT, 0xff};
            put_gate(guest, 5, mode == GUEST_LONG ? 16 : 8, mode == GUEST_LONG ? 0x18 : 0x08, 0x50000, 0x8e, 0);
        }
        regs.rflags = 0x246;
        regs.gpr[BZC_RSP] -= 4;
        before = regs;
        guest_put(guest, 0x50000, iret[mode], 2);
        guest_put(guest, GUEST_CODE, halt, 1);
        assert_true(deliver(guest, &regs, (struct bzc_interrupt){.vector = 5}, &why));
        guest_set(guest, &regs);
        assert_int_equal(guest_run(guest).kind, BZC_EXIT_HALT);
        regs = guest_regs(guest);
        assert_int_equal(bzc_regs_linear_ip(&regs), GUEST_CODE + 1);
        assert_int_equal(regs.rflags, 0x246);
        assert_int_equal(regs.gpr[BZC_RSP], before.gpr[BZC_RSP]);
        assert_int_equal(regs.seg[BZC_CS].selector, before.seg[BZC_CS].selector);
        assert_int_equal(regs.seg[BZC_SS].selector, before.seg[BZC_SS].selector);
        guest_free(guest);
    }
}

static void nested_task_and_resume_flags_are_cleared(void **state)
{
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);
    const char *why;

    (void)state;
    put_gate(guest, 3, 8, 0x08, 0x9000, 0x8f, 0);
    regs.rflags |= 1u << 14 | 1u << 16; /* NT, RF (SDM 3A 6.12.1) */
    assert_true(deliver(guest, &regs, (struct bzc_interrupt){.vector = 3}, &why));
    assert_int_equal(regs.rflags & (1u << 14 | 1u << 16), 0);
    guest_free(guest);
}

static void unusable_handlers_are_refused(void **state)
{
    static const struct {
        const char *name;
        enum guest_mode mode;
        uint16_t limit, selector;
        uint8_t type, ist;
        uint16_t ss_access; /* 0: as it is */
    } cases[] = {
        {"no IDT", GUEST_PROT32, 0, 0x08, 0x8e, 0, 0},
        {"IDT too short by a byte", GUEST_PROT32, 14 * 8 + 6, 0x08, 0x8e, 0, 0},
        {"long IDT too short by a byte", GUEST_LONG, 14 * 16 + 14, 0x18, 0x8e, 0, 0},
        {"not present", GUEST_PROT32, 0xff, 0x08, 0x0e, 0, 0},
        {"task gate", GUEST_PROT32, 0xff, 0x08, 0x85, 0, 0},
        {"call gate", GUEST_PROT32, 0xff, 0x08, 0x8c, 0, 0},
        {"16-bit gate in long mode", GUEST_LONG, 0xff, 0x18, 0x86, 0, 0},
        {"IST", GUEST_LONG, 0xff, 0x18, 0x8e, 1, 0},
        {"null selector", GUEST_PROT32, 0xff, 0x00, 0x8e, 0, 0},
        {"selector in the LDT", GUEST_PROT32, 0xff, 0x0c, 0x8e, 0, 0},
        {"selector behind the GDT", GUEST_PROT32, 0xff, 0x28, 0x8e, 0, 0},
        {"data segment", GUEST_PROT32, 0xff, 0x10, 0x8e, 0, 0},
        {"32-bit code in long mode", GUEST_LONG, 0xff, 0x08, 0x8e, 0, 0},
        {"from user mode", GUEST_PROT32, 0xff, 0x08, 0x8e, 0, 0xc0f3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest *guest = guest_in(cases[i].mode);
        struct bzc_regs regs = guest_regs(guest), before;
        const char *why;

        put_gate(guest, 14, cases[i].mode == GUEST_LONG ? 16 : 8, cases[i].selector, 0x9000, cases[i].type,
                 cases[i].ist);
        regs.idtr.limit = cases[i].limit;
        if (cases[i].ss_access)
            regs.seg[BZC_SS].access = cases[i].ss_access;
        before = regs;
        if (deliver(guest, &regs, (struct bzc_interrupt){14, true, 0}, &why) || !why)
            fail_msg("%s", cases[i].name);
        assert_memory_equal(&regs, &before, sizeof(regs));
        guest_free(guest);
    }
}

static void stack_outside_memory_is_refused(void **state)
{
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest), before;
    const char *why;

    (void)state;
    put_gate(guest, 14, 8, 0x08, 0x9000, 0x8e, 0);
    regs.gpr[BZC_RSP] = 0xf0000000;
    before = regs;
    assert_false(deliver(guest, &regs, (struct bzc_interrupt){14, true, 0}, &why));
    assert_string_equal(why, "the stack is not writable");
    assert_memory_equal(&regs, &before, sizeof(regs));
    guest_free(guest);
}

static void exceptions_have_names_and_codes(void **state)
{
    (void)state;
    /* SDM 3A table 6-1 */
    for (unsigned v = 0; v < 256; v++)
        assert_int_equal(bzc_exception_has_error_code((uint8_t)v),
                         v == 8 || v == 10 || v == 11 || v == 12 || v == 13 || v == 14 || v == 17);
    assert_string_equal(bzc_exception_name(0), "#DE");
    assert_string_equal(bzc_exception_name(6), "#UD");
    assert_string_equal(bzc_exception_name(8), "#DF");
    assert_string_equal(bzc_exception_name(13), "#GP");
    assert_string_equal(bzc_exception_name(14), "#PF");
    assert_string_equal(bzc_exception_name(19), "#XM");
    assert_string_equal(bzc_exception_name(15), "exception");
    assert_string_equal(bzc_exception_name(255), "exception");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_mode_goes_through_the_ivt),
        cmocka_unit_test(real_mode_stack_wraps_at_64_kib),
        cmocka_unit_test(real_mode_needs_the_ivt),
        cmocka_unit_test(protected_mode_pushes_doublewords),
        cmocka_unit_test(error_codes_lie_on_top),
        cmocka_unit_test(sixteen_bit_gates_push_words),
        cmocka_unit_test(long_mode_aligns_and_pushes_the_stack),
        cmocka_unit_test(iret_returns_in_every_mode),
        cmocka_unit_test(nested_task_and_resume_flags_are_cleared),
        cmocka_unit_test(unusable_handlers_are_refused),
        cmocka_unit_test(stack_outside_memory_is_refused),
        cmocka_unit_test(exceptions_have_names_and_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
