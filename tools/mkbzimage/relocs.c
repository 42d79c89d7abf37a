/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mkbzimage/relocs.h"

#include "loader/elf.h"

#include <stdlib.h>
#include <string.h>

enum { SHT_SYMTAB = 2, SHT_RELA = 4, SHT_REL = 9, SHF_ALLOC = 2, SHN_UNDEF = 0, SHN_ABS = 0xfff1 };
enum {
    R_X86_64_64 = 1,
    R_X86_64_PC32 = 2,
    R_X86_64_PLT32 = 4,
    R_X86_64_32 = 10,
    R_X86_64_32S = 11,
    R_X86_64_PC64 = 24
};
enum { R_386_32 = 1, R_386_PC32 = 2, R_386_PLT32 = 4 };

enum list { LIST_64, LIST_INVERSE_32, LIST_32, LIST_COUNT };

struct slots {
    uint32_t *address;
    size_t count, room;
};

struct section {
    uint64_t name, type, flags, offset, size, link, info;
};

struct symbol {
    uint64_t name, shndx, value;
};

struct job {
    struct bzc_bytes file;
    bool wide;
    uint64_t section_offset, section_count, section_names, section_stride;
    bool has_percpu;
    uint64_t percpu_section, percpu_load;
    struct slots list[LIST_COUNT];
};

static bool read_word(const struct job *job, uint64_t offset, unsigned narrow, unsigned wide, uint64_t *value)
{
    return job->wide ? bzc_bytes_uint(job->file, offset + wide, 8, value)
                     : bzc_bytes_uint(job->file, offset + narrow, 4, value);
}

static bool read_section(const struct job *job, uint64_t index, struct section *section)
{
    uint64_t at = job->section_offset + index * job->section_stride;

    return index < job->section_count && bzc_bytes_uint(job->file, at, 4, &section->name) &&
           bzc_bytes_uint(job->file, at + 4, 4, &section->type) && read_word(job, at, 8, 8, &section->flags) &&
           read_word(job, at, 16, 24, &section->offset) && read_word(job, at, 20, 32, &section->size) &&
           bzc_bytes_uint(job->file, at + (job->wide ? 40 : 24), 4, &section->link) &&
           bzc_bytes_uint(job->file, at + (job->wide ? 44 : 28), 4, &section->info) &&
           (section->type == 8 || bzc_bytes_has(job->file, section->offset, section->size)); /* 8: SHT_NOBITS */
}

static bool read_symbol(const struct job *job, const struct section *table, uint64_t index, struct symbol *symbol)
{
    unsigned stride = job->wide ? 24 : 16;
    uint64_t at = table->offset + index * stride;

    return index < table->size / stride && bzc_bytes_uint(job->file, at, 4, &symbol->name) &&
           bzc_bytes_uint(job->file, at + (job->wide ? 6 : 14), 2, &symbol->shndx) &&
           read_word(job, at, 4, 8, &symbol->value);
}

static bool name_is(const struct job *job, const struct section *strings, uint64_t name, const char *wanted)
{
    size_t size = strlen(wanted) + 1;

    return name < strings->size && size <= strings->size - name &&
           !memcmp(job->file.data + strings->offset + name, wanted, size);
}

static enum bzc_status read_headers(struct job *job, struct bzc_error *err)
{
    uint64_t class, stride, count, names;

    if (!bzc_elf_is(job->file) || !bzc_bytes_uint(job->file, 4, 1, &class) || class < 1 || class > 2)
        return bzc_error_set(err, BZC_ERR_FORMAT, "not an ELF file");
    job->wide = class == 2;
    if (!read_word(job, 0, 0x20, 0x28, &job->section_offset) ||
        !bzc_bytes_uint(job->file, job->wide ? 0x3a : 0x2e, 2, &stride) ||
        !bzc_bytes_uint(job->file, job->wide ? 0x3c : 0x30, 2, &count) ||
        !bzc_bytes_uint(job->file, job->wide ? 0x3e : 0x32, 2, &names) || stride != (job->wide ? 64u : 40u) ||
        !bzc_bytes_has(job->file, job->section_offset, count * stride))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF section headers are damaged");
    job->section_stride = stride;
    job->section_count = count;
    job->section_names = names;
    return BZC_OK;
}

/* Per-CPU data of an x86-64 kernel is linked at 0 and lies where the symbol __per_cpu_load says. */
static enum bzc_status find_percpu(struct job *job, struct bzc_error *err)
{
    struct section names, section, strings;
    struct symbol symbol;

    if (!read_section(job, job->section_names, &names))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the ELF section names are damaged");
    for (uint64_t i = 0; job->wide && i < job->section_count; i++) {
        if (read_section(job, i, &section) && name_is(job, &names, section.name, ".data..percpu")) {
            job->has_percpu = true;
            job->percpu_section = i;
        }
    }
    if (!job->has_percpu)
        return BZC_OK;
    for (uint64_t i = 0; i < job->section_count; i++) {
        if (!read_section(job, i, &section) || section.type != SHT_SYMTAB || !read_section(job, section.link, &strings))
            continue;
        for (uint64_t k = 0; read_symbol(job, &section, k, &symbol); k++) {
            if (name_is(job, &strings, symbol.name, "__per_cpu_load")) {
                job->percpu_load = symbol.value;
                return BZC_OK;
            }
        }
    }
    return bzc_error_set(err, BZC_ERR_FORMAT, "per-CPU data without the symbol __per_cpu_load");
}

static enum bzc_status add(struct slots *slots, uint64_t address, struct bzc_error *err)
{
    if (slots->count == slots->room) {
        size_t room = slots->room ? 2 * slots->room : 256;
        uint32_t *bigger = realloc(slots->address, room * sizeof(*bigger));

        if (!bigger)
            return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %zu relocations", room);
        slots->address = bigger;
        slots->room = room;
    }
    slots->address[slots->count++] = (uint32_t)address;
    return BZC_OK;
}

static enum bzc_status sort_out(struct job *job, uint64_t type, uint64_t slot, const struct symbol *symbol,
                                struct bzc_error *err)
{
    bool to_percpu = job->has_percpu && symbol->shndx == job->percpu_section;

    if (job->wide ? type == R_X86_64_PC32 || type == R_X86_64_PLT32 : type == R_386_PC32 || type == R_386_PLT32)
        return to_percpu ? add(&job->list[LIST_INVERSE_32], slot, err) : BZC_OK;
    if (job->wide && type == R_X86_64_PC64 && !to_percpu)
        return BZC_OK;
    if (job->wide ? type != R_X86_64_64 && type != R_X86_64_32 && type != R_X86_64_32S : type != R_386_32)
        return bzc_error_set(err, BZC_ERR_FORMAT, "relocation type %u at 0x%llx has no place in the table",
                             (unsigned)type, (unsigned long long)slot);
    if (to_percpu)
        return BZC_OK;
    if (symbol->shndx == SHN_ABS)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the relocation at 0x%llx is against an absolute symbol",
                             (unsigned long long)slot);
    if (job->wide && (uint64_t)(int64_t)(int32_t)(uint32_t)slot != slot)
        return bzc_error_set(err, BZC_ERR_FORMAT, "relocation address 0x%llx does not fit in 32 bits",
                             (unsigned long long)slot);
    return add(&job->list[job->wide && type == R_X86_64_64 ? LIST_64 : LIST_32], slot, err);
}

static enum bzc_status walk_section(struct job *job, const struct section *relocs, struct bzc_error *err)
{
    struct section symbols, target;
    unsigned stride = job->wide ? 24 : 8;

    if (!read_section(job, relocs->link, &symbols) || !read_section(job, relocs->info, &target))
        return bzc_error_set(err, BZC_ERR_FORMAT, "a relocation section names a missing section");
    if (!(target.flags & SHF_ALLOC))
        return BZC_OK;
    for (uint64_t i = 0; i < relocs->size / stride; i++) {
        uint64_t at = relocs->offset + i * stride, slot, info, type, index;
        struct symbol symbol;
        enum bzc_status status;

        if (!read_word(job, at, 0, 0, &slot) || !read_word(job, at, 4, 8, &info))
            return bzc_error_set(err, BZC_ERR_FORMAT, "a relocation section is cut off");
        type = job->wide ? info & 0xffffffff : info & 0xff;
        index = job->wide ? info >> 32 : info >> 8;
        if (!read_symbol(job, &symbols, index, &symbol))
            return bzc_error_set(err, BZC_ERR_FORMAT, "the relocation at 0x%llx has no symbol",
                                 (unsigned long long)slot);
        if (symbol.shndx == SHN_UNDEF || type == 0)
            continue;
        if (job->has_percpu && relocs->info == job->percpu_section)
            slot += job->percpu_load;
        status = sort_out(job, type, slot, &symbol, err);
        if (status != BZC_OK)
            return status;
    }
    return BZC_OK;
}

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

static enum bzc_status write_table(struct job *job, uint8_t **table, size_t *size, struct bzc_error *err)
{
    enum list first = job->wide ? LIST_64 : LIST_32;
    size_t words = 0;
    uint8_t *out;

    for (enum list i = first; i < LIST_COUNT; i++)
        words += 1 + job->list[i].count;
    out = malloc(4 * words);
    if (!out)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %zu relocations", words);
    *table = out;
    *size = 4 * words;
    for (enum list i = first; i < LIST_COUNT; i++) {
        struct slots *slots = &job->list[i];

        if (slots->count)
            qsort(slots->address, slots->count, sizeof(slots->address[0]), compare);
        bzc_store32(out, 0);
        out += 4;
        for (size_t k = 0; k < slots->count; k++, out += 4)
            bzc_store32(out, slots->address[k]);
    }
    return BZC_OK;
}

enum bzc_status bzc_relocs_make(struct bzc_bytes vmlinux, uint8_t **table, size_t *size, struct bzc_error *err)
{
    struct job job = {.file = vmlinux};
    bool found = false;
    enum bzc_status status = read_headers(&job, err);

    if (status == BZC_OK)
        status = find_percpu(&job, err);
    for (uint64_t i = 0; status == BZC_OK && i < job.section_count; i++) {
        struct section section;

        if (!read_section(&job, i, &section))
            status = bzc_error_set(err, BZC_ERR_FORMAT, "ELF section %u is damaged", (unsigned)i);
        else if (section.type == (job.wide ? SHT_RELA : SHT_REL)) {
            found = true;
            status = walk_section(&job, &section, err);
        }
    }
    if (status == BZC_OK && !found)
        status = bzc_error_set(err, BZC_ERR_FORMAT, "no relocations: link with --emit-relocs");
    if (status == BZC_OK)
        status = write_table(&job, table, size, err);
    for (enum list i = LIST_64; i < LIST_COUNT; i++)
        free(job.list[i].address);
    return status;
}
