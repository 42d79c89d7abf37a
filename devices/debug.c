/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/debug.h"

static uint32_t debug_in(void *state, uint16_t offset, unsigned size)
{
    (void)state;
    (void)offset;
    (void)size;
    return 0xe9;
}

static void debug_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_debug *debug = state;

    (void)offset;
    (void)size;
    debug->host->console(debug->host->context, BZC_CONSOLE_DEBUG, (uint8_t)value);
}

void bzc_debug_init(struct bzc_debug *debug, const struct bzc_device_host *host)
{
    debug->host = host;
}

bool bzc_debug_attach(struct bzc_debug *debug, struct bzc_ports *ports)
{
    struct bzc_port_range range = {.name = "debug console",
                                   .first = 0xe9,
                                   .count = 1,
                                   .width = 1,
                                   .in = debug_in,
                                   .out = debug_out,
                                   .state = debug};

    return bzc_ports_add(ports, &range);
}
