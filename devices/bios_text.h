/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text screen of the BIOS: pages of character and attribute bytes at 0xb8000 (0xb0000 in mode 7), with geometry and
 * cursors in the BDA. A guest may write anything there, so every value is brought into bounds before use. In graphics
 * modes nothing is drawn. Private to devices/bios*.c.
 *
 * Source: Ralf Brown's Interrupt List, INT 10 AH=00h-13h, and Memory list, "BIOS DATA AREA".
 */
#ifndef BZC_DEVICES_BIOS_TEXT_H
#define BZC_DEVICES_BIOS_TEXT_H

#include "devices/bios.h"

#define BZC_TEXT_COLUMNS_MAX 132u
#define BZC_TEXT_ROWS_MAX    60u

struct bzc_text_screen {
    bool text;     /* false in a graphics mode */
    uint32_t base; /* physical address of page 0 */
    unsigned columns, rows;
    unsigned page_size; /* bytes */
};

/* What the BDA says now. */
struct bzc_text_screen bzc_bios_text_screen(const struct bzc_bios *bios);

/*
 * Sets a mode that a VGA has (0-7, 0dh-13h) with its font, geometry and cursors, and blanks the screen if `clear`.
 * False, with nothing changed, for other modes.
 */
bool bzc_bios_text_mode(struct bzc_bios *bios, uint8_t mode, bool clear);
/* Gives the screen a font of `height` scan lines and as many rows as fit. `height` 1-32. */
void bzc_bios_text_font(struct bzc_bios *bios, uint8_t height);

/* A cell of `page` (0-7); the attribute is the high byte. Cells outside the screen read as 0 and cannot be written. */
uint16_t bzc_bios_text_get(const struct bzc_bios *bios, unsigned page, unsigned row, unsigned column);
void bzc_bios_text_put(const struct bzc_bios *bios, unsigned page, unsigned row, unsigned column, uint16_t cell);

/* A window, rows and columns inclusive. */
struct bzc_text_window {
    unsigned top, left, bottom, right;
};
/* Scrolls a window of `page` by `lines` rows up (or down), filling with `fill`; 0 lines or too many blank it. */
void bzc_bios_text_scroll(const struct bzc_bios *bios, unsigned page, struct bzc_text_window window, unsigned lines,
                          bool down, uint16_t fill);

/*
 * Writes a character at the cursor of `page` as a teletype does: BEL, BS, LF and CR act, others print and move on,
 * the screen scrolls. `attribute` is used where it is not negative, else the cell keeps its own. The host's console
 * hears the byte.
 */
void bzc_bios_text_teletype(const struct bzc_bios *bios, unsigned page, uint8_t byte, int attribute);

#endif
