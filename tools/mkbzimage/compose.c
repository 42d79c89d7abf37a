/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mkbzimage/compose.h"

#include "loader/elf.h"
#include "tools/mkbzimage/pack.h"
#include "tools/mkbzimage/pe.h"
#include "tools/mkbzimage/relocs.h"
#include "tools/mkbzimage/stub.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR    512u
#define PAGE      4096u
#define PARAGRAPH 16u
#define CRC_SIZE  4u

#define PE_SETUP_MIN  (2 * PAGE) /* one page of headers and one of setup */
#define PE_PACKED     32u
#define PE_PACKED_END 64u /* .reloc and .compat */

/* What goes into .sbat: two components, as shim's SBAT.md wants it. */
static const char sbat[] = "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
                           "bzcheck,1,bzcheck,test image,1,https://example.com/\n";

/* The image while it grows, and the numbers that header and decompressor need. */
struct job {
    const struct bzc_recipe *recipe;
    const struct bzc_parts *parts;
    struct bzc_elf elf;
    uint8_t *payload;
    size_t payload_size, output_size;
    uint8_t *image;
    size_t image_size;
    size_t realmode_size;            /* bytes of boot sector and setup */
    uint32_t payload_offset;         /* in the protected-mode part */
    uint32_t stream_end;             /* the protected-mode part without the CRC */
    uint32_t text_end, data_start;   /* paged PE sections in the protected-mode part */
    uint32_t pm_size;                /* with it */
    uint32_t work, kernel_size;      /* see stub.h */
    uint64_t value[BZC_FIELD_COUNT]; /* of header fields */
    bool has_value[BZC_FIELD_COUNT];
};

static uint64_t align_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* The kernel's memory from its lowest address to the end of its last bytes in the file: objcopy -O binary. */
static enum bzc_status flatten(const struct bzc_elf *elf, uint8_t *flat, size_t room, size_t *size,
                               struct bzc_error *err)
{
    *size = 0;
    memset(flat, 0, room);
    for (size_t i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *load = &elf->load[i];
        uint64_t start = load->paddr - elf->paddr_min;

        if (start > room || load->filesz > room - start)
            return bzc_error_set(err, BZC_ERR_FORMAT, "the kernel's memory image is larger than its ELF file");
        memcpy(flat + start, elf->file.data + load->offset, load->filesz);
        if (start + load->filesz > *size)
            *size = (size_t)(start + load->filesz);
    }
    return BZC_OK;
}

/* What the decompressor unpacks: the kernel and, behind it, the relocation table. */
static enum bzc_status make_payload(struct job *job, struct bzc_error *err)
{
    struct bzc_bytes kernel = job->parts->kernel;
    uint8_t *table = NULL, *whole;
    size_t table_size = 0;
    enum bzc_status status = BZC_OK;

    if (job->recipe->relocs)
        status = bzc_relocs_make(job->parts->vmlinux, &table, &table_size, err);
    if (status != BZC_OK)
        return status;
    whole = malloc(kernel.size + table_size);
    if (!whole) {
        free(table);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the kernel");
    }
    if (job->recipe->flat) {
        status = flatten(&job->elf, whole, kernel.size, &job->output_size, err);
    } else {
        memcpy(whole, kernel.data, kernel.size);
        job->output_size = kernel.size;
    }
    if (status == BZC_OK) {
        if (table_size)
            memcpy(whole + job->output_size, table, table_size);
        job->output_size += table_size;
        status = bzc_pack(job->recipe->compression, job->recipe->level,
                          (struct bzc_bytes){.data = whole, .size = job->output_size}, &job->payload,
                          &job->payload_size, err);
    }
    free(whole);
    free(table);
    return status;
}

/* Linux pads setup to pages when its PE sections need that, and has room for .reloc and .compat at its end when they
 * are packed. */
static size_t realmode_size(const struct job *job)
{
    size_t size = job->parts->setup.size;

    switch (job->recipe->pe) {
    case BZC_PE_STYLE_NONE:
        break;
    case BZC_PE_STYLE_PACKED:
        return (size_t)align_up(size + PE_PACKED_END, SECTOR);
    case BZC_PE_STYLE_PAGED:
        return (size_t)align_up(size > PE_SETUP_MIN ? size : PE_SETUP_MIN, PAGE);
    }
    return (size_t)align_up(size, SECTOR);
}

/* Where the protected-mode part ends. Paged sections: .text up to a page, .sbat one page, .data one sector. */
static void lay_out_sections(struct job *job)
{
    uint64_t end = job->stream_end + (job->recipe->crc ? CRC_SIZE : 0);

    job->pm_size = (uint32_t)align_up(end, job->recipe->pe == BZC_PE_STYLE_PACKED ? PE_PACKED : PARAGRAPH);
    job->text_end = job->data_start = job->pm_size;
    if (job->recipe->pe != BZC_PE_STYLE_PAGED)
        return;
    job->text_end = (uint32_t)align_up(job->stream_end, PAGE);
    job->data_start = job->text_end + (job->recipe->sbat ? PAGE : 0);
    job->pm_size = job->data_start + SECTOR;
}

static enum bzc_status lay_out(struct job *job, struct bzc_error *err)
{
    struct bzc_bytes setup = job->parts->setup, stub = job->parts->stub;

    job->realmode_size = realmode_size(job);
    if (setup.size < 0x26c || job->realmode_size > 64 * SECTOR)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the real-mode part has %zu bytes", setup.size);
    if (stub.size < BZC_STUB_PARAMS_END || memcmp(stub.data + BZC_STUB_PARAMS, BZC_STUB_MAGIC, 8) != 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the decompressor has no parameter block at 0x%x", BZC_STUB_PARAMS);

    job->payload_offset = (uint32_t)align_up(stub.size, PARAGRAPH);
    job->stream_end = (uint32_t)(job->payload_offset + job->payload_size);
    lay_out_sections(job);
    job->work = (uint32_t)align_up(job->pm_size, PAGE);
    job->kernel_size = (uint32_t)(job->elf.paddr_end - job->elf.paddr_min);

    job->image_size = job->realmode_size + job->pm_size;
    job->image = calloc(1, job->image_size);
    if (!job->image)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the image");
    memcpy(job->image, setup.data, setup.size);
    memcpy(job->image + job->realmode_size, stub.data, stub.size);
    memcpy(job->image + job->realmode_size + job->payload_offset, job->payload, job->payload_size);
    return BZC_OK;
}

static void set(struct job *job, enum bzc_field_id id, uint64_t value)
{
    job->value[id] = value;
    job->has_value[id] = true;
}

/*
 * header.S of Linux, "Getting to provably safe in-place decompression": the decompressor moves to the end of init_size
 * bytes, its input ends late enough that the output never catches up with it.
 */
static uint32_t init_size(const struct job *job)
{
    uint64_t extra = (job->output_size >> 8) + 131072, offset = extra, size;
    uint32_t work_size = bzc_load32(job->parts->stub.data + BZC_STUB_WORK_SIZE);

    if (job->output_size > job->payload_size)
        offset = job->output_size + extra - job->payload_size;
    size = job->work + work_size + align_up(offset, PAGE);
    if (size < job->kernel_size)
        size = align_up(job->kernel_size, PAGE);
    return (uint32_t)size;
}

/* Header values that fit the image; what setup's own source sets (jump, kernel_version, heap_end_ptr) stays. */
static void choose_fields(struct job *job)
{
    const struct bzc_recipe *recipe = job->recipe;
    bool wide = job->elf.bits == 64;

    set(job, BZC_FIELD_SETUP_SECTS, job->realmode_size / SECTOR - 1);
    set(job, BZC_FIELD_ROOT_FLAGS, 1);
    set(job, BZC_FIELD_SYSSIZE, job->pm_size / PARAGRAPH);
    set(job, BZC_FIELD_VERSION, recipe->protocol);
    set(job, BZC_FIELD_LOADFLAGS, BZC_LOADED_HIGH);
    set(job, BZC_FIELD_CODE32_START, 0x100000);
    set(job, BZC_FIELD_INITRD_ADDR_MAX, 0x7fffffff);
    set(job, BZC_FIELD_KERNEL_ALIGNMENT, 0x200000);
    set(job, BZC_FIELD_RELOCATABLE_KERNEL, recipe->relocatable);
    set(job, BZC_FIELD_MIN_ALIGNMENT, wide ? 21 : 13);
    set(job, BZC_FIELD_XLOADFLAGS, wide ? BZC_XLF_KERNEL_64 : 0);
    if (recipe->pe != BZC_PE_STYLE_NONE) {
        uint32_t entries = wide ? BZC_XLF_EFI_HANDOVER_64 : BZC_XLF_EFI_HANDOVER_32;

        if (wide && recipe->pe == BZC_PE_STYLE_PACKED)
            entries |= BZC_XLF_EFI_HANDOVER_32; /* CONFIG_EFI_MIXED, as .compat */
        set(job, BZC_FIELD_XLOADFLAGS, (wide ? BZC_XLF_KERNEL_64 : 0) | entries);
        /* The 64-bit entry is 0x200 bytes further: boot.rst, xloadflags. */
        set(job, BZC_FIELD_HANDOVER_OFFSET, BZC_PE_EFI_ENTRY - (wide ? 0x200 : 0));
    }
    set(job, BZC_FIELD_CMDLINE_SIZE, 2047);
    set(job, BZC_FIELD_PAYLOAD_OFFSET, job->payload_offset);
    set(job, BZC_FIELD_PAYLOAD_LENGTH, job->payload_size);
    set(job, BZC_FIELD_PREF_ADDRESS, job->elf.paddr_min);
    set(job, BZC_FIELD_INIT_SIZE, init_size(job));
    set(job, BZC_FIELD_KERNEL_INFO_OFFSET, bzc_load32(job->parts->stub.data + BZC_STUB_KERNEL_INFO));
    for (size_t i = 0; i < recipe->field_count; i++)
        set(job, recipe->field[i].id, recipe->field[i].value);

    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        if (job->has_value[i] && bzc_fields[i].since <= recipe->protocol)
            bzc_field_store(job->image, (enum bzc_field_id)i, job->value[i]);
    }
}

static void fill_parameters(struct job *job)
{
    const struct bzc_recipe *recipe = job->recipe;
    uint8_t *pm = job->image + job->realmode_size;

    bzc_store32(pm + BZC_STUB_INPUT, job->payload_offset);
    bzc_store32(pm + BZC_STUB_INPUT_LEN, (uint32_t)job->payload_size);
    bzc_store32(pm + BZC_STUB_OUTPUT_LEN, (uint32_t)job->output_size);
    bzc_store32(pm + BZC_STUB_IMAGE_LEN, job->pm_size);
    bzc_store32(pm + BZC_STUB_WORK, job->work);
    bzc_store32(pm + BZC_STUB_FLAGS, (recipe->relocatable ? BZC_STUB_RELOCATABLE : 0) |
                                         (recipe->relocs ? BZC_STUB_RELOCS : 0) | (recipe->kaslr ? BZC_STUB_KASLR : 0) |
                                         (recipe->flat ? BZC_STUB_FLAT : 0));
    bzc_store32(pm + BZC_STUB_LOAD_ADDR, (uint32_t)job->elf.paddr_min);
    bzc_store32(pm + BZC_STUB_KERNEL_SIZE, job->kernel_size);
    bzc_store32(pm + BZC_STUB_ALIGNMENT, (uint32_t)job->value[BZC_FIELD_KERNEL_ALIGNMENT]);
    bzc_store32(pm + BZC_STUB_INIT_SIZE, (uint32_t)job->value[BZC_FIELD_INIT_SIZE]);
}

static void write_pe(struct job *job)
{
    uint32_t setup_size = (uint32_t)job->realmode_size;
    uint32_t work_end = job->work + bzc_load32(job->parts->stub.data + BZC_STUB_WORK_SIZE);
    struct bzc_pe_plan plan = {
        .style = job->recipe->pe,
        .wide = job->elf.bits == 64,
        .setup_size = setup_size,
        .text_end = setup_size + job->text_end,
        .data_start = setup_size + job->data_start,
        .file_end = setup_size + job->pm_size,
    };

    if (plan.style == BZC_PE_STYLE_NONE)
        return;
    if (plan.style == BZC_PE_STYLE_PACKED) {
        /* build.c: init_size, and slack to align the kernel inside of it. */
        plan.size_of_image =
            (uint32_t)align_up(job->value[BZC_FIELD_INIT_SIZE] + job->value[BZC_FIELD_KERNEL_ALIGNMENT], PE_PACKED);
    } else {
        plan.size_of_image = (uint32_t)align_up(setup_size + work_end, PAGE);
        if (job->recipe->sbat) {
            plan.sbat_size = sizeof(sbat) - 1;
            memcpy(job->image + plan.text_end, sbat, plan.sbat_size);
        }
    }
    bzc_pe_write(&plan, job->image);
}

static uint64_t place_start(const struct job *job, enum bzc_place place)
{
    switch (place) {
    case BZC_PLACE_PM:
        return job->realmode_size;
    case BZC_PLACE_PAYLOAD:
        return job->realmode_size + job->payload_offset;
    default:
        return 0;
    }
}

static bool find_text(const struct job *job, const char *text, uint64_t *offset)
{
    uint64_t start = place_start(job, BZC_PLACE_PAYLOAD);
    size_t size = strlen(text);

    for (uint64_t at = start; at + size <= start + job->payload_size; at++) {
        if (!memcmp(job->image + at, text, size)) {
            *offset = at;
            return true;
        }
    }
    return false;
}

static enum bzc_status flip(struct job *job, const struct bzc_damage *damage, struct bzc_error *err)
{
    uint64_t at = place_start(job, damage->place);

    if (damage->kind == BZC_DAMAGE_FLIP_TEXT && !find_text(job, damage->text, &at))
        return bzc_error_set(err, BZC_ERR_FORMAT, "the payload does not hold the text \"%s\" as it is", damage->text);
    if (damage->offset >= job->image_size - at)
        return bzc_error_set(err, BZC_ERR_FORMAT, "nothing to flip at 0x%llx", (unsigned long long)damage->offset);
    job->image[at + damage->offset] ^= damage->mask;
    return BZC_OK;
}

static enum bzc_status finish(struct job *job, struct bzc_error *err)
{
    const struct bzc_recipe *recipe = job->recipe;
    size_t checked = job->image_size - CRC_SIZE;

    for (size_t i = 0; i < recipe->damage_count; i++) {
        enum bzc_status status = BZC_OK;

        if (recipe->damage[i].kind != BZC_DAMAGE_TRUNCATE)
            status = flip(job, &recipe->damage[i], err);
        if (status != BZC_OK)
            return status;
    }
    /* boot.rst, "The Image Checksum": with it the CRC of the whole, without the final inversion, is 0. */
    if (recipe->crc) {
        uint32_t crc = bzc_pack_crc32((struct bzc_bytes){.data = job->image, .size = checked});

        bzc_store32(job->image + checked, recipe->wrong_crc ? crc : ~crc);
    }
    for (size_t i = 0; i < recipe->damage_count; i++) {
        uint64_t end = place_start(job, recipe->damage[i].place) + recipe->damage[i].offset;

        if (recipe->damage[i].kind != BZC_DAMAGE_TRUNCATE)
            continue;
        if (end >= job->image_size)
            return bzc_error_set(err, BZC_ERR_FORMAT, "nothing to cut off at 0x%llx", (unsigned long long)end);
        job->image_size = (size_t)end;
    }
    return BZC_OK;
}

enum bzc_status bzc_compose(const struct bzc_recipe *recipe, const struct bzc_parts *parts, uint8_t **image,
                            size_t *size, struct bzc_error *err)
{
    struct job job = {.recipe = recipe, .parts = parts};
    enum bzc_status status = bzc_elf_parse(parts->kernel, &job.elf, err);

    if (status == BZC_OK && !job.elf.load_count)
        status = bzc_error_set(err, BZC_ERR_FORMAT, "the kernel has nothing to load");
    if (status == BZC_OK)
        status = make_payload(&job, err);
    if (status == BZC_OK)
        status = lay_out(&job, err);
    if (status == BZC_OK) {
        choose_fields(&job);
        fill_parameters(&job);
        write_pe(&job);
        status = finish(&job, err);
    }
    free(job.payload);
    if (status != BZC_OK) {
        free(job.image);
        return status;
    }
    *image = job.image;
    *size = job.image_size;
    return BZC_OK;
}
