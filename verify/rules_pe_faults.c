/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rule has the word when several would trip over one fault of a PE file. */
#include "verify/rules_pe.h"

#define OPTIONAL_FIXED_PE32      96u
#define OPTIONAL_FIXED_PE32_PLUS 112u
#define DIRECTORY_SIZE           8u
#define E_LFANEW                 0x3cu
#define DOS_HEADER_SIZE          0x40u
#define PE_SIGNATURE             0x00004550u
#define SINCE_XLOADFLAGS         0x020cu
#define XLF_EFI_HANDOVER         (BZC_XLF_EFI_HANDOVER_32 | BZC_XLF_EFI_HANDOVER_64)

bool bzc_pe_explained(const char *fault, const char *what, struct bzc_verdict *verdict)
{
    if (fault)
        bzc_skip(verdict, "explained by %s: %s", fault, what);
    return fault != NULL;
}

static bool is_x86(struct bzc_bytes file, uint64_t coff)
{
    uint16_t machine;

    return bzc_bytes_u16(file, coff, &machine) && (machine == BZC_PE_MACHINE_AMD64 || machine == BZC_PE_MACHINE_I386);
}

static bool is_signature(struct bzc_bytes file, uint64_t offset)
{
    uint32_t signature;

    return bzc_bytes_u32(file, offset, &signature) && signature == PE_SIGNATURE;
}

/*
 * "MZ" alone may be a DOS program with a setup header, as that of GRUB4DOS, whose e_lfanew means nothing: something
 * else must say that there was a PE header.
 */
static bool lost_its_signature(const struct bzc_image_facts *facts)
{
    struct bzc_bytes file = facts->image.file;
    uint64_t offset = 0, flags = 0;

    bzc_image_field(&facts->image, BZC_FIELD_HANDOVER_OFFSET, &offset);
    bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags);
    if (offset != 0 || flags & XLF_EFI_HANDOVER)
        return true;
    if (facts->pe.e_lfanew >= DOS_HEADER_SIZE && facts->pe.e_lfanew < facts->image.realmode_size &&
        is_x86(file, (uint64_t)facts->pe.e_lfanew + 4))
        return true;
    for (uint64_t at = DOS_HEADER_SIZE; at < bzc_field(BZC_FIELD_SETUP_SECTS)->offset; at += 4) {
        if (is_signature(file, at) && is_x86(file, at + 4))
            return true;
    }
    return false;
}

const char *bzc_pe_signature_fault(const struct bzc_image_facts *facts)
{
    uint32_t e_lfanew;

    if (facts->pe.present || !bzc_image_is_boot_image(&facts->image))
        return NULL;
    if (facts->pe.mz)
        return lost_its_signature(facts) ? "PE-038" : NULL;
    return bzc_bytes_u32(facts->image.file, E_LFANEW, &e_lfanew) && is_signature(facts->image.file, e_lfanew) ? "PE-038"
                                                                                                              : NULL;
}

const char *bzc_pe_handover_flags_fault(const struct bzc_image_facts *facts)
{
    uint64_t offset = 0, flags = 0;

    if (!facts->image.has_header || facts->image.version < SINCE_XLOADFLAGS)
        return NULL;
    bzc_image_field(&facts->image, BZC_FIELD_HANDOVER_OFFSET, &offset);
    bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags);
    if (!(flags & XLF_EFI_HANDOVER))
        return NULL;
    return offset == 0 || (flags & BZC_XLF_EFI_HANDOVER_64 && !(flags & BZC_XLF_KERNEL_64)) ? "PE-029" : NULL;
}

const char *bzc_pe_fields_fault(const struct bzc_pe *pe)
{
    if (bzc_pe_has_fields(pe))
        return NULL;
    return pe->headers_cut ? "PE-002" : "PE-004";
}

static bool has_wrong_optional_size(const struct bzc_pe *pe)
{
    uint64_t fixed = bzc_pe_is_plus(pe) ? OPTIONAL_FIXED_PE32_PLUS : OPTIONAL_FIXED_PE32;

    return !bzc_pe_is_first_stub(pe) &&
           (pe->number_of_rva_and_sizes > BZC_PE_DIRECTORIES_MAX ||
            pe->size_of_optional_header != fixed + (uint64_t)pe->number_of_rva_and_sizes * DIRECTORY_SIZE);
}

static bool lies_over_setup_header(const struct bzc_image_facts *facts)
{
    uint64_t jump, end;

    if (!bzc_image_is_boot_image(&facts->image) || !bzc_image_field(&facts->image, BZC_FIELD_JUMP, &jump))
        return false;
    end = bzc_field(BZC_FIELD_HEADER)->offset + (jump >> 8 & 0xff);
    return facts->pe.section_table_end > bzc_field(BZC_FIELD_SETUP_SECTS)->offset && facts->pe.e_lfanew < end;
}

const char *bzc_pe_table_fault(const struct bzc_image_facts *facts)
{
    const struct bzc_pe *pe = &facts->pe;

    if (!bzc_pe_has_fields(pe))
        return bzc_pe_fields_fault(pe);
    if (pe->headers_cut)
        return "PE-002";
    if (pe->number_of_sections == 0 || pe->number_of_sections > BZC_PE_SECTIONS_MAX)
        return "PE-010";
    if (pe->section_table_cut)
        return "PE-002";
    if (has_wrong_optional_size(pe))
        return "PE-005";
    return lies_over_setup_header(facts) ? "PE-013" : NULL;
}

const char *bzc_pe_headers_size_fault(const struct bzc_image_facts *facts)
{
    const struct bzc_pe *pe = &facts->pe;

    if (pe->size_of_headers > facts->image.file.size)
        return bzc_pe_end_fault(facts) ? bzc_pe_end_fault(facts) : "PE-010";
    return pe->size_of_headers < pe->section_table_end ? "PE-010" : NULL;
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

const char *bzc_pe_alignments_fault(const struct bzc_pe *pe)
{
    if (!bzc_pe_has_fields(pe))
        return bzc_pe_fields_fault(pe);
    return is_power_of_two(pe->section_alignment) && is_power_of_two(pe->file_alignment) &&
                   pe->section_alignment >= pe->file_alignment
               ? NULL
               : "PE-009";
}

const char *bzc_pe_cut_fault(const struct bzc_image_facts *facts)
{
    uint64_t missing;

    return bzc_image_is_boot_image(&facts->image) && bzc_image_is_cut(&facts->image, &missing)
               ? bzc_cut_rule(&facts->image)
               : NULL;
}

const struct bzc_pe_section *bzc_pe_section_outside(const struct bzc_image_facts *facts)
{
    for (size_t i = 0; i < facts->pe.section_count; i++) {
        const struct bzc_pe_section *section = &facts->pe.section[i];

        if (section->size_of_raw_data != 0 &&
            (uint64_t)section->pointer_to_raw_data + section->size_of_raw_data > facts->image.file.size)
            return section;
    }
    return NULL;
}

const char *bzc_pe_end_fault(const struct bzc_image_facts *facts)
{
    return bzc_pe_cut_fault(facts) ? bzc_pe_cut_fault(facts) : bzc_pe_sections_fault(facts);
}

const char *bzc_pe_sections_fault(const struct bzc_image_facts *facts)
{
    const char *table = bzc_pe_table_fault(facts);

    if (table)
        return table;
    return !bzc_pe_cut_fault(facts) && bzc_pe_section_outside(facts) ? "PE-014" : NULL;
}

bool bzc_pe_find_overlap(const struct bzc_pe *pe, size_t *first, size_t *second)
{
    for (size_t i = 0; i < pe->section_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct bzc_pe_section *a = &pe->section[j], *b = &pe->section[i];

            if (a->virtual_address >= b->virtual_address + bzc_pe_section_memory(b) ||
                b->virtual_address >= a->virtual_address + bzc_pe_section_memory(a))
                continue;
            *first = j;
            *second = i;
            return true;
        }
    }
    return false;
}

uint64_t bzc_pe_memory_end(const struct bzc_pe *pe, const struct bzc_pe_section **last)
{
    uint64_t end = pe->size_of_headers;

    *last = NULL;
    for (size_t i = 0; i < pe->section_count; i++) {
        uint64_t section_end = pe->section[i].virtual_address + bzc_pe_section_memory(&pe->section[i]);

        if (section_end > end) {
            end = section_end;
            *last = &pe->section[i];
        }
    }
    return end;
}

const char *bzc_pe_layout_fault(const struct bzc_image_facts *facts)
{
    const struct bzc_pe_section *last;
    const char *sections = bzc_pe_sections_fault(facts);
    size_t first, second;

    if (sections)
        return sections;
    if (!bzc_pe_is_first_stub(&facts->pe) && bzc_pe_find_overlap(&facts->pe, &first, &second))
        return "PE-018";
    /* When the headers alone are too large it is PE-010's fault, or that of SizeOfImage. */
    return facts->pe.size_of_image < bzc_pe_memory_end(&facts->pe, &last) && last ? "PE-011" : NULL;
}

/*
 * The EFI entry finds startup_32, payload and data by their distance from itself, as they are linked: the whole
 * protected-mode part must be loaded with one distance between file offset and address.
 */
void bzc_pe_map_kernel(const struct bzc_image_facts *facts, struct bzc_pe_mapping *mapping)
{
    uint64_t start = facts->image.realmode_size, size = facts->image.pm_declared_size, at = start;
    uint64_t end = start + size < facts->image.file.size ? start + size : facts->image.file.size;
    uint64_t distance = 0;

    *mapping = (struct bzc_pe_mapping){.known = size != 0, .start = start, .end = end};
    /* Sections never move `at` back, so each is looked at once. */
    while (size != 0 && at < end && !mapping->broken) {
        const struct bzc_pe_section *section = bzc_pe_section_of_file(&facts->pe, at, 1);
        uint64_t section_distance = section ? section->virtual_address - (uint64_t)section->pointer_to_raw_data : 0;

        if (at == start)
            distance = section_distance;
        mapping->broken = !section || section_distance != distance;
        mapping->at = at;
        mapping->section = section;
        if (section) {
            mapping->expected = (section->pointer_to_raw_data + distance) & UINT32_MAX;
            at = (uint64_t)section->pointer_to_raw_data + section->size_of_raw_data;
        }
    }
}

const char *bzc_pe_mapping_fault(const struct bzc_image_facts *facts)
{
    const char *layout = bzc_pe_layout_fault(facts);
    struct bzc_pe_mapping mapping;

    if (layout)
        return layout;
    if (facts->system != BZC_SYSTEM_LINUX || !bzc_image_is_boot_image(&facts->image))
        return NULL;
    bzc_pe_map_kernel(facts, &mapping);
    return mapping.broken ? "PE-027" : NULL;
}

const char *bzc_pe_entry_flags_fault(const struct bzc_image_facts *facts)
{
    const struct bzc_pe_section *section = bzc_pe_section_at(&facts->pe, facts->pe.address_of_entry_point);

    return !bzc_pe_layout_fault(facts) && section && !bzc_pe_is_executable(section) ? "PE-023" : NULL;
}
