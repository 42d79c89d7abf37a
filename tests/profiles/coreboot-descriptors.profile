# SPDX-License-Identifier: GPL-2.0-or-later
# The Linux trampoline of coreboot's cbfstool used the GDT that it found. Started by coreboot that has the descriptors
# 0x10 and 0x18 that Linux needs; started by SeaBIOS 32-bit code is 0x08 and data 0x10 (there is a 16-bit descriptor
# at 0x18, here none), and a kernel that loads 0x18 into DS before a GDT of its own (up to 5.6) faults.
name coreboot-descriptors
title coreboot's Linux trampoline without a GDT of its own, behind SeaBIOS
source coreboot/coreboot, util/cbfstool/linux_trampoline.S, cbfs-payload-linux.c; SeaBIOS, src/misc.c (rombios32_gdt)
commit parent of 3c12cb03847d2db41809ae434530782a7dbef48b

path entry32

refuse unless loaded-high "a zImage is no payload"
kernel-at pref-address if relocatable and version >= 2.10
kernel-at 0x100000
entry first-byte
boot-params-at 0x90000
cmdline-at 0x91000
initrd-at highest
write type_of_loader 0xff
code-selector 0x08
data-selector 0x10
