/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that say how an image is booted and on what PC; the same for all commands that run images. */
#ifndef BZC_TOOLS_BZCHECK_RUN_OPTIONS_H
#define BZC_TOOLS_BZCHECK_RUN_OPTIONS_H

#include <getopt.h>
#include <stdio.h>

#include "tools/bzcheck/boot_options.h"

enum bzc_run_option {
    BZC_OPTION_SCENARIO = 960,
    BZC_OPTION_LIST_SCENARIOS,
    BZC_OPTION_LOAD_ADDR,
    BZC_OPTION_KASLR_SEED,
    BZC_OPTION_CMDLINE,
    BZC_OPTION_MEMORY,
    BZC_OPTION_MEMORY_MAP,
    BZC_OPTION_INITRD,
    BZC_OPTION_CPU,
};

/* Rows for a getopt_long() table. */
/* clang-format off */
#define BZC_RUN_LONG_OPTIONS                                          \
    {"scenario", required_argument, NULL, BZC_OPTION_SCENARIO},       \
    {"list-scenarios", no_argument, NULL, BZC_OPTION_LIST_SCENARIOS}, \
    {"load-addr", required_argument, NULL, BZC_OPTION_LOAD_ADDR},     \
    {"kaslr-seed", required_argument, NULL, BZC_OPTION_KASLR_SEED},   \
    {"cmdline", required_argument, NULL, BZC_OPTION_CMDLINE},         \
    {"memory", required_argument, NULL, BZC_OPTION_MEMORY},           \
    {"memory-map", required_argument, NULL, BZC_OPTION_MEMORY_MAP},   \
    {"initrd", required_argument, NULL, BZC_OPTION_INITRD},           \
    {"cpu", required_argument, NULL, BZC_OPTION_CPU},                 \
    BZC_BOOT_LONG_OPTIONS
/* clang-format on */

/* What the options say, before files are read. */
struct bzc_run_options {
    struct bzc_verify_options *options; /* where all of it ends up */
    const char *about;                  /* for messages */
    const char *memory_map, *initrd;
    uint64_t memory;
    bool has_memory;
};

/* What a command does without an option; at most 54 columns, begins with "default: ". */
struct bzc_run_defaults {
    const char *scenario, *load_addr, *kaslr_seed;
};

/* Their part of a --help text: from "--scenario" to the list of CPUs. */
void bzc_run_options_help(const struct bzc_run_defaults *defaults, FILE *out);

/* Sets the defaults in *run and in *options, which is zeroed before; `options` and `about` stay borrowed. */
void bzc_run_options_init(struct bzc_run_options *run, struct bzc_verify_options *options, const char *about);
/* True for an enum bzc_run_option and an enum bzc_boot_option. */
bool bzc_run_option_is(int option);
/* -1, or the exit status when nothing more is to do: something is wrong, which is then said, or a list was printed. */
int bzc_run_option_take(struct bzc_run_options *run, int option, const char *text);
/* For commands with many runs: --jobs, with a status as that of bzc_run_option_take(); without it one a processor. */
int bzc_jobs_option_take(struct bzc_verify_options *options, const char *about, const char *text);
unsigned bzc_jobs_default(void);
/* Runs that were asked for: every combination of scenarios or loaders, load addresses and seeds. */
size_t bzc_run_options_count(const struct bzc_verify_options *options);
/* All options are read: do they agree? -1 or the exit status of a usage error, which is then said. */
int bzc_run_options_check(const struct bzc_run_options *run);
/* Reads the files that are named. -1 or the exit status, why being said. */
int bzc_run_options_load(const struct bzc_run_options *run);
/* Gives back what bzc_run_option_take() and bzc_run_options_load() read. */
void bzc_run_options_free(struct bzc_verify_options *options);

/*
 * Reads the file that `option` names, to be freed by the caller; nothing when `path` is NULL. False, with the reason
 * said, when it cannot be read or is empty: nobody names an empty file on purpose.
 */
bool bzc_option_file_load(const char *option, const char *path, size_t limit, struct bzc_bytes *bytes);

#endif
