/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PE/COFF headers of a boot image as facts: what UEFI firmware, shim and signing tools read. Parsing never fails
 * because an image is odd: what is there is recorded, the rules decide what that means. Only the headers and the
 * section table are read; what needs the rest of the file is asked for by functions of its own.
 *
 * "File offset" is bytes from the start of the file; "RVA" (relative virtual address) is bytes from the place in memory
 * where the image is loaded. The fields are spelled as the specification spells them, in snake case.
 *
 * Source: Microsoft, "PE Format": "MS-DOS Stub", "COFF File Header", "Optional Header", "Section Table (Section
 * Headers)"; UEFI specification, "UEFI Images".
 */
#ifndef BZC_LOADER_PE_H
#define BZC_LOADER_PE_H

#include "base/bytes.h"

/* Bounds of what is recorded; the fields keep the numbers that the file has. 96 is what Windows accepts. */
#define BZC_PE_SECTIONS_MAX    96
#define BZC_PE_DIRECTORIES_MAX 16

#define BZC_PE_MACHINE_I386  0x014cu
#define BZC_PE_MACHINE_AMD64 0x8664u

#define BZC_PE_MAGIC_PE32      0x010bu
#define BZC_PE_MAGIC_PE32_PLUS 0x020bu

#define BZC_PE_SUBSYSTEM_EFI_APPLICATION 10u

/* characteristics of the file header */
#define BZC_PE_FILE_RELOCS_STRIPPED  0x0001u
#define BZC_PE_FILE_EXECUTABLE_IMAGE 0x0002u
/* dll_characteristics */
#define BZC_PE_NX_COMPAT 0x0100u
/* characteristics of a section */
#define BZC_PE_SECTION_CODE          0x00000020u
#define BZC_PE_SECTION_DATA          0x00000040u
#define BZC_PE_SECTION_UNINITIALIZED 0x00000080u
#define BZC_PE_SECTION_DISCARDABLE   0x02000000u
#define BZC_PE_SECTION_EXECUTE       0x20000000u
#define BZC_PE_SECTION_READ          0x40000000u
#define BZC_PE_SECTION_WRITE         0x80000000u

enum bzc_pe_directory_id {
    BZC_PE_DIRECTORY_CERTIFICATE = 4, /* its "RVA" is a file offset */
    BZC_PE_DIRECTORY_BASE_RELOCATION = 5,
};

struct bzc_pe_directory {
    uint32_t virtual_address, size;
};

struct bzc_pe_section {
    char name[9]; /* printable, bytes outside 0x21..0x7e shown as '?'; NUL-terminated */
    uint32_t virtual_size, virtual_address;
    uint32_t size_of_raw_data, pointer_to_raw_data; /* file bytes */
    uint32_t characteristics;
    uint64_t header_offset; /* of its row of the section table: file offset */
};

struct bzc_pe {
    bool mz;           /* the file starts with "MZ" */
    uint32_t e_lfanew; /* file offset of the PE signature, valid with mz; 0 when the file ends before the field */
    bool present;      /* MZ, and "PE\0\0" at e_lfanew */

    /* COFF file header; zero when the file ends before it */
    uint16_t machine;
    uint16_t number_of_sections;
    uint32_t pointer_to_symbol_table, number_of_symbols;
    uint16_t size_of_optional_header;
    uint16_t characteristics;

    /* Optional header. A field past its end (size_of_optional_header) or past the end of the file is zero. */
    uint64_t optional_header_offset; /* file offset */
    uint16_t magic;                  /* PE32 or PE32+; other values leave the fields below zero */
    uint32_t size_of_code;
    uint32_t address_of_entry_point; /* RVA */
    uint64_t image_base;
    uint32_t section_alignment, file_alignment;
    uint32_t win32_version_value, loader_flags; /* reserved: zero */
    uint32_t size_of_image, size_of_headers;
    uint32_t check_sum;
    uint64_t check_sum_offset; /* file offset */
    uint16_t subsystem, dll_characteristics;
    uint32_t number_of_rva_and_sizes;
    uint64_t directory_offset; /* of the first data directory: file offset */
    struct bzc_pe_directory directory[BZC_PE_DIRECTORIES_MAX];
    size_t directory_count; /* of those that lie in the optional header and in the file */

    uint64_t section_table_offset, section_table_end; /* file offsets, as the header says; end exclusive */
    struct bzc_pe_section section[BZC_PE_SECTIONS_MAX];
    size_t section_count; /* of those that lie in the file, at most BZC_PE_SECTIONS_MAX */

    bool headers_cut;       /* COFF or optional header run past the end of the file */
    bool section_table_cut; /* the section table runs past the end of the file */
};

/* Reads the facts of `file` into *pe. Always succeeds; touches nothing behind the section table. */
void bzc_pe_parse(struct bzc_bytes file, struct bzc_pe *pe);

/* True for PE32+ (64-bit fields). */
static inline bool bzc_pe_is_plus(const struct bzc_pe *pe)
{
    return pe->magic == BZC_PE_MAGIC_PE32_PLUS;
}

/* True when the optional header is of a kind whose fields are known: PE32 or PE32+. */
static inline bool bzc_pe_has_fields(const struct bzc_pe *pe)
{
    return pe->magic == BZC_PE_MAGIC_PE32 || pe->magic == BZC_PE_MAGIC_PE32_PLUS;
}

/* The directory's entry, or NULL when the file has none or an empty one (size 0). */
const struct bzc_pe_directory *bzc_pe_directory(const struct bzc_pe *pe, enum bzc_pe_directory_id id);

/*
 * The first section with this name from index `from` on; *index (may be NULL) receives its place. NULL when there is
 * none. A name in a section header has at most 8 bytes.
 */
const struct bzc_pe_section *bzc_pe_section_by_name(const struct bzc_pe *pe, const char *name, size_t from,
                                                    size_t *index);

/* Bytes of memory that a section takes: virtual_size, or size_of_raw_data where that is 0 (older linkers). */
uint64_t bzc_pe_section_memory(const struct bzc_pe_section *section);

/* The section whose memory holds this RVA, or NULL. */
const struct bzc_pe_section *bzc_pe_section_at(const struct bzc_pe *pe, uint64_t rva);

/* The section whose bytes in the file hold [offset, offset+size), or NULL. */
const struct bzc_pe_section *bzc_pe_section_of_file(const struct bzc_pe *pe, uint64_t offset, uint64_t size);

/*
 * The bytes of a section that are data: the smaller of virtual_size and size_of_raw_data (what systemd-stub and ukify
 * use), cut at the end of the file.
 */
struct bzc_bytes bzc_pe_section_bytes(const struct bzc_pe_section *section, struct bzc_bytes file);

/*
 * The CheckSum that the file should have (PE Format, "Optional Header Windows-Specific Fields": the algorithm of
 * IMAGHELP.DLL): the 16-bit words of the file added with end-around carry, CheckSum itself counted as 0, plus the size
 * of the file in bytes. Reads the whole file.
 */
uint32_t bzc_pe_compute_check_sum(const struct bzc_pe *pe, struct bzc_bytes file);

#endif
