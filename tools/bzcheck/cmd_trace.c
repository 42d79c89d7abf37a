/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck trace: shows what happens in one run. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tools/bzcheck/command.h"
#include "tools/bzcheck/input.h"
#include "tools/bzcheck/terminal.h"
#include "tools/bzcheck/trace_options.h"

#define STRETCH_BLOCKS 1000000u /* basic blocks: how much of a run --around looks at */
#define AGREEMENT_LOW  90u      /* percent of code that a file with symbols must share with the image */

struct output {
    FILE *text, *json; /* json: NULL when none is asked for */
    struct bzc_trace_text text_state;
    struct bzc_trace_json json_state;
    struct bzc_trace_writer writer[BZC_TRACE_WRITERS];
    size_t writer_count;
};

/* ---- output ---- */

/* NULL, with the reason said, when the file cannot be written. */
static FILE *open_output(const char *path)
{
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

    if (!out)
        bzc_complain("bzcheck", "%s: %s", path, strerror(errno));
    return out;
}

static bool close_output(FILE *out, const char *path)
{
    bool good;

    /* main() looks after these. */
    if (!out || out == stdout || out == stderr)
        return true;
    good = !ferror(out);
    good = fclose(out) == 0 && good;
    if (!good)
        bzc_complain("bzcheck", "%s: cannot be written", path);
    return good;
}

static bool begin_output(const struct bzc_trace_command *command, struct output *output)
{
    bool json_first = command->json && strcmp(command->json, "-") == 0;

    *output = (struct output){.text = json_first ? stderr : stdout};
    if (command->text && !(output->text = open_output(command->text)))
        return false;
    if (command->json && !(output->json = open_output(command->json))) {
        close_output(output->text, command->text);
        return false;
    }
    /* A reader that goes away is a write error like any other. */
    signal(SIGPIPE, SIG_IGN);
    output->text_state = (struct bzc_trace_text){.out = output->text, .colour = bzc_terminal_has_colour(output->text)};
    output->writer[output->writer_count++] = bzc_trace_text_writer(&output->text_state);
    output->json_state = (struct bzc_trace_json){.out = output->json};
    if (output->json)
        output->writer[output->writer_count++] = bzc_trace_json_writer(&output->json_state);
    return true;
}

static bool end_output(const struct bzc_trace_command *command, struct output *output)
{
    bool good = close_output(output->text, command->text);

    if (output->json_state.failed) {
        bzc_complain("bzcheck", "no memory for the JSON trace");
        good = false;
    }
    return close_output(output->json, command->json) && good;
}

/* ---- symbols that are not of this image ---- */

static void check_symbols(const struct bzc_trace_command *command, const struct bzc_image_facts *facts)
{
    for (unsigned i = 0; command->symbols && i < BZC_SYMBOLS_PARTS; i++) {
        enum bzc_symbols_part part = (enum bzc_symbols_part)i;
        uint64_t same = 0, compared = 0;

        if (part == BZC_SYMBOLS_SETUP)
            bzc_symbols_compare(command->symbols, part, 0, facts->image.realmode, &same, &compared);
        else if (part == BZC_SYMBOLS_DECOMPRESSOR)
            bzc_symbols_compare(command->symbols, part, 0, facts->image.pm, &same, &compared);
        for (size_t k = 0; part == BZC_SYMBOLS_KERNEL && facts->oracle && k < facts->oracle->segment_count; k++)
            bzc_symbols_compare(command->symbols, part, facts->oracle->segment[k].offset,
                                facts->oracle->segment[k].bytes, &same, &compared);
        if (compared > 0 && same < compared / 100 * AGREEMENT_LOW)
            bzc_complain("bzcheck",
                         "warning: --symbols: %s: only %u %% of its code is that of the image: "
                         "what it names is wrong",
                         command->symbols_file[i].path, (unsigned)(same * 100 / compared));
    }
}

/* ---- the run ---- */

static bool verify(const struct bzc_trace_command *command, const char *path, struct bzc_bytes file,
                   const struct bzc_watcher *watcher, struct bzc_verification *verification)
{
    struct bzc_verify_options options = command->options;
    struct bzc_error err = {0};

    options.watcher = watcher;
    if (bzc_verify(path, file, &options, verification, &err) == BZC_OK)
        return true;
    bzc_complain("bzcheck", "%s: %s", path, err.message);
    return false;
}

static struct bzc_trace *new_trace(const struct bzc_trace_request *request, const struct bzc_trace_head *head,
                                   const struct output *output)
{
    struct bzc_trace *trace = bzc_trace_new(request, head, output->writer, output->writer_count);

    if (!trace)
        bzc_complain("bzcheck", "no memory for the trace");
    return trace;
}

/* Why an image was not run at all. */
static void complain_of_no_run(const struct bzc_verification *verification)
{
    const struct bzc_finding *worst = NULL;

    for (size_t i = 0; i < verification->findings.count; i++) {
        const struct bzc_finding *finding = &verification->findings.item[i];

        if (finding->outcome == BZC_OUTCOME_FAIL && (!worst || finding->severity > worst->severity))
            worst = finding;
    }
    if (worst && !verification->reason[0])
        bzc_complain("bzcheck", "there is no run to trace: %s %s: %s", worst->rule->id, worst->rule->name,
                     worst->message);
    else
        bzc_complain("bzcheck", "there is no run to trace: %s",
                     verification->reason[0] ? verification->reason : "the image promises no way in");
}

static int conclude(const struct bzc_trace_command *command, struct bzc_trace *trace,
                    const struct bzc_verification *verification)
{
    static const int statuses[] = {BZC_EXIT_PASS, BZC_EXIT_FAIL, BZC_EXIT_UNKNOWN};
    const struct bzc_trace_request *request = &command->request;
    int status = statuses[verification->verdict];

    if (!bzc_trace_finish(trace, verification)) {
        bzc_complain("bzcheck", "no memory for all of the trace");
        status = BZC_EXIT_UNKNOWN;
    }
    if (verification->facts.run_count == 0)
        complain_of_no_run(verification);
    else if ((request->has_around || request->has_until) && !bzc_trace_reached(trace))
        bzc_complain("bzcheck", "control was not seen to reach 0x%llx",
                     (unsigned long long)(request->has_around ? request->around : request->until));
    check_symbols(command, &verification->facts.image);
    return status;
}

/*
 * The last records of a run whose length is not known: first count its blocks, then tell only the end. Filters may
 * leave too little of that: then more.
 */
static int trace_last(struct bzc_trace_command *command, const char *path, struct bzc_bytes file,
                      const struct bzc_trace_head *head, const struct output *output)
{
    struct bzc_trace_request request = command->request;
    struct bzc_verification verification;
    uint64_t blocks, back;
    int status = BZC_EXIT_UNKNOWN;
    struct bzc_trace *trace;
    struct bzc_watcher watcher;

    request.level = BZC_TRACE_CODE;
    request.filter.kinds = 0;
    if (!(trace = new_trace(&request, head, output)))
        return status;
    watcher = bzc_trace_watcher(trace);
    if (!verify(command, path, file, &watcher, &verification)) {
        bzc_trace_free(trace);
        return status;
    }
    blocks = bzc_trace_blocks(trace);
    bzc_verification_free(&verification);
    bzc_trace_free(trace);

    request = command->request;
    for (back = request.last + 1; status == BZC_EXIT_UNKNOWN; back *= 16) {
        bool all = back >= blocks;

        request.from_block = all ? 0 : blocks - back;
        if (!(trace = new_trace(&request, head, output)))
            return status;
        watcher = bzc_trace_watcher(trace);
        if (!verify(command, path, file, &watcher, &verification)) {
            bzc_trace_free(trace);
            return status;
        }
        if (!all && bzc_trace_held(trace) < request.last) {
            bzc_verification_free(&verification);
            bzc_trace_free(trace);
            continue;
        }
        status = conclude(command, trace, &verification);
        bzc_verification_free(&verification);
        bzc_trace_free(trace);
        break;
    }
    return status;
}

static int trace_once(struct bzc_trace_command *command, const char *path, struct bzc_bytes file,
                      const struct bzc_trace_head *head, const struct output *output)
{
    struct bzc_trace *trace = new_trace(&command->request, head, output);
    struct bzc_verification verification;
    struct bzc_watcher watcher;
    int status = BZC_EXIT_UNKNOWN;

    if (!trace)
        return status;
    watcher = bzc_trace_watcher(trace);
    if (verify(command, path, file, &watcher, &verification)) {
        status = conclude(command, trace, &verification);
        bzc_verification_free(&verification);
    }
    bzc_trace_free(trace);
    return status;
}

/*
 * The records around an address, of a run that executes millions of others: first find the blocks in which it is
 * reached, then tell only what lies there.
 */
static int trace_around(struct bzc_trace_command *command, const char *path, struct bzc_bytes file,
                        const struct bzc_trace_head *head, const struct output *output)
{
    struct bzc_trace_request *request = &command->request;
    struct bzc_trace_places places = {.level = request->level, .linear = request->around};
    struct bzc_watcher watcher = bzc_trace_places_watcher(&places);
    struct bzc_verification verification;
    int status;

    if (!verify(command, path, file, &watcher, &verification))
        return BZC_EXIT_UNKNOWN;
    bzc_verification_free(&verification);
    if (places.count > 0) {
        /* Of each block at least one record is shown, unless a filter leaves it out. */
        uint64_t back = request->filter.stage_count > 0 ? STRETCH_BLOCKS : request->context + 1;

        while (request->around_times < places.count &&
               places.block[request->around_times] - places.block[0] <= STRETCH_BLOCKS)
            request->around_times++;
        if (request->filter.range_count == 0 && places.block[0] > back)
            request->from_block = places.block[0] - back;
    }
    status = trace_once(command, path, file, head, output);
    if (request->around_times < places.count || places.more)
        bzc_complain("bzcheck", "control reaches 0x%llx again later; shown %s the first %zu time%s",
                     (unsigned long long)request->around, request->around_times == 1 ? "is" : "are",
                     request->around_times, request->around_times == 1 ? "" : "s");
    return status;
}

static int trace_image(struct bzc_trace_command *command, const char *path, struct bzc_bytes file)
{
    bool every_step = command->request.level >= BZC_TRACE_BRANCHES;
    const struct bzc_trace_head head = {.path = path,
                                        .level = command->level,
                                        .counted = every_step || command->all_edges,
                                        .symbols = command->symbols};
    struct output output;
    struct bzc_image image;
    int status;

    if (!begin_output(command, &output))
        return BZC_EXIT_UNKNOWN;
    bzc_image_parse(file, &image);
    if (command->symbols)
        bzc_symbols_shift(command->symbols, BZC_SYMBOLS_DECOMPRESSOR, image.entry_shift);
    if (command->request.last && every_step)
        status = trace_last(command, path, file, &head, &output);
    else if (command->request.has_around && every_step)
        status = trace_around(command, path, file, &head, &output);
    else
        status = trace_once(command, path, file, &head, &output);
    if (!end_output(command, &output))
        status = BZC_EXIT_UNKNOWN;
    return status;
}

int bzc_cmd_trace(int argc, char **argv)
{
    struct bzc_trace_command command;
    struct bzc_error err = {0};
    struct bzc_input input;
    int status = bzc_trace_command_parse(argc, argv, &command);

    if (status >= 0)
        return status;
    if (bzc_input_open(command.image, BZC_DEPTH_KERNEL, &input, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        status = BZC_EXIT_UNKNOWN;
    } else if (input.is_uki && !input.linux_path) {
        bzc_complain("bzcheck", "%s: this unified kernel image holds no kernel to trace", command.image);
        status = BZC_EXIT_UNKNOWN;
    } else {
        status = trace_image(&command, input.is_uki ? input.linux_path : command.image,
                             input.is_uki ? input.linux_image : input.file);
    }
    bzc_input_close(&input);
    bzc_trace_command_free(&command);
    return status;
}
