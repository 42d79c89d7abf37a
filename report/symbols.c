/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/symbols.h"

#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#define LOADS_MAX    64u
#define SYMBOLS_MAX  (1u << 23)
#define SECTIONS_MAX 65536u

struct load {
    uint64_t paddr, vaddr, memsz;
};

struct name {
    uint64_t address;
    uint64_t end;  /* of its section: no symbol speaks about what lies behind */
    unsigned rank; /* of several at one address the lowest */
    const char *text;
};

struct part {
    Elf *elf;
    Dwarf *dwarf; /* NULL: no debug information */
    struct bzc_bytes file;
    struct load load[LOADS_MAX];
    size_t load_count;
    uint64_t base;  /* lowest paddr */
    uint64_t shift; /* from where it is asked for to where `base` lies */
    struct name *name;
    size_t name_count;
};

struct bzc_symbols {
    struct part part[BZC_SYMBOLS_PARTS];
};

static const char *const part_names[BZC_SYMBOLS_PARTS] = {"setup", "decompressor", "kernel"};

const char *bzc_symbols_part_name(enum bzc_symbols_part part)
{
    return part_names[part];
}

bool bzc_symbols_part_find(const char *name, size_t length, enum bzc_symbols_part *part)
{
    for (unsigned i = 0; i < BZC_SYMBOLS_PARTS; i++) {
        if (strlen(part_names[i]) != length || memcmp(part_names[i], name, length) != 0)
            continue;
        *part = (enum bzc_symbols_part)i;
        return true;
    }
    return false;
}

struct bzc_symbols *bzc_symbols_new(void)
{
    return calloc(1, sizeof(struct bzc_symbols));
}

static void clear_part(struct part *part)
{
    if (part->dwarf)
        dwarf_end(part->dwarf);
    if (part->elf)
        elf_end(part->elf);
    free(part->name);
    memset(part, 0, sizeof(*part));
}

void bzc_symbols_free(struct bzc_symbols *symbols)
{
    for (unsigned i = 0; symbols && i < BZC_SYMBOLS_PARTS; i++)
        clear_part(&symbols->part[i]);
    free(symbols);
}

void bzc_symbols_shift(struct bzc_symbols *symbols, enum bzc_symbols_part part, uint64_t shift)
{
    symbols->part[part].shift = shift;
}

bool bzc_symbols_has(const struct bzc_symbols *symbols, enum bzc_symbols_part part)
{
    return symbols && symbols->part[part].elf;
}

/* ---- reading ---- */

static enum bzc_status check_kind(const struct part *part, struct bzc_error *err)
{
    GElf_Ehdr header;

    if (elf_kind(part->elf) != ELF_K_ELF || !gelf_getehdr(part->elf, &header))
        return bzc_error_set(err, BZC_ERR_FORMAT, "this is no ELF file");
    if (header.e_machine != EM_386 && header.e_machine != EM_X86_64)
        return bzc_error_set(err, BZC_ERR_FORMAT, "this ELF file is not for x86 (machine %u)", header.e_machine);
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        return bzc_error_set(err, BZC_ERR_FORMAT, "this ELF file is not linked: its addresses mean nothing");
    return BZC_OK;
}

static enum bzc_status read_loads(struct part *part, struct bzc_error *err)
{
    size_t count = 0;

    if (elf_getphdrnum(part->elf, &count) != 0)
        count = 0;
    part->base = UINT64_MAX;
    for (size_t i = 0; i < count && i < SECTIONS_MAX && part->load_count < LOADS_MAX; i++) {
        GElf_Phdr header;

        if (!gelf_getphdr(part->elf, (int)i, &header) || header.p_type != PT_LOAD || header.p_memsz == 0)
            continue;
        part->load[part->load_count++] = (struct load){header.p_paddr, header.p_vaddr, header.p_memsz};
        if (header.p_paddr < part->base)
            part->base = header.p_paddr;
    }
    if (part->load_count == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "this ELF file has nothing to load");
    return BZC_OK;
}

/* Functions before labels, global before local ones; and startup_64 says more than _text and _stext. */
static unsigned rank_of(const GElf_Sym *symbol, const char *text)
{
    bool local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL;

    return (GELF_ST_TYPE(symbol->st_info) == STT_FUNC ? 0u : 4u) + 2u * local + (*text == '_');
}

/* Labels of code; what the assembler and the compiler make for themselves is left out. */
static void take_symbol(struct part *part, const GElf_Shdr *table, const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    GElf_Shdr home;
    Elf_Scn *section;
    const char *text;

    if ((type != STT_FUNC && type != STT_NOTYPE) || symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE)
        return;
    section = elf_getscn(part->elf, symbol->st_shndx);
    if (!section || !gelf_getshdr(section, &home) || !(home.sh_flags & SHF_EXECINSTR) ||
        symbol->st_value - home.sh_addr >= home.sh_size)
        return;
    text = elf_strptr(part->elf, table->sh_link, symbol->st_name);
    if (!text || !*text || strncmp(text, ".L", 2) == 0)
        return;
    part->name[part->name_count++] =
        (struct name){symbol->st_value, home.sh_addr + home.sh_size, rank_of(symbol, text), text};
}

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left, *b = right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->text, b->text);
}

static void sort_names(struct part *part)
{
    size_t kept = 0;

    if (part->name_count > 0)
        qsort(part->name, part->name_count, sizeof(part->name[0]), compare_names);
    for (size_t i = 0; i < part->name_count; i++)
        if (kept == 0 || part->name[kept - 1].address != part->name[i].address)
            part->name[kept++] = part->name[i];
    part->name_count = kept;
}

static enum bzc_status read_names(struct part *part, struct bzc_error *err)
{
    Elf_Scn *section = NULL;
    size_t looked_at = 0; /* several tables may be the same bytes */

    while ((section = elf_nextscn(part->elf, section))) {
        GElf_Shdr header;
        Elf_Data *data;
        size_t count, size;
        struct name *grown;

        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
            continue;
        data = elf_getdata(section, NULL);
        size = gelf_fsize(part->elf, ELF_T_SYM, 1, EV_CURRENT);
        count = data && size ? data->d_size / size : 0;
        if (count > SYMBOLS_MAX - looked_at)
            return bzc_error_set(err, BZC_ERR_FORMAT, "this ELF file has more than %u symbols", SYMBOLS_MAX);
        looked_at += count;
        if (count == 0)
            continue;
        grown = realloc(part->name, (part->name_count + count) * sizeof(*grown));
        if (!grown)
            return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %zu symbols", count);
        part->name = grown;
        for (size_t i = 0; i < count; i++) {
            GElf_Sym symbol;

            if (gelf_getsym(data, (int)i, &symbol))
                take_symbol(part, &header, &symbol);
        }
    }
    sort_names(part);
    if (part->name_count == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "this ELF file has no symbols of code: it is stripped");
    return BZC_OK;
}

enum bzc_status bzc_symbols_add(struct bzc_symbols *symbols, enum bzc_symbols_part which, struct bzc_bytes file,
                                struct bzc_error *err)
{
    struct part *part = &symbols->part[which];
    enum bzc_status status;

    clear_part(part);
    elf_version(EV_CURRENT);
    /* libelf does not write to a file that it was not asked to write. */
    part->elf = elf_memory((char *)(uintptr_t)file.data, file.size);
    part->file = file;
    if (!part->elf)
        return bzc_error_set(err, BZC_ERR_FORMAT, "this is no ELF file");
    status = check_kind(part, err);
    if (status == BZC_OK)
        status = read_loads(part, err);
    if (status == BZC_OK)
        status = read_names(part, err);
    if (status == BZC_OK)
        part->dwarf = dwarf_begin_elf(part->elf, DWARF_C_READ, NULL);
    else
        clear_part(part);
    return status;
}

/* ---- asking ---- */

/* The address to which `offset` of the part was linked. */
static bool link_address(const struct part *part, uint64_t offset, uint64_t *address)
{
    if (offset < part->shift)
        return false;
    offset -= part->shift;
    for (size_t i = 0; i < part->load_count; i++) {
        const struct load *load = &part->load[i];
        uint64_t inside = offset - (load->paddr - part->base);

        if (offset < load->paddr - part->base || inside >= load->memsz)
            continue;
        *address = load->vaddr + inside;
        return true;
    }
    return false;
}

static bool offset_of(const struct part *part, uint64_t address, uint64_t *offset)
{
    for (size_t i = 0; i < part->load_count; i++) {
        const struct load *load = &part->load[i];

        if (address - load->vaddr >= load->memsz)
            continue;
        *offset = load->paddr - part->base + (address - load->vaddr) + part->shift;
        return true;
    }
    return false;
}

void bzc_symbols_compare(const struct bzc_symbols *symbols, enum bzc_symbols_part which, uint64_t offset,
                         struct bzc_bytes bytes, uint64_t *same, uint64_t *compared)
{
    const struct part *part = &symbols->part[which];
    Elf_Scn *section = NULL;
    uint64_t left = part->file.size; /* sections that lie over each other are not compared again and again */

    while (part->elf && (section = elf_nextscn(part->elf, section))) {
        struct bzc_bytes code, image;
        GElf_Shdr header;
        uint64_t start;

        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_PROGBITS || !(header.sh_flags & SHF_EXECINSTR) ||
            !offset_of(part, header.sh_addr, &start) || start < offset)
            continue;
        code = bzc_bytes_slice(part->file, header.sh_offset, header.sh_size);
        image = bzc_bytes_slice(bytes, start - offset, code.size);
        if (image.size > left)
            return;
        left -= image.size;
        *compared += image.size;
        for (size_t i = 0; i < image.size; i++)
            *same += code.data[i] == image.data[i];
    }
}

static const struct name *find_name(const struct part *part, uint64_t address)
{
    size_t low = 0, high = part->name_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (part->name[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && address < part->name[low - 1].end ? &part->name[low - 1] : NULL;
}

/* The compilation unit at `address`. The index of addresses is optional: clang writes none. */
static bool find_unit(Dwarf *dwarf, uint64_t address, Dwarf_Die *unit)
{
    Dwarf_CU *cu = NULL;

    if (dwarf_addrdie(dwarf, address, unit))
        return true;
    while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, unit, NULL) == 0)
        if (dwarf_haspc(unit, address) > 0)
            return true;
    return false;
}

static void find_source(const struct part *part, uint64_t address, struct bzc_symbol *symbol)
{
    Dwarf_Die unit;
    Dwarf_Line *line;
    int number;

    if (!part->dwarf || !find_unit(part->dwarf, address, &unit))
        return;
    line = dwarf_getsrc_die(&unit, address);
    if (!line || dwarf_lineno(line, &number) != 0 || number <= 0)
        return;
    symbol->source = dwarf_linesrc(line, NULL, NULL);
    symbol->line = symbol->source ? number : 0;
}

static bool part_of_stage(const char *stage, enum bzc_symbols_part *part)
{
    for (unsigned i = 0; stage && i < BZC_SYMBOLS_PARTS; i++) {
        size_t length = strlen(part_names[i]);

        /* "decompressor (relocated)", "kernel (virtual)" */
        if (strncmp(stage, part_names[i], length) != 0 || (stage[length] != '\0' && stage[length] != ' '))
            continue;
        *part = (enum bzc_symbols_part)i;
        return true;
    }
    return false;
}

bool bzc_symbols_find(const struct bzc_symbols *symbols, const char *stage, uint64_t offset, struct bzc_symbol *symbol)
{
    enum bzc_symbols_part which;
    const struct part *part;
    const struct name *name;
    uint64_t address;

    *symbol = (struct bzc_symbol){0};
    if (!symbols || !part_of_stage(stage, &which))
        return false;
    part = &symbols->part[which];
    if (!link_address(part, offset, &address))
        return false;
    name = find_name(part, address);
    if (name) {
        symbol->name = name->text;
        symbol->offset = address - name->address;
    }
    find_source(part, address, symbol);
    return symbol->name || symbol->source;
}
