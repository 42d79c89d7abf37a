/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in an image, for people and for programs (docs/info-format.md, docs/info.schema.json). The same image and
 * path give the same bytes. Write errors stay in the stream (ferror()).
 */
#ifndef BZC_REPORT_INFO_H
#define BZC_REPORT_INFO_H

#include <stdbool.h>
#include <stdio.h>

#include "verify/inspection.h"

/* The text for one image; no line but that of a longer path is wider than 100 columns. */
void bzc_info_text(const char *path, const struct bzc_inspection *inspection, bool colour, FILE *out);

/* The JSON document, collected image by image. */
struct bzc_info_json;

/* Errors: BZC_ERR_MEMORY. Given back with bzc_info_json_free(). */
enum bzc_status bzc_info_json_new(struct bzc_info_json **json, struct bzc_error *err);
/*
 * Appends an image, or with inspection NULL the reason why it could not be inspected. Keeps no reference to either.
 * Errors: BZC_ERR_MEMORY.
 */
enum bzc_status bzc_info_json_add(struct bzc_info_json *json, const char *path, const struct bzc_inspection *inspection,
                                  const struct bzc_error *reason, struct bzc_error *err);
/* Writes one object: the image's own when there is one image, else one that holds them in their order. Errors:
 * BZC_ERR_MEMORY, BZC_ERR_IO. */
enum bzc_status bzc_info_json_write(const struct bzc_info_json *json, FILE *out, struct bzc_error *err);
void bzc_info_json_free(struct bzc_info_json *json);

#endif
