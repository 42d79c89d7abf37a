/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that name a baseline: findings that are known and do not count; the same for `verify` and `lint`. */
#ifndef BZC_TOOLS_BZCHECK_BASELINE_OPTIONS_H
#define BZC_TOOLS_BZCHECK_BASELINE_OPTIONS_H

#include <getopt.h>

#include "verify/verification.h"

enum bzc_baseline_option { BZC_OPTION_BASELINE = 896, BZC_OPTION_UPDATE_BASELINE };

/* Rows for a getopt_long() table. */
/* clang-format off */
#define BZC_BASELINE_LONG_OPTIONS                               \
    {"baseline", required_argument, NULL, BZC_OPTION_BASELINE}, \
    {"update-baseline", no_argument, NULL, BZC_OPTION_UPDATE_BASELINE}
/* clang-format on */

struct bzc_baseline_options {
    const char *path; /* NULL: none */
    bool update;
    struct bzc_baseline *baseline; /* NULL before bzc_baseline_options_open() */
};

/* Their part of a --help text. */
extern const char bzc_baseline_help[];

/* True for an enum bzc_baseline_option. */
bool bzc_baseline_option_is(int option);
void bzc_baseline_option_take(struct bzc_baseline_options *options, int option, const char *text);

/*
 * Reads the file, if one is named, and gives it to the policy. -1, or the exit status when something is wrong, which is
 * then said. Give back with bzc_baseline_options_free() in any case.
 */
int bzc_baseline_options_open(struct bzc_baseline_options *options, const char *about, struct bzc_policy *policy);
/*
 * With --update-baseline: takes over the findings, which then are known. False when it cannot, which is then said; then
 * nothing will be written.
 */
bool bzc_baseline_options_add(struct bzc_baseline_options *options, const struct bzc_policy *policy,
                              struct bzc_verification *verification);
/* With --update-baseline: writes the file. False when it could not be written; why is said. */
bool bzc_baseline_options_write(const struct bzc_baseline_options *options);
void bzc_baseline_options_free(struct bzc_baseline_options *options);

#endif
