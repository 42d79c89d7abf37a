/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event stream of a run: fixed-size records in the order in which things happened. Sinks read it and never change
 * the run. The same image and options give the same stream.
 */
#ifndef BZC_EMU_TRACE_H
#define BZC_EMU_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bzc_access { BZC_ACCESS_READ, BZC_ACCESS_WRITE, BZC_ACCESS_FETCH };
/* "read", "write", "fetch". */
const char *bzc_access_name(enum bzc_access access);

/*
 * How much of the control flow the stream tells. Each level includes those before it.
 *
 * EDGES of a run that is not counted cost a few percent, and never tell a way that was not taken, but not quite all of
 * them: a block that was entered from the same block more than BZC_TRACER_HOT times (emu/tracer.h) and the blocks that
 * run as often beside it are not followed any more. What is missing is a way that is taken for the first time after
 * that, to or from such a block, or from a block that could have gone there as well, while the target cannot tell
 * the two from each other; between blocks that never ran so often nothing is missing. In counted runs, and at the
 * levels BRANCHES and INSNS (such runs are always counted, as are those that watch), everything is told.
 *
 * A block also ends where the engine ended it (a page border, an instruction that changes the mode, its size), where
 * bzcheck took over (an exception, RDTSC), and after each repetition of a string instruction: these are edges, too.
 *
 * At INSNS the engine looks up after each instruction, else at the end of a block. So a guest that resets the PC, or
 * changes code of the very block that it is in, may be seen to do so a few instructions earlier.
 */
enum bzc_trace_level {
    BZC_TRACE_CODE,     /* the first fetch from each page: costs nothing */
    BZC_TRACE_EDGES,    /* each way from one basic block to another, once */
    BZC_TRACE_BRANCHES, /* each time in the ranges and after from_block, elsewhere once */
    BZC_TRACE_INSNS,    /* each instruction, string instructions once a repetition, each EDGE before its target */
};

#define BZC_TRACE_RANGES_MAX 16

/* Linear addresses [start, end). */
struct bzc_trace_range {
    uint64_t start, end;
};

/* What the stream tells beyond what every run tells. All zero: nothing. */
struct bzc_trace_config {
    enum bzc_trace_level level;
    /*
     * BRANCHES and INSNS: only instructions in these ranges, and each time only edges that come from or lead into them;
     * none: all. Other edges are told once, as at the level EDGES, which tells of all code.
     */
    struct bzc_trace_range range[BZC_TRACE_RANGES_MAX];
    size_t range_count;
    /* BRANCHES and INSNS: before so many basic blocks were executed no instruction is told, and edges are told once. */
    uint64_t from_block;
    /*
     * NULL, or borrowed: when it has become true no EDGE, INSN and WRITE need be told any more. From the next basic
     * block on none is; the run goes on to its end, about as fast as one that is not traced. What else is told stays,
     * but a first fetch does not know any more where control came from. It must not become false again.
     */
    const bool *enough;
    /*
     * Tell each write of an instruction to these addresses; while they are mapped, also when it is made by another
     * address of the same memory. What the BIOS or an exception's frame writes is no write of an instruction.
     */
    struct bzc_trace_range watch[BZC_TRACE_RANGES_MAX];
    size_t watch_count;
    bool page_writes; /* tell the first write to each page since bzc_machine_begin_epoch(), the loader's left out */
};

enum bzc_event_kind {
    BZC_EVENT_PORT_IN,       /* a: port, b: value, size, name: device or NULL (nobody answers) */
    BZC_EVENT_PORT_OUT,      /* the same */
    BZC_EVENT_BIOS_CALL,     /* a: vector, b: EAX before, c: 1 when nobody knows it, name: the service */
    BZC_EVENT_INTERRUPT,     /* a: vector, delivered to the guest's own handler at b (linear) */
    BZC_EVENT_PAGE_FAULT,    /* a: linear address, b: error code; delivered to the guest's handler */
    BZC_EVENT_A20,           /* a: 1 open, 0 closed; name: by what */
    BZC_EVENT_ROM_WRITE,     /* a: physical page; ip: the instruction */
    BZC_EVENT_OPEN_BUS_READ, /* a: physical page; ip: the instruction */
    BZC_EVENT_CONSOLE, /* the guest printed: a: byte, b: 1 when it went to the screen, 0 for a serial line or debug port
                        */
    BZC_EVENT_RESET,   /* name: by what */
    BZC_EVENT_CODE,    /* first fetch from a page: a: physical address, ip: linear address */
    BZC_EVENT_STOP,    /* a: enum bzc_stop_reason */
    /*
     * Control went from one basic block to another. ip, a: linear and physical address of the first instruction there;
     * b, c: of the last instruction before, both 0 where that is not known.
     */
    BZC_EVENT_EDGE,
    BZC_EVENT_INSN,       /* about to be executed: ip, a: its linear and physical address, size: in bytes */
    BZC_EVENT_PAGE_WRITE, /* a: physical page; ip: 0, not known */
    BZC_EVENT_WRITE, /* to a watched address: a: linear, c: physical address, b: value, size; ip: the instruction */
};

struct bzc_event {
    uint64_t seq; /* from 0 */
    enum bzc_event_kind kind;
    unsigned size;
    /*
     * Linear address of the instruction, 0 where not known. Of PORT_IN and PORT_OUT and what comes of them (A20,
     * CONSOLE, RESET) it is known from the level EDGES on; of BIOS_CALL and what comes of it where an INT called the
     * BIOS, and no far call.
     */
    uint64_t ip;
    uint64_t a, b, c;
    const char *name; /* static text or NULL */
};

/* Somebody who wants to see events. */
struct bzc_trace_sink {
    void *context;
    void (*event)(void *context, const struct bzc_event *event);
};

#endif
