/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the PE/COFF headers of a boot image: what firmware and shim look at before they load anything. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules_hdr.h"
#include "verify/rules_pe.h"

#define OPTIONAL_FIXED_PE32      96u
#define OPTIONAL_FIXED_PE32_PLUS 112u
#define DIRECTORY_SIZE           8u
#define DIRECTORIES_FOR_LOADERS  6u /* up to the base relocations */
#define XLF_EFI_HANDOVER         (BZC_XLF_EFI_HANDOVER_32 | BZC_XLF_EFI_HANDOVER_64)

static void check_header(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    uint64_t offset = 0, flags = 0;

    (void)run;
    if (facts->pe.present ||
        bzc_pe_explained(bzc_pe_signature_fault(facts), "a part of the PE header's signature is lost", verdict))
        return;
    bzc_image_field(&facts->image, BZC_FIELD_HANDOVER_OFFSET, &offset);
    bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags);
    if (!(flags & XLF_EFI_HANDOVER)) {
        bzc_skip(verdict, "the header claims no EFI entry");
        return;
    }
    if (bzc_pe_explained(bzc_pe_handover_flags_fault(facts), "the flags contradict each other", verdict))
        return;
    bzc_fail(verdict, "the header claims an EFI handover entry, but there is no PE header");
    bzc_where(verdict, "offset 0x0");
    bzc_expected(verdict, "\"MZ\"");
    bzc_actual(verdict, "xloadflags 0x%" PRIx64 ", handover_offset 0x%" PRIx64, flags, offset);
}

static void check_complete(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;

    (void)run;
    if (!pe->headers_cut && !pe->section_table_cut)
        return;
    /* A number of sections that is out of bounds makes a table of any length. */
    if (!pe->headers_cut && bzc_pe_has_fields(pe) && pe->number_of_sections > BZC_PE_SECTIONS_MAX) {
        bzc_skip(verdict, "explained by PE-010: the number of sections is out of bounds");
        return;
    }
    bzc_fail(verdict, "the PE headers run past the end of the file");
    bzc_where(verdict, pe->headers_cut ? "COFF and optional header" : "section table");
    bzc_expected(verdict, "at least 0x%" PRIx64 " bytes", pe->section_table_end);
    bzc_actual(verdict, "0x%zx bytes", facts->image.file.size);
}

/* The message of PE-003 and what it expects, or NULL. */
static const char *machine_problem(const struct bzc_image_facts *facts, const char **expected)
{
    uint16_t machine = facts->pe.machine;
    unsigned bits = bzc_hdr_kernel_bits(facts);
    uint64_t flags;

    *expected = "0x8664 (x86-64) or 0x14c (i386)";
    if (machine != BZC_PE_MACHINE_I386 && machine != BZC_PE_MACHINE_AMD64)
        return "the PE file is for no x86 machine";
    /* XLF_KERNEL_64 that does not fit a kernel which is known is a matter of HDR-053 and HDR-054. */
    if (bits != 0) {
        *expected = bits == 64 ? "0x8664 (the payload is a 64-bit kernel)" : "0x14c (the payload is a 32-bit kernel)";
        if (machine == (bits == 64 ? BZC_PE_MACHINE_AMD64 : BZC_PE_MACHINE_I386))
            return NULL;
        return bits == 64 ? "the PE file is for i386, the kernel in it for x86-64"
                          : "the PE file is for x86-64, the kernel in it for i386";
    }
    if (!bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags))
        return NULL;
    if (flags & BZC_XLF_KERNEL_64 && machine != BZC_PE_MACHINE_AMD64) {
        *expected = "0x8664 (XLF_KERNEL_64 is set)";
        return "the PE file is for i386, its setup header for x86-64";
    }
    if (!(flags & BZC_XLF_KERNEL_64) && machine != BZC_PE_MACHINE_I386 && facts->system == BZC_SYSTEM_LINUX &&
        !bzc_pe_handover_flags_fault(facts)) {
        *expected = "0x14c (XLF_KERNEL_64 is clear)";
        return "the PE file is for x86-64, its setup header for i386";
    }
    return NULL;
}

static void check_machine(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const char *expected, *problem = machine_problem(facts, &expected);

    (void)run;
    if (!problem)
        return;
    bzc_fail(verdict, "%s", problem);
    bzc_where(verdict, "Machine");
    bzc_expected(verdict, "%s", expected);
    bzc_actual(verdict, "0x%x", facts->pe.machine);
}

static void check_magic(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const char *what;
    uint16_t expected = pe->machine == BZC_PE_MACHINE_I386 ? BZC_PE_MAGIC_PE32 : BZC_PE_MAGIC_PE32_PLUS;

    (void)run;
    if (pe->magic == expected)
        return;
    if (!bzc_pe_has_fields(pe)) {
        if (pe->headers_cut) {
            bzc_skip(verdict, "explained by PE-002: the file ends before the optional header does");
            return;
        }
    } else if (machine_problem(facts, &what) != NULL) {
        bzc_skip(verdict, "explained by PE-003: the machine is another");
        return;
    }
    bzc_fail(verdict, "the optional header is not of the kind that its machine needs");
    bzc_where(verdict, "Magic");
    bzc_expected(verdict, "0x%x (%s)", expected, expected == BZC_PE_MAGIC_PE32 ? "PE32" : "PE32+");
    bzc_actual(verdict, "0x%x", pe->magic);
}

/* Whether the fields of the optional header could be read; otherwise the verdict is a skip. */
static bool has_fields(const struct bzc_pe *pe, struct bzc_verdict *verdict)
{
    return !bzc_pe_explained(bzc_pe_fields_fault(pe), "the optional header cannot be read", verdict);
}

static void check_optional_size(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    uint64_t expected;

    (void)run;
    if (!has_fields(pe, verdict) || bzc_pe_first_stub_explains(pe, verdict))
        return;
    if (pe->headers_cut || pe->section_table_cut) {
        const char *fault = bzc_pe_table_fault(facts);

        bzc_skip(verdict, "explained by %s: the section table cannot be read", fault ? fault : "PE-002");
        return;
    }
    if (pe->number_of_rva_and_sizes > BZC_PE_DIRECTORIES_MAX) {
        bzc_fail(verdict, "the optional header declares more data directories than there are");
        bzc_where(verdict, "NumberOfRvaAndSizes");
        bzc_expected(verdict, "at most 16");
        bzc_actual(verdict, "%" PRIu32, pe->number_of_rva_and_sizes);
        return;
    }
    expected = (bzc_pe_is_plus(pe) ? OPTIONAL_FIXED_PE32_PLUS : OPTIONAL_FIXED_PE32) +
               (uint64_t)pe->number_of_rva_and_sizes * DIRECTORY_SIZE;
    if (pe->size_of_optional_header == expected)
        return;
    bzc_fail(verdict, "the optional header is not as long as its data directories make it");
    bzc_where(verdict, "SizeOfOptionalHeader");
    bzc_expected(verdict, "0x%" PRIx64 " (%" PRIu32 " data directories)", expected, pe->number_of_rva_and_sizes);
    bzc_actual(verdict, "0x%x", pe->size_of_optional_header);
}

static void check_directories(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    (void)run;
    if (!has_fields(&facts->pe, verdict) || facts->pe.number_of_rva_and_sizes >= DIRECTORIES_FOR_LOADERS ||
        bzc_pe_first_stub_explains(&facts->pe, verdict))
        return;
    bzc_fail(verdict, "there is no place for %s",
             facts->pe.number_of_rva_and_sizes > BZC_PE_DIRECTORY_CERTIFICATE ? "base relocations" : "a signature");
    bzc_where(verdict, "NumberOfRvaAndSizes");
    bzc_expected(verdict, "at least 6");
    bzc_actual(verdict, "%" PRIu32, facts->pe.number_of_rva_and_sizes);
}

static void check_relocatable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    uint16_t flags = facts->pe.characteristics;

    (void)run;
    if (!(flags & BZC_PE_FILE_RELOCS_STRIPPED) && flags & BZC_PE_FILE_EXECUTABLE_IMAGE)
        return;
    if (flags & BZC_PE_FILE_RELOCS_STRIPPED)
        bzc_fail(verdict, "the file says that it can only run at its ImageBase, 0x%" PRIx64, facts->pe.image_base);
    else
        bzc_fail(verdict, "the file says that it is not executable");
    bzc_where(verdict, "Characteristics");
    bzc_expected(verdict, "IMAGE_FILE_EXECUTABLE_IMAGE (0x2) and not IMAGE_FILE_RELOCS_STRIPPED (0x1)");
    bzc_actual(verdict, "0x%x", flags);
}

static void check_subsystem(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)run;
    if (!has_fields(&facts->pe, verdict) || facts->pe.subsystem == BZC_PE_SUBSYSTEM_EFI_APPLICATION)
        return;
    bzc_fail(verdict, "the file is no EFI application");
    bzc_where(verdict, "Subsystem");
    bzc_expected(verdict, "10 (IMAGE_SUBSYSTEM_EFI_APPLICATION)");
    bzc_actual(verdict, "%u", facts->pe.subsystem);
}

static void check_alignments(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    uint32_t section = facts->pe.section_alignment, file = facts->pe.file_alignment;

    (void)run;
    if (!has_fields(&facts->pe, verdict) || !bzc_pe_alignments_fault(&facts->pe))
        return;
    bzc_fail(verdict, "the alignments are not powers of two, or that in memory is the smaller one");
    bzc_where(verdict, "SectionAlignment, FileAlignment");
    bzc_expected(verdict, "powers of two, SectionAlignment not below FileAlignment");
    bzc_actual(verdict, "0x%" PRIx32 ", 0x%" PRIx32, section, file);
}

static void check_section_table(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;

    (void)run;
    if (!has_fields(pe, verdict))
        return;
    if (pe->headers_cut) {
        bzc_skip(verdict, "explained by PE-002: the headers run past the end of the file");
    } else if (pe->number_of_sections == 0 || pe->number_of_sections > BZC_PE_SECTIONS_MAX) {
        bzc_fail(verdict, "the number of sections is out of bounds");
        bzc_where(verdict, "NumberOfSections");
        bzc_expected(verdict, "1 to %d", BZC_PE_SECTIONS_MAX);
        bzc_actual(verdict, "%u", pe->number_of_sections);
    } else if (pe->section_table_cut) {
        bzc_skip(verdict, "explained by PE-002: the section table runs past the end of the file");
    } else if (bzc_pe_table_fault(facts)) {
        bzc_skip(verdict, "explained by %s: the section table ends elsewhere", bzc_pe_table_fault(facts));
    } else if (pe->size_of_headers > facts->image.file.size && bzc_pe_end_fault(facts)) {
        bzc_skip(verdict, "explained by %s: the file is cut off", bzc_pe_end_fault(facts));
    } else if (pe->size_of_headers < pe->section_table_end || pe->size_of_headers > facts->image.file.size) {
        bzc_fail(verdict, "SizeOfHeaders does not hold the section table, or is larger than the file");
        bzc_where(verdict, "SizeOfHeaders");
        bzc_expected(verdict, "0x%" PRIx64 " to 0x%zx", pe->section_table_end, facts->image.file.size);
        bzc_actual(verdict, "0x%" PRIx32, pe->size_of_headers);
    }
}

static void check_size_of_image(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const struct bzc_pe_section *last;
    uint64_t end = bzc_pe_memory_end(pe, &last);
    const char *fault;

    (void)run;
    if (!has_fields(pe, verdict) || pe->size_of_image >= end)
        return;
    fault = bzc_pe_layout_fault(facts);
    /* Its own id tells that nothing else is wrong with the sections. */
    if (fault && strcmp(fault, "PE-011") != 0) {
        bzc_skip(verdict, "explained by %s: the sections are not where they should be", fault);
        return;
    }
    if (!last && bzc_pe_explained(bzc_pe_headers_size_fault(facts), "SizeOfHeaders is wrong", verdict))
        return;
    bzc_fail(verdict, "the image does not have room for %s", last ? "all of its sections" : "its own headers");
    bzc_where(verdict, "SizeOfImage");
    if (last)
        bzc_expected(verdict, "at least 0x%" PRIx64 " (end of %s in memory)", end, last->name);
    else
        bzc_expected(verdict, "at least 0x%" PRIx64 " (SizeOfHeaders)", end);
    bzc_actual(verdict, "0x%" PRIx32, pe->size_of_image);
}

static void check_reserved(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const struct {
        const char *name;
        uint32_t value;
    } field[] = {
        {"Win32VersionValue", pe->win32_version_value},
        {"LoaderFlags", pe->loader_flags},
        {"PointerToSymbolTable", pe->pointer_to_symbol_table},
    };

    (void)run;
    for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
        if (field[i].value == 0)
            continue;
        bzc_fail(verdict, "a field that must be zero is not");
        bzc_where(verdict, "%s", field[i].name);
        bzc_expected(verdict, "0x0");
        bzc_actual(verdict, "0x%" PRIx32, field[i].value);
        return;
    }
}

static void check_clear_of_setup(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    uint64_t start = bzc_field(BZC_FIELD_SETUP_SECTS)->offset, end, jump;
    const char *fault;

    (void)run;
    if (!bzc_image_field(&facts->image, BZC_FIELD_JUMP, &jump))
        return;
    /* The header ends where its jump leads: boot.rst, "Details of Header Fields", field jump. */
    end = bzc_field(BZC_FIELD_HEADER)->offset + (jump >> 8 & 0xff);
    if (pe->section_table_end <= start || pe->e_lfanew >= end)
        return;
    fault = bzc_pe_table_fault(facts);
    if (fault && strcmp(fault, "PE-013") != 0) {
        bzc_skip(verdict, "explained by %s: the section table is not where it should be", fault);
        return;
    }
    bzc_fail(verdict, "the PE headers lie over the setup header");
    bzc_where(verdict, "e_lfanew, NumberOfSections");
    bzc_expected(verdict, "no byte of 0x%" PRIx64 " to 0x%" PRIx64, start, end);
    bzc_actual(verdict, "0x%" PRIx32 " to 0x%" PRIx64, pe->e_lfanew, pe->section_table_end);
}

static const struct bzc_rule rules[] = {
    {
        .id = "PE-001",
        .name = "pe-header",
        .severity = BZC_SEVERITY_WARNING,
        .title = "an image with an EFI handover entry is a PE file, too",
        .spec = "boot.rst, EFI Handover Protocol; PE Format, MS-DOS Stub",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_header,
    },
    {
        .id = "PE-002",
        .name = "pe-headers-complete",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the file holds its PE headers and section table",
        .spec = "PE Format, COFF File Header, Section Table",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_complete,
    },
    {
        .id = "PE-003",
        .name = "pe-machine",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the PE file is for the machine that the kernel is for",
        .spec = "PE Format, Machine Types; boot.rst, xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_machine,
    },
    {
        .id = "PE-004",
        .name = "pe-magic",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the optional header is PE32+ for x86-64 and PE32 for i386",
        .spec = "PE Format, Optional Header: Magic; UEFI, UEFI Images",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_magic,
    },
    {
        .id = "PE-005",
        .name = "pe-optional-header-size",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the optional header has the size that its data directories make",
        .spec = "PE Format, Optional Header: NumberOfRvaAndSizes",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_optional_size,
    },
    {
        .id = "PE-006",
        .name = "pe-directories",
        .severity = BZC_SEVERITY_WARNING,
        .title = "there are data directories for a signature and for base relocations",
        .spec = "PE Format, Optional Header Data Directories",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_directories,
    },
    {
        .id = "PE-007",
        .name = "pe-relocatable",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the file says that it is executable and can be loaded anywhere",
        .spec = "PE Format, Characteristics",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_relocatable,
    },
    {
        .id = "PE-008",
        .name = "pe-subsystem",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the file is an EFI application",
        .spec = "PE Format, Windows Subsystem; UEFI, UEFI Images",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_subsystem,
    },
    {
        .id = "PE-009",
        .name = "pe-alignments",
        .severity = BZC_SEVERITY_ERROR,
        .title = "SectionAlignment and FileAlignment are powers of two, SectionAlignment the larger or equal",
        .spec = "PE Format, Optional Header Windows-Specific Fields: SectionAlignment, FileAlignment",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_alignments,
    },
    {
        .id = "PE-010",
        .name = "pe-section-table",
        .severity = BZC_SEVERITY_ERROR,
        .title = "there are sections, and SizeOfHeaders holds their table",
        .spec = "PE Format, Section Table; Optional Header Windows-Specific Fields: SizeOfHeaders",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_section_table,
    },
    {
        .id = "PE-011",
        .name = "pe-size-of-image",
        .severity = BZC_SEVERITY_ERROR,
        .title = "SizeOfImage covers headers and all sections in memory",
        .spec = "PE Format, Optional Header Windows-Specific Fields: SizeOfImage",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_size_of_image,
    },
    {
        .id = "PE-012",
        .name = "pe-reserved-fields",
        .severity = BZC_SEVERITY_NOTE,
        .title = "reserved and deprecated fields of the PE headers are zero",
        .spec = "PE Format, COFF File Header: PointerToSymbolTable; Win32VersionValue, LoaderFlags",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_reserved,
    },
    {
        .id = "PE-013",
        .name = "pe-clear-of-setup-header",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the PE headers do not lie over the setup header",
        .spec = "boot.rst, The Real-Mode Kernel Header",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE | BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_clear_of_setup,
    },
};

const struct bzc_rule_family bzc_rules_pe = {rules, sizeof(rules) / sizeof(rules[0])};
