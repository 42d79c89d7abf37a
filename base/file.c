/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_CHUNK   65536u
#define TEMP_ATTEMPTS 100u

static enum bzc_status io_error(struct bzc_error *err, const char *path)
{
    return bzc_error_set(err, BZC_ERR_IO, "%s: %s", path, strerror(errno));
}

/* Reads `fd` to its end; at most limit+1 bytes, so that the caller sees a file that is too large. */
static enum bzc_status read_all(int fd, const char *path, size_t expected, size_t limit, uint8_t **data, size_t *size,
                                struct bzc_error *err)
{
    size_t most = limit < SIZE_MAX ? limit + 1 : limit;
    size_t room = 0, used = 0;
    uint8_t *buffer = NULL;

    for (;;) {
        ssize_t got;

        if (used == room) {
            size_t larger = room == 0 ? (expected < most ? expected + 1 : most) : (room > most / 2 ? most : room * 2);
            uint8_t *grown;

            if (used == most)
                break;
            grown = realloc(buffer, larger);
            if (grown == NULL) {
                free(buffer);
                return bzc_error_set(err, BZC_ERR_MEMORY, "%s: no memory for %zu bytes", path, larger);
            }
            buffer = grown;
            room = larger;
        }
        got = read(fd, buffer + used, room - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            enum bzc_status status = io_error(err, path);

            free(buffer);
            return status;
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *data = buffer;
    *size = used;
    return BZC_OK;
}

/* *regular_size is UINT64_MAX for what is no regular file. */
static enum bzc_status open_bounded(const char *path, size_t limit, int *fd, uint64_t *regular_size,
                                    struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody writes to reads as empty */
    if (*fd < 0)
        return io_error(err, path);
    if (fstat(*fd, &st) != 0 || fcntl(*fd, F_SETFL, 0) != 0) {
        status = io_error(err, path);
    } else {
        *regular_size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : UINT64_MAX;
        if (S_ISREG(st.st_mode) && *regular_size > limit)
            status = bzc_error_set(err, BZC_ERR_LIMIT, "%s: %llu bytes, more than the limit of %zu", path,
                                   (unsigned long long)*regular_size, limit);
    }
    if (status != BZC_OK)
        close(*fd);
    return status;
}

static enum bzc_status read_rest(int fd, const char *path, size_t expected, size_t limit, struct bzc_bytes *bytes,
                                 struct bzc_error *err)
{
    uint8_t *data = NULL;
    size_t size = 0;
    enum bzc_status status = read_all(fd, path, expected, limit, &data, &size, err);

    if (status == BZC_OK && size > limit)
        status = bzc_error_set(err, BZC_ERR_LIMIT, "%s: more than the limit of %zu bytes", path, limit);
    if (status != BZC_OK || size == 0) {
        free(data);
        return status;
    }
    bytes->data = data;
    bytes->size = size;
    return BZC_OK;
}

enum bzc_status bzc_file_read(const char *path, size_t limit, struct bzc_bytes *bytes, struct bzc_error *err)
{
    enum bzc_status status;
    uint64_t size;
    int fd;

    *bytes = (struct bzc_bytes){0};
    status = open_bounded(path, limit, &fd, &size, err);
    if (status != BZC_OK)
        return status;
    status = read_rest(fd, path, size == UINT64_MAX ? FIRST_CHUNK : (size_t)size, limit, bytes, err);
    close(fd);
    return status;
}

/* Into zeroed memory of the part's size: what is not read costs nothing. */
static enum bzc_status read_part(int fd, const char *path, uint64_t offset, size_t head, size_t size,
                                 struct bzc_bytes *bytes, struct bzc_error *err)
{
    uint8_t *data = calloc(1, size);
    size_t wanted = head < size ? head : size, used = 0;
    enum bzc_status status = BZC_OK;

    if (data == NULL)
        return bzc_error_set(err, BZC_ERR_MEMORY, "%s: no memory for %zu bytes", path, size);
    while (used < wanted && status == BZC_OK) {
        ssize_t got = pread(fd, data + used, wanted - used, (off_t)(offset + used));

        if (got > 0)
            used += (size_t)got;
        else if (got == 0)
            break; /* the file has become shorter: zeros */
        else if (errno != EINTR)
            status = io_error(err, path);
    }
    if (status != BZC_OK) {
        free(data);
        return status;
    }
    bytes->data = data;
    bytes->size = size;
    return BZC_OK;
}

/* What is no regular file can only be read from its beginning. */
static enum bzc_status read_and_cut(int fd, const char *path, uint64_t offset, size_t limit, struct bzc_bytes *bytes,
                                    struct bzc_error *err)
{
    enum bzc_status status = read_rest(fd, path, FIRST_CHUNK, limit, bytes, err);
    uint8_t *data = (uint8_t *)(uintptr_t)bytes->data;

    if (status != BZC_OK || bytes->size == 0)
        return status;
    if (offset >= bytes->size) {
        free(data);
        *bytes = (struct bzc_bytes){0};
        return BZC_OK;
    }
    memmove(data, data + offset, bytes->size - offset);
    bytes->size -= offset;
    return BZC_OK;
}

enum bzc_status bzc_file_read_head(const char *path, uint64_t offset, size_t head, size_t limit,
                                   struct bzc_bytes *bytes, struct bzc_error *err)
{
    enum bzc_status status;
    uint64_t size;
    int fd;

    *bytes = (struct bzc_bytes){0};
    status = open_bounded(path, limit, &fd, &size, err);
    if (status != BZC_OK)
        return status;
    if (size == UINT64_MAX)
        status = read_and_cut(fd, path, offset, limit, bytes, err);
    else if (offset < size)
        status = read_part(fd, path, offset, head, (size_t)(size - offset), bytes, err);
    close(fd);
    return status;
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, data, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

static enum bzc_status write_direct(const char *path, const void *data, size_t size, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return io_error(err, path);
    if (!write_all(fd, data, size))
        status = io_error(err, path);
    if (close(fd) != 0 && status == BZC_OK)
        status = io_error(err, path);
    return status;
}

/* Opens a new file beside `target`; its name, malloc'd, in *name. open() rather than mkstemp() for the umask's sake. */
static int open_temporary(const char *target, char **name)
{
    unsigned attempt;

    for (attempt = 0; attempt < TEMP_ATTEMPTS; attempt++) {
        int fd;

        if (asprintf(name, "%s.%ld-%u.tmp", target, (long)getpid(), attempt) < 0) {
            *name = NULL;
            errno = ENOMEM;
            return -1;
        }
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        free(*name);
        *name = NULL;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

enum bzc_status bzc_file_write(const char *path, const void *data, size_t size, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    char *resolved = NULL, *temporary;
    const char *target = path;
    struct stat st;
    bool exists = stat(path, &st) == 0;
    int fd;

    if (exists && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return io_error(err, path);
    }
    if (exists && !S_ISREG(st.st_mode))
        return write_direct(path, data, size, err);
    if (exists) {
        /* Behind a symbolic link the file is to be replaced, not the link. */
        resolved = realpath(path, NULL);
        if (resolved == NULL)
            return io_error(err, path);
        target = resolved;
    }
    fd = open_temporary(target, &temporary);
    if (fd < 0) {
        status = io_error(err, path);
        free(resolved);
        return status;
    }
    if (exists && fchmod(fd, st.st_mode & 07777) != 0)
        status = io_error(err, path);
    if (status == BZC_OK && (!write_all(fd, data, size) || fsync(fd) != 0))
        status = io_error(err, path);
    if (close(fd) != 0 && status == BZC_OK)
        status = io_error(err, path);
    if (status == BZC_OK && rename(temporary, target) != 0)
        status = io_error(err, path);
    if (status != BZC_OK)
        unlink(temporary);
    free(temporary);
    free(resolved);
    return status;
}
