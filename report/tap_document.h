/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of a TAP or KTAP document: its version, the plan, which tells how many images there are, then the body. */
#ifndef BZC_REPORT_TAP_DOCUMENT_H
#define BZC_REPORT_TAP_DOCUMENT_H

#include "report/format.h"

/* The report of struct bzc_report_format. */
struct bzc_tap_document {
    FILE *out;
    FILE *body; /* memory, until the images are counted */
    char *data;
    size_t size;
    size_t images; /* the writer counts them */
    bool failed;   /* no memory at some call; the writer sets it, too */
};

/* *context becomes the struct bzc_tap_document. Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_tap_document_open(FILE *out, void **context, struct bzc_error *err);
/* `indent` blanks a level. */
void bzc_tap_document_indent(struct bzc_tap_document *document, unsigned level, unsigned indent);
/* After an image: is the body whole so far? Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_tap_document_state(const struct bzc_tap_document *document, struct bzc_error *err);
/* Writes it all behind the line `version`. Errors: BZC_ERR_MEMORY, BZC_ERR_IO. */
enum bzc_status bzc_tap_document_close(struct bzc_tap_document *document, const char *version, struct bzc_error *err);
void bzc_tap_document_free(void *context); /* NULL is allowed */

#endif
