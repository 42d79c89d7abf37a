/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/kept.h"

#include <string.h>

#include "verify/rules.h"

static void compare_blocks(const struct bzc_guest_view *guest, struct bzc_run_facts *facts)
{
    for (size_t i = 0; i < facts->plan.block_count; i++) {
        const struct bzc_block *block = &facts->plan.block[i];
        struct bzc_kept_block *kept = &facts->kept[facts->kept_count];
        struct bzc_bytes now;

        if (!block->keep)
            continue;
        now = guest->view(guest->context, block->keep_phys, block->bytes.size);
        *kept = (struct bzc_kept_block){
            .role = block->role, .name = block->name, .phys = block->keep_phys, .size = block->bytes.size};
        bzc_sha256_hex(block->bytes.data, block->bytes.size, kept->sha256);
        facts->kept_count++;
        /* The loader could put it there, so it can be looked at. */
        if (now.size == 0 || memcmp(now.data, block->bytes.data, now.size) == 0)
            continue;
        kept->changed = true;
        for (size_t at = 0; at < now.size; at++) {
            if (now.data[at] == block->bytes.data[at])
                continue;
            kept->first_difference = block->keep_phys + at;
            kept->expected = block->bytes.data[at];
            kept->actual = now.data[at];
            break;
        }
    }
}

/* ---- the loader's fields in boot_params ---- */

/* Those that reach the kernel through whatever lies between. */
static bool is_loaders_field(const struct bzc_run_facts *facts, const struct bzc_plan_write *write)
{
    if (write->is_header)
        return bzc_field_is_for_kernel(write->field) || write->field == BZC_FIELD_SETUP_DATA ||
               write->field == BZC_FIELD_HARDWARE_SUBARCH;
    return facts->path != BZC_PATH_SETUP && bzc_bp_field_is_stable(write->bp);
}

/* What the loader wrote, field behind field. */
struct field_bytes {
    const struct bzc_run_facts *facts;
    struct bzc_kept_block *kept;
    uint8_t wanted[BZC_BOOT_PARAMS_SIZE];
    bool may_differ; /* what is added now */
};

static bool is_legitimate(const struct bzc_run_facts *facts, const struct bzc_plan_write *write)
{
    struct bzc_bytes bytes = {facts->entry.boot_params, BZC_BOOT_PARAMS_SIZE};
    uint64_t now;

    return !write->is_header && bzc_bp_read(bytes, write->bp, &now) && bzc_bp_change_is_legitimate(write->bp, now);
}

/* Adds bytes that belong to [offset, offset+size) of boot_params, and looks whether they are there. */
static void compare_bytes(struct field_bytes *fields, uint64_t offset, const uint8_t *wanted, size_t size)
{
    struct bzc_kept_block *kept = fields->kept;

    for (size_t i = 0; i < size && offset + i < BZC_BOOT_PARAMS_SIZE && kept->size < BZC_BOOT_PARAMS_SIZE; i++) {
        uint8_t now = fields->facts->entry.boot_params[offset + i];

        fields->wanted[kept->size++] = wanted[i];
        if (now == wanted[i] || kept->changed || fields->may_differ)
            continue;
        kept->changed = true;
        kept->first_difference = kept->phys + offset + i;
        kept->expected = wanted[i];
        kept->actual = now;
    }
}

static void compare_fields(struct bzc_run_facts *facts)
{
    const struct bzc_block *block = bzc_plan_block(&facts->plan, BZC_BLOCK_BOOT_PARAMS);
    const struct bzc_bp_field *table = bzc_bp_field(BZC_BP_E820_TABLE);
    struct bzc_kept_block *kept = &facts->kept[facts->kept_count];
    struct field_bytes fields = {.facts = facts, .kept = kept};
    uint64_t entries;

    if (!facts->entry.reached || !facts->entry.boot_params_in_ram || facts->path == BZC_PATH_PVH)
        return;
    *kept = (struct bzc_kept_block){
        .role = BZC_BLOCK_BOOT_PARAMS, .name = "fields in boot_params", .phys = facts->entry.boot_params_phys};
    for (size_t i = 0; i < facts->plan.write_count; i++) {
        const struct bzc_plan_write *write = &facts->plan.write[i];
        unsigned offset = write->is_header ? bzc_field(write->field)->offset : bzc_bp_field(write->bp)->offset;
        unsigned size = write->is_header ? bzc_field(write->field)->size : bzc_bp_field(write->bp)->size;
        uint8_t bytes[8];

        bzc_store64(bytes, write->value);
        fields.may_differ = is_legitimate(facts, write);
        if (is_loaders_field(facts, write) && size <= sizeof(bytes))
            compare_bytes(&fields, offset, bytes, size);
    }
    fields.may_differ = false;
    if (block && bzc_bp_read(block->bytes, BZC_BP_E820_ENTRIES, &entries))
        compare_bytes(&fields, table->offset, block->bytes.data + table->offset,
                      (size_t)(entries < BZC_BP_E820_MAX ? entries : BZC_BP_E820_MAX) * BZC_E820_ENTRY_SIZE);
    bzc_sha256_hex(fields.wanted, (size_t)kept->size, kept->sha256);
    facts->kept_count++;
}

void bzc_kept_compare(const struct bzc_guest_view *guest, struct bzc_run_facts *facts)
{
    compare_blocks(guest, facts);
    compare_fields(facts);
}
