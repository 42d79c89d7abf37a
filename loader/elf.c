/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/elf.h"

#include <string.h>

#include "loader/elf_notes.h"

#define ELFCLASS32  1
#define ELFCLASS64  2
#define ELFDATA2LSB 1
#define EV_CURRENT  1
#define EM_386      3
#define EM_X86_64   62
#define PT_LOAD     1
#define PT_DYNAMIC  2
#define PT_NOTE     4
#define SHT_NULL    0
#define SHT_NOBITS  8
#define PN_XNUM     0xffff /* the real number is in section 0 */

/* The header's and the tables' layout, by class: offsets in bytes. `word` is the size of addresses and offsets. */
struct layout {
    unsigned word;
    unsigned header_size;
    unsigned entry, phoff, shoff, phentsize, phnum, shentsize, shnum;
    unsigned phdr_size, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
    unsigned shdr_size, sh_offset, sh_size, sh_info;
};

static const struct layout layout32 = {
    .word = 4,
    .header_size = 52,
    .entry = 24,
    .phoff = 28,
    .shoff = 32,
    .phentsize = 42,
    .phnum = 44,
    .shentsize = 46,
    .shnum = 48,
    .phdr_size = 32,
    .p_flags = 24,
    .p_offset = 4,
    .p_vaddr = 8,
    .p_paddr = 12,
    .p_filesz = 16,
    .p_memsz = 20,
    .p_align = 28,
    .shdr_size = 40,
    .sh_offset = 16,
    .sh_size = 20,
    .sh_info = 28,
};
static const struct layout layout64 = {
    .word = 8,
    .header_size = 64,
    .entry = 24,
    .phoff = 32,
    .shoff = 40,
    .phentsize = 54,
    .phnum = 56,
    .shentsize = 58,
    .shnum = 60,
    .phdr_size = 56,
    .p_flags = 4,
    .p_offset = 8,
    .p_vaddr = 16,
    .p_paddr = 24,
    .p_filesz = 32,
    .p_memsz = 40,
    .p_align = 48,
    .shdr_size = 64,
    .sh_offset = 24,
    .sh_size = 32,
    .sh_info = 44,
};

struct reader {
    struct bzc_elf *elf;
    const struct layout *layout;
    uint64_t phoff, phnum, shoff, shnum;
};

/* Reads where the caller has checked that the bytes are there. */
static uint64_t get(const struct reader *reader, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    bzc_bytes_uint(reader->elf->file, offset, size, &value);
    return value;
}

static uint64_t get_word(const struct reader *reader, uint64_t offset)
{
    return get(reader, offset, reader->layout->word);
}

static void extend(struct bzc_elf *elf, uint64_t end)
{
    if (end > elf->file_end)
        elf->file_end = end;
}

static bool has_table(struct bzc_bytes file, uint64_t offset, uint64_t count, uint64_t entry_size)
{
    return count <= file.size / entry_size && bzc_bytes_has(file, offset, count * entry_size);
}

bool bzc_elf_is(struct bzc_bytes file)
{
    return file.size >= 4 && memcmp(file.data, "\177ELF", 4) == 0;
}

static enum bzc_status read_header(struct reader *reader, struct bzc_error *err)
{
    struct bzc_elf *elf = reader->elf;
    const struct layout *layout;
    uint8_t class, data;

    if (!bzc_elf_is(elf->file))
        return bzc_error_set(err, BZC_ERR_FORMAT, "not an ELF file: no magic number at its start");
    if (!bzc_bytes_u8(elf->file, 4, &class) || !bzc_bytes_u8(elf->file, 5, &data))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF header is cut off by the end of the file");
    if ((class != ELFCLASS32 && class != ELFCLASS64) || data != ELFDATA2LSB)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF file is not little-endian of 32 or 64 bits (e_ident %u, %u)",
                             class, data);
    layout = class == ELFCLASS32 ? &layout32 : &layout64;
    if (elf->file.size < layout->header_size)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF header is cut off by the end of the file");
    reader->layout = layout;
    elf->bits = class == ELFCLASS32 ? 32 : 64;
    elf->type = (uint16_t)get(reader, 16, 2);
    elf->machine = (uint16_t)get(reader, 18, 2);
    elf->entry = get_word(reader, layout->entry);
    if (elf->machine != EM_386 && elf->machine != EM_X86_64)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF file is not for x86 (e_machine %u)", elf->machine);
    if (get(reader, 20, 4) != EV_CURRENT)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF file has an unknown version (e_version %llu)",
                             (unsigned long long)get(reader, 20, 4));
    reader->phoff = get_word(reader, layout->phoff);
    reader->phnum = get(reader, layout->phnum, 2);
    reader->shoff = get_word(reader, layout->shoff);
    reader->shnum = get(reader, layout->shnum, 2);
    extend(elf, layout->header_size);
    return BZC_OK;
}

/* Checks where the two tables lie, and fetches from section 0 the counts that do not fit the header. */
static enum bzc_status read_tables(struct reader *reader, struct bzc_error *err)
{
    const struct layout *layout = reader->layout;
    struct bzc_bytes file = reader->elf->file;

    if (reader->shoff == 0) {
        reader->shnum = 0;
    } else {
        if (get(reader, layout->shentsize, 2) != layout->shdr_size ||
            !has_table(file, reader->shoff, 1, layout->shdr_size))
            return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF section headers at 0x%llx are not in the file",
                                 (unsigned long long)reader->shoff);
        if (reader->shnum == 0)
            reader->shnum = get_word(reader, reader->shoff + layout->sh_size);
        if (reader->phnum == PN_XNUM)
            reader->phnum = get(reader, reader->shoff + layout->sh_info, 4);
        if (!has_table(file, reader->shoff, reader->shnum, layout->shdr_size))
            return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF section headers at 0x%llx run past the end of the file",
                                 (unsigned long long)reader->shoff);
        extend(reader->elf, reader->shoff + reader->shnum * layout->shdr_size);
    }
    if (reader->phnum == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF file has no program headers");
    if (get(reader, layout->phentsize, 2) != layout->phdr_size)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF program headers have a wrong size (e_phentsize %llu)",
                             (unsigned long long)get(reader, layout->phentsize, 2));
    if (!has_table(file, reader->phoff, reader->phnum, layout->phdr_size))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF program headers at 0x%llx run past the end of the file",
                             (unsigned long long)reader->phoff);
    extend(reader->elf, reader->phoff + reader->phnum * layout->phdr_size);
    return BZC_OK;
}

/* Looks for the GNU build ID; damaged notes end the search. */
static void read_notes(struct bzc_elf *elf, const struct bzc_elf_note_segment *segment)
{
    struct bzc_elf_note note;
    uint64_t at = 0;

    while (elf->build_id_size == 0 && bzc_elf_note_next(segment->bytes, segment->unit, &at, &note) == BZC_NOTE_FOUND) {
        if (note.type != BZC_NOTE_GNU_BUILD_ID || !bzc_elf_note_is(&note, "GNU") || note.desc.size == 0 ||
            note.desc.size > BZC_BUILD_ID_MAX)
            continue;
        memcpy(elf->build_id, note.desc.data, note.desc.size);
        elf->build_id_size = note.desc.size;
    }
}

static void add_notes(struct bzc_elf *elf, unsigned index, struct bzc_bytes bytes, uint64_t alignment)
{
    struct bzc_elf_note_segment segment = {index, bytes, alignment == 8 ? 8 : 4};

    if (elf->note_count < BZC_ELF_NOTES_MAX)
        elf->note[elf->note_count++] = segment;
    read_notes(elf, &segment);
}

static enum bzc_status read_load(const struct reader *reader, uint64_t header, unsigned index, struct bzc_error *err)
{
    const struct layout *layout = reader->layout;
    struct bzc_elf *elf = reader->elf;
    uint64_t space = elf->bits == 32 ? UINT32_MAX : UINT64_MAX;
    struct bzc_elf_segment *segment;

    if (elf->load_count == BZC_ELF_SEGMENTS_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "the ELF file has more than %d PT_LOAD segments",
                             BZC_ELF_SEGMENTS_MAX);
    segment = &elf->load[elf->load_count];
    segment->index = index;
    segment->flags = (uint32_t)get(reader, header + layout->p_flags, 4);
    segment->offset = get_word(reader, header + layout->p_offset);
    segment->vaddr = get_word(reader, header + layout->p_vaddr);
    segment->paddr = get_word(reader, header + layout->p_paddr);
    segment->filesz = get_word(reader, header + layout->p_filesz);
    segment->memsz = get_word(reader, header + layout->p_memsz);
    segment->align = get_word(reader, header + layout->p_align);
    if (!bzc_bytes_has(elf->file, segment->offset, segment->filesz))
        return bzc_error_set(err, BZC_ERR_FORMAT, "ELF program header %u: its bytes 0x%llx+0x%llx are not in the file",
                             index, (unsigned long long)segment->offset, (unsigned long long)segment->filesz);
    if (segment->filesz > segment->memsz)
        return bzc_error_set(err, BZC_ERR_FORMAT, "ELF program header %u: p_filesz is larger than p_memsz", index);
    if (segment->memsz > space - segment->paddr || segment->memsz > space - segment->vaddr)
        return bzc_error_set(err, BZC_ERR_FORMAT, "ELF program header %u: the segment wraps the address space", index);
    extend(elf, segment->offset + segment->filesz);
    if (elf->load_count == 0 || segment->paddr < elf->paddr_min)
        elf->paddr_min = segment->paddr;
    if (segment->paddr + segment->memsz > elf->paddr_end)
        elf->paddr_end = segment->paddr + segment->memsz;
    elf->load_count++;
    return BZC_OK;
}

static enum bzc_status read_segments(const struct reader *reader, struct bzc_error *err)
{
    const struct layout *layout = reader->layout;
    struct bzc_elf *elf = reader->elf;
    enum bzc_status status;
    uint64_t i;

    for (i = 0; i < reader->phnum; i++) {
        uint64_t header = reader->phoff + i * layout->phdr_size;
        uint64_t type = get(reader, header, 4);
        uint64_t offset = get_word(reader, header + layout->p_offset);
        uint64_t filesz = get_word(reader, header + layout->p_filesz);

        if (type == PT_LOAD) {
            status = read_load(reader, header, (unsigned)i, err);
            if (status != BZC_OK)
                return status;
        } else if (bzc_bytes_has(elf->file, offset, filesz)) {
            extend(elf, offset + filesz);
            if (type == PT_NOTE)
                add_notes(elf, (unsigned)i, bzc_bytes_slice(elf->file, offset, filesz),
                          get_word(reader, header + layout->p_align));
        }
        elf->dynamic = elf->dynamic || type == PT_DYNAMIC;
    }
    if (elf->load_count == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF file has no PT_LOAD segment");
    return BZC_OK;
}

static enum bzc_status read_sections(const struct reader *reader, struct bzc_error *err)
{
    const struct layout *layout = reader->layout;
    uint64_t i;

    for (i = 0; i < reader->shnum; i++) {
        uint64_t header = reader->shoff + i * layout->shdr_size;
        uint64_t type = get(reader, header + 4, 4);
        uint64_t offset = get_word(reader, header + layout->sh_offset);
        uint64_t size = get_word(reader, header + layout->sh_size);

        if (type == SHT_NULL || type == SHT_NOBITS)
            continue;
        if (!bzc_bytes_has(reader->elf->file, offset, size))
            return bzc_error_set(err, BZC_ERR_FORMAT, "ELF section %llu: its bytes 0x%llx+0x%llx are not in the file",
                                 (unsigned long long)i, (unsigned long long)offset, (unsigned long long)size);
        extend(reader->elf, offset + size);
    }
    return BZC_OK;
}

enum bzc_status bzc_elf_parse(struct bzc_bytes file, struct bzc_elf *elf, struct bzc_error *err)
{
    struct reader reader = {elf, NULL, 0, 0, 0, 0};
    enum bzc_status status;

    memset(elf, 0, sizeof(*elf));
    elf->file = file;
    status = read_header(&reader, err);
    if (status == BZC_OK)
        status = read_tables(&reader, err);
    if (status == BZC_OK)
        status = read_segments(&reader, err);
    if (status == BZC_OK)
        status = read_sections(&reader, err);
    return status;
}

bool bzc_elf_entry(const struct bzc_elf *elf, uint64_t *paddr, uint64_t *vaddr)
{
    size_t i;

    for (i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *segment = &elf->load[i];

        if (elf->entry >= segment->paddr && elf->entry - segment->paddr < segment->memsz) {
            *paddr = elf->entry;
            *vaddr = segment->vaddr + (elf->entry - segment->paddr);
            return true;
        }
    }
    for (i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *segment = &elf->load[i];

        if (elf->entry >= segment->vaddr && elf->entry - segment->vaddr < segment->memsz) {
            *paddr = segment->paddr + (elf->entry - segment->vaddr);
            *vaddr = elf->entry;
            return true;
        }
    }
    return false;
}
