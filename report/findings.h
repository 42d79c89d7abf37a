/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several report formats say about findings: which are the same, what a finding says in words, its suite. */
#ifndef BZC_REPORT_FINDINGS_H
#define BZC_REPORT_FINDINGS_H

#include "report/report.h"

/* ---- grouping ---- */

/* True when both say the same, whatever run it is about. */
bool bzc_finding_same(const struct bzc_finding *a, const struct bzc_finding *b);
/* True when none before findings->item[index] says the same. */
bool bzc_finding_is_first(const struct bzc_findings *findings, size_t index);
/* True when every run of several has findings->item[index], the first of its kind. */
bool bzc_finding_in_every_run(const struct bzc_verification *verification, size_t index);
/*
 * The runs of findings->item[index] and of those behind it that say the same: *at is `index` for the first one and then
 * what the call before left there. NULL at the end, and for a finding of the image.
 */
const struct bzc_run_facts *bzc_finding_next_run(const struct bzc_verification *verification, size_t index, size_t *at);

/* True for a finding that makes its image fail: some does exactly when the verdict is fail. */
bool bzc_finding_fails(const struct bzc_verification *verification, const struct bzc_finding *finding);

/* ---- words ---- */

/* The one sentence: the message, or the rule's title when there is none. */
const char *bzc_finding_message(const struct bzc_finding *finding);

enum bzc_finding_runs { BZC_RUNS_OMIT, BZC_RUNS_OF_GROUP };
/*
 * Message and details of findings->item[index], a line each ("expected: 0"), the last without a newline. With
 * BZC_RUNS_OF_GROUP also the runs for which it and what is the same are true. Text of the image or the guest is in it
 * as it is: the caller escapes. Free with free(); NULL without memory.
 */
char *bzc_finding_words(const struct bzc_verification *verification, size_t index, enum bzc_finding_runs runs);
/* Just those runs: "every run", or their labels with "; " between them; "" for a finding of the image or when there is
 * only one run. NULL without memory. */
char *bzc_finding_runs(const struct bzc_verification *verification, size_t index);

/* Why the image could not be told: of an entry that was not verified, or whose verdict is unknown; else NULL. A message
 * that begins with the path goes without it. */
const char *bzc_entry_reason(const struct bzc_report_entry *entry);

/* ---- suites: the formats for tests take the file and each run as a suite of checks ---- */

/* How many suites an entry has: 0 when it was not verified. Suite 0 is the file, i is run i - 1. */
size_t bzc_suite_count(const struct bzc_report_entry *entry);
/* "file", or the label of the run; returns `label`, which has BZC_TEXT_LABEL_SIZE bytes. */
const char *bzc_suite_name(const struct bzc_report_entry *entry, size_t suite, char *label);
/* True when this finding is of the suite. */
bool bzc_suite_has(const struct bzc_finding *finding, size_t suite);

struct bzc_suite_counts {
    size_t checks, failed, skipped, unknown; /* failed: those that make the image fail */
};
struct bzc_suite_counts bzc_suite_count_checks(const struct bzc_report_entry *entry, size_t suite);

#endif
