/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bare guest for tests of emu/: CPU, memory and soft TLB of 16 MiB with nothing behind the ports. It lets all new
 * code run and records what it hears. Code is given as bytes; how they read in assembly stands beside them in the
 * tests.
 */
#ifndef BZC_TESTS_GUEST_H
#define BZC_TESTS_GUEST_H

#include "emu/cpu.h"
#include "emu/soft_tlb.h"

#define GUEST_MEMORY (16ull << 20)
#define GUEST_TABLES 0x60000u /* page tables of GUEST_LONG: PML4, then PDPT, then PD; 1:1 for the first GiB */
#define GUEST_TRAMP  0x70000u /* the code that changes modes, with its GDT */
#define GUEST_GDT    0x70078u /* 0x08 code 32, 0x10 data 32, 0x18 code 64, 0x20 code 16 */
#define GUEST_CODE   0x20000u /* where tests put their code; 0x2000:0 in real mode */
#define GUEST_STACK  0x38000u /* top of a stack of 32 KiB; 0x3000:0x8000 in real mode */
#define GUEST_LOG    64

enum guest_mode { GUEST_REAL, GUEST_PROT32, GUEST_LONG };

struct guest_note {
    enum { GUEST_IN, GUEST_OUT, GUEST_ROM_WRITE, GUEST_OPEN_BUS, GUEST_NEW_CODE } kind;
    uint64_t a; /* port or physical page */
    unsigned size;
    uint32_t value;
};

struct guest {
    struct bzc_memory_map map;
    struct bzc_cpu *cpu;
    struct bzc_memory *memory;
    struct bzc_soft_tlb tlb;
    struct guest_note note[GUEST_LOG];
    size_t note_count;                                                     /* also counts what did not fit */
    uint32_t in_value;                                                     /* what every port reads as */
    void (*on_out)(struct guest *guest, uint16_t port, uint32_t value);    /* may be NULL */
    bool (*on_block)(struct guest *guest, uint64_t linear, uint32_t size); /* only used when given to guest_new() */
    bool entered; /* guest_enter() is through: on_block is called from now on */
    uint64_t blocks;
    bool stubborn; /* refuse each first read and write of a page once, before the MMU is asked; guest_run() goes on */
    bool was_stubborn;
    struct {
        uint64_t linear;
        enum bzc_access access;
    } refused[GUEST_LOG];
    size_t refused_count;
};

/* A guest in real mode with A20 open. Fails the test when it cannot be made. */
struct guest *guest_new(bool (*on_block)(struct guest *guest, uint64_t linear, uint32_t size));
void guest_free(struct guest *guest);

/* Puts bytes into guest memory as a loader would. */
void guest_put(struct guest *guest, uint64_t phys, const void *data, size_t size);
uint8_t guest_byte(struct guest *guest, uint64_t phys);
uint32_t guest_u32(struct guest *guest, uint64_t phys);

/*
 * Brings the guest into `mode` by its own instructions, and sets flat segments, the stack at GUEST_STACK, general
 * registers zero and RIP at GUEST_CODE.
 */
void guest_enter(struct guest *guest, enum guest_mode mode);
/* Turns on 32-bit paging (any CR4) with tables that the test has made; the guest is in GUEST_PROT32 and stays there. */
void guest_paging(struct guest *guest, uint32_t cr3, uint32_t cr4);

struct bzc_regs guest_regs(struct guest *guest);
void guest_set(struct guest *guest, const struct bzc_regs *regs);
/* Runs to the first stop that is not new code. */
struct bzc_cpu_exit guest_run(struct guest *guest);
/* The same with `code` put at GUEST_CODE and RIP there. */
struct bzc_cpu_exit guest_run_code(struct guest *guest, const void *code, size_t size);
/* How many notes of a kind there are. */
size_t guest_notes(const struct guest *guest, int kind);

#endif
