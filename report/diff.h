/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `bzcheck diff` writes: text for people, and the JSON that docs/diff-format.md describes. */
#ifndef BZC_REPORT_DIFF_H
#define BZC_REPORT_DIFF_H

#include <stdio.h>

#include "verify/diff.h"

/* Two images, compared or not. */
struct bzc_diff_entry {
    const char *path[2];                 /* old and new, as given on the command line; any bytes */
    const struct bzc_diff_side *side[2]; /* NULL for one that could not be read */
    bool executed;                       /* runs were made, not only the files compared */
    const struct bzc_diff *diff;         /* NULL when they could not be compared */
    struct bzc_error error;              /* then the reason */
};

struct bzc_diff_text_options {
    bool colour;
    enum bzc_importance least; /* what is less important is only counted */
};

/* At most 100 columns wide, but for longer paths; the last line has the counts. */
void bzc_diff_text(const struct bzc_diff_entry *entry, const struct bzc_diff_text_options *options, FILE *out);
/* Errors: BZC_ERR_MEMORY, BZC_ERR_IO. */
enum bzc_status bzc_diff_json(const struct bzc_diff_entry *entry, FILE *out, struct bzc_error *err);
/* All kinds of difference with what `policy` makes of them, 80 columns wide. */
void bzc_diff_list(const struct bzc_policy *policy, FILE *out);

#endif
