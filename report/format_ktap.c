/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KTAP version 1, as the kernel's own tests speak (Documentation/dev-tools/ktap.rst). An image is a test; its subtests
 * are the file and the runs, theirs the checks. What is to be said about a check stands in diagnostic lines before it.
 */
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format_rows.h"
#include "report/tap_document.h"
#include "report/text.h"
#include "report/utf8.h"

#define INDENT 2 /* "One level of indentation is two spaces" */

/* Text of one line; a description must not hold '#', and KTAP knows no escapes. */
static void put_line(struct bzc_tap_document *report, const char *text, bool description)
{
    char *line = bzc_utf8_printable(text, false);

    report->failed = report->failed || !line;
    for (char *at = line; description && at && (at = strchr(at, '#'));)
        *at = '?';
    fputs(line ? line : "", report->body);
    free(line);
}

static void begin_line(struct bzc_tap_document *report, unsigned level)
{
    bzc_tap_document_indent(report, level, INDENT);
}

static void plan(struct bzc_tap_document *report, unsigned level, size_t count)
{
    begin_line(report, level);
    fputs("KTAP version 1\n", report->body);
    begin_line(report, level);
    fprintf(report->body, "1..%zu\n", count);
}

/* `directive` and `reason` may be NULL. */
static void result(struct bzc_tap_document *report, unsigned level, bool ok, size_t index, const char *name,
                   const char *directive, const char *reason)
{
    begin_line(report, level);
    fprintf(report->body, "%s %zu ", ok ? "ok" : "not ok", index);
    put_line(report, name, true);
    if (directive) {
        fprintf(report->body, " # %s ", directive);
        put_line(report, reason, false);
    }
    fputc('\n', report->body);
}

/* Every line of `text` as "# prefix: line". */
static void diagnose(struct bzc_tap_document *report, unsigned level, const char *prefix, char *text)
{
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        begin_line(report, level);
        fprintf(report->body, "# %s: ", prefix);
        put_line(report, line, false);
        fputc('\n', report->body);
    }
}

static void write_check(struct bzc_tap_document *report, const struct bzc_verification *verification, size_t index,
                        size_t number)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    const char *message = bzc_finding_message(finding), *directive = NULL;
    char name[128], prefix[32], *words;

    if (finding->outcome == BZC_OUTCOME_SKIP)
        directive = "SKIP";
    else if (finding->outcome == BZC_OUTCOME_UNKNOWN)
        directive = "ERROR";
    else if (finding->outcome == BZC_OUTCOME_FAIL) {
        words = bzc_finding_words(verification, index, BZC_RUNS_OMIT);
        report->failed = report->failed || !words;
        snprintf(prefix, sizeof(prefix), "%s %s", finding->rule->id, bzc_severity_name(finding->severity));
        if (words)
            diagnose(report, 2, prefix, words);
        free(words);
    }
    snprintf(name, sizeof(name), "%s %s", finding->rule->id, finding->rule->name);
    result(report, 2, !bzc_finding_fails(verification, finding) && finding->outcome != BZC_OUTCOME_UNKNOWN, number,
           name, directive, message);
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
        result(report, 1, true, suite + 1, label, "SKIP", "no check was asked");
        return;
    }
    plan(report, 2, counts.checks);
    for (size_t i = 0; i < verification->findings.count; i++)
        if (bzc_suite_has(&verification->findings.item[i], suite))
            write_check(report, verification, i, ++number);
    result(report, 1, counts.failed == 0 && counts.unknown == 0, suite + 1, label, NULL, NULL);
}

/* ---- the document ---- */

static enum bzc_status open_ktap(const struct bzc_format_options *options, FILE *out, void **context,
                                 struct bzc_error *err)
{
    (void)options; /* every check has a line, whatever became of it */
    return bzc_tap_document_open(out, context, err);
}

static enum bzc_status add_ktap(void *context, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct bzc_tap_document *report = context;
    const char *reason = bzc_entry_reason(entry);
    size_t suites = bzc_suite_count(entry);
    bool ok = entry->verified && entry->verification->verdict == BZC_VERDICT_PASS;

    if (suites > 0)
        plan(report, 1, suites);
    for (size_t i = 0; i < suites; i++)
        write_suite(report, entry, i);
    result(report, 0, ok, ++report->images, entry->path, reason ? "ERROR" : NULL, reason);
    return bzc_tap_document_state(report, err);
}

static enum bzc_status close_ktap(void *context, struct bzc_error *err)
{
    return bzc_tap_document_close(context, "KTAP version 1", err);
}

const struct bzc_report_format bzc_format_ktap = {
    .name = "ktap",
    .summary = "KTAP version 1, as kernel tests speak",
    .open = open_ktap,
    .add = add_ktap,
    .close = close_ktap,
    .free = bzc_tap_document_free,
};
