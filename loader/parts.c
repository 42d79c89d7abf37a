/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/parts.h"

#include <stdio.h>
#include <string.h>

#include "loader/elf.h"
#include "loader/image.h"
#include "loader/uki.h"

static const char *payload_file_name(enum bzc_compression compression)
{
    switch (compression) {
    case BZC_COMPRESSION_NONE:
        return "payload.elf";
    case BZC_COMPRESSION_GZIP:
        return "payload.gz";
    case BZC_COMPRESSION_BZIP2:
        return "payload.bz2";
    case BZC_COMPRESSION_LZMA:
        return "payload.lzma";
    case BZC_COMPRESSION_XZ:
        return "payload.xz";
    case BZC_COMPRESSION_LZO:
        return "payload.lzo";
    case BZC_COMPRESSION_LZ4:
        return "payload.lz4";
    case BZC_COMPRESSION_ZSTD:
        return "payload.zst";
    case BZC_COMPRESSION_UNKNOWN:
        break;
    }
    return "payload.bin";
}

/* For one more part; never NULL before BZC_PARTS_MAX. */
static struct bzc_taken_part *add(struct bzc_parts *parts, const char *name, const char *file_name, const char *meaning)
{
    struct bzc_taken_part *part = &parts->part[parts->count++];

    snprintf(part->name, sizeof(part->name), "%s", name);
    snprintf(part->file_name, sizeof(part->file_name), "%s", file_name);
    part->meaning = meaning;
    return part;
}

static void miss(struct bzc_taken_part *part, const char *reason)
{
    snprintf(part->missing, sizeof(part->missing), "%s", reason);
}

/* ---- what is in the payload ---- */

static void add_config(struct bzc_parts *parts, const char *problem)
{
    struct bzc_taken_part *config = add(parts, "config", "config", "the kernel's configuration");

    if (problem) {
        miss(config, problem);
        return;
    }
    bzc_ikconfig_read(parts->unpacked, &parts->config);
    config->bytes = parts->config.text;
    if (!parts->config.found)
        miss(config, "the kernel carries no configuration (that needs CONFIG_IKCONFIG=y)");
    else if (parts->config.problem[0])
        miss(config, parts->config.problem);
    else if (config->bytes.size == 0)
        miss(config, "the configuration in the kernel is empty");
}

static void add_kernel(struct bzc_parts *parts, const struct bzc_image *image, struct bzc_taken_part *payload)
{
    struct bzc_taken_part *unpacked = add(parts, "unpacked", "payload.unpacked", "the payload, unpacked: all of it");
    struct bzc_taken_part *vmlinux = add(parts, "vmlinux", "vmlinux", "the kernel's ELF file in the payload");
    struct bzc_taken_part *relocations =
        add(parts, "relocations", "vmlinux.relocs", "the relocation table behind that ELF file");
    struct bzc_payload_end end;
    struct bzc_error err = {0};
    struct bzc_elf elf;

    if (bzc_image_unpack(image, &parts->unpacked, &end, &err) != BZC_OK) {
        miss(unpacked, err.message);
        miss(vmlinux, err.message);
        miss(relocations, err.message);
        add_config(parts, err.message);
        return;
    }
    if (image->payload_source == BZC_PAYLOAD_SCANNED)
        payload->bytes = bzc_bytes_slice(payload->bytes, 0, end.stream_size);
    unpacked->bytes = parts->unpacked;
    if (parts->unpacked.size == 0)
        miss(unpacked, "the payload unpacks to nothing");
    if (!bzc_elf_is(parts->unpacked)) {
        miss(vmlinux, "the payload is no ELF file (see the part unpacked)");
        miss(relocations, "the payload is no ELF file (see the part unpacked)");
    } else if (bzc_elf_parse(parts->unpacked, &elf, &err) != BZC_OK) {
        miss(vmlinux, err.message);
        miss(relocations, err.message);
    } else {
        vmlinux->bytes = bzc_bytes_slice(parts->unpacked, 0, elf.file_end);
        relocations->bytes = bzc_bytes_slice(parts->unpacked, elf.file_end, parts->unpacked.size);
        if (relocations->bytes.size == 0)
            miss(relocations, "there is no relocation table behind the ELF file");
    }
    add_config(parts, NULL);
}

static void add_boot_image(struct bzc_parts *parts, const struct bzc_image *image)
{
    struct bzc_taken_part *setup = add(parts, "setup", "setup.bin", "boot sector and setup: the real-mode part");
    struct bzc_taken_part *pm = add(parts, "pm", "pm.bin", "the protected-mode part: decompressor and payload");
    struct bzc_taken_part *payload =
        add(parts, "payload", payload_file_name(image->compression), "the payload as the header gives it");

    setup->bytes = image->realmode;
    pm->bytes = image->pm;
    if (pm->bytes.size == 0)
        miss(pm, "the file ends before the protected-mode part");
    payload->bytes = image->payload;
    if (payload->bytes.size == 0)
        miss(payload, image->payload_source == BZC_PAYLOAD_ABSENT ? "the image has no payload"
                                                                  : "the file ends before the payload");
    add_kernel(parts, image, payload);
}

/* ---- sections ---- */

/* Section names come from the file, and become names of files. */
static void make_file_name(const char *section, size_t number, struct bzc_taken_part *part)
{
    char name[16];
    size_t length = 0;

    for (const char *at = section + strspn(section, "."); *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                     *at == '.' || *at == '_' || *at == '-';

        name[length++] = *at;
        if (!plain)
            name[length - 1] = '_';
    }
    name[length] = '\0';
    if (number > 1)
        snprintf(part->file_name, sizeof(part->file_name), "%.15s.%u", length ? name : "section", (unsigned)number);
    else
        snprintf(part->file_name, sizeof(part->file_name), "%s", length ? name : "section");
}

static bool is_taken(const struct bzc_parts *parts, const struct bzc_taken_part *part)
{
    for (const struct bzc_taken_part *other = parts->part; other < part; other++) {
        if (strcmp(other->name, part->name) == 0 || strcmp(other->file_name, part->file_name) == 0)
            return true;
    }
    return false;
}

static void add_section(struct bzc_parts *parts, const struct bzc_pe_section *section, struct bzc_bytes file)
{
    struct bzc_taken_part *part = add(parts, section->name, "", "a section of the unified kernel image");

    make_file_name(section->name, 1, part);
    for (size_t number = 2; is_taken(parts, part); number++) {
        snprintf(part->name, sizeof(part->name), "%s#%zu", section->name, number);
        make_file_name(section->name, number, part);
    }
    part->bytes = bzc_pe_section_bytes(section, file);
    if (part->bytes.size == 0)
        miss(part, "the section has no bytes in the file");
}

enum bzc_status bzc_parts_read(struct bzc_bytes file, struct bzc_parts *parts, struct bzc_error *err)
{
    struct bzc_bytes kernel = file;
    struct bzc_image image;
    struct bzc_pe pe;
    bool is_uki;

    memset(parts, 0, sizeof(*parts));
    bzc_pe_parse(file, &pe);
    is_uki = bzc_uki_linux(&pe, file, &kernel);
    bzc_image_parse(kernel, &image);
    if (bzc_image_is_boot_image(&image))
        add_boot_image(parts, &image);
    else if (!is_uki)
        return bzc_error_set(err, BZC_ERR_FORMAT, "no boot image");
    for (size_t i = 0; is_uki && i < pe.section_count; i++) {
        if (parts->count == BZC_PARTS_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "more than %d parts", BZC_PARTS_MAX);
        add_section(parts, &pe.section[i], file);
    }
    return BZC_OK;
}

void bzc_parts_free(struct bzc_parts *parts)
{
    bzc_decompress_free(parts->unpacked);
    bzc_ikconfig_free(&parts->config);
    memset(parts, 0, sizeof(*parts));
}

const struct bzc_taken_part *bzc_parts_find(const struct bzc_parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (strcmp(parts->part[i].name, name) == 0)
            return &parts->part[i];
    }
    return NULL;
}
