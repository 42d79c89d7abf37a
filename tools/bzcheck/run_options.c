/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/run_options.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "report/page.h"
#include "tools/bzcheck/command.h"

#define MEMORY_MAP_FILE_MAX (1u << 20)

static const char help_ways[] = "  --list-scenarios      print the ways in and which images promise them\n"
                                "  --as NAME|FILE      * as this boot loader does it, instead of a scenario; what\n"
                                "                        has a slash or a dot in it is a profile of your own\n"
                                "                        ('bzcheck loaders IMAGE' names the built-in ones)\n";
static const char help_end[] = "  --cmdline STR         kernel command line (default: empty); in runs without\n"
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
                               "  --memory-map FILE     its e820 map instead: lines START END TYPE, or those of\n"
                               "                        a kernel log\n"
                               "  --cpu NAME            its CPU (default: " BZC_DEFAULT_CPU "):\n";

static void print_choice(FILE *out, const char *name, const char *summary)
{
    struct bzc_page page = {.out = out, .width = 80};

    bzc_page_tab(&page, 24);
    bzc_page_put(&page, BZC_STYLE_PLAIN, name);
    bzc_page_tab(&page, 32);
    bzc_page_wrap(&page, BZC_STYLE_PLAIN, 32, summary);
}

void bzc_run_options_help(const struct bzc_run_defaults *defaults, FILE *out)
{
    fprintf(out, "  --scenario NAME     * the way in (%s)\n%s", defaults->scenario, help_ways);
    fprintf(out, "  --load-addr ADDR    * physical address of the protected-mode part\n%24s(%s)\n", "",
            defaults->load_addr);
    fprintf(out, "  --kaslr-seed N      * with KASLR; the same seed gives the same addresses\n%24s(%s)\n%s", "",
            defaults->kaslr_seed, help_end);
    for (size_t i = 0; i < bzc_cpu_profile_count; i++)
        print_choice(out, bzc_cpu_profiles[i].name, bzc_cpu_profiles[i].summary);
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

static int take_scenario(struct bzc_run_options *run, const char *text)
{
    struct bzc_verify_options *options = run->options;
    const struct bzc_scenario *scenario = bzc_scenario_find(text);
    char known[256] = "";

    for (size_t i = 0, used = 0; i < bzc_scenario_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", bzc_scenarios[i].name);
    if (!scenario)
        return bzc_usage_error(run->about, "--scenario: there is no '%s'; there is:%s", text, known);
    if (options->scenario_count == BZC_CHOICES_MAX)
        return bzc_usage_error(run->about, "--scenario: more than %d times", BZC_CHOICES_MAX);
    options->scenario[options->scenario_count++] = scenario;
    return -1;
}

static int take_load_addr(struct bzc_run_options *run, const char *text)
{
    struct bzc_verify_options *options = run->options;
    uint64_t address;

    if (!bzc_number_parse(text, &address) || address == 0 || address > BZC_LOAD_ADDR_MAX)
        return bzc_usage_error(run->about, "--load-addr: '%s' is no address from 1 to 0x%llx", text, BZC_LOAD_ADDR_MAX);
    if (options->load_addr_count == BZC_CHOICES_MAX)
        return bzc_usage_error(run->about, "--load-addr: more than %d times", BZC_CHOICES_MAX);
    options->load_addr[options->load_addr_count++] = address;
    return -1;
}

static int take_kaslr_seed(struct bzc_run_options *run, const char *text)
{
    struct bzc_verify_options *options = run->options;
    uint64_t seed;

    if (!bzc_number_parse(text, &seed) || seed > BZC_KASLR_SEED_MAX)
        return bzc_usage_error(run->about, "--kaslr-seed: '%s' is no number from 0 to 2^63-1", text);
    if (options->kaslr_seed_count == BZC_CHOICES_MAX)
        return bzc_usage_error(run->about, "--kaslr-seed: more than %d times", BZC_CHOICES_MAX);
    options->kaslr_seed[options->kaslr_seed_count++] = seed;
    return -1;
}

static int take_memory(struct bzc_run_options *run, const char *text)
{
    if (!bzc_size_parse(text, &run->memory))
        return bzc_usage_error(run->about, "--memory: '%s' is no size", text);
    run->has_memory = true;
    return -1;
}

static int take_cpu(struct bzc_run_options *run, const char *text)
{
    char known[256] = "";

    for (size_t i = 0, used = 0; i < bzc_cpu_profile_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", bzc_cpu_profiles[i].name);
    run->options->profile = bzc_cpu_profile_find(text);
    if (!run->options->profile)
        return bzc_usage_error(run->about, "--cpu: there is no '%s'; there is:%s", text, known);
    return -1;
}

int bzc_jobs_option_take(struct bzc_verify_options *options, const char *about, const char *text)
{
    uint64_t jobs;

    if (!bzc_number_parse(text, &jobs) || jobs < 1 || jobs > BZC_JOBS_MAX)
        return bzc_usage_error(about, "--jobs: '%s' is no number from 1 to %u", text, BZC_JOBS_MAX);
    options->jobs = (unsigned)jobs;
    return -1;
}

unsigned bzc_jobs_default(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 1 ? 1 : processors > (long)BZC_JOBS_MAX ? BZC_JOBS_MAX : (unsigned)processors;
}

bool bzc_run_option_is(int option)
{
    return (option >= BZC_OPTION_SCENARIO && option <= BZC_OPTION_CPU) || bzc_boot_option_is(option);
}

int bzc_run_option_take(struct bzc_run_options *run, int option, const char *text)
{
    switch (option) {
    case BZC_OPTION_SCENARIO:
        return take_scenario(run, text);
    case BZC_OPTION_LIST_SCENARIOS:
        print_scenarios();
        return BZC_EXIT_PASS;
    case BZC_OPTION_LOAD_ADDR:
        return take_load_addr(run, text);
    case BZC_OPTION_KASLR_SEED:
        return take_kaslr_seed(run, text);
    case BZC_OPTION_CMDLINE:
        run->options->cmdline = text;
        return -1;
    case BZC_OPTION_MEMORY:
        return take_memory(run, text);
    case BZC_OPTION_MEMORY_MAP:
        run->memory_map = text;
        return -1;
    case BZC_OPTION_INITRD:
        run->initrd = text;
        return -1;
    case BZC_OPTION_CPU:
        return take_cpu(run, text);
    default:
        return bzc_boot_option_take(run->options, run->about, option, text);
    }
}

size_t bzc_run_options_count(const struct bzc_verify_options *options)
{
    size_t ways = options->scenario_count + options->as_count;
    size_t addresses = options->load_addr_count ? options->load_addr_count : 1;
    size_t seeds = options->kaslr_seed_count ? options->kaslr_seed_count : 1;

    return (ways ? ways : 1) * addresses * seeds;
}

static int no_meaning(const struct bzc_run_options *run, const char *option)
{
    return bzc_usage_error(run->about, "%s has no meaning for scenario %s", option, run->options->scenario[0]->name);
}

int bzc_run_options_check(const struct bzc_run_options *run)
{
    const struct bzc_verify_options *options = run->options;
    size_t runs = bzc_run_options_count(options);

    if (options->as_count && options->scenario_count)
        return bzc_usage_error(run->about, "--as and --scenario exclude each other");
    if (runs > BZC_RUNS_MAX)
        return bzc_usage_error(run->about,
                               "%zu combinations of --scenario or --as, --load-addr and --kaslr-seed, more than %d",
                               runs, BZC_RUNS_MAX);
    if (options->kaslr_seed_count && bzc_cmdline_has(options->cmdline, "nokaslr"))
        return bzc_usage_error(run->about, "--kaslr-seed and nokaslr in --cmdline exclude each other");
    if (run->memory_map && run->has_memory)
        return bzc_usage_error(run->about, "--memory and --memory-map exclude each other");
    if (options->load_addr_count && !bzc_verify_options_relocate(options))
        return no_meaning(run, "--load-addr");
    if (options->kaslr_seed_count && !bzc_verify_options_have_kaslr(options))
        return no_meaning(run, "--kaslr-seed");
    return -1;
}

/* ---- files that options name ---- */

bool bzc_option_file_load(const char *option, const char *path, size_t limit, struct bzc_bytes *bytes)
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

static int load_memory_map(const struct bzc_run_options *run)
{
    struct bzc_memory_map *map = &run->options->map;
    struct bzc_bytes text = {0};
    struct bzc_error err = {0};
    enum bzc_status status;

    if (!run->memory_map) {
        if (bzc_memory_map_default(run->memory, map, &err) != BZC_OK)
            return bzc_usage_error(run->about, "--memory: %s", err.message);
        return -1;
    }
    if (!bzc_option_file_load("--memory-map", run->memory_map, MEMORY_MAP_FILE_MAX, &text))
        return BZC_EXIT_UNKNOWN;
    status = bzc_memory_map_parse(text, map, &err);
    free((void *)(uintptr_t)text.data);
    if (status == BZC_OK)
        return -1;
    bzc_complain("bzcheck", "--memory-map: %s: %s", run->memory_map, err.message);
    return BZC_EXIT_UNKNOWN;
}

int bzc_run_options_load(const struct bzc_run_options *run)
{
    int status = load_memory_map(run);

    if (status < 0 && !bzc_option_file_load("--initrd", run->initrd, BZC_INITRD_FILE_MAX, &run->options->initrd))
        status = BZC_EXIT_UNKNOWN;
    return status;
}

void bzc_run_options_init(struct bzc_run_options *run, struct bzc_verify_options *options, const char *about)
{
    *run = (struct bzc_run_options){.options = options, .about = about, .memory = BZC_DEFAULT_MEMORY};
    bzc_verify_options_init(options);
}

void bzc_run_options_free(struct bzc_verify_options *options)
{
    free((void *)(uintptr_t)options->initrd.data);
    options->initrd = (struct bzc_bytes){0};
    bzc_boot_options_free(options);
}
