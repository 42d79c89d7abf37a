/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the kernel inside a PE image: how firmware loads it, and the entries of the EFI handover protocol. */
#include <inttypes.h>

#include "verify/rules_pe.h"

#define SINCE_HANDOVER_OFFSET 0x020bu
#define SINCE_XLOADFLAGS      0x020cu
#define HANDOVER_64_DISTANCE  0x200u /* boot.rst, xloadflags: "handover_offset + 0x200" */
#define XLF_EFI_HANDOVER      (BZC_XLF_EFI_HANDOVER_32 | BZC_XLF_EFI_HANDOVER_64)
#define COMPAT_ENTRY_SIZE     8u

static void check_kernel_mapped(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section;
    struct bzc_pe_mapping mapping;

    (void)run;
    bzc_pe_map_kernel(facts, &mapping);
    if (!mapping.known) {
        bzc_skip(verdict, "the header does not tell where the protected-mode part ends");
        return;
    }
    if (bzc_pe_explained(bzc_pe_table_fault(facts), "the section table cannot be trusted", verdict) ||
        !mapping.broken ||
        bzc_pe_explained(bzc_pe_layout_fault(facts), "the sections are not where they should be", verdict))
        return;
    section = mapping.section;
    if (!section) {
        bzc_fail(verdict, "a part of the kernel lies in no section and is not loaded by firmware");
        bzc_where(verdict, "section table, file offset 0x%" PRIx64, mapping.at);
        bzc_expected(verdict, "sections that hold 0x%" PRIx64 " to 0x%" PRIx64, mapping.start, mapping.end);
    } else {
        bzc_fail(verdict, "the sections pull the parts of the kernel apart in memory");
        bzc_where(verdict, "section %zu (%s), VirtualAddress", (size_t)(section - facts->pe.section), section->name);
        bzc_expected(verdict, "0x%" PRIx64, mapping.expected);
        bzc_actual(verdict, "0x%" PRIx32, section->virtual_address);
    }
}

/* Since 6.7 the stub allocates memory itself; such images have a section .data. */
static bool promises_memory(const struct bzc_pe *pe)
{
    if (bzc_pe_section_by_name(pe, ".data", 0, NULL))
        return false;
    for (size_t i = 0; i < pe->section_count; i++) {
        if (pe->section[i].virtual_size > pe->section[i].size_of_raw_data)
            return true;
    }
    return false;
}

static void check_kernel_memory(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    (void)run;
    if (bzc_pe_explained(bzc_pe_table_fault(facts), "the section table cannot be trusted", verdict))
        return;
    if (!promises_memory(&facts->pe)) {
        bzc_skip(verdict, "the kernel allocates the memory that it unpacks to by itself");
        return;
    }
    if (facts->pe.size_of_image >= facts->image.init_size ||
        bzc_pe_explained(bzc_pe_layout_fault(facts), "the sections are not where they should be", verdict))
        return;
    bzc_fail(verdict, "the PE image is smaller than the memory that the kernel uses in place");
    bzc_where(verdict, "SizeOfImage");
    bzc_expected(verdict, "at least 0x%" PRIx32 " (init_size)", facts->image.init_size);
    bzc_actual(verdict, "0x%" PRIx32, facts->pe.size_of_image);
}

/* ---- EFI handover protocol ---- */

static void check_handover_flags(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    uint64_t offset = 0, flags = 0;

    (void)run;
    bzc_image_field(&facts->image, BZC_FIELD_HANDOVER_OFFSET, &offset);
    bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags);
    if (!(flags & XLF_EFI_HANDOVER)) {
        bzc_skip(verdict, "the header promises no EFI handover entry");
    } else if (offset == 0) {
        bzc_fail(verdict, "xloadflags promises an EFI handover entry, handover_offset is zero");
        bzc_where(verdict, "handover_offset");
        bzc_expected(verdict, "not 0x0 (xloadflags 0x%" PRIx64 ")", flags);
        bzc_actual(verdict, "0x0");
    } else if (flags & BZC_XLF_EFI_HANDOVER_64 && !(flags & BZC_XLF_KERNEL_64)) {
        bzc_fail(verdict, "xloadflags promises a 64-bit EFI handover entry for a kernel that is not 64-bit");
        bzc_where(verdict, "xloadflags");
        bzc_expected(verdict, "XLF_KERNEL_64 (bit 0) with XLF_EFI_HANDOVER_64 (bit 3)");
        bzc_actual(verdict, "0x%" PRIx64, flags);
    }
}

/* One entry, `entry` bytes behind the start of the protected-mode part. False when it cannot be one. */
static bool check_handover(const struct bzc_image_facts *facts, uint64_t entry, const char *which,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t size = image->pm_declared_size != 0 ? image->pm_declared_size : image->pm.size;
    const struct bzc_pe_section *section = bzc_pe_section_of_file(&facts->pe, image->realmode_size + entry, 1);
    bool in_payload = image->payload_source == BZC_PAYLOAD_HEADER && entry >= image->payload_offset &&
                      entry - image->payload_offset < image->payload_length;

    if (entry < size && !in_payload && (!facts->pe.present || (section && bzc_pe_is_executable(section))))
        return true;
    if (entry < size && !in_payload) {
        if (!section && bzc_pe_explained(bzc_pe_mapping_fault(facts), "the kernel is in no section there", verdict))
            return false;
        if (section && section == bzc_pe_section_at(&facts->pe, facts->pe.address_of_entry_point) &&
            bzc_pe_explained(bzc_pe_entry_flags_fault(facts), "its section is not executable", verdict))
            return false;
    }
    if (entry >= size)
        bzc_fail(verdict, "the %s EFI handover entry lies behind the protected-mode part", which);
    else if (in_payload)
        bzc_fail(verdict, "the %s EFI handover entry lies in the compressed payload", which);
    else
        bzc_fail(verdict, "the %s EFI handover entry lies in no executable section", which);
    bzc_where(verdict, "handover_offset");
    bzc_expected(verdict, "code below 0x%" PRIx64, size);
    bzc_actual(verdict, "0x%" PRIx64, entry);
    return false;
}

static void check_handover_entry(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    uint64_t offset = 0, flags = 0;
    bool has_flags = bzc_image_field(&facts->image, BZC_FIELD_XLOADFLAGS, &flags);

    (void)run;
    bzc_image_field(&facts->image, BZC_FIELD_HANDOVER_OFFSET, &offset);
    if (offset == 0) {
        bzc_skip(verdict, "the header has no EFI handover entry");
        return;
    }
    /* Protocol 2.11 has no bits that tell which entries there are; the lower one is there in any case. */
    if ((!has_flags || flags & BZC_XLF_EFI_HANDOVER_32) && !check_handover(facts, offset, "32-bit", verdict))
        return;
    if (flags & BZC_XLF_EFI_HANDOVER_64)
        check_handover(facts, offset + HANDOVER_64_DISTANCE, "64-bit", verdict);
}

static void check_compat(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    const struct bzc_pe_section *compat = bzc_pe_section_by_name(pe, ".compat", 0, NULL), *code;
    const char *fault;
    struct bzc_bytes bytes;
    uint16_t machine;
    uint32_t entry;

    (void)run;
    if (bzc_pe_explained(bzc_pe_table_fault(facts), "the section table cannot be trusted", verdict))
        return;
    if (!compat) {
        bzc_skip(verdict, "the file has no section .compat");
        return;
    }
    fault = bzc_pe_end_fault(facts);
    if (!bzc_bytes_has(facts->image.file, compat->pointer_to_raw_data, compat->size_of_raw_data) &&
        bzc_pe_explained(fault, "the file does not hold the section", verdict))
        return;
    bytes = bzc_pe_section_bytes(compat, facts->image.file);
    if (bytes.size < COMPAT_ENTRY_SIZE || bytes.data[0] != 1 || bytes.data[1] < COMPAT_ENTRY_SIZE) {
        bzc_fail(verdict, "the section .compat does not begin with an entry of type 1");
        bzc_expected(verdict, "type 1, size 8");
        if (bytes.size >= 2)
            bzc_actual(verdict, "type %u, size %u", bytes.data[0], bytes.data[1]);
        bzc_where(verdict, "section .compat");
        return;
    }
    machine = bzc_load16(bytes.data + 2);
    entry = bzc_load32(bytes.data + 4);
    code = bzc_pe_section_at(pe, entry);
    if (machine == pe->machine) {
        bzc_fail(verdict, "the section .compat names no other machine than the file");
        bzc_expected(verdict, "not 0x%x", pe->machine);
        bzc_actual(verdict, "0x%x", machine);
        bzc_where(verdict, "section .compat");
    } else if (!code || !bzc_pe_is_executable(code) || !bzc_pe_has_bytes_at(code, entry)) {
        bzc_fail(verdict, "the entry point for the other machine lies in no executable section");
        bzc_expected(verdict, "in the bytes of a section with IMAGE_SCN_MEM_EXECUTE");
        bzc_actual(verdict, "0x%" PRIx32, entry);
        bzc_where(verdict, "section .compat");
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "PE-027",
        .name = "pe-kernel-mapped",
        .severity = BZC_SEVERITY_ERROR,
        .title = "sections load the whole protected-mode part in one piece",
        .spec = "PE Format, Section Table; arch/x86/boot/header.S: section_table",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE | BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_kernel_mapped,
    },
    {
        .id = "PE-028",
        .name = "pe-kernel-memory",
        .severity = BZC_SEVERITY_WARNING,
        .title = "a PE image that reserves memory behind its bytes reserves as much as init_size says",
        .spec = "boot.rst, init_size; arch/x86/boot/tools/build.c before 6.7",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE | BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_kernel_memory,
    },
    {
        .id = "PE-029",
        .name = "handover-flags",
        .severity = BZC_SEVERITY_ERROR,
        .title = "xloadflags and handover_offset agree about the EFI handover entries",
        .spec = "boot.rst, Details of Header Fields: xloadflags, handover_offset",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_HEADER,
        .since = SINCE_XLOADFLAGS,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_handover_flags,
    },
    {
        .id = "PE-030",
        .name = "handover-entry",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the EFI handover entries lie in code",
        .spec = "boot.rst, EFI Handover Protocol; xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_IMAGE,
        .since = SINCE_HANDOVER_OFFSET,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_handover_entry,
    },
    {
        .id = "PE-031",
        .name = "pe-compat-entry",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .compat names an entry for another machine",
        .spec = "arch/x86/boot/header.S: pecompat_fstart; systemd, src/boot/pe.c",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_PE,
        .reads = BZC_DEPTH_FILE,
        .check = check_compat,
    },
};

const struct bzc_rule_family bzc_rules_pe_kernel = {rules, sizeof(rules) / sizeof(rules[0])};
