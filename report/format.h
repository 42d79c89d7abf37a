/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats in which `verify` and `lint` report (-o FORMAT:FILE), one row each in report/formats.c. A writer collects
 * image by image and keeps no reference to an entry, so that no verification has to live until the last one is through.
 * The same verifications give the same bytes: no time, no host name, no path but those given.
 */
#ifndef BZC_REPORT_FORMAT_H
#define BZC_REPORT_FORMAT_H

#include "report/report.h"

/* What a writer is told at the start. */
struct bzc_format_options {
    bool verbose; /* also what passed or was skipped, where the format leaves it out otherwise */
};

struct bzc_report_format {
    const char *name;    /* "junit" */
    const char *summary; /* for --help: "JUnit XML, as CI servers read it" */
    bool needs_pictures; /* facts->run[].picture is collected for it */
    /*
     * A new report whose document goes to `out`. What is written when is the format's own business: the document is
     * whole after close(). Errors of all three: BZC_ERR_MEMORY, BZC_ERR_IO.
     */
    enum bzc_status (*open)(const struct bzc_format_options *options, FILE *out, void **report, struct bzc_error *err);
    enum bzc_status (*add)(void *report, const struct bzc_report_entry *entry, struct bzc_error *err);
    enum bzc_status (*close)(void *report, struct bzc_error *err);
    void (*free)(void *report); /* also after an error; NULL is allowed */
};

extern const struct bzc_report_format *const bzc_report_formats[]; /* sorted by name */
extern const size_t bzc_report_format_count;
/* NULL when there is none of that name. */
const struct bzc_report_format *bzc_report_format_find(const char *name);

#endif
