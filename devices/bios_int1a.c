/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INT 1Ah: ticks, date and time; no PCI BIOS. Source: Ralf Brown's Interrupt List, INT 1A. */
#include "devices/bios_data.h"
#include "devices/bios_service.h"
#include "devices/cmos.h"

static enum bzc_bios_result get_ticks(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint32_t ticks = bzc_bios_update_ticks(bios);

    bzc_set_low16(&regs->ecx, (uint16_t)(ticks >> 16));
    bzc_set_low16(&regs->edx, (uint16_t)ticks);
    bzc_set_low8(&regs->eax, bzc_bios_get8(bios, BZC_BDA_MIDNIGHT));
    bzc_bios_put8(bios, BZC_BDA_MIDNIGHT, 0);
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result set_ticks(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint32_t wanted = (uint32_t)bzc_low16(regs->ecx) << 16 | bzc_low16(regs->edx);
    uint32_t ran = (uint32_t)((bios->config.clock->ticks >> 16) % BZC_BIOS_TICKS_PER_DAY);

    bios->tick_offset = (wanted % BZC_BIOS_TICKS_PER_DAY + BZC_BIOS_TICKS_PER_DAY - ran) % BZC_BIOS_TICKS_PER_DAY;
    bzc_bios_update_ticks(bios);
    bzc_bios_put8(bios, BZC_BDA_MIDNIGHT, 0);
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result get_time(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    struct bzc_rtc_time t = bzc_rtc_now(bios->config.clock);

    bzc_set_high8(&regs->ecx, bzc_rtc_bcd(t.hour));
    bzc_set_low8(&regs->ecx, bzc_rtc_bcd(t.minute));
    bzc_set_high8(&regs->edx, bzc_rtc_bcd(t.second));
    bzc_set_low8(&regs->edx, 0); /* no daylight saving */
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result get_date(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    struct bzc_rtc_time t = bzc_rtc_now(bios->config.clock);

    bzc_set_high8(&regs->ecx, bzc_rtc_bcd(t.year / 100));
    bzc_set_low8(&regs->ecx, bzc_rtc_bcd(t.year % 100));
    bzc_set_high8(&regs->edx, bzc_rtc_bcd(t.month));
    bzc_set_low8(&regs->edx, bzc_rtc_bcd(t.day));
    return bzc_bios_done(regs, 0);
}

/* Setting the clock is taken and forgotten: guest time is the same in every run. */
static enum bzc_bios_result set_clock(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result no_alarm(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_bios_set_carry(regs, true);
    return BZC_BIOS_REFUSED;
}

static enum bzc_bios_result no_pci(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    return bzc_bios_refuse(regs, 0x81); /* PCI BIOS: FUNC_NOT_SUPPORTED */
}

static const struct bzc_bios_service service[] = {
    {0x0000, 0xff00, "INT 1Ah AH=00h", get_ticks}, {0x0100, 0xff00, "INT 1Ah AH=01h", set_ticks},
    {0x0200, 0xff00, "INT 1Ah AH=02h", get_time},  {0x0300, 0xff00, "INT 1Ah AH=03h", set_clock},
    {0x0400, 0xff00, "INT 1Ah AH=04h", get_date},  {0x0500, 0xff00, "INT 1Ah AH=05h", set_clock},
    {0x0600, 0xff00, "INT 1Ah AH=06h", no_alarm},  {0x0700, 0xff00, "INT 1Ah AH=07h", no_alarm},
    {0xb100, 0xff00, "INT 1Ah AH=B1h", no_pci},
};

const struct bzc_bios_interrupt bzc_bios_int1a = {0x1a, "INT 1Ah", service, sizeof(service) / sizeof(service[0]), -1};
