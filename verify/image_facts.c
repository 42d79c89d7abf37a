/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/image_facts.h"

#include <string.h>

static bool find_text(struct bzc_bytes bytes, const char *text)
{
    return bytes.size > 0 && memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

/* CONFIG_RANDOMIZE_BASE: only then does the decompressor look for this word on the command line. */
static bool is_kaslr_build(const struct bzc_image *image)
{
    uint64_t end = image->payload_offset + image->payload.size;

    if (image->payload_source == BZC_PAYLOAD_ABSENT)
        return false;
    return find_text(bzc_bytes_slice(image->pm, 0, image->payload_offset), "nokaslr") ||
           find_text(bzc_bytes_slice(image->pm, end, image->pm.size), "nokaslr");
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
        return bzc_error_set(err, BZC_ERR_FORMAT, "not a Linux/x86 boot image");
    }
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
    if (!bzc_image_is_boot_image(&facts->image))
        return refuse(&facts->image, err);
    if (depth != BZC_DEPTH_HEADERS)
        facts->kaslr_build = is_kaslr_build(&facts->image);
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
    else if (facts->depth == BZC_DEPTH_HEADERS && !declared)
        facts->system = BZC_SYSTEM_UNKNOWN;
    else
        facts->system = declared ? BZC_SYSTEM_LINUX : BZC_SYSTEM_NOT_LINUX;
}
