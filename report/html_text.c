/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>

#include "report/html.h"
#include "report/utf8.h"

static bool is_control(uint32_t code)
{
    return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
}

/*
 * What no HTML document may hold, and what would turn the text around it.
 * Source: HTML Living Standard, "Preprocessing the input stream"; Unicode Standard Annex 9, "Explicit Directional
 * Formatting Characters".
 */
static bool is_forbidden(uint32_t code)
{
    return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe || code == BZC_UTF8_REPLACEMENT ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void bzc_html_text(FILE *out, const char *text)
{
    size_t length;
    uint32_t code;

    for (; (length = bzc_utf8_next(text, &code)) > 0; text += length) {
        switch (code) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            if (is_control(code))
                fputc('?', out);
            else if (is_forbidden(code))
                fputs("\xef\xbf\xbd", out);
            else
                fwrite(text, 1, length, out);
        }
    }
}

void bzc_html_put(FILE *out, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    bzc_html_text(out, text);
}

void bzc_html_address(FILE *out, uint64_t address)
{
    fprintf(out, "<code>0x%" PRIx64 "</code>", address);
}

void bzc_html_fact(FILE *out, const char *term, const char *text)
{
    if (!*text)
        return;
    fputs("<dt>", out);
    bzc_html_text(out, term);
    fputs("</dt><dd>", out);
    bzc_html_text(out, text);
    fputs("</dd>\n", out);
}

const char *bzc_html_plural(size_t count)
{
    return count == 1 ? "" : "s";
}
