/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two images asked of the PC, and what the rules say about both. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verify/diff_parts.h"

/* ---- conversations ---- */

static bool is_same_talk(const struct bzc_talk *a, const struct bzc_talk *b)
{
    return a->kind == b->kind && a->vector == b->vector && a->number == b->number && a->whole_ax == b->whole_ax;
}

static const struct bzc_talk *find_talk(const struct bzc_run_facts *run, const struct bzc_talk *talk)
{
    for (size_t i = 0; i < run->conversation_count; i++)
        if (is_same_talk(&run->conversation[i], talk))
            return &run->conversation[i];
    return NULL;
}

/*
 * "INT 15h AX=E820h", "INT 17h AH=02h (printer)". Who answers may go by AX ("INT 15h AX=E980h") where the calls are
 * told apart by AH, or by AH where they are by AX: what says more is the name.
 */
static void name_bios_call(const struct bzc_talk *talk, char text[BZC_DIFF_TEXT])
{
    const char *name = talk->name ? talk->name : "nobody answers";
    size_t used;

    if (strstr(name, " AX=") || (!talk->whole_ax && strstr(name, " AH="))) {
        snprintf(text, BZC_DIFF_TEXT, "%s", name);
        return;
    }
    used = (size_t)snprintf(text, BZC_DIFF_TEXT, talk->whole_ax ? "INT %02Xh AX=%04Xh" : "INT %02Xh AH=%02Xh",
                            talk->vector, talk->number);
    if (strstr(name, " AH="))
        return;
    /* "INT 17h printer": the number is told already. */
    if (strncmp(name, text, strlen("INT 17h ")) == 0)
        name += strlen("INT 17h ");
    snprintf(text + used, BZC_DIFF_TEXT - used, " (%.160s)", name);
}

/* Of ports "read of port 0x64 (i8042)". */
static void name_talk(const struct bzc_talk *talk, char text[BZC_DIFF_TEXT])
{
    if (talk->kind == BZC_TALK_BIOS)
        name_bios_call(talk, text);
    else
        snprintf(text, BZC_DIFF_TEXT, "%s port 0x%x (%s)", talk->kind == BZC_TALK_PORT_IN ? "read of" : "write to",
                 talk->number, talk->name ? talk->name : "nobody answers");
}

static void describe_count(uint64_t count, char text[32])
{
    snprintf(text, 32, "%" PRIu64 " time%s", count, count == 1 ? "" : "s");
}

/* Where the list of one run is full, what is not in it may have been asked for all the same. */
static void compare_use(struct bzc_diff_work *work, size_t index, const struct bzc_run_facts *before,
                        const struct bzc_run_facts *after)
{
    char subject[BZC_DIFF_TEXT], old_text[32], new_text[32];

    for (size_t i = 0; i < before->conversation_count; i++) {
        const struct bzc_talk *talk = &before->conversation[i], *other = find_talk(after, talk);

        name_talk(talk, subject);
        describe_count(talk->count, old_text);
        if (other && other->count != talk->count) {
            describe_count(other->count, new_text);
            bzc_diff_add_of_run(work, BZC_DIFF_CONVERSATION_COUNT, index, subject, old_text, new_text);
        } else if (!other && after->conversation_left_out == 0) {
            bzc_diff_add_of_run(work, talk->kind == BZC_TALK_BIOS ? BZC_DIFF_BIOS_GONE : BZC_DIFF_PORT_GONE, index,
                                subject, old_text, "");
        }
    }
    for (size_t i = 0; i < after->conversation_count; i++) {
        const struct bzc_talk *talk = &after->conversation[i];

        if (find_talk(before, talk) || before->conversation_left_out)
            continue;
        name_talk(talk, subject);
        describe_count(talk->count, new_text);
        bzc_diff_add_of_run(work, talk->kind == BZC_TALK_BIOS ? BZC_DIFF_BIOS_NEW : BZC_DIFF_PORT_NEW, index, subject,
                            "", new_text);
    }
}

/* The next one of `run` from *index on that `other` has, too; NULL at the end. */
static const struct bzc_talk *next_common(const struct bzc_run_facts *run, const struct bzc_run_facts *other,
                                          size_t *index)
{
    while (*index < run->conversation_count) {
        const struct bzc_talk *talk = &run->conversation[(*index)++];

        if (find_talk(other, talk))
            return talk;
    }
    return NULL;
}

/* Told once: the first place where the order of those in both is another. */
static void compare_order(struct bzc_diff_work *work, size_t index, const struct bzc_run_facts *before,
                          const struct bzc_run_facts *after)
{
    char old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];
    size_t i = 0, j = 0;

    for (;;) {
        const struct bzc_talk *one = next_common(before, after, &i), *other = next_common(after, before, &j);

        if (!one || !other)
            return;
        if (is_same_talk(one, other))
            continue;
        name_talk(one, old_text);
        name_talk(other, new_text);
        bzc_diff_add_of_run(work, BZC_DIFF_CONVERSATION_ORDER, index, "order of first use", old_text, new_text);
        return;
    }
}

void bzc_diff_conversations(struct bzc_diff_work *work)
{
    const struct bzc_facts *before = &work->before->kernel_is->facts, *after = &work->after->kernel_is->facts;

    for (size_t i = 0; i < before->run_count; i++) {
        const struct bzc_run_facts *old_run = &before->run[i], *new_run = bzc_diff_run_like(before, i, after);

        if (!new_run || !bzc_diff_runs_end_alike(old_run, new_run))
            continue;
        compare_use(work, i, old_run, new_run);
        compare_order(work, i, old_run, new_run);
    }
}

/* ---- findings ---- */

/* The finding of the same rule about the same thing; NULL when there is none. */
static const struct bzc_finding *find_like(const struct bzc_verification *from, const struct bzc_finding *finding,
                                           const struct bzc_verification *in)
{
    const struct bzc_run_facts *run = NULL;

    if (finding->run >= 0 && (size_t)finding->run < from->facts.run_count)
        run = bzc_diff_run_like(&from->facts, (size_t)finding->run, &in->facts);
    if (finding->run >= 0 && !run)
        return NULL;
    for (size_t i = 0; i < in->findings.count; i++) {
        const struct bzc_finding *other = &in->findings.item[i];

        if (other->rule == finding->rule && (run ? other->run == (int)(run - in->facts.run) : other->run < 0))
            return other;
    }
    return NULL;
}

static const char *outcome_of(const struct bzc_finding *finding, char text[BZC_DIFF_TEXT])
{
    if (finding->outcome != BZC_OUTCOME_FAIL)
        return bzc_outcome_name(finding->outcome);
    snprintf(text, BZC_DIFF_TEXT, "%s%s%.180s", bzc_severity_name(finding->severity), finding->actual[0] ? ": " : "",
             finding->actual);
    return text;
}

/* The difference of the same kind in which the same rule says the same; NULL when there is none. */
static struct bzc_difference *find_difference(struct bzc_diff *diff, enum bzc_diff_kind_id kind, const char *subject,
                                              const char *meaning)
{
    for (size_t i = 0; i < diff->count; i++) {
        struct bzc_difference *known = &diff->item[i];

        if (known->kind->id == kind && strcmp(known->subject, subject) == 0 && strcmp(known->meaning, meaning) == 0)
            return known;
    }
    return NULL;
}

/* Another run has another value, of a register for example: the rule is about more than that. */
static void add_value(char text[BZC_DIFF_TEXT], const char *other)
{
    static const char more[] = "; other runs differ";
    size_t length = strlen(text), end = sizeof(more) - 1;

    if (strcmp(text, other) == 0 || (length >= end && strcmp(text + length - end, more) == 0))
        return;
    snprintf(text + length, BZC_DIFF_TEXT - length, "%s", more);
}

/* `run` is the old image's, negative for a finding of the file. */
static void add_finding(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, int run,
                        const struct bzc_finding *finding, const char *before, const char *after)
{
    char subject[BZC_DIFF_TEXT], meaning[BZC_DIFF_TEXT];
    struct bzc_difference *difference;

    snprintf(subject, sizeof(subject), "%s %s", finding->rule->id, finding->rule->name);
    snprintf(meaning, sizeof(meaning), "%s%.*s",
             kind == BZC_DIFF_FINDING_GONE && finding->message[0] ? "what was wrong before: " : "", BZC_DIFF_TEXT - 40,
             finding->message[0] ? finding->message : bzc_diff_kinds[kind].meaning);
    difference = run < 0 ? NULL : find_difference(work->diff, kind, subject, meaning);
    if (difference) {
        if (kind == BZC_DIFF_FINDING_GONE || kind == BZC_DIFF_FINDING_CHANGED)
            add_value(difference->before, before);
        if (kind != BZC_DIFF_FINDING_GONE)
            add_value(difference->after, after);
        bzc_diff_add_run(difference, (size_t)run);
        return;
    }
    difference = bzc_diff_add_values(work, kind, subject, before, after);
    snprintf(difference->meaning, sizeof(difference->meaning), "%s", meaning);
    if (run >= 0)
        bzc_diff_add_run(difference, (size_t)run);
}

static bool says_the_same(const struct bzc_finding *a, const struct bzc_finding *b)
{
    return a->severity == b->severity && strcmp(a->message, b->message) == 0 && strcmp(a->where, b->where) == 0 &&
           strcmp(a->expected, b->expected) == 0 && strcmp(a->actual, b->actual) == 0;
}

static void compare_finding(struct bzc_diff_work *work, const struct bzc_finding *old_finding,
                            const struct bzc_finding *new_finding)
{
    static const enum bzc_diff_kind_id fresh[] = {BZC_DIFF_FINDING_NEW_NOTE, BZC_DIFF_FINDING_NEW_WARNING,
                                                  BZC_DIFF_FINDING_NEW_ERROR};
    char old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];
    const char *was = outcome_of(old_finding, old_text), *is = outcome_of(new_finding, new_text);
    bool failed = old_finding->outcome == BZC_OUTCOME_FAIL, fails = new_finding->outcome == BZC_OUTCOME_FAIL;
    int run = old_finding->run;

    if (!failed && fails)
        add_finding(work, fresh[new_finding->severity], run, new_finding, was, is);
    else if (new_finding->outcome == BZC_OUTCOME_UNKNOWN && old_finding->outcome != BZC_OUTCOME_UNKNOWN)
        add_finding(work, BZC_DIFF_FINDING_UNKNOWN, run, new_finding, was, is);
    else if (failed && !fails)
        add_finding(work, BZC_DIFF_FINDING_GONE, run, old_finding, was, is);
    else if (failed && says_the_same(old_finding, new_finding))
        work->diff->same_findings++;
    else if (failed)
        add_finding(work, BZC_DIFF_FINDING_CHANGED, run, new_finding, was, is);
}

static void compare_all(struct bzc_diff_work *work, const struct bzc_verification *before,
                        const struct bzc_verification *after)
{
    for (size_t i = 0; i < after->findings.count; i++) {
        const struct bzc_finding *finding = &after->findings.item[i];
        const struct bzc_finding *other = find_like(after, finding, before);

        if (other)
            compare_finding(work, other, finding);
    }
}

void bzc_diff_findings(struct bzc_diff_work *work)
{
    if (work->before->file_is && work->after->file_is)
        compare_all(work, work->before->file_is, work->after->file_is);
    if (work->before->kernel_is && work->after->kernel_is)
        compare_all(work, work->before->kernel_is, work->after->kernel_is);
}
