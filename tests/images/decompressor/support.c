/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../boot_params.h"
#include "stub.h"

void *memcpy(void *to, const void *from, size_t size)
{
    void *start = to;

    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return start;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *last_to = (uint8_t *)to + size - 1;
    const uint8_t *last_from = (const uint8_t *)from + size - 1;

    if ((uintptr_t)to - (uintptr_t)from >= size)
        return memcpy(to, from, size);
    __asm__ volatile("std; rep movsb; cld" : "+D"(last_to), "+S"(last_from), "+c"(size) : : "memory", "cc");
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    void *start = to;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
    return start;
}

uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The first serial port, as it is after reset. A machine without one must not hang the boot. */
void print(const char *text)
{
    for (; *text; text++) {
        for (unsigned wait = 0; wait < 10000 && !(inb(0x3f8 + 5) & 0x20); wait++)
            ;
        outb((uint8_t)*text, 0x3f8);
    }
}

void fail(const char *text)
{
    print("\r\n\r\n");
    print(text);
    print("\r\n\r\n -- System halted\r\n");
    for (;;)
        __asm__ volatile("cli; hlt");
}

bool command_line_has(const uint8_t *boot_params, const char *word)
{
    const char *line = (const char *)(uintptr_t)load32(boot_params + BP_CMD_LINE_PTR);

    while (line && *line) {
        size_t n = 0;

        while (line[n] == word[n] && word[n])
            n++;
        if (!word[n] && (!line[n] || line[n] == ' '))
            return true;
        while (*line && *line != ' ')
            line++;
        while (*line == ' ')
            line++;
    }
    return false;
}
