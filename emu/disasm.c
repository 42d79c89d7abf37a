/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/disasm.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <string.h>

#include "emu/insn_length.h"

#define LONGEST_INSTRUCTION 15u
#define PAGE_SIZE           4096u
#define STACK_WORDS_MAX     33u /* the most that one instruction moves: ENTER with 31 levels, its BP and its frame */

static bool open_capstone(unsigned bits, csh *handle)
{
    cs_mode mode = bits == 64 ? CS_MODE_64 : bits == 32 ? CS_MODE_32 : CS_MODE_16;

    if (cs_open(CS_ARCH_X86, mode, handle) != CS_ERR_OK)
        return false;
    cs_option(*handle, CS_OPT_DETAIL, CS_OPT_ON);
    return true;
}

static void fill_line(struct bzc_disasm_line *line, const cs_insn *insn, struct bzc_bytes code, uint64_t address)
{
    unsigned size = insn ? insn->size : 1;

    memset(line, 0, sizeof(*line));
    line->address = address;
    line->size = size;
    for (unsigned i = 0; i < size && i < code.size && i < LONGEST_INSTRUCTION; i++)
        snprintf(line->bytes + (i ? 3 * i - 1 : 0), sizeof(line->bytes) - 3 * i, i ? " %02x" : "%02x", code.data[i]);
    if (insn)
        snprintf(line->text, sizeof(line->text), "%s%s%s", insn->mnemonic, insn->op_str[0] ? " " : "", insn->op_str);
    else
        snprintf(line->text, sizeof(line->text), "(bad)");
}

/* Decodes one instruction into *line and gives its size; false when the bytes are none. */
static bool decode(csh handle, struct bzc_bytes code, uint64_t start, uint64_t address, struct bzc_disasm_line *line)
{
    struct bzc_bytes rest = bzc_bytes_slice(code, address - start, LONGEST_INSTRUCTION);
    cs_insn *insn = NULL;
    size_t count = cs_disasm(handle, rest.data, rest.size, address, 1, &insn);

    fill_line(line, count ? insn : NULL, rest, address);
    if (count)
        cs_free(insn, count);
    return count != 0;
}

/*
 * Reads forward from `from` and keeps the last `before` instructions in `lines` when one of them ends exactly at `ip`.
 * Returns how many, 0 when this reading does not meet `ip`.
 */
static size_t read_up_to(csh handle, struct bzc_bytes code, uint64_t start, uint64_t from, uint64_t ip, unsigned before,
                         struct bzc_disasm_line *lines)
{
    size_t count = 0;
    uint64_t at = from;

    while (at < ip) {
        struct bzc_disasm_line line;

        if (!decode(handle, code, start, at, &line))
            return 0;
        if (count == before) {
            memmove(lines, lines + 1, (before - 1) * sizeof(*lines));
            count--;
        }
        lines[count++] = line;
        at += line.size;
    }
    return at == ip ? count : 0;
}

size_t bzc_disasm_around(struct bzc_bytes code, uint64_t start, uint64_t ip, unsigned bits, unsigned before,
                         unsigned after, struct bzc_disasm_line *lines)
{
    size_t count = 0;
    uint64_t at = ip;
    csh handle;

    if (ip < start || ip - start >= code.size || !open_capstone(bits, &handle))
        return 0;
    if (before >= BZC_DISASM_LINES_MAX)
        before = BZC_DISASM_LINES_MAX - 1;
    /* The longest reading that meets ip is the most credible one. */
    for (uint64_t from = start; before && from < ip && count == 0; from++)
        count = read_up_to(handle, code, start, from, ip, before, lines);
    for (unsigned i = 0; i <= after && count < BZC_DISASM_LINES_MAX && at - start < code.size; i++) {
        bool good = decode(handle, code, start, at, &lines[count]);

        lines[count].current = i == 0;
        at += lines[count++].size;
        if (!good)
            break;
    }
    cs_close(&handle);
    return count;
}

static enum bzc_flow flow_of(csh handle, const cs_insn *insn)
{
    switch (insn->id) {
    case X86_INS_JMP:
        return BZC_FLOW_JUMP;
    case X86_INS_LJMP:
        return BZC_FLOW_FAR_JUMP;
    case X86_INS_CALL:
    case X86_INS_LCALL:
        return BZC_FLOW_CALL;
    case X86_INS_RET:
        return BZC_FLOW_RETURN;
    case X86_INS_RETF:
    case X86_INS_RETFQ:
        return BZC_FLOW_FAR_RETURN;
    case X86_INS_INT:
    case X86_INS_INT1:
    case X86_INS_INT3:
    case X86_INS_INTO:
        return BZC_FLOW_INTERRUPT;
    case X86_INS_IRET:
    case X86_INS_IRETD:
    case X86_INS_IRETQ:
        return BZC_FLOW_INTERRUPT_RETURN;
    case X86_INS_LOOP:
    case X86_INS_LOOPE:
    case X86_INS_LOOPNE:
        return BZC_FLOW_BRANCH;
    default:
        return cs_insn_group(handle, insn, CS_GRP_JUMP) ? BZC_FLOW_BRANCH : BZC_FLOW_NEXT;
    }
}

void bzc_disassembler_finish(struct bzc_disassembler *disassembler)
{
    csh handle = disassembler->handle;

    if (disassembler->bits)
        cs_close(&handle);
    *disassembler = (struct bzc_disassembler){0, 0};
}

static bool make_ready(struct bzc_disassembler *disassembler, unsigned bits)
{
    csh handle;

    if (disassembler->bits == bits)
        return true;
    bzc_disassembler_finish(disassembler);
    if (!open_capstone(bits, &handle))
        return false;
    *disassembler = (struct bzc_disassembler){bits, handle};
    return true;
}

void bzc_disassembler_one(struct bzc_disassembler *disassembler, struct bzc_bytes code, uint64_t address, unsigned bits,
                          struct bzc_disasm_line *line, enum bzc_flow *flow)
{
    cs_insn *insn = NULL;
    size_t count = 0;
    csh handle;

    *flow = BZC_FLOW_NEXT;
    fill_line(line, NULL, code, address);
    line->current = true;
    if (!make_ready(disassembler, bits))
        return;
    handle = disassembler->handle;
    count = cs_disasm(handle, code.data, code.size, address, 1, &insn);
    if (count) {
        fill_line(line, insn, code, address);
        line->current = true;
        *flow = flow_of(handle, insn);
        cs_free(insn, count);
    }
}

void bzc_disasm_one(struct bzc_bytes code, uint64_t address, unsigned bits, struct bzc_disasm_line *line,
                    enum bzc_flow *flow)
{
    struct bzc_disassembler disassembler = {0, 0};

    bzc_disassembler_one(&disassembler, code, address, bits, line, flow);
    bzc_disassembler_finish(&disassembler);
}

/* By lengths alone; false when there is an instruction among them whose length is not known. */
static bool last_by_lengths(struct bzc_bytes code, uint64_t start, unsigned bits, uint64_t *last)
{
    size_t at = 0;

    while (at < code.size) {
        unsigned length = bzc_insn_length((struct bzc_bytes){code.data + at, code.size - at}, bits);

        if (length == 0)
            return false;
        *last = start + at;
        at += length;
    }
    return code.size > 0;
}

bool bzc_disassembler_last(struct bzc_disassembler *disassembler, struct bzc_bytes code, uint64_t start, unsigned bits,
                           uint64_t *last)
{
    const uint8_t *at = code.data;
    size_t left = code.size;
    uint64_t address = start;
    cs_insn *insn;

    if (last_by_lengths(code, start, bits, last))
        return true;
    if (!make_ready(disassembler, bits))
        return false;
    insn = cs_malloc(disassembler->handle);
    while (insn && left > 0) {
        *last = address;
        if (!cs_disasm_iter(disassembler->handle, &at, &left, &address, insn))
            break;
    }
    if (insn)
        cs_free(insn, 1);
    return insn && left == 0 && code.size > 0;
}

bool bzc_disasm_last(struct bzc_bytes code, uint64_t start, unsigned bits, uint64_t *last)
{
    struct bzc_disassembler disassembler = {0, 0};
    bool found = bzc_disassembler_last(&disassembler, code, start, bits, last);

    bzc_disassembler_finish(&disassembler);
    return found;
}

static uint64_t register_value(csh handle, x86_reg reg, const struct bzc_regs *regs)
{
    static const char *const names64[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                          "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    const char *name = cs_reg_name(handle, reg);

    if (!name)
        return 0;
    for (unsigned i = 0; i < BZC_GPR_COUNT; i++) {
        if (strcmp(name, names64[i]) == 0)
            return regs->gpr[i];
        if (i < BZC_R8 && name[0] == 'e' && strcmp(name + 1, names64[i] + 1) == 0)
            return (uint32_t)regs->gpr[i];
        if (i < BZC_R8 && strcmp(name, names64[i] + 1) == 0)
            return (uint16_t)regs->gpr[i];
        if (i >= BZC_R8 && strncmp(name, names64[i], strlen(names64[i])) == 0 && name[strlen(names64[i])] == 'd')
            return (uint32_t)regs->gpr[i];
    }
    return 0;
}

static uint64_t segment_base(x86_reg segment, x86_reg base, const struct bzc_regs *regs)
{
    bool long_mode = bzc_regs_mode(regs) == BZC_MODE_LONG;

    switch (segment) {
    case X86_REG_FS:
        return regs->seg[BZC_FS].base;
    case X86_REG_GS:
        return regs->seg[BZC_GS].base;
    case X86_REG_CS:
        return long_mode ? 0 : regs->seg[BZC_CS].base;
    case X86_REG_SS:
        return long_mode ? 0 : regs->seg[BZC_SS].base;
    case X86_REG_ES:
        return long_mode ? 0 : regs->seg[BZC_ES].base;
    default:
        break;
    }
    if (long_mode)
        return 0;
    if (base == X86_REG_BP || base == X86_REG_EBP || base == X86_REG_ESP)
        return regs->seg[BZC_SS].base;
    return regs->seg[BZC_DS].base;
}

/* True, with *exact set, when an access of up to 64 bytes at `address` touches the page. */
static bool touches(uint64_t address, unsigned size, uint64_t page, uint64_t *exact)
{
    if (address >= page && address < page + PAGE_SIZE) {
        *exact = address;
        return true;
    }
    if (address < page && address + size > page) {
        *exact = page; /* the access began in the page before */
        return true;
    }
    return false;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool uses_stack(const cs_insn *insn)
{
    static const char *const starts[] = {"push", "pop", "call", "lcall", "ret", "iret", "enter", "leave"};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        if (begins_with(insn->mnemonic, starts[i]))
            return true;
    return false;
}

/* The stack access of push, pop, call, ret and the like that touches the page. */
static bool stack_access_of(const cs_insn *insn, const struct bzc_regs *regs, uint64_t page, uint64_t *exact)
{
    const cs_x86 *x86 = &insn->detail->x86;
    unsigned bits = bzc_mode_bits(bzc_regs_mode(regs));
    bool other_size = x86->prefix[2] == 0x66;
    unsigned width = bits == 64 ? (other_size ? 2 : 8) : (bits == 32) == other_size ? 2 : 4;
    bool narrow = bits != 64 && !(regs->seg[BZC_SS].access & BZC_SEG_DB);
    bool reads =
        begins_with(insn->mnemonic, "pop") || begins_with(insn->mnemonic, "ret") || begins_with(insn->mnemonic, "iret");
    uint64_t sp = regs->gpr[insn->id == X86_INS_LEAVE ? BZC_RBP : BZC_RSP];

    reads = reads || insn->id == X86_INS_LEAVE;
    for (unsigned word = 0; word < STACK_WORDS_MAX; word++) {
        uint64_t at = reads ? sp + word * width : sp - (word + 1) * width;

        if (narrow)
            at &= 0xffff;
        if (bits != 64)
            at = (at + regs->seg[BZC_SS].base) & 0xffffffffull;
        if (touches(at, width, page, exact))
            return true;
    }
    return false;
}

static bool access_of(csh handle, const cs_insn *insn, const struct bzc_regs *regs, uint64_t page, uint64_t *exact)
{
    const cs_x86 *x86 = &insn->detail->x86;
    uint64_t mask = bzc_regs_mode(regs) == BZC_MODE_LONG ? ~0ull : 0xffffffffull;

    for (unsigned i = 0; i < x86->op_count; i++) {
        const cs_x86_op *op = &x86->operands[i];
        uint64_t address;

        if (op->type != X86_OP_MEM)
            continue;
        address = (uint64_t)op->mem.disp;
        if (op->mem.base == X86_REG_RIP)
            address += insn->address + insn->size;
        else if (op->mem.base != X86_REG_INVALID)
            address += register_value(handle, op->mem.base, regs);
        if (op->mem.index != X86_REG_INVALID)
            address += register_value(handle, op->mem.index, regs) * (uint64_t)op->mem.scale;
        if (x86->addr_size == 2)
            address &= 0xffff;
        else if (x86->addr_size == 4)
            address &= 0xffffffff;
        if (touches((address + segment_base(op->mem.segment, op->mem.base, regs)) & mask, op->size, page, exact))
            return true;
    }
    return uses_stack(insn) && stack_access_of(insn, regs, page, exact);
}

uint64_t bzc_disasm_access(struct bzc_bytes code, const struct bzc_regs *regs, uint64_t page)
{
    uint64_t exact = page;
    cs_insn *insn = NULL;
    csh handle;
    size_t count;

    if (!open_capstone(bzc_mode_bits(bzc_regs_mode(regs)), &handle))
        return page;
    count = cs_disasm(handle, code.data, code.size, bzc_regs_linear_ip(regs), 1, &insn);
    if (count) {
        if (!access_of(handle, insn, regs, page, &exact))
            exact = page;
        cs_free(insn, count);
    }
    cs_close(&handle);
    return exact;
}

/* Extensions by the bit of CPUID leaf 1 that says that they are there; bit 32: one of leaf 7, which no profile has. */
static const struct extension {
    uint8_t group; /* of Capstone */
    uint8_t bit;
    bool in_ecx; /* else EDX */
    const char *name;
} extensions[] = {
    {X86_GRP_CMOV, 15, false, "CMOV"},   {X86_GRP_MMX, 23, false, "MMX"},        {X86_GRP_SSE1, 25, false, "SSE"},
    {X86_GRP_SSE2, 26, false, "SSE2"},   {X86_GRP_SSE3, 0, true, "SSE3"},        {X86_GRP_PCLMUL, 1, true, "PCLMULQDQ"},
    {X86_GRP_SSSE3, 9, true, "SSSE3"},   {X86_GRP_FMA, 12, true, "FMA"},         {X86_GRP_SSE41, 19, true, "SSE4.1"},
    {X86_GRP_SSE42, 20, true, "SSE4.2"}, {X86_GRP_AES, 25, true, "AES"},         {X86_GRP_AVX, 28, true, "AVX"},
    {X86_GRP_F16C, 29, true, "F16C"},    {X86_GRP_BMI, 32, false, "BMI1"},       {X86_GRP_BMI2, 32, false, "BMI2"},
    {X86_GRP_AVX2, 32, false, "AVX2"},   {X86_GRP_AVX512, 32, false, "AVX-512"}, {X86_GRP_SHA, 32, false, "SHA"},
};

const char *bzc_disasm_missing_extension(struct bzc_bytes code, unsigned bits, const struct bzc_cpu_profile *profile)
{
    const char *missing = NULL;
    cs_insn *insn = NULL;
    csh handle;

    if (!open_capstone(bits, &handle))
        return NULL;
    if (cs_disasm(handle, code.data, code.size, 0, 1, &insn) == 1) {
        for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]) && !missing; i++) {
            const struct extension *extension = &extensions[i];
            uint32_t features = extension->in_ecx ? profile->features_ecx : profile->features_edx;

            if (cs_insn_group(handle, insn, extension->group) &&
                (extension->bit == 32 || !(features & 1u << extension->bit)))
                missing = extension->name;
        }
        cs_free(insn, 1);
    }
    cs_close(&handle);
    return missing;
}
