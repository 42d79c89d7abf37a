/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyboard controller (ports 60h and 64h) with a keyboard that nobody types on. It takes every byte at once, so its
 * input buffer is never full. Output port: bit 0 low resets the CPU, bit 1 is the A20 gate.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller"; commands DDh and
 * DFh: Ralf Brown's PORTS list, "0060-006F KEYBOARD CONTROLLER".
 */
#ifndef BZC_DEVICES_I8042_H
#define BZC_DEVICES_I8042_H

#include "devices/a20.h"
#include "devices/device.h"

#define BZC_I8042_QUEUE_SIZE 16u

struct bzc_i8042 {
    struct bzc_a20 *a20;
    const struct bzc_device_host *host;
    uint8_t ram[32];          /* byte 0 is the command byte */
    uint8_t awaiting;         /* controller command whose data byte is due at port 60h; 0: none */
    uint8_t keyboard_waiting; /* keyboard command whose parameter is due; 0: none */
    bool last_was_command;
    uint8_t queue[BZC_I8042_QUEUE_SIZE]; /* bytes for the guest to read */
    unsigned head, count;
    uint8_t last; /* what an empty output buffer still shows */
};

/* The state that a BIOS leaves behind: self-test passed, scan code translation on. */
void bzc_i8042_init(struct bzc_i8042 *kbc, struct bzc_a20 *a20, const struct bzc_device_host *host);
/* Registers ports 60h and 64h. False as bzc_ports_add(). */
bool bzc_i8042_attach(struct bzc_i8042 *kbc, struct bzc_ports *ports);

#endif
