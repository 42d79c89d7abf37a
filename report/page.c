/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "report/utf8.h"

static const char *const style_codes[] = {
    [BZC_STYLE_PLAIN] = NULL,       [BZC_STYLE_HEAD] = "\033[1m",     [BZC_STYLE_GOOD] = "\033[1;32m",
    [BZC_STYLE_BAD] = "\033[1;31m", [BZC_STYLE_DOUBT] = "\033[1;33m", [BZC_STYLE_FAINT] = "\033[2m",
};

static void begin(struct bzc_page *page, enum bzc_style style)
{
    if (page->colour && style_codes[style])
        fputs(style_codes[style], page->out);
}

static void end(struct bzc_page *page, enum bzc_style style)
{
    if (page->colour && style_codes[style])
        fputs("\033[0m", page->out);
}

static void put_character(struct bzc_page *page, uint32_t code, const char *bytes, size_t length)
{
    /* C0, DEL and C1: each may begin a command to a terminal. */
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        fputc('?', page->out);
    else if (code == BZC_UTF8_REPLACEMENT)
        fputs("\xef\xbf\xbd", page->out);
    else
        fwrite(bytes, 1, length, page->out);
    page->column++;
}

void bzc_page_put(struct bzc_page *page, enum bzc_style style, const char *text)
{
    size_t length;
    uint32_t code;

    if (!*text)
        return;
    begin(page, style);
    for (; (length = bzc_utf8_next(text, &code)) > 0; text += length)
        put_character(page, code, text, length);
    end(page, style);
}

void bzc_page_printf(struct bzc_page *page, enum bzc_style style, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    bzc_page_put(page, style, text);
}

static void put_blank(struct bzc_page *page)
{
    fputc(' ', page->out);
    page->column++;
}

void bzc_page_tab(struct bzc_page *page, unsigned column)
{
    if (page->column > 0)
        put_blank(page);
    while (page->column < column)
        put_blank(page);
}

void bzc_page_end_line(struct bzc_page *page)
{
    fputc('\n', page->out);
    page->column = 0;
}

/* Characters up to the next blank, newline or end. */
static unsigned word_width(const char *text)
{
    unsigned width = 0;
    size_t length;
    uint32_t code;

    for (; (length = bzc_utf8_next(text, &code)) > 0 && code != ' ' && code != '\n'; text += length)
        width++;
    return width;
}

static void break_line(struct bzc_page *page, enum bzc_style style, unsigned indent)
{
    end(page, style);
    bzc_page_end_line(page);
    bzc_page_tab(page, indent);
    begin(page, style);
}

void bzc_page_wrap(struct bzc_page *page, enum bzc_style style, unsigned indent, const char *text)
{
    unsigned line = page->width ? page->width : BZC_PAGE_WIDTH, blanks = 0;
    size_t length;
    uint32_t code;

    begin(page, style);
    while (*text) {
        if (*text == '\n') {
            break_line(page, style, indent);
            blanks = 0;
            text++;
        } else if (*text == ' ') {
            blanks++;
            text++;
        } else {
            unsigned width = word_width(text);

            if (page->column > indent && page->column + blanks + width > line) {
                break_line(page, style, indent);
                blanks = 0;
            }
            for (; blanks > 0 && page->column < line; blanks--)
                put_blank(page);
            blanks = 0;
            for (; width > 0; width--, text += length) {
                if (page->column >= line)
                    break_line(page, style, indent);
                length = bzc_utf8_next(text, &code);
                put_character(page, code, text, length);
            }
        }
    }
    end(page, style);
    bzc_page_end_line(page);
}

const char *bzc_page_count(uint64_t number, char text[BZC_PAGE_NUMBER_SIZE])
{
    char digits[24];
    size_t count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number), out = 0;

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

const char *bzc_page_bytes(uint64_t bytes, char text[BZC_PAGE_NUMBER_SIZE])
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0;

    if (bytes < 1024) {
        snprintf(text, BZC_PAGE_NUMBER_SIZE, "%" PRIu64 " bytes", bytes);
        return text;
    }
    /* Whole bytes are divided, so that no rounding depends on floating point. */
    while (unit + 1 < sizeof(units) / sizeof(units[0]) && bytes >> 10 * (unit + 2) > 0)
        unit++;
    snprintf(text, BZC_PAGE_NUMBER_SIZE, "%" PRIu64 ".%u %s", bytes >> 10 * (unit + 1),
             (unsigned)(((bytes >> 10 * unit) & 1023) * 10 >> 10), units[unit]);
    return text;
}
