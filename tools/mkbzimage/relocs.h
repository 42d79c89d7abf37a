/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relocation table that the kernel's build appends behind the ELF file, made from a vmlinux that was linked with
 * --emit-relocs. Format: Linux, arch/x86/boot/compressed/misc.c, comment in handle_relocations().
 */
#ifndef BZC_TOOLS_MKBZIMAGE_RELOCS_H
#define BZC_TOOLS_MKBZIMAGE_RELOCS_H

#include "base/bytes.h"
#include "base/status.h"

/*
 * On success *table is malloc'd memory that the caller frees: little-endian 32-bit words, each list sorted and led by a
 * zero. x86-64: 64-bit slots, inverse 32-bit slots, 32-bit slots; i386: 32-bit slots. A word is the link-time virtual
 * address of the slot. References to per-CPU symbols (section .data..percpu of an x86-64 kernel, linked at 0) go
 * into the inverse list when PC-relative and nowhere when absolute; slots inside that section are counted from
 * __per_cpu_load.
 * Errors: BZC_ERR_FORMAT (not such an ELF file, no relocations, a relocation that has no place in the table),
 * BZC_ERR_MEMORY.
 */
enum bzc_status bzc_relocs_make(struct bzc_bytes vmlinux, uint8_t **table, size_t *size, struct bzc_error *err);

#endif
