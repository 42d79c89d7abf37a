/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `bzcheck verify`. */
#ifndef BZC_TOOLS_BZCHECK_VERIFY_OPTIONS_H
#define BZC_TOOLS_BZCHECK_VERIFY_OPTIONS_H

#include <stdbool.h>

#include "tools/bzcheck/baseline_options.h"
#include "tools/bzcheck/report_options.h"
#include "verify/verify.h"

struct bzc_verify_command {
    struct bzc_verify_options options; /* without progress */
    struct bzc_report_options reports;
    struct bzc_baseline_options baseline; /* opened; options.policy knows it */
    char *const *image;                   /* paths */
    size_t image_count;
};

/*
 * Reads the command line and the files that it names (not the images). Returns -1 when there is work to do, then free
 * *command with bzc_verify_command_free(); else the exit status, everything being said and freed: help was asked for, a
 * usage error, a file that cannot be read.
 */
int bzc_verify_command_parse(int argc, char **argv, struct bzc_verify_command *command);
void bzc_verify_command_free(struct bzc_verify_command *command);

#endif
