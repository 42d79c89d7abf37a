/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timer (ports 40h-43h) and port 61h, which gates counter 2 and shows its output. Every value follows from the
 * guest clock; counter 0 runs from power-on as a BIOS leaves it (mode 3, count 65536) with a start phase taken from a
 * seed.
 *
 * Not modelled: BCD counting (the counter counts in binary), and that a new count in modes 2 and 3 waits for the end of
 * the period (it is loaded at once).
 * Source: Intel 8254 data sheet, "Programming the 8254", "Read Operations", "Mode Definitions"; port 61h: IBM PS/2
 * Hardware Interface Technical Reference, "System Control Port B".
 */
#ifndef BZC_DEVICES_PIT_H
#define BZC_DEVICES_PIT_H

#include "devices/device.h"

struct bzc_pit_counter {
    uint8_t control; /* the last control word's low six bits: RW1 RW0 M2 M1 M0 BCD */
    bool loaded;     /* a count was written since the control word */
    bool gate;       /* level of the GATE input */
    bool triggered;  /* modes 1 and 5: GATE has risen since the count was written */
    uint32_t reload; /* 1..65536 */
    uint64_t start;  /* clock ticks at which the counter held `reload`; modulo 2^64 */
    uint64_t frozen; /* while GATE stops the counter: the ticks it had run */
    uint64_t edges;  /* rising edges of OUT that were already reported */
    uint8_t low;     /* first half of a two-byte write */
    bool write_high, read_high;
    bool count_latched, status_latched;
    uint16_t latch;
    uint8_t status;
};

struct bzc_pit {
    struct bzc_pit_counter counter[3];
    const struct bzc_clock *clock;
    uint8_t port61;
    bool refresh; /* the refresh request toggle, bit 4 of port 61h */
};

void bzc_pit_init(struct bzc_pit *pit, const struct bzc_clock *clock, uint64_t seed);
/* Registers ports 40h-43h and 61h. False as bzc_ports_add(). */
bool bzc_pit_attach(struct bzc_pit *pit, struct bzc_ports *ports);

/* True when OUT 0, the line of IRQ 0, has risen since the last call (once or more). */
bool bzc_pit_irq0(struct bzc_pit *pit);

#endif
