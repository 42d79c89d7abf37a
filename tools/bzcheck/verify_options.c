/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/verify_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/bzcheck/command.h"
#include "tools/bzcheck/policy_options.h"
#include "tools/bzcheck/run_options.h"
#include "tools/bzcheck/same_file.h"

/* Everything that the options say, before files are read. */
struct choices {
    struct bzc_verify_command *command;
    const char *about;
    struct bzc_run_options run;
    const char *vmlinux;
    struct bzc_named_files files;
};

static const char help_head[] = "Usage: bzcheck verify [options] IMAGE...\n"
                                "\n"
                                "Boots each image inside an emulated PC, stops before the kernel's first\n"
                                "instruction, and checks memory and registers against the boot protocol and the\n"
                                "image's own payload.\n"
                                "\n"
                                "How to boot. Options marked * may be given more than once; every combination of\n"
                                "their values is one run.\n";
static const char help_tail[] = "\n"
                                "Checks and reports:\n"
                                "  --vmlinux FILE        also compare payload and memory with the build's own\n"
                                "                        vmlinux (one image)\n";
static const char help_end[] = "  --jobs N              runs at the same time (default: one a processor)\n"
                               "  -h, --help            print this help\n"
                               "\n"
                               "Numbers are in C notation: 16, 0x10, 020.\n"
                               "\n"
                               "Exit status: 0 every image passes; 1 findings; 2 wrong usage; 3 could not tell\n"
                               "(not readable, no boot image, no Linux kernel) or could not write the report.\n"
                               "Of several images the highest counts.\n";

static const struct bzc_run_defaults defaults = {
    .scenario = "default: all that the image promises",
    .load_addr = "default: a set that probes what relocation does",
    .kaslr_seed = "default: nokaslr, and seed 1 for a KASLR build",
};

static void print_help(void)
{
    fputs(help_head, stdout);
    bzc_run_options_help(&defaults, stdout);
    fputs(help_tail, stdout);
    fputs(bzc_policy_help, stdout);
    fputs(bzc_baseline_help, stdout);
    bzc_report_options_help(stdout);
    fputs(help_end, stdout);
}

enum option_id {
    OPTION_JOBS = 256,
    OPTION_VMLINUX,
};

static const struct option long_options[] = {
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"vmlinux", required_argument, NULL, OPTION_VMLINUX},
    {"help", no_argument, NULL, 'h'},
    BZC_RUN_LONG_OPTIONS,
    BZC_POLICY_LONG_OPTIONS,
    BZC_BASELINE_LONG_OPTIONS,
    BZC_REPORT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* -1 or an exit status. */
static int take_option(struct choices *choices, int option, const char *text)
{
    struct bzc_verify_command *command = choices->command;

    bzc_named_files_option(&choices->files, option, text);
    switch (option) {
    case OPTION_JOBS:
        return bzc_jobs_option_take(&command->options, choices->about, text);
    case OPTION_VMLINUX:
        choices->vmlinux = text;
        return -1;
    case 'h':
        print_help();
        return BZC_EXIT_PASS;
    case '?':
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", choices->about);
        return BZC_EXIT_USAGE;
    default:
        if (bzc_baseline_option_is(option)) {
            bzc_baseline_option_take(&command->baseline, option, text);
            return -1;
        }
        if (bzc_report_option_is(option))
            return bzc_report_option_take(&command->reports, choices->about, option, text);
        if (bzc_run_option_is(option))
            return bzc_run_option_take(&choices->run, option, text);
        return bzc_policy_option_take(&command->options.policy, choices->about, option, text);
    }
}

static int check_together(const struct choices *choices)
{
    if (choices->command->image_count == 0)
        return bzc_usage_error(choices->about, "an image is missing");
    if (choices->vmlinux && choices->command->image_count > 1)
        return bzc_usage_error(choices->about, "--vmlinux belongs to one image, and %zu are given",
                               choices->command->image_count);
    return bzc_run_options_check(&choices->run);
}

static int check_files(struct choices *choices)
{
    struct bzc_verify_command *command = choices->command;

    bzc_named_files_images(&choices->files, command->image, command->image_count);
    bzc_named_files_read(&choices->files, "--vmlinux", choices->vmlinux);
    bzc_named_files_baseline(&choices->files, &command->baseline);
    bzc_named_files_reports(&choices->files, &command->reports);
    return bzc_named_files_check(&choices->files, choices->about);
}

static int load_files(const struct choices *choices)
{
    int status = bzc_run_options_load(&choices->run);

    if (status < 0 &&
        !bzc_option_file_load("--vmlinux", choices->vmlinux, BZC_VMLINUX_FILE_MAX, &choices->command->options.vmlinux))
        status = BZC_EXIT_UNKNOWN;
    return status;
}

int bzc_verify_command_parse(int argc, char **argv, struct bzc_verify_command *command)
{
    struct choices choices = {.command = command, .about = argv[0]};
    int status = -1, option;

    *command = (struct bzc_verify_command){0};
    bzc_run_options_init(&choices.run, &command->options, argv[0]);
    command->options.jobs = bzc_jobs_default();
    while (status < 0 && (option = getopt_long(argc, argv, "h" BZC_REPORT_SHORT_OPTIONS, long_options, NULL)) != -1)
        status = take_option(&choices, option, optarg);
    if (status >= 0) {
        bzc_named_files_free(&choices.files);
        bzc_verify_command_free(command);
        return status;
    }
    command->image = argv + optind;
    command->image_count = (size_t)(argc - optind);
    command->options.pictures = bzc_report_options_need_pictures(&command->reports);
    status = check_files(&choices);
    if (status < 0)
        status = check_together(&choices);
    if (status < 0)
        status = load_files(&choices);
    if (status < 0)
        status = bzc_baseline_options_open(&command->baseline, argv[0], &command->options.policy);
    if (status >= 0)
        bzc_verify_command_free(command);
    return status;
}

void bzc_verify_command_free(struct bzc_verify_command *command)
{
    free((void *)(uintptr_t)command->options.vmlinux.data);
    command->options.vmlinux = (struct bzc_bytes){0};
    bzc_baseline_options_free(&command->baseline);
    bzc_run_options_free(&command->options);
}
