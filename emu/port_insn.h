/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which instructions access ports. Source: Intel SDM volume 2, appendix A, "Opcode Map". */
#ifndef BZC_EMU_PORT_INSN_H
#define BZC_EMU_PORT_INSN_H

#include "base/bytes.h"

/*
 * Where the instruction begins that is the `nth` (from 0) in a basic block to access a port: IN, OUT, INS, OUTS. `code`
 * is the whole block, from linear address `start`. False when there is none, or when it cannot be told.
 */
bool bzc_port_insn_find(struct bzc_bytes code, uint64_t start, unsigned bits, unsigned nth, uint64_t *linear);

#endif
