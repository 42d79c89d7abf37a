/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disassembly of guest code by Capstone, Intel syntax as in the processor manuals. */
#ifndef BZC_EMU_DISASM_H
#define BZC_EMU_DISASM_H

#include "base/bytes.h"
#include "base/x86.h"

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

/*
 * The exact linear address that the instruction at the start of `code` accesses inside the page at `page`, from its
 * memory operands, string registers or stack: what CR2 holds after a page fault. `page` itself when that cannot be
 * told.
 */
uint64_t bzc_disasm_access(struct bzc_bytes code, const struct bzc_regs *regs, uint64_t page);

#endif
