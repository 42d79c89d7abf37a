/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the events of struct bzc_trace_config out of what the engine calls back: jumps from block to block,
 * instructions, watched writes. Belongs to one machine; never changes the run.
 */
#ifndef BZC_EMU_TRACER_H
#define BZC_EMU_TRACER_H

#include "emu/disasm.h"
#include "emu/pair_map.h"
#include "emu/soft_tlb.h"
#include "emu/successors.h"
#include "emu/trace.h"

/* Entries into a block from one and the same block after which its way is taken for hot. */
#define BZC_TRACER_HOT 1024u

/* A block that was entered, and how it ends. */
struct bzc_tracer_block {
    uint64_t linear;
    uint32_t size; /* 0: none */
    uint8_t bits;
    bool quiet; /* the engine does not tell of it any more */
    bool decoded;
    uint64_t hash; /* of its bytes when it was decoded */
    uint64_t last; /* linear address of its last instruction; valid when decoded */
    struct bzc_successors successors;
};

/* A block that was made quiet. */
struct bzc_tracer_quiet {
    uint64_t linear;
    size_t place; /* in struct bzc_tracer's `block` */
};

struct bzc_tracer {
    struct bzc_cpu *cpu;
    struct bzc_soft_tlb *tlb;
    struct bzc_trace_config config;
    void *context; /* of emit */
    void (*emit)(void *context, struct bzc_event event);
    bool follows; /* edges are told, or at least followed */
    bool once;    /* each edge is told once, wherever it is */
    bool done;    /* config.enough has become true: nothing is told or followed any more */
    bool retires; /* blocks that are entered over and over are left out: the run is not counted */
    bool waits;   /* for config.from_block */
    bool in_event;
    uint64_t now; /* linear address of the next instruction, valid in an event */

    uint64_t last; /* the block executed before; last_size 0: none */
    uint32_t last_size;
    bool resumes; /* the next block at resume_at follows the instruction at resume_from, and no block */
    bool tells;   /* false: it goes on with an instruction that was under way, which is no edge */
    uint64_t resume_from, resume_at;
    uint64_t told_insn; /* this instruction was told before it was interrupted; valid with `retold` */
    bool retold;

    struct bzc_disassembler disassembler;
    struct bzc_pair_map seen;   /* blocks one after the other: how often */
    struct bzc_pair_map doubts; /* the same, but what ran between is not known */
    struct bzc_pair_map told;   /* edges: last instruction, target */
    struct bzc_pair_map index;  /* block and its size (0: the newest there): its place in `block`, from 1 */
    struct bzc_tracer_block *block;
    size_t block_count, block_room;
    struct bzc_tracer_quiet
        *quiet; /* quiet_count of them, and those that are not quiet any more: quiet_listed in all */
    size_t quiet_count, quiet_listed;
    uint64_t entered, retire_at; /* blocks entered; when to retire, 0: nothing is hot */
    uint64_t ports_at;           /* `entered` when a port was last accessed, */
    unsigned ports;              /* and how many accesses there were in that block */

    struct bzc_pair_map watched; /* physical pages of watched addresses: place in watched_page, from 1 */
    uint64_t *watched_page;      /* linear */
    size_t watched_count, watched_room;
};

/* `counted`: the run counts blocks. Begins to follow the CPU as far as the configuration asks for it. */
enum bzc_status bzc_tracer_begin(struct bzc_tracer *tracer, bool counted, struct bzc_error *err);
void bzc_tracer_finish(struct bzc_tracer *tracer);

/* Whether block number `block`, which is about to run, is the first to be told of; to be asked for each. */
void bzc_tracer_count(struct bzc_tracer *tracer, uint64_t block);

/* The callbacks of struct bzc_cpu_client; `context` is the struct bzc_tracer. */
void bzc_tracer_enter(void *context, uint64_t linear, uint32_t size);
void bzc_tracer_insn(void *context, uint64_t linear, uint32_t size);
void bzc_tracer_wrote(void *context, uint64_t phys, unsigned size, uint64_t value);

/* Linear address of the instruction that accesses a port at this very moment; 0 where nobody follows the run. */
uint64_t bzc_tracer_port_ip(struct bzc_tracer *tracer);

/* The engine may write to the page at `linear`, which lies at `phys`. */
void bzc_tracer_mapped(struct bzc_tracer *tracer, uint64_t linear, uint64_t phys);

/* The instruction at `from` is over, or gave way to a handler, and the CPU goes on at `to`. */
void bzc_tracer_resume(struct bzc_tracer *tracer, uint64_t from, uint64_t to);
/* The instruction at `linear` was refused and comes again. */
void bzc_tracer_again(struct bzc_tracer *tracer, uint64_t linear);

/* The instruction executed before the one at `to`, which is next; false where that is not known. */
bool bzc_tracer_before(struct bzc_tracer *tracer, uint64_t to, uint64_t *linear);

#endif
