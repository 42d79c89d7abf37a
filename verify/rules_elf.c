/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the unpacked payload's ELF structure. */
#include "verify/rules.h"

static void check_usable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    (void)run;
    if (!facts->oracle) {
        bzc_skip(verdict, "the payload could not be unpacked");
    } else if (facts->oracle->elf_problem[0]) {
        bzc_fail(verdict, "%s", facts->oracle->elf_problem);
        bzc_where(verdict, "unpacked payload");
    } else if (facts->oracle->kind != BZC_PAYLOAD_ELF) {
        bzc_skip(verdict, "the payload is a flat memory image, as before protocol 2.08");
    }
}

const struct bzc_rule bzc_rules_elf[BZC_RULES_ELF_COUNT] = {
    {
        .id = "ELF-001",
        .name = "payload-elf-usable",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the unpacked payload is an x86 ELF file whose segments and entry are usable",
        .spec = "System V ABI, Object Files; boot.rst, protocol 2.08",
        .phase = BZC_PHASE_IMAGE,
        .linux_only = true,
        .check = check_usable,
    },
};
