/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/port_insn.h"

#include <string.h>

#include "emu/disasm.h"
#include "emu/insn_length.h"

static bool is_prefix(uint8_t byte, unsigned bits)
{
    static const uint8_t legacy[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};

    return (bits == 64 && (byte & 0xf0) == 0x40) || memchr(legacy, byte, sizeof(legacy)) != NULL;
}

/* INS and OUTS; IN and OUT with the port in the instruction, and in DX. */
static bool accesses_port(const uint8_t *insn, unsigned size, unsigned bits)
{
    while (size > 1 && is_prefix(*insn, bits)) {
        insn++;
        size--;
    }
    return (*insn & 0xfc) == 0x6c || (*insn & 0xfc) == 0xe4 || (*insn & 0xfc) == 0xec;
}

bool bzc_port_insn_find(struct bzc_bytes code, uint64_t start, unsigned bits, unsigned nth, uint64_t *linear)
{
    size_t at = 0;

    while (at < code.size) {
        struct bzc_bytes rest = {code.data + at, code.size - at};
        unsigned length = bzc_insn_length(rest, bits);

        if (length == 0) {
            struct bzc_disasm_line line;
            enum bzc_flow flow;

            bzc_disasm_one(rest, start + at, bits, &line, &flow);
            length = line.size;
        }
        if (length == 0 || length > rest.size)
            return false;
        if (accesses_port(rest.data, length, bits) && nth-- == 0) {
            *linear = start + at;
            return true;
        }
        at += length;
    }
    return false;
}
