/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traces: what happened in one run, record by record, as text and as JSON Lines. A trace is a struct bzc_watcher that
 * makes records of events, chooses the wanted ones and hands them to the writers.
 */
#ifndef BZC_REPORT_TRACE_H
#define BZC_REPORT_TRACE_H

#include <stdio.h>

#include "report/symbols.h"
#include "verify/verification.h"
#include "verify/watcher.h"

#define BZC_TRACE_RECORDS_MAX (1u << 20) /* held until a run is through; what comes later is left out */
#define BZC_TRACE_LAST_MAX    100000u    /* --last and --context */
#define BZC_TRACE_STAGES      8u
#define BZC_TRACE_TEXT        96u

enum bzc_record_kind {
    BZC_RECORD_JUMP, /* from one part of the boot to another */
    BZC_RECORD_EDGE, /* from one basic block to another, for the first time */
    BZC_RECORD_BRANCH,
    BZC_RECORD_INSN,
    BZC_RECORD_PORT_IN,
    BZC_RECORD_PORT_OUT,
    BZC_RECORD_BIOS,
    BZC_RECORD_INTERRUPT,
    BZC_RECORD_PAGE_FAULT,
    BZC_RECORD_A20,
    BZC_RECORD_ROM_WRITE,
    BZC_RECORD_OPEN_BUS,
    BZC_RECORD_CONSOLE,
    BZC_RECORD_RESET,
    BZC_RECORD_CODE,
    BZC_RECORD_PAGE_WRITE,
    BZC_RECORD_WRITE,
    BZC_RECORD_KINDS
};
/* "jump", "edge", "branch", "insn", "port-in", "port-out", "bios", "interrupt", "page-fault", "a20", "rom-write",
 * "open-bus", "console", "reset", "code", "page-write", "write". */
const char *bzc_record_kind_name(enum bzc_record_kind kind);

/* A place in the guest's code. */
struct bzc_trace_place {
    bool known;
    uint64_t linear, phys;
    bool phys_known;
    const char *stage; /* the part of the boot; NULL where not known */
    uint64_t offset;   /* in the part's own bytes, see struct bzc_watched */
};

/* GPRs, then RFLAGS, the selectors in the order of enum bzc_seg, CR0, CR3, CR4, EFER. */
#define BZC_TRACE_REGISTERS (BZC_GPR_COUNT + 1 + BZC_SEG_COUNT + 4)
const char *bzc_trace_register_name(unsigned index);
uint64_t bzc_trace_register_value(const struct bzc_regs *regs, unsigned index);

/* What an instruction of the level `insns` has beside its place. */
struct bzc_trace_insn {
    char text[BZC_TRACE_TEXT];
    enum bzc_mode mode;
    bool first;       /* no instruction before it is known: `changed` is 0, all registers are new */
    uint32_t changed; /* bit 1 << index: since the instruction before */
    uint64_t register_value[BZC_TRACE_REGISTERS]; /* before the instruction is executed */
};

struct bzc_trace_record {
    enum bzc_record_kind kind;
    uint64_t seq;                /* of its (first) event */
    uint64_t block;              /* basic blocks executed before it; valid in counted runs */
    uint64_t count;              /* so many events alike, of which this is the first */
    bool differ;                 /* ... whose values differ */
    struct bzc_trace_place at;   /* of the instruction; of jumps and edges, where control came to */
    struct bzc_trace_place from; /* of jumps and edges */
    unsigned size;
    uint64_t a, b, c;  /* as in struct bzc_event; c of EDGE and BRANCH is not used */
    const char *name;  /* as in struct bzc_event */
    uint8_t code[16];  /* EDGE and BRANCH: bytes of the instruction that led there */
    uint8_t code_size; /* 0: not known */
    uint8_t code_bits;
    /* One of them, owned, or none. */
    struct bzc_region_jump *jump; /* JUMP */
    struct bzc_trace_insn *insn;  /* INSN */
    char *text; /* CONSOLE: what was printed; BRANCH, and EDGE when it is written: the instruction that led there */
};

void bzc_trace_record_clear(struct bzc_trace_record *record);
/* The text of the instruction that led to an edge; "" where it is not known. */
void bzc_trace_record_instruction(const struct bzc_trace_record *record, char text[BZC_TRACE_TEXT]);

/* What is to be known of a trace as a whole. */
struct bzc_trace_head {
    const char *path; /* of the image, as given */
    const char *level;
    bool counted;
    const struct bzc_symbols *symbols; /* may be NULL */
};

/* Writes records somewhere. Calls: begin once, then records and gaps, end once. */
struct bzc_trace_writer {
    void *context;
    void (*begin)(void *context, const struct bzc_trace_head *head, const struct bzc_run_facts *run);
    void (*record)(void *context, const struct bzc_trace_head *head, const struct bzc_trace_record *record);
    void (*gap)(void *context, uint64_t left_out);
    void (*end)(void *context, const struct bzc_trace_head *head, const struct bzc_verification *verification,
                uint64_t records);
};

/* For people. The writers keep `out`, which stays the caller's; its write errors stay in it. */
struct bzc_trace_text {
    FILE *out;
    bool colour;
    /* state: what the last line was about */
    const char *stage, *function, *source_file;
    int source_line;
};
struct bzc_trace_writer bzc_trace_text_writer(struct bzc_trace_text *text);

/* JSON Lines: docs/trace-format.md, docs/trace.schema.json. */
struct bzc_trace_json {
    FILE *out;
    bool failed; /* no memory */
};
struct bzc_trace_writer bzc_trace_json_writer(struct bzc_trace_json *json);

#endif
