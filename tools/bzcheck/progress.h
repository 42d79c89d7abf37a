/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on stderr that says what goes on, while stderr is a terminal. */
#ifndef BZC_TOOLS_BZCHECK_PROGRESS_H
#define BZC_TOOLS_BZCHECK_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct bzc_progress {
    pthread_mutex_t lock;
    bool active;  /* stderr can show it */
    bool visible; /* the line is there */
};

void bzc_progress_init(struct bzc_progress *progress);
/* For struct bzc_verify_options: shows or replaces the line. From any thread; `context` is a struct bzc_progress. */
void bzc_progress_show(void *context, const char *path, size_t done, size_t total);
/* Takes the line away, before anything else is printed. */
void bzc_progress_clear(struct bzc_progress *progress);
void bzc_progress_destroy(struct bzc_progress *progress);

#endif
