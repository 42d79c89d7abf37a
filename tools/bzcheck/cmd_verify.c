/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck verify: verifies one image after the other (the runs of one go in parallel) and writes the reports. */
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/input.h"
#include "tools/bzcheck/output.h"
#include "tools/bzcheck/progress.h"
#include "tools/bzcheck/verify_options.h"
#include "verify/lint.h"

/* Reports one file, or one of the two that a unified kernel image is; `verification` is NULL when there is none. */
static int report(const char *path, struct bzc_verification *verification, const struct bzc_error *err,
                  struct bzc_progress *progress, struct bzc_output *output)
{
    const struct bzc_report_entry entry = {
        .path = path, .command = "verify", .verified = verification, .verification = verification, .error = *err};
    int status;

    bzc_progress_clear(progress);
    status = bzc_output_add(output, &entry);
    if (verification)
        bzc_verification_free(verification);
    return status;
}

static int verify_kernel(const char *path, struct bzc_bytes file, const struct bzc_verify_options *options,
                         struct bzc_progress *progress, struct bzc_output *output)
{
    struct bzc_verification verification;
    struct bzc_error err = {0};
    bool verified = bzc_verify(path, file, options, &verification, &err) == BZC_OK;

    return report(path, verified ? &verification : NULL, &err, progress, output);
}

/* The PE file around a kernel is the firmware's to start: it is checked as it lies. */
static int verify_uki(const struct bzc_input *input, const struct bzc_verify_options *options,
                      struct bzc_progress *progress, struct bzc_output *output)
{
    const struct bzc_lint_options lint = {.policy = options->policy, .depth = BZC_DEPTH_KERNEL, .digest = true};
    struct bzc_verification verification;
    struct bzc_error err = {0};
    bool linted = bzc_lint(input->path, input->file, &lint, &verification, &err) == BZC_OK;
    int outer = report(input->path, linted ? &verification : NULL, &err, progress, output);
    int inner;

    if (!input->linux_path)
        return outer;
    inner = verify_kernel(input->linux_path, input->linux_image, options, progress, output);
    return inner > outer ? inner : outer;
}

static int verify_image(const char *path, const struct bzc_verify_options *options, struct bzc_progress *progress,
                        struct bzc_output *output)
{
    struct bzc_error err = {0};
    struct bzc_input input;
    int status;

    if (bzc_input_open(path, BZC_DEPTH_KERNEL, &input, &err) != BZC_OK)
        status = report(path, NULL, &err, progress, output);
    else if (input.is_uki)
        status = verify_uki(&input, options, progress, output);
    else
        status = verify_kernel(path, input.file, options, progress, output);
    bzc_input_close(&input);
    return status;
}

static int verify_images(struct bzc_verify_command *command, struct bzc_output *output)
{
    struct bzc_progress progress;
    int worst = BZC_EXIT_PASS;

    bzc_progress_init(&progress);
    command->options.progress = bzc_progress_show;
    command->options.progress_context = &progress;
    for (size_t i = 0; i < command->image_count; i++) {
        int status = verify_image(command->image[i], &command->options, &progress, output);

        worst = status > worst ? status : worst;
    }
    bzc_progress_destroy(&progress);
    return worst;
}

int bzc_cmd_verify(int argc, char **argv)
{
    struct bzc_verify_command command;
    struct bzc_output output;
    int status = bzc_verify_command_parse(argc, argv, &command);

    if (status >= 0)
        return status;
    status = BZC_EXIT_UNKNOWN;
    if (bzc_output_begin(&output, command.json, command.verbose)) {
        status = verify_images(&command, &output);
        if (!bzc_output_end(&output))
            status = BZC_EXIT_UNKNOWN;
    }
    bzc_verify_command_free(&command);
    return status;
}
