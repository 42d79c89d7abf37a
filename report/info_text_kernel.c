/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/info_names.h"
#include "report/info_text.h"

#define SHT_SYMTAB 2u
#define PT_DYNAMIC 2u
#define PT_INTERP  3u

/* ---- payload ---- */

static void write_stream(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_stream *stream = &inspection->facts.stream;
    char size[BZC_PAGE_NUMBER_SIZE];

    if (!stream->known)
        return;
    if (stream->dictionary != 0)
        bzc_info_line(page, stream->compression == BZC_COMPRESSION_ZSTD ? "window" : "dictionary", "%s",
                      bzc_page_bytes(stream->dictionary, size));
    if (stream->compression == BZC_COMPRESSION_XZ)
        bzc_info_line(page, "check", "%s", bzc_info_xz_check(stream->xz.check));
}

static void write_packed(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_image *image = &inspection->facts.image;
    char packed[BZC_PAGE_NUMBER_SIZE], size[BZC_PAGE_NUMBER_SIZE];

    bzc_info_line(page, "compression", "%s", bzc_compression_name(image->compression));
    bzc_info_line(page, "place", "0x%" PRIx64 " of the file%s", image->realmode_size + image->payload_offset,
                  image->payload_source == BZC_PAYLOAD_SCANNED ? ", found by its magic number" : "");
    bzc_info_line(page, "packed", "%s bytes (%s)%s", bzc_page_count(image->payload_length, packed),
                  bzc_page_bytes(image->payload_length, size),
                  image->payload_source == BZC_PAYLOAD_SCANNED ? " up to the end of the file, at most" : "");
    write_stream(page, inspection);
}

static void write_unpacked(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_oracle *oracle = inspection->oracle;
    uint64_t packed = inspection->facts.image.payload.size, unpacked = oracle->payload.size;
    char count[BZC_PAGE_NUMBER_SIZE], size[BZC_PAGE_NUMBER_SIZE];

    bzc_info_line(page, "unpacked", "%s bytes (%s)", bzc_page_count(unpacked, count), bzc_page_bytes(unpacked, size));
    if (packed > 0)
        bzc_info_line(page, "ratio", "%" PRIu64 ".%02u", unpacked / packed,
                      (unsigned)(unpacked % packed * 100 / packed));
    if (oracle->end.declared_size == 0)
        return;
    bzc_info_line(page, "size word", "%s bytes%s", bzc_page_count(oracle->end.declared_size, count),
                  oracle->end.declared_size == (uint32_t)unpacked ? ", which is right" : ", which is wrong");
}

static void write_checksum(struct bzc_page *page, const struct bzc_checksum *checksum)
{
    switch (checksum->state) {
    case BZC_CHECKSUM_GOOD:
        bzc_info_line(page, "CRC-32", "0x%08" PRIx32 ", which holds", checksum->stored);
        return;
    case BZC_CHECKSUM_UNSIGNED:
        bzc_info_line(page, "CRC-32", "0x%08" PRIx32 ", which held before the image was signed", checksum->stored);
        return;
    case BZC_CHECKSUM_WRONG:
        bzc_info_line(page, "CRC-32", "%s",
                      checksum->covers_file ? "the file's last word, which holds over the whole file"
                                            : "none that holds; Linux 6.15 and later have none");
        return;
    case BZC_CHECKSUM_ABSENT:
        return;
    }
}

/* ---- ELF ---- */

static bool is_stripped(const struct bzc_elf_tables *elf)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        if (elf->section[i].type == SHT_SYMTAB)
            return false;
    }
    return true;
}

static bool is_static(const struct bzc_elf_tables *elf)
{
    for (size_t i = 0; i < elf->program_count; i++) {
        if (elf->program[i].type == PT_DYNAMIC || elf->program[i].type == PT_INTERP)
            return false;
    }
    return true;
}

static const char *or_unknown(const char *name)
{
    return name ? name : "unknown";
}

static void write_elf_header(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_elf_tables *elf = &inspection->elf;
    const struct bzc_elf *parsed = &inspection->oracle->elf;
    char count[BZC_PAGE_NUMBER_SIZE];
    uint64_t paddr, vaddr;

    bzc_info_line(page, "format",
                  "ELF%u, little-endian, %s (%u), %s (%u), version %" PRIu32 ", ABI %s (%u), ABI version %u", elf->bits,
                  or_unknown(bzc_elf_type_name(elf->type)), elf->type, or_unknown(bzc_elf_machine_name(elf->machine)),
                  elf->machine, elf->version, or_unknown(bzc_elf_osabi_name(elf->osabi)), elf->osabi, elf->abiversion);
    if (!*inspection->oracle->elf_problem && bzc_elf_entry(parsed, &paddr, &vaddr))
        bzc_info_line(page, "entry", "0x%" PRIx64 ": physical 0x%" PRIx64 ", virtual 0x%" PRIx64, elf->entry, paddr,
                      vaddr);
    else
        bzc_info_line(page, "entry", "0x%" PRIx64 ", in no segment", elf->entry);
    bzc_info_line(page, "header", "%u bytes, flags 0x%" PRIx32, elf->ehsize, elf->flags);
    bzc_info_line(page, "program headers", "%u of %u bytes at %s", elf->phnum, elf->phentsize,
                  bzc_page_count(elf->phoff, count));
    bzc_info_line(page, "section headers", "%u of %u bytes at %s, names in section %u", elf->shnum, elf->shentsize,
                  bzc_page_count(elf->shoff, count), elf->shstrndx);
    bzc_info_line(page, "linking", "%s, %s", is_static(elf) ? "statically linked" : "dynamically linked",
                  is_stripped(elf) ? "stripped" : "not stripped");
}

static void write_sections_of(struct bzc_page *page, const struct bzc_elf_tables *elf,
                              const struct bzc_elf_program *program)
{
    bool any = false;

    for (size_t i = 0; i < elf->section_count; i++) {
        const struct bzc_elf_section *section = &elf->section[i];

        if (!bzc_elf_section_is_in(section, program))
            continue;
        bzc_info_cell(page, any ? 0 : BZC_INFO_INDENT + 4, false, "%s", *section->name ? section->name : "(no name)");
        any = true;
    }
    if (any)
        bzc_page_end_line(page);
}

static void write_programs(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_elf_tables *elf = &inspection->elf;
    static const char *const heads[] = {"offset", "virtual", "physical", "in file", "in memory", "align"};
    static const unsigned ends[] = {34, 54, 65, 76, 87, 98};

    if (elf->program_count == 0)
        return;
    bzc_info_heading(page, "Segments, and the sections in them");
    bzc_info_cell(page, BZC_INFO_INDENT, false, "type");
    bzc_info_cell(page, 20, false, "flags");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        bzc_info_cell(page, ends[i], true, "%s", heads[i]);
    bzc_page_end_line(page);
    for (size_t i = 0; i < elf->program_count; i++) {
        const struct bzc_elf_program *program = &elf->program[i];
        const uint64_t values[] = {program->offset, program->vaddr, program->paddr,
                                   program->filesz, program->memsz, program->align};
        const char *type = bzc_elf_program_type_name(program->type);

        if (type)
            bzc_info_cell(page, BZC_INFO_INDENT, false, "%zu %s", i, type);
        else
            bzc_info_cell(page, BZC_INFO_INDENT, false, "%zu 0x%" PRIx32, i, program->type);
        bzc_info_cell(page, 20, false, "%c%c%c", program->flags & 4 ? 'R' : '-', program->flags & 2 ? 'W' : '-',
                      program->flags & 1 ? 'E' : '-');
        for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
            bzc_info_cell(page, ends[k], true, "0x%" PRIx64, values[k]);
        bzc_page_end_line(page);
        write_sections_of(page, elf, program);
    }
}

static void write_notes(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    if (inspection->note_count == 0)
        return;
    bzc_info_heading(page, "Notes");
    for (size_t i = 0; i < inspection->note_count; i++) {
        struct bzc_info_note note;

        bzc_info_note_read(&inspection->note[i], &note);
        bzc_info_cell(page, BZC_INFO_INDENT, false, "%s", note.owner);
        if (note.name)
            bzc_info_cell(page, 14, false, "%s", note.name);
        else
            bzc_info_cell(page, 14, false, "type 0x%" PRIx32, inspection->note[i].type);
        bzc_page_tab(page, 34);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 34, note.text);
    }
}

/* ---- what the kernel holds ---- */

static void write_relocations(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_oracle *oracle = inspection->oracle;
    char all[BZC_PAGE_NUMBER_SIZE], part[3][BZC_PAGE_NUMBER_SIZE], size[BZC_PAGE_NUMBER_SIZE];

    if (*oracle->reloc_problem)
        bzc_info_line(page, "relocations", "%s", oracle->reloc_problem);
    if (oracle->reloc_count == 0) {
        if (!*oracle->reloc_problem)
            bzc_info_line(page, "relocations", "none");
        return;
    }
    bzc_info_line(
        page, *oracle->reloc_problem ? "" : "relocations",
        "%s: %s of 32 bits, %s of 64 bits, %s inverse of 32 bits; table of %s bytes at 0x%" PRIx64
        " of the unpacked payload, behind the ELF file",
        bzc_page_count(oracle->reloc_count, all), bzc_page_count(inspection->relocations[BZC_RELOC_32], part[0]),
        bzc_page_count(inspection->relocations[BZC_RELOC_64], part[1]),
        bzc_page_count(inspection->relocations[BZC_RELOC_INVERSE_32], part[2]),
        bzc_page_count(inspection->reloc_table_size, size), oracle->payload.size - inspection->reloc_table_size);
}

static void write_config(struct bzc_page *page, const struct bzc_ikconfig *config)
{
    if (!config->found)
        bzc_info_line(page, "configuration", "not in the kernel (CONFIG_IKCONFIG)");
    else if (config->text.size == 0)
        bzc_info_line(page, "configuration", "damaged: %s", config->problem);
    else
        bzc_info_line(page, "configuration",
                      "%zu options are set (%zu built in, %zu as modules, %zu with a value), %zu are not%s%s; --config "
                      "prints it",
                      config->options, config->yes, config->module, config->options - config->yes - config->module,
                      config->not_set, *config->problem ? "; " : "", config->problem);
}

void bzc_info_kernel(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_image_facts *facts = &inspection->facts;
    const struct bzc_oracle *oracle = inspection->oracle;

    bzc_info_heading(page, "Payload");
    if (facts->image.payload_source != BZC_PAYLOAD_ABSENT)
        write_packed(page, inspection);
    if (!oracle) {
        bzc_info_line(page, "problem", "%s", facts->oracle_error.message);
        write_checksum(page, &inspection->facts.checksum);
        return;
    }
    write_unpacked(page, inspection);
    write_checksum(page, &inspection->facts.checksum);
    bzc_info_heading(page, "Kernel");
    bzc_info_line(page, "banner", "%s", *inspection->banner ? inspection->banner : "none");
    bzc_info_line(page, "KASLR", "%s",
                  facts->kaslr_build ? "built in (CONFIG_RANDOMIZE_BASE)" : "not built in (CONFIG_RANDOMIZE_BASE)");
    if (inspection->has_elf)
        write_elf_header(page, inspection);
    else
        bzc_info_line(page, "format", "flat: no ELF file, entered at its first byte");
    if (*oracle->elf_problem)
        bzc_info_line(page, "problem", "%s", oracle->elf_problem);
    write_relocations(page, inspection);
    write_config(page, &inspection->config);
    if (inspection->has_elf)
        write_programs(page, inspection);
    write_notes(page, inspection);
}
