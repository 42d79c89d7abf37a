/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit XML, the dialect of Jenkins' xUnit plug-in (junit-10.xsd), Maven Surefire and pytest, which GitLab and others
 * read, too. The file and each run are a suite, each check a test case. A case fails exactly when it makes the image
 * fail; an image that could not be told has an error.
 */
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format_rows.h"
#include "report/text.h"
#include "report/utf8.h"

struct junit_report {
    FILE *out;
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
    bool failed; /* no memory at some call */
};

static void note(struct junit_report *report, int result)
{
    if (result < 0)
        report->failed = true;
}

static void begin(struct junit_report *report, const char *element)
{
    note(report, xmlTextWriterStartElement(report->writer, BAD_CAST element));
}

static void end(struct junit_report *report)
{
    note(report, xmlTextWriterEndElement(report->writer));
}

static void attribute(struct junit_report *report, const char *name, const char *value)
{
    char *line = bzc_utf8_printable(value, false);

    note(report, line ? xmlTextWriterWriteAttribute(report->writer, BAD_CAST name, BAD_CAST line) : -1);
    free(line);
}

static void number(struct junit_report *report, const char *name, size_t value)
{
    note(report, xmlTextWriterWriteFormatAttribute(report->writer, BAD_CAST name, "%zu", value));
}

static void body(struct junit_report *report, const char *text)
{
    char *lines = bzc_utf8_printable(text, true);

    note(report, lines ? xmlTextWriterWriteString(report->writer, BAD_CAST lines) : -1);
    free(lines);
}

static void property(struct junit_report *report, const char *name, const char *value)
{
    begin(report, "property");
    attribute(report, "name", name);
    attribute(report, "value", value);
    end(report);
}

/* <failure>, <error> or <skipped>: what stands in a list, and all that is known. */
static void outcome(struct junit_report *report, const char *element, const char *type, const char *message,
                    const char *words)
{
    begin(report, element);
    attribute(report, "type", type);
    attribute(report, "message", message);
    if (words)
        body(report, words);
    end(report);
}

static void begin_case(struct junit_report *report, const char *class, const struct bzc_rule *rule)
{
    char name[128];

    snprintf(name, sizeof(name), "%s %s", rule ? rule->id : "verdict", rule ? rule->name : "");
    begin(report, "testcase");
    attribute(report, "classname", class);
    attribute(report, "name", rule ? name : "verdict");
}

static void write_case(struct junit_report *report, const struct bzc_verification *verification, size_t index,
                       const char *class)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    const char *message = bzc_finding_message(finding), *severity = bzc_severity_name(finding->severity);

    begin_case(report, class, finding->rule);
    if (finding->outcome == BZC_OUTCOME_SKIP) {
        outcome(report, "skipped", "skip", message, NULL);
    } else if (finding->outcome == BZC_OUTCOME_UNKNOWN) {
        outcome(report, "error", "unknown", message, NULL);
    } else if (finding->outcome == BZC_OUTCOME_FAIL) {
        char *words = bzc_finding_words(verification, index, BZC_RUNS_OMIT);

        if (!words) {
            report->failed = true;
        } else if (bzc_finding_fails(verification, finding)) {
            outcome(report, "failure", severity, message, words);
        } else {
            begin(report, "system-out");
            body(report, severity);
            body(report, ": ");
            body(report, words);
            end(report);
        }
        free(words);
    }
    end(report);
}

/* "boot/vmlinuz: bios at 0x100000, nokaslr", for the file just its path: also the class of every case in it, because
 * servers tell cases apart by class and name alone. NULL without memory. */
static char *suite_title(const struct bzc_report_entry *entry, size_t suite)
{
    char label[BZC_TEXT_LABEL_SIZE], *title;
    size_t size;

    if (suite == 0)
        return strdup(entry->path);
    bzc_suite_name(entry, suite, label);
    size = strlen(entry->path) + strlen(label) + sizeof(": ");
    title = malloc(size);
    if (title)
        snprintf(title, size, "%s: %s", entry->path, label);
    return title;
}

static void begin_suite(struct junit_report *report, const char *title, const struct bzc_suite_counts *counts)
{
    begin(report, "testsuite");
    attribute(report, "name", title);
    number(report, "tests", counts->checks);
    number(report, "failures", counts->failed);
    number(report, "errors", counts->unknown);
    number(report, "skipped", counts->skipped);
}

/* That of an image that could not be told is a case of its own, so that the suite has an error. */
static void write_reason(struct junit_report *report, const struct bzc_report_entry *entry)
{
    const char *reason = bzc_entry_reason(entry);

    if (!reason)
        return;
    begin_case(report, entry->path, NULL);
    outcome(report, "error", "unknown", reason, NULL);
    end(report);
}

static void write_suite(struct junit_report *report, const struct bzc_report_entry *entry, size_t suite)
{
    const struct bzc_verification *verification = entry->verification;
    struct bzc_suite_counts counts = bzc_suite_count_checks(entry, suite);
    bool untold = suite == 0 && bzc_entry_reason(entry);
    char *title = suite_title(entry, suite);

    if (!title) {
        report->failed = true;
        return;
    }
    counts.checks += untold;
    counts.unknown += untold;
    begin_suite(report, title, &counts);
    begin(report, "properties");
    if (suite == 0) {
        property(report, "bzcheck.version", BZC_VERSION);
        property(report, "bzcheck.command", entry->command);
        property(report, "bzcheck.verdict", bzc_verdict_name(verification->verdict));
    } else {
        property(report, "bzcheck.result", bzc_run_result(&verification->facts.run[suite - 1]));
    }
    end(report);
    for (size_t i = 0; i < verification->findings.count; i++)
        if (bzc_suite_has(&verification->findings.item[i], suite))
            write_case(report, verification, i, title);
    if (untold)
        write_reason(report, entry);
    end(report);
    free(title);
}

/* ---- the document ---- */

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the JUnit report");
}

static void free_junit(void *context)
{
    struct junit_report *report = context;

    if (!report)
        return;
    if (report->writer)
        xmlFreeTextWriter(report->writer);
    if (report->buffer)
        xmlBufferFree(report->buffer);
    free(report);
}

static enum bzc_status open_junit(const struct bzc_format_options *options, FILE *out, void **context,
                                  struct bzc_error *err)
{
    struct junit_report *report = calloc(1, sizeof(*report));

    (void)options; /* every check is a case, whatever became of it */
    *context = report;
    if (!report)
        return no_memory(err);
    report->out = out;
    report->buffer = xmlBufferCreate();
    report->writer = report->buffer ? xmlNewTextWriterMemory(report->buffer, 0) : NULL;
    if (!report->writer)
        return no_memory(err);
    note(report, xmlTextWriterSetIndent(report->writer, 1));
    note(report, xmlTextWriterSetIndentString(report->writer, BAD_CAST "  "));
    note(report, xmlTextWriterStartDocument(report->writer, NULL, "UTF-8", NULL));
    begin(report, "testsuites");
    attribute(report, "name", "bzcheck");
    return report->failed ? no_memory(err) : BZC_OK;
}

static enum bzc_status add_junit(void *context, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct junit_report *report = context;

    for (size_t i = 0, count = bzc_suite_count(entry); i < count; i++)
        write_suite(report, entry, i);
    if (!entry->verified) {
        begin_suite(report, entry->path, &(struct bzc_suite_counts){.checks = 1, .unknown = 1});
        write_reason(report, entry);
        end(report);
    }
    return report->failed ? no_memory(err) : BZC_OK;
}

static enum bzc_status close_junit(void *context, struct bzc_error *err)
{
    struct junit_report *report = context;
    size_t size;

    note(report, xmlTextWriterEndDocument(report->writer));
    note(report, xmlTextWriterFlush(report->writer));
    if (report->failed)
        return no_memory(err);
    size = (size_t)xmlBufferLength(report->buffer);
    if (fwrite(xmlBufferContent(report->buffer), 1, size, report->out) == size && fflush(report->out) == 0)
        return BZC_OK;
    return bzc_error_set(err, BZC_ERR_IO, "cannot write the JUnit report");
}

const struct bzc_report_format bzc_format_junit = {
    .name = "junit",
    .summary = "JUnit XML, as CI servers read it",
    .open = open_junit,
    .add = add_junit,
    .close = close_junit,
    .free = free_junit,
};
