/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the comparison of two images: its parts, one file each, and how they say what differs. */
#ifndef BZC_VERIFY_DIFF_PARTS_H
#define BZC_VERIFY_DIFF_PARTS_H

#include "verify/diff.h"

struct bzc_diff_work {
    const struct bzc_diff_side *before, *after;
    const struct bzc_policy *policy;
    struct bzc_diff *diff;
    bool no_memory;
    struct bzc_difference scrap; /* where a difference goes that there is no room for */
};

/*
 * A new difference, never NULL. The caller fills before, after and, where there is more to say than the kind's meaning,
 * meaning.
 */
struct bzc_difference *bzc_diff_add(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with both values. */
struct bzc_difference *bzc_diff_add_values(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject,
                                           const char *before, const char *after);
/* "0x100" and so on when they differ. */
void bzc_diff_add_hex(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject, uint64_t before,
                      uint64_t after);
/* Sizes and counts, decimal, when they differ. */
void bzc_diff_add_number(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject, uint64_t before,
                         uint64_t after);
/* Texts, when they differ. */
void bzc_diff_add_text(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject, const char *before,
                       const char *after);
/*
 * Of one run, by its index in `before`: where another run has the same difference, the run is added to that one's.
 * Returns the difference.
 */
struct bzc_difference *bzc_diff_add_of_run(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, size_t run,
                                           const char *subject, const char *before, const char *after);
/* The run shows the difference, too. */
void bzc_diff_add_run(struct bzc_difference *difference, size_t run);

void bzc_diff_header(struct bzc_diff_work *work);
void bzc_diff_entries(struct bzc_diff_work *work);
void bzc_diff_layout(struct bzc_diff_work *work);
void bzc_diff_payload(struct bzc_diff_work *work);
void bzc_diff_kernel(struct bzc_diff_work *work);
void bzc_diff_pe(struct bzc_diff_work *work);
void bzc_diff_scenarios(struct bzc_diff_work *work);
void bzc_diff_runs(struct bzc_diff_work *work);
void bzc_diff_conversations(struct bzc_diff_work *work);
void bzc_diff_findings(struct bzc_diff_work *work);

/* The run of `after` that was made as `before->run[index]`, or NULL. */
const struct bzc_run_facts *bzc_diff_run_like(const struct bzc_facts *before, size_t index,
                                              const struct bzc_facts *after);
/* Both came to the kernel, or neither did: else only that counts. */
bool bzc_diff_runs_end_alike(const struct bzc_run_facts *before, const struct bzc_run_facts *after);

#endif
