/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path setup: the 16-bit entry, as BIOS boot loaders start a kernel. */
#include <string.h>

#include "loader/plan_parts.h"

#define FOUR_GIB  0x100000000ull
#define PARAGRAPH 16u

/* boot.rst, "Sample Boot Configuration": offsets in the real-mode segment */
#define MODERN_BASE      0x10000u /* "any address between 0x10000 and end of low memory" */
#define MODERN_HEAP_END  0xe000u
#define LATE_HEAP_END    0xfff0u /* "permitted to give the stack/heap the full 64K segment" */
#define SEGMENT_END      0x10000u
#define TRADITIONAL_BASE 0x90000u
#define OLD_HEAP_END     0x9800u
#define STACK_MIN        0x800u /* what the sample for 0x90000 leaves at the least between 0x9000 and 0x9800 */

/* boot.rst, "Memory Layout" and "Loading The Rest of The Kernel": a zImage */
#define LOW_LOAD_ADDRESS 0x10000u
#define LOW_RUN_ADDRESS  0x1000u

#define CL_MAGIC         0xa33fu
#define LOADER_UNDEFINED 0xffu

#define CR0_ET       (1ull << 4)
#define RFLAGS_FIXED (1u << 1)

/* Where the real-mode part, its stack and the command line lie. */
struct low_memory {
    uint32_t base, heap_end; /* physical; offset from base, at most SEGMENT_END */
    uint32_t cmdline;        /* physical */
};

static bool is_loaded_low(const struct bzc_image *image)
{
    return image->kind != BZC_IMAGE_BZIMAGE;
}

static enum bzc_status place_low(const struct bzc_planning *planning, struct low_memory *low)
{
    const struct bzc_boot_loader *loader = planning->loader;
    const struct bzc_image *image = planning->image;
    size_t length = strlen(planning->plan->cmdline);
    uint64_t end;

    /* A zImage leaves no room at 0x10000. */
    if (image->version >= 0x0202 && !is_loaded_low(image)) {
        low->base = MODERN_BASE;
        low->heap_end = image->realmode_size + STACK_MIN <= MODERN_HEAP_END ? MODERN_HEAP_END : LATE_HEAP_END;
        low->cmdline = low->base + MODERN_HEAP_END;
        if (low->heap_end != MODERN_HEAP_END || length + 1 > SEGMENT_END - MODERN_HEAP_END)
            low->cmdline = low->base + SEGMENT_END;
    } else {
        low->base = TRADITIONAL_BASE;
        low->heap_end = OLD_HEAP_END;
        low->cmdline = low->base + OLD_HEAP_END;
    }
    if (loader->setup_at != 0) {
        low->cmdline = (uint32_t)(low->cmdline - low->base + loader->setup_at);
        low->base = (uint32_t)loader->setup_at;
    }
    if (loader->heap_end != 0)
        low->heap_end = loader->heap_end;
    if (loader->cmdline_at >= FOUR_GIB || loader->cmdline_below > FOUR_GIB)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT, "the 16-bit path has no command line above 4 GiB");
    if (loader->cmdline_at != 0)
        low->cmdline = (uint32_t)loader->cmdline_at;
    if (loader->cmdline_below > length + PARAGRAPH)
        low->cmdline = (uint32_t)(loader->cmdline_below - (length + 1)) / PARAGRAPH * PARAGRAPH;
    if (loader->heap_to_cmdline && low->cmdline > low->base)
        low->heap_end = low->cmdline - low->base < SEGMENT_END ? low->cmdline - low->base : SEGMENT_END;
    if (image->realmode_size + STACK_MIN > low->heap_end)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "a real-mode part of %llu bytes leaves no room for its stack below offset 0x%x",
                             (unsigned long long)image->realmode_size, low->heap_end);
    end = low->cmdline + length + 1;
    if (end < low->base + low->heap_end)
        end = low->base + low->heap_end;
    if (!bzc_memory_map_is_ram(planning->options->map, low->base, end - low->base))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "the memory map has no RAM from 0x%x to 0x%llx for the real-mode part and command line",
                             low->base, (unsigned long long)end);
    return BZC_OK;
}

/* A zImage: the protected-mode part below the real-mode part. */
static enum bzc_status place_pm_low(const struct bzc_planning *planning, const struct low_memory *low)
{
    const struct bzc_image *image = planning->image;
    struct bzc_plan *plan = planning->plan;

    if (planning->options->load_addr != 0 && planning->options->load_addr != LOW_LOAD_ADDRESS)
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "a zImage cannot be loaded at 0x%llx, only at 0x10000",
                             (unsigned long long)planning->options->load_addr);
    if (low->base <= LOW_LOAD_ADDRESS)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "the loader's real-mode part at 0x%x lies where a zImage has its protected-mode part",
                             low->base);
    if (image->pm.size > low->base - LOW_LOAD_ADDRESS)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "a protected-mode part of %zu bytes does not fit between 0x10000 and 0x%x: too large for "
                             "a zImage",
                             image->pm.size, low->base);
    plan->has_pm = true;
    plan->pm_phys = LOW_LOAD_ADDRESS;
    plan->pm_entry_phys = LOW_RUN_ADDRESS;
    plan->code32_start = image->code32_start;
    plan->kernel_alignment = image->kernel_alignment;
    return BZC_OK;
}

/* The file as a whole, as a boot sector that is to load the rest of itself. */
static enum bzc_status place_pm_behind_setup(const struct bzc_planning *planning, const struct low_memory *low)
{
    const struct bzc_image *image = planning->image;
    struct bzc_plan *plan = planning->plan;

    plan->has_pm = true;
    plan->pm_phys = plan->pm_entry_phys = low->base + image->realmode_size;
    plan->code32_start = image->code32_start;
    plan->kernel_alignment = image->kernel_alignment;
    if (bzc_memory_map_is_ram(planning->options->map, plan->pm_phys, image->pm.size))
        return BZC_OK;
    return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                         "the memory map has no RAM from 0x%x on for the %zu bytes of the file", low->base,
                         image->file.size);
}

static enum bzc_status place_pm(const struct bzc_planning *planning, const struct low_memory *low)
{
    if (planning->loader->setup_entry == BZC_SETUP_FIRST_BYTE)
        return place_pm_behind_setup(planning, low);
    return is_loaded_low(planning->image) ? place_pm_low(planning, low) : bzc_plan_place_pm(planning, FOUR_GIB);
}

static void write_header(const struct bzc_planning *planning, const struct low_memory *low, uint8_t *header)
{
    const struct bzc_image *image = planning->image;
    const struct bzc_plan_options *options = planning->options;
    struct bzc_plan *plan = planning->plan;

    bzc_plan_set_field(plan, header, BZC_FIELD_VID_MODE, bzc_cmdline_vid_mode(options->cmdline));
    if (image->version >= 0x0200) {
        bzc_plan_set_field(plan, header, BZC_FIELD_TYPE_OF_LOADER, LOADER_UNDEFINED);
        if (plan->code32_start != image->code32_start)
            bzc_plan_set_field(plan, header, BZC_FIELD_CODE32_START, plan->code32_start);
        if (options->initrd.size != 0) {
            bzc_plan_set_field(plan, header, BZC_FIELD_RAMDISK_IMAGE, plan->initrd_phys);
            bzc_plan_set_field(plan, header, BZC_FIELD_RAMDISK_SIZE, options->initrd.size);
        }
    }
    if (image->version >= 0x0201 && !planning->loader->no_heap) {
        bzc_plan_set_field(plan, header, BZC_FIELD_HEAP_END_PTR, low->heap_end - 0x200);
        bzc_plan_set_field(plan, header, BZC_FIELD_LOADFLAGS, image->loadflags | BZC_CAN_USE_HEAP);
    }
    if (image->version >= 0x0205 && plan->kernel_alignment != image->kernel_alignment)
        bzc_plan_set_field(plan, header, BZC_FIELD_KERNEL_ALIGNMENT, plan->kernel_alignment);
    if (image->version >= 0x0207 && options->has_hardware_subarch)
        bzc_plan_set_field(plan, header, BZC_FIELD_HARDWARE_SUBARCH, options->hardware_subarch);
    if (image->version >= 0x0202) {
        bzc_plan_set_field(plan, header, BZC_FIELD_CMD_LINE_PTR, low->cmdline);
    } else {
        if (image->version >= 0x0200)
            bzc_plan_set_field(plan, header, BZC_FIELD_SETUP_MOVE_SIZE,
                               low->cmdline - low->base + strlen(plan->cmdline) + 1);
        bzc_plan_set_bp(plan, header, BZC_BP_CL_MAGIC, CL_MAGIC);
        bzc_plan_set_bp(plan, header, BZC_BP_CL_OFFSET, low->cmdline - low->base);
    }
}

/* boot.rst, setup_move_size: "if the real mode kernel is not loaded at 0x90000, it gets moved there later" */
static void follow_move(const struct bzc_planning *planning, const struct low_memory *low, const uint8_t *header)
{
    struct bzc_plan *plan = planning->plan;
    uint64_t size;

    if (planning->image->version < 0x0200 || planning->image->version >= 0x0202 || low->base == TRADITIONAL_BASE)
        return;
    size = bzc_load16(header + bzc_field(BZC_FIELD_SETUP_MOVE_SIZE)->offset);
    plan->moved_end = TRADITIONAL_BASE + size;
    if (plan->cmdline_phys < low->base || plan->cmdline_phys + strlen(plan->cmdline) >= low->base + size)
        return;
    plan->cmdline_phys += TRADITIONAL_BASE - (uint64_t)low->base;
    for (size_t i = 0; i < plan->block_count; i++) {
        if (plan->block[i].role == BZC_BLOCK_CMDLINE)
            plan->block[i].keep_phys = plan->cmdline_phys;
    }
}

/* boot.rst, "Running the Kernel" */
static void set_start(const struct low_memory *low, enum bzc_setup_entry entry, struct bzc_plan *plan)
{
    struct bzc_regs *regs = &plan->start;
    uint16_t segment = (uint16_t)(low->base / PARAGRAPH);
    uint16_t code = (uint16_t)(entry == BZC_SETUP_JUMP ? segment + 0x20 : segment);

    for (unsigned i = 0; i < BZC_SEG_COUNT; i++) {
        regs->seg[i].selector = i == BZC_CS ? code : segment;
        regs->seg[i].base = (uint64_t)regs->seg[i].selector * PARAGRAPH;
        regs->seg[i].limit = 0xffff;
        regs->seg[i].access = i == BZC_CS ? 0x9b : 0x93;
    }
    regs->rip = entry == BZC_SETUP_SAME_SEGMENT ? 0x200 : 0;
    regs->gpr[BZC_RSP] = low->heap_end < LATE_HEAP_END ? low->heap_end : LATE_HEAP_END;
    regs->rflags = RFLAGS_FIXED;
    regs->cr0 = CR0_ET;
    regs->gdtr.limit = 0xffff;
    regs->idtr.limit = 0x3ff; /* the interrupt vector table of real mode */
    plan->jump = (struct bzc_jump){BZC_MODE_REAL, regs->seg[BZC_CS].base + regs->rip};
}

enum bzc_status bzc_plan_setup(const struct bzc_planning *planning)
{
    const struct bzc_image *image = planning->image;
    struct bzc_plan *plan = planning->plan;
    struct low_memory low = {0, 0, 0};
    enum bzc_status status = bzc_plan_take_cmdline(planning);
    uint8_t *header;

    if (status == BZC_OK)
        status = place_low(planning, &low);
    if (status == BZC_OK)
        status = place_pm(planning, &low);
    if (status != BZC_OK)
        return status;
    header = bzc_plan_alloc(plan, image->realmode.size);
    if (header == NULL)
        return bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for the real-mode part");
    memcpy(header, image->realmode.data, image->realmode.size);
    plan->realmode_phys = low.base;
    plan->cmdline_phys = low.cmdline;
    bzc_plan_add(plan, BZC_BLOCK_REALMODE, low.base, (struct bzc_bytes){header, image->realmode.size});
    bzc_plan_add(plan, BZC_BLOCK_PM, plan->pm_phys, image->pm);
    bzc_plan_add_cmdline(plan);
    status = bzc_plan_place_initrd(planning);
    if (status == BZC_OK) {
        write_header(planning, &low, header);
        status = bzc_plan_setup_data(planning, header);
    }
    if (status != BZC_OK)
        return status;
    bzc_plan_extra_writes(planning, header);
    follow_move(planning, &low, header);
    set_start(&low, planning->loader->setup_entry, plan);
    plan->a20_open = image->payload_source == BZC_PAYLOAD_ABSENT;
    return BZC_OK;
}
