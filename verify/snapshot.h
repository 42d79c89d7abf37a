/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the pictures of a machine that stands still: code around an instruction, and who wrote which memory. */
#ifndef BZC_VERIFY_SNAPSHOT_H
#define BZC_VERIFY_SNAPSHOT_H

#include "emu/machine.h"
#include "verify/picture.h"

/* An instruction in guest memory. */
struct bzc_code_place {
    uint64_t linear, phys;
    unsigned bits; /* 16, 32 or 64 */
};

/* The instructions around `place`, as many as bzc_disasm_around() gives. */
size_t bzc_snapshot_code(struct bzc_machine *machine, const struct bzc_code_place *place, unsigned before,
                         unsigned after, struct bzc_disasm_line *lines);

/* The instruction at `place` alone. */
void bzc_snapshot_instruction(struct bzc_machine *machine, struct bzc_disassembler *disassembler,
                              const struct bzc_code_place *place, struct bzc_disasm_line *line, enum bzc_flow *flow);

/* The state of the A20 line, and who wrote which memory. False when memory is out. */
bool bzc_snapshot_memory(struct bzc_machine *machine, struct bzc_stage_picture *picture);

#endif
