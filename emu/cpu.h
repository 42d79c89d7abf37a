/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU interface: what a machine needs from an engine that executes x86 code, whatever the engine is. Address
 * translation, ports and CPUID are the client's; interrupts and exceptions are reported, never delivered by the engine.
 */
#ifndef BZC_EMU_CPU_H
#define BZC_EMU_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/x86.h"
#include "emu/trace.h"

#define BZC_PAGE_SIZE 4096u
#define BZC_PAGE_MASK (~(uint64_t)(BZC_PAGE_SIZE - 1))

/* What the engine may do with a page until the next flush. */
struct bzc_translation {
    uint64_t phys; /* page aligned */
    bool read, write, execute;
};

/* The client's side. Every function is called with `context`, on the thread that runs the CPU. */
struct bzc_cpu_client {
    void *context;
    /*
     * The engine knows no translation that allows `access` to the page at `linear` (page aligned). True: *translation
     * is filled and allows the access. False: the engine stops before the access with BZC_EXIT_REFUSED.
     */
    bool (*translate)(void *context, uint64_t linear, enum bzc_access access, struct bzc_translation *translation);
    uint32_t (*in)(void *context, uint16_t port, unsigned size);
    void (*out)(void *context, uint16_t port, unsigned size, uint32_t value);
    /* result: EAX, EBX, ECX, EDX of CPUID */
    void (*cpuid)(void *context, uint32_t leaf, uint32_t subleaf, uint32_t result[4]);
    /*
     * When not NULL, called before each basic block with its linear address and size in bytes; false stops the engine
     * with BZC_EXIT_KICKED. Costs about a fifth of the speed.
     */
    bool (*block)(void *context, uint64_t linear, uint32_t size);
    /*
     * Called before each basic block that begins in a page given to bzc_cpu_guard(). False: the block is not what
     * memory holds; the engine stops before it with BZC_EXIT_REFUSED.
     */
    bool (*guard)(void *context, uint64_t linear, uint32_t size);
    /* For bzc_cpu_trace_blocks(), _insns() and _writes(): before each block, before each instruction, at each write. */
    void (*enter)(void *context, uint64_t linear, uint32_t size);
    void (*insn)(void *context, uint64_t linear, uint32_t size);
    void (*wrote)(void *context, uint64_t phys, unsigned size, uint64_t value);
    /* May be NULL. The client's CPU has executed the instruction at `from` in the engine's place; `to` is next. */
    void (*stepped)(void *context, uint64_t from, uint64_t to);
};

enum bzc_exit_kind {
    BZC_EXIT_REFUSED,   /* the client refused an access; IP is at the instruction */
    BZC_EXIT_SOFT_INT,  /* INT n, INT3 or INTO; IP is behind the instruction */
    BZC_EXIT_EXCEPTION, /* a CPU exception other than a page fault; IP is at the instruction */
    BZC_EXIT_INVALID,   /* not an instruction of this CPU (#UD); IP is at it */
    BZC_EXIT_HALT,      /* HLT; IP is behind it */
    /*
     * bzc_cpu_stop(), the block callback or bzc_cpu_kick() asked for it. IP is at the next instruction, but after
     * bzc_cpu_kick() it may be anywhere near: that state can neither be shown nor resumed.
     */
    BZC_EXIT_KICKED,
};

struct bzc_cpu_exit {
    enum bzc_exit_kind kind;
    uint8_t vector;         /* of SOFT_INT and EXCEPTION */
    uint32_t error_code;    /* of EXCEPTION, for the vectors that have one */
    uint64_t linear;        /* of REFUSED: the page */
    enum bzc_access access; /* of REFUSED */
};

struct bzc_cpu;

/*
 * A new CPU with real-mode reset state, able to enter long mode when its CPUID says so. `client` is copied.
 * Errors: BZC_ERR_ENGINE (the engine is missing something bzcheck relies on; the message names it), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_cpu_new(const struct bzc_cpu_client *client, struct bzc_cpu **cpu, struct bzc_error *err);
void bzc_cpu_free(struct bzc_cpu *cpu);

/*
 * Makes `size` bytes of host memory the guest's physical memory at `phys`; all page aligned; borrowed. Memory that is
 * not `executable` never holds code: the engine need not look for translated code when it is written. The same host
 * memory may be mapped at several places.
 */
enum bzc_status bzc_cpu_map(struct bzc_cpu *cpu, uint64_t phys, uint64_t size, void *host, bool executable,
                            struct bzc_error *err);

/* The whole register state, hidden parts of segments included. */
enum bzc_status bzc_cpu_get(struct bzc_cpu *cpu, struct bzc_regs *regs, struct bzc_error *err);
/*
 * Sets general registers, RIP, RFLAGS, CR2, segments with their hidden parts, GDTR and IDTR. CR0, CR3, CR4 and EFER are
 * left alone: changing the mode is the work of guest instructions, as with a real boot loader.
 */
enum bzc_status bzc_cpu_set(struct bzc_cpu *cpu, const struct bzc_regs *regs, struct bzc_error *err);
/* Sets the time-stamp counter, which is 0 at first. It knows no time: it counts how often RDTSC asks for it. */
void bzc_cpu_set_tsc(struct bzc_cpu *cpu, uint64_t ticks);

/* Cheap reads for the translation path: CR0, CR3, CR4, EFER and the privilege level, nothing else. */
struct bzc_paging_regs {
    uint64_t cr0, cr3, cr4, efer;
    bool user; /* CPL 3 */
};
void bzc_cpu_paging(struct bzc_cpu *cpu, struct bzc_paging_regs *regs);

/* Runs from the current state until something is for the client to decide. Errors: BZC_ERR_ENGINE. */
enum bzc_status bzc_cpu_run(struct bzc_cpu *cpu, struct bzc_cpu_exit *exit, struct bzc_error *err);

/*
 * Stops the CPU with BZC_EXIT_KICKED: at once in translate() (which then returns false) and block(), in the others
 * before the next memory access or block. For callbacks; without effect between runs.
 */
void bzc_cpu_stop(struct bzc_cpu *cpu);
/* Asks a running CPU to stop soon with BZC_EXIT_KICKED. The one function that other threads may call. */
void bzc_cpu_kick(struct bzc_cpu *cpu);

/* Drops every translation (after a change of A20 or of page tables by the client). Allowed in callbacks. */
void bzc_cpu_flush(struct bzc_cpu *cpu);
/*
 * How many instructions the engine has translated so far, those that it translated again included, but not those of the
 * first block of each bzc_cpu_run().
 */
uint64_t bzc_cpu_translations(const struct bzc_cpu *cpu);
/*
 * Drops what was translated from the `size` bytes at `offset` of page `linear` = `phys`; allowed inside translate() for
 * that page and between runs; other translations of `linear` must then be flushed.
 */
void bzc_cpu_forget_code(struct bzc_cpu *cpu, uint64_t linear, uint64_t phys, uint64_t offset, uint64_t size);

/*
 * From now on asks the client's guard() before each block that begins in the page at `linear`; blocks translated before
 * are not guarded: drop them. Allowed in callbacks. False when it cannot be done.
 */
bool bzc_cpu_guard(struct bzc_cpu *cpu, uint64_t linear);

/*
 * Tracing, which changes nothing of what the guest sees. Errors: BZC_ERR_ENGINE. Before the first run:
 * blocks: calls enter() before each basic block, after block(). IP is not brought up to date there: it is `linear`.
 * writes: calls wrote() before each write of an instruction; IP is at the instruction.
 */
enum bzc_status bzc_cpu_trace_blocks(struct bzc_cpu *cpu, struct bzc_error *err);
enum bzc_status bzc_cpu_trace_writes(struct bzc_cpu *cpu, struct bzc_error *err);
/*
 * Calls insn() before each instruction in the ranges, 0: before every instruction, and before each repetition of a
 * string instruction. Before the first run or in block(), which holds for the very block.
 */
enum bzc_status bzc_cpu_trace_insns(struct bzc_cpu *cpu, const struct bzc_trace_range *range, size_t count,
                                    struct bzc_error *err);
/*
 * Ends all of this tracing: none of the three is called any more from the next block on. In any of the callbacks and
 * between runs, when blocks are traced or counted.
 */
void bzc_cpu_trace_end(struct bzc_cpu *cpu);
/*
 * From enter(): calls it no more before these blocks, given by their linear addresses, until they are translated again.
 * The list takes the place of the one before.
 */
void bzc_cpu_quiet(struct bzc_cpu *cpu, const struct bzc_trace_range *block, size_t count);

/* 16, 32 or 64: the present width of instructions. Allowed in callbacks. */
unsigned bzc_cpu_bits(struct bzc_cpu *cpu);

/* CS.base + IP; exact inside translate() for a fetch. */
uint64_t bzc_cpu_linear_ip(struct bzc_cpu *cpu);

/*
 * Remembers the complete register state (FPU and vector registers included), and tells whether the state is the same
 * again, byte for byte. Allowed in the block callback. A mark that could not be taken is never matched.
 */
void bzc_cpu_mark(struct bzc_cpu *cpu);
bool bzc_cpu_at_mark(struct bzc_cpu *cpu);

/* The engine's name and version, such as "Unicorn 2.1.1". Static text. */
const char *bzc_cpu_engine(void);

#endif
