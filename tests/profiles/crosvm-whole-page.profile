# SPDX-License-Identifier: GPL-2.0-or-later
# crosvm up to October 2023 read the file's first 4096 bytes into boot_params: boot sector, sentinel (0xff at 0x1ef)
# and setup code come along. What it writes itself hides it: e820, command line, initrd.
name crosvm-whole-page
title crosvm with boot_params read from the file as a whole
source google/crosvm, x86_64/src/bzimage.rs, lib.rs
commit parent of 2de2c9b7e688f59a1ebdbec9d12c47abfdd8a53e

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
boot-params page
