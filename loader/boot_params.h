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
#define BZC_BP_HEADER_END    0x290u /* offset behind the room for the setup header */
#define BZC_BP_E820_MAX      128u   /* E820_MAX_ENTRIES_ZEROPAGE: entries of e820_table */
#define BZC_E820_ENTRY_SIZE  20u

/* Types of setup_data nodes (boot.rst, field setup_data; bootparam.h). */
#define BZC_SETUP_E820_EXT 1u
#define BZC_SETUP_DTB      2u
#define BZC_SETUP_RNG_SEED 9u
#define BZC_SETUP_INDIRECT (1u << 31)

enum bzc_bp_field_id {
    BZC_BP_ORIG_X,            /* screen_info: 0x000/1 cursor's column */
    BZC_BP_ORIG_Y,            /* 0x001/1 cursor's row */
    BZC_BP_EXT_MEM_K,         /* 0x002/2 KiB above 1 MiB by INT 15h AH=88h */
    BZC_BP_ORIG_VIDEO_MODE,   /* 0x006/1 */
    BZC_BP_ORIG_VIDEO_COLS,   /* 0x007/1 */
    BZC_BP_ORIG_VIDEO_LINES,  /* 0x00e/1 */
    BZC_BP_ORIG_VIDEO_ISVGA,  /* 0x00f/1 */
    BZC_BP_ORIG_VIDEO_POINTS, /* 0x010/2 height of a character in lines */
    BZC_BP_CL_MAGIC,          /* 0x020/2 0xa33f: old command line protocol */
    BZC_BP_CL_OFFSET,         /* 0x022/2 */
    BZC_BP_ACPI_RSDP_ADDR,    /* 0x070/8 */
    BZC_BP_EXT_RAMDISK_IMAGE, /* 0x0c0/4 */
    BZC_BP_EXT_RAMDISK_SIZE,  /* 0x0c4/4 */
    BZC_BP_EXT_CMD_LINE_PTR,  /* 0x0c8/4 */
    BZC_BP_CC_BLOB_ADDRESS,   /* 0x13c/4 confidential computing blob; 5.19 and later */
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
/* The row with this name, or NULL. */
const struct bzc_bp_field *bzc_bp_field_by_name(const char *name);

/* Reads a scalar field (1 to 8 bytes); false when the span ends before it. */
bool bzc_bp_read(struct bzc_bytes boot_params, enum bzc_bp_field_id id, uint64_t *value);
/* Stores the low bytes of a value into a scalar field of 4096 bytes of boot_params. */
void bzc_bp_store(uint8_t *boot_params, enum bzc_bp_field_id id, uint64_t value);
/* Stores one entry as e820_table and SETUP_E820_EXT hold it: BZC_E820_ENTRY_SIZE bytes. */
void bzc_e820_store(uint8_t *entry, const struct bzc_memory_range *range);

/*
 * Reads e820_entries entries of e820_table in their order, unsorted and unchecked. `capacity` is the number of entries
 * of `out`. Returns the number that boot_params declares, which may be larger than what was stored.
 */
size_t bzc_bp_e820(struct bzc_bytes boot_params, struct bzc_memory_range *out, size_t capacity);

#endif
