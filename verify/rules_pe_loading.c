/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about what happens to a PE image when it is loaded: entries, relocations, page protections, the kernel in it.
 */
#include <inttypes.h>

#include "verify/rules_pe.h"

#define PAGE 0x1000u

/* Base relocations: a block's header, and the types that x86 has. */
#define BLOCK_HEADER 8u
#define REL_ABSOLUTE 0u
#define REL_HIGH     1u
#define REL_LOW      2u
#define REL_HIGHLOW  3u
#define REL_DIR64    10u

/* Whether the fields of the optional header could be read; otherwise the verdict is a skip. */
static bool has_fields(const struct bzc_pe *pe, struct bzc_verdict *verdict)
{
    return !bzc_pe_explained(bzc_pe_fields_fault(pe), "the optional header cannot be read", verdict);
}

static bool has_wrong_table(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return bzc_pe_explained(bzc_pe_table_fault(facts), "the section table cannot be trusted", verdict);
}

static void check_entry_point(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const struct bzc_pe_section *section = bzc_pe_section_at(pe, pe->address_of_entry_point);
    const char *fault;

    (void)run;
    if (has_wrong_table(facts, verdict))
        return;
    if (section && bzc_pe_is_executable(section) && bzc_pe_has_bytes_at(section, pe->address_of_entry_point))
        return;
    /* What a section that holds the entry may do does not depend on how the kernel is mapped. */
    fault = section && !bzc_pe_is_executable(section) ? bzc_pe_layout_fault(facts) : bzc_pe_mapping_fault(facts);
    if (bzc_pe_explained(fault, "the sections are not where they should be", verdict))
        return;
    if (!section)
        bzc_fail(verdict, "the entry point lies in no section");
    else if (!bzc_pe_is_executable(section))
        bzc_fail(verdict, "the entry point lies in section %s, which is not executable", section->name);
    else
        bzc_fail(verdict, "the entry point lies in section %s behind its bytes in the file", section->name);
    bzc_where(verdict, "AddressOfEntryPoint");
    bzc_expected(verdict, "in the bytes of a section with IMAGE_SCN_MEM_EXECUTE");
    bzc_actual(verdict, "0x%" PRIx32, pe->address_of_entry_point);
}

/* ---- base relocations ---- */

/* Bytes that a relocation changes; 0 for a type that x86 does not have. */
static unsigned relocation_width(unsigned type, bool *known)
{
    *known = true;
    switch (type) {
    case REL_ABSOLUTE:
        return 0;
    case REL_HIGH:
    case REL_LOW:
        return 2;
    case REL_HIGHLOW:
        return 4;
    case REL_DIR64:
        return 8;
    default:
        *known = false;
        return 0;
    }
}

/* One block at `at` of the table. False when something is wrong; the verdict says what. */
static bool check_block(const struct bzc_pe *pe, struct bzc_bytes table, uint64_t at, uint32_t size,
                        struct bzc_verdict *verdict)
{
    uint32_t page = bzc_load32(table.data + at);

    for (uint64_t entry = at + BLOCK_HEADER; entry + 2 <= at + size; entry += 2) {
        uint16_t value = bzc_load16(table.data + entry);
        uint64_t target = (uint64_t)page + (value & 0xfff);
        bool known;
        unsigned width = relocation_width(value >> 12, &known);

        if (!known) {
            bzc_fail(verdict, "a base relocation has a type that x86 does not have");
            bzc_expected(verdict, "0, 1, 2, 3 or 10");
            bzc_actual(verdict, "%u", value >> 12);
            return false;
        }
        if (width > 0 && target + width > pe->size_of_image) {
            bzc_fail(verdict, "a base relocation changes memory behind the image");
            bzc_expected(verdict, "an end of at most 0x%" PRIx32 " (SizeOfImage)", pe->size_of_image);
            bzc_actual(verdict, "0x%" PRIx64 " to 0x%" PRIx64, target, target + width);
            return false;
        }
    }
    return true;
}

static void check_base_relocations(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const struct bzc_pe_directory *directory = bzc_pe_directory(pe, BZC_PE_DIRECTORY_BASE_RELOCATION);
    const struct bzc_pe_section *section;
    struct bzc_bytes table;
    uint64_t at = 0, offset;

    (void)run;
    if (!directory) {
        bzc_skip(verdict, "the file has no base relocations");
        return;
    }
    if (has_wrong_table(facts, verdict) ||
        bzc_pe_explained(bzc_pe_end_fault(facts), "the file does not hold all sections", verdict))
        return;
    section = bzc_pe_section_at(pe, directory->virtual_address);
    if (!section || directory->virtual_address - section->virtual_address > section->size_of_raw_data ||
        directory->size > section->size_of_raw_data - (directory->virtual_address - section->virtual_address)) {
        bzc_fail(verdict, "the base relocations lie in the bytes of no section");
        bzc_where(verdict, "data directory 5");
        bzc_actual(verdict, "0x%" PRIx32 " to 0x%" PRIx64, directory->virtual_address,
                   (uint64_t)directory->virtual_address + directory->size);
        return;
    }
    offset = (uint64_t)section->pointer_to_raw_data + (directory->virtual_address - section->virtual_address);
    table = bzc_bytes_slice(facts->image.file, offset, directory->size);
    while (at < table.size) {
        uint32_t size = 0;

        if (!bzc_bytes_u32(table, at + 4, &size) || size < BLOCK_HEADER || !bzc_bytes_has(table, at, size)) {
            bzc_fail(verdict, "a block of base relocations does not fit the table");
            bzc_where(verdict, "base relocations, block at file offset 0x%" PRIx64, offset + at);
            bzc_expected(verdict, "a size of 0x8 to 0x%" PRIx64 " bytes", table.size - at);
            bzc_actual(verdict, "0x%" PRIx32, size);
            return;
        }
        if (!check_block(pe, table, at, size, verdict)) {
            bzc_where(verdict, "base relocations, block at file offset 0x%" PRIx64, offset + at);
            return;
        }
        at += size;
    }
}

/* ---- page protections ---- */

static void check_nx(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const uint32_t both = BZC_PE_SECTION_EXECUTE | BZC_PE_SECTION_WRITE;

    (void)run;
    if (!(pe->dll_characteristics & BZC_PE_NX_COMPAT)) {
        bzc_skip(verdict, "the file does not promise NX_COMPAT");
        return;
    }
    if (has_wrong_table(facts, verdict) ||
        bzc_pe_explained(bzc_pe_alignments_fault(pe), "the alignments cannot be used", verdict))
        return;
    if (pe->section_alignment % PAGE != 0) {
        bzc_fail(verdict, "the file promises NX_COMPAT, but its sections share pages");
        bzc_where(verdict, "SectionAlignment");
        bzc_expected(verdict, "a multiple of 0x1000");
        bzc_actual(verdict, "0x%" PRIx32, pe->section_alignment);
        return;
    }
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];

        if ((section->characteristics & both) != both)
            continue;
        bzc_fail(verdict, "the file promises NX_COMPAT, but a section is writable and executable");
        bzc_where(verdict, "section %zu (%s), Characteristics", i, section->name);
        bzc_expected(verdict, "not both IMAGE_SCN_MEM_WRITE and IMAGE_SCN_MEM_EXECUTE");
        bzc_actual(verdict, "0x%" PRIx32, section->characteristics);
        return;
    }
}

static void check_nx_promised(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    (void)run;
    if (!has_fields(&facts->pe, verdict) || facts->pe.dll_characteristics & BZC_PE_NX_COMPAT)
        return;
    bzc_fail(verdict, "the file does not promise to run with write and execute protection");
    bzc_where(verdict, "DllCharacteristics");
    bzc_expected(verdict, "IMAGE_DLLCHARACTERISTICS_NX_COMPAT (0x100)");
    bzc_actual(verdict, "0x%x", facts->pe.dll_characteristics);
}

static const struct bzc_rule rules[] = {
    {
        .id = "PE-023",
        .name = "pe-entry-point",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the entry point lies in the code of a section",
        .spec = "PE Format, Optional Header Standard Fields: AddressOfEntryPoint",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_entry_point,
    },
    {
        .id = "PE-024",
        .name = "pe-base-relocations",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the base relocations can be applied",
        .spec = "PE Format, The .reloc Section (Image Only)",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_FILE,
        .check = check_base_relocations,
    },
    {
        .id = "PE-025",
        .name = "pe-nx-compat",
        .severity = BZC_SEVERITY_WARNING,
        .title = "a file that promises NX_COMPAT keeps code and writable data on pages of their own",
        .spec = "PE Format, DLL Characteristics; UEFI, Memory Protection",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_nx,
    },
    {
        .id = "PE-026",
        .name = "pe-nx-promised",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the file promises NX_COMPAT",
        .spec = "PE Format, DLL Characteristics",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_nx_promised,
    },
};

const struct bzc_rule_family bzc_rules_pe_loading = {rules, sizeof(rules) / sizeof(rules[0])};
