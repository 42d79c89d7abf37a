/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/interrupts.h"

#include <stddef.h>

#include "base/bytes.h"

/* What delivery clears besides IF: SDM 3A 6.12.1 and 3B 21.1.4. */
#define FLAG_NT (1u << 14)
#define FLAG_RF (1u << 16)
#define FLAG_AC (1u << 18)

#define GATE_INTERRUPT_16 0x6
#define GATE_TRAP_16      0x7
#define GATE_INTERRUPT_32 0xe
#define GATE_TRAP_32      0xf

/* What an IDT entry says. */
struct gate {
    uint16_t selector;
    uint64_t offset;
    unsigned type;
    unsigned frame_size; /* bytes a pushed register takes: 2, 4 or 8 */
};

bool bzc_exception_has_error_code(uint8_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

const char *bzc_exception_name(uint8_t vector)
{
    static const char *const names[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", NULL,
                                        "#TS", "#NP", "#SS", "#GP", "#PF", NULL,  "#MF", "#AC", "#MC", "#XM"};

    if (vector < sizeof(names) / sizeof(names[0]) && names[vector])
        return names[vector];
    return "exception";
}

static bool push(struct bzc_soft_tlb *tlb, struct bzc_regs *regs, unsigned size, uint64_t value)
{
    const struct bzc_segment *ss = &regs->seg[BZC_SS];
    bool long_mode = bzc_regs_mode(regs) == BZC_MODE_LONG;
    uint64_t mask = long_mode ? ~0ull : (ss->access & BZC_SEG_DB) ? 0xffffffffull : 0xffffull;
    uint64_t sp = (regs->gpr[BZC_RSP] - size) & mask;
    uint64_t linear = long_mode ? sp : (ss->base + sp) & 0xffffffffull;
    uint8_t raw[8];

    bzc_store64(raw, value);
    if (!bzc_soft_tlb_write(tlb, linear, raw, size))
        return false;
    regs->gpr[BZC_RSP] = (regs->gpr[BZC_RSP] & ~mask) | sp;
    return true;
}

static bool deliver_real(struct bzc_soft_tlb *tlb, struct bzc_regs *regs, uint8_t vector, const char **why)
{
    uint8_t entry[4];

    if (vector * 4u + 3 > regs->idtr.limit || !bzc_soft_tlb_read(tlb, regs->idtr.base + vector * 4u, entry, 4)) {
        *why = "the interrupt vector table does not reach that far";
        return false;
    }
    if (!push(tlb, regs, 2, regs->rflags) || !push(tlb, regs, 2, regs->seg[BZC_CS].selector) ||
        !push(tlb, regs, 2, regs->rip)) {
        *why = "the stack is not writable";
        return false;
    }
    regs->rflags &= ~(uint64_t)(BZC_FLAG_IF | BZC_FLAG_TF | FLAG_AC);
    regs->seg[BZC_CS].selector = bzc_load16(entry + 2);
    regs->seg[BZC_CS].base = (uint64_t)bzc_load16(entry + 2) << 4;
    regs->rip = bzc_load16(entry);
    return true;
}

static bool read_gate(struct bzc_soft_tlb *tlb, const struct bzc_regs *regs, uint8_t vector, struct gate *gate,
                      const char **why)
{
    bool long_mode = regs->efer & BZC_EFER_LMA;
    unsigned size = long_mode ? 16 : 8;
    uint8_t raw[16] = {0};

    if (vector * size + size - 1 > regs->idtr.limit) {
        *why = regs->idtr.limit == 0 ? "there is no IDT" : "the IDT has no entry for it";
        return false;
    }
    if (!bzc_soft_tlb_read(tlb, regs->idtr.base + vector * size, raw, size)) {
        *why = "the IDT is not in memory";
        return false;
    }
    if (!(raw[5] & 0x80)) {
        *why = "its IDT entry is not present";
        return false;
    }
    gate->selector = bzc_load16(raw + 2);
    gate->offset = bzc_load16(raw) | (uint64_t)bzc_load16(raw + 6) << 16 | (uint64_t)bzc_load32(raw + 8) << 32;
    gate->type = raw[5] & 0x1f;
    switch (gate->type) {
    case GATE_INTERRUPT_32:
    case GATE_TRAP_32:
        gate->frame_size = long_mode ? 8 : 4;
        break;
    case GATE_INTERRUPT_16:
    case GATE_TRAP_16:
        gate->frame_size = long_mode ? 0 : 2;
        break;
    default:
        gate->frame_size = 0;
        break;
    }
    if (gate->frame_size == 0) {
        *why = "its IDT entry is not an interrupt or trap gate";
        return false;
    }
    if (long_mode && (raw[4] & 7)) {
        *why = "its IDT entry asks for a stack of its own (IST), which needs a TSS";
        return false;
    }
    return true;
}

static bool read_code_segment(struct bzc_soft_tlb *tlb, const struct bzc_regs *regs, uint16_t selector,
                              struct bzc_segment *segment, const char **why)
{
    uint32_t offset = selector & ~7u, limit;
    uint8_t raw[8];

    *why = "the handler's code segment is not usable";
    if ((selector & 4) || offset == 0 || offset + 7 > regs->gdtr.limit ||
        !bzc_soft_tlb_read(tlb, regs->gdtr.base + offset, raw, 8))
        return false;
    segment->selector = selector & ~3u;
    segment->access = (uint16_t)(raw[5] | (raw[6] & 0xf0) << 8);
    segment->base = bzc_load16(raw + 2) | (uint64_t)raw[4] << 16 | (uint64_t)raw[7] << 24;
    limit = bzc_load16(raw) | (uint32_t)(raw[6] & 0xf) << 16;
    segment->limit = (raw[6] & 0x80) ? limit << 12 | 0xfff : limit;
    if ((segment->access & 0x98) != 0x98) /* present, not a system segment, code */
        return false;
    if ((regs->efer & BZC_EFER_LMA) && (segment->access & (BZC_SEG_L | BZC_SEG_DB)) != BZC_SEG_L)
        return false;
    if (regs->seg[BZC_SS].access & 0x60) { /* interrupted code is not privileged: the handler needs another stack */
        *why = "the handler would change privilege, which needs a TSS";
        return false;
    }
    return true;
}

bool bzc_interrupt_deliver(struct bzc_soft_tlb *tlb, struct bzc_regs *regs, const struct bzc_interrupt *interrupt,
                           const char **why)
{
    struct bzc_regs next = *regs;
    struct gate gate;
    struct bzc_segment code;
    bool pushed = true;

    if (!(regs->cr0 & BZC_CR0_PE)) {
        if (!deliver_real(tlb, &next, interrupt->vector, why))
            return false;
        *regs = next;
        return true;
    }
    if (!read_gate(tlb, regs, interrupt->vector, &gate, why) ||
        !read_code_segment(tlb, regs, gate.selector, &code, why))
        return false;
    if (gate.frame_size == 8) {
        /* The frame is 16-byte aligned and always holds SS:RSP. */
        next.gpr[BZC_RSP] &= ~15ull;
        pushed = push(tlb, &next, 8, regs->seg[BZC_SS].selector) && push(tlb, &next, 8, regs->gpr[BZC_RSP]);
    }
    pushed = pushed && push(tlb, &next, gate.frame_size, regs->rflags) &&
             push(tlb, &next, gate.frame_size, regs->seg[BZC_CS].selector) &&
             push(tlb, &next, gate.frame_size, regs->rip);
    if (pushed && interrupt->has_error_code)
        pushed = push(tlb, &next, gate.frame_size, interrupt->error_code);
    if (!pushed) {
        *why = "the stack is not writable";
        return false;
    }
    next.rflags &= ~(uint64_t)(BZC_FLAG_TF | FLAG_NT | FLAG_RF);
    if (gate.type == GATE_INTERRUPT_32 || gate.type == GATE_INTERRUPT_16)
        next.rflags &= ~(uint64_t)BZC_FLAG_IF;
    next.seg[BZC_CS] = code;
    next.rip = gate.offset;
    *regs = next;
    return true;
}
