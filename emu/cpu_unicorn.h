/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What emu/cpu_unicorn.c and emu/cpu_unicorn_trace.c share. */
#ifndef BZC_EMU_CPU_UNICORN_H
#define BZC_EMU_CPU_UNICORN_H

#include <stdatomic.h>
#include <unicorn/unicorn.h>

#include "emu/cpu.h"

#define CODE_HOOKS_MAX  512u
#define CODE_HOOK_SLOTS (2 * CODE_HOOKS_MAX)
#define MAPPINGS_MAX    192u

struct mapping {
    uint64_t phys, size;
    const uint8_t *host;
};

struct bzc_cpu {
    uc_engine *uc;
    uc_context *context;
    uint8_t *mark; /* a copy of the context */
    bool has_mark;
    uint64_t mark_tsc; /* `tsc` when the mark was taken */
    size_t context_size;
    size_t segs_offset; /* of ES's cache in the context */
    size_t drs_offset;  /* of DR0 in the context */
    struct bzc_cpu_client client;
    struct bzc_cpu_exit exit;
    bool has_exit; /* a callback has filled `exit` during this run */
    bool skips;    /* the engine left IP at an instruction that is over: next_ip is where it goes on */
    uint64_t next_ip;
    uint64_t tsc;          /* what the next RDTSC shows */
    uint32_t step_over;    /* bytes: go on behind the instruction at IP without executing it */
    uint32_t translated;   /* instructions since everything was dropped */
    uint64_t translations; /* instructions ever */
    bool full;             /* the code buffer might be: drop everything */
    bool forgetting;
    uint64_t forget_linear, forget_phys;
    atomic_bool kicked;
    struct mapping mapping[MAPPINGS_MAX];
    size_t mapping_count;
    uint64_t code_hook[CODE_HOOK_SLOTS]; /* a hash table of linear addresses + 1; 0: free */
    size_t code_hook_count;
    /* tracing */
    bool traces_blocks;  /* calls client.enter */
    bool has_enter_hook; /* by a hook of its own, which is `enter_hook` */
    uc_hook enter_hook;
    struct bzc_trace_range *quiet; /* blocks without client.enter; quiet_count of them */
    size_t quiet_count;
    bool hushing; /* `quiet` is to be carried out before the next block */
    struct bzc_trace_range insns[BZC_TRACE_RANGES_MAX];
    size_t insn_ranges;
    bool traces_insns;                            /* calls client.insn */
    uint64_t insn_at;                             /* where insn() was called last, or UINT64_MAX */
    uc_hook trace_hook[BZC_TRACE_RANGES_MAX + 1]; /* of instructions and writes; trace_hooks of them */
    size_t trace_hooks;
    bool ending;       /* all tracing is to end before the next block */
    bool trace_halts;  /* tracing has stopped the engine before a block, to do one of these things */
    bool in_block;     /* client.block is being called */
    bool arming;       /* insn() is to be hooked before the present block runs */
    bool counted_once; /* client.block was called for the next block already */
    bool quieting;     /* the engine looks up pages of code between two runs; where it may not, it gets this one: */
    uint64_t quiet_phys;
    bool spoilt; /* and it did */
};

/*
 * Stops the engine inside a block hook, before the block at `linear`: there the engine's IP is where it was long ago.
 */
void bzc_cpu_unicorn_halt_at(struct bzc_cpu *cpu, uint64_t linear);

/* The block hook when the client counts blocks; calls client.enter, too, when blocks are traced. */
void bzc_cpu_unicorn_on_block(uc_engine *uc, uint64_t linear, uint32_t size, void *user);

/* Tells an instruction that the engine must not see of client.insn, when that was not done already. */
void bzc_cpu_unicorn_tell_insn(struct bzc_cpu *cpu, uint64_t linear, uint32_t size);

/* Whether tracing has stopped the engine; then does what is to be done, so that it can run on. */
bool bzc_cpu_unicorn_traced(struct bzc_cpu *cpu);

#endif
