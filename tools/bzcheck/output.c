/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/output.h"

#include <signal.h>
#include <string.h>

#include "tools/bzcheck/command.h"
#include "tools/bzcheck/document.h"
#include "tools/bzcheck/terminal.h"

bool bzc_output_begin(struct bzc_output *output, const char *json, bool verbose)
{
    struct bzc_error err = {0};

    /* A reader that goes away is a write error like any other: the next image and the JSON file are still to come. */
    signal(SIGPIPE, SIG_IGN);
    *output = (struct bzc_output){.text = json && strcmp(json, "-") == 0 ? stderr : stdout, .json_path = json};
    output->options = (struct bzc_text_options){bzc_terminal_has_colour(output->text), verbose};
    if (!json || bzc_json_report_new(&output->json, &err) == BZC_OK)
        return true;
    bzc_complain("bzcheck", "%s", err.message);
    return false;
}

static int exit_of(const struct bzc_report_entry *entry)
{
    static const int status[] = {BZC_EXIT_PASS, BZC_EXIT_FAIL, BZC_EXIT_UNKNOWN};

    return entry->verified ? status[entry->verification->verdict] : BZC_EXIT_UNKNOWN;
}

int bzc_output_add(struct bzc_output *output, const struct bzc_report_entry *entry)
{
    struct bzc_error err = {0};

    if (entry->verified) {
        if (bzc_report_is_long(entry, &output->options) && output->long_reports++ > 0)
            fputc('\n', output->text);
        bzc_report_text(entry, &output->options, output->text);
        /* A run takes its time: what is known is shown. */
        if (entry->verification->executed)
            fflush(output->text);
    } else {
        struct bzc_text_options options = {.colour = bzc_terminal_has_colour(stderr)};

        fflush(output->text);
        bzc_report_text(entry, &options, stderr);
    }
    if (output->json && bzc_json_report_add(output->json, entry, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    return exit_of(entry);
}

static enum bzc_status write_json(const void *document, FILE *out, struct bzc_error *err)
{
    return bzc_json_report_write(document, out, err);
}

bool bzc_output_end(struct bzc_output *output)
{
    bool written = !output->json || bzc_document_write(output->json_path, write_json, output->json);

    bzc_json_report_free(output->json);
    output->json = NULL;
    return written;
}
