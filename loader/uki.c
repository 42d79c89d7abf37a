/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/uki.h"

#include <string.h>

/* In the specification's order; .dtbauto, .hwids and .efifw are systemd-stub's own. */
const struct bzc_uki_section bzc_uki_sections[] = {
    {".linux", false},  {".osrel", false},  {".cmdline", false}, {".initrd", false},
    {".ucode", false},  {".splash", false}, {".fwauto", true},   {".dtb", true},
    {".uname", false},  {".sbat", false},   {".pcrsig", false},  {".pcrpkey", false},
    {".profile", true}, {".dtbauto", true}, {".hwids", false},   {".efifw", true},
};
const size_t bzc_uki_section_count = sizeof(bzc_uki_sections) / sizeof(bzc_uki_sections[0]);

const struct bzc_uki_section *bzc_uki_section_find(const char *name)
{
    for (size_t i = 0; i < bzc_uki_section_count; i++) {
        if (strcmp(bzc_uki_sections[i].name, name) == 0)
            return &bzc_uki_sections[i];
    }
    return NULL;
}

bool bzc_uki_is(const struct bzc_pe *pe)
{
    return bzc_pe_section_by_name(pe, ".linux", 0, NULL) != NULL;
}

bool bzc_uki_linux(const struct bzc_pe *pe, struct bzc_bytes file, struct bzc_bytes *linux_image)
{
    const struct bzc_pe_section *section = bzc_pe_section_by_name(pe, ".linux", 0, NULL);

    if (!section)
        return false;
    *linux_image = bzc_pe_section_bytes(section, file);
    return true;
}
