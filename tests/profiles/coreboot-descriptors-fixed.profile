# SPDX-License-Identifier: GPL-2.0-or-later
# coreboot-descriptors.profile without the bug.
name coreboot-descriptors-fixed
title coreboot's Linux trampoline without a GDT of its own, behind SeaBIOS, fixed
source coreboot/coreboot, util/cbfstool/linux_trampoline.S, cbfs-payload-linux.c; SeaBIOS, src/misc.c (rombios32_gdt)
commit 3c12cb03847d2db41809ae434530782a7dbef48b, 2014-09-04

path entry32

refuse unless loaded-high "a zImage is no payload"
kernel-at pref-address if relocatable and version >= 2.10
kernel-at 0x100000
entry first-byte
boot-params-at 0x90000
cmdline-at 0x91000
initrd-at highest
write type_of_loader 0xff
code-selector 0x10
data-selector 0x18
