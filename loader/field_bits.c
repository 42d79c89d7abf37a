/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/field_bits.h"

/* clang-format off */
const struct bzc_field_bit bzc_field_bits[] = {
    {BZC_FIELD_LOADFLAGS, BZC_LOADED_HIGH, "LOADED_HIGH", "the protected-mode part is loaded at 0x100000"},
    {BZC_FIELD_LOADFLAGS, BZC_KASLR_FLAG, "KASLR_FLAG", "kernel internal: KASLR is on"},
    {BZC_FIELD_LOADFLAGS, BZC_QUIET_FLAG, "QUIET_FLAG", "the loader asks for no early messages"},
    {BZC_FIELD_LOADFLAGS, BZC_KEEP_SEGMENTS, "KEEP_SEGMENTS", "obsolete: the 32-bit entry keeps the segment registers"},
    {BZC_FIELD_LOADFLAGS, BZC_CAN_USE_HEAP, "CAN_USE_HEAP", "heap_end_ptr is valid"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_KERNEL_64, "XLF_KERNEL_64", "64-bit entry at 0x200"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_CAN_BE_LOADED_ABOVE_4G, "XLF_CAN_BE_LOADED_ABOVE_4G",
     "kernel, boot_params, command line and initrd may lie above 4 GiB"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_EFI_HANDOVER_32, "XLF_EFI_HANDOVER_32", "32-bit EFI handover entry"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_EFI_HANDOVER_64, "XLF_EFI_HANDOVER_64", "64-bit EFI handover entry"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_EFI_KEXEC, "XLF_EFI_KEXEC", "kexec with EFI runtime services"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_5LEVEL, "XLF_5LEVEL", "the kernel knows 5-level paging"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_5LEVEL_ENABLED, "XLF_5LEVEL_ENABLED", "the kernel is built to use 5-level paging"},
    {BZC_FIELD_XLOADFLAGS, BZC_XLF_MEM_ENCRYPTION, "XLF_MEM_ENCRYPTION", "the kernel knows memory encryption (AMD SME, SEV)"},
};
/* clang-format on */
const size_t bzc_field_bit_count = sizeof(bzc_field_bits) / sizeof(bzc_field_bits[0]);

bool bzc_field_has_bits(enum bzc_field_id field)
{
    return field == BZC_FIELD_LOADFLAGS || field == BZC_FIELD_XLOADFLAGS;
}

const struct bzc_field_bit *bzc_field_bit(enum bzc_field_id field, uint64_t mask)
{
    for (size_t i = 0; i < bzc_field_bit_count; i++) {
        if (bzc_field_bits[i].field == field && bzc_field_bits[i].mask == mask)
            return &bzc_field_bits[i];
    }
    return NULL;
}
