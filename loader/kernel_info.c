/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/kernel_info.h"

enum { AT_MAGIC = 0, AT_SIZE = 4, AT_SIZE_TOTAL = 8, AT_SETUP_TYPE_MAX = 12 };
enum { CHUNK_AT_SIZE = 4, CHUNK_HEAD = 8 };

/* "any 4-character string, without \0 at the end" */
static bool is_chunk_magic(struct bzc_bytes chunk)
{
    for (size_t i = 0; i < 4; i++) {
        if (chunk.data[i] < 0x20 || chunk.data[i] > 0x7e)
            return false;
    }
    return true;
}

/* What is wrong with the chunk at the start of `rest`; NULL, with its size, when nothing is. */
static const char *chunk_problem(struct bzc_bytes rest, uint32_t *size)
{
    if (!bzc_bytes_u32(rest, CHUNK_AT_SIZE, size))
        return "there is no room for its magic and its size";
    if (!is_chunk_magic(rest))
        return "its magic is no text of four characters";
    if (*size < CHUNK_HEAD)
        return "its size does not cover its magic and its size";
    return *size > rest.size ? "it runs past the end of kernel_info" : NULL;
}

static void read_chunks(const struct bzc_image *image, uint64_t offset, struct bzc_kernel_info *info)
{
    uint64_t at = info->size;

    while (at < info->size_total) {
        struct bzc_bytes rest = bzc_bytes_slice(image->pm, offset + at, info->size_total - at);
        uint32_t size;

        info->chunks_problem = chunk_problem(rest, &size);
        if (info->chunks_problem) {
            info->bad_chunk = info->file_offset + at;
            return;
        }
        info->chunk_count++;
        at += size;
    }
    info->chunks_whole = true;
}

bool bzc_kernel_info_read(const struct bzc_image *image, struct bzc_kernel_info *info)
{
    struct bzc_kernel_info found = {0};
    uint64_t offset;
    uint32_t magic;

    if (!bzc_image_field(image, BZC_FIELD_KERNEL_INFO_OFFSET, &offset) || offset == 0 ||
        !bzc_bytes_u32(image->pm, offset + AT_MAGIC, &magic) || magic != BZC_KERNEL_INFO_MAGIC ||
        !bzc_bytes_u32(image->pm, offset + AT_SIZE, &found.size) ||
        !bzc_bytes_u32(image->pm, offset + AT_SIZE_TOTAL, &found.size_total))
        return false;
    found.file_offset = image->realmode_size + offset;
    /* "This field should be used by the bootloaders to detect supported fixed size fields." */
    found.has_setup_type_max = found.size >= BZC_KERNEL_INFO_SIZE_LEAST &&
                               bzc_bytes_u32(image->pm, offset + AT_SETUP_TYPE_MAX, &found.setup_type_max);
    read_chunks(image, offset, &found);
    *info = found;
    return true;
}
