/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/utf8.h"

#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

size_t bzc_utf8_next(const char *text, uint32_t *code)
{
    const unsigned char *byte = (const unsigned char *)text;
    uint32_t value, least;
    size_t length;

    *code = byte[0];
    if (byte[0] < 0x80)
        return byte[0] ? 1 : 0;
    if ((byte[0] & 0xe0) == 0xc0) {
        length = 2;
        least = 0x80;
        value = byte[0] & 0x1fu;
    } else if ((byte[0] & 0xf0) == 0xe0) {
        length = 3;
        least = 0x800;
        value = byte[0] & 0x0fu;
    } else {
        length = 4;
        least = 0x10000;
        value = byte[0] & 0x07u;
    }
    *code = BZC_UTF8_REPLACEMENT;
    if (byte[0] < 0xc0 || byte[0] >= 0xf8)
        return 1;
    /* The NUL is no continuation byte, so this never reads behind the end. */
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (byte[i] & 0x3fu);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 1;
    *code = value;
    return length;
}

char *bzc_utf8_valid(const char *text)
{
    char *copy = malloc((sizeof(replacement) - 1) * strlen(text) + 1), *end = copy;
    size_t length;
    uint32_t code;

    if (!copy)
        return NULL;
    for (; (length = bzc_utf8_next(text, &code)) > 0; text += length) {
        /* U+FFFD itself has the replacement's bytes. */
        if (code == BZC_UTF8_REPLACEMENT) {
            memcpy(end, replacement, sizeof(replacement) - 1);
            end += sizeof(replacement) - 1;
        } else {
            memcpy(end, text, length);
            end += length;
        }
    }
    *end = '\0';
    return copy;
}

char *bzc_utf8_printable(const char *text, bool lines)
{
    char *copy = bzc_utf8_valid(text), *from, *to;
    size_t length;
    uint32_t code;

    if (!copy)
        return NULL;
    for (from = to = copy; (length = bzc_utf8_next(from, &code)) > 0; from += length) {
        bool control = (code < 0x20 && !(lines && code == '\n')) || (code >= 0x7f && code < 0xa0);

        if (control || code == 0xfffe || code == 0xffff) {
            *to++ = '?';
        } else {
            memmove(to, from, length);
            to += length;
        }
    }
    *to = '\0';
    return copy;
}
