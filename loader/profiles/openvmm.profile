# SPDX-License-Identifier: GPL-2.0-or-later
name openvmm
title OpenVMM, Linux direct boot of a bzImage
source microsoft/openvmm, vm/loader/src/bzimage.rs, linux.rs, common.rs (import_default_gdt); vm/loader/loader_defs/src/linux.rs
commit 1488a37b7cfe596c8fd72bbf7d2bb3af3f99aea6, 2026-08-21 (bzImage since 670ca1944, 2026-05-15)
note What is no bzImage is tried as a static ELF file. syssize says how much is loaded, the file's size only when it is 0; a shorter file is refused.
note setup_header ends before kernel_info_offset. cmdline_size becomes the command line's length without its NUL.
note GDT at 0x1000, page tables from 0x4000 on (4 GiB), EFER.SCE and EFER.NXE set; code 0x08, data 0x10. The RSDP is at 0xe0000.

path entry64

# what is_bzimage() does not know goes to the loader for static ELF files
refuse if file-size < 0x268 "elf loader error"
refuse unless HdrS and boot_flag = 0xaa55 "elf loader error"
# parse_bzimage(), in this order
refuse if version < 2.12 "bzImage boot protocol version is too old (need >= 2.12 for 64-bit boot)"
refuse unless loaded-high "bzImage does not have LOADED_HIGH flag set"
refuse unless kernel-64 "bzImage does not support 64-bit boot (XLF_KERNEL_64 not set in xloadflags)"
refuse if syssize > 0 and syssize <= 0x20 "bzImage is truncated: protected-mode size is too small for entry offset"
refuse if short-file "failed to import bzImage payload"
refuse if pm-size <= 0x200 "bzImage is truncated: protected-mode size is too small for entry offset"

danger if version >= 2.12 "CS is 0x08, DS, ES and SS 0x10, not 0x10 and 0x18; Linux of today loads no selector from this GDT and survives"

kernel-at 0x100000
code32-start keep
entry 0x200
code-selector 0x08
data-selector 0x10
identity-map 0x100000000

boot-params struct 0x77
boot-params-at 0x2000
cmdline-at 0x3000
cmdline-max 4095
cmdline-long refuse

# the next 2 MiB boundary behind max(0x100000, pref_address) + init_size
initrd-at behind-kernel
initrd-last none
initrd-avoids init-size

write type_of_loader 0xff
e820 table 128
e820-ext no
