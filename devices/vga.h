/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register side of a VGA in 80x25 colour text mode (ports 3b0h-3bbh, 3c0h-3dfh). Registers keep what is written;
 * nothing is drawn, the text page is ordinary memory.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", "VGA Registers" and the table of mode 3
 * register values.
 */
#ifndef BZC_DEVICES_VGA_H
#define BZC_DEVICES_VGA_H

#include "devices/device.h"

struct bzc_vga {
    uint8_t misc; /* miscellaneous output; bit 0: CRTC at 3d4h, else 3b4h */
    uint8_t crtc[64], sequencer[8], graphics[16], attribute[32]; /* addressed by an index; larger ones are nobody's */
    uint8_t crtc_index, sequencer_index, graphics_index, attribute_index;
    bool attribute_data; /* the attribute port takes data next, not an index */
    bool retrace;        /* toggles with every read of input status 1 */
    uint8_t palette[256 * 3];
    uint8_t palette_mask;
    uint16_t palette_read, palette_write; /* byte positions */
    bool palette_reading;
};

void bzc_vga_init(struct bzc_vga *vga);
/* Registers ports 3b0h-3bbh and 3c0h-3dfh. False as bzc_ports_add(). */
bool bzc_vga_attach(struct bzc_vga *vga, struct bzc_ports *ports);

#endif
