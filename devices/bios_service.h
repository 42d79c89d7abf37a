/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the BIOS share: the form of a service table, one table an interrupt, and access to registers and
 * guest memory. Private to devices/bios*.c.
 */
#ifndef BZC_DEVICES_BIOS_SERVICE_H
#define BZC_DEVICES_BIOS_SERVICE_H

#include "base/x86.h"
#include "devices/bios.h"

typedef enum bzc_bios_result bzc_bios_service_fn(struct bzc_bios *bios, struct bzc_bios_regs *regs);

/* One service: called when (AX & mask) == ax. The first row that fits is taken. */
struct bzc_bios_service {
    uint16_t ax, mask;
    const char *name;
    bzc_bios_service_fn *call;
};

struct bzc_bios_interrupt {
    uint8_t vector;
    const char *name; /* "INT 15h" */
    const struct bzc_bios_service *service;
    size_t count;
    int unknown_ah; /* AH of the answer to an unknown function; -1: AH stays */
};

extern const struct bzc_bios_interrupt bzc_bios_int10;
extern const struct bzc_bios_interrupt bzc_bios_int11;
extern const struct bzc_bios_interrupt bzc_bios_int12;
extern const struct bzc_bios_interrupt bzc_bios_int13;
extern const struct bzc_bios_interrupt bzc_bios_int15;
extern const struct bzc_bios_interrupt bzc_bios_int16;
extern const struct bzc_bios_interrupt bzc_bios_int1a;

static inline uint8_t bzc_low8(uint32_t reg)
{
    return (uint8_t)reg;
}
static inline uint8_t bzc_high8(uint32_t reg)
{
    return (uint8_t)(reg >> 8);
}
static inline uint16_t bzc_low16(uint32_t reg)
{
    return (uint16_t)reg;
}
static inline void bzc_set_low8(uint32_t *reg, uint8_t value)
{
    *reg = (*reg & 0xffffff00u) | value;
}
static inline void bzc_set_high8(uint32_t *reg, uint8_t value)
{
    *reg = (*reg & 0xffff00ffu) | (uint32_t)value << 8;
}
static inline void bzc_set_low16(uint32_t *reg, uint16_t value)
{
    *reg = (*reg & 0xffff0000u) | value;
}
/* The physical address of seg:off; the offset wraps in its segment, A20 is not applied. */
static inline uint32_t bzc_seg_phys(uint16_t segment, uint32_t offset)
{
    return ((uint32_t)segment << 4) + (offset & 0xffff);
}

void bzc_bios_set_carry(struct bzc_bios_regs *regs, bool carry);
/* Both set AH and CF and return BZC_BIOS_DONE or BZC_BIOS_REFUSED. */
enum bzc_bios_result bzc_bios_done(struct bzc_bios_regs *regs, uint8_t ah);
enum bzc_bios_result bzc_bios_refuse(struct bzc_bios_regs *regs, uint8_t ah);

/* Guest memory. Reads give 0 where there is none, writes vanish there. */
uint8_t bzc_bios_get8(const struct bzc_bios *bios, uint32_t phys);
uint16_t bzc_bios_get16(const struct bzc_bios *bios, uint32_t phys);
uint32_t bzc_bios_get32(const struct bzc_bios *bios, uint32_t phys);
void bzc_bios_put8(const struct bzc_bios *bios, uint32_t phys, uint8_t value);
void bzc_bios_put16(const struct bzc_bios *bios, uint32_t phys, uint16_t value);
void bzc_bios_put32(const struct bzc_bios *bios, uint32_t phys, uint32_t value);

/* Brings the BDA's tick count (and its midnight flag) up to the clock and returns it. */
uint32_t bzc_bios_update_ticks(struct bzc_bios *bios);
#define BZC_BIOS_TICKS_PER_DAY 0x1800b0u

#endif
