/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known about one image in the end: facts, findings, verdict. The input of every report. */
#ifndef BZC_VERIFY_VERIFICATION_H
#define BZC_VERIFY_VERIFICATION_H

#include "verify/baseline.h"
#include "verify/catalogue.h"

enum bzc_image_verdict { BZC_VERDICT_PASS, BZC_VERDICT_FAIL, BZC_VERDICT_UNKNOWN };
/* "pass", "fail", "unknown". */
const char *bzc_verdict_name(enum bzc_image_verdict verdict);

#define BZC_IMAGE_FILE_MAX   (512ull << 20) /* bytes of an image file that is read */
#define BZC_VMLINUX_FILE_MAX (2ull << 30)

/* Free with bzc_verification_free(). */
struct bzc_verification {
    bool executed; /* by `verify`; `lint` only reads the file */
    struct bzc_facts facts;
    size_t runs_left_out; /* more were asked for than BZC_RUNS_MAX */
    struct bzc_findings findings;
    struct bzc_baseline_gone gone; /* what the policy's baseline has and did not occur */
    enum bzc_severity fail_on;     /* the least severity that makes the image fail */
    enum bzc_image_verdict verdict;
    char reason[BZC_FINDING_TEXT]; /* why the verdict is unknown; "" otherwise */
    struct bzc_oracle *oracle;     /* owned; facts.image.oracle points here */
};

/* Asks the rules about the facts collected so far and gives the verdict. Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_verification_conclude(struct bzc_verification *verification, const struct bzc_policy *policy,
                                          struct bzc_error *err);
/* Again after the policy's baseline has changed: which findings are known, and the verdict. Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_verification_judge(struct bzc_verification *verification, const struct bzc_policy *policy,
                                       struct bzc_error *err);
/* True for a failed check that is severe enough to make the image fail, and not already known. */
bool bzc_finding_counts(const struct bzc_verification *verification, const struct bzc_finding *finding);
void bzc_verification_free(struct bzc_verification *verification);

#endif
