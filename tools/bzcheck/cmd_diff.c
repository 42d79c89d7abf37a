/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck diff: what changed between two boot images, and what of it matters. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/diff.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/document.h"
#include "tools/bzcheck/policy_options.h"
#include "tools/bzcheck/progress.h"
#include "tools/bzcheck/run_options.h"
#include "tools/bzcheck/same_file.h"
#include "tools/bzcheck/terminal.h"
#include "verify/lint.h"

#define LOAD_ADDR 0x100000u /* of runs whose address nobody asked for */

struct diff_command {
    struct bzc_verify_options options;
    const char *json;
    enum bzc_importance least;
    bool no_run, list;
    char *const *path; /* old, new */
    struct bzc_named_files files;
};

static const char help_head[] = "Usage: bzcheck diff [options] OLD NEW\n"
                                "\n"
                                "Tells what changed between two boot images: setup header, parts of the file,\n"
                                "payload and kernel, PE headers; and, booting both in every way in that both\n"
                                "promise, stages, registers, addresses, what they ask of BIOS and ports, and the\n"
                                "findings. Each difference is breaking (who boots OLD may fail to boot NEW),\n"
                                "notable or expected.\n"
                                "\n"
                                "  --no-run              compare the files only\n"
                                "  --least IMPORTANCE    print what is at least: breaking, notable or expected\n"
                                "                        (default); the rest is counted\n"
                                "  --profile FILE        how much each kind of difference matters: lines\n"
                                "                        'breaking KIND', 'notable KIND', 'expected KIND'; the\n"
                                "                        file may have the lines that 'verify' takes, too\n"
                                "  --list                print the kinds of difference and how much each matters\n"
                                "  --json FILE           write the differences for programs, too; - is standard\n"
                                "                        output and moves the text to standard error\n"
                                "  --jobs N              runs at the same time (default: one a processor)\n"
                                "  -h, --help            print this help\n"
                                "\n"
                                "How to boot both. Options marked * may be given more than once. By default each\n"
                                "way in is run once: loaded at 0x100000 where the loader chooses, without KASLR;\n"
                                "two KASLR builds are run once with it, too.\n";
static const char help_tail[] = "\n"
                                "Exit status: 0 no breaking difference; 1 a breaking difference; 2 wrong usage;\n"
                                "3 could not tell (not readable, no boot image) or could not write the JSON.\n";

enum option_id { OPTION_NO_RUN = 256, OPTION_LEAST, OPTION_LIST, OPTION_JSON, OPTION_JOBS };

static const struct option long_options[] = {
    {"no-run", no_argument, NULL, OPTION_NO_RUN},
    {"least", required_argument, NULL, OPTION_LEAST},
    {"list", no_argument, NULL, OPTION_LIST},
    {"json", required_argument, NULL, OPTION_JSON},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"profile", required_argument, NULL, BZC_OPTION_PROFILE},
    {"help", no_argument, NULL, 'h'},
    BZC_RUN_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static const struct bzc_run_defaults defaults = {
    .scenario = "default: all that both images promise",
    .load_addr = "default: 0x100000 where the loader chooses",
    .kaslr_seed = "default: nokaslr, and seed 1 if both are KASLR builds",
};

/* -1 or an exit status. */
static int take_option(struct diff_command *command, struct bzc_run_options *run, int option, const char *text)
{
    bzc_named_files_option(&command->files, option, text);
    switch (option) {
    case OPTION_NO_RUN:
        command->no_run = true;
        return -1;
    case OPTION_LEAST:
        if (!bzc_importance_parse(text, &command->least))
            return bzc_usage_error(run->about, "--least: '%s' is none of breaking, notable, expected", text);
        return -1;
    case OPTION_LIST:
        command->list = true;
        return -1;
    case OPTION_JSON:
        command->json = text;
        return -1;
    case OPTION_JOBS:
        return bzc_jobs_option_take(&command->options, run->about, text);
    case BZC_OPTION_PROFILE:
        return bzc_policy_option_take(&command->options.policy, run->about, option, text);
    case 'h':
        fputs(help_head, stdout);
        bzc_run_options_help(&defaults, stdout);
        fputs(help_tail, stdout);
        return BZC_EXIT_PASS;
    case '?':
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", run->about);
        return BZC_EXIT_USAGE;
    default:
        return bzc_run_option_take(run, option, text);
    }
}

static int parse(struct diff_command *command, int argc, char **argv)
{
    struct bzc_run_options run;
    int status = -1, option;

    *command = (struct diff_command){.least = BZC_IMPORTANCE_EXPECTED};
    bzc_run_options_init(&run, &command->options, argv[0]);
    command->options.jobs = bzc_jobs_default();
    while (status < 0 && (option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        status = take_option(command, &run, option, optarg);
    if (status >= 0)
        return status;
    if (command->list) {
        bzc_diff_list(&command->options.policy, stdout);
        return BZC_EXIT_PASS;
    }
    if (argc - optind != 2)
        return bzc_usage_error(argv[0], argc - optind < 2 ? "two images are needed, OLD and NEW"
                                                          : "more than two images are given");
    command->path = argv + optind;
    bzc_named_files_images(&command->files, command->path, 2);
    bzc_named_files_write(&command->files, "--json", command->json);
    status = bzc_named_files_check(&command->files, argv[0]);
    if (status < 0)
        status = bzc_run_options_check(&run);
    return status < 0 ? bzc_run_options_load(&run) : status;
}

/* ---- the two images ---- */

/* Everything about one of them that is owned. */
struct subject {
    const char *path;
    struct bzc_bytes file;
    struct bzc_inspection *inspection;
    struct bzc_verification kernel_is, file_is;
    bool has_kernel_is, has_file_is;
    struct bzc_diff_side side;
};

static enum bzc_status read_subject(struct subject *subject, struct bzc_error *err)
{
    struct bzc_error reason = {0};
    enum bzc_status status = bzc_file_read(subject->path, BZC_IMAGE_FILE_MAX, &subject->file, err);

    if (status != BZC_OK)
        return status;
    if (bzc_inspect(subject->path, subject->file, &subject->inspection, &reason) != BZC_OK)
        return bzc_error_set(err, reason.status, "%.100s: %.200s", subject->path, reason.message);
    subject->side.file = subject->inspection;
    if (subject->inspection->is_image)
        subject->side.kernel = subject->inspection;
    else if (subject->inspection->embedded_count > 0)
        subject->side.kernel = subject->inspection->embedded[0];
    return BZC_OK;
}

static void free_subject(struct subject *subject)
{
    if (subject->has_kernel_is)
        bzc_verification_free(&subject->kernel_is);
    if (subject->has_file_is)
        bzc_verification_free(&subject->file_is);
    bzc_inspection_free(subject->inspection);
    free((void *)(uintptr_t)subject->file.data);
}

/* What the rules and, with `run`, the boot say. */
static enum bzc_status judge(struct subject *subject, const struct bzc_verify_options *options, bool run,
                             struct bzc_error *err)
{
    const struct bzc_lint_options lint = {.policy = options->policy, .depth = BZC_DEPTH_KERNEL};
    const struct bzc_inspection *kernel = subject->side.kernel;
    enum bzc_status status = BZC_OK;

    if (kernel != subject->inspection) {
        status = bzc_lint(subject->path, subject->file, &lint, &subject->file_is, err);
        subject->has_file_is = status == BZC_OK;
    }
    if (status == BZC_OK && kernel) {
        status = run ? bzc_verify(subject->path, kernel->file, options, &subject->kernel_is, err)
                     : bzc_lint(subject->path, kernel->file, &lint, &subject->kernel_is, err);
        subject->has_kernel_is = status == BZC_OK;
    }
    subject->side.kernel_is = subject->has_kernel_is ? &subject->kernel_is : NULL;
    subject->side.file_is = subject->has_file_is ? &subject->file_is : NULL;
    return status;
}

/* Where nobody asked for runs: every way in that both promise. False when there is none. */
static bool choose_runs(struct bzc_verify_options *options, const struct subject subject[2])
{
    for (size_t i = 0; i < bzc_scenario_count && options->scenario_count < BZC_CHOICES_MAX; i++) {
        const struct bzc_scenario *scenario = &bzc_scenarios[i];

        if (!scenario->on_request && !scenario->missing(&subject[0].side.kernel->facts) &&
            !scenario->missing(&subject[1].side.kernel->facts))
            options->scenario[options->scenario_count++] = scenario;
    }
    return options->scenario_count > 0;
}

static enum bzc_status compare(struct diff_command *command, struct subject subject[2], struct bzc_diff *diff,
                               bool *executed, struct bzc_error *err)
{
    struct bzc_verify_options *options = &command->options;
    bool asked = options->scenario_count + options->as_count > 0, identical;
    enum bzc_status status = BZC_OK;

    for (size_t i = 0; i < 2 && status == BZC_OK; i++)
        status = read_subject(&subject[i], err);
    if (status != BZC_OK)
        return status;
    identical = strcmp(subject[0].inspection->sha256, subject[1].inspection->sha256) == 0;
    *executed = !command->no_run && !identical && subject[0].side.kernel && subject[1].side.kernel &&
                (asked || choose_runs(options, subject));
    /* Relocations count only where the kernel is moved. An image without KASLR has no run to compare with. */
    options->kaslr_once = *executed && options->load_addr_count == 0 && subject[0].side.kernel->facts.kaslr_build &&
                          subject[1].side.kernel->facts.kaslr_build;
    if (options->load_addr_count == 0 && options->as_count == 0)
        options->load_addr[options->load_addr_count++] = LOAD_ADDR;
    for (size_t i = 0; i < 2 && !identical && status == BZC_OK; i++)
        status = judge(&subject[i], options, *executed, err);
    return status == BZC_OK ? bzc_diff_make(&subject[0].side, &subject[1].side, &options->policy, diff, err) : status;
}

static enum bzc_status write_json(const void *document, FILE *out, struct bzc_error *err)
{
    return bzc_diff_json(document, out, err);
}

static int report(const struct diff_command *command, const struct bzc_diff_entry *entry)
{
    FILE *text = command->json && strcmp(command->json, "-") == 0 ? stderr : stdout;
    struct bzc_diff_text_options options = {bzc_terminal_has_colour(text), command->least};
    int status = BZC_EXIT_UNKNOWN;

    if (entry->diff) {
        status = entry->diff->by_importance[BZC_IMPORTANCE_BREAKING] > 0 ? BZC_EXIT_FAIL : BZC_EXIT_PASS;
        bzc_diff_text(entry, &options, text);
    } else {
        bzc_complain("bzcheck", "%s", entry->error.message);
    }
    /* A reader that goes away is a write error like any other. */
    signal(SIGPIPE, SIG_IGN);
    if (command->json && !bzc_document_write(command->json, write_json, entry))
        status = BZC_EXIT_UNKNOWN;
    return status;
}

int bzc_cmd_diff(int argc, char **argv)
{
    struct diff_command command;
    struct bzc_progress progress;
    struct bzc_diff diff = {0};
    struct bzc_diff_entry entry = {0};
    int status = parse(&command, argc, argv);

    if (status < 0) {
        struct subject subject[2] = {{.path = command.path[0]}, {.path = command.path[1]}};

        bzc_progress_init(&progress);
        command.options.progress = bzc_progress_show;
        command.options.progress_context = &progress;
        if (compare(&command, subject, &diff, &entry.executed, &entry.error) == BZC_OK)
            entry.diff = &diff;
        bzc_progress_destroy(&progress);
        for (size_t i = 0; i < 2; i++) {
            entry.path[i] = command.path[i];
            entry.side[i] = subject[i].inspection ? &subject[i].side : NULL;
        }
        status = report(&command, &entry);
        bzc_diff_free(&diff);
        free_subject(&subject[0]);
        free_subject(&subject[1]);
    }
    bzc_named_files_free(&command.files);
    bzc_run_options_free(&command.options);
    return status;
}
