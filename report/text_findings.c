/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "report/findings.h"
#include "report/text.h"

#define NAME_COLUMN   12u /* of a finding's rule, behind the word that says what became of it */
#define DETAIL_COLUMN 23u /* of the values behind "in", "where", "expected", "actual", "source" */

size_t bzc_text_count(const struct bzc_findings *findings, enum bzc_outcome outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->item[i].outcome == outcome;
    return count;
}

/* A failed check that the baseline does not have. */
static bool is_new(const struct bzc_finding *finding)
{
    return finding->outcome == BZC_OUTCOME_FAIL && !finding->known;
}

size_t bzc_text_count_failed(const struct bzc_findings *findings, enum bzc_severity severity)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += is_new(&findings->item[i]) && findings->item[i].severity == severity;
    return count;
}

size_t bzc_text_count_known(const struct bzc_findings *findings)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->item[i].known;
    return count;
}

static bool failed_before(const struct bzc_findings *findings, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_new(&findings->item[i]) && findings->item[i].rule == findings->item[index].rule)
            return true;
    return false;
}

size_t bzc_text_failed_rules(const struct bzc_findings *findings, const struct bzc_rule **rule, size_t limit)
{
    size_t count = 0;

    for (int severity = BZC_SEVERITY_ERROR; severity >= BZC_SEVERITY_NOTE; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            const struct bzc_finding *finding = &findings->item[i];

            if (!is_new(finding) || (int)finding->severity != severity || failed_before(findings, i))
                continue;
            if (count < limit)
                rule[count] = finding->rule;
            count++;
        }
    }
    return count;
}

static void write_detail(struct bzc_page *page, const char *name, const char *text)
{
    if (!*text)
        return;
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_FAINT, name);
    bzc_page_tab(page, DETAIL_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, DETAIL_COLUMN, text);
}

/* The runs for which findings->item[index] and what is the same are true; nothing for one of the image. */
static void write_runs(struct bzc_page *page, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_run_facts *run;
    const char *name = "in";

    if (verification->facts.run_count < 2)
        return;
    if (bzc_finding_in_every_run(verification, index)) {
        write_detail(page, name, "every run");
        return;
    }
    for (size_t at = index; (run = bzc_finding_next_run(verification, index, &at)) != NULL;) {
        char label[BZC_TEXT_LABEL_SIZE];

        write_detail(page, name, bzc_text_run_label(run, label));
        name = "";
    }
}

static void write_finding(struct bzc_page *page, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    bool failed = finding->outcome == BZC_OUTCOME_FAIL;
    const char *word = finding->known ? "known"
                       : failed       ? bzc_severity_name(finding->severity)
                                      : bzc_outcome_name(finding->outcome);
    const char *message = finding->message;
    enum bzc_style style = BZC_STYLE_FAINT;

    if (failed && !finding->known)
        style = finding->severity == BZC_SEVERITY_ERROR ? BZC_STYLE_BAD : BZC_STYLE_DOUBT;
    else if (finding->outcome == BZC_OUTCOME_UNKNOWN)
        style = BZC_STYLE_DOUBT;
    if (!*message && finding->outcome == BZC_OUTCOME_PASS)
        message = finding->rule->title;
    bzc_page_tab(page, 2);
    bzc_page_put(page, style, word);
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_printf(page, failed ? BZC_STYLE_HEAD : BZC_STYLE_PLAIN, "%s %s", finding->rule->id, finding->rule->name);
    bzc_page_end_line(page);
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, NAME_COLUMN, message);
    write_runs(page, verification, index);
    write_detail(page, "where", finding->where);
    write_detail(page, "expected", finding->expected);
    write_detail(page, "actual", finding->actual);
    if (failed)
        write_detail(page, "source", finding->rule->spec);
}

/* Every different finding with this outcome that is not known, and when it is FAIL with this severity. */
static void write_group(struct bzc_page *page, const struct bzc_verification *verification, enum bzc_outcome outcome,
                        enum bzc_severity severity)
{
    const struct bzc_findings *findings = &verification->findings;
    bool first = true;

    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];

        if (finding->outcome != outcome || finding->known || !bzc_finding_is_first(findings, i) ||
            (outcome == BZC_OUTCOME_FAIL && finding->severity != severity))
            continue;
        /* Failed checks are read one by one, the others as a list. */
        if (first || outcome == BZC_OUTCOME_FAIL)
            bzc_page_end_line(page);
        first = false;
        write_finding(page, verification, i);
    }
}

static bool known_before(const struct bzc_findings *findings, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (findings->item[i].known && findings->item[i].rule == findings->item[index].rule)
            return true;
    return false;
}

/* The rules of what stands in the baseline. */
static void write_known_rules(struct bzc_page *page, const struct bzc_findings *findings)
{
    const char *separator = "";

    bzc_page_end_line(page);
    bzc_page_tab(page, 2);
    bzc_page_put(page, BZC_STYLE_FAINT, "known");
    bzc_page_tab(page, NAME_COLUMN);
    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_rule *rule = findings->item[i].rule;
        char words[128];

        if (!findings->item[i].known || known_before(findings, i))
            continue;
        snprintf(words, sizeof(words), "%s %s", rule->id, rule->name);
        bzc_page_put(page, BZC_STYLE_PLAIN, *separator ? "," : "");
        if (page->column + strlen(words) + 2 > BZC_PAGE_WIDTH) {
            bzc_page_end_line(page);
            bzc_page_tab(page, NAME_COLUMN);
            separator = "";
        }
        bzc_page_put(page, BZC_STYLE_PLAIN, separator);
        bzc_page_put(page, BZC_STYLE_PLAIN, words);
        separator = " ";
    }
    bzc_page_end_line(page);
}

/* One line, or with `verbose` like any other finding. */
static void write_known(struct bzc_page *page, const struct bzc_verification *verification, bool verbose)
{
    const struct bzc_findings *findings = &verification->findings;

    if (bzc_text_count_known(findings) == 0)
        return;
    if (!verbose)
        write_known_rules(page, findings);
    for (size_t i = 0; verbose && i < findings->count; i++) {
        if (!findings->item[i].known || !bzc_finding_is_first(findings, i))
            continue;
        bzc_page_end_line(page);
        write_finding(page, verification, i);
    }
}

static void write_gone(struct bzc_page *page, const struct bzc_baseline_gone *gone)
{
    if (gone->count == 0)
        return;
    bzc_page_end_line(page);
    for (size_t i = 0; i < gone->count; i++) {
        bzc_page_tab(page, 2);
        bzc_page_put(page, BZC_STYLE_FAINT, "gone");
        bzc_page_tab(page, NAME_COLUMN);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, NAME_COLUMN, gone->line[i]);
    }
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_FAINT,
                 gone->count == 1 ? "--update-baseline removes it from the baseline"
                                  : "--update-baseline removes them from the baseline");
    bzc_page_end_line(page);
}

#define RULES_EXPLAINED 3u

/* Where to read on, by a command that can be copied. */
static void write_hint(struct bzc_page *page, const struct bzc_findings *findings)
{
    const struct bzc_rule *rule[RULES_EXPLAINED];
    size_t count = bzc_text_failed_rules(findings, rule, RULES_EXPLAINED);

    if (count == 0)
        return;
    bzc_page_end_line(page);
    bzc_page_tab(page, 2);
    bzc_page_put(page, BZC_STYLE_FAINT, "more");
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_PLAIN, "bzcheck explain");
    for (size_t i = 0; i < count && i < RULES_EXPLAINED; i++)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " %s", rule[i]->id);
    bzc_page_end_line(page);
}

void bzc_text_findings(struct bzc_page *page, const struct bzc_verification *verification, bool verbose)
{
    if (verbose) {
        write_group(page, verification, BZC_OUTCOME_PASS, BZC_SEVERITY_NOTE);
        write_group(page, verification, BZC_OUTCOME_SKIP, BZC_SEVERITY_NOTE);
    }
    if (verbose || verification->verdict != BZC_VERDICT_FAIL)
        write_group(page, verification, BZC_OUTCOME_UNKNOWN, BZC_SEVERITY_NOTE);
    write_known(page, verification, verbose);
    write_gone(page, &verification->gone);
    write_group(page, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_NOTE);
    write_group(page, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_WARNING);
    write_group(page, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    write_hint(page, &verification->findings);
}
