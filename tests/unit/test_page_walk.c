/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables made by hand and results worked out by hand from Intel SDM 3A, chapters "Paging" 4.2 to 4.7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "emu/page_walk.h"

#define RAM 0x40000u

static uint8_t ram[RAM];
static unsigned writes;

static bool ram_read(void *context, uint64_t phys, void *data, size_t size)
{
    (void)context;
    if (phys > RAM || size > RAM - phys)
        return false;
    memcpy(data, ram + phys, size);
    return true;
}

static bool ram_write(void *context, uint64_t phys, const void *data, size_t size)
{
    (void)context;
    if (phys > RAM || size > RAM - phys)
        return false;
    memcpy(ram + phys, data, size);
    writes++;
    return true;
}

static struct bzc_walk walk(const struct bzc_paging_regs *regs, uint64_t linear, enum bzc_access access)
{
    const struct bzc_walk_memory memory = {NULL, ram_read, ram_write};

    return bzc_page_walk(regs, &memory, linear, access);
}

static void assert_phys(const struct bzc_paging_regs *regs, uint64_t linear, enum bzc_access access, uint64_t phys)
{
    struct bzc_walk result = walk(regs, linear, access);

    assert_true(result.ok);
    assert_int_equal(result.phys, phys);
}

static void assert_fault(const struct bzc_paging_regs *regs, uint64_t linear, enum bzc_access access, uint32_t code)
{
    struct bzc_walk result = walk(regs, linear, access);

    assert_false(result.ok);
    assert_int_equal(result.error_code, code);
}

static const struct bzc_paging_regs regs_32 = {.cr0 = BZC_CR0_PG | 1, .cr3 = 0x1000};
static const struct bzc_paging_regs regs_pae = {.cr0 = BZC_CR0_PG | 1, .cr3 = 0x1020, .cr4 = BZC_CR4_PAE};
static const struct bzc_paging_regs regs_4 = {
    .cr0 = BZC_CR0_PG | 1, .cr3 = 0x1000, .cr4 = BZC_CR4_PAE, .efer = BZC_EFER_LME | BZC_EFER_LMA | BZC_EFER_NXE};

static int clear(void **state)
{
    (void)state;
    memset(ram, 0, sizeof(ram));
    writes = 0;
    return 0;
}

static void no_paging_is_identity(void **state)
{
    struct bzc_paging_regs regs = {.cr0 = 1, .cr3 = 0xdead000, .cr4 = ~0ull, .efer = ~0ull, .user = true};
    struct bzc_walk result = walk(&regs, 0x12345000, BZC_ACCESS_WRITE);

    (void)state;
    assert_true(result.ok && result.write && result.execute);
    assert_int_equal(result.phys, 0x12345000);
    assert_int_equal(writes, 0);
}

/* Linear 0x00c05000: directory entry 3, table entry 5. */
static void two_levels(void **state)
{
    (void)state;
    bzc_store32(ram + 0x1000 + 3 * 4, 0x2000 | 3);
    bzc_store32(ram + 0x2000 + 5 * 4, 0xabcde000 | 3);
    assert_phys(&regs_32, 0x00c05000, BZC_ACCESS_READ, 0xabcde000);
    assert_phys(&regs_32, 0x00c05000, BZC_ACCESS_FETCH, 0xabcde000);
    assert_fault(&regs_32, 0x00c06000, BZC_ACCESS_READ, 0);             /* no table entry */
    assert_fault(&regs_32, 0x01005000, BZC_ACCESS_WRITE, BZC_PF_WRITE); /* no directory entry */
    assert_fault(&regs_32, 0x01005000, BZC_ACCESS_FETCH, 0);            /* I/D needs PAE and NXE (SDM 4.7) */
}

static void four_mib_pages(void **state)
{
    struct bzc_paging_regs pse = regs_32;

    (void)state;
    pse.cr4 = BZC_CR4_PSE;
    /* PS, bits 31:22 = 0x1000, and bits 20:13 give 39:32 (PSE-36) = 0x05 */
    bzc_store32(ram + 0x1000 + 3 * 4, 0x40000083 | 5 << 13);
    assert_phys(&pse, 0x00c05000, BZC_ACCESS_WRITE, 0x540005000ull);
    assert_int_equal(bzc_load32(ram + 0x100c) & 0x60, 0x60); /* accessed, dirty */
    /* Without CR4.PSE the bit is ignored and the entry is a table's. */
    bzc_store32(ram + 0x1000 + 3 * 4, 0x2083);
    bzc_store32(ram + 0x2000 + 5 * 4, 0x7003);
    assert_phys(&regs_32, 0x00c05000, BZC_ACCESS_READ, 0x7000);
}

/* Linear 0x80403000: pointer entry 2, directory entry 2, table entry 3. CR3 is 32-byte aligned: 0x1020. */
static void pae(void **state)
{
    struct bzc_paging_regs nx = regs_pae;

    (void)state;
    bzc_store64(ram + 0x1020 + 2 * 8, 0x3001); /* bits 1 and 2 of a pointer entry are reserved, not permissions */
    bzc_store64(ram + 0x3000 + 2 * 8, 0x4000 | 3);
    bzc_store64(ram + 0x4000 + 3 * 8, 0x5abcde000ull | 3);
    assert_phys(&regs_pae, 0x80403000, BZC_ACCESS_WRITE, 0x5abcde000ull);
    assert_int_equal(bzc_load64(ram + 0x1030), 0x3001); /* and has no accessed bit */
    assert_int_equal(bzc_load64(ram + 0x3010), 0x4023);
    assert_int_equal(bzc_load64(ram + 0x4018), 0x5abcde063ull);
    /* a 2 MiB page: linear 0x80600000 is directory entry 3 */
    bzc_store64(ram + 0x3000 + 3 * 8, 0x00800083);
    assert_phys(&regs_pae, 0x80745000, BZC_ACCESS_READ, 0x00945000);
    /* XD is a reserved bit without EFER.NXE, and a permission with it */
    bzc_store64(ram + 0x4000 + 3 * 8, 1ull << 63 | 0x7003);
    assert_fault(&regs_pae, 0x80403000, BZC_ACCESS_READ, BZC_PF_PRESENT | BZC_PF_RESERVED);
    nx.efer = BZC_EFER_NXE;
    assert_phys(&nx, 0x80403000, BZC_ACCESS_READ, 0x7000);
    assert_fault(&nx, 0x80403000, BZC_ACCESS_FETCH, BZC_PF_PRESENT | BZC_PF_FETCH);
    assert_fault(&nx, 0xc0000000, BZC_ACCESS_FETCH, BZC_PF_FETCH);
}

/* Linear 0xffffffff81234000: bits 47:39 = 511, 38:30 = 510, 29:21 = 9, 20:12 = 0x34. */
static void four_levels(void **state)
{
    const uint64_t linear = 0xffffffff81234000ull;

    (void)state;
    bzc_store64(ram + 0x1000 + 511 * 8, 0x2000 | 3);
    bzc_store64(ram + 0x2000 + 510 * 8, 0x3000 | 3);
    bzc_store64(ram + 0x3000 + 9 * 8, 0x4000 | 3);
    bzc_store64(ram + 0x4000 + 0x34 * 8, 0x0007fedcba987000ull | 3);
    assert_phys(&regs_4, linear, BZC_ACCESS_READ, 0x0007fedcba987000ull);
    assert_int_equal(bzc_load64(ram + 0x1ff8), 0x2023);
    assert_int_equal(bzc_load64(ram + 0x2ff0), 0x3023);
    assert_int_equal(bzc_load64(ram + 0x3048), 0x4023);
    assert_int_equal(bzc_load64(ram + 0x41a0), 0x0007fedcba987023ull);
    assert_int_equal(writes, 4);
    walk(&regs_4, linear, BZC_ACCESS_READ);
    assert_int_equal(writes, 4); /* bits that are set are not written again */
    walk(&regs_4, linear, BZC_ACCESS_WRITE);
    assert_int_equal(bzc_load64(ram + 0x41a0), 0x0007fedcba987063ull);
    assert_int_equal(bzc_load64(ram + 0x3048), 0x4023); /* dirty only where the page is mapped */
}

static void large_pages_of_long_mode(void **state)
{
    (void)state;
    bzc_store64(ram + 0x1000, 0x2000 | 3);
    bzc_store64(ram + 0x2000, 0x3000 | 3);
    bzc_store64(ram + 0x2000 + 8, 0x140000083ull);    /* 1 GiB at 5 GiB */
    bzc_store64(ram + 0x3000 + 7 * 8, 0x00a01083ull); /* 2 MiB at 10 MiB; bit 12 is PAT */
    assert_phys(&regs_4, 0x40000000 + 0x12345000, BZC_ACCESS_READ, 0x140000000ull + 0x12345000);
    assert_phys(&regs_4, 7 * 0x200000 + 0x1ff000, BZC_ACCESS_READ, 0x00a00000 + 0x1ff000);
}

/* SDM volume 1, "Canonical Addressing": bits 63 to 47 (5 levels: to 56) are all alike. */
static void only_canonical_addresses_are_walked(void **state)
{
    static const uint64_t good_4[] = {0x00007ffffffff000, 0xffff800000000000, 0, 0xfffffffffffff000};
    static const uint64_t bad_4[] = {0x0000800000000000, 0xffff7ffffffff000, 0xbad0000000000000, 0x8000000000000000};
    static const uint64_t good_5[] = {0x0000800000000000, 0x00fffffffffff000, 0xff00000000000000};
    static const uint64_t bad_5[] = {0x0100000000000000, 0xfefffffffffff000, 0xbad0000000000000};
    struct bzc_paging_regs la57 = regs_4, compat = regs_4;

    (void)state;
    la57.cr4 |= BZC_CR4_LA57;
    for (size_t i = 0; i < 4; i++) {
        assert_false(walk(&regs_4, good_4[i], BZC_ACCESS_READ).not_canonical);
        assert_true(walk(&regs_4, bad_4[i], BZC_ACCESS_READ).not_canonical);
        assert_false(walk(&regs_4, bad_4[i], BZC_ACCESS_READ).ok);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_false(walk(&la57, good_5[i], BZC_ACCESS_READ).not_canonical);
        assert_true(walk(&la57, bad_5[i], BZC_ACCESS_READ).not_canonical);
    }
    compat.efer = 0; /* no long mode: there are 32 bits, and no such thing */
    assert_false(walk(&compat, 0x80000000, BZC_ACCESS_READ).not_canonical);
}

static void five_levels(void **state)
{
    struct bzc_paging_regs la57 = regs_4;
    const uint64_t linear = 0x00fe000000001000ull; /* bits 56:48 = 0xfe */

    (void)state;
    la57.cr4 |= BZC_CR4_LA57;
    bzc_store64(ram + 0x1000 + 0xfe * 8, 0x2000 | 3);
    bzc_store64(ram + 0x2000, 0x3000 | 3);
    bzc_store64(ram + 0x3000, 0x4000 | 3);
    bzc_store64(ram + 0x4000, 0x5000 | 3);
    bzc_store64(ram + 0x5000 + 8, 0x6000 | 3);
    assert_phys(&la57, linear, BZC_ACCESS_READ, 0x6000);
    assert_int_equal(writes, 5);
}

/* SDM 4.6.1: supervisor and user, R/W combined over the levels, CR0.WP. */
static void permissions(void **state)
{
    static const struct {
        uint64_t upper, lower;
        bool user, wp;
        enum bzc_access access;
        int fault; /* -1: allowed */
    } cases[] = {
        {3, 3, false, true, BZC_ACCESS_WRITE, -1},
        {1, 3, false, true, BZC_ACCESS_WRITE, BZC_PF_PRESENT | BZC_PF_WRITE},
        {3, 1, false, true, BZC_ACCESS_WRITE, BZC_PF_PRESENT | BZC_PF_WRITE},
        {3, 1, false, false, BZC_ACCESS_WRITE, -1},
        {3, 1, false, true, BZC_ACCESS_READ, -1},
        {7, 7, true, true, BZC_ACCESS_WRITE, -1},
        {7, 3, true, true, BZC_ACCESS_READ, BZC_PF_PRESENT | BZC_PF_USER},
        {3, 7, true, true, BZC_ACCESS_READ, BZC_PF_PRESENT | BZC_PF_USER},
        {7, 5, true, false, BZC_ACCESS_WRITE, BZC_PF_PRESENT | BZC_PF_USER | BZC_PF_WRITE},
        {7, 0, true, true, BZC_ACCESS_WRITE, BZC_PF_USER | BZC_PF_WRITE},
        {7, 3, true, true, BZC_ACCESS_FETCH, BZC_PF_PRESENT | BZC_PF_USER | BZC_PF_FETCH},
        {1ull << 63 | 3, 3, false, true, BZC_ACCESS_FETCH, BZC_PF_PRESENT | BZC_PF_FETCH},
        {3, 1ull << 63 | 3, false, true, BZC_ACCESS_FETCH, BZC_PF_PRESENT | BZC_PF_FETCH},
        {3, 1ull << 63 | 3, false, true, BZC_ACCESS_READ, -1},
        {7, 7, false, true, BZC_ACCESS_FETCH, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_paging_regs regs = regs_4;
        struct bzc_walk result;

        clear(NULL);
        bzc_store64(ram + 0x1000, 0x2000 | 7);
        bzc_store64(ram + 0x2000, 0x3000 | 7);
        bzc_store64(ram + 0x3000, 0x4000 | cases[i].upper);
        bzc_store64(ram + 0x4000, 0x5000 | cases[i].lower);
        regs.user = cases[i].user;
        regs.cr0 |= cases[i].wp ? BZC_CR0_WP : 0;
        result = walk(&regs, 0, cases[i].access);
        if (result.ok != (cases[i].fault < 0) || (!result.ok && result.error_code != (uint32_t)cases[i].fault))
            fail_msg("case %zu: ok %d, error code %x", i, result.ok, result.error_code);
        if (!result.ok)
            assert_int_equal(writes, 0);
    }
}

static void writing_is_granted_only_when_dirty(void **state)
{
    struct bzc_walk result;

    (void)state;
    bzc_store64(ram + 0x1000, 0x2000 | 3);
    bzc_store64(ram + 0x2000, 0x3000 | 3);
    bzc_store64(ram + 0x3000, 0x4000 | 3);
    bzc_store64(ram + 0x4000, 1ull << 63 | 0x5003);
    result = walk(&regs_4, 0, BZC_ACCESS_READ);
    assert_true(result.ok && !result.write && !result.execute); /* else the first write would not set D */
    result = walk(&regs_4, 0, BZC_ACCESS_WRITE);
    assert_true(result.ok && result.write);
    result = walk(&regs_4, 0, BZC_ACCESS_READ);
    assert_true(result.ok && result.write);
    bzc_store64(ram + 0x4000, 0x5063 & ~2ull);
    assert_true(walk(&regs_4, 0, BZC_ACCESS_READ).execute);
}

static void tables_outside_memory_are_not_present(void **state)
{
    struct bzc_paging_regs regs = regs_4;

    (void)state;
    regs.cr3 = 0x100000000ull;
    assert_fault(&regs, 0, BZC_ACCESS_READ, 0);
    bzc_store64(ram + 0x1000, 0xffffff000ull | 3);
    assert_fault(&regs_4, 0, BZC_ACCESS_WRITE, BZC_PF_WRITE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_paging_is_identity, clear),
        cmocka_unit_test_setup(two_levels, clear),
        cmocka_unit_test_setup(four_mib_pages, clear),
        cmocka_unit_test_setup(pae, clear),
        cmocka_unit_test_setup(four_levels, clear),
        cmocka_unit_test_setup(large_pages_of_long_mode, clear),
        cmocka_unit_test_setup(only_canonical_addresses_are_walked, clear),
        cmocka_unit_test_setup(five_levels, clear),
        cmocka_unit_test_setup(permissions, clear),
        cmocka_unit_test_setup(writing_is_granted_only_when_dirty, clear),
        cmocka_unit_test_setup(tables_outside_memory_are_not_present, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
