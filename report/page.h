/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of text for people: columns, word wrap, colours. All foreign text passes through here, so that neither a path
 * nor a guest can send control characters to somebody's terminal.
 */
#ifndef BZC_REPORT_PAGE_H
#define BZC_REPORT_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define BZC_PAGE_WIDTH 100

struct bzc_page {
    FILE *out;
    bool colour;
    unsigned column; /* where the next character goes, from 0 */
    unsigned width;  /* of a line that is wrapped; 0: BZC_PAGE_WIDTH */
};

enum bzc_style {
    BZC_STYLE_PLAIN,
    BZC_STYLE_HEAD,  /* bold */
    BZC_STYLE_GOOD,  /* bold green */
    BZC_STYLE_BAD,   /* bold red */
    BZC_STYLE_DOUBT, /* bold yellow */
    BZC_STYLE_FAINT, /* dim */
};

/* Writes the text without wrapping. A control character (also a newline) becomes '?', an invalid byte U+FFFD. */
void bzc_page_put(struct bzc_page *page, enum bzc_style style, const char *text);
/* The same for a format; what is longer than 511 bytes is cut. */
void bzc_page_printf(struct bzc_page *page, enum bzc_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Blanks up to `column`; at least one when the text is already there, none at the start of a line. */
void bzc_page_tab(struct bzc_page *page, unsigned column);
/*
 * Writes the text from the present column on, wrapped between words (a longer word is cut) to lines that begin at
 * `indent`, and ends the line. Newlines in the text are kept.
 */
void bzc_page_wrap(struct bzc_page *page, enum bzc_style style, unsigned indent, const char *text);
void bzc_page_end_line(struct bzc_page *page);

#define BZC_PAGE_NUMBER_SIZE 32
/* "327,000"; returns `text`. */
const char *bzc_page_count(uint64_t number, char text[BZC_PAGE_NUMBER_SIZE]);
/* "13.5 MiB", "512 bytes"; returns `text`. */
const char *bzc_page_bytes(uint64_t bytes, char text[BZC_PAGE_NUMBER_SIZE]);

#endif
