/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test kernel proper: checks what it was given, tells the first serial port, and stops. bzcheck never runs this;
 * QEMU does, which proves by other means than bzcheck's that a good image is good.
 */
#include "../boot_params.h"
#include "kernel.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __x86_64__
#define TEXT_LINKED 0xffffffff81000000ull
#else
#define TEXT_LINKED (0xc0000000u + LOAD_ADDR)
#endif
#define MARK_SIZE 64

/* A tool that looks for the kernel's version finds it here. */
extern const char linux_banner[];
const char linux_banner[] = "Linux version 6.1.0-bzcheck (builder@localhost) (bzcheck test kernel) #1 SMP\n";

/* First in its segment: byte n holds n. */
static volatile uint8_t segment_mark[MARK_SIZE] __attribute__((section(".data..mark"))) = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
static volatile uint32_t init_mark __attribute__((section(".init.data"))) = 0x696e6974;
static volatile uint32_t zero_mark; /* in .bss */

static bool well = true;

static void outb(uint8_t value, uint16_t port)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void print_char(char c)
{
    uint8_t status;
    unsigned wait = 0;

    do
        __asm__ volatile("inb %1, %0" : "=a"(status) : "Nd"((uint16_t)0x3fd));
    while (!(status & 0x20) && ++wait < 10000);
    outb((uint8_t)c, 0x3f8);
    outb((uint8_t)c, 0xe9);
}

static void print(const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            print_char('\r');
        print_char(*text);
    }
}

static void print_hex(uintptr_t value)
{
    print("0x");
    for (int shift = (int)sizeof(value) * 8 - 4; shift >= 0; shift -= 4)
        print_char("0123456789abcdef"[value >> shift & 15]);
}

static void check(bool good, const char *what)
{
    print(good ? "  ok    " : "  FAIL  ");
    print(what);
    print("\n");
    well = well && good;
}

static bool segments_in_place(void)
{
    for (unsigned i = 0; i < MARK_SIZE; i++) {
        if (segment_mark[i] != i)
            return false;
    }
    return init_mark == 0x696e6974;
}

static bool slots_agree(uintptr_t text)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if ((uintptr_t)slot_pointer[i] - slot_distance[i] != text)
            return false;
    }
    return true;
}

static bool boot_params_is_good(const uint8_t *boot_params)
{
    return *(const uint32_t *)(boot_params + BP_MAGIC) == 0x53726448 && boot_params[BP_E820_ENTRIES] &&
           boot_params[BP_TYPE_OF_LOADER];
}

void kernel_main(const struct entry_state *entry)
{
    const uint8_t *boot_params = (const uint8_t *)entry->boot_params;
    uintptr_t text = text_by_immediate();

    print(linux_banner);
    print("bzcheck test kernel: base ");
    print_hex(entry->base);
    print(" virtual ");
    print_hex(text);
    print(" moved by ");
    print_hex(text - TEXT_LINKED);
    print("\n");

    if (boot_params_is_good(boot_params)) {
        uint32_t line = *(const uint32_t *)(boot_params + BP_CMD_LINE_PTR);

        check(true, "boot_params pointer");
        print("        command line: ");
        if (line)
            print((const char *)(uintptr_t)line);
        print("\n        loadflags ");
        print_hex(boot_params[BP_LOADFLAGS]);
        print(" e820 entries ");
        print_hex(boot_params[BP_E820_ENTRIES]);
        print("\n");
    } else {
        check(false, "boot_params pointer");
    }
    check(!(entry->flags & 0x200), "interrupts off");
#ifndef __x86_64__
    check(!(entry->cr0 & 0x80000000), "paging off");
#endif
    check(segments_in_place(), "segments in place");
    check(slots_agree(text), "relocated pointers agree");
    check(text_by_percpu() == text, "per-CPU pointer agrees");
    check(zero_mark == 0, ".bss is zero");
    print(well ? "bzcheck test kernel: all well\n" : "bzcheck test kernel: FAIL\n");

    /* QEMU's isa-debug-exit, where there is one: exit status 3 for well, 5 otherwise. */
    __asm__ volatile("outl %0, %1" : : "a"(well ? 1 : 2), "Nd"((uint16_t)0xf4));
}
