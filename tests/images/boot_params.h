/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offsets in struct boot_params, for guest code in C and assembly. Written from zero-page.rst and boot.rst on purpose
 * a second time: the guest must not share a mistake with the tables of loader/.
 */
#ifndef GUEST_BOOT_PARAMS_H
#define GUEST_BOOT_PARAMS_H

#define BP_EXT_MEM_K        0x002
#define BP_VIDEO_PAGE       0x004
#define BP_VIDEO_MODE       0x006
#define BP_VIDEO_COLS       0x007
#define BP_VIDEO_LINES      0x00e
#define BP_IS_VGA           0x00f
#define BP_CL_MAGIC         0x020
#define BP_CL_OFFSET        0x022
#define BP_ALT_MEM_K        0x1e0
#define BP_SCRATCH          0x1e4
#define BP_E820_ENTRIES     0x1e8
#define BP_HEADER           0x1f1
#define BP_HEADER_END       0x26c
#define BP_SYSSIZE          0x1f4
#define BP_MAGIC            0x202
#define BP_VERSION          0x206
#define BP_REALMODE_SWTCH   0x208
#define BP_TYPE_OF_LOADER   0x210
#define BP_LOADFLAGS        0x211
#define BP_SETUP_MOVE_SIZE  0x212
#define BP_CODE32_START     0x214
#define BP_RAMDISK_IMAGE    0x218
#define BP_RAMDISK_SIZE     0x21c
#define BP_CMD_LINE_PTR     0x228
#define BP_KERNEL_ALIGNMENT 0x230
#define BP_SETUP_DATA       0x250
#define BP_INIT_SIZE        0x260
#define BP_E820_TABLE       0x2d0
#define BP_E820_MAX         128
#define BP_SIZE             4096

#endif
