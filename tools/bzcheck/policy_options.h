/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that say what the rules' answers mean; the same for `verify` and `lint`. */
#ifndef BZC_TOOLS_BZCHECK_POLICY_OPTIONS_H
#define BZC_TOOLS_BZCHECK_POLICY_OPTIONS_H

#include <getopt.h>

#include "verify/policy.h"

enum bzc_policy_option {
    BZC_OPTION_ERROR = 512,
    BZC_OPTION_WARN,
    BZC_OPTION_NOTE,
    BZC_OPTION_OFF,
    BZC_OPTION_FAIL_ON,
    BZC_OPTION_PROFILE,
};

/* Rows for a getopt_long() table. */
/* clang-format off */
#define BZC_POLICY_LONG_OPTIONS                              \
    {"error", required_argument, NULL, BZC_OPTION_ERROR},     \
    {"warn", required_argument, NULL, BZC_OPTION_WARN},       \
    {"note", required_argument, NULL, BZC_OPTION_NOTE},       \
    {"off", required_argument, NULL, BZC_OPTION_OFF},         \
    {"fail-on", required_argument, NULL, BZC_OPTION_FAIL_ON}, \
    {"profile", required_argument, NULL, BZC_OPTION_PROFILE}
/* clang-format on */

/* Their part of a --help text. */
extern const char bzc_policy_help[];

/* -1, or the exit status when something is wrong, which is then said. `option` is an enum bzc_policy_option. */
int bzc_policy_option_take(struct bzc_policy *policy, const char *about, int option, const char *text);

#endif
