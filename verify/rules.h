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
extern const struct bzc_rule_family bzc_rules_ent_kernel;
extern const struct bzc_rule_family bzc_rules_ent;
extern const struct bzc_rule_family bzc_rules_ent_long;
extern const struct bzc_rule_family bzc_rules_ent_pvh;
extern const struct bzc_rule_family bzc_rules_bpr;
extern const struct bzc_rule_family bzc_rules_bpr_loader;
extern const struct bzc_rule_family bzc_rules_mem;
extern const struct bzc_rule_family bzc_rules_mem_place;
extern const struct bzc_rule_family bzc_rules_rel;
extern const struct bzc_rule_family bzc_rules_rel_probes;

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

/* The first hand-over at which boot_params count: the kernel's own entry where there is no decompressor. */
const struct bzc_hand_over *bzc_first_hand_over(const struct bzc_run_facts *run);
/* Where boot_params were handed over: by setup, or by a loader that bypasses it. Not for the path pvh. */
uint64_t bzc_boot_params_handed_over(const struct bzc_run_facts *run);
/*
 * The rule about the hand-over (ENT-020 and on) that fails and tells why the run ends, or NULL. Of setup's own
 * hand-over only a wrong entry address does (ENT-027, ENT-028); what else it leaves behind may be survived.
 */
const struct bzc_rule *bzc_hand_over_fault(const struct bzc_image_facts *facts, const struct bzc_run_facts *run);
/* What that rule says, in a clause: whose fault it is as far as that is known. */
const char *bzc_hand_over_reason(const struct bzc_rule *fault);
/* False for fields of boot_params that the decompressor's messages move, and for the e820 table: it has its own rule.
 */
bool bzc_bp_field_is_stable(enum bzc_bp_field_id id);
/* True when the decompressor may leave this value, whatever the loader wrote. */
bool bzc_bp_change_is_legitimate(enum bzc_bp_field_id id, uint64_t now);
/* True when a loader enters 64-bit code that the image does not promise: ENT-030 fails. */
bool bzc_is_entered_unpromised(const struct bzc_image_facts *facts, const struct bzc_run_facts *run);
/* True when MEM-008 fails, and a block of this role has a part in it. */
bool bzc_is_misplaced(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, enum bzc_block_role role);
/* True when a loader moved a kernel that is not relocatable: MEM-009 fails. */
bool bzc_is_moved_by_loader(const struct bzc_image_facts *facts, const struct bzc_run_facts *run);
/* True when the loader did not clear boot_params: BPR-004 fails. */
bool bzc_sentinel_is_set(const struct bzc_image_facts *facts, const struct bzc_run_facts *run);

/*
 * Where a kernel without KASLR runs: bzc_image_runtime_start(), and for a kernel that is not relocatable the address it
 * is linked to as far as the oracle knows it (it may be NULL). False when nothing determines it.
 */
bool bzc_runtime_start(const struct bzc_image *image, const struct bzc_oracle *oracle, const struct bzc_run_facts *run,
                       uint64_t *runtime_start);

#endif
