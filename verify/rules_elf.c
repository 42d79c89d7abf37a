/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the unpacked payload's ELF structure. */
#include "verify/rules.h"

static void check_usable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->oracle->elf_problem[0]) {
        bzc_fail(verdict, "%s", facts->oracle->elf_problem);
        bzc_where(verdict, "unpacked payload");
    } else if (facts->oracle->kind != BZC_PAYLOAD_ELF) {
        bzc_skip(verdict, "the payload is a flat memory image, as before protocol 2.08");
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "ELF-001",
        .name = "payload-elf-usable",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the unpacked payload is an x86 ELF file whose segments and entry are usable",
        .spec = "System V ABI, Object Files; boot.rst, protocol 2.08",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_usable,
    },
};

const struct bzc_rule_family bzc_rules_elf = {rules, sizeof(rules) / sizeof(rules[0])};
