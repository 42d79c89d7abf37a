/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PE/COFF headers that make a bzImage an EFI application, in the place of the boot sector's code.
 * Sources: arch/x86/boot/header.S and arch/x86/boot/tools/build.c of Linux 5.10 (packed) and 6.7 (paged); Microsoft,
 * "PE Format".
 */
#ifndef BZC_TOOLS_MKBZIMAGE_PE_H
#define BZC_TOOLS_MKBZIMAGE_PE_H

#include "base/bytes.h"

enum bzc_pe_style {
    BZC_PE_STYLE_NONE,   /* no PE header: without CONFIG_EFI_STUB */
    BZC_PE_STYLE_PACKED, /* sections .setup, .reloc, .compat (x86-64), .text on multiples of 32 bytes: 3.3 to 6.6 */
    BZC_PE_STYLE_PAGED,  /* sections .setup, .text, .data on multiples of 4096 bytes: since 6.7 */
};

/* Bytes from the start of the protected-mode part to what stands for the EFI entry. The test kernels have no EFI code.
 */
#define BZC_PE_EFI_ENTRY 0x400u

/* What the headers tell. Offsets are bytes from the start of the file and of the loaded image alike. */
struct bzc_pe_plan {
    enum bzc_pe_style style;
    bool wide;           /* x86-64 */
    uint32_t setup_size; /* boot sector and setup: where the protected-mode part starts */
    uint32_t text_end;   /* exclusive; packed: end of the file */
    uint32_t sbat_size;  /* bytes of text in .sbat at text_end; 0: no such section */
    uint32_t data_start; /* paged: .data in the file, up to file_end */
    uint32_t file_end;   /* exclusive */
    uint32_t size_of_image;
};

/* Overwrites image[0 .. 0x1ef) (boot sector before the setup header); packed: .reloc and .compat at the end of setup.
 */
void bzc_pe_write(const struct bzc_pe_plan *plan, uint8_t *image);

#endif
