/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the text of `info`: its parts, and how their lines are set. */
#ifndef BZC_REPORT_INFO_TEXT_H
#define BZC_REPORT_INFO_TEXT_H

#include "report/page.h"
#include "verify/inspection.h"

#define BZC_INFO_INDENT 4u  /* where the lines of a part begin */
#define BZC_INFO_VALUE  22u /* where what belongs to a label begins */

/* An empty line and the heading of a part. */
void bzc_info_heading(struct bzc_page *page, const char *text);
/* "    label             text", wrapped; the text is a format, cut at 1023 bytes. */
void bzc_info_line(struct bzc_page *page, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * One cell of a table: begins at `column`, or ends before column `column` when `right` is set; goes to a line of its
 * own where it would be wider than the page.
 */
void bzc_info_cell(struct bzc_page *page, unsigned column, bool right, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/*
 * Text of the image itself: its lines at `indent`, at most `limit` bytes; what is no text is said to be none.
 */
void bzc_info_quote(struct bzc_page *page, unsigned indent, struct bzc_bytes text, size_t limit);

void bzc_info_header(struct bzc_page *page, const struct bzc_inspection *inspection);
void bzc_info_kernel(struct bzc_page *page, const struct bzc_inspection *inspection);
void bzc_info_pe(struct bzc_page *page, const struct bzc_inspection *inspection);

#endif
