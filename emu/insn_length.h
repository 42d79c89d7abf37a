/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The length of common x86 instructions, many times faster than a disassembler finds it. Source: Intel SDM volume 2,
 * chapter 2, "Instruction Format", and appendix A, "Opcode Map".
 */
#ifndef BZC_EMU_INSN_LENGTH_H
#define BZC_EMU_INSN_LENGTH_H

#include "base/bytes.h"

/* In bytes; 0 for an instruction that is not among the common ones, or does not end inside `code`. */
unsigned bzc_insn_length(struct bzc_bytes code, unsigned bits);

#endif
