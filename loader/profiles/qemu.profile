# SPDX-License-Identifier: GPL-2.0-or-later
name qemu
title QEMU, option -kernel with SeaBIOS (machines pc, q35)
source qemu/qemu, hw/i386/x86-common.c (x86_load_linux), pc-bios/optionrom/linuxboot_dma.c
commit x86-common.c 04ddbb137da180e684e8a1c7fafdae7d1426fd4d (2025 or later), linuxboot_dma.c 0342454f8aa6fc55e515bad26425533e10b58085
note An image without HdrS is tried as multiboot and as an ELF file with the PVH note first; what is neither is protocol 0: nothing is written into it.
note With OVMF the PE entry is taken instead; that is not part of this profile. A command line of any length is taken.
note The initrd may lie above initrd_addr_max where XLF_CAN_BE_LOADED_ABOVE_4G is set, or where RAM ends elsewhere (the option ROM asks INT 15h).

path setup

refuse if initrd and version < 2.00 "linux kernel too old to load a ram disk"
# "qemu: invalid kernel header": the file ends inside setup. No fact says that; see pm-size below

# linuxboot_dma.c: "if (readw_es(0x206) < 0x203) writel_es(0x22c, 0x37ffffff)", whatever lies at 0x22c; for an image
# without HdrS, too, when its two bytes at 0x206 read less than 0x203
danger if not HdrS and raw-version < 0x203 "its option ROM writes 0x37ffffff to 0x22c, where setup's code is overwritten"
danger if HdrS and version < 2.03 and header-end < 0x230 "its option ROM writes initrd_addr_max (0x37ffffff) to 0x22c, where this header has ended: setup's code is overwritten"
# no size check; setup at 0x90000 is loaded before the protected-mode part at 0x10000
danger if not loaded-high and pm-size > 0x80000 "the zImage is loaded from 0x10000 on, over its own setup at 0x90000"
danger if pm-size = 0 "nothing is loaded behind setup, and setup is started"

kernel-at 0x100000
kernel-room file
code32-start keep
setup-at 0x10000 if loaded-high and version >= 2.02
setup-at 0x90000
cmdline-at 0x20000 if loaded-high and version >= 2.02
cmdline-at below 0x9a000
# SP is 16 below the command line
heap-end cmdline
heap write
cmdline-max 65535
cmdline-long refuse

initrd-at highest
initrd-last 0xffffffff if above-4g
initrd-last 0x37ffffff if version < 2.03
initrd-last initrd-addr-max
initrd-avoids file

write type_of_loader 0xb0 if HdrS
# the option ROM, whatever the image is
write initrd_addr_max 0x37ffffff if raw-version < 0x203
