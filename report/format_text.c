/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text for people as a document: the same as on standard output, without colour. */
#include <stdlib.h>

#include "report/format_rows.h"

struct text_document {
    FILE *out;
    struct bzc_text_options options;
    size_t long_reports;
};

static enum bzc_status open_text(const struct bzc_format_options *options, FILE *out, void **report,
                                 struct bzc_error *err)
{
    struct text_document *document = calloc(1, sizeof(*document));

    *report = document;
    if (!document)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the text report");
    document->out = out;
    document->options.verbose = options->verbose;
    return BZC_OK;
}

static enum bzc_status add_image(void *report, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct text_document *document = report;

    if (bzc_report_is_long(entry, &document->options) && document->long_reports++ > 0)
        fputc('\n', document->out);
    bzc_report_text(entry, &document->options, document->out);
    return ferror(document->out) ? bzc_error_set(err, BZC_ERR_IO, "cannot write the text report") : BZC_OK;
}

static enum bzc_status close_text(void *report, struct bzc_error *err)
{
    struct text_document *document = report;

    return fflush(document->out) == 0 ? BZC_OK : bzc_error_set(err, BZC_ERR_IO, "cannot write the text report");
}

const struct bzc_report_format bzc_format_text = {
    .name = "text",
    .summary = "what verify and lint print, without colour",
    .open = open_text,
    .add = add_image,
    .close = close_text,
    .free = free,
};
