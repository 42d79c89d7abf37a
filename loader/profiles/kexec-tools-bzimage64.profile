# SPDX-License-Identifier: GPL-2.0-or-later
name kexec-tools-bzimage64
title kexec-tools, file type bzImage64: kexec_load() and the 64-bit entry
source horms/kexec-tools, kexec/arch/x86_64/kexec-bzImage64.c, i386/x86-linux-setup.c; kexec/kexec.c; purgatory/arch/x86_64/entry64.S
commit 29898e149feb5c615b3ab6313260d58315bf1d8d, 2026-07-20 (version of the tree)
note What it does not take goes to file type bzImage (kexec-tools-bzimage). loadflags becomes 0.
note Purgatory, boot_params with the command line, kernel and initrd go to the top of RAM in this order, also above 4 GiB; setup_data to 1 MiB.
note The running kernel's page tables map all RAM; CS 0x10, all data segments 0x18.
note hardware_subarch, screen_info, EFI, EDD and the RSDP are those of the running kernel.

path entry64

# bzImage64_probe(), in this order
refuse if file-size < 1024 "File is too short to be a bzImage!"
refuse unless HdrS "Not a bzImage"
refuse if boot_flag != 0xaa55 "No x86 boot sector present"
refuse if version < 2.12 "Must be at least protocol version 2.12"
refuse unless loaded-high "zImage not a bzImage"
refuse unless kernel-64 and above-4g "Not a relocatable bzImage64"
refuse if pm-size = 0 "BzImage truncated?"
refuse if cmdline >= cmdline_size "Kernel command line too long for kernel!"

# highest hole from max(0x100000, pref_address) on
kernel-at highest
kernel-room init-size
kernel-align kernel-alignment
code32-start keep
entry 0x200
identity-map 0x1000000000

boot-params header
# really below purgatory at the top of RAM, the command line behind them
boot-params-at 0x10000
cmdline-at 0x20000
cmdline-max cmdline-size
cmdline-long refuse

initrd-at highest
initrd-last none

write type_of_loader 0xd0
write loadflags 0
write cl_magic 0xa33f
write root_dev 0x300
write root_flags 0xffff
e820 table 128
e820-ext yes
alt-mem-k yes
screen-info text
rng-seed yes
setup-data-at lowest 0x100000
