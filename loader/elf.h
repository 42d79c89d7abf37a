/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF file inside (or beside) a kernel, as far as booting needs it: header, program headers, end of file, build ID.
 * Its notes: loader/elf_notes.h; all of its tables: loader/elf_tables.h. Source: System V ABI, "Object Files"; the
 * payload is ELF since 2.6.26 (boot.rst, protocol 2.08).
 */
#ifndef BZC_LOADER_ELF_H
#define BZC_LOADER_ELF_H

#include "base/bytes.h"
#include "base/status.h"

#define BZC_ELF_SEGMENTS_MAX 64
#define BZC_ELF_NOTES_MAX    8
#define BZC_BUILD_ID_MAX     64

/* One PT_LOAD program header. */
struct bzc_elf_segment {
    unsigned index;                 /* of the program header in the file's table */
    uint64_t offset, filesz, memsz; /* bytes; offset in the ELF file */
    uint64_t vaddr, paddr, align;
    uint32_t flags; /* PF_X 1, PF_W 2, PF_R 4 */
};

/* One PT_NOTE program header whose bytes lie in the file. */
struct bzc_elf_note_segment {
    unsigned index; /* of the program header */
    struct bzc_bytes bytes;
    unsigned unit; /* what the notes are aligned to: 4 or 8 */
};

struct bzc_elf {
    struct bzc_bytes file;  /* borrowed; may be longer than the ELF file (appended relocation table) */
    unsigned bits;          /* 32 or 64 */
    uint16_t type, machine; /* ET_EXEC 2, ET_DYN 3; EM_386 3, EM_X86_64 62 */
    uint64_t entry;
    struct bzc_elf_segment load[BZC_ELF_SEGMENTS_MAX];
    size_t load_count;
    struct bzc_elf_note_segment note[BZC_ELF_NOTES_MAX]; /* the first of them */
    size_t note_count;
    bool dynamic;       /* there is a PT_DYNAMIC: something wants to be linked when it is loaded */
    uint64_t file_end;  /* end of the furthest of: header tables, sections and segments; what follows is not ELF */
    uint64_t paddr_min; /* lowest p_paddr of the PT_LOADs */
    uint64_t paddr_end; /* highest p_paddr + p_memsz, exclusive */
    uint8_t build_id[BZC_BUILD_ID_MAX];
    size_t build_id_size; /* 0 when there is no NT_GNU_BUILD_ID note */
};

/* True when the span starts with an ELF magic number. */
bool bzc_elf_is(struct bzc_bytes file);

/*
 * Reads a little-endian x86 ELF32 or ELF64 file. Every PT_LOAD is checked to lie in the file and not to wrap.
 * Errors: BZC_ERR_FORMAT with what is wrong and where, BZC_ERR_LIMIT (over BZC_ELF_SEGMENTS_MAX PT_LOADs).
 */
enum bzc_status bzc_elf_parse(struct bzc_bytes file, struct bzc_elf *elf, struct bzc_error *err);

/*
 * The link-time virtual address of e_entry. Kernels store in e_entry a physical address (x86-64 and i386 since
 * 2.6) or a virtual one: whichever PT_LOAD range, by p_paddr first, then by p_vaddr, holds it. Both out parameters get
 * the same place in the other space. False when no PT_LOAD holds the entry.
 */
bool bzc_elf_entry(const struct bzc_elf *elf, uint64_t *paddr, uint64_t *vaddr);

#endif
