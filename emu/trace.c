/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/trace.h"

const char *bzc_access_name(enum bzc_access access)
{
    static const char *const names[] = {"read", "write", "fetch"};

    return names[access];
}
