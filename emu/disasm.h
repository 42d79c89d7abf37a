/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disassembly of guest code by Capstone, Intel syntax as in the processor manuals. */
#ifndef BZC_EMU_DISASM_H
#define BZC_EMU_DISASM_H

#include "base/bytes.h"
#include "base/x86.h"
#include "emu/cpuid.h"

#define BZC_DISASM_TEXT      192
#define BZC_DISASM_LINES_MAX 12

struct bzc_disasm_line {
    uint64_t address; /* linear */
    unsigned size;
    bool current;               /* the instruction asked for */
    char bytes[3 * 15 + 1];     /* "66 0f 22 c0" */
    char text[BZC_DISASM_TEXT]; /* "mov cr0, eax"; "(bad)" where the bytes are no instruction */
};

/*
 * Up to `before` instructions that end at `ip`, the one at `ip`, and up to `after` behind it. `code` holds the bytes
 * from linear address `start` (start <= ip). What lies before an instruction is a guess on x86: the reading whose
 * boundaries meet `ip` is taken. Returns the number of lines, at most BZC_DISASM_LINES_MAX, 0 when `ip` is not inside
 * `code`.
 */
size_t bzc_disasm_around(struct bzc_bytes code, uint64_t start, uint64_t ip, unsigned bits, unsigned before,
                         unsigned after, struct bzc_disasm_line *lines);

/* How control leaves an instruction. */
enum bzc_flow {
    BZC_FLOW_NEXT, /* to the one behind it */
    BZC_FLOW_JUMP,
    BZC_FLOW_BRANCH, /* a conditional jump */
    BZC_FLOW_FAR_JUMP,
    BZC_FLOW_CALL, /* near or far */
    BZC_FLOW_RETURN,
    BZC_FLOW_FAR_RETURN,
    BZC_FLOW_INTERRUPT, /* INT n, INT3, INTO */
    BZC_FLOW_INTERRUPT_RETURN,
};

/*
 * To make Capstone ready takes longer than an instruction does: whoever reads many keeps one of these. All zero: not
 * ready yet.
 */
struct bzc_disassembler {
    unsigned bits; /* that it is ready for; 0: none */
    size_t handle;
};
void bzc_disassembler_finish(struct bzc_disassembler *disassembler);
/* As bzc_disasm_one(). */
void bzc_disassembler_one(struct bzc_disassembler *disassembler, struct bzc_bytes code, uint64_t address, unsigned bits,
                          struct bzc_disasm_line *line, enum bzc_flow *flow);
/* As bzc_disasm_last(). */
bool bzc_disassembler_last(struct bzc_disassembler *disassembler, struct bzc_bytes code, uint64_t start, unsigned bits,
                           uint64_t *last);

/* The instruction at the start of `code`, which lies at linear address `address`; *flow is NEXT for what is none. */
void bzc_disasm_one(struct bzc_bytes code, uint64_t address, unsigned bits, struct bzc_disasm_line *line,
                    enum bzc_flow *flow);

/*
 * Where the last instruction of a basic block begins: `code` is the whole block, from linear address `start`. False
 * when it cannot be read as instructions that end where the block ends.
 */
bool bzc_disasm_last(struct bzc_bytes code, uint64_t start, unsigned bits, uint64_t *last);

/*
 * The exact linear address that the instruction at the start of `code` accesses inside the page at `page`, from its
 * memory operands, string registers or stack: what CR2 holds after a page fault. `page` itself when that cannot be
 * told.
 */
uint64_t bzc_disasm_access(struct bzc_bytes code, const struct bzc_regs *regs, uint64_t page);

/*
 * The extension of the instruction set ("BMI2") that the instruction at the start of `code` needs and a CPU of this
 * profile does not have, as far as Capstone knows; NULL when there is none.
 */
const char *bzc_disasm_missing_extension(struct bzc_bytes code, unsigned bits, const struct bzc_cpu_profile *profile);

#endif
