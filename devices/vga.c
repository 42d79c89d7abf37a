/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/vga.h"

#include <string.h>

#define PALETTE_SIZE 768u

static uint8_t indexed_in(const uint8_t *registers, size_t count, uint8_t index)
{
    return index < count ? registers[index] : 0xff;
}

static void indexed_out(uint8_t *registers, size_t count, uint8_t index, uint8_t value)
{
    if (index < count)
        registers[index] = value;
}

/* The CRTC and input status 1 answer in the colour or in the monochrome block, never in both. */
static bool crtc_block(const struct bzc_vga *vga, uint16_t port)
{
    return (port & 0xfff0) == (vga->misc & 1 ? 0x3d0 : 0x3b0);
}

static uint32_t crtc_in(struct bzc_vga *vga, uint16_t port)
{
    switch (port & 0xf) {
    case 0x4:
        return vga->crtc_index;
    case 0x5:
        return indexed_in(vga->crtc, sizeof(vga->crtc), vga->crtc_index);
    case 0xa: /* input status 1: waiting for a retrace, and for its end, must both come to an end */
        vga->retrace = !vga->retrace;
        vga->attribute_data = false;
        return vga->retrace ? 0x09 : 0x00;
    default:
        return 0xff;
    }
}

static void crtc_out(struct bzc_vga *vga, uint16_t port, uint8_t value)
{
    if ((port & 0xf) == 0x4)
        vga->crtc_index = value;
    else if ((port & 0xf) == 0x5)
        indexed_out(vga->crtc, sizeof(vga->crtc), vga->crtc_index, value);
}

static uint32_t vga_in_port(struct bzc_vga *vga, uint16_t port)
{
    uint8_t value;

    switch (port) {
    case 0x3c0:
        return vga->attribute_index;
    case 0x3c1:
        return indexed_in(vga->attribute, sizeof(vga->attribute), vga->attribute_index & 0x1f);
    case 0x3c2: /* input status 0 */
        return 0x00;
    case 0x3c4:
        return vga->sequencer_index;
    case 0x3c5:
        return indexed_in(vga->sequencer, sizeof(vga->sequencer), vga->sequencer_index);
    case 0x3c6:
        return vga->palette_mask;
    case 0x3c7:
        return vga->palette_reading ? 0x03 : 0x00;
    case 0x3c8:
        return vga->palette_write / 3;
    case 0x3c9:
        value = vga->palette[vga->palette_read];
        vga->palette_read = (uint16_t)((vga->palette_read + 1u) % PALETTE_SIZE);
        return value;
    case 0x3ca: /* feature control */
        return 0x00;
    case 0x3cc:
        return vga->misc;
    case 0x3ce:
        return vga->graphics_index;
    case 0x3cf:
        return indexed_in(vga->graphics, sizeof(vga->graphics), vga->graphics_index);
    default:
        return crtc_block(vga, port) ? crtc_in(vga, port) : 0xff;
    }
}

static void vga_out_port(struct bzc_vga *vga, uint16_t port, uint8_t value)
{
    switch (port) {
    case 0x3c0:
        if (vga->attribute_data)
            indexed_out(vga->attribute, sizeof(vga->attribute), vga->attribute_index & 0x1f, value);
        else
            vga->attribute_index = value & 0x3f;
        vga->attribute_data = !vga->attribute_data;
        break;
    case 0x3c2:
        vga->misc = value;
        break;
    case 0x3c4:
        vga->sequencer_index = value;
        break;
    case 0x3c5:
        indexed_out(vga->sequencer, sizeof(vga->sequencer), vga->sequencer_index, value);
        break;
    case 0x3c6:
        vga->palette_mask = value;
        break;
    case 0x3c7:
        vga->palette_read = (uint16_t)(value * 3);
        vga->palette_reading = true;
        break;
    case 0x3c8:
        vga->palette_write = (uint16_t)(value * 3);
        vga->palette_reading = false;
        break;
    case 0x3c9:
        vga->palette[vga->palette_write] = value & 0x3f;
        vga->palette_write = (uint16_t)((vga->palette_write + 1u) % PALETTE_SIZE);
        break;
    case 0x3ce:
        vga->graphics_index = value;
        break;
    case 0x3cf:
        indexed_out(vga->graphics, sizeof(vga->graphics), vga->graphics_index, value);
        break;
    default:
        if (crtc_block(vga, port))
            crtc_out(vga, port, value);
    }
}

static uint32_t mono_in(void *state, uint16_t offset, unsigned size)
{
    (void)size;
    return vga_in_port(state, (uint16_t)(0x3b0 + offset));
}

static void mono_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    (void)size;
    vga_out_port(state, (uint16_t)(0x3b0 + offset), (uint8_t)value);
}

static uint32_t colour_in(void *state, uint16_t offset, unsigned size)
{
    (void)size;
    return vga_in_port(state, (uint16_t)(0x3c0 + offset));
}

static void colour_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    (void)size;
    vga_out_port(state, (uint16_t)(0x3c0 + offset), (uint8_t)value);
}

void bzc_vga_init(struct bzc_vga *vga)
{
    static const uint8_t crtc[25] = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00,
                                     0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff};
    static const uint8_t sequencer[5] = {0x03, 0x00, 0x03, 0x00, 0x02};
    static const uint8_t graphics[9] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff};
    static const uint8_t attribute[21] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
                                          0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f, 0x08, 0x00};

    memset(vga, 0, sizeof(*vga));
    vga->misc = 0x67;
    vga->palette_mask = 0xff;
    vga->attribute_index = 0x20;
    memcpy(vga->crtc, crtc, sizeof(crtc));
    memcpy(vga->sequencer, sequencer, sizeof(sequencer));
    memcpy(vga->graphics, graphics, sizeof(graphics));
    memcpy(vga->attribute, attribute, sizeof(attribute));
}

bool bzc_vga_attach(struct bzc_vga *vga, struct bzc_ports *ports)
{
    struct bzc_port_range mono = {
        .name = "VGA", .first = 0x3b0, .count = 12, .width = 1, .in = mono_in, .out = mono_out, .state = vga};
    struct bzc_port_range colour = {
        .name = "VGA", .first = 0x3c0, .count = 32, .width = 1, .in = colour_in, .out = colour_out, .state = vga};

    return bzc_ports_add(ports, &mono) && bzc_ports_add(ports, &colour);
}
