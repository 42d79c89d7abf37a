/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes from the event stream of a run what becomes facts, and from the screen what the guest said last. */
#ifndef BZC_VERIFY_COLLECTOR_H
#define BZC_VERIFY_COLLECTOR_H

#include "emu/trace.h"
#include "verify/facts.h"

struct bzc_collector {
    struct bzc_run_facts *facts;
    char serial[BZC_LAST_WORDS_MAX]; /* the end of what went to a UART or the debug port */
    size_t serial_length;
    bool kernel_runs; /* what is printed from now on is the kernel's */
};

/* The event function of struct bzc_trace_sink; `context` is the collector. */
void bzc_collector_event(void *context, const struct bzc_event *event);

/*
 * At the end of the run: last_words, and the refusal in them; and a text does not count as running when the run then
 * ended by a fault, outside memory or by a reset.
 */
void bzc_collector_finish(const struct bzc_collector *collector, const struct bzc_guest_view *guest);

#endif
