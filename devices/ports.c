/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/device.h"

bool bzc_ports_add(struct bzc_ports *ports, const struct bzc_port_range *range)
{
    uint32_t end = (uint32_t)range->first + range->count;

    if (range->count == 0 || end > 0x10000 || ports->count == BZC_PORT_RANGES_MAX)
        return false;
    for (size_t i = 0; i < ports->count; i++) {
        const struct bzc_port_range *other = &ports->range[i];

        if (range->first < (uint32_t)other->first + other->count && other->first < end)
            return false;
    }
    ports->range[ports->count++] = *range;
    return true;
}

const struct bzc_port_range *bzc_ports_find(const struct bzc_ports *ports, uint16_t port)
{
    for (size_t i = 0; i < ports->count; i++) {
        const struct bzc_port_range *range = &ports->range[i];

        if (port >= range->first && port - range->first < range->count)
            return range;
    }
    return NULL;
}
