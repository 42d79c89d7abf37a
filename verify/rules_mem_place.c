/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule about where a loader puts things: a fact of the plan, whether or not this run shows the damage. */
#include <inttypes.h>

#include "verify/rules.h"

#define HIGH_LOAD_ADDRESS 0x100000u

/* What the kernel uses before it knows its memory map: [start, end). Empty when nothing tells. */
struct area {
    uint64_t start, end;
};

static bool meet(const struct area *a, const struct area *b)
{
    return a->start < b->end && b->start < a->end;
}

static struct area area_of(const struct bzc_block *block)
{
    return (struct area){block->phys, block->phys + block->bytes.size};
}

/*
 * init_size from runtime_start on; for a kernel that is loaded by its program headers what these take up, memory
 * without bytes in the file included.
 */
static struct area kernel_area(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    const struct bzc_image *image = &facts->image;
    uint64_t start, size = image->init_size;

    if (bzc_path_enters_kernel(run->path))
        size = facts->oracle ? facts->oracle->span : 0;
    if (size == 0 || !bzc_runtime_start(image, facts->oracle, run, &start))
        return (struct area){0, 0};
    return (struct area){start, start + size};
}

/*
 * What must still be there when the kernel has been unpacked. The loader's page tables are in use while it is copied;
 * its last code and the real-mode part are done with.
 */
static bool is_needed(enum bzc_block_role role)
{
    switch (role) {
    case BZC_BLOCK_CMDLINE:
    case BZC_BLOCK_INITRD:
    case BZC_BLOCK_BOOT_PARAMS:
    case BZC_BLOCK_SETUP_DATA:
    case BZC_BLOCK_START_INFO:
    case BZC_BLOCK_PAGE_TABLES:
        return true;
    case BZC_BLOCK_REALMODE:
    case BZC_BLOCK_PM:
    case BZC_BLOCK_SEGMENT:
    case BZC_BLOCK_TRAMPOLINE:
        break;
    }
    return false;
}

/* A block, and what it meets: another block (`with`) or the kernel's area (NULL). */
struct clash {
    const struct bzc_block *block, *with;
    struct area area; /* of what it meets */
};

/* Two segments of one file that overlap are no loader's doing. */
static bool may_meet(const struct bzc_block *block, const struct bzc_block *with)
{
    return block->role == BZC_BLOCK_SEGMENT && with->role == BZC_BLOCK_SEGMENT;
}

/* The first clash that `role` has a part in; any when `any`. */
static bool find_clash(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, bool any,
                       enum bzc_block_role role, struct clash *clash)
{
    const struct bzc_plan *plan = &run->plan;
    struct area kernel = kernel_area(facts, run);

    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];
        struct area area = area_of(block);

        *clash = (struct clash){block, NULL, kernel};
        if (is_needed(block->role) && (any || block->role == role) && meet(&area, &kernel))
            return true;
        for (size_t k = 0; k < i; k++) {
            struct area other = area_of(&plan->block[k]);

            *clash = (struct clash){block, &plan->block[k], other};
            if ((any || block->role == role || plan->block[k].role == role) && meet(&area, &other) &&
                !may_meet(block, &plan->block[k]))
                return true;
        }
    }
    return false;
}

/* Setup before 2.02 that is not loaded at 0x90000 moves itself there, and what the loader says lies behind it. */
static bool moves_too_far(const struct bzc_run_facts *run)
{
    return run->plan.moved_end > BZC_OLD_BOOT_PARAMS_PHYS &&
           !bzc_memory_map_is_ram(&run->map, BZC_OLD_BOOT_PARAMS_PHYS, run->plan.moved_end - BZC_OLD_BOOT_PARAMS_PHYS);
}

static void check_place(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    struct clash clash;

    if (run->plan_error.status != BZC_OK) {
        bzc_skip(verdict, "not started: %s", run->plan_error.message);
        return;
    }
    if (moves_too_far(run)) {
        bzc_fail(verdict, "the loader has setup move itself over memory that is not RAM");
        bzc_where(verdict, "setup_move_size");
        bzc_expected(verdict, "RAM from 0x%x to 0x%" PRIx64, BZC_OLD_BOOT_PARAMS_PHYS, run->plan.moved_end - 1);
        bzc_actual(verdict, "RAM ends at 0x%" PRIx64, bzc_memory_map_ram_end(&run->map, BZC_OLD_BOOT_PARAMS_PHYS) - 1);
        return;
    }
    if (!find_clash(facts, run, true, BZC_BLOCK_PM, &clash))
        return;
    if (clash.with)
        bzc_fail(verdict, "the loader puts the %s and the %s into the same memory", clash.with->name,
                 clash.block->name);
    else
        bzc_fail(verdict, "the loader puts the %s where the kernel unpacks itself", clash.block->name);
    bzc_where(verdict, "%s at 0x%" PRIx64 ", 0x%zx bytes", clash.block->name, clash.block->phys,
              clash.block->bytes.size);
    bzc_expected(verdict, "clear of 0x%" PRIx64 " to 0x%" PRIx64 "%s", clash.area.start, clash.area.end - 1,
                 clash.with                          ? ""
                 : bzc_path_enters_kernel(run->path) ? " (the kernel's program headers)"
                                                     : " (init_size from runtime_start on)");
    bzc_actual(verdict, "0x%" PRIx64 " to 0x%" PRIx64, clash.block->phys,
               clash.block->phys + clash.block->bytes.size - 1);
}

/* By program headers the image itself says where it goes. */
bool bzc_is_moved_by_loader(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    return run->plan_error.status == BZC_OK && run->plan.has_pm && run->path != BZC_PATH_ELF_WRAPPED &&
           !facts->image.relocatable && facts->image.loadflags & BZC_LOADED_HIGH &&
           run->plan.pm_phys != HIGH_LOAD_ADDRESS;
}

static void check_load_address(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    if (!bzc_is_moved_by_loader(facts, run))
        return;
    bzc_fail(verdict, "the loader moves a kernel that is not relocatable");
    bzc_where(verdict, "protected-mode part");
    bzc_expected(verdict, "0x%x", HIGH_LOAD_ADDRESS);
    bzc_actual(verdict, "0x%" PRIx64, run->plan.pm_phys);
}

static const struct bzc_rule rules[] = {
    {
        .id = "MEM-008",
        .name = "placement",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the loader keeps what it hands over clear of the kernel's memory, and apart",
        .spec = "boot.rst, Details of Header Fields: init_size; Loading The Rest of The Kernel",
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .check = check_place,
    },
    {
        .id = "MEM-009",
        .name = "load-address",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a loader puts a kernel that is not relocatable where it was built to be loaded",
        .spec = "boot.rst, Loading The Rest of The Kernel; Details of Header Fields: relocatable_kernel",
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_HEADER,
        .check = check_load_address,
    },
};

const struct bzc_rule_family bzc_rules_mem_place = {rules, sizeof(rules) / sizeof(rules[0])};

bool bzc_is_misplaced(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, enum bzc_block_role role)
{
    struct clash clash;

    return run->plan_error.status == BZC_OK && find_clash(facts, run, false, role, &clash);
}
