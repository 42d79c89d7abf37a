/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System control port A (port 92h): bit 0 rising resets the CPU, bit 1 is the A20 gate ("fast A20").
 * Source: IBM PS/2 Hardware Interface Technical Reference, "System Control Port A".
 */
#ifndef BZC_DEVICES_PORT92_H
#define BZC_DEVICES_PORT92_H

#include "devices/a20.h"
#include "devices/device.h"

struct bzc_port92 {
    struct bzc_a20 *a20;
    const struct bzc_device_host *host;
    uint8_t latch; /* the bits without a line behind them, as last written */
};

void bzc_port92_init(struct bzc_port92 *port92, struct bzc_a20 *a20, const struct bzc_device_host *host);
/* Registers port 92h. False as bzc_ports_add(). */
bool bzc_port92_attach(struct bzc_port92 *port92, struct bzc_ports *ports);

#endif
