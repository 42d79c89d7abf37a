/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules about unified kernel images share. */
#ifndef BZC_VERIFY_RULES_UKI_H
#define BZC_VERIFY_RULES_UKI_H

#include "verify/rules_pe.h"

struct bzc_bytes bzc_uki_bytes(const struct bzc_image_facts *facts, const struct bzc_pe_section *section);
/* The bytes without what editors and tools leave at the end of a text: NULs and line ends. */
struct bzc_bytes bzc_uki_text(const struct bzc_image_facts *facts, const struct bzc_pe_section *section);
/* True, with a verdict that skips, when the bytes of sections cannot be read: another rule fails about it. */
bool bzc_uki_is_cut(const struct bzc_image_facts *facts, struct bzc_verdict *verdict);
/* "section 3 (.osrel)" */
void bzc_uki_where(struct bzc_verdict *verdict, const struct bzc_image_facts *facts,
                   const struct bzc_pe_section *section);
/* `magic` has `size` bytes, NULs among them. */
bool bzc_uki_starts_with(struct bzc_bytes bytes, const char *magic, size_t size);

#endif
