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
        cmocka_unit_test_setup_teardown(write_replaces_the_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(write_keeps_a_symbolic_link, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(write_errors, make_folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
