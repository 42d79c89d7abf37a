/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which records of a trace are shown: what each of them has to be, and which stretch of the trace is wanted. */
#ifndef BZC_REPORT_TRACE_FILTER_H
#define BZC_REPORT_TRACE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/trace.h"

/* What a record has to be. */
struct bzc_trace_filter {
    uint32_t kinds;                      /* bit 1 << kind: shown */
    const char *stage[BZC_TRACE_STAGES]; /* as in struct bzc_stage; none: all */
    size_t stage_count;
    struct bzc_trace_range range[BZC_TRACE_RANGES_MAX]; /* linear addresses of instructions; none: all */
    size_t range_count;
};

/* True when the record is of a wanted kind, stage and address. Of a jump or an edge either end may be it. */
bool bzc_trace_filter_accepts(const struct bzc_trace_filter *filter, const struct bzc_trace_record *record);

/* The stage that the user calls `name`: its full name or a short one; NULL when there is none. */
const char *bzc_trace_stage_find(const char *name);
extern const char bzc_trace_stages_known[]; /* for a message: "setup, decompressor, ..." */

/*
 * The kinds of event in a comma-separated list: "port,bios", "all", "none". False when a word of it is none of them.
 */
bool bzc_trace_kinds_parse(const char *list, uint32_t *kinds);
extern const char bzc_trace_kinds_known[]; /* for a message: "port, bios, ..." */
/* The kinds of control flow that a level shows; BZC_TRACE_CODE is the level `stages`. */
uint32_t bzc_trace_kinds_of_level(enum bzc_trace_level level);
/* The events that are shown where nobody asks for others. */
uint32_t bzc_trace_kinds_default(void);

/* ---- a stretch of the trace ---- */

/* Records go in, those of the wanted stretch come out, in their order. */
struct bzc_trace_window {
    /* what is wanted; each 0: no limit */
    uint64_t count; /* the first records only */
    size_t last;    /* the last records only */
    bool around;    /* only `context` records before and after each mark */
    size_t context;
    void (*emit)(void *context, struct bzc_trace_record *record); /* takes over what the record owns */
    void (*gap)(void *context, uint64_t left_out);                /* so many records are not shown here */
    void *emit_context;
    /* state */
    struct bzc_trace_record *ring;
    size_t ring_size, ring_first, ring_used;
    uint64_t emitted, skipped;
    size_t after; /* so many records are still wanted because of the last mark */
};

/* Prepares, what is wanted and whom to call being set. False without memory. */
bool bzc_trace_window_begin(struct bzc_trace_window *window);
/* Control reached the address of `around`; the record of that moment, when it is shown, comes next. */
void bzc_trace_window_mark(struct bzc_trace_window *window, bool shown);
/* Takes over what the record owns. */
void bzc_trace_window_add(struct bzc_trace_window *window, struct bzc_trace_record *record);
/* True when nothing more will come out. */
bool bzc_trace_window_is_full(const struct bzc_trace_window *window);
/* The trace is over. */
void bzc_trace_window_end(struct bzc_trace_window *window);
void bzc_trace_window_free(struct bzc_trace_window *window);

#endif
