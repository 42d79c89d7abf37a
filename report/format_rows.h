/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats, each defined in a file of its own and listed in report/formats.c. */
#ifndef BZC_REPORT_FORMAT_ROWS_H
#define BZC_REPORT_FORMAT_ROWS_H

#include "report/format.h"

extern const struct bzc_report_format bzc_format_github;
extern const struct bzc_report_format bzc_format_html;
extern const struct bzc_report_format bzc_format_json;
extern const struct bzc_report_format bzc_format_junit;
extern const struct bzc_report_format bzc_format_ktap;
extern const struct bzc_report_format bzc_format_markdown;
extern const struct bzc_report_format bzc_format_sarif;
extern const struct bzc_report_format bzc_format_tap;
extern const struct bzc_report_format bzc_format_text;

#endif
