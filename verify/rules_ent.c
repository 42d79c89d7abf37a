/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the two hand-overs: setup to the 32-bit entry, and the decompressor to the kernel. */
#include <inttypes.h>

#include "verify/rules.h"

#define SPEC_32      "boot.rst, 32-bit Boot Protocol"
#define SPEC_HOOKS   "boot.rst, Advanced Boot Loader Hooks: code32_start"
#define SPEC_HEAD_64 "arch/x86/kernel/head_64.S, comment at startup_64"
#define SPEC_HEAD_32 "arch/x86/kernel/head_32.S, comment at startup_32"

/* ---- what both hand-overs share ---- */

static bool is_flat(const struct bzc_segment *segment)
{
    return segment->base == 0 && segment->limit == 0xffffffffu;
}

static bool is_code(const struct bzc_segment *segment)
{
    return (segment->access & 0x9a) == 0x9a; /* present, not a system segment, code, readable */
}

static bool is_writable_data(const struct bzc_segment *segment)
{
    return (segment->access & 0x9a) == 0x92;
}

static void fail_segment(struct bzc_verdict *verdict, enum bzc_seg which, const struct bzc_segment *segment,
                         const char *expected)
{
    bzc_fail(verdict,
             is_flat(segment) ? "%s is not the segment that the protocol names" : "%s is not a flat 4 GiB segment",
             bzc_seg_name(which));
    bzc_where(verdict, "%s", bzc_seg_name(which));
    bzc_expected(verdict, "%s", expected);
    bzc_actual(verdict, "selector 0x%x, base 0x%" PRIx64 ", limit 0x%" PRIx32 ", access 0x%x", segment->selector,
               segment->base, segment->limit, segment->access);
}

static void check_interrupts_off(const struct bzc_hand_over *at, struct bzc_verdict *verdict)
{
    if (!(at->regs.rflags & BZC_FLAG_IF))
        return;
    bzc_fail(verdict, "interrupts are on");
    bzc_where(verdict, "RFLAGS.IF at 0x%" PRIx64, at->phys);
    bzc_expected(verdict, "0");
    bzc_actual(verdict, "1 (RFLAGS 0x%" PRIx64 ")", at->regs.rflags);
}

static void check_a20_open(const struct bzc_hand_over *at, struct bzc_verdict *verdict)
{
    if (at->a20_open)
        return;
    bzc_fail(verdict, "A20 is closed: every odd megabyte is another's shadow");
    bzc_where(verdict, "A20 at 0x%" PRIx64, at->linear);
    bzc_expected(verdict, "open");
    bzc_actual(verdict, "closed");
}

/* ---- setup's hand-over ---- */

static void check_setup_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    const struct bzc_regs *regs = &run->setup.regs;

    (void)facts;
    if (bzc_regs_mode(regs) == BZC_MODE_PROT32 && !(regs->cr0 & BZC_CR0_PG))
        return;
    bzc_fail(verdict, "the 32-bit entry is not reached in 32-bit protected mode without paging");
    bzc_where(verdict, "CPU mode at 0x%" PRIx64, run->setup.phys);
    bzc_expected(verdict, "protected-32, paging off");
    bzc_actual(verdict, "%s, paging %s", bzc_mode_name(bzc_regs_mode(regs)), regs->cr0 & BZC_CR0_PG ? "on" : "off");
}

static void check_setup_cs(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_segment *cs = &run->setup.regs.seg[BZC_CS];

    (void)facts;
    if (!is_flat(cs) || !is_code(cs) || cs->selector != 0x10)
        fail_segment(verdict, BZC_CS, cs, "selector 0x10 (__BOOT_CS), base 0, limit 0xffffffff, readable code");
}

static void check_setup_entry(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    uint64_t entry = run->setup.linear, start = run->plan.pm_phys, size = facts->image.pm.size;

    if (entry - start < size)
        return;
    bzc_fail(verdict, "setup jumps to 32-bit code that is not in the protected-mode part");
    bzc_where(verdict, "code32_start");
    bzc_expected(verdict, "0x%" PRIx64 " to 0x%" PRIx64, start, start + size - 1);
    bzc_actual(verdict, "0x%" PRIx64, entry);
}

static void check_setup_boot_params(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    const struct bzc_hand_over *at = &run->setup;
    struct bzc_bytes bytes = {at->boot_params, at->boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
    uint64_t magic = 0;

    bzc_field_read(bytes, facts->image.version, BZC_FIELD_HEADER, &magic);
    if (magic == BZC_HEADER_MAGIC)
        return;
    bzc_fail(verdict, "ESI does not point to boot_params: no setup header is there");
    bzc_where(verdict, "ESI at 0x%" PRIx64, at->phys);
    bzc_expected(verdict, "the address of a boot_params that holds \"HdrS\" at offset 0x202");
    bzc_actual(verdict, "0x%" PRIx64 "%s", at->regs.gpr[BZC_RSI] & 0xffffffffu,
               at->boot_params_in_ram ? "" : ", where there is no RAM");
}

static void check_setup_if(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    (void)facts;
    check_interrupts_off(&run->setup, verdict);
}

static void check_setup_a20(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)facts;
    check_a20_open(&run->setup, verdict);
}

static void check_setup_data_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                      struct bzc_verdict *verdict)
{
    static const enum bzc_seg promised[] = {BZC_DS, BZC_ES, BZC_SS};

    (void)facts;
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        const struct bzc_segment *segment = &run->setup.regs.seg[promised[i]];

        if (!is_flat(segment) || !is_writable_data(segment) || segment->selector != 0x18) {
            fail_segment(verdict, promised[i], segment,
                         "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data");
            return;
        }
    }
}

static void check_setup_zero_registers(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                       struct bzc_verdict *verdict)
{
    static const enum bzc_gpr promised[] = {BZC_RBP, BZC_RDI, BZC_RBX};

    (void)facts;
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        uint32_t value = (uint32_t)run->setup.regs.gpr[promised[i]];

        if (value != 0) {
            bzc_fail(verdict, "e%s is not zero at the 32-bit entry", bzc_gpr_name(promised[i]) + 1);
            bzc_where(verdict, "e%s", bzc_gpr_name(promised[i]) + 1);
            bzc_expected(verdict, "0x0");
            bzc_actual(verdict, "0x%" PRIx32, value);
            return;
        }
    }
}

/* ---- the kernel's entry ---- */

static void check_entry_address(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    uint64_t expected = run->comparison.base + facts->oracle->entry_offset;

    if (run->entry.phys == expected)
        return;
    bzc_fail(verdict, "control enters the kernel at the wrong place, 0x%" PRIx64 " bytes %s its entry",
             run->entry.phys > expected ? run->entry.phys - expected : expected - run->entry.phys,
             run->entry.phys > expected ? "behind" : "before");
    bzc_where(verdict, "jump from the %s",
              run->stage_count > 1 ? run->stage[run->stage_count - 2].name : "decompressor");
    bzc_expected(verdict, "0x%" PRIx64 " = base 0x%" PRIx64 " + 0x%" PRIx64, expected, run->comparison.base,
                 facts->oracle->entry_offset);
    bzc_actual(verdict, "0x%" PRIx64, run->entry.phys);
}

static void check_entry_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    enum bzc_mode mode = bzc_regs_mode(&run->entry.regs);
    enum bzc_mode expected = facts->oracle->bits == 64 ? BZC_MODE_LONG : BZC_MODE_PROT32;

    if (mode == expected)
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
    check_interrupts_off(&run->entry, verdict);
}

static void check_entry_boot_params(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    (void)facts;
    if (run->entry.boot_params_phys == run->setup.boot_params_phys)
        return;
    bzc_fail(verdict, "%s does not hold the boot_params pointer that setup handed over",
             bzc_regs_mode(&run->entry.regs) == BZC_MODE_LONG ? "RSI" : "ESI");
    bzc_where(verdict, "%s", bzc_regs_mode(&run->entry.regs) == BZC_MODE_LONG ? "rsi" : "esi");
    bzc_expected(verdict, "0x%" PRIx64, run->setup.boot_params_phys);
    bzc_actual(verdict, "0x%" PRIx64, run->entry.boot_params_phys);
}

static void check_entry_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const struct bzc_segment *seg = run->entry.regs.seg;

    if (facts->oracle->bits == 64) {
        bzc_skip(verdict, "bases and limits do not count in 64-bit mode");
        return;
    }
    if (!is_flat(&seg[BZC_CS]) || !is_code(&seg[BZC_CS]))
        fail_segment(verdict, BZC_CS, &seg[BZC_CS], "base 0, limit 0xffffffff, readable code");
    else if (!is_flat(&seg[BZC_DS]) || !is_writable_data(&seg[BZC_DS]))
        fail_segment(verdict, BZC_DS, &seg[BZC_DS], "base 0, limit 0xffffffff, writable data");
}

static void check_entry_a20(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)facts;
    if (run->setup.reached && !run->setup.a20_open)
        bzc_skip(verdict, "explained by ENT-024: setup did not open A20");
    else
        check_a20_open(&run->entry, verdict);
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
    {
        .id = "ENT-020",
        .name = "setup-mode",
        .severity = BZC_SEVERITY_ERROR,
        .title = "setup enters 32-bit protected mode without paging",
        .spec = SPEC_HOOKS "; " SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .check = check_setup_mode,
    },
    {
        .id = "ENT-021",
        .name = "setup-code-segment",
        .severity = BZC_SEVERITY_ERROR,
        .title = "CS is the flat segment 0x10 at the 32-bit entry",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_cs,
    },
    {
        .id = "ENT-022",
        .name = "setup-boot-params",
        .severity = BZC_SEVERITY_ERROR,
        .title = "ESI points to boot_params at the 32-bit entry",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .since = BZC_SINCE_BOOT_PARAMS_POINTER,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_boot_params,
    },
    {
        .id = "ENT-023",
        .name = "setup-interrupts-off",
        .severity = BZC_SEVERITY_ERROR,
        .title = "interrupts are off at the 32-bit entry",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .check = check_setup_if,
    },
    {
        .id = "ENT-024",
        .name = "setup-a20-open",
        .severity = BZC_SEVERITY_ERROR,
        .title = "A20 is open at the 32-bit entry",
        .spec = "arch/x86/boot/a20.c, enable_a20; arch/x86/boot/pm.c, go_to_protected_mode",
        .phase = BZC_PHASE_SETUP,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_a20,
    },
    {
        .id = "ENT-025",
        .name = "setup-data-segments",
        .severity = BZC_SEVERITY_ERROR,
        .title = "DS, ES and SS are the flat segment 0x18 at the 32-bit entry",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .since = BZC_SINCE_SETUP_IN_C,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_data_segments,
    },
    {
        .id = "ENT-026",
        .name = "setup-zero-registers",
        .severity = BZC_SEVERITY_ERROR,
        .title = "EBP, EDI and EBX are zero at the 32-bit entry",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .since = BZC_SINCE_SETUP_IN_C,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_zero_registers,
    },
    {
        .id = "ENT-027",
        .name = "setup-entry",
        .severity = BZC_SEVERITY_ERROR,
        .title = "setup jumps into the protected-mode part",
        .spec = "boot.rst, Details of Header Fields: code32_start",
        .phase = BZC_PHASE_SETUP,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_entry,
    },
};

const struct bzc_rule_family bzc_rules_ent = {rules, sizeof(rules) / sizeof(rules[0])};
