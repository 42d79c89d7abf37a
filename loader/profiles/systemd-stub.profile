# SPDX-License-Identifier: GPL-2.0-or-later
name systemd-stub
title systemd-stub (x86-64), the kernel of a unified kernel image
source systemd/systemd, src/boot/stub.c, src/boot/linux.c (linux_exec), src/boot/linux_x86.c, src/boot/pe.c
commit linux.c 01c1b2f081953afec5b58dbc582718bf2cd04e37, 2026-06 (PR 42463); pe.c 049e11fd4378; linux_x86.c 0be6a6e7213b; stub.c 017b5c042c5d
note The image is what ukify puts into .linux. With a PE image version of 1.0 and later (Linux 5.8) it is loaded by its sections, SizeOfImage bytes anywhere, and entered at AddressOfEntryPoint;
note older ones by the EFI handover protocol, cut to cmdline_size. There protocol 2.15 stands for the image version, which conditions do not know.
note Sections with relocations or with more raw data than VirtualSize and images with base relocations are refused, too. A 32-bit kernel needs the ia32 stub.

image embedded
path pe if pe

# pe_kernel_info(), verify_dos(), verify_pe()
refuse unless pe "Bad kernel image: Load error"
refuse unless pe-machine = 0x8664 "Bad kernel image: Load error"
# linux_exec_efi_handover(), for image version 0.x
refuse if version < 2.15 and boot_flag != 0xaa55 "Unsupported kernel image."
# (not asked of an image version of 1.0 and later, which no Linux without HdrS has)
refuse unless HdrS "Unsupported kernel image."
refuse if version < 2.11 "Kernel too old."
refuse if version < 2.15 and not relocatable "Kernel is not relocatable."
refuse if version >= 2.12 and version < 2.15 and not xloadflags & 8 "Kernel does not support EFI handover protocol."
