/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck verify: verifies one image after the other (the runs of one go in parallel) and writes the reports. */
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/input.h"
#include "tools/bzcheck/output.h"
#include "tools/bzcheck/progress.h"
#include "tools/bzcheck/verify_options.h"
#include "verify/lint.h"

/* A command line being worked off. */
struct work {
    struct bzc_verify_command *command;
    struct bzc_progress progress;
    struct bzc_output output;
};

/* Reports one file, or one of the two that a unified kernel image is; `verification` is NULL when there is none. */
static int report(struct work *work, const char *path, struct bzc_verification *verification,
                  const struct bzc_error *err)
{
    const struct bzc_report_entry entry = {
        .path = path, .command = "verify", .verified = verification, .verification = verification, .error = *err};
    bool added;
    int status;

    bzc_progress_clear(&work->progress);
    added = !verification ||
            bzc_baseline_options_add(&work->command->baseline, &work->command->options.policy, verification);
    status = bzc_output_add(&work->output, &entry);
    if (verification)
        bzc_verification_free(verification);
    return added ? status : BZC_EXIT_UNKNOWN;
}

static int verify_kernel(struct work *work, const char *path, struct bzc_bytes file)
{
    struct bzc_verification verification;
    struct bzc_error err = {0};
    bool verified = bzc_verify(path, file, &work->command->options, &verification, &err) == BZC_OK;

    return report(work, path, verified ? &verification : NULL, &err);
}

/* The PE file around a kernel is the firmware's to start: it is checked as it lies. */
static int verify_uki(struct work *work, const struct bzc_input *input)
{
    const struct bzc_lint_options lint = {
        .policy = work->command->options.policy, .depth = BZC_DEPTH_KERNEL, .digest = true};
    struct bzc_verification verification;
    struct bzc_error err = {0};
    bool linted = bzc_lint(input->path, input->file, &lint, &verification, &err) == BZC_OK;
    int outer = report(work, input->path, linted ? &verification : NULL, &err);
    int inner;

    if (!input->linux_path)
        return outer;
    inner = verify_kernel(work, input->linux_path, input->linux_image);
    return inner > outer ? inner : outer;
}

static int verify_image(struct work *work, const char *path)
{
    struct bzc_error err = {0};
    struct bzc_input input;
    int status;

    if (bzc_input_open(path, BZC_DEPTH_KERNEL, &input, &err) != BZC_OK)
        status = report(work, path, NULL, &err);
    else if (input.is_uki)
        status = verify_uki(work, &input);
    else
        status = verify_kernel(work, path, input.file);
    bzc_input_close(&input);
    return status;
}

static int verify_images(struct work *work)
{
    struct bzc_verify_command *command = work->command;
    int worst = BZC_EXIT_PASS;

    bzc_progress_init(&work->progress);
    command->options.progress = bzc_progress_show;
    command->options.progress_context = &work->progress;
    for (size_t i = 0; i < command->image_count; i++) {
        int status = verify_image(work, command->image[i]);

        worst = status > worst ? status : worst;
    }
    bzc_progress_destroy(&work->progress);
    return worst;
}

int bzc_cmd_verify(int argc, char **argv)
{
    struct bzc_verify_command command;
    struct work work = {.command = &command};
    int status = bzc_verify_command_parse(argc, argv, &command);

    if (status >= 0)
        return status;
    status = BZC_EXIT_UNKNOWN;
    if (bzc_output_begin(&work.output, &command.reports)) {
        status = verify_images(&work);
        if (!bzc_output_end(&work.output) || !bzc_baseline_options_write(&command.baseline))
            status = BZC_EXIT_UNKNOWN;
    }
    bzc_verify_command_free(&command);
    return status;
}
