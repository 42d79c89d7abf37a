/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/bios.h"

#include "base/bytes.h"
#include "devices/bios_data.h"
#include "devices/bios_service.h"

#define CALL_TICKS 119u /* 0.1 ms: so that a guest that polls a service sees time pass */

void bzc_bios_set_carry(struct bzc_bios_regs *regs, bool carry)
{
    regs->flags = (uint16_t)((regs->flags & ~BZC_FLAG_CF) | (carry ? BZC_FLAG_CF : 0));
}

enum bzc_bios_result bzc_bios_done(struct bzc_bios_regs *regs, uint8_t ah)
{
    bzc_set_high8(&regs->eax, ah);
    bzc_bios_set_carry(regs, false);
    return BZC_BIOS_DONE;
}

enum bzc_bios_result bzc_bios_refuse(struct bzc_bios_regs *regs, uint8_t ah)
{
    bzc_set_high8(&regs->eax, ah);
    bzc_bios_set_carry(regs, true);
    return BZC_BIOS_REFUSED;
}

static bool get(const struct bzc_bios *bios, uint32_t phys, uint8_t *data, size_t size)
{
    return bios->config.host->read(bios->config.host->context, phys, data, size);
}

static void put(const struct bzc_bios *bios, uint32_t phys, const uint8_t *data, size_t size)
{
    bios->config.host->write(bios->config.host->context, phys, data, size);
}

uint8_t bzc_bios_get8(const struct bzc_bios *bios, uint32_t phys)
{
    uint8_t data[1];

    return get(bios, phys, data, sizeof(data)) ? data[0] : 0;
}

uint16_t bzc_bios_get16(const struct bzc_bios *bios, uint32_t phys)
{
    uint8_t data[2];

    return get(bios, phys, data, sizeof(data)) ? bzc_load16(data) : 0;
}

uint32_t bzc_bios_get32(const struct bzc_bios *bios, uint32_t phys)
{
    uint8_t data[4];

    return get(bios, phys, data, sizeof(data)) ? bzc_load32(data) : 0;
}

void bzc_bios_put8(const struct bzc_bios *bios, uint32_t phys, uint8_t value)
{
    put(bios, phys, &value, sizeof(value));
}

void bzc_bios_put16(const struct bzc_bios *bios, uint32_t phys, uint16_t value)
{
    uint8_t data[2];

    bzc_store16(data, value);
    put(bios, phys, data, sizeof(data));
}

void bzc_bios_put32(const struct bzc_bios *bios, uint32_t phys, uint32_t value)
{
    uint8_t data[4];

    bzc_store32(data, value);
    put(bios, phys, data, sizeof(data));
}

uint32_t bzc_bios_update_ticks(struct bzc_bios *bios)
{
    uint64_t ran = (bios->config.clock->ticks >> 16) + bios->tick_offset;
    uint32_t ticks = (uint32_t)(ran % BZC_BIOS_TICKS_PER_DAY);

    if (ticks < bzc_bios_get32(bios, BZC_BDA_TICKS))
        bzc_bios_put8(bios, BZC_BDA_MIDNIGHT, 1);
    bzc_bios_put32(bios, BZC_BDA_TICKS, ticks);
    return ticks;
}

static enum bzc_bios_result nothing(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    (void)regs;
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result int08_timer(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)regs;
    bzc_bios_update_ticks(bios);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result int14_serial(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_high8(&regs->eax, 0x80); /* time-out */
    return BZC_BIOS_REFUSED;
}

static enum bzc_bios_result int17_printer(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_high8(&regs->eax, 0x01); /* time-out */
    return BZC_BIOS_REFUSED;
}

static enum bzc_bios_result boot_again(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    (void)regs;
    return BZC_BIOS_WAITS; /* there is nothing to boot from */
}

/* Interrupts with one service each. */
static const struct {
    uint8_t vector;
    const char *name;
    bzc_bios_service_fn *call;
} simple[] = {
    {0x05, "INT 05h print screen", nothing},      {0x08, "INT 08h (IRQ 0, timer)", int08_timer},
    {0x09, "INT 09h (IRQ 1, keyboard)", nothing}, {0x0a, "INT 0Ah (IRQ 2)", nothing},
    {0x0b, "INT 0Bh (IRQ 3)", nothing},           {0x0c, "INT 0Ch (IRQ 4)", nothing},
    {0x0d, "INT 0Dh (IRQ 5)", nothing},           {0x0e, "INT 0Eh (IRQ 6)", nothing},
    {0x0f, "INT 0Fh (IRQ 7)", nothing},           {0x14, "INT 14h serial", int14_serial},
    {0x17, "INT 17h printer", int17_printer},     {0x18, "INT 18h boot failure", boot_again},
    {0x19, "INT 19h boot", boot_again},           {0x1b, "INT 1Bh Ctrl-Break", nothing},
    {0x1c, "INT 1Ch timer tick", nothing},        {0x4a, "INT 4Ah alarm", nothing},
    {0x70, "INT 70h (IRQ 8)", nothing},           {0x71, "INT 71h (IRQ 9)", nothing},
    {0x72, "INT 72h (IRQ 10)", nothing},          {0x73, "INT 73h (IRQ 11)", nothing},
    {0x74, "INT 74h (IRQ 12)", nothing},          {0x75, "INT 75h (IRQ 13)", nothing},
    {0x76, "INT 76h (IRQ 14)", nothing},          {0x77, "INT 77h (IRQ 15)", nothing},
};

static const struct bzc_bios_interrupt *const interrupt[] = {
    &bzc_bios_int10, &bzc_bios_int11, &bzc_bios_int12, &bzc_bios_int13,
    &bzc_bios_int15, &bzc_bios_int16, &bzc_bios_int1a,
};

static enum bzc_bios_result call_function(const struct bzc_bios_interrupt *table, struct bzc_bios *bios,
                                          struct bzc_bios_regs *regs, const char **name)
{
    uint16_t ax = bzc_low16(regs->eax);

    for (size_t i = 0; i < table->count; i++) {
        const struct bzc_bios_service *service = &table->service[i];

        if ((ax & service->mask) == service->ax) {
            *name = service->name;
            return service->call(bios, regs);
        }
    }
    *name = table->name;
    if (table->unknown_ah >= 0)
        bzc_set_high8(&regs->eax, (uint8_t)table->unknown_ah);
    bzc_bios_set_carry(regs, true);
    return BZC_BIOS_UNKNOWN;
}

enum bzc_bios_result bzc_bios_call(struct bzc_bios *bios, uint8_t vector, struct bzc_bios_regs *regs, const char **name)
{
    const char *ignored;

    if (!name)
        name = &ignored;
    bios->config.clock->ticks += CALL_TICKS;
    for (size_t i = 0; i < sizeof(interrupt) / sizeof(interrupt[0]); i++) {
        if (interrupt[i]->vector == vector)
            return call_function(interrupt[i], bios, regs, name);
    }
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        if (simple[i].vector == vector) {
            *name = simple[i].name;
            return simple[i].call(bios, regs);
        }
    }
    *name = "unexpected interrupt";
    bzc_bios_set_carry(regs, true);
    return BZC_BIOS_UNKNOWN;
}
