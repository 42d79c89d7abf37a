/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/progress.h"

#include <stdio.h>
#include <string.h>

#include "report/page.h"
#include "tools/bzcheck/terminal.h"

#define NAME_MAX_BYTES 48 /* keeps the line below 80 columns: a longer one could not be taken away */

static const char erase_line[] = "\r\033[K";

void bzc_progress_init(struct bzc_progress *progress)
{
    pthread_mutex_init(&progress->lock, NULL);
    progress->active = bzc_terminal_is_smart(stderr);
    progress->visible = false;
}

void bzc_progress_show(void *context, const char *path, size_t done, size_t total)
{
    struct bzc_progress *progress = context;
    struct bzc_page page = {.out = stderr};
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;

    if (!progress->active)
        return;
    pthread_mutex_lock(&progress->lock);
    fputs(erase_line, stderr);
    bzc_page_printf(&page, BZC_STYLE_PLAIN, "%.*s: %zu of %zu runs done", NAME_MAX_BYTES, name, done, total);
    fflush(stderr);
    progress->visible = true;
    pthread_mutex_unlock(&progress->lock);
}

void bzc_progress_clear(struct bzc_progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    if (progress->visible) {
        fputs(erase_line, stderr);
        fflush(stderr);
    }
    progress->visible = false;
    pthread_mutex_unlock(&progress->lock);
}

void bzc_progress_destroy(struct bzc_progress *progress)
{
    bzc_progress_clear(progress);
    pthread_mutex_destroy(&progress->lock);
}
