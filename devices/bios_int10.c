/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INT 10h: a VGA without VESA extensions. Source: Ralf Brown's Interrupt List, INT 10. */
#include "base/bytes.h"
#include "devices/bios_data.h"
#include "devices/bios_service.h"
#include "devices/bios_text.h"

static enum bzc_bios_result done(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    (void)regs;
    return BZC_BIOS_DONE;
}

/* The video BIOS refuses by leaving AL other than the function asked for; it does not speak through CF. */
static enum bzc_bios_result refused(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    (void)regs;
    return BZC_BIOS_REFUSED;
}

static enum bzc_bios_result no_vesa(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_low16(&regs->eax, 0x0100); /* AL is not 4Fh: not supported; AH=01h: failed */
    return BZC_BIOS_REFUSED;
}

static uint32_t cursor_address(unsigned page)
{
    return BZC_BDA_CURSOR + (page & 7) * 2;
}

static enum bzc_bios_result set_mode(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint8_t al = bzc_low8(regs->eax), mode = al & 0x7f;
    uint8_t control = bzc_bios_get8(bios, BZC_BDA_VIDEO_CONTROL) & 0x7f;

    if (!bzc_bios_text_mode(bios, mode, !(al & 0x80)))
        return BZC_BIOS_REFUSED;
    bzc_bios_put8(bios, BZC_BDA_VIDEO_CONTROL, control | (al & 0x80));
    bzc_set_low8(&regs->eax, mode > 7 ? 0x20 : mode == 6 ? 0x3f : 0x30);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result set_cursor_shape(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_bios_put16(bios, BZC_BDA_CURSOR_SHAPE, bzc_low16(regs->ecx));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result set_cursor(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_bios_put16(bios, cursor_address(bzc_high8(regs->ebx)), bzc_low16(regs->edx));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result get_cursor(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low16(&regs->edx, bzc_bios_get16(bios, cursor_address(bzc_high8(regs->ebx))));
    bzc_set_low16(&regs->ecx, bzc_bios_get16(bios, BZC_BDA_CURSOR_SHAPE));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result light_pen(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_high8(&regs->eax, 0); /* not triggered */
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result set_page(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint8_t page = bzc_low8(regs->eax) & 7;

    bzc_bios_put8(bios, BZC_BDA_PAGE, page);
    bzc_bios_put16(bios, BZC_BDA_PAGE_START, (uint16_t)(page * bzc_bios_get16(bios, BZC_BDA_PAGE_SIZE)));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result scroll(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    struct bzc_text_window window = {
        .top = bzc_high8(regs->ecx),
        .left = bzc_low8(regs->ecx),
        .bottom = bzc_high8(regs->edx),
        .right = bzc_low8(regs->edx),
    };

    bzc_bios_text_scroll(bios, bzc_bios_get8(bios, BZC_BDA_PAGE), window, bzc_low8(regs->eax),
                         bzc_high8(regs->eax) == 0x07, (uint16_t)(bzc_high8(regs->ebx) << 8 | ' '));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result read_cell(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    unsigned page = bzc_high8(regs->ebx);
    uint16_t cursor = bzc_bios_get16(bios, cursor_address(page));

    bzc_set_low16(&regs->eax, bzc_bios_text_get(bios, page, cursor >> 8, cursor & 0xff));
    return BZC_BIOS_DONE;
}

/* AH=09h and 0Ah: CX copies from the cursor on, which stays. */
static enum bzc_bios_result write_cells(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    const struct bzc_device_host *host = bios->config.host;
    struct bzc_text_screen screen = bzc_bios_text_screen(bios);
    unsigned page = bzc_high8(regs->ebx), count = bzc_low16(regs->ecx);
    uint16_t cursor = bzc_bios_get16(bios, cursor_address(page));
    unsigned row = cursor >> 8, column = cursor & 0xff;
    bool with_attribute = bzc_high8(regs->eax) == 0x09;

    for (; count && row < screen.rows; count--) {
        uint16_t cell = bzc_bios_text_get(bios, page, row, column);

        if (with_attribute)
            cell = (uint16_t)(bzc_low8(regs->ebx) << 8);
        bzc_bios_text_put(bios, page, row, column, (uint16_t)((cell & 0xff00) | bzc_low8(regs->eax)));
        if (++column >= screen.columns) {
            column = 0;
            row++;
        }
    }
    if (bzc_low16(regs->ecx) == 1) /* more than one is a line or a blank area, not text */
        host->console(host->context, BZC_CONSOLE_INT10, bzc_low8(regs->eax));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result teletype(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_bios_text_teletype(bios, bzc_bios_get8(bios, BZC_BDA_PAGE), bzc_low8(regs->eax), -1);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result get_mode(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint8_t keep = bzc_bios_get8(bios, BZC_BDA_VIDEO_CONTROL) & 0x80;

    bzc_set_low8(&regs->eax, bzc_bios_get8(bios, BZC_BDA_VIDEO_MODE) | keep);
    bzc_set_high8(&regs->eax, bzc_bios_get8(bios, BZC_BDA_COLUMNS));
    bzc_set_high8(&regs->ebx, bzc_bios_get8(bios, BZC_BDA_PAGE));
    return BZC_BIOS_DONE;
}

/* AH=11h: AL bits 0-3 choose the font, 10h more makes the rows fit; 2xh are fonts of graphics modes. */
static enum bzc_bios_result font(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint8_t al = bzc_low8(regs->eax), height = 0;

    switch (al) {
    case 0x10:
        height = bzc_high8(regs->ebx);
        break;
    case 0x11:
        height = 14;
        break;
    case 0x12:
        height = 8;
        break;
    case 0x14:
        height = 16;
        break;
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
        return BZC_BIOS_DONE;
    default:
        return BZC_BIOS_REFUSED;
    }
    if (height == 0 || height > 32)
        return BZC_BIOS_REFUSED;
    bzc_bios_text_font(bios, height);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result font_information(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint8_t which = bzc_high8(regs->ebx);

    if (which <= 1) { /* what the vectors 1Fh and 43h hold */
        uint32_t pointer = bzc_bios_get32(bios, which ? 4 * 0x43 : 4 * 0x1f);

        bzc_set_low16(&regs->ebp, (uint16_t)pointer);
        regs->es = (uint16_t)(pointer >> 16);
    } else {
        bzc_set_low16(&regs->ebp, BZC_ROM_FONT);
        regs->es = BZC_BIOS_ROM_SEG;
    }
    bzc_set_low16(&regs->ecx, bzc_bios_get16(bios, BZC_BDA_CHAR_HEIGHT));
    bzc_set_low8(&regs->edx, bzc_bios_get8(bios, BZC_BDA_ROWS));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result alternate_select(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    static const uint8_t scan_lines[] = {0x80, 0x00, 0x10}; /* 200, 350, 400 */
    uint8_t al = bzc_low8(regs->eax), flags;

    switch (bzc_low8(regs->ebx)) {
    case 0x10: /* EGA information: colour, 256 KiB; feature bits, switches */
        bzc_set_low16(&regs->ebx, 0x0003);
        bzc_set_low16(&regs->ecx, bzc_bios_get8(bios, BZC_BDA_VIDEO_SWITCHES) & 0x0f);
        return BZC_BIOS_DONE;
    case 0x20: /* print screen */
        return BZC_BIOS_DONE;
    case 0x30:
        if (al >= sizeof(scan_lines))
            return BZC_BIOS_REFUSED;
        flags = bzc_bios_get8(bios, BZC_BDA_VGA_FLAGS);
        bzc_bios_put8(bios, BZC_BDA_VGA_FLAGS, (uint8_t)((flags & 0x6f) | scan_lines[al]));
        break;
    case 0x31: /* palette loading, video enable, grey summing, cursor emulation, display switch, refresh: all taken */
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x35:
    case 0x36:
        break;
    default:
        return BZC_BIOS_REFUSED;
    }
    bzc_set_low8(&regs->eax, 0x12);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result write_string(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    unsigned page = bzc_high8(regs->ebx), count = bzc_low16(regs->ecx);
    uint8_t how = bzc_low8(regs->eax);
    uint32_t cursor = cursor_address(page), at = regs->ebp;
    uint16_t saved = bzc_bios_get16(bios, cursor);

    if (how > 3)
        return BZC_BIOS_REFUSED;
    bzc_bios_put16(bios, cursor, bzc_low16(regs->edx));
    for (; count; count--) {
        uint8_t byte = bzc_bios_get8(bios, bzc_seg_phys(regs->es, at++));
        uint8_t attribute = bzc_low8(regs->ebx);

        if (how & 2)
            attribute = bzc_bios_get8(bios, bzc_seg_phys(regs->es, at++));
        bzc_bios_text_teletype(bios, page, byte, attribute);
    }
    if (!(how & 1))
        bzc_bios_put16(bios, cursor, saved);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result get_display(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_low8(&regs->eax, 0x1a);
    bzc_set_low16(&regs->ebx, 0x0008); /* active: VGA with colour display; no other */
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result set_display(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_low8(&regs->eax, 0x1a);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result state_information(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    const struct bzc_device_host *host = bios->config.host;
    uint8_t table[64] = {0}, flags = bzc_bios_get8(bios, BZC_BDA_VGA_FLAGS);

    if (bzc_low16(regs->ebx) != 0)
        return BZC_BIOS_REFUSED;
    bzc_store16(table, BZC_ROM_VIDEO_STATIC);
    bzc_store16(table + 2, BZC_BIOS_ROM_SEG);
    /* From 04h to 21h the table is the BDA from 449h to 466h. */
    host->read(host->context, BZC_BDA_VIDEO_MODE, table + 0x04, 0x1e);
    table[0x22] = (uint8_t)(bzc_bios_get8(bios, BZC_BDA_ROWS) + 1);
    bzc_store16(table + 0x23, bzc_bios_get16(bios, BZC_BDA_CHAR_HEIGHT));
    table[0x25] = 0x08;                                    /* display combination: VGA colour, alone */
    bzc_store16(table + 0x27, 16);                         /* colours */
    table[0x29] = 8;                                       /* pages */
    table[0x2a] = flags & 0x80 ? 0 : flags & 0x10 ? 2 : 1; /* scan lines: 200, 400, 350 */
    table[0x2d] = 0x21;                                    /* all modes on all displays; blinking */
    table[0x31] = 3;                                       /* 256 KiB */
    if (!host->write(host->context, bzc_seg_phys(regs->es, regs->edi), table, sizeof(table)))
        return BZC_BIOS_REFUSED;
    bzc_set_low8(&regs->eax, 0x1b);
    return BZC_BIOS_DONE;
}

static const struct bzc_bios_service service[] = {
    {0x0000, 0xff00, "INT 10h AH=00h", set_mode},
    {0x0100, 0xff00, "INT 10h AH=01h", set_cursor_shape},
    {0x0200, 0xff00, "INT 10h AH=02h", set_cursor},
    {0x0300, 0xff00, "INT 10h AH=03h", get_cursor},
    {0x0400, 0xff00, "INT 10h AH=04h", light_pen},
    {0x0500, 0xff00, "INT 10h AH=05h", set_page},
    {0x0600, 0xff00, "INT 10h AH=06h", scroll},
    {0x0700, 0xff00, "INT 10h AH=07h", scroll},
    {0x0800, 0xff00, "INT 10h AH=08h", read_cell},
    {0x0900, 0xff00, "INT 10h AH=09h", write_cells},
    {0x0a00, 0xff00, "INT 10h AH=0Ah", write_cells},
    {0x0b00, 0xff00, "INT 10h AH=0Bh", done},    /* border, palette */
    {0x0c00, 0xff00, "INT 10h AH=0Ch", refused}, /* pixels */
    {0x0d00, 0xff00, "INT 10h AH=0Dh", refused},
    {0x0e00, 0xff00, "INT 10h AH=0Eh", teletype},
    {0x0f00, 0xff00, "INT 10h AH=0Fh", get_mode},
    {0x1000, 0xff00, "INT 10h AH=10h", done}, /* palette: taken, not kept */
    {0x1130, 0xffff, "INT 10h AX=1130h", font_information},
    {0x1100, 0xff00, "INT 10h AH=11h", font},
    {0x1200, 0xff00, "INT 10h AH=12h", alternate_select},
    {0x1300, 0xff00, "INT 10h AH=13h", write_string},
    {0x1a00, 0xffff, "INT 10h AX=1A00h", get_display},
    {0x1a01, 0xffff, "INT 10h AX=1A01h", set_display},
    {0x1b00, 0xff00, "INT 10h AH=1Bh", state_information},
    {0x1c00, 0xff00, "INT 10h AH=1Ch", refused}, /* save and restore state */
    {0x4f00, 0xff00, "INT 10h AH=4Fh", no_vesa},
    {0x6f00, 0xff00, "INT 10h AH=6Fh", refused}, /* Video7, asked by Linux 2.x */
};

const struct bzc_bios_interrupt bzc_bios_int10 = {0x10, "INT 10h", service, sizeof(service) / sizeof(service[0]), -1};
