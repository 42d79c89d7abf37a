/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules. A rule is a row in a const table (verify/rules_*.c) with its identity, severity, source and a function
 * that says only what is wrong; order, skipping and PASS are the runner's.
 */
#ifndef BZC_VERIFY_CATALOGUE_H
#define BZC_VERIFY_CATALOGUE_H

#include "base/status.h"
#include "verify/facts.h"
#include "verify/finding.h"

/* What a rule looks at, and so how often it is asked. */
enum bzc_phase {
    BZC_PHASE_IMAGE,  /* once: file and payload */
    BZC_PHASE_RUN,    /* once a run, whatever became of it */
    BZC_PHASE_SETUP,  /* once a run that reached setup's 32-bit hand-over */
    BZC_PHASE_ENTRY,  /* once a run that reached the kernel's first instruction */
    BZC_PHASE_MEMORY, /* once a run that reached it and whose memory was compared */
};

/* How a rule's check answers. Every function may be called once; a check that calls none has passed. */
struct bzc_verdict;
void bzc_fail(struct bzc_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bzc_skip(struct bzc_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bzc_unknown(struct bzc_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Details of a FAIL. */
void bzc_where(struct bzc_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bzc_expected(struct bzc_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bzc_actual(struct bzc_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct bzc_rule {
    const char *id;   /* "ENT-001": never renumbered, never reused */
    const char *name; /* "entry-address" */
    enum bzc_severity severity;
    const char *title; /* what holds when the rule passes */
    const char *spec;  /* document and heading */
    enum bzc_phase phase;
    uint16_t since;  /* first protocol version it applies to, 0 for all */
    bool linux_only; /* skipped for images of other systems */
    /* `run` is NULL in phase IMAGE. */
    void (*check)(const struct bzc_image_facts *image, const struct bzc_run_facts *run, struct bzc_verdict *verdict);
};

/* A family: one table of one file. */
struct bzc_rule_family {
    const struct bzc_rule *rule;
    size_t count;
};
extern const struct bzc_rule_family bzc_rule_families[];
extern const size_t bzc_rule_family_count;

/* Asks every rule; appends one finding per rule and run (or image) to *findings. Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_catalogue_run(const struct bzc_facts *facts, struct bzc_findings *findings, struct bzc_error *err);

/* The rule with this id or name, or NULL. */
const struct bzc_rule *bzc_rule_find(const char *id_or_name);

#endif
