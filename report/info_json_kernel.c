/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/info_json.h"
#include "report/info_names.h"

static json_t *relocations_object(const struct bzc_inspection *inspection, bool *failed)
{
    uint64_t size = inspection->reloc_table_size;
    json_t *object = json_object();

    bzc_json_set(object, "total", bzc_json_number(inspection->oracle->reloc_count), failed);
    bzc_json_set(object, "bits32", bzc_json_number(inspection->relocations[BZC_RELOC_32]), failed);
    bzc_json_set(object, "bits64", bzc_json_number(inspection->relocations[BZC_RELOC_64]), failed);
    bzc_json_set(object, "inverse32", bzc_json_number(inspection->relocations[BZC_RELOC_INVERSE_32]), failed);
    bzc_json_set(object, "table_offset", size ? bzc_json_number(inspection->oracle->payload.size - size) : json_null(),
                 failed);
    bzc_json_set(object, "table_size", bzc_json_number(size), failed);
    bzc_json_set(object, "problem", bzc_json_text(inspection->oracle->reloc_problem), failed);
    return object;
}

static json_t *config_object(const struct bzc_ikconfig *config, bool *failed)
{
    json_t *object;

    if (!config->found)
        return json_null();
    object = json_object();
    bzc_json_set(object, "offset", bzc_json_number(config->offset), failed);
    bzc_json_set(object, "packed_size", bzc_json_number(config->packed_size), failed);
    bzc_json_set(object, "size", bzc_json_number(config->text.size), failed);
    bzc_json_set(object, "options", bzc_json_number(config->options), failed);
    bzc_json_set(object, "yes", bzc_json_number(config->yes), failed);
    bzc_json_set(object, "module", bzc_json_number(config->module), failed);
    bzc_json_set(object, "not_set", bzc_json_number(config->not_set), failed);
    bzc_json_set(object, "problem", bzc_json_text(config->problem), failed);
    return object;
}

static json_t *program_object(const struct bzc_elf_program *program, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "type", bzc_json_address(program->type), failed);
    bzc_json_set(object, "type_name", bzc_json_text(bzc_elf_program_type_name(program->type)), failed);
    bzc_json_set(object, "flags", bzc_json_address(program->flags), failed);
    bzc_json_set(object, "offset", bzc_json_number(program->offset), failed);
    bzc_json_set(object, "vaddr", bzc_json_address(program->vaddr), failed);
    bzc_json_set(object, "paddr", bzc_json_address(program->paddr), failed);
    bzc_json_set(object, "filesz", bzc_json_number(program->filesz), failed);
    bzc_json_set(object, "memsz", bzc_json_number(program->memsz), failed);
    bzc_json_set(object, "align", bzc_json_address(program->align), failed);
    return object;
}

static json_t *section_object(const struct bzc_elf_section *section, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "name", bzc_json_string(section->name), failed);
    bzc_json_set(object, "type", bzc_json_address(section->type), failed);
    bzc_json_set(object, "flags", bzc_json_address(section->flags), failed);
    bzc_json_set(object, "addr", bzc_json_address(section->addr), failed);
    bzc_json_set(object, "offset", bzc_json_number(section->offset), failed);
    bzc_json_set(object, "size", bzc_json_number(section->size), failed);
    return object;
}

static json_t *note_object(const struct bzc_elf_note *note, bool *failed)
{
    json_t *object = json_object();
    struct bzc_info_note info;

    bzc_info_note_read(note, &info);
    bzc_json_set(object, "owner", bzc_json_string(info.owner), failed);
    bzc_json_set(object, "type", bzc_json_address(note->type), failed);
    bzc_json_set(object, "type_name", bzc_json_text(info.name), failed);
    bzc_json_set(object, "size", bzc_json_number(note->desc.size), failed);
    bzc_json_set(object, "text", bzc_json_text(info.text), failed);
    return object;
}

static void set_header(json_t *object, const struct bzc_elf_tables *elf, bool *failed)
{
    bzc_json_set(object, "class", json_integer(elf->bits), failed);
    bzc_json_set(object, "osabi", json_integer(elf->osabi), failed);
    bzc_json_set(object, "abiversion", json_integer(elf->abiversion), failed);
    bzc_json_set(object, "type", json_integer(elf->type), failed);
    bzc_json_set(object, "machine", json_integer(elf->machine), failed);
    bzc_json_set(object, "version", json_integer(elf->version), failed);
    bzc_json_set(object, "entry", bzc_json_address(elf->entry), failed);
    bzc_json_set(object, "flags", bzc_json_address(elf->flags), failed);
    bzc_json_set(object, "ehsize", json_integer(elf->ehsize), failed);
    bzc_json_set(object, "phoff", bzc_json_number(elf->phoff), failed);
    bzc_json_set(object, "phentsize", json_integer(elf->phentsize), failed);
    bzc_json_set(object, "phnum", json_integer(elf->phnum), failed);
    bzc_json_set(object, "shoff", bzc_json_number(elf->shoff), failed);
    bzc_json_set(object, "shentsize", json_integer(elf->shentsize), failed);
    bzc_json_set(object, "shnum", json_integer(elf->shnum), failed);
    bzc_json_set(object, "shstrndx", json_integer(elf->shstrndx), failed);
}

static json_t *elf_object(const struct bzc_inspection *inspection, bool *failed)
{
    const struct bzc_oracle *oracle = inspection->oracle;
    const struct bzc_elf_tables *elf = &inspection->elf;
    json_t *object, *programs, *sections, *notes;
    char build_id[2 * BZC_BUILD_ID_MAX + 1] = "";
    uint64_t paddr, vaddr;
    bool placed;

    if (!inspection->has_elf)
        return json_null();
    object = json_object();
    programs = json_array();
    sections = json_array();
    notes = json_array();
    placed = !*oracle->elf_problem && bzc_elf_entry(&oracle->elf, &paddr, &vaddr);
    for (size_t i = 0; i < oracle->elf.build_id_size; i++)
        snprintf(build_id + 2 * i, 3, "%02x", oracle->elf.build_id[i]);
    for (size_t i = 0; i < elf->program_count; i++)
        bzc_json_append(programs, program_object(&elf->program[i], failed), failed);
    for (size_t i = 0; i < elf->section_count; i++)
        bzc_json_append(sections, section_object(&elf->section[i], failed), failed);
    for (size_t i = 0; i < inspection->note_count; i++)
        bzc_json_append(notes, note_object(&inspection->note[i], failed), failed);
    set_header(object, elf, failed);
    bzc_json_set(object, "entry_phys", placed ? bzc_json_address(paddr) : json_null(), failed);
    bzc_json_set(object, "entry_virt", placed ? bzc_json_address(vaddr) : json_null(), failed);
    bzc_json_set(object, "build_id", bzc_json_text(build_id), failed);
    bzc_json_set(object, "programs", programs, failed);
    bzc_json_set(object, "sections", sections, failed);
    bzc_json_set(object, "notes", notes, failed);
    bzc_json_set(object, "problem", bzc_json_text(oracle->elf_problem), failed);
    return object;
}

json_t *bzc_info_json_kernel(const struct bzc_inspection *inspection, bool *failed)
{
    json_t *object;

    if (!inspection->oracle)
        return json_null();
    object = json_object();
    bzc_json_set(object, "banner", bzc_json_text(inspection->banner), failed);
    bzc_json_set(object, "kaslr", json_boolean(inspection->facts.kaslr_build), failed);
    bzc_json_set(object, "relocations", relocations_object(inspection, failed), failed);
    bzc_json_set(object, "config", config_object(&inspection->config, failed), failed);
    bzc_json_set(object, "elf", elf_object(inspection, failed), failed);
    return object;
}
