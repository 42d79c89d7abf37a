/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck verify: verifies one image after the other (the runs of one go in parallel) and writes the reports. */
#include <stdlib.h>

#include "base/file.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/output.h"
#include "tools/bzcheck/progress.h"
#include "tools/bzcheck/verify_options.h"

static int verify_image(const char *path, const struct bzc_verify_options *options, struct bzc_progress *progress,
                        struct bzc_output *output)
{
    struct bzc_report_entry entry = {.path = path, .command = "verify"};
    struct bzc_verification verification;
    struct bzc_bytes file = {0};
    int status;

    if (bzc_file_read(path, BZC_IMAGE_FILE_MAX, &file, &entry.error) == BZC_OK &&
        bzc_verify(path, file, options, &verification, &entry.error) == BZC_OK) {
        entry.verified = true;
        entry.verification = &verification;
    }
    bzc_progress_clear(progress);
    status = bzc_output_add(output, &entry);
    if (entry.verified)
        bzc_verification_free(&verification);
    free((void *)(uintptr_t)file.data);
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
