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
#include "verify/policy.h"

/* What a rule looks at, and so how often it is asked. */
enum bzc_phase {
    BZC_PHASE_IMAGE,  /* once: file and payload */
    BZC_PHASE_RUN,    /* once a run, whatever became of it */
    BZC_PHASE_SETUP,  /* once a run that reached the 32-bit entry of the protected-mode part, by setup or a loader */
    BZC_PHASE_LONG,   /* once a run that reached its 64-bit entry */
    BZC_PHASE_ENTRY,  /* once a run that reached the kernel's first instruction */
    BZC_PHASE_MEMORY, /* once a run that reached it and whose memory was compared */
};

/* What must be there before a rule of any phase is asked; without it the rule is skipped. */
enum bzc_needs {
    BZC_NEEDS_IMAGE = 1 << 0,  /* a boot image: bzImage, zImage or one from before 2.00 */
    BZC_NEEDS_HEADER = 1 << 1, /* "HdrS" */
    BZC_NEEDS_LINUX = 1 << 2,  /* a kernel of Linux */
    BZC_NEEDS_PE = 1 << 3,     /* a PE header */
    BZC_NEEDS_UKI = 1 << 4,    /* a PE file with a .linux section */
    BZC_NEEDS_ELF = 1 << 5,    /* the unpacked payload is an ELF file that can be read */
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
    uint16_t since;       /* first protocol version it applies to, 0 for all */
    unsigned needs;       /* enum bzc_needs */
    enum bzc_depth reads; /* phase IMAGE: how far into the file it looks */
    /*
     * Phases of a run: the runs that it is asked about, as bits 1 << enum bzc_expectation; 0: those that have to reach
     * the kernel (EXPECT_KERNEL and EXPECT_RUNNING).
     */
    unsigned asks;
    /* `run` is NULL in phase IMAGE. */
    void (*check)(const struct bzc_image_facts *image, const struct bzc_run_facts *run, struct bzc_verdict *verdict);
};

/* A family: one table of one file. */
struct bzc_rule_family {
    const struct bzc_rule *rule;
    size_t count;
};
extern const struct bzc_rule_family *const bzc_rule_families[];
extern const size_t bzc_rule_family_count;

/*
 * Asks every rule; appends one finding per rule and run (or image) to *findings. A rule that `policy` switches off is
 * skipped. Errors: BZC_ERR_MEMORY.
 */
enum bzc_status bzc_catalogue_run(const struct bzc_facts *facts, const struct bzc_policy *policy,
                                  struct bzc_findings *findings, struct bzc_error *err);

/*
 * True when this rule, asked alone, fails: for a rule whose outcome another one explains. The explaining rule must not
 * ask back.
 */
bool bzc_rule_fails(const struct bzc_rule *rule, const struct bzc_image_facts *image, const struct bzc_run_facts *run);

/* The rule with this id ("ENT-001", in any case) or name, or NULL. */
const struct bzc_rule *bzc_rule_find(const char *id_or_name);
/* The number of rules, and the rule with this index in the order in which findings come. */
size_t bzc_rule_count(void);
const struct bzc_rule *bzc_rule_at(size_t index);

#endif
