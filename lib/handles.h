/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is behind the handles of include/bzcheck.h. */
#ifndef BZC_LIB_HANDLES_H
#define BZC_LIB_HANDLES_H

#include <stdatomic.h>

#include "include/bzcheck.h"
#include "verify/verify.h"

/* Settings; `options` holds no pointer but to static tables and `cmdline`. */
struct bzcheck {
    struct bzc_verify_options options;
    char *cmdline; /* owned; NULL: "" */
    char error[BZC_ERROR_TEXT_SIZE];
};

/* An image lives as long as somebody holds a reference: the caller, its results, the images inside it. */
struct bzcheck_image {
    atomic_size_t references;
    char *name;                  /* owned */
    uint8_t *bytes;              /* owned; NULL when they are a part of `outer` */
    struct bzcheck_image *outer; /* a reference; or NULL */
    struct bzc_bytes file;
    bool is_uki;
    struct bzc_bytes kernel; /* section .linux; valid when is_uki */
};

struct bzcheck_result {
    struct bzcheck_image *image; /* a reference: the verification borrows name and bytes */
    char *cmdline;               /* owned */
    struct bzc_verification verification;
};

/* Empties the error text: the beginning of each call that can fail. */
void bzc_lib_begin(struct bzcheck *check);
/* Keeps the error text and returns the status. */
enum bzcheck_status bzc_lib_fail(struct bzcheck *check, enum bzcheck_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum bzcheck_status bzc_lib_fail_error(struct bzcheck *check, const struct bzc_error *err);

struct bzcheck_image *bzc_lib_image_ref(const struct bzcheck_image *image);

/*
 * Copies a struct of the interface to a caller that knows `size` bytes of it, whether that is less or more than we do.
 */
void bzc_lib_give(void *to, size_t size, const void *from, size_t known);

enum bzcheck_severity bzc_lib_severity(enum bzc_severity severity);

#endif
