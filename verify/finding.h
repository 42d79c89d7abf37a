/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule says about an image or a run. */
#ifndef BZC_VERIFY_FINDING_H
#define BZC_VERIFY_FINDING_H

#include <stdbool.h>
#include <stddef.h>

enum bzc_severity { BZC_SEVERITY_NOTE, BZC_SEVERITY_WARNING, BZC_SEVERITY_ERROR };
enum bzc_outcome { BZC_OUTCOME_PASS, BZC_OUTCOME_FAIL, BZC_OUTCOME_SKIP, BZC_OUTCOME_UNKNOWN };

/* "note", "warning", "error"; "pass", "fail", "skip", "unknown". */
const char *bzc_severity_name(enum bzc_severity severity);
const char *bzc_outcome_name(enum bzc_outcome outcome);
/* False when the text is no severity. */
bool bzc_severity_parse(const char *text, enum bzc_severity *severity);

#define BZC_FINDING_TEXT 320

struct bzc_rule;

struct bzc_finding {
    const struct bzc_rule *rule;
    enum bzc_outcome outcome;
    enum bzc_severity severity;      /* the rule's own, or what the policy makes of it */
    bool off;                        /* the policy switches the rule off; the outcome is then SKIP */
    bool known;                      /* in the baseline: still reported, but does not count against the verdict */
    int run;                         /* index into the facts' runs, -1 for the image */
    char message[BZC_FINDING_TEXT];  /* one sentence; for SKIP and UNKNOWN the reason; "" for PASS */
    char where[BZC_FINDING_TEXT];    /* field, register or address; "" when there is none */
    char expected[BZC_FINDING_TEXT]; /* "" when there is none */
    char actual[BZC_FINDING_TEXT];
};

/* A growing list; free with bzc_findings_free(). */
struct bzc_findings {
    struct bzc_finding *item;
    size_t count, capacity;
};
void bzc_findings_free(struct bzc_findings *findings);

#endif
