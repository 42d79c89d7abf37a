# SPDX-License-Identifier: GPL-2.0-or-later
name cloud-hypervisor
title cloud-hypervisor, --kernel with a bzImage
source cloud-hypervisor/cloud-hypervisor, vmm/src/vm.rs (load_kernel), arch/src/x86_64/mod.rs, regs.rs, layout.rs; linux-loader 0.14.0
commit ae44c2971c83dd2b1bd704fa81102ec0dec4e7d4, 2026-08-22
note An ELF file with the PVH note is tried first. The bzImage is entered at the 32-bit entry, whatever xloadflags says.
note The GDT is that of the PVH protocol: code 0x08, data 0x10, a TSS at 0x18. Linux before 5.7 loads 0x18 into DS (protocol 2.07 to 2.15: unless KEEP_SEGMENTS).
note cmdline_size becomes 0x10000, whatever the kernel takes. The initrd ends at the end of RAM below 3 GiB, even above initrd_addr_max.

path entry32

# loader::bzimage::BzImage::load(), in this order
refuse unless HdrS "Invalid bzImage"
refuse if version < 2.00 "Invalid bzImage"
refuse unless loaded-high "Invalid bzImage"
refuse if pm-size = 0 "Unable to read bzImage compressed kernel"
refuse if code32_start < 0x100000 "The kernel start address is invalid"

danger if moved-entry and not elf-head-code "code32_start is taken for the load address: the protected-mode part lies too high"
danger if version < 2.02 "boot_params lie at 0x7000 (before 2.02 the kernel looks at 0x90000), and selector 0x18 is a TSS"
danger if version < 2.15 "selector 0x18 is a TSS, 0x10 data: the kernel loads 0x18 into DS and faults"
danger if version >= 2.15 "CS is 0x08 and DS 0x10, not 0x10 and 0x18; a kernel that loads its own GDT first (from 5.7 on) survives"

kernel-at code32-start
code32-start keep
code-selector 0x08
data-selector 0x10

boot-params struct 0x7b
boot-params-at 0x7000
cmdline-at 0x20000
cmdline-max 65535
cmdline-long refuse

initrd-at highest 0xc0000000
initrd-last none
initrd-avoids file

# only when the image has 0 there
write type_of_loader 0xff if type_of_loader = 0
write cmdline_size 0x10000
e820 table 128
e820-ext no
