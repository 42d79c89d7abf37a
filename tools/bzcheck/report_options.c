/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/report_options.h"

#include <string.h>

#include "report/page.h"
#include "tools/bzcheck/command.h"

#define FORMAT_COLUMN  24
#define SUMMARY_COLUMN 34

void bzc_report_options_help(FILE *out)
{
    struct bzc_page page = {.out = out, .width = 80};

    fputs("  -o, --output FORMAT:FILE\n"
          "                      * write a report in this format, too; FILE - is standard\n"
          "                        output, and moves the text to standard error:\n",
          out);
    for (size_t i = 0; i < bzc_report_format_count; i++) {
        bzc_page_tab(&page, FORMAT_COLUMN);
        bzc_page_put(&page, BZC_STYLE_PLAIN, bzc_report_formats[i]->name);
        bzc_page_tab(&page, SUMMARY_COLUMN);
        bzc_page_wrap(&page, BZC_STYLE_PLAIN, SUMMARY_COLUMN, bzc_report_formats[i]->summary);
    }
    fputs("  --json FILE           the same as -o json:FILE\n"
          "  --quiet               do not print the text; what is wrong is still said\n"
          "  --verbose             also tell the checks that passed or were skipped\n",
          out);
}

bool bzc_report_option_is(int option)
{
    return option == BZC_OPTION_OUTPUT || (option >= BZC_OPTION_JSON && option <= BZC_OPTION_VERBOSE);
}

static int add_target(struct bzc_report_options *options, const char *about, const char *option,
                      const struct bzc_report_format *format, const char *path)
{
    if (!*path)
        return bzc_usage_error(about, "%s: the file's name is missing", option);
    for (size_t i = 0; i < options->target_count; i++)
        if (strcmp(options->target[i].path, path) == 0)
            return bzc_usage_error(about, "%s: two reports to %s", option,
                                   strcmp(path, "-") == 0 ? "standard output" : path);
    if (options->target_count == BZC_REPORTS_MAX)
        return bzc_usage_error(about, "%s: more than %d reports", option, BZC_REPORTS_MAX);
    options->target[options->target_count++] = (struct bzc_report_target){format, path};
    return -1;
}

static int take_output(struct bzc_report_options *options, const char *about, const char *text)
{
    const char *colon = strchr(text, ':');
    char known[256] = "", name[32];

    if (!colon)
        return bzc_usage_error(about, "--output: '%s' is not FORMAT:FILE", text);
    if ((size_t)(colon - text) < sizeof(name)) {
        const struct bzc_report_format *format;

        memcpy(name, text, (size_t)(colon - text));
        name[colon - text] = '\0';
        format = bzc_report_format_find(name);
        if (format)
            return add_target(options, about, "--output", format, colon + 1);
    }
    for (size_t i = 0, used = 0; i < bzc_report_format_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", bzc_report_formats[i]->name);
    return bzc_usage_error(about, "--output: there is no format '%.*s'; there is:%s", (int)(colon - text), text, known);
}

int bzc_report_option_take(struct bzc_report_options *options, const char *about, int option, const char *text)
{
    switch (option) {
    case BZC_OPTION_OUTPUT:
        return take_output(options, about, text);
    case BZC_OPTION_JSON:
        return add_target(options, about, "--json", bzc_report_format_find("json"), text);
    case BZC_OPTION_QUIET:
        options->quiet = true;
        break;
    case BZC_OPTION_VERBOSE:
        options->verbose = true;
        break;
    }
    return -1;
}

bool bzc_report_options_take_stdout(const struct bzc_report_options *options)
{
    for (size_t i = 0; i < options->target_count; i++)
        if (strcmp(options->target[i].path, "-") == 0)
            return true;
    return false;
}

bool bzc_report_options_need_pictures(const struct bzc_report_options *options)
{
    for (size_t i = 0; i < options->target_count; i++)
        if (options->target[i].format->needs_pictures)
            return true;
    return false;
}
