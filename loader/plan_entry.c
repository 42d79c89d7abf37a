/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths entry32 and entry64: the loader builds boot_params and jumps into the protected-mode part. */
#include "loader/plan_parts.h"

#include <string.h>

#define FOUR_GIB 0x100000000ull
#define PAGE     4096ull

/* Above 4 GiB what the kernel is given lies there, too: the ext_ fields are there for that. */
static bool place_high(const struct bzc_planning *planning)
{
    struct bzc_plan *plan = planning->plan;
    struct bzc_area kernel = bzc_plan_kernel_area(planning, BZC_ROOM_INIT_SIZE);
    struct bzc_area avoid[3] = {kernel, {plan->pm_phys, plan->pm_phys + planning->image->pm.size}, {0, 0}};

    if (!bzc_place_highest(planning->options->map, FOUR_GIB, UINT64_MAX, BZC_BOOT_PARAMS_SIZE, PAGE, avoid, 2,
                           &plan->boot_params_phys))
        return false;
    avoid[2] = (struct bzc_area){plan->boot_params_phys, plan->boot_params_phys + BZC_BOOT_PARAMS_SIZE};
    return bzc_place_highest(planning->options->map, FOUR_GIB, UINT64_MAX, strlen(plan->cmdline) + 1, PAGE, avoid, 3,
                             &plan->cmdline_phys);
}

static enum bzc_status place_low(const struct bzc_planning *planning)
{
    struct bzc_plan *plan = planning->plan;
    const struct bzc_memory_map *map = planning->options->map;

    plan->boot_params_phys = planning->loader->boot_params_at;
    plan->cmdline_phys = planning->loader->cmdline_at;
    if (bzc_memory_map_is_ram(map, plan->boot_params_phys, BZC_BOOT_PARAMS_SIZE) &&
        bzc_memory_map_is_ram(map, plan->cmdline_phys, strlen(plan->cmdline) + 1))
        return BZC_OK;
    return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                         "the memory map has no RAM at 0x%llx and 0x%llx for boot_params and the command line",
                         (unsigned long long)plan->boot_params_phys, (unsigned long long)plan->cmdline_phys);
}

static enum bzc_status add_trampoline(const struct bzc_planning *planning)
{
    const struct bzc_boot_loader *loader = planning->loader;
    struct bzc_plan *plan = planning->plan;
    /* boot.rst, "64-bit Boot Protocol": what must be mapped */
    const struct bzc_area mapped[] = {
        bzc_plan_kernel_area(planning, BZC_ROOM_INIT_SIZE),
        {plan->pm_phys, plan->pm_phys + planning->image->pm.size},
        {plan->boot_params_phys, plan->boot_params_phys + BZC_BOOT_PARAMS_SIZE},
        {plan->cmdline_phys, plan->cmdline_phys + strlen(plan->cmdline) + 1},
    };
    const struct bzc_handed_over handed_over = {
        .rsi = plan->boot_params_phys, .mapped = mapped, .mapped_count = sizeof(mapped) / sizeof(mapped[0])};

    if (plan->path == BZC_PATH_ENTRY64)
        plan->jump = (struct bzc_jump){BZC_MODE_LONG, plan->pm_phys + loader->entry_offset};
    else if (loader->entry_is_first_byte || loader->entry_offset != 0)
        plan->jump = (struct bzc_jump){BZC_MODE_PROT32, plan->pm_phys + loader->entry_offset};
    else
        plan->jump = (struct bzc_jump){BZC_MODE_PROT32, plan->code32_start};
    plan->a20_open = true;
    return bzc_plan_trampoline(planning, &handed_over);
}

enum bzc_status bzc_plan_entry(const struct bzc_planning *planning)
{
    struct bzc_plan *plan = planning->plan;
    enum bzc_status status = bzc_plan_take_cmdline(planning);

    if (status == BZC_OK)
        status = bzc_plan_place_pm(planning, plan->path == BZC_PATH_ENTRY64 ? UINT64_MAX : FOUR_GIB);
    if (status == BZC_OK && !(bzc_plan_is_high(plan) && place_high(planning)))
        status = place_low(planning);
    if (status != BZC_OK)
        return status;
    bzc_plan_add(plan, BZC_BLOCK_PM, plan->pm_phys, planning->image->pm);
    bzc_plan_add_cmdline(plan);
    status = bzc_plan_place_initrd(planning);
    if (status == BZC_OK)
        status = bzc_plan_boot_params(planning);
    if (status == BZC_OK)
        status = add_trampoline(planning);
    return status;
}
