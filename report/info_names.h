/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the reports of `info`: numbers by their names. */
#ifndef BZC_REPORT_INFO_NAMES_H
#define BZC_REPORT_INFO_NAMES_H

#include "loader/elf_notes.h"
#include "loader/pe.h"

/* "CRC-64", ... ("The .xz File Format", 2.1.1.2); "unknown". */
const char *bzc_info_xz_check(unsigned check);

/* PE: "x86-64", "EFI application", ...; "unknown". */
const char *bzc_info_pe_machine(uint16_t machine);
const char *bzc_info_pe_subsystem(uint16_t subsystem);
/* "certificate table", ...; "unknown". */
const char *bzc_info_pe_directory(size_t index);

enum bzc_info_pe_flags { BZC_INFO_PE_FILE, BZC_INFO_PE_DLL, BZC_INFO_PE_SECTION };

#define BZC_INFO_FLAGS_TEXT 384
/*
 * The set bits by their names without "IMAGE_FILE_", "IMAGE_DLLCHARACTERISTICS_" or "IMAGE_SCN_", separated by blanks;
 * a bit without a name as its number. Source: Microsoft, "PE Format".
 */
const char *bzc_info_pe_flags(enum bzc_info_pe_flags kind, uint32_t flags, char text[BZC_INFO_FLAGS_TEXT]);

/* A note of the ELF file for people. */
struct bzc_info_note {
    char owner[16];
    const char *name; /* "PHYS32_ENTRY"; NULL for a type without a name here */
    char text[160];   /* what it says */
};
void bzc_info_note_read(const struct bzc_elf_note *note, struct bzc_info_note *info);

#endif
