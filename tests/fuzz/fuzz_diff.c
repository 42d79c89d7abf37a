/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two images from one input, compared without runs: files, kernels, findings; text and JSON. The first byte chooses:
 * the input is split at a place in it, or the second image is the first with other fields and bytes.
 */
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

#include "report/diff.h"
#include "verify/lint.h"

#define CONTROL_SIZE 16u

/* Defined by libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

struct subject {
    struct bzc_bytes file;
    struct bzc_inspection *inspection;
    struct bzc_verification kernel_is, file_is;
    struct bzc_diff_side side;
};

static bool judge(const char *path, struct bzc_bytes file, const struct bzc_policy *policy,
                  struct bzc_verification *verification)
{
    const struct bzc_lint_options options = {.policy = *policy, .depth = BZC_DEPTH_KERNEL};
    struct bzc_error err = {0};

    return bzc_lint(path, file, &options, verification, &err) == BZC_OK;
}

/* As `bzcheck diff --no-run` does it. False when the file is nothing to compare. */
static bool read_subject(const char *path, const struct bzc_policy *policy, struct subject *subject)
{
    struct bzc_error err = {0};

    if (bzc_inspect(path, subject->file, &subject->inspection, &err) != BZC_OK)
        return false;
    subject->side.file = subject->inspection;
    if (subject->inspection->is_image)
        subject->side.kernel = subject->inspection;
    else if (subject->inspection->embedded_count > 0)
        subject->side.kernel = subject->inspection->embedded[0];
    if (subject->side.kernel != subject->inspection && judge(path, subject->file, policy, &subject->file_is))
        subject->side.file_is = &subject->file_is;
    if (subject->side.kernel && judge(path, subject->side.kernel->file, policy, &subject->kernel_is))
        subject->side.kernel_is = &subject->kernel_is;
    return true;
}

static void free_subject(struct subject *subject)
{
    if (subject->side.file_is)
        bzc_verification_free(&subject->file_is);
    if (subject->side.kernel_is)
        bzc_verification_free(&subject->kernel_is);
    bzc_inspection_free(subject->inspection);
}

static void write_reports(const struct bzc_diff_entry *entry)
{
    const struct bzc_diff_text_options options = {.least = BZC_IMPORTANCE_EXPECTED};
    struct bzc_error err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);

    if (!memory)
        abort();
    bzc_diff_text(entry, &options, memory);
    if (bzc_diff_json(entry, memory, &err) != BZC_OK || fclose(memory) != 0)
        abort();
    free(text);
}

/* What must be so whatever the images say. */
static void check(const struct bzc_diff *diff, bool same)
{
    size_t counted = 0;

    for (size_t i = 0; i < BZC_IMPORTANCE_COUNT; i++)
        counted += diff->by_importance[i];
    if (counted != diff->count + diff->left_out || (same && diff->count != 0) || (same && !diff->identical))
        abort();
    for (size_t i = 0; i < diff->count; i++)
        if (!diff->item[i].kind || diff->item[i].meaning[0] == '\0')
            abort();
}

static void compare(struct bzc_bytes before, struct bzc_bytes after)
{
    struct subject subject[2] = {{.file = before}, {.file = after}};
    struct bzc_diff_entry entry = {.path = {"old", "new"}};
    static struct bzc_policy policy;
    struct bzc_diff diff = {0};
    struct bzc_error err = {0};

    bzc_policy_init(&policy);
    if (read_subject("old", &policy, &subject[0]) && read_subject("new", &policy, &subject[1])) {
        entry.side[0] = &subject[0].side;
        entry.side[1] = &subject[1].side;
        if (bzc_diff_make(entry.side[0], entry.side[1], &policy, &diff, &err) != BZC_OK)
            abort();
        check(&diff, before.size == after.size && memcmp(before.data, after.data, before.size) == 0);
        entry.diff = &diff;
        write_reports(&entry);
        bzc_diff_free(&diff);
    }
    free_subject(&subject[0]);
    free_subject(&subject[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bzc_bytes first;
    uint8_t *second;
    size_t kept;

    if (size <= CONTROL_SIZE)
        return 0;
    first = (struct bzc_bytes){data + CONTROL_SIZE, size - CONTROL_SIZE};
    if (data[0] & 1) {
        size_t split = bzc_load32(data + 1) % first.size;

        compare((struct bzc_bytes){first.data, split}, (struct bzc_bytes){first.data + split, first.size - split});
        return 0;
    }
    kept = first.size - bzc_load16(data + 1) % first.size;
    second = malloc(kept);
    if (!second)
        abort();
    memcpy(second, first.data, kept);
    for (unsigned i = 0; i < (data[0] >> 1 & 3); i++)
        bzc_fuzz_change_field(second, kept, bzc_load16(data + 3 + i * 2));
    for (unsigned i = 0; i < (data[0] >> 3 & 3); i++)
        second[bzc_load16(data + 9 + i * 2) % kept] ^= (uint8_t)(1u << (data[0] >> 5));
    compare(first, (struct bzc_bytes){second, kept});
    free(second);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (size <= CONTROL_SIZE || seed % 4 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    if (seed % 4 == 1)
        data[seed / 4 % CONTROL_SIZE] = (uint8_t)(seed >> 8);
    else
        bzc_fuzz_change_field(data + CONTROL_SIZE, size - CONTROL_SIZE, seed / 4);
    return size;
}
