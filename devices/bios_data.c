/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/bios_data.h"

#include <string.h>

#include "base/bytes.h"
#include "devices/bios_text.h"

#define VECTORS 256u

/* Vectors that a PC uses as pointers to data. */
static const struct {
    uint8_t vector;
    uint16_t offset; /* in the ROM segment */
} data_vector[] = {
    {0x1d, BZC_ROM_VIDEO_TABLE}, {0x1e, BZC_ROM_FLOPPY_TABLE}, {0x1f, BZC_ROM_FONT},       {0x41, BZC_ROM_DISK_TABLE},
    {0x43, BZC_ROM_FONT},        {0x44, BZC_ROM_FONT},         {0x46, BZC_ROM_DISK_TABLE},
};

uint16_t bzc_bios_low_kib(const struct bzc_memory_map *map)
{
    uint64_t kib = bzc_memory_map_ram_end(map, 0) >> 10;

    return kib > 640 ? 640 : (uint16_t)kib;
}

uint16_t bzc_bios_ebda_segment(const struct bzc_memory_map *map)
{
    uint16_t kib = bzc_bios_low_kib(map);

    return kib < 640 ? (uint16_t)(kib << 6) : 0;
}

static void write_vectors(struct bzc_bios *bios)
{
    uint8_t ivt[VECTORS * 4];

    for (unsigned vector = 0; vector < VECTORS; vector++) {
        bzc_store16(ivt + vector * 4, (uint16_t)(BZC_ROM_STUBS + vector * 4));
        bzc_store16(ivt + vector * 4 + 2, BZC_BIOS_ROM_SEG);
    }
    for (size_t i = 0; i < sizeof(data_vector) / sizeof(data_vector[0]); i++)
        bzc_store16(ivt + data_vector[i].vector * 4u, data_vector[i].offset);
    bios->config.host->write(bios->config.host->context, 0, ivt, sizeof(ivt));
}

static void put8(uint8_t *bda, unsigned phys, uint8_t value)
{
    bda[phys - BZC_BDA] = value;
}

static void put16(uint8_t *bda, unsigned phys, uint16_t value)
{
    bzc_store16(bda + (phys - BZC_BDA), value);
}

static void write_data_area(struct bzc_bios *bios)
{
    uint8_t bda[0x100] = {0};

    put16(bda, BZC_BDA_COM, 0x3f8);
    put16(bda, BZC_BDA_COM + 2, 0x2f8);
    put16(bda, BZC_BDA_EBDA_SEGMENT, bzc_bios_ebda_segment(bios->config.map));
    put16(bda, BZC_BDA_EQUIPMENT, BZC_BIOS_EQUIPMENT);
    put16(bda, BZC_BDA_LOW_KIB, bzc_bios_low_kib(bios->config.map));
    put16(bda, BZC_BDA_KEYBOARD_HEAD, BZC_BDA_KEYBOARD_BUFFER - BZC_BDA);
    put16(bda, BZC_BDA_KEYBOARD_TAIL, BZC_BDA_KEYBOARD_BUFFER - BZC_BDA);
    put16(bda, BZC_BDA_KEYBOARD_START, BZC_BDA_KEYBOARD_BUFFER - BZC_BDA);
    put16(bda, BZC_BDA_KEYBOARD_END, BZC_BDA_KEYBOARD_BUFFER - BZC_BDA + 32);
    put8(bda, BZC_BDA_KEYBOARD_EXTENDED, 0x10);
    put8(bda, BZC_BDA_VIDEO_CONTROL, 0x60);
    put8(bda, BZC_BDA_VIDEO_SWITCHES, 0xf9);
    put8(bda, BZC_BDA_VGA_FLAGS, 0x11);
    put8(bda, BZC_BDA_DISPLAY, 0x0b); /* entry of the usual table that stands for a lone colour VGA */
    bios->config.host->write(bios->config.host->context, BZC_BDA, bda, sizeof(bda));
}

void bzc_bios_init(struct bzc_bios *bios, const struct bzc_bios_config *config)
{
    uint16_t ebda = bzc_bios_ebda_segment(config->map);

    *bios = (struct bzc_bios){.config = *config};
    write_vectors(bios);
    write_data_area(bios);
    if (ebda) {
        /* The map's holes may leave no memory there; then the guest finds what a broken PC would give it. */
        const uint8_t size = 1; /* KiB */

        config->host->write(config->host->context, (uint32_t)ebda << 4, &size, 1);
    }
    bzc_bios_text_mode(bios, 3, true);
}

/* What hardware interrupts execute behind the HLT of their stub. */
static const uint8_t end_of_irq[] = {
    0xcd, 0x1c, /* INT 1Ch: the user's timer hook; the timer begins here */
    0x50,       /* PUSH AX: the first PIC's others begin here */
    0xb0, 0x20, /* MOV AL, 20h */
    0xe6, 0x20, /* OUT 20h, AL */
    0x58,       /* POP AX */
    0xcf,       /* IRET */
    0x50,       /* PUSH AX: the second PIC's begin here */
    0xb0, 0x20, /* MOV AL, 20h */
    0xe6, 0xa0, /* OUT A0h, AL */
    0xe6, 0x20, /* OUT 20h, AL */
    0x58,       /* POP AX */
    0xcf,       /* IRET */
};

static void put_stub(uint8_t *rom, unsigned vector)
{
    unsigned offset = BZC_ROM_STUBS + vector * 4, target;

    rom[offset] = 0xf4; /* HLT */
    if (vector == 0x08)
        target = BZC_ROM_END_OF_IRQ;
    else if (vector > 0x08 && vector <= 0x0f)
        target = BZC_ROM_END_OF_IRQ + 2;
    else if (vector >= 0x70 && vector <= 0x77)
        target = BZC_ROM_END_OF_IRQ + 9;
    else {
        rom[offset + 1] = 0xcf; /* IRET */
        return;
    }
    rom[offset + 1] = 0xe9; /* JMP near */
    bzc_store16(rom + offset + 2, (uint16_t)(target - (offset + 4)));
}

void bzc_bios_rom(uint8_t rom[BZC_BIOS_ROM_SIZE])
{
    static const uint8_t reset[] = {
        0xb0, 0xfe, /* MOV AL, FEh */
        0xe6, 0x64, /* OUT 64h, AL: a guest that comes here by itself gets the reset it wants */
        0xf4,       /* HLT */
        0xeb, 0xfd, /* JMP to the HLT */
    };
    /* Length 8, model FCh (AT), submodel 1, revision 0; feature 1: second PIC, real-time clock, INT 15h AH=4Fh, EBDA,
     * no Micro Channel; feature 2: INT 16h AH=09h. */
    static const uint8_t config[] = {0x08, 0x00, 0xfc, 0x01, 0x00, 0x74, 0x40, 0x00, 0x00, 0x00};
    /* A VGA: modes 0-7, 0dh-13h; 200, 350 and 400 lines; two of eight fonts; its usual capabilities. */
    static const uint8_t video[] = {0xff, 0xe0, 0x0f, 0, 0, 0, 0, 0x07, 0x02, 0x08, 0xe7, 0x0c, 0, 0, 0, 0};
    static const uint8_t floppy[] = {0xdf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08}; /* 1.44 MB */
    static const uint8_t reset_vector[] = {0xea, 0x5b, 0xe0, 0x00, 0xf0}; /* JMP F000:E05B */
    uint8_t sum = 0;

    memset(rom, 0, BZC_BIOS_ROM_SIZE);
    for (unsigned vector = 0; vector < VECTORS; vector++)
        put_stub(rom, vector);
    memcpy(rom + BZC_ROM_END_OF_IRQ, end_of_irq, sizeof(end_of_irq));
    memcpy(rom + BZC_ROM_RESET, reset, sizeof(reset));
    memcpy(rom + BZC_ROM_CONFIG, config, sizeof(config));
    memcpy(rom + BZC_ROM_VIDEO_STATIC, video, sizeof(video));
    memcpy(rom + BZC_ROM_FLOPPY_TABLE, floppy, sizeof(floppy));
    memcpy(rom + BZC_ROM_RESET_VECTOR, reset_vector, sizeof(reset_vector));
    memcpy(rom + BZC_ROM_DATE, "01/01/26", 8);
    rom[BZC_ROM_MODEL] = 0xfc;
    for (size_t i = 0; i < BZC_BIOS_ROM_SIZE; i++)
        sum = (uint8_t)(sum + rom[i]);
    rom[BZC_BIOS_ROM_SIZE - 1] = (uint8_t)-sum;
}

bool bzc_bios_trap(uint64_t phys, uint8_t *vector)
{
    const uint64_t first = BZC_BIOS_ROM_PHYS + BZC_ROM_STUBS;

    if (phys < first || phys >= first + VECTORS * 4 || (phys - first) % 4 != 0)
        return false;
    *vector = (uint8_t)((phys - first) / 4);
    return true;
}
