/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the JSON report: values as the format spells them. Every function returns a new reference, NULL without
 * memory. */
#ifndef BZC_REPORT_JSON_H
#define BZC_REPORT_JSON_H

#include <jansson.h>

#include "verify/verification.h"

/* Sets *failed, which is otherwise left alone, when `object` or `value` is NULL or there is no memory; takes `value`.
 */
void bzc_json_set(json_t *object, const char *key, json_t *value, bool *failed);
void bzc_json_append(json_t *array, json_t *value, bool *failed);

/* null for NULL; bytes that are no UTF-8 are replaced. */
json_t *bzc_json_string(const char *text);
/* The same, and null for "", which is how facts and findings say that there is nothing. */
json_t *bzc_json_text(const char *text);
/* "0x1000000" */
json_t *bzc_json_address(uint64_t address);
/* "0x1000000", "-0x1000" */
json_t *bzc_json_distance(int64_t distance);
/* null above 2^63-1, which no reader could be trusted with. */
json_t *bzc_json_number(uint64_t number);

/* One element of runs[]. */
json_t *bzc_json_run(const struct bzc_image_facts *image, const struct bzc_run_facts *run, bool *failed);
/* Its parts `plan`, `relocation` (of runs that load the protected-mode part) and `kept`. */
json_t *bzc_json_plan(const struct bzc_plan *plan, bool *failed);
json_t *bzc_json_relocation(const struct bzc_image *image, const struct bzc_run_facts *run, bool *failed);
json_t *bzc_json_kept(const struct bzc_run_facts *run, bool *failed);

#endif
