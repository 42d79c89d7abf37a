/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file to findings: choose the runs, carry them out (in parallel, the oracle beside them), collect the facts,
 * ask the rules, give the verdict.
 */
#ifndef BZC_VERIFY_VERIFY_H
#define BZC_VERIFY_VERIFY_H

#include "verify/scenario.h"
#include "verify/verification.h"
#include "verify/watcher.h"

#define BZC_CHOICES_MAX     32
#define BZC_INITRD_FILE_MAX (1ull << 30)
#define BZC_LOAD_ADDR_MAX   ((1ull << 52) - 1) /* physical addresses have at most 52 bits */
#define BZC_KASLR_SEED_MAX  ((1ull << 63) - 1) /* JSON readers cannot be trusted with more */
#define BZC_JOBS_MAX        1024u

/* What nobody asked for. */
#define BZC_DEFAULT_MEMORY (512ull << 20) /* bytes of RAM */
#define BZC_DEFAULT_CPU    "x86-64"

/* What the user asked for. Lists that are empty mean: what suits the image. */
struct bzc_verify_options {
    const struct bzc_scenario *scenario[BZC_CHOICES_MAX]; /* default: all that the image promises */
    size_t scenario_count;
    const struct bzc_boot_loader *as[BZC_CHOICES_MAX]; /* as these loaders do it; then no scenarios */
    size_t as_count;
    uint64_t load_addr[BZC_CHOICES_MAX]; /* default: a set that probes the protocol (verify/choices.h) */
    size_t load_addr_count;
    uint64_t kaslr_seed[BZC_CHOICES_MAX]; /* default: nokaslr, and seed 1 for a KASLR build */
    size_t kaslr_seed_count;
    const char *cmdline; /* never NULL; "nokaslr" is added in runs without KASLR where the image knows the word */
    struct bzc_memory_map map;
    struct bzc_bytes initrd;                              /* size 0: none; borrowed */
    struct bzc_bytes vmlinux;                             /* size 0: none; borrowed */
    struct bzc_setup_data setup_data[BZC_SETUP_DATA_MAX]; /* data borrowed */
    size_t setup_data_count;
    uint64_t acpi_rsdp_addr; /* 0: none */
    bool has_hardware_subarch;
    uint32_t hardware_subarch;
    const struct bzc_cpu_profile *profile;
    struct bzc_policy policy;
    unsigned jobs;   /* runs at a time, at least 1 */
    bool one_run;    /* only the first of the runs that would be made */
    bool kaslr_once; /* besides what is asked for: one run with KASLR, where a scenario loads anywhere */
    bool pictures;   /* collect struct bzc_picture for each run */
    const struct bzc_watcher *watcher; /* follows the runs; then with jobs = 1. NULL: nobody */
    /* Progress for people: called from any thread when something begins or ends; may be NULL. `done` of `total` runs
     * are through. */
    void (*progress)(void *context, const char *path, size_t done, size_t total);
    void *progress_context;
};

/* The defaults: empty lists, BZC_DEFAULT_CPU, one job; the memory map is left empty for bzc_memory_map_default(). */
void bzc_verify_options_init(struct bzc_verify_options *options);
/*
 * Whether a load address, or a KASLR seed, means something: to one at least of the scenarios asked for. True when none
 * is asked for.
 */
bool bzc_verify_options_relocate(const struct bzc_verify_options *options);
bool bzc_verify_options_have_kaslr(const struct bzc_verify_options *options);

/*
 * Verifies one image. `file` (its bytes), `path` and what the options point to (loader profiles, initrd, setup_data,
 * CPU profile) stay borrowed until the verification is freed.
 * Errors: BZC_ERR_FORMAT (not a boot image: nothing to verify), BZC_ERR_MEMORY, BZC_ERR_ENGINE. A damaged boot image
 * is no error but findings.
 */
enum bzc_status bzc_verify(const char *path, struct bzc_bytes file, const struct bzc_verify_options *options,
                           struct bzc_verification *verification, struct bzc_error *err);

#endif
