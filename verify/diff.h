/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two boot images, and what of it matters. A pure function of what was found out about both: files
 * as bzc_inspect() reads them, and runs and findings as bzc_verify() or bzc_lint() gives them, made with the same
 * options for both.
 */
#ifndef BZC_VERIFY_DIFF_H
#define BZC_VERIFY_DIFF_H

#include "verify/inspection.h"
#include "verify/policy.h"
#include "verify/verification.h"

#define BZC_DIFF_TEXT 240
#define BZC_DIFF_MAX  4096 /* differences */

/* One of the two images. All borrowed. */
struct bzc_diff_side {
    const struct bzc_inspection *file;        /* the whole file */
    const struct bzc_inspection *kernel;      /* the same, or the kernel in a unified kernel image; NULL: none in it */
    const struct bzc_verification *kernel_is; /* runs and findings of the kernel; NULL: not looked for */
    const struct bzc_verification *file_is;   /* findings of the file around it; NULL for a boot image */
};

struct bzc_difference {
    const struct bzc_diff_kind *kind;
    enum bzc_importance importance; /* the kind's own, or what the policy makes of it */
    char subject[BZC_DIFF_TEXT];    /* what differs: "init_size", "stage decompressor" */
    /* In which runs: bit i of runs[i / 8] is run i of the old image; none when it is about the file. */
    uint8_t runs[BZC_RUNS_MAX / 8];
    char before[BZC_DIFF_TEXT];  /* "" when it was not there */
    char after[BZC_DIFF_TEXT];   /* "" when it is not there any more */
    char meaning[BZC_DIFF_TEXT]; /* a clause: why it matters; never "" */
};

/* Free with bzc_diff_free(). */
struct bzc_diff {
    struct bzc_difference *item; /* in the order of sections, in it that of the image */
    size_t count, capacity;
    size_t left_out; /* more than BZC_DIFF_MAX */
    size_t by_importance[BZC_IMPORTANCE_COUNT];
    size_t same_findings; /* checks that fail in both alike */
    size_t runs_compared;
    bool identical; /* the files hold the same bytes: nothing else was compared */
};

/* Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_diff_make(const struct bzc_diff_side *before, const struct bzc_diff_side *after,
                              const struct bzc_policy *policy, struct bzc_diff *diff, struct bzc_error *err);
void bzc_diff_free(struct bzc_diff *diff);

#define BZC_DIFF_RUN_LABEL 160
/*
 * The runs of a difference, from the old image's kernel: *at is 0 for the first one and then what the call before left
 * there. NULL at the end; `label` becomes "bios", "bios at 0x200000 with KASLR seed 1": what tells the runs apart.
 */
const char *bzc_diff_next_run(const struct bzc_difference *difference, const struct bzc_diff_side *before, size_t *at,
                              char label[BZC_DIFF_RUN_LABEL]);

/* "bzImage", "unified kernel image", ...: what a file is. */
const char *bzc_diff_kind_of_file(const struct bzc_inspection *file);

#endif
