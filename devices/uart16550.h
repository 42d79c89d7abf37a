/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A serial port that sends at once and receives nothing (but what loopback gives back). It raises no interrupts.
 * Source: National Semiconductor PC16550D data sheet, "Registers" (table II and sections 8.1 to 8.10).
 */
#ifndef BZC_DEVICES_UART16550_H
#define BZC_DEVICES_UART16550_H

#include "devices/device.h"

struct bzc_uart16550 {
    const struct bzc_device_host *host;
    uint16_t divisor; /* kept for the guest to read; there is no line to clock */
    uint8_t ier, fcr, lcr, mcr, scratch;
    uint8_t received; /* the receiver buffer */
    bool ready;       /* it holds a byte that was not read */
};

void bzc_uart16550_init(struct bzc_uart16550 *uart, const struct bzc_device_host *host);
/* Registers the eight ports from `first`; `name` ("COM1") must stay valid. False as bzc_ports_add(). */
bool bzc_uart16550_attach(struct bzc_uart16550 *uart, struct bzc_ports *ports, const char *name, uint16_t first);

#endif
