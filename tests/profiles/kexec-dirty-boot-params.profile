# SPDX-License-Identifier: GPL-2.0-or-later
# kexec-tools up to February 2013 (2.0.3) copied setup as a whole and used its first 4096 bytes as boot_params, as for
# its 16-bit entry: what stands around the setup header, the sentinel at 0x1ef too, is not 0.
name kexec-dirty-boot-params
title kexec-tools with boot_params that are the start of setup
source horms/kexec-tools, kexec/arch/i386/kexec-bzImage.c
commit parent of 0bba63fa149543b1dc04bd8ebec0a37777059596

path entry32

refuse unless HdrS "Not a bzImage"
refuse if boot_flag != 0xaa55 "No x86 boot sector present"
refuse if version < 2.00 "Must be at least protocol version 2.00"
refuse unless loaded-high "zImage not a bzImage"
kernel-align kernel-alignment
code32-start keep
entry first-byte
boot-params-at 0x3000
cmdline-at 0x24000
initrd-at highest
write type_of_loader 0xd0
write loadflags 0
write cl_magic 0xa33f
alt-mem-k yes
screen-info text
kernel-at lowest 0x100000 if relocatable
kernel-at 0x100000 unless relocatable
kernel-room file
initrd-avoids file
boot-params page
