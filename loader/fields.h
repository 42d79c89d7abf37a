/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of setup-header fields. The parser, the rules, the reports, the image builder and the fuzz
 * dictionary read it; nothing else in the project types an offset of the setup header.
 *
 * Source: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header" and "Details of Header Fields".
 * Offsets are bytes from the start of the file (= of the boot sector).
 */
#ifndef BZC_LOADER_FIELDS_H
#define BZC_LOADER_FIELDS_H

#include "base/bytes.h"

enum bzc_field_id {
    BZC_FIELD_SETUP_SECTS,
    BZC_FIELD_ROOT_FLAGS,
    BZC_FIELD_SYSSIZE,
    BZC_FIELD_RAM_SIZE,
    BZC_FIELD_VID_MODE,
    BZC_FIELD_ROOT_DEV,
    BZC_FIELD_BOOT_FLAG,
    BZC_FIELD_JUMP,
    BZC_FIELD_HEADER,
    BZC_FIELD_VERSION,
    BZC_FIELD_REALMODE_SWTCH,
    BZC_FIELD_START_SYS_SEG,
    BZC_FIELD_KERNEL_VERSION,
    BZC_FIELD_TYPE_OF_LOADER,
    BZC_FIELD_LOADFLAGS,
    BZC_FIELD_SETUP_MOVE_SIZE,
    BZC_FIELD_CODE32_START,
    BZC_FIELD_RAMDISK_IMAGE,
    BZC_FIELD_RAMDISK_SIZE,
    BZC_FIELD_BOOTSECT_KLUDGE,
    BZC_FIELD_HEAP_END_PTR,
    BZC_FIELD_EXT_LOADER_VER,
    BZC_FIELD_EXT_LOADER_TYPE,
    BZC_FIELD_CMD_LINE_PTR,
    BZC_FIELD_INITRD_ADDR_MAX,
    BZC_FIELD_KERNEL_ALIGNMENT,
    BZC_FIELD_RELOCATABLE_KERNEL,
    BZC_FIELD_MIN_ALIGNMENT,
    BZC_FIELD_XLOADFLAGS,
    BZC_FIELD_CMDLINE_SIZE,
    BZC_FIELD_HARDWARE_SUBARCH,
    BZC_FIELD_HARDWARE_SUBARCH_DATA,
    BZC_FIELD_PAYLOAD_OFFSET,
    BZC_FIELD_PAYLOAD_LENGTH,
    BZC_FIELD_SETUP_DATA,
    BZC_FIELD_PREF_ADDRESS,
    BZC_FIELD_INIT_SIZE,
    BZC_FIELD_HANDOVER_OFFSET,
    BZC_FIELD_KERNEL_INFO_OFFSET,
    BZC_FIELD_COUNT
};

/* The "Type" line of the protocol text: who gives the field its value. */
enum bzc_field_access {
    BZC_FIELD_READ,     /* the kernel's, a loader only reads it */
    BZC_FIELD_WRITE,    /* the loader's */
    BZC_FIELD_MODIFY,   /* the kernel's, a loader may change it */
    BZC_FIELD_INTERNAL, /* "kernel internal", "DO NOT USE" */
};

struct bzc_field {
    enum bzc_field_id id; /* equals the row's index */
    const char *name;     /* spelled as in the protocol */
    uint16_t offset;      /* bytes from the start of the file */
    uint8_t size;         /* bytes: 1, 2, 4 or 8; syssize is 4, but only its low 2 bytes count before 2.04 */
    uint16_t since;       /* first protocol version, 0x0200 for 2.00; 0 for "ALL" (also before HdrS) */
    enum bzc_field_access access;
    const char *meaning; /* a few words */
};

extern const struct bzc_field bzc_fields[BZC_FIELD_COUNT];

/* The row of an id. */
const struct bzc_field *bzc_field(enum bzc_field_id id);
/* The row with this protocol name, or NULL. */
const struct bzc_field *bzc_field_by_name(const char *name);

/*
 * Reads a field of the setup header in `header` (a span that starts at file offset 0, or boot_params memory, which
 * keeps the header at the same offset 0x1f1) as protocol `version` defines it. False when that version has no such
 * field or the span ends before it; *value is then untouched. syssize reads 2 bytes before 2.04.
 */
bool bzc_field_read(struct bzc_bytes header, uint16_t version, enum bzc_field_id id, uint64_t *value);
/* Stores the low `size` bytes of value into memory of at least field offset + size bytes. */
void bzc_field_store(uint8_t *header, enum bzc_field_id id, uint64_t value);

#define BZC_HEADER_MAGIC 0x53726448u /* "HdrS" */
#define BZC_BOOT_FLAG    0xaa55u
/* loadflags */
#define BZC_LOADED_HIGH   (1u << 0)
#define BZC_KASLR_FLAG    (1u << 1)
#define BZC_QUIET_FLAG    (1u << 5)
#define BZC_KEEP_SEGMENTS (1u << 6)
#define BZC_CAN_USE_HEAP  (1u << 7)
/* xloadflags */
#define BZC_XLF_KERNEL_64              (1u << 0)
#define BZC_XLF_CAN_BE_LOADED_ABOVE_4G (1u << 1)
#define BZC_XLF_EFI_HANDOVER_32        (1u << 2)
#define BZC_XLF_EFI_HANDOVER_64        (1u << 3)
#define BZC_XLF_EFI_KEXEC              (1u << 4)
#define BZC_XLF_5LEVEL                 (1u << 5)
#define BZC_XLF_5LEVEL_ENABLED         (1u << 6)
#define BZC_XLF_MEM_ENCRYPTION         (1u << 7)

#endif
