/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/elf_tables.h"

#include <string.h>

#define SHT_NULL   0u
#define SHT_NOBITS 8u
#define SHF_ALLOC  2u
#define SHF_TLS    0x400u
#define PT_LOAD    1u
#define PT_TLS     7u

enum { IDENT_CLASS = 4, IDENT_DATA = 5, IDENT_OSABI = 7, IDENT_ABIVERSION = 8, DATA_LITTLE = 1 };

/* Offsets of the fields, by class. `word` is the size of addresses. */
struct layout {
    unsigned word, header_size;
    unsigned phoff, shoff, flags; /* flags and the 16-bit numbers behind it */
    unsigned program_size, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
    unsigned section_size, s_flags, s_addr, s_offset, s_size;
};
static const struct layout layout32 = {4, 52, 28, 32, 36, 32, 24, 4, 8, 12, 16, 20, 28, 40, 8, 12, 16, 20};
static const struct layout layout64 = {8, 64, 32, 40, 48, 56, 4, 8, 16, 24, 32, 40, 48, 64, 8, 16, 24, 32};

/* A field, zero where the file ends before it. */
static uint64_t get(struct bzc_bytes file, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    bzc_bytes_uint(file, offset, size, &value);
    return value;
}

static bool read_header(struct bzc_bytes file, const struct layout *layout, struct bzc_elf_tables *tables)
{
    if (file.size < layout->header_size)
        return false;
    tables->osabi = file.data[IDENT_OSABI];
    tables->abiversion = file.data[IDENT_ABIVERSION];
    tables->type = (uint16_t)get(file, 16, 2);
    tables->machine = (uint16_t)get(file, 18, 2);
    tables->version = (uint32_t)get(file, 20, 4);
    tables->entry = get(file, 24, layout->word);
    tables->phoff = get(file, layout->phoff, layout->word);
    tables->shoff = get(file, layout->shoff, layout->word);
    tables->flags = (uint32_t)get(file, layout->flags, 4);
    tables->ehsize = (uint16_t)get(file, layout->flags + 4, 2);
    tables->phentsize = (uint16_t)get(file, layout->flags + 6, 2);
    tables->phnum = (uint16_t)get(file, layout->flags + 8, 2);
    tables->shentsize = (uint16_t)get(file, layout->flags + 10, 2);
    tables->shnum = (uint16_t)get(file, layout->flags + 12, 2);
    tables->shstrndx = (uint16_t)get(file, layout->flags + 14, 2);
    return true;
}

/* The bytes of row `index` of a table, of size 0 where it is not wholly in the file. */
static struct bzc_bytes row_of(struct bzc_bytes file, uint64_t table, size_t index, unsigned size)
{
    struct bzc_bytes none = {0};
    uint64_t distance = (uint64_t)index * size;

    if (table > file.size || !bzc_bytes_has(file, table + distance, size))
        return none;
    return bzc_bytes_slice(file, table + distance, size);
}

static void read_programs(struct bzc_bytes file, const struct layout *layout, struct bzc_elf_tables *tables)
{
    unsigned word = layout->word;

    if (tables->phentsize != layout->program_size)
        return;
    while (tables->program_count < tables->phnum && tables->program_count < BZC_ELF_PROGRAMS_MAX) {
        struct bzc_bytes row = row_of(file, tables->phoff, tables->program_count, layout->program_size);
        struct bzc_elf_program *program = &tables->program[tables->program_count];

        if (row.size == 0)
            return;
        program->type = (uint32_t)get(row, 0, 4);
        program->flags = (uint32_t)get(row, layout->p_flags, 4);
        program->offset = get(row, layout->p_offset, word);
        program->vaddr = get(row, layout->p_vaddr, word);
        program->paddr = get(row, layout->p_paddr, word);
        program->filesz = get(row, layout->p_filesz, word);
        program->memsz = get(row, layout->p_memsz, word);
        program->align = get(row, layout->p_align, word);
        tables->program_count++;
    }
}

/* A name may be cut by the end of the room, so that bzc_bytes_string() will not do. */
static void read_name(struct bzc_bytes names, uint32_t offset, char name[BZC_ELF_SECTION_NAME_MAX])
{
    for (size_t i = 0; i + 1 < BZC_ELF_SECTION_NAME_MAX; i++) {
        uint8_t byte;

        if (!bzc_bytes_u8(names, (uint64_t)offset + i, &byte) || byte == 0)
            return;
        name[i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
}

static void read_sections(struct bzc_bytes file, const struct layout *layout, struct bzc_elf_tables *tables)
{
    struct bzc_bytes names = {0}, row;
    unsigned word = layout->word;

    if (tables->shentsize != layout->section_size)
        return;
    row = row_of(file, tables->shoff, tables->shstrndx, layout->section_size);
    if (tables->shstrndx != 0 && tables->shstrndx < tables->shnum && row.size != 0)
        names = bzc_bytes_slice(file, get(row, layout->s_offset, word), get(row, layout->s_size, word));
    while (tables->section_count < tables->shnum && tables->section_count < BZC_ELF_SECTIONS_MAX) {
        struct bzc_elf_section *section = &tables->section[tables->section_count];

        row = row_of(file, tables->shoff, tables->section_count, layout->section_size);
        if (row.size == 0)
            return;
        read_name(names, (uint32_t)get(row, 0, 4), section->name);
        section->type = (uint32_t)get(row, 4, 4);
        section->flags = get(row, layout->s_flags, word);
        section->addr = get(row, layout->s_addr, word);
        section->offset = get(row, layout->s_offset, word);
        section->size = get(row, layout->s_size, word);
        tables->section_count++;
    }
}

bool bzc_elf_tables_read(struct bzc_bytes file, struct bzc_elf_tables *tables)
{
    const struct layout *layout;

    memset(tables, 0, sizeof(*tables));
    if (file.size < 16 || memcmp(file.data, "\177ELF", 4) != 0 || file.data[IDENT_DATA] != DATA_LITTLE ||
        file.data[IDENT_CLASS] < 1 || file.data[IDENT_CLASS] > 2)
        return false;
    tables->bits = file.data[IDENT_CLASS] == 2 ? 64 : 32;
    layout = tables->bits == 64 ? &layout64 : &layout32;
    if (!read_header(file, layout, tables))
        return false;
    read_programs(file, layout, tables);
    read_sections(file, layout, tables);
    return true;
}

/* ---- names ---- */

struct name {
    uint32_t number;
    const char *text;
};

static const char *find_name(const struct name *names, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].number == number)
            return names[i].text;
    }
    return NULL;
}

const char *bzc_elf_type_name(uint16_t type)
{
    static const struct name names[] = {{0, "NONE"}, {1, "REL"}, {2, "EXEC"}, {3, "DYN"}, {4, "CORE"}};

    return find_name(names, sizeof(names) / sizeof(names[0]), type);
}

const char *bzc_elf_program_type_name(uint32_t type)
{
    static const struct name names[] = {
        {0, "NULL"},
        {1, "LOAD"},
        {2, "DYNAMIC"},
        {3, "INTERP"},
        {4, "NOTE"},
        {5, "SHLIB"},
        {6, "PHDR"},
        {7, "TLS"},
        {0x6474e550, "GNU_EH_FRAME"},
        {0x6474e551, "GNU_STACK"},
        {0x6474e552, "GNU_RELRO"},
        {0x6474e553, "GNU_PROPERTY"},
    };

    return find_name(names, sizeof(names) / sizeof(names[0]), type);
}

const char *bzc_elf_machine_name(uint16_t machine)
{
    static const struct name names[] = {{3, "Intel 80386"}, {62, "x86-64"}};

    return find_name(names, sizeof(names) / sizeof(names[0]), machine);
}

const char *bzc_elf_osabi_name(uint8_t osabi)
{
    static const struct name names[] = {{0, "System V"}, {3, "GNU/Linux"}, {9, "FreeBSD"}, {255, "standalone"}};

    return find_name(names, sizeof(names) / sizeof(names[0]), osabi);
}

/* [start, start+size) inside [around, around+length), the end included for an empty one at its start only. */
static bool inside(uint64_t start, uint64_t size, uint64_t around, uint64_t length)
{
    if (start < around || start - around > length || size > length - (start - around))
        return false;
    return size > 0 || start - around < length;
}

bool bzc_elf_section_is_in(const struct bzc_elf_section *section, const struct bzc_elf_program *program)
{
    bool tls = (section->flags & SHF_TLS) != 0;

    if (section->type == SHT_NULL || program->memsz == 0)
        return false;
    if (tls && section->type == SHT_NOBITS && program->type != PT_TLS)
        return false;
    if (!tls && program->type == PT_TLS)
        return false;
    if ((section->flags & SHF_ALLOC) == 0 && program->type == PT_LOAD)
        return false;
    if (section->type != SHT_NOBITS && !inside(section->offset, section->size, program->offset, program->filesz))
        return false;
    return (section->flags & SHF_ALLOC) == 0 || inside(section->addr, section->size, program->vaddr, program->memsz);
}
