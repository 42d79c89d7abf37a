/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/fields.h"

#include <string.h>

#define SYSSIZE_WIDE 0x0204 /* first version whose syssize has four bytes that count */

/* clang-format off */
const struct bzc_field bzc_fields[BZC_FIELD_COUNT] = {
    {BZC_FIELD_SETUP_SECTS, "setup_sects", 0x1f1, 1, 0, BZC_FIELD_READ, "size of the setup in sectors"},
    {BZC_FIELD_ROOT_FLAGS, "root_flags", 0x1f2, 2, 0, BZC_FIELD_MODIFY, "root is mounted read-only if set"},
    {BZC_FIELD_SYSSIZE, "syssize", 0x1f4, 4, 0, BZC_FIELD_READ, "size of the 32-bit code in 16-byte paragraphs"},
    {BZC_FIELD_RAM_SIZE, "ram_size", 0x1f8, 2, 0, BZC_FIELD_INTERNAL, "obsolete, for bootsect.S only"},
    {BZC_FIELD_VID_MODE, "vid_mode", 0x1fa, 2, 0, BZC_FIELD_MODIFY, "video mode control"},
    {BZC_FIELD_ROOT_DEV, "root_dev", 0x1fc, 2, 0, BZC_FIELD_MODIFY, "default root device number"},
    {BZC_FIELD_BOOT_FLAG, "boot_flag", 0x1fe, 2, 0, BZC_FIELD_READ, "0xAA55 magic number"},
    {BZC_FIELD_JUMP, "jump", 0x200, 2, 0x0200, BZC_FIELD_READ, "jump instruction, its offset ends the header"},
    {BZC_FIELD_HEADER, "header", 0x202, 4, 0x0200, BZC_FIELD_READ, "magic signature \"HdrS\""},
    {BZC_FIELD_VERSION, "version", 0x206, 2, 0x0200, BZC_FIELD_READ, "boot protocol version supported"},
    {BZC_FIELD_REALMODE_SWTCH, "realmode_swtch", 0x208, 4, 0x0200, BZC_FIELD_MODIFY, "boot loader hook"},
    {BZC_FIELD_START_SYS_SEG, "start_sys_seg", 0x20c, 2, 0x0200, BZC_FIELD_READ, "load-low segment, obsolete"},
    {BZC_FIELD_KERNEL_VERSION, "kernel_version", 0x20e, 2, 0x0200, BZC_FIELD_READ, "pointer to the version string"},
    {BZC_FIELD_TYPE_OF_LOADER, "type_of_loader", 0x210, 1, 0x0200, BZC_FIELD_WRITE, "boot loader identifier"},
    {BZC_FIELD_LOADFLAGS, "loadflags", 0x211, 1, 0x0200, BZC_FIELD_MODIFY, "boot protocol option flags"},
    {BZC_FIELD_SETUP_MOVE_SIZE, "setup_move_size", 0x212, 2, 0x0200, BZC_FIELD_MODIFY, "bytes to move to 0x90000"},
    {BZC_FIELD_CODE32_START, "code32_start", 0x214, 4, 0x0200, BZC_FIELD_MODIFY, "32-bit entry, boot loader hook"},
    {BZC_FIELD_RAMDISK_IMAGE, "ramdisk_image", 0x218, 4, 0x0200, BZC_FIELD_WRITE, "initrd load address"},
    {BZC_FIELD_RAMDISK_SIZE, "ramdisk_size", 0x21c, 4, 0x0200, BZC_FIELD_WRITE, "initrd size"},
    {BZC_FIELD_BOOTSECT_KLUDGE, "bootsect_kludge", 0x220, 4, 0x0200, BZC_FIELD_INTERNAL, "obsolete, for bootsect.S only"},
    {BZC_FIELD_HEAP_END_PTR, "heap_end_ptr", 0x224, 2, 0x0201, BZC_FIELD_WRITE, "free memory after setup end"},
    {BZC_FIELD_EXT_LOADER_VER, "ext_loader_ver", 0x226, 1, 0x0202, BZC_FIELD_WRITE, "extended boot loader version"},
    {BZC_FIELD_EXT_LOADER_TYPE, "ext_loader_type", 0x227, 1, 0x0202, BZC_FIELD_WRITE, "extended boot loader ID"},
    {BZC_FIELD_CMD_LINE_PTR, "cmd_line_ptr", 0x228, 4, 0x0202, BZC_FIELD_WRITE, "linear address of the command line"},
    {BZC_FIELD_INITRD_ADDR_MAX, "initrd_addr_max", 0x22c, 4, 0x0203, BZC_FIELD_READ, "highest legal initrd address"},
    {BZC_FIELD_KERNEL_ALIGNMENT, "kernel_alignment", 0x230, 4, 0x0205, BZC_FIELD_MODIFY, "alignment the kernel needs"},
    {BZC_FIELD_RELOCATABLE_KERNEL, "relocatable_kernel", 0x234, 1, 0x0205, BZC_FIELD_READ, "kernel is relocatable"},
    {BZC_FIELD_MIN_ALIGNMENT, "min_alignment", 0x235, 1, 0x020a, BZC_FIELD_READ, "least alignment, a power of two"},
    {BZC_FIELD_XLOADFLAGS, "xloadflags", 0x236, 2, 0x020c, BZC_FIELD_READ, "boot protocol option flags"},
    {BZC_FIELD_CMDLINE_SIZE, "cmdline_size", 0x238, 4, 0x0206, BZC_FIELD_READ, "longest command line without the NUL"},
    {BZC_FIELD_HARDWARE_SUBARCH, "hardware_subarch", 0x23c, 4, 0x0207, BZC_FIELD_WRITE, "hardware subarchitecture"},
    {BZC_FIELD_HARDWARE_SUBARCH_DATA, "hardware_subarch_data", 0x240, 8, 0x0207, BZC_FIELD_WRITE, "subarchitecture data"},
    {BZC_FIELD_PAYLOAD_OFFSET, "payload_offset", 0x248, 4, 0x0208, BZC_FIELD_READ, "offset of the kernel payload"},
    {BZC_FIELD_PAYLOAD_LENGTH, "payload_length", 0x24c, 4, 0x0208, BZC_FIELD_READ, "length of the kernel payload"},
    {BZC_FIELD_SETUP_DATA, "setup_data", 0x250, 8, 0x0209, BZC_FIELD_WRITE, "linked list of struct setup_data"},
    {BZC_FIELD_PREF_ADDRESS, "pref_address", 0x258, 8, 0x020a, BZC_FIELD_READ, "preferred loading address"},
    {BZC_FIELD_INIT_SIZE, "init_size", 0x260, 4, 0x020a, BZC_FIELD_READ, "memory needed during initialization"},
    {BZC_FIELD_HANDOVER_OFFSET, "handover_offset", 0x264, 4, 0x020b, BZC_FIELD_READ, "offset of the EFI handover entry"},
    {BZC_FIELD_KERNEL_INFO_OFFSET, "kernel_info_offset", 0x268, 4, 0x020f, BZC_FIELD_READ, "offset of kernel_info"},
};
/* clang-format on */

const struct bzc_field *bzc_field(enum bzc_field_id id)
{
    return &bzc_fields[id];
}

const struct bzc_field *bzc_field_by_name(const char *name)
{
    size_t i;

    for (i = 0; i < BZC_FIELD_COUNT; i++) {
        if (strcmp(bzc_fields[i].name, name) == 0)
            return &bzc_fields[i];
    }
    return NULL;
}

bool bzc_field_read(struct bzc_bytes header, uint16_t version, enum bzc_field_id id, uint64_t *value)
{
    const struct bzc_field *field = &bzc_fields[id];
    unsigned size = field->size;

    if (version < field->since)
        return false;
    if (id == BZC_FIELD_SYSSIZE && version < SYSSIZE_WIDE)
        size = 2;
    return bzc_bytes_uint(header, field->offset, size, value);
}

void bzc_field_store(uint8_t *header, enum bzc_field_id id, uint64_t value)
{
    const struct bzc_field *field = &bzc_fields[id];
    unsigned i;

    for (i = 0; i < field->size; i++)
        header[field->offset + i] = (uint8_t)(value >> (8 * i));
}
