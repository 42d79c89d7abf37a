# SPDX-License-Identifier: GPL-2.0-or-later
name kexec-file
title Linux 6.1, kexec_file_load() and the 64-bit entry
source Linux, arch/x86/kernel/kexec-bzimage64.c, machine_kexec_64.c, arch/x86/purgatory/entry64.S (Debian linux-source-6.1)
commit v6.1.192, Debian 6.1.192-2, 2026
note loadflags becomes 0. Entries of the memory map beyond 128 are dropped (a TODO in setup_e820_entries()).
note Purgatory, boot_params with the command line, kernel and initrd go to the top of RAM in this order; pref_address is not looked at.
note setup_data stands behind the command line. The page tables map all RAM; CS 0x10, all data segments 0x18.
note cmdline_size must hold 30 more characters, for elfcorehdr=. A kernel in 5-level paging demands XLF_5LEVEL.
note Other architectures and a 32-bit x86 kernel have no kexec_file_load() for bzImage.

path entry64

# bzImage64_probe(), in this order; then bzImage64_load()
refuse if file-size < 1024 "File is too short to be a bzImage"
refuse unless HdrS "Not a bzImage"
refuse if boot_flag != 0xaa55 "No x86 boot sector present"
refuse if version < 2.12 "Must be at least protocol version 2.12"
refuse unless loaded-high "zImage not a bzImage"
refuse unless kernel-64 "Not a bzImage64. XLF_KERNEL_64 is not set."
refuse unless above-4g "XLF_CAN_BE_LOADED_ABOVE_4G is not set."
refuse if pm-size = 0 "bzImage truncated"
refuse if cmdline >= cmdline_size "Kernel command line too long"
# MAX_ELFCOREHDR_STR_LEN
refuse if cmdline_size < 31 "Kernel command line too long"

# 0x0202 + kernel[0x0201] - 0x1f1 with a signed char (Linux is built with -funsigned-char from 6.2 on)
danger if header-end >= 0x282 "the jump's offset is read as a signed char: the running kernel copies nearly 2^64 bytes"

kernel-at highest
kernel-room init-size
kernel-align kernel-alignment
code32-start keep
entry 0x200
identity-map 0x1000000000

boot-params header
# really below purgatory at the top of RAM
boot-params-at 0x10000
cmdline-at 0x20000
# 30 characters less: MAX_ELFCOREHDR_STR_LEN
cmdline-max cmdline-size
cmdline-long refuse

# highest hole from 16 MiB on
initrd-at highest
initrd-last none

write type_of_loader 0xd0
write loadflags 0
e820 table 128
e820-ext no
alt-mem-k yes
screen-info text
rng-seed yes
# really behind the command line, in boot_params' segment
setup-data-at 0x30000
