# SPDX-License-Identifier: GPL-2.0-or-later
name kvmtool
title kvmtool (lkvm), 16-bit entry with a BIOS of its own
source kvmtool/kvmtool, x86/kvm.c, x86/kvm-cpu.c, x86/bios.c, x86/bios/{entry.S,int10.c,int15.c,e820.c}
commit b48735e5d562eaffb96cf98a91da212176f1534c, 2024-08-30
note It enters at 0x1000:0x0200, so that CS equals DS, not at 0x1020:0; setup in C sets CS right. A flat binary is started at 0x1000:0.
note loadflags is not looked at but for CAN_USE_HEAP: a zImage is loaded at 1 MiB, too. Its BIOS knows INT 10h AH=0Eh and 4Fh and INT 15h AX=E820h, no more.
note The initrd starts at a multiple of 1 MiB at or below initrd_addr_max, where its end and the kernel are not looked at.

path setup

refuse if HdrS and version < 2.06 "Too old kernel"

danger unless HdrS "Kernel image is not a bzImage: the file is loaded to 0x10000 and started at its first byte, without INT 13h"
danger if file-size < 4096 "Kernel image is not a bzImage: the file is loaded to 0x10000 and started at its first byte, without INT 13h"
danger unless loaded-high "the protected-mode part of a zImage is loaded at 0x100000 and started at 0x1000"
danger if version < 2.07 "entered with CS 0x1000, IP 0x200 instead of 0x1020:0: setup in assembler (up to 2.6.22) runs 512 bytes off"
danger if cmdline_size > 0xe0000 "cmdline_size bytes are cleared from 0x20000 on, over the kernel at 0x100000"

setup-at 0x10000
setup-entry first-byte unless HdrS
setup-entry same-segment
# the stack pointer; heap_end_ptr says something else
heap-end 0x8000
heap write
kernel-at 0x100000
kernel-room file
code32-start keep

cmdline-at 0x20000
cmdline-max cmdline-size
cmdline-long truncate

initrd-at highest
initrd-last initrd-addr-max
initrd-avoids file

write type_of_loader 0xff
write heap_end_ptr 0xfe00
write vid_mode 0
