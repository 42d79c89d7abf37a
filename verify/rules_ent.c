/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the hand-over at the 32-bit entry, by setup or by a loader; and what rules about hand-overs share. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules_ent.h"

#define LOW_RUN_ADDRESS 0x1000u

#define SPEC_32    "boot.rst, 32-bit Boot Protocol"
#define SPEC_HOOKS "boot.rst, Advanced Boot Loader Hooks: code32_start"

/* ---- what both hand-overs share ---- */

bool bzc_segment_is_flat(const struct bzc_segment *segment)
{
    return segment->base == 0 && segment->limit == 0xffffffffu;
}

bool bzc_segment_is_code(const struct bzc_segment *segment)
{
    return (segment->access & 0x9a) == 0x9a; /* present, not a system segment, code, readable */
}

bool bzc_segment_is_data(const struct bzc_segment *segment)
{
    return (segment->access & 0x9a) == 0x92;
}

void bzc_fail_segment(struct bzc_verdict *verdict, enum bzc_seg which, const struct bzc_segment *segment,
                      const char *expected)
{
    bzc_fail(verdict,
             bzc_segment_is_flat(segment) ? "%s is not the segment that the protocol names"
                                          : "%s is not a flat 4 GiB segment",
             bzc_seg_name(which));
    bzc_where(verdict, "%s", bzc_seg_name(which));
    bzc_expected(verdict, "%s", expected);
    bzc_actual(verdict, "selector 0x%x, base 0x%" PRIx64 ", limit 0x%" PRIx32 ", access 0x%x", segment->selector,
               segment->base, segment->limit, segment->access);
}

void bzc_check_interrupts_off(const struct bzc_hand_over *at, struct bzc_verdict *verdict)
{
    if (!(at->regs.rflags & BZC_FLAG_IF))
        return;
    bzc_fail(verdict, "interrupts are on");
    bzc_where(verdict, "RFLAGS.IF at 0x%" PRIx64, at->phys);
    bzc_expected(verdict, "0");
    bzc_actual(verdict, "1 (RFLAGS 0x%" PRIx64 ")", at->regs.rflags);
}

void bzc_check_boot_params(const struct bzc_image_facts *facts, const struct bzc_hand_over *at, const char *pointer,
                           struct bzc_verdict *verdict)
{
    struct bzc_bytes bytes = {at->boot_params, at->boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
    uint64_t magic = 0;

    bzc_field_read(bytes, facts->image.version, BZC_FIELD_HEADER, &magic);
    if (magic == BZC_HEADER_MAGIC)
        return;
    bzc_fail(verdict, "%s does not point to boot_params: no setup header is there", pointer);
    bzc_where(verdict, "%s at 0x%" PRIx64, pointer, at->phys);
    bzc_expected(verdict, "the address of a boot_params that holds \"HdrS\" at offset 0x202");
    bzc_actual(verdict, "0x%" PRIx64 "%s",
               at->regs.gpr[BZC_RSI] & (bzc_regs_mode(&at->regs) == BZC_MODE_LONG ? UINT64_MAX : UINT32_MAX),
               at->boot_params_in_ram ? "" : ", where there is no RAM");
}

void bzc_check_a20_open(const struct bzc_hand_over *at, struct bzc_verdict *verdict)
{
    if (at->a20_open)
        return;
    bzc_fail(verdict, "A20 is closed: every odd megabyte is another's shadow");
    bzc_where(verdict, "A20 at 0x%" PRIx64, at->linear);
    bzc_expected(verdict, "open");
    bzc_actual(verdict, "closed");
}

/* ---- the 32-bit entry: setup's hand-over, or a loader's that bypasses setup ---- */

static void check_setup_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    const struct bzc_regs *regs = &run->pm_entry.regs;

    (void)facts;
    if (bzc_regs_mode(regs) == BZC_MODE_PROT32 && !(regs->cr0 & BZC_CR0_PG))
        return;
    bzc_fail(verdict, "the 32-bit entry is not reached in 32-bit protected mode without paging");
    bzc_where(verdict, "CPU mode at 0x%" PRIx64, run->pm_entry.phys);
    bzc_expected(verdict, "protected-32, paging off");
    bzc_actual(verdict, "%s, paging %s", bzc_mode_name(bzc_regs_mode(regs)), regs->cr0 & BZC_CR0_PG ? "on" : "off");
}

static void check_setup_cs(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_segment *cs = &run->pm_entry.regs.seg[BZC_CS];

    (void)facts;
    if (!bzc_segment_is_flat(cs) || !bzc_segment_is_code(cs) || cs->selector != 0x10)
        bzc_fail_segment(verdict, BZC_CS, cs, "selector 0x10 (__BOOT_CS), base 0, limit 0xffffffff, readable code");
}

static void check_setup_entry(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    uint64_t entry = run->pm_entry.linear, start = run->plan.pm_entry_phys, size = facts->image.pm.size;

    if (entry - start < size)
        return;
    bzc_fail(verdict, "the 32-bit entry does not lie in the protected-mode part");
    bzc_where(verdict, "code32_start");
    bzc_expected(verdict, "0x%" PRIx64 " to 0x%" PRIx64, start, start + size - 1);
    bzc_actual(verdict, "0x%" PRIx64, entry);
}

static void check_setup_boot_params(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    bzc_check_boot_params(facts, &run->pm_entry, "ESI", verdict);
}

static void check_setup_if(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    (void)facts;
    bzc_check_interrupts_off(&run->pm_entry, verdict);
}

static void check_setup_a20(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)facts;
    bzc_check_a20_open(&run->pm_entry, verdict);
}

static void check_setup_data_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                      struct bzc_verdict *verdict)
{
    static const enum bzc_seg promised[] = {BZC_DS, BZC_ES, BZC_SS};

    (void)facts;
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        const struct bzc_segment *segment = &run->pm_entry.regs.seg[promised[i]];

        if (!bzc_segment_is_flat(segment) || !bzc_segment_is_data(segment) || segment->selector != 0x18) {
            bzc_fail_segment(verdict, promised[i], segment,
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
        uint32_t value = (uint32_t)run->pm_entry.regs.gpr[promised[i]];

        if (value != 0) {
            bzc_fail(verdict, "e%s is not zero at the 32-bit entry", bzc_gpr_name(promised[i]) + 1);
            bzc_where(verdict, "e%s", bzc_gpr_name(promised[i]) + 1);
            bzc_expected(verdict, "0x0");
            bzc_actual(verdict, "0x%" PRIx32, value);
            return;
        }
    }
}

/* It says so itself, or it has come as far as to where it moved itself. */
static bool decompressor_got_going(const struct bzc_run_facts *run)
{
    /* misc.c: the two of extract_kernel, and what 2.6 and older print instead */
    static const char *const messages[] = {"early console in ", "Decompressing Linux", "Uncompressing Linux"};

    if (run->refusal[0])
        return true;
    for (size_t i = 0; i < run->stage_count; i++)
        if (strcmp(run->stage[i].name, "decompressor (relocated)") == 0)
            return true;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        if (strstr(run->last_words, messages[i]))
            return true;
    return false;
}

/* An ELF header whose first bytes happen to lead to the decompressor when executed is code all the same. */
static void check_setup_is_code(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    static const uint8_t elf_magic[] = {0x7f, 'E', 'L', 'F'};
    struct bzc_bytes found =
        bzc_bytes_slice(facts->image.pm, run->pm_entry.linear - run->plan.pm_entry_phys, sizeof(elf_magic));

    if (run->entry.reached || found.size < sizeof(elf_magic) || memcmp(found.data, elf_magic, sizeof(elf_magic)) != 0 ||
        decompressor_got_going(run))
        return;
    bzc_fail(verdict, "the 32-bit entry is an ELF header, and that does not work as code: %s",
             bzc_stop_name(run->stop.reason));
    bzc_where(verdict, "entry at 0x%" PRIx64, run->pm_entry.linear);
    bzc_expected(verdict, "the decompressor's first instruction");
    bzc_actual(verdict, "7f 45 4c 46, the head of an ELF file");
}

/* A zImage's 32-bit code was built to run where setup moves it, at 0x1000. */
static void check_setup_promised(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    bool is_low = !(image->loadflags & BZC_LOADED_HIGH);

    if (run->path != BZC_PATH_ENTRY32 || (image->has_header && (!is_low || run->plan.pm_phys == LOW_RUN_ADDRESS)))
        return;
    bzc_fail(verdict, "the loader enters 32-bit code that the image does not promise");
    bzc_where(verdict, "entry at 0x%" PRIx64, run->pm_entry.linear);
    bzc_expected(verdict, image->has_header ? "a zImage at 0x1000" : "the 16-bit entry: the image has no setup header");
    bzc_actual(verdict, "a jump past setup, to 0x%" PRIx64, run->pm_entry.linear);
}

static const struct bzc_rule rules[] = {
    {
        .id = "ENT-020",
        .name = "setup-mode",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the 32-bit entry is reached in 32-bit protected mode without paging",
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
        .title = "the 32-bit entry lies in the protected-mode part",
        .spec = "boot.rst, Details of Header Fields: code32_start",
        .phase = BZC_PHASE_SETUP,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_entry,
    },
    {
        .id = "ENT-028",
        .name = "entry-is-code",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the 32-bit entry is code, not an ELF header that does not work as code",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .check = check_setup_is_code,
    },
    {
        .id = "ENT-029",
        .name = "entry32-promised",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a loader bypasses setup only of an image that has a setup header, and a zImage's only at 0x1000",
        .spec = SPEC_32,
        .phase = BZC_PHASE_SETUP,
        .check = check_setup_promised,
    },
};

const struct bzc_rule_family bzc_rules_ent = {rules, sizeof(rules) / sizeof(rules[0])};
