/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user makes of the rules and of differences: severities other than the catalogue's, rules that are switched
 * off, the least severity that makes an image fail, the findings that are known, and how much each kind of difference
 * matters. From options and from a profile file that lives in the user's repository.
 */
#ifndef BZC_VERIFY_POLICY_H
#define BZC_VERIFY_POLICY_H

#include "base/bytes.h"
#include "base/status.h"
#include "verify/diff_kinds.h"
#include "verify/finding.h"

#define BZC_POLICY_MAX       512            /* entries; a later one for the same rule replaces the earlier */
#define BZC_PROFILE_FILE_MAX (1024u * 1024) /* bytes of a profile file */

struct bzc_policy_entry {
    const struct bzc_rule *rule;
    bool off;
    enum bzc_severity severity; /* valid when not off */
};

struct bzc_baseline;

struct bzc_policy {
    enum bzc_severity fail_on; /* the least severity that makes an image fail */
    struct bzc_policy_entry entry[BZC_POLICY_MAX];
    size_t count;
    const struct bzc_baseline *baseline;                 /* findings that do not count; borrowed; NULL: none */
    enum bzc_importance difference[BZC_DIFF_KIND_COUNT]; /* by enum bzc_diff_kind_id */
};

/* Fails on errors, changes no rule, knows no findings; differences matter as in verify/diff_kinds.c. */
void bzc_policy_init(struct bzc_policy *policy);

/*
 * Sets what becomes of one rule, by id or name: "error", "warning" (or "warn"), "note" or "off".
 * Errors: BZC_ERR_FORMAT (no such rule, no such word), BZC_ERR_LIMIT.
 */
enum bzc_status bzc_policy_set(struct bzc_policy *policy, const char *rule, const char *word, struct bzc_error *err);

/*
 * Reads a profile: lines "error RULE", "warning RULE", "note RULE", "off RULE" and "fail-on SEVERITY" for rules,
 * "breaking KIND", "notable KIND" and "expected KIND" for kinds of difference; '#' begins a comment, empty lines are
 * skipped. Errors: BZC_ERR_FORMAT (also for a kind or word that there is not), BZC_ERR_LIMIT, the message beginning
 * with the line's number.
 */
enum bzc_status bzc_policy_read(struct bzc_policy *policy, struct bzc_bytes text, struct bzc_error *err);

/* The severity that counts for a rule; false when the rule is off. */
bool bzc_policy_severity(const struct bzc_policy *policy, const struct bzc_rule *rule, enum bzc_severity *severity);

#endif
