# SPDX-License-Identifier: GPL-2.0-or-later
# kexec-init-size.profile without the bug.
name kexec-init-size-fixed
title kexec-tools 2.0.29, 32-bit entry: init_size is not looked at, fixed
source horms/kexec-tools, kexec/arch/i386/kexec-bzImage.c
commit ec3e4dfeec22a2c78d6c7fbccf006bf4a7ba635d and 07a6217af3cfb7b7952be22a58d4a3a365e422bb, 2024-11

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
kernel-at pref-address if relocatable and version >= 2.10 and pref_address > 0x100000
kernel-at lowest 0x100000 if relocatable
kernel-at 0x100000 unless relocatable
kernel-room init-size
initrd-avoids init-size
