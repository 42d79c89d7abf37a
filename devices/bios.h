/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BIOS of the emulated PC: interrupt services, the data areas they share with the guest (IVT, BDA, EBDA) and a ROM
 * at 0xf0000 whose service entries are trap stubs. A stub is HLT and the code that ends the service, mostly IRET alone
 * (hardware interrupts end the interrupt at the PIC first): the machine stops at the HLT, asks bzc_bios_trap() which
 * service it belongs to, calls bzc_bios_call() and resumes behind the HLT.
 * A guest that hooks a vector and chains to the old one meets the same stub.
 *
 * Sources: Ralf Brown's Interrupt List (services), "System BIOS for IBM PCs" (BDA), ACPI "System Address Map
 * Interfaces" (INT 15h AX=E820h).
 */
#ifndef BZC_DEVICES_BIOS_H
#define BZC_DEVICES_BIOS_H

#include "base/memory_map.h"
#include "devices/a20.h"
#include "devices/device.h"

#define BZC_BIOS_ROM_PHYS 0xf0000u /* the ROM ends at 0x100000 */
#define BZC_BIOS_ROM_SIZE 0x10000u
#define BZC_BIOS_ROM_SEG  0xf000u

/* Registers as an interrupt service sees and changes them. Segment bases are real-mode (selector*16). */
struct bzc_bios_regs {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
    uint16_t ds, es;
    uint16_t flags; /* what IRET will restore: the service changes CF and ZF here */
};

struct bzc_bios_config {
    const struct bzc_memory_map *map; /* borrowed for the life of the BIOS */
    struct bzc_clock *clock;
    const struct bzc_device_host *host;
    struct bzc_a20 *a20; /* the board's line, shared with the 8042 and port 92h */
};

/* What a BIOS remembers it keeps in the BDA, where the guest sees it; here is only what has no place there. */
struct bzc_bios {
    struct bzc_bios_config config;
    uint32_t tick_offset; /* set by INT 1Ah AH=01h: what to add to the clock's count of timer ticks */
};

enum bzc_bios_result {
    BZC_BIOS_DONE,    /* served */
    BZC_BIOS_REFUSED, /* a service that this PC does not have, answered as a BIOS answers it (CF set, AH=86h, ...) */
    BZC_BIOS_UNKNOWN, /* nobody has heard of this function: answered with CF set */
    BZC_BIOS_WAITS,   /* the guest waits for a key or an event that will never come (INT 16h AH=00h, INT 18h/19h) */
};

/* Prepares the state and writes IVT, BDA, EBDA and text page to guest memory through host->write. */
void bzc_bios_init(struct bzc_bios *bios, const struct bzc_bios_config *config);

/* The ROM's bytes: BZC_BIOS_ROM_SIZE of them, stubs, reset vector, model byte (0xfc at 0xffffe) and date included. */
void bzc_bios_rom(uint8_t rom[BZC_BIOS_ROM_SIZE]);

/* True when `phys` is the HLT of a trap stub; *vector receives the interrupt number. */
bool bzc_bios_trap(uint64_t phys, uint8_t *vector);

/*
 * Carries out service `vector` and lets 0.1 ms of guest time pass. `name` (may be NULL) receives a static text such as
 * "INT 15h AX=E820h"; an unknown function gets its interrupt's name ("INT 15h"), a vector without service
 * "unexpected interrupt".
 */
enum bzc_bios_result bzc_bios_call(struct bzc_bios *bios, uint8_t vector, struct bzc_bios_regs *regs,
                                   const char **name);

#endif
