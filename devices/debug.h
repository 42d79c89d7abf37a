/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug console at port e9h: every byte written is text for the host; reading gives e9h, which says that it is
 * there. Source: Bochs User Manual, "bochsrc", option port_e9_hack.
 */
#ifndef BZC_DEVICES_DEBUG_H
#define BZC_DEVICES_DEBUG_H

#include "devices/device.h"

struct bzc_debug {
    const struct bzc_device_host *host;
};

void bzc_debug_init(struct bzc_debug *debug, const struct bzc_device_host *host);
/* Registers port e9h. False as bzc_ports_add(). */
bool bzc_debug_attach(struct bzc_debug *debug, struct bzc_ports *ports);

#endif
