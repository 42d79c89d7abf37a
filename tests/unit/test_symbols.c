/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with symbols is this program: the linker's own addresses say what must be found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "report/symbols.h"

extern const char __executable_start[];
static const char constant[] = "behind the code";
void landmark(void);

void __attribute__((noinline)) landmark(void)
{
    __asm__ volatile("nop");
}

static uint64_t offset_of(void (*function)(void))
{
    return (uint64_t)(uintptr_t)function - (uint64_t)(uintptr_t)__executable_start;
}

static struct bzc_bytes self;

static int read_self(void **state)
{
    (void)state;
    return bzc_file_read("/proc/self/exe", 1u << 30, &self, NULL) == BZC_OK ? 0 : -1;
}

static int free_self(void **state)
{
    (void)state;
    free((void *)(uintptr_t)self.data);
    return 0;
}

static void names_are_found_from_their_offset(void **state)
{
    struct bzc_symbols *symbols = bzc_symbols_new();
    struct bzc_symbol symbol;

    (void)state;
    assert_non_null(symbols);
    assert_false(bzc_symbols_has(symbols, BZC_SYMBOLS_DECOMPRESSOR));
    assert_int_equal(bzc_symbols_add(symbols, BZC_SYMBOLS_DECOMPRESSOR, self, NULL), BZC_OK);
    assert_true(bzc_symbols_has(symbols, BZC_SYMBOLS_DECOMPRESSOR));
    assert_true(bzc_symbols_find(symbols, "decompressor", offset_of(landmark), &symbol));
    assert_string_equal(symbol.name, "landmark");
    assert_int_equal(symbol.offset, 0);
    /* wherever it runs */
    assert_true(bzc_symbols_find(symbols, "decompressor (relocated)", offset_of(landmark) + 1, &symbol));
    assert_string_equal(symbol.name, "landmark");
    assert_int_equal(symbol.offset, 1);
    assert_false(bzc_symbols_find(symbols, "setup", offset_of(landmark), &symbol));
    assert_false(bzc_symbols_find(symbols, "decompressors", offset_of(landmark), &symbol));
    assert_false(bzc_symbols_find(symbols, NULL, offset_of(landmark), &symbol));
    assert_null(symbol.name);
    assert_false(bzc_symbols_find(symbols, "decompressor", UINT64_MAX, &symbol));
    /* neither are constants, behind the code, nor the ELF header before it */
    bzc_symbols_find(symbols, "decompressor", (uint64_t)((uintptr_t)constant - (uintptr_t)__executable_start), &symbol);
    assert_null(symbol.name);
    assert_false(bzc_symbols_find(symbols, "decompressor", 0, &symbol));
    assert_false(bzc_symbols_find(NULL, "decompressor", offset_of(landmark), &symbol));
    bzc_symbols_free(symbols);
}

static void code_is_compared(void **state)
{
    struct bzc_symbols *symbols = bzc_symbols_new();
    uint64_t same = 0, compared = 0, all;
    uint8_t *other = malloc(self.size);

    (void)state;
    assert_non_null(other);
    assert_int_equal(bzc_symbols_add(symbols, BZC_SYMBOLS_KERNEL, self, NULL), BZC_OK);
    /* The linker puts code at the same offset in the file and in memory. */
    bzc_symbols_compare(symbols, BZC_SYMBOLS_KERNEL, 0, self, &same, &compared);
    assert_true(compared > 100);
    assert_int_equal(same, compared);
    all = compared;
    for (size_t i = 0; i < self.size; i++)
        other[i] = (uint8_t)~self.data[i];
    same = compared = 0;
    bzc_symbols_compare(symbols, BZC_SYMBOLS_KERNEL, 0, (struct bzc_bytes){other, self.size}, &same, &compared);
    assert_int_equal(same, 0);
    assert_int_equal(compared, all);
    same = compared = 0;
    bzc_symbols_compare(symbols, BZC_SYMBOLS_KERNEL, 0, (struct bzc_bytes){self.data, 64}, &same, &compared);
    assert_int_equal(compared, 0);
    free(other);
    bzc_symbols_free(symbols);
}

static void expect_refusal(const char *what, struct bzc_bytes file)
{
    struct bzc_symbols *symbols = bzc_symbols_new();
    struct bzc_error err = {0};
    struct bzc_symbol symbol;

    assert_int_equal(bzc_symbols_add(symbols, BZC_SYMBOLS_SETUP, file, &err), BZC_ERR_FORMAT);
    if (!strstr(err.message, what))
        fail_msg("'%s' does not say '%s'", err.message, what);
    assert_false(bzc_symbols_has(symbols, BZC_SYMBOLS_SETUP));
    assert_false(bzc_symbols_find(symbols, "setup", 0, &symbol));
    bzc_symbols_free(symbols);
}

static void other_files_are_refused(void **state)
{
    uint8_t header[64];

    (void)state;
    expect_refusal("no ELF file", (struct bzc_bytes){(const uint8_t *)"text", 4});
    expect_refusal("no ELF file", (struct bzc_bytes){(const uint8_t *)"!<arch>\n", 8});
    expect_refusal("no ELF file", (struct bzc_bytes){self.data, 3});
    memcpy(header, self.data, sizeof(header));
    header[18] = 183; /* e_machine: EM_AARCH64 */
    expect_refusal("not for x86 (machine 183)", (struct bzc_bytes){header, sizeof(header)});
    memcpy(header, self.data, sizeof(header));
    header[16] = 1; /* e_type: ET_REL */
    expect_refusal("not linked", (struct bzc_bytes){header, sizeof(header)});
    /* the program headers are behind the end */
    memcpy(header, self.data, sizeof(header));
    expect_refusal("nothing to load", (struct bzc_bytes){header, sizeof(header)});
    /* the sections, with the symbols, are at the end of the file */
    expect_refusal("stripped", bzc_bytes_slice(self, 0, 4096));
}

/* Nothing that a file holds may lead astray: damaged copies give an answer or a refusal. */
static void damaged_files_do_no_harm(void **state)
{
    uint8_t *copy = malloc(self.size);
    uint32_t random = 1;
    size_t sections;

    (void)state;
    assert_non_null(copy);
    sections = bzc_load64(self.data + 40); /* e_shoff */
    for (unsigned round = 0; round < 120; round++) {
        struct bzc_symbols *symbols = bzc_symbols_new();
        struct bzc_symbol symbol;
        size_t size = round % 10 == 9 ? self.size - self.size / 97 * (round / 10) : self.size;

        memcpy(copy, self.data, self.size);
        for (unsigned i = 0; i < 8; i++) {
            size_t head = round % 3 == 0 ? 64 : 1024, at;

            random = random * 1103515245u + 12345u;
            at = round % 3 == 1 ? sections + (random >> 8) % (self.size - sections) : (random >> 8) % head;
            copy[round % 3 == 2 ? (random >> 4) % self.size : at] ^= (uint8_t)(1u << (random >> 28) % 8);
        }
        if (bzc_symbols_add(symbols, BZC_SYMBOLS_KERNEL, (struct bzc_bytes){copy, size}, NULL) == BZC_OK)
            for (unsigned i = 0; i < 16; i++)
                bzc_symbols_find(symbols, "kernel", offset_of(landmark) + 64 * i, &symbol);
        bzc_symbols_free(symbols);
    }
    free(copy);
}

/* ---- an ELF file whose sections lie over each other ---- */

#define TABLES     256u
#define TABLE_SIZE 0x100008u /* 43691 symbols; 192 tables of it hold what is read at most */
#define CODE_SIZE  0x80000u

static void put_section(uint8_t *file, unsigned index, uint32_t type, uint64_t flags, uint64_t offset, uint64_t size)
{
    uint8_t *header = file + 0x80 + (size_t)index * 64;

    bzc_store32(header + 4, type);
    bzc_store64(header + 8, flags);
    bzc_store64(header + 16, 0x1000); /* sh_addr */
    bzc_store64(header + 24, offset);
    bzc_store64(header + 32, size);
    bzc_store32(header + 40, 2); /* sh_link: the names */
    bzc_store64(header + 56, 24);
}

/* Section 1 is code, 2 holds names, 3 one symbol; those behind are `type`, all of the same `size` bytes. */
static struct bzc_bytes overlapping(uint32_t type, uint64_t size)
{
    const size_t body = 0x80 + (size_t)TABLES * 64, all = body + 64 + TABLE_SIZE;
    uint8_t *file = calloc(1, all);

    assert_non_null(file);
    memcpy(file, "\177ELF\2\1\1", 7);
    bzc_store16(file + 16, 2);  /* ET_EXEC */
    bzc_store16(file + 18, 62); /* EM_X86_64 */
    bzc_store32(file + 20, 1);
    bzc_store64(file + 32, 64);   /* e_phoff */
    bzc_store64(file + 40, 0x80); /* e_shoff */
    bzc_store16(file + 52, 64);
    bzc_store16(file + 54, 56);
    bzc_store16(file + 56, 1);
    bzc_store16(file + 58, 64);
    bzc_store16(file + 60, TABLES);
    bzc_store32(file + 64, 1);           /* PT_LOAD */
    bzc_store64(file + 64 + 16, 0x1000); /* p_vaddr, p_paddr, p_memsz */
    bzc_store64(file + 64 + 24, 0x1000);
    bzc_store64(file + 64 + 40, TABLE_SIZE);
    put_section(file, 1, 1, 6, body + 64, size);
    put_section(file, 2, 3, 0, body, 8);
    put_section(file, 3, 2, 0, body + 8, 24);
    memcpy(file + body + 1, "start", 5);
    bzc_store32(file + body + 8, 1);
    file[body + 8 + 4] = 0x12; /* global function */
    bzc_store16(file + body + 8 + 6, 1);
    bzc_store64(file + body + 8 + 8, 0x1000);
    for (unsigned i = 4; i < TABLES; i++)
        put_section(file, i, type, type == 1 ? 6 : 0, body + 64, size);
    return (struct bzc_bytes){file, all};
}

static void the_same_bytes_do_not_count_again_and_again(void **state)
{
    struct bzc_bytes tables = overlapping(2, TABLE_SIZE), code = overlapping(1, CODE_SIZE);
    struct bzc_symbols *symbols = bzc_symbols_new();
    uint64_t same = 0, compared = 0;
    struct bzc_symbol symbol;

    (void)state;
    expect_refusal("more than 8388608 symbols", tables);
    assert_int_equal(bzc_symbols_add(symbols, BZC_SYMBOLS_SETUP, code, NULL), BZC_OK);
    assert_true(bzc_symbols_find(symbols, "setup", 0, &symbol));
    assert_string_equal(symbol.name, "start");
    bzc_symbols_compare(symbols, BZC_SYMBOLS_SETUP, 0, code, &same, &compared);
    assert_in_range(compared, CODE_SIZE, code.size);
    bzc_symbols_free(symbols);
    free((void *)(uintptr_t)tables.data);
    free((void *)(uintptr_t)code.data);
}

static void parts_have_names(void **state)
{
    enum bzc_symbols_part part;

    (void)state;
    assert_true(bzc_symbols_part_find("decompressor=x", 12, &part));
    assert_int_equal(part, BZC_SYMBOLS_DECOMPRESSOR);
    assert_string_equal(bzc_symbols_part_name(part), "decompressor");
    assert_false(bzc_symbols_part_find("decompressor", 5, &part));
    assert_false(bzc_symbols_part_find("", 0, &part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_from_their_offset),
        cmocka_unit_test(code_is_compared),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(the_same_bytes_do_not_count_again_and_again),
        cmocka_unit_test(parts_have_names),
    };

    return cmocka_run_group_tests(tests, read_self, free_self);
}
