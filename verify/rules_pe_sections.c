/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the section table of a PE file: where the bytes lie in the file and in memory. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "verify/rules_pe.h"

#define SBAT_COLUMNS 6u

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t round_up(uint64_t value, uint32_t unit)
{
    return is_power_of_two(unit) ? (value + unit - 1) & ~((uint64_t)unit - 1) : value;
}

static uint64_t raw_end(const struct bzc_pe_section *section)
{
    return (uint64_t)section->pointer_to_raw_data + section->size_of_raw_data;
}

static uint64_t memory_end(const struct bzc_pe_section *section)
{
    return section->virtual_address + bzc_pe_section_memory(section);
}

static void where_section(struct bzc_verdict *verdict, const struct bzc_pe *pe, const struct bzc_pe_section *section,
                          const char *field)
{
    bzc_where(verdict, "section %zu (%s), %s", (size_t)(section - pe->section), section->name, field);
}

static bool has_wrong_table(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return bzc_pe_explained(bzc_pe_table_fault(facts), "the section table cannot be trusted", verdict);
}

static void check_in_file(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section = bzc_pe_section_outside(facts);

    (void)run;
    if (has_wrong_table(facts, verdict) || !section ||
        bzc_pe_explained(bzc_pe_cut_fault(facts), "the file is cut off", verdict))
        return;
    bzc_fail(verdict, "the bytes of a section run past the end of the file");
    where_section(verdict, &facts->pe, section, "PointerToRawData, SizeOfRawData");
    bzc_expected(verdict, "an end of at most 0x%zx (end of file)", facts->image.file.size);
    bzc_actual(verdict, "0x%" PRIx32 " to 0x%" PRIx64, section->pointer_to_raw_data, raw_end(section));
}

/* Whether optional header and section table could be read and mean something; otherwise the verdict is a skip. */
static bool has_sections(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return !bzc_pe_first_stub_explains(&facts->pe, verdict) && !has_wrong_table(facts, verdict) &&
           !bzc_pe_explained(bzc_pe_sections_fault(facts), "a section lies outside of the file", verdict);
}

/* The same, and SizeOfHeaders is one that PE-010 accepts. */
static bool has_headers_size(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return has_sections(facts, verdict) &&
           !bzc_pe_explained(bzc_pe_headers_size_fault(facts), "SizeOfHeaders is wrong", verdict);
}

static void check_behind_headers(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;

    (void)run;
    if (!has_headers_size(facts, verdict))
        return;
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        bool raw = section->size_of_raw_data != 0 && section->pointer_to_raw_data < pe->size_of_headers;

        if (!raw && section->virtual_address >= pe->size_of_headers)
            continue;
        bzc_fail(verdict, "a section lies over the headers");
        where_section(verdict, pe, section, raw ? "PointerToRawData" : "VirtualAddress");
        bzc_expected(verdict, "at least 0x%" PRIx32 " (SizeOfHeaders)", pe->size_of_headers);
        bzc_actual(verdict, "0x%" PRIx32, raw ? section->pointer_to_raw_data : section->virtual_address);
        return;
    }
}

/* Alignments that PE-009 refuses cannot be asked for. */
static bool has_alignments(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return has_sections(facts, verdict) &&
           !bzc_pe_explained(bzc_pe_alignments_fault(&facts->pe), "the alignments cannot be used", verdict);
}

static void check_file_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    uint32_t unit = pe->file_alignment;

    (void)run;
    if (!has_headers_size(facts, verdict) || !has_alignments(facts, verdict))
        return;
    if (pe->size_of_headers % unit != 0) {
        bzc_fail(verdict, "SizeOfHeaders is not aligned as FileAlignment says");
        bzc_where(verdict, "SizeOfHeaders");
        bzc_expected(verdict, "a multiple of 0x%" PRIx32, unit);
        bzc_actual(verdict, "0x%" PRIx32, pe->size_of_headers);
        return;
    }
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];

        if (section->size_of_raw_data % unit == 0 &&
            (section->size_of_raw_data == 0 || section->pointer_to_raw_data % unit == 0))
            continue;
        bzc_fail(verdict, "a section is not aligned in the file as FileAlignment says");
        where_section(verdict, pe, section, "PointerToRawData, SizeOfRawData");
        bzc_expected(verdict, "multiples of 0x%" PRIx32, unit);
        bzc_actual(verdict, "0x%" PRIx32 ", 0x%" PRIx32, section->pointer_to_raw_data, section->size_of_raw_data);
        return;
    }
}

static void check_section_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    uint32_t unit = pe->section_alignment;

    (void)run;
    if (!has_alignments(facts, verdict))
        return;
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];

        if (section->virtual_address % unit == 0)
            continue;
        bzc_fail(verdict, "a section is not aligned in memory as SectionAlignment says");
        where_section(verdict, pe, section, "VirtualAddress");
        bzc_expected(verdict, "a multiple of 0x%" PRIx32, unit);
        bzc_actual(verdict, "0x%" PRIx32, section->virtual_address);
        return;
    }
    if (pe->size_of_image % unit != 0) {
        bzc_fail(verdict, "SizeOfImage is not aligned as SectionAlignment says");
        bzc_where(verdict, "SizeOfImage");
        bzc_expected(verdict, "a multiple of 0x%" PRIx32, unit);
        bzc_actual(verdict, "0x%" PRIx32, pe->size_of_image);
    }
}

static void check_disjoint(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *a, *b;
    size_t i, j;

    (void)run;
    if (!has_sections(facts, verdict) || !bzc_pe_find_overlap(&facts->pe, &i, &j))
        return;
    a = &facts->pe.section[i];
    b = &facts->pe.section[j];
    bzc_fail(verdict, "two sections overlap in memory");
    bzc_where(verdict, "sections %zu (%s) and %zu (%s), VirtualAddress, VirtualSize", i, a->name, j, b->name);
    bzc_expected(verdict, "ranges without a common address");
    bzc_actual(verdict, "0x%" PRIx32 " to 0x%" PRIx64 ", 0x%" PRIx32 " to 0x%" PRIx64, a->virtual_address,
               memory_end(a), b->virtual_address, memory_end(b));
}

static void check_order(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const struct bzc_pe_section *raw = NULL;

    (void)run;
    if (has_wrong_table(facts, verdict) ||
        bzc_pe_explained(bzc_pe_sections_fault(facts), "a section lies outside of the file", verdict))
        return;
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i], *before = i > 0 ? section - 1 : section;

        if (before->virtual_address > section->virtual_address) {
            bzc_fail(verdict, "the section table is not in the order of the addresses");
            where_section(verdict, pe, section, "VirtualAddress");
            bzc_expected(verdict, "above 0x%" PRIx32 " (%s)", before->virtual_address, before->name);
            bzc_actual(verdict, "0x%" PRIx32, section->virtual_address);
            return;
        }
        if (section->size_of_raw_data == 0)
            continue;
        if (raw && raw->pointer_to_raw_data > section->pointer_to_raw_data) {
            bzc_fail(verdict, "the section table is not in the order of the file");
            where_section(verdict, pe, section, "PointerToRawData");
            bzc_expected(verdict, "above 0x%" PRIx32 " (%s)", raw->pointer_to_raw_data, raw->name);
            bzc_actual(verdict, "0x%" PRIx32, section->pointer_to_raw_data);
            return;
        }
        raw = section;
    }
}

/* The section with bytes in the file that comes next at or behind `from`; NULL when there is none. */
static const struct bzc_pe_section *next_in_file(const struct bzc_pe *pe, const struct bzc_pe_section *after)
{
    const struct bzc_pe_section *next = NULL;

    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        bool later = !after || section->pointer_to_raw_data > after->pointer_to_raw_data ||
                     (section->pointer_to_raw_data == after->pointer_to_raw_data && section > after);

        if (section->size_of_raw_data != 0 && later &&
            (!next || section->pointer_to_raw_data < next->pointer_to_raw_data))
            next = section;
    }
    return next;
}

static void check_file_cover(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    uint64_t end = pe->size_of_headers;
    const struct bzc_pe_section *section = NULL;

    (void)run;
    if (!has_headers_size(facts, verdict))
        return;
    while ((section = next_in_file(pe, section)) != NULL) {
        if (section->pointer_to_raw_data != end) {
            bool gap = section->pointer_to_raw_data > end;

            bzc_fail(verdict, gap ? "there are bytes between sections that belong to none"
                                  : "two sections, or a section and the headers, share bytes of the file");
            where_section(verdict, pe, section, "PointerToRawData");
            bzc_expected(verdict, "0x%" PRIx64 " (end of what lies before it)", end);
            bzc_actual(verdict, "0x%" PRIx32, section->pointer_to_raw_data);
            return;
        }
        end = raw_end(section);
    }
}

static void check_sizes(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;

    (void)run;
    if (!has_alignments(facts, verdict))
        return;
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        uint32_t unit = pe->section_alignment > pe->file_alignment ? pe->section_alignment : pe->file_alignment;

        if (section->virtual_size == 0 && !(section->characteristics & BZC_PE_SECTION_DISCARDABLE)) {
            bzc_fail(verdict, "a section has no size in memory");
            where_section(verdict, pe, section, "VirtualSize");
            bzc_expected(verdict, "not 0x0");
            bzc_actual(verdict, "0x0");
            return;
        }
        if (section->size_of_raw_data > round_up(section->virtual_size, unit)) {
            bzc_fail(verdict, "a section has more bytes in the file than room in memory");
            where_section(verdict, pe, section, "SizeOfRawData");
            bzc_expected(verdict, "at most 0x%" PRIx64 " (VirtualSize 0x%" PRIx32 ")",
                         round_up(section->virtual_size, unit), section->virtual_size);
            bzc_actual(verdict, "0x%" PRIx32, section->size_of_raw_data);
            return;
        }
    }
}

/* What is wrong with one line of .sbat, or NULL. */
static const char *sbat_line_problem(const char *line, size_t size)
{
    unsigned columns = 1;
    size_t start = 0;

    for (size_t i = 0; i <= size; i++) {
        if (i < size && line[i] != ',')
            continue;
        if (i == start)
            return "a column is empty";
        for (size_t k = start; columns == 2 && k < i; k++) {
            if (line[k] < '0' || line[k] > '9')
                return "the generation is no number";
        }
        if (i < size)
            columns++;
        start = i + 1;
    }
    return columns < SBAT_COLUMNS ? "there are less than six columns" : NULL;
}

static void check_sbat(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section = bzc_pe_section_by_name(&facts->pe, ".sbat", 0, NULL);
    const char *text, *problem = NULL;
    unsigned line = 0, lines = 0;
    struct bzc_bytes bytes;
    size_t end, start;

    (void)run;
    if (bzc_pe_explained(bzc_pe_end_fault(facts), "the file does not hold all sections", verdict))
        return;
    if (!section) {
        bzc_skip(verdict, "the file has no section .sbat");
        return;
    }
    /* shim takes the section only as far as the file goes, and only one. */
    if (section->virtual_size > section->size_of_raw_data) {
        bzc_fail(verdict, "the section .sbat has more bytes in memory than in the file: shim does not take it");
        where_section(verdict, &facts->pe, section, "VirtualSize");
        bzc_expected(verdict, "at most 0x%" PRIx32 " (SizeOfRawData)", section->size_of_raw_data);
        bzc_actual(verdict, "0x%" PRIx32, section->virtual_size);
        return;
    }
    if (bzc_pe_section_by_name(&facts->pe, ".sbat", (size_t)(section - facts->pe.section) + 1, NULL)) {
        bzc_fail(verdict, "there are two sections .sbat: shim refuses the file");
        bzc_where(verdict, "section table");
        return;
    }
    bytes = bzc_pe_section_bytes(section, facts->image.file);
    text = (const char *)bytes.data;
    end = bytes.size > 0 ? strnlen(text, bytes.size) : 0;
    for (start = 0; start < end && !problem;) {
        const char *newline = memchr(text + start, '\n', end - start);
        size_t size = newline ? (size_t)(newline - text) - start : end - start;

        line++;
        if (size > 0) {
            problem = sbat_line_problem(text + start, size);
            lines++;
        }
        start += size + 1;
    }
    if (lines == 0)
        problem = "it is empty";
    if (!problem)
        return;
    bzc_fail(verdict, "the section .sbat cannot be used: %s", problem);
    bzc_where(verdict, "section %zu (.sbat), line %u", (size_t)(section - facts->pe.section), line);
    bzc_expected(verdict, "component,generation,vendor,package,version,url");
}

static const struct bzc_rule rules[] = {
    {
        .id = "PE-014",
        .name = "pe-sections-in-file",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the file holds the bytes of all sections",
        .spec = "PE Format, Section Table: PointerToRawData, SizeOfRawData",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_in_file,
    },
    {
        .id = "PE-015",
        .name = "pe-sections-behind-headers",
        .severity = BZC_SEVERITY_ERROR,
        .title = "no section lies over the headers, in the file or in memory",
        .spec = "PE Format, Section Table; Optional Header: SizeOfHeaders",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_behind_headers,
    },
    {
        .id = "PE-016",
        .name = "pe-file-alignment",
        .severity = BZC_SEVERITY_WARNING,
        .title = "headers and sections are aligned in the file as FileAlignment says",
        .spec = "PE Format, Section Table: PointerToRawData, SizeOfRawData; SizeOfHeaders",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_file_alignment,
    },
    {
        .id = "PE-017",
        .name = "pe-section-alignment",
        .severity = BZC_SEVERITY_WARNING,
        .title = "sections and SizeOfImage are aligned as SectionAlignment says",
        .spec = "PE Format, Section Table; Optional Header: SectionAlignment, SizeOfImage",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_section_alignment,
    },
    {
        .id = "PE-018",
        .name = "pe-sections-disjoint",
        .severity = BZC_SEVERITY_ERROR,
        .title = "sections do not overlap in memory",
        .spec = "PE Format, Section Table: VirtualAddress, VirtualSize",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_disjoint,
    },
    {
        .id = "PE-019",
        .name = "pe-section-order",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section table is in the order of memory and of the file",
        .spec = "PE Format, Section Table; Authenticode, Calculating the PE Image Hash",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_order,
    },
    {
        .id = "PE-020",
        .name = "pe-file-cover",
        .severity = BZC_SEVERITY_WARNING,
        .title = "headers and sections follow each other in the file without gap or overlap",
        .spec = "Authenticode, Calculating the PE Image Hash",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_file_cover,
    },
    {
        .id = "PE-021",
        .name = "pe-section-sizes",
        .severity = BZC_SEVERITY_WARNING,
        .title = "each section has a size in memory, with room for its bytes",
        .spec = "PE Format, Section Table: VirtualSize, SizeOfRawData",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_sizes,
    },
    {
        .id = "PE-022",
        .name = "pe-sbat",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .sbat holds SBAT data that shim can read",
        .spec = "shim, SBAT.md",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_FILE,
        .check = check_sbat,
    },
};

const struct bzc_rule_family bzc_rules_pe_sections = {rules, sizeof(rules) / sizeof(rules[0])};
