/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct folder {
    char path[64];
    char file[128];
};

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));

    if (folder == NULL)
        return -1;
    strcpy(folder->path, "/tmp/bzc-test-XXXXXX");
    if (mkdtemp(folder->path) == NULL)
        return -1;
    snprintf(folder->file, sizeof(folder->file), "%s/report", folder->path);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    char link[128];

    snprintf(link, sizeof(link), "%s/link", folder->path);
    unlink(link);
    unlink(folder->file);
    /* Fails, as it must, when a temporary file was left behind. */
    if (rmdir(folder->path) != 0)
        return -1;
    free(folder);
    return 0;
}

static void write_plain(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static void reads_a_whole_file(void **state)
{
    const struct folder *folder = *state;
    struct bzc_error err = {BZC_OK, ""};
    struct bzc_bytes bytes;

    write_plain(folder->file, "twelve bytes");
    assert_int_equal(bzc_file_read(folder->file, 12, &bytes, &err), BZC_OK);
    assert_int_equal(bytes.size, 12);
    assert_memory_equal(bytes.data, "twelve bytes", 12);
    free((void *)(uintptr_t)bytes.data);
}

static void reads_an_empty_file(void **state)
{
    const struct folder *folder = *state;
    struct bzc_bytes bytes = {(const uint8_t *)"", 1};

    write_plain(folder->file, "");
    assert_int_equal(bzc_file_read(folder->file, 100, &bytes, NULL), BZC_OK);
    assert_int_equal(bytes.size, 0);
    assert_null(bytes.data);
}

static void read_errors_name_the_path(void **state)
{
    const struct folder *folder = *state;
    struct bzc_error err = {BZC_OK, ""};
    struct bzc_bytes bytes;

    assert_int_equal(bzc_file_read(folder->file, 100, &bytes, &err), BZC_ERR_IO);
    assert_int_equal(err.status, BZC_ERR_IO);
    assert_memory_equal(err.message, folder->file, strlen(folder->file));
    assert_non_null(strstr(err.message, "No such file"));
    assert_int_equal(bzc_file_read(folder->path, 100, &bytes, &err), BZC_ERR_IO);
    assert_non_null(strstr(err.message, "directory"));
    write_plain(folder->file, "twelve bytes");
    assert_int_equal(bzc_file_read(folder->file, 11, &bytes, &err), BZC_ERR_LIMIT);
    assert_null(bytes.data);
}

static void reads_a_pipe_up_to_the_limit(void **state)
{
    struct bzc_bytes bytes;
    char path[64], text[300];
    int fds[2], round;

    (void)state;
    memset(text, 'x', sizeof(text));
    for (round = 0; round < 2; round++) {
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(write(fds[1], text, sizeof(text)), sizeof(text));
        close(fds[1]);
        snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
        if (round == 0) {
            assert_int_equal(bzc_file_read(path, 300, &bytes, NULL), BZC_OK);
            assert_int_equal(bytes.size, 300);
            assert_memory_equal(bytes.data, text, 300);
            free((void *)(uintptr_t)bytes.data);
        } else {
            assert_int_equal(bzc_file_read(path, 299, &bytes, NULL), BZC_ERR_LIMIT);
        }
        close(fds[0]);
    }
}

/* The head of the part is the file's, the rest seems to be zero; the size is the whole part's. */
static void reads_the_head_of_a_part(void **state)
{
    static const struct {
        uint64_t offset;
        size_t head, size, present; /* present: bytes that are really read */
    } cases[] = {
        {0, 4, 12, 4}, {0, 0, 12, 0}, {0, 12, 12, 12}, {0, 1000, 12, 12},     {8, 2, 4, 2},
        {11, 2, 1, 1}, {12, 2, 0, 0}, {13, 2, 0, 0},   {UINT64_MAX, 2, 0, 0},
    };
    const struct folder *folder = *state;
    static const char text[] = "twelve bytes";
    struct bzc_bytes bytes;

    write_plain(folder->file, text);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(bzc_file_read_head(folder->file, cases[i].offset, cases[i].head, 12, &bytes, NULL), BZC_OK);
        assert_int_equal(bytes.size, cases[i].size);
        assert_int_equal(bytes.data == NULL, cases[i].size == 0);
        for (size_t at = 0; at < cases[i].size; at++)
            assert_int_equal(bytes.data[at], at < cases[i].present ? text[cases[i].offset + at] : 0);
        free((void *)(uintptr_t)bytes.data);
    }
}

static void head_errors_are_those_of_reading(void **state)
{
    const struct folder *folder = *state;
    struct bzc_error err = {BZC_OK, ""};
    struct bzc_bytes bytes;

    assert_int_equal(bzc_file_read_head(folder->file, 0, 4, 100, &bytes, &err), BZC_ERR_IO);
    assert_memory_equal(err.message, folder->file, strlen(folder->file));
    assert_int_equal(bzc_file_read_head(folder->path, 0, 4, 1 << 20, &bytes, &err), BZC_ERR_IO);
    assert_non_null(strstr(err.message, "directory"));
    /* The limit is for the file, not for what is wanted of it. */
    write_plain(folder->file, "twelve bytes");
    assert_int_equal(bzc_file_read_head(folder->file, 8, 2, 11, &bytes, &err), BZC_ERR_LIMIT);
    assert_null(bytes.data);
    write_plain(folder->file, "");
    assert_int_equal(bzc_file_read_head(folder->file, 0, 4, 100, &bytes, &err), BZC_OK);
    assert_int_equal(bytes.size, 0);
}

/* A gigabyte of which 4 KiB are read must not cost a gigabyte: the file is sparse, and so is what comes of it. */
static void the_rest_costs_nothing(void **state)
{
    const struct folder *folder = *state;
    struct bzc_bytes bytes;
    long before, after;
    FILE *statm = fopen("/proc/self/statm", "r");

    write_plain(folder->file, "head");
    assert_int_equal(truncate(folder->file, 1l << 30), 0);
    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%*d %ld", &before), 1);
    assert_int_equal(bzc_file_read_head(folder->file, 0, 4096, 1ul << 30, &bytes, NULL), BZC_OK);
    assert_non_null(freopen("/proc/self/statm", "r", statm));
    assert_int_equal(fscanf(statm, "%*d %ld", &after), 1);
    fclose(statm);
    assert_int_equal(bytes.size, 1ul << 30);
    assert_memory_equal(bytes.data, "head", 5);
    assert_in_range(after, 0, before + (64 << 20) / sysconf(_SC_PAGESIZE));
    free((void *)(uintptr_t)bytes.data);
}

static void the_head_of_a_pipe_is_all_of_it(void **state)
{
    static const struct {
        uint64_t offset;
        const char *rest;
    } cases[] = {{0, "twelve bytes"}, {7, "bytes"}, {12, ""}, {100, ""}};
    struct bzc_bytes bytes;
    char path[64];
    int fds[2];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(write(fds[1], "twelve bytes", 12), 12);
        close(fds[1]);
        snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
        assert_int_equal(bzc_file_read_head(path, cases[i].offset, 1, 12, &bytes, NULL), BZC_OK);
        close(fds[0]);
        assert_int_equal(bytes.size, strlen(cases[i].rest));
        assert_int_equal(bytes.data == NULL, bytes.size == 0);
        if (bytes.size > 0)
            assert_memory_equal(bytes.data, cases[i].rest, bytes.size);
        free((void *)(uintptr_t)bytes.data);
    }
}

static void write_replaces_the_file(void **state)
{
    const struct folder *folder = *state;
    struct bzc_bytes bytes;
    struct stat st;

    assert_int_equal(bzc_file_write(folder->file, "old text", 8, NULL), BZC_OK);
    assert_int_equal(chmod(folder->file, 0640), 0);
    assert_int_equal(bzc_file_write(folder->file, "new", 3, NULL), BZC_OK);
    assert_int_equal(bzc_file_read(folder->file, 100, &bytes, NULL), BZC_OK);
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "new", 3);
    free((void *)(uintptr_t)bytes.data);
    assert_int_equal(stat(folder->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void write_keeps_a_symbolic_link(void **state)
{
    const struct folder *folder = *state;
    struct bzc_bytes bytes;
    struct stat st;
    char link[128];

    write_plain(folder->file, "old text");
    snprintf(link, sizeof(link), "%s/link", folder->path);
    assert_int_equal(symlink(folder->file, link), 0);
    assert_int_equal(bzc_file_write(link, "new", 3, NULL), BZC_OK);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(bzc_file_read(folder->file, 100, &bytes, NULL), BZC_OK);
    assert_int_equal(bytes.size, 3);
    free((void *)(uintptr_t)bytes.data);
}

static void write_errors(void **state)
{
    const struct folder *folder = *state;
    struct bzc_error err = {BZC_OK, ""};
    char path[160];

    assert_int_equal(bzc_file_write(folder->path, "x", 1, &err), BZC_ERR_IO);
    snprintf(path, sizeof(path), "%s/none/report", folder->path);
    assert_int_equal(bzc_file_write(path, "x", 1, &err), BZC_ERR_IO);
    assert_memory_equal(err.message, path, strlen(path));
    /* A device is written as it is: this one is always full. */
    assert_int_equal(bzc_file_write("/dev/full", "x", 1, &err), BZC_ERR_IO);
    assert_int_equal(bzc_file_write("/dev/null", "x", 1, &err), BZC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_a_whole_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(reads_an_empty_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(read_errors_name_the_path, make_folder, remove_folder),
        cmocka_unit_test(reads_a_pipe_up_to_the_limit),
        cmocka_unit_test_setup_teardown(reads_the_head_of_a_part, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(head_errors_are_those_of_reading, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_rest_costs_nothing, make_folder, remove_folder),
        cmocka_unit_test(the_head_of_a_pipe_is_all_of_it),
        cmocka_unit_test_setup_teardown(write_replaces_the_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(write_keeps_a_symbolic_link, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(write_errors, make_folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
