/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "tests/fakes/guest.h"

static const enum guest_mode all_modes[] = {GUEST_REAL, GUEST_PROT32, GUEST_LONG};

static struct guest *guest_in(enum guest_mode mode)
{
    struct guest *guest = guest_new(NULL);

    guest_enter(guest, mode);
    return guest;
}

static void modes_are_reached(void **state)
{
    static const enum bzc_mode expected[] = {BZC_MODE_REAL, BZC_MODE_PROT32, BZC_MODE_LONG};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct guest *guest = guest_in(all_modes[i]);
        struct bzc_regs regs = guest_regs(guest);

        assert_int_equal(bzc_regs_mode(&regs), expected[i]);
        assert_int_equal(bzc_regs_linear_ip(&regs), GUEST_CODE);
        guest_free(guest);
    }
}

#define REAL 1u
#define PROT 2u
#define LONG 4u
#define ALL  (REAL | PROT | LONG)

/* Intel SDM 2 (each instruction's exceptions) and 3A, "Exception Classifications": traps behind, faults at it. */
static void every_stop_says_what_it_is_and_where(void **state)
{
    static const struct {
        const char *name;
        unsigned modes;
        unsigned ip; /* offset of IP afterwards */
        enum bzc_exit_kind kind;
        uint8_t vector;
        uint8_t code[20];
    } cases[] = {
        {"int $0x80", ALL, 2, BZC_EXIT_SOFT_INT, 0x80, {0xcd, 0x80}},
        {"int3", ALL, 1, BZC_EXIT_SOFT_INT, 3, {0xcc}},
        {"int $3", ALL, 2, BZC_EXIT_SOFT_INT, 3, {0xcd, 3}},
        {"int $6", ALL, 2, BZC_EXIT_SOFT_INT, 6, {0xcd, 6}},
        {"int $13", ALL, 2, BZC_EXIT_SOFT_INT, 13, {0xcd, 13}},
        {"into with OF", REAL | PROT, 5, BZC_EXIT_SOFT_INT, 4, {0xb0, 0x7f, 0x04, 1, 0xce}},
        {"into in long mode", LONG, 0, BZC_EXIT_INVALID, 6, {0xce}},
        {"xor %ecx,%ecx; div %ecx", ALL, 2, BZC_EXIT_EXCEPTION, 0, {0x31, 0xc9, 0xf7, 0xf1}},
        {"div behind the bytes of int $0", ALL, 4, BZC_EXIT_EXCEPTION, 0, {0xeb, 2, 0xcd, 0, 0xf7, 0xf1}},
        {"ud2", ALL, 1, BZC_EXIT_INVALID, 6, {0x90, 0x0f, 0x0b}},
        {"lock nop", ALL, 0, BZC_EXIT_INVALID, 6, {0xf0, 0x90}},
        {"rdtsc; hlt", ALL, 4, BZC_EXIT_HALT, 0, {0x90, 0x0f, 0x31, 0xf4}},
        {"rdtsc behind prefixes; hlt", ALL, 6, BZC_EXIT_HALT, 0, {0x90, 0x2e, 0x66, 0x0f, 0x31, 0xf4}},
        {"rdtsc behind REX.W; hlt", LONG, 5, BZC_EXIT_HALT, 0, {0x90, 0x48, 0x0f, 0x31, 0xf4}},
        {"the bytes of rdtsc in a number; hlt", ALL, 6, BZC_EXIT_HALT, 0, {0xb8, 0x0f, 0x31, 0, 0, 0xf4}},
        {"mov %eax,%cr5", ALL, 0, BZC_EXIT_INVALID, 6, {0x0f, 0x22, 0xe8}},
        {"movaps without OSFXSR", ALL, 0, BZC_EXIT_INVALID, 6, {0x0f, 0x28, 0xc0}},
        {"rdrand, hidden", ALL, 0, BZC_EXIT_INVALID, 6, {0x0f, 0xc7, 0xf0}},
        {"16 bytes of one instruction",
         ALL,
         0,
         BZC_EXIT_EXCEPTION,
         13,
         {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90}},
        {"hlt", ALL, 2, BZC_EXIT_HALT, 0, {0x90, 0xf4}},
        {"pause is none; hlt", ALL, 3, BZC_EXIT_HALT, 0, {0xf3, 0x90, 0xf4}},
        {"wbinvd is none; hlt", ALL, 3, BZC_EXIT_HALT, 0, {0x0f, 0x09, 0xf4}},
        {"fninit is none; hlt", ALL, 3, BZC_EXIT_HALT, 0, {0xdb, 0xe3, 0xf4}},
    };

    (void)state;
    for (unsigned m = 0; m < 3; m++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct guest *guest;
            struct bzc_cpu_exit exit;
            struct bzc_regs regs;

            if (!(cases[i].modes & (1u << m)))
                continue;
            guest = guest_in(all_modes[m]);
            exit = guest_run_code(guest, cases[i].code, sizeof(cases[i].code));
            regs = guest_regs(guest);
            if (exit.kind != cases[i].kind || exit.vector != cases[i].vector ||
                bzc_regs_linear_ip(&regs) != GUEST_CODE + cases[i].ip)
                fail_msg("%s, mode %u: kind %d vector %u at %llx", cases[i].name, m, exit.kind, exit.vector,
                         (unsigned long long)bzc_regs_linear_ip(&regs));
            guest_free(guest);
        }
    }
}

static void error_codes_are_the_engines(void **state)
{
    /* mov $0x30,%eax; mov %eax,%ss: past the GDT's end (SDM 2, MOV: #GP(selector)) */
    static const uint8_t code[] = {0xb8, 0x30, 0, 0, 0, 0x8e, 0xd0};
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_cpu_exit exit = guest_run_code(guest, code, sizeof(code));

    (void)state;
    assert_int_equal(exit.kind, BZC_EXIT_EXCEPTION);
    assert_int_equal(exit.vector, 13);
    assert_int_equal(exit.error_code, 0x30);
    guest_free(guest);
}

/* The engine would make a double fault of the second and nothing of the third. */
static void exceptions_stay_themselves_when_they_come_again(void **state)
{
    static const uint8_t code[] = {0x31, 0xc9, 0xf7, 0xf1}; /* xor %ecx,%ecx; div %ecx */

    (void)state;
    for (unsigned m = 0; m < 3; m++) {
        struct guest *guest = guest_in(all_modes[m]);

        for (unsigned i = 0; i < 4; i++) {
            struct bzc_cpu_exit exit = guest_run_code(guest, code, sizeof(code));

            assert_int_equal(exit.kind, BZC_EXIT_EXCEPTION);
            assert_int_equal(exit.vector, 0);
        }
        guest_free(guest);
    }
}

static void segments_keep_their_hidden_parts(void **state)
{
    static const struct bzc_segment segments[BZC_SEG_COUNT] = {
        [BZC_ES] = {0x1111, 0xc093, 0xffffffff, 0x100},   [BZC_CS] = {0x0008, 0xc09b, 0xffffffff, 0},
        [BZC_SS] = {0x0010, 0xc093, 0xffffffff, 0},       [BZC_DS] = {0x2222, 0x8093, 0x00abcfff, 0x12345000},
        [BZC_FS] = {0x3333, 0x0093, 0x0000ffff, 0x30000}, [BZC_GS] = {0x4444, 0x40f1, 0x000fffff, 0xfedcb000},
    };
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest), back;

    (void)state;
    memcpy(regs.seg, segments, sizeof(segments));
    guest_set(guest, &regs);
    back = guest_regs(guest);
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++) {
        assert_int_equal(back.seg[i].selector, segments[i].selector);
        assert_int_equal(back.seg[i].access, segments[i].access);
        assert_int_equal(back.seg[i].limit, segments[i].limit);
        assert_int_equal(back.seg[i].base, segments[i].base);
    }
    guest_free(guest);
}

static void general_state_survives_a_round_trip(void **state)
{
    struct guest *guest = guest_in(GUEST_LONG);
    struct bzc_regs regs = guest_regs(guest), back;

    (void)state;
    for (unsigned i = 0; i < BZC_GPR_COUNT; i++)
        regs.gpr[i] = 0x0123456789abcd00ull + i;
    regs.rip = 0xffffffff81000000ull;
    regs.rflags = 0xcd7; /* CF PF AF ZF SF DF OF and the fixed bit 1, no IF, no TF; bit 9 clear, 10 and 11 set */
    regs.cr2 = 0xffff888012345678ull;
    regs.gdtr = (struct bzc_table){0xffffffff82000000ull, 0x7f};
    regs.idtr = (struct bzc_table){0xffffffff83000000ull, 0xfff};
    guest_set(guest, &regs);
    back = guest_regs(guest);
    assert_memory_equal(back.gpr, regs.gpr, sizeof(regs.gpr));
    assert_int_equal(back.rip, regs.rip);
    assert_int_equal(back.rflags, regs.rflags);
    assert_int_equal(back.cr2, regs.cr2);
    assert_int_equal(back.gdtr.base, regs.gdtr.base);
    assert_int_equal(back.gdtr.limit, 0x7f);
    assert_int_equal(back.idtr.base, regs.idtr.base);
    assert_int_equal(back.idtr.limit, 0xfff);
    assert_int_equal(back.cr3, GUEST_TABLES);
    assert_int_equal(back.cr4, BZC_CR4_PAE);
    assert_int_equal(back.efer, BZC_EFER_LME | BZC_EFER_LMA | BZC_EFER_NXE);
    guest_free(guest);
}

static void segment_bases_count(void **state)
{
    static const uint8_t fs_load[] = {0x64, 0xa1, 0x10, 0, 0, 0, 0xf4}; /* mov %fs:0x10,%eax; hlt */
    static const uint8_t ds_load[] = {0xa1, 0x10, 0, 0, 0, 0xf4};       /* mov 0x10,%eax; hlt */
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    guest_put(guest, 0x45010, "\x78\x56\x34\x12", 4);
    guest_put(guest, 0x46010, "\x11\x11\x11\x11", 4);
    regs.seg[BZC_FS].base = 0x45000;
    guest_set(guest, &regs);
    guest_run_code(guest, fs_load, sizeof(fs_load));
    assert_int_equal(guest_regs(guest).gpr[BZC_RAX], 0x12345678);
    regs.seg[BZC_DS].base = 0x46000; /* the engine adds DS, ES and SS only when told to */
    guest_set(guest, &regs);
    guest_run_code(guest, ds_load, sizeof(ds_load));
    assert_int_equal(guest_regs(guest).gpr[BZC_RAX], 0x11111111);
    guest_free(guest);
}

static void code_segment_gives_the_operand_size(void **state)
{
    /* 16 bits: mov $0x1234,%ax; hlt. Wider: mov $0x00f41234,%eax; hlt */
    static const uint8_t code[] = {0xb8, 0x34, 0x12, 0xf4, 0x00, 0xf4};
    static const struct {
        enum guest_mode mode;
        uint16_t access;
        unsigned size;
        enum bzc_mode expected;
    } cases[] = {
        {GUEST_PROT32, 0xc09b, 6, BZC_MODE_PROT32}, {GUEST_PROT32, 0x809b, 4, BZC_MODE_PROT16},
        {GUEST_LONG, 0xc09b, 6, BZC_MODE_COMPAT32}, {GUEST_LONG, 0x809b, 4, BZC_MODE_COMPAT16},
        {GUEST_LONG, 0xa09b, 6, BZC_MODE_LONG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest *guest = guest_in(cases[i].mode);
        struct bzc_regs regs = guest_regs(guest);

        regs.seg[BZC_CS].access = cases[i].access;
        guest_set(guest, &regs);
        assert_int_equal(bzc_regs_mode(&regs), cases[i].expected);
        assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
        assert_int_equal(guest_regs(guest).rip, GUEST_CODE + cases[i].size);
        guest_free(guest);
    }
}

static void stack_segment_gives_the_stack_size(void **state)
{
    static const uint8_t code[] = {0x50, 0xf4}; /* push %eax; hlt */
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    regs.gpr[BZC_RAX] = 0x55667788;
    regs.gpr[BZC_RSP] = 0x00120000; /* a 16-bit stack at its wrap: SP 0 becomes 0xfffc, the upper half stays */
    regs.seg[BZC_SS].access = 0x0093;
    regs.seg[BZC_SS].limit = 0xffff;
    guest_set(guest, &regs);
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(guest_regs(guest).gpr[BZC_RSP], 0x0012fffc);
    assert_int_equal(guest_u32(guest, 0xfffc), 0x55667788);
    guest_free(guest);
}

static void real_mode_loads_of_segments_give_bases(void **state)
{
    static const uint8_t code[] = {0xb8, 0x34, 0x12, 0x8e, 0xc0, 0xf4}; /* mov $0x1234,%ax; mov %ax,%es; hlt */
    struct guest *guest = guest_in(GUEST_REAL);
    struct bzc_regs regs;

    (void)state;
    guest_run_code(guest, code, sizeof(code));
    regs = guest_regs(guest);
    assert_int_equal(regs.seg[BZC_ES].selector, 0x1234);
    assert_int_equal(regs.seg[BZC_ES].base, 0x12340);
    guest_free(guest);
}

static void writing_cr2_leaves_cr3_alone(void **state)
{
    static const uint8_t code[] = {0x0f, 0x20, 0xd0, 0x0f, 0x20, 0xd9, 0xf4}; /* mov %cr2,%rax; mov %cr3,%rcx; hlt */
    struct guest *guest = guest_in(GUEST_LONG);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    regs.cr2 = 0xdead000;
    guest_set(guest, &regs);
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(guest_regs(guest).gpr[BZC_RAX], 0xdead000);
    assert_int_equal(guest_regs(guest).gpr[BZC_RCX], GUEST_TABLES);
    guest_free(guest);
}

static void paging_registers_are_read_cheaply(void **state)
{
    struct guest *guest = guest_in(GUEST_LONG);
    struct bzc_paging_regs paging;
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    bzc_cpu_paging(guest->cpu, &paging);
    assert_int_equal(paging.cr0, regs.cr0);
    assert_int_equal(paging.cr3, GUEST_TABLES);
    assert_int_equal(paging.cr4, BZC_CR4_PAE);
    assert_int_equal(paging.efer, BZC_EFER_LME | BZC_EFER_LMA | BZC_EFER_NXE);
    assert_false(paging.user);
    regs.seg[BZC_CS].selector |= 3;
    guest_set(guest, &regs);
    bzc_cpu_paging(guest->cpu, &paging);
    assert_true(paging.user);
    guest_free(guest);
}

static void cpuid_is_the_clients(void **state)
{
    /* mov $7,%eax; mov $5,%ecx; cpuid; hlt */
    static const uint8_t code[] = {0xb8, 7, 0, 0, 0, 0xb9, 5, 0, 0, 0, 0x0f, 0xa2, 0xf4};
    struct guest *guest = guest_in(GUEST_LONG);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    regs.gpr[BZC_RBX] = regs.gpr[BZC_RDX] = ~0ull;
    guest_set(guest, &regs);
    guest_run_code(guest, code, sizeof(code));
    regs = guest_regs(guest);
    assert_int_equal(regs.gpr[BZC_RAX], 8);
    assert_int_equal(regs.gpr[BZC_RBX], 7);
    assert_int_equal(regs.gpr[BZC_RCX], 0xfffffffd); /* upper halves are cleared */
    assert_int_equal(regs.gpr[BZC_RDX], 4);
    guest_free(guest);
}

static void ports_have_sizes(void **state)
{
    /* out %al,$0x80; mov $0x3f8,%edx; out %ax,(%dx); out %eax,(%dx); in (%dx),%al; in (%dx),%ax; in (%dx),%eax; hlt */
    static const uint8_t code[] = {0xe6, 0x80, 0xba, 0xf8, 3, 0, 0, 0x66, 0xef, 0xef, 0xec, 0x66, 0xed, 0xed, 0xf4};
    static const struct guest_note expected[] = {
        {GUEST_OUT, 0x80, 1, 0x44},       {GUEST_OUT, 0x3f8, 2, 0x3344},    {GUEST_OUT, 0x3f8, 4, 0x11223344},
        {GUEST_IN, 0x3f8, 1, 0xa1b2c3d4}, {GUEST_IN, 0x3f8, 2, 0xa1b2c3d4}, {GUEST_IN, 0x3f8, 4, 0xa1b2c3d4},
    };
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);
    size_t seen = 0;

    (void)state;
    guest->in_value = 0xa1b2c3d4;
    regs.gpr[BZC_RAX] = 0x11223344;
    guest_set(guest, &regs);
    guest_run_code(guest, code, sizeof(code));
    for (size_t i = 0; i < guest->note_count; i++) {
        if (guest->note[i].kind == GUEST_NEW_CODE)
            continue;
        assert_int_equal(guest->note[i].kind, expected[seen].kind);
        assert_int_equal(guest->note[i].a, expected[seen].a);
        assert_int_equal(guest->note[i].size, expected[seen].size);
        assert_int_equal(guest->note[i].value, expected[seen].value);
        seen++;
    }
    assert_int_equal(seen, 6);
    assert_int_equal(guest_regs(guest).gpr[BZC_RAX], 0xa1b2c3d4);
    guest_free(guest);
}

static void string_ports_reach_memory(void **state)
{
    static const uint8_t code[] = {0xf3, 0x6c, 0xf4}; /* rep insb; hlt */
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    guest->in_value = 0x77;
    guest->stubborn = true;
    regs.gpr[BZC_RDX] = 0x1f0;
    regs.gpr[BZC_RCX] = 4;
    regs.gpr[BZC_RDI] = 0x40ffe;
    guest_set(guest, &regs);
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(guest_u32(guest, 0x40ffe), 0x77777777);
    assert_int_equal(guest_regs(guest).gpr[BZC_RCX], 0);
    /* No port is read twice although both pages were refused at first: the page is asked for before the port. */
    assert_int_equal(guest_notes(guest, GUEST_IN), 4);
    guest_free(guest);
}

static void refusals_name_page_and_access(void **state)
{
    static const struct {
        uint8_t code[8];
        unsigned ip;
        uint64_t linear;
        enum bzc_access access;
    } cases[] = {
        {{0x90, 0xa3, 0x10, 0, 0, 0xf0}, 1, 0xf0000000, BZC_ACCESS_WRITE},         /* nop; mov %eax,0xf0000010 */
        {{0x90, 0xe9, 0xfa, 0xff, 0xfd, 0xef}, ~0u, 0xf0000000, BZC_ACCESS_FETCH}, /* nop; jmp 0xf0000000 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest *guest = guest_in(GUEST_PROT32);
        struct bzc_cpu_exit exit = guest_run_code(guest, cases[i].code, sizeof(cases[i].code));

        assert_int_equal(exit.kind, BZC_EXIT_REFUSED);
        assert_int_equal(exit.linear, cases[i].linear);
        assert_int_equal(exit.access, cases[i].access);
        assert_int_equal(guest_regs(guest).rip, cases[i].ip == ~0u ? 0xf0000000 : GUEST_CODE + cases[i].ip);
        guest_free(guest);
    }
}

/* The first over a page border, the second behind it: the same values on every host, and later is more. */
static void rdtsc_counts_and_shows_no_host_time(void **state)
{
    static const uint8_t code[] = {0x0f, 0x31, 0x0f, 0x31, 0xf4};

    (void)state;
    for (unsigned m = 0; m < 3; m++) {
        struct guest *guest = guest_in(all_modes[m]);
        struct bzc_regs regs = guest_regs(guest);

        regs.rip += BZC_PAGE_SIZE - 1;
        guest_put(guest, GUEST_CODE + BZC_PAGE_SIZE - 1, code, sizeof(code));
        guest_set(guest, &regs);
        assert_int_equal(guest_run(guest).kind, BZC_EXIT_HALT);
        assert_int_equal(guest_regs(guest).rip, regs.rip + sizeof(code));
        assert_int_equal(guest_regs(guest).gpr[BZC_RAX], 1000);
        assert_int_equal(guest_regs(guest).gpr[BZC_RDX], 0);
        bzc_cpu_set_tsc(guest->cpu, 0x12fffffffful);
        guest_set(guest, &regs);
        assert_int_equal(guest_run(guest).kind, BZC_EXIT_HALT);
        assert_int_equal(guest_regs(guest).gpr[BZC_RAX], 999);
        assert_int_equal(guest_regs(guest).gpr[BZC_RDX], 0x13);
        guest_free(guest);
    }
}

/* Turned on, a breakpoint makes Unicorn crash (2.1.1) or hang (2.1.4). */
static void hardware_breakpoints_are_never_turned_on(void **state)
{
    /*
     * mov %eax,%dr0; mov $3,%eax; nop (two bytes in the 16-bit form); mov %eax,%dr7; 1: inc %ecx (at 0x0d);
     * mov %dr7,%edx; mov %ebx,%dr5; hlt
     */
    static const uint8_t code[] = {0x0f, 0x23, 0xc0, 0xb8, 0x03, 0x00, 0x90, 0x90, 0x90, 0x90, 0x0f,
                                   0x23, 0xf8, 0xff, 0xc1, 0x0f, 0x21, 0xfa, 0x0f, 0x23, 0xeb, 0xf4};
    uint8_t wide[sizeof(code)];

    (void)state;
    memcpy(wide, code, sizeof(code));
    memset(wide + 6, 0, 2); /* mov $3,%eax has a number of four bytes in 32-bit and 64-bit code */
    for (unsigned m = 0; m < 3; m++) {
        struct guest *guest = guest_in(all_modes[m]);
        struct bzc_regs regs = guest_regs(guest);

        regs.gpr[BZC_RAX] = GUEST_CODE + 0x0d;
        regs.gpr[BZC_RBX] = 3;
        guest_set(guest, &regs);
        assert_int_equal(guest_run_code(guest, all_modes[m] == GUEST_REAL ? code : wide, sizeof(code)).kind,
                         BZC_EXIT_HALT);
        assert_int_equal(guest_regs(guest).rip - regs.rip, sizeof(code));
        assert_int_equal(guest_regs(guest).gpr[BZC_RCX], 1);
        assert_int_equal(guest_regs(guest).gpr[BZC_RDX], 0x400); /* DR7 after reset */
        guest_free(guest);
    }
}

static void *kick_later(void *argument)
{
    struct timespec pause = {0, 30 * 1000 * 1000};

    nanosleep(&pause, NULL);
    bzc_cpu_kick(argument);
    return NULL;
}

static void kick_from_another_thread_ends_a_loop(void **state)
{
    static const uint8_t code[] = {0xeb, 0xfe}; /* jmp . */

    (void)state;
    for (unsigned m = 0; m < 3; m++) {
        struct guest *guest = guest_in(all_modes[m]);
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, kick_later, guest->cpu), 0);
        assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_KICKED);
        pthread_join(thread, NULL);
        guest_free(guest);
    }
}

static void kick_between_runs_is_not_lost(void **state)
{
    static const uint8_t code[] = {0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    bzc_cpu_kick(guest->cpu);
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_KICKED);
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    guest_free(guest);
}

static void stop_on_out(struct guest *guest, uint16_t port, uint32_t value)
{
    (void)port;
    (void)value;
    bzc_cpu_stop(guest->cpu);
}

static void stop_in_a_port_callback_leaves_an_exact_state(void **state)
{
    /* mov $0x41000,%ebx; mov %eax,(%ebx); out %al,$0x80; inc %ecx; mov %eax,4(%ebx); jmp 1f; 1: inc %ecx; hlt */
    static const uint8_t code[] = {0xbb, 0,    0x10, 4, 0,    0x89, 0x03, 0xe6, 0x80,
                                   0x41, 0x89, 0x43, 4, 0xeb, 0,    0x41, 0xf4};
    /* out %al,$0x80; 1: inc %ecx; jmp 1b */
    static const uint8_t loop[] = {0xe6, 0x80, 0x41, 0xeb, 0xfd};
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    guest->on_out = stop_on_out;
    regs.gpr[BZC_RAX] = 0x1234;
    guest_set(guest, &regs);
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_KICKED);
    regs = guest_regs(guest);
    assert_int_equal(regs.rip, GUEST_CODE + 10); /* before the second store */
    assert_int_equal(regs.gpr[BZC_RCX], 1);
    assert_int_equal(guest_u32(guest, 0x41000), 0x1234);
    assert_int_equal(guest_u32(guest, 0x41004), 0);
    guest_free(guest);
    guest = guest_in(GUEST_PROT32);
    guest->on_out = stop_on_out;
    assert_int_equal(guest_run_code(guest, loop, sizeof(loop)).kind, BZC_EXIT_KICKED);
    assert_int_equal(guest_regs(guest).rip, GUEST_CODE + 2);
    assert_int_equal(guest_regs(guest).gpr[BZC_RCX], 1);
    guest_free(guest);
}

static bool third_block_stops(struct guest *guest, uint64_t linear, uint32_t size)
{
    (void)linear;
    (void)size;
    return guest->blocks < 3;
}

static void block_callback_stops_before_the_block(void **state)
{
    static const uint8_t code[] = {0x41, 0xeb, 0xfd}; /* 1: inc %ecx; jmp 1b */
    struct guest *guest = guest_new(third_block_stops);

    (void)state;
    guest_enter(guest, GUEST_PROT32);
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_KICKED);
    assert_int_equal(guest_regs(guest).gpr[BZC_RCX], 2);
    assert_int_equal(guest_regs(guest).rip, GUEST_CODE);
    guest_free(guest);
}

static unsigned marked_at, matched_at;

static bool mark_and_compare(struct guest *guest, uint64_t linear, uint32_t size)
{
    (void)size;
    if (linear != GUEST_CODE + 5)
        return true;
    if (guest->blocks < 100)
        return true;
    if (!marked_at) {
        bzc_cpu_mark(guest->cpu);
        marked_at = (unsigned)guest->blocks;
    } else if (bzc_cpu_at_mark(guest->cpu)) {
        matched_at = (unsigned)guest->blocks;
        return false;
    }
    return guest->blocks < 400;
}

static unsigned blocks_until_the_state_is_back(const uint8_t *code, size_t size)
{
    struct guest *guest = guest_new(mark_and_compare);

    marked_at = matched_at = 0;
    guest_enter(guest, GUEST_PROT32);
    assert_int_equal(guest_run_code(guest, code, size).kind, BZC_EXIT_KICKED);
    guest_free(guest);
    assert_int_not_equal(marked_at, 0);
    return matched_at ? matched_at - marked_at : 0;
}

static void marks_know_when_the_whole_state_is_back(void **state)
{
    static const uint8_t still[] = {0xb8, 7, 0, 0, 0, 0xeb, 0xfe};                /* mov $7,%eax; jmp . */
    static const uint8_t round[] = {0xb8, 7, 0, 0, 0, 0x80, 0xf1, 1, 0xeb, 0xfb}; /* ...; 1: xor $1,%cl; jmp 1b */
    static const uint8_t count[] = {0xb8, 7, 0, 0, 0, 0x41, 0xeb, 0xfd};          /* ...; 1: inc %ecx; jmp 1b */
    static const uint8_t fpu[] = {0xdb, 0xe3, 0xd9, 0xe8, 0x90,
                                  0xd8, 0xc0, 0xeb, 0xfc}; /* fninit; fld1; nop; 1: fadd %st,%st; jmp 1b */

    (void)state;
    assert_int_equal(blocks_until_the_state_is_back(still, sizeof(still)), 1);
    assert_int_equal(blocks_until_the_state_is_back(round, sizeof(round)), 2);
    assert_int_equal(blocks_until_the_state_is_back(count, sizeof(count)), 0);
    assert_int_equal(blocks_until_the_state_is_back(fpu, sizeof(fpu)), 0);
}

static void engine_has_a_name(void **state)
{
    (void)state;
    assert_memory_equal(bzc_cpu_engine(), "Unicorn 2.", 10);
    assert_string_equal(bzc_access_name(BZC_ACCESS_READ), "read");
    assert_string_equal(bzc_access_name(BZC_ACCESS_WRITE), "write");
    assert_string_equal(bzc_access_name(BZC_ACCESS_FETCH), "fetch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_reached),
        cmocka_unit_test(every_stop_says_what_it_is_and_where),
        cmocka_unit_test(error_codes_are_the_engines),
        cmocka_unit_test(exceptions_stay_themselves_when_they_come_again),
        cmocka_unit_test(segments_keep_their_hidden_parts),
        cmocka_unit_test(general_state_survives_a_round_trip),
        cmocka_unit_test(segment_bases_count),
        cmocka_unit_test(code_segment_gives_the_operand_size),
        cmocka_unit_test(stack_segment_gives_the_stack_size),
        cmocka_unit_test(real_mode_loads_of_segments_give_bases),
        cmocka_unit_test(writing_cr2_leaves_cr3_alone),
        cmocka_unit_test(paging_registers_are_read_cheaply),
        cmocka_unit_test(cpuid_is_the_clients),
        cmocka_unit_test(ports_have_sizes),
        cmocka_unit_test(string_ports_reach_memory),
        cmocka_unit_test(refusals_name_page_and_access),
        cmocka_unit_test(rdtsc_counts_and_shows_no_host_time),
        cmocka_unit_test(hardware_breakpoints_are_never_turned_on),
        cmocka_unit_test(kick_from_another_thread_ends_a_loop),
        cmocka_unit_test(kick_between_runs_is_not_lost),
        cmocka_unit_test(stop_in_a_port_callback_leaves_an_exact_state),
        cmocka_unit_test(block_callback_stops_before_the_block),
        cmocka_unit_test(marks_know_when_the_whole_state_is_back),
        cmocka_unit_test(engine_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
