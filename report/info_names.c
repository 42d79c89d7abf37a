/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/info_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct name {
    uint32_t number;
    const char *text;
};

static const char *find(const struct name *names, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].number == number)
            return names[i].text;
    }
    return NULL;
}

const char *bzc_info_xz_check(unsigned check)
{
    static const struct name names[] = {{0, "none"}, {1, "CRC-32"}, {4, "CRC-64"}, {10, "SHA-256"}};
    const char *name = find(names, sizeof(names) / sizeof(names[0]), check);

    return name ? name : "unknown";
}

const char *bzc_info_pe_machine(uint16_t machine)
{
    static const struct name names[] = {
        {BZC_PE_MACHINE_I386, "i386"}, {BZC_PE_MACHINE_AMD64, "x86-64"}, {0x01c2, "ARM Thumb"}, {0xaa64, "ARM64"}};
    const char *name = find(names, sizeof(names) / sizeof(names[0]), machine);

    return name ? name : "unknown";
}

const char *bzc_info_pe_subsystem(uint16_t subsystem)
{
    static const struct name names[] = {{BZC_PE_SUBSYSTEM_EFI_APPLICATION, "EFI application"},
                                        {11, "EFI boot service driver"},
                                        {12, "EFI runtime driver"},
                                        {13, "EFI ROM"}};
    const char *name = find(names, sizeof(names) / sizeof(names[0]), subsystem);

    return name ? name : "unknown";
}

const char *bzc_info_pe_directory(size_t index)
{
    static const char *const names[] = {
        "export table",       "import table",  "resources",        "exceptions",     "certificate table",
        "base relocations",   "debug",         "architecture",     "global pointer", "thread-local storage",
        "load configuration", "bound imports", "import addresses", "delay imports",  "CLR header",
        "reserved",
    };

    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown";
}

static const struct name file_flags[] = {
    {0x0001, "RELOCS_STRIPPED"},
    {0x0002, "EXECUTABLE_IMAGE"},
    {0x0004, "LINE_NUMS_STRIPPED"},
    {0x0008, "LOCAL_SYMS_STRIPPED"},
    {0x0020, "LARGE_ADDRESS_AWARE"},
    {0x0100, "32BIT_MACHINE"},
    {0x0200, "DEBUG_STRIPPED"},
    {0x1000, "SYSTEM"},
    {0x2000, "DLL"},
};
static const struct name dll_flags[] = {
    {0x0020, "HIGH_ENTROPY_VA"}, {0x0040, "DYNAMIC_BASE"}, {0x0080, "FORCE_INTEGRITY"}, {0x0100, "NX_COMPAT"},
    {0x0200, "NO_ISOLATION"},    {0x0400, "NO_SEH"},       {0x0800, "NO_BIND"},         {0x4000, "GUARD_CF"},
};
static const struct name section_flags[] = {
    {BZC_PE_SECTION_CODE, "CNT_CODE"},
    {BZC_PE_SECTION_DATA, "CNT_INITIALIZED_DATA"},
    {BZC_PE_SECTION_UNINITIALIZED, "CNT_UNINITIALIZED_DATA"},
    {0x01000000, "LNK_NRELOC_OVFL"},
    {BZC_PE_SECTION_DISCARDABLE, "MEM_DISCARDABLE"},
    {0x04000000, "MEM_NOT_CACHED"},
    {0x08000000, "MEM_NOT_PAGED"},
    {0x10000000, "MEM_SHARED"},
    {BZC_PE_SECTION_EXECUTE, "MEM_EXECUTE"},
    {BZC_PE_SECTION_READ, "MEM_READ"},
    {BZC_PE_SECTION_WRITE, "MEM_WRITE"},
};
static const struct {
    const struct name *names;
    size_t count;
} flag_names[] = {
    [BZC_INFO_PE_FILE] = {file_flags, sizeof(file_flags) / sizeof(file_flags[0])},
    [BZC_INFO_PE_DLL] = {dll_flags, sizeof(dll_flags) / sizeof(dll_flags[0])},
    [BZC_INFO_PE_SECTION] = {section_flags, sizeof(section_flags) / sizeof(section_flags[0])},
};

#define SECTION_ALIGN_MASK  0x00f00000u
#define SECTION_ALIGN_SHIFT 20u

const char *bzc_info_pe_flags(enum bzc_info_pe_flags kind, uint32_t flags, char text[BZC_INFO_FLAGS_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    if (kind == BZC_INFO_PE_SECTION && flags & SECTION_ALIGN_MASK) {
        used += (size_t)snprintf(text, BZC_INFO_FLAGS_TEXT, "ALIGN_%uBYTES",
                                 1u << (((flags & SECTION_ALIGN_MASK) >> SECTION_ALIGN_SHIFT) - 1));
        flags &= ~SECTION_ALIGN_MASK;
    }
    for (unsigned bit = 0; bit < 32 && used < BZC_INFO_FLAGS_TEXT; bit++) {
        uint32_t mask = UINT32_C(1) << bit;
        const char *name = find(flag_names[kind].names, flag_names[kind].count, mask), *blank = used > 0 ? " " : "";

        if (flags & mask && name)
            used += (size_t)snprintf(text + used, BZC_INFO_FLAGS_TEXT - used, "%s%s", blank, name);
        else if (flags & mask)
            used += (size_t)snprintf(text + used, BZC_INFO_FLAGS_TEXT - used, "%s0x%" PRIx32, blank, mask);
    }
    return text;
}

/* ---- notes ---- */

static void copy_text(struct bzc_bytes bytes, char *text, size_t size)
{
    size_t i;

    for (i = 0; i < bytes.size && i + 1 < size && bytes.data[i] != 0; i++)
        text[i] = bytes.data[i] >= 0x20 && bytes.data[i] < 0x7f ? (char)bytes.data[i] : '?';
    text[i] = '\0';
}

/* A text with or without a NUL; a number of 4 or 8 bytes may look like one without. */
static bool is_string(struct bzc_bytes bytes)
{
    bool terminated = bytes.size > 0 && bytes.data[bytes.size - 1] == 0;

    for (size_t i = 0; i + terminated < bytes.size; i++) {
        if (bytes.data[i] < 0x20 || bytes.data[i] >= 0x7f)
            return false;
    }
    return bytes.size > 1 && (terminated || (bytes.size != 4 && bytes.size != 8));
}

static void write_hex(struct bzc_bytes bytes, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < bytes.size && used + 3 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%02x", bytes.data[i]);
}

void bzc_info_note_read(const struct bzc_elf_note *note, struct bzc_info_note *info)
{
    uint64_t number;

    memset(info, 0, sizeof(*info));
    copy_text(note->name, info->owner, sizeof(info->owner));
    info->name = bzc_elf_note_type_name(note);
    if (is_string(note->desc))
        copy_text(note->desc, info->text, sizeof(info->text));
    else if (!bzc_elf_note_is(note, "GNU") && bzc_elf_note_number(note, &number))
        snprintf(info->text, sizeof(info->text), "0x%" PRIx64, number);
    else
        write_hex(note->desc, info->text, sizeof(info->text));
}
