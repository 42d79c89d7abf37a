/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "report/page.h"

static void __attribute__((format(printf, 2, 0))) complain(const char *about, const char *format, va_list args)
{
    struct bzc_page page = {.out = stderr};
    char text[1024];

    vsnprintf(text, sizeof(text), format, args);
    bzc_page_put(&page, BZC_STYLE_PLAIN, about);
    bzc_page_put(&page, BZC_STYLE_PLAIN, ": ");
    bzc_page_put(&page, BZC_STYLE_PLAIN, text);
    bzc_page_end_line(&page);
}

void bzc_complain(const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(about, format, args);
    va_end(args);
}

int bzc_usage_error(const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(about, format, args);
    va_end(args);
    fprintf(stderr, "Try '%s --help'.\n", about);
    return BZC_EXIT_USAGE;
}
