/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/loader_option.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tools/bzcheck/command.h"

static int read_file(const char *path, struct bzc_chosen_loader *chosen)
{
    struct bzc_error err = {0};
    struct bzc_bytes text = {0};

    if (bzc_file_read(path, BZC_LOADER_PROFILE_MAX, &text, &err) != BZC_OK) {
        bzc_complain("bzcheck", "--as: %s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    chosen->text = (void *)(uintptr_t)text.data;
    if (bzc_boot_loader_read(text, &chosen->loader, &err) == BZC_OK)
        return -1;
    bzc_complain("bzcheck", "--as: %s: %s", path, err.message);
    return BZC_EXIT_USAGE;
}

int bzc_loader_option_read(const char *about, const char *text, struct bzc_chosen_loader *chosen)
{
    struct bzc_error err = {0};

    *chosen = (struct bzc_chosen_loader){0};
    if (strpbrk(text, "/."))
        return read_file(text, chosen);
    if (bzc_boot_loader_find(text, &chosen->loader, &err) == BZC_OK)
        return -1;
    return bzc_usage_error(about, "--as: %s", err.message);
}

void bzc_chosen_loader_clear(struct bzc_chosen_loader *chosen)
{
    free(chosen->text);
    *chosen = (struct bzc_chosen_loader){0};
}
