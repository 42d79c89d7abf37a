/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small hand-made PE32+ file for unit tests. Offsets are typed here as Microsoft's "PE Format" prints them,
 * independently of loader/pe.c.
 *
 *   0x000 "MZ", e_lfanew 0x80      0x080 "PE\0\0", COFF header      0x098 optional header, 6 data directories
 *   0x138 section table, 3 rows    0x200 .text, 0x200 bytes         0x400 .data, 0x200 bytes (0x1800 in memory)
 *   0x600 .sbat, 0x200 bytes (0x11 used)
 */
#ifndef BZC_TESTS_UNIT_PE_BUILDER_H
#define BZC_TESTS_UNIT_PE_BUILDER_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#define BUILD_PE_SIZE     0x800u
#define BUILD_PE_COFF     0x84u
#define BUILD_PE_OPTIONAL 0x98u
#define BUILD_PE_SECTIONS 0x138u

static inline void build_section(uint8_t *file, unsigned index, const char *name, const uint32_t value[4],
                                 uint32_t characteristics)
{
    uint8_t *row = file + BUILD_PE_SECTIONS + index * 40;

    memset(row, 0, 40);
    for (size_t i = 0; i < 8 && name[i]; i++)
        row[i] = (uint8_t)name[i];
    for (unsigned i = 0; i < 4; i++)
        bzc_store32(row + 8 + 4 * i, value[i]);
    bzc_store32(row + 36, characteristics);
}

static inline struct bzc_bytes build_pe(uint8_t file[BUILD_PE_SIZE])
{
    uint8_t *coff = file + BUILD_PE_COFF, *optional = file + BUILD_PE_OPTIONAL;

    memset(file, 0, BUILD_PE_SIZE);
    memcpy(file, "MZ", 2);
    bzc_store32(file + 0x3c, 0x80);
    memcpy(file + 0x80, "PE\0\0", 4);
    bzc_store16(coff, 0x8664);
    bzc_store16(coff + 2, 3);       /* NumberOfSections */
    bzc_store32(coff + 12, 1);      /* NumberOfSymbols */
    bzc_store16(coff + 16, 0xa0);   /* SizeOfOptionalHeader */
    bzc_store16(coff + 18, 0x0206); /* Characteristics */
    bzc_store16(optional, 0x20b);
    bzc_store32(optional + 4, 0x200);        /* SizeOfCode */
    bzc_store32(optional + 16, 0x1010);      /* AddressOfEntryPoint */
    bzc_store64(optional + 24, 0x123400000); /* ImageBase */
    bzc_store32(optional + 32, 0x1000);      /* SectionAlignment */
    bzc_store32(optional + 36, 0x200);       /* FileAlignment */
    bzc_store32(optional + 56, 0x5000);      /* SizeOfImage */
    bzc_store32(optional + 60, 0x200);       /* SizeOfHeaders */
    bzc_store32(optional + 64, 0xdeadbeef);  /* CheckSum */
    bzc_store16(optional + 68, 10);          /* Subsystem */
    bzc_store16(optional + 70, 0x100);       /* DllCharacteristics */
    bzc_store32(optional + 108, 6);          /* NumberOfRvaAndSizes */
    build_section(file, 0, ".text", (const uint32_t[]){0x1f0, 0x1000, 0x200, 0x200}, 0x60000020);
    build_section(file, 1, ".data", (const uint32_t[]){0x1800, 0x2000, 0x200, 0x400}, 0xc0000040);
    build_section(file, 2, ".sbat", (const uint32_t[]){0x11, 0x4000, 0x200, 0x600}, 0x40000040);
    for (unsigned i = 0x200; i < 0x600; i++)
        file[i] = (uint8_t)(i * 7 + 3);
    memcpy(file + 0x600, "sbat,1,a,b,c,d,e\n", 0x11);
    return (struct bzc_bytes){file, BUILD_PE_SIZE};
}

#endif
