/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows a run for those who want to see it: stands between the machine and tracker and collector, takes the pictures
 * and tells the watcher. Runs that nobody follows do without.
 */
#ifndef BZC_VERIFY_FOLLOWER_H
#define BZC_VERIFY_FOLLOWER_H

#include "emu/disasm.h"
#include "emu/pair_map.h"
#include "verify/collector.h"
#include "verify/tracker.h"
#include "verify/watcher.h"

#define BZC_PARTS_MAX 128

/* A part of the boot as it lies in memory. */
struct bzc_part {
    const char *name;
    bool has_start;
    uint64_t start; /* see bzc_tracker_part_start() */
};

struct bzc_follower {
    const struct bzc_watcher *watcher; /* or NULL */
    struct bzc_run_facts *facts;
    struct bzc_tracker *tracker;
    struct bzc_collector *collector;
    struct bzc_machine *machine; /* NULL before bzc_follower_attach() */
    struct bzc_guest_view guest;
    bool skips_stages; /* the picture needs no stages and no end, only jumps: they take time */
    bool failed;       /* no memory */
    struct bzc_disassembler disassembler;

    struct bzc_part part[BZC_PARTS_MAX];
    size_t part_count;
    struct bzc_pair_map pages;  /* of code: the part's place in `part`, from 1 */
    struct bzc_pair_map blocks; /* linear addresses where code was entered: the modes it ran in */
    struct bzc_pair_map edges;  /* from, to: those that are told more than once, and were looked at for their modes */
    struct bzc_pair_map ways;   /* from, to: jumps that were told */
    const char *bios_caller;    /* the part that the BIOS was last entered from */

    struct bzc_event code; /* a CODE event that waits until the tracker has seen the code */
    bool code_waits;
    bool paused; /* the machine stopped at the kernel's entry and will go on */
    bool interrupted;
    uint64_t interrupt_ip, handler; /* linear; valid when interrupted */
};

/* Prepares to follow a run into `facts`, whose picture it makes. Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_follower_init(struct bzc_follower *follower, const struct bzc_watcher *watcher,
                                  struct bzc_run_facts *facts, struct bzc_tracker *tracker,
                                  struct bzc_collector *collector, struct bzc_error *err);
void bzc_follower_attach(struct bzc_follower *follower, struct bzc_machine *machine);

/* The functions of struct bzc_trace_sink and struct bzc_observer; `context` is the follower. */
void bzc_follower_event(void *context, const struct bzc_event *event);
bool bzc_follower_on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch);

/* Takes the picture of the end, the machine having stopped for good. Errors: BZC_ERR_MEMORY, also of before. */
enum bzc_status bzc_follower_finish(struct bzc_follower *follower, struct bzc_error *err);
void bzc_follower_free(struct bzc_follower *follower);

#endif
