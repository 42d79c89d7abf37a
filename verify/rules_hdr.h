/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules about the fields of the setup header share (verify/rules_hdr_*.c). */
#ifndef BZC_VERIFY_RULES_HDR_H
#define BZC_VERIFY_RULES_HDR_H

#include "verify/rules.h"

#define BZC_HIGH_LOAD_ADDRESS 0x100000ull
#define BZC_LOW_LOAD_ADDRESS  0x10000ull
#define BZC_FOUR_GIB          (1ull << 32)

/* Reads a field; a verdict that skips and false when the file ends before it. */
bool bzc_hdr_field(const struct bzc_image_facts *facts, struct bzc_verdict *verdict, enum bzc_field_id id,
                   uint64_t *value);
/* The same for a field that the image may lack: 0 then. */
uint64_t bzc_hdr_value(const struct bzc_image_facts *facts, enum bzc_field_id id);

/* 32 or 64 when the payload is an ELF file that tells in which mode the kernel of Linux runs, else 0. */
unsigned bzc_hdr_kernel_bits(const struct bzc_image_facts *facts);

/*
 * Each is NULL, or the id of the first rule that fails about this field: another rule that would trip over the same
 * fault leaves the word to it.
 */
const char *bzc_hdr_loadflags_fault(const struct bzc_image_facts *facts);        /* HDR-018, HDR-030 */
const char *bzc_hdr_kernel_alignment_fault(const struct bzc_image_facts *facts); /* HDR-038 */
const char *bzc_hdr_pref_address_fault(const struct bzc_image_facts *facts);     /* HDR-044 to HDR-047 */
const char *bzc_hdr_init_size_fault(const struct bzc_image_facts *facts);        /* HDR-048 to HDR-051 */
/* XLF_KERNEL_64 is clear although another bit or the payload says that the kernel has 64 bits. */
const char *bzc_hdr_kernel_64_fault(const struct bzc_image_facts *facts); /* PE-029, HDR-054, HDR-056 */

#endif
