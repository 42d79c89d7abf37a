/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload, the kernel's ELF file and the PE headers of two images. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "verify/diff_parts.h"

/* ---- payload ---- */

void bzc_diff_payload(struct bzc_diff_work *work)
{
    const struct bzc_inspection *before = work->before->kernel, *after = work->after->kernel;
    const struct bzc_image *old_image = &before->facts.image, *new_image = &after->facts.image;
    const struct bzc_stream *old_stream = &before->facts.stream, *new_stream = &after->facts.stream;
    char old_hash[BZC_SHA256_HEX_SIZE], new_hash[BZC_SHA256_HEX_SIZE];

    if (!before->oracle != !after->oracle)
        bzc_diff_add_values(work, before->oracle ? BZC_DIFF_PAYLOAD_UNREADABLE : BZC_DIFF_PAYLOAD_READABLE, "payload",
                            before->oracle ? "unpacks" : before->facts.oracle_error.message,
                            after->oracle ? "unpacks" : after->facts.oracle_error.message);
    if (old_image->payload_source == BZC_PAYLOAD_ABSENT || new_image->payload_source == BZC_PAYLOAD_ABSENT)
        return;
    bzc_diff_add_text(work, BZC_DIFF_PAYLOAD_COMPRESSION, "compression", bzc_compression_name(old_image->compression),
                      bzc_compression_name(new_image->compression));
    if (old_stream->known && new_stream->known && old_stream->compression == new_stream->compression)
        bzc_diff_add_number(work, BZC_DIFF_PAYLOAD_DICTIONARY, "dictionary", old_stream->dictionary,
                            new_stream->dictionary);
    bzc_diff_add_number(work, BZC_DIFF_PAYLOAD_SIZE, "compressed size", old_image->payload_length,
                        new_image->payload_length);
    if (!before->oracle || !after->oracle)
        return;
    bzc_diff_add_number(work, BZC_DIFF_PAYLOAD_UNPACKED_SIZE, "unpacked size", before->oracle->payload.size,
                        after->oracle->payload.size);
    bzc_sha256_hex(before->oracle->payload.data, before->oracle->payload.size, old_hash);
    bzc_sha256_hex(after->oracle->payload.data, after->oracle->payload.size, new_hash);
    bzc_diff_add_text(work, BZC_DIFF_PAYLOAD_SHA256, "SHA-256 of the unpacked payload", old_hash, new_hash);
}

/* ---- program headers ---- */

static const struct bzc_elf_program *find_program(const struct bzc_elf_tables *elf, uint32_t type, size_t n)
{
    for (size_t i = 0; i < elf->program_count; i++)
        if (elf->program[i].type == type && n-- == 0)
            return &elf->program[i];
    return NULL;
}

static size_t number_of(const struct bzc_elf_tables *elf, size_t index)
{
    size_t n = 0;

    for (size_t i = 0; i < index; i++)
        n += elf->program[i].type == elf->program[index].type;
    return n;
}

static void name_program(const struct bzc_elf_program *program, size_t n, char text[64])
{
    const char *type = bzc_elf_program_type_name(program->type);

    if (type)
        snprintf(text, 64, "segment %s %zu", type, n);
    else
        snprintf(text, 64, "segment of type 0x%" PRIx32 " %zu", program->type, n);
}

static void describe_program(const struct bzc_elf_program *program, char text[BZC_DIFF_TEXT])
{
    snprintf(text, BZC_DIFF_TEXT,
             "0x%" PRIx64 " at 0x%" PRIx64 ", %" PRIu64 " bytes in the file, %" PRIu64 " in memory", program->vaddr,
             program->paddr, program->filesz, program->memsz);
}

static void describe_flags(const struct bzc_elf_program *program, char text[BZC_DIFF_TEXT])
{
    snprintf(text, BZC_DIFF_TEXT, "%c%c%c, aligned to 0x%" PRIx64, program->flags & 4 ? 'r' : '-',
             program->flags & 2 ? 'w' : '-', program->flags & 1 ? 'x' : '-', program->align);
}

static void compare_programs(struct bzc_diff_work *work, const struct bzc_elf_tables *before,
                             const struct bzc_elf_tables *after)
{
    char name[64], old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];

    for (size_t i = 0; i < before->program_count; i++) {
        const struct bzc_elf_program *program = &before->program[i];
        const struct bzc_elf_program *other = find_program(after, program->type, number_of(before, i));

        name_program(program, number_of(before, i), name);
        describe_program(program, old_text);
        if (!other) {
            bzc_diff_add_values(work, BZC_DIFF_KERNEL_SEGMENT_GONE, name, old_text, "");
            continue;
        }
        describe_program(other, new_text);
        bzc_diff_add_text(work, BZC_DIFF_KERNEL_SEGMENT, name, old_text, new_text);
        describe_flags(program, old_text);
        describe_flags(other, new_text);
        bzc_diff_add_text(work, BZC_DIFF_KERNEL_SEGMENT_FLAGS, name, old_text, new_text);
    }
    for (size_t i = 0; i < after->program_count; i++) {
        if (find_program(before, after->program[i].type, number_of(after, i)))
            continue;
        name_program(&after->program[i], number_of(after, i), name);
        describe_program(&after->program[i], new_text);
        bzc_diff_add_values(work, BZC_DIFF_KERNEL_SEGMENT_NEW, name, "", new_text);
    }
}

/* ---- notes ---- */

static bool is_same_note(const struct bzc_elf_note *a, const struct bzc_elf_note *b)
{
    return a->type == b->type && a->name.size == b->name.size &&
           (a->name.size == 0 || memcmp(a->name.data, b->name.data, a->name.size) == 0);
}

static const struct bzc_elf_note *find_note(const struct bzc_inspection *kernel, const struct bzc_elf_note *like,
                                            size_t n)
{
    for (size_t i = 0; i < kernel->note_count; i++)
        if (is_same_note(&kernel->note[i], like) && n-- == 0)
            return &kernel->note[i];
    return NULL;
}

static size_t number_of_note(const struct bzc_inspection *kernel, size_t index)
{
    size_t n = 0;

    for (size_t i = 0; i < index; i++)
        n += is_same_note(&kernel->note[i], &kernel->note[index]);
    return n;
}

static bool is_pvh(const struct bzc_elf_note *note)
{
    return bzc_elf_note_is(note, "Xen") && note->type == BZC_NOTE_XEN_PHYS32_ENTRY;
}

static void name_note(const struct bzc_elf_note *note, char text[64])
{
    char owner[24] = "";
    size_t used = 0;

    for (size_t i = 0; i < note->name.size && note->name.data[i] && used + 1 < sizeof(owner); i++) {
        uint8_t byte = note->name.data[i];

        owner[used++] = byte > 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    owner[used] = '\0';
    if (bzc_elf_note_type_name(note))
        snprintf(text, 64, "note %s %s", owner, bzc_elf_note_type_name(note));
    else
        snprintf(text, 64, "note %s %" PRIu32, owner, note->type);
}

/* The first bytes in hex. */
static void describe_note(const struct bzc_elf_note *note, char text[BZC_DIFF_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < note->desc.size && i < 24; i++)
        used += (size_t)snprintf(text + used, BZC_DIFF_TEXT - used, "%02x", note->desc.data[i]);
    if (note->desc.size > 24)
        snprintf(text + used, BZC_DIFF_TEXT - used, "... (%zu bytes)", note->desc.size);
    if (note->desc.size == 0)
        snprintf(text, BZC_DIFF_TEXT, "empty");
}

static void compare_notes(struct bzc_diff_work *work, const struct bzc_inspection *before,
                          const struct bzc_inspection *after)
{
    char name[64], old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];

    for (size_t i = 0; i < before->note_count; i++) {
        const struct bzc_elf_note *note = &before->note[i];
        const struct bzc_elf_note *other = find_note(after, note, number_of_note(before, i));

        name_note(note, name);
        describe_note(note, old_text);
        if (!other) {
            bzc_diff_add_values(work, is_pvh(note) ? BZC_DIFF_KERNEL_PVH_GONE : BZC_DIFF_KERNEL_NOTE_GONE, name,
                                old_text, "");
        } else if (note->desc.size != other->desc.size ||
                   (note->desc.size && memcmp(note->desc.data, other->desc.data, note->desc.size) != 0)) {
            describe_note(other, new_text);
            bzc_diff_add_values(work, BZC_DIFF_KERNEL_NOTE, name, old_text, new_text);
        }
    }
    for (size_t i = 0; i < after->note_count; i++) {
        if (find_note(before, &after->note[i], number_of_note(after, i)))
            continue;
        name_note(&after->note[i], name);
        describe_note(&after->note[i], new_text);
        bzc_diff_add_values(work, BZC_DIFF_KERNEL_NOTE_NEW, name, "", new_text);
    }
}

/* ---- the kernel ---- */

static void compare_relocations(struct bzc_diff_work *work, const struct bzc_inspection *before,
                                const struct bzc_inspection *after)
{
    static const char *const names[] = {"32-bit relocations", "64-bit relocations", "inverse 32-bit relocations"};

    bool gone = before->oracle->reloc_count > 0 && after->oracle->reloc_count == 0;

    for (size_t i = 0; i < 3; i++)
        bzc_diff_add_number(work, gone ? BZC_DIFF_KERNEL_RELOCATIONS_GONE : BZC_DIFF_KERNEL_RELOCATIONS, names[i],
                            before->relocations[i], after->relocations[i]);
}

static void compare_elf(struct bzc_diff_work *work, const struct bzc_inspection *before,
                        const struct bzc_inspection *after)
{
    const char *old_machine = bzc_elf_machine_name(before->elf.machine);
    const char *new_machine = bzc_elf_machine_name(after->elf.machine);

    if (before->elf.machine != after->elf.machine || before->elf.bits != after->elf.bits) {
        struct bzc_difference *difference = bzc_diff_add(work, BZC_DIFF_KERNEL_MACHINE, "machine");

        snprintf(difference->before, BZC_DIFF_TEXT, "%s, %u-bit", old_machine ? old_machine : "unknown",
                 before->elf.bits);
        snprintf(difference->after, BZC_DIFF_TEXT, "%s, %u-bit", new_machine ? new_machine : "unknown",
                 after->elf.bits);
    }
    bzc_diff_add_hex(work, BZC_DIFF_KERNEL_ENTRY, "e_entry", before->elf.entry, after->elf.entry);
    compare_programs(work, &before->elf, &after->elf);
    compare_notes(work, before, after);
}

void bzc_diff_kernel(struct bzc_diff_work *work)
{
    const struct bzc_inspection *before = work->before->kernel, *after = work->after->kernel;
    static const char *const formats[] = {"ELF", "flat"};

    if (before->facts.kaslr_build != after->facts.kaslr_build)
        bzc_diff_add_values(work, before->facts.kaslr_build ? BZC_DIFF_KERNEL_KASLR_LOST : BZC_DIFF_KERNEL_KASLR_GAINED,
                            "KASLR", before->facts.kaslr_build ? "yes" : "no", after->facts.kaslr_build ? "yes" : "no");
    if (!before->oracle || !after->oracle)
        return;
    bzc_diff_add_text(work, BZC_DIFF_KERNEL_FORMAT, "format", formats[before->oracle->kind],
                      formats[after->oracle->kind]);
    bzc_diff_add_hex(work, BZC_DIFF_KERNEL_LINK_ADDRESS, "link address", before->oracle->link_base,
                     after->oracle->link_base);
    bzc_diff_add_number(work, BZC_DIFF_KERNEL_MEMORY, "memory of the segments", before->oracle->span,
                        after->oracle->span);
    compare_relocations(work, before, after);
    if (before->has_elf && after->has_elf)
        compare_elf(work, before, after);
}

/* ---- PE headers and signatures of the file ---- */

static bool has_broken_signature(const struct bzc_inspection *file)
{
    for (size_t i = 0; i < file->signatures.count; i++)
        if (file->match[i] == BZC_SIGNATURE_DIFFERS)
            return true;
    return false;
}

static void compare_signatures(struct bzc_diff_work *work, const struct bzc_inspection *before,
                               const struct bzc_inspection *after)
{
    size_t had = before->signatures.count, has = after->signatures.count;

    bzc_diff_add_number(work, has < had ? BZC_DIFF_SIGNATURE_GONE : BZC_DIFF_SIGNATURE_NEW, "signatures", had, has);
    if (!has_broken_signature(before) && has_broken_signature(after))
        bzc_diff_add_values(work, BZC_DIFF_SIGNATURE_BROKEN, "signature", had ? "for this image" : "",
                            "for other bytes");
}

void bzc_diff_pe(struct bzc_diff_work *work)
{
    const struct bzc_inspection *before = work->before->file, *after = work->after->file;
    const struct bzc_pe *old_pe = &before->facts.pe, *new_pe = &after->facts.pe;

    if (old_pe->present != new_pe->present)
        bzc_diff_add_values(work, old_pe->present ? BZC_DIFF_PE_GONE : BZC_DIFF_PE_NEW, "PE headers (EFI stub)",
                            old_pe->present ? "there" : "", new_pe->present ? "there" : "");
    if (old_pe->present && new_pe->present) {
        bzc_diff_add_hex(work, BZC_DIFF_PE_MACHINE, "Machine", old_pe->machine, new_pe->machine);
        bzc_diff_add_number(work, BZC_DIFF_PE_SUBSYSTEM, "Subsystem", old_pe->subsystem, new_pe->subsystem);
        bzc_diff_add_hex(work, BZC_DIFF_PE_DLL_CHARACTERISTICS, "DllCharacteristics", old_pe->dll_characteristics,
                         new_pe->dll_characteristics);
        bzc_diff_add_hex(work, BZC_DIFF_PE_ALIGNMENT, "SectionAlignment", old_pe->section_alignment,
                         new_pe->section_alignment);
        bzc_diff_add_hex(work, BZC_DIFF_PE_ALIGNMENT, "FileAlignment", old_pe->file_alignment, new_pe->file_alignment);
        bzc_diff_add_hex(work, BZC_DIFF_PE_SIZE_OF_IMAGE, "SizeOfImage", old_pe->size_of_image, new_pe->size_of_image);
    }
    compare_signatures(work, before, after);
}
