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

/*
 * The JSON report (docs/report-format.md, docs/report.schema.json), collected image by image so that no verification
 * has to be kept until the last one is through.
 */
struct bzc_json_report;

/* Errors: BZC_ERR_MEMORY. The report is given back with bzc_json_report_free(). */
enum bzc_status bzc_json_report_new(struct bzc_json_report **report, struct bzc_error *err);
/* Appends an image; keeps no reference to the entry. Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_json_report_add(struct bzc_json_report *report, const struct bzc_report_entry *entry,
                                    struct bzc_error *err);
/* Writes one object: the image's own when there is one image, else one that holds them in their order. Errors:
 * BZC_ERR_MEMORY, BZC_ERR_IO. */
enum bzc_status bzc_json_report_write(const struct bzc_json_report *report, FILE *out, struct bzc_error *err);
void bzc_json_report_free(struct bzc_json_report *report);

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
