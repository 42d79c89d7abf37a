/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of difference between two boot images that `diff` knows, one row each in verify/diff_kinds.c, and how much
 * each matters unless a profile says otherwise. Names are never changed and never reused: profiles contain them.
 */
#ifndef BZC_VERIFY_DIFF_KINDS_H
#define BZC_VERIFY_DIFF_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum bzc_importance {
    BZC_IMPORTANCE_EXPECTED, /* two builds of one kernel differ like this */
    BZC_IMPORTANCE_NOTABLE,  /* worth a look */
    BZC_IMPORTANCE_BREAKING, /* who boots the old image may fail to boot the new one */
};
#define BZC_IMPORTANCE_COUNT 3

/* "expected", "notable", "breaking". */
const char *bzc_importance_name(enum bzc_importance importance);
/* False when the text is none of them. */
bool bzc_importance_parse(const char *text, enum bzc_importance *importance);

/* The parts of a comparison, in the order of reports. */
enum bzc_diff_section {
    BZC_DIFF_SECTION_FILE,
    BZC_DIFF_SECTION_HEADER,
    BZC_DIFF_SECTION_ENTRIES,
    BZC_DIFF_SECTION_LAYOUT,
    BZC_DIFF_SECTION_PAYLOAD,
    BZC_DIFF_SECTION_KERNEL,
    BZC_DIFF_SECTION_PE,
    BZC_DIFF_SECTION_RUNS,
    BZC_DIFF_SECTION_CONVERSATION,
    BZC_DIFF_SECTION_FINDINGS,
    BZC_DIFF_SECTION_COUNT
};
/* "file", "header", "entries", "layout", "payload", "kernel", "pe", "runs", "conversation", "findings". */
const char *bzc_diff_section_name(enum bzc_diff_section section);

enum bzc_diff_kind_id {
    BZC_DIFF_FILE_KIND,
    BZC_DIFF_FILE_SYSTEM,
    BZC_DIFF_FILE_SIZE,
    BZC_DIFF_FILE_SHA256,
    BZC_DIFF_FILE_KERNEL_VERSION,
    BZC_DIFF_FILE_CHECKSUM,
    BZC_DIFF_FILE_CHECKSUM_SIGNED,
    BZC_DIFF_HEADER_VERSION_DOWN,
    BZC_DIFF_HEADER_VERSION_UP,
    BZC_DIFF_HEADER_FIELD_GONE,
    BZC_DIFF_HEADER_FIELD_NEW,
    BZC_DIFF_HEADER_XLOADFLAGS_LOST,
    BZC_DIFF_HEADER_XLOADFLAGS_GAINED,
    BZC_DIFF_HEADER_LOADFLAGS,
    BZC_DIFF_HEADER_RELOCATABLE_LOST,
    BZC_DIFF_HEADER_RELOCATABLE_GAINED,
    BZC_DIFF_HEADER_INIT_SIZE_GREW,
    BZC_DIFF_HEADER_INIT_SIZE_SHRANK,
    BZC_DIFF_HEADER_PREF_ADDRESS,
    BZC_DIFF_HEADER_KERNEL_ALIGNMENT,
    BZC_DIFF_HEADER_MIN_ALIGNMENT,
    BZC_DIFF_HEADER_CMDLINE_SIZE_SHRANK,
    BZC_DIFF_HEADER_CMDLINE_SIZE_GREW,
    BZC_DIFF_HEADER_INITRD_ADDR_MAX_LOWERED,
    BZC_DIFF_HEADER_INITRD_ADDR_MAX_RAISED,
    BZC_DIFF_HEADER_HANDOVER_OFFSET_GONE,
    BZC_DIFF_HEADER_HARDWARE_SUBARCH,
    BZC_DIFF_HEADER_CODE32_START,
    BZC_DIFF_HEADER_BOOT_FLAG,
    BZC_DIFF_HEADER_SIZES,
    BZC_DIFF_HEADER_OTHER,
    BZC_DIFF_ENTRY_LOST,
    BZC_DIFF_ENTRY_GAINED,
    BZC_DIFF_ENTRY_OFFSET,
    BZC_DIFF_LAYOUT_PART_GONE,
    BZC_DIFF_LAYOUT_PART_NEW,
    BZC_DIFF_LAYOUT_PART_SIZE,
    BZC_DIFF_LAYOUT_PART_MOVED,
    BZC_DIFF_LAYOUT_SIGNATURE,
    BZC_DIFF_PAYLOAD_UNREADABLE,
    BZC_DIFF_PAYLOAD_READABLE,
    BZC_DIFF_PAYLOAD_COMPRESSION,
    BZC_DIFF_PAYLOAD_DICTIONARY,
    BZC_DIFF_PAYLOAD_SIZE,
    BZC_DIFF_PAYLOAD_UNPACKED_SIZE,
    BZC_DIFF_PAYLOAD_SHA256,
    BZC_DIFF_KERNEL_FORMAT,
    BZC_DIFF_KERNEL_MACHINE,
    BZC_DIFF_KERNEL_ENTRY,
    BZC_DIFF_KERNEL_LINK_ADDRESS,
    BZC_DIFF_KERNEL_MEMORY,
    BZC_DIFF_KERNEL_SEGMENT_GONE,
    BZC_DIFF_KERNEL_SEGMENT_NEW,
    BZC_DIFF_KERNEL_SEGMENT_FLAGS,
    BZC_DIFF_KERNEL_SEGMENT,
    BZC_DIFF_KERNEL_RELOCATIONS,
    BZC_DIFF_KERNEL_RELOCATIONS_GONE,
    BZC_DIFF_KERNEL_KASLR_LOST,
    BZC_DIFF_KERNEL_KASLR_GAINED,
    BZC_DIFF_KERNEL_NOTE_GONE,
    BZC_DIFF_KERNEL_NOTE_NEW,
    BZC_DIFF_KERNEL_NOTE,
    BZC_DIFF_KERNEL_PVH_GONE,
    BZC_DIFF_PE_GONE,
    BZC_DIFF_PE_NEW,
    BZC_DIFF_PE_MACHINE,
    BZC_DIFF_PE_SUBSYSTEM,
    BZC_DIFF_PE_DLL_CHARACTERISTICS,
    BZC_DIFF_PE_ALIGNMENT,
    BZC_DIFF_PE_SIZE_OF_IMAGE,
    BZC_DIFF_SIGNATURE_GONE,
    BZC_DIFF_SIGNATURE_NEW,
    BZC_DIFF_SIGNATURE_BROKEN,
    BZC_DIFF_SCENARIO_LOST,
    BZC_DIFF_SCENARIO_GAINED,
    BZC_DIFF_RUN_BROKEN,
    BZC_DIFF_RUN_MENDED,
    BZC_DIFF_RUN_RESULT,
    BZC_DIFF_RUN_STAGES,
    BZC_DIFF_RUN_STAGE_ADDRESS,
    BZC_DIFF_RUN_KERNEL_ADDRESS,
    BZC_DIFF_RUN_VIRTUAL_ADDRESS,
    BZC_DIFF_RUN_RANDOM_ADDRESS,
    BZC_DIFF_RUN_ENTRY_ADDRESS,
    BZC_DIFF_RUN_HAND_OVER_STATE,
    BZC_DIFF_RUN_ENTRY_STATE,
    BZC_DIFF_RUN_BOOT_PARAMS_ADDRESS,
    BZC_DIFF_BIOS_NEW,
    BZC_DIFF_BIOS_GONE,
    BZC_DIFF_PORT_NEW,
    BZC_DIFF_PORT_GONE,
    BZC_DIFF_CONVERSATION_ORDER,
    BZC_DIFF_CONVERSATION_COUNT,
    BZC_DIFF_FINDING_NEW_ERROR,
    BZC_DIFF_FINDING_NEW_WARNING,
    BZC_DIFF_FINDING_NEW_NOTE,
    BZC_DIFF_FINDING_UNKNOWN,
    BZC_DIFF_FINDING_GONE,
    BZC_DIFF_FINDING_CHANGED,
    BZC_DIFF_KIND_COUNT
};

struct bzc_diff_kind {
    enum bzc_diff_kind_id id; /* equals the row's index */
    const char *name;         /* "header.init-size-grew" */
    enum bzc_diff_section section;
    enum bzc_importance importance;
    const char *meaning; /* a clause: what it is, and where it is not obvious why it matters */
};
extern const struct bzc_diff_kind bzc_diff_kinds[BZC_DIFF_KIND_COUNT];
/* The row with this name, or NULL. */
const struct bzc_diff_kind *bzc_diff_kind_find(const char *name);

#endif
