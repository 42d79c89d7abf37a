/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the reports of `verify` and `lint` go: text to a stream, JSON to a file or standard output. */
#ifndef BZC_TOOLS_BZCHECK_OUTPUT_H
#define BZC_TOOLS_BZCHECK_OUTPUT_H

#include "report/report.h"

struct bzc_output {
    FILE *text; /* stdout, or stderr when stdout is taken by JSON */
    struct bzc_text_options options;
    size_t long_reports;          /* written to `text` */
    struct bzc_json_report *json; /* NULL when none is asked for */
    const char *json_path;
};

/* `json` is a path, "-" for stdout, NULL for none. False, with the reason said, without memory. */
bool bzc_output_begin(struct bzc_output *output, const char *json, bool verbose);
/* Writes one image's text and collects its JSON; returns the image's exit status. */
int bzc_output_add(struct bzc_output *output, const struct bzc_report_entry *entry);
/* Writes the JSON and frees. False when it could not be written; why is said (for stdout in main()). */
bool bzc_output_end(struct bzc_output *output);

#endif
