/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about memory: what belongs to the loader stays, nothing is written where no RAM is, the kernel lies as built.
 */
#include <inttypes.h>

#include "verify/rules.h"

static void check_kept(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, enum bzc_block_role role,
                       struct bzc_verdict *verdict)
{
    if (bzc_is_misplaced(facts, run, role)) {
        bzc_skip(verdict, "explained by MEM-008: the loader put the %s into the way of something else",
                 bzc_block_role_name(role));
        return;
    }
    for (size_t i = 0; i < run->kept_count; i++) {
        const struct bzc_kept_block *block = &run->kept[i];

        if (block->role != role || !block->changed)
            continue;
        bzc_fail(verdict, "the loader's %s was overwritten before the kernel was entered", block->name);
        bzc_where(verdict, "0x%" PRIx64 ", %" PRIu64 " bytes into the %s", block->first_difference,
                  block->first_difference - block->phys, block->name);
        bzc_expected(verdict, "0x%02x", block->expected);
        bzc_actual(verdict, "0x%02x", block->actual);
        return;
    }
}

static void check_cmdline(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    check_kept(facts, run, BZC_BLOCK_CMDLINE, verdict);
}

static void check_initrd(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    if (run->plan.initrd_phys == 0)
        bzc_skip(verdict, "no initrd was loaded");
    else
        check_kept(facts, run, BZC_BLOCK_INITRD, verdict);
}

static void check_setup_data(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    if (!bzc_plan_block(&run->plan, BZC_BLOCK_SETUP_DATA))
        bzc_skip(verdict, "no setup_data was handed over");
    else
        check_kept(facts, run, BZC_BLOCK_SETUP_DATA, verdict);
}

static void check_start_info(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    if (!bzc_plan_block(&run->plan, BZC_BLOCK_START_INFO))
        bzc_skip(verdict, "the run does not use the PVH entry");
    else
        check_kept(facts, run, BZC_BLOCK_START_INFO, verdict);
}

bool bzc_field_is_for_kernel(enum bzc_field_id field)
{
    return field == BZC_FIELD_TYPE_OF_LOADER || field == BZC_FIELD_RAMDISK_IMAGE || field == BZC_FIELD_RAMDISK_SIZE ||
           field == BZC_FIELD_CMD_LINE_PTR;
}

/*
 * The field when it was handed over; false when that was not what the loader wrote: setup never copied it, which is
 * BPR-003's task.
 */
static bool was_right(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                      const struct bzc_plan_write *write)
{
    const struct bzc_hand_over *at = bzc_first_hand_over(run);
    struct bzc_bytes bytes = {at->boot_params, at->boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};
    uint64_t before;

    return bzc_field_read(bytes, facts->image.version, write->field, &before) && before == write->value;
}

static void check_loader_fields(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    struct bzc_bytes bytes = {run->entry.boot_params, run->entry.boot_params_in_ram ? BZC_BOOT_PARAMS_SIZE : 0};

    if (run->path == BZC_PATH_PVH) {
        bzc_skip(verdict, "the kernel is entered by PVH, without boot_params");
        return;
    }
    if (run->entry.boot_params_phys != bzc_boot_params_handed_over(run)) {
        bzc_skip(verdict, "explained by ENT-005: there is no boot_params pointer");
        return;
    }
    if (bzc_is_misplaced(facts, run, BZC_BLOCK_BOOT_PARAMS)) {
        bzc_skip(verdict, "explained by MEM-008: the loader put boot_params into the kernel's memory");
        return;
    }
    for (size_t i = 0; i < run->plan.write_count; i++) {
        const struct bzc_plan_write *write = &run->plan.write[i];
        uint64_t now = 0;

        if (!write->is_header || !bzc_field_is_for_kernel(write->field) || !was_right(facts, run, write))
            continue;
        bzc_field_read(bytes, facts->image.version, write->field, &now);
        if (now == write->value)
            continue;
        bzc_fail(verdict, "a header field that the loader wrote was changed after %s",
                 run->path == BZC_PATH_SETUP ? "setup" : "the hand-over");
        bzc_where(verdict, "boot_params.hdr.%s", bzc_field(write->field)->name);
        bzc_expected(verdict, "0x%" PRIx64, write->value);
        bzc_actual(verdict, "0x%" PRIx64, now);
        return;
    }
}

static void check_inside(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_rule *fault = bzc_hand_over_fault(facts, run);
    bool ended_early = !run->entry.reached || (run->expect == BZC_EXPECT_RUNNING && !run->running.reached);

    if (facts->system == BZC_SYSTEM_LINUX && run->pm_entry.reached && !run->pm_entry.a20_open) {
        bzc_skip(verdict, "explained by ENT-024: with A20 closed control goes astray");
        return;
    }
    if (!run->entry.reached && fault) {
        bzc_skip(verdict, "explained by %s: %s", fault->id, bzc_hand_over_reason(fault));
        return;
    }
    if (ended_early && run->stop.reason == BZC_STOP_OUTSIDE_MEMORY && run->stop.access == BZC_ACCESS_WRITE) {
        bzc_fail(verdict, "the guest writes outside RAM, in %s",
                 run->stage_count ? run->stage[run->stage_count - 1].name : "its first code");
        bzc_where(verdict, "instruction at 0x%" PRIx64, run->stop.linear);
        bzc_expected(verdict, "only RAM of the memory map is written");
        bzc_actual(verdict, "a write to 0x%" PRIx64, run->stop.target_phys);
    } else if (run->outside.count > 0) {
        bzc_fail(verdict, "the guest writes to ROM");
        bzc_where(verdict, "instruction at 0x%" PRIx64, run->outside.first_ip);
        bzc_expected(verdict, "only RAM of the memory map is written");
        bzc_actual(verdict, "a write to the page at 0x%" PRIx64, run->outside.first_phys);
    }
}

static void check_segments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_comparison *comparison = &run->comparison;

    for (size_t i = 0; i < comparison->segment_count; i++) {
        const struct bzc_segment_result *segment = &comparison->segment[i];

        if (segment->differences == 0 && (segment->matches || segment->sha256[0]))
            continue; /* relocation slots are REL-002's task */
        bzc_where(verdict, "segment %u at 0x%" PRIx64 ", first at 0x%" PRIx64, segment->index, segment->phys,
                  segment->phys + segment->first_difference);
        if (!segment->sha256[0]) {
            bzc_fail(verdict, "a segment of the kernel does not lie in RAM");
            bzc_expected(verdict, "0x%zx bytes of RAM at 0x%" PRIx64, facts->oracle->segment[i].bytes.size,
                         segment->phys);
            bzc_actual(verdict, "there is none");
        } else if (segment->found_elsewhere) {
            bzc_fail(verdict, "a segment of the kernel lies in the wrong place");
            bzc_expected(verdict, "0x%" PRIx64, segment->phys);
            bzc_actual(verdict, "0x%" PRIx64, segment->found_phys);
        } else {
            bzc_fail(verdict, "%" PRIu64 " byte%s of the kernel in memory %s not as built%s", segment->differences,
                     segment->differences == 1 ? "" : "s", segment->differences == 1 ? "is" : "are",
                     segment->zero ? ": the segment was never written" : "");
            bzc_expected(verdict, "0x%02x", segment->expected);
            bzc_actual(verdict, "0x%02x", segment->actual);
        }
        return;
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "MEM-001",
        .name = "cmdline-unchanged",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the loader's command line is unchanged at the kernel's entry",
        .spec = "boot.rst, The Kernel Command Line; Details of Header Fields: heap_end_ptr",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_cmdline,
    },
    {
        .id = "MEM-002",
        .name = "initrd-unchanged",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the initrd is unchanged at the kernel's entry",
        .spec = "boot.rst, Details of Header Fields: ramdisk_image, initrd_addr_max, init_size",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_initrd,
    },
    {
        .id = "MEM-003",
        .name = "loader-fields-unchanged",
        .severity = BZC_SEVERITY_ERROR,
        .title = "type_of_loader, ramdisk_image, ramdisk_size and cmd_line_ptr are as the loader wrote them at the "
                 "kernel's entry",
        .spec = "boot.rst, Details of Header Fields: fields of type write",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_loader_fields,
    },
    {
        .id = "MEM-004",
        .name = "inside-ram",
        .severity = BZC_SEVERITY_ERROR,
        .title = "nothing is written outside RAM",
        .spec = "boot.rst, Memory Layout; Details of Header Fields: init_size",
        .phase = BZC_PHASE_RUN,
        .check = check_inside,
    },
    {
        .id = "MEM-005",
        .name = "kernel-in-memory",
        .severity = BZC_SEVERITY_ERROR,
        .title = "every byte of the kernel lies in memory as built",
        .spec = "System V ABI, Program Header: PT_LOAD; arch/x86/boot/compressed/misc.c, parse_elf",
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_segments,
    },
    {
        .id = "MEM-006",
        .name = "setup-data-unchanged",
        .severity = BZC_SEVERITY_ERROR,
        .title = "every node of the setup_data list is unchanged at the kernel's entry",
        .spec = "boot.rst, Details of Header Fields: setup_data, init_size",
        .phase = BZC_PHASE_ENTRY,
        .since = 0x0209,
        .needs = BZC_NEEDS_LINUX,
        .check = check_setup_data,
    },
    {
        .id = "MEM-007",
        .name = "start-info-unchanged",
        .severity = BZC_SEVERITY_ERROR,
        .title = "hvm_start_info, its modules and memory map are unchanged at the kernel's entry",
        .spec = "Xen, xen/include/public/arch-x86/hvm/start_info.h",
        .phase = BZC_PHASE_ENTRY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_start_info,
    },
};

const struct bzc_rule_family bzc_rules_mem = {rules, sizeof(rules) / sizeof(rules[0])};
