/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration that a kernel built with CONFIG_IKCONFIG carries: "IKCFG_ST", a gzip stream of .config, "IKCFG_ED".
 *
 * Source: kernel/configs.c ("the build configuration is compressed into a gzip blob between two magic strings").
 */
#ifndef BZC_LOADER_IKCONFIG_H
#define BZC_LOADER_IKCONFIG_H

#include "base/bytes.h"
#include "base/status.h"

#define BZC_IKCONFIG_TEXT_MAX (16u << 20) /* bytes of unpacked configuration; real ones have 0.3 MiB at most */

struct bzc_ikconfig {
    bool found;
    uint64_t offset;                   /* of the gzip stream in the unpacked kernel */
    uint64_t packed_size;              /* of the stream, bytes */
    char problem[BZC_ERROR_TEXT_SIZE]; /* why it could not be unpacked; "" when it could */
    struct bzc_bytes text;             /* unpacked; owned, given back with bzc_ikconfig_free() */
    size_t options;                    /* "CONFIG_X=..." lines */
    size_t yes, module;                /* of them with the values y and m */
    size_t not_set;                    /* "# CONFIG_X is not set" lines */
};

/* Looks for the configuration in an unpacked kernel. What is wrong with it is a fact (`problem`), not an error. */
void bzc_ikconfig_read(struct bzc_bytes kernel, struct bzc_ikconfig *config);
void bzc_ikconfig_free(struct bzc_ikconfig *config);

#endif
