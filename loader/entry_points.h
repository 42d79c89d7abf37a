/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways into an image: where its first instruction lies in the file for each kind of loader.
 *
 * Source: Documentation/arch/x86/boot.rst, "Running the Kernel", "32-bit Boot Protocol", "64-bit Boot Protocol", "EFI
 * Handover Protocol (deprecated)", fields xloadflags and handover_offset; Microsoft, "PE Format", AddressOfEntryPoint.
 */
#ifndef BZC_LOADER_ENTRY_POINTS_H
#define BZC_LOADER_ENTRY_POINTS_H

#include "loader/image.h"
#include "loader/pe.h"

enum bzc_entry_kind {
    BZC_ENTRY_16BIT,       /* setup, by a BIOS boot loader */
    BZC_ENTRY_32BIT,       /* start of the protected-mode part; ELF-wrapped: code32_start */
    BZC_ENTRY_64BIT,       /* 0x200 behind it, XLF_KERNEL_64 */
    BZC_ENTRY_EFI,         /* AddressOfEntryPoint of the PE headers */
    BZC_ENTRY_HANDOVER_32, /* EFI handover, XLF_EFI_HANDOVER_32 */
    BZC_ENTRY_HANDOVER_64, /* EFI handover, XLF_EFI_HANDOVER_64 */
    BZC_ENTRY_COUNT
};

struct bzc_entry_point {
    enum bzc_entry_kind kind;
    bool in_file;    /* the place lies in the file */
    uint64_t offset; /* file offset; valid when in_file */
};

/* "16-bit", "32-bit", "64-bit", "EFI", "EFI handover, 32-bit", "EFI handover, 64-bit". */
const char *bzc_entry_kind_name(enum bzc_entry_kind kind);

/* The ways that the headers declare, in the order of the enum; returns how many. `image` may be NULL (PE files). */
size_t bzc_entry_points_read(struct bzc_bytes file, const struct bzc_image *image, const struct bzc_pe *pe,
                             struct bzc_entry_point entry[BZC_ENTRY_COUNT]);

#endif
