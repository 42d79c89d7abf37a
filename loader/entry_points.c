/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/entry_points.h"

#define SETUP_ENTRY       0x200u
#define ENTRY_64_OFFSET   0x200u /* from the load address, and from the 32-bit handover entry */
#define HIGH_LOAD_ADDRESS 0x100000u

static const char *const names[] = {
    [BZC_ENTRY_16BIT] = "16-bit",
    [BZC_ENTRY_32BIT] = "32-bit",
    [BZC_ENTRY_64BIT] = "64-bit",
    [BZC_ENTRY_EFI] = "EFI",
    [BZC_ENTRY_HANDOVER_32] = "EFI handover, 32-bit",
    [BZC_ENTRY_HANDOVER_64] = "EFI handover, 64-bit",
};

const char *bzc_entry_kind_name(enum bzc_entry_kind kind)
{
    return names[kind];
}

/* Offset in the file of the byte at an RVA: of a section, or of the headers, which are loaded as they are. */
static bool file_offset(const struct bzc_pe *pe, uint32_t rva, uint64_t *offset)
{
    const struct bzc_pe_section *section = bzc_pe_section_at(pe, rva);

    if (section == NULL) {
        *offset = rva;
        return rva < pe->size_of_headers;
    }
    *offset = (uint64_t)section->pointer_to_raw_data + (rva - section->virtual_address);
    return rva - section->virtual_address < section->size_of_raw_data;
}

/* From the start of the protected-mode part: 0, but in the ELF-wrapped layout. */
static uint64_t offset_of_entry32(const struct bzc_image *image)
{
    uint64_t offset = (uint64_t)image->code32_start - HIGH_LOAD_ADDRESS;

    return image->elf_head && offset < image->pm.size ? offset : 0;
}

size_t bzc_entry_points_read(struct bzc_bytes file, const struct bzc_image *image, const struct bzc_pe *pe,
                             struct bzc_entry_point entry[BZC_ENTRY_COUNT])
{
    size_t count = 0;
    uint64_t handover;

    if (image != NULL && image->has_header)
        entry[count++] = (struct bzc_entry_point){BZC_ENTRY_16BIT, true, SETUP_ENTRY};
    if (image != NULL && image->kind == BZC_IMAGE_BZIMAGE)
        entry[count++] =
            (struct bzc_entry_point){BZC_ENTRY_32BIT, true, image->realmode_size + offset_of_entry32(image)};
    if (image != NULL && image->xloadflags & BZC_XLF_KERNEL_64)
        entry[count++] = (struct bzc_entry_point){BZC_ENTRY_64BIT, true, image->realmode_size + ENTRY_64_OFFSET};
    if (pe->present && pe->address_of_entry_point != 0) {
        struct bzc_entry_point efi = {.kind = BZC_ENTRY_EFI};

        efi.in_file = file_offset(pe, pe->address_of_entry_point, &efi.offset);
        entry[count++] = efi;
    }
    if (image != NULL && bzc_image_field(image, BZC_FIELD_HANDOVER_OFFSET, &handover) && handover != 0) {
        uint64_t start = image->realmode_size + handover;

        if (image->xloadflags & BZC_XLF_EFI_HANDOVER_32)
            entry[count++] = (struct bzc_entry_point){BZC_ENTRY_HANDOVER_32, true, start};
        if (image->xloadflags & BZC_XLF_EFI_HANDOVER_64)
            entry[count++] = (struct bzc_entry_point){BZC_ENTRY_HANDOVER_64, true, start + ENTRY_64_OFFSET};
    }
    for (size_t i = 0; i < count; i++)
        entry[i].in_file &= entry[i].offset < file.size;
    return count;
}
