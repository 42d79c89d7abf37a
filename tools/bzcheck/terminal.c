/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool bzc_terminal_is_smart(FILE *stream)
{
    const char *term = getenv("TERM");

    return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

bool bzc_terminal_has_colour(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");

    return bzc_terminal_is_smart(stream) && !(no_color && *no_color);
}
