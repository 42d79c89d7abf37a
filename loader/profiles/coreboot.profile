# SPDX-License-Identifier: GPL-2.0-or-later
name coreboot
title coreboot, a bzImage as payload (cbfstool add-payload)
source coreboot/coreboot, util/cbfstool/cbfs-payload-linux.c, linux_trampoline.S, linux.h; src/arch/x86/c_start.S
commit f0f911824b823362aa423335cb10e337cb0ea818, 2026-08-19
note Neither boot_flag nor HdrS is looked at; ELF, FIT and UEFI volumes are tried first. boot_params is not a copy of the header but a few fields of it:
note root_flags, root_dev, init_size, version, kernel_alignment, relocatable_kernel. The initrd stands at the next multiple of 64 MiB behind the file's part.
note Before 2.04 only 32 e820 entries are taken. A command line of any length is taken. acpi_rsdp_addr and the frame buffer come from coreboot's tables.

path entry32

# parse_bzImage_to_payload(), in this order
refuse if file-size < 0x264 "File too small."
refuse if relocatable and init_size = 0 "init_size 0 for relocatable kernel"
refuse if pm-size = 0 "bzp_output_segment(): Input buffer is empty"

danger if setup_sects = 0 "takes 4 * 512 bytes for boot sector and setup, not 5 * 512: the protected-mode part is off by 512"
danger unless loaded-high "puts a zImage to 0x1000 and enters it there, in 32-bit mode"
danger if version < 2.05 "alt_mem_k and ext_mem_k stay 0: decompressors up to 2.6.19 stop with 'Less than 4MB of memory'"
# initrd_base: ALIGN_UP(kernel_base + size of the file's part, 64 MiB)
danger if initrd and relocatable and init_size > 0x3000000 and pm-size <= 0x3000000 "the initrd at 64 MiB lies in the memory that the kernel, at 16 MiB, unpacks itself into"
danger if version >= 2.10 and not relocatable and pref_address != 0x100000 "loads a kernel that is not relocatable at pref_address, not at 0x100000; CS is 0x08, DS 0x10, EBX and EDI are not 0"
danger if moved-entry and not elf-head-code "jumps to the first byte of the protected-mode part, not to code32_start"
# linux_trampoline.S loads a GDT with the right descriptors at 0x10 and 0x18, but neither CS nor a data segment
danger if file-size > 0 "CS is 0x08 and DS, ES, SS 0x10, not 0x10 and 0x18; EBX and EDI are not 0"

# neither boot_flag nor HdrS is looked at: the fields as they stand
kernel-at 0x1000000 if raw-version >= 0x205 and relocatable_kernel != 0
kernel-at pref-address if raw-version >= 0x20a and pref_address <= 0xffffffff
kernel-at 0x100000 if raw-version >= 0x200 and loadflags & 1
kernel-at 0x1000
kernel-room file
kernel-align kernel-alignment
code32-start move
entry first-byte

# the GDT at 0x40000 is the protocol's, the registers still hold the selectors of coreboot's own GDT
code-selector 0x08
data-selector 0x10
other-gdt yes
null-segments fs gs
# EBX: behind the last record of coreboot's tables; EDI: in boot_params. What they are depends on the board
register rbx 0x7ff4f000
register rdi 0x90000

# zeros and single fields; as near as these statements get. 0x206 (version) stays
boot-params header
boot-params-at 0x90000
cmdline-at 0x91000
# no limit; here what fits below 0xa0000
cmdline-max 61439
cmdline-long refuse

# when the protected-mode part is smaller than 48 MiB (relocatable) or 63 MiB
initrd-at 0x4000000
initrd-last none
initrd-avoids file

write type_of_loader 0xff
write setup_sects 0
write boot_flag 0
write header 0
write vid_mode 0
write loadflags 0
write initrd_addr_max 0
write min_alignment 0 if version >= 2.10
write xloadflags 0 if version >= 2.12
write cmdline_size 0 if version >= 2.06
write payload_offset 0 if version >= 2.08
write payload_length 0 if version >= 2.08
write pref_address 0 if version >= 2.10
write handover_offset 0 if version >= 2.11
write cl_magic 0xa33f if version < 2.02
write cl_offset 0x1000 if version < 2.02
screen-info text
e820 table 128
e820-ext no
