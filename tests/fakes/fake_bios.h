/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A BIOS on a fake host, for the tests of its services. */
#ifndef BZC_TESTS_FAKE_BIOS_H
#define BZC_TESTS_FAKE_BIOS_H

#include "devices/bios.h"
#include "tests/fakes/fake_host.h"

struct fake_bios {
    struct fake_host *fake;
    struct bzc_clock clock;
    struct bzc_a20 a20;
    struct bzc_memory_map map;
    struct bzc_bios bios;
    struct bzc_bios_regs regs; /* of the next call, and after it */
    const char *name;          /* of the last service called */
};

/* A PC with QEMU's e820 map for -m 128. */
struct fake_bios *fake_bios_new(void);
/* The same with another map. */
struct fake_bios *fake_bios_new_map(const struct bzc_memory_map *map);
void fake_bios_free(struct fake_bios *b);

/* INT `vector` with EAX `eax` and the other registers as in b->regs. */
enum bzc_bios_result fake_int(struct fake_bios *b, uint8_t vector, uint32_t eax);

bool fake_carry(const struct fake_bios *b);
unsigned fake_ax(const struct fake_bios *b);
unsigned fake_mem16(const struct fake_bios *b, uint32_t phys);
unsigned fake_mem32(const struct fake_bios *b, uint32_t phys);

#endif
