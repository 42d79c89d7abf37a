/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/boot_loader.h"

#include <stdio.h>
#include <string.h>

#include "loader/boot_params.h"

static const char *const path_names[BZC_PATH_COUNT] = {
    [BZC_PATH_SETUP] = "setup",     [BZC_PATH_ENTRY32] = "entry32",
    [BZC_PATH_ENTRY64] = "entry64", [BZC_PATH_PAYLOAD_ELF] = "payload-elf",
    [BZC_PATH_PVH] = "pvh",         [BZC_PATH_ELF_WRAPPED] = "elf-wrapped",
    [BZC_PATH_PE] = "pe",
};

const char *bzc_path_name(enum bzc_path path)
{
    return (unsigned)path < BZC_PATH_COUNT ? path_names[path] : "unknown";
}

bool bzc_path_enters_kernel(enum bzc_path path)
{
    return path == BZC_PATH_PAYLOAD_ELF || path == BZC_PATH_PVH;
}

bool bzc_path_parse(const char *text, enum bzc_path *path)
{
    for (unsigned i = 0; i < BZC_PATH_COUNT; i++) {
        if (strcmp(path_names[i], text) == 0) {
            *path = (enum bzc_path)i;
            return true;
        }
    }
    return false;
}

const char *bzc_loader_verdict_name(enum bzc_verdict_of_loader verdict)
{
    switch (verdict) {
    case BZC_LOADER_ACCEPTS:
        return "accepts";
    case BZC_LOADER_REFUSES:
        return "refuses";
    case BZC_LOADER_DANGEROUS:
        return "dangerous";
    }
    return "unknown";
}

void bzc_boot_loader_init(struct bzc_boot_loader *loader, enum bzc_path path)
{
    memset(loader, 0, sizeof(*loader));
    loader->path[0].path = path;
    loader->path_count = 1;
    loader->kernel_at[0].place = (struct bzc_place){BZC_PLACE_ADDRESS, 0x100000};
    loader->kernel_at_count = 1;
    loader->boot_params_at = 0x10000;
    if (path != BZC_PATH_SETUP)
        loader->cmdline_at = 0x20000;
    loader->initrd_at.kind = BZC_PLACE_HIGHEST;
    loader->setup_data_at = (struct bzc_place){BZC_PLACE_ADDRESS, 0x30000};
    loader->e820_max = BZC_BP_E820_MAX;
    loader->e820_ext = true;
    if (path == BZC_PATH_ENTRY64)
        loader->entry_offset = 0x200;
    /* boot.rst, "32-bit Boot Protocol": __BOOT_CS and __BOOT_DS */
    loader->code_selector = 0x10;
    loader->data_selector = 0x18;
}

enum bzc_status bzc_boot_loader_find(const char *name, struct bzc_boot_loader *loader, struct bzc_error *err)
{
    char known[BZC_ERROR_TEXT_SIZE] = "";

    for (size_t i = 0; i < bzc_loader_profile_count; i++) {
        if (strcmp(bzc_loader_profile_name[i], name) == 0)
            return bzc_boot_loader_read(bzc_loader_profile_text[i], loader, err);
    }
    for (size_t i = 0, used = 0; i < bzc_loader_profile_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", bzc_loader_profile_name[i]);
    return bzc_error_set(err, BZC_ERR_FORMAT, "there is no loader '%.40s'; there is:%s", name, known);
}
