/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Report writers: each turns the same verifications into one format. They open nothing and end nothing: a report goes
 * to a stream that the caller opened. The same verifications give the same bytes.
 */
#ifndef BZC_REPORT_REPORT_H
#define BZC_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "verify/verification.h"

/* One image of a command line: verified, or the reason why it could not be. */
struct bzc_report_entry {
    const char *path;    /* as given on the command line; any bytes */
    const char *command; /* "verify" or "lint" */
    bool verified;
    const struct bzc_verification *verification; /* valid when verified */
    struct bzc_error error;                      /* valid when not */
};

/*
 * How a run ended, as every report spells it: "entry" (the kernel's first instruction), "hand-over" (ended on purpose
 * at setup's jump to 32-bit code, because what follows is not Linux), "not-started" (it could not be prepared: see
 * plan_error), else the name of the stop.
 */
const char *bzc_run_result(const struct bzc_run_facts *run);

struct bzc_text_options {
    bool colour;  /* ANSI colours */
    bool verbose; /* also rules that passed or were skipped, and what the runs did beside */
};
/*
 * The report for people, one image; of an image that was only linted and where nothing is to be said (and `verbose` is
 * not asked for) just its last line: then bzc_report_is_long() is false. Ends with a line that begins with PASS, FAIL
 * or UNKNOWN and names the path; for an image that was not verified that line is all. All other lines are at most 100
 * columns wide, except for a longer path. Write errors stay in `out` (ferror()).
 */
bool bzc_report_is_long(const struct bzc_report_entry *entry, const struct bzc_text_options *options);
void bzc_report_text(const struct bzc_report_entry *entry, const struct bzc_text_options *options, FILE *out);

#endif
