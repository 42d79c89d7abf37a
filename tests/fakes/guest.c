/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fakes/guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

/* Offsets in the trampoline. */
#define TRAMP_LONG   0x28u
#define TRAMP_PAGING 0x59u

/*
 * start:  cli; lgdtl %cs:gdtr; mov %cr0,%eax; or $1,%al; mov %eax,%cr0; ljmpl $8,$p32
 * p32:    mov $0x10,%eax; mov %eax,%ds/%es/%ss/%fs/%gs; hlt
 * long:   CR4 |= PAE; CR3 = 0x60000; EFER |= LME | NXE; CR0 |= PG; ljmp $0x18,$p64
 * p64:    hlt
 * paging: mov %eax,%cr3; mov %ebx,%cr4; CR0 |= PG; hlt
 * gdtr (at 0x70): limit 0x27, base 0x70078; gdt
 */
static const uint8_t trampoline[] = {
    0xfa, 0x2e, 0x66, 0x0f, 0x01, 0x16, 0x70, 0x00, 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea,
    0x18, 0x00, 0x07, 0x00, 0x08, 0x00, 0xb8, 0x10, 0x00, 0x00, 0x00, 0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, 0x8e,
    0xe0, 0x8e, 0xe8, 0xf4, 0x0f, 0x20, 0xe0, 0x0c, 0x20, 0x0f, 0x22, 0xe0, 0xb8, 0x00, 0x00, 0x06, 0x00, 0x0f,
    0x22, 0xd8, 0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32, 0x0d, 0x00, 0x09, 0x00, 0x00, 0x0f, 0x30, 0x0f, 0x20,
    0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, 0xea, 0x58, 0x00, 0x07, 0x00, 0x18, 0x00, 0xf4, 0x0f,
    0x22, 0xd8, 0x0f, 0x22, 0xe3, 0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, 0xf4, 0x90,
    0x90, 0x90, 0x90, 0x90, 0x27, 0x00, 0x78, 0x00, 0x07, 0x00, 0x90, 0x90, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xcf, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x93, 0xcf, 0x00,
    0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xaf, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0x00, 0x00,
};

static void note(struct guest *guest, struct guest_note entry)
{
    if (guest->note_count < GUEST_LOG)
        guest->note[guest->note_count] = entry;
    guest->note_count++;
}

static uint32_t port_in(void *context, uint16_t port, unsigned size)
{
    struct guest *guest = context;

    note(guest, (struct guest_note){GUEST_IN, port, size, guest->in_value});
    return guest->in_value;
}

static void port_out(void *context, uint16_t port, unsigned size, uint32_t value)
{
    struct guest *guest = context;

    note(guest, (struct guest_note){GUEST_OUT, port, size, value});
    if (guest->on_out)
        guest->on_out(guest, port, value);
}

static void cpuid(void *context, uint32_t leaf, uint32_t subleaf, uint32_t result[4])
{
    (void)context;
    result[0] = leaf + 1;
    result[1] = subleaf + 2;
    result[2] = 0xfffffffdu;
    result[3] = 4;
}

static bool translate(void *context, uint64_t linear, enum bzc_access access, struct bzc_translation *translation)
{
    struct guest *guest = context;

    if (guest->stubborn && access != BZC_ACCESS_FETCH) {
        size_t i = 0;

        while (i < guest->refused_count && (guest->refused[i].linear != linear || guest->refused[i].access != access))
            i++;
        if (i == guest->refused_count && i < GUEST_LOG) {
            guest->refused[i].linear = linear;
            guest->refused[i].access = access;
            guest->refused_count++;
            guest->was_stubborn = true;
            return false;
        }
    }
    return bzc_soft_tlb_translate(&guest->tlb, linear, access, translation);
}

static bool guard(void *context, uint64_t linear, uint32_t size)
{
    struct guest *guest = context;

    return bzc_soft_tlb_guard(&guest->tlb, linear, size);
}

static bool block(void *context, uint64_t linear, uint32_t size)
{
    struct guest *guest = context;

    if (!guest->entered)
        return true;
    guest->blocks++;
    return guest->on_block(guest, linear, size);
}

struct guest *guest_new(bool (*on_block)(struct guest *guest, uint64_t linear, uint32_t size))
{
    struct guest *guest = calloc(1, sizeof(*guest));
    struct bzc_cpu_client client = {.context = guest,
                                    .translate = translate,
                                    .guard = guard,
                                    .in = port_in,
                                    .out = port_out,
                                    .cpuid = cpuid,
                                    .block = on_block ? block : NULL};
    struct bzc_error err = {0};

    assert_non_null(guest);
    guest->on_block = on_block;
    assert_int_equal(bzc_memory_map_default(GUEST_MEMORY, &guest->map, &err), BZC_OK);
    if (bzc_cpu_new(&client, &guest->cpu, &err) != BZC_OK ||
        bzc_memory_new(&guest->map, guest->cpu, &guest->memory, &err) != BZC_OK)
        fail_msg("%s", err.message);
    guest->tlb.cpu = guest->cpu;
    guest->tlb.memory = guest->memory;
    guest->tlb.a20_open = true;
    return guest;
}

void guest_free(struct guest *guest)
{
    bzc_soft_tlb_finish(&guest->tlb);
    bzc_cpu_free(guest->cpu);
    bzc_memory_free(guest->memory);
    free(guest);
}

void guest_put(struct guest *guest, uint64_t phys, const void *data, size_t size)
{
    assert_true(bzc_soft_tlb_write_phys(&guest->tlb, phys, data, size));
}

uint8_t guest_byte(struct guest *guest, uint64_t phys)
{
    uint8_t byte = 0;

    assert_true(bzc_memory_read(guest->memory, phys, &byte, 1));
    return byte;
}

uint32_t guest_u32(struct guest *guest, uint64_t phys)
{
    uint8_t raw[4] = {0};

    assert_true(bzc_memory_read(guest->memory, phys, raw, sizeof(raw)));
    return bzc_load32(raw);
}

struct bzc_regs guest_regs(struct guest *guest)
{
    struct bzc_regs regs;

    assert_int_equal(bzc_cpu_get(guest->cpu, &regs, NULL), BZC_OK);
    return regs;
}

void guest_set(struct guest *guest, const struct bzc_regs *regs)
{
    assert_int_equal(bzc_cpu_set(guest->cpu, regs, NULL), BZC_OK);
}

struct bzc_cpu_exit guest_run(struct guest *guest)
{
    struct bzc_cpu_exit exit = {0};
    struct bzc_error err = {0};

    /* A test guest that enters this many new pages does not get on. */
    for (unsigned rounds = 0; rounds < 100000; rounds++) {
        if (bzc_cpu_run(guest->cpu, &exit, &err) != BZC_OK)
            fail_msg("%s", err.message);
        if (exit.kind == BZC_EXIT_REFUSED && guest->was_stubborn) {
            guest->was_stubborn = false;
            continue;
        }
        if (exit.kind == BZC_EXIT_REFUSED && guest->tlb.refusal.kind == BZC_REFUSED_STALE) {
            bzc_soft_tlb_drop_stale(&guest->tlb);
            continue;
        }
        if (exit.kind == BZC_EXIT_REFUSED && guest->tlb.refusal.kind == BZC_REFUSED_REPORT) {
            bool write = guest->tlb.refusal.access == BZC_ACCESS_WRITE;

            note(guest, (struct guest_note){write ? GUEST_ROM_WRITE : GUEST_OPEN_BUS, guest->tlb.refusal.phys, 0, 0});
            bzc_soft_tlb_let_pass(&guest->tlb);
            continue;
        }
        if (exit.kind != BZC_EXIT_REFUSED || guest->tlb.refusal.kind != BZC_REFUSED_NEW_CODE)
            return exit;
        note(guest, (struct guest_note){GUEST_NEW_CODE, guest->tlb.refusal.phys, 0, 0});
        bzc_soft_tlb_allow_code(&guest->tlb, guest->tlb.refusal.linear, guest->tlb.refusal.phys);
    }
    fail_msg("the guest enters new code without end");
    return exit;
}

struct bzc_cpu_exit guest_run_code(struct guest *guest, const void *code, size_t size)
{
    struct bzc_regs regs = guest_regs(guest);

    guest_put(guest, GUEST_CODE, code, size);
    regs.rip = regs.cr0 & BZC_CR0_PE ? GUEST_CODE : 0;
    guest_set(guest, &regs);
    return guest_run(guest);
}

size_t guest_notes(const struct guest *guest, int kind)
{
    size_t count = 0;

    for (size_t i = 0; i < guest->note_count && i < GUEST_LOG; i++)
        count += (int)guest->note[i].kind == kind;
    return count;
}

static void tables(struct guest *guest)
{
    uint8_t entry[8];

    bzc_store64(entry, (GUEST_TABLES + 0x1000) | 3);
    guest_put(guest, GUEST_TABLES, entry, 8);
    bzc_store64(entry, (GUEST_TABLES + 0x2000) | 3);
    guest_put(guest, GUEST_TABLES + 0x1000, entry, 8);
    for (unsigned i = 0; i < 512; i++) {
        bzc_store64(entry, (uint64_t)i << 21 | 0x83); /* a 2 MiB page, writable */
        guest_put(guest, GUEST_TABLES + 0x2000 + i * 8, entry, 8);
    }
}

static void real_segment(struct bzc_segment *segment, uint16_t selector, uint16_t access)
{
    *segment = (struct bzc_segment){selector, access, 0xffff, (uint64_t)selector << 4};
}

static void run_trampoline(struct guest *guest, uint64_t linear)
{
    struct bzc_regs regs = guest_regs(guest);

    regs.rip = regs.cr0 & BZC_CR0_PE ? linear : linear - GUEST_TRAMP;
    guest_set(guest, &regs);
    assert_int_equal(guest_run(guest).kind, BZC_EXIT_HALT);
}

void guest_enter(struct guest *guest, enum guest_mode mode)
{
    struct bzc_regs regs = guest_regs(guest);

    memset(regs.gpr, 0, sizeof(regs.gpr));
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        real_segment(&regs.seg[i], i == BZC_CS ? GUEST_TRAMP >> 4 : 0, i == BZC_CS ? 0x9b : 0x93);
    guest_set(guest, &regs);
    if (mode != GUEST_REAL) {
        guest_put(guest, GUEST_TRAMP, trampoline, sizeof(trampoline));
        run_trampoline(guest, GUEST_TRAMP);
    }
    if (mode == GUEST_LONG) {
        tables(guest);
        run_trampoline(guest, GUEST_TRAMP + TRAMP_LONG);
    }
    regs = guest_regs(guest);
    memset(regs.gpr, 0, sizeof(regs.gpr));
    regs.rip = GUEST_CODE;
    regs.gpr[BZC_RSP] = GUEST_STACK;
    if (mode == GUEST_REAL) {
        real_segment(&regs.seg[BZC_CS], GUEST_CODE >> 4, 0x9b);
        real_segment(&regs.seg[BZC_SS], 0x3000, 0x93);
        regs.rip = 0;
        regs.gpr[BZC_RSP] = GUEST_STACK - 0x30000;
        regs.idtr = (struct bzc_table){0, 0x3ff};
    }
    guest_set(guest, &regs);
    memset(guest->note, 0, sizeof(guest->note));
    guest->note_count = 0;
    guest->entered = true;
}

void guest_paging(struct guest *guest, uint32_t cr3, uint32_t cr4)
{
    struct bzc_regs before = guest_regs(guest), regs = before;

    regs.gpr[BZC_RAX] = cr3;
    regs.gpr[BZC_RBX] = cr4;
    guest_set(guest, &regs);
    run_trampoline(guest, GUEST_TRAMP + TRAMP_PAGING);
    before.cr2 = guest_regs(guest).cr2;
    guest_set(guest, &before);
}
