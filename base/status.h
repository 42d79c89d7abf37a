/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Status codes and the error text that travels with them.
 *
 * A status says that bzcheck itself could not do its work (file, memory, engine). What an image does wrong is
 * never a status: it is a fact, and later a finding.
 */
#ifndef BZC_BASE_STATUS_H
#define BZC_BASE_STATUS_H

enum bzc_status {
    BZC_OK = 0,
    BZC_ERR_IO,          /* a file could not be read or written */
    BZC_ERR_MEMORY,      /* the host gave no memory */
    BZC_ERR_FORMAT,      /* the input is not what it must be (not a boot image, damaged data) */
    BZC_ERR_LIMIT,       /* a size or count is over a documented bound */
    BZC_ERR_UNSUPPORTED, /* well-formed, but bzcheck cannot handle it */
    BZC_ERR_ENGINE,      /* the CPU emulator failed */
};

#define BZC_ERROR_TEXT_SIZE 320

/* One clear sentence without a trailing newline. `message` is empty while status is BZC_OK. */
struct bzc_error {
    enum bzc_status status;
    char message[BZC_ERROR_TEXT_SIZE];
};

/*
 * Fills *err (which may be NULL) and returns `status`, so that callers write
 * `return bzc_error_set(err, BZC_ERR_IO, "...")`. Over-long text is cut, never overflowed.
 */
enum bzc_status bzc_error_set(struct bzc_error *err, enum bzc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The lower-case name of a status ("io", "format", ...), for tests and logs. Never NULL. */
const char *bzc_status_name(enum bzc_status status);

#endif
