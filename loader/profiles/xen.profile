# SPDX-License-Identifier: GPL-2.0-or-later
name xen
title Xen, domain builder: the payload's ELF file for PV and PVH domains
source xen-project/xen, tools/libs/guest/xg_dom_bzimageloader.c, xg_dom_elfloader.c, xg_dom_x86.c; xen/common/libelf/libelf-dominfo.c
commit c447b7308b1330ec6dcfef37220736c28f41daa0, 2026-08-20 (xg_dom_bzimageloader.c: 38492dc098, 2026-06-08)
note Setup, decompressor and boot_params are not used. type="pvh" needs the note PHYS32_ENTRY, type="pv" the notes of a PV kernel.
note A PV kernel starts in ring 3 or 1 of a paravirtual CPU at XEN_ELFNOTE_ENTRY with start_info in RSI: judged here, not run.
note dom0 is read by xen/arch/x86/bzimage.c, which demands 2.08, too, but checks no bounds of the payload and has no setup_sects rule either.

path pvh if pvh-note
path payload-elf if xen-notes

# xc_dom_probe_bzimage_kernel(), in this order
refuse unless HdrS "kernel is not a bzImage"
refuse if version < 2.08 "boot protocol too old"
# (setup_sects + 1) * 512 without the rule 0 -> 4: the payload is looked for 2048 bytes too early
refuse if setup_sects = 0 "unknown compression format"
refuse unless payload "unknown compression format"
refuse unless payload-elf "kernel is not an ELF image"
# elf_xen_note_check(): without Xen notes the ELF loader's probe fails, and no other loader takes the file
refuse if not xen-notes and not pvh-note "no loader found"

# a PV command line is cut off behind 1023 characters (MAX_GUEST_CMDLINE), a PVH one is not
cmdline-max 65535
