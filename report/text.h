/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the text report: its parts. */
#ifndef BZC_REPORT_TEXT_H
#define BZC_REPORT_TEXT_H

#include "report/page.h"
#include "verify/verification.h"

#define BZC_TEXT_LABEL_SIZE 192

/* "bios at 0x100000, KASLR seed 1": no two runs of a verification have the same; returns `label`. */
const char *bzc_text_run_label(const struct bzc_run_facts *run, char label[BZC_TEXT_LABEL_SIZE]);

/* A run that probes a load address and went as it had to: a line of the table of them is enough. */
bool bzc_text_is_quiet_probe(const struct bzc_run_facts *run);
/* The table: requested, aligned and final address of each, and what it probes. Nothing when there are none. */
void bzc_text_probes(struct bzc_page *page, const struct bzc_facts *facts);

/* One paragraph a run: its stages, where the kernel went, or why and where it stopped. */
void bzc_text_runs(struct bzc_page *page, const struct bzc_facts *facts, bool verbose);

/*
 * What the rules say, each answer once with the runs that it is true for: failed checks always, those that could not be
 * told unless the verdict is fail, with `verbose` all.
 */
void bzc_text_findings(struct bzc_page *page, const struct bzc_verification *verification, bool verbose);

/*
 * The rules that failed and are not known, each once, worst first: the first `limit` of them into rule[]. Returns how
 * many there are.
 */
size_t bzc_text_failed_rules(const struct bzc_findings *findings, const struct bzc_rule **rule, size_t limit);

/* Findings with this outcome; failed ones of this severity that are not known; those that are known. */
size_t bzc_text_count(const struct bzc_findings *findings, enum bzc_outcome outcome);
size_t bzc_text_count_failed(const struct bzc_findings *findings, enum bzc_severity severity);
size_t bzc_text_count_known(const struct bzc_findings *findings);

#endif
