/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document for programs: to a file, which is replaced by a whole document or not at all, or to standard output. */
#ifndef BZC_TOOLS_BZCHECK_DOCUMENT_H
#define BZC_TOOLS_BZCHECK_DOCUMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

/* Writes the document; errors: BZC_ERR_MEMORY, BZC_ERR_IO. */
typedef enum bzc_status bzc_document_writer(const void *document, FILE *out, struct bzc_error *err);

/*
 * `path` is "-" for standard output, whose errors are left to main(). False when the document could not be written; why
 * is said.
 */
bool bzc_document_put(const char *path, const char *data, size_t size);
/* The same for a document that is to be made. */
bool bzc_document_write(const char *path, bzc_document_writer *writer, const void *document);

#endif
