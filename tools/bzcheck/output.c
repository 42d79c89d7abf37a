/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/output.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bzcheck/command.h"
#include "tools/bzcheck/document.h"
#include "tools/bzcheck/terminal.h"

static void free_documents(struct bzc_output *output)
{
    for (size_t i = 0; i < output->document_count; i++) {
        struct bzc_output_document *document = &output->document[i];

        document->target->format->free(document->report);
        if (document->memory)
            fclose(document->memory);
        free(document->data);
    }
    output->document_count = 0;
}

static bool open_documents(struct bzc_output *output, const struct bzc_report_options *options)
{
    const struct bzc_format_options format_options = {.verbose = options->verbose};

    for (size_t i = 0; i < options->target_count; i++) {
        struct bzc_output_document *document = &output->document[output->document_count++];
        struct bzc_error err = {0};

        *document = (struct bzc_output_document){.target = &options->target[i]};
        document->memory = open_memstream(&document->data, &document->size);
        if (!document->memory)
            bzc_error_set(&err, BZC_ERR_MEMORY, "no memory for the report");
        else if (document->target->format->open(&format_options, document->memory, &document->report, &err) == BZC_OK)
            continue;
        bzc_complain("bzcheck", "%s", err.message);
        return false;
    }
    return true;
}

bool bzc_output_begin(struct bzc_output *output, const struct bzc_report_options *options)
{
    /* A reader that goes away is a write error like any other: the next image and the files are still to come. */
    signal(SIGPIPE, SIG_IGN);
    *output = (struct bzc_output){.text = bzc_report_options_take_stdout(options) ? stderr : stdout};
    if (options->quiet)
        output->text = NULL;
    output->options.colour = output->text && bzc_terminal_has_colour(output->text);
    output->options.verbose = options->verbose;
    if (open_documents(output, options))
        return true;
    free_documents(output);
    return false;
}

static int exit_of(const struct bzc_report_entry *entry)
{
    static const int status[] = {BZC_EXIT_PASS, BZC_EXIT_FAIL, BZC_EXIT_UNKNOWN};

    return entry->verified ? status[entry->verification->verdict] : BZC_EXIT_UNKNOWN;
}

static void print_text(struct bzc_output *output, const struct bzc_report_entry *entry)
{
    if (!entry->verified) {
        struct bzc_text_options options = {.colour = bzc_terminal_has_colour(stderr)};

        if (output->text)
            fflush(output->text);
        bzc_report_text(entry, &options, stderr);
        return;
    }
    if (!output->text)
        return;
    if (bzc_report_is_long(entry, &output->options) && output->long_reports++ > 0)
        fputc('\n', output->text);
    bzc_report_text(entry, &output->options, output->text);
    /* A run takes its time: what is known is shown. */
    if (entry->verification->executed)
        fflush(output->text);
}

int bzc_output_add(struct bzc_output *output, const struct bzc_report_entry *entry)
{
    struct bzc_error err = {0};
    int status = exit_of(entry);

    print_text(output, entry);
    for (size_t i = 0; i < output->document_count; i++) {
        const struct bzc_output_document *document = &output->document[i];

        if (document->target->format->add(document->report, entry, &err) == BZC_OK)
            continue;
        bzc_complain("bzcheck", "%s", err.message);
        status = BZC_EXIT_UNKNOWN;
    }
    return status;
}

/* The document is complete in memory; writes it to where it was asked for. */
static bool write_document(struct bzc_output_document *document)
{
    struct bzc_error err = {0};
    enum bzc_status status = document->target->format->close(document->report, &err);

    if (fclose(document->memory) != 0 && status == BZC_OK)
        status = bzc_error_set(&err, BZC_ERR_MEMORY, "no memory for the report");
    document->memory = NULL;
    if (status == BZC_OK)
        return bzc_document_put(document->target->path, document->data, document->size);
    bzc_complain("bzcheck", "%s", err.message);
    return false;
}

bool bzc_output_end(struct bzc_output *output)
{
    bool written = true;

    for (size_t i = 0; i < output->document_count; i++)
        written &= write_document(&output->document[i]);
    free_documents(output);
    return written;
}
