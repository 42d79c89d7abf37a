/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/image.h"

#include <stdio.h>
#include <string.h>

#include "loader/elf.h"

#define SECTOR              512u
#define OLD_SETUP_SECTS     4u
#define OLD_SETUP_SECTS_MAX 64u /* "The real-mode code can total up to 32K" */
#define PARAGRAPH           16u
#define PAGE                4096u
#define VERSION_SYSSIZE     0x0204 /* syssize can be trusted from here on */
#define VERSION_PAYLOAD     0x0208
#define HIGH_LOAD_ADDRESS   0x100000u
#define LOW_CODE32_START    0x1000u
#define OLD_CMDLINE_SIZE    255u
#define OLD_INITRD_ADDR_MAX 0x37ffffffu

/* As HDR-003 knows a setup header whose magic is damaged (verify/rules_hdr.c). */
#define FIRST_VERSION  0x0200u
#define NEWEST_VERSION 0x020fu
#define JUMP_OPCODE    0xebu   /* JMP rel8 */
#define JUMP_END       0x0202u /* the jump counts from here */
#define JUMP_MAX       0x7fu   /* a longer one goes backwards */

#define SCAN_OUTPUT     4096u /* bytes that a candidate must unpack to */
#define SCAN_CANDIDATES 64u

const char *bzc_image_kind_name(enum bzc_image_kind kind)
{
    switch (kind) {
    case BZC_IMAGE_NONE:
        return "none";
    case BZC_IMAGE_BZIMAGE:
        return "bzImage";
    case BZC_IMAGE_ZIMAGE:
        return "zImage";
    case BZC_IMAGE_OLD:
        return "old";
    case BZC_IMAGE_PE:
        return "pe";
    case BZC_IMAGE_ELF:
        return "elf";
    }
    return "unknown";
}

/* The field's value, or `otherwise` where the image's version has no such field. */
static uint64_t field_or(const struct bzc_image *image, enum bzc_field_id id, uint64_t otherwise)
{
    uint64_t value;

    return bzc_image_field(image, id, &value) ? value : otherwise;
}

static bool is_pe(struct bzc_bytes file)
{
    uint32_t pe_offset, signature;
    uint16_t magic;

    return bzc_bytes_u16(file, 0, &magic) && magic == 0x5a4d && bzc_bytes_u32(file, 0x3c, &pe_offset) &&
           bzc_bytes_u32(file, pe_offset, &signature) && signature == 0x00004550;
}

/*
 * Before 2.00 there is only boot_flag, which every boot sector has. A Linux boot sector is told from those of DOS, FAT
 * volumes and partition tables by its code, unchanged from 0.01 to 2.4 (and in memtest86+), which copies the sector
 * from 0x7c00 to 0x90000: mov $0x07c0,%ax; mov %ax,%ds; mov $0x9000,%ax; mov %ax,%es. A boot sector with other code
 * counts when its syssize agrees with the length of the file.
 */
static bool is_old(struct bzc_bytes file)
{
    static const uint8_t bootsect[] = {0xb8, 0xc0, 0x07, 0x8e, 0xd8, 0xb8, 0x00, 0x90, 0x8e, 0xc0};
    uint64_t boot_flag, sectors, syssize, realmode_size;

    if (!bzc_field_read(file, 0, BZC_FIELD_BOOT_FLAG, &boot_flag) || boot_flag != BZC_BOOT_FLAG ||
        !bzc_field_read(file, 0, BZC_FIELD_SETUP_SECTS, &sectors) ||
        !bzc_field_read(file, 0, BZC_FIELD_SYSSIZE, &syssize) || sectors > OLD_SETUP_SECTS_MAX)
        return false;
    realmode_size = ((sectors != 0 ? sectors : OLD_SETUP_SECTS) + 1) * SECTOR;
    if (file.size <= realmode_size)
        return false;
    if (memcmp(file.data, bootsect, sizeof(bootsect)) == 0)
        return true;
    return syssize != 0 && (file.size - realmode_size + PARAGRAPH - 1) / PARAGRAPH == syssize;
}

bool bzc_image_has_damaged_header(struct bzc_bytes file)
{
    uint64_t boot_flag, jump, version, magic;

    return bzc_field_read(file, 0, BZC_FIELD_BOOT_FLAG, &boot_flag) && boot_flag == BZC_BOOT_FLAG &&
           bzc_field_read(file, UINT16_MAX, BZC_FIELD_JUMP, &jump) && (jump & 0xff) == JUMP_OPCODE &&
           (jump >> 8) + JUMP_END >= bzc_field(BZC_FIELD_BOOTSECT_KLUDGE)->offset && jump >> 8 <= JUMP_MAX &&
           bzc_field_read(file, UINT16_MAX, BZC_FIELD_VERSION, &version) && version >= FIRST_VERSION &&
           version <= NEWEST_VERSION && bzc_field_read(file, UINT16_MAX, BZC_FIELD_HEADER, &magic) &&
           magic != BZC_HEADER_MAGIC;
}

static enum bzc_image_kind find_kind(const struct bzc_image *image)
{
    uint64_t loadflags;

    if (image->has_header) {
        /* boot.rst: is_bzImage = (protocol >= 0x0200) && (loadflags & 0x01) */
        if (bzc_image_field(image, BZC_FIELD_LOADFLAGS, &loadflags) && loadflags & BZC_LOADED_HIGH)
            return BZC_IMAGE_BZIMAGE;
        return BZC_IMAGE_ZIMAGE;
    }
    if (bzc_elf_is(image->file))
        return BZC_IMAGE_ELF;
    if (bzc_image_has_damaged_header(image->file))
        return BZC_IMAGE_OLD;
    if (is_pe(image->file))
        return BZC_IMAGE_PE;
    return is_old(image->file) ? BZC_IMAGE_OLD : BZC_IMAGE_NONE;
}

static void read_sizes(struct bzc_image *image)
{
    uint64_t sectors = field_or(image, BZC_FIELD_SETUP_SECTS, 0), size;

    image->setup_sects = sectors != 0 ? (unsigned)sectors : OLD_SETUP_SECTS;
    image->realmode_size = (uint64_t)(image->setup_sects + 1) * SECTOR;
    image->realmode = bzc_bytes_slice(image->file, 0, image->realmode_size);
    if (image->version >= VERSION_SYSSIZE)
        image->pm_declared_size = field_or(image, BZC_FIELD_SYSSIZE, 0) * PARAGRAPH;
    /* Some images that are no kernels leave syssize at 0 and mean the rest of the file. */
    size = image->pm_declared_size != 0 ? image->pm_declared_size : image->file.size;
    image->pm = bzc_bytes_slice(image->file, image->realmode_size, size);
}

static void read_fields(struct bzc_image *image)
{
    uint64_t version_pointer = field_or(image, BZC_FIELD_KERNEL_VERSION, 0);
    bool high = image->kind == BZC_IMAGE_BZIMAGE;

    image->loadflags = (uint8_t)field_or(image, BZC_FIELD_LOADFLAGS, 0);
    image->xloadflags = (uint16_t)field_or(image, BZC_FIELD_XLOADFLAGS, 0);
    image->code32_start =
        (uint32_t)field_or(image, BZC_FIELD_CODE32_START, high ? HIGH_LOAD_ADDRESS : LOW_CODE32_START);
    image->relocatable = field_or(image, BZC_FIELD_RELOCATABLE_KERNEL, 0) != 0;
    image->kernel_alignment = (uint32_t)field_or(image, BZC_FIELD_KERNEL_ALIGNMENT, 0);
    image->min_alignment = (uint8_t)field_or(image, BZC_FIELD_MIN_ALIGNMENT, 0);
    image->cmdline_size = (uint32_t)field_or(image, BZC_FIELD_CMDLINE_SIZE, OLD_CMDLINE_SIZE);
    image->pref_address = field_or(image, BZC_FIELD_PREF_ADDRESS, 0);
    image->init_size = (uint32_t)field_or(image, BZC_FIELD_INIT_SIZE, 0);
    image->initrd_addr_max = (uint32_t)field_or(image, BZC_FIELD_INITRD_ADDR_MAX, OLD_INITRD_ADDR_MAX);
    if (version_pointer != 0)
        bzc_bytes_string(image->file, version_pointer + 0x200, sizeof(image->kernel_version), image->kernel_version);
}

/* A cheap first look, stricter than the two magic bytes, so that few places need to be tried. */
static bool looks_like_stream(const uint8_t *p)
{
    static const uint8_t bzip2[] = {'B', 'Z', 'h'}, bzip2_block[] = {0x31, 0x41, 0x59, 0x26, 0x53, 0x59};
    static const uint8_t unknown_size[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t xz[] = {0xfd, '7', 'z', 'X', 'Z', 0x00};

    switch (p[0]) {
    case 0x1f: /* deflate, and none of the reserved flags (RFC 1952) */
        return p[1] == 0x8b && p[2] == 8 && (p[3] & 0xe0) == 0;
    case 'B':
        return memcmp(p, bzip2, sizeof(bzip2)) == 0 && memcmp(p + 4, bzip2_block, sizeof(bzip2_block)) == 0;
    case 0x5d:
        return p[1] == 0 && memcmp(p + 5, unknown_size, sizeof(unknown_size)) == 0;
    case 0xfd:
        return memcmp(p, xz, sizeof(xz)) == 0;
    default:
        return false;
    }
}

/* Before 2.08 nothing tells where the payload is: take the first place whose stream really starts to unpack. */
static void scan_payload(struct bzc_image *image)
{
    enum { LOOK = 13 }; /* bytes that looks_like_stream() needs */
    unsigned candidates = 0;
    size_t at;

    for (at = 0; at + LOOK <= image->pm.size && candidates < SCAN_CANDIDATES; at++) {
        enum bzc_compression compression;
        struct bzc_bytes rest, output;
        enum bzc_status status;

        if (!looks_like_stream(image->pm.data + at))
            continue;
        candidates++;
        rest = bzc_bytes_slice(image->pm, at, image->pm.size);
        compression = bzc_compression_identify(rest);
        status = bzc_decompress(compression, rest, SCAN_OUTPUT, &output, NULL, NULL);
        bzc_decompress_free(output);
        /* Over the small limit is what a kernel gives; a kernel that ends within it is none. */
        if (status != BZC_ERR_LIMIT)
            continue;
        image->payload_source = BZC_PAYLOAD_SCANNED;
        image->payload_offset = at;
        image->payload_length = rest.size;
        image->payload = rest;
        image->compression = compression;
        return;
    }
}

static void find_payload(struct bzc_image *image, bool headers_only)
{
    if (image->version < VERSION_PAYLOAD) {
        if (!headers_only)
            scan_payload(image);
        return;
    }
    image->payload_offset = field_or(image, BZC_FIELD_PAYLOAD_OFFSET, 0);
    image->payload_length = field_or(image, BZC_FIELD_PAYLOAD_LENGTH, 0);
    if (image->payload_offset == 0)
        return;
    image->payload_source = BZC_PAYLOAD_HEADER;
    image->payload = bzc_bytes_slice(image->file, image->realmode_size + image->payload_offset, image->payload_length);
    if (!headers_only)
        image->compression = bzc_compression_identify(image->payload);
}

bool bzc_image_is_boot_image(const struct bzc_image *image)
{
    return image->kind == BZC_IMAGE_BZIMAGE || image->kind == BZC_IMAGE_ZIMAGE || image->kind == BZC_IMAGE_OLD;
}

/* loader/wrap.h: the layout that was proposed in 2007. */
static void read_elf_head(struct bzc_image *image)
{
    image->elf_head = image->kind == BZC_IMAGE_BZIMAGE && bzc_elf_is(image->pm);
    if (image->elf_head && image->code32_start > HIGH_LOAD_ADDRESS &&
        image->code32_start - HIGH_LOAD_ADDRESS < image->pm.size)
        image->entry_shift = (image->code32_start - HIGH_LOAD_ADDRESS + PAGE - 1) / PAGE * PAGE;
}

static void parse(struct bzc_bytes file, bool headers_only, struct bzc_image *image)
{
    uint64_t magic, version;

    memset(image, 0, sizeof(*image));
    image->file = file;
    image->has_header = bzc_field_read(file, UINT16_MAX, BZC_FIELD_HEADER, &magic) && magic == BZC_HEADER_MAGIC;
    if (image->has_header && bzc_field_read(file, UINT16_MAX, BZC_FIELD_VERSION, &version))
        image->version = (uint16_t)version;
    image->kind = find_kind(image);
    if (!bzc_image_is_boot_image(image))
        return;
    read_sizes(image);
    read_fields(image);
    read_elf_head(image);
    find_payload(image, headers_only);
}

void bzc_image_parse(struct bzc_bytes file, struct bzc_image *image)
{
    parse(file, false, image);
}

void bzc_image_parse_headers(struct bzc_bytes file, struct bzc_image *image)
{
    parse(file, true, image);
}

bool bzc_image_field(const struct bzc_image *image, enum bzc_field_id id, uint64_t *value)
{
    uint16_t version = image->version;

    /* "HdrS" alone makes these fields exist, whatever number stands in `version`. */
    if (image->has_header && (id == BZC_FIELD_JUMP || id == BZC_FIELD_HEADER || id == BZC_FIELD_VERSION))
        version = UINT16_MAX;
    return bzc_field_read(image->file, version, id, value);
}

void bzc_image_protocol_text(const struct bzc_image *image, char text[8])
{
    if (image->has_header)
        snprintf(text, 8, "%u.%02u", (unsigned)(image->version >> 8), (unsigned)(image->version & 0xff));
    else
        memcpy(text, "old", 4);
}

enum bzc_status bzc_image_unpack(const struct bzc_image *image, struct bzc_bytes *output, struct bzc_payload_end *end,
                                 struct bzc_error *err)
{
    enum bzc_status status;
    uint64_t consumed;
    uint32_t word = 0;

    output->data = NULL;
    output->size = 0;
    if (end != NULL)
        memset(end, 0, sizeof(*end));
    if (image->payload_source == BZC_PAYLOAD_ABSENT)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the image has no payload");
    if (image->payload.size < image->payload_length)
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "the payload is cut off by the end of the file: %zu of %llu bytes are there",
                             image->payload.size, (unsigned long long)image->payload_length);
    if (image->compression == BZC_COMPRESSION_UNKNOWN)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "the payload starts with no known magic number");
    status = bzc_decompress(image->compression, image->payload, BZC_PAYLOAD_OUTPUT_MAX, output, &consumed, err);
    if (status != BZC_OK || end == NULL)
        return status;
    if (image->compression == BZC_COMPRESSION_GZIP)
        bzc_bytes_u32(image->payload, consumed - 4, &word);
    else if (image->compression != BZC_COMPRESSION_NONE)
        bzc_bytes_u32(image->payload, consumed, &word);
    end->stream_size = consumed;
    end->declared_size = word;
    return BZC_OK;
}

bool bzc_image_runtime_start(const struct bzc_image *image, uint64_t load_addr, uint64_t alignment,
                             uint64_t *runtime_start)
{
    uint64_t address = load_addr + image->entry_shift;

    if (!image->relocatable) {
        *runtime_start = image->pref_address;
        return image->pref_address != 0;
    }
    if (address < image->pref_address)
        address = image->pref_address;
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || address > UINT64_MAX - alignment)
        return false;
    *runtime_start = (address + alignment - 1) & ~(alignment - 1);
    return true;
}
