/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/successors.h"

#include <string.h>

#define OPCODE_TWO_BYTES 0x0f
#define OPCODE_GROUP_5   0xff

static uint64_t cut(uint64_t linear, unsigned bits)
{
    return bits == 64 ? linear : (uint32_t)linear;
}

static struct bzc_successors to(enum bzc_way way, struct bzc_bytes code, uint64_t linear, unsigned bits, size_t at)
{
    struct bzc_successors result = {.way = way, .bits = bits, .behind = cut(linear + code.size, bits)};
    int64_t relative = 0;

    if (code.size - at == 1)
        relative = (int8_t)code.data[at];
    else if (code.size - at == 4)
        relative = (int32_t)bzc_load32(code.data + at);
    else if (way == BZC_WAY_JUMP || way == BZC_WAY_BRANCH)
        result.way = BZC_WAY_ELSE; /* with an operand size prefix: nobody does that */
    result.target = cut(linear + code.size + (uint64_t)relative, bits);
    return result;
}

static bool leaves(uint8_t opcode)
{
    /* far calls, jumps and returns, INT n, INTO, IRET, INT1, HLT */
    static const uint8_t opcodes[] = {0x9a, 0xea, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xf1, 0xf4};

    return memchr(opcodes, opcode, sizeof(opcodes)) != NULL;
}

struct bzc_successors bzc_successors_of(struct bzc_bytes code, uint64_t linear, unsigned bits)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67, 0xf0, 0xf2, 0xf3};
    struct bzc_successors other = {.way = BZC_WAY_ELSE, .bits = bits};
    uint8_t rex = 0, opcode;
    size_t at = 0;

    while (at < code.size && memchr(prefixes, code.data[at], sizeof(prefixes)))
        at++;
    if (bits == 64 && at < code.size && (code.data[at] & 0xf0) == 0x40)
        rex = code.data[at++];
    if (bits == 16 || at >= code.size || code.data[at] == 0x66)
        return other;
    opcode = code.data[at++];
    if (opcode == OPCODE_TWO_BYTES && at < code.size) {
        opcode = code.data[at++];
        if ((opcode & 0xf0) == 0x80)
            return to(BZC_WAY_BRANCH, code, linear, bits, at);
        if (opcode == 0x05 || opcode == 0x07 || opcode == 0x34 || opcode == 0x35) /* SYSCALL and its kin */
            return other;
        return to(BZC_WAY_ON, code, linear, bits, at);
    }
    if (opcode == 0xe8 || opcode == 0xe9 || opcode == 0xeb)
        return to(BZC_WAY_JUMP, code, linear, bits, at);
    if ((opcode & 0xf0) == 0x70 || (opcode >= 0xe0 && opcode <= 0xe3))
        return to(BZC_WAY_BRANCH, code, linear, bits, at);
    if (opcode == 0xc3 || (opcode == 0xc2 && code.size - at == 2)) {
        other.way = BZC_WAY_RETURN;
        other.pops = opcode == 0xc2 ? bzc_load16(code.data + at) : 0;
        return other;
    }
    if (opcode == OPCODE_GROUP_5 && at < code.size && (code.data[at] & 0x30) != 0x30 &&
        (code.data[at] & 0x38) >= 0x10) {
        if (code.data[at] >= 0xc0 && !(code.data[at] & 0x08)) {
            other.way = BZC_WAY_REGISTER;
            other.reg = (code.data[at] & 7u) | (rex & 1u) << 3;
        }
        return other;
    }
    /* A repeated string instruction is a block that goes to itself. */
    if (at >= 2 && (code.data[0] == 0xf2 || code.data[0] == 0xf3)) {
        struct bzc_successors again = to(BZC_WAY_ON, code, linear, bits, at);

        again.way = BZC_WAY_BRANCH;
        again.target = linear;
        return again;
    }
    return leaves(opcode) ? other : to(BZC_WAY_ON, code, linear, bits, at);
}

bool bzc_successors_name(const struct bzc_successors *successors, uint64_t to_linear)
{
    switch (successors->way) {
    case BZC_WAY_ON:
        return to_linear == successors->behind;
    case BZC_WAY_JUMP:
        return to_linear == successors->target;
    case BZC_WAY_BRANCH:
        return to_linear == successors->target || to_linear == successors->behind;
    default:
        return false;
    }
}
