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

enum bzc_status bzc_file_read(const char *path, size_t limit, struct bzc_bytes *bytes, struct bzc_error *err)
{
    size_t expected = FIRST_CHUNK, size = 0;
    enum bzc_status status;
    uint8_t *data = NULL;
    struct stat st;
    int fd;

    bytes->data = NULL;
    bytes->size = 0;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody writes to reads as empty */
    if (fd < 0)
        return io_error(err, path);
    if (fstat(fd, &st) != 0 || fcntl(fd, F_SETFL, 0) != 0) {
        status = io_error(err, path);
        close(fd);
        return status;
    }
    if (S_ISREG(st.st_mode)) {
        if ((uint64_t)st.st_size > limit) {
            close(fd);
            return bzc_error_set(err, BZC_ERR_LIMIT, "%s: %llu bytes, more than the limit of %zu", path,
                                 (unsigned long long)st.st_size, limit);
        }
        expected = (size_t)st.st_size;
    }
    status = read_all(fd, path, expected, limit, &data, &size, err);
    close(fd);
    if (status != BZC_OK)
        return status;
    if (size > limit) {
        free(data);
        return bzc_error_set(err, BZC_ERR_LIMIT, "%s: more than the limit of %zu bytes", path, limit);
    }
    if (size == 0) {
        free(data);
        return BZC_OK;
    }
    bytes->data = data;
    bytes->size = size;
    return BZC_OK;
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
