/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/findings.h"

#include <stdlib.h>
#include <string.h>

#include "report/text.h"

bool bzc_finding_same(const struct bzc_finding *a, const struct bzc_finding *b)
{
    return a->rule == b->rule && a->outcome == b->outcome && a->known == b->known &&
           strcmp(a->message, b->message) == 0 && strcmp(a->where, b->where) == 0 &&
           strcmp(a->expected, b->expected) == 0 && strcmp(a->actual, b->actual) == 0;
}

bool bzc_finding_is_first(const struct bzc_findings *findings, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (bzc_finding_same(&findings->item[i], &findings->item[index]))
            return false;
    return true;
}

bool bzc_finding_in_every_run(const struct bzc_verification *verification, size_t index)
{
    const struct bzc_run_facts *run;
    size_t count = 0;

    for (size_t at = index; (run = bzc_finding_next_run(verification, index, &at)) != NULL;)
        count++;
    return count > 1 && count == verification->facts.run_count;
}

const struct bzc_run_facts *bzc_finding_next_run(const struct bzc_verification *verification, size_t index, size_t *at)
{
    const struct bzc_findings *findings = &verification->findings;

    while (*at < findings->count) {
        const struct bzc_finding *finding = &findings->item[(*at)++];

        if (finding->run >= 0 && (size_t)finding->run < verification->facts.run_count &&
            bzc_finding_same(finding, &findings->item[index]))
            return &verification->facts.run[finding->run];
    }
    return NULL;
}

bool bzc_finding_fails(const struct bzc_verification *verification, const struct bzc_finding *finding)
{
    return verification->verdict == BZC_VERDICT_FAIL && bzc_finding_counts(verification, finding);
}

const char *bzc_finding_message(const struct bzc_finding *finding)
{
    return finding->message[0] ? finding->message : finding->rule->title;
}

static void write_runs(const struct bzc_verification *verification, size_t index, FILE *out)
{
    const struct bzc_run_facts *run;
    const char *separator = "";

    if (verification->facts.run_count < 2)
        return;
    if (bzc_finding_in_every_run(verification, index)) {
        fputs("every run", out);
        return;
    }
    for (size_t at = index; (run = bzc_finding_next_run(verification, index, &at)) != NULL;) {
        char label[BZC_TEXT_LABEL_SIZE];

        fprintf(out, "%s%s", separator, bzc_text_run_label(run, label));
        separator = "; ";
    }
}

static void write_detail(FILE *out, const char *name, const char *text)
{
    if (*text)
        fprintf(out, "\n%s: %s", name, text);
}

static char *finish(FILE *out, char **text)
{
    bool written = out && !ferror(out);

    if (out && fclose(out) == 0 && written)
        return *text;
    free(*text);
    return NULL;
}

char *bzc_finding_runs(const struct bzc_verification *verification, size_t index)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out)
        write_runs(verification, index, out);
    return finish(out, &text);
}

char *bzc_finding_words(const struct bzc_verification *verification, size_t index, enum bzc_finding_runs runs)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    char *labels = runs == BZC_RUNS_OF_GROUP ? bzc_finding_runs(verification, index) : NULL;
    char *text = NULL;
    size_t size;
    FILE *out = runs == BZC_RUNS_OF_GROUP && !labels ? NULL : open_memstream(&text, &size);

    if (out) {
        fputs(bzc_finding_message(finding), out);
        write_detail(out, "in", labels ? labels : "");
        write_detail(out, "where", finding->where);
        write_detail(out, "expected", finding->expected);
        write_detail(out, "actual", finding->actual);
        if (finding->outcome == BZC_OUTCOME_FAIL)
            write_detail(out, "source", finding->rule->spec);
        if (finding->known)
            write_detail(out, "known", "it is in the baseline");
    }
    free(labels);
    return finish(out, &text);
}

const char *bzc_entry_reason(const struct bzc_report_entry *entry)
{
    const char *message = entry->error.message;
    size_t length = strlen(entry->path);

    if (entry->verified)
        return entry->verification->verdict == BZC_VERDICT_UNKNOWN ? entry->verification->reason : NULL;
    if (strncmp(message, entry->path, length) == 0 && strncmp(message + length, ": ", 2) == 0)
        message += length + 2;
    return message;
}

size_t bzc_suite_count(const struct bzc_report_entry *entry)
{
    return entry->verified ? 1 + entry->verification->facts.run_count : 0;
}

const char *bzc_suite_name(const struct bzc_report_entry *entry, size_t suite, char *label)
{
    if (suite > 0)
        return bzc_text_run_label(&entry->verification->facts.run[suite - 1], label);
    snprintf(label, BZC_TEXT_LABEL_SIZE, "file");
    return label;
}

bool bzc_suite_has(const struct bzc_finding *finding, size_t suite)
{
    return suite == 0 ? finding->run < 0 : finding->run >= 0 && (size_t)finding->run == suite - 1;
}

struct bzc_suite_counts bzc_suite_count_checks(const struct bzc_report_entry *entry, size_t suite)
{
    const struct bzc_findings *findings = &entry->verification->findings;
    struct bzc_suite_counts counts = {0};

    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];

        if (!bzc_suite_has(finding, suite))
            continue;
        counts.checks++;
        counts.failed += bzc_finding_fails(entry->verification, finding);
        counts.skipped += finding->outcome == BZC_OUTCOME_SKIP;
        counts.unknown += finding->outcome == BZC_OUTCOME_UNKNOWN;
    }
    return counts;
}
