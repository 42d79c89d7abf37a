/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of rules as text and JSON, in its own order. */
#ifndef BZC_REPORT_RULE_LIST_H
#define BZC_REPORT_RULE_LIST_H

#include <stdio.h>

#include "base/status.h"
#include "verify/catalogue.h"

/* True when the rule's id begins with `family` ("HDR", in any case) and a hyphen; NULL stands for all families. */
bool bzc_rule_is_of(const struct bzc_rule *rule, const char *family);

/* One line a rule, however long: id, severity, name, title. */
void bzc_rule_list_text(const char *family, FILE *out);

/* An array of objects, described in docs/report-format.md. Errors: BZC_ERR_MEMORY, BZC_ERR_IO. */
enum bzc_status bzc_rule_list_json(const char *family, FILE *out, struct bzc_error *err);

#endif
