# SPDX-License-Identifier: GPL-2.0-or-later
name u-boot-64
title U-Boot for x86, built for 64 bits (CONFIG_X86_64), command zboot
source u-boot/u-boot, arch/x86/lib/zimage.c, arch/x86/lib/bootm.c (boot_linux_kernel), arch/x86/cpu/i386/{call64.S,cpu.c}
commit 6073c36b2c8d39afe3ecc789b281667a3ddebc70, 2026-08-20
note All that the profile u-boot says, but for the entry. Bit 0 of xloadflags is looked at whatever the protocol version.
note Without it the jump goes to the first byte, in long mode all the same.
note CS is 0x48, the code segment that U-Boot itself runs in (X86_GDT_ENTRY_64BIT_CS), FS 0x20; its page tables lie at 0x80000 and map 4 GiB.

# zboot_go(): "IS_ENABLED(CONFIG_X86_64) && (hdr->xloadflags & XLF_KERNEL_64)"
path entry64

refuse unless boot_flag = 0xaa55 "Error: Invalid Boot Flag"
refuse if loaded-high and version >= 2.04 and syssize > 0xf0000 "Error: bzImage kernel too big!"
refuse if loaded-high and HdrS and version < 2.04 and pm-size > 0xf00000 "Error: bzImage kernel too big!"
refuse if not loaded-high and pm-size > 0x80000 "Error: zImage kernel too big!"

# bootm.c: "At present 64-bit U-Boot only supports booting a 64-bit kernel"; nothing refuses others
danger unless xloadflags & 1 "jumps to the 32-bit code in 64-bit mode: 64-bit U-Boot boots 64-bit kernels only, and does not check"
danger if version < 2.12 "takes two bytes at 0x236 that are no xloadflags yet for them, and enters at 0x200 in 64-bit mode"
danger if initrd and pref_address = 0x1000000 and init_size > 0x3000000 "the initrd at ramdisk_addr_r (64 MiB) lies in the memory that the kernel unpacks itself into"
danger if xloadflags & 1 "CS is 0x48, not __BOOT_CS (0x10); a kernel that loads its own GDT and CS first survives"

kernel-at 0x10000 unless loaded-high
kernel-at 0x100000
kernel-room file
code32-start keep
# "setup_base, load_address" without the flag: the code for 32-bit kernels, for which U-Boot does not leave long mode
entry first-byte unless xloadflags & 1
code-selector 0x48
data-selector 0x18
identity-map 0x100000000

boot-params struct 0x7b
boot-params-at 0x90000
cmdline-at 0x99000
cmdline-max 28671
cmdline-long refuse

initrd-at 0x4000000
initrd-last none
initrd-avoids file

write type_of_loader 0x80 if HdrS
write heap_end_ptr 0x8e00 if version >= 2.01
write loadflags 0x81 if version >= 2.01 and loadflags = 0x01
e820 table 128
e820-ext no
