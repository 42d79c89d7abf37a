/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/x86.h"

enum bzc_mode bzc_regs_mode(const struct bzc_regs *regs)
{
    uint16_t cs = regs->seg[BZC_CS].access;

    if (!(regs->cr0 & BZC_CR0_PE))
        return BZC_MODE_REAL;
    if (regs->efer & BZC_EFER_LMA) {
        if (cs & BZC_SEG_L)
            return BZC_MODE_LONG;
        return cs & BZC_SEG_DB ? BZC_MODE_COMPAT32 : BZC_MODE_COMPAT16;
    }
    return cs & BZC_SEG_DB ? BZC_MODE_PROT32 : BZC_MODE_PROT16;
}

const char *bzc_mode_name(enum bzc_mode mode)
{
    switch (mode) {
    case BZC_MODE_REAL:
        return "real";
    case BZC_MODE_PROT16:
        return "protected-16";
    case BZC_MODE_PROT32:
        return "protected-32";
    case BZC_MODE_COMPAT16:
        return "compatibility-16";
    case BZC_MODE_COMPAT32:
        return "compatibility-32";
    case BZC_MODE_LONG:
        return "long";
    }
    return "unknown";
}

unsigned bzc_mode_bits(enum bzc_mode mode)
{
    switch (mode) {
    case BZC_MODE_PROT32:
    case BZC_MODE_COMPAT32:
        return 32;
    case BZC_MODE_LONG:
        return 64;
    case BZC_MODE_REAL:
    case BZC_MODE_PROT16:
    case BZC_MODE_COMPAT16:
        break;
    }
    return 16;
}

uint64_t bzc_regs_linear_ip(const struct bzc_regs *regs)
{
    /* 64-bit mode treats the CS base as zero, whatever an earlier mode left in the hidden part (SDM 3, 3.2.4). */
    if (bzc_regs_mode(regs) == BZC_MODE_LONG)
        return regs->rip;
    return (uint32_t)(regs->seg[BZC_CS].base + regs->rip);
}

const char *bzc_gpr_name(enum bzc_gpr gpr)
{
    static const char *const names[BZC_GPR_COUNT] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                                     "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

    return (unsigned)gpr < BZC_GPR_COUNT ? names[gpr] : "unknown";
}

const char *bzc_seg_name(enum bzc_seg seg)
{
    static const char *const names[BZC_SEG_COUNT] = {"es", "cs", "ss", "ds", "fs", "gs"};

    return (unsigned)seg < BZC_SEG_COUNT ? names[seg] : "unknown";
}
