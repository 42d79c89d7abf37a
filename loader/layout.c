/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/kernel_info.h"

#define HEADER_OFFSET  0x1f1u /* setup_sects, the first field */
#define HEADER_OLD_END 0x200u /* before 2.00 */
#define JUMP_SHORT     0xebu
#define JUMP_END       0x202u /* a short jump counts from here */
#define PARAGRAPH      16u
#define CHECKSUM_SIZE  4u
#define SIZE_WORD_SIZE 4u
#define ZEROS_MIN      16u /* fewer zero bytes at the end of a part may be data */
/*
 * Parts that headers describe. Each gives at most two holes, one before it and one at the end of what it holds, and the
 * file has one at its end.
 */
#define NAMED_MAX ((BZC_LAYOUT_PARTS_MAX - 1) / 3u)

static const char *const kind_names[] = {
    [BZC_PART_REALMODE] = "real-mode",
    [BZC_PART_DOS_HEADER] = "dos-header",
    [BZC_PART_PE_HEADERS] = "pe-headers",
    [BZC_PART_BOOT_SECTOR] = "boot-sector",
    [BZC_PART_SETUP_HEADER] = "setup-header",
    [BZC_PART_SETUP] = "setup",
    [BZC_PART_PM] = "protected-mode",
    [BZC_PART_HEAD] = "decompressor-head",
    [BZC_PART_PAYLOAD] = "payload",
    [BZC_PART_STREAM] = "stream",
    [BZC_PART_SIZE_WORD] = "size-word",
    [BZC_PART_TAIL] = "decompressor-tail",
    [BZC_PART_KERNEL_INFO] = "kernel-info",
    [BZC_PART_CHECKSUM] = "checksum",
    [BZC_PART_PE_SECTION] = "pe-section",
    [BZC_PART_CERTIFICATES] = "certificates",
    [BZC_PART_SIGNATURE] = "signature",
    [BZC_PART_ZEROS] = "zeros",
    [BZC_PART_REST] = "rest",
    [BZC_PART_TRAILING] = "trailing",
};

const char *bzc_part_kind_name(enum bzc_part_kind kind)
{
    return kind_names[kind];
}

const struct bzc_part *bzc_layout_part(const struct bzc_layout *layout, enum bzc_part_kind kind)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (layout->part[i].kind == kind)
            return &layout->part[i];
    }
    return NULL;
}

/* ---- putting parts into each other ---- */

/* Parts while they are collected: in any order. */
struct builder {
    struct bzc_layout *layout;
    struct bzc_bytes file;
};

static uint64_t end_of(const struct bzc_part *part)
{
    return part->offset + part->size;
}

static bool contains(const struct bzc_part *outer, const struct bzc_part *inner)
{
    return outer->offset <= inner->offset && end_of(inner) <= end_of(outer);
}

static bool disjoint(const struct bzc_part *a, const struct bzc_part *b)
{
    return end_of(a) <= b->offset || end_of(b) <= a->offset;
}

/* Adds a part that lies wholly inside, around or beside every other one; true when it is there. */
static bool add(struct builder *builder, enum bzc_part_kind kind, const char *name, uint64_t offset, uint64_t size)
{
    struct bzc_layout *layout = builder->layout;
    struct bzc_part part = {.kind = kind, .offset = offset, .size = size};

    if (size == 0 || offset >= builder->file.size || layout->count >= NAMED_MAX)
        return false;
    if (size > builder->file.size - offset) {
        part.size = builder->file.size - offset;
        part.cut = true;
    }
    for (size_t i = 0; i < layout->count; i++) {
        const struct bzc_part *other = &layout->part[i];

        if (!disjoint(other, &part) && !contains(other, &part) && !contains(&part, other))
            return false;
    }
    snprintf(part.name, sizeof(part.name), "%s", name);
    layout->part[layout->count++] = part;
    return true;
}

/* Adds a part only when it lies inside one that nothing else divides yet. */
static bool add_inside(struct builder *builder, enum bzc_part_kind kind, const char *name, uint64_t offset,
                       uint64_t size)
{
    const struct bzc_part part = {.offset = offset, .size = size};

    if (!bzc_bytes_has(builder->file, offset, size))
        return false;
    for (size_t i = 0; i < builder->layout->count; i++) {
        if (contains(&part, &builder->layout->part[i]))
            return false;
    }
    return add(builder, kind, name, offset, size);
}

static bool is_zero(struct bzc_bytes bytes)
{
    return bytes.size == 0 || (bytes.data[0] == 0 && memcmp(bytes.data, bytes.data + 1, bytes.size - 1) == 0);
}

/* Zero bytes that end at `end` and reach back to `start` at most. */
static void add_zeros_before(struct builder *builder, uint64_t start, uint64_t end)
{
    uint64_t at = end;

    if (end > builder->file.size)
        return;
    while (at > start && builder->file.data[at - 1] == 0)
        at--;
    if (end - at >= ZEROS_MIN)
        add_inside(builder, BZC_PART_ZEROS, "zeros", at, end - at);
}

/* ---- the parts of a boot image ---- */

static uint64_t header_end(const struct bzc_image *image)
{
    uint8_t jump, distance;

    if (!image->has_header)
        return HEADER_OLD_END;
    if (bzc_bytes_u8(image->file, JUMP_END - 2, &jump) && bzc_bytes_u8(image->file, JUMP_END - 1, &distance) &&
        jump == JUMP_SHORT)
        return JUMP_END + distance;
    return JUMP_END + 4;
}

static void add_dos_and_pe_headers(struct builder *builder, const struct bzc_pe *pe)
{
    if (!pe->present)
        return;
    add(builder, BZC_PART_DOS_HEADER, "MS-DOS header", 0, pe->e_lfanew);
    add(builder, BZC_PART_PE_HEADERS, "PE headers", pe->e_lfanew, pe->section_table_end - pe->e_lfanew);
}

static void add_realmode(struct builder *builder, const struct bzc_image *image)
{
    uint64_t end = header_end(image);

    add(builder, BZC_PART_REALMODE, "real-mode part", 0, image->realmode_size);
    add(builder, BZC_PART_BOOT_SECTOR, "boot sector", 0, HEADER_OFFSET);
    add(builder, BZC_PART_SETUP_HEADER, "setup header", HEADER_OFFSET, end - HEADER_OFFSET);
    if (end < image->realmode_size)
        add(builder, BZC_PART_SETUP, "setup", end, image->realmode_size - end);
}

static void add_payload(struct builder *builder, const struct bzc_layout_input *input)
{
    const struct bzc_image *image = input->image;
    uint64_t start = image->realmode_size + image->payload_offset, size = image->payload_length;
    uint64_t pm_end = image->realmode_size + image->pm.size, stream = input->stream_size;
    char name[48];

    if (image->payload_source == BZC_PAYLOAD_ABSENT)
        return;
    /* A payload that was searched for ends with its stream. */
    if (image->payload_source == BZC_PAYLOAD_SCANNED && stream != 0)
        size = stream;
    if (!add(builder, BZC_PART_PAYLOAD, "payload", start, size))
        return;
    add(builder, BZC_PART_HEAD, "decompressor, before the payload", image->realmode_size, image->payload_offset);
    if (start + size < pm_end)
        add(builder, BZC_PART_TAIL, "decompressor, behind the payload", start + size, pm_end - start - size);
    if (stream == 0 || stream >= size)
        return;
    snprintf(name, sizeof(name), "%s stream", bzc_compression_name(image->compression));
    add(builder, BZC_PART_STREAM, name, start, stream);
    /* gzip has the size in the stream itself. */
    if (image->compression != BZC_COMPRESSION_GZIP && image->compression != BZC_COMPRESSION_NONE &&
        stream + SIZE_WORD_SIZE <= size)
        add(builder, BZC_PART_SIZE_WORD, "size word", start + stream, SIZE_WORD_SIZE);
}

static void add_sections(struct builder *builder, const struct bzc_pe *pe)
{
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];
        char name[48];

        snprintf(name, sizeof(name), "PE section %s", section->name);
        add_inside(builder, BZC_PART_PE_SECTION, name, section->pointer_to_raw_data, section->size_of_raw_data);
    }
}

static void add_signatures(struct builder *builder, const struct bzc_layout_input *input)
{
    const struct bzc_pe_directory *table = bzc_pe_directory(input->pe, BZC_PE_DIRECTORY_CERTIFICATE);

    if (!table || !add(builder, BZC_PART_CERTIFICATES, "certificate table", table->virtual_address, table->size))
        return;
    for (size_t i = 0; input->signatures && i < input->signatures->count; i++) {
        const struct bzc_signature *signature = &input->signatures->item[i];
        char name[48];

        snprintf(name, sizeof(name), "signature %zu", i + 1);
        add(builder, BZC_PART_SIGNATURE, name, signature->offset, signature->length);
    }
}

static void add_boot_image(struct builder *builder, const struct bzc_layout_input *input)
{
    const struct bzc_image *image = input->image;
    uint64_t pm_size = image->pm.size, pm_end = image->realmode_size + image->pm.size;
    struct bzc_kernel_info info;

    add_realmode(builder, image);
    /* syssize rounds up, and not every build fills the file up to it. */
    if (image->pm_declared_size >= pm_size + PARAGRAPH)
        pm_size = image->pm_declared_size;
    add(builder, BZC_PART_PM, "protected-mode part", image->realmode_size, pm_size);
    add_payload(builder, input);
    add_dos_and_pe_headers(builder, input->pe);
    add_sections(builder, input->pe);
    if (bzc_kernel_info_read(image, &info))
        add_inside(builder, BZC_PART_KERNEL_INFO, "kernel_info", info.file_offset, info.size_total);
    add_zeros_before(builder, header_end(image), image->realmode_size);
    if (input->checksum_end >= CHECKSUM_SIZE)
        add_inside(builder, BZC_PART_CHECKSUM, "CRC-32", input->checksum_end - CHECKSUM_SIZE, CHECKSUM_SIZE);
    if (image->pm.size >= CHECKSUM_SIZE)
        add_zeros_before(builder, image->realmode_size,
                         input->checksum_end == pm_end ? pm_end - CHECKSUM_SIZE : pm_end);
}

static void add_pe_file(struct builder *builder, const struct bzc_layout_input *input)
{
    add_dos_and_pe_headers(builder, input->pe);
    add_sections(builder, input->pe);
}

/* ---- order and gaps ---- */

static int compare(const void *left, const void *right)
{
    const struct bzc_part *a = left, *b = right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

static void name_gap(const struct bzc_part *around, struct bzc_part *gap)
{
    const char *name = "other bytes";

    gap->kind = around ? BZC_PART_REST : BZC_PART_TRAILING;
    if (!around)
        name = "trailing data";
    else if (around->kind == BZC_PART_BOOT_SECTOR || around->kind == BZC_PART_SETUP || around->kind == BZC_PART_HEAD ||
             around->kind == BZC_PART_TAIL || around->kind == BZC_PART_PM)
        name = "code and data";
    else if (around->kind == BZC_PART_PE_SECTION)
        name = "content";
    snprintf(gap->name, sizeof(gap->name), "%s", name);
}

static void put_gap(struct builder *builder, const struct bzc_part *around, uint64_t start, uint64_t end)
{
    struct bzc_part gap = {.offset = start, .size = end - start};

    if (start >= end || builder->layout->count >= BZC_LAYOUT_PARTS_MAX)
        return;
    if (is_zero(bzc_bytes_slice(builder->file, start, end - start))) {
        gap.kind = BZC_PART_ZEROS;
        snprintf(gap.name, sizeof(gap.name), "zeros");
    } else {
        name_gap(around, &gap);
    }
    builder->layout->part[builder->layout->count++] = gap;
}

/* A part that is open: others are inside it. */
struct level {
    const struct bzc_part *part; /* NULL: the file */
    uint64_t covered, end;       /* up to where the parts inside it reach; where it ends */
    bool divided;
};

static void close_level(struct builder *builder, const struct level *level)
{
    if (level->divided)
        put_gap(builder, level->part, level->covered, level->end);
}

/* The file, and every part that holds others, must be covered by them: each hole becomes a part, behind the others. */
static void fill_gaps(struct builder *builder)
{
    const struct bzc_layout *layout = builder->layout;
    const size_t count = layout->count;
    struct level level[NAMED_MAX + 1] = {{.end = builder->file.size, .divided = true}};
    size_t depth = 0;

    for (size_t i = 0; i < count; i++) {
        const struct bzc_part *part = &layout->part[i];

        while (depth > 0 && part->offset >= level[depth].end)
            close_level(builder, &level[depth--]);
        put_gap(builder, level[depth].part, level[depth].covered, part->offset);
        level[depth].covered = end_of(part);
        level[depth].divided = true;
        level[++depth] = (struct level){part, part->offset, end_of(part), false};
    }
    for (;; depth--) {
        close_level(builder, &level[depth]);
        if (depth == 0)
            return;
    }
}

static void set_depths(struct bzc_layout *layout)
{
    uint64_t end[BZC_LAYOUT_PARTS_MAX];
    unsigned depth = 0;

    for (size_t i = 0; i < layout->count; i++) {
        while (depth > 0 && layout->part[i].offset >= end[depth - 1])
            depth--;
        layout->part[i].depth = depth;
        end[depth++] = end_of(&layout->part[i]);
    }
}

void bzc_layout_read(const struct bzc_layout_input *input, struct bzc_layout *layout)
{
    struct builder builder = {layout, input->file};

    memset(layout, 0, sizeof(*layout));
    if (input->image)
        add_boot_image(&builder, input);
    else if (input->pe->present)
        add_pe_file(&builder, input);
    add_signatures(&builder, input);
    qsort(layout->part, layout->count, sizeof(layout->part[0]), compare);
    fill_gaps(&builder);
    qsort(layout->part, layout->count, sizeof(layout->part[0]), compare);
    set_depths(layout);
}
