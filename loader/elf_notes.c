/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/elf_notes.h"

#include <string.h>

#include "loader/elf.h"

#define HEADER 12u

static uint64_t align_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static bool is_zero(struct bzc_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] != 0)
            return false;
    }
    return true;
}

enum bzc_note_result bzc_elf_note_next(struct bzc_bytes notes, unsigned unit, uint64_t *at, struct bzc_elf_note *note)
{
    struct bzc_bytes rest = bzc_bytes_slice(notes, *at, notes.size);
    uint32_t name_size, desc_size;
    uint64_t desc;

    if (rest.size < HEADER)
        return is_zero(rest) ? BZC_NOTE_END : BZC_NOTE_DAMAGED;
    bzc_bytes_u32(rest, 0, &name_size);
    bzc_bytes_u32(rest, 4, &desc_size);
    bzc_bytes_u32(rest, 8, &note->type);
    desc = align_up(HEADER + (uint64_t)name_size, unit);
    if (!bzc_bytes_has(rest, HEADER, name_size) || !bzc_bytes_has(rest, desc, desc_size))
        return BZC_NOTE_DAMAGED;
    note->name = bzc_bytes_slice(rest, HEADER, name_size);
    note->desc = bzc_bytes_slice(rest, desc, desc_size);
    *at += align_up(desc + desc_size, unit);
    return BZC_NOTE_FOUND;
}

bool bzc_elf_note_is(const struct bzc_elf_note *note, const char *name)
{
    size_t size = strlen(name) + 1;

    return note->name.size == size && memcmp(note->name.data, name, size) == 0;
}

/* ---- names ---- */

struct note_name {
    uint32_t type;
    const char *text;
};

static const struct note_name xen_notes[] = {
    {0, "INFO"},
    {BZC_NOTE_XEN_ENTRY, "ENTRY"},
    {BZC_NOTE_XEN_HYPERCALL_PAGE, "HYPERCALL_PAGE"},
    {BZC_NOTE_XEN_VIRT_BASE, "VIRT_BASE"},
    {BZC_NOTE_XEN_PADDR_OFFSET, "PADDR_OFFSET"},
    {BZC_NOTE_XEN_XEN_VERSION, "XEN_VERSION"},
    {BZC_NOTE_XEN_GUEST_OS, "GUEST_OS"},
    {7, "GUEST_VERSION"},
    {BZC_NOTE_XEN_LOADER, "LOADER"},
    {9, "PAE_MODE"},
    {10, "FEATURES"},
    {11, "BSD_SYMTAB"},
    {12, "HV_START_LOW"},
    {13, "L1_MFN_VALID"},
    {14, "SUSPEND_CANCEL"},
    {15, "INIT_P2M"},
    {16, "MOD_START_PFN"},
    {17, "SUPPORTED_FEATURES"},
    {BZC_NOTE_XEN_PHYS32_ENTRY, "PHYS32_ENTRY"},
    {BZC_NOTE_XEN_PHYS32_RELOC, "PHYS32_RELOC"},
};
/* include/linux/build-salt.h, include/linux/elfnote-lto.h */
static const struct note_name linux_notes[] = {{0x100, "BUILD_SALT"}, {0x101, "LTO"}};
static const struct note_name gnu_notes[] = {{1, "ABI_TAG"}, {BZC_NOTE_GNU_BUILD_ID, "BUILD_ID"}, {5, "PROPERTY"}};

static const char *find_name(const struct note_name *names, size_t count, uint32_t type)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].type == type)
            return names[i].text;
    return NULL;
}

const char *bzc_elf_note_type_name(const struct bzc_elf_note *note)
{
    if (bzc_elf_note_is(note, "Xen"))
        return find_name(xen_notes, sizeof(xen_notes) / sizeof(xen_notes[0]), note->type);
    if (bzc_elf_note_is(note, "GNU"))
        return find_name(gnu_notes, sizeof(gnu_notes) / sizeof(gnu_notes[0]), note->type);
    if (bzc_elf_note_is(note, "Linux"))
        return find_name(linux_notes, sizeof(linux_notes) / sizeof(linux_notes[0]), note->type);
    return NULL;
}

/* ---- what a note says ---- */

bool bzc_elf_note_number(const struct bzc_elf_note *note, uint64_t *value)
{
    return (note->desc.size == 4 || note->desc.size == 8) &&
           bzc_bytes_uint(note->desc, 0, (unsigned)note->desc.size, value);
}

bool bzc_elf_find_note(const struct bzc_elf *elf, const char *name, uint32_t type, struct bzc_elf_note *note)
{
    for (size_t i = 0; i < elf->note_count; i++) {
        uint64_t at = 0;

        while (bzc_elf_note_next(elf->note[i].bytes, elf->note[i].unit, &at, note) == BZC_NOTE_FOUND)
            if (note->type == type && bzc_elf_note_is(note, name))
                return true;
    }
    return false;
}
