# SPDX-License-Identifier: GPL-2.0-or-later
# crosvm up to April 2024 jumped to 0x200 in 64-bit mode whatever xloadflags says: in a 32-bit kernel that is the
# middle of the decompressor or of the payload. 42ca575b7 refused such images, 7c1ae621b (2024-07-26) enters them at
# the first byte, in 32-bit mode.
name crosvm-entry64-always
title crosvm entering 32-bit kernels at the 64-bit entry
source google/crosvm, x86_64/src/bzimage.rs, lib.rs
commit parent of 42ca575b74e7c2b528d56700ce4d6efbd5698d52

path entry64

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
