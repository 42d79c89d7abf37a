/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where and why a machine stopped: with the event stream all that others need to know of a run. */
#ifndef BZC_EMU_STOP_H
#define BZC_EMU_STOP_H

#include "base/x86.h"
#include "emu/disasm.h"
#include "emu/trace.h"

enum bzc_stop_reason {
    BZC_STOP_OBSERVER,            /* the observer let the next instruction not run: the goal is reached */
    BZC_STOP_HALT,                /* HLT with nothing that could wake the CPU */
    BZC_STOP_BUDGET,              /* no progress: an endless loop, or more events than any boot needs */
    BZC_STOP_FAULT,               /* an exception in real mode that nobody handles */
    BZC_STOP_TRIPLE_FAULT,        /* an exception whose handler cannot be entered: a real PC resets */
    BZC_STOP_INVALID_INSTRUCTION, /* #UD that nobody handles */
    BZC_STOP_OUTSIDE_MEMORY,      /* a write to or a fetch from an address without memory */
    BZC_STOP_RESET,               /* the guest reset the PC */
    BZC_STOP_BIOS_WAIT,           /* the guest waits in the BIOS for a key or a disk that will never come */
};
/* "entry", "halt", "budget", "fault", "triple-fault", "invalid-instruction", "outside-memory", "reset", "bios-wait". */
const char *bzc_stop_name(enum bzc_stop_reason reason);

/* Where and why the machine stopped. */
struct bzc_stop {
    enum bzc_stop_reason reason;
    struct bzc_regs regs;
    uint64_t linear; /* of the instruction */
    uint64_t phys;   /* of the instruction; valid when phys_known */
    bool phys_known;
    bool has_target; /* an access caused the stop */
    uint64_t target; /* linear address of that access, exact where it can be told */
    uint64_t target_phys;
    enum bzc_access access;
    char detail[160]; /* a clause for people: "#PF on a read of 0x0: there is no IDT" */
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];
    size_t line_count;
};

#endif
