/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two interrupt controllers of a PC: the first at ports 20h-21h, the second at A0h-A1h on input 2 of the first.
 * Requests are edges. Not modelled: level triggering, special mask mode, special fully nested mode.
 * Source: Intel 8259A data sheet, "Programming the 8259A" (ICW1-ICW4, OCW1-OCW3), "Interrupt sequence".
 */
#ifndef BZC_DEVICES_PIC_H
#define BZC_DEVICES_PIC_H

#include "devices/device.h"

struct bzc_pic_chip {
    uint8_t irr, isr, imr; /* requests, in service, mask; bit n is input n */
    uint8_t base;          /* vector of input 0: T7-T3 of ICW2 */
    uint8_t lowest;        /* input with the lowest priority; 7 unless rotated */
    uint8_t expects;       /* 2, 3, 4: the ICW that the next write to the odd port is; 0: OCW1 */
    bool needs_icw4, single;
    bool read_isr; /* OCW3: the even port shows ISR instead of IRR */
    bool poll;     /* OCW3: the next read is a poll */
    bool auto_eoi, rotate_on_auto_eoi;
    bool second; /* which of the two it is */
};

struct bzc_pic {
    struct bzc_pic_chip chip[2];
};

/* As a BIOS leaves them: vectors 08h-0fh and 70h-77h; all masked but timer, keyboard and cascade. */
void bzc_pic_init(struct bzc_pic *pic);
/* Registers ports 20h, 21h, a0h, a1h. False as bzc_ports_add(). */
bool bzc_pic_attach(struct bzc_pic *pic, struct bzc_ports *ports);

/* A rising edge at `irq` (0-15). */
void bzc_pic_raise(struct bzc_pic *pic, unsigned irq);
/* The interrupt acknowledge cycle. False when no request is unmasked and of higher priority than those in service. */
bool bzc_pic_acknowledge(struct bzc_pic *pic, uint8_t *vector);

#endif
