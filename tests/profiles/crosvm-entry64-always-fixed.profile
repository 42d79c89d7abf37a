# SPDX-License-Identifier: GPL-2.0-or-later
# crosvm-entry64-always.profile without the bug.
name crosvm-entry64-always-fixed
title crosvm entering 32-bit kernels at the 64-bit entry, fixed
source google/crosvm, x86_64/src/bzimage.rs, lib.rs
commit 7c1ae621b52299c282e8346c75cc4f54f2bc7c6b, 2024-07-26

path entry64 if kernel-64
path entry32

refuse unless HdrS "bad kernel header signature"
kernel-at 0x200000
kernel-room file
boot-params-at 0x7000
cmdline-at 0x20000
initrd-at highest
initrd-avoids file
write type_of_loader 0xff
write boot_flag 0xaa55
write kernel_alignment 0x1000000
e820 table 127
e820-ext no
rng-seed yes
setup-data-at 0x20800
identity-map 0x100000000
write ext_cmd_line_ptr 0
boot-params header
