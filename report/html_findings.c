/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules say: each different answer once, with the runs that it is true for. */
#include "report/findings.h"
#include "report/html.h"
#include "report/rule_pages.h"
#include "report/text.h"

#define RUNS_NAMED 40u

/* ---- findings ---- */

static void write_runs(FILE *out, const struct bzc_verification *verification, size_t item, size_t index)
{
    const struct bzc_facts *facts = &verification->facts;
    const struct bzc_run_facts *run;
    size_t count = 0;

    if (verification->findings.item[item].run < 0 || facts->run_count < 2)
        return;
    if (bzc_finding_in_every_run(verification, item)) {
        bzc_html_fact(out, "in", "every run");
        return;
    }
    fputs("<dt>in</dt><dd>", out);
    for (size_t at = item; (run = bzc_finding_next_run(verification, item, &at)) != NULL;) {
        char label[BZC_TEXT_LABEL_SIZE];

        if (++count > RUNS_NAMED)
            continue;
        fprintf(out, "%s<a href=\"#i%zu-r%td\">", count > 1 ? "; " : "", index, run - facts->run);
        bzc_html_text(out, bzc_text_run_label(run, label));
        fputs("</a>", out);
    }
    if (count > RUNS_NAMED)
        fprintf(out, " and %zu more", count - RUNS_NAMED);
    fputs("</dd>\n", out);
}

static void write_value(FILE *out, const char *term, const char *text)
{
    if (!*text)
        return;
    fprintf(out, "<dt>%s</dt><dd><code>", term);
    bzc_html_text(out, text);
    fputs("</code></dd>\n", out);
}

static void write_finding(FILE *out, const struct bzc_verification *verification, size_t item, size_t index)
{
    const struct bzc_finding *finding = &verification->findings.item[item];
    bool failed = finding->outcome == BZC_OUTCOME_FAIL;
    const char *word = failed ? bzc_severity_name(finding->severity) : bzc_outcome_name(finding->outcome);

    fprintf(out, "<li class=\"finding %s\" data-rule=\"%s\"><p class=\"rule\"><span class=\"chip %s\">%s</span> ", word,
            finding->rule->id, word, word);
    fprintf(out, "<b>%s</b> ", finding->rule->id);
    bzc_html_text(out, finding->rule->name);
    if (finding->known)
        fputs(" <span class=\"chip\">in the baseline</span>", out);
    fputs("</p>\n<p class=\"message\">", out);
    bzc_html_text(out, finding->message);
    fputs("</p>\n<dl>\n", out);
    write_runs(out, verification, item, index);
    bzc_html_fact(out, "where", finding->where);
    write_value(out, "expected", finding->expected);
    write_value(out, "actual", finding->actual);
    bzc_html_fact(out, "source", finding->rule->spec);
    fputs("</dl>\n", out);
    if (failed && bzc_rule_page(finding->rule->id))
        fprintf(out, "<p class=\"more\"><a href=\"#i%zu-%s\">Read the page of %s</a></p>\n", index, finding->rule->id,
                finding->rule->id);
    fputs("</li>\n", out);
}

static void write_group(FILE *out, const struct bzc_verification *verification, enum bzc_outcome outcome,
                        enum bzc_severity severity, size_t index)
{
    const struct bzc_findings *findings = &verification->findings;

    for (size_t i = 0; i < findings->count; i++)
        if (findings->item[i].outcome == outcome &&
            (outcome != BZC_OUTCOME_FAIL || findings->item[i].severity == severity) &&
            bzc_finding_is_first(findings, i))
            write_finding(out, verification, i, index);
}

/* ---- pages of the rules that failed ---- */

static void write_pages(FILE *out, const struct bzc_findings *findings, size_t index)
{
    bool any = false;

    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];
        const char *page = bzc_rule_page(finding->rule->id);
        bool before = false;

        for (size_t j = 0; j < i && !before; j++)
            before = findings->item[j].rule == finding->rule && findings->item[j].outcome == BZC_OUTCOME_FAIL;
        if (finding->outcome != BZC_OUTCOME_FAIL || before)
            continue;
        if (!any)
            fprintf(out, "<section aria-labelledby=\"i%zu-rules\"><h3 id=\"i%zu-rules\">The rules that failed</h3>\n",
                    index, index);
        any = true;
        fprintf(out, "<details class=\"page\"><summary><b>%s</b> ", finding->rule->id);
        bzc_html_text(out, finding->rule->title);
        fprintf(out, "</summary>\n<div id=\"i%zu-%s\" tabindex=\"-1\">\n", index, finding->rule->id);
        if (page)
            bzc_html_markdown(out, page);
        else
            fputs("<p>There is no page for this rule.</p>\n", out);
        fputs("</div></details>\n", out);
    }
    if (any)
        fputs("</section>\n", out);
}

/* ---- what passed or was skipped ---- */

static void write_quiet_rule(FILE *out, const struct bzc_findings *findings, size_t item)
{
    const struct bzc_finding *finding = &findings->item[item];
    size_t count = 0;

    for (size_t i = item; i < findings->count; i++)
        count += bzc_finding_same(finding, &findings->item[i]);
    fprintf(out, "<li><b>%s</b> ", finding->rule->id);
    if (finding->outcome == BZC_OUTCOME_PASS && !finding->message[0])
        bzc_html_text(out, finding->rule->title);
    else
        bzc_html_put(out, "%s: %s", finding->rule->name, finding->message);
    if (finding->run >= 0 && count > 1)
        fprintf(out, " <span class=\"faint\">in %zu runs</span>", count);
    fputs("</li>\n", out);
}

static void write_quiet(FILE *out, const struct bzc_findings *findings, enum bzc_outcome outcome, const char *what)
{
    size_t count = bzc_text_count(findings, outcome);

    if (count == 0)
        return;
    fprintf(out, "<details class=\"quiet\"><summary>%zu check%s %s</summary>\n<ul>\n", count, bzc_html_plural(count),
            what);
    for (size_t i = 0; i < findings->count; i++)
        if (findings->item[i].outcome == outcome && bzc_finding_is_first(findings, i))
            write_quiet_rule(out, findings, i);
    fputs("</ul></details>\n", out);
}

void bzc_html_findings(FILE *out, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_findings *findings = &verification->findings;
    bool any = bzc_text_count(findings, BZC_OUTCOME_FAIL) > 0 || bzc_text_count(findings, BZC_OUTCOME_UNKNOWN) > 0;

    fprintf(out, "<section aria-labelledby=\"i%zu-findings\"><h3 id=\"i%zu-findings\">Findings</h3>\n", index, index);
    if (!any)
        fputs("<p class=\"none\">None: every check that applies has passed.</p>\n", out);
    else
        fputs("<ol class=\"findings\">\n", out);
    for (int severity = BZC_SEVERITY_ERROR; severity >= BZC_SEVERITY_NOTE; severity--)
        write_group(out, verification, BZC_OUTCOME_FAIL, (enum bzc_severity)severity, index);
    write_group(out, verification, BZC_OUTCOME_UNKNOWN, BZC_SEVERITY_NOTE, index);
    if (any)
        fputs("</ol>\n", out);
    write_quiet(out, findings, BZC_OUTCOME_PASS, "passed");
    write_quiet(out, findings, BZC_OUTCOME_SKIP, "skipped");
    fputs("</section>\n", out);
    write_pages(out, findings, index);
}
