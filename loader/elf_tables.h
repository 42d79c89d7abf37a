/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header and the program headers of an ELF file as they stand there, for people and programs that want to see all
 * of them, also those of a damaged file. What booting needs, checked, and the sections are in loader/elf.h.
 *
 * Source: System V ABI, "ELF Header", "Program Header".
 */
#ifndef BZC_LOADER_ELF_TABLES_H
#define BZC_LOADER_ELF_TABLES_H

#include "base/bytes.h"

#define BZC_PT_NOTE 4u

#define BZC_ELF_PROGRAMS_MAX     64
#define BZC_ELF_SECTIONS_MAX     256
#define BZC_ELF_SECTION_NAME_MAX 40

struct bzc_elf_program {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct bzc_elf_section {
    char name[BZC_ELF_SECTION_NAME_MAX]; /* printable, cut at its end; "" when there is no name */
    uint32_t type;                       /* SHT_SYMTAB 2, SHT_RELA 4, SHT_NOBITS 8, SHT_REL 9 */
    uint64_t flags;                      /* SHF_WRITE 1, SHF_ALLOC 2, SHF_EXECINSTR 4 */
    uint64_t addr, offset, size;
};

struct bzc_elf_tables {
    unsigned bits; /* 32 or 64 */
    uint8_t osabi, abiversion;
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx; /* as in the header */
    /* Rows that lie in the file, at most as many as there is room for. */
    struct bzc_elf_program program[BZC_ELF_PROGRAMS_MAX];
    size_t program_count;
    struct bzc_elf_section section[BZC_ELF_SECTIONS_MAX]; /* with the empty one at index 0 */
    size_t section_count;
};

/* False when `file` does not hold the whole header of a little-endian ELF file. */
bool bzc_elf_tables_read(struct bzc_bytes file, struct bzc_elf_tables *tables);

/* "EXEC", "LOAD", ...; NULL for a number without a name here. */
const char *bzc_elf_type_name(uint16_t type);
const char *bzc_elf_program_type_name(uint32_t type);
const char *bzc_elf_machine_name(uint16_t machine);
const char *bzc_elf_osabi_name(uint8_t osabi);

/*
 * Whether a section lies in a segment: its addresses if it takes memory, its bytes in the file if it has some. The null
 * section lies in none.
 */
bool bzc_elf_section_is_in(const struct bzc_elf_section *section, const struct bzc_elf_program *program);

#endif
