/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows control through the parts of the boot: each time the machine meets new code, the tracker works out where that
 * code comes from (the image's own bytes, copied or not, or the unpacked kernel) and stops the machine before the
 * kernel's first instruction.
 */
#ifndef BZC_VERIFY_TRACKER_H
#define BZC_VERIFY_TRACKER_H

#include "emu/machine.h"
#include "verify/facts.h"

#define BZC_REGIONS_MAX 24

/* Image bytes that lie at a physical address and may be executed there. */
struct bzc_region {
    const char *name;
    uint64_t phys;
    struct bzc_bytes bytes;
};

struct bzc_tracker {
    const struct bzc_image *image;
    bool expects_linux; /* the image declares a payload; others are stopped at the hand-over */
    /* Blocks until the payload is unpacked; NULL when it cannot be. */
    const struct bzc_oracle *(*await_oracle)(void *context);
    void *oracle_context;
    struct bzc_run_facts *facts;

    struct bzc_region region[BZC_REGIONS_MAX];
    size_t region_count;
    const char *stage_name; /* of the last stage */
    bool base_known;        /* the kernel was found: facts->comparison.base is set */
};

/* Prepares for facts->plan. */
void bzc_tracker_init(struct bzc_tracker *tracker, const struct bzc_image *image, struct bzc_run_facts *facts);

/* The observer function of struct bzc_observer; `context` is the tracker. */
bool bzc_tracker_on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch);

/*
 * Where the first byte of the part that was entered last lies, or would lie, seen from the code at `phys`: of the
 * real-mode part, the protected-mode part (a copy of it, too) or the kernel. False for other parts. For positions in
 * the part: *start may have wrapped below 0 when only the end of the part was copied.
 */
bool bzc_tracker_part_start(const struct bzc_tracker *tracker, uint64_t phys, uint64_t *start);

/* A guest view on a machine's memory. */
struct bzc_guest_view bzc_machine_guest_view(struct bzc_machine *machine);

#endif
