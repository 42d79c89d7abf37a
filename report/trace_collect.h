/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the events of a run to the records of a trace: a watcher. */
#ifndef BZC_REPORT_TRACE_COLLECT_H
#define BZC_REPORT_TRACE_COLLECT_H

#include "report/trace_filter.h"

#define BZC_TRACE_WRITERS    2u
#define BZC_TRACE_PLACES_MAX 64u

/* What is asked for. */
struct bzc_trace_request {
    enum bzc_trace_level level; /* BZC_TRACE_CODE: the jumps between the parts of the boot */
    struct bzc_trace_filter filter;
    bool every; /* one record an event: events that are alike are not counted together */
    bool has_until, has_around;
    uint64_t until, around; /* linear addresses */
    size_t context;
    size_t around_times; /* so many times at most; 0: each */
    uint64_t count;      /* 0: all */
    size_t last;         /* 0: all */
    uint64_t from_block; /* what was before is not told */
    struct bzc_trace_range watch[BZC_TRACE_RANGES_MAX];
    size_t watch_count;
};

struct bzc_trace;

/* NULL without memory. `request`, `head` and the writers' contexts stay borrowed. */
struct bzc_trace *bzc_trace_new(const struct bzc_trace_request *request, const struct bzc_trace_head *head,
                                const struct bzc_trace_writer *writer, size_t writer_count);
void bzc_trace_free(struct bzc_trace *trace);

/* Who has to follow the run; valid until bzc_trace_free(). */
struct bzc_watcher bzc_trace_watcher(struct bzc_trace *trace);

/* When control reaches an address. */
struct bzc_trace_places {
    enum bzc_trace_level level; /* INSNS: any instruction; BRANCHES: the first one of a basic block */
    uint64_t linear;
    uint64_t block[BZC_TRACE_PLACES_MAX]; /* basic blocks executed before */
    size_t count;                         /* first so many times, */
    bool more;                            /* and again later */
    bool enough;
};
/* Who finds that out in a run of its own; level and linear are set, *places outlives the run. */
struct bzc_watcher bzc_trace_places_watcher(struct bzc_trace_places *places);

/* The run is through: what was held is written, and the end. False when there was no memory for some of it. */
bool bzc_trace_finish(struct bzc_trace *trace, const struct bzc_verification *verification);

/* After the run. */
bool bzc_trace_reached(const struct bzc_trace *trace);    /* the address of `until` or `around` */
uint64_t bzc_trace_blocks(const struct bzc_trace *trace); /* basic blocks executed until the stop, in counted runs */
uint64_t bzc_trace_held(const struct bzc_trace *trace);   /* records that `last` has found */

#endif
