# SPDX-License-Identifier: GPL-2.0-or-later
# cbfstool put the initrd at the next multiple of 16 MiB behind the kernel's file, which is loaded at 16 MiB;
# init_size is not looked at. With a file below 16 MiB that is 32 MiB, and a kernel with an init_size of more than 16
# MiB unpacks itself over it. The fix (64 MiB) helps while init_size is at most 48 MiB.
name coreboot-initrd
title coreboot's Linux payload: the initrd 16 MiB behind the kernel
source coreboot/coreboot, util/cbfstool/cbfs-payload-linux.c
commit parent of c1dc9d725ec9d91af1df99bb7da16e602996ac1b

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
initrd-at 0x2000000
