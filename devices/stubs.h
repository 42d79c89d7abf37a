/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports that a PC has and a booting guest touches, but that have nothing to do here: writes vanish and reads give one
 * fixed value. Two of them do a little more: the PCI configuration mechanism, on a bus without devices, and the reset
 * control register.
 *
 * Source: Ralf Brown's PORTS list; PCI Local Bus Specification 2.1, "Configuration Mechanism #1"; reset control (CF9h):
 * Intel 82371SB data sheet, "RC: Reset Control Register".
 */
#ifndef BZC_DEVICES_STUBS_H
#define BZC_DEVICES_STUBS_H

#include "devices/device.h"

struct bzc_stubs {
    const struct bzc_device_host *host;
    uint32_t pci_address; /* CF8h as last written */
    uint8_t reset_control;
};

void bzc_stubs_init(struct bzc_stubs *stubs, const struct bzc_device_host *host);
/* Registers all rows of the table. False as bzc_ports_add(). */
bool bzc_stubs_attach(struct bzc_stubs *stubs, struct bzc_ports *ports);

#endif
