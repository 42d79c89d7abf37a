/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page walker: linear to physical as the paging registers and the guest's own tables say, for no paging, 32-bit
 * (with 4 MiB pages), PAE, 4-level and 5-level paging. Source: Intel SDM volume 3A, chapter "Paging".
 */
#ifndef BZC_EMU_PAGE_WALK_H
#define BZC_EMU_PAGE_WALK_H

#include "emu/cpu.h"

/* Page-fault error code bits (Intel SDM 3A, "Page-Fault Exceptions"). */
#define BZC_PF_PRESENT  (1u << 0)
#define BZC_PF_WRITE    (1u << 1)
#define BZC_PF_USER     (1u << 2)
#define BZC_PF_RESERVED (1u << 3)
#define BZC_PF_FETCH    (1u << 4)

/* How the walker reaches the tables: physical, after A20. False where there is no RAM. */
struct bzc_walk_memory {
    void *context;
    bool (*read)(void *context, uint64_t phys, void *data, size_t size);
    bool (*write)(void *context, uint64_t phys, const void *data, size_t size);
};

struct bzc_walk {
    bool ok;
    bool not_canonical;  /* long mode: the address is none; #GP(0), not a page fault */
    uint64_t phys;       /* page-aligned physical address when ok */
    bool write, execute; /* what the tables allow besides the access asked for; write only once the page is dirty */
    uint32_t error_code; /* of the #PF when not ok */
};

/*
 * Translates the page at `linear` for `access`. Sets accessed and dirty bits as a CPU does when the access is allowed.
 * A table outside RAM counts as not present.
 */
struct bzc_walk bzc_page_walk(const struct bzc_paging_regs *regs, const struct bzc_walk_memory *memory, uint64_t linear,
                              enum bzc_access access);

#endif
