/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a test image together: real-mode part, decompressor, payload, header fields, CRC, damage.
 * Source: boot.rst, "The Real-Mode Kernel Header"; the sizes as arch/x86/boot/header.S of Linux computes them.
 */
#ifndef BZC_TOOLS_MKBZIMAGE_COMPOSE_H
#define BZC_TOOLS_MKBZIMAGE_COMPOSE_H

#include "base/bytes.h"
#include "base/status.h"
#include "tools/mkbzimage/recipe.h"

/* Everything borrowed. */
struct bzc_parts {
    struct bzc_bytes setup;   /* boot sector, header, setup code: tests/images/setup linked at 0 */
    struct bzc_bytes stub;    /* tests/images/decompressor, with its parameter block at 0x10 */
    struct bzc_bytes kernel;  /* ELF file as it goes into the payload */
    struct bzc_bytes vmlinux; /* the same kernel linked with --emit-relocs; only read for recipe->relocs */
};

/*
 * On success *image is malloc'd memory that the caller frees. Errors: BZC_ERR_FORMAT (a part is not what it should be,
 * a damage does not fit the image), and those of bzc_relocs_make() and bzc_pack().
 */
enum bzc_status bzc_compose(const struct bzc_recipe *recipe, const struct bzc_parts *parts, uint8_t **image,
                            size_t *size, struct bzc_error *err);

#endif
