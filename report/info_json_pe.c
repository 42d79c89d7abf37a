/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "report/info_json.h"
#include "report/info_sections.h"

#define TEXT_MAX (64u << 10) /* bytes of a section that are given as text */

/* Null for a section that holds no text, or too much of it. */
static json_t *section_text(const struct bzc_pe_section *section, struct bzc_bytes bytes)
{
    json_t *value;
    char *text;

    while (bytes.size > 0 && bytes.data[bytes.size - 1] == 0)
        bytes.size--;
    if (!bzc_info_section_is_text(section->name) || bytes.size == 0 || bytes.size > TEXT_MAX ||
        memchr(bytes.data, 0, bytes.size) != NULL)
        return json_null();
    text = strndup((const char *)bytes.data, bytes.size);
    if (!text)
        return NULL;
    value = bzc_json_string(text);
    free(text);
    return value;
}

static json_t *section_object(const struct bzc_pe_section *section, struct bzc_bytes file, bool *failed)
{
    struct bzc_bytes bytes = bzc_pe_section_bytes(section, file);
    char digest[BZC_SHA256_HEX_SIZE];
    json_t *object = json_object();

    bzc_sha256_hex(bytes.data, bytes.size, digest);
    bzc_json_set(object, "name", bzc_json_string(section->name), failed);
    bzc_json_set(object, "header_offset", bzc_json_number(section->header_offset), failed);
    bzc_json_set(object, "offset", bzc_json_number(section->pointer_to_raw_data), failed);
    bzc_json_set(object, "size", bzc_json_number(section->size_of_raw_data), failed);
    bzc_json_set(object, "virtual_address", bzc_json_address(section->virtual_address), failed);
    bzc_json_set(object, "virtual_size", bzc_json_number(section->virtual_size), failed);
    bzc_json_set(object, "characteristics", bzc_json_address(section->characteristics), failed);
    bzc_json_set(object, "content_size", bzc_json_number(bytes.size), failed);
    bzc_json_set(object, "sha256", json_string(digest), failed);
    bzc_json_set(object, "text", section_text(section, bytes), failed);
    return object;
}

static json_t *directories_array(const struct bzc_pe *pe, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < pe->directory_count; i++) {
        json_t *object = json_object();

        bzc_json_set(object, "virtual_address", bzc_json_address(pe->directory[i].virtual_address), failed);
        bzc_json_set(object, "size", bzc_json_number(pe->directory[i].size), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

static json_t *signature_object(const struct bzc_signature *signature, enum bzc_signature_match match, bool *failed)
{
    json_t *object = json_object();
    char digest[BZC_DIGEST_HEX_SIZE] = "";

    if (signature->digest_size != 0)
        bzc_digest_hex(signature->digest, signature->digest_size, digest);
    bzc_json_set(object, "offset", bzc_json_number(signature->offset), failed);
    bzc_json_set(object, "length", bzc_json_number(signature->length), failed);
    bzc_json_set(object, "type", bzc_json_address(signature->type), failed);
    bzc_json_set(object, "algorithm", bzc_json_text(*digest ? bzc_digest_name(signature->algorithm) : NULL), failed);
    bzc_json_set(object, "digest", bzc_json_text(digest), failed);
    bzc_json_set(object, "matches",
                 match == BZC_SIGNATURE_UNKNOWN ? json_null() : json_boolean(match == BZC_SIGNATURE_MATCHES), failed);
    bzc_json_set(object, "problem", bzc_json_text(signature->problem), failed);
    return object;
}

static void set_headers(json_t *object, const struct bzc_inspection *inspection, bool *failed)
{
    const struct bzc_pe *pe = &inspection->facts.pe;

    bzc_json_set(object, "offset", bzc_json_number(pe->e_lfanew), failed);
    bzc_json_set(object, "optional_header_offset", bzc_json_number(pe->optional_header_offset), failed);
    bzc_json_set(object, "directory_offset", bzc_json_number(pe->directory_offset), failed);
    bzc_json_set(object, "section_table_offset", bzc_json_number(pe->section_table_offset), failed);
    bzc_json_set(object, "section_table_end", bzc_json_number(pe->section_table_end), failed);
    bzc_json_set(object, "machine", bzc_json_address(pe->machine), failed);
    bzc_json_set(object, "characteristics", bzc_json_address(pe->characteristics), failed);
    bzc_json_set(object, "number_of_sections", json_integer(pe->number_of_sections), failed);
    bzc_json_set(object, "magic", bzc_json_address(pe->magic), failed);
    bzc_json_set(object, "size_of_code", bzc_json_number(pe->size_of_code), failed);
    bzc_json_set(object, "address_of_entry_point", bzc_json_address(pe->address_of_entry_point), failed);
    bzc_json_set(object, "image_base", bzc_json_address(pe->image_base), failed);
    bzc_json_set(object, "section_alignment", bzc_json_number(pe->section_alignment), failed);
    bzc_json_set(object, "file_alignment", bzc_json_number(pe->file_alignment), failed);
    bzc_json_set(object, "size_of_image", bzc_json_number(pe->size_of_image), failed);
    bzc_json_set(object, "size_of_headers", bzc_json_number(pe->size_of_headers), failed);
    bzc_json_set(object, "check_sum", bzc_json_address(pe->check_sum), failed);
    bzc_json_set(object, "check_sum_computed", bzc_json_address(bzc_pe_compute_check_sum(pe, inspection->file)),
                 failed);
    bzc_json_set(object, "subsystem", json_integer(pe->subsystem), failed);
    bzc_json_set(object, "dll_characteristics", bzc_json_address(pe->dll_characteristics), failed);
}

json_t *bzc_info_json_pe(const struct bzc_inspection *inspection, bool *failed)
{
    const struct bzc_signatures *signatures = &inspection->signatures;
    const struct bzc_pe *pe = &inspection->facts.pe;
    json_t *object, *sections, *signed_by;

    if (!pe->present)
        return json_null();
    object = json_object();
    sections = json_array();
    signed_by = json_array();
    for (size_t i = 0; i < pe->section_count; i++)
        bzc_json_append(sections, section_object(&pe->section[i], inspection->file, failed), failed);
    for (size_t i = 0; i < signatures->count; i++)
        bzc_json_append(signed_by, signature_object(&signatures->item[i], inspection->match[i], failed), failed);
    set_headers(object, inspection, failed);
    bzc_json_set(object, "directories", directories_array(pe, failed), failed);
    bzc_json_set(object, "sections", sections, failed);
    bzc_json_set(object, "signatures", signed_by, failed);
    bzc_json_set(object, "signatures_problem", bzc_json_text(signatures->problem), failed);
    return object;
}
