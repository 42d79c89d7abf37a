# SPDX-License-Identifier: GPL-2.0-or-later
name limine
title Limine on BIOS, protocol linux
source limine-bootloader/limine, common/protos/linux_x86.c, linux_32.asm_x86, common/lib/spinup.asm_bios_ia32, mm/pmm.s2.c
commit cc0dddf5ef0aec93626fcab099c19359e492e982, 2026 (after release 12.5.1 of 2026-07-20); assembler 9c5ffccf, 2024-10-23
note boot_params lie at the end of memory below 4 GiB, the command line in the loader's heap; it is never cut (issue 254). boot_flag is not looked at.
note The UEFI build takes the 64-bit entry when kernel or initrd lie above 4 GiB and xloadflags has bits 0 and 1. The load address is a multiple of 1 MiB at least.
note Later versions take 2.02, too. Release 8.2.0 put the kernel to the lowest free MiB from 0x100000 on and kept room for the file only.

path entry32

# linux_load(), in this order
refuse if file-size < 0x206 "linux: Kernel file too small"
refuse unless HdrS "linux: Invalid kernel signature"
refuse if header-end > 0x290 "linux: Setup header too long for the zero page"
refuse if version < 2.03 "linux: Protocols < 2.03 are not supported"
refuse unless loaded-high "linux: Kernels that load at 0x10000 are not supported"
# "linux: kernel_alignment is not a power of two", when it is above 1 MiB: conditions cannot ask that

danger if version < 2.05 "alt_mem_k and ext_mem_k stay 0: decompressors up to 2.6.19 stop with 'Less than 4MB of memory'"
# "Non-relocatable kernels must be loaded at their required address": it takes pref_address for that
danger if version >= 2.10 and not relocatable and pref_address > 0x100000 "loads a kernel that is not relocatable at pref_address, not at 0x100000, and leaves code32_start there"
danger if moved-entry and not elf-head-code "jumps to the first byte of the protected-mode part, not to code32_start"

kernel-at pref-address if version >= 2.10 and pref_address >= 0x100000
# from pref_address (0x100000 before 2.10) upwards in steps of kernel_alignment or 1 MiB
kernel-at lowest 0x1000000 if relocatable and version >= 2.10
kernel-at lowest 0x100000 if relocatable and version < 2.10
kernel-at 0x100000 unless relocatable
kernel-room init-size
kernel-align kernel-alignment
code32-start keep
entry first-byte

boot-params header
# no limit
cmdline-max 65535
cmdline-long refuse

# from initrd_addr_max (0x37ffffff when it is 0) downwards in steps of 1 MiB
initrd-at highest
initrd-last initrd-addr-max
initrd-avoids init-size

write type_of_loader 0xff
write vid_mode 0xffff
# QUIET_FLAG is cleared
write loadflags 0x01 if loadflags = 0x21
screen-info text
e820 table 128
# only from 2.09 on; before, it panics over 128 entries
e820-ext yes
