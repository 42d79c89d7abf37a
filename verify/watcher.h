/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody who follows a run while it happens: what `bzcheck trace` shows. */
#ifndef BZC_VERIFY_WATCHER_H
#define BZC_VERIFY_WATCHER_H

#include "emu/trace.h"
#include "verify/oracle.h"
#include "verify/picture.h"

struct bzc_run_facts;

/* What the watcher may look at during a call. */
struct bzc_watched {
    const struct bzc_run_facts *run;    /* as far as it has come */
    const struct bzc_guest_view *guest; /* memory as it is now */
    const char *region; /* the part of the boot that event->ip lies in, as in struct bzc_stage; or NULL */
    /*
     * Where event->ip lies in the part's own bytes, from the start of: the real-mode part, the protected-mode part
     * (also where it was copied), the kernel's base. 0 for other parts.
     */
    uint64_t region_offset;
    const struct bzc_regs *regs; /* of CODE, EDGE, INSN, WRITE, STOP and of jumps; NULL for others */
    uint64_t block;              /* basic blocks executed so far; in counted runs */
};

/*
 * Any of the functions may be NULL. A run whose plan was refused is not begun. Where the loader enters the kernel
 * itself bzcheck stops the machine at the entry for a look and goes on: that stop is not told.
 */
struct bzc_watcher {
    void *context;
    struct bzc_trace_config trace;
    bool counted; /* count from the start: slower, but then a run is never begun again */
    /* The run begins; called again when it was interrupted and is repeated: all that was told before does not count. */
    void (*begin)(void *context, const struct bzc_run_facts *run);
    void (*event)(void *context, const struct bzc_event *event, const struct bzc_watched *watched);
    /*
     * Control went from one part of the boot to another, or into another mode, for the first time by this way: told
     * behind the event CODE or EDGE of the first instruction there.
     */
    void (*jump)(void *context, const struct bzc_region_jump *jump, const struct bzc_watched *watched);
};

#endif
