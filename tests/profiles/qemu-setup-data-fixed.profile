# SPDX-License-Identifier: GPL-2.0-or-later
# qemu-setup-data.profile without the bug.
name qemu-setup-data-fixed
title QEMU 7.2, -kernel: setup_data behind the kernel, fixed
source qemu/qemu, hw/i386/x86.c, x86_load_linux(): the patches as posted on qemu-devel
commit bdc7922cdc0b and the other reverts, 2023-03

path setup

setup-at 0x10000
cmdline-at 0x20000
heap-end 0xfe00
kernel-at 0x100000
code32-start keep
initrd-at highest
initrd-last initrd-addr-max
write type_of_loader 0xb0
rng-seed no
