/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the reports of `verify` and `lint` go: text to a stream, other formats to files or standard output. */
#ifndef BZC_TOOLS_BZCHECK_OUTPUT_H
#define BZC_TOOLS_BZCHECK_OUTPUT_H

#include "tools/bzcheck/report_options.h"

/* A report that is being made in memory: a file is replaced by a whole document or not at all. */
struct bzc_output_document {
    const struct bzc_report_target *target;
    FILE *memory;
    char *data;
    size_t size;
    void *report;
};

struct bzc_output {
    FILE *text; /* stdout, or stderr when stdout is taken by a document; NULL: --quiet */
    struct bzc_text_options options;
    size_t long_reports; /* written to `text` */
    struct bzc_output_document document[BZC_REPORTS_MAX];
    size_t document_count;
};

/*
 * `options` stays borrowed until bzc_output_end(). False, with the reason said, without memory; then there is nothing
 * to end.
 */
bool bzc_output_begin(struct bzc_output *output, const struct bzc_report_options *options);
/* Writes one image's text and collects it for the documents; returns the image's exit status. */
int bzc_output_add(struct bzc_output *output, const struct bzc_report_entry *entry);
/* Writes the documents and frees. False when one could not be written; why is said (for stdout in main()). */
bool bzc_output_end(struct bzc_output *output);

#endif
