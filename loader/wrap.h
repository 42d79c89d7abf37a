/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF-wrapped layout: a bzImage whose protected-mode part begins with an ELF header and program headers, so that a
 * loader can take that part for an ELF file. It was proposed in May 2007 ("x86_64: Extend bzImage protocol for
 * relocatable bzImage", linux-kernel) and never adopted. docs/elf-wrapped.md describes it.
 *
 *   boot sector and setup | ELF header, program headers, padding | decompressor, payload, as before
 *                         ^ protected-mode part                  ^ `shift` bytes further than before
 *
 * "Offset" is bytes from the start of the protected-mode part unless another start is named.
 */
#ifndef BZC_LOADER_WRAP_H
#define BZC_LOADER_WRAP_H

#include "base/status.h"
#include "loader/elf_tables.h"
#include "loader/image.h"

/* Offset of the 64-bit entry (boot.rst, "64-bit Boot Protocol": "the 64-bit kernel entry point is [...] 0x200"). */
#define BZC_WRAP_ENTRY64 0x200u

#define BZC_WRAP_SEGMENTS_MAX 4
#define BZC_WRAP_CHANGES_MAX  64

/* A number that wrapping changed: a field of the setup header, of the PE headers or of a section. */
struct bzc_wrap_change {
    char name[48]; /* "syssize", "PE SizeOfImage", ".text VirtualAddress" */
    uint64_t before, after;
};

enum bzc_wrap_checksum {
    BZC_WRAP_CHECKSUM_NONE,    /* the image had no CRC-32 that was right */
    BZC_WRAP_CHECKSUM_RENEWED, /* it has one again */
};

struct bzc_wrap_options {
    bool legacy_safe; /* the first byte of the ELF header works as 32-bit code, too; 64-bit kernels only */
};

struct bzc_wrapped {
    struct bzc_bytes file; /* the new image; owned, given back with bzc_wrap_free() */
    unsigned bits;         /* of the ELF header: 64 with XLF_KERNEL_64, else 32 */
    bool legacy_safe;
    uint32_t shift;        /* bytes that were put in front of the old protected-mode part */
    uint64_t load_addr;    /* p_paddr of offset 0 */
    uint64_t elf_entry;    /* e_entry */
    uint32_t entry32;      /* offset of the 32-bit entry: what code32_start points to */
    uint32_t entry64_jump; /* offset that the jump at the 64-bit entry leads to; 0 when there is no such entry */
    uint32_t grown;        /* bytes by which init_size grew, and which the entries take off again; may be 0 */
    bool may_run_higher;   /* a load address that suited the old image exactly now ends one alignment unit higher */
    struct bzc_elf_program segment[BZC_WRAP_SEGMENTS_MAX]; /* the program headers, all PT_LOAD */
    const char *segment_name[BZC_WRAP_SEGMENTS_MAX];       /* what each holds, static text */
    size_t segment_count;
    struct bzc_wrap_change change[BZC_WRAP_CHANGES_MAX]; /* in the order of the headers */
    size_t change_count;
    uint64_t certificates; /* bytes of the certificate table that were cut off */
    enum bzc_wrap_checksum checksum;
};

/*
 * Rewrites the bzImage in `file` into the ELF-wrapped layout. Errors, each a sentence about the image: BZC_ERR_FORMAT
 * (no bzImage, damaged, wrapped already), BZC_ERR_UNSUPPORTED (its code cannot be moved, or its headers cannot be
 * adjusted, or legacy_safe is not possible), BZC_ERR_LIMIT (a field would overflow), BZC_ERR_MEMORY. On error *wrapped
 * needs no freeing.
 */
enum bzc_status bzc_wrap_elf(struct bzc_bytes file, const struct bzc_wrap_options *options, struct bzc_wrapped *wrapped,
                             struct bzc_error *err);
void bzc_wrap_free(struct bzc_wrapped *wrapped);

#endif
