/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PE headers of an image that becomes ELF-wrapped. What the EFI stub's section begins with moves, the section
 * stays: it grows by what is put in front, and everything behind moves, so that there is neither a gap nor another
 * alignment.
 *
 * Source: Microsoft, "PE Format": "Optional Header", "Section Table (Section Headers)", "The .reloc Section"; for
 * .compat Linux, arch/x86/boot/header.S ("so loaders can figure out which other execution modes this image supports").
 */
#include <string.h>

#include "loader/wrap_parts.h"

#define DIRECTORY_SIZE    8u
#define COMPAT_PE         1u
#define COMPAT_PE_SIZE    8u
#define RELOCATION_HEADER 8u

/* Offsets in the optional header. */
#define SIZE_OF_CODE  4u
#define ENTRY_POINT   16u
#define BASE_OF_CODE  20u
#define BASE_OF_DATA  24u
#define SIZE_OF_IMAGE 56u
/* Offsets in a row of the section table. */
#define VIRTUAL_SIZE    8u
#define VIRTUAL_ADDRESS 12u
#define RAW_SIZE        16u
#define RAW_POINTER     20u

struct pe_change {
    uint8_t *file;
    size_t size;
    const struct bzc_pe *pe;
    const struct bzc_wrap_hole *hole;
    const struct bzc_pe_section *around; /* the section that holds the hole */
    uint64_t rva;                        /* of the hole */
    struct bzc_wrapped *wrapped;
};

static void set_field(struct pe_change *change, uint64_t at, uint64_t value, const char *name)
{
    uint32_t before = bzc_load32(change->file + at);

    bzc_store32(change->file + at, (uint32_t)value);
    bzc_wrap_note(change->wrapped, before, value, "PE %s", name);
}

static void set_section(struct pe_change *change, const struct bzc_pe_section *section, uint64_t at, uint64_t value,
                        const char *name)
{
    uint8_t *field = change->file + section->header_offset + at;

    bzc_wrap_note(change->wrapped, bzc_load32(field), value, "%s %s", section->name, name);
    bzc_store32(field, (uint32_t)value);
}

static bool holds_hole(const struct bzc_pe_section *section, uint64_t at)
{
    return section->pointer_to_raw_data <= at && at - section->pointer_to_raw_data < section->size_of_raw_data;
}

static bool lies_behind(const struct pe_change *change, const struct bzc_pe_section *section)
{
    return section->size_of_raw_data ? section->pointer_to_raw_data > change->hole->at
                                     : section->virtual_address > change->rva;
}

/* "SizeOfImage" was made large enough to unpack the kernel in place: then it must be for the larger init_size, too. */
static uint32_t growth_in_place(const struct pe_change *change)
{
    const struct bzc_wrap_hole *hole = change->hole;

    return hole->init_size && change->pe->size_of_image >= hole->init_size ? hole->grown : 0;
}

static const struct bzc_pe_section *last_section(const struct bzc_pe *pe)
{
    const struct bzc_pe_section *last = &pe->section[0];

    for (size_t i = 1; i < pe->section_count; i++) {
        if (pe->section[i].virtual_address > last->virtual_address)
            last = &pe->section[i];
    }
    return last;
}

static void adjust_sections(struct pe_change *change)
{
    const struct bzc_pe_section *last = last_section(change->pe);
    uint32_t shift = change->hole->shift;

    for (size_t i = 0; i < change->pe->section_count; i++) {
        const struct bzc_pe_section *section = &change->pe->section[i];
        uint64_t virtual_size = section->virtual_size;

        if (section == change->around) {
            virtual_size += virtual_size ? shift : 0;
            set_section(change, section, RAW_SIZE, (uint64_t)section->size_of_raw_data + shift, "SizeOfRawData");
        } else if (lies_behind(change, section)) {
            set_section(change, section, VIRTUAL_ADDRESS, (uint64_t)section->virtual_address + shift, "VirtualAddress");
            if (section->size_of_raw_data)
                set_section(change, section, RAW_POINTER, (uint64_t)section->pointer_to_raw_data + shift,
                            "PointerToRawData");
        }
        if (section == last && virtual_size)
            virtual_size += growth_in_place(change);
        set_section(change, section, VIRTUAL_SIZE, virtual_size, "VirtualSize");
    }
}

static void adjust_optional_header(struct pe_change *change)
{
    const struct bzc_pe *pe = change->pe;
    uint64_t header = pe->optional_header_offset;
    uint32_t shift = change->hole->shift, in_place = growth_in_place(change);
    uint32_t base_of_code = bzc_load32(change->file + header + BASE_OF_CODE);

    if (change->around->characteristics & BZC_PE_SECTION_CODE)
        set_field(change, header + SIZE_OF_CODE,
                  (uint64_t)pe->size_of_code + shift + (change->around == last_section(pe) ? in_place : 0),
                  "SizeOfCode");
    if (pe->address_of_entry_point >= change->rva)
        set_field(change, header + ENTRY_POINT, (uint64_t)pe->address_of_entry_point + shift, "AddressOfEntryPoint");
    if (base_of_code > change->rva)
        set_field(change, header + BASE_OF_CODE, (uint64_t)base_of_code + shift, "BaseOfCode");
    if (!bzc_pe_is_plus(pe) && bzc_load32(change->file + header + BASE_OF_DATA) > change->rva)
        set_field(change, header + BASE_OF_DATA, (uint64_t)bzc_load32(change->file + header + BASE_OF_DATA) + shift,
                  "BaseOfData");
    set_field(change, header + SIZE_OF_IMAGE, (uint64_t)pe->size_of_image + shift + in_place, "SizeOfImage");
}

/* Entry points for other machines: (type, size, data...) until type 0. */
static void adjust_compat(struct pe_change *change, const struct bzc_pe_section *section)
{
    uint64_t at = section->pointer_to_raw_data + (lies_behind(change, section) ? change->hole->shift : 0);
    struct bzc_bytes bytes =
        bzc_bytes_slice((struct bzc_bytes){change->file, change->size}, at, section->size_of_raw_data);
    uint64_t offset = 0;
    uint8_t type, size;
    uint32_t entry;

    while (bzc_bytes_u8(bytes, offset, &type) && type && bzc_bytes_u8(bytes, offset + 1, &size) && size >= 2) {
        if (type == COMPAT_PE && size >= COMPAT_PE_SIZE && bzc_bytes_u32(bytes, offset + 4, &entry) &&
            entry >= change->rva)
            set_field(change, at + offset + 4, (uint64_t)entry + change->hole->shift, ".compat entry point");
        offset += size;
    }
}

/* A relocation names a page by its RVA. Linux's image has none, or one entry that says "nothing". */
static bool has_relocations(const struct bzc_pe *pe, struct bzc_bytes file)
{
    const struct bzc_pe_directory *directory = bzc_pe_directory(pe, BZC_PE_DIRECTORY_BASE_RELOCATION);
    const struct bzc_pe_section *section = directory ? bzc_pe_section_at(pe, directory->virtual_address) : NULL;
    struct bzc_bytes table;
    uint16_t entry;

    if (!directory)
        return false;
    if (!section)
        return true;
    table = bzc_bytes_slice(
        file, (uint64_t)section->pointer_to_raw_data + directory->virtual_address - section->virtual_address,
        directory->size);
    if (table.size != directory->size)
        return true;
    for (uint64_t at = 0; bzc_bytes_has(table, at, RELOCATION_HEADER);) {
        uint32_t block = bzc_load32(table.data + at + 4);

        if (block < RELOCATION_HEADER || !bzc_bytes_has(table, at, block))
            return true;
        for (uint64_t i = RELOCATION_HEADER; i + 2 <= block; i += 2) {
            if (bzc_bytes_u16(table, at + i, &entry) && entry >> 12 != 0)
                return true;
        }
        at += block;
    }
    return false;
}

static enum bzc_status check(struct pe_change *change, struct bzc_bytes old_file, struct bzc_error *err)
{
    const struct bzc_pe *pe = change->pe;

    if (!bzc_pe_has_fields(pe) || pe->headers_cut || pe->section_table_cut ||
        pe->section_count != pe->number_of_sections || pe->section_table_end > change->hole->at ||
        pe->size_of_optional_header < SIZE_OF_IMAGE + 4)
        return bzc_error_set(err, BZC_ERR_FORMAT, "its PE headers are damaged");
    for (size_t i = 0; i < pe->section_count; i++) {
        if (holds_hole(&pe->section[i], change->hole->at))
            change->around = &pe->section[i];
    }
    if (!change->around)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "no section of its PE headers holds the start of the protected-mode part");
    change->rva = change->around->virtual_address + (change->hole->at - change->around->pointer_to_raw_data);
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];

        if (section != change->around && lies_behind(change, section) != (section->virtual_address > change->rva))
            return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                                 "its PE sections have another order in the file than in memory");
    }
    for (size_t i = 0; i < pe->directory_count; i++) {
        if (pe->directory[i].size && i != BZC_PE_DIRECTORY_CERTIFICATE && i != BZC_PE_DIRECTORY_BASE_RELOCATION)
            return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                                 "its PE headers have a data directory (%zu) that cannot be moved", i);
    }
    if (has_relocations(pe, old_file))
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "its PE headers have base relocations");
    return BZC_OK;
}

enum bzc_status bzc_wrap_adjust_pe(uint8_t *file, size_t size, const struct bzc_pe *pe,
                                   const struct bzc_wrap_hole *hole, struct bzc_wrapped *wrapped, struct bzc_error *err)
{
    struct pe_change change = {.file = file, .size = size, .pe = pe, .hole = hole, .wrapped = wrapped};
    /* A relocation table lies in front of the hole or is refused for being behind it. */
    enum bzc_status status = check(&change, (struct bzc_bytes){file, (size_t)hole->at}, err);

    if (status != BZC_OK)
        return status;
    adjust_optional_header(&change);
    if (pe->directory_count > BZC_PE_DIRECTORY_CERTIFICATE)
        bzc_store64(file + pe->directory_offset + (uint64_t)BZC_PE_DIRECTORY_CERTIFICATE * DIRECTORY_SIZE, 0);
    adjust_sections(&change);
    for (size_t i = 0; i < pe->section_count; i++) {
        if (strcmp(pe->section[i].name, ".compat") == 0)
            adjust_compat(&change, &pe->section[i]);
    }
    return BZC_OK;
}
