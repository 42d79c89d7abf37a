/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a loader finds room for the kernel and the initrd. */
#include "loader/plan_parts.h"

#include <string.h>

#define HIGH_LOAD_ADDRESS 0x100000ull
#define FOUR_GIB          0x100000000ull
#define PAGE              4096ull

#define OLD_INITRD_ADDR_MAX 0x37ffffffu

/* ---- room in the map ---- */

/* The area that [start, start+size) meets, or NULL. */
static const struct bzc_area *meets(const struct bzc_area *avoid, size_t count, uint64_t start, uint64_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (start < avoid[i].end && avoid[i].start < start + size)
            return &avoid[i];
    }
    return NULL;
}

/* Inside one stretch of RAM [floor, ceiling). */
static bool fit_below(uint64_t floor, uint64_t ceiling, uint64_t size, uint64_t align, const struct bzc_area *avoid,
                      size_t count, uint64_t *phys)
{
    while (ceiling >= floor && ceiling - floor >= size) {
        uint64_t start = (ceiling - size) / align * align;
        const struct bzc_area *area;

        if (start < floor)
            return false;
        area = meets(avoid, count, start, size);
        if (area == NULL) {
            *phys = start;
            return true;
        }
        ceiling = area->start;
    }
    return false;
}

static bool fit_above(uint64_t floor, uint64_t ceiling, uint64_t size, uint64_t align, const struct bzc_area *avoid,
                      size_t count, uint64_t *phys)
{
    while (floor <= UINT64_MAX - align) {
        uint64_t start = (floor + align - 1) / align * align;
        const struct bzc_area *area;

        if (start > ceiling || ceiling - start < size)
            return false;
        area = meets(avoid, count, start, size);
        if (area == NULL) {
            *phys = start;
            return true;
        }
        floor = area->end;
    }
    return false;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool bzc_place_highest(const struct bzc_memory_map *map, uint64_t floor, uint64_t ceiling, uint64_t size,
                       uint64_t align, const struct bzc_area *avoid, size_t avoid_count, uint64_t *phys)
{
    for (size_t i = map->count; i > 0; i--) {
        uint64_t start = map->range[i - 1].start, end = bzc_memory_map_ram_end(map, start);

        if (fit_below(larger(start, floor), smaller(end, ceiling), size, align, avoid, avoid_count, phys))
            return true;
    }
    return false;
}

bool bzc_place_lowest(const struct bzc_memory_map *map, uint64_t floor, uint64_t ceiling, uint64_t size, uint64_t align,
                      const struct bzc_area *avoid, size_t avoid_count, uint64_t *phys)
{
    for (size_t i = 0; i < map->count; i++) {
        uint64_t start = map->range[i].start, end = bzc_memory_map_ram_end(map, start);

        if (fit_above(larger(start, floor), smaller(end, ceiling), size, align, avoid, avoid_count, phys))
            return true;
    }
    return false;
}

/* ---- the kernel ---- */

/* Source: boot.rst, field init_size: from runtime_start on. */
static struct bzc_area kernel_area(const struct bzc_planning *planning, uint64_t load, uint64_t alignment,
                                   enum bzc_room room)
{
    const struct bzc_image *image = planning->image;
    struct bzc_area area = {load, load + image->pm.size};

    if (room == BZC_ROOM_FILE || image->init_size == 0)
        return area;
    bzc_image_runtime_start(image, load, alignment, &area.start);
    area.end = image->init_size < UINT64_MAX - area.start ? area.start + image->init_size : UINT64_MAX;
    return area;
}

bool bzc_plan_is_high(const struct bzc_plan *plan)
{
    return plan->pm_phys >= FOUR_GIB;
}

struct bzc_area bzc_plan_kernel_area(const struct bzc_planning *planning, enum bzc_room room)
{
    const struct bzc_plan *plan = planning->plan;

    if (!plan->has_pm)
        return (struct bzc_area){plan->elf_phys, plan->elf_end};
    return kernel_area(planning, plan->pm_phys, plan->kernel_alignment, room);
}

static bool kernel_fits(const struct bzc_planning *planning, uint64_t load, uint64_t alignment)
{
    const struct bzc_memory_map *map = planning->options->map;
    struct bzc_area area = kernel_area(planning, load, alignment, planning->loader->kernel_room);

    return bzc_memory_map_is_ram(map, load, planning->image->pm.size) &&
           bzc_memory_map_is_ram(map, area.start, area.end - area.start);
}

/* The address that a place means for the kernel, rounded to `align`; false when there is none. */
static bool kernel_address(const struct bzc_planning *planning, const struct bzc_place *place, uint64_t align,
                           uint64_t ceiling, uint64_t *load)
{
    const struct bzc_memory_map *map = planning->options->map;
    const struct bzc_image *image = planning->image;
    uint64_t size = image->pm.size, unit = larger(align, PAGE);

    if (planning->loader->kernel_room == BZC_ROOM_INIT_SIZE && image->init_size > size)
        size = image->init_size;
    switch (place->kind) {
    case BZC_PLACE_ADDRESS:
    case BZC_PLACE_PREF_ADDRESS:
    case BZC_PLACE_CODE32_START:
        *load = place->kind == BZC_PLACE_ADDRESS        ? place->address
                : place->kind == BZC_PLACE_PREF_ADDRESS ? image->pref_address
                                                        : image->code32_start;
        if (align != 0)
            *load = (*load + align - 1) / align * align;
        return *load != 0;
    case BZC_PLACE_LOWEST:
        return bzc_place_lowest(map, larger(place->address, HIGH_LOAD_ADDRESS), ceiling, size, unit, NULL, 0, load);
    case BZC_PLACE_HIGHEST:
        return bzc_place_highest(map, HIGH_LOAD_ADDRESS,
                                 place->address != 0 ? smaller(place->address, ceiling) : ceiling, size, unit, NULL, 0,
                                 load);
    case BZC_PLACE_BEHIND_KERNEL:
    case BZC_PLACE_BEHIND_PM:
        break;
    }
    return false;
}

/* What is loaded low is the loader's own business. */
static uint64_t least_address(const struct bzc_image *image)
{
    return image->kind == BZC_IMAGE_BZIMAGE ? HIGH_LOAD_ADDRESS : PAGE;
}

static bool is_in_reach(const struct bzc_image *image, uint64_t load, uint64_t ceiling)
{
    return load >= least_address(image) && load < ceiling && image->pm.size <= ceiling - load;
}

/* The first of the loader's places where the kernel fits, aligned as it aligns; false when there is none. */
static bool choose_place(const struct bzc_planning *planning, uint64_t ceiling, uint64_t *load, uint64_t *align)
{
    const struct bzc_boot_loader *loader = planning->loader;
    const struct bzc_image *image = planning->image;
    uint64_t most = loader->kernel_align && image->relocatable ? image->kernel_alignment : 0;
    uint64_t least = most;

    if (loader->min_align && most != 0 && image->min_alignment != 0)
        least = 1ull << (image->min_alignment & 31);

    for (size_t i = 0; i < loader->kernel_at_count; i++) {
        if (!bzc_condition_holds(&loader->kernel_at[i].when, &planning->subject))
            continue;
        for (uint64_t unit = most; unit >= least; unit /= 2) {
            *align = unit;
            if (kernel_address(planning, &loader->kernel_at[i].place, unit, ceiling, load) &&
                is_in_reach(image, *load, ceiling) &&
                kernel_fits(planning, *load, loader->write_alignment ? unit : image->kernel_alignment))
                return true;
            if (unit == 0)
                break;
        }
    }
    return false;
}

/* What is wrong is told of the address that comes first. */
static uint64_t first_address(const struct bzc_planning *planning, uint64_t ceiling, uint64_t align)
{
    const struct bzc_boot_loader *loader = planning->loader;
    uint64_t load;

    for (size_t i = 0; i < loader->kernel_at_count; i++)
        if (bzc_condition_holds(&loader->kernel_at[i].when, &planning->subject) &&
            kernel_address(planning, &loader->kernel_at[i].place, align, ceiling, &load))
            return load;
    return HIGH_LOAD_ADDRESS;
}

static enum bzc_status check_place(const struct bzc_planning *planning, uint64_t load, uint64_t ceiling)
{
    const struct bzc_image *image = planning->image;
    const struct bzc_plan_options *options = planning->options;
    const struct bzc_memory_map *map = options->map;
    struct bzc_area area = kernel_area(planning, load, planning->plan->kernel_alignment, BZC_ROOM_INIT_SIZE);

    if (options->load_addr != 0 && load != HIGH_LOAD_ADDRESS && !image->relocatable && !options->force)
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                             "the kernel is not relocatable: it cannot be loaded at 0x%llx, only at 0x100000",
                             (unsigned long long)load);
    /* boot.rst, xloadflags: "the kernel/boot_params/cmdline/ramdisk can be above 4G" */
    if (options->load_addr != 0 && load >= FOUR_GIB && ceiling > FOUR_GIB && !options->force &&
        !(image->xloadflags & BZC_XLF_CAN_BE_LOADED_ABOVE_4G))
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                             "XLF_CAN_BE_LOADED_ABOVE_4G is not set: the kernel cannot be loaded at 0x%llx",
                             (unsigned long long)load);
    if (!is_in_reach(image, load, ceiling))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "a protected-mode part of %zu bytes at 0x%llx is not between 1 MiB and %s", image->pm.size,
                             (unsigned long long)load, ceiling == FOUR_GIB ? "4 GiB" : "the end of memory");
    if (!bzc_memory_map_is_ram(map, load, image->pm.size))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "the memory map has no RAM for the 0x%zx bytes of the protected-mode part from 0x%llx on; "
                             "--memory or --memory-map gives more",
                             image->pm.size, (unsigned long long)load);
    if (image->init_size != 0 && !options->force && !bzc_memory_map_is_ram(map, area.start, area.end - area.start))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "the kernel needs 0x%lx bytes of RAM from 0x%llx on (init_size), and the memory map does "
                             "not have them; --memory or --memory-map gives more",
                             (unsigned long)image->init_size, (unsigned long long)area.start);
    return BZC_OK;
}

enum bzc_status bzc_plan_place_pm(const struct bzc_planning *planning, uint64_t ceiling)
{
    const struct bzc_boot_loader *loader = planning->loader;
    const struct bzc_image *image = planning->image;
    const struct bzc_plan_options *options = planning->options;
    struct bzc_plan *plan = planning->plan;
    uint64_t load = options->load_addr, align = 0;
    enum bzc_status status;

    plan->kernel_alignment = options->kernel_alignment != 0 ? options->kernel_alignment : image->kernel_alignment;
    if (options->load_addr != 0) {
        status = check_place(planning, load, ceiling);
        if (status != BZC_OK)
            return status;
    } else if (choose_place(planning, ceiling, &load, &align)) {
        if (loader->write_alignment && align != 0)
            plan->kernel_alignment = align;
    } else {
        status = check_place(planning, first_address(planning, ceiling, align), ceiling);
        return status != BZC_OK
                   ? status
                   : bzc_error_set(planning->err, BZC_ERR_LIMIT, "the loader finds no place for the kernel");
    }
    plan->has_pm = true;
    plan->pm_phys = load;
    plan->pm_entry_phys = load;
    plan->code32_start = image->code32_start;
    /* An address that the user asks for takes the entry along, whatever the loader does at its own address. */
    if ((!loader->keep_code32_start || options->load_addr != 0) && image->kind == BZC_IMAGE_BZIMAGE)
        plan->code32_start = (uint32_t)(image->code32_start + (load - HIGH_LOAD_ADDRESS));
    return BZC_OK;
}

/* ---- the initrd ---- */

/* The first page border from `end` on. */
static uint64_t page_behind(uint64_t end)
{
    return end <= UINT64_MAX - (PAGE - 1) ? (end + PAGE - 1) / PAGE * PAGE : UINT64_MAX;
}

/* The last address that loader, header and way in allow. */
static uint64_t initrd_last(const struct bzc_planning *planning)
{
    const struct bzc_image *image = planning->image;
    enum bzc_path path = planning->plan->path;
    uint64_t last = planning->loader->initrd_last;

    /* boot.rst, xloadflags: "the kernel/boot_params/cmdline/ramdisk can be above 4G" */
    if (last == 0 && path == BZC_PATH_ENTRY64 && image->xloadflags & BZC_XLF_CAN_BE_LOADED_ABOVE_4G)
        return UINT64_MAX;
    if (last == 0)
        last = image->initrd_addr_max;
    /* Loaders read 0 as "not set" (syslinux, load_linux.c). */
    if (last == 0)
        last = OLD_INITRD_ADDR_MAX;
    /* hvm_start_info could say more, but kernels keep 32 bits of it (init_pvh_bootparams()). */
    if ((path == BZC_PATH_SETUP || path == BZC_PATH_ENTRY32 || path == BZC_PATH_PVH) && last >= FOUR_GIB)
        last = FOUR_GIB - 1;
    return last;
}

static size_t add_area(struct bzc_area *area, size_t count, uint64_t start, uint64_t end)
{
    area[count] = (struct bzc_area){start, end};
    return start < end ? count + 1 : count;
}

enum bzc_status bzc_plan_place_initrd(const struct bzc_planning *planning)
{
    const struct bzc_boot_loader *loader = planning->loader;
    const struct bzc_plan_options *options = planning->options;
    struct bzc_plan *plan = planning->plan;
    struct bzc_area kernel = bzc_plan_kernel_area(planning, loader->initrd_avoids), avoid[BZC_PLAN_BLOCKS_MAX + 5];
    uint64_t pm_end = plan->has_pm ? plan->pm_phys + planning->image->pm.size : kernel.end;
    const struct bzc_place *place = &loader->initrd_at;
    uint64_t last = initrd_last(planning), limit = bzc_cmdline_mem_limit(options->cmdline);
    uint64_t ceiling = last < limit ? last + 1 : limit, phys = 0, size = options->initrd.size;
    size_t count = 0;
    bool found = false;

    if (size == 0)
        return BZC_OK;
    count = add_area(avoid, count, kernel.start, kernel.end);
    count = add_area(avoid, count, plan->pm_phys, plan->has_pm ? pm_end : 0);
    count = add_area(avoid, count, plan->elf_phys, plan->elf_end);
    /* Above 4 GiB the loader's own blocks lie where the initrd wants to be. */
    for (size_t i = 0; i < plan->block_count; i++)
        count = add_area(avoid, count, plan->block[i].phys, plan->block[i].phys + plan->block[i].bytes.size);
    if (plan->boot_params_phys != 0)
        count = add_area(avoid, count, plan->boot_params_phys, plan->boot_params_phys + BZC_BOOT_PARAMS_SIZE);
    switch (place->kind) {
    case BZC_PLACE_HIGHEST:
        if (place->address != 0)
            ceiling = smaller(ceiling, place->address);
        found = bzc_place_highest(options->map, HIGH_LOAD_ADDRESS, ceiling, size, PAGE, avoid, count, &phys);
        break;
    case BZC_PLACE_LOWEST:
        found = bzc_place_lowest(options->map, larger(place->address, HIGH_LOAD_ADDRESS), ceiling, size, PAGE, avoid,
                                 count, &phys);
        break;
    case BZC_PLACE_ADDRESS:
    case BZC_PLACE_PREF_ADDRESS:
    case BZC_PLACE_CODE32_START:
    case BZC_PLACE_BEHIND_KERNEL:
    case BZC_PLACE_BEHIND_PM:
        phys = place->address;
        if (place->kind == BZC_PLACE_BEHIND_KERNEL)
            phys = page_behind(larger(kernel.end, plan->elf_end));
        if (place->kind == BZC_PLACE_BEHIND_PM)
            phys = page_behind(pm_end);
        found = phys < ceiling && size <= ceiling - phys && bzc_memory_map_is_ram(options->map, phys, size);
        break;
    }
    if (!found)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "an initrd of %llu bytes does not fit into the RAM below 0x%llx beside the kernel",
                             (unsigned long long)size, (unsigned long long)ceiling);
    plan->initrd_phys = phys;
    bzc_plan_add(plan, BZC_BLOCK_INITRD, phys, options->initrd);
    return BZC_OK;
}
