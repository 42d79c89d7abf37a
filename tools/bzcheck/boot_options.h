/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `verify` that say who boots the image, and what else is handed over. */
#ifndef BZC_TOOLS_BZCHECK_BOOT_OPTIONS_H
#define BZC_TOOLS_BZCHECK_BOOT_OPTIONS_H

#include <getopt.h>

#include "verify/verify.h"

enum bzc_boot_option {
    BZC_OPTION_AS = 768,
    BZC_OPTION_SETUP_DATA,
    BZC_OPTION_RSDP,
    BZC_OPTION_SUBARCH,
};

/* Rows for a getopt_long() table. */
/* clang-format off */
#define BZC_BOOT_LONG_OPTIONS                                     \
    {"as", required_argument, NULL, BZC_OPTION_AS},                \
    {"setup-data", required_argument, NULL, BZC_OPTION_SETUP_DATA}, \
    {"rsdp", required_argument, NULL, BZC_OPTION_RSDP},            \
    {"subarch", required_argument, NULL, BZC_OPTION_SUBARCH}
/* clang-format on */

/* True for an enum bzc_boot_option. */
bool bzc_boot_option_is(int option);
/*
 * -1, or the exit status when something is wrong, which is then said. What was read is freed with
 * bzc_boot_options_free(), also after an error.
 */
int bzc_boot_option_take(struct bzc_verify_options *options, const char *about, int option, const char *text);
void bzc_boot_options_free(struct bzc_verify_options *options);

#endif
