/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board: all chips of the emulated PC and its BIOS, wired together. One call creates it; the machine routes port
 * accesses and BIOS traps here.
 */
#ifndef BZC_DEVICES_PC_H
#define BZC_DEVICES_PC_H

#include "devices/bios.h"
#include "devices/device.h"

struct bzc_pc_config {
    const struct bzc_memory_map *map; /* borrowed */
    struct bzc_device_host host;
    uint64_t timer_seed; /* start phase of the 8254 counters, from which a guest without a TSC draws its entropy */
};

struct bzc_pc;

/* A new board with A20 closed, as at power-on, and the BIOS's memory areas written. NULL when out of memory. */
struct bzc_pc *bzc_pc_new(const struct bzc_pc_config *config);
void bzc_pc_free(struct bzc_pc *pc);

/*
 * One port access of `size` 1, 2 or 4 bytes; advances the clock. *name (never NULL) receives the device's name, or NULL
 * when nobody answers at that port (reads then give all ones).
 */
uint32_t bzc_pc_in(struct bzc_pc *pc, uint16_t port, unsigned size, const char **name);
void bzc_pc_out(struct bzc_pc *pc, uint16_t port, unsigned size, uint32_t value, const char **name);

/* The A20 line as a boot loader leaves it; the host hears of a change as `by` "loader". */
void bzc_pc_set_a20(struct bzc_pc *pc, bool open);

struct bzc_bios *bzc_pc_bios(struct bzc_pc *pc);

/* Lets guest time pass, in timer ticks (for HLT and BIOS waits). */
void bzc_pc_advance(struct bzc_pc *pc, uint64_t ticks);
/* True when the PIC has an unmasked request for the CPU; *vector receives its interrupt number and the request is
 * taken. */
bool bzc_pc_interrupt(struct bzc_pc *pc, uint8_t *vector);

#endif
