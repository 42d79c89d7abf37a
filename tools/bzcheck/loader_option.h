/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option --as NAME|FILE: a boot loader, built in or from a profile of the user's. */
#ifndef BZC_TOOLS_BZCHECK_LOADER_OPTION_H
#define BZC_TOOLS_BZCHECK_LOADER_OPTION_H

#include "loader/boot_loader.h"

struct bzc_chosen_loader {
    struct bzc_boot_loader loader;
    void *text; /* of a profile of the user's, which `loader` borrows; owned */
};

/*
 * What has a slash or a dot in it is a file. -1, or the exit status when something is wrong, which is then said. Give
 * *chosen back with bzc_chosen_loader_clear() in both cases.
 */
int bzc_loader_option_read(const char *about, const char *text, struct bzc_chosen_loader *chosen);
void bzc_chosen_loader_clear(struct bzc_chosen_loader *chosen);

#endif
