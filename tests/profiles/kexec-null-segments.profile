# SPDX-License-Identifier: GPL-2.0-or-later
# kexec-tools up to April 2008 entered setup with --real-mode and 0 in DS, ES, FS and GS. No statement sets the
# segments of the 16-bit entry, so here the same ones hold the null selector at the 32-bit entry; there kexec-tools
# was right.
name kexec-null-segments
title kexec-tools with DS, ES, FS and GS zero
source horms/kexec-tools, kexec/arch/i386/kexec-bzImage.c
commit parent of 27b1321a9b1f69cef5dabe968617a572e159f138

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
null-segments ds es fs gs
