/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/pe.h"

#include <string.h>

#define DOS_MAGIC        0x5a4du /* "MZ" */
#define DOS_E_LFANEW     0x3cu
#define PE_SIGNATURE     0x00004550u /* "PE\0\0" */
#define COFF_HEADER_SIZE 20u
#define SECTION_SIZE     40u
#define DIRECTORY_SIZE   8u
#define NAME_SIZE        8u

/* Where the fields of the optional header lie, in bytes from its start; those before ImageBase lie alike. */
enum {
    OPT_SIZE_OF_CODE = 4,
    OPT_ENTRY_POINT = 16,
    OPT_SECTION_ALIGNMENT = 32,
    OPT_FILE_ALIGNMENT = 36,
    OPT_WIN32_VERSION = 52,
    OPT_SIZE_OF_IMAGE = 56,
    OPT_SIZE_OF_HEADERS = 60,
    OPT_CHECK_SUM = 64,
    OPT_SUBSYSTEM = 68,
    OPT_DLL_CHARACTERISTICS = 70,
};
struct layout {
    unsigned image_base, image_base_size, loader_flags, number_of_rva_and_sizes, directories;
};
static const struct layout layout32 = {28, 4, 88, 92, 96};
static const struct layout layout64 = {24, 8, 104, 108, 112};

/* A field of a header, zero where the span ends before it. */
static uint64_t get(struct bzc_bytes span, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    bzc_bytes_uint(span, offset, size, &value);
    return value;
}

static uint16_t get16(struct bzc_bytes span, uint64_t offset)
{
    return (uint16_t)get(span, offset, 2);
}

static uint32_t get32(struct bzc_bytes span, uint64_t offset)
{
    return (uint32_t)get(span, offset, 4);
}

static void read_directories(struct bzc_bytes header, const struct layout *layout, struct bzc_pe *pe)
{
    pe->directory_offset = pe->optional_header_offset + layout->directories;
    while (pe->directory_count < BZC_PE_DIRECTORIES_MAX && pe->directory_count < pe->number_of_rva_and_sizes) {
        uint64_t at = layout->directories + (uint64_t)pe->directory_count * DIRECTORY_SIZE;

        if (!bzc_bytes_has(header, at, DIRECTORY_SIZE))
            return;
        pe->directory[pe->directory_count].virtual_address = get32(header, at);
        pe->directory[pe->directory_count].size = get32(header, at + 4);
        pe->directory_count++;
    }
}

static void read_optional_header(struct bzc_bytes file, struct bzc_pe *pe)
{
    struct bzc_bytes header = bzc_bytes_slice(file, pe->optional_header_offset, pe->size_of_optional_header);
    const struct layout *layout;

    pe->headers_cut |= header.size < pe->size_of_optional_header;
    pe->magic = get16(header, 0);
    if (!bzc_pe_has_fields(pe))
        return;
    layout = bzc_pe_is_plus(pe) ? &layout64 : &layout32;
    pe->size_of_code = get32(header, OPT_SIZE_OF_CODE);
    pe->address_of_entry_point = get32(header, OPT_ENTRY_POINT);
    pe->image_base = get(header, layout->image_base, layout->image_base_size);
    pe->section_alignment = get32(header, OPT_SECTION_ALIGNMENT);
    pe->file_alignment = get32(header, OPT_FILE_ALIGNMENT);
    pe->win32_version_value = get32(header, OPT_WIN32_VERSION);
    pe->size_of_image = get32(header, OPT_SIZE_OF_IMAGE);
    pe->size_of_headers = get32(header, OPT_SIZE_OF_HEADERS);
    pe->check_sum = get32(header, OPT_CHECK_SUM);
    pe->check_sum_offset = pe->optional_header_offset + OPT_CHECK_SUM;
    pe->subsystem = get16(header, OPT_SUBSYSTEM);
    pe->dll_characteristics = get16(header, OPT_DLL_CHARACTERISTICS);
    pe->loader_flags = get32(header, layout->loader_flags);
    pe->number_of_rva_and_sizes = get32(header, layout->number_of_rva_and_sizes);
    read_directories(header, layout, pe);
}

static void read_section(struct bzc_bytes row, struct bzc_pe_section *section)
{
    for (size_t i = 0; i < NAME_SIZE && row.data[i] != 0; i++)
        section->name[i] = row.data[i] > 0x20 && row.data[i] < 0x7f ? (char)row.data[i] : '?';
    section->virtual_size = get32(row, 8);
    section->virtual_address = get32(row, 12);
    section->size_of_raw_data = get32(row, 16);
    section->pointer_to_raw_data = get32(row, 20);
    section->characteristics = get32(row, 36);
}

static void read_sections(struct bzc_bytes file, struct bzc_pe *pe)
{
    pe->section_table_offset = pe->optional_header_offset + pe->size_of_optional_header;
    pe->section_table_end = pe->section_table_offset + (uint64_t)pe->number_of_sections * SECTION_SIZE;
    pe->section_table_cut = pe->section_table_end > file.size;
    while (pe->section_count < pe->number_of_sections && pe->section_count < BZC_PE_SECTIONS_MAX) {
        struct bzc_pe_section *section = &pe->section[pe->section_count];
        uint64_t offset = pe->section_table_offset + (uint64_t)pe->section_count * SECTION_SIZE;

        if (!bzc_bytes_has(file, offset, SECTION_SIZE))
            return;
        section->header_offset = offset;
        read_section(bzc_bytes_slice(file, offset, SECTION_SIZE), section);
        pe->section_count++;
    }
}

void bzc_pe_parse(struct bzc_bytes file, struct bzc_pe *pe)
{
    uint64_t coff;

    memset(pe, 0, sizeof(*pe));
    pe->mz = get16(file, 0) == DOS_MAGIC;
    if (!pe->mz)
        return;
    pe->e_lfanew = get32(file, DOS_E_LFANEW);
    pe->present = get32(file, pe->e_lfanew) == PE_SIGNATURE;
    if (!pe->present)
        return;
    coff = (uint64_t)pe->e_lfanew + 4;
    pe->headers_cut = !bzc_bytes_has(file, coff, COFF_HEADER_SIZE);
    pe->machine = get16(file, coff);
    pe->number_of_sections = get16(file, coff + 2);
    pe->pointer_to_symbol_table = get32(file, coff + 8);
    pe->number_of_symbols = get32(file, coff + 12);
    pe->size_of_optional_header = get16(file, coff + 16);
    pe->characteristics = get16(file, coff + 18);
    pe->optional_header_offset = coff + COFF_HEADER_SIZE;
    read_optional_header(file, pe);
    read_sections(file, pe);
}

const struct bzc_pe_directory *bzc_pe_directory(const struct bzc_pe *pe, enum bzc_pe_directory_id id)
{
    return (size_t)id < pe->directory_count && pe->directory[id].size != 0 ? &pe->directory[id] : NULL;
}

const struct bzc_pe_section *bzc_pe_section_by_name(const struct bzc_pe *pe, const char *name, size_t from,
                                                    size_t *index)
{
    for (size_t i = from; i < pe->section_count; i++) {
        if (strcmp(pe->section[i].name, name) == 0) {
            if (index)
                *index = i;
            return &pe->section[i];
        }
    }
    return NULL;
}

uint64_t bzc_pe_section_memory(const struct bzc_pe_section *section)
{
    return section->virtual_size != 0 ? section->virtual_size : section->size_of_raw_data;
}

const struct bzc_pe_section *bzc_pe_section_at(const struct bzc_pe *pe, uint64_t rva)
{
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];

        if (rva >= section->virtual_address && rva - section->virtual_address < bzc_pe_section_memory(section))
            return section;
    }
    return NULL;
}

const struct bzc_pe_section *bzc_pe_section_of_file(const struct bzc_pe *pe, uint64_t offset, uint64_t size)
{
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        uint64_t start = section->pointer_to_raw_data;

        if (offset >= start && offset - start <= section->size_of_raw_data &&
            size <= section->size_of_raw_data - (offset - start))
            return section;
    }
    return NULL;
}

struct bzc_bytes bzc_pe_section_bytes(const struct bzc_pe_section *section, struct bzc_bytes file)
{
    uint32_t size =
        section->virtual_size < section->size_of_raw_data ? section->virtual_size : section->size_of_raw_data;

    return bzc_bytes_slice(file, section->pointer_to_raw_data, size);
}

/* Adding 32-bit words and folding once gives the same sum modulo 0xffff as adding 16-bit words. */
static uint64_t add_words(struct bzc_bytes bytes)
{
    uint64_t sum = 0;
    size_t at = 0;

    for (; at + 4 <= bytes.size; at += 4)
        sum += bzc_load32(bytes.data + at);
    if (at + 2 <= bytes.size) {
        sum += bzc_load16(bytes.data + at);
        at += 2;
    }
    if (at < bytes.size)
        sum += bytes.data[at];
    return sum;
}

uint32_t bzc_pe_compute_check_sum(const struct bzc_pe *pe, struct bzc_bytes file)
{
    uint64_t sum = add_words(file);

    /* Taken out again modulo 0xffff, wherever the field lies. */
    sum += 4 * 0xffff;
    for (uint64_t at = pe->check_sum_offset; at < pe->check_sum_offset + 4; at++) {
        uint8_t byte = 0;

        bzc_bytes_u8(file, at, &byte);
        sum -= (uint64_t)byte << (at % 2 * 8);
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)(sum + file.size);
}
