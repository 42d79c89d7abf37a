# SPDX-License-Identifier: GPL-2.0-or-later
name linux-loader
title rust-vmm linux-loader, BzImage::load()
source rust-vmm/linux-loader, src/loader/bzimage/mod.rs, src/configurator/x86_64/linux.rs
commit f950496af619300acc40181bb505e6c64c22e4d9, v0.14.0, 2026-06-26
note A library: it puts the protected-mode part at code32_start and hands back the header. Entry, CPU state, memory map and initrd are its caller's;
note here the addresses of cloud-hypervisor and Firecracker (boot_params 0x7000, command line 0x20000) with the protocol's CPU state.
note The header is a struct of fixed size: of an older kernel what follows the header in the file comes along.
note A caller that gives highmem_start_address has code32_start below it refused.

path entry32

# BzImage::load(), in this order
refuse unless HdrS "Invalid bzImage"
refuse if version < 2.00 "Invalid bzImage"
refuse unless loaded-high "Invalid bzImage"
# kernel_size.checked_sub(setup_size); an exact end is still accepted
refuse if pm-size = 0 "Unable to read bzImage compressed kernel"
refuse if code32_start < 0x100000 "The kernel start address is invalid"

danger if moved-entry and not elf-head-code "code32_start is taken for the load address: the protected-mode part lies too high"
danger if version < 2.02 "boot_params lie at 0x7000: before 2.02 the kernel looks for them at 0x90000"
danger if version < 2.05 "alt_mem_k and ext_mem_k stay 0: decompressors up to 2.6.19 stop with 'Less than 4MB of memory'"

kernel-at code32-start
code32-start keep

boot-params struct 0x7b
boot-params-at 0x7000
cmdline-at 0x20000
cmdline-max 65535
cmdline-long refuse

initrd-at highest
initrd-last none
initrd-avoids file

write type_of_loader 0xff
e820 table 128
e820-ext no
