/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stream's terminal can do. */
#ifndef BZC_TOOLS_BZCHECK_TERMINAL_H
#define BZC_TOOLS_BZCHECK_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* True for a terminal that knows control sequences ($TERM). */
bool bzc_terminal_is_smart(FILE *stream);
/* The same, unless the user wants no colours ($NO_COLOR set and not empty: https://no-color.org). */
bool bzc_terminal_has_colour(FILE *stream);

#endif
