/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the hand-over to the kernel itself, by the decompressor or by a loader that enters it at e_entry. */
#include <inttypes.h>

#include "verify/rules_ent.h"

#define SPEC_32      "boot.rst, 32-bit Boot Protocol"
#define SPEC_HEAD_64 "arch/x86/kernel/head_64.S, comment at startup_64"
#define SPEC_HEAD_32 "arch/x86/kernel/head_32.S, comment at startup_32"

/* PVH has its own rules: ENT-040 and on. */
static bool is_pvh(const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    if (run->path != BZC_PATH_PVH)
        return false;
    bzc_skip(verdict, "the kernel is entered by PVH");
    return true;
}

static bool is_entered_by_loader(const struct bzc_run_facts *run)
{
    return bzc_path_enters_kernel(run->path);
}

static void check_entry_address(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    uint64_t expected = run->comparison.base + facts->oracle->entry_offset;

    if (is_pvh(run, verdict) || run->entry.phys == expected)
        return;
    bzc_fail(verdict, "control enters the kernel at the wrong place, 0x%" PRIx64 " bytes %s its entry",
             run->entry.phys > expected ? run->entry.phys - expected : expected - run->entry.phys,
             run->entry.phys > expected ? "behind" : "before");
    bzc_where(verdict, "jump from the %s",
              is_entered_by_loader(run) ? "loader"
              : run->stage_count > 1    ? run->stage[run->stage_count - 2].name
                                        : "decompressor");
    bzc_expected(verdict, "0x%" PRIx64 " = base 0x%" PRIx64 " + 0x%" PRIx64, expected, run->comparison.base,
                 facts->oracle->entry_offset);
    bzc_actual(verdict, "0x%" PRIx64, run->entry.phys);
}

static void check_entry_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    enum bzc_mode mode = bzc_regs_mode(&run->entry.regs);
    enum bzc_mode expected = facts->oracle->bits == 64 ? BZC_MODE_LONG : BZC_MODE_PROT32;

    if (is_pvh(run, verdict) || mode == expected)
        return;
    bzc_fail(verdict, "the kernel is entered in the wrong CPU mode");
    bzc_where(verdict, "CPU mode at 0x%" PRIx64, run->entry.phys);
    bzc_expected(verdict, "%s", bzc_mode_name(expected));
    bzc_actual(verdict, "%s", bzc_mode_name(mode));
}

static void check_entry_paging(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    bool paging = run->entry.regs.cr0 & BZC_CR0_PG;

    if (is_pvh(run, verdict))
        return;
    if (facts->oracle->bits == 32 && paging) {
        bzc_fail(verdict, "the 32-bit kernel is entered with paging on");
        bzc_where(verdict, "CR0.PG");
        bzc_expected(verdict, "0");
        bzc_actual(verdict, "1 (CR0 0x%" PRIx64 ", CR3 0x%" PRIx64 ")", run->entry.regs.cr0, run->entry.regs.cr3);
    } else if (facts->oracle->bits == 64 && run->entry.linear != run->entry.phys) {
        bzc_fail(verdict, "the 64-bit kernel is not entered through an identity mapping");
        bzc_where(verdict, "RIP 0x%" PRIx64, run->entry.linear);
        bzc_expected(verdict, "linear = physical");
        bzc_actual(verdict, "physical 0x%" PRIx64, run->entry.phys);
    } else if (facts->oracle->bits == 64 && run->identity.broken) {
        bzc_fail(verdict, "the identity mapping does not cover the whole kernel");
        bzc_where(verdict, "linear 0x%" PRIx64, run->identity.linear);
        bzc_expected(verdict, "physical 0x%" PRIx64, run->identity.linear);
        if (run->identity.mapped)
            bzc_actual(verdict, "physical 0x%" PRIx64, run->identity.phys);
        else
            bzc_actual(verdict, "not mapped");
    }
}

static void check_entry_if(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    (void)facts;
    if (!is_pvh(run, verdict))
        bzc_check_interrupts_off(&run->entry, verdict);
}

static void check_entry_boot_params(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    const char *pointer = bzc_regs_mode(&run->entry.regs) == BZC_MODE_LONG ? "RSI" : "ESI";
    uint64_t expected = bzc_boot_params_handed_over(run);

    (void)facts;
    if (is_pvh(run, verdict) || run->entry.boot_params_phys == expected)
        return;
    bzc_fail(verdict, "%s does not hold the boot_params pointer that %s handed over", pointer,
             run->path == BZC_PATH_SETUP ? "setup" : "the loader");
    bzc_where(verdict, "%s", *pointer == 'R' ? "rsi" : "esi");
    bzc_expected(verdict, "0x%" PRIx64, expected);
    bzc_actual(verdict, "0x%" PRIx64, run->entry.boot_params_phys);
}

static void check_entry_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const struct bzc_segment *seg = run->entry.regs.seg;

    if (is_pvh(run, verdict))
        return;
    if (facts->oracle->bits == 64) {
        bzc_skip(verdict, "bases and limits do not count in 64-bit mode");
        return;
    }
    if (!bzc_segment_is_flat(&seg[BZC_CS]) || !bzc_segment_is_code(&seg[BZC_CS]))
        bzc_fail_segment(verdict, BZC_CS, &seg[BZC_CS], "base 0, limit 0xffffffff, readable code");
    else if (!bzc_segment_is_flat(&seg[BZC_DS]) || !bzc_segment_is_data(&seg[BZC_DS]))
        bzc_fail_segment(verdict, BZC_DS, &seg[BZC_DS], "base 0, limit 0xffffffff, writable data");
}

static void check_entry_a20(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)facts;
    if (run->pm_entry.reached && !run->pm_entry.a20_open)
        bzc_skip(verdict, "explained by ENT-024: A20 is closed at the 32-bit entry");
    else
        bzc_check_a20_open(&run->entry, verdict);
}

static const struct bzc_rule rules[] = {
    {
        .id = "ENT-001",
        .name = "entry-address",
        .severity = BZC_SEVERITY_ERROR,
        .title = "control enters the kernel at its entry point",
        .spec = "System V ABI, ELF Header: e_entry; arch/x86/boot/compressed/misc.c, extract_kernel",
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_address,
    },
    {
        .id = "ENT-002",
        .name = "entry-mode",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the kernel is entered in the mode it is built for",
        .spec = SPEC_HEAD_64 "; " SPEC_HEAD_32,
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_mode,
    },
    {
        .id = "ENT-003",
        .name = "entry-paging",
        .severity = BZC_SEVERITY_ERROR,
        .title = "paging is off at a 32-bit entry, an identity mapping at a 64-bit entry",
        .spec = SPEC_32 "; " SPEC_HEAD_64,
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_paging,
    },
    {
        .id = "ENT-004",
        .name = "entry-interrupts-off",
        .severity = BZC_SEVERITY_ERROR,
        .title = "interrupts are off at the kernel's entry",
        .spec = SPEC_32,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_if,
    },
    {
        .id = "ENT-005",
        .name = "entry-boot-params",
        .severity = BZC_SEVERITY_ERROR,
        .title = "ESI or RSI holds the boot_params pointer at the kernel's entry",
        .spec = SPEC_HEAD_64 "; " SPEC_HEAD_32,
        .phase = BZC_PHASE_ENTRY,
        .since = BZC_SINCE_BOOT_PARAMS_POINTER,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_boot_params,
    },
    {
        .id = "ENT-006",
        .name = "entry-segments",
        .severity = BZC_SEVERITY_ERROR,
        .title = "CS and DS are flat 4 GiB segments at a 32-bit kernel's entry",
        .spec = SPEC_HEAD_32,
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_segments,
    },
    {
        .id = "ENT-007",
        .name = "entry-a20-open",
        .severity = BZC_SEVERITY_ERROR,
        .title = "A20 is open at the kernel's entry",
        .spec = "arch/x86/boot/a20.c, enable_a20; arch/x86/boot/pm.c, go_to_protected_mode",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_entry_a20,
    },
};

const struct bzc_rule_family bzc_rules_ent_kernel = {rules, sizeof(rules) / sizeof(rules[0])};
