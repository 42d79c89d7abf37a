/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A summary in GitHub's Markdown, for $GITHUB_STEP_SUMMARY and comments on merge requests: the verdict, a table of
 * findings, and folded away what each run did.
 *
 * Whatever is not ours is written with every character that Markdown or HTML could take for its own as a character
 * reference: those never make structure (CommonMark, Entity and numeric character references).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format_rows.h"
#include "report/text.h"
#include "report/utf8.h"

struct markdown_report {
    FILE *out;
    bool verbose;
    bool failed; /* no memory at some call */
};

enum quote {
    QUOTE_WORDS, /* an '@' calls nobody */
    QUOTE_CODE,  /* between <code> and </code> */
};

/* A newline becomes <br>. */
static void put(struct markdown_report *report, const char *text, enum quote quote)
{
    static const char quoted[] = "&<>\"'|\\`*_{}[]#+!~@=$^";
    char *clean = bzc_utf8_printable(text, true);

    report->failed = report->failed || !clean;
    for (const char *at = clean; at && *at; at++) {
        if (*at == '\n')
            fputs("<br>", report->out);
        else if (strchr(quoted, *at))
            fprintf(report->out, "&#%d;%s", *at, *at == '@' && quote == QUOTE_WORDS ? "&#8203;" : "");
        else
            fputc(*at, report->out);
    }
    free(clean);
}

static void code(struct markdown_report *report, const char *text)
{
    if (!*text)
        return;
    fputs("<code>", report->out);
    put(report, text, QUOTE_CODE);
    fputs("</code>", report->out);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- the verdict ---- */

static void write_failed(struct markdown_report *report, const struct bzc_findings *findings)
{
    for (int severity = BZC_SEVERITY_ERROR; severity >= BZC_SEVERITY_NOTE; severity--) {
        size_t count = bzc_text_count_failed(findings, (enum bzc_severity)severity);

        if (count > 0)
            fprintf(report->out, "%zu %s%s, ", count, bzc_severity_name((enum bzc_severity)severity), plural(count));
    }
}

static void write_verdict(struct markdown_report *report, const struct bzc_report_entry *entry)
{
    static const char *const words[] = {"PASS", "FAIL", "UNKNOWN"};
    const struct bzc_verification *verification = entry->verified ? entry->verification : NULL;
    const char *reason = bzc_entry_reason(entry);

    fprintf(report->out, "**%s** ", words[verification ? verification->verdict : BZC_VERDICT_UNKNOWN]);
    code(report, entry->path);
    if (reason) {
        fputs(": ", report->out);
        put(report, reason, QUOTE_WORDS);
    }
    if (verification) {
        size_t runs = verification->facts.run_count, passed = bzc_text_count(&verification->findings, BZC_OUTCOME_PASS);

        fputs(" (", report->out);
        write_failed(report, &verification->findings);
        if (verification->executed)
            fprintf(report->out, "%zu run%s, ", runs, plural(runs));
        fprintf(report->out, "%zu check%s passed)", passed, plural(passed));
    }
    fputs("\n\n", report->out);
}

/* ---- findings ---- */

static void write_finding(struct markdown_report *report, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    bool failed = finding->outcome == BZC_OUTCOME_FAIL;
    char *runs = bzc_finding_runs(verification, index);

    report->failed = report->failed || !runs;
    fprintf(report->out, "| %s%s | %s %s | ",
            failed ? bzc_severity_name(finding->severity) : bzc_outcome_name(finding->outcome),
            finding->known ? " (known)" : "", finding->rule->id, finding->rule->name);
    put(report, bzc_finding_message(finding), QUOTE_WORDS);
    if (runs && *runs) {
        fputs("<br>in: ", report->out);
        put(report, runs, QUOTE_WORDS);
    }
    fputs(" | ", report->out);
    code(report, finding->where);
    fputs(" | ", report->out);
    code(report, finding->expected);
    fputs(" | ", report->out);
    code(report, finding->actual);
    fputs(" |\n", report->out);
    free(runs);
}

static void write_group(struct markdown_report *report, const struct bzc_verification *verification,
                        enum bzc_outcome outcome, enum bzc_severity severity, bool *begun)
{
    const struct bzc_findings *findings = &verification->findings;

    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];

        if (finding->outcome != outcome || (outcome == BZC_OUTCOME_FAIL && finding->severity != severity) ||
            !bzc_finding_is_first(findings, i))
            continue;
        if (!*begun)
            fputs("| severity | rule | finding | where | expected | actual |\n|---|---|---|---|---|---|\n",
                  report->out);
        *begun = true;
        write_finding(report, verification, i);
    }
}

/* What a reader of a summary sees first is the worst. */
static void write_findings(struct markdown_report *report, const struct bzc_verification *verification)
{
    bool begun = false;

    write_group(report, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR, &begun);
    write_group(report, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_WARNING, &begun);
    write_group(report, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_NOTE, &begun);
    write_group(report, verification, BZC_OUTCOME_UNKNOWN, BZC_SEVERITY_NOTE, &begun);
    if (report->verbose) {
        write_group(report, verification, BZC_OUTCOME_SKIP, BZC_SEVERITY_NOTE, &begun);
        write_group(report, verification, BZC_OUTCOME_PASS, BZC_SEVERITY_NOTE, &begun);
    }
    if (begun)
        fputc('\n', report->out);
}

/* ---- runs ---- */

static void write_address(struct markdown_report *report, bool known, uint64_t address)
{
    if (known)
        fprintf(report->out, " 0x%" PRIx64 " |", address);
    else
        fputs(" - |", report->out);
}

static void write_run(struct markdown_report *report, const struct bzc_run_facts *run)
{
    bool started = run->plan_error.status == BZC_OK, good = run->entry.reached || run->running.reached;
    const char *detail = started ? run->stop.detail : run->plan_error.message;
    char label[BZC_TEXT_LABEL_SIZE];

    fputs("| ", report->out);
    put(report, bzc_text_run_label(run, label), QUOTE_WORDS);
    fprintf(report->out, " | %s", bzc_run_result(run));
    if (*detail && !good) {
        fputs("<br>", report->out);
        put(report, detail, QUOTE_WORDS);
    }
    fputs(" | ", report->out);
    for (size_t i = 0; i < run->stage_count; i++)
        fprintf(report->out, "%s%s 0x%" PRIx64 " %s", i > 0 ? "<br>" : "", run->stage[i].name, run->stage[i].phys,
                bzc_mode_name(run->stage[i].mode));
    fputs(" |", report->out);
    write_address(report, run->compared, run->comparison.base);
    fputc('\n', report->out);
}

static void write_runs(struct markdown_report *report, const struct bzc_facts *facts)
{
    if (facts->run_count == 0)
        return;
    fprintf(report->out, "<details><summary>%zu run%s</summary>\n\n", facts->run_count, plural(facts->run_count));
    fputs("| run | result | stages | kernel at |\n|---|---|---|---|\n", report->out);
    for (size_t i = 0; i < facts->run_count; i++)
        write_run(report, &facts->run[i]);
    fputs("\n</details>\n\n", report->out);
}

/* ---- relocation: the runs that probe load addresses ---- */

static void write_probe(struct markdown_report *report, const struct bzc_image *image, const struct bzc_run_facts *run)
{
    uint64_t aligned = 0;
    bool moved = run->plan_error.status == BZC_OK;

    fprintf(report->out, "| %s: ", run->scenario);
    put(report, run->purpose, QUOTE_WORDS);
    fputs(" |", report->out);
    write_address(report, true, run->load_addr);
    write_address(report, moved && run->plan.kernel_alignment != 0, run->plan.kernel_alignment);
    moved = moved && bzc_image_runtime_start(image, run->load_addr, run->plan.kernel_alignment, &aligned);
    write_address(report, moved, aligned);
    write_address(report, run->compared, run->comparison.base);
    fputc(' ', report->out);
    put(report, run->refusal[0] ? run->refusal : bzc_run_result(run), QUOTE_WORDS);
    fputs(" |\n", report->out);
}

static void write_probes(struct markdown_report *report, const struct bzc_facts *facts)
{
    size_t count = 0;

    for (size_t i = 0; i < facts->run_count; i++)
        count += facts->run[i].purpose[0] != '\0';
    if (count == 0)
        return;
    fprintf(report->out, "<details><summary>%zu load address%s probed</summary>\n\n", count, count == 1 ? "" : "es");
    fputs("| scenario and purpose | requested | alignment | aligned | final | result |\n|---|---|---|---|---|---|\n",
          report->out);
    for (size_t i = 0; i < facts->run_count; i++)
        if (facts->run[i].purpose[0])
            write_probe(report, &facts->image.image, &facts->run[i]);
    fputs("\n</details>\n\n", report->out);
}

/* ---- the document ---- */

static enum bzc_status state(struct markdown_report *report, struct bzc_error *err)
{
    if (report->failed)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the Markdown summary");
    return ferror(report->out) ? bzc_error_set(err, BZC_ERR_IO, "cannot write the Markdown summary") : BZC_OK;
}

static enum bzc_status open_markdown(const struct bzc_format_options *options, FILE *out, void **context,
                                     struct bzc_error *err)
{
    struct markdown_report *report = calloc(1, sizeof(*report));

    *context = report;
    if (!report)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the Markdown summary");
    report->out = out;
    report->verbose = options->verbose;
    fputs("## bzcheck\n\n", out);
    return BZC_OK; /* an error stays in the stream until something is added */
}

static enum bzc_status add_markdown(void *context, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct markdown_report *report = context;

    write_verdict(report, entry);
    if (entry->verified) {
        write_findings(report, entry->verification);
        write_runs(report, &entry->verification->facts);
        write_probes(report, &entry->verification->facts);
    }
    return state(report, err);
}

static enum bzc_status close_markdown(void *context, struct bzc_error *err)
{
    struct markdown_report *report = context;

    fflush(report->out);
    return state(report, err);
}

const struct bzc_report_format bzc_format_markdown = {
    .name = "markdown",
    .summary = "a summary for GitHub and GitLab",
    .open = open_markdown,
    .add = add_markdown,
    .close = close_markdown,
    .free = free,
};
