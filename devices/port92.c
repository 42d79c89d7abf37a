/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/port92.h"

#define FAST_RESET 0x01u
#define FAST_A20   0x02u

static uint32_t control_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_port92 *port92 = state;

    (void)offset;
    (void)size;
    return (port92->latch & ~FAST_A20) | (port92->a20->open ? FAST_A20 : 0);
}

static void control_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_port92 *port92 = state;
    bool rising = (value & FAST_RESET) && !(port92->latch & FAST_RESET);

    (void)offset;
    (void)size;
    port92->latch = (uint8_t)value;
    bzc_a20_set(port92->a20, value & FAST_A20, "port 92h");
    if (rising)
        port92->host->reset(port92->host->context, "port 92h");
}

void bzc_port92_init(struct bzc_port92 *port92, struct bzc_a20 *a20, const struct bzc_device_host *host)
{
    *port92 = (struct bzc_port92){.a20 = a20, .host = host};
}

bool bzc_port92_attach(struct bzc_port92 *port92, struct bzc_ports *ports)
{
    struct bzc_port_range range = {.name = "port 92h",
                                   .first = 0x92,
                                   .count = 1,
                                   .width = 1,
                                   .in = control_in,
                                   .out = control_out,
                                   .state = port92};

    return bzc_ports_add(ports, &range);
}
