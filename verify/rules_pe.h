/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules about PE files share (verify/rules_pe_*.c). Each function ..._fault() is NULL, or the id of the rule
 * that fails about its subject: another rule that would trip over the same fault leaves the word to it.
 */
#ifndef BZC_VERIFY_RULES_PE_H
#define BZC_VERIFY_RULES_PE_H

#include "verify/rules.h"

/* "PE\0\0" without "MZ" or "MZ" without "PE\0\0", in an image that was a PE file. */
const char *bzc_pe_signature_fault(const struct bzc_image_facts *facts); /* PE-038 */
/* xloadflags and handover_offset contradict each other. */
const char *bzc_pe_handover_flags_fault(const struct bzc_image_facts *facts); /* PE-029 */
/* The optional header is of no known kind, or the file ends before it. */
const char *bzc_pe_fields_fault(const struct bzc_pe *pe); /* PE-002, PE-004 */
/* The section table is not where, or not as long as, the headers say; it cannot be trusted. */
const char *bzc_pe_table_fault(const struct bzc_image_facts *facts); /* PE-002, PE-004, PE-005, PE-010, PE-013 */
/* SizeOfHeaders is wrong; only asked when the section table can be trusted. */
const char *bzc_pe_headers_size_fault(const struct bzc_image_facts *facts); /* PE-010 */
const char *bzc_pe_alignments_fault(const struct bzc_pe *pe);               /* PE-009, and those of the fields */
/* The file ends before the end of the kernel that its setup header declares. */
const char *bzc_pe_cut_fault(const struct bzc_image_facts *facts); /* bzc_cut_rule() */
/* The first section whose bytes run past the end of the file, or NULL. */
const struct bzc_pe_section *bzc_pe_section_outside(const struct bzc_image_facts *facts);
/* The file does not hold what its headers say. */
const char *bzc_pe_end_fault(const struct bzc_image_facts *facts); /* bzc_cut_rule(), those of the table, PE-014 */
/* Where sections lie in the file makes no sense; a file that is only cut does not count. */
const char *bzc_pe_sections_fault(const struct bzc_image_facts *facts); /* those of the table, PE-014 */
/* Two sections that overlap in memory: indexes *first < *second. */
bool bzc_pe_find_overlap(const struct bzc_pe *pe, size_t *first, size_t *second);
/* Where the image must end in memory, and the section that ends there (NULL: its headers). */
uint64_t bzc_pe_memory_end(const struct bzc_pe *pe, const struct bzc_pe_section **last);
/* Where sections lie in memory makes no sense. */
const char *bzc_pe_layout_fault(const struct bzc_image_facts *facts); /* bzc_pe_sections_fault(), PE-018, PE-011 */

/* What is wrong with the way in which the sections load the protected-mode part. */
struct bzc_pe_mapping {
    bool known;                           /* the header tells where the protected-mode part ends */
    bool broken;                          /* a part of it is not loaded, or lies apart from its start */
    uint64_t start, end;                  /* of the protected-mode part: file offsets */
    uint64_t at;                          /* file offset of what is not loaded */
    const struct bzc_pe_section *section; /* the section that lies apart; NULL when nothing is loaded from `at` */
    uint64_t expected;                    /* its VirtualAddress */
};
void bzc_pe_map_kernel(const struct bzc_image_facts *facts, struct bzc_pe_mapping *mapping);
/* The kernel is not loaded in one piece; bzc_pe_layout_fault() when that explains it. */
const char *bzc_pe_mapping_fault(const struct bzc_image_facts *facts); /* bzc_pe_layout_fault(), PE-027 */

/* The section that holds the entry point is not executable. */
const char *bzc_pe_entry_flags_fault(const struct bzc_image_facts *facts); /* PE-023 */

/* The verdict is a skip when there is a fault: true then. */
bool bzc_pe_explained(const char *fault, const char *what, struct bzc_verdict *verdict);

static inline bool bzc_pe_is_executable(const struct bzc_pe_section *section)
{
    return (section->characteristics & BZC_PE_SECTION_EXECUTE) != 0;
}

/* True when the RVA is in the bytes that come from the file, not in what is only zeroed. */
static inline bool bzc_pe_has_bytes_at(const struct bzc_pe_section *section, uint64_t rva)
{
    return rva - section->virtual_address < section->size_of_raw_data;
}

#endif
