/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Annotations of GitHub Actions: a workflow command a finding, errors first, because a step shows only the first few of
 * each kind. Source of the syntax and its escapes: docs.github.com, "Workflow commands for GitHub Actions", and
 * escapeData() and escapeProperty() of @actions/core.
 */
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format_rows.h"
#include "report/utf8.h"

struct github_report {
    FILE *out;
    bool failed; /* no memory at some call */
};

static void put(struct github_report *report, const char *text, bool property)
{
    char *clean = bzc_utf8_printable(text, true);

    report->failed = report->failed || !clean;
    for (const char *at = clean; at && *at; at++) {
        if (*at == '%' || *at == '\n' || *at == '\r' || (property && (*at == ':' || *at == ',')))
            fprintf(report->out, "%%%02X", (unsigned)*at);
        else
            fputc(*at, report->out);
    }
    free(clean);
}

static void begin(struct github_report *report, const char *command, const char *path, const char *title)
{
    fprintf(report->out, "::%s file=", command);
    put(report, path, true);
    fputs(",title=", report->out);
    put(report, title, true);
    fputs("::", report->out);
}

/* What the baseline knows shall not be red in a job that passes. */
static enum bzc_severity severity_of(const struct bzc_finding *finding)
{
    return finding->known ? BZC_SEVERITY_NOTE : finding->severity;
}

static void write_finding(struct github_report *report, const struct bzc_report_entry *entry, size_t index)
{
    static const char *const commands[] = {"notice", "warning", "error"};
    const struct bzc_finding *finding = &entry->verification->findings.item[index];
    char *words = bzc_finding_words(entry->verification, index, BZC_RUNS_OF_GROUP), title[128];

    report->failed = report->failed || !words;
    snprintf(title, sizeof(title), "%s %s", finding->rule->id, finding->rule->name);
    begin(report, commands[severity_of(finding)], entry->path, title);
    put(report, words ? words : "", false);
    fputc('\n', report->out);
    free(words);
}

static enum bzc_status open_github(const struct bzc_format_options *options, FILE *out, void **context,
                                   struct bzc_error *err)
{
    struct github_report *report = calloc(1, sizeof(*report));

    (void)options; /* an annotation is about something that is wrong */
    *context = report;
    if (!report)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the annotations");
    report->out = out;
    return BZC_OK;
}

static enum bzc_status state(struct github_report *report, struct bzc_error *err)
{
    if (report->failed)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the annotations");
    return ferror(report->out) ? bzc_error_set(err, BZC_ERR_IO, "cannot write the annotations") : BZC_OK;
}

static enum bzc_status add_github(void *context, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct github_report *report = context;
    const struct bzc_findings *findings = entry->verified ? &entry->verification->findings : NULL;
    const char *reason = bzc_entry_reason(entry);

    if (reason) {
        begin(report, "error", entry->path, "bzcheck could not tell");
        put(report, reason, false);
        fputc('\n', report->out);
    }
    for (int severity = BZC_SEVERITY_ERROR; findings && severity >= BZC_SEVERITY_NOTE; severity--)
        for (size_t i = 0; i < findings->count; i++)
            if (findings->item[i].outcome == BZC_OUTCOME_FAIL && (int)severity_of(&findings->item[i]) == severity &&
                bzc_finding_is_first(findings, i))
                write_finding(report, entry, i);
    return state(report, err);
}

static enum bzc_status close_github(void *context, struct bzc_error *err)
{
    struct github_report *report = context;

    fflush(report->out);
    return state(report, err);
}

const struct bzc_report_format bzc_format_github = {
    .name = "github",
    .summary = "annotations of GitHub Actions",
    .open = open_github,
    .add = add_github,
    .close = close_github,
    .free = free,
};
