/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that say which reports are written, and where; the same for `verify` and `lint`. */
#ifndef BZC_TOOLS_BZCHECK_REPORT_OPTIONS_H
#define BZC_TOOLS_BZCHECK_REPORT_OPTIONS_H

#include <getopt.h>

#include "report/format.h"

enum bzc_report_option {
    BZC_OPTION_JSON = 640,
    BZC_OPTION_QUIET,
    BZC_OPTION_VERBOSE,
    BZC_OPTION_OUTPUT = 'o',
};

/* Rows for a getopt_long() table; the short options are BZC_REPORT_SHORT_OPTIONS. */
/* clang-format off */
#define BZC_REPORT_SHORT_OPTIONS "o:"
#define BZC_REPORT_LONG_OPTIONS                                \
    {"json", required_argument, NULL, BZC_OPTION_JSON},        \
    {"output", required_argument, NULL, BZC_OPTION_OUTPUT},    \
    {"quiet", no_argument, NULL, BZC_OPTION_QUIET},            \
    {"verbose", no_argument, NULL, BZC_OPTION_VERBOSE}
/* clang-format on */

#define BZC_REPORTS_MAX 16

struct bzc_report_target {
    const struct bzc_report_format *format;
    const char *path; /* "-" for standard output */
};

struct bzc_report_options {
    struct bzc_report_target target[BZC_REPORTS_MAX];
    size_t target_count;
    bool quiet, verbose;
};

/* Their part of a --help text. */
void bzc_report_options_help(FILE *out);

bool bzc_report_option_is(int option);
/* -1, or the exit status when something is wrong, which is then said. `option` is an enum bzc_report_option. */
int bzc_report_option_take(struct bzc_report_options *options, const char *about, int option, const char *text);

/* Whether a report goes to standard output in place of the text for people. */
bool bzc_report_options_take_stdout(const struct bzc_report_options *options);
/* Whether one of the formats shows the boot itself: see struct bzc_verify_options. */
bool bzc_report_options_need_pictures(const struct bzc_report_options *options);

#endif
