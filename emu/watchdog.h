/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that watches whether the guest gets on. It may only interrupt: what is reported afterwards comes from a
 * counted repetition, so the host's speed never shows in a report.
 */
#ifndef BZC_EMU_WATCHDOG_H
#define BZC_EMU_WATCHDOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bzc_watchdog;

/*
 * Starts to watch the calling thread: when it uses `limit_ms` of CPU time while *progress keeps its value, `bark` is
 * called, again and again every few milliseconds, until bzc_watchdog_stop(). NULL when no thread could be started.
 */
struct bzc_watchdog *bzc_watchdog_start(unsigned limit_ms, const atomic_uint_fast64_t *progress,
                                        void (*bark)(void *context), void *context);
/* Ends the watch and frees it. True when it barked. NULL is allowed. */
bool bzc_watchdog_stop(struct bzc_watchdog *watchdog);

#endif
