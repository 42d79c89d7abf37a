/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/inspection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/image_facts.h"

static void collect_notes(struct bzc_inspection *inspection, const struct bzc_elf_program *program)
{
    struct bzc_bytes notes = bzc_bytes_slice(inspection->oracle->payload, program->offset, program->filesz);
    uint64_t at = 0;

    while (inspection->note_count < BZC_INSPECTION_NOTES_MAX &&
           bzc_elf_note_next(notes, program->align == 8 ? 8 : 4, &at, &inspection->note[inspection->note_count]) ==
               BZC_NOTE_FOUND)
        inspection->note_count++;
}

static size_t printable_length(const uint8_t *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length] >= 0x20 && text[length] < 0x7f)
        length++;
    return length;
}

/*
 * The kernel holds its banner twice, and one of them may lack the build number ("# SMP"), which is filled in when it is
 * linked: the longer is the whole one.
 */
static void copy_banner(struct bzc_inspection *inspection)
{
    const char *known = inspection->oracle->banner;
    const size_t length = strcspn(known, "#");
    struct bzc_bytes rest = inspection->oracle->payload;
    const uint8_t *found;
    size_t best = 0;

    while (length > 0 && rest.size >= length && (found = memmem(rest.data, rest.size, known, length)) != NULL) {
        size_t size;

        rest = bzc_bytes_slice(rest, (uint64_t)(found - rest.data), rest.size);
        size = printable_length(rest.data,
                                rest.size < BZC_INSPECTION_BANNER_MAX ? rest.size : BZC_INSPECTION_BANNER_MAX - 1);
        if (size > best) {
            best = size;
            memcpy(inspection->banner, rest.data, size);
        }
        rest = bzc_bytes_slice(rest, length, rest.size);
    }
}

static void inspect_kernel(struct bzc_inspection *inspection)
{
    const struct bzc_oracle *oracle = inspection->oracle;

    inspection->has_elf = bzc_elf_tables_read(oracle->payload, &inspection->elf);
    for (size_t i = 0; i < inspection->elf.program_count; i++) {
        if (inspection->elf.program[i].type == BZC_PT_NOTE)
            collect_notes(inspection, &inspection->elf.program[i]);
    }
    if (oracle->kind == BZC_PAYLOAD_ELF && oracle->elf.file_end < oracle->payload.size)
        inspection->reloc_table_size = oracle->payload.size - oracle->elf.file_end;
    for (size_t i = 0; i < oracle->reloc_count; i++)
        inspection->relocations[oracle->reloc[i].kind]++;
    copy_banner(inspection);
    bzc_ikconfig_read(oracle->payload, &inspection->config);
}

static void inspect_signatures(struct bzc_inspection *inspection)
{
    const struct bzc_signatures *signatures = &inspection->signatures;

    for (size_t i = 0; i < signatures->count; i++) {
        const struct bzc_signature *signature = &signatures->item[i];
        uint8_t digest[BZC_DIGEST_SIZE_MAX];

        if (signature->digest_size == 0 || bzc_authenticode_digest(inspection->file, &inspection->facts.pe,
                                                                   signature->algorithm, digest, NULL) != BZC_OK)
            continue;
        inspection->match[i] = memcmp(digest, signature->digest, signature->digest_size) == 0 ? BZC_SIGNATURE_MATCHES
                                                                                              : BZC_SIGNATURE_DIFFERS;
    }
}

static uint64_t checksum_end(const struct bzc_inspection *inspection)
{
    const struct bzc_checksum *checksum = &inspection->facts.checksum;

    if (!inspection->is_image)
        return 0;
    if (checksum->state == BZC_CHECKSUM_GOOD || checksum->state == BZC_CHECKSUM_UNSIGNED)
        return checksum->end;
    return checksum->covers_file ? inspection->file.size : 0;
}

static void inspect_layout(struct bzc_inspection *inspection)
{
    const struct bzc_image *image = inspection->is_image ? &inspection->facts.image : NULL;
    struct bzc_layout_input input = {
        .file = inspection->file,
        .image = image,
        .pe = &inspection->facts.pe,
        .signatures = &inspection->signatures,
        .checksum_end = checksum_end(inspection),
    };

    if (inspection->oracle)
        input.stream_size = inspection->oracle->end.stream_size;
    bzc_layout_read(&input, &inspection->layout);
    inspection->entry_count = bzc_entry_points_read(inspection->file, image, &inspection->facts.pe, inspection->entry);
}

static void inspect_image(struct bzc_inspection *inspection)
{
    struct bzc_image_facts *facts = &inspection->facts;

    inspection->oracle = bzc_image_facts_unpack(facts);
    bzc_image_facts_identify(facts);
    if (inspection->oracle)
        inspect_kernel(inspection);
}

static enum bzc_status inspect_file(const char *path, struct bzc_bytes file, bool whole,
                                    struct bzc_inspection **inspection, struct bzc_error *err);

/* The kernels of a unified kernel image are boot images: there is no deeper nesting. */
static enum bzc_status inspect_embedded(const char *path, struct bzc_inspection *inspection)
{
    const struct bzc_pe_section *section;
    size_t index = 0;

    while ((section = bzc_pe_section_by_name(&inspection->facts.pe, ".linux", index, &index)) != NULL) {
        struct bzc_inspection **embedded = &inspection->embedded[inspection->embedded_count];
        struct bzc_error err = {0};
        enum bzc_status status;

        index++;
        if (inspection->embedded_count == BZC_INSPECTIONS_MAX) {
            snprintf(inspection->embedded_problem, sizeof(inspection->embedded_problem), "only the first %d are shown",
                     BZC_INSPECTIONS_MAX);
            return BZC_OK;
        }
        status = inspect_file(path, bzc_pe_section_bytes(section, inspection->file), false, embedded, &err);
        if (status == BZC_ERR_MEMORY)
            return status;
        if (status == BZC_OK) {
            (*embedded)->file_offset = section->pointer_to_raw_data;
            inspection->embedded_count++;
        } else {
            memcpy(inspection->embedded_problem, err.message, sizeof(err.message));
        }
    }
    return BZC_OK;
}

static enum bzc_status inspect_file(const char *path, struct bzc_bytes file, bool whole, struct bzc_inspection **result,
                                    struct bzc_error *err)
{
    struct bzc_inspection *inspection = calloc(1, sizeof(*inspection));
    enum bzc_status status = BZC_OK;

    *result = NULL;
    if (!inspection)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for what is in the image");
    inspection->file = file;
    status = bzc_image_facts_read(path, file, BZC_DEPTH_KERNEL, &inspection->facts, err);
    inspection->is_image = bzc_image_is_boot_image(&inspection->facts.image);
    if (status == BZC_OK && !inspection->is_image && !whole)
        status = bzc_error_set(err, BZC_ERR_FORMAT, "a unified kernel image inside of another one");
    if (status == BZC_OK) {
        bzc_sha256_hex(file.data, file.size, inspection->sha256);
        bzc_signatures_read(file, &inspection->facts.pe, &inspection->signatures);
        inspect_signatures(inspection);
        if (inspection->is_image)
            inspect_image(inspection);
        else
            status = inspect_embedded(path, inspection);
        inspect_layout(inspection);
    }
    if (status != BZC_OK) {
        bzc_inspection_free(inspection);
        return status;
    }
    *result = inspection;
    return BZC_OK;
}

enum bzc_status bzc_inspect(const char *path, struct bzc_bytes file, struct bzc_inspection **inspection,
                            struct bzc_error *err)
{
    return inspect_file(path, file, true, inspection, err);
}

void bzc_inspection_free(struct bzc_inspection *inspection)
{
    if (!inspection)
        return;
    for (size_t i = 0; i < inspection->embedded_count; i++)
        bzc_inspection_free(inspection->embedded[i]);
    bzc_ikconfig_free(&inspection->config);
    bzc_oracle_free(inspection->oracle);
    free(inspection);
}
