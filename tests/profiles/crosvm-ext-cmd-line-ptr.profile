# SPDX-License-Identifier: GPL-2.0-or-later
# crosvm up to February 2023 wrote cmd_line_ptr only and left in ext_cmd_line_ptr what the file has at 0xc8 (see
# crosvm-whole-page): the code for 5-level paging looks for no5lvl somewhere above 4 GiB. Many images have 0 at 0xc8,
# so a number stands here for theirs.
name crosvm-ext-cmd-line-ptr
title crosvm with ext_cmd_line_ptr left over from the image
source google/crosvm, x86_64/src/lib.rs, configure_system()
commit parent of 25295934dc916426f4bc552c341d0dc55515739e

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
# in place of the four bytes at 0xc8 of the file
write ext_cmd_line_ptr 0x10
# really page: that is crosvm-whole-page's bug
boot-params header
