/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/bios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/fake_bios.h"

#define SMAP    0x534d4150u
#define FLAG_ZF 0x40u
#define BUFFER  0x20000u /* where the tests let services write: 2000:0000 */

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

static unsigned rom16(const uint8_t *rom, unsigned offset)
{
    return (unsigned)(rom[offset] | rom[offset + 1] << 8);
}

/* ROM, vectors and data areas */

static void rom_has_what_programs_look_for(void **state)
{
    uint8_t *rom = malloc(BZC_BIOS_ROM_SIZE);
    uint8_t sum = 0;

    (void)state;
    bzc_bios_rom(rom);
    assert_memory_equal(rom + 0xfff0, "\xea\x5b\xe0\x00\xf0", 5); /* JMP F000:E05B */
    assert_memory_equal(rom + 0xe05b, "\xb0\xfe\xe6\x64", 4);     /* MOV AL,FEh; OUT 64h,AL */
    assert_memory_equal(rom + 0xfff5, "01/01/26", 8);
    assert_int_equal(rom[0xfffe], 0xfc);
    for (unsigned i = 0; i < BZC_BIOS_ROM_SIZE; i++)
        sum = (uint8_t)(sum + rom[i]);
    assert_int_equal(sum, 0);
    free(rom);
}

static void every_vector_leads_to_its_stub(void **state)
{
    /* What a PC uses as pointers to tables. */
    static const uint8_t pointers[] = {0x1d, 0x1e, 0x1f, 0x41, 0x43, 0x44, 0x46};
    struct fake_bios *b = *state;
    uint8_t *rom = malloc(BZC_BIOS_ROM_SIZE);

    bzc_bios_rom(rom);
    for (unsigned v = 0; v < 256; v++) {
        unsigned offset = fake_mem16(b, v * 4);
        uint8_t vector = 0xff;

        assert_int_equal(fake_mem16(b, v * 4 + 2), 0xf000);
        if (memchr(pointers, (int)v, sizeof(pointers))) {
            assert_false(bzc_bios_trap(0xf0000 + offset, &vector));
            continue;
        }
        assert_true(bzc_bios_trap(0xf0000 + offset, &vector));
        assert_int_equal(vector, v);
        assert_int_equal(rom[offset], 0xf4); /* HLT */
        if ((v >= 0x08 && v <= 0x0f) || (v >= 0x70 && v <= 0x77))
            assert_int_equal(rom[offset + 1], 0xe9); /* JMP to the end of interrupt */
        else
            assert_int_equal(rom[offset + 1], 0xcf); /* IRET */
    }
    free(rom);
}

static void hardware_interrupts_end_at_the_pic(void **state)
{
    static const char timer[] = "\xcd\x1c\x50\xb0\x20\xe6\x20\x58\xcf"; /* INT 1Ch; PUSH AX; MOV AL,20h; OUT 20h,AL.. */
    static const char second[] = "\x50\xb0\x20\xe6\xa0\xe6\x20\x58\xcf"; /* .. OUT A0h,AL; OUT 20h,AL; POP AX; IRET */
    struct fake_bios *b = *state;
    uint8_t *rom = malloc(BZC_BIOS_ROM_SIZE);
    unsigned stub;

    bzc_bios_rom(rom);
    stub = fake_mem16(b, 0x08 * 4);
    assert_memory_equal(rom + (uint16_t)(stub + 4 + rom16(rom, stub + 2)), timer, 9);
    stub = fake_mem16(b, 0x0f * 4);
    assert_memory_equal(rom + (uint16_t)(stub + 4 + rom16(rom, stub + 2)), timer + 2, 7);
    stub = fake_mem16(b, 0x70 * 4);
    assert_memory_equal(rom + (uint16_t)(stub + 4 + rom16(rom, stub + 2)), second, 9);
    stub = fake_mem16(b, 0x77 * 4);
    assert_memory_equal(rom + (uint16_t)(stub + 4 + rom16(rom, stub + 2)), second, 9);
    free(rom);
}

static void traps_are_exact(void **state)
{
    struct fake_bios *b = *state;
    uint32_t first = 0xf0000 + fake_mem16(b, 0);
    uint8_t vector;

    assert_false(bzc_bios_trap(first - 1, &vector));
    assert_false(bzc_bios_trap(first + 1, &vector));
    assert_false(bzc_bios_trap(first + 2, &vector));
    assert_true(bzc_bios_trap(first + 255 * 4, &vector));
    assert_int_equal(vector, 255);
    assert_false(bzc_bios_trap(first + 256 * 4, &vector));
    assert_false(bzc_bios_trap(first + 0x100000000ull, &vector));
}

/* setup.S of Linux 2.x copies 16 bytes from where vectors 41h and 46h point. */
static void disk_tables_are_empty(void **state)
{
    struct fake_bios *b = *state;
    uint8_t *rom = malloc(BZC_BIOS_ROM_SIZE);
    static const uint8_t zeros[16];

    bzc_bios_rom(rom);
    assert_memory_equal(rom + fake_mem16(b, 4 * 0x41), zeros, 16);
    assert_memory_equal(rom + fake_mem16(b, 4 * 0x46), zeros, 16);
    assert_int_equal(rom[fake_mem16(b, 4 * 0x1e) + 3], 2); /* floppies have 512-byte sectors */
    free(rom);
}

static void data_area_at_power_on(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_mem16(b, 0x400), 0x3f8);
    assert_int_equal(fake_mem16(b, 0x402), 0x2f8);
    assert_int_equal(fake_mem16(b, 0x404), 0);
    assert_int_equal(fake_mem16(b, 0x408), 0);
    assert_int_equal(fake_mem16(b, 0x40e), 0x9fc0);
    assert_int_equal(b->fake->memory[0x9fc00], 1);
    assert_int_equal(fake_mem16(b, 0x413), 639);
    assert_int_equal(b->fake->memory[0x417], 0);
    assert_int_equal(fake_mem16(b, 0x41a), 0x1e);
    assert_int_equal(fake_mem16(b, 0x41c), 0x1e);
    assert_int_equal(fake_mem16(b, 0x480), 0x1e);
    assert_int_equal(fake_mem16(b, 0x482), 0x3e);
    assert_int_equal(b->fake->memory[0x449], 3);
    assert_int_equal(fake_mem16(b, 0x44a), 80);
    assert_int_equal(fake_mem16(b, 0x44c), 0x1000);
    assert_int_equal(fake_mem16(b, 0x450), 0);
    assert_int_equal(fake_mem16(b, 0x460), 0x0607);
    assert_int_equal(fake_mem16(b, 0x463), 0x3d4);
    assert_int_equal(b->fake->memory[0x475], 0);
    assert_int_equal(b->fake->memory[0x484], 24);
    assert_int_equal(fake_mem16(b, 0x485), 16);
    assert_int_equal(b->fake->memory[0x487], 0x60);
    assert_int_equal(fake_mem16(b, 0xb8000), 0x0720);
    assert_int_equal(fake_mem16(b, 0xb8000 + 80 * 25 * 2 - 2), 0x0720);
}

static void ebda_follows_the_map(void **state)
{
    const struct bzc_memory_map small = {.range = {{0, 0x9b800, BZC_E820_RAM}, {0x100000, 0x700000, BZC_E820_RAM}},
                                         .count = 2};
    const struct bzc_memory_map full = {.range = {{0, 0xa0000, BZC_E820_RAM}, {0x100000, 0x700000, BZC_E820_RAM}},
                                        .count = 2};
    struct fake_bios *b = fake_bios_new_map(&small);

    (void)state;
    assert_int_equal(fake_mem16(b, 0x413), 622);
    assert_int_equal(fake_mem16(b, 0x40e), 0x9b80);
    assert_int_equal(b->fake->memory[0x9b800], 1);
    assert_int_equal(fake_int(b, 0x15, 0xc100), BZC_BIOS_DONE);
    assert_int_equal(b->regs.es, 0x9b80);
    fake_bios_free(b);

    b = fake_bios_new_map(&full);
    assert_int_equal(fake_mem16(b, 0x413), 640);
    assert_int_equal(fake_mem16(b, 0x40e), 0);
    assert_int_equal(fake_int(b, 0x15, 0xc100), BZC_BIOS_REFUSED);
    assert_true(fake_carry(b));
    fake_bios_free(b);
}

static void int11_and_int12_read_the_data_area(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_int(b, 0x11, 0xabcd1234), BZC_BIOS_DONE);
    assert_int_equal(b->regs.eax, 0xabcd0422); /* coprocessor, 80x25 colour, two serial ports; bit 2: no mouse */
    assert_int_equal(fake_int(b, 0x12, 0), BZC_BIOS_DONE);
    assert_int_equal(fake_ax(b), 639);
    b->fake->memory[0x413] = 0x00; /* a resident program took 127 KiB */
    b->fake->memory[0x414] = 0x02;
    fake_int(b, 0x12, 0);
    assert_int_equal(fake_ax(b), 512);
}

/* INT 15h: memory */

static void e820_walks_the_map(void **state)
{
    struct fake_bios *b = *state;
    static const uint64_t start[] = {0x0, 0x9fc00, 0xf0000, 0x100000, 0x7fe0000, 0xfffc0000};
    static const uint64_t size[] = {0x9fc00, 0x400, 0x10000, 0x7ee0000, 0x20000, 0x40000};
    static const uint32_t type[] = {1, 2, 2, 1, 2, 2};
    unsigned i = 0;

    b->regs.ebx = 0;
    do {
        uint8_t *entry = b->fake->memory + BUFFER;

        memset(entry, 0xaa, 32);
        b->regs.edx = SMAP;
        b->regs.ecx = 20;
        b->regs.es = BUFFER >> 4;
        b->regs.edi = 0;
        b->regs.flags = 0x0203; /* CF set before, IF on */
        assert_int_equal(fake_int(b, 0x15, 0xe820), BZC_BIOS_DONE);
        assert_string_equal(b->name, "INT 15h AX=E820h");
        assert_int_equal(b->regs.flags, 0x0202);
        assert_int_equal(b->regs.eax, SMAP);
        assert_int_equal(b->regs.ecx, 20);
        assert_true(i < 6);
        assert_int_equal(fake_mem32(b, BUFFER), (uint32_t)start[i]);
        assert_int_equal(fake_mem32(b, BUFFER + 4), 0);
        assert_int_equal(fake_mem32(b, BUFFER + 8), (uint32_t)size[i]);
        assert_int_equal(fake_mem32(b, BUFFER + 12), 0);
        assert_int_equal(fake_mem32(b, BUFFER + 16), type[i]);
        assert_int_equal(entry[20], 0xaa); /* not a byte more than asked for */
        i++;
    } while (b->regs.ebx);
    assert_int_equal(i, 6);
}

static void e820_with_extended_attributes(void **state)
{
    struct fake_bios *b = *state;

    memset(b->fake->memory + BUFFER, 0xaa, 32);
    b->regs = (struct bzc_bios_regs){.edx = SMAP, .ecx = 64, .es = BUFFER >> 4};
    assert_int_equal(fake_int(b, 0x15, 0xe820), BZC_BIOS_DONE);
    assert_int_equal(b->regs.ecx, 24);
    assert_int_equal(fake_mem32(b, BUFFER + 20), 1);
    assert_int_equal(b->fake->memory[BUFFER + 24], 0xaa);
}

static void e820_takes_64_bit_ranges(void **state)
{
    const struct bzc_memory_map map = {
        .range = {{0, 0x9fc00, 1}, {0x100000, 0xbff00000, 1}, {0x100000000, 0x123456000, 1}}, .count = 3};
    struct fake_bios *b = fake_bios_new_map(&map);

    (void)state;
    b->regs = (struct bzc_bios_regs){.ebx = 2, .edx = SMAP, .ecx = 20, .es = BUFFER >> 4};
    assert_int_equal(fake_int(b, 0x15, 0xe820), BZC_BIOS_DONE);
    assert_int_equal(fake_mem32(b, BUFFER), 0);
    assert_int_equal(fake_mem32(b, BUFFER + 4), 1);
    assert_int_equal(fake_mem32(b, BUFFER + 8), 0x23456000);
    assert_int_equal(fake_mem32(b, BUFFER + 12), 1);
    assert_int_equal(b->regs.ebx, 0);
    fake_bios_free(b);
}

static void e820_refuses_what_is_wrong(void **state)
{
    const struct bzc_bios_regs good = {.edx = SMAP, .ecx = 20, .es = BUFFER >> 4};
    struct fake_bios *b = *state;
    struct bzc_bios_regs bad[4] = {good, good, good, good};

    bad[0].edx = 0;
    bad[1].ecx = 19;
    bad[2].ebx = 6;
    bad[3].ebx = UINT32_MAX;
    for (unsigned i = 0; i < 4; i++) {
        b->regs = bad[i];
        assert_int_equal(fake_int(b, 0x15, 0xe820), BZC_BIOS_REFUSED);
        assert_true(fake_carry(b));
        assert_int_equal(fake_ax(b) >> 8, 0x86);
    }
}

static void e801_splits_at_16_mib(void **state)
{
    const struct bzc_memory_map small = {.range = {{0, 0x9fc00, 1}, {0x100000, 0x700000, 1}},
                                         .count = 2}; /* 8 MiB in all */
    struct fake_bios *b = *state;

    b->regs.flags = 1;
    assert_int_equal(fake_int(b, 0x15, 0xe801), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_int_equal(fake_ax(b), 0x3c00);          /* 15 MiB in KiB */
    assert_int_equal(b->regs.ebx & 0xffff, 0x6fe); /* 0x1000000 to 0x7fe0000 in 64 KiB */
    assert_int_equal(b->regs.ecx & 0xffff, 0x3c00);
    assert_int_equal(b->regs.edx & 0xffff, 0x6fe);

    b = fake_bios_new_map(&small);
    fake_int(b, 0x15, 0xe801);
    assert_int_equal(fake_ax(b), 0x1c00);
    assert_int_equal(b->regs.ebx & 0xffff, 0);
    fake_bios_free(b);
}

static void function_88_is_capped(void **state)
{
    const struct bzc_memory_map small = {.range = {{0, 0x9fc00, 1}, {0x100000, 0x700000, 1}}, .count = 2};
    struct fake_bios *b = *state;

    b->regs.flags = 1;
    assert_int_equal(fake_int(b, 0x15, 0x8800), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_int_equal(fake_ax(b), 0xfc00); /* 63 MiB */
    assert_int_equal(fake_int(b, 0x15, 0x8a00), BZC_BIOS_DONE);
    assert_int_equal(b->regs.edx << 16 | fake_ax(b), 0x1fb80); /* 126.875 MiB in KiB */
    b = fake_bios_new_map(&small);
    fake_int(b, 0x15, 0x8800);
    assert_int_equal(fake_ax(b), 0x1c00);
    fake_bios_free(b);
}

/* INT 15h AH=87h: descriptors at es:si, source at 10h, target at 18h, as in setup.S's bootsect_gdt. */
static void put_descriptor(struct fake_bios *b, uint32_t at, uint32_t base, uint32_t limit)
{
    uint8_t *d = b->fake->memory + BUFFER + at;

    d[0] = (uint8_t)limit;
    d[1] = (uint8_t)(limit >> 8);
    d[2] = (uint8_t)base;
    d[3] = (uint8_t)(base >> 8);
    d[4] = (uint8_t)(base >> 16);
    d[5] = 0x93;
    d[6] = (uint8_t)(limit >> 16 & 0x0f);
    d[7] = (uint8_t)(base >> 24);
}

/* Call with the descriptors in place. */
static enum bzc_bios_result call_block_move(struct fake_bios *b, uint16_t words)
{
    b->regs = (struct bzc_bios_regs){.es = BUFFER >> 4, .ecx = words};
    return fake_int(b, 0x15, 0x8700);
}

static enum bzc_bios_result block_move(struct fake_bios *b, uint32_t to, uint32_t from, uint32_t limit, uint16_t words)
{
    put_descriptor(b, 0x10, from, limit);
    put_descriptor(b, 0x18, to, limit);
    return call_block_move(b, words);
}

static void moves_blocks(void **state)
{
    struct fake_bios *b = *state;

    for (unsigned i = 0; i < 0x10000; i++)
        b->fake->memory[0x10000 + i] = (uint8_t)(i * 7 + (i >> 8));
    assert_int_equal(block_move(b, 0x100000, 0x10000, 0xffff, 0x8000), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_int_equal(fake_ax(b) >> 8, 0);
    assert_true(b->regs.flags & FLAG_ZF);
    assert_memory_equal(b->fake->memory + 0x100000, b->fake->memory + 0x10000, 0x10000);
    assert_int_equal(b->fake->memory[0x110000], 0);
    assert_int_equal(b->fake->a20_changes, 0); /* the line is as it was */
}

static void moves_overlapping_blocks_as_the_cpu_does(void **state)
{
    struct fake_bios *b = *state;

    memcpy(b->fake->memory + 0x10000, "abcdefgh", 8);
    block_move(b, 0x10002, 0x10000, 0xffff, 4); /* upwards: the first word runs through */
    assert_memory_equal(b->fake->memory + 0x10000, "ababababab", 10);
    memcpy(b->fake->memory + 0x10000, "abcdefgh", 8);
    block_move(b, 0x10000, 0x10002, 0xffff, 3);
    assert_memory_equal(b->fake->memory + 0x10000, "cdefghgh", 8);
}

static void block_move_fails_cleanly(void **state)
{
    struct fake_bios *b = *state;

    put_descriptor(b, 0x10, 0x10000, 0x0fff);
    put_descriptor(b, 0x18, 0x100000, 0xffff);
    call_block_move(b, 0x800);
    assert_false(fake_carry(b));
    call_block_move(b, 0x801); /* beyond the source's limit */
    assert_true(fake_carry(b));
    put_descriptor(b, 0x10, 0x10000, 0xffff);
    put_descriptor(b, 0x18, 0x100000, 0x0fff);
    call_block_move(b, 0x801); /* beyond the target's limit */
    assert_true(fake_carry(b));
    assert_int_equal(fake_ax(b) >> 8, 0x02);
    assert_false(b->regs.flags & FLAG_ZF);
    block_move(b, 0x100000, 0x10000, 0xfffff, 0x8001); /* more than 64 KiB */
    assert_true(fake_carry(b));
    block_move(b, 0xf0000000, 0x10000, 0xffff, 1); /* no memory there */
    assert_true(fake_carry(b));
    block_move(b, 0x100000, 0x10000, 0, 0); /* nothing to move is no error */
    assert_false(fake_carry(b));
}

/* INT 15h: the rest */

static void a20_by_the_bios(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_int(b, 0x15, 0x2402), BZC_BIOS_DONE);
    assert_int_equal(fake_ax(b), 0x0000);
    b->regs.flags = 1;
    assert_int_equal(fake_int(b, 0x15, 0x2401), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_true(b->fake->a20);
    assert_string_equal(b->fake->a20_by, "INT 15h");
    fake_int(b, 0x15, 0x2402);
    assert_int_equal(fake_ax(b), 0x0001);
    fake_int(b, 0x15, 0x2400);
    assert_false(b->fake->a20);
    assert_int_equal(fake_int(b, 0x15, 0x2403), BZC_BIOS_DONE);
    assert_int_equal(b->regs.ebx & 0xffff, 0x0003);
    assert_int_equal(fake_int(b, 0x15, 0x2404), BZC_BIOS_UNKNOWN);
}

/* Linux 2.x takes bit 1 of the fifth byte for a Micro Channel bus. */
static void configuration_table_has_no_micro_channel(void **state)
{
    struct fake_bios *b = *state;
    uint8_t *rom = malloc(BZC_BIOS_ROM_SIZE);
    const uint8_t *table;

    bzc_bios_rom(rom);
    b->regs.flags = 1;
    assert_int_equal(fake_int(b, 0x15, 0xc000), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_int_equal(b->regs.es, 0xf000);
    table = rom + (b->regs.ebx & 0xffff);
    assert_int_equal(rom16(table, 0), 8);
    assert_int_equal(table[2], 0xfc);
    assert_int_equal(table[5] & 0x02, 0);
    assert_int_equal(table[5] & 0x74, 0x74); /* second PIC, RTC, keyboard intercept, EBDA */
    free(rom);
}

static void wait_takes_guest_time(void **state)
{
    struct fake_bios *b = *state;

    b->regs.ecx = 0x000f; /* 1000000 us */
    b->regs.edx = 0x4240;
    assert_int_equal(fake_int(b, 0x15, 0x8600), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_in_range(b->clock.ticks, 1193182, 1193182 + 1193);
}

static void refuses_what_a_pc_may_lack(void **state)
{
    /* APM, EISA, SpeedStep, AMD's mode hint, mouse, Voyager: what Linux's setup asks for. */
    static const uint16_t ax[] = {0x5300, 0xd800, 0xe980, 0xec00, 0xc200, 0xffc0};
    struct fake_bios *b = *state;

    for (unsigned i = 0; i < sizeof(ax) / sizeof(ax[0]); i++) {
        b->regs = (struct bzc_bios_regs){.ebx = 0x1111};
        assert_int_equal(fake_int(b, 0x15, ax[i]), BZC_BIOS_REFUSED);
        assert_true(fake_carry(b));
        assert_int_equal(fake_ax(b) >> 8, 0x86);
        assert_int_equal(b->regs.ebx, 0x1111); /* no "PM" */
    }
    assert_int_equal(fake_int(b, 0x15, 0x4f1e), BZC_BIOS_DONE);
    assert_true(fake_carry(b)); /* the key is not swallowed */
    assert_int_equal(fake_ax(b), 0x4f1e);
}

/* INT 13h */

static void there_are_no_disks(void **state)
{
    static const uint16_t ax[] = {0x1500, 0x0800, 0x4100, 0x4800, 0x0201};
    struct fake_bios *b = *state;

    for (unsigned i = 0; i < sizeof(ax) / sizeof(ax[0]); i++) {
        b->regs = (struct bzc_bios_regs){.ebx = 0x55aa, .edx = 0x81};
        assert_int_equal(fake_int(b, 0x13, ax[i]), BZC_BIOS_REFUSED);
        assert_true(fake_carry(b));
        assert_int_equal(fake_ax(b) >> 8, 0x01);
        assert_int_equal(b->regs.ebx, 0x55aa); /* not AA55h: no extensions */
    }
    assert_int_equal(fake_int(b, 0x13, 0x0100), BZC_BIOS_DONE); /* status of that failure */
    assert_int_equal(fake_ax(b) >> 8, 0x01);
    assert_int_equal(fake_int(b, 0x13, 0x0000), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_int_equal(fake_ax(b) >> 8, 0x00);
    fake_int(b, 0x13, 0x0100);
    assert_false(fake_carry(b));
    assert_int_equal(fake_int(b, 0x13, 0x7700), BZC_BIOS_UNKNOWN);
    assert_true(fake_carry(b));
}

/* INT 16h */

static void nobody_types(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_int(b, 0x16, 0x0100), BZC_BIOS_DONE);
    assert_true(b->regs.flags & FLAG_ZF);
    assert_int_equal(fake_int(b, 0x16, 0x1100), BZC_BIOS_DONE);
    assert_true(b->regs.flags & FLAG_ZF);
    assert_int_equal(fake_int(b, 0x16, 0x0000), BZC_BIOS_WAITS);
    assert_int_equal(fake_int(b, 0x16, 0x1000), BZC_BIOS_WAITS);
    assert_int_equal(fake_int(b, 0x16, 0x02ff), BZC_BIOS_DONE);
    assert_int_equal(b->regs.eax & 0xff, 0);
    assert_int_equal(fake_int(b, 0x16, 0x0305), BZC_BIOS_DONE);
}

static void stored_keys_come_back(void **state)
{
    struct fake_bios *b = *state;

    b->regs.ecx = 0x1c0d; /* Enter */
    assert_int_equal(fake_int(b, 0x16, 0x0500), BZC_BIOS_DONE);
    assert_int_equal(b->regs.eax & 0xff, 0);
    b->regs.flags = FLAG_ZF;
    fake_int(b, 0x16, 0x0100);
    assert_false(b->regs.flags & FLAG_ZF);
    assert_int_equal(fake_ax(b), 0x1c0d);
    assert_int_equal(fake_int(b, 0x16, 0x0000), BZC_BIOS_DONE);
    assert_int_equal(fake_ax(b), 0x1c0d);
    assert_int_equal(fake_int(b, 0x16, 0x0000), BZC_BIOS_WAITS);
    for (unsigned i = 0; i < 15; i++) { /* the ring of 16 holds 15 */
        fake_int(b, 0x16, 0x0500);
        assert_int_equal(b->regs.eax & 0xff, 0);
    }
    fake_int(b, 0x16, 0x0500);
    assert_int_equal(b->regs.eax & 0xff, 1);
    for (unsigned i = 0; i < 15; i++)
        assert_int_equal(fake_int(b, 0x16, 0x0000), BZC_BIOS_DONE);
    assert_int_equal(fake_int(b, 0x16, 0x0000), BZC_BIOS_WAITS);
}

/* INT 1Ah and the timer */

static void ticks_follow_the_clock(void **state)
{
    struct fake_bios *b = *state;

    b->clock.ticks = 65536ull * 0x12345;
    assert_int_equal(fake_int(b, 0x1a, 0x0000), BZC_BIOS_DONE);
    assert_int_equal(b->regs.ecx & 0xffff, 0x0001);
    assert_int_equal(b->regs.edx & 0xffff, 0x2345);
    assert_int_equal(b->regs.eax & 0xff, 0);
    assert_int_equal(fake_mem32(b, 0x46c), 0x12345);
    b->clock.ticks += 65536 * 5;
    assert_int_equal(fake_int(b, 0x08, 0), BZC_BIOS_DONE); /* the timer interrupt */
    assert_int_equal(fake_mem32(b, 0x46c), 0x1234a);
}

static void midnight_comes_after_1800b0_ticks(void **state)
{
    struct fake_bios *b = *state;

    b->clock.ticks = 65536 * 100;
    b->regs.ecx = 0x0018;
    b->regs.edx = 0x00af; /* the last tick of the day */
    assert_int_equal(fake_int(b, 0x1a, 0x0100), BZC_BIOS_DONE);
    fake_int(b, 0x1a, 0x0000);
    assert_int_equal(b->regs.ecx << 16 | (b->regs.edx & 0xffff), 0x1800af);
    assert_int_equal(b->regs.eax & 0xff, 0);
    b->clock.ticks += 65536;
    fake_int(b, 0x1a, 0x0000);
    assert_int_equal(b->regs.ecx & 0xffff, 0);
    assert_int_equal(b->regs.edx & 0xffff, 0);
    assert_int_equal(b->regs.eax & 0xff, 1);
    fake_int(b, 0x1a, 0x0000);
    assert_int_equal(b->regs.eax & 0xff, 0); /* told once */
}

static void date_and_time_are_bcd(void **state)
{
    struct fake_bios *b = *state;

    b->clock.ticks = 1193182ull * (86400 + 11 * 3600 + 22 * 60 + 33);
    b->regs.flags = 1;
    assert_int_equal(fake_int(b, 0x1a, 0x0200), BZC_BIOS_DONE);
    assert_false(fake_carry(b));
    assert_int_equal(b->regs.ecx & 0xffff, 0x1122);
    assert_int_equal(b->regs.edx & 0xffff, 0x3300);
    assert_int_equal(fake_int(b, 0x1a, 0x0400), BZC_BIOS_DONE);
    assert_int_equal(b->regs.ecx & 0xffff, 0x2026);
    assert_int_equal(b->regs.edx & 0xffff, 0x0102);
}

/* Linux's getchar_timeout() polls INT 16h AH=01h and INT 1Ah AH=02h until 30 seconds went by. */
static void polling_ends(void **state)
{
    struct fake_bios *b = *state;
    unsigned changes = 0, calls = 0, before = 0;

    while (changes < 30) {
        fake_int(b, 0x16, 0x0100);
        fake_int(b, 0x1a, 0x0200);
        changes += (b->regs.edx >> 8 & 0xff) != before;
        before = b->regs.edx >> 8 & 0xff;
        assert_true(++calls < 400000);
    }
}

static void there_is_no_pci_bios(void **state)
{
    struct fake_bios *b = *state;

    b->regs.edx = 0;
    assert_int_equal(fake_int(b, 0x1a, 0xb101), BZC_BIOS_REFUSED);
    assert_true(fake_carry(b));
    assert_int_not_equal(fake_ax(b) >> 8, 0);
    assert_int_not_equal(b->regs.edx, 0x20494350); /* "PCI " */
}

/* Whatever else */

static void nothing_boots_again(void **state)
{
    struct fake_bios *b = *state;

    assert_int_equal(fake_int(b, 0x18, 0), BZC_BIOS_WAITS);
    assert_int_equal(fake_int(b, 0x19, 0), BZC_BIOS_WAITS);
    assert_int_equal(fake_int(b, 0x14, 0), BZC_BIOS_REFUSED);
    assert_int_equal(fake_ax(b) >> 8 & 0x80, 0x80);
    assert_int_equal(fake_int(b, 0x17, 0), BZC_BIOS_REFUSED);
    assert_int_equal(fake_ax(b) >> 8 & 0x01, 0x01);
}

static void unknown_calls_are_named_and_refused(void **state)
{
    struct fake_bios *b = *state;

    b->regs.flags = 0;
    assert_int_equal(fake_int(b, 0x15, 0x7777), BZC_BIOS_UNKNOWN);
    assert_string_equal(b->name, "INT 15h");
    assert_true(fake_carry(b));
    assert_int_equal(fake_ax(b), 0x8677);
    b->regs.flags = 0;
    assert_int_equal(fake_int(b, 0x21, 0x4c00), BZC_BIOS_UNKNOWN);
    assert_string_equal(b->name, "unexpected interrupt");
    assert_true(fake_carry(b));
    assert_int_equal(fake_ax(b), 0x4c00);
}

/* Every vector with every AH and hostile registers: an answer, and memory outside the services' reach untouched. */
static void no_call_does_harm(void **state)
{
    struct fake_bios *b = *state;

    for (unsigned vector = 0; vector < 256; vector++) {
        for (unsigned ah = 0; ah < 256; ah++) {
            b->regs = (struct bzc_bios_regs){.ebx = 0xffffffff,
                                             .ecx = vector == 0x10 ? 0x0101 : 0xffffffff,
                                             .edx = 0xffffffff,
                                             .esi = 0xffffffff,
                                             .edi = 0xffffffff,
                                             .ebp = 0xffffffff,
                                             .ds = 0xffff,
                                             .es = 0xffff};
            assert_in_range(fake_int(b, (uint8_t)vector, ah << 8 | 0xff), BZC_BIOS_DONE, BZC_BIOS_WAITS);
            assert_non_null(b->name);
        }
    }
    assert_true(bzc_bios_call(&b->bios, 0x11, &b->regs, NULL) == BZC_BIOS_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rom_has_what_programs_look_for),
        cmocka_unit_test_setup_teardown(every_vector_leads_to_its_stub, setup, teardown),
        cmocka_unit_test_setup_teardown(hardware_interrupts_end_at_the_pic, setup, teardown),
        cmocka_unit_test_setup_teardown(traps_are_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(disk_tables_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(data_area_at_power_on, setup, teardown),
        cmocka_unit_test(ebda_follows_the_map),
        cmocka_unit_test_setup_teardown(int11_and_int12_read_the_data_area, setup, teardown),
        cmocka_unit_test_setup_teardown(e820_walks_the_map, setup, teardown),
        cmocka_unit_test_setup_teardown(e820_with_extended_attributes, setup, teardown),
        cmocka_unit_test(e820_takes_64_bit_ranges),
        cmocka_unit_test_setup_teardown(e820_refuses_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(e801_splits_at_16_mib, setup, teardown),
        cmocka_unit_test_setup_teardown(function_88_is_capped, setup, teardown),
        cmocka_unit_test_setup_teardown(moves_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(moves_overlapping_blocks_as_the_cpu_does, setup, teardown),
        cmocka_unit_test_setup_teardown(block_move_fails_cleanly, setup, teardown),
        cmocka_unit_test_setup_teardown(a20_by_the_bios, setup, teardown),
        cmocka_unit_test_setup_teardown(configuration_table_has_no_micro_channel, setup, teardown),
        cmocka_unit_test_setup_teardown(wait_takes_guest_time, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_a_pc_may_lack, setup, teardown),
        cmocka_unit_test_setup_teardown(there_are_no_disks, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_types, setup, teardown),
        cmocka_unit_test_setup_teardown(stored_keys_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(ticks_follow_the_clock, setup, teardown),
        cmocka_unit_test_setup_teardown(midnight_comes_after_1800b0_ticks, setup, teardown),
        cmocka_unit_test_setup_teardown(date_and_time_are_bcd, setup, teardown),
        cmocka_unit_test_setup_teardown(polling_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(there_is_no_pci_bios, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_boots_again, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_calls_are_named_and_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(no_call_does_harm, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
