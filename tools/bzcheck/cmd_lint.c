/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck lint: asks every rule that can be decided from the file. */
#include <stdlib.h>

#include "tools/bzcheck/baseline_options.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/input.h"
#include "tools/bzcheck/output.h"
#include "tools/bzcheck/policy_options.h"
#include "tools/bzcheck/run_options.h"
#include "tools/bzcheck/same_file.h"
#include "verify/lint.h"

struct lint_command {
    struct bzc_lint_options options;
    const char *vmlinux;
    struct bzc_report_options reports;
    struct bzc_baseline_options baseline;
    struct bzc_output output;
    struct bzc_named_files files;
    char *const *image; /* paths */
    size_t image_count;
};

static const char help_head[] = "Usage: bzcheck lint [options] IMAGE...\n"
                                "\n"
                                "Checks everything that the boot protocol says about the file: setup header,\n"
                                "PE headers, payload and kernel. Nothing is executed.\n"
                                "\n"
                                "Options marked * may be given more than once.\n"
                                "  --no-payload          read the headers only; rules that look further are\n"
                                "                        skipped\n"
                                "  --vmlinux FILE        also compare the payload with the build's own vmlinux\n"
                                "                        (one image)\n";
static const char help_tail[] = "  -h, --help            print this help\n"
                                "\n"
                                "'bzcheck rules' lists the rules, 'bzcheck explain RULE' tells about one.\n"
                                "\n"
                                "Exit status: 0 every image passes; 1 findings; 2 wrong usage; 3 could not tell\n"
                                "(not readable, no boot image) or could not write the report. Of several images\n"
                                "the highest counts.\n";

enum option_id { OPTION_NO_PAYLOAD = 256, OPTION_VMLINUX };

static const struct option long_options[] = {
    {"no-payload", no_argument, NULL, OPTION_NO_PAYLOAD},
    {"vmlinux", required_argument, NULL, OPTION_VMLINUX},
    {"help", no_argument, NULL, 'h'},
    BZC_POLICY_LONG_OPTIONS,
    BZC_BASELINE_LONG_OPTIONS,
    BZC_REPORT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* -1 or an exit status. */
static int take_option(struct lint_command *command, const char *about, int option, const char *text)
{
    bzc_named_files_option(&command->files, option, text);
    switch (option) {
    case OPTION_NO_PAYLOAD:
        command->options.depth = BZC_DEPTH_HEADERS;
        return -1;
    case OPTION_VMLINUX:
        command->vmlinux = text;
        return -1;
    case 'h':
        fputs(help_head, stdout);
        fputs(bzc_policy_help, stdout);
        fputs(bzc_baseline_help, stdout);
        bzc_report_options_help(stdout);
        fputs(help_tail, stdout);
        return BZC_EXIT_PASS;
    case '?':
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", about);
        return BZC_EXIT_USAGE;
    default:
        if (bzc_baseline_option_is(option)) {
            bzc_baseline_option_take(&command->baseline, option, text);
            return -1;
        }
        if (bzc_report_option_is(option))
            return bzc_report_option_take(&command->reports, about, option, text);
        return bzc_policy_option_take(&command->options.policy, about, option, text);
    }
}

static int check_together(struct lint_command *command, const char *about)
{
    if (command->image_count == 0)
        return bzc_usage_error(about, "an image is missing");
    if (command->vmlinux && command->image_count > 1)
        return bzc_usage_error(about, "--vmlinux belongs to one image, and %zu are given", command->image_count);
    if (command->vmlinux && command->options.depth == BZC_DEPTH_HEADERS)
        return bzc_usage_error(about, "--vmlinux and --no-payload exclude each other");
    return -1;
}

static int check_files(struct lint_command *command, const char *about)
{
    bzc_named_files_images(&command->files, command->image, command->image_count);
    bzc_named_files_read(&command->files, "--vmlinux", command->vmlinux);
    bzc_named_files_baseline(&command->files, &command->baseline);
    bzc_named_files_reports(&command->files, &command->reports);
    return bzc_named_files_check(&command->files, about);
}

static int parse(struct lint_command *command, int argc, char **argv)
{
    int status = -1, option;

    *command = (struct lint_command){.options.depth = BZC_DEPTH_KERNEL};
    bzc_policy_init(&command->options.policy);
    while (status < 0 && (option = getopt_long(argc, argv, "h" BZC_REPORT_SHORT_OPTIONS, long_options, NULL)) != -1)
        status = take_option(command, argv[0], option, optarg);
    if (status >= 0) {
        bzc_named_files_free(&command->files);
        return status;
    }
    command->image = argv + optind;
    command->image_count = (size_t)(argc - optind);
    command->options.digest = command->reports.target_count > 0 && command->options.depth != BZC_DEPTH_HEADERS;
    status = check_files(command, argv[0]);
    return status < 0 ? check_together(command, argv[0]) : status;
}

/* `path` and `file` are a whole file, or the kernel in a unified kernel image. */
static int lint_part(struct lint_command *command, const char *path, struct bzc_bytes file)
{
    struct bzc_report_entry entry = {.path = path, .command = "lint"};
    struct bzc_verification verification;
    bool added = true;
    int status;

    entry.verified = bzc_lint(path, file, &command->options, &verification, &entry.error) == BZC_OK;
    entry.verification = &verification;
    if (entry.verified)
        added = bzc_baseline_options_add(&command->baseline, &command->options.policy, &verification);
    status = bzc_output_add(&command->output, &entry);
    if (entry.verified)
        bzc_verification_free(&verification);
    return added ? status : BZC_EXIT_UNKNOWN;
}

static int lint_image(struct lint_command *command, const char *path)
{
    struct bzc_report_entry entry = {.path = path, .command = "lint"};
    struct bzc_input input;
    int status;

    if (bzc_input_open(path, command->options.depth, &input, &entry.error) != BZC_OK) {
        status = bzc_output_add(&command->output, &entry);
    } else {
        status = lint_part(command, path, input.file);
        if (input.linux_path) {
            int inner = lint_part(command, input.linux_path, input.linux_image);

            status = inner > status ? inner : status;
        }
    }
    bzc_input_close(&input);
    return status;
}

static int lint_images(struct lint_command *command)
{
    int worst = BZC_EXIT_PASS;

    if (!bzc_option_file_load("--vmlinux", command->vmlinux, BZC_VMLINUX_FILE_MAX, &command->options.vmlinux) ||
        !bzc_output_begin(&command->output, &command->reports))
        return BZC_EXIT_UNKNOWN;
    for (size_t i = 0; i < command->image_count; i++) {
        int status = lint_image(command, command->image[i]);

        worst = status > worst ? status : worst;
    }
    if (!bzc_output_end(&command->output) || !bzc_baseline_options_write(&command->baseline))
        worst = BZC_EXIT_UNKNOWN;
    return worst;
}

int bzc_cmd_lint(int argc, char **argv)
{
    struct lint_command command;
    int status = parse(&command, argc, argv);

    if (status >= 0)
        return status;
    status = bzc_baseline_options_open(&command.baseline, argv[0], &command.options.policy);
    if (status < 0)
        status = lint_images(&command);
    bzc_baseline_options_free(&command.baseline);
    free((void *)(uintptr_t)command.options.vmlinux.data);
    return status;
}
