# SPDX-License-Identifier: GPL-2.0-or-later
name grub-linux
title GRUB 2 on BIOS (i386-pc), command linux
source rhboot/grub2, grub-core/loader/i386/linux.c; lib/i386/relocator.c, relocator32.S; lib/relocator.c; lib/cmdline.c
commit 5e9e7e44eddcab0174decc12c3799825e600639f, 2025-12-06 (committed 2026-01-30)
note The 64-bit entry is taken by the x86_64-efi build only. A command line that is too long loses whole words at its end; BOOT_IMAGE=FILE stands at its head.
note boot_params lie as high as they fit below 0x90000: 0x90000 less the room for them, the memory map or setup, and the command line.
note The e820 table is filled without looking at its end, and its count is one byte.

path entry32

# grub_cmd_linux(), in this order
refuse unless boot_flag = 0xaa55 "invalid magic number"
refuse if setup_sects > 64 "too many setup sectors"
refuse unless HdrS and version >= 2.03 "version too old for 32-bit boot (try with `linux16')"
refuse unless loaded-high "zImage doesn't support 32-bit boot (try with `linux16')"
# "len = 0x202 + *((char *) &lh.jump + 1)": char is signed on x86, so that the check for "Linux setup header too big" sees
# a small length, and the copy's size (len - 0x1f1) wraps below 0xef
danger if header-end > 0x281 "the header's length byte is read as a signed number: the copy of the header has a wrong size"
# prot_file_size is unsigned; the file is not compared with setup's size
danger if pm-size = 0 "no check that the file has a protected-mode part: its size wraps below 0, and GRUB copies that much"
danger if code32_start < 0x100000 "jumps to code32_start, moved with the kernel: outside the protected-mode part"

# allocate_pages(): pref_address (from 2.05 on 0x100000) as it is, then the lowest address from 16 MiB on, aligned to
# kernel_alignment and down to min_alignment; a kernel that is not relocatable at 0x100000 only
kernel-at pref-address if relocatable and version >= 2.10
kernel-at 0x100000 if relocatable and version < 2.10
kernel-at lowest 0x1000000 if relocatable
kernel-at 0x100000 unless relocatable
# from the load address on; before 2.10 the protected-mode part
kernel-room init-size
kernel-align min-alignment
kernel-alignment write
code32-start move

boot-params header
# with a cmdline_size of 2047, for which the command line is at 0x8f000
boot-params-at 0x8c000 if setup_sects <= 24
boot-params-at 0x8b000 if setup_sects <= 32
boot-params-at 0x8a000 if setup_sects <= 40
boot-params-at 0x89000 if setup_sects <= 48
boot-params-at 0x88000 if setup_sects <= 56
boot-params-at 0x87000
cmdline-at 0x8f000
cmdline-max cmdline-size
cmdline-long truncate

# below initrd_addr_max, but never above 0x37ffffff, both less 64 KiB; before 2.10 it keeps clear of three times the
# protected-mode part
initrd-at highest 0x37ff0000
initrd-last initrd-addr-max
initrd-avoids init-size

write type_of_loader 0x72
# CAN_USE_HEAP is or-ed in (and QUIET_FLAG, with "quiet" on the command line)
write loadflags 0x81 if loadflags = 0x01
write heap_end_ptr 0x8e00
write cl_magic 0xa33f
write cl_offset 0x1000
# "not needed to be precise, because Linux uses these values only to raise an error"
write ext_mem_k 0x8000
write alt_mem_k 0x8000
write root_dev 0x100 if initrd
screen-info text
e820 table 128
e820-ext no
