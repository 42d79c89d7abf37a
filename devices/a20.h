/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The A20 gate: one line with three switches (8042 output port, port 92h, INT 15h AH=24h). Every switch sees what the
 * others did. Source: IBM PS/2 Hardware Interface Technical Reference, "System Control
 * Port A" and "Output Port".
 */
#ifndef BZC_DEVICES_A20_H
#define BZC_DEVICES_A20_H

#include "devices/device.h"

struct bzc_a20 {
    const struct bzc_device_host *host; /* borrowed */
    bool open;                          /* false: address line 20 is forced to 0, as at power-on */
};

/* Moves the line; the host hears of it only when it changes. `by`: "port 92h", "8042", "INT 15h". */
void bzc_a20_set(struct bzc_a20 *a20, bool open, const char *by);

#endif
