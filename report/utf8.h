/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreign text (paths, what a guest printed) made fit for a report: always valid UTF-8. Source: RFC 3629. */
#ifndef BZC_REPORT_UTF8_H
#define BZC_REPORT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BZC_UTF8_REPLACEMENT 0xfffdu

/*
 * Decodes the character at the start of the NUL-terminated `text` into *code and returns its length in bytes, 0 at the
 * end. A byte that begins no valid character (over-long forms, surrogates and what lies behind U+10FFFF count as such)
 * has length 1 and is BZC_UTF8_REPLACEMENT.
 */
size_t bzc_utf8_next(const char *text, uint32_t *code);

/*
 * A copy of `text` with every invalid byte replaced by U+FFFD, to be freed with free(); NULL when there is no memory.
 */
char *bzc_utf8_valid(const char *text);

/*
 * The same, and '?' in place of every character that XML 1.0 forbids or that commands a terminal: C0, DEL, C1, U+FFFE,
 * U+FFFF. A newline stays when `lines` says so.
 */
char *bzc_utf8_printable(const char *text, bool lines);

#endif
