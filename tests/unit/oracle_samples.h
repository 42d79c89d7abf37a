/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tiny kernels for the oracle's tests, built byte by byte from the ELF specification, boot.rst and the layout of
 * arch/x86/tools/relocs.c, and a guest whose RAM is an array.
 */
#ifndef TESTS_UNIT_ORACLE_SAMPLES_H
#define TESTS_UNIT_ORACLE_SAMPLES_H

#include <assert.h>
#include <string.h>

#include "verify/oracle.h"

#define SAMPLE_MAX      0x6000u
#define SAMPLE_REALMODE 0x400u /* one setup sector */

/* A growing buffer. */
struct sample {
    uint8_t data[SAMPLE_MAX];
    size_t size;
};

static inline struct bzc_bytes sample_bytes(const struct sample *sample)
{
    const struct bzc_bytes bytes = {sample->data, sample->size};

    return bytes;
}

static inline void sample_put(struct sample *sample, const void *data, size_t size)
{
    assert(size <= SAMPLE_MAX - sample->size);
    memcpy(sample->data + sample->size, data, size);
    sample->size += size;
}

static inline void sample_u32(struct sample *sample, uint32_t value)
{
    uint8_t word[4];

    bzc_store32(word, value);
    sample_put(sample, word, sizeof(word));
}

/* Bytes that look like code or data: no run of them occurs twice. */
static inline void sample_noise(uint8_t *data, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (uint8_t)(seed >> 24);
    }
}

/*
 * The x86-64 sample, "kernel 64". File: header, program headers, note, segments.
 *
 *   program header 0  PT_LOAD  file 0x200  paddr 0x1000000  vaddr 0xffffffff81000000  filesz 0x300  memsz 0x300
 *   program header 1  PT_NOTE  file 0x140  (build ID of 4 bytes)
 *   program header 2  PT_LOAD  file 0x500  paddr 0x1001000  vaddr 0                   filesz 0x80   memsz 0x80
 *   program header 3  PT_LOAD  file 0x600  paddr 0x1002000  vaddr 0xffffffff81002000  filesz 0x200  memsz 0x1000
 *
 * Slots (offset from the base = address - 0xffffffff81000000) and what they are linked to:
 *   0x0020  32-bit    0x81002000
 *   0x1008  inverse   0x00000010
 *   0x2010  64-bit    0xffffffff81000123
 *   0x2041  32-bit    0x81000200 (unaligned, as in code)
 */
#define K64_FILE_A   0x200u
#define K64_FILE_B   0x500u
#define K64_FILE_C   0x600u
#define K64_END      0x800u
#define K64_BUILD_ID 0x154u /* file offset of the build ID */
#define K64_BANNER   0x100u /* offset in segment 0 */

static inline void sample_phdr64(uint8_t *p, uint32_t type, uint64_t offset, uint64_t vaddr, uint64_t paddr,
                                 uint64_t filesz, uint64_t memsz)
{
    bzc_store32(p, type);
    bzc_store32(p + 4, 5);
    bzc_store64(p + 8, offset);
    bzc_store64(p + 16, vaddr);
    bzc_store64(p + 24, paddr);
    bzc_store64(p + 32, filesz);
    bzc_store64(p + 40, memsz);
    bzc_store64(p + 48, 4);
}

static inline void sample_k64(struct sample *elf)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    static const char banner[] = "Linux version 9.9.9-test (a@b) #1\n";
    static const char not_banner[] = "Linux version is %s\n";
    uint8_t *p = elf->data;

    memset(elf, 0, sizeof(*elf));
    elf->size = K64_END;
    memcpy(p, ident, sizeof(ident));
    bzc_store16(p + 16, 2);
    bzc_store16(p + 18, 62);
    bzc_store32(p + 20, 1);
    bzc_store64(p + 24, 0x1000040);
    bzc_store64(p + 32, 64);
    bzc_store16(p + 52, 64);
    bzc_store16(p + 54, 56);
    bzc_store16(p + 56, 4);
    sample_phdr64(p + 64, 1, K64_FILE_A, 0xffffffff81000000, 0x1000000, 0x300, 0x300);
    sample_phdr64(p + 64 + 56, 4, 0x140, 0, 0, 0x18, 0x18);
    sample_phdr64(p + 64 + 112, 1, K64_FILE_B, 0, 0x1001000, 0x80, 0x80);
    sample_phdr64(p + 64 + 168, 1, K64_FILE_C, 0xffffffff81002000, 0x1002000, 0x200, 0x1000);
    bzc_store32(p + 0x140, 4);
    bzc_store32(p + 0x144, 4);
    bzc_store32(p + 0x148, 3);
    memcpy(p + 0x14c, "GNU", 4);
    memcpy(p + 0x150, "\x01\x02\x03\x04", 4);
    sample_noise(p + K64_FILE_A, 0x300, 1);
    sample_noise(p + K64_FILE_B, 0x80, 2);
    sample_noise(p + K64_FILE_C, 0x200, 3);
    memcpy(p + K64_FILE_A + 0x80, not_banner, sizeof(not_banner));
    memcpy(p + K64_FILE_A + K64_BANNER, banner, sizeof(banner));
    bzc_store32(p + K64_FILE_A + 0x20, 0x81002000);
    bzc_store32(p + K64_FILE_B + 0x08, 0x00000010);
    bzc_store64(p + K64_FILE_C + 0x10, 0xffffffff81000123);
    bzc_store32(p + K64_FILE_C + 0x41, 0x81000200);
}

/* The sample's table with its three lists, as Linux 3.19 to 6.14 has it. */
static inline void sample_k64_table(struct sample *elf)
{
    sample_u32(elf, 0);
    sample_u32(elf, 0x81002010);
    sample_u32(elf, 0);
    sample_u32(elf, 0x81001008);
    sample_u32(elf, 0);
    sample_u32(elf, 0x81000020);
    sample_u32(elf, 0x81002041);
}

/*
 * The i386 sample, "kernel 32": one PT_LOAD, program header 0, file 0x100, paddr 0x1000000, vaddr 0xc1000000,
 * filesz 0x100. Slots at 0x10 (0xc1000040) and 0x20 (0xc1000080), both in its table.
 */
static inline void sample_k32(struct sample *elf)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    uint8_t *p = elf->data;

    memset(elf, 0, sizeof(*elf));
    elf->size = 0x200;
    memcpy(p, ident, sizeof(ident));
    bzc_store16(p + 16, 2);
    bzc_store16(p + 18, 3);
    bzc_store32(p + 20, 1);
    bzc_store32(p + 24, 0x1000000);
    bzc_store32(p + 28, 52);
    bzc_store16(p + 40, 52);
    bzc_store16(p + 42, 32);
    bzc_store16(p + 44, 1);
    bzc_store32(p + 52, 1);
    bzc_store32(p + 56, 0x100);
    bzc_store32(p + 60, 0xc1000000);
    bzc_store32(p + 64, 0x1000000);
    bzc_store32(p + 68, 0x100);
    bzc_store32(p + 72, 0x100);
    bzc_store32(p + 76, 5);
    bzc_store32(p + 80, 4);
    sample_noise(p + 0x100, 0x100, 4);
    bzc_store32(p + 0x110, 0xc1000040);
    bzc_store32(p + 0x120, 0xc1000080);
    sample_u32(elf, 0);
    sample_u32(elf, 0xc1000010);
    sample_u32(elf, 0xc1000020);
}

static inline void sample_header(struct sample *file, uint16_t version)
{
    memset(file, 0, sizeof(*file));
    file->size = SAMPLE_REALMODE;
    file->data[0x1f1] = 1;
    bzc_store16(file->data + 0x1fe, 0xaa55);
    memcpy(file->data + 0x202, "HdrS", 4);
    bzc_store16(file->data + 0x206, version);
    file->data[0x211] = 1;
}

/* A 2.15 bzImage whose payload is stored as it is, 16 bytes into the protected-mode part. */
static inline void sample_image(struct sample *file, const struct sample *payload)
{
    static const uint8_t code[16];

    sample_header(file, 0x020f);
    bzc_store32(file->data + 0x248, sizeof(code));
    bzc_store32(file->data + 0x24c, (uint32_t)payload->size);
    sample_put(file, code, sizeof(code));
    sample_put(file, payload->data, payload->size);
}

static inline uint32_t sample_crc32(const uint8_t *data, size_t size)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* gzip (RFC 1952) with one stored block (RFC 1951). */
static inline void sample_gzip(struct sample *out, struct bzc_bytes bytes)
{
    static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    uint8_t block[5] = {1};

    assert(bytes.size <= UINT16_MAX);
    bzc_store16(block + 1, (uint16_t)bytes.size);
    bzc_store16(block + 3, (uint16_t)~bytes.size);
    sample_put(out, header, sizeof(header));
    sample_put(out, block, sizeof(block));
    sample_put(out, bytes.data, bytes.size);
    sample_u32(out, sample_crc32(bytes.data, bytes.size));
    sample_u32(out, (uint32_t)bytes.size);
}

/* The oracle of the image in `file`, or NULL. */
static inline struct bzc_oracle *sample_oracle(const struct sample *file)
{
    struct bzc_image image;
    struct bzc_oracle *oracle;

    bzc_image_parse(sample_bytes(file), &image);
    if (bzc_oracle_new(&image, &oracle, NULL) != BZC_OK)
        return NULL;
    bzc_oracle_digest(oracle);
    return oracle;
}

/* The oracle of a 2.15 image with this payload. */
static inline struct bzc_oracle *sample_payload_oracle(const struct sample *payload)
{
    static struct sample file;

    sample_image(&file, payload);
    return sample_oracle(&file);
}

/* RAM of a guest: [RAM_START, RAM_START+RAM_SIZE) and nothing else. */
#define RAM_START 0x2000000u
#define RAM_SIZE  0x10000u

struct ram {
    uint8_t data[RAM_SIZE];
};

static inline struct bzc_bytes ram_view(void *context, uint64_t phys, uint64_t size)
{
    const struct ram *ram = context;
    const struct bzc_bytes all = {ram->data, RAM_SIZE}, none = {NULL, 0};

    return phys >= RAM_START && bzc_bytes_has(all, phys - RAM_START, size)
               ? bzc_bytes_slice(all, phys - RAM_START, size)
               : none;
}

#endif
