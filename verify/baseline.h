/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A baseline: findings that are known and do not count against the verdict, kept in a text file of the user's
 * repository. A finding is known by the image's name (the last component of its path), the rule, the kind of run, and
 * its place; addresses do not count, so that a rebuilt kernel keeps its baseline. The format is in docs/baseline.md.
 */
#ifndef BZC_VERIFY_BASELINE_H
#define BZC_VERIFY_BASELINE_H

#include "base/bytes.h"
#include "base/status.h"
#include "verify/facts.h"
#include "verify/finding.h"

#define BZC_BASELINE_FILE_MAX (4u << 20) /* bytes of a baseline file */
#define BZC_BASELINE_MAX      65536u     /* findings in it */

struct bzc_baseline;

/* An empty baseline; give it back with bzc_baseline_free(). Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_baseline_new(struct bzc_baseline **baseline, struct bzc_error *err);
void bzc_baseline_free(struct bzc_baseline *baseline);

/*
 * Adds what stands in the text of a baseline file. Errors, the message beginning with the line's number:
 * BZC_ERR_FORMAT (no line of a baseline, no such rule), BZC_ERR_LIMIT, BZC_ERR_MEMORY.
 */
enum bzc_status bzc_baseline_read(struct bzc_baseline *baseline, struct bzc_bytes text, struct bzc_error *err);

/* The text: a comment, then sorted by image and finding, one line each. malloc'd and NUL-terminated; NULL without
 * memory. */
char *bzc_baseline_text(const struct bzc_baseline *baseline);

/* Sets `known` of each finding: true for those that failed and stand in the baseline for the image of this path. */
void bzc_baseline_mark(const struct bzc_baseline *baseline, const char *path, const struct bzc_facts *facts,
                       struct bzc_findings *findings);

/* Lines for people about findings that are gone. Free with bzc_baseline_gone_free(). */
struct bzc_baseline_gone {
    char **line; /* "ENT-005 entry-boot-params | bios | RSI" */
    size_t count;
};
/*
 * What stands in the baseline for this image and does not occur any more, although its rule was asked about such a run
 * and answered. Errors: BZC_ERR_MEMORY.
 */
enum bzc_status bzc_baseline_find_gone(const struct bzc_baseline *baseline, const char *path,
                                       const struct bzc_facts *facts, const struct bzc_findings *findings,
                                       struct bzc_baseline_gone *gone, struct bzc_error *err);
void bzc_baseline_gone_free(struct bzc_baseline_gone *gone);

/*
 * Takes over the findings of one image: adds those that failed, removes what is gone. What other images and other runs
 * have in the baseline stays; so does what an earlier call found in an image of the same name. Errors: BZC_ERR_LIMIT,
 * BZC_ERR_MEMORY.
 */
enum bzc_status bzc_baseline_update(struct bzc_baseline *baseline, const char *path, const struct bzc_facts *facts,
                                    const struct bzc_findings *findings, struct bzc_error *err);

#endif
