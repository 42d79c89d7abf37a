# SPDX-License-Identifier: GPL-2.0-or-later
name u-boot
title U-Boot for x86, built for 32 bits, command zboot
source u-boot/u-boot, arch/x86/lib/zimage.c, arch/x86/lib/bootm.c (boot_linux_kernel), arch/x86/include/asm/zimage.h
commit 6073c36b2c8d39afe3ecc789b281667a3ddebc70, 2026-08-20
note From 2.04 on syssize * 16 bytes are loaded, whatever the file has; before, the size in the command. A larger setup than 32 KiB is only complained about.
note The initrd lies where the user put it (here: ramdisk_addr_r of the default environment); nothing is checked. A command line of any length is taken.
note hardware_subarch, acpi_rsdp_addr, a device tree (setup_data) and efi_info depend on the configuration. FS is U-Boot's own, 0x20.

path entry32

# load_zimage(), in this order
refuse unless boot_flag = 0xaa55 "Error: Invalid Boot Flag"
refuse if loaded-high and version >= 2.04 and syssize > 0xf0000 "Error: bzImage kernel too big!"
refuse if loaded-high and HdrS and version < 2.04 and pm-size > 0xf00000 "Error: bzImage kernel too big!"
refuse if not loaded-high and pm-size > 0x80000 "Error: zImage kernel too big!"

danger unless HdrS "enters the protected-mode part at 0x10000 in 32-bit mode, though only the 16-bit entry is known to exist"
danger unless loaded-high "enters a zImage at 0x10000 in 32-bit mode, where it is not meant to run"
danger if version < 2.05 "alt_mem_k and ext_mem_k stay 0: decompressors up to 2.6.19 stop with 'Less than 4MB of memory'"
danger if moved-entry and not elf-head-code "jumps to the first byte at 0x100000, not to code32_start"
# ramdisk_addr_r=0x4000000 (include/env/x86.env); the kernel runs from pref_address on, 16 MiB
danger if initrd and version >= 2.10 and pref_address = 0x1000000 and init_size > 0x3000000 "the initrd at ramdisk_addr_r (64 MiB) lies in the memory that the kernel unpacks itself into"

kernel-at 0x10000 unless loaded-high
kernel-at 0x100000
kernel-room file
code32-start keep
entry first-byte

# the struct up to kernel_info_offset, whatever the header's length
boot-params struct 0x7b
boot-params-at 0x90000
cmdline-at 0x99000
# no limit; here what fits below 0xa0000
cmdline-max 28671
cmdline-long refuse

initrd-at 0x4000000
initrd-last none
initrd-avoids file

write type_of_loader 0x80 if HdrS
write heap_end_ptr 0x8e00 if version >= 2.01
write loadflags 0x81 if version >= 2.01 and loadflags = 0x01
write cl_magic 0xa33f if version < 2.02
write cl_offset 0x9000 if version < 2.02
write setup_move_size 0x9100 if HdrS and version < 2.02
e820 table 128
e820-ext no
