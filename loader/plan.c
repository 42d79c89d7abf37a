/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "loader/plan_parts.h"

#define OLD_CMDLINE_SIZE 255u
#define PARAGRAPH        16u

const char *bzc_block_role_name(enum bzc_block_role role)
{
    static const char *const names[] = {
        [BZC_BLOCK_REALMODE] = "real-mode part", [BZC_BLOCK_PM] = "protected-mode part",
        [BZC_BLOCK_CMDLINE] = "command line",    [BZC_BLOCK_INITRD] = "initrd",
        [BZC_BLOCK_BOOT_PARAMS] = "boot_params", [BZC_BLOCK_SETUP_DATA] = "setup_data",
        [BZC_BLOCK_SEGMENT] = "ELF segment",     [BZC_BLOCK_START_INFO] = "hvm_start_info",
        [BZC_BLOCK_TRAMPOLINE] = "trampoline",   [BZC_BLOCK_PAGE_TABLES] = "page tables",
    };

    return names[role];
}

/* ---- blocks ---- */

void *bzc_plan_alloc(struct bzc_plan *plan, size_t size)
{
    void *memory;

    assert(plan->owned_count < BZC_PLAN_BLOCKS_MAX);
    memory = calloc(1, size != 0 ? size : 1);
    if (memory != NULL)
        plan->owned[plan->owned_count++] = memory;
    return memory;
}

struct bzc_block *bzc_plan_add(struct bzc_plan *plan, enum bzc_block_role role, uint64_t phys, struct bzc_bytes bytes)
{
    struct bzc_block *block;

    assert(plan->block_count < BZC_PLAN_BLOCKS_MAX);
    block = &plan->block[plan->block_count++];
    *block = (struct bzc_block){
        .role = role, .name = bzc_block_role_name(role), .phys = phys, .keep_phys = phys, .bytes = bytes};
    block->keep = role == BZC_BLOCK_CMDLINE || role == BZC_BLOCK_INITRD || role == BZC_BLOCK_SETUP_DATA ||
                  role == BZC_BLOCK_START_INFO;
    return block;
}

const struct bzc_block *bzc_plan_block(const struct bzc_plan *plan, enum bzc_block_role role)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        if (plan->block[i].role == role)
            return &plan->block[i];
    }
    return NULL;
}

/* ---- what the loader writes ---- */

static struct bzc_plan_write *add_write(struct bzc_plan *plan, uint64_t value)
{
    assert(plan->write_count < BZC_PLAN_WRITES_MAX);
    plan->write[plan->write_count] = (struct bzc_plan_write){.value = value};
    return &plan->write[plan->write_count++];
}

/* A field that is written again has one value in the end. */
static void forget_write(struct bzc_plan *plan, bool is_header, unsigned id)
{
    for (size_t i = 0; i < plan->write_count; i++) {
        const struct bzc_plan_write *write = &plan->write[i];

        if (write->is_header != is_header || (is_header ? (unsigned)write->field : (unsigned)write->bp) != id)
            continue;
        memmove(&plan->write[i], &plan->write[i + 1], (plan->write_count - i - 1) * sizeof(plan->write[0]));
        plan->write_count--;
        return;
    }
}

void bzc_plan_set_field(struct bzc_plan *plan, uint8_t *header, enum bzc_field_id id, uint64_t value)
{
    struct bzc_plan_write *write;

    forget_write(plan, true, id);
    write = add_write(plan, value);
    write->is_header = true;
    write->field = id;
    bzc_field_store(header, id, value);
}

void bzc_plan_set_bp(struct bzc_plan *plan, uint8_t *boot_params, enum bzc_bp_field_id id, uint64_t value)
{
    forget_write(plan, false, id);
    add_write(plan, value)->bp = id;
    bzc_bp_store(boot_params, id, value);
}

void bzc_plan_extra_writes(const struct bzc_planning *planning, uint8_t *header)
{
    for (size_t i = 0; i < planning->loader->write_count; i++) {
        const struct bzc_loader_write *write = &planning->loader->write[i];

        if (!bzc_condition_holds(&write->when, &planning->subject))
            continue;
        if (write->is_header)
            bzc_plan_set_field(planning->plan, header, write->field, write->value);
        else
            bzc_plan_set_bp(planning->plan, header, write->bp, write->value);
    }
}

/* ---- the command line ---- */

enum bzc_status bzc_plan_take_cmdline(const struct bzc_planning *planning)
{
    const struct bzc_boot_loader *loader = planning->loader;
    size_t length = strlen(planning->options->cmdline), room = planning->image->cmdline_size;

    if (loader->cmdline_max != 0)
        room = (size_t)loader->cmdline_max;
    /* An image that says 0 has forgotten the field: the bound of older protocols then holds. */
    else if (room == 0)
        room = OLD_CMDLINE_SIZE;
    if (room > BZC_CMDLINE_MAX - 1)
        room = BZC_CMDLINE_MAX - 1;
    if (length > room && !loader->truncate_cmdline)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT, "the command line has %zu characters, the %s takes %zu",
                             length, loader->cmdline_max != 0 ? "loader" : "kernel", room);
    if (length > room)
        length = room;
    planning->plan->cmdline = bzc_plan_alloc(planning->plan, length + 1);
    if (planning->plan->cmdline == NULL)
        return bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for the command line");
    memcpy(planning->plan->cmdline, planning->options->cmdline, length);
    return BZC_OK;
}

void bzc_plan_add_cmdline(struct bzc_plan *plan)
{
    struct bzc_bytes bytes = {(const uint8_t *)plan->cmdline, strlen(plan->cmdline) + 1};

    bzc_plan_add(plan, BZC_BLOCK_CMDLINE, plan->cmdline_phys, bytes);
}

/* ---- the whole ---- */

static enum bzc_status check_kind(const struct bzc_planning *planning)
{
    const struct bzc_image *image = planning->image;
    char protocol[8];

    switch (image->kind) {
    case BZC_IMAGE_BZIMAGE:
    case BZC_IMAGE_OLD:
        return BZC_OK;
    case BZC_IMAGE_ZIMAGE:
        if (image->version >= 0x0200)
            return BZC_OK;
        bzc_image_protocol_text(image, protocol);
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                             "the header says protocol %s, but HdrS came with 2.00: no scenario fits", protocol);
    case BZC_IMAGE_NONE:
    case BZC_IMAGE_PE:
    case BZC_IMAGE_ELF:
        break;
    }
    return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "not a bzImage (kind %s)",
                         bzc_image_kind_name(image->kind));
}

static enum bzc_status check_parts(const struct bzc_planning *planning)
{
    const struct bzc_image *image = planning->image;

    if (image->realmode.size < image->realmode_size)
        return bzc_error_set(planning->err, BZC_ERR_FORMAT,
                             "the real-mode part is cut off: setup_sects %u asks for %llu bytes, the file has %zu",
                             image->setup_sects, (unsigned long long)image->realmode_size, image->realmode.size);
    if (image->pm.size == 0)
        return bzc_error_set(planning->err, BZC_ERR_FORMAT,
                             "the protected-mode part is missing: the file ends at byte %llu",
                             (unsigned long long)image->realmode_size);
    /* syssize counts paragraphs: up to 15 bytes of the last one need not be in the file. */
    if (image->pm_declared_size > image->pm.size && image->pm_declared_size - image->pm.size >= PARAGRAPH)
        return bzc_error_set(planning->err, BZC_ERR_FORMAT,
                             "the protected-mode part is cut off: syssize asks for %llu bytes, the file has %zu",
                             (unsigned long long)image->pm_declared_size, image->pm.size);
    return BZC_OK;
}

static enum bzc_status choose_path(const struct bzc_planning *planning)
{
    const struct bzc_boot_loader *loader = planning->loader;

    for (size_t i = 0; i < loader->path_count; i++) {
        if (bzc_condition_holds(&loader->path[i].when, &planning->subject)) {
            planning->plan->path = loader->path[i].path;
            return BZC_OK;
        }
    }
    return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "%s has no way into such an image",
                         loader->name[0] != '\0' ? loader->name : "the loader");
}

static enum bzc_status plan_path(const struct bzc_planning *planning)
{
    switch (planning->plan->path) {
    case BZC_PATH_SETUP:
        return bzc_plan_setup(planning);
    case BZC_PATH_ENTRY32:
    case BZC_PATH_ENTRY64:
        return bzc_plan_entry(planning);
    case BZC_PATH_PAYLOAD_ELF:
    case BZC_PATH_PVH:
        return bzc_plan_payload_elf(planning);
    case BZC_PATH_ELF_WRAPPED:
        return bzc_plan_elf_wrapped(planning);
    case BZC_PATH_PE:
    case BZC_PATH_COUNT:
        break;
    }
    return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                         "the PE entry needs UEFI, whose services the emulated PC does not have");
}

/* A fixed address of a loader counts on RAM that a map need not have. */
static enum bzc_status check_blocks(const struct bzc_planning *planning)
{
    for (size_t i = 0; i < planning->plan->block_count; i++) {
        const struct bzc_block *block = &planning->plan->block[i];

        if (!bzc_memory_map_is_ram(planning->options->map, block->phys, block->bytes.size))
            return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                                 "the memory map has no RAM for the %s: 0x%zx bytes from 0x%llx on", block->name,
                                 block->bytes.size, (unsigned long long)block->phys);
    }
    return BZC_OK;
}

enum bzc_status bzc_plan_make(const struct bzc_boot_loader *loader, const struct bzc_image *image,
                              const struct bzc_plan_options *options, struct bzc_plan *plan, struct bzc_error *err)
{
    struct bzc_pe pe;
    struct bzc_planning planning = {
        .loader = loader,
        .image = image,
        .options = options,
        .plan = plan,
        .err = err,
        .subject = {.image = image,
                    .pe = &pe,
                    .kernel = options->kernel,
                    .initrd_size = options->initrd.size,
                    .cmdline_length = strlen(options->cmdline)},
    };
    enum bzc_status status;

    memset(plan, 0, sizeof(*plan));
    bzc_pe_parse(image->file, &pe);
    status = check_kind(&planning);
    if (status == BZC_OK)
        status = check_parts(&planning);
    if (status == BZC_OK)
        status = choose_path(&planning);
    if (status == BZC_OK)
        status = plan_path(&planning);
    if (status == BZC_OK)
        status = check_blocks(&planning);
    if (status != BZC_OK)
        bzc_plan_free(plan);
    return status;
}

void bzc_plan_free(struct bzc_plan *plan)
{
    for (size_t i = 0; i < plan->owned_count; i++)
        free(plan->owned[i]);
    memset(plan, 0, sizeof(*plan));
}
