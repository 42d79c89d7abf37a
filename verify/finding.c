/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/finding.h"

#include <stdlib.h>
#include <string.h>

static const char *const severities[] = {"note", "warning", "error"};
static const char *const outcomes[] = {"pass", "fail", "skip", "unknown"};

const char *bzc_severity_name(enum bzc_severity severity)
{
    return severities[severity];
}

const char *bzc_outcome_name(enum bzc_outcome outcome)
{
    return outcomes[outcome];
}

bool bzc_severity_parse(const char *text, enum bzc_severity *severity)
{
    for (unsigned i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
        if (strcmp(text, severities[i]) == 0) {
            *severity = (enum bzc_severity)i;
            return true;
        }
    }
    return false;
}

void bzc_findings_free(struct bzc_findings *findings)
{
    free(findings->item);
    *findings = (struct bzc_findings){0};
}
