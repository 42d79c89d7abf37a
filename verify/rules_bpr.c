/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about boot_params as the kernel finds it: what the BIOS and the loader gave must be in it. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules.h"

#define SINCE_128_E820     0x0204 /* 2.6.14 */
#define CL_MAGIC           0xa33fu
#define SINCE_CMD_LINE_PTR 0x0202

static struct bzc_bytes boot_params(const struct bzc_run_facts *run)
{
    return (struct bzc_bytes){run->entry.boot_params, run->entry.boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
}

/* Without a usable pointer there is nothing to look at, and another finding says so. */
static bool usable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    struct bzc_bytes handed_over = {run->setup.boot_params, run->setup.boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
    uint64_t magic = 0;

    bzc_field_read(handed_over, facts->image.version, BZC_FIELD_HEADER, &magic);
    if (run->entry.boot_params_phys != run->setup.boot_params_phys) {
        bzc_skip(verdict, "explained by ENT-005: there is no boot_params pointer");
        return false;
    }
    if (facts->image.version >= BZC_SINCE_BOOT_PARAMS_POINTER && magic != BZC_HEADER_MAGIC) {
        bzc_skip(verdict, "explained by ENT-022: setup hands over no boot_params");
        return false;
    }
    return true;
}

static void check_e820(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    struct bzc_memory_range found[BZC_MEMORY_MAP_MAX];
    size_t count, capacity = BZC_MEMORY_MAP_MAX;

    if (!usable(facts, run, verdict))
        return;
    if (!run->asked_for_e820) {
        bzc_skip(verdict, "setup never asked the BIOS for an e820 map");
        return;
    }
    count = bzc_bp_e820(boot_params(run), found, capacity);
    /* Kernels before 2.6.14 have room for 32 entries, and take as many. */
    if (count != run->map->count && !(count == 32 && run->map->count > 32 && facts->image.version < SINCE_128_E820)) {
        bzc_fail(verdict, "the e820 map does not have the BIOS's number of entries");
        bzc_where(verdict, "boot_params.e820_entries");
        bzc_expected(verdict, "%zu", run->map->count);
        bzc_actual(verdict, "%zu", count);
        return;
    }
    for (size_t i = 0; i < count && i < capacity; i++) {
        const struct bzc_memory_range *want = &run->map->range[i], *have = &found[i];

        if (want->start != have->start || want->size != have->size || want->type != have->type) {
            bzc_fail(verdict, "an e820 entry is not what the BIOS gave");
            bzc_where(verdict, "boot_params.e820_table[%zu]", i);
            bzc_expected(verdict, "0x%" PRIx64 ", 0x%" PRIx64 " bytes, type %" PRIu32, want->start, want->size,
                         want->type);
            bzc_actual(verdict, "0x%" PRIx64 ", 0x%" PRIx64 " bytes, type %" PRIu32, have->start, have->size,
                       have->type);
            return;
        }
    }
}

static void check_cmdline(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    uint64_t pointer = 0, magic = 0, offset = 0;

    if (!usable(facts, run, verdict))
        return;
    bzc_bp_read(boot_params(run), BZC_BP_CL_MAGIC, &magic);
    bzc_bp_read(boot_params(run), BZC_BP_CL_OFFSET, &offset);
    if (facts->image.version < SINCE_CMD_LINE_PTR && magic == CL_MAGIC)
        pointer = BZC_OLD_BOOT_PARAMS_PHYS + offset;
    else /* a setup for the old protocol may still turn the old way into the new one */
        bzc_field_read(boot_params(run), SINCE_CMD_LINE_PTR, BZC_FIELD_CMD_LINE_PTR, &pointer);
    if (pointer == run->plan.cmdline_phys)
        return;
    bzc_fail(verdict, "boot_params does not lead to the loader's command line");
    bzc_where(verdict,
              facts->image.version >= SINCE_CMD_LINE_PTR ? "boot_params.hdr.cmd_line_ptr" : "boot_params.cl_offset");
    bzc_expected(verdict, "0x%" PRIx64, run->plan.cmdline_phys);
    bzc_actual(verdict, "0x%" PRIx64, pointer);
}

/*
 * The bits of a field that must arrive as the loader left them. Fields that a loader only reads are not the kernel's
 * business; kernels before 3.0 or so did not even copy the younger ones.
 */
static uint64_t stable_bits(const struct bzc_field *field, uint16_t version)
{
    if (field->access != BZC_FIELD_WRITE && field->access != BZC_FIELD_MODIFY)
        return 0;
    switch (field->id) {
    case BZC_FIELD_LOADFLAGS: /* set on the way, for the kernel */
        return ~(uint64_t)(BZC_KASLR_FLAG | BZC_QUIET_FLAG);
    case BZC_FIELD_VID_MODE: /* setup stores the mode it has set */
        return 0;
    case BZC_FIELD_CODE32_START: /* setups in assembly patch their own jump from it */
        return version < BZC_SINCE_SETUP_IN_C ? 0 : ~0ull;
    default:
        return ~0ull;
    }
}

static bool setup_copied(const struct bzc_run_facts *run, uint16_t version, enum bzc_field_id id, uint64_t want)
{
    struct bzc_bytes bytes = {run->setup.boot_params, run->setup.boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
    uint64_t then;

    return bzc_field_read(bytes, version, id, &then) && then == want;
}

static void check_header(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_block *realmode = bzc_plan_block(&run->plan, BZC_BLOCK_REALMODE);

    if (!usable(facts, run, verdict))
        return;
    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        const struct bzc_field *field = &bzc_fields[i];
        uint64_t want, have = 0, mask = stable_bits(field, facts->image.version);

        if (!mask || !realmode || !bzc_field_read(realmode->bytes, facts->image.version, field->id, &want))
            continue;
        if (bzc_field_read(boot_params(run), facts->image.version, field->id, &have) && (want & mask) == (have & mask))
            continue;
        if (bzc_field_is_for_kernel(field->id) && setup_copied(run, facts->image.version, field->id, want)) {
            bzc_skip(verdict, "explained by MEM-003: %s was changed after setup", field->name);
            return;
        }
        bzc_fail(verdict, "the setup header in boot_params is not the one in the image as the loader completed it");
        bzc_where(verdict, "boot_params.hdr.%s", field->name);
        bzc_expected(verdict, "0x%" PRIx64, want);
        bzc_actual(verdict, "0x%" PRIx64, have);
        return;
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "BPR-001",
        .name = "e820-map",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_params holds the BIOS's e820 map",
        .spec = "zero-page.rst, e820_entries, e820_table",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_e820,
    },
    {
        .id = "BPR-002",
        .name = "command-line-pointer",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_params leads to the loader's command line",
        .spec = "boot.rst, The Kernel Command Line",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_cmdline,
    },
    {
        .id = "BPR-003",
        .name = "header-copied",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_params holds the setup header as the loader completed it",
        .spec = "boot.rst, 32-bit Boot Protocol",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_header,
    },
};

const struct bzc_rule_family bzc_rules_bpr = {rules, sizeof(rules) / sizeof(rules[0])};
