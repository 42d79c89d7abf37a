/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: bounded reading, and writing that never leaves half a file behind. */
#ifndef BZC_BASE_FILE_H
#define BZC_BASE_FILE_H

#include "base/bytes.h"
#include "base/status.h"

/*
 * Reads the regular file (or pipe) at `path` into memory. On success *bytes points to malloc'd memory that the
 * caller frees with free((void *)bytes->data); an empty file gives size 0 and a NULL pointer.
 * Errors: BZC_ERR_IO with the system's reason (missing, a directory, unreadable), BZC_ERR_LIMIT when the file is
 * larger than `limit` bytes, BZC_ERR_MEMORY. The message starts with `path`.
 */
enum bzc_status bzc_file_read(const char *path, size_t limit, struct bzc_bytes *bytes, struct bzc_error *err);

/*
 * The same for the part of a file from `offset` to its end of which only the first `head` bytes are wanted: *bytes has
 * the whole part's size, and what lies behind these bytes is zero and takes neither time nor memory. Of a pipe
 * everything is read. An `offset` at or behind the end gives size 0.
 */
enum bzc_status bzc_file_read_head(const char *path, uint64_t offset, size_t head, size_t limit,
                                   struct bzc_bytes *bytes, struct bzc_error *err);

/*
 * Writes `size` bytes to `path` by way of a temporary file in the same folder and rename(2), so that a reader
 * sees the old file or the new one. When `path` names something that is not a regular file (a device, a pipe) it is
 * written directly. Errors: BZC_ERR_IO; then the old file is as it was.
 */
enum bzc_status bzc_file_write(const char *path, const void *data, size_t size, struct bzc_error *err);

#endif
