/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine for device tests: an array of memory from physical 0 on, and a record of all that devices ask for. */
#ifndef BZC_TESTS_FAKE_HOST_H
#define BZC_TESTS_FAKE_HOST_H

#include "devices/device.h"

#define FAKE_MEMORY_SIZE  0x140000u
#define FAKE_CONSOLE_SIZE 256u

struct fake_host {
    struct bzc_device_host host; /* hand this to the device */
    uint8_t memory[FAKE_MEMORY_SIZE];
    char console[3][FAKE_CONSOLE_SIZE]; /* by enum bzc_console; NUL-terminated */
    size_t console_size[3];
    bool a20;
    unsigned a20_changes;
    const char *a20_by;
    unsigned resets;
    const char *reset_by;
};

struct fake_host *fake_host_new(void);
void fake_host_free(struct fake_host *fake);

/* One byte through a registry; the test fails when nobody answers at the port. */
uint8_t fake_in(const struct bzc_ports *ports, uint16_t port);
void fake_out(const struct bzc_ports *ports, uint16_t port, uint8_t value);

#endif
