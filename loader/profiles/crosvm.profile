# SPDX-License-Identifier: GPL-2.0-or-later
name crosvm
title crosvm, a bzImage as the VM's kernel
source google/crosvm, x86_64/src/bzimage.rs, lib.rs, regs.rs; arch/src/lib.rs (load_image_high)
commit f1e797a68dada35cbafef8d0cfae36bacfaea85e, 2026-08-21
note A file with a multiboot header in its first 8192 bytes or an ELF header is loaded as such instead.
note The whole file is loaded, setup in front of 0x200000. code32_start keeps the image's value.
note The initrd keeps clear of the file only: with little RAM it meets [runtime_start, +init_size). Above initrd_addr_max only with XLF_CAN_BE_LOADED_ABOVE_4G.

path entry64 if kernel-64
path entry32

refuse if file-size < 0x202 "unable to read header size"
refuse unless HdrS "bad kernel header signature"
refuse if short-file "invalid syssize value"
# load_addr = 0x200000 - setup_size never underflows; boot_flag, version and loadflags are not looked at

danger unless loaded-high "a zImage is started at 0x200000, though built to run at 0x1000"
danger if version < 2.02 "boot_params lie at 0x7000: before 2.02 the kernel looks for them at 0x90000"
danger unless relocatable "loaded at 0x200000, though it is not relocatable"

kernel-at 0x200000
kernel-room file
code32-start keep
entry first-byte if not kernel-64

boot-params header
boot-params-at 0x7000
cmdline-at 0x20000
# CMDLINE_MAX_SIZE is 2048 with the NUL; cmdline_size, or 255 when that is 0, counts before
cmdline-max cmdline-size
cmdline-long refuse

initrd-at highest
initrd-last none if above-4g
initrd-last initrd-addr-max
initrd-avoids file

write type_of_loader 0xff
write boot_flag 0xaa55
write kernel_alignment 0x1000000
write ext_cmd_line_ptr 0
e820 table 127
e820-ext no
rng-seed yes
setup-data-at 0x20800
identity-map 0x100000000
