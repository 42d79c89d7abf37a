/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameter block at offset 0x10 of the test decompressor: how builder and decompressor talk. The other end is
 * tests/images/decompressor/params.h, which explains the words. All are 32-bit, little-endian.
 */
#ifndef BZC_TOOLS_MKBZIMAGE_STUB_H
#define BZC_TOOLS_MKBZIMAGE_STUB_H

#define BZC_STUB_MAGIC       "bzcstub1"
#define BZC_STUB_PARAMS      0x10u
#define BZC_STUB_INPUT       (BZC_STUB_PARAMS + 8)
#define BZC_STUB_INPUT_LEN   (BZC_STUB_PARAMS + 12)
#define BZC_STUB_OUTPUT_LEN  (BZC_STUB_PARAMS + 16)
#define BZC_STUB_IMAGE_LEN   (BZC_STUB_PARAMS + 20)
#define BZC_STUB_WORK        (BZC_STUB_PARAMS + 24)
#define BZC_STUB_FLAGS       (BZC_STUB_PARAMS + 28)
#define BZC_STUB_LOAD_ADDR   (BZC_STUB_PARAMS + 32)
#define BZC_STUB_KERNEL_SIZE (BZC_STUB_PARAMS + 36)
#define BZC_STUB_WORK_SIZE   (BZC_STUB_PARAMS + 40) /* read */
#define BZC_STUB_KERNEL_INFO (BZC_STUB_PARAMS + 44) /* read */
#define BZC_STUB_ALIGNMENT   (BZC_STUB_PARAMS + 48)
#define BZC_STUB_INIT_SIZE   (BZC_STUB_PARAMS + 52)
#define BZC_STUB_PARAMS_END  (BZC_STUB_PARAMS + 56)

#define BZC_STUB_RELOCATABLE 1u
#define BZC_STUB_RELOCS      2u
#define BZC_STUB_KASLR       4u
#define BZC_STUB_FLAT        8u

#endif
