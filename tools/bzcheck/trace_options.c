/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/trace_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/policy_options.h"
#include "tools/bzcheck/run_options.h"
#include "tools/bzcheck/same_file.h"

#define DEFAULT_CONTEXT 10u
#define NUMBER_SIZE     32u

/* Everything that the options say, before files are read. */
struct choices {
    struct bzc_trace_command *command;
    struct bzc_run_options run;
    const char *about;
    bool has_context, has_events;
    struct bzc_named_files files;
};

static const char help_head[] = "Usage: bzcheck trace [options] IMAGE\n"
                                "\n"
                                "Boots the image once, as verify does, and shows what happens on the way to the\n"
                                "kernel's first instruction.\n"
                                "\n"
                                "What to show:\n"
                                "  --level stages        jumps between the parts of the boot and changes of mode,\n"
                                "                        with the registers and how control got there (default)\n"
                                "  --level edges         and each way from one basic block to another, once (but\n"
                                "                        for a few in the hottest code)\n"
                                "  --all-edges           each of them: three to five times the time\n"
                                "  --level branches      each time\n"
                                "  --level insns         each instruction, and the registers that changed since\n"
                                "                        the one before (default with --around and --last)\n"
                                "  --events LIST         these events, too, separated by commas: port, bios,\n"
                                "                        interrupt, page-fault, a20, rom-write, open-bus,\n"
                                "                        console, reset, write, code (first fetch from a page),\n"
                                "                        page-write (first write to a page), all, none (default:\n"
                                "                        all but code and page-write)\n"
                                "  --watch RANGE       * tell every write to these linear addresses\n"
                                "  --every               one record an event; otherwise port, BIOS, interrupt and\n"
                                "                        memory events that are alike and have no control flow of\n"
                                "                        the level between them are one record with a count\n"
                                "\n"
                                "Which part of it. RANGE is START-END (END is behind the last byte) or\n"
                                "START+SIZE.\n"
                                "  --stage NAME        * only in this part: loader, setup, decompressor,\n"
                                "                        relocated (the decompressor's copy), kernel, virtual\n"
                                "                        (the kernel at its own virtual addresses), bios,\n"
                                "                        unknown\n"
                                "  --range RANGE       * only code at these linear addresses\n"
                                "  --count N             the first N records\n"
                                "  --last N              the last N records before the end (N up to 100000)\n"
                                "  --around ADDR         only the records around each time control reaches this\n"
                                "                        linear address (at branches and insns the first 64\n"
                                "                        times at most)\n"
                                "  --context N           so many before and after (default: 10)\n"
                                "  --until ADDR          up to the first time control reaches this address\n"
                                "\n"
                                "Names:\n"
                                "  --symbols STAGE=ELF * names and source lines of setup (setup.elf),\n"
                                "                        decompressor (compressed/vmlinux) or kernel (vmlinux)\n"
                                "                        from this file, wherever that part runs\n"
                                "\n"
                                "How to boot: as for verify, but one run. Options marked * may be given more than\n"
                                "once where that does not ask for a second run.\n";
static const char help_tail[] = "\n"
                                "Checks and output:\n";
static const char help_end[] = "  --json FILE           write the trace for programs, too: JSON Lines, one\n"
                               "                        object a line; - is standard output and moves the text\n"
                               "                        to standard error\n"
                               "  -o, --output FILE     write the text to this file\n"
                               "  -h, --help            print this help\n"
                               "\n"
                               "Numbers are in C notation: 16, 0x10, 020.\n"
                               "\n"
                               "Exit status, as of verify: 0 the run passes; 1 findings; 2 wrong usage; 3 could\n"
                               "not tell, a file could not be read, or the trace could not be written.\n";

static const struct bzc_run_defaults defaults = {
    .scenario = "default: the first that the image promises",
    .load_addr = "default: 0x100000 where the loader chooses",
    .kaslr_seed = "default: without KASLR",
};

static void print_help(void)
{
    fputs(help_head, stdout);
    bzc_run_options_help(&defaults, stdout);
    fputs(help_tail, stdout);
    fputs(bzc_policy_help, stdout);
    fputs(help_end, stdout);
}

/* ---- one function an option: -1 or the exit status of a usage error ---- */

static int take_level(struct choices *choices, const char *text)
{
    static const char *const names[] = {"stages", "edges", "branches", "insns"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) != 0)
            continue;
        choices->command->level = names[i];
        choices->command->request.level = (enum bzc_trace_level)i;
        return -1;
    }
    return bzc_usage_error(choices->about, "--level: there is no '%s'; there is: stages, edges, branches, insns", text);
}

static int take_events(struct choices *choices, const char *text)
{
    if (!bzc_trace_kinds_parse(text, &choices->command->request.filter.kinds))
        return bzc_usage_error(choices->about, "--events: '%s' is no list of: %s", text, bzc_trace_kinds_known);
    choices->has_events = true;
    return -1;
}

static int take_stage(struct choices *choices, const char *text)
{
    struct bzc_trace_filter *filter = &choices->command->request.filter;
    const char *stage = bzc_trace_stage_find(text);

    if (!stage)
        return bzc_usage_error(choices->about, "--stage: there is no '%s'; there is: %s", text, bzc_trace_stages_known);
    if (filter->stage_count == BZC_TRACE_STAGES)
        return bzc_usage_error(choices->about, "--stage: more than %u times", BZC_TRACE_STAGES);
    filter->stage[filter->stage_count++] = stage;
    return -1;
}

/* START-END or START+SIZE */
static bool parse_range(const char *text, struct bzc_trace_range *range)
{
    size_t length = strcspn(text, "-+");
    char start[NUMBER_SIZE] = "";
    uint64_t number;

    if (length == 0 || length >= sizeof(start) || text[length] == '\0')
        return false;
    memcpy(start, text, length);
    if (!bzc_number_parse(start, &range->start) || !bzc_number_parse(text + length + 1, &number))
        return false;
    range->end = text[length] == '+' ? range->start + number : number;
    return range->end > range->start;
}

static int take_range(const struct choices *choices, const char *option, const char *text,
                      struct bzc_trace_range range[BZC_TRACE_RANGES_MAX], size_t *count)
{
    if (*count == BZC_TRACE_RANGES_MAX)
        return bzc_usage_error(choices->about, "%s: more than %d times", option, BZC_TRACE_RANGES_MAX);
    if (!parse_range(text, &range[*count]))
        return bzc_usage_error(choices->about, "%s: '%s' is no START-END or START+SIZE", option, text);
    (*count)++;
    return -1;
}

static int take_address(const struct choices *choices, const char *option, const char *text, bool *given,
                        uint64_t *address)
{
    *given = bzc_number_parse(text, address);
    return *given ? -1 : bzc_usage_error(choices->about, "%s: '%s' is no address", option, text);
}

static int take_number(const struct choices *choices, const char *option, const char *text, uint64_t least,
                       uint64_t most, uint64_t *number)
{
    if (bzc_number_parse(text, number) && *number >= least && *number <= most)
        return -1;
    return bzc_usage_error(choices->about, "%s: '%s' is no number from %llu to %llu", option, text,
                           (unsigned long long)least, (unsigned long long)most);
}

static int take_symbols(struct choices *choices, const char *text)
{
    const char *equals = strchr(text, '=');
    struct bzc_symbols_file *file;
    enum bzc_symbols_part part;

    if (!equals || equals[1] == '\0' || !bzc_symbols_part_find(text, (size_t)(equals - text), &part))
        return bzc_usage_error(choices->about, "--symbols: '%s' is no STAGE=ELF with setup, decompressor or kernel",
                               text);
    file = &choices->command->symbols_file[part];
    if (file->path)
        return bzc_usage_error(choices->about, "--symbols: %s is given twice", bzc_symbols_part_name(part));
    file->path = equals + 1;
    bzc_named_files_read(&choices->files, "--symbols", file->path);
    return -1;
}

/* ---- the command line ---- */

enum option_id {
    OPTION_LEVEL = 256,
    OPTION_EVENTS,
    OPTION_WATCH,
    OPTION_EVERY,
    OPTION_ALL_EDGES,
    OPTION_STAGE,
    OPTION_RANGE,
    OPTION_COUNT,
    OPTION_LAST,
    OPTION_AROUND,
    OPTION_CONTEXT,
    OPTION_UNTIL,
    OPTION_SYMBOLS,
    OPTION_JSON,
};

static const struct option long_options[] = {
    {"level", required_argument, NULL, OPTION_LEVEL},
    {"events", required_argument, NULL, OPTION_EVENTS},
    {"watch", required_argument, NULL, OPTION_WATCH},
    {"all-edges", no_argument, NULL, OPTION_ALL_EDGES},
    {"every", no_argument, NULL, OPTION_EVERY},
    {"stage", required_argument, NULL, OPTION_STAGE},
    {"range", required_argument, NULL, OPTION_RANGE},
    {"count", required_argument, NULL, OPTION_COUNT},
    {"last", required_argument, NULL, OPTION_LAST},
    {"around", required_argument, NULL, OPTION_AROUND},
    {"context", required_argument, NULL, OPTION_CONTEXT},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"symbols", required_argument, NULL, OPTION_SYMBOLS},
    {"json", required_argument, NULL, OPTION_JSON},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    BZC_RUN_LONG_OPTIONS,
    BZC_POLICY_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static int take_size(const struct choices *choices, const char *option, const char *text, size_t *number)
{
    uint64_t wide = 0;
    int status = take_number(choices, option, text, 1, BZC_TRACE_LAST_MAX, &wide);

    *number = (size_t)wide;
    return status;
}

static int take_option(struct choices *choices, int option, const char *text)
{
    struct bzc_trace_command *command = choices->command;
    struct bzc_trace_request *request = &command->request;

    bzc_named_files_option(&choices->files, option, text);
    switch (option) {
    case OPTION_LEVEL:
        return take_level(choices, text);
    case OPTION_EVENTS:
        return take_events(choices, text);
    case OPTION_WATCH:
        return take_range(choices, "--watch", text, request->watch, &request->watch_count);
    case OPTION_EVERY:
        request->every = true;
        return -1;
    case OPTION_ALL_EDGES:
        command->all_edges = true;
        return -1;
    case OPTION_STAGE:
        return take_stage(choices, text);
    case OPTION_RANGE:
        return take_range(choices, "--range", text, request->filter.range, &request->filter.range_count);
    case OPTION_COUNT:
        return take_number(choices, "--count", text, 1, INT64_MAX, &request->count);
    case OPTION_LAST:
        return take_size(choices, "--last", text, &request->last);
    case OPTION_AROUND:
        return take_address(choices, "--around", text, &request->has_around, &request->around);
    case OPTION_CONTEXT:
        choices->has_context = true;
        return take_size(choices, "--context", text, &request->context);
    case OPTION_UNTIL:
        return take_address(choices, "--until", text, &request->has_until, &request->until);
    case OPTION_SYMBOLS:
        return take_symbols(choices, text);
    case OPTION_JSON:
        command->json = text;
        return -1;
    case 'o':
        command->text = text;
        return -1;
    case 'h':
        print_help();
        return BZC_EXIT_PASS;
    case '?':
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", choices->about);
        return BZC_EXIT_USAGE;
    default:
        if (bzc_run_option_is(option))
            return bzc_run_option_take(&choices->run, option, text);
        return bzc_policy_option_take(&command->options.policy, choices->about, option, text);
    }
}

static int check_together(const struct choices *choices, int images)
{
    const struct bzc_trace_request *request = &choices->command->request;
    const struct bzc_trace_command *command = choices->command;

    if (images != 1)
        return bzc_usage_error(
            choices->about, images == 0 ? "an image is missing" : "a trace is of one image, and %d are given", images);
    if (request->last && (request->has_around || request->has_until || request->count))
        return bzc_usage_error(choices->about, "--last and %s exclude each other",
                               request->has_around  ? "--around"
                               : request->has_until ? "--until"
                                                    : "--count");
    if (command->all_edges && command->level && request->level != BZC_TRACE_EDGES)
        return bzc_usage_error(choices->about, "--all-edges has no meaning at level %s", command->level);
    if (choices->has_context && !request->has_around)
        return bzc_usage_error(choices->about, "--context has no meaning without --around");
    if (bzc_run_options_count(&command->options) > 1)
        return bzc_usage_error(choices->about, "a trace is of one run: --scenario, --as, --load-addr and --kaslr-seed "
                                               "may be given once");
    if (command->json && command->text && strcmp(command->json, command->text) == 0)
        return bzc_usage_error(choices->about, "--json and --output name the same file");
    return bzc_run_options_check(&choices->run);
}

static int check_files(struct choices *choices)
{
    struct bzc_trace_command *command = choices->command;

    bzc_named_files_read(&choices->files, "the image", command->image);
    bzc_named_files_write(&choices->files, "--json", command->json);
    bzc_named_files_write(&choices->files, "--output", command->text);
    return bzc_named_files_check(&choices->files, choices->about);
}

/* What follows from several options. */
static void complete(const struct choices *choices)
{
    struct bzc_trace_request *request = &choices->command->request;

    if (choices->command->all_edges) {
        choices->command->level = "edges";
        request->level = BZC_TRACE_EDGES;
    } else if (!choices->command->level && (request->has_around || request->last)) {
        choices->command->level = "insns";
        request->level = BZC_TRACE_INSNS;
    } else if (!choices->command->level) {
        choices->command->level = "stages";
    }
    if (!choices->has_events)
        request->filter.kinds = bzc_trace_kinds_default();
    if (request->watch_count > 0)
        request->filter.kinds |= 1u << BZC_RECORD_WRITE;
    request->filter.kinds |= bzc_trace_kinds_of_level(request->level);
    choices->command->options.one_run = true;
}

/* ---- files that options name ---- */

static int load_symbols(struct bzc_trace_command *command)
{
    for (unsigned i = 0; i < BZC_SYMBOLS_PARTS; i++) {
        struct bzc_symbols_file *file = &command->symbols_file[i];
        struct bzc_error err = {0};

        if (!file->path)
            continue;
        if (!bzc_option_file_load("--symbols", file->path, BZC_VMLINUX_FILE_MAX, &file->bytes))
            return BZC_EXIT_UNKNOWN;
        if (!command->symbols)
            command->symbols = bzc_symbols_new();
        if (!command->symbols) {
            bzc_complain("bzcheck", "--symbols: no memory");
            return BZC_EXIT_UNKNOWN;
        }
        if (bzc_symbols_add(command->symbols, (enum bzc_symbols_part)i, file->bytes, &err) != BZC_OK) {
            bzc_complain("bzcheck", "--symbols: %s: %s", file->path, err.message);
            return BZC_EXIT_UNKNOWN;
        }
    }
    return -1;
}

int bzc_trace_command_parse(int argc, char **argv, struct bzc_trace_command *command)
{
    struct choices choices = {.command = command, .about = argv[0]};
    int status = -1, option;

    *command = (struct bzc_trace_command){.request = {.context = DEFAULT_CONTEXT}};
    bzc_run_options_init(&choices.run, &command->options, argv[0]);
    while (status < 0 && (option = getopt_long(argc, argv, "ho:", long_options, NULL)) != -1)
        status = take_option(&choices, option, optarg);
    if (status < 0) {
        command->image = argv[optind];
        status = check_together(&choices, argc - optind);
        if (status < 0)
            status = check_files(&choices);
    }
    if (status < 0) {
        complete(&choices);
        status = bzc_run_options_load(&choices.run);
    }
    if (status < 0)
        status = load_symbols(command);
    bzc_named_files_free(&choices.files);
    if (status >= 0)
        bzc_trace_command_free(command);
    return status;
}

void bzc_trace_command_free(struct bzc_trace_command *command)
{
    bzc_symbols_free(command->symbols);
    command->symbols = NULL;
    for (unsigned i = 0; i < BZC_SYMBOLS_PARTS; i++) {
        free((void *)(uintptr_t)command->symbols_file[i].bytes.data);
        command->symbols_file[i].bytes = (struct bzc_bytes){0};
    }
    bzc_run_options_free(&command->options);
}
