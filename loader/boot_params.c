/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/boot_params.h"

#define E820_ENTRY_SIZE 20u

const struct bzc_bp_field bzc_bp_fields[BZC_BP_FIELD_COUNT] = {
    {BZC_BP_EXT_MEM_K, "ext_mem_k", 0x002, 2},
    {BZC_BP_CL_MAGIC, "cl_magic", 0x020, 2},
    {BZC_BP_CL_OFFSET, "cl_offset", 0x022, 2},
    {BZC_BP_ACPI_RSDP_ADDR, "acpi_rsdp_addr", 0x070, 8},
    {BZC_BP_EXT_RAMDISK_IMAGE, "ext_ramdisk_image", 0x0c0, 4},
    {BZC_BP_EXT_RAMDISK_SIZE, "ext_ramdisk_size", 0x0c4, 4},
    {BZC_BP_EXT_CMD_LINE_PTR, "ext_cmd_line_ptr", 0x0c8, 4},
    {BZC_BP_ALT_MEM_K, "alt_mem_k", 0x1e0, 4},
    {BZC_BP_E820_ENTRIES, "e820_entries", 0x1e8, 1},
    {BZC_BP_SENTINEL, "sentinel", 0x1ef, 1},
    {BZC_BP_E820_TABLE, "e820_table", 0x2d0, BZC_MEMORY_MAP_MAX *E820_ENTRY_SIZE},
};

const struct bzc_bp_field *bzc_bp_field(enum bzc_bp_field_id id)
{
    return &bzc_bp_fields[id];
}

bool bzc_bp_read(struct bzc_bytes boot_params, enum bzc_bp_field_id id, uint64_t *value)
{
    const struct bzc_bp_field *field = &bzc_bp_fields[id];

    return bzc_bytes_uint(boot_params, field->offset, field->size, value);
}

size_t bzc_bp_e820(struct bzc_bytes boot_params, struct bzc_memory_range *out, size_t capacity)
{
    const struct bzc_bp_field *table = &bzc_bp_fields[BZC_BP_E820_TABLE];
    uint64_t entries;
    size_t i;

    if (!bzc_bp_read(boot_params, BZC_BP_E820_ENTRIES, &entries))
        return 0;
    for (i = 0; i < entries && i < capacity && i < BZC_MEMORY_MAP_MAX; i++) {
        uint64_t offset = table->offset + i * E820_ENTRY_SIZE;

        if (!bzc_bytes_u64(boot_params, offset, &out[i].start) ||
            !bzc_bytes_u64(boot_params, offset + 8, &out[i].size) ||
            !bzc_bytes_u32(boot_params, offset + 16, &out[i].type))
            break;
    }
    return (size_t)entries;
}
