/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/insn_length.h"

#include <stdbool.h>

/* What follows an opcode. */
enum form {
    FORM_UNKNOWN,
    FORM_NONE,
    FORM_BYTE,
    FORM_FULL,   /* an immediate of the operand size, at most 4 bytes */
    FORM_OFFSET, /* the same, of a near jump or PUSH; with prefix 66 it is read in two ways */
    FORM_WHOLE,  /* of the operand size, 8 bytes included */
    FORM_MODRM,
    FORM_MODRM_BYTE,
    FORM_MODRM_FULL,
    FORM_TEST_BYTE, /* group 3: an immediate only with TEST */
    FORM_TEST_FULL,
};

static enum form form_of(uint8_t opcode, unsigned bits)
{
    if (opcode < 0x40) {
        static const enum form arithmetic[8] = {FORM_MODRM, FORM_MODRM, FORM_MODRM, FORM_MODRM, FORM_BYTE, FORM_FULL};

        return arithmetic[opcode & 7];
    }
    if (opcode < 0x60)
        return FORM_NONE;
    if (opcode >= 0x70 && opcode < 0x80)
        return FORM_BYTE;
    if (opcode >= 0x84 && opcode < 0x8f)
        return FORM_MODRM;
    if (opcode >= 0x90 && opcode < 0xa0)
        return opcode == 0x9a ? FORM_UNKNOWN : FORM_NONE;
    if (opcode >= 0xa4 && opcode < 0xb0)
        return opcode == 0xa8 ? FORM_BYTE : opcode == 0xa9 ? FORM_FULL : FORM_NONE;
    if (opcode >= 0xb0 && opcode < 0xc0)
        return opcode < 0xb8 ? FORM_BYTE : FORM_WHOLE;
    if (opcode >= 0xd0 && opcode < 0xd4)
        return FORM_MODRM;
    if (opcode >= 0xe0 && opcode < 0xe8)
        return FORM_BYTE;
    if (opcode >= 0xf8 && opcode < 0xfe)
        return FORM_NONE;
    switch (opcode) {
    case 0x60:
    case 0x61:
        return bits == 64 ? FORM_UNKNOWN : FORM_NONE;
    case 0x63:
    case 0xfe:
    case 0xff:
        return FORM_MODRM;
    case 0x6a:
    case 0xeb:
    case 0xcd:
        return FORM_BYTE;
    case 0x69:
    case 0x81:
    case 0xc7:
        return FORM_MODRM_FULL;
    case 0x6b:
    case 0x80:
    case 0x83:
    case 0xc0:
    case 0xc1:
    case 0xc6:
        return FORM_MODRM_BYTE;
    case 0xc3:
    case 0xc9:
    case 0xcb:
    case 0xcc:
    case 0xcf:
    case 0xec:
    case 0xed:
    case 0xee:
    case 0xef:
    case 0xf4:
    case 0xf5:
        return FORM_NONE;
    case 0x68:
    case 0xe8:
    case 0xe9:
        return FORM_OFFSET;
    case 0xf6:
        return FORM_TEST_BYTE;
    case 0xf7:
        return FORM_TEST_FULL;
    default:
        return FORM_UNKNOWN;
    }
}

/* Behind 0f. */
static enum form second_form_of(uint8_t opcode)
{
    if (opcode >= 0x80 && opcode < 0x90)
        return FORM_OFFSET;
    if ((opcode >= 0x40 && opcode < 0x50) || (opcode >= 0x90 && opcode < 0xa0))
        return FORM_MODRM;
    switch (opcode) {
    case 0x05:
    case 0x06:
    case 0x08:
    case 0x09:
    case 0x0b:
    case 0x30:
    case 0x31:
    case 0x32:
    case 0xa2:
        return FORM_NONE;
    case 0x1f:
    case 0x28:
    case 0x29:
    case 0x6e:
    case 0x6f:
    case 0x7e:
    case 0x7f:
    case 0xa3:
    case 0xab:
    case 0xaf:
    case 0xb0:
    case 0xb1:
    case 0xb3:
    case 0xb6:
    case 0xb7:
    case 0xbb:
    case 0xbc:
    case 0xbd:
    case 0xbe:
    case 0xbf:
    case 0xc0:
    case 0xc1:
    case 0xef:
        return FORM_MODRM;
    case 0xa4:
    case 0xac:
    case 0xba:
        return FORM_MODRM_BYTE;
    default:
        return FORM_UNKNOWN;
    }
}

/* ModRM, SIB and displacement at `at`; 0: they are not all there. */
static unsigned modrm_length(struct bzc_bytes code, size_t at, unsigned bits)
{
    unsigned mod = code.data[at] >> 6, rm = code.data[at] & 7u, length = 1;

    if (mod == 3)
        return 1;
    if (bits == 16)
        return mod == 1 ? 2 : mod == 2 || rm == 6 ? 3 : 1;
    if (rm == 4) {
        if (at + 1 >= code.size)
            return 0;
        rm = code.data[at + 1] & 7u;
        length = 2;
    }
    return length + (mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0);
}

static bool is_simple_prefix(uint8_t byte)
{
    return byte == 0x66 || byte == 0x2e || byte == 0x3e || byte == 0x26 || byte == 0x36 || byte == 0x64 ||
           byte == 0x65 || byte == 0xf2 || byte == 0xf3;
}

unsigned bzc_insn_length(struct bzc_bytes code, unsigned bits)
{
    bool other_size = false, wide = false;
    unsigned full, length = 0;
    enum form form;
    size_t at = 0;
    uint8_t reg;

    for (; at < code.size && at < 4 && is_simple_prefix(code.data[at]); at++)
        other_size = other_size || code.data[at] == 0x66;
    if (bits == 64 && at < code.size && (code.data[at] & 0xf0) == 0x40)
        wide = (code.data[at++] & 8) != 0;
    if (at >= code.size || (bits == 64 && (code.data[at] & 0xf0) == 0x40))
        return 0;
    full = (bits == 16) != (other_size && !wide) ? 2 : 4;
    if (code.data[at] == 0x0f) {
        if (++at >= code.size)
            return 0;
        form = second_form_of(code.data[at]);
    } else {
        form = form_of(code.data[at], bits);
    }
    at++;
    reg = at < code.size ? code.data[at] >> 3 & 7 : 0;
    if (form >= FORM_MODRM) {
        if (at >= code.size || (length = modrm_length(code, at, bits)) == 0)
            return 0;
    }
    if (form == FORM_UNKNOWN || (form == FORM_OFFSET && other_size))
        return 0;
    if (form == FORM_BYTE || form == FORM_MODRM_BYTE || (form == FORM_TEST_BYTE && reg < 2))
        length += 1;
    else if (form == FORM_FULL || form == FORM_OFFSET || form == FORM_MODRM_FULL || (form == FORM_TEST_FULL && reg < 2))
        length += full;
    else if (form == FORM_WHOLE)
        length += wide ? 8 : full;
    return at + length <= code.size ? (unsigned)(at + length) : 0;
}
