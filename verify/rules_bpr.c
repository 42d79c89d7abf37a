/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about boot_params as the kernel finds it: what the BIOS and the loader gave must be in it. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules.h"

#define SINCE_128_E820     0x0204 /* 2.6.14 */
#define SINCE_SETUP_DATA   0x0209
#define CL_MAGIC           0xa33fu
#define SINCE_CMD_LINE_PTR 0x0202
#define SINCE_EXT_FIELDS   0x020c /* Linux 3.8: ext_ramdisk_image and its like */

static struct bzc_bytes boot_params(const struct bzc_run_facts *run)
{
    return (struct bzc_bytes){run->entry.boot_params, run->entry.boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
}

static struct bzc_bytes handed_over(const struct bzc_run_facts *run)
{
    /* A kernel that the loader enters itself has no other hand-over. */
    const struct bzc_hand_over *at = bzc_first_hand_over(run);

    return (struct bzc_bytes){at->boot_params, at->boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
}

/* Without a usable pointer there is nothing to look at, and another finding says so. */
static bool usable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    uint64_t magic = 0;

    bzc_field_read(handed_over(run), facts->image.version, BZC_FIELD_HEADER, &magic);
    if (run->path == BZC_PATH_PVH) {
        bzc_skip(verdict, "the kernel is entered by PVH, without boot_params");
    } else if (run->entry.boot_params_phys != bzc_boot_params_handed_over(run)) {
        bzc_skip(verdict, "explained by ENT-005: there is no boot_params pointer");
    } else if (bzc_is_misplaced(facts, run, BZC_BLOCK_BOOT_PARAMS)) {
        bzc_skip(verdict, "explained by MEM-008: the loader put boot_params into the kernel's memory");
    } else if (facts->image.version >= BZC_SINCE_BOOT_PARAMS_POINTER && magic != BZC_HEADER_MAGIC) {
        bzc_skip(verdict, "explained by %s: no boot_params are handed over",
                 run->path == BZC_PATH_PAYLOAD_ELF      ? "ENT-005"
                 : run->plan.jump.mode == BZC_MODE_LONG ? "ENT-035"
                                                        : "ENT-022");
    } else {
        return true;
    }
    return false;
}

/* The entries of a SETUP_E820_EXT node that the loader made, and how many; 0 when there is none. */
static size_t e820_ext(const struct bzc_plan *plan, struct bzc_bytes *entries)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];
        uint32_t type = 0, size = 0;

        if (block->role == BZC_BLOCK_SETUP_DATA && bzc_bytes_u32(block->bytes, 8, &type) &&
            type == BZC_SETUP_E820_EXT && bzc_bytes_u32(block->bytes, 12, &size)) {
            *entries = bzc_bytes_slice(block->bytes, 16, size);
            return entries->size / BZC_E820_ENTRY_SIZE;
        }
    }
    return 0;
}

/* Entry `i` of the whole map: of the table in boot_params, or behind its end of the loader's SETUP_E820_EXT. */
static struct bzc_memory_range e820_entry(const struct bzc_memory_range *table, size_t count, struct bzc_bytes ext,
                                          size_t i)
{
    struct bzc_memory_range range = {0, 0, 0};
    uint64_t offset = (i - count) * BZC_E820_ENTRY_SIZE;

    if (i < count)
        return table[i];
    bzc_bytes_u64(ext, offset, &range.start);
    bzc_bytes_u64(ext, offset + 8, &range.size);
    bzc_bytes_u32(ext, offset + 16, &range.type);
    return range;
}

/* What the map in boot_params is compared with, or false with the reason why there is nothing to compare. */
static bool has_e820(const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_block *block = bzc_plan_block(&run->plan, BZC_BLOCK_BOOT_PARAMS);
    uint64_t entries = 0;

    if (run->path == BZC_PATH_SETUP) {
        if (!run->asked_for_e820)
            bzc_skip(verdict, "setup never asked the BIOS for an e820 map");
        return run->asked_for_e820;
    }
    if (block && bzc_bp_read(block->bytes, BZC_BP_E820_ENTRIES, &entries) && entries > 0)
        return true;
    bzc_skip(verdict, "the loader hands over no e820 map");
    return false;
}

static void check_e820(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    struct bzc_memory_range table[BZC_MEMORY_MAP_MAX];
    const char *whose = run->path == BZC_PATH_SETUP ? "the BIOS's" : "the PC's";
    struct bzc_bytes ext = {NULL, 0};
    size_t count, more, room;
    bool is_full;

    if (!usable(facts, run, verdict) || !has_e820(run, verdict))
        return;
    count = bzc_bp_e820(boot_params(run), table, BZC_MEMORY_MAP_MAX);
    if (count > BZC_BP_E820_MAX && run->path != BZC_PATH_SETUP)
        count = BZC_BP_E820_MAX;
    more = run->path == BZC_PATH_SETUP ? 0 : e820_ext(&run->plan, &ext);
    /* The kernel's own setup takes as many as there is room for. So does a loader that has nowhere to put the others.
     */
    room = facts->image.version < SINCE_128_E820 ? 32 : BZC_BP_E820_MAX;
    is_full = count == room && run->map.count > room && more == 0 &&
              (run->path == BZC_PATH_SETUP || facts->image.version < SINCE_SETUP_DATA);
    if (count + more != run->map.count && !is_full) {
        bzc_fail(verdict, "the e820 map does not have %s number of entries", whose);
        bzc_where(verdict, "boot_params.e820_entries%s", more ? " and SETUP_E820_EXT" : "");
        bzc_expected(verdict, "%zu", run->map.count);
        bzc_actual(verdict, "%zu", count + more);
        return;
    }
    for (size_t i = 0; i < count + more && i < BZC_MEMORY_MAP_MAX; i++) {
        const struct bzc_memory_range *want = &run->map.range[i];
        struct bzc_memory_range have = e820_entry(table, count, ext, i);

        if (want->start == have.start && want->size == have.size && want->type == have.type)
            continue;
        bzc_fail(verdict, "an e820 entry is not what %s", run->path == BZC_PATH_SETUP ? "the BIOS gave" : "the PC has");
        bzc_where(verdict, i < count ? "boot_params.e820_table[%zu]" : "SETUP_E820_EXT[%zu]",
                  i < count ? i : i - count);
        bzc_expected(verdict, "0x%" PRIx64 ", 0x%" PRIx64 " bytes, type %" PRIu32, want->start, want->size, want->type);
        bzc_actual(verdict, "0x%" PRIx64 ", 0x%" PRIx64 " bytes, type %" PRIu32, have.start, have.size, have.type);
        return;
    }
}

static void check_cmdline(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    uint64_t pointer = 0, magic = 0, offset = 0, upper = 0;

    if (!usable(facts, run, verdict))
        return;
    bzc_bp_read(boot_params(run), BZC_BP_CL_MAGIC, &magic);
    bzc_bp_read(boot_params(run), BZC_BP_CL_OFFSET, &offset);
    if (facts->image.version < SINCE_CMD_LINE_PTR && magic == CL_MAGIC)
        pointer = BZC_OLD_BOOT_PARAMS_PHYS + offset;
    else /* a setup for the old protocol may still turn the old way into the new one */
        bzc_field_read(boot_params(run), SINCE_CMD_LINE_PTR, BZC_FIELD_CMD_LINE_PTR, &pointer);
    if (facts->image.version >= SINCE_EXT_FIELDS && bzc_bp_read(boot_params(run), BZC_BP_EXT_CMD_LINE_PTR, &upper))
        pointer |= upper << 32;
    if (pointer == run->plan.cmdline_phys)
        return;
    bzc_fail(verdict, "boot_params does not lead to the loader's command line");
    bzc_where(verdict, facts->image.version < SINCE_CMD_LINE_PTR               ? "boot_params.cl_offset"
                       : (uint32_t)pointer != (uint32_t)run->plan.cmdline_phys ? "boot_params.hdr.cmd_line_ptr"
                                                                               : "boot_params.ext_cmd_line_ptr");
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

static bool was_handed_over(const struct bzc_run_facts *run, uint16_t version, enum bzc_field_id id, uint64_t want)
{
    uint64_t then;

    return bzc_field_read(handed_over(run), version, id, &then) && then == want;
}

/* The header as the loader completed it: in front of setup, or in its own boot_params. */
static const struct bzc_block *completed_header(const struct bzc_run_facts *run)
{
    return bzc_plan_block(&run->plan, run->path == BZC_PATH_SETUP ? BZC_BLOCK_REALMODE : BZC_BLOCK_BOOT_PARAMS);
}

static void check_header(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_block *completed = completed_header(run);

    if (!usable(facts, run, verdict))
        return;
    for (size_t i = 0; i < BZC_FIELD_COUNT && completed; i++) {
        const struct bzc_field *field = &bzc_fields[i];
        uint64_t want, have = 0, mask = stable_bits(field, facts->image.version);

        if (!mask || !bzc_field_read(completed->bytes, facts->image.version, field->id, &want))
            continue;
        if (bzc_field_read(boot_params(run), facts->image.version, field->id, &have) && (want & mask) == (have & mask))
            continue;
        if (bzc_field_is_for_kernel(field->id) && was_handed_over(run, facts->image.version, field->id, want)) {
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
        .title = "boot_params holds the PC's e820 map",
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
