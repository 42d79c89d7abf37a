/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about boot_params as a loader that bypasses setup builds them, and about what it puts outside the setup header.
 */
#include <inttypes.h>
#include <string.h>

#include "verify/rules.h"

#define SPEC_BUILD     "boot.rst, 32-bit Boot Protocol"
#define SINCE_SENTINEL 0x020c /* Linux 3.8: arch/x86/include/asm/bootparam_utils.h, sanitize_boot_params */
#define SENTINEL       0x1efu
#define SINCE_NO_SIZE  0x0205 /* Linux 2.6.20: the decompressor's check of alt_mem_k and ext_mem_k is gone */
#define MISPLACED      "explained by MEM-008: the loader put boot_params into the kernel's memory"

static struct bzc_bytes view(const struct bzc_hand_over *at)
{
    return (struct bzc_bytes){at->boot_params, at->boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
}

/* The first hand-over at which boot_params count: the kernel's own entry where there is no decompressor. */
const struct bzc_hand_over *bzc_first_hand_over(const struct bzc_run_facts *run)
{
    return run->path == BZC_PATH_PAYLOAD_ELF ? &run->entry : &run->pm_entry;
}

static bool is_built_by_loader(const struct bzc_run_facts *run)
{
    return run->path != BZC_PATH_SETUP && run->path != BZC_PATH_PVH;
}

uint64_t bzc_boot_params_handed_over(const struct bzc_run_facts *run)
{
    return run->path == BZC_PATH_PAYLOAD_ELF ? run->plan.boot_params_phys : run->pm_entry.boot_params_phys;
}

/* False, with the reason, when the loader's boot_params cannot be looked at. */
static bool can_look(const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_hand_over *at = bzc_first_hand_over(run);

    if (!is_built_by_loader(run))
        bzc_skip(verdict, run->path == BZC_PATH_PVH ? "the kernel is entered by PVH" : "setup builds boot_params");
    else if (!at->reached)
        bzc_skip(verdict, "the run did not reach the entry");
    else if (!at->boot_params_in_ram || at->boot_params_phys != run->plan.boot_params_phys)
        bzc_skip(verdict, "explained by %s: there is no boot_params pointer",
                 run->path == BZC_PATH_PAYLOAD_ELF      ? "ENT-005"
                 : run->plan.jump.mode == BZC_MODE_LONG ? "ENT-035"
                                                        : "ENT-022");
    else
        return true;
    return false;
}

bool bzc_sentinel_is_set(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    const struct bzc_hand_over *at = bzc_first_hand_over(run);

    return is_built_by_loader(run) && at->reached && at->boot_params_in_ram && facts->image.version >= SINCE_SENTINEL &&
           at->boot_params[SENTINEL] != 0;
}

static void check_sentinel(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    if (!can_look(run, verdict) || !bzc_sentinel_is_set(facts, run))
        return;
    bzc_fail(verdict, "the loader did not clear boot_params: more than the setup header was copied from the file");
    bzc_where(verdict, "boot_params.sentinel");
    bzc_expected(verdict, "0x0");
    bzc_actual(verdict, "0x%x", bzc_first_hand_over(run)->boot_params[SENTINEL]);
}

/* ---- fields outside the header ---- */

bool bzc_bp_field_is_stable(enum bzc_bp_field_id id)
{
    return id != BZC_BP_ORIG_X && id != BZC_BP_ORIG_Y && id != BZC_BP_E820_TABLE;
}

/* A decompressor without ACPI stores that it found no RSDP (get_rsdp_addr in misc.h). */
bool bzc_bp_change_is_legitimate(enum bzc_bp_field_id id, uint64_t now)
{
    return id == BZC_BP_ACPI_RSDP_ADDR && now == 0;
}

static void check_fields_kept(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    if (!can_look(run, verdict))
        return;
    if (run->entry.boot_params_phys != run->plan.boot_params_phys) {
        bzc_skip(verdict, "explained by ENT-005: there is no boot_params pointer");
        return;
    }
    if (bzc_is_misplaced(facts, run, BZC_BLOCK_BOOT_PARAMS)) {
        bzc_skip(verdict, MISPLACED);
        return;
    }
    for (size_t i = 0; i < run->plan.write_count; i++) {
        const struct bzc_plan_write *write = &run->plan.write[i];
        const struct bzc_bp_field *field = bzc_bp_field(write->bp);
        uint64_t now = 0;

        if (write->is_header || !bzc_bp_field_is_stable(write->bp) ||
            !bzc_bp_read(view(&run->entry), write->bp, &now) || now == write->value ||
            bzc_bp_change_is_legitimate(write->bp, now))
            continue;
        if (bzc_sentinel_is_set(facts, run)) {
            bzc_skip(verdict, "explained by BPR-004: %s was cleared because the sentinel is set", field->name);
            return;
        }
        bzc_fail(verdict, "a field of boot_params that the loader wrote was changed");
        bzc_where(verdict, "boot_params.%s", field->name);
        bzc_expected(verdict, "0x%" PRIx64, write->value);
        bzc_actual(verdict, "0x%" PRIx64, now);
        return;
    }
}

static uint64_t read_wide(const struct bzc_run_facts *run, uint16_t version, enum bzc_field_id low,
                          enum bzc_bp_field_id high)
{
    uint64_t value = 0, upper = 0;

    bzc_field_read(view(&run->entry), version, low, &value);
    bzc_bp_read(view(&run->entry), high, &upper);
    return value | upper << 32;
}

/* The lower halves, when boot_params were handed over. */
static bool was_handed_over(const struct bzc_run_facts *run, uint16_t version, const struct bzc_block *initrd)
{
    uint64_t place = 0, size = 0;

    bzc_field_read(view(bzc_first_hand_over(run)), version, BZC_FIELD_RAMDISK_IMAGE, &place);
    bzc_field_read(view(bzc_first_hand_over(run)), version, BZC_FIELD_RAMDISK_SIZE, &size);
    return place == (uint32_t)initrd->phys && size == (uint32_t)initrd->bytes.size;
}

static void check_initrd(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_block *initrd = bzc_plan_block(&run->plan, BZC_BLOCK_INITRD);
    uint64_t place, size;

    if (!initrd) {
        bzc_skip(verdict, "no initrd was loaded");
        return;
    }
    if (!can_look(run, verdict))
        return;
    if (run->entry.boot_params_phys != run->plan.boot_params_phys) {
        bzc_skip(verdict, "explained by ENT-005: there is no boot_params pointer");
        return;
    }
    if (bzc_is_misplaced(facts, run, BZC_BLOCK_BOOT_PARAMS)) {
        bzc_skip(verdict, MISPLACED);
        return;
    }
    place = read_wide(run, facts->image.version, BZC_FIELD_RAMDISK_IMAGE, BZC_BP_EXT_RAMDISK_IMAGE);
    size = read_wide(run, facts->image.version, BZC_FIELD_RAMDISK_SIZE, BZC_BP_EXT_RAMDISK_SIZE);
    if (place == initrd->phys && size == initrd->bytes.size)
        return;
    if ((uint32_t)place != (uint32_t)initrd->phys || (uint32_t)size != (uint32_t)initrd->bytes.size) {
        bzc_skip(verdict, "explained by %s: ramdisk_image or ramdisk_size is another",
                 was_handed_over(run, facts->image.version, initrd) ? "MEM-003" : "BPR-003");
        return;
    }
    bzc_fail(verdict, "boot_params does not lead to the initrd: the upper 32 bits are wrong");
    bzc_where(verdict, "boot_params.%s", place != initrd->phys ? "ext_ramdisk_image" : "ext_ramdisk_size");
    bzc_expected(verdict, "0x%" PRIx64 ", 0x%zx bytes", initrd->phys, initrd->bytes.size);
    bzc_actual(verdict, "0x%" PRIx64 ", 0x%" PRIx64 " bytes", place, size);
}

/* ---- what the loader did not write ---- */

/* Whether the loader wrote this byte of boot_params, or it is the setup header's. */
static bool is_written(const struct bzc_run_facts *run, uint64_t offset, uint64_t header_start)
{
    const struct bzc_bp_field *table = bzc_bp_field(BZC_BP_E820_TABLE);
    uint64_t entries = 0;

    if (offset >= header_start && offset < BZC_BP_HEADER_END)
        return true;
    for (size_t i = 0; i < run->plan.write_count; i++) {
        const struct bzc_plan_write *write = &run->plan.write[i];
        const struct bzc_bp_field *field = write->is_header ? NULL : bzc_bp_field(write->bp);

        if (field && offset - field->offset < field->size)
            return true;
        if (field && write->bp == BZC_BP_E820_ENTRIES)
            entries = write->value;
    }
    return offset - table->offset < entries * BZC_E820_ENTRY_SIZE;
}

static void check_clear(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_block *block = bzc_plan_block(&run->plan, BZC_BLOCK_BOOT_PARAMS);
    uint64_t header_start = bzc_field(BZC_FIELD_SETUP_SECTS)->offset;

    if (!can_look(run, verdict))
        return;
    if (bzc_sentinel_is_set(facts, run)) {
        bzc_skip(verdict, "explained by BPR-004: the loader did not clear boot_params");
        return;
    }
    for (uint64_t offset = 0; block && offset < block->bytes.size; offset++) {
        if (block->bytes.data[offset] == 0 || is_written(run, offset, header_start))
            continue;
        bzc_fail(verdict, "boot_params has a byte that the loader neither cleared nor wrote on purpose");
        bzc_where(verdict, "boot_params + 0x%" PRIx64, offset);
        bzc_expected(verdict, "0x00");
        bzc_actual(verdict, "0x%02x", block->bytes.data[offset]);
        return;
    }
}

static bool is_rewritten(const struct bzc_run_facts *run, enum bzc_field_id id)
{
    for (size_t i = 0; i < run->plan.write_count; i++)
        if (run->plan.write[i].is_header && run->plan.write[i].field == id)
            return true;
    return false;
}

static void check_header_complete(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                  struct bzc_verdict *verdict)
{
    const struct bzc_block *block = bzc_plan_block(&run->plan, BZC_BLOCK_BOOT_PARAMS);

    if (!can_look(run, verdict))
        return;
    for (size_t i = 0; i < BZC_FIELD_COUNT && block; i++) {
        const struct bzc_field *field = &bzc_fields[i];
        uint64_t want, have = 0;

        if (is_rewritten(run, field->id) || !bzc_image_field(&facts->image, field->id, &want))
            continue;
        if (bzc_field_read(block->bytes, facts->image.version, field->id, &have) && have == want)
            continue;
        bzc_fail(verdict, "the loader did not copy the whole setup header");
        bzc_where(verdict, "boot_params.hdr.%s", field->name);
        bzc_expected(verdict, "0x%" PRIx64 ", as in the image", want);
        bzc_actual(verdict, "0x%" PRIx64, have);
        return;
    }
}

/* ---- how much memory there is ---- */

/* misc.c up to 2.6.19: the larger of both counts; below 1 or 3 MiB it halts, "Less than 2MB" or "4MB of memory". */
static void check_memory_size(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    uint64_t needed = facts->image.loadflags & BZC_LOADED_HIGH ? 3072 : 1024, alt = 0, ext = 0;

    if (facts->image.version >= SINCE_NO_SIZE) {
        bzc_skip(verdict, "since protocol 2.05 the e820 map alone counts");
        return;
    }
    if (!can_look(run, verdict))
        return;
    if (bzc_is_entered_unpromised(facts, run)) {
        bzc_skip(verdict, "explained by ENT-030: the image promises no code for this mode");
        return;
    }
    bzc_bp_read(view(bzc_first_hand_over(run)), BZC_BP_ALT_MEM_K, &alt);
    bzc_bp_read(view(bzc_first_hand_over(run)), BZC_BP_EXT_MEM_K, &ext);
    if (alt >= needed || ext >= needed)
        return;
    bzc_fail(verdict, "the loader does not tell an old kernel how much memory there is");
    bzc_where(verdict, "boot_params.alt_mem_k, boot_params.ext_mem_k");
    bzc_expected(verdict, "one of them at least %" PRIu64 " (KiB above 1 MiB)", needed);
    bzc_actual(verdict, "%" PRIu64 " and %" PRIu64, alt, ext);
}

static const struct bzc_rule rules[] = {
    {
        .id = "BPR-004",
        .name = "sentinel-clear",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the sentinel is zero in boot_params that a loader built",
        .spec = SPEC_BUILD "; zero-page.rst, sentinel",
        .phase = BZC_PHASE_RUN,
        .since = SINCE_SENTINEL,
        .needs = BZC_NEEDS_LINUX,
        .check = check_sentinel,
    },
    {
        .id = "BPR-005",
        .name = "loader-fields-kept",
        .severity = BZC_SEVERITY_ERROR,
        .title = "what a loader wrote outside the setup header is unchanged at the kernel's entry",
        .spec = "zero-page.rst; " SPEC_BUILD,
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_fields_kept,
    },
    {
        .id = "BPR-006",
        .name = "initrd-pointer",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_params leads to the initrd, all 64 bits of its address and size",
        .spec = "zero-page.rst, ext_ramdisk_image, ext_ramdisk_size",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_initrd,
    },
    {
        .id = "BPR-007",
        .name = "boot-params-clear",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_params that a loader built are zero where it wrote nothing",
        .spec = SPEC_BUILD,
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .check = check_clear,
    },
    {
        .id = "BPR-008",
        .name = "header-complete",
        .severity = BZC_SEVERITY_WARNING,
        .title = "boot_params that a loader built hold all of the image's setup header",
        .spec = SPEC_BUILD,
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .check = check_header_complete,
    },
    {
        .id = "BPR-009",
        .name = "memory-size",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_params that a loader built tell a kernel from before protocol 2.05 how much memory there is",
        .spec = "zero-page.rst, ext_mem_k, alt_mem_k",
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .check = check_memory_size,
    },
};

const struct bzc_rule_family bzc_rules_bpr_loader = {rules, sizeof(rules) / sizeof(rules[0])};
