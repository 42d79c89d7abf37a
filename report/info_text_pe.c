/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/sha256.h"
#include "report/info_names.h"
#include "report/info_sections.h"
#include "report/info_text.h"

#define QUOTE_MAX 4096u /* bytes of a section that are shown */

static void write_headers(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_pe *pe = &inspection->facts.pe;
    uint32_t check_sum = bzc_pe_compute_check_sum(pe, inspection->file);
    char flags[BZC_INFO_FLAGS_TEXT];

    bzc_info_line(page, "place", "0x%" PRIx32 " of the file%s", pe->e_lfanew, pe->headers_cut ? ", cut off" : "");
    bzc_info_line(page, "format", "%s (0x%x), machine %s (0x%x), %u sections",
                  pe->magic == BZC_PE_MAGIC_PE32        ? "PE32"
                  : pe->magic == BZC_PE_MAGIC_PE32_PLUS ? "PE32+"
                                                        : "unknown",
                  pe->magic, bzc_info_pe_machine(pe->machine), pe->machine, pe->number_of_sections);
    bzc_info_line(page, "characteristics", "0x%x %s", pe->characteristics,
                  bzc_info_pe_flags(BZC_INFO_PE_FILE, pe->characteristics, flags));
    bzc_info_line(page, "subsystem", "%s (%u), DLL characteristics 0x%x %s", bzc_info_pe_subsystem(pe->subsystem),
                  pe->subsystem, pe->dll_characteristics,
                  bzc_info_pe_flags(BZC_INFO_PE_DLL, pe->dll_characteristics, flags));
    bzc_info_line(page, "entry", "AddressOfEntryPoint 0x%" PRIx32 ", ImageBase 0x%" PRIx64, pe->address_of_entry_point,
                  pe->image_base);
    bzc_info_line(page, "sizes", "SizeOfImage 0x%" PRIx32 ", SizeOfHeaders 0x%" PRIx32 ", SizeOfCode 0x%" PRIx32,
                  pe->size_of_image, pe->size_of_headers, pe->size_of_code);
    bzc_info_line(page, "alignment", "0x%" PRIx32 " in memory, 0x%" PRIx32 " in the file", pe->section_alignment,
                  pe->file_alignment);
    bzc_info_line(page, "CheckSum", "0x%08" PRIx32 "%s", pe->check_sum,
                  pe->check_sum == check_sum ? ", which is right"
                  : pe->check_sum == 0       ? ": not set"
                                             : ", which is wrong");
}

static void write_directories(struct bzc_page *page, const struct bzc_pe *pe)
{
    const char *label = "directories";

    for (size_t i = 0; i < pe->directory_count; i++) {
        if (pe->directory[i].size == 0 && pe->directory[i].virtual_address == 0)
            continue;
        bzc_info_line(page, label, "%zu %s at 0x%" PRIx32 ", 0x%" PRIx32 " bytes", i, bzc_info_pe_directory(i),
                      pe->directory[i].virtual_address, pe->directory[i].size);
        label = "";
    }
}

static void write_sections(struct bzc_page *page, const struct bzc_pe *pe)
{
    static const char *const heads[] = {"offset", "in file", "address", "in memory"};
    static const unsigned ends[] = {26, 38, 50, 62};

    if (pe->section_count == 0)
        return;
    bzc_info_heading(page, "PE sections");
    bzc_info_cell(page, BZC_INFO_INDENT, false, "name");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        bzc_info_cell(page, ends[i], true, "%s", heads[i]);
    bzc_info_cell(page, ends[3] + 2, false, "characteristics");
    bzc_page_end_line(page);
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        const uint32_t values[] = {section->pointer_to_raw_data, section->size_of_raw_data, section->virtual_address,
                                   section->virtual_size};
        char flags[BZC_INFO_FLAGS_TEXT];

        bzc_info_cell(page, BZC_INFO_INDENT, false, "%s", section->name);
        for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
            bzc_info_cell(page, ends[k], true, "0x%" PRIx32, values[k]);
        bzc_page_tab(page, ends[3] + 2);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, ends[3] + 2,
                      bzc_info_pe_flags(BZC_INFO_PE_SECTION, section->characteristics, flags));
    }
    if (pe->section_table_cut || pe->section_count < pe->number_of_sections)
        bzc_info_line(page, "", "%zu of the %u sections that the header speaks of", pe->section_count,
                      pe->number_of_sections);
}

/* Of a unified kernel image every section counts, of a kernel those that are text. */
static void write_contents(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_pe *pe = &inspection->facts.pe;
    bool any = false;

    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        struct bzc_bytes bytes = bzc_pe_section_bytes(section, inspection->file);
        bool text = bzc_info_section_is_text(section->name);
        char digest[BZC_SHA256_HEX_SIZE], count[BZC_PAGE_NUMBER_SIZE];

        if (!text && (inspection->is_image || !bzc_info_section_is_known(section->name)))
            continue;
        if (!any)
            bzc_info_heading(page, "Contents of sections");
        any = true;
        bzc_sha256_hex(bytes.data, bytes.size, digest);
        bzc_info_cell(page, BZC_INFO_INDENT, false, "%s", section->name);
        bzc_info_cell(page, 14, false, "%s bytes", bzc_page_count(bytes.size, count));
        bzc_info_cell(page, 36, false, "%s", digest);
        bzc_page_end_line(page);
        if (text)
            bzc_info_quote(page, BZC_INFO_INDENT + 4, bytes, QUOTE_MAX);
    }
}

static void write_signatures(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    static const char *const matches[] = {
        [BZC_SIGNATURE_UNKNOWN] = "",
        [BZC_SIGNATURE_MATCHES] = ", that of this image",
        [BZC_SIGNATURE_DIFFERS] = ", not that of this image",
    };
    const struct bzc_signatures *signatures = &inspection->signatures;

    if (signatures->count == 0 && !*signatures->problem)
        return;
    bzc_info_heading(page, "Signatures");
    for (size_t i = 0; i < signatures->count; i++) {
        const struct bzc_signature *signature = &signatures->item[i];
        char label[32], digest[BZC_DIGEST_HEX_SIZE];

        snprintf(label, sizeof(label), "signature %zu", i + 1);
        bzc_info_line(page, label, "%s, %" PRIu32 " bytes at 0x%" PRIx64, bzc_info_certificate_type(signature->type),
                      signature->length, signature->offset);
        if (*signature->problem)
            bzc_info_line(page, "", "%s", signature->problem);
        if (signature->digest_size == 0)
            continue;
        bzc_digest_hex(signature->digest, signature->digest_size, digest);
        bzc_info_line(page, "", "%s%s: %s", bzc_digest_name(signature->algorithm), matches[inspection->match[i]],
                      digest);
    }
    if (signatures->more)
        bzc_info_line(page, "", "and more");
    if (*signatures->problem)
        bzc_info_line(page, "problem", "%s", signatures->problem);
}

void bzc_info_pe(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    if (!inspection->facts.pe.present)
        return;
    bzc_info_heading(page, "PE headers");
    write_headers(page, inspection);
    write_directories(page, &inspection->facts.pe);
    write_sections(page, &inspection->facts.pe);
    write_contents(page, inspection);
    write_signatures(page, inspection);
}
