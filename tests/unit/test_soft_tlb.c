/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "tests/fakes/guest.h"

static struct guest *guest_in(enum guest_mode mode)
{
    struct guest *guest = guest_new(NULL);

    guest_enter(guest, mode);
    return guest;
}

static uint64_t gpr_after(struct guest *guest, enum bzc_gpr gpr)
{
    return guest_regs(guest).gpr[gpr];
}

/* Linux's pmjump.S does this: patch, jump (which a 486 needs), run. */
static void patched_code_behind_a_jump_runs_as_patched(void **state)
{
    /* movb $5,1f+1; jmp 1f; 1: mov $1,%eax; hlt */
    static const uint8_t code[] = {0xc6, 0x05, 0x0a, 0, 2, 0, 5, 0xeb, 0, 0xb8, 1, 0, 0, 0, 0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RAX), 5);
    guest_free(guest);
}

/*
 * A known limit: a block that patches itself further on is run to its end as it was. A real CPU sees the new bytes;
 * code written by the rules jumps first (SDM 3A 9.1.3, "Handling Self- and Cross-Modifying Code"; an i486 demanded it).
 */
static void a_block_that_patches_itself_ends_as_it_began(void **state)
{
    /* movb $5,1f+1; 1: mov $1,%eax; hlt */
    static const uint8_t code[] = {0xc6, 0x05, 0x08, 0, 2, 0, 5, 0xb8, 1, 0, 0, 0, 0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs start = guest_regs(guest);

    (void)state;
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RAX), 1);
    guest_set(guest, &start);
    assert_int_equal(guest_run(guest).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RAX), 5); /* the next time it is right */
    guest_free(guest);
}

/* The page changes between code and data so often that it is treated as mixed. */
static void code_patched_in_a_loop_always_runs_as_patched(void **state)
{
    static const struct {
        const char *name;
        uint8_t code[32];
    } cases[] = {
        /* mov $N,%ecx; 1: mov %cl,3f+2; jmp 3f; 3: add $0,%edx (imm8); loop 1b; hlt */
        {"next block", {0xb9, 100, 0, 0, 0, 0x88, 0x0d, 0x0f, 0, 2, 0, 0xeb, 0, 0x83, 0xc2, 0, 0xe2, 0xf3, 0xf4}},
        /* mov $N,%ecx; jmp 2f; 3: add $0,%edx; ret; 2: mov %cl,3b+2; call 3b; loop 2b; hlt */
        {"function", {0xb9, 100, 0, 0, 0,    0xeb, 4,    0x83, 0xc2, 0,    0xc3, 0x88, 0x0d,
                      9,    0,   2, 0, 0xe8, 0xf1, 0xff, 0xff, 0xff, 0xe2, 0xf3, 0xf4}},
        /* mov $N,%ecx; 1: incl 0x20800; mov %cl,3f+2; jmp 3f; 3: add $0,%edx; loop 1b; hlt */
        {"after data", {0xb9, 100, 0, 0, 0,    0xff, 0x05, 0,    8, 2,    0,    0x88, 0x0d,
                        0x15, 0,   2, 0, 0xeb, 0,    0x83, 0xc2, 0, 0xe2, 0xed, 0xf4}},
        /* the same through a pointer: mov $0x20007,%ebx; ...; call *%ebx */
        {"pointer", {0xb9, 100, 0,    0,    0, 0xeb, 4, 0x83, 0xc2, 0,    0xc3, 0xbb, 7,   0,
                     2,    0,   0x88, 0x0d, 9, 0,    2, 0,    0xff, 0xd3, 0xe2, 0xf6, 0xf4}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest *guest = guest_in(GUEST_PROT32);

        assert_int_equal(guest_run_code(guest, cases[i].code, sizeof(cases[i].code)).kind, BZC_EXIT_HALT);
        if (gpr_after(guest, BZC_RDX) != 5050) /* 1 + 2 + ... + 100 */
            fail_msg("%s: %u", cases[i].name, (unsigned)gpr_after(guest, BZC_RDX));
        guest_free(guest);
    }
}

/* The same from another page, as a loader of code does it. */
static void functions_replaced_in_a_loop_always_run_as_replaced(void **state)
{
    /* mov $100,%ecx; 1: incl 0x30800; mov %cl,0x30001; mov $0x30000,%ebx; call *%ebx; add %eax,%edx; loop 1b; hlt */
    static const uint8_t code[] = {0xb9, 100, 0,    0, 0, 0xff, 0x05, 0,    8,    3,    0,    0x88, 0x0d, 1,   0,
                                   3,    0,   0xbb, 0, 0, 3,    0,    0xff, 0xd3, 0x01, 0xc2, 0xe2, 0xe9, 0xf4};
    static const uint8_t function[] = {0xb8, 0, 0, 0, 0, 0xc3}; /* mov $0,%eax; ret */
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    guest_put(guest, 0x30000, function, sizeof(function));
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RDX), 5050);
    guest_free(guest);
}

static void data_in_the_page_of_the_code_does_not_hinder(void **state)
{
    /* mov $N,%ecx; 1: incl 0x20800; push %ecx; call 2f; loop 1b; hlt; 2: incl 0x20804; ret $4 */
    static const uint8_t code[] = {0xb9, 0xe8, 3,    0,    0,    0xff, 0x05, 0, 8, 2, 0, 0x51, 0xe8, 3, 0,
                                   0,    0,    0xe2, 0xf2, 0xf4, 0xff, 0x05, 4, 8, 2, 0, 0xc2, 4,    0};
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    regs.gpr[BZC_RSP] = 0x20ff0; /* the stack lies there as well */
    guest_set(guest, &regs);
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(guest_u32(guest, 0x20800), 1000);
    assert_int_equal(guest_u32(guest, 0x20804), 1000);
    assert_int_equal(gpr_after(guest, BZC_RSP), 0x20ff0);
    guest_free(guest);
}

/* The loader, the BIOS and devices write too. */
static void code_that_the_host_replaces_runs_as_replaced(void **state)
{
    static const uint8_t one[] = {0xb8, 1, 0, 0, 0, 0xf4}, two[] = {0xb8, 2, 0, 0, 0, 0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        guest_run_code(guest, one, sizeof(one));
        assert_int_equal(gpr_after(guest, BZC_RAX), 1);
        guest_run_code(guest, two, sizeof(two));
        assert_int_equal(gpr_after(guest, BZC_RAX), 2);
    }
    assert_int_equal(guest_notes(guest, GUEST_NEW_CODE), 40); /* and each time the observer is asked */
    guest_free(guest);
}

static void new_code_is_refused_once_for_each_contents(void **state)
{
    /* call 0x30000; call 0x30000; movb $2,0x30001; call 0x30000; hlt */
    static const uint8_t code[] = {0xe8, 0xfb, 0xff, 0, 0, 0xe8, 0xf6, 0xff, 0, 0, 0xc6, 0x05,
                                   1,    0,    3,    0, 2, 0xe8, 0xea, 0xff, 0, 0, 0xf4};
    static const uint8_t function[] = {0xb0, 1, 0xc3}; /* mov $1,%al; ret */
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    guest_put(guest, 0x30000, function, sizeof(function));
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(gpr_after(guest, BZC_RAX), 2);
    assert_int_equal(guest->note_count, 3);
    assert_int_equal(guest->note[0].a, GUEST_CODE);
    assert_int_equal(guest->note[1].a, 0x30000);
    assert_int_equal(guest->note[2].a, 0x30000);
    guest_free(guest);
}

static void progress_counts_pages_touched_for_the_first_time(void **state)
{
    /* mov %eax,0x40000; mov %eax,0x40004; mov %eax,0x41000; mov 0x42000,%eax; mov %eax,0x40008; hlt */
    static const uint8_t code[] = {0xa3, 0, 0,    4, 0,    0xa3, 4, 0,    4, 0, 0xa3, 0, 0x10,
                                   4,    0, 0xa1, 0, 0x20, 4,    0, 0xa3, 8, 0, 4,    0, 0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);
    uint64_t before = atomic_load(&guest->tlb.progress), touched;

    (void)state;
    guest_put(guest, GUEST_CODE, code, sizeof(code));
    touched = bzc_memory_touched(guest->memory);
    guest_run(guest);
    /* 0x40000 and 0x41000; the code page was the loader's, and reading is no progress */
    assert_int_equal(atomic_load(&guest->tlb.progress) - before, 2);
    assert_int_equal(bzc_memory_touched(guest->memory) - touched, 2);
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(atomic_load(&guest->tlb.progress) - before, 2);
    guest_free(guest);
}

static void closed_a20_folds_odd_megabytes(void **state)
{
    /* mov %eax,0x100500; mov %eax,0x200504; mov 0x500,%ecx; mov 0x100504,%edx; hlt */
    static const uint8_t code[] = {0xa3, 0, 5, 0x10, 0,    0xa3, 4, 5, 0x20, 0, 0x8b, 0x0d,
                                   0,    5, 0, 0,    0x8b, 0x15, 4, 5, 0x10, 0, 0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);
    struct bzc_regs regs = guest_regs(guest);

    (void)state;
    regs.gpr[BZC_RAX] = 0x11223344;
    guest_set(guest, &regs);
    bzc_soft_tlb_set_a20(&guest->tlb, false);
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(gpr_after(guest, BZC_RCX), 0x11223344);
    assert_int_equal(guest_u32(guest, 0x100500), 0);
    assert_int_equal(guest_u32(guest, 0x200504), 0x11223344); /* an even megabyte */
    bzc_memory_write(guest->memory, 0x500, "\0\0\0\0", 4);
    bzc_soft_tlb_set_a20(&guest->tlb, true);
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(gpr_after(guest, BZC_RCX), 0);
    assert_int_equal(guest_u32(guest, 0x100500), 0x11223344);
    guest_free(guest);
}

static void open_a20_on_out(struct guest *guest, uint16_t port, uint32_t value)
{
    (void)port;
    bzc_soft_tlb_set_a20(&guest->tlb, value & 1);
}

static void a20_changes_take_effect_at_the_next_access(void **state)
{
    /* mov 0x100500,%ecx; mov $1,%al; out %al,$0x92; mov 0x100500,%edx; hlt */
    static const uint8_t code[] = {0x8b, 0x0d, 0, 5, 0x10, 0, 0xb0, 1, 0xe6, 0x92, 0x8b, 0x15, 0, 5, 0x10, 0, 0xf4};
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    bzc_memory_write(guest->memory, 0x500, "\x01\0\0\0", 4);
    bzc_memory_write(guest->memory, 0x100500, "\x02\0\0\0", 4);
    bzc_soft_tlb_set_a20(&guest->tlb, false);
    guest->on_out = open_a20_on_out;
    guest_run_code(guest, code, sizeof(code));
    assert_int_equal(gpr_after(guest, BZC_RCX), 1);
    assert_int_equal(gpr_after(guest, BZC_RDX), 2);
    guest_free(guest);
}

static void rom_can_be_read_and_run_but_not_written(void **state)
{
    /* movl $0,0xf0000; mov 0xf0000,%eax; call 0xf0004; hlt */
    static const uint8_t code[] = {0xc7, 0x05, 0,    0, 0x0f, 0,    0,    0,    0, 0,   0xa1,
                                   0,    0,    0x0f, 0, 0xe8, 0xf0, 0xff, 0x0c, 0, 0xf4};
    static const uint8_t rom[] = {0x12, 0x34, 0x56, 0x78, 0xb1, 9, 0xc3}; /* data; mov $9,%cl; ret */
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    bzc_memory_fill_rom(guest->memory, 0xf0000, rom, sizeof(rom));
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RAX), 0x78563412);
    assert_int_equal(gpr_after(guest, BZC_RCX), 9);
    assert_int_equal(guest_notes(guest, GUEST_ROM_WRITE), 1);
    assert_int_equal(guest->note[1].a, 0xf0000);
    assert_int_equal(guest_u32(guest, 0xf0000), 0x78563412);
    guest_free(guest);
}

static void open_bus_reads_all_ones(void **state)
{
    static const uint8_t code[] = {0xa1, 0x34, 0x12, 0, 0xf0, 0xf4}; /* mov 0xf0001234,%eax; hlt */
    struct guest *guest = guest_in(GUEST_PROT32);

    (void)state;
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RAX), 0xffffffff);
    assert_int_equal(guest_notes(guest, GUEST_OPEN_BUS), 1);
    assert_int_equal(guest->note[1].a, 0xf0001000);
    guest_free(guest);
}

static void outside_is_refused(void **state)
{
    static const struct {
        uint8_t code[8];
        enum bzc_access access;
        uint64_t page;
        uint64_t rip;
    } cases[] = {
        {{0x90, 0xa3, 0x34, 0x12, 0, 0xf0}, BZC_ACCESS_WRITE, 0xf0001000, GUEST_CODE + 1},   /* mov %eax,0xf0001234 */
        {{0x90, 0x01, 0x05, 0x34, 0x12, 0, 1}, BZC_ACCESS_WRITE, 0x1001000, GUEST_CODE + 1}, /* add %eax,0x1001234 */
        {{0x90, 0xe9, 0xfa, 0xff, 0xfd, 0xef}, BZC_ACCESS_FETCH, 0xf0000000, 0xf0000000},    /* jmp 0xf0000000 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest *guest = guest_in(GUEST_PROT32);
        struct bzc_cpu_exit exit = guest_run_code(guest, cases[i].code, sizeof(cases[i].code));

        assert_int_equal(exit.kind, BZC_EXIT_REFUSED);
        assert_int_equal(exit.linear, cases[i].page);
        assert_int_equal(exit.access, cases[i].access);
        assert_int_equal(guest->tlb.refusal.kind, BZC_REFUSED_OUTSIDE);
        assert_int_equal(guest->tlb.refusal.access, cases[i].access);
        assert_int_equal(guest->tlb.refusal.linear, cases[i].page);
        assert_int_equal(guest->tlb.refusal.phys, cases[i].page);
        assert_int_equal(guest_regs(guest).rip, cases[i].rip);
        guest_free(guest);
    }
}

/* 32-bit tables at 0x50000: 4 MiB pages 1:1, but for one page table for the linear addresses from 0x400000. */
#define DIRECTORY 0x50000u
#define TABLE     0x51000u

static void put_u32(struct guest *guest, uint64_t phys, uint32_t value)
{
    uint8_t raw[4];

    bzc_store32(raw, value);
    guest_put(guest, phys, raw, 4);
}

static struct guest *paged_guest(uint32_t entry0, uint32_t entry1)
{
    struct guest *guest = guest_in(GUEST_PROT32);

    put_u32(guest, DIRECTORY, 0x83); /* 4 MiB, present, writable */
    put_u32(guest, DIRECTORY + 4, TABLE | 3);
    put_u32(guest, TABLE, entry0);
    put_u32(guest, TABLE + 4, entry1);
    guest_paging(guest, DIRECTORY, (uint32_t)BZC_CR4_PSE);
    return guest;
}

static void page_faults_are_refused_with_an_error_code(void **state)
{
    static const uint8_t read[] = {0x90, 0xa1, 0x10, 0, 0x40, 0};     /* nop; mov 0x400010,%eax */
    static const uint8_t write[] = {0x90, 0xa3, 0x10, 0x10, 0x40, 0}; /* nop; mov %eax,0x401010: read-only, CR0.WP */
    struct guest *guest = paged_guest(0, 0x45001);
    static const uint8_t set_wp[] = {0x0f, 0x20, 0xc0, 0x0d, 0, 0, 1, 0, 0x0f, 0x22, 0xc0, 0xf4};

    (void)state;
    assert_int_equal(guest_run_code(guest, read, sizeof(read)).kind, BZC_EXIT_REFUSED);
    assert_int_equal(guest->tlb.refusal.kind, BZC_REFUSED_PAGE_FAULT);
    assert_int_equal(guest->tlb.refusal.linear, 0x400000);
    assert_int_equal(guest->tlb.refusal.error_code, 0);
    assert_int_equal(guest_regs(guest).rip, GUEST_CODE + 1);
    assert_int_equal(guest_run_code(guest, set_wp, sizeof(set_wp)).kind, BZC_EXIT_HALT);
    assert_int_equal(guest_run_code(guest, write, sizeof(write)).kind, BZC_EXIT_REFUSED);
    assert_int_equal(guest->tlb.refusal.kind, BZC_REFUSED_PAGE_FAULT);
    assert_int_equal(guest->tlb.refusal.linear, 0x401000);
    assert_int_equal(guest->tlb.refusal.error_code, BZC_PF_PRESENT | BZC_PF_WRITE);
    guest_free(guest);
}

static void writes_set_dirty_bits_even_after_a_read(void **state)
{
    static const uint8_t read[] = {0xa1, 0x10, 0, 0x40, 0, 0xf4}, write[] = {0xa3, 0x10, 0, 0x40, 0, 0xf4};
    struct guest *guest = paged_guest(0x45003, 0);

    (void)state;
    guest_run_code(guest, read, sizeof(read));
    assert_int_equal(guest_u32(guest, TABLE), 0x45023); /* accessed */
    guest_run_code(guest, write, sizeof(write));
    assert_int_equal(guest_u32(guest, TABLE), 0x45063); /* and dirty */
    assert_int_equal(guest_u32(guest, DIRECTORY + 4) & 0x20, 0x20);
    guest_free(guest);
}

/* Two linear addresses for one page: executed by one, written by the other. */
static void code_is_followed_through_aliases(void **state)
{
    /* mov $5,%ecx; 1: mov %cl,0x401001; call 0x400000; add %eax,%edx; loop 1b; hlt */
    static const uint8_t code[] = {0xb9, 5,    0,    0,    0,    0x88, 0x0d, 1,    0x10, 0x40, 0,
                                   0xe8, 0xf0, 0xff, 0x3d, 0x00, 0x01, 0xc2, 0xe2, 0xf1, 0xf4};
    static const uint8_t function[] = {0xb8, 0, 0, 0, 0, 0xc3}; /* mov $0,%eax; ret */
    struct guest *guest = paged_guest(0x45003, 0x45003);

    (void)state;
    guest_put(guest, 0x45000, function, sizeof(function));
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RDX), 15);
    guest_free(guest);
}

static void host_copies_run_over_pages_as_the_tables_say(void **state)
{
    struct guest *guest = paged_guest(0x46003, 0x45003);
    uint8_t back[8] = {0};
    uint64_t phys = 0;

    (void)state;
    assert_true(bzc_soft_tlb_write(&guest->tlb, 0x400ffc, "abcdefgh", 8));
    assert_memory_equal(bzc_memory_view(guest->memory, 0x46ffc, 4).data, "abcd", 4);
    assert_memory_equal(bzc_memory_view(guest->memory, 0x45000, 4).data, "efgh", 4);
    assert_true(bzc_soft_tlb_read(&guest->tlb, 0x400ffc, back, 8));
    assert_memory_equal(back, "abcdefgh", 8);
    assert_true(bzc_soft_tlb_lookup(&guest->tlb, 0x401234, &phys));
    assert_int_equal(phys, 0x45234);
    assert_false(bzc_soft_tlb_lookup(&guest->tlb, 0x402000, &phys));
    assert_false(bzc_soft_tlb_read(&guest->tlb, 0x401ffc, back, 8)); /* 0x402000 is not mapped */
    assert_int_equal(guest_u32(guest, TABLE), 0x46003);              /* no accessed bits by looking */
    guest_free(guest);
}

/*
 * Every instruction may be stopped at any of its accesses and be begun anew. Each case runs once undisturbed and once
 * with every first access refused; the end must be the same. Stacks and operands lie across page borders. RCL and RCR
 * are left out: the engine changes CF before it stores, so they go wrong when the read is allowed and the write
 * refused.
 */
static void instructions_survive_a_refusal_at_every_access(void **state)
{
    static const struct {
        const char *name;
        uint8_t code[24];
    } cases[] = {
        {"pusha", {0x60, 0xf4}},
        {"popa", {0x61, 0xf4}},
        {"pushf; popf", {0x9c, 0x9d, 0xf4}},
        {"enter $16,$3", {0xc8, 16, 0, 3, 0xf4}},
        {"leave", {0xc9, 0xf4}},
        {"push (%esi)", {0xff, 0x36, 0xf4}},
        {"pop (%edi)", {0x8f, 0x07, 0xf4}},
        {"pop 4(%esp)", {0x8f, 0x44, 0x24, 4, 0xf4}},
        {"call *(%ebx)", {0xff, 0x13, 0xf4}},
        {"xchg %eax,(%edi)", {0x87, 0x07, 0xf4}},
        {"add %eax,(%edi)", {0x01, 0x07, 0xf4}},
        {"lock add %eax,(%edi)", {0xf0, 0x01, 0x07, 0xf4}},
        {"inc (%edi); adc $0,%eax", {0xff, 0x07, 0x83, 0xd0, 0, 0xf4}},
        {"xadd %eax,(%edi)", {0x0f, 0xc1, 0x07, 0xf4}},
        {"cmpxchg %ecx,(%edi)", {0x0f, 0xb1, 0x0f, 0xf4}},
        {"cmpxchg8b (%edi)", {0x0f, 0xc7, 0x0f, 0xf4}},
        {"btsl %ecx,(%edi)", {0x0f, 0xab, 0x0f, 0xf4}},
        {"movsl", {0xa5, 0xf4}},
        {"rep movsb", {0xf3, 0xa4, 0xf4}},
        {"std; rep movsl; cld", {0xfd, 0xf3, 0xa5, 0xfc, 0xf4}},
        {"rep stosl", {0xf3, 0xab, 0xf4}},
        {"repe cmpsb", {0xf3, 0xa6, 0xf4}},
        {"repne scasb", {0xf2, 0xae, 0xf4}},
        {"lodsl", {0xad, 0xf4}},
        {"shld $4,%eax,(%edi)", {0x0f, 0xa4, 0x07, 4, 0xf4}},
        {"sgdt (%edi)", {0x0f, 0x01, 0x07, 0xf4}},
        {"fnsave (%edi)", {0xdb, 0xe3, 0xd9, 0xe8, 0xdd, 0x37, 0xf4}},
        {"fstpt (%edi)", {0xdb, 0xe3, 0xd9, 0xeb, 0xdb, 0x3f, 0xf4}},
        {"les (%esi),%eax", {0xc4, 0x06, 0xf4}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_regs end[2];
        struct guest *guests[2];

        for (unsigned round = 0; round < 2; round++) {
            struct guest *guest = guests[round] = guest_in(GUEST_PROT32);
            struct bzc_regs regs = guest_regs(guest);

            for (unsigned at = 0; at < 0x8000; at++)
                bzc_memory_write(guest->memory, 0x40000 + at, &(uint8_t){(uint8_t)(at * 7 + at / 256)}, 1);
            put_u32(guest, 0x41ffe, GUEST_CODE + 2); /* of the call: the HLT */
            put_u32(guest, 0x43ffe, 0x00100010);     /* of LES: the data selector on both sides of an offset */
            put_u32(guest, 0x44002, 0x00100010);
            regs.gpr[BZC_RAX] = 0x12345678;
            regs.gpr[BZC_RCX] = 21;
            regs.gpr[BZC_RDX] = 0x9abcdef0;
            regs.gpr[BZC_RBX] = 0x41ffe;
            regs.gpr[BZC_RSP] = 0x43006;
            regs.gpr[BZC_RBP] = 0x45ffe;
            regs.gpr[BZC_RSI] = 0x43ffe;
            regs.gpr[BZC_RDI] = 0x46ffe;
            guest_set(guest, &regs);
            guest->stubborn = round == 1;
            assert_int_equal(guest_run_code(guest, cases[i].code, sizeof(cases[i].code)).kind, BZC_EXIT_HALT);
            end[round] = guest_regs(guest);
        }
        assert_int_not_equal(guests[1]->refused_count, 0);
        if (memcmp(end[0].gpr, end[1].gpr, sizeof(end[0].gpr)) != 0 || end[0].rflags != end[1].rflags ||
            end[0].rip != end[1].rip ||
            memcmp(bzc_memory_view(guests[0]->memory, 0x40000, 0x8000).data,
                   bzc_memory_view(guests[1]->memory, 0x40000, 0x8000).data, 0x8000) != 0)
            fail_msg("%s ends differently after %zu refusals", cases[i].name, guests[1]->refused_count);
        guest_free(guests[0]);
        guest_free(guests[1]);
    }
}

static void split_writes_show_every_first_write(void **state)
{
    /* mov %eax,0x40000; out %al,$0x80 (flush); mov 0x40000,%ecx; mov %eax,0x40000; hlt */
    static const uint8_t code[] = {0xa3, 0, 0, 4, 0, 0xe6, 0x80, 0x8b, 0x0d, 0, 0, 4, 0, 0xa3, 0, 0, 4, 0, 0xf4};

    (void)state;
    for (unsigned split = 0; split < 2; split++) {
        struct guest *guest = guest_in(GUEST_PROT32);
        uint64_t before = guest->tlb.write_fills;

        guest->tlb.split_writes = split;
        guest->tlb.a20_open = false;
        guest->on_out = open_a20_on_out;
        bzc_soft_tlb_set_a20(&guest->tlb, true);
        guest_put(guest, GUEST_CODE, code, sizeof(code));
        guest_run(guest);
        /* With the read of a page written before comes the right to write, unless every write is to be seen. */
        assert_int_equal(guest->tlb.write_fills - before, split ? 2 : 1);
        guest_free(guest);
    }
}

/* Long mode, and 2 MiB from the linear addresses 0x600000 and 0x800000 on that lead to the physical address 0. */
static struct guest *guest_with_aliases(void)
{
    struct guest *guest = guest_in(GUEST_LONG);
    uint8_t entry[8];

    bzc_store64(entry, 0x83);
    guest_put(guest, GUEST_TABLES + 0x2000 + 3 * 8, entry, 8);
    guest_put(guest, GUEST_TABLES + 0x2000 + 4 * 8, entry, 8);
    return guest;
}

/* Each change of the linear page that the same code runs at is a question, when these are asked for. */
static void mappings_are_asked_about(void **state)
{
    /*
     * 0x00: mov $0x620010,%eax; jmp *%rax   0x10: mov $0x20018,%eax; jmp *%rax   0x18: mov $0x820020,%eax; jmp *%rax
     * 0x20: hlt
     */
    static const uint8_t code[] = {0xb8, 0x10, 0,    0x62, 0,    0xff, 0xe0, 0x90, 0x90, 0x90, 0x90,
                                   0x90, 0x90, 0x90, 0x90, 0x90, 0xb8, 0x18, 0,    2,    0,    0xff,
                                   0xe0, 0x90, 0xb8, 0x20, 0,    0x82, 0,    0xff, 0xe0, 0x90, 0xf4};

    (void)state;
    for (unsigned asks = 0; asks < 2; asks++) {
        struct guest *guest = guest_with_aliases();

        guest->tlb.asks_mappings = asks;
        assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
        assert_int_equal(guest_regs(guest).rip, 0x820021);
        /* the page as new code; then at 0x620000 and at 0x820000, but not back at its own address */
        assert_int_equal(guest_notes(guest, GUEST_NEW_CODE), asks ? 3 : 1);
        for (size_t i = 0; i < guest->note_count; i++)
            assert_int_equal(guest->note[i].a, GUEST_CODE);
        guest_free(guest);
    }
}

/* A read through another address gives no leave to execute there. */
static void mappings_are_asked_about_after_a_read(void **state)
{
    /* mov 0x620000,%cl; mov $0x620010,%eax; jmp *%rax; 0x10: hlt */
    static const uint8_t code[] = {0x8a, 0x0c, 0x25, 0,    0,    0x62, 0,    0xb8, 0x10,
                                   0,    0x62, 0,    0xff, 0xe0, 0x90, 0x90, 0xf4};
    struct guest *guest = guest_with_aliases();

    (void)state;
    guest->tlb.asks_mappings = true;
    assert_int_equal(guest_run_code(guest, code, sizeof(code)).kind, BZC_EXIT_HALT);
    assert_int_equal(gpr_after(guest, BZC_RCX), 0x8a);
    assert_int_equal(guest_notes(guest, GUEST_NEW_CODE), 2);
    guest_free(guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patched_code_behind_a_jump_runs_as_patched),
        cmocka_unit_test(a_block_that_patches_itself_ends_as_it_began),
        cmocka_unit_test(code_patched_in_a_loop_always_runs_as_patched),
        cmocka_unit_test(functions_replaced_in_a_loop_always_run_as_replaced),
        cmocka_unit_test(data_in_the_page_of_the_code_does_not_hinder),
        cmocka_unit_test(code_that_the_host_replaces_runs_as_replaced),
        cmocka_unit_test(new_code_is_refused_once_for_each_contents),
        cmocka_unit_test(progress_counts_pages_touched_for_the_first_time),
        cmocka_unit_test(closed_a20_folds_odd_megabytes),
        cmocka_unit_test(a20_changes_take_effect_at_the_next_access),
        cmocka_unit_test(rom_can_be_read_and_run_but_not_written),
        cmocka_unit_test(open_bus_reads_all_ones),
        cmocka_unit_test(outside_is_refused),
        cmocka_unit_test(page_faults_are_refused_with_an_error_code),
        cmocka_unit_test(writes_set_dirty_bits_even_after_a_read),
        cmocka_unit_test(code_is_followed_through_aliases),
        cmocka_unit_test(host_copies_run_over_pages_as_the_tables_say),
        cmocka_unit_test(instructions_survive_a_refusal_at_every_access),
        cmocka_unit_test(split_writes_show_every_first_write),
        cmocka_unit_test(mappings_are_asked_about),
        cmocka_unit_test(mappings_are_asked_about_after_a_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
