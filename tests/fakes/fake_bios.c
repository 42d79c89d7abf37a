/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fakes/fake_bios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct fake_bios *fake_bios_new_map(const struct bzc_memory_map *map)
{
    struct fake_bios *b = calloc(1, sizeof(*b));
    struct bzc_bios_config config;

    assert_non_null(b);
    b->fake = fake_host_new();
    b->map = *map;
    b->a20.host = &b->fake->host;
    config = (struct bzc_bios_config){.map = &b->map, .clock = &b->clock, .host = &b->fake->host, .a20 = &b->a20};
    bzc_bios_init(&b->bios, &config);
    return b;
}

struct fake_bios *fake_bios_new(void)
{
    static const struct bzc_memory_map map = {.range = {{0x0, 0x9fc00, BZC_E820_RAM},
                                                        {0x9fc00, 0x400, BZC_E820_RESERVED},
                                                        {0xf0000, 0x10000, BZC_E820_RESERVED},
                                                        {0x100000, 0x7ee0000, BZC_E820_RAM},
                                                        {0x7fe0000, 0x20000, BZC_E820_RESERVED},
                                                        {0xfffc0000, 0x40000, BZC_E820_RESERVED}},
                                              .count = 6};

    return fake_bios_new_map(&map);
}

void fake_bios_free(struct fake_bios *b)
{
    fake_host_free(b->fake);
    free(b);
}

enum bzc_bios_result fake_int(struct fake_bios *b, uint8_t vector, uint32_t eax)
{
    b->regs.eax = eax;
    return bzc_bios_call(&b->bios, vector, &b->regs, &b->name);
}

bool fake_carry(const struct fake_bios *b)
{
    return b->regs.flags & 1;
}

unsigned fake_ax(const struct fake_bios *b)
{
    return b->regs.eax & 0xffff;
}

unsigned fake_mem16(const struct fake_bios *b, uint32_t phys)
{
    return (unsigned)(b->fake->memory[phys] | b->fake->memory[phys + 1] << 8);
}

unsigned fake_mem32(const struct fake_bios *b, uint32_t phys)
{
    return fake_mem16(b, phys) | fake_mem16(b, phys + 2) << 16;
}
