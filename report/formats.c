/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "report/format.h"
#include "report/format_rows.h"

const struct bzc_report_format *const bzc_report_formats[] = {
    &bzc_format_github,   &bzc_format_html,  &bzc_format_json, &bzc_format_junit, &bzc_format_ktap,
    &bzc_format_markdown, &bzc_format_sarif, &bzc_format_tap,  &bzc_format_text,
};
const size_t bzc_report_format_count = sizeof(bzc_report_formats) / sizeof(bzc_report_formats[0]);

const struct bzc_report_format *bzc_report_format_find(const char *name)
{
    for (size_t i = 0; i < bzc_report_format_count; i++)
        if (strcmp(bzc_report_formats[i]->name, name) == 0)
            return bzc_report_formats[i];
    return NULL;
}
