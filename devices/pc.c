/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/pc.h"

#include <assert.h>
#include <stdlib.h>

#include "devices/a20.h"
#include "devices/cmos.h"
#include "devices/debug.h"
#include "devices/i8042.h"
#include "devices/pic.h"
#include "devices/pit.h"
#include "devices/port92.h"
#include "devices/stubs.h"
#include "devices/uart16550.h"
#include "devices/vga.h"

#define ACCESS_TICKS 1 /* a port access takes about a microsecond */

struct bzc_pc {
    struct bzc_device_host host;
    struct bzc_clock clock;
    struct bzc_ports ports;
    struct bzc_a20 a20;
    struct bzc_bios bios;
    struct bzc_i8042 i8042;
    struct bzc_port92 port92;
    struct bzc_pic pic;
    struct bzc_pit pit;
    struct bzc_cmos cmos;
    struct bzc_vga vga;
    struct bzc_uart16550 com[2];
    struct bzc_debug debug;
    struct bzc_stubs stubs;
};

struct bzc_pc *bzc_pc_new(const struct bzc_pc_config *config)
{
    struct bzc_pc *pc = calloc(1, sizeof(*pc));
    struct bzc_bios_config bios;
    bool fits;

    if (!pc)
        return NULL;
    pc->host = config->host;
    pc->a20.host = &pc->host;
    bzc_i8042_init(&pc->i8042, &pc->a20, &pc->host);
    bzc_port92_init(&pc->port92, &pc->a20, &pc->host);
    bzc_pic_init(&pc->pic);
    bzc_pit_init(&pc->pit, &pc->clock, config->timer_seed);
    bzc_cmos_init(&pc->cmos, config->map, &pc->clock);
    bzc_vga_init(&pc->vga);
    bzc_uart16550_init(&pc->com[0], &pc->host);
    bzc_uart16550_init(&pc->com[1], &pc->host);
    bzc_debug_init(&pc->debug, &pc->host);
    bzc_stubs_init(&pc->stubs, &pc->host);
    fits = bzc_i8042_attach(&pc->i8042, &pc->ports) && bzc_port92_attach(&pc->port92, &pc->ports) &&
           bzc_pic_attach(&pc->pic, &pc->ports) && bzc_pit_attach(&pc->pit, &pc->ports) &&
           bzc_cmos_attach(&pc->cmos, &pc->ports) && bzc_vga_attach(&pc->vga, &pc->ports) &&
           bzc_uart16550_attach(&pc->com[0], &pc->ports, "COM1", 0x3f8) &&
           bzc_uart16550_attach(&pc->com[1], &pc->ports, "COM2", 0x2f8) && bzc_debug_attach(&pc->debug, &pc->ports) &&
           bzc_stubs_attach(&pc->stubs, &pc->ports);
    assert(fits);
    (void)fits;

    bios = (struct bzc_bios_config){.map = config->map, .clock = &pc->clock, .host = &pc->host, .a20 = &pc->a20};
    bzc_bios_init(&pc->bios, &bios);
    return pc;
}

void bzc_pc_free(struct bzc_pc *pc)
{
    free(pc);
}

void bzc_pc_set_a20(struct bzc_pc *pc, bool open)
{
    bzc_a20_set(&pc->a20, open, "loader");
}

struct bzc_bios *bzc_pc_bios(struct bzc_pc *pc)
{
    return &pc->bios;
}

/* Lines between chips follow the clock lazily: whoever could notice calls this first. */
static void settle(struct bzc_pc *pc)
{
    if (bzc_pit_irq0(&pc->pit))
        bzc_pic_raise(&pc->pic, 0);
}

void bzc_pc_advance(struct bzc_pc *pc, uint64_t ticks)
{
    pc->clock.ticks += ticks;
    settle(pc);
}

bool bzc_pc_interrupt(struct bzc_pc *pc, uint8_t *vector)
{
    settle(pc);
    return bzc_pic_acknowledge(&pc->pic, vector);
}

/* One piece of an access: the whole of it where the device is wide enough and it does not leave the range, else a byte.
 */
static unsigned piece(const struct bzc_port_range *range, uint16_t port, unsigned size)
{
    return range && size <= range->width && port - range->first + size <= range->count ? size : 1;
}

uint32_t bzc_pc_in(struct bzc_pc *pc, uint16_t port, unsigned size, const char **name)
{
    const struct bzc_port_range *range = bzc_ports_find(&pc->ports, port);
    uint32_t value = 0;
    unsigned n;

    *name = range ? range->name : NULL;
    bzc_pc_advance(pc, ACCESS_TICKS);
    for (unsigned at = 0; at < size; at += n) {
        uint16_t here = (uint16_t)(port + at);
        uint32_t part = UINT32_MAX;

        range = bzc_ports_find(&pc->ports, here);
        n = piece(range, here, size - at);
        if (range)
            part = range->in(range->state, (uint16_t)(here - range->first), n);
        if (n < 4)
            part &= (1u << n * 8) - 1;
        value |= part << at * 8;
    }
    return value;
}

void bzc_pc_out(struct bzc_pc *pc, uint16_t port, unsigned size, uint32_t value, const char **name)
{
    const struct bzc_port_range *range = bzc_ports_find(&pc->ports, port);
    unsigned n;

    *name = range ? range->name : NULL;
    bzc_pc_advance(pc, ACCESS_TICKS);
    for (unsigned at = 0; at < size; at += n) {
        uint16_t here = (uint16_t)(port + at);
        uint32_t part = value >> at * 8;

        range = bzc_ports_find(&pc->ports, here);
        n = piece(range, here, size - at);
        if (n < 4)
            part &= (1u << n * 8) - 1;
        if (range)
            range->out(range->state, (uint16_t)(here - range->first), n, part);
    }
}
