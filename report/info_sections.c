/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/info_sections.h"

#include <stddef.h>
#include <string.h>

#include "loader/authenticode.h"
#include "loader/uki.h"

bool bzc_info_section_is_known(const char *name)
{
    return bzc_uki_section_find(name) != NULL || bzc_info_section_is_text(name);
}

bool bzc_info_section_is_text(const char *name)
{
    static const char *const names[] = {".osrel", ".cmdline", ".uname", ".sbat", ".pcrpkey", ".pcrsig", ".profile"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

const char *bzc_info_certificate_type(uint16_t type)
{
    switch (type) {
    case BZC_CERTIFICATE_PKCS_SIGNED_DATA:
        return "PKCS #7 signed data";
    case BZC_CERTIFICATE_EFI_PKCS115:
        return "EFI PKCS #1 v1.5";
    case BZC_CERTIFICATE_EFI_GUID:
        return "EFI GUID";
    default:
        return "unknown";
    }
}
