/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/rule_pages.h"

#include <string.h>

const char *bzc_rule_page(const char *id)
{
    for (const struct bzc_rule_page *page = bzc_rule_pages; page->id; page++)
        if (strcmp(page->id, id) == 0)
            return page->text;
    return NULL;
}
