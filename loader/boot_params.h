/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct boot_params ("zero page"): the one table of the fields bzcheck reads or writes outside the setup header, which
 * keeps its own offsets (0x1f1 on, loader/fields.h) inside it. 4096 bytes in all.
 * Source: Documentation/arch/x86/zero-page.rst and arch/x86/include/uapi/asm/bootparam.h.
 */
#ifndef BZC_LOADER_BOOT_PARAMS_H
#define BZC_LOADER_BOOT_PARAMS_H

#include "base/bytes.h"
#include "base/memory_map.h"

#define BZC_BOOT_PARAMS_SIZE 4096u

enum bzc_bp_field_id {
    BZC_BP_EXT_MEM_K,         /* 0x002/2 KiB above 1 MiB by INT 15h AH=88h */
    BZC_BP_CL_MAGIC,          /* 0x020/2 0xa33f: old command line protocol */
    BZC_BP_CL_OFFSET,         /* 0x022/2 */
    BZC_BP_ACPI_RSDP_ADDR,    /* 0x070/8 */
    BZC_BP_EXT_RAMDISK_IMAGE, /* 0x0c0/4 */
    BZC_BP_EXT_RAMDISK_SIZE,  /* 0x0c4/4 */
    BZC_BP_EXT_CMD_LINE_PTR,  /* 0x0c8/4 */
    BZC_BP_ALT_MEM_K,         /* 0x1e0/4 KiB above 1 MiB by INT 15h AX=E801h */
    BZC_BP_E820_ENTRIES,      /* 0x1e8/1 */
    BZC_BP_SENTINEL,          /* 0x1ef/1 */
    BZC_BP_E820_TABLE,        /* 0x2d0: 20-byte entries {u64 addr, u64 size, u32 type} */
    BZC_BP_FIELD_COUNT
};

struct bzc_bp_field {
    enum bzc_bp_field_id id; /* equals the row's index */
    const char *name;        /* spelled as in zero-page.rst */
    uint16_t offset;
    uint16_t size; /* bytes; of the whole table for arrays */
};
extern const struct bzc_bp_field bzc_bp_fields[BZC_BP_FIELD_COUNT];
const struct bzc_bp_field *bzc_bp_field(enum bzc_bp_field_id id);

/* Reads a scalar field (1 to 8 bytes); false when the span ends before it. */
bool bzc_bp_read(struct bzc_bytes boot_params, enum bzc_bp_field_id id, uint64_t *value);

/*
 * Reads e820_entries entries of e820_table in their order, unsorted and unchecked. `capacity` is the number of entries
 * of `out`. Returns the number that boot_params declares, which may be larger than what was stored.
 */
size_t bzc_bp_e820(struct bzc_bytes boot_params, struct bzc_memory_range *out, size_t capacity);

#endif
