/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device is and what it may ask of the machine around it. Devices know guest memory and lines such as A20 only
 * through this interface, so each one can be tested against an array.
 */
#ifndef BZC_DEVICES_DEVICE_H
#define BZC_DEVICES_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Guest time in ticks of the PC's timer clock (1193182 Hz). It advances with device accesses, never with host time. */
struct bzc_clock {
    uint64_t ticks;
};
#define BZC_CLOCK_HZ 1193182u

enum bzc_console { BZC_CONSOLE_INT10, BZC_CONSOLE_UART, BZC_CONSOLE_DEBUG /* port 0xe9 */ };

/* The machine as a device sees it. All functions are called with `context`. */
struct bzc_device_host {
    void *context;
    /* Guest physical memory, as the chip set routes it (A20 not applied). False outside RAM. */
    bool (*read)(void *context, uint64_t phys, void *data, size_t size);
    bool (*write)(void *context, uint64_t phys, const void *data, size_t size);
    void (*set_a20)(void *context, bool open, const char *by); /* by: "port 92h", "8042", "INT 15h" */
    void (*reset)(void *context, const char *by);              /* the guest asked for a CPU reset */
    void (*console)(void *context, enum bzc_console source, uint8_t byte);
};

/*
 * A range of I/O ports [first, first+count). `offset` counts from `first`; `size` is 1, 2 or 4 bytes and never more
 * than `width`: a wider access reaches the device in pieces of one byte at consecutive ports, as the ISA bus splits it.
 */
struct bzc_port_range {
    const char *name; /* of the device, as a person would call it: "8042", "PIC", "COM1" */
    uint16_t first, count;
    uint8_t width; /* bytes of the widest access that the device takes in one piece: 1, 2 or 4 */
    uint32_t (*in)(void *state, uint16_t offset, unsigned size);
    void (*out)(void *state, uint16_t offset, unsigned size, uint32_t value);
    void *state;
};

#define BZC_PORT_RANGES_MAX 48

/* The registry: which device answers at a port. Ranges do not overlap. */
struct bzc_ports {
    struct bzc_port_range range[BZC_PORT_RANGES_MAX];
    size_t count;
};

/* Adds a range (copied); false when it is empty, passes port 0xffff, overlaps one that is there, or the table is full.
 */
bool bzc_ports_add(struct bzc_ports *ports, const struct bzc_port_range *range);
/* The range that holds `port`, or NULL: a port nobody answers (reads give all ones, writes vanish). */
const struct bzc_port_range *bzc_ports_find(const struct bzc_ports *ports, uint16_t port);

#endif
