/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

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

size_t bzc_text_count_failed(const struct bzc_findings *findings, enum bzc_severity severity)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->item[i].outcome == BZC_OUTCOME_FAIL && findings->item[i].severity == severity;
    return count;
}

static bool failed_before(const struct bzc_findings *findings, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (findings->item[i].outcome == BZC_OUTCOME_FAIL && findings->item[i].rule == findings->item[index].rule)
            return true;
    return false;
}

size_t bzc_text_failed_rules(const struct bzc_findings *findings, const struct bzc_rule **rule, size_t limit)
{
    size_t count = 0;

    for (int severity = BZC_SEVERITY_ERROR; severity >= BZC_SEVERITY_NOTE; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            const struct bzc_finding *finding = &findings->item[i];

            if (finding->outcome != BZC_OUTCOME_FAIL || (int)finding->severity != severity ||
                failed_before(findings, i))
                continue;
            if (count < limit)
                rule[count] = finding->rule;
            count++;
        }
    }
    return count;
}

/* True when both say the same, whatever run it is about. */
static bool same(const struct bzc_finding *a, const struct bzc_finding *b)
{
    return a->rule == b->rule && a->outcome == b->outcome && strcmp(a->message, b->message) == 0 &&
           strcmp(a->where, b->where) == 0 && strcmp(a->expected, b->expected) == 0 &&
           strcmp(a->actual, b->actual) == 0;
}

static bool said_before(const struct bzc_findings *findings, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same(&findings->item[i], &findings->item[index]))
            return true;
    return false;
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
    const struct bzc_findings *findings = &verification->findings;
    const struct bzc_finding *finding = &findings->item[index];
    size_t count = 0, runs = verification->facts.run_count;
    const char *name = "in";

    if (finding->run < 0 || runs < 2)
        return;
    for (size_t i = index; i < findings->count; i++)
        count += same(finding, &findings->item[i]);
    if (count == runs) {
        write_detail(page, name, "every run");
        return;
    }
    for (size_t i = index; i < findings->count; i++) {
        const struct bzc_finding *other = &findings->item[i];
        char label[BZC_TEXT_LABEL_SIZE];

        if (!same(finding, other) || other->run < 0 || (size_t)other->run >= runs)
            continue;
        write_detail(page, name, bzc_text_run_label(&verification->facts.run[other->run], label));
        name = "";
    }
}

static void write_finding(struct bzc_page *page, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    bool failed = finding->outcome == BZC_OUTCOME_FAIL;
    const char *word = failed ? bzc_severity_name(finding->severity) : bzc_outcome_name(finding->outcome);
    const char *message = finding->message;
    enum bzc_style style = BZC_STYLE_FAINT;

    if (failed)
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

/* Every different finding with this outcome, and when it is FAIL with this severity. */
static void write_group(struct bzc_page *page, const struct bzc_verification *verification, enum bzc_outcome outcome,
                        enum bzc_severity severity)
{
    const struct bzc_findings *findings = &verification->findings;
    bool first = true;

    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];

        if (finding->outcome != outcome || said_before(findings, i) ||
            (outcome == BZC_OUTCOME_FAIL && finding->severity != severity))
            continue;
        /* Failed checks are read one by one, the others as a list. */
        if (first || outcome == BZC_OUTCOME_FAIL)
            bzc_page_end_line(page);
        first = false;
        write_finding(page, verification, i);
    }
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
    write_group(page, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_NOTE);
    write_group(page, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_WARNING);
    write_group(page, verification, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    write_hint(page, &verification->findings);
}
