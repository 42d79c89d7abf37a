/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule tables, one a file, and what rules share. Adding a rule: a row and a function in the file that it belongs
 * to; adding a file: its table here and in catalogue.c.
 */
#ifndef BZC_VERIFY_RULES_H
#define BZC_VERIFY_RULES_H

#include "verify/catalogue.h"

extern const struct bzc_rule_family bzc_rules_hdr;
extern const struct bzc_rule_family bzc_rules_pay;
extern const struct bzc_rule_family bzc_rules_elf;
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

/* True when the file ends before the end of what its header declares; *missing in bytes. */
bool bzc_image_is_cut(const struct bzc_image *image, uint64_t *missing);

/*
 * Where a kernel without KASLR runs: bzc_image_runtime_start(), and for a kernel that is not relocatable the address it
 * is linked to as far as the oracle knows it (it may be NULL). False when nothing determines it.
 */
bool bzc_runtime_start(const struct bzc_image *image, const struct bzc_oracle *oracle, uint64_t load_addr,
                       uint64_t *runtime_start);

#endif
