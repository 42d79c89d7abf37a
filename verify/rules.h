/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule tables, one a file, and what rules share. Adding a rule: a row and a function in the file that it belongs
 * to; adding a file: its table here and in catalogue.c.
 */
#ifndef BZC_VERIFY_RULES_H
#define BZC_VERIFY_RULES_H

#include "verify/catalogue.h"

extern const struct bzc_rule_family bzc_rules_hdr;
extern const struct bzc_rule_family bzc_rules_hdr_size;
extern const struct bzc_rule_family bzc_rules_hdr_values;
extern const struct bzc_rule_family bzc_rules_hdr_load;
extern const struct bzc_rule_family bzc_rules_hdr_align;
extern const struct bzc_rule_family bzc_rules_hdr_place;
extern const struct bzc_rule_family bzc_rules_hdr_flags;
extern const struct bzc_rule_family bzc_rules_hdr_limits;
extern const struct bzc_rule_family bzc_rules_hdr_kernel_info;
extern const struct bzc_rule_family bzc_rules_pay;
extern const struct bzc_rule_family bzc_rules_pay_stream;
extern const struct bzc_rule_family bzc_rules_elf;
extern const struct bzc_rule_family bzc_rules_pe;
extern const struct bzc_rule_family bzc_rules_pe_sections;
extern const struct bzc_rule_family bzc_rules_pe_loading;
extern const struct bzc_rule_family bzc_rules_pe_kernel;
extern const struct bzc_rule_family bzc_rules_pe_signatures;
extern const struct bzc_rule_family bzc_rules_uki;
extern const struct bzc_rule_family bzc_rules_uki_data;
extern const struct bzc_rule_family bzc_rules_elf_segments;
extern const struct bzc_rule_family bzc_rules_elf_contents;
extern const struct bzc_rule_family bzc_rules_run;
extern const struct bzc_rule_family bzc_rules_ent;
extern const struct bzc_rule_family bzc_rules_bpr;
extern const struct bzc_rule_family bzc_rules_mem;
extern const struct bzc_rule_family bzc_rules_rel;

/*
 * Setup hands over a pointer to boot_params in ESI since its real-mode part may lie anywhere (2.02); before,
 * boot_params were the first 4 KiB of the real-mode part at 0x90000.
 */
#define BZC_SINCE_BOOT_PARAMS_POINTER 0x0202
/* Setup code written in C: it copies the header and hands over as the 32-bit protocol says. */
#define BZC_SINCE_SETUP_IN_C     0x0207
#define BZC_OLD_BOOT_PARAMS_PHYS 0x90000u

/* The fields of type write that a loader hands to the kernel, not to setup alone. */
bool bzc_field_is_for_kernel(enum bzc_field_id field);

/* True when the file ends before the end of what its header declares; *missing in bytes. */
bool bzc_image_is_cut(const struct bzc_image *image, uint64_t *missing);
/* True when HDR-001 fails: the file is cut, or there is nothing behind setup although there should be. */
bool bzc_image_ends_early(const struct bzc_image *image);
/* The rule that fails when the end of the file is missing, or only that of the payload: HDR-001 or PAY-001. */
const char *bzc_cut_rule(const struct bzc_image *image);

/* The rule that fails because the payload is not complete, HDR-001 or PAY-001; NULL when it is. */
const char *bzc_payload_incomplete_fault(const struct bzc_image *image);
/*
 * The rule that fails because payload_offset or payload_length is wrong, PAY-001, PAY-005 or PAY-006, or NULL: then the
 * two fields tell where the payload lies.
 */
const char *bzc_payload_fault(const struct bzc_image_facts *facts);
/* True when PAY-007 fails: the payload goes on behind the end that syssize gives. */
bool bzc_payload_is_left_out(const struct bzc_image_facts *facts);

/*
 * True for the PE header of the first EFI stub, Linux 3.3 to 3.5 and the 3.2 of Debian 7: one .text from the first byte
 * of the file on, which firmware of today does not load. PE-037 says so, once.
 */
bool bzc_pe_is_first_stub(const struct bzc_pe *pe);

/* The same for rules that this explains: the verdict is then a skip. */
bool bzc_pe_first_stub_explains(const struct bzc_pe *pe, struct bzc_verdict *verdict);

/*
 * The release of the Linux kernel: the first two numbers of its banner, or of kernel_version when the payload was not
 * read. False when neither starts with numbers.
 */
bool bzc_kernel_release(const struct bzc_image_facts *facts, unsigned *major, unsigned *minor);

/*
 * Where a kernel without KASLR runs: bzc_image_runtime_start(), and for a kernel that is not relocatable the address it
 * is linked to as far as the oracle knows it (it may be NULL). False when nothing determines it.
 */
bool bzc_runtime_start(const struct bzc_image *image, const struct bzc_oracle *oracle, uint64_t load_addr,
                       uint64_t *runtime_start);

#endif
