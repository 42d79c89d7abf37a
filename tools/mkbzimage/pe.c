/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mkbzimage/pe.h"

#include "loader/pe.h"

#include <string.h>

#define BOOT_SECTOR_CODE 0x1efu /* up to the sentinel and the setup header */
#define E_LFANEW         0x3cu
#define PE_HEADER        0x40u
#define COFF_HEADER      (PE_HEADER + 4)
#define OPTIONAL_HEADER  (COFF_HEADER + 20)
#define SECTION_SIZE     40u
#define DIRECTORIES      6u /* up to the base relocations: shim wants that many */
#define RELOC_SIZE       0x20u
#define COMPAT_SIZE      0x20u
#define PACKED           0x20u
#define PAGE             0x1000u
#define SECTOR           0x200u

#define DEBUG_STRIPPED     0x200u
#define LINE_NUMS_STRIPPED 0x004u
#define MACHINE_32BIT      0x100u

/* Section characteristics as Linux writes them; ALIGN_16BYTES and ALIGN_1BYTES among the packed ones. */
#define PACKED_CODE  0x60500020u
#define PACKED_RELOC 0x42100040u
#define PAGED_SETUP  0x42000040u
#define PAGED_CODE   0x60000020u
#define PAGED_SBAT   0x42000040u
#define PAGED_DATA   0xc0000040u

struct writer {
    uint8_t *image;
    uint8_t *section; /* the next row */
    unsigned sections;
};

/* A section at the same offset in file and memory. */
static void add_section(struct writer *writer, const char *name, uint32_t start, uint32_t raw, uint32_t memory,
                        uint32_t characteristics)
{
    uint8_t *row = writer->section;

    memcpy(row, name, strlen(name));
    bzc_store32(row + 8, memory);
    bzc_store32(row + 12, start);
    bzc_store32(row + 16, raw);
    bzc_store32(row + 20, start);
    bzc_store32(row + 36, characteristics);
    writer->section += SECTION_SIZE;
    writer->sections++;
}

static void add_packed_sections(struct writer *writer, const struct bzc_pe_plan *plan)
{
    uint32_t compat = plan->setup_size - (plan->wide ? COMPAT_SIZE : 0), reloc = compat - RELOC_SIZE;

    add_section(writer, ".setup", SECTOR, reloc - SECTOR, reloc - SECTOR, PACKED_CODE);
    add_section(writer, ".reloc", reloc, RELOC_SIZE, RELOC_SIZE, PACKED_RELOC);
    if (plan->wide)
        add_section(writer, ".compat", compat, COMPAT_SIZE, COMPAT_SIZE, PACKED_RELOC);
    add_section(writer, ".text", plan->setup_size, plan->file_end - plan->setup_size,
                plan->size_of_image - plan->setup_size, PACKED_CODE);
    /* One empty block: build.c, "Put a dummy relocation entry". */
    memset(writer->image + reloc, 0, RELOC_SIZE);
    bzc_store32(writer->image + reloc + 4, 10);
    if (plan->wide) {
        /* header.S, pecompat_fstart: version, size, machine, entry point, sentinel. */
        memset(writer->image + compat, 0, COMPAT_SIZE);
        writer->image[compat] = 1;
        writer->image[compat + 1] = 8;
        bzc_store16(writer->image + compat + 2, BZC_PE_MACHINE_I386);
        bzc_store32(writer->image + compat + 4, plan->setup_size + BZC_PE_EFI_ENTRY);
    }
}

static void add_paged_sections(struct writer *writer, const struct bzc_pe_plan *plan)
{
    uint32_t text_size = plan->text_end - plan->setup_size;

    add_section(writer, ".setup", PAGE, plan->setup_size - PAGE, plan->setup_size - PAGE, PAGED_SETUP);
    add_section(writer, ".text", plan->setup_size, text_size, text_size, PAGED_CODE);
    if (plan->sbat_size)
        add_section(writer, ".sbat", plan->text_end, plan->data_start - plan->text_end, plan->sbat_size, PAGED_SBAT);
    add_section(writer, ".data", plan->data_start, plan->file_end - plan->data_start,
                plan->size_of_image - plan->data_start, PAGED_DATA);
}

static void write_optional_header(const struct bzc_pe_plan *plan, uint8_t *at)
{
    bool paged = plan->style == BZC_PE_STYLE_PAGED;

    bzc_store16(at, plan->wide ? BZC_PE_MAGIC_PE32_PLUS : BZC_PE_MAGIC_PE32);
    at[2] = 0x02; /* linker 2.20 */
    at[3] = 0x14;
    bzc_store32(at + 4, plan->text_end - plan->setup_size);
    if (paged)
        bzc_store32(at + 8, plan->size_of_image - plan->data_start);
    bzc_store32(at + 16, plan->setup_size + BZC_PE_EFI_ENTRY);
    bzc_store32(at + 20, paged ? plan->setup_size : SECTOR);
    bzc_store32(at + 32, paged ? PAGE : PACKED);
    bzc_store32(at + 36, paged ? SECTOR : PACKED);
    bzc_store32(at + 56, plan->size_of_image);
    bzc_store32(at + 60, paged ? PAGE : SECTOR);
    bzc_store16(at + 68, BZC_PE_SUBSYSTEM_EFI_APPLICATION);
    bzc_store16(at + 70, paged ? BZC_PE_NX_COMPAT : 0);
    bzc_store32(at + (plan->wide ? 108 : 92), DIRECTORIES);
}

void bzc_pe_write(const struct bzc_pe_plan *plan, uint8_t *image)
{
    uint16_t optional_size = (uint16_t)((plan->wide ? 112 : 96) + DIRECTORIES * 8);
    struct writer writer = {image, image + OPTIONAL_HEADER + optional_size, 0};

    memset(image, 0, BOOT_SECTOR_CODE);
    memcpy(image, "MZ", 2);
    bzc_store32(image + E_LFANEW, PE_HEADER);
    memcpy(image + PE_HEADER, "PE", 2);
    bzc_store16(image + COFF_HEADER, plan->wide ? BZC_PE_MACHINE_AMD64 : BZC_PE_MACHINE_I386);
    bzc_store32(image + COFF_HEADER + 12, 1); /* NumberOfSymbols, as in Linux */
    bzc_store16(image + COFF_HEADER + 16, optional_size);
    bzc_store16(image + COFF_HEADER + 18, (uint16_t)(BZC_PE_FILE_EXECUTABLE_IMAGE | DEBUG_STRIPPED |
                                                     LINE_NUMS_STRIPPED | (plan->wide ? 0 : MACHINE_32BIT)));
    write_optional_header(plan, image + OPTIONAL_HEADER);
    if (plan->style == BZC_PE_STYLE_PACKED)
        add_packed_sections(&writer, plan);
    else
        add_paged_sections(&writer, plan);
    bzc_store16(image + COFF_HEADER + 2, (uint16_t)writer.sections);
}
