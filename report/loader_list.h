/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boot loaders make of an image: text for people, and the JSON that docs/loaders-format.md describes. */
#ifndef BZC_REPORT_LOADER_LIST_H
#define BZC_REPORT_LOADER_LIST_H

#include <stdio.h>

#include "verify/loaders.h"

/* One row a loader, 80 columns wide; `verbose` adds title, source, commit and notes. */
void bzc_loader_list_text(const struct bzc_loaders_answer *answer, bool colour, bool verbose, FILE *out);

/* The document; opaque. Give it back with bzc_loader_json_free(). Errors of these: BZC_ERR_MEMORY, BZC_ERR_IO. */
struct bzc_loader_json;
enum bzc_status bzc_loader_json_new(const struct bzc_loaders_options *options, struct bzc_loader_json **json,
                                    struct bzc_error *err);
/* Adds an image; `answer` is NULL when there is none, for this `reason`. */
enum bzc_status bzc_loader_json_add(struct bzc_loader_json *json, const char *path,
                                    const struct bzc_loaders_answer *answer, const struct bzc_error *reason,
                                    struct bzc_error *err);
enum bzc_status bzc_loader_json_write(const struct bzc_loader_json *json, FILE *out, struct bzc_error *err);
void bzc_loader_json_free(struct bzc_loader_json *json);

#endif
