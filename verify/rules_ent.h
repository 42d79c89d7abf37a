/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules about hand-overs share. */
#ifndef BZC_VERIFY_RULES_ENT_H
#define BZC_VERIFY_RULES_ENT_H

#include "verify/rules.h"

/* Base 0, limit 4 GiB. */
bool bzc_segment_is_flat(const struct bzc_segment *segment);
/* Present code that can be read; present data that can be written. */
bool bzc_segment_is_code(const struct bzc_segment *segment);
bool bzc_segment_is_data(const struct bzc_segment *segment);

/* FAIL: this segment is not what was expected. */
void bzc_fail_segment(struct bzc_verdict *verdict, enum bzc_seg which, const struct bzc_segment *segment,
                      const char *expected);
/* FAIL when A20 is closed. */
void bzc_check_a20_open(const struct bzc_hand_over *at, struct bzc_verdict *verdict);
/* FAIL when RFLAGS.IF is set. */
void bzc_check_interrupts_off(const struct bzc_hand_over *at, struct bzc_verdict *verdict);
/* FAIL when ESI or RSI (`pointer`, for people) does not lead to boot_params with a setup header. */
void bzc_check_boot_params(const struct bzc_image_facts *facts, const struct bzc_hand_over *at, const char *pointer,
                           struct bzc_verdict *verdict);

#endif
