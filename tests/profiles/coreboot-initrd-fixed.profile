# SPDX-License-Identifier: GPL-2.0-or-later
# coreboot-initrd.profile without the bug.
name coreboot-initrd-fixed
title coreboot's Linux payload: the initrd 16 MiB behind the kernel, fixed
source coreboot/coreboot, util/cbfstool/cbfs-payload-linux.c
commit c1dc9d725ec9d91af1df99bb7da16e602996ac1b, 2016-08-01

path entry32

refuse unless loaded-high "a zImage is no payload"
refuse if pm-size > 0x1000000 "this profile stands for files below 16 MiB"
kernel-at 0x1000000 if relocatable
kernel-at 0x100000
kernel-room file
entry first-byte
boot-params-at 0x90000
cmdline-at 0x91000
initrd-avoids file
initrd-last none
write type_of_loader 0xff
screen-info text
initrd-at 0x4000000
