/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bzcheck's own MMU: answers each of the engine's translation requests. Here live paging, A20, the borders of memory,
 * and the rule that makes self-modifying code right and fast: no page is ever writable and executable at once.
 */
#ifndef BZC_EMU_SOFT_TLB_H
#define BZC_EMU_SOFT_TLB_H

#include <stdatomic.h>

#include "emu/memory.h"
#include "emu/page_walk.h"

enum bzc_refusal_kind {
    BZC_REFUSED_NEW_CODE,      /* the first fetch from a page since it was last written */
    BZC_REFUSED_PAGE_FAULT,    /* the guest's own page tables forbid it */
    BZC_REFUSED_NOT_CANONICAL, /* no address of long mode */
    BZC_REFUSED_STALE,         /* a translated block is not what memory holds any more: bzc_soft_tlb_drop_stale() */
    BZC_REFUSED_OUTSIDE,       /* a write to or a fetch from an address where there is no memory */
    BZC_REFUSED_REPORT,        /* a write to ROM or a read where nobody answers: to be reported, and then let pass */
};

/* Why the last access was refused. */
struct bzc_refusal {
    enum bzc_refusal_kind kind;
    enum bzc_access access;
    uint64_t linear, phys; /* page aligned; phys not for PAGE_FAULT */
    uint32_t error_code;   /* of PAGE_FAULT */
};

/* A page that changes between being executed and being written over and over: code and data share it. */
struct bzc_mixed_page {
    uint64_t phys;
    uint8_t translated[BZC_PAGE_SIZE]; /* the contents that the engine's translations belong to */
};
#define BZC_MIXED_PAGES_MAX 64

struct bzc_soft_tlb {
    struct bzc_cpu *cpu;
    struct bzc_memory *memory;
    bool a20_open;
    bool asks_mappings;      /* refuse as new code a fetch whose linear and physical page differ, unless it is: */
    uint64_t allowed_linear; /* the linear page that was let through last; valid when not 0 */
    bool split_writes;       /* give no write permission with a read, so that every first write is seen */
    /* Called at the first write to each page of RAM since bzc_memory_begin_epoch(); NULL: nobody asks. */
    void (*page_written)(void *context, uint64_t phys);
    void *page_written_context;
    struct bzc_refusal refusal;
    bool passes;                    /* bzc_soft_tlb_let_pass() was called, and what it let pass has not come yet */
    unsigned since_growth, grow_at; /* translations given since the engine's TLB last grew; when it grows next */
    uint64_t fills;                 /* translations given */
    uint64_t write_fills;           /* of them for writes */
    uint64_t host_writes;           /* writes on the guest's behalf: interrupt frames, BIOS, page-table bits */
    struct bzc_mixed_page *mixed;   /* mixed_count of them; freed by bzc_soft_tlb_finish() */
    size_t mixed_count;
    atomic_uint_fast64_t progress; /* pages written or executed for the first time: a guest that gets on */
};

/* Frees what the translations took; the structure itself is the caller's. */
void bzc_soft_tlb_finish(struct bzc_soft_tlb *tlb);

/* The translate callback of struct bzc_cpu_client; `context` is the struct bzc_soft_tlb. */
bool bzc_soft_tlb_translate(void *context, uint64_t linear, enum bzc_access access,
                            struct bzc_translation *translation);

/* The guard callback of struct bzc_cpu_client; `context` is the struct bzc_soft_tlb. Mixed pages lie at linear =
 * physical. */
bool bzc_soft_tlb_guard(void *context, uint64_t linear, uint32_t size);
/* After BZC_REFUSED_STALE, between runs: drops the page's translations; its contents are new code again. */
void bzc_soft_tlb_drop_stale(struct bzc_soft_tlb *tlb);

/* Marks the page's present contents as let through by the observer, so that it may be executed at this linear page. */
void bzc_soft_tlb_allow_code(struct bzc_soft_tlb *tlb, uint64_t linear, uint64_t phys);

/*
 * Lets the access of the last refusal (a REPORT) pass when it comes again: a write to ROM goes nowhere, a read where
 * nobody answers gives all ones. The detour by a refusal is for the address of the instruction: only there is it exact.
 */
void bzc_soft_tlb_let_pass(struct bzc_soft_tlb *tlb);

/* Opens or closes A20; drops all translations when that changes anything. */
void bzc_soft_tlb_set_a20(struct bzc_soft_tlb *tlb, bool open);

/* Linear to physical (A20 applied) as a supervisor read, without setting bits in the tables. False when not mapped. */
bool bzc_soft_tlb_lookup(struct bzc_soft_tlb *tlb, uint64_t linear, uint64_t *phys);

/*
 * Copies between host memory and guest linear addresses as the CPU itself does for descriptor tables and stacks. False
 * when a page is not mapped or not RAM; then nothing or a part was copied.
 */
bool bzc_soft_tlb_read(struct bzc_soft_tlb *tlb, uint64_t linear, void *data, size_t size);
bool bzc_soft_tlb_write(struct bzc_soft_tlb *tlb, uint64_t linear, const void *data, size_t size);

/* Writes to physical memory on the guest's behalf (a device, the BIOS), keeping translated code right. */
bool bzc_soft_tlb_write_phys(struct bzc_soft_tlb *tlb, uint64_t phys, const void *data, size_t size);

#endif
