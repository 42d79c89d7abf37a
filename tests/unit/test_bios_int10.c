/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "devices/bios.h"
#include "tests/fakes/fake_bios.h"

static int setup(void **state)
{
    *state = fake_bios_new();
    return 0;
}

static int teardown(void **state)
{
    fake_bios_free(*state);
    return 0;
}

/* The cell of page 0 of an 80-column screen. */
static unsigned cell(const struct fake_bios *b, unsigned row, unsigned column)
{
    return fake_mem16(b, 0xb8000 + (row * 80 + column) * 2);
}

static void put(struct fake_bios *b, const char *text)
{
    for (; *text; text++) {
        b->regs.ebx = 0x0007;
        b->regs.ecx = 0x0001;
        assert_int_equal(fake_int(b, 0x10, 0x0e00u | (uint8_t)*text), BZC_BIOS_DONE);
    }
}

static unsigned cursor(struct fake_bios *b)
{
    b->regs.ebx = 0;
    assert_int_equal(fake_int(b, 0x10, 0x0300), BZC_BIOS_DONE);
    return b->regs.edx & 0xffff;
}

static void set_cursor(struct fake_bios *b, uint16_t row_column)
{
    b->regs.ebx = 0;
    b->regs.edx = row_column;
    assert_int_equal(fake_int(b, 0x10, 0x0200), BZC_BIOS_DONE);
}

static void teletype_prints(void **state)
{
    struct fake_bios *b = *state;

    put(b, "Hi\r\nthere\a\b!");
    assert_int_equal(cell(b, 0, 0), 0x0700 | 'H');
    assert_int_equal(cell(b, 0, 1), 0x0700 | 'i');
    assert_int_equal(cell(b, 0, 2), 0x0720);
    assert_int_equal(cell(b, 1, 4), 0x0700 | '!');
    assert_int_equal(cursor(b), 0x0105);
    assert_int_equal(b->regs.ecx & 0xffff, 0x0607);
    assert_string_equal(b->fake->console[BZC_CONSOLE_INT10], "Hi\r\nthere\a\b!");
    assert_string_equal(b->name, "INT 10h AH=03h");
}

static void teletype_keeps_the_attribute(void **state)
{
    struct fake_bios *b = *state;

    b->fake->memory[0xb8001] = 0x1f;
    put(b, "x");
    assert_int_equal(cell(b, 0, 0), 0x1f00 | 'x');
}

static void teletype_wraps_and_scrolls(void **state)
{
    struct fake_bios *b = *state;

    set_cursor(b, 0x004f);
    put(b, "ab");
    assert_int_equal(cell(b, 0, 79), 0x0700 | 'a');
    assert_int_equal(cell(b, 1, 0), 0x0700 | 'b');
    set_cursor(b, 0x184f); /* the last cell */
    put(b, "z");
    assert_int_equal(cell(b, 23, 79), 0x0700 | 'z');
    assert_int_equal(cell(b, 24, 79), 0x0720);
    assert_int_equal(cell(b, 0, 0), 0x0700 | 'b'); /* all went up by one */
    assert_int_equal(cursor(b), 0x1800);
    put(b, "\n");
    assert_int_equal(cell(b, 22, 79), 0x0700 | 'z');
    assert_int_equal(cursor(b), 0x1800);
    set_cursor(b, 0x0000);
    put(b, "\b"); /* nothing to the left */
    assert_int_equal(cursor(b), 0x0000);
}

static void cursor_outside_the_screen_is_harmless(void **state)
{
    struct fake_bios *b = *state;

    set_cursor(b, 0xffff);
    put(b, "q");
    assert_int_equal(cell(b, 23, 79), 0x0700 | 'q'); /* taken into the last cell, and scrolled */
    assert_int_equal(cursor(b), 0x1800);
}

static void scrolls_windows(void **state)
{
    struct fake_bios *b = *state;

    put(b, "aaa\r\nbbb\r\nccc");
    b->regs.ebx = 0x1e00;
    b->regs.ecx = 0x0001; /* row 0, column 1 */
    b->regs.edx = 0x0202; /* to row 2, column 2 */
    assert_int_equal(fake_int(b, 0x10, 0x0601), BZC_BIOS_DONE);
    assert_int_equal(cell(b, 0, 0), 0x0700 | 'a');
    assert_int_equal(cell(b, 0, 1), 0x0700 | 'b');
    assert_int_equal(cell(b, 1, 2), 0x0700 | 'c');
    assert_int_equal(cell(b, 2, 0), 0x0700 | 'c');
    assert_int_equal(cell(b, 2, 1), 0x1e20);
    fake_int(b, 0x10, 0x0701);
    assert_int_equal(cell(b, 0, 1), 0x1e20);
    assert_int_equal(cell(b, 1, 1), 0x0700 | 'b');
    assert_int_equal(cell(b, 2, 2), 0x0700 | 'c');
    set_cursor(b, 0x184f);
    b->regs.ebx = 0x002f;
    b->regs.ecx = 1;
    fake_int(b, 0x10, 0x0900 | '*');
    b->regs.ebx = 0x1e00;
    b->regs.ecx = 0;
    b->regs.edx = 0xffff;
    fake_int(b, 0x10, 0x0601); /* a window larger than the screen is cut to it */
    assert_int_equal(cell(b, 23, 79), 0x2f00 | '*');
    assert_int_equal(cell(b, 24, 79), 0x1e20);
    fake_int(b, 0x10, 0x0600); /* the whole screen, blank */
    for (unsigned row = 0; row < 25; row++)
        assert_int_equal(cell(b, row, row), 0x1e20);
    assert_int_equal(fake_mem16(b, 0xb8000 + 4000), 0x0720); /* not behind it */
}

static void writes_cells(void **state)
{
    struct fake_bios *b = *state;

    set_cursor(b, 0x0102);
    b->regs.ebx = 0x004f;
    b->regs.ecx = 3;
    assert_int_equal(fake_int(b, 0x10, 0x0900 | '#'), BZC_BIOS_DONE);
    assert_int_equal(cell(b, 1, 2), 0x4f00 | '#');
    assert_int_equal(cell(b, 1, 4), 0x4f00 | '#');
    assert_int_equal(cell(b, 1, 5), 0x0720);
    assert_int_equal(cursor(b), 0x0102);
    b->regs.ebx = 0x001f;
    b->regs.ecx = 1;
    fake_int(b, 0x10, 0x0a00 | '.'); /* the attribute stays */
    assert_int_equal(cell(b, 1, 2), 0x4f00 | '.');
    b->regs.ebx = 0;
    assert_int_equal(fake_int(b, 0x10, 0x0800), BZC_BIOS_DONE);
    assert_int_equal(fake_ax(b), 0x4f00 | '.');
    assert_string_equal(b->fake->console[BZC_CONSOLE_INT10], ".");
}

static void writes_strings(void **state)
{
    struct fake_bios *b = *state;

    memcpy(b->fake->memory + 0x20010, "o\x0fk\x1f", 4);
    b->regs = (struct bzc_bios_regs){.ebx = 0x0007, .ecx = 2, .edx = 0x0203, .es = 0x2000, .ebp = 0x10};
    assert_int_equal(fake_int(b, 0x10, 0x1302), BZC_BIOS_DONE); /* with attributes; the cursor stays */
    assert_int_equal(cell(b, 2, 3), 0x0f00 | 'o');
    assert_int_equal(cell(b, 2, 4), 0x1f00 | 'k');
    assert_int_equal(cursor(b), 0);
    memcpy(b->fake->memory + 0x20010, "hey", 3);
    b->regs = (struct bzc_bios_regs){.ebx = 0x0003, .ecx = 3, .edx = 0x0500, .es = 0x2000, .ebp = 0x10};
    fake_int(b, 0x10, 0x1301);
    assert_int_equal(cell(b, 5, 2), 0x0300 | 'y');
    assert_int_equal(cursor(b), 0x0503);
    assert_string_equal(b->fake->console[BZC_CONSOLE_INT10], "okhey");
}

static void pages_are_apart(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_int(b, 0x10, 0x0501), BZC_BIOS_DONE);
    fake_int(b, 0x10, 0x0f00);
    assert_int_equal(fake_ax(b), 0x5003);
    assert_int_equal(b->regs.ebx >> 8 & 0xff, 1);
    put(b, "P");
    assert_int_equal(fake_mem16(b, 0xb9000), 0x0700 | 'P');
    assert_int_equal(cell(b, 0, 0), 0x0720);
    assert_int_equal(fake_mem16(b, 0x44e), 0x1000);
    assert_int_equal(cursor(b), 0);
}

/* What Linux asks to tell CGA, EGA and VGA apart. */
static void looks_like_a_colour_vga(void **state)
{
    struct fake_bios *b = *state;

    b->regs.ebx = 0x0010;
    assert_int_equal(fake_int(b, 0x10, 0x1200), BZC_BIOS_DONE);
    assert_int_equal(b->regs.ebx & 0xffff, 0x0003);
    assert_int_equal(b->regs.ecx & 0xffff, 0x0009);
    assert_int_equal(fake_int(b, 0x10, 0x1a00), BZC_BIOS_DONE);
    assert_int_equal(b->regs.eax & 0xff, 0x1a);
    assert_int_equal(b->regs.ebx & 0xffff, 0x0008);
    assert_int_equal(fake_int(b, 0x10, 0x4f00), BZC_BIOS_REFUSED);
    assert_int_not_equal(fake_ax(b), 0x004f);
    assert_int_not_equal(fake_ax(b) & 0xff, 0x4f);
}

/* Linux's modes 80x50, 80x28 and 80x43 (video-vga.c). */
static void fonts_set_the_rows(void **state)
{
    struct fake_bios *b = *state;

    fake_int(b, 0x10, 0x0003);
    b->regs.ebx = 0;
    assert_int_equal(fake_int(b, 0x10, 0x1112), BZC_BIOS_DONE);
    assert_int_equal(b->fake->memory[0x484] + 1, 50);
    assert_int_equal(fake_mem16(b, 0x485), 8);
    fake_int(b, 0x10, 0x1111);
    assert_int_equal(b->fake->memory[0x484] + 1, 28);
    fake_int(b, 0x10, 0x0003);
    assert_int_equal(b->fake->memory[0x484] + 1, 25);
    assert_int_equal(fake_mem16(b, 0x485), 16);
    b->regs.ebx = 0x0030; /* 350 scan lines, from the next mode set on */
    assert_int_equal(fake_int(b, 0x10, 0x1201), BZC_BIOS_DONE);
    assert_int_equal(b->regs.eax & 0xff, 0x12);
    fake_int(b, 0x10, 0x0003);
    assert_int_equal(b->fake->memory[0x484] + 1, 25);
    assert_int_equal(fake_mem16(b, 0x485), 14);
    b->regs.ebx = 0;
    fake_int(b, 0x10, 0x1112);
    assert_int_equal(b->fake->memory[0x484] + 1, 43);
}

static void tells_the_font(void **state)
{
    struct fake_bios *b = *state;

    b->regs.ebx = 0x0600;
    assert_int_equal(fake_int(b, 0x10, 0x1130), BZC_BIOS_DONE);
    assert_int_equal(b->regs.ecx & 0xffff, 16);
    assert_int_equal(b->regs.edx & 0xff, 24);
    assert_int_equal(b->regs.es, 0xf000);
}

static void sets_modes(void **state)
{
    struct fake_bios *b = *state;

    put(b, "old");
    assert_int_equal(fake_int(b, 0x10, 0x0083), BZC_BIOS_DONE); /* bit 7: keep the screen */
    assert_int_equal(cell(b, 0, 0), 0x0700 | 'o');
    assert_int_equal(cursor(b), 0);
    fake_int(b, 0x10, 0x0003);
    assert_int_equal(cell(b, 0, 0), 0x0720);
    fake_int(b, 0x10, 0x0001);
    fake_int(b, 0x10, 0x0f00);
    assert_int_equal(fake_ax(b), 0x2801);
    fake_int(b, 0x10, 0x0007);
    put(b, "m");
    assert_int_equal(fake_mem16(b, 0xb0000), 0x0700 | 'm');
    assert_int_equal(fake_mem16(b, 0x463), 0x3b4);
    /* Linux scans modes 14h-7fh: none may seem to be set. */
    for (unsigned mode = 0x14; mode < 0x80; mode++) {
        assert_int_equal(fake_int(b, 0x10, mode), BZC_BIOS_REFUSED);
        fake_int(b, 0x10, 0x0f00);
        assert_int_equal(fake_ax(b), 0x5007);
    }
}

static void draws_nothing_in_graphics(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_int(b, 0x10, 0x0012), BZC_BIOS_DONE);
    put(b, "g");
    assert_int_equal(cell(b, 0, 0), 0x0720);
    assert_string_equal(b->fake->console[BZC_CONSOLE_INT10], "g");
}

static void state_table(void **state)
{
    struct fake_bios *b = *state;
    const uint8_t *table = b->fake->memory + 0x20000;

    put(b, "abc");
    b->regs = (struct bzc_bios_regs){.es = 0x2000};
    assert_int_equal(fake_int(b, 0x10, 0x1b00), BZC_BIOS_DONE);
    assert_int_equal(b->regs.eax & 0xff, 0x1b);
    assert_int_equal(fake_mem16(b, 0x20002), 0xf000);
    assert_int_equal(table[0x04], 3);
    assert_int_equal(fake_mem16(b, 0x20005), 80);
    assert_int_equal(fake_mem16(b, 0x20007), 0x1000);
    assert_int_equal(table[0x0b], 3); /* cursor column of page 0 */
    assert_int_equal(table[0x1d], 0);
    assert_int_equal(fake_mem16(b, 0x2001e), 0x3d4);
    assert_int_equal(table[0x22], 25);
    assert_int_equal(fake_mem16(b, 0x20023), 16);
    assert_int_equal(table[0x25], 0x08);
    assert_int_equal(table[0x2a], 2);
    assert_int_equal(table[0x31], 3);
}

/* A geometry that no text mode has is taken for 80x25. */
static void impossible_geometry_is_not_believed(void **state)
{
    struct fake_bios *b = *state;

    b->fake->memory[0x44a] = 200;
    b->fake->memory[0x484] = 0xff;
    set_cursor(b, 0x184f);
    put(b, "x");
    assert_int_equal(cell(b, 23, 79), 0x0700 | 'x');
    assert_int_equal(cursor(b), 0x1800);
}

static void survives_a_scribbled_data_area(void **state)
{
    struct fake_bios *b = *state;

    for (unsigned fill = 0; fill < 256; fill += 51) {
        memset(b->fake->memory + 0x400, (int)fill, 0x100);
        b->fake->memory[0x449] = 3;
        memset(b->fake->memory + 0xc0000, 0xcc, FAKE_MEMORY_SIZE - 0xc0000);
        memset(b->fake->memory + 0xa0000, 0xcc, 0x18000);
        for (unsigned i = 0; i < 300; i++)
            put(b, "\n#");
        b->regs.ebx = 0xffff;
        b->regs.ecx = 0xffff;
        fake_int(b, 0x10, 0x09ff);
        for (uint32_t at = 0xa0000; at < FAKE_MEMORY_SIZE; at++) /* nothing outside text memory */
            assert_true((at >= 0xb8000 && at < 0xc0000) || b->fake->memory[at] == 0xcc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(teletype_prints, setup, teardown),
        cmocka_unit_test_setup_teardown(teletype_keeps_the_attribute, setup, teardown),
        cmocka_unit_test_setup_teardown(teletype_wraps_and_scrolls, setup, teardown),
        cmocka_unit_test_setup_teardown(cursor_outside_the_screen_is_harmless, setup, teardown),
        cmocka_unit_test_setup_teardown(scrolls_windows, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_are_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(looks_like_a_colour_vga, setup, teardown),
        cmocka_unit_test_setup_teardown(fonts_set_the_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_the_font, setup, teardown),
        cmocka_unit_test_setup_teardown(sets_modes, setup, teardown),
        cmocka_unit_test_setup_teardown(draws_nothing_in_graphics, setup, teardown),
        cmocka_unit_test_setup_teardown(state_table, setup, teardown),
        cmocka_unit_test_setup_teardown(impossible_geometry_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(survives_a_scribbled_data_area, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
