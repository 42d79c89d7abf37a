# SPDX-License-Identifier: GPL-2.0-or-later
name ipxe
title iPXE on BIOS, kernel and boot with a bzImage
source ipxe/ipxe, src/arch/x86/image/bzimage.c, src/arch/x86/include/bzimage.h, src/image/segment.c, src/image/initrd.c
commit 0ab2277c40f1de56c736b9e7db7ee23d52509ec5, 2026-08-21
note Without HdrS the 16 bits of syssize must tell the size of the protected-mode part in paragraphs ("bad syssize"); no statement can say so.
note 0x97ff bytes from the real-mode part on and the protected-mode part must be memory that iPXE does not use itself: 0x90000 need not be ("Requested memory not available").
note Only the file's size is reserved at 0x100000: init_size and alignment are not known. The command line is cut to cmdline_size - 1 characters.

path setup

# bzimage_parse_header(), then bzimage_exec(), in this order
refuse if file-size < 0x23c "too short for kernel header"
refuse unless boot_flag = 0xaa55 "missing 55AA signature"
# prep_segment(): the file's part is larger than what is assumed: 0x8000, stack 0x1000, command line 0x7ff
refuse if setup-size > 0x97ff "the real-mode segment is malformed (Invalid argument)"
danger if setup-size > 0x8000 "stack and heap end 0x9000 bytes behind the start of a real-mode part of more than 0x8000"
danger if pm-size = 0 "nothing is loaded behind setup, and setup is started"
# snprintf() is bounded by cmdline_size, the room for it is 0x7ff bytes
danger if version >= 2.06 and cmdline_size > 0x7ff and cmdline > 0x7fe "the command line is written beyond the 0x7ff bytes that are kept for it"

kernel-at 0x100000
kernel-room file
# before 2.02, too
setup-at 0x10000 if loaded-high
setup-at 0x90000
cmdline-at 0x19000 if loaded-high
cmdline-at 0x99000
heap-end 0x9000
heap write
# cmdline_size (255 before 2.06) counts the NUL here
cmdline-max 254 if version < 2.06
cmdline-max 2046
cmdline-long truncate

# highest place of the external heap
initrd-at highest
initrd-last 0x37ffffff if version < 2.03
initrd-last initrd-addr-max
initrd-avoids file

write type_of_loader 0x46 if HdrS
write setup_move_size 0x97ff if HdrS and version < 2.02
