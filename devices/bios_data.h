/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the BIOS keeps its data: the BIOS data area (BDA), the extended one (EBDA) and the layout of the ROM.
 *
 * Sources: Ralf Brown's Memory list, "BIOS DATA AREA"; IBM PC AT Technical Reference, BIOS listing (the ROM addresses
 * that programs rely on, as F000:FFF0); Phoenix, "System BIOS for IBM PCs, Compatibles, and EISA Computers".
 */
#ifndef BZC_DEVICES_BIOS_DATA_H
#define BZC_DEVICES_BIOS_DATA_H

#include "base/memory_map.h"
#include "devices/bios.h"

/* Physical addresses in the BDA; the comment gives the width in bytes. */
enum {
    BZC_BDA = 0x400,
    BZC_BDA_COM = 0x400,               /* 4 x 2: ports of COM1.. */
    BZC_BDA_EBDA_SEGMENT = 0x40e,      /* 2 */
    BZC_BDA_EQUIPMENT = 0x410,         /* 2 */
    BZC_BDA_LOW_KIB = 0x413,           /* 2 */
    BZC_BDA_KEYBOARD_FLAGS = 0x417,    /* 2 */
    BZC_BDA_KEYBOARD_HEAD = 0x41a,     /* 2: offset from 400h of the next key to read */
    BZC_BDA_KEYBOARD_TAIL = 0x41c,     /* 2: offset of the next free place; equal to the head when empty */
    BZC_BDA_KEYBOARD_BUFFER = 0x41e,   /* 16 x 2: scan code high, ASCII low */
    BZC_BDA_FLOPPY_STATUS = 0x441,     /* 1 */
    BZC_BDA_VIDEO_MODE = 0x449,        /* 1 */
    BZC_BDA_COLUMNS = 0x44a,           /* 2 */
    BZC_BDA_PAGE_SIZE = 0x44c,         /* 2: bytes */
    BZC_BDA_PAGE_START = 0x44e,        /* 2: offset of the active page */
    BZC_BDA_CURSOR = 0x450,            /* 8 x 2: row high, column low */
    BZC_BDA_CURSOR_SHAPE = 0x460,      /* 2: first line high, last line low */
    BZC_BDA_PAGE = 0x462,              /* 1 */
    BZC_BDA_CRTC = 0x463,              /* 2: port */
    BZC_BDA_CRT_MODE = 0x465,          /* 1 */
    BZC_BDA_CRT_PALETTE = 0x466,       /* 1 */
    BZC_BDA_TICKS = 0x46c,             /* 4 */
    BZC_BDA_MIDNIGHT = 0x470,          /* 1 */
    BZC_BDA_DISK_STATUS = 0x474,       /* 1 */
    BZC_BDA_DISKS = 0x475,             /* 1 */
    BZC_BDA_KEYBOARD_START = 0x480,    /* 2 */
    BZC_BDA_KEYBOARD_END = 0x482,      /* 2 */
    BZC_BDA_ROWS = 0x484,              /* 1: minus one */
    BZC_BDA_CHAR_HEIGHT = 0x485,       /* 2: scan lines */
    BZC_BDA_VIDEO_CONTROL = 0x487,     /* 1: bit 7 keep the screen at a mode set; bits 5-6 memory, 3 is 256 KiB */
    BZC_BDA_VIDEO_SWITCHES = 0x488,    /* 1 */
    BZC_BDA_VGA_FLAGS = 0x489,         /* 1: scan lines of text modes: bit 7 set 200, bit 4 set 400, else 350 */
    BZC_BDA_DISPLAY = 0x48a,           /* 1: index of the display combination */
    BZC_BDA_KEYBOARD_EXTENDED = 0x496, /* 1: bit 4 a 101-key keyboard */
};

/* Offsets in the ROM segment. */
enum {
    BZC_ROM_FONT = 0x1000,         /* 256 x 16: every glyph blank; serves all sizes */
    BZC_ROM_STUBS = 0x8000,        /* 256 trap stubs of 4 bytes */
    BZC_ROM_END_OF_IRQ = 0x8400,   /* code behind the HLT of hardware interrupts */
    BZC_ROM_RESET = 0xe05b,        /* where the reset vector leads */
    BZC_ROM_DISK_TABLE = 0xe401,   /* INT 41h, 46h: 16 bytes of zeros, no disk */
    BZC_ROM_CONFIG = 0xe6f5,       /* INT 15h AH=C0h */
    BZC_ROM_VIDEO_STATIC = 0xe710, /* INT 10h AH=1Bh */
    BZC_ROM_FLOPPY_TABLE = 0xefc7, /* INT 1Eh */
    BZC_ROM_VIDEO_TABLE = 0xf0a4,  /* INT 1Dh: zeros; a VGA has no 6845 */
    BZC_ROM_RESET_VECTOR = 0xfff0,
    BZC_ROM_DATE = 0xfff5,
    BZC_ROM_MODEL = 0xfffe,
};

/* INT 11h: coprocessor, 80x25 colour, two serial ports; no floppy drive, no mouse, no printer. */
#define BZC_BIOS_EQUIPMENT 0x0422u

/* Memory below 1 MiB that INT 12h reports, in KiB: to the end of the RAM at 0, at most 640. */
uint16_t bzc_bios_low_kib(const struct bzc_memory_map *map);
/* The segment of the EBDA, directly above that memory; 0 when it does not fit below 0xa0000. */
uint16_t bzc_bios_ebda_segment(const struct bzc_memory_map *map);

#endif
