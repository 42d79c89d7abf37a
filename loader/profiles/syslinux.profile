# SPDX-License-Identifier: GPL-2.0-or-later
name syslinux
title SYSLINUX, ISOLINUX, PXELINUX on BIOS (KERNEL and LINUX, linux.c32)
source geneC/syslinux, com32/lib/syslinux/load_linux.c (bios_boot_linux), zonelist.c, shuffle_rm.c
commit 5e426532210bb830d2d7426eb8d8c154d9dfcba6, 2018-10-25
note Its messages are for debug builds; users see "Booting kernel failed: Invalid argument". pref_address and min_alignment are not looked at.
note A longer command line than cmdline_size (with the NUL) is cut. vid_mode becomes 0 without vga=. The initrd keeps clear of the file only.
note Everything above initrd_addr_max is out of bounds for the kernel, too. efi/ is not part of this profile.

path setup

refuse if file-size < 1024 "Kernel size too small"
refuse unless boot_flag = 0xaa55 "Invalid boot magic"
refuse if not loaded-high and pm-size > 0x80000 "Kernel cannot be loaded low"
refuse if initrd and version < 2.00 "Initrd specified but not supported by kernel"
# f16d2c17: an image without protected-mode bytes is wanted ("might not even be a Linux image")
# cmdline_offset is up to 0xfff0 and setup_move_size what lies below the end of the command line: setup moves that to 0x90000
danger if HdrS and version < 2.02 and loaded-high "setup_move_size is up to 0xfff0: setup moves that to 0x90000, beyond 0x9a000 and over the EBDA"

# at 0x100000 when init_size fits from there on (not relocatable: when the file fits); else, when relocatable, the lowest
# place above, aligned to kernel_alignment
kernel-at 0x100000
kernel-at lowest 0x100000 if relocatable
kernel-room init-size
kernel-align none
code32-start move

# before 2.02, too
setup-at 0x10000 if loaded-high
setup-at 0x90000
# calc_cmdline_offset(): before 2.02 as high as offset 0xfff0 and free low memory (here: the EBDA at 0x9fc00) allow
cmdline-at 0x20000 if loaded-high and version >= 2.02
cmdline-at below 0x1fff0 if loaded-high
cmdline-at below 0x9fc00
heap-end cmdline
heap write
# strlen() + 1 is compared with cmdline_size (256 before 2.06): one character less than the kernel takes
cmdline-max 255 if version < 2.06
cmdline-max 2046
cmdline-long truncate

initrd-at highest
initrd-last 0x37ffffff if version < 2.03
initrd-last initrd-addr-max
initrd-avoids file

write type_of_loader 0x30 if HdrS
write vid_mode 0
# the end of the command line, rounded up to 16
write setup_move_size 0xfff0 if HdrS and version < 2.02 and loaded-high
