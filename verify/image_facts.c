/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/image_facts.h"

#include <string.h>

#include "loader/uki.h"

static bool find_text(struct bzc_bytes bytes, const char *text)
{
    return bytes.size > 0 && memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

/* What belongs to the decompressor: everything around the payload. */
static bool decompressor_has(const struct bzc_image *image, const char *text)
{
    uint64_t end = image->payload_offset + image->payload.size;

    if (image->payload_source == BZC_PAYLOAD_ABSENT)
        return false;
    return find_text(bzc_bytes_slice(image->pm, 0, image->payload_offset), text) ||
           find_text(bzc_bytes_slice(image->pm, end, image->pm.size), text);
}

/*
 * CONFIG_RANDOMIZE_BASE: only then does the decompressor look for this word on the command line. So does the EFI stub
 * since 4.6, which says who it is; the decompressor's own message about the word came with 4.8
 * (arch/x86/boot/compressed/kaslr.c, drivers/firmware/efi/libstub).
 */
static bool is_kaslr_build(const struct bzc_image *image)
{
    return decompressor_has(image, "nokaslr") &&
           (decompressor_has(image, "KASLR disabled") || !decompressor_has(image, "EFI stub: "));
}

static void read_whole_file(struct bzc_image_facts *facts)
{
    facts->kaslr_build = is_kaslr_build(&facts->image);
    /* arch/x86/boot/compressed/misc.c, handle_relocations(); it is there with CONFIG_X86_NEED_RELOCS only. */
    facts->applies_relocs = decompressor_has(&facts->image, "32-bit relocation outside of kernel");
    bzc_stream_read(facts->image.compression, facts->image.payload, &facts->stream);
    facts->has_kernel_info = bzc_kernel_info_read(&facts->image, &facts->kernel_info);
    bzc_checksum_read(&facts->image, &facts->pe, &facts->checksum);
}

static enum bzc_status refuse(const struct bzc_image *image, struct bzc_error *err)
{
    switch (image->kind) {
    case BZC_IMAGE_PE:
        return bzc_error_set(err, BZC_ERR_FORMAT,
                             "a PE file without a Linux setup header or a .linux section: not a bzImage");
    case BZC_IMAGE_ELF:
        return bzc_error_set(err, BZC_ERR_FORMAT, "an ELF file (a vmlinux?), not a boot image: give the bzImage");
    default:
        break;
    }
    if (image->file.size == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "the file is empty");
    if (bzc_compression_identify(image->file) != BZC_COMPRESSION_UNKNOWN)
        return bzc_error_set(err, BZC_ERR_FORMAT, "a file packed by %s, not a boot image: unpack it first",
                             bzc_compression_name(bzc_compression_identify(image->file)));
    return bzc_error_set(err, BZC_ERR_FORMAT, "not a Linux/x86 boot image");
}

enum bzc_status bzc_image_facts_read(const char *path, struct bzc_bytes file, enum bzc_depth depth,
                                     struct bzc_image_facts *facts, struct bzc_error *err)
{
    memset(facts, 0, sizeof(*facts));
    facts->path = path;
    facts->depth = depth;
    if (depth == BZC_DEPTH_HEADERS)
        bzc_image_parse_headers(file, &facts->image);
    else
        bzc_image_parse(file, &facts->image);
    bzc_pe_parse(file, &facts->pe);
    if (!bzc_image_is_boot_image(&facts->image) && !bzc_uki_is(&facts->pe))
        return refuse(&facts->image, err);
    if (depth != BZC_DEPTH_HEADERS)
        read_whole_file(facts);
    return BZC_OK;
}

struct bzc_oracle *bzc_image_facts_unpack(struct bzc_image_facts *facts)
{
    struct bzc_oracle *oracle = NULL;

    if (bzc_oracle_new(&facts->image, &oracle, &facts->oracle_error) != BZC_OK)
        return NULL;
    facts->oracle = oracle;
    return oracle;
}

void bzc_image_facts_identify(struct bzc_image_facts *facts)
{
    bool declared = facts->image.payload_source != BZC_PAYLOAD_ABSENT;

    if (facts->oracle)
        facts->system = facts->oracle->is_linux ? BZC_SYSTEM_LINUX : BZC_SYSTEM_NOT_LINUX;
    else if (!bzc_image_is_boot_image(&facts->image) || (facts->depth == BZC_DEPTH_HEADERS && !declared))
        facts->system = BZC_SYSTEM_UNKNOWN;
    else
        facts->system = declared ? BZC_SYSTEM_LINUX : BZC_SYSTEM_NOT_LINUX;
}
