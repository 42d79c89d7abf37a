/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/boot_params.h"

#define HIGH_LOAD_ADDRESS 0x100000ull
#define FOUR_GIB          0x100000000ull
#define PAGE              4096ull
#define PARAGRAPH         16u

/* boot.rst, "Sample Boot Configuration": offsets in the real-mode segment */
#define MODERN_BASE      0x10000u /* "any address between 0x10000 and end of low memory" */
#define MODERN_HEAP_END  0xe000u
#define LATE_HEAP_END    0xfff0u /* "permitted to give the stack/heap the full 64K segment" */
#define SEGMENT_END      0x10000u
#define TRADITIONAL_BASE 0x90000u
#define OLD_HEAP_END     0x9800u
#define STACK_MIN        0x800u /* what the sample for 0x90000 leaves at the least between 0x9000 and 0x9800 */

#define CL_MAGIC            0xa33fu
#define LOADER_UNDEFINED    0xffu
#define VID_MODE_NORMAL     0xffffu
#define VID_MODE_EXT        0xfffeu
#define VID_MODE_ASK        0xfffdu
#define OLD_CMDLINE_SIZE    255u
#define OLD_INITRD_ADDR_MAX 0x37ffffffu

#define CR0_ET       (1ull << 4)
#define RFLAGS_FIXED (1u << 1)

static enum bzc_status check_image(const struct bzc_image *image, struct bzc_error *err)
{
    char protocol[8];

    switch (image->kind) {
    case BZC_IMAGE_BZIMAGE:
        break;
    case BZC_IMAGE_ZIMAGE:
        if (image->version < 0x0200) {
            bzc_image_protocol_text(image, protocol);
            return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                                 "the header says protocol %s, but HdrS came with 2.00: no scenario fits", protocol);
        }
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "a zImage (LOADED_HIGH is clear) is loaded low, which scenario bios does not do");
    case BZC_IMAGE_OLD:
        return bzc_error_set(
            err, BZC_ERR_UNSUPPORTED,
            "an image without HdrS (protocol before 2.00) is loaded low, which scenario bios does not do");
    case BZC_IMAGE_NONE:
    case BZC_IMAGE_PE:
    case BZC_IMAGE_ELF:
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "not a bzImage (kind %s)", bzc_image_kind_name(image->kind));
    }
    if (image->realmode.size < image->realmode_size)
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "the real-mode part is cut off: setup_sects %u asks for %llu bytes, the file has %zu",
                             image->setup_sects, (unsigned long long)image->realmode_size, image->realmode.size);
    if (image->pm.size == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the protected-mode part is missing: the file ends at byte %llu",
                             (unsigned long long)image->realmode_size);
    /* syssize counts paragraphs: up to 15 bytes of the last one need not be in the file. */
    if (image->pm_declared_size > image->pm.size && image->pm_declared_size - image->pm.size >= PARAGRAPH)
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "the protected-mode part is cut off: syssize asks for %llu bytes, the file has %zu",
                             (unsigned long long)image->pm_declared_size, image->pm.size);
    return BZC_OK;
}

/* The next word "NAME=value" of a command line from `text` on: its value, or NULL. `name` holds the '='. */
static const char *next_option(const char *text, const char *name)
{
    size_t length = strlen(name);

    while (*text != '\0') {
        text += strspn(text, " \t");
        if (strncmp(text, name, length) == 0)
            return text + length;
        text += strcspn(text, " \t");
    }
    return NULL;
}

static bool ends_word(const char *text)
{
    return *text == '\0' || *text == ' ' || *text == '\t';
}

bool bzc_cmdline_has(const char *cmdline, const char *option)
{
    for (const char *end = next_option(cmdline, option); end; end = next_option(end, option))
        if (ends_word(end))
            return true;
    return false;
}

static bool is_word(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0 && ends_word(text + strlen(word));
}

/* boot.rst, "Special Command Line Options": vga=. A value that is none of these leaves the normal mode. */
static uint16_t find_vid_mode(const char *cmdline)
{
    const char *value = next_option(cmdline, "vga=");
    uint16_t mode = VID_MODE_NORMAL;

    for (; value != NULL; value = next_option(value, "vga=")) {
        unsigned long long number;
        char *end;

        if (is_word(value, "normal")) {
            mode = VID_MODE_NORMAL;
        } else if (is_word(value, "ext")) {
            mode = VID_MODE_EXT;
        } else if (is_word(value, "ask")) {
            mode = VID_MODE_ASK;
        } else if (*value >= '0' && *value <= '9') {
            errno = 0;
            number = strtoull(value, &end, 0);
            if (errno == 0 && ends_word(end) && number <= UINT16_MAX)
                mode = (uint16_t)number;
        }
    }
    return mode;
}

/* The same section: mem= ends the memory that an initrd may use. The smallest of several counts, as in the kernel. */
static uint64_t find_mem_limit(const char *cmdline)
{
    static const char units[] = "KMGTPE";
    const char *value = next_option(cmdline, "mem=");
    uint64_t limit = UINT64_MAX;

    for (; value != NULL; value = next_option(value, "mem=")) {
        unsigned long long number;
        const char *unit;
        unsigned shift;
        char *end;

        if (*value < '0' || *value > '9')
            continue;
        errno = 0;
        number = strtoull(value, &end, 0);
        if (errno != 0)
            continue;
        unit = *end != '\0' ? strchr(units, *end & ~0x20) : NULL;
        shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
        if (ends_word(unit != NULL ? end + 1 : end) && number <= UINT64_MAX >> shift && number << shift < limit)
            limit = number << shift;
    }
    return limit;
}

/* Where the real-mode part, its stack and the command line lie. */
struct low_memory {
    uint32_t base, heap_end; /* physical; offset from base */
    uint32_t cmdline;        /* physical */
};

static enum bzc_status place_low(const struct bzc_image *image, const struct bzc_plan_options *options,
                                 struct low_memory *low, struct bzc_error *err)
{
    size_t length = strlen(options->cmdline), room = image->cmdline_size;

    /* An image that says 0 has forgotten the field: the bound of older protocols then holds. */
    if (room == 0)
        room = OLD_CMDLINE_SIZE;
    if (room > BZC_CMDLINE_MAX - 1)
        room = BZC_CMDLINE_MAX - 1;
    if (length > room)
        return bzc_error_set(err, BZC_ERR_LIMIT, "the command line has %zu characters, the kernel takes %zu", length,
                             room);
    if (image->version >= 0x0202) {
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
    if (image->realmode_size + STACK_MIN > low->heap_end)
        return bzc_error_set(err, BZC_ERR_LIMIT,
                             "a real-mode part of %llu bytes leaves no room for its stack below offset 0x%x",
                             (unsigned long long)image->realmode_size, low->heap_end);
    if (!bzc_memory_map_is_ram(options->map, low->base, low->cmdline + length + 1 - low->base))
        return bzc_error_set(err, BZC_ERR_LIMIT,
                             "the memory map has no RAM from 0x%x to 0x%llx for the real-mode part and command line",
                             low->base, (unsigned long long)(low->cmdline + length + 1));
    return BZC_OK;
}

/* [start, end) in physical bytes */
struct area {
    uint64_t start, end;
};

/* What the kernel uses while it unpacks itself. Source: boot.rst, field init_size. */
static struct area init_area(const struct bzc_image *image, uint64_t load)
{
    struct area area = {load, 0};

    bzc_image_runtime_start(image, load, &area.start);
    area.end = image->init_size < UINT64_MAX - area.start ? area.start + image->init_size : UINT64_MAX;
    return area;
}

static enum bzc_status place_pm(const struct bzc_image *image, const struct bzc_plan_options *options, uint64_t *phys,
                                struct bzc_error *err)
{
    uint64_t load = options->load_addr != 0 ? options->load_addr : HIGH_LOAD_ADDRESS;
    struct area area = init_area(image, load);

    if (load != HIGH_LOAD_ADDRESS && !image->relocatable)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "the kernel is not relocatable: it cannot be loaded at 0x%llx, only at 0x100000",
                             (unsigned long long)load);
    if (load < HIGH_LOAD_ADDRESS || load >= FOUR_GIB || image->pm.size > FOUR_GIB - load)
        return bzc_error_set(err, BZC_ERR_LIMIT,
                             "a protected-mode part of %zu bytes at 0x%llx is not between 1 MiB and 4 GiB",
                             image->pm.size, (unsigned long long)load);
    if (!bzc_memory_map_is_ram(options->map, load, image->pm.size))
        return bzc_error_set(err, BZC_ERR_LIMIT,
                             "the memory map has no RAM for the 0x%zx bytes of the protected-mode part from 0x%llx on",
                             image->pm.size, (unsigned long long)load);
    if (image->init_size != 0 && !bzc_memory_map_is_ram(options->map, area.start, area.end - area.start))
        return bzc_error_set(
            err, BZC_ERR_LIMIT,
            "the kernel needs 0x%lx bytes of RAM from 0x%llx on (init_size), and the memory map does not "
            "have them",
            (unsigned long)image->init_size, (unsigned long long)area.start);
    *phys = load;
    return BZC_OK;
}

/* The highest page-aligned place in [floor, ceiling) that meets neither area; false when there is none. */
static bool fit_below(uint64_t floor, uint64_t ceiling, uint64_t size, const struct area avoid[2], uint64_t *phys)
{
    bool moved = true;
    uint64_t start = 0;
    size_t i;

    while (moved) {
        if (ceiling < floor || ceiling - floor < size)
            return false;
        start = (ceiling - size) / PAGE * PAGE;
        if (start < floor)
            return false;
        moved = false;
        for (i = 0; i < 2; i++) {
            if (start < avoid[i].end && start + size > avoid[i].start) {
                ceiling = avoid[i].start;
                moved = true;
                break;
            }
        }
    }
    *phys = start;
    return true;
}

static enum bzc_status place_initrd(const struct bzc_image *image, const struct bzc_plan_options *options,
                                    uint64_t pm_phys, uint64_t *phys, struct bzc_error *err)
{
    const struct area avoid[2] = {{pm_phys, pm_phys + image->pm.size}, init_area(image, pm_phys)};
    /* Loaders read 0 as "not set" (syslinux, load_linux.c). */
    uint64_t last = image->initrd_addr_max != 0 ? image->initrd_addr_max : OLD_INITRD_ADDR_MAX;
    uint64_t mem_limit = find_mem_limit(options->cmdline);
    uint64_t ceiling = last + 1 < mem_limit ? last + 1 : mem_limit;
    size_t i;

    for (i = options->map->count; i > 0; i--) {
        const struct bzc_memory_range *range = &options->map->range[i - 1];
        uint64_t floor = range->start > HIGH_LOAD_ADDRESS ? range->start : HIGH_LOAD_ADDRESS;
        uint64_t end = bzc_memory_map_ram_end(options->map, range->start);

        if (fit_below(floor, end < ceiling ? end : ceiling, options->initrd.size, avoid, phys))
            return BZC_OK;
    }
    return bzc_error_set(err, BZC_ERR_LIMIT, "an initrd of %zu bytes does not fit below 0x%llx beside the kernel",
                         options->initrd.size, (unsigned long long)ceiling);
}

static void set_field(struct bzc_plan *plan, enum bzc_field_id id, uint64_t value)
{
    struct bzc_plan_write *write = &plan->write[plan->write_count++];

    write->field = id;
    write->value = value;
    bzc_field_store(plan->realmode, id, value);
}

static void write_header(const struct bzc_image *image, const struct bzc_plan_options *options,
                         const struct low_memory *low, struct bzc_plan *plan)
{
    set_field(plan, BZC_FIELD_VID_MODE, find_vid_mode(options->cmdline));
    set_field(plan, BZC_FIELD_TYPE_OF_LOADER, LOADER_UNDEFINED);
    if (plan->code32_start != image->code32_start)
        set_field(plan, BZC_FIELD_CODE32_START, plan->code32_start);
    if (options->initrd.size != 0) {
        set_field(plan, BZC_FIELD_RAMDISK_IMAGE, plan->initrd_phys);
        set_field(plan, BZC_FIELD_RAMDISK_SIZE, options->initrd.size);
    }
    if (image->version >= 0x0201) {
        set_field(plan, BZC_FIELD_HEAP_END_PTR, low->heap_end - 0x200);
        set_field(plan, BZC_FIELD_LOADFLAGS, image->loadflags | BZC_CAN_USE_HEAP);
    }
    if (image->version >= 0x0202) {
        set_field(plan, BZC_FIELD_CMD_LINE_PTR, low->cmdline);
    } else {
        set_field(plan, BZC_FIELD_SETUP_MOVE_SIZE, low->heap_end + strlen(options->cmdline) + 1);
        bzc_store16(plan->realmode + bzc_bp_field(BZC_BP_CL_MAGIC)->offset, CL_MAGIC);
        bzc_store16(plan->realmode + bzc_bp_field(BZC_BP_CL_OFFSET)->offset, (uint16_t)low->heap_end);
    }
}

static void add_block(struct bzc_plan *plan, enum bzc_block_role role, uint64_t phys, const void *data, size_t size)
{
    static const char *const names[] = {
        [BZC_BLOCK_REALMODE] = "real-mode part",
        [BZC_BLOCK_PM] = "protected-mode part",
        [BZC_BLOCK_CMDLINE] = "command line",
        [BZC_BLOCK_INITRD] = "initrd",
    };
    struct bzc_block *block = &plan->block[plan->block_count++];

    block->role = role;
    block->name = names[role];
    block->phys = phys;
    block->bytes.data = data;
    block->bytes.size = size;
    block->keep = role == BZC_BLOCK_CMDLINE || role == BZC_BLOCK_INITRD;
}

/* boot.rst, "Running the Kernel" */
static void set_start(struct bzc_regs *regs, const struct low_memory *low)
{
    uint16_t segment = (uint16_t)(low->base / PARAGRAPH);
    unsigned i;

    memset(regs, 0, sizeof(*regs));
    for (i = 0; i < BZC_SEG_COUNT; i++) {
        regs->seg[i].selector = (uint16_t)(i == BZC_CS ? segment + 0x20 : segment);
        regs->seg[i].base = (uint64_t)regs->seg[i].selector * PARAGRAPH;
        regs->seg[i].limit = 0xffff;
        regs->seg[i].access = i == BZC_CS ? 0x9b : 0x93;
    }
    regs->gpr[BZC_RSP] = low->heap_end;
    regs->rflags = RFLAGS_FIXED;
    regs->cr0 = CR0_ET;
    regs->gdtr.limit = 0xffff;
    regs->idtr.limit = 0x3ff; /* the interrupt vector table of real mode */
}

enum bzc_status bzc_plan_bios(const struct bzc_image *image, const struct bzc_plan_options *options,
                              struct bzc_plan *plan, struct bzc_error *err)
{
    uint64_t pm_phys = 0, initrd_phys = 0;
    struct low_memory low = {0, 0, 0};
    enum bzc_status status;
    size_t cmdline_size;

    memset(plan, 0, sizeof(*plan));
    status = check_image(image, err);
    if (status == BZC_OK)
        status = place_low(image, options, &low, err);
    if (status == BZC_OK)
        status = place_pm(image, options, &pm_phys, err);
    if (status == BZC_OK && options->initrd.size != 0)
        status = place_initrd(image, options, pm_phys, &initrd_phys, err);
    if (status != BZC_OK)
        return status;

    cmdline_size = strlen(options->cmdline) + 1;
    plan->realmode = malloc(image->realmode.size);
    plan->cmdline = malloc(cmdline_size);
    if (plan->realmode == NULL || plan->cmdline == NULL) {
        bzc_plan_free(plan);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the real-mode part");
    }
    memcpy(plan->realmode, image->realmode.data, image->realmode.size);
    memcpy(plan->cmdline, options->cmdline, cmdline_size);
    plan->realmode_phys = low.base;
    plan->pm_phys = pm_phys;
    plan->code32_start = (uint32_t)(image->code32_start + (pm_phys - HIGH_LOAD_ADDRESS));
    plan->cmdline_phys = low.cmdline;
    plan->initrd_phys = initrd_phys;
    write_header(image, options, &low, plan);
    add_block(plan, BZC_BLOCK_REALMODE, low.base, plan->realmode, image->realmode.size);
    add_block(plan, BZC_BLOCK_PM, pm_phys, image->pm.data, image->pm.size);
    add_block(plan, BZC_BLOCK_CMDLINE, low.cmdline, plan->cmdline, cmdline_size);
    if (options->initrd.size != 0)
        add_block(plan, BZC_BLOCK_INITRD, initrd_phys, options->initrd.data, options->initrd.size);
    set_start(&plan->start, &low);
    plan->a20_open = image->payload_source == BZC_PAYLOAD_ABSENT;
    return BZC_OK;
}

void bzc_plan_free(struct bzc_plan *plan)
{
    free(plan->realmode);
    free(plan->cmdline);
    memset(plan, 0, sizeof(*plan));
}

const struct bzc_block *bzc_plan_block(const struct bzc_plan *plan, enum bzc_block_role role)
{
    size_t i;

    for (i = 0; i < plan->block_count; i++) {
        if (plan->block[i].role == role)
            return &plan->block[i];
    }
    return NULL;
}
