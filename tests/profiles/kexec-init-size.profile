# SPDX-License-Identifier: GPL-2.0-or-later
# kexec-tools up to November 2024 looked for a hole that holds the file, not init_size bytes, from 1 MiB on. With a
# reserved range close above (Intel Merrifield) the kernel unpacks itself into it; with little RAM into the initrd. To
# show it the memory map needs such a range, or RAM must end inside of [runtime_start, +init_size + initrd).
name kexec-init-size
title kexec-tools 2.0.29, 32-bit entry: init_size is not looked at
source horms/kexec-tools, kexec/arch/i386/kexec-bzImage.c
commit parent of ec3e4dfeec22a2c78d6c7fbccf006bf4a7ba635d

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
