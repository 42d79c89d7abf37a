/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the unpacked payload's ELF header: is it one, and is it the kernel that the setup header speaks of. */
#include "verify/rules.h"

#define ET_EXEC   2
#define ET_DYN    3
#define EM_386    3
#define EM_X86_64 62

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

static void check_machine(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    unsigned wanted = elf->bits == 64 ? EM_X86_64 : EM_386;

    (void)run;
    if (elf->machine == wanted)
        return;
    bzc_fail(verdict, "the payload is an ELF%u file for the other machine", elf->bits);
    bzc_where(verdict, "e_machine of the payload");
    bzc_expected(verdict, "%u (%s)", wanted, wanted == EM_386 ? "EM_386" : "EM_X86_64");
    bzc_actual(verdict, "%u", elf->machine);
}

static void check_type(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    unsigned type = facts->oracle->elf.type;

    (void)run;
    if (type == ET_EXEC || type == ET_DYN)
        return;
    bzc_fail(verdict, "the payload is not an ELF file that can be executed");
    bzc_where(verdict, "e_type of the payload");
    bzc_expected(verdict, "%u (ET_EXEC), or %u (ET_DYN)", ET_EXEC, ET_DYN);
    bzc_actual(verdict, "%u", type);
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
    {
        .id = "ELF-002",
        .name = "elf-machine",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload's ELF class and machine belong together",
        .spec = "System V ABI, ELF Header: e_machine; x86-64 psABI, ELF Header",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_machine,
    },
    {
        .id = "ELF-003",
        .name = "elf-type",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the payload is an ELF file that can be executed",
        .spec = "System V ABI, ELF Header: e_type",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_type,
    },
};

const struct bzc_rule_family bzc_rules_elf = {rules, sizeof(rules) / sizeof(rules[0])};
