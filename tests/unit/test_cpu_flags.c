/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFLAGS where the engine keeps them in parts: what the client sets, what instructions make of it, and what PUSHF shows
 * of it must be one and the same. Expected flags are worked out by hand from Intel SDM 1, "Status Flags", and 2, the
 * instructions' "Flags Affected".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/fakes/guest.h"

#define ARITHMETIC (BZC_FLAG_CF | BZC_FLAG_PF | BZC_FLAG_AF | BZC_FLAG_ZF | BZC_FLAG_SF | BZC_FLAG_OF)
#define SEEN       (ARITHMETIC | BZC_FLAG_IF | BZC_FLAG_DF)
/* Unicorn 2.1.4 loses AF where a LOOPNE ends; nobody misses it. */
#define SEEN_BEHIND_LOOP (SEEN & ~BZC_FLAG_AF)

static const enum guest_mode all_modes[] = {GUEST_REAL, GUEST_PROT32, GUEST_LONG};

struct flags_case {
    const char *name;
    uint32_t before; /* set by the client */
    uint32_t after;
    uint8_t code[24]; /* ends in pushf; hlt */
};

/* The flags that PUSHF has put on the stack, and those that the client reads behind it must be the same. */
static uint32_t pushed_flags(struct guest *guest, enum guest_mode mode)
{
    static const unsigned word[] = {2, 4, 8};
    struct bzc_regs regs = guest_regs(guest);
    uint64_t top = mode == GUEST_REAL ? 0x30000 + (regs.gpr[BZC_RSP] & 0xffff) : regs.gpr[BZC_RSP];
    uint32_t flags = guest_u32(guest, top) & 0xffff;

    assert_int_equal(top, GUEST_STACK - word[mode]);
    assert_int_equal(regs.rflags & SEEN, flags & SEEN);
    assert_int_equal(flags & 2, 2);
    return flags & SEEN;
}

static bool let_run(struct guest *guest, uint64_t linear, uint32_t size)
{
    (void)guest;
    (void)linear;
    (void)size;
    return true;
}

static void check_run(const struct flags_case *test, enum guest_mode mode, uint32_t seen, bool counted)
{
    struct guest *guest = guest_new(counted ? let_run : NULL);
    struct bzc_regs regs;
    uint32_t flags;

    guest_enter(guest, mode);
    regs = guest_regs(guest);
    regs.rflags = test->before | 2;
    guest_set(guest, &regs);
    assert_int_equal(guest_regs(guest).rflags & SEEN, test->before);
    assert_int_equal(guest_run_code(guest, test->code, sizeof(test->code)).kind, BZC_EXIT_HALT);
    flags = pushed_flags(guest, mode) & seen;
    if (flags != (test->after & seen))
        fail_msg("%s in mode %d: flags 0x%x, expected 0x%x", test->name, mode, flags, test->after);
    guest_free(guest);
}

static void check_case(const struct flags_case *test, enum guest_mode mode, uint32_t seen)
{
    check_run(test, mode, seen, false);
    check_run(test, mode, seen, true);
}

static void pushf_shows_what_was_set_and_what_became_of_it(void **state)
{
    static const struct flags_case cases[] = {
        {"nothing", 0, 0, {0x9c, 0xf4}},
        {"all as set", SEEN, SEEN, {0x9c, 0xf4}},
        {"CF and ZF as set", BZC_FLAG_CF | BZC_FLAG_ZF, BZC_FLAG_CF | BZC_FLAG_ZF, {0x9c, 0xf4}},
        {"mov $1,%al; add $1,%al: 2 clears all", ARITHMETIC, 0, {0xb0, 1, 0x04, 1, 0x9c, 0xf4}},
        {"the same, and IF and DF stay", SEEN, BZC_FLAG_IF | BZC_FLAG_DF, {0xb0, 1, 0x04, 1, 0x9c, 0xf4}},
        {"mov $5,%al; cmp $5,%al", ARITHMETIC, BZC_FLAG_ZF | BZC_FLAG_PF, {0xb0, 5, 0x3c, 5, 0x9c, 0xf4}},
        {"mov $5,%al; cmp $7,%al",
         BZC_FLAG_ZF | BZC_FLAG_OF,
         BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF,
         {0xb0, 5, 0x3c, 7, 0x9c, 0xf4}},
        {"mov $0x7f,%al; add $1,%al",
         BZC_FLAG_CF | BZC_FLAG_ZF,
         BZC_FLAG_OF | BZC_FLAG_SF | BZC_FLAG_AF,
         {0xb0, 0x7f, 0x04, 1, 0x9c, 0xf4}},
        {"clc", ARITHMETIC, ARITHMETIC & ~BZC_FLAG_CF, {0xf8, 0x9c, 0xf4}},
        {"stc", 0, BZC_FLAG_CF, {0xf9, 0x9c, 0xf4}},
        {"cld", SEEN, SEEN & ~BZC_FLAG_DF, {0xfc, 0x9c, 0xf4}},
        {"std", 0, BZC_FLAG_DF, {0xfd, 0x9c, 0xf4}},
        {"cli", SEEN, SEEN & ~BZC_FLAG_IF, {0xfa, 0x9c, 0xf4}},
        /* inc leaves CF alone */
        {"mov $1,%al; inc %al", ARITHMETIC, BZC_FLAG_CF, {0xb0, 1, 0xfe, 0xc0, 0x9c, 0xf4}},
        /* two PUSHF: the first must not disturb the second; the first word is taken off again */
        {"pushf; pop; add", ARITHMETIC, 0, {0x9c, 0x58, 0xb0, 1, 0x04, 1, 0x9c, 0xf4}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned mode = 0; mode < 3; mode++)
            check_case(&cases[i], all_modes[mode], SEEN);
}

/* LOOP and its kin affect no flags (SDM 2, LOOP/LOOPcc): those of the comparison stay, however the loop ends. */
static void loops_leave_the_flags_alone(void **state)
{
    static const struct flags_case cases[] = {
        /* mov $3,%cx; mov $5,%al; 1: cmp $5,%al; loope 1b */
        {"loope runs out",
         ARITHMETIC,
         BZC_FLAG_ZF | BZC_FLAG_PF,
         {0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0x9c, 0xf4}},
        {"loope with a count of one",
         0,
         BZC_FLAG_ZF | BZC_FLAG_PF,
         {0xb9, 1, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0x9c, 0xf4}},
        /* mov $3,%cx; mov $5,%al; 1: cmp $7,%al; loope 1b */
        {"loope finds a difference",
         0,
         BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF,
         {0xb9, 3, 0, 0xb0, 5, 0x3c, 7, 0xe1, 0xfc, 0x9c, 0xf4}},
        {"loopne runs out",
         BZC_FLAG_ZF,
         BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF,
         {0xb9, 3, 0, 0xb0, 5, 0x3c, 7, 0xe0, 0xfc, 0x9c, 0xf4}},
        {"loopne finds it", 0, BZC_FLAG_ZF | BZC_FLAG_PF, {0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe0, 0xfc, 0x9c, 0xf4}},
        {"loop runs out",
         0,
         BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF,
         {0xb9, 3, 0, 0xb0, 5, 0x3c, 7, 0xe2, 0xfc, 0x9c, 0xf4}},
        /* ... and mov $1,%al; add $1,%al behind it */
        {"loope, then an addition", 0, 0, {0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0xb0, 1, 0x04, 1, 0x9c, 0xf4}},
        /* std; sti in front: they are no business of the loop */
        {"loope with IF and DF",
         0,
         BZC_FLAG_ZF | BZC_FLAG_PF | BZC_FLAG_IF | BZC_FLAG_DF,
         {0xfd, 0xfb, 0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0x9c, 0xf4}},
        {"loope, then cld",
         BZC_FLAG_DF,
         BZC_FLAG_ZF | BZC_FLAG_PF,
         {0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0xfc, 0x9c, 0xf4}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_case(&cases[i], GUEST_REAL, SEEN_BEHIND_LOOP);
}

static uint32_t flags_at_out;

static void note_flags(struct guest *guest, uint16_t port, uint32_t value)
{
    (void)port;
    (void)value;
    flags_at_out = guest_regs(guest).rflags & SEEN;
}

/* The client looks at the flags in the middle of a run, too: at hand-overs. */
static void flags_are_right_in_callbacks(void **state)
{
    /* mov $3,%cx; mov $5,%al; 1: cmp $5,%al; loope 1b; mov $1,%al; add $1,%al; out %al,$0x80; hlt */
    static const uint8_t code[] = {0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0xb0, 1, 0x04, 1, 0xe6, 0x80, 0xf4};
    struct guest *guest = guest_new(NULL);

    (void)state;
    guest_enter(guest, GUEST_REAL);
    guest->on_out = note_flags;
    flags_at_out = 0xdead;
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(flags_at_out, 0);
    guest_free(guest);
}

/* What Linux's A20 test does with the result: a jump on ZF behind the LOOPE. */
static void a_jump_behind_loope_sees_its_flags(void **state)
{
    /* mov $3,%cx; mov $5,%al; 1: cmp $5,%al; loope 1b; je 2f; mov $1,%bl; hlt; 2: mov $2,%bl; hlt */
    static const uint8_t code[] = {0xb9, 3, 0, 0xb0, 5, 0x3c, 5, 0xe1, 0xfc, 0x74, 0x03, 0xb3, 1, 0xf4, 0xb3, 2, 0xf4};
    struct guest *guest = guest_new(NULL);

    (void)state;
    guest_enter(guest, GUEST_REAL);
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
        assert_int_equal(guest_regs(guest).gpr[BZC_RBX] & 0xff, 2);
        assert_int_equal(guest_regs(guest).gpr[BZC_RCX] & 0xffff, 0);
    }
    guest_free(guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushf_shows_what_was_set_and_what_became_of_it),
        cmocka_unit_test(loops_leave_the_flags_alone),
        cmocka_unit_test(flags_are_right_in_callbacks),
        cmocka_unit_test(a_jump_behind_loope_sees_its_flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
