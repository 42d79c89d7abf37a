/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/fakes/guest.h"

/* The map of a guest with RAM to 16 MiB, a hole, two pieces that touch, and an odd end. */
static struct bzc_memory *odd_memory(struct guest *guest)
{
    static const struct bzc_memory_map map = {
        .range = {{0, 0x9fc00, BZC_E820_RAM},
                  {0x9fc00, 0x400, BZC_E820_RESERVED},
                  {0x100000, 0xf00000, BZC_E820_RAM},
                  {0x2000000, 0x10000, BZC_E820_RAM},
                  {0x2010000, 0x10000, BZC_E820_ACPI},
                  {0x2020800, 0x2000, BZC_E820_RAM},
                  {0x100000000ull, 0x1000, BZC_E820_RAM}},
        .count = 7,
    };
    struct bzc_error err = {0};
    struct bzc_memory *memory = NULL;

    bzc_memory_free(guest->memory);
    bzc_cpu_free(guest->cpu);
    guest->cpu = NULL;
    guest->memory = NULL;
    assert_int_equal(bzc_cpu_new(&(struct bzc_cpu_client){.context = guest}, &guest->cpu, &err), BZC_OK);
    assert_int_equal(bzc_memory_new(&map, guest->cpu, &memory, &err), BZC_OK);
    guest->memory = memory;
    return memory;
}

static void kinds_follow_the_map(void **state)
{
    static const struct {
        uint64_t phys;
        enum bzc_page_kind kind;
    } cases[] = {
        {0, BZC_PAGE_RAM},
        {0x9fc00, BZC_PAGE_RAM},
        {0xb8000, BZC_PAGE_RAM}, /* EBDA, text page */
        {0xbffff, BZC_PAGE_RAM},
        {0xc0000, BZC_PAGE_ROM},
        {0xfffff, BZC_PAGE_ROM},
        {0x100000, BZC_PAGE_RAM},
        {0xffffff, BZC_PAGE_RAM},
        {0x1000000, BZC_PAGE_HOLE},
        {0x1ffffff, BZC_PAGE_HOLE},
        {0x2000000, BZC_PAGE_RAM},
        {0x200ffff, BZC_PAGE_RAM},
        {0x2010000, BZC_PAGE_HOLE}, /* ACPI */
        {0x201ffff, BZC_PAGE_HOLE},
        {0x2020800, BZC_PAGE_HOLE}, /* a page that is not whole */
        {0x2021000, BZC_PAGE_RAM},
        {0x2022000, BZC_PAGE_HOLE},
        {0xffffffff, BZC_PAGE_HOLE},
        {0x100000000ull, BZC_PAGE_RAM},
        {0x100001000ull, BZC_PAGE_HOLE},
        {~0ull, BZC_PAGE_HOLE},
    };
    struct guest *guest = guest_new(NULL);
    struct bzc_memory *memory = odd_memory(guest);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (bzc_memory_kind(memory, cases[i].phys) != cases[i].kind)
            fail_msg("0x%llx", (unsigned long long)cases[i].phys);
        assert_int_equal(bzc_memory_flags(memory, cases[i].phys) == NULL, cases[i].kind == BZC_PAGE_HOLE);
    }
    guest_free(guest);
}

static void access_stays_inside_its_piece(void **state)
{
    struct guest *guest = guest_new(NULL);
    struct bzc_memory *memory = odd_memory(guest);
    uint8_t byte[2] = {0x11, 0x22}, back[2] = {0};

    (void)state;
    assert_true(bzc_memory_write(memory, 0xfffffe, byte, 2));
    assert_true(bzc_memory_read(memory, 0xfffffe, back, 2));
    assert_memory_equal(back, byte, 2);
    assert_false(bzc_memory_write(memory, 0xffffff, byte, 2));
    assert_false(bzc_memory_read(memory, 0xffffff, back, 2));
    assert_false(bzc_memory_read(memory, 0x1000000, back, 1));
    assert_false(bzc_memory_read(memory, 0x200ffff, back, 2)); /* ACPI begins behind it */
    assert_false(bzc_memory_read(memory, ~0ull, back, 2));
    assert_int_equal(bzc_memory_view(memory, 0x100000, 0xf00000).size, 0xf00000);
    assert_int_equal(bzc_memory_view(memory, 0x100000, 0xf00001).size, 0);
    assert_int_equal(bzc_memory_view(memory, 0x100000, ~0ull).size, 0);
    assert_null(bzc_memory_view(memory, 0x1000000, 1).data);
    assert_int_equal(bzc_memory_view(memory, 0xfffff, 2).size, 0); /* the first MiB is a piece of its own */
    guest_free(guest);
}

static void rom_is_filled_by_its_own_door(void **state)
{
    struct guest *guest = guest_new(NULL);
    struct bzc_memory *memory = guest->memory;
    uint8_t back[4];

    (void)state;
    assert_true(bzc_memory_read(memory, 0xc0000, back, 4));
    assert_memory_equal(back, "\xff\xff\xff\xff", 4); /* empty sockets */
    assert_false(bzc_memory_write(memory, 0xf0000, "abcd", 4));
    assert_false(bzc_memory_write(memory, 0xbfffe, "abcd", 4)); /* runs into it */
    assert_true(bzc_memory_write(memory, 0xbfffc, "abcd", 4));
    bzc_memory_fill_rom(memory, 0xffffc, "abcd", 4);
    assert_true(bzc_memory_read(memory, 0xffffc, back, 4));
    assert_memory_equal(back, "abcd", 4);
    bzc_memory_fill_rom(memory, 0xffffe, "wxyz", 4); /* past its end: nothing */
    bzc_memory_fill_rom(memory, 0x80000, "wxyz", 4); /* not ROM: nothing */
    assert_true(bzc_memory_read(memory, 0xffffc, back, 4));
    assert_memory_equal(back, "abcd", 4);
    assert_true(bzc_memory_read(memory, 0x80000, back, 4));
    assert_memory_equal(back, "\0\0\0\0", 4);
    guest_free(guest);
}

static void memory_begins_as_zero_and_untouched(void **state)
{
    struct guest *guest = guest_new(NULL);
    struct bzc_bytes view = bzc_memory_view(guest->memory, 0x100000, GUEST_MEMORY - 0x100000);
    uint64_t sum = 0;

    (void)state;
    assert_int_equal(view.size, GUEST_MEMORY - 0x100000);
    for (size_t i = 0; i < view.size; i++)
        sum += view.data[i];
    assert_int_equal(sum, 0);
    assert_int_equal(bzc_memory_touched(guest->memory), 0);
    *bzc_memory_flags(guest->memory, 0x123456) |= BZC_PAGE_WRITTEN;
    *bzc_memory_flags(guest->memory, 0x123fff) |= BZC_PAGE_KNOWN; /* the same page */
    *bzc_memory_flags(guest->memory, 0x7000) |= BZC_PAGE_CODE;
    *bzc_memory_flags(guest->memory, 0x8000) |= BZC_PAGE_WRITABLE;
    assert_int_equal(bzc_memory_touched(guest->memory), 2);
    guest_free(guest);
}

static void much_memory_costs_nothing_until_it_is_used(void **state)
{
    struct bzc_cpu *cpu = NULL;
    struct bzc_memory *memory = NULL;
    struct bzc_memory_map map;
    struct bzc_error err = {0};

    (void)state;
    assert_int_equal(bzc_memory_map_default(BZC_MEMORY_MAX, &map, &err), BZC_OK);
    assert_int_equal(bzc_cpu_new(&(struct bzc_cpu_client){.context = NULL}, &cpu, &err), BZC_OK);
    assert_int_equal(bzc_memory_new(&map, cpu, &memory, &err), BZC_OK);
    assert_true(bzc_memory_write(memory, 0x100000000ull + (32ull << 30), "x", 1));
    assert_int_equal(bzc_memory_kind(memory, 0xc0000000), BZC_PAGE_HOLE);
    bzc_cpu_free(cpu);
    bzc_memory_free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_follow_the_map),
        cmocka_unit_test(access_stays_inside_its_piece),
        cmocka_unit_test(rom_is_filled_by_its_own_door),
        cmocka_unit_test(memory_begins_as_zero_and_untouched),
        cmocka_unit_test(much_memory_costs_nothing_until_it_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
