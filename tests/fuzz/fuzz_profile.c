/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loader profiles: the text is read, an image is judged by it, and a plan is made as it says. */
#include "tests/fuzz/targets.h"

#include <string.h>

#include "loader/plan.h"

#define SETUP_SIZE 2048u
#define PM_SIZE    4096u

/* A bzImage of protocol 2.15 by hand: 3 setup sectors, a relocatable 64-bit kernel (boot.rst, "Details of Header
 * Fields"). */
static void build(uint8_t file[SETUP_SIZE + PM_SIZE])
{
    memset(file, 0x90, SETUP_SIZE + PM_SIZE);
    memset(file, 0, SETUP_SIZE);
    file[0x1f1] = 3;
    bzc_store32(file + 0x1f4, PM_SIZE / 16);
    bzc_store16(file + 0x1fe, 0xaa55);
    bzc_store16(file + 0x200, 0x6aeb);
    memcpy(file + 0x202, "HdrS", 4);
    bzc_store16(file + 0x206, 0x020f);
    file[0x211] = 0x01;
    bzc_store32(file + 0x214, 0x100000);
    bzc_store32(file + 0x22c, 0x7fffffff);
    bzc_store32(file + 0x230, 0x200000);
    file[0x234] = 1;
    file[0x235] = 21;
    bzc_store16(file + 0x236, 0x3);
    bzc_store32(file + 0x238, 2047);
    bzc_store64(file + 0x258, 0x1000000);
    bzc_store32(file + 0x260, 0x300000);
}

static void plan(const struct bzc_boot_loader *loader, const struct bzc_image *image)
{
    static const uint8_t initrd[512];
    struct bzc_memory_map map;
    struct bzc_plan_options options = {
        .cmdline = "console=ttyS0 nokaslr", .initrd = {initrd, sizeof(initrd)}, .map = &map};
    struct bzc_error err = {0};
    struct bzc_plan made;

    if (bzc_memory_map_default(256u << 20, &map, &err) == BZC_OK &&
        bzc_plan_make(loader, image, &options, &made, &err) == BZC_OK)
        bzc_plan_free(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[SETUP_SIZE + PM_SIZE];
    static struct bzc_boot_loader loader;
    struct bzc_image image;
    struct bzc_pe pe;
    const struct bzc_subject subject = {.image = &image, .pe = &pe, .initrd_size = 512, .cmdline_length = 21};
    struct bzc_judgement judgement;
    struct bzc_error err = {0};

    build(file);
    bzc_image_parse((struct bzc_bytes){file, sizeof(file)}, &image);
    bzc_pe_parse((struct bzc_bytes){file, sizeof(file)}, &pe);
    if (bzc_boot_loader_read_for((struct bzc_bytes){data, size}, &subject, &loader, &err) != BZC_OK)
        return 0;
    bzc_boot_loader_judge(&loader, &subject, &judgement);
    plan(&loader, &image);
    return 0;
}
