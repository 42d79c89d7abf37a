# SPDX-License-Identifier: GPL-2.0-or-later
name firecracker
title Firecracker, kernel_image_path with a bzImage
source firecracker-microvm/firecracker, src/vmm/src/arch/x86_64/mod.rs, regs.rs, layout.rs; src/vmm/src/initrd.rs; linux-loader 0.14.0
commit 81b38b9dad6056d7a48073e95ac5a9aed51cb2ab, 2026-08-21 (bzImage since 1abe0c97f, 2026-07-24)
note An ELF file is tried first, by PVH when it has the note. cmdline_size becomes the command line's length with its NUL, acpi_rsdp_addr 0xe0000.
note The identity mapping ends at 1 GiB, in 2 MiB pages. The initrd ends at the end of RAM below 3 GiB, not mapped there, even above initrd_addr_max.
note boot_params lie in the page 0x7000, page tables at 0x9000 to 0xbfff, GDT and IDT at 0x500.

path entry64

# the ELF loader reads 64 bytes before it says that this is none
refuse if file-size < 64 "Cannot load kernel due to invalid memory configuration or invalid kernel image: Unable to read elf header"
# BzImage::load(), in this order; then load_kernel()
refuse unless HdrS "Cannot load kernel due to invalid memory configuration or invalid kernel image: Invalid bzImage"
refuse if version < 2.00 "Cannot load kernel due to invalid memory configuration or invalid kernel image: Invalid bzImage"
refuse unless loaded-high "Cannot load kernel due to invalid memory configuration or invalid kernel image: Invalid bzImage"
refuse if pm-size = 0 "Cannot load kernel due to invalid memory configuration or invalid kernel image: Unable to read bzImage compressed kernel"
refuse if code32_start < 0x100000 "Cannot load kernel due to invalid memory configuration or invalid kernel image: The kernel start address is invalid"
refuse if version < 2.12 "bzImage does not provide a 64-bit entry point"
refuse unless kernel-64 "bzImage does not provide a 64-bit entry point"

danger if moved-entry and not elf-head-code "code32_start is taken for the load address: the protected-mode part lies too high"
danger if pref_address >= 0x40000000 "the kernel unpacks itself above 1 GiB, where the identity mapping ends"
danger if version >= 2.12 "CS is 0x08, DS, ES and SS 0x10, not 0x10 and 0x18; Linux of today loads no selector from this GDT and survives"

kernel-at code32-start
code32-start keep
entry 0x200
code-selector 0x08
data-selector 0x10
register rbp 0x8ff0
identity-map 0x40000000

boot-params struct 0x7b
boot-params-at 0x7000
cmdline-at 0x20000
cmdline-max 2047
cmdline-long refuse

initrd-at highest 0xc0000000
initrd-last none
initrd-avoids file

write type_of_loader 0xff
write boot_flag 0xaa55
e820 table 128
e820-ext no
