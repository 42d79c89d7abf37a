# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU 7.1 and 7.2 put the RNG seed's setup_data 16-byte aligned behind the kernel it loads at 0x100000. An image
# whose protected-mode part ends above pref_address (0x1000000: more than 15 MiB) unpacks itself over it. The commits
# were reverted in March 2023. To show it with a smaller image append zeros until its end is above pref_address, and
# make syssize count them.
name qemu-setup-data
title QEMU 7.2, -kernel: setup_data behind the kernel
source qemu/qemu, hw/i386/x86.c, x86_load_linux(): the patches as posted on qemu-devel
commit QEMU 7.1 and 7.2 (2022): parent of eac7a7791bb6

path setup

setup-at 0x10000
cmdline-at 0x20000
heap-end 0xfe00
kernel-at 0x100000
code32-start keep
initrd-at highest
initrd-last initrd-addr-max
write type_of_loader 0xb0
rng-seed yes
setup-data-at behind-pm
