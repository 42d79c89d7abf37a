/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/bios_text.h"

#include "base/bytes.h"
#include "devices/bios_data.h"
#include "devices/bios_service.h"

#define BLANK         0x0720u
#define TEXT_WINDOW   0x8000u /* bytes of text memory */
#define FLAG_200      0x80u   /* BZC_BDA_VGA_FLAGS */
#define FLAG_400      0x10u
#define PAGES         8u
#define CURSOR_HIDDEN 0x2000u

static bool is_text(uint8_t mode)
{
    return mode <= 3 || mode == 7;
}

static bool is_mode(uint8_t mode)
{
    return mode <= 7 || (mode >= 0x0d && mode <= 0x13);
}

struct bzc_text_screen bzc_bios_text_screen(const struct bzc_bios *bios)
{
    uint8_t mode = bzc_bios_get8(bios, BZC_BDA_VIDEO_MODE) & 0x7f;
    struct bzc_text_screen screen = {
        .text = is_text(mode),
        .base = mode == 7 ? 0xb0000 : 0xb8000,
        .columns = bzc_bios_get16(bios, BZC_BDA_COLUMNS),
        .rows = bzc_bios_get8(bios, BZC_BDA_ROWS) + 1u,
        .page_size = bzc_bios_get16(bios, BZC_BDA_PAGE_SIZE),
    };

    if (screen.columns == 0 || screen.columns > BZC_TEXT_COLUMNS_MAX)
        screen.columns = 80;
    if (screen.rows > BZC_TEXT_ROWS_MAX)
        screen.rows = 25;
    return screen;
}

/* The address of a cell, or 0 when it lies outside the screen or outside text memory. */
static uint32_t cell_address(const struct bzc_text_screen *screen, unsigned page, unsigned row, unsigned column)
{
    uint32_t offset = (page % PAGES) * screen->page_size + (row * screen->columns + column) * 2;

    if (!screen->text || row >= screen->rows || column >= screen->columns || offset > TEXT_WINDOW - 2)
        return 0;
    return screen->base + offset;
}

uint16_t bzc_bios_text_get(const struct bzc_bios *bios, unsigned page, unsigned row, unsigned column)
{
    struct bzc_text_screen screen = bzc_bios_text_screen(bios);
    uint32_t phys = cell_address(&screen, page, row, column);

    return phys ? bzc_bios_get16(bios, phys) : 0;
}

void bzc_bios_text_put(const struct bzc_bios *bios, unsigned page, unsigned row, unsigned column, uint16_t cell)
{
    struct bzc_text_screen screen = bzc_bios_text_screen(bios);
    uint32_t phys = cell_address(&screen, page, row, column);

    if (phys)
        bzc_bios_put16(bios, phys, cell);
}

static void copy_row(const struct bzc_bios *bios, const struct bzc_text_screen *screen, unsigned page,
                     const struct bzc_text_window *window, unsigned to, unsigned from)
{
    const struct bzc_device_host *host = bios->config.host;
    uint32_t source = cell_address(screen, page, from, window->left);
    uint32_t target = cell_address(screen, page, to, window->left);
    bool whole = cell_address(screen, page, from, window->right) && cell_address(screen, page, to, window->right);
    size_t size = (window->right - window->left + 1) * 2u;
    uint8_t row[BZC_TEXT_COLUMNS_MAX * 2];

    if (source && target && whole && host->read(host->context, source, row, size))
        host->write(host->context, target, row, size);
}

static void fill_row(const struct bzc_bios *bios, const struct bzc_text_screen *screen, unsigned page,
                     const struct bzc_text_window *window, unsigned to, uint16_t fill)
{
    const struct bzc_device_host *host = bios->config.host;
    uint32_t target = cell_address(screen, page, to, window->left);
    bool whole = cell_address(screen, page, to, window->right);
    unsigned cells = window->right - window->left + 1;
    uint8_t row[BZC_TEXT_COLUMNS_MAX * 2];

    for (unsigned i = 0; i < cells; i++)
        bzc_store16(row + i * 2, fill);
    if (target && whole)
        host->write(host->context, target, row, cells * 2u);
}

void bzc_bios_text_scroll(const struct bzc_bios *bios, unsigned page, struct bzc_text_window window, unsigned lines,
                          bool down, uint16_t fill)
{
    struct bzc_text_screen screen = bzc_bios_text_screen(bios);
    unsigned height;

    if (window.bottom >= screen.rows)
        window.bottom = screen.rows - 1;
    if (window.right >= screen.columns)
        window.right = screen.columns - 1;
    if (window.top > window.bottom || window.left > window.right)
        return;
    height = window.bottom - window.top + 1;
    if (lines == 0 || lines > height)
        lines = height;
    for (unsigned i = 0; i < height; i++) {
        unsigned to = down ? window.bottom - i : window.top + i;

        if (i + lines < height)
            copy_row(bios, &screen, page, &window, to, down ? to - lines : to + lines);
        else
            fill_row(bios, &screen, page, &window, to, fill);
    }
}

void bzc_bios_text_teletype(const struct bzc_bios *bios, unsigned page, uint8_t byte, int attribute)
{
    const struct bzc_device_host *host = bios->config.host;
    struct bzc_text_screen screen = bzc_bios_text_screen(bios);
    uint32_t cursor = BZC_BDA_CURSOR + (page % PAGES) * 2;
    unsigned column = bzc_bios_get8(bios, cursor), row = bzc_bios_get8(bios, cursor + 1);
    uint16_t old;

    host->console(host->context, BZC_CONSOLE_INT10, byte);
    if (column >= screen.columns)
        column = screen.columns - 1;
    if (row >= screen.rows)
        row = screen.rows - 1;
    old = bzc_bios_text_get(bios, page, row, column);
    switch (byte) {
    case '\a':
        break;
    case '\b':
        if (column)
            column--;
        break;
    case '\n':
        row++;
        break;
    case '\r':
        column = 0;
        break;
    default:
        bzc_bios_text_put(bios, page, row, column, (uint16_t)((attribute >= 0 ? attribute << 8 : old & 0xff00) | byte));
        if (++column == screen.columns) {
            column = 0;
            row++;
        }
    }
    if (row == screen.rows) {
        struct bzc_text_window all = {0, 0, screen.rows - 1, screen.columns - 1};

        row--;
        bzc_bios_text_scroll(bios, page, all, 1, false, (uint16_t)((old & 0xff00) | ' '));
    }
    bzc_bios_put16(bios, cursor, (uint16_t)(row << 8 | column));
}

static unsigned scan_lines(const struct bzc_bios *bios)
{
    uint8_t flags = bzc_bios_get8(bios, BZC_BDA_VGA_FLAGS);

    return flags & FLAG_200 ? 200 : flags & FLAG_400 ? 400 : 350;
}

void bzc_bios_text_font(struct bzc_bios *bios, uint8_t height)
{
    unsigned columns = bzc_bios_text_screen(bios).columns;
    unsigned rows = scan_lines(bios) / height;

    if (rows > BZC_TEXT_ROWS_MAX)
        rows = BZC_TEXT_ROWS_MAX;
    if (rows == 0)
        rows = 1;
    bzc_bios_put16(bios, BZC_BDA_CHAR_HEIGHT, height);
    bzc_bios_put8(bios, BZC_BDA_ROWS, (uint8_t)(rows - 1));
    /* Pages begin at multiples of 2 KiB, with room behind the last cell. */
    bzc_bios_put16(bios, BZC_BDA_PAGE_SIZE, (uint16_t)((rows * columns * 2 + 0x7ff) & ~0x7ffu));
}

bool bzc_bios_text_mode(struct bzc_bios *bios, uint8_t mode, bool clear)
{
    unsigned lines = scan_lines(bios);
    uint8_t height = lines == 400 ? 16 : lines == 350 ? 14 : 8;

    if (!is_mode(mode))
        return false;
    bzc_bios_put8(bios, BZC_BDA_VIDEO_MODE, mode);
    bzc_bios_put16(bios, BZC_BDA_COLUMNS,
                   mode <= 1 || mode == 4 || mode == 5 || mode == 0x0d || mode == 0x13 ? 40 : 80);
    bzc_bios_put16(bios, BZC_BDA_PAGE_START, 0);
    for (uint32_t page = 0; page < PAGES; page++)
        bzc_bios_put16(bios, BZC_BDA_CURSOR + page * 2, 0);
    bzc_bios_put16(bios, BZC_BDA_CURSOR_SHAPE, is_text(mode) ? 0x0607 : CURSOR_HIDDEN);
    bzc_bios_put8(bios, BZC_BDA_PAGE, 0);
    bzc_bios_put16(bios, BZC_BDA_CRTC, mode == 7 ? 0x3b4 : 0x3d4);
    bzc_bios_put8(bios, BZC_BDA_CRT_MODE, 0x29);
    bzc_bios_put8(bios, BZC_BDA_CRT_PALETTE, 0x30);
    bzc_bios_text_font(bios, height);
    if (clear && is_text(mode)) {
        const struct bzc_device_host *host = bios->config.host;
        uint8_t blank[512];

        for (unsigned i = 0; i < sizeof(blank); i += 2)
            bzc_store16(blank + i, BLANK);
        for (uint32_t at = 0; at < TEXT_WINDOW; at += sizeof(blank))
            host->write(host->context, (mode == 7 ? 0xb0000u : 0xb8000u) + at, blank, sizeof(blank));
    }
    return true;
}
