/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text files of --baseline and --profile. What is read as a baseline and written must be read and written the same;
 * findings that are put into a baseline must be known to it when it was written and read again.
 */
#include "tests/fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/baseline.h"
#include "verify/catalogue.h"
#include "verify/policy.h"

#define FINDINGS_MAX 16u

static struct bzc_baseline *fresh(void)
{
    struct bzc_baseline *baseline = NULL;
    struct bzc_error err = {0};

    if (bzc_baseline_new(&baseline, &err) != BZC_OK)
        abort();
    return baseline;
}

static struct bzc_bytes bytes_of(const char *text)
{
    return (struct bzc_bytes){(const uint8_t *)text, strlen(text)};
}

static char *text_of(const struct bzc_baseline *baseline)
{
    char *text = bzc_baseline_text(baseline);

    if (!text)
        abort();
    return text;
}

/* Reads what the program itself has written. */
static struct bzc_baseline *read_own(const char *text)
{
    struct bzc_baseline *baseline = fresh();
    struct bzc_error err = {0};

    if (bzc_baseline_read(baseline, bytes_of(text), &err) != BZC_OK) {
        fprintf(stderr, "%s\n%s", err.message, text);
        abort();
    }
    return baseline;
}

static void expect_same_again(const struct bzc_baseline *baseline)
{
    char *text = text_of(baseline), *again;
    struct bzc_baseline *other = read_own(text);

    again = text_of(other);
    if (strcmp(text, again) != 0) {
        fprintf(stderr, "%s\n---\n%s", text, again);
        abort();
    }
    free(text);
    free(again);
    bzc_baseline_free(other);
}

static void read_baseline(struct bzc_bytes text)
{
    struct bzc_baseline *baseline = fresh();
    struct bzc_error err = {0};

    if (bzc_baseline_read(baseline, text, &err) == BZC_OK)
        expect_same_again(baseline);
    else if (err.message[0] == '\0')
        abort();
    bzc_baseline_free(baseline);
}

static void read_policy(struct bzc_bytes text)
{
    struct bzc_error err = {0}, again = {0};
    static struct bzc_policy policy, once;

    bzc_policy_init(&policy);
    if (bzc_policy_read(&policy, text, &err) != BZC_OK) {
        if (err.message[0] == '\0')
            abort();
        return;
    }
    once = policy;
    /* The last word about a rule counts: the same words change nothing. */
    if (bzc_policy_read(&policy, text, &again) != BZC_OK || once.count != policy.count ||
        once.fail_on != policy.fail_on || memcmp(once.difference, policy.difference, sizeof(once.difference)) != 0)
        abort();
    for (size_t i = 0; i < once.count; i++)
        if (once.entry[i].rule != policy.entry[i].rule || once.entry[i].off != policy.entry[i].off ||
            once.entry[i].severity != policy.entry[i].severity)
            abort();
}

/* The next text of the input, up to a byte 0; at most size - 1 bytes of it. */
static void take_text(struct bzc_bytes *input, char *out, size_t size)
{
    const uint8_t *end = input->size ? memchr(input->data, 0, input->size) : NULL;
    size_t all = end ? (size_t)(end - input->data) + 1 : input->size, length = end ? all - 1 : all;

    if (length >= size)
        length = size - 1;
    if (length)
        memcpy(out, input->data, length);
    out[length] = '\0';
    input->data += all;
    input->size -= all;
}

static void expect_known(const struct bzc_baseline *baseline, const char *path, const struct bzc_facts *facts,
                         struct bzc_findings *findings)
{
    struct bzc_baseline_gone gone;
    struct bzc_error err = {0};

    bzc_baseline_mark(baseline, path, facts, findings);
    for (size_t i = 0; i < findings->count; i++)
        if (findings->item[i].known != (findings->item[i].outcome == BZC_OUTCOME_FAIL))
            abort();
    if (bzc_baseline_find_gone(baseline, path, facts, findings, &gone, &err) != BZC_OK || gone.count != 0)
        abort();
    bzc_baseline_gone_free(&gone);
}

/* Findings with texts of the input. */
static void keep_findings(struct bzc_bytes input)
{
    static struct bzc_run_facts run;
    static struct bzc_finding item[FINDINGS_MAX];
    struct bzc_facts facts = {.run = &run, .run_count = 1};
    struct bzc_findings findings = {.item = item};
    struct bzc_baseline *baseline = fresh(), *other;
    char path[2048], scenario[64], *text;
    struct bzc_error err = {0};

    take_text(&input, path, sizeof(path));
    take_text(&input, scenario, sizeof(scenario));
    take_text(&input, run.purpose, sizeof(run.purpose));
    run.scenario = scenario;
    run.as_loader = input.size % 2;
    run.kaslr = input.size % 4 / 2;
    /* No file has the name "", no scenario either. */
    for (; input.size > 2 && findings.count < FINDINGS_MAX && path[0] && scenario[0]; findings.count++) {
        struct bzc_finding *finding = &item[findings.count];

        *finding = (struct bzc_finding){.rule = bzc_rule_at(input.data[0] % bzc_rule_count()),
                                        .outcome = (enum bzc_outcome)(input.data[1] % 4),
                                        .run = (int)(input.data[1] / 4 % 2) - 1};
        input.data += 2;
        input.size -= 2;
        take_text(&input, finding->where, sizeof(finding->where));
    }
    if (bzc_baseline_update(baseline, path, &facts, &findings, &err) != BZC_OK)
        abort();
    expect_known(baseline, path, &facts, &findings);
    expect_same_again(baseline);
    text = text_of(baseline);
    other = read_own(text);
    expect_known(other, path, &facts, &findings);
    free(text);
    bzc_baseline_free(other);
    bzc_baseline_free(baseline);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bzc_bytes input = {data + 1, size - 1};

    if (size < 1)
        return 0;
    if (data[0] == '=') {
        keep_findings(input);
    } else {
        read_baseline((struct bzc_bytes){data, size});
        read_policy((struct bzc_bytes){data, size});
    }
    return 0;
}
