/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules' pages, docs/rules/<ID>.md, which are built into the program. */
#ifndef BZC_REPORT_RULE_PAGES_H
#define BZC_REPORT_RULE_PAGES_H

#include <stddef.h>

struct bzc_rule_page {
    const char *id;   /* "ENT-001" */
    const char *text; /* the file as it is, UTF-8 */
};

/* Sorted by id; ends with a row of NULL. */
extern const struct bzc_rule_page bzc_rule_pages[];

/* The page of the rule with exactly this id, or NULL when it has none. */
const char *bzc_rule_page(const char *id);

#endif
