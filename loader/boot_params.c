/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/boot_params.h"

#include <string.h>

const struct bzc_bp_field bzc_bp_fields[BZC_BP_FIELD_COUNT] = {
    {BZC_BP_ORIG_X, "orig_x", 0x000, 1},
    {BZC_BP_ORIG_Y, "orig_y", 0x001, 1},
    {BZC_BP_EXT_MEM_K, "ext_mem_k", 0x002, 2},
    {BZC_BP_ORIG_VIDEO_MODE, "orig_video_mode", 0x006, 1},
    {BZC_BP_ORIG_VIDEO_COLS, "orig_video_cols", 0x007, 1},
    {BZC_BP_ORIG_VIDEO_LINES, "orig_video_lines", 0x00e, 1},
    {BZC_BP_ORIG_VIDEO_ISVGA, "orig_video_isVGA", 0x00f, 1},
    {BZC_BP_ORIG_VIDEO_POINTS, "orig_video_points", 0x010, 2},
    {BZC_BP_CL_MAGIC, "cl_magic", 0x020, 2},
    {BZC_BP_CL_OFFSET, "cl_offset", 0x022, 2},
    {BZC_BP_ACPI_RSDP_ADDR, "acpi_rsdp_addr", 0x070, 8},
    {BZC_BP_EXT_RAMDISK_IMAGE, "ext_ramdisk_image", 0x0c0, 4},
    {BZC_BP_EXT_RAMDISK_SIZE, "ext_ramdisk_size", 0x0c4, 4},
    {BZC_BP_EXT_CMD_LINE_PTR, "ext_cmd_line_ptr", 0x0c8, 4},
    {BZC_BP_CC_BLOB_ADDRESS, "cc_blob_address", 0x13c, 4},
    {BZC_BP_ALT_MEM_K, "alt_mem_k", 0x1e0, 4},
    {BZC_BP_E820_ENTRIES, "e820_entries", 0x1e8, 1},
    {BZC_BP_SENTINEL, "sentinel", 0x1ef, 1},
    {BZC_BP_E820_TABLE, "e820_table", 0x2d0, BZC_BP_E820_MAX *BZC_E820_ENTRY_SIZE},
};

const struct bzc_bp_field *bzc_bp_field(enum bzc_bp_field_id id)
{
    return &bzc_bp_fields[id];
}

const struct bzc_bp_field *bzc_bp_field_by_name(const char *name)
{
    for (size_t i = 0; i < BZC_BP_FIELD_COUNT; i++)
        if (strcmp(bzc_bp_fields[i].name, name) == 0)
            return &bzc_bp_fields[i];
    return NULL;
}

bool bzc_bp_read(struct bzc_bytes boot_params, enum bzc_bp_field_id id, uint64_t *value)
{
    const struct bzc_bp_field *field = &bzc_bp_fields[id];

    return bzc_bytes_uint(boot_params, field->offset, field->size, value);
}

void bzc_bp_store(uint8_t *boot_params, enum bzc_bp_field_id id, uint64_t value)
{
    const struct bzc_bp_field *field = &bzc_bp_fields[id];

    for (unsigned i = 0; i < field->size && i < sizeof(value); i++)
        boot_params[field->offset + i] = (uint8_t)(value >> (8 * i));
}

void bzc_e820_store(uint8_t *entry, const struct bzc_memory_range *range)
{
    bzc_store64(entry, range->start);
    bzc_store64(entry + 8, range->size);
    bzc_store32(entry + 16, range->type);
}

size_t bzc_bp_e820(struct bzc_bytes boot_params, struct bzc_memory_range *out, size_t capacity)
{
    const struct bzc_bp_field *table = &bzc_bp_fields[BZC_BP_E820_TABLE];
    uint64_t entries;
    size_t i;

    if (!bzc_bp_read(boot_params, BZC_BP_E820_ENTRIES, &entries))
        return 0;
    for (i = 0; i < entries && i < capacity && i < BZC_BP_E820_MAX; i++) {
        uint64_t offset = table->offset + i * BZC_E820_ENTRY_SIZE;

        if (!bzc_bytes_u64(boot_params, offset, &out[i].start) ||
            !bzc_bytes_u64(boot_params, offset + 8, &out[i].size) ||
            !bzc_bytes_u32(boot_params, offset + 16, &out[i].type))
            break;
    }
    return (size_t)entries;
}
