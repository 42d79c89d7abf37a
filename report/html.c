/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML report (docs/html-report.md). Images are written to memory first: the page begins with their verdicts. */
#include <stdlib.h>
#include <string.h>

#include "report/format_rows.h"
#include "report/html.h"

struct html_report {
    FILE *out;
    FILE *body; /* to `text` */
    char *text;
    size_t size;
    struct bzc_html_line *line;
    size_t count;
};

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the HTML report");
}

static void free_report(void *report)
{
    struct html_report *html = report;

    if (!html)
        return;
    if (html->body)
        fclose(html->body);
    free(html->text);
    for (size_t i = 0; i < html->count; i++)
        free(html->line[i].path);
    free(html->line);
    free(html);
}

static enum bzc_status open_report(const struct bzc_format_options *options, FILE *out, void **report,
                                   struct bzc_error *err)
{
    struct html_report *html = calloc(1, sizeof(*html));

    (void)options; /* everything is always in it */
    *report = html;
    if (!html)
        return no_memory(err);
    html->out = out;
    html->body = open_memstream(&html->text, &html->size);
    return html->body ? BZC_OK : no_memory(err);
}

static enum bzc_status add_image(void *report, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct html_report *html = report;
    struct bzc_html_line *line = realloc(html->line, (html->count + 1) * sizeof(*line));
    enum bzc_status status = BZC_OK;

    if (!line)
        return no_memory(err);
    html->line = line;
    line[html->count].path = strdup(entry->path);
    if (!line[html->count].path)
        return no_memory(err);
    line[html->count].verdict = entry->verified ? entry->verification->verdict : BZC_VERDICT_UNKNOWN;
    fprintf(html->body, "<article id=\"i%zu\" aria-labelledby=\"i%zu-name\">\n", html->count, html->count);
    bzc_html_image(html->body, entry, html->count);
    if (entry->verified) {
        bzc_html_findings(html->body, entry->verification, html->count);
        status = bzc_html_runs(html->body, entry->verification, html->count, err);
    }
    fputs("</article>\n", html->body);
    html->count++;
    if (status == BZC_OK && ferror(html->body))
        return no_memory(err);
    return status;
}

static enum bzc_status close_report(void *report, struct bzc_error *err)
{
    struct html_report *html = report;

    if (fflush(html->body) != 0)
        return no_memory(err);
    bzc_html_begin(html->out, html->line, html->count);
    fwrite(html->text, 1, html->size, html->out);
    bzc_html_end(html->out);
    return fflush(html->out) == 0 && !ferror(html->out)
               ? BZC_OK
               : bzc_error_set(err, BZC_ERR_IO, "cannot write the HTML report");
}

const struct bzc_report_format bzc_format_html = {
    .name = "html",
    .summary = "one page for a browser, with memory maps and code",
    .needs_pictures = true,
    .open = open_report,
    .add = add_image,
    .close = close_report,
    .free = free_report,
};
