# SPDX-License-Identifier: GPL-2.0-or-later
# kexec-null-segments.profile without the bug.
name kexec-null-segments-fixed
title kexec-tools with DS, ES, FS and GS zero, fixed
source horms/kexec-tools, kexec/arch/i386/kexec-bzImage.c
commit 27b1321a9b1f69cef5dabe968617a572e159f138, 2008-04-22

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
