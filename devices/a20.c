/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/a20.h"

void bzc_a20_set(struct bzc_a20 *a20, bool open, const char *by)
{
    if (a20->open == open)
        return;
    a20->open = open;
    a20->host->set_a20(a20->host->context, open, by);
}
