/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain x86 register types: what a CPU state is, without any engine. Source of names and bit positions:
 * Intel SDM volume 3, "System Architecture Overview" and "Protected-Mode Memory Management".
 */
#ifndef BZC_BASE_X86_H
#define BZC_BASE_X86_H

#include <stdbool.h>
#include <stdint.h>

enum bzc_gpr {
    BZC_RAX,
    BZC_RCX,
    BZC_RDX,
    BZC_RBX,
    BZC_RSP,
    BZC_RBP,
    BZC_RSI,
    BZC_RDI, /* the order of x86 encodings */
    BZC_R8,
    BZC_R9,
    BZC_R10,
    BZC_R11,
    BZC_R12,
    BZC_R13,
    BZC_R14,
    BZC_R15,
    BZC_GPR_COUNT
};

enum bzc_seg { BZC_ES, BZC_CS, BZC_SS, BZC_DS, BZC_FS, BZC_GS, BZC_SEG_COUNT }; /* the order of x86 encodings */

/* RFLAGS */
#define BZC_FLAG_CF (1u << 0)
#define BZC_FLAG_PF (1u << 2)
#define BZC_FLAG_AF (1u << 4)
#define BZC_FLAG_ZF (1u << 6)
#define BZC_FLAG_SF (1u << 7)
#define BZC_FLAG_TF (1u << 8)
#define BZC_FLAG_IF (1u << 9)
#define BZC_FLAG_DF (1u << 10)
#define BZC_FLAG_OF (1u << 11)
/* CR0, CR4, EFER */
#define BZC_CR0_PE   (1ull << 0)
#define BZC_CR0_WP   (1ull << 16)
#define BZC_CR0_PG   (1ull << 31)
#define BZC_CR4_PSE  (1ull << 4)
#define BZC_CR4_PAE  (1ull << 5)
#define BZC_CR4_LA57 (1ull << 12)
#define BZC_EFER_LME (1ull << 8)
#define BZC_EFER_LMA (1ull << 10)
#define BZC_EFER_NXE (1ull << 11)

/*
 * A segment register with its hidden part. `limit` is the last valid byte offset (inclusive, granularity already
 * applied). `access` is the descriptor's access word as in bits 40-55 of a descriptor: type 0-3, S 4, DPL 5-6, P 7,
 * AVL 12, L 13, D/B 14, G 15. In real mode base is selector*16 and access is 0x93 (0x9b for CS).
 */
struct bzc_segment {
    uint16_t selector;
    uint16_t access;
    uint32_t limit;
    uint64_t base;
};
#define BZC_SEG_TYPE(access) ((access)&0xf) /* bit 3: code; code: bit 1 readable; data: bit 1 writable */
#define BZC_SEG_P            (1u << 7)
#define BZC_SEG_L            (1u << 13)
#define BZC_SEG_DB           (1u << 14)

/* GDTR or IDTR. `limit` is inclusive. */
struct bzc_table {
    uint64_t base;
    uint16_t limit;
};

/* The whole state that bzcheck looks at. `rip` is the offset in CS, not a linear address, in every mode. */
struct bzc_regs {
    uint64_t gpr[BZC_GPR_COUNT];
    uint64_t rip;
    uint64_t rflags;
    struct bzc_segment seg[BZC_SEG_COUNT];
    struct bzc_table gdtr, idtr;
    uint64_t cr0, cr2, cr3, cr4, efer;
};

/* Operating mode, and for the protected modes the default operand size of the code segment. */
enum bzc_mode { BZC_MODE_REAL, BZC_MODE_PROT16, BZC_MODE_PROT32, BZC_MODE_COMPAT16, BZC_MODE_COMPAT32, BZC_MODE_LONG };

/* The mode that CR0.PE, EFER.LMA and the CS descriptor give. (Virtual-8086 mode is not told apart.) */
enum bzc_mode bzc_regs_mode(const struct bzc_regs *regs);
/* "real", "protected-16", "protected-32", "compatibility-16", "compatibility-32", "long". */
const char *bzc_mode_name(enum bzc_mode mode);
/* 16, 32 or 64: the default width of instructions in the mode. */
unsigned bzc_mode_bits(enum bzc_mode mode);
/* The linear address of the next instruction: CS.base + RIP, truncated to 32 bits outside long mode. */
uint64_t bzc_regs_linear_ip(const struct bzc_regs *regs);
/* "rax".."r15", "es".."gs". */
const char *bzc_gpr_name(enum bzc_gpr gpr);
const char *bzc_seg_name(enum bzc_seg seg);

#endif
