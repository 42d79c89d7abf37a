/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image file of the command line. A unified kernel image is two: the PE file, and the kernel in it. */
#ifndef BZC_TOOLS_BZCHECK_INPUT_H
#define BZC_TOOLS_BZCHECK_INPUT_H

#include "verify/facts.h"

struct bzc_input {
    const char *path; /* as given */
    struct bzc_bytes file;
    bool is_uki;
    char *linux_path; /* "PATH:.linux", for reports; NULL unless is_uki and the section holds a boot image */
    struct bzc_bytes linux_image;
    uint8_t *linux_head; /* owned: its bytes when only headers were read */
};

/*
 * Reads the file; with BZC_DEPTH_HEADERS only the headers (of the embedded kernel, too), the rest seems to be zero.
 * `path` stays borrowed. Give the input back with bzc_input_close(), also after an error.
 * Errors: those of bzc_file_read().
 */
enum bzc_status bzc_input_open(const char *path, enum bzc_depth depth, struct bzc_input *input, struct bzc_error *err);
void bzc_input_close(struct bzc_input *input);

#endif
