/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file to findings: choose the runs, carry them out (in parallel, the oracle beside them), collect the facts,
 * ask the rules, give the verdict. A scenario is a way in (so far "bios"); it is one row of a table with one planning
 * function.
 */
#ifndef BZC_VERIFY_SCENARIO_H
#define BZC_VERIFY_SCENARIO_H

#include "verify/verification.h"

struct bzc_scenario {
    const char *name;
    const char *summary;
    enum bzc_status (*plan)(const struct bzc_image *image, const struct bzc_plan_options *options,
                            struct bzc_plan *plan, struct bzc_error *err);
};
extern const struct bzc_scenario bzc_scenarios[];
extern const size_t bzc_scenario_count;
const struct bzc_scenario *bzc_scenario_find(const char *name);

#define BZC_CHOICES_MAX     32
#define BZC_INITRD_FILE_MAX (1ull << 30)

/* What the user asked for. Lists that are empty mean: what suits the image. */
struct bzc_verify_options {
    const struct bzc_scenario *scenario[BZC_CHOICES_MAX]; /* default: bios */
    size_t scenario_count;
    uint64_t load_addr[BZC_CHOICES_MAX]; /* default: 0x100000, and pref_address of a relocatable image */
    size_t load_addr_count;
    uint64_t kaslr_seed[BZC_CHOICES_MAX]; /* default: nokaslr, and seed 1 for a KASLR build */
    size_t kaslr_seed_count;
    const char *cmdline; /* never NULL; "nokaslr" is added in runs without KASLR */
    struct bzc_memory_map map;
    struct bzc_bytes initrd;  /* size 0: none; borrowed */
    struct bzc_bytes vmlinux; /* size 0: none; borrowed */
    const struct bzc_cpu_profile *profile;
    struct bzc_policy policy;
    unsigned jobs; /* runs at a time, at least 1 */
    /* Progress for people: called from any thread when something begins or ends; may be NULL. `done` of `total` runs
     * are through. */
    void (*progress)(void *context, const char *path, size_t done, size_t total);
    void *progress_context;
};

/*
 * Verifies one image. `file` (its bytes) and `path` stay borrowed until the verification is freed.
 * Errors: BZC_ERR_FORMAT (not a boot image: nothing to verify), BZC_ERR_MEMORY, BZC_ERR_ENGINE. A damaged boot image is
 * no error but findings.
 */
enum bzc_status bzc_verify(const char *path, struct bzc_bytes file, const struct bzc_verify_options *options,
                           struct bzc_verification *verification, struct bzc_error *err);

#endif
