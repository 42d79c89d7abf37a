/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck verify: verifies one image after the other (the runs of one go in parallel) and writes the reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/report.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/progress.h"
#include "tools/bzcheck/terminal.h"
#include "tools/bzcheck/verify_options.h"

struct output {
    FILE *text; /* stdout, or stderr when stdout is taken by JSON */
    struct bzc_text_options options;
    size_t reports; /* written to `text` */
    struct bzc_json_report *json;
};

static int exit_of(const struct bzc_report_entry *entry)
{
    static const int status[] = {BZC_EXIT_PASS, BZC_EXIT_FAIL, BZC_EXIT_UNKNOWN};

    return entry->verified ? status[entry->verification->verdict] : BZC_EXIT_UNKNOWN;
}

static int write_reports(struct output *output, const struct bzc_report_entry *entry)
{
    struct bzc_error err = {0};

    if (entry->verified) {
        if (output->reports++ > 0)
            fputc('\n', output->text);
        bzc_report_text(entry, &output->options, output->text);
        fflush(output->text);
    } else {
        struct bzc_text_options options = {.colour = bzc_terminal_has_colour(stderr)};

        bzc_report_text(entry, &options, stderr);
    }
    if (output->json && bzc_json_report_add(output->json, entry, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    return exit_of(entry);
}

static int verify_image(const char *path, const struct bzc_verify_options *options, struct bzc_progress *progress,
                        struct output *output)
{
    struct bzc_report_entry entry = {.path = path};
    struct bzc_verification verification;
    struct bzc_bytes file = {0};
    int status;

    if (bzc_file_read(path, BZC_IMAGE_FILE_MAX, &file, &entry.error) == BZC_OK &&
        bzc_verify(path, file, options, &verification, &entry.error) == BZC_OK) {
        entry.verified = true;
        entry.verification = &verification;
    }
    bzc_progress_clear(progress);
    status = write_reports(output, &entry);
    if (entry.verified)
        bzc_verification_free(&verification);
    free((void *)(uintptr_t)file.data);
    return status;
}

/* False when it could not be written; why is said here, for stdout in main(). */
static bool write_json(const struct bzc_json_report *report, const char *path)
{
    struct bzc_error err = {0};
    enum bzc_status status;
    char *data = NULL;
    size_t size = 0;
    FILE *memory;

    if (strcmp(path, "-") == 0) {
        status = bzc_json_report_write(report, stdout, &err);
        if (status == BZC_ERR_IO)
            return false;
    } else {
        /* Complete in memory first: a file is replaced by a whole report or not at all. */
        memory = open_memstream(&data, &size);
        if (!memory) {
            bzc_complain("bzcheck", "no memory for the JSON report");
            return false;
        }
        status = bzc_json_report_write(report, memory, &err);
        if (fclose(memory) != 0 && status == BZC_OK)
            status = bzc_error_set(&err, BZC_ERR_MEMORY, "no memory for the JSON report");
        if (status == BZC_OK)
            status = bzc_file_write(path, data, size, &err);
        free(data);
    }
    if (status != BZC_OK)
        bzc_complain("bzcheck", "%s", err.message);
    return status == BZC_OK;
}

static int verify_images(struct bzc_verify_command *command, struct output *output)
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
    struct output output = {.text = stdout};
    struct bzc_error err = {0};
    int status = bzc_verify_command_parse(argc, argv, &command);

    if (status >= 0)
        return status;
    if (command.json && strcmp(command.json, "-") == 0)
        output.text = stderr;
    output.options = (struct bzc_text_options){bzc_terminal_has_colour(output.text), command.verbose};
    if (command.json && bzc_json_report_new(&output.json, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        status = BZC_EXIT_UNKNOWN;
    } else {
        status = verify_images(&command, &output);
        if (command.json && !write_json(output.json, command.json))
            status = BZC_EXIT_UNKNOWN;
    }
    bzc_json_report_free(output.json);
    bzc_verify_command_free(&command);
    return status;
}
