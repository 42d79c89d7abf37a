/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* Reads the number at the start of the text; *rest is what follows. */
static bool read_number(const char *text, uint64_t *number, const char **rest)
{
    unsigned long long value;
    char *end;

    /* strtoull() would take blanks and signs. */
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    value = strtoull(text, &end, 0);
    *number = value;
    *rest = end;
    return errno == 0 && value <= UINT64_MAX;
}

bool bzc_number_parse(const char *text, uint64_t *number)
{
    const char *rest;

    return read_number(text, number, &rest) && *rest == '\0';
}

bool bzc_size_parse(const char *text, uint64_t *bytes)
{
    const char *rest;
    unsigned shift = 0;

    if (!read_number(text, bytes, &rest))
        return false;
    switch (toupper((unsigned char)*rest)) {
    case 'K':
        shift = 10;
        break;
    case 'M':
        shift = 20;
        break;
    case 'G':
        shift = 30;
        break;
    default:
        return *rest == '\0';
    }
    if (rest[1] != '\0' || *bytes > UINT64_MAX >> shift)
        return false;
    *bytes <<= shift;
    return true;
}
