# SPDX-License-Identifier: GPL-2.0-or-later
# crosvm-ext-cmd-line-ptr.profile without the bug.
name crosvm-ext-cmd-line-ptr-fixed
title crosvm with ext_cmd_line_ptr left over from the image, fixed
source google/crosvm, x86_64/src/lib.rs, configure_system()
commit 25295934dc916426f4bc552c341d0dc55515739e, 2023-02-13

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
# really still page: that bug, crosvm-whole-page, was fixed eight months later
boot-params header
