/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about what the unpacked payload's ELF file holds beside the kernel: notes, and sections that should not be. */
#include <inttypes.h>
#include <string.h>

#include "loader/elf_notes.h"
#include "loader/elf_tables.h"
#include "verify/rules.h"

#define PAGE       4096u
#define SHT_SYMTAB 2u
#define SHT_RELA   4u
#define SHT_REL    9u
#define SHF_ALLOC  2u

#define BUILD_ID_MIN 8u /* xxHash-64, the shortest that linkers make; sha1 has 20 bytes */

static const char xen[] = "Xen";

static void check_notes(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;

    (void)run;
    if (elf->note_count == 0)
        bzc_skip(verdict, "the payload has no PT_NOTE");
    for (size_t i = 0; i < elf->note_count; i++) {
        enum bzc_note_result result;
        struct bzc_elf_note note;
        uint64_t at = 0;

        do
            result = bzc_elf_note_next(elf->note[i].bytes, elf->note[i].unit, &at, &note);
        while (result == BZC_NOTE_FOUND);
        if (result == BZC_NOTE_END)
            continue;
        bzc_fail(verdict, "a note runs past the end of its segment");
        bzc_where(verdict, "program header %u of the payload (PT_NOTE) + 0x%" PRIx64, elf->note[i].index, at);
        bzc_expected(verdict, "a name and a description within the 0x%zx bytes of the segment",
                     elf->note[i].bytes.size);
        return;
    }
}

/* The first note of this type and name. */
static bool find_note(const struct bzc_elf *elf, const char *name, uint32_t type, struct bzc_elf_note *note)
{
    for (size_t i = 0; i < elf->note_count; i++) {
        uint64_t at = 0;

        while (bzc_elf_note_next(elf->note[i].bytes, elf->note[i].unit, &at, note) == BZC_NOTE_FOUND) {
            if (note->type == type && bzc_elf_note_is(note, name))
                return true;
        }
    }
    return false;
}

static void check_build_id(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    bool zero = true;

    (void)run;
    for (size_t i = 0; i < elf->build_id_size; i++)
        zero = zero && elf->build_id[i] == 0;
    bzc_where(verdict, "notes of the payload");
    bzc_expected(verdict, "a GNU note of type 3 with at least %u bytes, not all zero", BUILD_ID_MIN);
    if (elf->build_id_size == 0)
        bzc_fail(verdict, "the kernel has no build ID by which its vmlinux could be found");
    else if (elf->build_id_size < BUILD_ID_MIN)
        bzc_fail(verdict, "the kernel's build ID is too short to tell builds apart");
    else if (zero)
        bzc_fail(verdict, "the kernel's build ID is all zero");
    bzc_actual(verdict, "%zu bytes", elf->build_id_size);
}

/* The segment that holds a link-time address: a physical one, or a virtual one when `is_virtual`. */
static const struct bzc_elf_segment *segment_at(const struct bzc_elf *elf, bool is_virtual, uint64_t address)
{
    for (size_t i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *load = &elf->load[i];
        uint64_t start = is_virtual ? load->vaddr : load->paddr;

        if (address >= start && address - start < load->filesz)
            return load;
    }
    return NULL;
}

static void check_pvh_entry(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    struct bzc_elf_note note;
    uint64_t entry;

    (void)run;
    if (!find_note(elf, xen, BZC_NOTE_XEN_PHYS32_ENTRY, &note)) {
        bzc_skip(verdict, "the kernel has no PVH entry");
        return;
    }
    bzc_where(verdict, "Xen note PHYS32_ENTRY (18) of the payload");
    bzc_expected(verdict, "a physical address below 4 GiB in the bytes of a segment");
    if (!bzc_elf_note_number(&note, &entry)) {
        bzc_fail(verdict, "the PVH entry is no number of 4 or 8 bytes");
        bzc_actual(verdict, "%zu bytes", note.desc.size);
        return;
    }
    bzc_actual(verdict, "0x%" PRIx64, entry);
    if (entry > UINT32_MAX)
        bzc_fail(verdict, "the PVH entry cannot be reached in 32-bit mode");
    else if (segment_at(elf, false, entry) == NULL)
        bzc_fail(verdict, "the PVH entry lies in no segment of the kernel");
}

static void check_pvh_reloc(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    uint32_t align = 0x200000, min = 0, max = UINT32_MAX;
    struct bzc_elf_note note;

    (void)run;
    if (!find_note(elf, xen, BZC_NOTE_XEN_PHYS32_RELOC, &note)) {
        bzc_skip(verdict, "the kernel does not say that its PVH entry can be moved");
        return;
    }
    bzc_bytes_u32(note.desc, 0, &align);
    bzc_bytes_u32(note.desc, 4, &min);
    bzc_bytes_u32(note.desc, 8, &max);
    bzc_where(verdict, "Xen note PHYS32_RELOC (19) of the payload");
    bzc_actual(verdict, "alignment 0x%" PRIx32 ", from 0x%" PRIx32 " to 0x%" PRIx32, align, min, max);
    if (!find_note(elf, xen, BZC_NOTE_XEN_PHYS32_ENTRY, &note)) {
        bzc_fail(verdict, "the kernel says how its PVH entry can be moved, but has none");
        bzc_expected(verdict, "a note PHYS32_ENTRY (18)");
    } else if (align == 0 || (align & (align - 1)) != 0) {
        bzc_fail(verdict, "the alignment for moving a PVH kernel is no power of two");
        bzc_expected(verdict, "a power of two");
    } else if (min > max || max - min < facts->oracle->span - 1) {
        bzc_fail(verdict, "the range for moving a PVH kernel is smaller than the kernel");
        bzc_expected(verdict, "room for 0x%" PRIx64 " bytes", facts->oracle->span);
    }
}

/* A Xen note that holds a virtual address in the kernel, when it is there. */
static bool is_good_address(const struct bzc_elf *elf, uint32_t type, const char *name, uint64_t unit,
                            struct bzc_verdict *verdict)
{
    struct bzc_elf_note note;
    uint64_t address;

    if (!find_note(elf, xen, type, &note))
        return true;
    if (bzc_elf_note_number(&note, &address) && address % unit == 0 && segment_at(elf, true, address) != NULL)
        return true;
    bzc_fail(verdict, "the address in a Xen note lies in no segment of the kernel%s",
             unit > 1 ? ", or not at the start of a page" : "");
    bzc_where(verdict, "Xen note %s (%" PRIu32 ") of the payload", name, type);
    if (bzc_elf_note_number(&note, &address))
        bzc_actual(verdict, "0x%" PRIx64, address);
    else
        bzc_actual(verdict, "%zu bytes", note.desc.size);
    return false;
}

static bool starts_with(const struct bzc_elf *elf, uint32_t type, const char *text)
{
    size_t size = strlen(text);
    struct bzc_elf_note note;

    return find_note(elf, xen, type, &note) && note.desc.size >= size && memcmp(note.desc.data, text, size) == 0;
}

static void check_xen_notes(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    struct bzc_elf_note note;

    (void)run;
    if (!find_note(elf, xen, BZC_NOTE_XEN_ENTRY, &note)) {
        bzc_skip(verdict, "the kernel has no entry for Xen PV");
    } else if (!starts_with(elf, BZC_NOTE_XEN_XEN_VERSION, "xen-3.0")) {
        bzc_fail(verdict, "Xen loads no kernel without the note that names its interface");
        bzc_where(verdict, "Xen note XEN_VERSION (5) of the payload");
        bzc_expected(verdict, "xen-3.0");
    } else if (!starts_with(elf, BZC_NOTE_XEN_LOADER, "generic") && !starts_with(elf, BZC_NOTE_XEN_GUEST_OS, "linux")) {
        bzc_fail(verdict, "Xen loads no kernel that is neither for the generic loader nor Linux");
        bzc_where(verdict, "Xen notes LOADER (8) and GUEST_OS (6) of the payload");
        bzc_expected(verdict, "generic, or linux");
    } else if (find_note(elf, xen, BZC_NOTE_XEN_PADDR_OFFSET, &note) &&
               !find_note(elf, xen, BZC_NOTE_XEN_VIRT_BASE, &note)) {
        bzc_fail(verdict, "Xen loads no kernel that says PADDR_OFFSET without VIRT_BASE");
        bzc_where(verdict, "Xen note VIRT_BASE (3) of the payload");
    } else if (is_good_address(elf, BZC_NOTE_XEN_ENTRY, "ENTRY", 1, verdict)) {
        is_good_address(elf, BZC_NOTE_XEN_HYPERCALL_PAGE, "HYPERCALL_PAGE", PAGE, verdict);
    }
}

static void check_dynamic(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    struct bzc_elf_tables tables;

    (void)run;
    bzc_elf_tables_read(facts->oracle->payload, &tables);
    for (size_t i = 0; i < tables.section_count; i++) {
        const struct bzc_elf_section *section = &tables.section[i];

        if ((section->type != SHT_REL && section->type != SHT_RELA) || !(section->flags & SHF_ALLOC) ||
            section->size == 0)
            continue;
        bzc_fail(verdict, "the kernel has run-time relocations, which nothing applies");
        bzc_where(verdict, "section %zu (%s) of the payload", i, section->name);
        bzc_expected(verdict, "0 bytes");
        bzc_actual(verdict, "0x%" PRIx64, section->size);
        return;
    }
    if (facts->oracle->elf.dynamic) {
        bzc_fail(verdict, "the kernel wants to be linked when it is loaded, which nothing does");
        bzc_where(verdict, "program headers of the payload");
        bzc_expected(verdict, "no PT_DYNAMIC");
    }
}

static void check_stripped(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    static const char debug[] = ".debug_";
    struct bzc_elf_tables tables;

    (void)run;
    bzc_elf_tables_read(facts->oracle->payload, &tables);
    for (size_t i = 0; i < tables.section_count; i++) {
        const struct bzc_elf_section *section = &tables.section[i];

        if (section->type != SHT_SYMTAB && strncmp(section->name, debug, sizeof(debug) - 1) != 0)
            continue;
        bzc_fail(verdict, "the payload was not stripped: each boot unpacks what only debuggers read");
        bzc_where(verdict, "section %zu (%s) of the payload", i, section->name);
        bzc_expected(verdict, "no symbol table and no debugging information");
        bzc_actual(verdict, "0x%" PRIx64 " bytes", section->size);
        return;
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "ELF-012",
        .name = "notes-well-formed",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the kernel's ELF notes are well-formed",
        .spec = "System V ABI, Note Section",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_notes,
    },
    {
        .id = "ELF-013",
        .name = "build-id",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the kernel has a build ID",
        .spec = "GNU ld, --build-id; Makefile of Linux: LDFLAGS_vmlinux",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_build_id,
    },
    {
        .id = "ELF-014",
        .name = "pvh-entry",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the PVH entry lies in the kernel and below 4 GiB",
        .spec = "Xen, docs/misc/pvh.pandoc; xen/include/public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_pvh_entry,
    },
    {
        .id = "ELF-015",
        .name = "pvh-reloc",
        .severity = BZC_SEVERITY_WARNING,
        .title = "where a PVH kernel may be moved to there is room for it",
        .spec = "Xen, xen/include/public/elfnote.h: XEN_ELFNOTE_PHYS32_RELOC",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_pvh_reloc,
    },
    {
        .id = "ELF-016",
        .name = "xen-notes",
        .severity = BZC_SEVERITY_WARNING,
        .title = "a kernel with an entry for Xen PV has the notes that Xen asks for",
        .spec = "Xen, xen/common/libelf/libelf-dominfo.c: elf_xen_note_check, elf_xen_addr_calc_check",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_xen_notes,
    },
    {
        .id = "ELF-017",
        .name = "no-run-time-relocations",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the kernel has no run-time relocations beside the table behind it",
        .spec = "arch/x86/kernel/vmlinux.lds.S: ASSERT(SIZEOF(.rela.dyn) == 0)",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_dynamic,
    },
    {
        .id = "ELF-018",
        .name = "payload-stripped",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the payload has no symbol table and no debugging information",
        .spec = "arch/x86/boot/compressed/Makefile: OBJCOPYFLAGS_vmlinux.bin",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_stripped,
    },
};

const struct bzc_rule_family bzc_rules_elf_contents = {rules, sizeof(rules) / sizeof(rules[0])};
