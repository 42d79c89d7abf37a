/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP version 14, the Test Anything Protocol, for its many readers. The same tree as in KTAP, which is no TAP 14: there
 * subtests are indented by two blanks and have versions, here by four and have a comment; here details are YAML.
 */
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format_rows.h"
#include "report/tap_document.h"
#include "report/text.h"
#include "report/utf8.h"

#define INDENT 4

enum escape {
    ESCAPE_HASH = '#',  /* in a description: '\' and '#' */
    ESCAPE_QUOTE = '"', /* in a quoted string of YAML: '\' and '"' */
    ESCAPE_NONE = 0,    /* in a reason or comment only what would not be one line */
};

static void put_text(struct bzc_tap_document *report, const char *text, enum escape escape)
{
    char *line = bzc_utf8_printable(text, false);

    report->failed = report->failed || !line;
    for (const char *at = line; at && *at; at++) {
        if (escape != ESCAPE_NONE && (*at == '\\' || *at == (char)escape))
            fputc('\\', report->body);
        fputc(*at, report->body);
    }
    free(line);
}

static void begin_line(struct bzc_tap_document *report, unsigned level)
{
    bzc_tap_document_indent(report, level, INDENT);
}

static void begin_subtest(struct bzc_tap_document *report, unsigned level, const char *name, size_t count)
{
    begin_line(report, level);
    fputs("# Subtest: ", report->body);
    put_text(report, name, ESCAPE_HASH);
    fputc('\n', report->body);
    begin_line(report, level + 1);
    fprintf(report->body, "1..%zu\n", count);
}

/* `skip` is the reason of a skipped test, or NULL. */
static void result(struct bzc_tap_document *report, unsigned level, bool ok, size_t index, const char *name,
                   const char *skip)
{
    begin_line(report, level);
    fprintf(report->body, "%s %zu - ", ok ? "ok" : "not ok", index);
    put_text(report, name, ESCAPE_HASH);
    if (skip) {
        fputs(" # SKIP ", report->body);
        put_text(report, skip, ESCAPE_NONE);
    }
    fputc('\n', report->body);
}

static void detail(struct bzc_tap_document *report, unsigned level, const char *name, const char *value)
{
    if (!*value)
        return;
    begin_line(report, level);
    fprintf(report->body, "  %s: \"", name);
    put_text(report, value, ESCAPE_QUOTE);
    fputs("\"\n", report->body);
}

static void mark(struct bzc_tap_document *report, unsigned level, const char *text)
{
    begin_line(report, level);
    fprintf(report->body, "  %s\n", text);
}

static void write_details(struct bzc_tap_document *report, const struct bzc_finding *finding)
{
    bool failed = finding->outcome == BZC_OUTCOME_FAIL;

    mark(report, 2, "---");
    detail(report, 2, "message", bzc_finding_message(finding));
    detail(report, 2, "severity",
           failed ? bzc_severity_name(finding->severity) : bzc_outcome_name(BZC_OUTCOME_UNKNOWN));
    detail(report, 2, "where", finding->where);
    detail(report, 2, "expected", finding->expected);
    detail(report, 2, "actual", finding->actual);
    detail(report, 2, "source", failed ? finding->rule->spec : "");
    detail(report, 2, "known", finding->known ? "it is in the baseline" : "");
    mark(report, 2, "...");
}

static void write_check(struct bzc_tap_document *report, const struct bzc_verification *verification,
                        const struct bzc_finding *finding, size_t number)
{
    bool unknown = finding->outcome == BZC_OUTCOME_UNKNOWN;
    char name[128];

    snprintf(name, sizeof(name), "%s %s", finding->rule->id, finding->rule->name);
    result(report, 2, !unknown && !bzc_finding_fails(verification, finding), number, name,
           finding->outcome == BZC_OUTCOME_SKIP ? bzc_finding_message(finding) : NULL);
    if (unknown || finding->outcome == BZC_OUTCOME_FAIL)
        write_details(report, finding);
}

/* Level 1: the file or a run, with its checks at level 2. */
static void write_suite(struct bzc_tap_document *report, const struct bzc_report_entry *entry, size_t suite)
{
    const struct bzc_verification *verification = entry->verification;
    struct bzc_suite_counts counts = bzc_suite_count_checks(entry, suite);
    char label[BZC_TEXT_LABEL_SIZE];
    size_t number = 0;

    bzc_suite_name(entry, suite, label);
    if (counts.checks == 0) {
        result(report, 1, true, suite + 1, label, "no check was asked");
        return;
    }
    begin_subtest(report, 1, label, counts.checks);
    for (size_t i = 0; i < verification->findings.count; i++)
        if (bzc_suite_has(&verification->findings.item[i], suite))
            write_check(report, verification, &verification->findings.item[i], ++number);
    result(report, 1, counts.failed == 0 && counts.unknown == 0, suite + 1, label, NULL);
}

/* ---- the document ---- */

static enum bzc_status open_tap(const struct bzc_format_options *options, FILE *out, void **context,
                                struct bzc_error *err)
{
    (void)options; /* every check has a line, whatever became of it */
    return bzc_tap_document_open(out, context, err);
}

static enum bzc_status add_tap(void *context, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct bzc_tap_document *report = context;
    const char *reason = bzc_entry_reason(entry);
    size_t suites = bzc_suite_count(entry);

    if (suites > 0)
        begin_subtest(report, 0, entry->path, suites);
    for (size_t i = 0; i < suites; i++)
        write_suite(report, entry, i);
    result(report, 0, entry->verified && entry->verification->verdict == BZC_VERDICT_PASS, ++report->images,
           entry->path, NULL);
    if (reason) {
        mark(report, 0, "---");
        detail(report, 0, "message", reason);
        detail(report, 0, "severity", bzc_outcome_name(BZC_OUTCOME_UNKNOWN));
        mark(report, 0, "...");
    }
    return bzc_tap_document_state(report, err);
}

static enum bzc_status close_tap(void *context, struct bzc_error *err)
{
    return bzc_tap_document_close(context, "TAP version 14", err);
}

const struct bzc_report_format bzc_format_tap = {
    .name = "tap",
    .summary = "TAP version 14, the Test Anything Protocol",
    .open = open_tap,
    .add = add_tap,
    .close = close_tap,
    .free = bzc_tap_document_free,
};
