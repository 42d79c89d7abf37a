/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A boot as it can be shown: registers, code and memory at each stage, and every way that control took between the
 * parts of the boot. Collected only where options ask for it (struct bzc_verify_options, `pictures` or `watcher`).
 */
#ifndef BZC_VERIFY_PICTURE_H
#define BZC_VERIFY_PICTURE_H

#include "base/status.h"
#include "base/x86.h"
#include "emu/disasm.h"

#define BZC_PICTURE_JUMPS_MAX  512
#define BZC_PICTURE_RANGES_MAX 1024 /* of memory, at one stage */
#define BZC_JUMP_TEXT          80

/* How control got from one part to another, from the instruction that led there. */
enum bzc_jump_kind {
    BZC_JUMP_UNKNOWN, /* the instruction before was not seen */
    BZC_JUMP_START,   /* the loader's start of the CPU */
    BZC_JUMP_JUMP,    /* near, conditional or not */
    BZC_JUMP_FAR_JUMP,
    BZC_JUMP_CALL, /* near or far */
    BZC_JUMP_RETURN,
    BZC_JUMP_FAR_RETURN,
    BZC_JUMP_INTERRUPT,        /* INT n */
    BZC_JUMP_INTERRUPT_RETURN, /* IRET */
    BZC_JUMP_FALL,             /* code simply went on */
    BZC_JUMP_EVENT,            /* an exception or a hardware interrupt before it */
};
/* "unknown", "start", "jump", "far-jump", "call", "return", "far-return", "interrupt", "interrupt-return", "fall",
 * "event". */
const char *bzc_jump_kind_name(enum bzc_jump_kind kind);

/*
 * Control went from one part of the boot to another, or the CPU's mode changed inside one part: then both names are the
 * same. Each pair of addresses once, in the order of their first time. A mode that changes without a jump, such as by
 * MOV CR0, is a FALL from the instruction that changed it to the one behind.
 * Of the BIOS each service that is entered counts once, by whoever needed it first, and its return to whom it served is
 * no jump: old setup code calls it from a hundred places.
 */
struct bzc_region_jump {
    uint64_t seq;          /* of the event stream */
    const char *from, *to; /* names of the parts as in struct bzc_stage, "BIOS" for the ROM; `from` NULL at START */
    enum bzc_jump_kind kind;
    bool from_known;
    uint64_t from_linear, from_phys; /* the instruction that led there; valid when from_known */
    char instruction[BZC_JUMP_TEXT]; /* its text, "" when not known */
    uint64_t linear, phys;           /* of the first instruction there */
    enum bzc_mode mode_before;       /* of the instruction that led there; `mode` where nobody saw it */
    enum bzc_mode mode;              /* there */
    struct bzc_regs regs;            /* there, before its first instruction */
};

/* Physical memory [phys, phys+size), page aligned, last written by one writer. */
struct bzc_picture_range {
    uint64_t phys, size;
    /* 0: the loader, and the BIOS before it; n: stage n-1 of the run, or the BIOS in its service */
    uint8_t writer;
};

/* The moment before the first instruction of a stage, or the end of the run. */
struct bzc_stage_picture {
    struct bzc_regs regs;
    bool a20_open;
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX]; /* from its first instruction on; of the end: around the stop */
    size_t line_count;
    struct bzc_disasm_line from_lines[BZC_DISASM_LINES_MAX]; /* up to the instruction that led there */
    size_t from_line_count;                                  /* 0: not known, and at the end */
    struct bzc_picture_range *range;                         /* who wrote what so far, by rising address */
    size_t range_count;
    size_t ranges_left_out; /* the highest ones */
};

struct bzc_picture {
    struct bzc_stage_picture *stage; /* stage_count of the run, in its order */
    size_t stage_count;
    struct bzc_stage_picture end; /* the stop: memory and registers then */
    struct bzc_region_jump *jump;
    size_t jump_count;
    size_t jumps_left_out; /* counted up to BZC_PICTURE_JUMPS_MAX */
};

/* NULL without memory. */
struct bzc_picture *bzc_picture_new(void);
void bzc_picture_free(struct bzc_picture *picture);

#endif
