/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks every rule that can be decided from the file alone; nothing is executed. */
#ifndef BZC_VERIFY_LINT_H
#define BZC_VERIFY_LINT_H

#include "verify/verification.h"

struct bzc_lint_options {
    struct bzc_policy policy;
    enum bzc_depth depth;     /* BZC_DEPTH_HEADERS or BZC_DEPTH_KERNEL */
    bool digest;              /* compute facts.image.sha256; not with BZC_DEPTH_HEADERS */
    struct bzc_bytes vmlinux; /* compared with the payload; size 0: none; borrowed */
};

/*
 * Lints one image. `file` (its bytes) and `path` stay borrowed until the verification is freed. With BZC_DEPTH_HEADERS
 * only the first BZC_HEADERS_SIZE bytes of `file` are read, and its size.
 * Errors: BZC_ERR_FORMAT (neither a boot image nor a unified kernel image), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_lint(const char *path, struct bzc_bytes file, const struct bzc_lint_options *options,
                         struct bzc_verification *verification, struct bzc_error *err);

#endif
