/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Image parsing, every static rule at both depths, and the report writers. */
#include "tests/fuzz/targets.h"

#include <stdlib.h>

#include "report/format.h"
#include "verify/lint.h"

/* Defined by libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void write_reports(const struct bzc_verification *verification)
{
    const struct bzc_report_entry entry = {
        .path = "image", .command = "lint", .verified = true, .verification = verification};
    const struct bzc_format_options options = {.verbose = true};

    for (size_t i = 0; i < bzc_report_format_count; i++) {
        const struct bzc_report_format *format = bzc_report_formats[i];
        struct bzc_error err = {0};
        void *report = NULL;
        char *text = NULL;
        size_t size = 0;
        FILE *memory = open_memstream(&text, &size);

        if (!memory || format->open(&options, memory, &report, &err) != BZC_OK ||
            format->add(report, &entry, &err) != BZC_OK || format->close(report, &err) != BZC_OK)
            abort();
        format->free(report);
        fclose(memory);
        free(text);
    }
}

static void lint(struct bzc_bytes file, enum bzc_depth depth)
{
    struct bzc_lint_options options = {.depth = depth};
    struct bzc_verification verification;
    struct bzc_error err = {0};

    bzc_policy_init(&options.policy);
    if (bzc_lint("image", file, &options, &verification, &err) != BZC_OK)
        return;
    write_reports(&verification);
    bzc_verification_free(&verification);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bzc_bytes file = {data, size};

    lint(file, BZC_DEPTH_KERNEL);
    lint(file, BZC_DEPTH_HEADERS);
    return 0;
}

/* Half of the changes go to the setup header: its fields are where rules and parser look, and few bytes of a file. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (seed % 2 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    bzc_fuzz_change_field(data, size, seed / 2);
    return size;
}
