/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameter block at offset 0x10 of the decompressor, filled by mkbzimage (tools/mkbzimage/stub.h knows the same
 * numbers). Everything is little-endian; "offset" counts from the start of the protected-mode part.
 */
#ifndef GUEST_PARAMS_H
#define GUEST_PARAMS_H

#define PARAMS_OFFSET     0x10
#define PARAM_INPUT       (PARAMS_OFFSET + 8)  /* offset of the compressed kernel */
#define PARAM_INPUT_LEN   (PARAMS_OFFSET + 12) /* bytes, with the size word behind the stream */
#define PARAM_OUTPUT_LEN  (PARAMS_OFFSET + 16) /* bytes that it unpacks to */
#define PARAM_IMAGE_LEN   (PARAMS_OFFSET + 20) /* bytes of the part that are in the file, a multiple of 16 */
#define PARAM_WORK        (PARAMS_OFFSET + 24) /* offset of the work area, a multiple of 4096 */
#define PARAM_FLAGS       (PARAMS_OFFSET + 28)
#define PARAM_LOAD_ADDR   (PARAMS_OFFSET + 32) /* lowest p_paddr of the kernel, LOAD_PHYSICAL_ADDR in Linux */
#define PARAM_KERNEL_SIZE (PARAMS_OFFSET + 36) /* bytes from there to the end of its .bss */
#define PARAM_WORK_SIZE   (PARAMS_OFFSET + 40) /* set by the decompressor: bytes, a multiple of 4096 */
#define PARAM_KERNEL_INFO (PARAMS_OFFSET + 44) /* set by the decompressor: offset of kernel_info */
#define PARAM_ALIGNMENT   (PARAMS_OFFSET + 48) /* as kernel_alignment in the header */
#define PARAM_INIT_SIZE   (PARAMS_OFFSET + 52) /* as init_size in the header */

#define FLAG_RELOCATABLE 1 /* CONFIG_RELOCATABLE: may run where it was loaded */
#define FLAG_RELOCS      2 /* CONFIG_X86_NEED_RELOCS: a relocation table lies behind the ELF file */
#define FLAG_KASLR       4 /* CONFIG_RANDOMIZE_BASE */
#define FLAG_FLAT        8 /* before 2.6.26: the payload is the kernel's memory, not an ELF file */

/* Before 2.6.20: unpacks to low memory, a routine in low memory moves the kernel to 1 MiB. */
#define LOW_BUFFER       0x2000
#define LOW_MOVE_ROUTINE 0x1000

/* The work area: page tables first, then the stack. */
#define PAGE_TABLES_SIZE (6 * 4096)
#define WORK_SIZE        (PAGE_TABLES_SIZE + 32768)

#endif
