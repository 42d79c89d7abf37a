/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real-time clock and its battery-backed RAM (ports 70h and 71h). Guest time begins at 2026-01-01 00:00:00, always;
 * setting the clock is taken and forgotten.
 *
 * Source: Motorola MC146818A data sheet, "Address Map" and "Registers"; PC use of the RAM: Ralf Brown's CMOS list
 * (CMOS 0Fh, 10h, 14h-18h, 2Eh-32h, 34h-35h).
 */
#ifndef BZC_DEVICES_CMOS_H
#define BZC_DEVICES_CMOS_H

#include "base/memory_map.h"
#include "devices/device.h"

/* Binary, not BCD. */
struct bzc_rtc_time {
    unsigned year, month, day; /* 2026.., 1-12, 1-31 */
    unsigned weekday;          /* 1 Sunday .. 7 Saturday */
    unsigned hour, minute, second;
};

/* The date and time of day at a moment of the guest clock. */
struct bzc_rtc_time bzc_rtc_now(const struct bzc_clock *clock);
/* 0..99 as two BCD digits. */
uint8_t bzc_rtc_bcd(unsigned value);

struct bzc_cmos {
    const struct bzc_clock *clock;
    uint8_t index; /* bits 0-6; the NMI mask in bit 7 has nothing to mask */
    uint8_t ram[128];
};

/* Contents for a PC with the RAM of `map`, without drives. The checksum at 2Eh is right. */
void bzc_cmos_init(struct bzc_cmos *cmos, const struct bzc_memory_map *map, const struct bzc_clock *clock);
/* Registers ports 70h and 71h. False as bzc_ports_add(). */
bool bzc_cmos_attach(struct bzc_cmos *cmos, struct bzc_ports *ports);

#endif
