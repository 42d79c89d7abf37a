/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for libFuzzer in builds without it: hands every file of the folders named on the command
 * line to the target, so that a corpus is an ordinary test.
 */
#include "tests/fuzz/targets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define INPUT_MAX (64u << 20)

/* Targets with a mutator of their own name these; here nobody mutates. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data;
    (void)max_size;
    return size;
}

static bool replay(const char *path)
{
    struct bzc_bytes input = {0};
    struct bzc_error err = {0};
    uint8_t *exact;

    if (bzc_file_read(path, INPUT_MAX, &input, &err) != BZC_OK) {
        fprintf(stderr, "replay: %s\n", err.message);
        return false;
    }
    /* Exactly as large as the input: the sanitizer sees a read of the first byte behind it. */
    exact = malloc(input.size ? input.size : 1);
    if (!exact)
        abort();
    if (input.size)
        memcpy(exact, input.data, input.size);
    LLVMFuzzerTestOneInput(exact, input.size);
    free(exact);
    free((void *)(uintptr_t)input.data);
    return true;
}

static bool replay_folder(const char *path, unsigned *count)
{
    struct dirent **entry;
    int entries = scandir(path, &entry, NULL, alphasort);
    bool good = entries >= 0;

    for (int i = 0; i < entries; i++) {
        char name[4096];

        snprintf(name, sizeof(name), "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.') {
            good = replay(name) && good;
            ++*count;
        }
        free(entry[i]);
    }
    if (entries >= 0)
        free(entry);
    else
        fprintf(stderr, "replay: cannot read the folder %s\n", path);
    return good;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    bool good = true;

    for (int i = 1; i < argc; i++)
        good = replay_folder(argv[i], &count) && good;
    printf("%u inputs\n", count);
    /* An empty corpus would prove nothing. */
    return good && count > 0 ? 0 : 1;
}
