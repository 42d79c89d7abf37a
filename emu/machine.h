/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An emulated PC: CPU, memory, board, and the loop that serves what the engine reports. It knows no Linux: an observer
 * says whether new code may run, and the caller reads memory and registers when the machine has stopped.
 */
#ifndef BZC_EMU_MACHINE_H
#define BZC_EMU_MACHINE_H

#include "base/memory_map.h"
#include "base/status.h"
#include "emu/cpu.h"
#include "emu/cpuid.h"
#include "emu/stop.h"
#include "emu/trace.h"
#include "loader/plan.h"

/* The first fetch from a page whose contents nobody has let through yet. */
struct bzc_fetch {
    uint64_t linear; /* address of the next instruction */
    uint64_t phys;   /* its physical address */
    uint64_t page;   /* physical page of the fetch: not that of `phys` when an instruction runs over a page border */
    const struct bzc_regs *regs;
    /*
     * The instruction executed before, which may be one that an exception interrupted. Both 0 where that is not known:
     * at the level CODE always, at the others seldom.
     */
    uint64_t from, from_phys;
};

struct bzc_machine;

struct bzc_observer {
    void *context;
    /* True: run it. False: stop with BZC_STOP_OBSERVER before the instruction. */
    bool (*on_code)(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch);
};

/* Bounds that end a run which gets nowhere. See docs/decisions/0003-counted-stops.md for how they hang together. */
#define BZC_BLOCK_BUDGET (1ull << 31) /* basic blocks without a page touched for the first time */
#define BZC_EVENT_BUDGET (1ull << 21) /* port accesses, interrupts, changes of code, ... of a whole run */
#define BZC_WATCHDOG_MS  1500         /* CPU time without progress after which the run is repeated with counting */

struct bzc_machine_config {
    const struct bzc_memory_map *map; /* borrowed while the machine lives */
    const struct bzc_cpu_profile *profile;
    uint64_t timer_seed;
    bool observe_mappings;               /* ask the observer about fetches whose linear and physical page differ, too */
    bool counted;                        /* count basic blocks: slower, and every stop is deterministic */
    uint64_t block_budget, event_budget; /* 0: the budgets above */
    struct bzc_observer observer;
    struct bzc_trace_sink sink;    /* event may be NULL */
    struct bzc_trace_config trace; /* with watch or a level above EDGES the run is counted */
};

/* Errors: BZC_ERR_MEMORY, BZC_ERR_ENGINE. */
enum bzc_status bzc_machine_new(const struct bzc_machine_config *config, struct bzc_machine **machine,
                                struct bzc_error *err);
void bzc_machine_free(struct bzc_machine *machine);

/* Puts the plan's blocks into guest memory and the CPU into the plan's start state. Errors: BZC_ERR_LIMIT (a block
 * outside RAM). */
enum bzc_status bzc_machine_load(struct bzc_machine *machine, const struct bzc_plan *plan, struct bzc_error *err);

/*
 * Runs to a stop; after BZC_STOP_OBSERVER a machine may be run again: the observer is asked about the same fetch again.
 * *inconclusive is set when a run without counting was ended by the watchdog or by a budget: *stop is
 * then not to be reported; run again in a new machine with `counted`. Never set with `counted`. Errors: BZC_ERR_ENGINE.
 */
enum bzc_status bzc_machine_run(struct bzc_machine *machine, struct bzc_stop *stop, bool *inconclusive,
                                struct bzc_error *err);

/* For observers and for looking at a stopped machine. Physical addresses, A20 not applied. */
struct bzc_bytes bzc_machine_view(const struct bzc_machine *machine, uint64_t phys, uint64_t size);
bool bzc_machine_read(const struct bzc_machine *machine, uint64_t phys, void *data, size_t size);
bool bzc_machine_a20(const struct bzc_machine *machine);
/* Linear to physical through the guest's present page tables. */
bool bzc_machine_lookup(struct bzc_machine *machine, uint64_t linear, uint64_t *phys);
/*
 * Basic blocks executed so far, in events of kind EDGE, INSN and WRITE without the present one: a run with that number
 * as from_block begins its stream there. The same image and options give the same number whatever is traced. Valid in
 * counted runs.
 */
uint64_t bzc_machine_blocks(const struct bzc_machine *machine);
/*
 * The present registers; for observers and sinks, in events of kind CODE, EDGE, INSN, WRITE and STOP. RIP is at the
 * next instruction, in WRITE events at the one that writes.
 */
bool bzc_machine_regs(struct bzc_machine *machine, struct bzc_regs *regs);

/*
 * Epochs: from now on each page that is written to, by the guest or for it, counts as written in `epoch` (1 to 255;
 * what was written before the first call is of epoch 0). For observers. A page is written to, not only readable: exact.
 */
void bzc_machine_begin_epoch(struct bzc_machine *machine, uint8_t epoch);
/*
 * Calls `range` for each run of neighbouring pages that were last written in the same epoch, by rising address; pages
 * that nobody wrote are left out.
 */
void bzc_machine_written(const struct bzc_machine *machine, void *context,
                         void (*range)(void *context, uint64_t phys, uint64_t size, uint8_t epoch));
/* Pages of 4096 bytes that the loader filled or the guest wrote to or executed. */
uint64_t bzc_machine_pages_touched(const struct bzc_machine *machine);

#endif
