/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel_info structure of protocol 2.15 and later. Source: boot.rst, "The kernel_info", "Details of the
 * kernel_info Fields".
 */
#ifndef BZC_LOADER_KERNEL_INFO_H
#define BZC_LOADER_KERNEL_INFO_H

#include "loader/image.h"

#define BZC_KERNEL_INFO_MAGIC      0x506f544cu /* "LToP" */
#define BZC_KERNEL_INFO_SIZE_LEAST 16u         /* bytes: header, size, size_total, setup_type_max */

struct bzc_kernel_info {
    uint64_t file_offset; /* of its first byte */
    uint32_t size;        /* fixed part, with the magic number */
    uint32_t size_total;  /* with the variable part */
    bool has_setup_type_max;
    uint32_t setup_type_max; /* highest type of struct setup_data that the kernel takes */
    /*
     * The variable part [size, size_total): chunks of a 4-character magic, a size with both words, and data. Read as
     * far as the sizes and the protected-mode part reach.
     */
    unsigned chunk_count;       /* chunks that are well-formed, up to the first that is not */
    bool chunks_whole;          /* they fill the variable part */
    uint64_t bad_chunk;         /* file offset of the first that is not well-formed; valid unless chunks_whole */
    const char *chunks_problem; /* what is wrong with it; NULL when chunks_whole */
};

/*
 * Reads the structure that kernel_info_offset points to. False, with *info untouched, when the header has no such
 * field, or there is no "LToP" with both sizes in the protected-mode part. The sizes are as in the file.
 */
bool bzc_kernel_info_read(const struct bzc_image *image, struct bzc_kernel_info *info);

#endif
