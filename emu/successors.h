/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where control may go from the last instruction of a basic block. Source: Intel SDM volume 2, Jcc, JMP, CALL, RET,
 * LOOP, and appendix A, "Opcode Map".
 */
#ifndef BZC_EMU_SUCCESSORS_H
#define BZC_EMU_SUCCESSORS_H

#include "base/bytes.h"
#include "base/x86.h"

enum bzc_way {
    BZC_WAY_ON,       /* to the instruction behind it */
    BZC_WAY_JUMP,     /* to `target` (JMP and CALL, relative) */
    BZC_WAY_BRANCH,   /* to `target` or behind it */
    BZC_WAY_REGISTER, /* to the address in register `reg` */
    BZC_WAY_RETURN,   /* to the word above the stack, `pops` bytes further down */
    BZC_WAY_ELSE,     /* it cannot be told afterwards */
};

struct bzc_successors {
    enum bzc_way way;
    unsigned bits;
    uint64_t target, behind; /* linear */
    unsigned reg;
    unsigned pops;
};

/* Of the instruction that is the whole of `code`, at `linear`. For 16-bit code only ON is told from ELSE. */
struct bzc_successors bzc_successors_of(struct bzc_bytes code, uint64_t linear, unsigned bits);

/* Whether it names `to` as a place to go to. */
bool bzc_successors_name(const struct bzc_successors *successors, uint64_t to);

#endif
