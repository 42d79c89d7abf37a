# SPDX-License-Identifier: GPL-2.0-or-later
name kexec-tools-bzimage
title kexec-tools, file type bzImage: kexec_load() and the 32-bit entry
source horms/kexec-tools, kexec/arch/i386/kexec-bzImage.c, x86-linux-setup.c; kexec/kexec.c; purgatory/arch/i386/entry32.S
commit 29898e149feb5c615b3ab6313260d58315bf1d8d, 2026-07-20 (version of the tree)
note loadflags becomes 0: even LOADED_HIGH is cleared. hardware_subarch, screen_info, EDD and the RSDP are those of the running kernel.
note The command line stands behind boot_params (4096 bytes or the size of setup, whichever is more); purgatory lies below 640 KiB or below 2 GiB.
note A non-relocatable kernel gets room for its file only, and nothing is put below 16 MiB but setup_data.
note --real-mode (16-bit entry) is not part of this profile.

path entry32

# bzImage_probe(), in this order; do_bzImage_load() then reports "BzImage truncated?" on its own
refuse if file-size < 1024 "File is too short to be a bzImage!"
refuse unless HdrS "Not a bzImage"
refuse if boot_flag != 0xaa55 "No x86 boot sector present"
refuse if version < 2.00 "Must be at least protocol version 2.00"
refuse unless loaded-high "zImage not a bzImage"
refuse if pm-size = 0 "BzImage truncated?"
refuse if version >= 2.06 and cmdline >= cmdline_size "Kernel command line too long for kernel!"

# add_buffer() is asked for 0 bytes, add_segment_phys_virt() forgets empty segments (since ec3e4df, 2024-11)
danger if relocatable and version < 2.10 "init_size came with 2.10, so 0 bytes are reserved and nothing is loaded: it jumps into empty memory"
# add_buffer(..., 0x3000, 640*1024, 1) for every protocol from 2.00 on
danger if version < 2.02 "boot_params lie at 0x3000: before 2.02 the kernel looks for them at 0x90000"
# add_setup_data(): lowest hole from 0x100000 on, so the page behind a kernel that is loaded at 0x100000
danger if not relocatable and version >= 2.10 and pref_address <= 0x100000 "the RNG seed's setup_data lies in the page behind the file, where the kernel unpacks itself"
danger if not relocatable and version >= 2.10 and pref_address <= 0x1000000 and pm-size >= 0xf00000 "the RNG seed's setup_data lies in the page behind the file, where the kernel unpacks itself"
danger if moved-entry and not elf-head-code "jumps to the first byte behind setup, not to code32_start"

# lowest hole from max(0x100000, pref_address) on, below 0x37ffffff and initrd_addr_max
kernel-at pref-address if relocatable and version >= 2.10 and pref_address > 0x100000
kernel-at lowest 0x100000 if relocatable
kernel-at 0x100000 unless relocatable
# add_segment() for a kernel that is not relocatable
kernel-room file unless relocatable
kernel-room init-size
kernel-align kernel-alignment
code32-start keep
entry first-byte

boot-params header
boot-params-at 0x3000
# really 0x3000 + max(4096, size of setup): behind the largest setup there is
cmdline-at 0x24000
# refused from 2.06 on; COMMAND_LINE_SIZE (2048 with the NUL) cuts off what older kernels do not limit
cmdline-max cmdline-size
cmdline-long refuse

# highest hole from 16 MiB on
initrd-at highest
initrd-last initrd-addr-max

write type_of_loader 0xd0
write loadflags 0
write cl_magic 0xa33f
write root_dev 0x300
write root_flags 0xffff
e820 table 128
e820-ext yes
alt-mem-k yes
screen-info text
rng-seed yes
# add_setup_data(): the lowest free page
setup-data-at lowest 0x100000
