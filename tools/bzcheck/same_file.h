/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a command line names: what is written must not replace what is read, nor another thing written. */
#ifndef BZC_TOOLS_BZCHECK_SAME_FILE_H
#define BZC_TOOLS_BZCHECK_SAME_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/bzcheck/baseline_options.h"
#include "tools/bzcheck/report_options.h"

struct bzc_named_file {
    const char *what; /* "the image", "the report", or the option that names it */
    const char *path; /* borrowed */
    bool written;
};

/* All zero: none yet. */
struct bzc_named_files {
    struct bzc_named_file *item; /* owned */
    size_t count;
    bool no_memory;
};

/* Whether two paths name one file, however they are spelled; the file need not be there yet. Devices and pipes are no
 * such files: nothing of them is lost. */
bool bzc_same_file(const char *a, const char *b);

/* Nothing happens for `path` NULL, nor for "-" as a file to write. */
void bzc_named_files_read(struct bzc_named_files *files, const char *what, const char *path);
void bzc_named_files_write(struct bzc_named_files *files, const char *what, const char *path);
void bzc_named_files_images(struct bzc_named_files *files, char *const *image, size_t count);
/* The baseline is read, or with --update-baseline written. */
void bzc_named_files_baseline(struct bzc_named_files *files, const struct bzc_baseline_options *baseline);
void bzc_named_files_reports(struct bzc_named_files *files, const struct bzc_report_options *reports);
/* Of an option that several commands have (enum bzc_run_option and its like) the file that it reads, if it does. */
void bzc_named_files_option(struct bzc_named_files *files, int option, const char *text);

/* -1, or the exit status when a file that is written is another one, too, which is then said. Frees in both cases. */
int bzc_named_files_check(struct bzc_named_files *files, const char *about);
/* For a command line that comes to no check. */
void bzc_named_files_free(struct bzc_named_files *files);

#endif
