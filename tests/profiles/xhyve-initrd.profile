# SPDX-License-Identifier: GPL-2.0-or-later
# xhyve up to October 2016 put the initrd behind kernel_start + init_size, counted from where it loads the kernel (2
# MiB), though the kernel unpacks itself to pref_address (16 MiB): in issue 116 the initrd lay at 0x1343000 and the
# kernel was written from 0x1000000 to 0x210c388. No statement counts init_size from the load address, so the issue's
# own address stands here.
name xhyve-initrd
title xhyve, firmware kexec: the initrd lies where the kernel unpacks itself
source machyve/xhyve, src/firmware/kexec.c; issues 74 and 116
commit parent of 8f6044fa053b1f12c0b2930c4e59e5b79e25de05

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
initrd-at 0x1343000
