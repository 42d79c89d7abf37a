/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the PVH entry, where a loader jumps to the kernel itself. Source: Xen, docs/misc/pvh.pandoc and
 * xen/include/public/arch-x86/hvm/start_info.h.
 */
#include <inttypes.h>

#include "verify/rules_ent.h"

#define SPEC_PVH    "Xen, docs/misc/pvh.pandoc, x86/HVM direct boot ABI"
#define START_MAGIC 0x336ec578u /* XEN_HVM_START_MAGIC_VALUE */
#define CR0_ET      (1ull << 4) /* cannot be cleared */
#define FLAG_VM     (1u << 17)

static bool is_other_path(const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    if (run->path == BZC_PATH_PVH)
        return false;
    bzc_skip(verdict, "the run does not use the PVH entry");
    return true;
}

static void check_start_info(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    const struct bzc_block *block = bzc_plan_block(&run->plan, BZC_BLOCK_START_INFO);
    uint32_t magic = 0, ebx = (uint32_t)run->entry.regs.gpr[BZC_RBX];

    (void)facts;
    if (is_other_path(run, verdict))
        return;
    if (block && ebx == block->phys && bzc_bytes_u32(block->bytes, 0, &magic) && magic == START_MAGIC)
        return;
    bzc_fail(verdict, block && ebx == block->phys ? "EBX points to something else than hvm_start_info"
                                                  : "EBX does not point to hvm_start_info");
    bzc_where(verdict, "EBX at 0x%" PRIx64, run->entry.phys);
    bzc_expected(verdict, "0x%" PRIx64 ", with the magic number 0x%x", block ? block->phys : 0, START_MAGIC);
    bzc_actual(verdict, "0x%" PRIx32 ", with 0x%" PRIx32, ebx, magic);
}

static void check_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    const struct bzc_regs *regs = &run->entry.regs;

    (void)facts;
    if (is_other_path(run, verdict) ||
        (bzc_regs_mode(regs) == BZC_MODE_PROT32 && (regs->cr0 & ~CR0_ET) == BZC_CR0_PE && regs->cr4 == 0))
        return;
    bzc_fail(verdict, "the PVH entry is not reached in plain 32-bit protected mode");
    bzc_where(verdict, "CPU mode at 0x%" PRIx64, run->entry.phys);
    bzc_expected(verdict, "protected-32, CR0 with PE alone, CR4 0x0");
    bzc_actual(verdict, "%s, CR0 0x%" PRIx64 ", CR4 0x%" PRIx64, bzc_mode_name(bzc_regs_mode(regs)), regs->cr0,
               regs->cr4);
}

static void check_cs(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_segment *cs = &run->entry.regs.seg[BZC_CS];

    (void)facts;
    if (!is_other_path(run, verdict) && (!bzc_segment_is_flat(cs) || !bzc_segment_is_code(cs)))
        bzc_fail_segment(verdict, BZC_CS, cs, "base 0, limit 0xffffffff, readable code");
}

static void check_data_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    static const enum bzc_seg promised[] = {BZC_DS, BZC_ES};

    (void)facts;
    if (is_other_path(run, verdict))
        return;
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        const struct bzc_segment *segment = &run->entry.regs.seg[promised[i]];

        if (!bzc_segment_is_flat(segment) || !bzc_segment_is_data(segment)) {
            bzc_fail_segment(verdict, promised[i], segment, "base 0, limit 0xffffffff, writable data");
            return;
        }
    }
}

static void check_flags(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    uint64_t flags = run->entry.regs.rflags;

    (void)facts;
    if (is_other_path(run, verdict) || !(flags & (BZC_FLAG_IF | BZC_FLAG_TF | FLAG_VM)))
        return;
    bzc_fail(verdict, "IF, TF or VM is set at the PVH entry");
    bzc_where(verdict, "EFLAGS at 0x%" PRIx64, run->entry.phys);
    bzc_expected(verdict, "IF, TF and VM clear");
    bzc_actual(verdict, "0x%" PRIx64, flags);
}

static const struct bzc_rule rules[] = {
    {
        .id = "ENT-040",
        .name = "pvh-start-info",
        .severity = BZC_SEVERITY_ERROR,
        .title = "EBX points to hvm_start_info at the PVH entry",
        .spec = SPEC_PVH,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_start_info,
    },
    {
        .id = "ENT-041",
        .name = "pvh-mode",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the PVH entry is reached in 32-bit protected mode with nothing else in CR0 and CR4",
        .spec = SPEC_PVH,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_mode,
    },
    {
        .id = "ENT-042",
        .name = "pvh-code-segment",
        .severity = BZC_SEVERITY_ERROR,
        .title = "CS is a flat 4 GiB segment at the PVH entry",
        .spec = SPEC_PVH,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_cs,
    },
    {
        .id = "ENT-043",
        .name = "pvh-data-segments",
        .severity = BZC_SEVERITY_ERROR,
        .title = "DS and ES are flat 4 GiB segments at the PVH entry",
        .spec = SPEC_PVH,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_data_segments,
    },
    {
        .id = "ENT-044",
        .name = "pvh-flags",
        .severity = BZC_SEVERITY_ERROR,
        .title = "IF, TF and VM are clear at the PVH entry",
        .spec = SPEC_PVH,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_flags,
    },
};

const struct bzc_rule_family bzc_rules_ent_pvh = {rules, sizeof(rules) / sizeof(rules[0])};
