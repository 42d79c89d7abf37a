/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck lint: asks every rule that can be decided from the file. */
#include <stdlib.h>

#include "base/file.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/input.h"
#include "tools/bzcheck/output.h"
#include "tools/bzcheck/policy_options.h"
#include "verify/lint.h"

struct lint_command {
    struct bzc_lint_options options;
    const char *vmlinux, *json;
    bool verbose;
    char *const *image; /* paths */
    size_t image_count;
};

static const char help_head[] = "Usage: bzcheck lint [options] IMAGE...\n"
                                "\n"
                                "Checks everything that the boot protocol says about the file: setup header,\n"
                                "PE headers, payload and kernel. Nothing is executed.\n"
                                "\n"
                                "Options marked * may be given more than once.\n"
                                "  --no-payload          read the headers only; rules that look further are skipped\n"
                                "  --vmlinux FILE        also compare the payload with the build's own vmlinux (one\n"
                                "                        image)\n";
static const char help_tail[] = "  --json FILE           write a report for programs, too; - is standard output\n"
                                "                        and moves the text to standard error\n"
                                "  --verbose             also print the checks that passed or were skipped\n"
                                "  -h, --help            print this help\n"
                                "\n"
                                "'bzcheck rules' lists the rules, 'bzcheck explain RULE' tells about one.\n"
                                "\n"
                                "Exit status: 0 every image passes; 1 findings; 2 wrong usage; 3 could not tell\n"
                                "(not readable, no boot image) or could not write the report. Of several images\n"
                                "the highest counts.\n";

enum option_id { OPTION_NO_PAYLOAD = 256, OPTION_VMLINUX, OPTION_JSON, OPTION_VERBOSE };

static const struct option long_options[] = {
    {"no-payload", no_argument, NULL, OPTION_NO_PAYLOAD},
    {"vmlinux", required_argument, NULL, OPTION_VMLINUX},
    {"json", required_argument, NULL, OPTION_JSON},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {"help", no_argument, NULL, 'h'},
    BZC_POLICY_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* -1 or an exit status. */
static int take_option(struct lint_command *command, const char *about, int option, const char *text)
{
    switch (option) {
    case OPTION_NO_PAYLOAD:
        command->options.depth = BZC_DEPTH_HEADERS;
        return -1;
    case OPTION_VMLINUX:
        command->vmlinux = text;
        return -1;
    case OPTION_JSON:
        command->json = text;
        return -1;
    case OPTION_VERBOSE:
        command->verbose = true;
        return -1;
    case 'h':
        fputs(help_head, stdout);
        fputs(bzc_policy_help, stdout);
        fputs(help_tail, stdout);
        return BZC_EXIT_PASS;
    case '?':
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", about);
        return BZC_EXIT_USAGE;
    default:
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

static int parse(struct lint_command *command, int argc, char **argv)
{
    int status = -1, option;

    *command = (struct lint_command){.options.depth = BZC_DEPTH_KERNEL};
    bzc_policy_init(&command->options.policy);
    while (status < 0 && (option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        status = take_option(command, argv[0], option, optarg);
    if (status >= 0)
        return status;
    command->image = argv + optind;
    command->image_count = (size_t)(argc - optind);
    command->options.digest = command->json && command->options.depth != BZC_DEPTH_HEADERS;
    return check_together(command, argv[0]);
}

static bool load_vmlinux(struct lint_command *command)
{
    struct bzc_error err = {0};

    if (!command->vmlinux)
        return true;
    if (bzc_file_read(command->vmlinux, BZC_VMLINUX_FILE_MAX, &command->options.vmlinux, &err) != BZC_OK)
        bzc_complain("bzcheck", "--vmlinux: %s", err.message);
    else if (command->options.vmlinux.size == 0)
        bzc_complain("bzcheck", "--vmlinux: %s: the file is empty", command->vmlinux);
    return command->options.vmlinux.size > 0;
}

/* `path` and `file` are a whole file, or the kernel in a unified kernel image. */
static int lint_part(const char *path, struct bzc_bytes file, const struct bzc_lint_options *options,
                     struct bzc_output *output)
{
    struct bzc_report_entry entry = {.path = path, .command = "lint"};
    struct bzc_verification verification;
    int status;

    entry.verified = bzc_lint(path, file, options, &verification, &entry.error) == BZC_OK;
    entry.verification = &verification;
    status = bzc_output_add(output, &entry);
    if (entry.verified)
        bzc_verification_free(&verification);
    return status;
}

static int lint_image(const char *path, const struct lint_command *command, struct bzc_output *output)
{
    struct bzc_report_entry entry = {.path = path, .command = "lint"};
    struct bzc_input input;
    int status;

    if (bzc_input_open(path, command->options.depth, &input, &entry.error) != BZC_OK) {
        status = bzc_output_add(output, &entry);
    } else {
        status = lint_part(path, input.file, &command->options, output);
        if (input.linux_path) {
            int inner = lint_part(input.linux_path, input.linux_image, &command->options, output);

            status = inner > status ? inner : status;
        }
    }
    bzc_input_close(&input);
    return status;
}

int bzc_cmd_lint(int argc, char **argv)
{
    struct lint_command command;
    struct bzc_output output;
    int status = parse(&command, argc, argv);

    if (status >= 0)
        return status;
    if (!load_vmlinux(&command) || !bzc_output_begin(&output, command.json, command.verbose)) {
        free((void *)(uintptr_t)command.options.vmlinux.data);
        return BZC_EXIT_UNKNOWN;
    }
    status = BZC_EXIT_PASS;
    for (size_t i = 0; i < command.image_count; i++) {
        int one = lint_image(command.image[i], &command, &output);

        status = one > status ? one : status;
    }
    if (!bzc_output_end(&output))
        status = BZC_EXIT_UNKNOWN;
    free((void *)(uintptr_t)command.options.vmlinux.data);
    return status;
}
