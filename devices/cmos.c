/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/cmos.h"

#include <string.h>

#include "base/bytes.h"
#include "devices/bios_data.h"

struct bzc_rtc_time bzc_rtc_now(const struct bzc_clock *clock)
{
    static const uint8_t length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t seconds = clock->ticks / BZC_CLOCK_HZ;
    uint64_t days = seconds / 86400;
    struct bzc_rtc_time t = {.year = 2026, .month = 1};

    t.weekday = (unsigned)((days + 4) % 7) + 1; /* 2026-01-01 is a Thursday */
    t.hour = (unsigned)(seconds / 3600 % 24);
    t.minute = (unsigned)(seconds / 60 % 60);
    t.second = (unsigned)(seconds % 60);
    days %= 2 * 365; /* a run lasts seconds; stay before the leap day of 2028 */
    for (;;) {
        unsigned month_days = length[t.month - 1];

        if (days < month_days)
            break;
        days -= month_days;
        if (++t.month > 12) {
            t.month = 1;
            t.year++;
        }
    }
    t.day = (unsigned)days + 1;
    return t;
}

uint8_t bzc_rtc_bcd(unsigned value)
{
    return (uint8_t)(value / 10 % 10 << 4 | value % 10);
}

static uint8_t rtc_register(const struct bzc_cmos *cmos)
{
    struct bzc_rtc_time t = bzc_rtc_now(cmos->clock);

    switch (cmos->index) {
    case 0x00:
        return bzc_rtc_bcd(t.second);
    case 0x02:
        return bzc_rtc_bcd(t.minute);
    case 0x04:
        return bzc_rtc_bcd(t.hour);
    case 0x06:
        return bzc_rtc_bcd(t.weekday);
    case 0x07:
        return bzc_rtc_bcd(t.day);
    case 0x08:
        return bzc_rtc_bcd(t.month);
    case 0x09:
        return bzc_rtc_bcd(t.year % 100);
    case 0x32:
        return bzc_rtc_bcd(t.year / 100);
    default:
        return cmos->ram[cmos->index];
    }
}

static uint32_t cmos_in(void *state, uint16_t offset, unsigned size)
{
    const struct bzc_cmos *cmos = state;

    (void)size;
    return offset ? rtc_register(cmos) : 0xff; /* the index cannot be read back */
}

static void cmos_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_cmos *cmos = state;

    (void)size;
    if (offset == 0)
        cmos->index = value & 0x7f;
    else if (cmos->index != 0x0c && cmos->index != 0x0d) /* status C and D are read-only */
        cmos->ram[cmos->index] = (uint8_t)value;
}

static uint16_t capped(uint64_t value)
{
    return value > 0xffff ? 0xffff : (uint16_t)value;
}

void bzc_cmos_init(struct bzc_cmos *cmos, const struct bzc_memory_map *map, const struct bzc_clock *clock)
{
    const uint64_t mib = 1u << 20;
    uint16_t extended = capped((bzc_memory_map_ram_end(map, mib) - mib) >> 10);
    uint16_t sum = 0;
    uint8_t *ram = cmos->ram;

    memset(cmos, 0, sizeof(*cmos));
    cmos->clock = clock;
    ram[0x0a] = 0x26; /* status A: 32768 Hz, no update in progress */
    ram[0x0b] = 0x02; /* status B: BCD, 24 hours */
    ram[0x0d] = 0x80; /* status D: the battery is good */
    ram[0x14] = (uint8_t)BZC_BIOS_EQUIPMENT;
    bzc_store16(ram + 0x15, bzc_bios_low_kib(map));
    bzc_store16(ram + 0x17, extended);
    bzc_store16(ram + 0x30, extended);
    bzc_store16(ram + 0x34, capped((bzc_memory_map_ram_end(map, 16 * mib) - 16 * mib) >> 16));
    for (unsigned i = 0x10; i <= 0x2d; i++)
        sum = (uint16_t)(sum + ram[i]);
    ram[0x2e] = (uint8_t)(sum >> 8);
    ram[0x2f] = (uint8_t)sum;
}

bool bzc_cmos_attach(struct bzc_cmos *cmos, struct bzc_ports *ports)
{
    struct bzc_port_range range = {
        .name = "CMOS", .first = 0x70, .count = 2, .width = 1, .in = cmos_in, .out = cmos_out, .state = cmos};

    return bzc_ports_add(ports, &range);
}
