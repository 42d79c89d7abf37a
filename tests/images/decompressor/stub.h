/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules of the decompressor. Freestanding, position independent, no variables with static storage that change. */
#ifndef GUEST_STUB_H
#define GUEST_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parameter block, PARAMS_OFFSET bytes into the protected-mode part: see params.h. */
struct stub_params {
    char magic[8];
    uint32_t input, input_len, output_len, image_len, work, flags, load_addr, kernel_size, work_size, kernel_info,
        alignment, init_size;
};

/*
 * Unpacks, moves, relocates; returns the address of the kernel's first instruction. `self` is where the decompressor
 * runs now, `output` where the kernel belongs without KASLR.
 */
void *extract_kernel(uint8_t *boot_params, uint8_t *output, uint8_t *self);

/* Each returns the number of bytes written, or 0 when the stream is damaged or does not fit. */
size_t inflate_gzip(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);
size_t unpack_lz4(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);

/* True when the command line in boot_params has the word. */
bool command_line_has(const uint8_t *boot_params, const char *word);
/* A random place for the kernel, and on x86-64 a random distance from its link-time virtual address. */
uint8_t *choose_physical(const struct stub_params *params, const uint8_t *boot_params, uint8_t *output,
                         const uint8_t *self);
uintptr_t choose_virtual(const struct stub_params *params);

void print(const char *text);
void fail(const char *text) __attribute__((noreturn));

uint32_t load32(const uint8_t *p);
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

static inline void outb(uint8_t value, uint16_t port)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

#endif
