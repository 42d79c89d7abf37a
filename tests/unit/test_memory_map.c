/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory_map.h"

static enum bzc_status parse(const char *text, struct bzc_memory_map *map, struct bzc_error *err)
{
    const struct bzc_bytes bytes = {(const uint8_t *)text, strlen(text)};

    return bzc_memory_map_parse(bytes, map, err);
}

static void assert_range(const struct bzc_memory_map *map, size_t i, uint64_t start, uint64_t end, uint32_t type)
{
    assert_true(i < map->count);
    assert_int_equal(map->range[i].start, start);
    assert_int_equal(map->range[i].start + map->range[i].size, end);
    assert_int_equal(map->range[i].type, type);
}

static void default_map_of_a_small_pc(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(bzc_memory_map_default(256ull << 20, &map, NULL), BZC_OK);
    assert_int_equal(map.count, 4);
    assert_range(&map, 0, 0, 0x9fc00, 1);
    assert_range(&map, 1, 0x9fc00, 0xa0000, 2);
    assert_range(&map, 2, 0xf0000, 0x100000, 2);
    assert_range(&map, 3, 0x100000, 0x10000000, 1);
}

static void default_map_continues_at_4_gib(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(bzc_memory_map_default(4ull << 30, &map, NULL), BZC_OK);
    assert_int_equal(map.count, 5);
    assert_range(&map, 3, 0x100000, 0xc0000000, 1);
    assert_range(&map, 4, 0x100000000ull, 0x140000000ull, 1);
    assert_int_equal(bzc_memory_map_default(0xc0000000, &map, NULL), BZC_OK);
    assert_int_equal(map.count, 4);
}

static void default_map_has_bounds(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(bzc_memory_map_default((4ull << 20) - 4096, &map, NULL), BZC_ERR_LIMIT);
    assert_int_equal(bzc_memory_map_default((64ull << 30) + 4096, &map, NULL), BZC_ERR_LIMIT);
    assert_int_equal(bzc_memory_map_default((8ull << 20) + 1, &map, NULL), BZC_ERR_LIMIT);
    assert_int_equal(bzc_memory_map_default(4ull << 20, &map, NULL), BZC_OK);
    assert_int_equal(bzc_memory_map_default(64ull << 30, &map, NULL), BZC_OK);
}

static void parses_plain_lines_in_any_order(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(parse("# a small PC\n"
                           "0x100000 0x7ffffff usable # the rest\r\n"
                           "\n"
                           "  0 0x9ffff\tusable\n"
                           "0x8000000 0x8000fff acpi\n"
                           "0x8001000 0x8001fff nvs\n"
                           "0x8002000 0x8002fff unusable\n"
                           "4026531840 4026535935 reserved\n"
                           "0xfee00000 0xfee00fff 20",
                           &map, NULL),
                     BZC_OK);
    assert_int_equal(map.count, 7);
    assert_range(&map, 0, 0, 0xa0000, 1);
    assert_range(&map, 1, 0x100000, 0x8000000, 1);
    assert_range(&map, 2, 0x8000000, 0x8001000, 3);
    assert_range(&map, 3, 0x8001000, 0x8002000, 4);
    assert_range(&map, 4, 0x8002000, 0x8003000, 5);
    assert_range(&map, 5, 0xf0000000, 0xf0001000, 2);
    assert_range(&map, 6, 0xfee00000, 0xfee01000, 20);
}

/* The lines that QEMU's machine "pc" gives, as a kernel logs them. */
static void parses_a_kernel_log(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(parse("[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
                           "[    0.000000] BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved\n"
                           "BIOS-e820: [mem 0x0000000000100000-0x000000001ffdffff] usable\n"
                           "BIOS-e820: [mem 0x000000001ffe0000-0x000000001ffeffff] ACPI data\n"
                           "BIOS-e820: [mem 0x000000001fff0000-0x000000001fffffff] ACPI NVS\n"
                           "BIOS-e820: [mem 0x00000000fffc0000-0x00000000ffffffff] type 20\n",
                           &map, NULL),
                     BZC_OK);
    assert_int_equal(map.count, 6);
    assert_range(&map, 0, 0, 0x9fc00, 1);
    assert_range(&map, 2, 0x100000, 0x1ffe0000, 1);
    assert_range(&map, 3, 0x1ffe0000, 0x1fff0000, 3);
    assert_range(&map, 4, 0x1fff0000, 0x20000000, 4);
    assert_range(&map, 5, 0xfffc0000, 0x100000000ull, 20);
}

static void parse_errors_name_the_line(void **state)
{
    static const char *const bad[] = {
        "0 0x9ffff",
        "0x9ffff usable",
        "0 0x9ffff usables",
        "0 0x9ffff usable x",
        "-1 0x9ffff usable",
        "0 -1 usable",
        "0 0x10000000000000000 usable",
        "0x1000 0xfff usable",
        "0 0xffffffffffffffff reserved",
        "0 0x9ffff 0x100000000",
        "BIOS-e820: [mem 0-0x9ffff usable",
        "0-0x9ffff usable",
        "00x9ffff usable",
        "0 09 usable",
    };
    struct bzc_memory_map map;
    struct bzc_error err;
    char text[128];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "0x100000 0x7ffffff usable\n%s\n", bad[i]);
        assert_int_equal(parse(text, &map, &err), BZC_ERR_FORMAT);
        assert_non_null(strstr(err.message, "line 2"));
    }
}

static void parse_refuses_overlaps(void **state)
{
    struct bzc_memory_map map;
    struct bzc_error err;

    (void)state;
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0x1fffff 0x2fffff reserved\n", &map, &err),
                     BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "line 3"));
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0xa0000 0x100000 reserved\n", &map, &err),
                     BZC_ERR_FORMAT);
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0x100000 0x100fff usable\n", &map, &err),
                     BZC_ERR_FORMAT);
    assert_int_equal(parse("0x100000 0x1fffff usable\n0 0x9ffff usable\n0xa0000 0xfffff reserved\n", &map, &err),
                     BZC_OK);
}

static void parse_wants_ram_where_a_pc_has_it(void **state)
{
    struct bzc_memory_map map;
    struct bzc_error err;

    (void)state;
    assert_int_equal(parse("0 0x9ffff usable\n", &map, &err), BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "at 1 MiB"));
    assert_int_equal(parse("0x100000 0x1fffff usable\n0 0x9ffff reserved\n", &map, &err), BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "first 640 KiB"));
    assert_int_equal(parse("", &map, &err), BZC_ERR_FORMAT);
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x10000fffff usable\n", &map, &err), BZC_ERR_LIMIT);
    assert_int_equal(
        parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0x7ffffffff000 0x7fffffffffff usable\n", &map, &err),
        BZC_OK);
    assert_int_equal(
        parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0x800000000000 0x800000000fff usable\n", &map, &err),
        BZC_ERR_LIMIT);
    assert_string_equal(err.message, "memory map line 3: RAM above 128 TiB");
}

static void parse_holds_512_ranges(void **state)
{
    char *text = malloc(520 * 64);
    struct bzc_memory_map map;
    size_t used = 0, i;

    (void)state;
    assert_non_null(text);
    used += (size_t)sprintf(text, "0 0x9ffff usable\n0x100000 0x1fffff usable\n");
    for (i = 0; i < 510; i++)
        used += (size_t)sprintf(text + used, "0x%zx 0x%zx reserved\n", 0x200000 + i * 0x2000, 0x200fff + i * 0x2000);
    assert_int_equal(parse(text, &map, NULL), BZC_OK);
    assert_int_equal(map.count, 512);
    sprintf(text + used, "0x10000000 0x10000fff reserved\n");
    assert_int_equal(parse(text, &map, NULL), BZC_ERR_LIMIT);
    free(text);
}

static void ram_questions(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0x200000 0x2fffff usable\n"
                           "0x300000 0x3fffff reserved\n",
                           &map, NULL),
                     BZC_OK);
    assert_int_equal(bzc_memory_map_ram_end(&map, 0x9ffff), 0xa0000);
    assert_int_equal(bzc_memory_map_ram_end(&map, 0xa0000), 0xa0000);
    assert_int_equal(bzc_memory_map_ram_end(&map, 0x100000), 0x300000);
    assert_int_equal(bzc_memory_map_ram_end(&map, 0x300000), 0x300000);
    assert_true(bzc_memory_map_is_ram(&map, 0x100000, 0x200000));
    assert_false(bzc_memory_map_is_ram(&map, 0x100000, 0x200001));
    assert_true(bzc_memory_map_is_ram(&map, 0x1ffff8, 16));
    assert_false(bzc_memory_map_is_ram(&map, 0x9fff8, 16));
    assert_false(bzc_memory_map_is_ram(&map, 0x380000, 1));
    assert_false(bzc_memory_map_is_ram(&map, 0x100000, UINT64_MAX));
}

/* Where a range says something it stays as it is; the rest becomes RAM. */
static void ram_is_added_in_the_gaps(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n0x400000 0x4fffff reserved\n"
                           "0x600000 0x6fffff acpi\n",
                           &map, NULL),
                     BZC_OK);
    assert_true(bzc_memory_map_add_ram(&map, 0x180000, 0x500000)); /* to 0x680000 */
    assert_int_equal(map.count, 6);
    assert_range(&map, 1, 0x100000, 0x200000, 1);
    assert_range(&map, 2, 0x200000, 0x400000, 1);
    assert_range(&map, 3, 0x400000, 0x500000, 2);
    assert_range(&map, 4, 0x500000, 0x600000, 1);
    assert_range(&map, 5, 0x600000, 0x700000, 3);
    assert_int_equal(bzc_memory_map_ram_end(&map, 0x100000), 0x400000);
    /* All of it described already; nothing at all; behind everything. */
    assert_true(bzc_memory_map_add_ram(&map, 0x480000, 0x200000));
    assert_true(bzc_memory_map_add_ram(&map, 0x900000, 0));
    assert_int_equal(map.count, 6);
    assert_true(bzc_memory_map_add_ram(&map, 0x100000000ull, 0x1000));
    assert_int_equal(map.count, 7);
    assert_range(&map, 6, 0x100000000ull, 0x100001000ull, 1);
}

static void ram_is_added_up_to_the_end_of_everything(void **state)
{
    struct bzc_memory_map map;

    (void)state;
    assert_int_equal(parse("0 0x9ffff usable\n0x100000 0x1fffff usable\n"
                           "0xffffffff00000000 0xffffffffffffffff reserved\n",
                           &map, NULL),
                     BZC_OK);
    assert_true(bzc_memory_map_add_ram(&map, 0xffffffff80000000, 0x10000000));
    assert_int_equal(map.count, 3);
    assert_true(bzc_memory_map_add_ram(&map, 0xfffffffef0000000, UINT64_MAX));
    assert_int_equal(map.count, 4);
    assert_range(&map, 2, 0xfffffffef0000000, 0xffffffff00000000, 1);
}

static void no_ram_is_added_to_a_full_map(void **state)
{
    static struct bzc_memory_map map;

    (void)state;
    for (size_t i = 0; i < 512; i++)
        map.range[i] = (struct bzc_memory_range){i * 0x2000, 0x1000, 1};
    map.count = 512;
    assert_false(bzc_memory_map_add_ram(&map, 0x200000, 0x1000000));
    assert_int_equal(map.count, 512);
    assert_true(bzc_memory_map_add_ram(&map, 0x200000, 0x1000));
    map.count = 511;
    assert_false(bzc_memory_map_add_ram(&map, 0, 0x4000)); /* two gaps, room for one */
    assert_int_equal(map.count, 512);
    assert_range(&map, 1, 0x1000, 0x2000, 1);
    assert_range(&map, 2, 0x2000, 0x3000, 1);
    assert_range(&map, 511, 510 * 0x2000, 510 * 0x2000 + 0x1000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_map_of_a_small_pc),     cmocka_unit_test(default_map_continues_at_4_gib),
        cmocka_unit_test(default_map_has_bounds),        cmocka_unit_test(parses_plain_lines_in_any_order),
        cmocka_unit_test(parses_a_kernel_log),           cmocka_unit_test(parse_errors_name_the_line),
        cmocka_unit_test(parse_refuses_overlaps),        cmocka_unit_test(parse_wants_ram_where_a_pc_has_it),
        cmocka_unit_test(parse_holds_512_ranges),        cmocka_unit_test(ram_questions),
        cmocka_unit_test(ram_is_added_in_the_gaps),      cmocka_unit_test(ram_is_added_up_to_the_end_of_everything),
        cmocka_unit_test(no_ram_is_added_to_a_full_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
