/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/verify_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "report/page.h"
#include "tools/bzcheck/boot_options.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/policy_options.h"

#define DEFAULT_MEMORY      (512ull << 20)
#define DEFAULT_CPU         "x86-64"
#define LOAD_ADDR_MAX       ((1ull << 52) - 1) /* physical addresses have at most 52 bits */
#define JOBS_MAX            1024u
#define MEMORY_MAP_FILE_MAX (1u << 20)

/* Everything that the options say, before files are read. */
struct choices {
    struct bzc_verify_command *command;
    const char *about;
    const char *memory_map, *initrd, *vmlinux;
    uint64_t memory;
    bool has_memory;
};

static const char help_head[] = "Usage: bzcheck verify [options] IMAGE...\n"
                                "\n"
                                "Boots each image inside an emulated PC, stops before the kernel's first\n"
                                "instruction, and checks memory and registers against the boot protocol and the\n"
                                "image's own payload.\n"
                                "\n"
                                "How to boot. Options marked * may be given more than once; every combination of\n"
                                "their values is one run.\n"
                                "  --scenario NAME     * the way in (default: all that the image promises)\n"
                                "  --list-scenarios      print the ways in and which images promise them\n"
                                "  --as NAME|FILE      * as this boot loader does it, instead of a scenario; what\n"
                                "                        has a slash or a dot in it is a profile of your own\n"
                                "                        ('bzcheck loaders IMAGE' names the built-in ones)\n"
                                "  --load-addr ADDR    * physical address of the protected-mode part (default: a\n"
                                "                        set that probes what the header says of relocation)\n"
                                "  --kaslr-seed N      * with KASLR; the same seed gives the same addresses\n"
                                "                        (default: nokaslr, and seed 1 for a KASLR build)\n"
                                "  --cmdline STR         kernel command line (default: empty); in runs without\n"
                                "                        KASLR nokaslr is added where the image knows it\n"
                                "  --initrd FILE         initrd (default: none)\n"
                                "  --setup-data TYPE=FILE, --setup-data indirect:TYPE=FILE\n"
                                "                      * setup_data of this type; all of them are handed over in\n"
                                "                        every run\n"
                                "  --rsdp ADDR           acpi_rsdp_addr (where setup is bypassed)\n"
                                "  --subarch N           hardware_subarch\n"
                                "\n"
                                "The PC:\n"
                                "  --memory SIZE         RAM in bytes, or with suffix K, M or G (default: 512M)\n"
                                "  --memory-map FILE     its e820 map instead: lines START END TYPE, or those of a\n"
                                "                        kernel log\n"
                                "  --cpu NAME            its CPU (default: " DEFAULT_CPU "):\n";
static const char help_tail[] = "\n"
                                "Checks and reports:\n"
                                "  --vmlinux FILE        also compare payload and memory with the build's own\n"
                                "                        vmlinux (one image)\n";
static const char help_end[] = "  --json FILE           write a report for programs, too; - is standard output\n"
                               "                        and moves the text to standard error\n"
                               "  --verbose             also print the checks that passed or were skipped\n"
                               "  --jobs N              runs at the same time (default: one a processor)\n"
                               "  -h, --help            print this help\n"
                               "\n"
                               "Numbers are in C notation: 16, 0x10, 020.\n"
                               "\n"
                               "Exit status: 0 every image passes; 1 findings; 2 wrong usage; 3 could not tell\n"
                               "(not readable, no boot image, no Linux kernel) or could not write the report.\n"
                               "Of several images the highest counts.\n";

static void print_choice(const char *name, const char *summary)
{
    struct bzc_page page = {.out = stdout, .width = 80};

    bzc_page_tab(&page, 24);
    bzc_page_put(&page, BZC_STYLE_PLAIN, name);
    bzc_page_tab(&page, 32);
    bzc_page_wrap(&page, BZC_STYLE_PLAIN, 32, summary);
}

static void print_help(void)
{
    fputs(help_head, stdout);
    for (size_t i = 0; i < bzc_cpu_profile_count; i++)
        print_choice(bzc_cpu_profiles[i].name, bzc_cpu_profiles[i].summary);
    fputs(help_tail, stdout);
    fputs(bzc_policy_help, stdout);
    fputs(help_end, stdout);
}

static void print_scenarios(void)
{
    struct bzc_page page = {.out = stdout, .width = 80};

    for (size_t i = 0; i < bzc_scenario_count; i++) {
        const struct bzc_scenario *scenario = &bzc_scenarios[i];

        bzc_page_put(&page, BZC_STYLE_PLAIN, scenario->name);
        bzc_page_end_line(&page);
        bzc_page_tab(&page, 4);
        bzc_page_wrap(&page, BZC_STYLE_PLAIN, 4, scenario->summary);
        bzc_page_tab(&page, 4);
        bzc_page_put(&page, BZC_STYLE_PLAIN, scenario->on_request ? "on request only; promised by " : "promised by ");
        bzc_page_wrap(&page, BZC_STYLE_PLAIN, 4, scenario->promised_by);
    }
}

/* ---- one function an option: -1 or the exit status of a usage error ---- */

static int take_scenario(struct choices *choices, const char *text)
{
    struct bzc_verify_options *options = &choices->command->options;
    const struct bzc_scenario *scenario = bzc_scenario_find(text);
    char known[256] = "";

    for (size_t i = 0, used = 0; i < bzc_scenario_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", bzc_scenarios[i].name);
    if (!scenario)
        return bzc_usage_error(choices->about, "--scenario: there is no '%s'; there is:%s", text, known);
    if (options->scenario_count == BZC_CHOICES_MAX)
        return bzc_usage_error(choices->about, "--scenario: more than %d times", BZC_CHOICES_MAX);
    options->scenario[options->scenario_count++] = scenario;
    return -1;
}

static int take_load_addr(struct choices *choices, const char *text)
{
    struct bzc_verify_options *options = &choices->command->options;
    uint64_t address;

    if (!bzc_number_parse(text, &address) || address == 0 || address > LOAD_ADDR_MAX)
        return bzc_usage_error(choices->about, "--load-addr: '%s' is no address from 1 to 0x%llx", text, LOAD_ADDR_MAX);
    if (options->load_addr_count == BZC_CHOICES_MAX)
        return bzc_usage_error(choices->about, "--load-addr: more than %d times", BZC_CHOICES_MAX);
    options->load_addr[options->load_addr_count++] = address;
    return -1;
}

static int take_kaslr_seed(struct choices *choices, const char *text)
{
    struct bzc_verify_options *options = &choices->command->options;
    uint64_t seed;

    /* JSON readers cannot be trusted with more. */
    if (!bzc_number_parse(text, &seed) || seed > INT64_MAX)
        return bzc_usage_error(choices->about, "--kaslr-seed: '%s' is no number from 0 to 2^63-1", text);
    if (options->kaslr_seed_count == BZC_CHOICES_MAX)
        return bzc_usage_error(choices->about, "--kaslr-seed: more than %d times", BZC_CHOICES_MAX);
    options->kaslr_seed[options->kaslr_seed_count++] = seed;
    return -1;
}

static int take_memory(struct choices *choices, const char *text)
{
    if (!bzc_size_parse(text, &choices->memory))
        return bzc_usage_error(choices->about, "--memory: '%s' is no size", text);
    choices->has_memory = true;
    return -1;
}

static int take_cpu(struct choices *choices, const char *text)
{
    char known[256] = "";

    for (size_t i = 0, used = 0; i < bzc_cpu_profile_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", bzc_cpu_profiles[i].name);
    choices->command->options.profile = bzc_cpu_profile_find(text);
    if (!choices->command->options.profile)
        return bzc_usage_error(choices->about, "--cpu: there is no '%s'; there is:%s", text, known);
    return -1;
}

static int take_jobs(struct choices *choices, const char *text)
{
    uint64_t jobs;

    if (!bzc_number_parse(text, &jobs) || jobs < 1 || jobs > JOBS_MAX)
        return bzc_usage_error(choices->about, "--jobs: '%s' is no number from 1 to %u", text, JOBS_MAX);
    choices->command->options.jobs = (unsigned)jobs;
    return -1;
}

/* ---- the command line ---- */

enum option_id {
    OPTION_SCENARIO = 256,
    OPTION_LIST_SCENARIOS,
    OPTION_LOAD_ADDR,
    OPTION_KASLR_SEED,
    OPTION_CMDLINE,
    OPTION_MEMORY,
    OPTION_MEMORY_MAP,
    OPTION_INITRD,
    OPTION_CPU,
    OPTION_JOBS,
    OPTION_VMLINUX,
    OPTION_JSON,
    OPTION_VERBOSE,
};

static const struct option long_options[] = {
    {"scenario", required_argument, NULL, OPTION_SCENARIO},
    {"list-scenarios", no_argument, NULL, OPTION_LIST_SCENARIOS},
    {"load-addr", required_argument, NULL, OPTION_LOAD_ADDR},
    {"kaslr-seed", required_argument, NULL, OPTION_KASLR_SEED},
    {"cmdline", required_argument, NULL, OPTION_CMDLINE},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"memory-map", required_argument, NULL, OPTION_MEMORY_MAP},
    {"initrd", required_argument, NULL, OPTION_INITRD},
    {"cpu", required_argument, NULL, OPTION_CPU},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"vmlinux", required_argument, NULL, OPTION_VMLINUX},
    {"json", required_argument, NULL, OPTION_JSON},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {"help", no_argument, NULL, 'h'},
    BZC_BOOT_LONG_OPTIONS,
    BZC_POLICY_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static int take_option(struct choices *choices, int option, const char *text)
{
    struct bzc_verify_command *command = choices->command;

    switch (option) {
    case OPTION_SCENARIO:
        return take_scenario(choices, text);
    case OPTION_LIST_SCENARIOS:
        print_scenarios();
        return BZC_EXIT_PASS;
    case OPTION_LOAD_ADDR:
        return take_load_addr(choices, text);
    case OPTION_KASLR_SEED:
        return take_kaslr_seed(choices, text);
    case OPTION_CMDLINE:
        command->options.cmdline = text;
        return -1;
    case OPTION_MEMORY:
        return take_memory(choices, text);
    case OPTION_MEMORY_MAP:
        choices->memory_map = text;
        return -1;
    case OPTION_INITRD:
        choices->initrd = text;
        return -1;
    case OPTION_CPU:
        return take_cpu(choices, text);
    case OPTION_JOBS:
        return take_jobs(choices, text);
    case OPTION_VMLINUX:
        choices->vmlinux = text;
        return -1;
    case OPTION_JSON:
        command->json = text;
        return -1;
    case OPTION_VERBOSE:
        command->verbose = true;
        return -1;
    case 'h':
        print_help();
        return BZC_EXIT_PASS;
    case '?':
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", choices->about);
        return BZC_EXIT_USAGE;
    default:
        if (bzc_boot_option_is(option))
            return bzc_boot_option_take(&command->options, choices->about, option, text);
        return bzc_policy_option_take(&command->options.policy, choices->about, option, text);
    }
}

/* Every combination of what was asked for is one run. */
static size_t run_count(const struct bzc_verify_options *options)
{
    size_t ways = options->scenario_count + options->as_count;
    size_t addresses = options->load_addr_count ? options->load_addr_count : 1;
    size_t seeds = options->kaslr_seed_count ? options->kaslr_seed_count : 1;

    return (ways ? ways : 1) * addresses * seeds;
}

static bool relocates(const struct bzc_scenario *scenario)
{
    return scenario->relocates;
}

/* Where the loader enters the kernel itself, no decompressor draws an address. */
static bool has_kaslr(const struct bzc_scenario *scenario)
{
    return scenario->expect != BZC_EXPECT_RUNNING;
}

/* An option that none of the scenarios asked for can obey. */
static int check_meaning(const struct choices *choices, const char *option, bool (*obeys)(const struct bzc_scenario *))
{
    const struct bzc_verify_options *options = &choices->command->options;

    for (size_t i = 0; i < options->scenario_count; i++)
        if (obeys(options->scenario[i]))
            return -1;
    if (options->scenario_count == 0)
        return -1;
    return bzc_usage_error(choices->about, "%s has no meaning for scenario %s", option, options->scenario[0]->name);
}

static int check_together(const struct choices *choices)
{
    const struct bzc_verify_options *options = &choices->command->options;

    if (choices->command->image_count == 0)
        return bzc_usage_error(choices->about, "an image is missing");
    if (choices->vmlinux && choices->command->image_count > 1)
        return bzc_usage_error(choices->about, "--vmlinux belongs to one image, and %zu are given",
                               choices->command->image_count);
    if (options->as_count && options->scenario_count)
        return bzc_usage_error(choices->about, "--as and --scenario exclude each other");
    if (run_count(options) > BZC_RUNS_MAX)
        return bzc_usage_error(choices->about,
                               "%zu combinations of --scenario or --as, --load-addr and --kaslr-seed, more than %d",
                               run_count(options), BZC_RUNS_MAX);
    if (options->kaslr_seed_count && bzc_cmdline_has(options->cmdline, "nokaslr"))
        return bzc_usage_error(choices->about, "--kaslr-seed and nokaslr in --cmdline exclude each other");
    if (choices->memory_map && choices->has_memory)
        return bzc_usage_error(choices->about, "--memory and --memory-map exclude each other");
    if (options->load_addr_count && check_meaning(choices, "--load-addr", relocates) >= 0)
        return BZC_EXIT_USAGE;
    if (options->kaslr_seed_count && check_meaning(choices, "--kaslr-seed", has_kaslr) >= 0)
        return BZC_EXIT_USAGE;
    return -1;
}

/* ---- files that options name ---- */

/* False, with the reason said, when the file cannot be read or is empty: nobody names an empty file on purpose. */
static bool load(const char *option, const char *path, size_t limit, struct bzc_bytes *bytes)
{
    struct bzc_error err = {0};

    if (!path)
        return true;
    if (bzc_file_read(path, limit, bytes, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s: %s", option, err.message);
        return false;
    }
    if (bytes->size == 0)
        bzc_complain("bzcheck", "%s: %s: the file is empty", option, path);
    return bytes->size > 0;
}

static int load_memory_map(const struct choices *choices)
{
    struct bzc_memory_map *map = &choices->command->options.map;
    struct bzc_bytes text = {0};
    struct bzc_error err = {0};
    enum bzc_status status;

    if (!choices->memory_map) {
        if (bzc_memory_map_default(choices->memory, map, &err) != BZC_OK)
            return bzc_usage_error(choices->about, "--memory: %s", err.message);
        return -1;
    }
    if (!load("--memory-map", choices->memory_map, MEMORY_MAP_FILE_MAX, &text))
        return BZC_EXIT_UNKNOWN;
    status = bzc_memory_map_parse(text, map, &err);
    free((void *)(uintptr_t)text.data);
    if (status == BZC_OK)
        return -1;
    bzc_complain("bzcheck", "--memory-map: %s: %s", choices->memory_map, err.message);
    return BZC_EXIT_UNKNOWN;
}

static int load_files(const struct choices *choices)
{
    struct bzc_verify_options *options = &choices->command->options;
    int status = load_memory_map(choices);

    if (status >= 0)
        return status;
    if (!load("--initrd", choices->initrd, BZC_INITRD_FILE_MAX, &options->initrd) ||
        !load("--vmlinux", choices->vmlinux, BZC_VMLINUX_FILE_MAX, &options->vmlinux))
        return BZC_EXIT_UNKNOWN;
    return -1;
}

int bzc_verify_command_parse(int argc, char **argv, struct bzc_verify_command *command)
{
    struct choices choices = {.command = command, .about = argv[0], .memory = DEFAULT_MEMORY};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int status = -1, option;

    *command = (struct bzc_verify_command){
        .options = {.cmdline = "",
                    .profile = bzc_cpu_profile_find(DEFAULT_CPU),
                    .jobs = processors < 1          ? 1
                            : processors > JOBS_MAX ? JOBS_MAX
                                                    : (unsigned)processors},
    };
    bzc_policy_init(&command->options.policy);
    while (status < 0 && (option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        status = take_option(&choices, option, optarg);
    if (status >= 0) {
        bzc_verify_command_free(command);
        return status;
    }
    command->image = argv + optind;
    command->image_count = (size_t)(argc - optind);
    status = check_together(&choices);
    if (status < 0)
        status = load_files(&choices);
    if (status >= 0)
        bzc_verify_command_free(command);
    return status;
}

void bzc_verify_command_free(struct bzc_verify_command *command)
{
    free((void *)(uintptr_t)command->options.initrd.data);
    free((void *)(uintptr_t)command->options.vmlinux.data);
    command->options.initrd = command->options.vmlinux = (struct bzc_bytes){0};
    bzc_boot_options_free(&command->options);
}
