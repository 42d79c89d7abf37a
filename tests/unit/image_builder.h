/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small hand-made boot images for unit tests. Offsets are typed here as boot.rst prints them, independently of
 * loader/fields.c.
 */
#ifndef BZC_TESTS_UNIT_IMAGE_BUILDER_H
#define BZC_TESTS_UNIT_IMAGE_BUILDER_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#define BUILD_SETUP_SECTS   3u
#define BUILD_REALMODE_SIZE 2048u
#define BUILD_PM_SIZE       8192u
#define BUILD_SIZE          (BUILD_REALMODE_SIZE + BUILD_PM_SIZE)

/* A bzImage of protocol `version`: 3 setup sectors, a protected-mode part full of 0x90, syssize to match. */
static inline struct bzc_bytes build_image(uint8_t file[BUILD_SIZE], uint16_t version)
{
    const struct bzc_bytes bytes = {file, BUILD_SIZE};

    memset(file, 0, BUILD_REALMODE_SIZE);
    memset(file + BUILD_REALMODE_SIZE, 0x90, BUILD_PM_SIZE);
    file[0x1f1] = BUILD_SETUP_SECTS;
    bzc_store32(file + 0x1f4, BUILD_PM_SIZE / 16);
    bzc_store16(file + 0x1fe, 0xaa55);
    file[0x200] = 0xeb;
    file[0x201] = 0x6a;
    memcpy(file + 0x202, "HdrS", 4);
    bzc_store16(file + 0x206, version);
    bzc_store16(file + 0x20e, 0x400 - 0x200);
    memcpy(file + 0x400, "6.1.0-test", 11);
    file[0x211] = 0x01;
    bzc_store16(file + 0x212, 0x8000);
    bzc_store32(file + 0x214, 0x100000);
    bzc_store32(file + 0x22c, 0x7fffffff);
    bzc_store32(file + 0x230, 0x200000);
    file[0x234] = 1;
    file[0x235] = 13;
    bzc_store16(file + 0x236, 0x7f);
    bzc_store32(file + 0x238, 2047);
    bzc_store64(file + 0x258, 0x1000000);
    bzc_store32(file + 0x260, 0x345000);
    return bytes;
}

#endif
