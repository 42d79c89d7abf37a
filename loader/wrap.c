/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/wrap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/checksum.h"
#include "loader/elf.h"
#include "loader/uki.h"
#include "loader/wrap_parts.h"

#define LOAD_ADDRESS    0x100000u
#define PAGE            0x1000u
#define FOUR_GIB        (1ull << 32)
#define SHIFT_MAX       0x100000u
#define PARAGRAPH       16u
#define STORED_CRC      4u
#define VERSION_MOVABLE 0x0205u /* compressed/head.S computes where it is since 2.6.20 (i386) and 2.6.22 (x86-64) */
#define PF_X            1u
#define PF_W            2u
#define PF_R            4u

/* An image before it is wrapped. */
struct source {
    struct bzc_image image;
    struct bzc_pe pe;
    uint64_t file_size;      /* without certificates */
    uint64_t payload_length; /* of the compressed payload, also where only its start is in the header */
    uint64_t memory;         /* bytes that unpacking takes from runtime_start on */
    uint64_t runtime_start;  /* of the wrapped image, loaded at LOAD_ADDRESS */
};

void bzc_wrap_note(struct bzc_wrapped *wrapped, uint64_t before, uint64_t after, const char *format, ...)
{
    struct bzc_wrap_change *change;
    va_list args;

    if (before == after || wrapped->change_count == BZC_WRAP_CHANGES_MAX)
        return;
    change = &wrapped->change[wrapped->change_count++];
    change->before = before;
    change->after = after;
    va_start(args, format);
    vsnprintf(change->name, sizeof(change->name), format, args);
    va_end(args);
}

/* ---- what cannot be wrapped ---- */

static enum bzc_status check_kind(const struct source *source, struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    char version[8];

    if (bzc_uki_is(&source->pe))
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "a unified kernel image: take out its kernel with 'bzcheck extract' and wrap that");
    if (image->kind != BZC_IMAGE_BZIMAGE)
        return bzc_error_set(err, BZC_ERR_FORMAT, "not a bzImage");
    if (image->elf_head)
        return bzc_error_set(err, BZC_ERR_FORMAT, "wrapped already: its protected-mode part begins with an ELF header");
    bzc_image_protocol_text(image, version);
    if (image->version < VERSION_MOVABLE)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "protocol %s: the decompressor is linked to run at 0x100000 and cannot be moved", version);
    if (image->code32_start != LOAD_ADDRESS)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "its 32-bit entry is at 0x%x, not at the start of the protected-mode part",
                             (unsigned)image->code32_start);
    return BZC_OK;
}

static enum bzc_status check_whole(const struct source *source, struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    uint64_t unit = image->kernel_alignment;

    if (image->pm_declared_size == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "syssize is 0");
    /* Up to 2.6.2x the file ends where the code ends, and syssize is rounded up. */
    if (image->pm.size + PARAGRAPH <= image->pm_declared_size)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the protected-mode part is cut off by the end of the file");
    if (image->payload_source == BZC_PAYLOAD_ABSENT || image->compression == BZC_COMPRESSION_UNKNOWN)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "no compressed kernel is found in it, and only a decompressor is known to run elsewhere");
    if (image->payload_source == BZC_PAYLOAD_HEADER &&
        !bzc_bytes_has(image->pm, image->payload_offset, image->payload_length))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the payload does not lie in the protected-mode part");
    if (image->xloadflags & BZC_XLF_KERNEL_64 && image->payload_offset <= BZC_WRAP_ENTRY64)
        return bzc_error_set(err, BZC_ERR_FORMAT, "its 64-bit entry lies in the payload");
    if (image->relocatable && (unit < PAGE || (unit & (unit - 1)) != 0))
        return bzc_error_set(err, BZC_ERR_FORMAT, "kernel_alignment is 0x%x, which no kernel can run with",
                             (unsigned)unit);
    return BZC_OK;
}

static enum bzc_status check_certificates(struct source *source, struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    const struct bzc_pe_directory *table = bzc_pe_directory(&source->pe, BZC_PE_DIRECTORY_CERTIFICATE);
    uint64_t size = image->file.size;

    source->file_size = size;
    if (!table)
        return BZC_OK;
    if (!bzc_bytes_has(image->file, table->virtual_address, table->size) ||
        table->virtual_address < image->realmode_size + image->pm.size ||
        table->virtual_address + (uint64_t)table->size != size)
        return bzc_error_set(err, BZC_ERR_FORMAT, "its certificate table is not at the end of the file");
    source->file_size = table->virtual_address;
    return BZC_OK;
}

/* ---- memory ---- */

/*
 * Before 2.10 no field says how much memory the decompressor takes. It unpacks to the end of a buffer that is as long
 * as the kernel with its .bss, or as the unpacked file and a margin of 1/4096 and 32786 bytes, and has itself at its
 * end (compressed/head_32.S of 2.6.24).
 */
static enum bzc_status measure_payload(struct source *source, struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    struct bzc_payload_end end;
    struct bzc_bytes kernel;
    struct bzc_elf elf = {0};
    uint64_t span = 0;
    enum bzc_status status = bzc_image_unpack(image, &kernel, &end, err);

    if (status != BZC_OK)
        return status;
    if (image->payload_source == BZC_PAYLOAD_SCANNED)
        source->payload_length = end.stream_size;
    if (bzc_elf_is(kernel) && bzc_elf_parse(kernel, &elf, NULL) == BZC_OK)
        span = elf.paddr_end - elf.paddr_min;
    if (!image->relocatable)
        source->runtime_start = elf.paddr_min ? elf.paddr_min : LOAD_ADDRESS;
    source->memory = kernel.size + kernel.size / 4096 + 32786 + image->pm.size;
    if (source->memory < span)
        source->memory = span;
    source->memory = (source->memory + PAGE - 1) / PAGE * PAGE;
    bzc_decompress_free(kernel);
    return BZC_OK;
}

static enum bzc_status find_memory(struct source *source, uint32_t shift, struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    bool known =
        bzc_image_runtime_start(image, (uint64_t)LOAD_ADDRESS + shift, image->kernel_alignment, &source->runtime_start);

    source->payload_length = image->payload_length;
    source->memory = image->init_size;
    if (!image->init_size || !known) {
        enum bzc_status status = measure_payload(source, err);

        if (status != BZC_OK)
            return status;
    }
    if (source->runtime_start % PAGE != 0 || source->runtime_start > FOUR_GIB ||
        source->memory > FOUR_GIB - LOAD_ADDRESS - SHIFT_MAX || source->runtime_start + source->memory > FOUR_GIB)
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "it asks for 0x%llx bytes of memory from 0x%llx on, where no kernel can run",
                             (unsigned long long)source->memory, (unsigned long long)source->runtime_start);
    return BZC_OK;
}

/* ---- program headers ---- */

static void add_segment(struct bzc_wrapped *wrapped, const char *name, uint64_t offset, uint64_t size, uint32_t flags)
{
    wrapped->segment_name[wrapped->segment_count] = name;
    wrapped->segment[wrapped->segment_count++] = (struct bzc_elf_program){
        .type = 1, /* PT_LOAD */
        .flags = flags,
        .offset = offset,
        .vaddr = wrapped->load_addr + offset,
        .paddr = wrapped->load_addr + offset,
        .filesz = size,
        .memsz = size,
        .align = PAGE,
    };
}

/*
 * The decompressor's .bss and stack lie behind its last byte, both where it is loaded and where it copies itself to,
 * which is the end of [runtime_start, +memory): the last segment reaches over both, or there is one more.
 */
static void make_segments(const struct source *source, struct bzc_wrapped *wrapped)
{
    uint64_t payload = wrapped->shift + source->image.payload_offset, tail = payload + source->payload_length;
    uint64_t loaded_end = wrapped->load_addr + wrapped->shift + source->memory;
    uint64_t run_end = source->runtime_start + source->memory;
    struct bzc_elf_program *last;

    add_segment(wrapped, "ELF header, decompressor head", 0, payload, PF_R | PF_X);
    add_segment(wrapped, "payload", payload, source->payload_length, PF_R);
    add_segment(wrapped, "decompressor tail", tail, wrapped->shift + source->image.pm.size - tail, PF_R | PF_W | PF_X);
    last = &wrapped->segment[2];
    if (last->paddr + last->filesz > loaded_end)
        loaded_end = last->paddr + last->filesz;
    if (source->runtime_start <= loaded_end) {
        last->memsz = (run_end > loaded_end ? run_end : loaded_end) - last->paddr;
        return;
    }
    last->memsz = loaded_end - last->paddr;
    add_segment(wrapped, "room for the kernel", 0, 0, PF_R | PF_W | PF_X);
    last = &wrapped->segment[3];
    last->vaddr = source->runtime_start;
    last->paddr = source->runtime_start;
    last->memsz = source->memory;
}

/* ---- the new file ---- */

/*
 * The decompressor rounds its own address up, not the load address: it may run one alignment unit higher than loaders
 * know. From 2.10 on they keep init_size bytes free, so that field grows by the unit. The code reads it, too, to find
 * the end of its buffer: for it the old value is restored by the entries.
 */
static uint32_t growth(const struct bzc_image *image)
{
    return image->relocatable && image->init_size ? image->kernel_alignment : 0;
}

static enum bzc_status plan(struct source *source, const struct bzc_wrap_options *options, struct bzc_wrapped *wrapped,
                            struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    uint32_t shift = PAGE;
    enum bzc_status status;

    if (source->pe.present && source->pe.section_alignment > shift)
        shift = source->pe.section_alignment;
    if (shift > SHIFT_MAX || (shift & (shift - 1)) != 0)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "PE SectionAlignment is 0x%x", (unsigned)shift);
    if ((uint64_t)image->init_size + growth(image) > UINT32_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "init_size is too large to grow");
    status = find_memory(source, shift, err);
    if (status != BZC_OK)
        return status;
    wrapped->bits = image->xloadflags & BZC_XLF_KERNEL_64 ? 64 : 32;
    if (options->legacy_safe && wrapped->bits == 32)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                             "--legacy-safe is not possible for a 32-bit kernel: as code, the header of an ELF32 file "
                             "writes to memory");
    wrapped->legacy_safe = options->legacy_safe;
    wrapped->shift = shift;
    wrapped->grown = growth(image);
    wrapped->may_run_higher = image->relocatable;
    wrapped->load_addr = LOAD_ADDRESS;
    wrapped->entry32 = shift - bzc_wrap_prologue_size(wrapped->grown);
    wrapped->entry64_jump = wrapped->bits == 64 ? shift + BZC_WRAP_ENTRY64 : 0;
    wrapped->elf_entry = wrapped->load_addr + (wrapped->bits == 64 ? BZC_WRAP_ENTRY64 : wrapped->entry32);
    make_segments(source, wrapped);
    return BZC_OK;
}

static void set_field(const struct bzc_image *image, uint8_t *file, enum bzc_field_id id, uint64_t value,
                      struct bzc_wrapped *wrapped)
{
    uint64_t before = 0;

    bzc_image_field(image, id, &before);
    bzc_field_store(file, id, value);
    bzc_wrap_note(wrapped, before, value, "%s", bzc_field(id)->name);
}

static enum bzc_status adjust_header(const struct bzc_image *image, uint8_t *file, struct bzc_wrapped *wrapped,
                                     struct bzc_error *err)
{
    /* Offsets from the start of the protected-mode part, where 0 means that there is none. */
    static const enum bzc_field_id offsets[] = {BZC_FIELD_PAYLOAD_OFFSET, BZC_FIELD_HANDOVER_OFFSET,
                                                BZC_FIELD_KERNEL_INFO_OFFSET};
    uint64_t value = 0;

    bzc_image_field(image, BZC_FIELD_SYSSIZE, &value);
    if (value + wrapped->shift / PARAGRAPH > UINT32_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "syssize is too large to grow");
    set_field(image, file, BZC_FIELD_SYSSIZE, value + wrapped->shift / PARAGRAPH, wrapped);
    set_field(image, file, BZC_FIELD_CODE32_START, wrapped->load_addr + wrapped->entry32, wrapped);
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        if (!bzc_image_field(image, offsets[i], &value) || value == 0)
            continue;
        if (value + wrapped->shift > UINT32_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "%s is too large to grow", bzc_field(offsets[i])->name);
        set_field(image, file, offsets[i], value + wrapped->shift, wrapped);
    }
    if (wrapped->grown)
        set_field(image, file, BZC_FIELD_INIT_SIZE, (uint64_t)image->init_size + wrapped->grown, wrapped);
    return BZC_OK;
}

static void set_check_sum(const struct bzc_pe *pe, uint8_t *file, uint32_t value, struct bzc_wrapped *wrapped)
{
    bzc_wrap_note(wrapped, pe->check_sum, value, "PE CheckSum");
    bzc_store32(file + pe->check_sum_offset, value);
}

/*
 * The kernel's build computes its CRC over a CheckSum of 0, and each is part of what the other covers: an image that
 * has a CRC gets no CheckSum again.
 */
static void renew_checksums(const struct source *source, uint8_t *file, struct bzc_wrapped *wrapped)
{
    const struct bzc_pe *pe = &source->pe;
    struct bzc_bytes bytes = wrapped->file;
    struct bzc_checksum checksum;
    struct bzc_image image;

    bzc_checksum_read(&source->image, pe, &checksum);
    if (checksum.state == BZC_CHECKSUM_GOOD || checksum.state == BZC_CHECKSUM_UNSIGNED) {
        struct bzc_pe none = {0};

        if (pe->present)
            set_check_sum(pe, file, 0, wrapped);
        bzc_image_parse_headers(bytes, &image);
        bzc_checksum_read(&image, &none, &checksum);
        bzc_store32(file + checksum.end - STORED_CRC, checksum.computed);
        wrapped->checksum = BZC_WRAP_CHECKSUM_RENEWED;
    } else if (pe->present && pe->check_sum) {
        set_check_sum(pe, file, bzc_pe_compute_check_sum(pe, bytes), wrapped);
    }
}

static enum bzc_status build(const struct source *source, struct bzc_wrapped *wrapped, struct bzc_error *err)
{
    const struct bzc_image *image = &source->image;
    const struct bzc_wrap_hole hole = {image->realmode_size, wrapped->shift, wrapped->grown, image->init_size};
    size_t size = (size_t)source->file_size + wrapped->shift;
    uint8_t *file = malloc(size);
    enum bzc_status status;

    if (!file)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %zu bytes", size);
    wrapped->file = (struct bzc_bytes){file, size};
    memcpy(file, image->file.data, hole.at);
    bzc_wrap_write_front(wrapped, file + hole.at);
    memcpy(file + hole.at + hole.shift, image->file.data + hole.at, source->file_size - hole.at);
    status = adjust_header(image, file, wrapped, err);
    if (status == BZC_OK && source->pe.present) {
        wrapped->certificates = image->file.size - source->file_size;
        status = bzc_wrap_adjust_pe(file, size, &source->pe, &hole, wrapped, err);
    }
    if (status == BZC_OK)
        renew_checksums(source, file, wrapped);
    return status;
}

enum bzc_status bzc_wrap_elf(struct bzc_bytes file, const struct bzc_wrap_options *options, struct bzc_wrapped *wrapped,
                             struct bzc_error *err)
{
    struct source source = {0};
    enum bzc_status status;

    memset(wrapped, 0, sizeof(*wrapped));
    bzc_image_parse(file, &source.image);
    bzc_pe_parse(file, &source.pe);
    status = check_kind(&source, err);
    if (status == BZC_OK)
        status = check_whole(&source, err);
    if (status == BZC_OK)
        status = check_certificates(&source, err);
    if (status == BZC_OK)
        status = plan(&source, options, wrapped, err);
    if (status == BZC_OK)
        status = build(&source, wrapped, err);
    if (status != BZC_OK)
        bzc_wrap_free(wrapped);
    return status;
}

void bzc_wrap_free(struct bzc_wrapped *wrapped)
{
    free((void *)(uintptr_t)wrapped->file.data);
    wrapped->file = (struct bzc_bytes){0};
}
