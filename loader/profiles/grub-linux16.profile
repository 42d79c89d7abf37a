# SPDX-License-Identifier: GPL-2.0-or-later
name grub-linux16
title GRUB 2 on BIOS (i386-pc), command linux16
source rhboot/grub2, grub-core/loader/i386/pc/linux.c; lib/i386/relocator16.S; include/grub/i386/linux.h; lib/cmdline.c
commit 5e9e7e44eddcab0174decc12c3799825e600639f, 2025-12-06 (committed 2026-01-30)
note The real-mode part lies at 0x90000, or lower when low memory ends below 0x99000 and the command line. A20 is left open.
note A command line that is too long loses whole words at its end; BOOT_IMAGE=FILE stands at its head. vid_mode is written with vga= only.
note init_size, pref_address and alignment are not looked at: the initrd keeps clear of the file only.

path setup

# grub_cmd_linux() of loader/i386/pc/linux.c, in this order
refuse unless boot_flag = 0xaa55 "invalid magic number"
refuse if setup_sects > 64 "too many setup sectors"
# "overflow is detected": the file ends inside setup
refuse if not loaded-high and pm-size > 0x80000 "too big zImage, use bzImage instead"
refuse if initrd and version < 2.00 "the kernel is too old for initrd"
danger if not HdrS and setup_sects != 0 and setup_sects != 4 "without HdrS it takes 4 setup sectors, whatever setup_sects says"
danger if pm-size = 0 "nothing is loaded behind setup, and setup is started"

kernel-at 0x100000
kernel-room file
setup-at 0x90000
# SS:SP is 0x9000:0x9000
heap-end 0x9000
heap write
cmdline-at 0x99000
cmdline-max cmdline-size
cmdline-long truncate

# below initrd_addr_max, but never above 0x37ffffff, both less 64 KiB
initrd-at highest 0x37ff0000
initrd-last initrd-addr-max
initrd-avoids file

write type_of_loader 0x72 if HdrS
write setup_move_size 0x9100 if HdrS and version < 2.02
