/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/stubs.h"

#define RESET_CPU 0x04u /* CF9h: its rising edge resets */

static uint32_t zeros_in(void *state, uint16_t offset, unsigned size)
{
    (void)state;
    (void)offset;
    (void)size;
    return 0;
}

static uint32_t ones_in(void *state, uint16_t offset, unsigned size)
{
    (void)state;
    (void)offset;
    (void)size;
    return UINT32_MAX;
}

static void ignored_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    (void)state;
    (void)offset;
    (void)size;
    (void)value;
}

static uint32_t pci_address_in(void *state, uint16_t offset, unsigned size)
{
    const struct bzc_stubs *stubs = state;

    if (size == 4)
        return stubs->pci_address;
    return offset == 1 ? stubs->reset_control : UINT32_MAX;
}

/* CF8h is a double word register; smaller accesses pass it by, and the byte at CF9h is the reset control. */
static void pci_address_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_stubs *stubs = state;

    if (size == 4) {
        stubs->pci_address = value & 0x80fffffcu;
    } else if (offset == 1) {
        bool rising = (value & RESET_CPU) && !(stubs->reset_control & RESET_CPU);

        stubs->reset_control = (uint8_t)value;
        if (rising)
            stubs->host->reset(stubs->host->context, "port CF9h");
    }
}

static const struct bzc_port_range stub[] = {
    {"DMA controller", 0x000, 16, 1, zeros_in, ignored_out, NULL},
    {"chip set", 0x022, 2, 1, ones_in, ignored_out, NULL}, /* IMCR, Cyrix configuration */
    {"delay port 80h", 0x080, 1, 1, zeros_in, ignored_out, NULL},
    {"DMA page registers", 0x081, 15, 1, zeros_in, ignored_out, NULL},
    {"DMA controller", 0x0c0, 32, 1, zeros_in, ignored_out, NULL},
    {"delay port EDh", 0x0ed, 1, 1, ones_in, ignored_out, NULL},
    {"coprocessor", 0x0f0, 2, 1, ones_in, ignored_out, NULL},
    {"game port", 0x200, 8, 1, ones_in, ignored_out, NULL},
    {"LPT2", 0x278, 3, 1, ones_in, ignored_out, NULL},
    {"LPT1", 0x378, 3, 1, ones_in, ignored_out, NULL},
    {"LPT3", 0x3bc, 3, 1, ones_in, ignored_out, NULL},
    {"floppy controller", 0x3f0, 6, 1, ones_in, ignored_out, NULL}, /* 3f6h is the hard disk's */
    {"floppy controller", 0x3f7, 1, 1, ones_in, ignored_out, NULL},
    {"ELCR", 0x4d0, 2, 1, zeros_in, ignored_out, NULL},
    {"PCI configuration", 0xcf8, 4, 4, pci_address_in, pci_address_out, NULL},
    {"PCI configuration", 0xcfc, 4, 4, ones_in, ignored_out, NULL}, /* master abort: no device */
};

void bzc_stubs_init(struct bzc_stubs *stubs, const struct bzc_device_host *host)
{
    *stubs = (struct bzc_stubs){.host = host};
}

bool bzc_stubs_attach(struct bzc_stubs *stubs, struct bzc_ports *ports)
{
    for (size_t i = 0; i < sizeof(stub) / sizeof(stub[0]); i++) {
        struct bzc_port_range range = stub[i];

        range.state = stubs;
        if (!bzc_ports_add(ports, &range))
            return false;
    }
    return true;
}
