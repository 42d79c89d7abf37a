# SPDX-License-Identifier: GPL-2.0-or-later
# xhyve-initrd.profile without the bug.
name xhyve-initrd-fixed
title xhyve, firmware kexec: the initrd lies where the kernel unpacks itself, fixed
source machyve/xhyve, src/firmware/kexec.c; issues 74 and 116
commit 8f6044fa053b1f12c0b2930c4e59e5b79e25de05, 2016-10-22

path entry32

refuse if setup_sects = 0 "failed to load kernel"
refuse if boot_flag != 0xaa55 "failed to load kernel"
refuse unless HdrS "failed to load kernel"
refuse if version < 2.10 "failed to load kernel"
refuse unless loaded-high "failed to load kernel"
kernel-at 0x100000 if relocatable
kernel-at pref-address
kernel-room file
kernel-align kernel-alignment
code32-start keep
entry first-byte
boot-params struct 0x7b
boot-params-at 0x3000
cmdline-at 0x4000
initrd-last initrd-addr-max
initrd-avoids file
write type_of_loader 0x0d
write hardware_subarch 0
write ext_cmd_line_ptr 0
# the memory map that xhyve makes up has three ranges, and it tells all of them
e820-ext no
alt-mem-k yes
null-segments fs gs
# a multiple of 4096 below the end of RAM or initrd_addr_max
initrd-at highest
