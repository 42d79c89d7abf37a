/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/sha256.h"
#include "oracle_samples.h"

static struct sample payload, file, flat;

static void assert_reloc(const struct bzc_oracle *oracle, size_t i, uint64_t offset, enum bzc_reloc_kind kind)
{
    assert_true(i < oracle->reloc_count);
    assert_int_equal(oracle->reloc[i].offset, offset);
    assert_int_equal(oracle->reloc[i].kind, kind);
}

static void assert_segment(const struct bzc_oracle *oracle, size_t i, unsigned index, uint64_t offset, uint64_t size,
                           uint64_t memsz, uint64_t vaddr, size_t file_offset)
{
    const struct bzc_expected_segment *segment = &oracle->segment[i];
    char sha256[BZC_SHA256_HEX_SIZE];

    assert_int_equal(segment->index, index);
    assert_int_equal(segment->offset, offset);
    assert_int_equal(segment->bytes.size, size);
    assert_int_equal(segment->memsz, memsz);
    assert_int_equal(segment->vaddr, vaddr);
    assert_memory_equal(segment->bytes.data, payload.data + file_offset, size);
    bzc_sha256_hex(payload.data + file_offset, size, sha256);
    assert_string_equal(segment->sha256, sha256);
}

static void elf_payload_is_read(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k64(&payload);
    sample_k64_table(&payload);
    oracle = sample_payload_oracle(&payload);
    assert_non_null(oracle);
    assert_int_equal(oracle->kind, BZC_PAYLOAD_ELF);
    assert_int_equal(oracle->bits, 64);
    assert_int_equal(oracle->payload.size, K64_END + 7 * 4);
    assert_int_equal(oracle->link_base, 0x1000000);
    assert_int_equal(oracle->span, 0x3000);
    assert_int_equal(oracle->entry_offset, 0x40);
    assert_int_equal(oracle->entry_vaddr, 0xffffffff81000040);
    assert_int_equal(oracle->segment_count, 3);
    assert_segment(oracle, 0, 0, 0, 0x300, 0x300, 0xffffffff81000000, K64_FILE_A);
    assert_segment(oracle, 1, 2, 0x1000, 0x80, 0x80, 0, K64_FILE_B);
    assert_segment(oracle, 2, 3, 0x2000, 0x200, 0x1000, 0xffffffff81002000, K64_FILE_C);
    assert_int_equal(oracle->reloc_count, 4);
    assert_reloc(oracle, 0, 0x20, BZC_RELOC_32);
    assert_reloc(oracle, 1, 0x1008, BZC_RELOC_INVERSE_32);
    assert_reloc(oracle, 2, 0x2010, BZC_RELOC_64);
    assert_reloc(oracle, 3, 0x2041, BZC_RELOC_32);
    assert_true(oracle->is_linux);
    assert_string_equal(oracle->banner, "Linux version 9.9.9-test (a@b) #1");
    assert_string_equal(oracle->elf_problem, "");
    assert_string_equal(oracle->reloc_problem, "");
    bzc_oracle_free(oracle);
}

static void two_lists_have_no_inverse_slots(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k64(&payload);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0x81002010);
    sample_u32(&payload, 0x81002018);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0x81000020);
    oracle = sample_payload_oracle(&payload);
    assert_int_equal(oracle->reloc_count, 3);
    assert_reloc(oracle, 0, 0x20, BZC_RELOC_32);
    assert_reloc(oracle, 1, 0x2010, BZC_RELOC_64);
    assert_reloc(oracle, 2, 0x2018, BZC_RELOC_64);
    assert_string_equal(oracle->reloc_problem, "");
    bzc_oracle_free(oracle);
}

/* A kernel without SMP has an empty inverse list; its zero word stays. */
static void empty_inverse_list_is_told_from_none(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k64(&payload);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0x81002010);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0x81000020);
    oracle = sample_payload_oracle(&payload);
    assert_int_equal(oracle->reloc_count, 2);
    assert_reloc(oracle, 0, 0x20, BZC_RELOC_32);
    assert_reloc(oracle, 1, 0x2010, BZC_RELOC_64);
    assert_string_equal(oracle->reloc_problem, "");
    bzc_oracle_free(oracle);
}

static void i386_table_is_read(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k32(&payload);
    oracle = sample_payload_oracle(&payload);
    assert_int_equal(oracle->bits, 32);
    assert_int_equal(oracle->link_base, 0x1000000);
    assert_int_equal(oracle->entry_vaddr, 0xc1000000);
    assert_int_equal(oracle->reloc_count, 2);
    assert_reloc(oracle, 0, 0x10, BZC_RELOC_32);
    assert_reloc(oracle, 1, 0x20, BZC_RELOC_32);
    assert_string_equal(oracle->reloc_problem, "");
    assert_false(oracle->is_linux);
    assert_string_equal(oracle->banner, "");
    bzc_oracle_free(oracle);
}

static void no_table_and_empty_tables_are_fine(void **state)
{
    unsigned words, i;

    (void)state;
    for (words = 0; words < 4; words++) {
        struct bzc_oracle *oracle;

        sample_k64(&payload);
        for (i = 0; i < words; i++)
            sample_u32(&payload, 0);
        oracle = sample_payload_oracle(&payload);
        assert_int_equal(oracle->reloc_count, 0);
        assert_string_equal(oracle->reloc_problem, "");
        bzc_oracle_free(oracle);
    }
}

/* Words to append to kernel 64, ended by END. */
#define END 0x12345678u

static const struct {
    uint32_t words[8];
    size_t relocs;
    const char *problem; /* a part of it */
} bad_tables[] = {
    {{0x81002010, 0x81000020, END}, 0, "no zero word ends it"},
    {{0x81002010, 0, 0x81000020, END}, 0, "no zero word before its list of 64-bit slots"},
    {{0x81002010, 0, 0x81001008, 0, 0x81000020, END}, 0, "no zero word before its third list"},
    {{7, 0, 0x81002010, 0, 0, 0x81000020, END}, 0, "4 bytes between"},
    /* behind the file bytes of segment 0 by one byte; below the kernel; in its bss */
    {{0, 0x81002010, 0, 0x810002fd, 0x81000020, END},
     2,
     "1 entries of 3 that lie in no segment of the kernel, the first is 0x810002fd"},
    {{0, 0x81002010, 0, 0x80ffffff, END}, 1, "the first is 0x80ffffff"},
    {{0, 0x81002200, 0, 0x81000020, END}, 1, "the first is 0x81002200"},
    /* a positive number does not become an address of the kernel */
    {{0, 0x81002010, 0, 0x01000020, END}, 1, "the first is 0x1000020"},
    {{0, 0x81002010, 0, 0x81000020, 0x81000020, END}, 2, "1 places twice or overlapping, the first at offset 0x20"},
    {{0, 0x81002010, 0, 0x81002014, END}, 1, "1 places twice or overlapping, the first at offset 0x2014"},
};

static void malformed_tables_are_told(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof(bad_tables) / sizeof(bad_tables[0]); i++) {
        struct bzc_oracle *oracle;

        sample_k64(&payload);
        for (k = 0; bad_tables[i].words[k] != END; k++)
            sample_u32(&payload, bad_tables[i].words[k]);
        oracle = sample_payload_oracle(&payload);
        assert_non_null(oracle);
        assert_int_equal(oracle->reloc_count, bad_tables[i].relocs);
        assert_non_null(strstr(oracle->reloc_problem, bad_tables[i].problem));
        assert_string_equal(oracle->elf_problem, "");
        bzc_oracle_free(oracle);
    }
}

static void the_last_slot_that_fits_is_inside(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k64(&payload);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0x810021f8);
    sample_u32(&payload, 0);
    sample_u32(&payload, 0x810002fc);
    oracle = sample_payload_oracle(&payload);
    assert_string_equal(oracle->reloc_problem, "");
    assert_int_equal(oracle->reloc_count, 2);
    bzc_oracle_free(oracle);
}

static void one_stray_byte_is_no_table(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k64(&payload);
    sample_put(&payload, "x", 1);
    oracle = sample_payload_oracle(&payload);
    assert_int_equal(oracle->reloc_count, 0);
    assert_string_not_equal(oracle->reloc_problem, "");
    bzc_oracle_free(oracle);
}

static void elf_problems_are_told(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    sample_k64(&payload);
    bzc_store64(payload.data + 24, 0x2000000);
    oracle = sample_payload_oracle(&payload);
    assert_non_null(strstr(oracle->elf_problem, "e_entry 0x2000000 lies in no segment"));
    bzc_oracle_free(oracle);

    sample_k64(&payload);
    bzc_store64(payload.data + 64 + 112 + 24, 0x10002ff);
    oracle = sample_payload_oracle(&payload);
    assert_non_null(strstr(oracle->elf_problem, "program headers 0 and 2"));
    bzc_oracle_free(oracle);

    sample_k64(&payload);
    payload.size = 0x700;
    oracle = sample_payload_oracle(&payload);
    assert_int_equal(oracle->kind, BZC_PAYLOAD_ELF);
    assert_string_not_equal(oracle->elf_problem, "");
    assert_int_equal(oracle->segment_count, 0);
    bzc_oracle_free(oracle);
}

/* An image of an old protocol: code, the flat payload in gzip, nothing else. */
static void build_flat(uint16_t version, const uint8_t *code, size_t code_size)
{
    sample_header(&file, version);
    sample_put(&file, code, code_size);
    sample_gzip(&file, sample_bytes(&flat));
}

static void fill_flat(void)
{
    memset(&flat, 0, sizeof(flat));
    flat.size = 0x2000;
    sample_noise(flat.data, flat.size, 5);
    memcpy(flat.data + 0x800, "Linux version 2.6.1\n", 21);
}

static void flat_payload_of_2_08_is_a_problem(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    fill_flat();
    memset(&payload, 0, sizeof(payload));
    sample_gzip(&payload, sample_bytes(&flat));
    oracle = sample_payload_oracle(&payload);
    assert_non_null(strstr(oracle->elf_problem, "not an ELF file"));
    assert_int_equal(oracle->segment_count, 0);
    bzc_oracle_free(oracle);
}

static void flat_payload_is_one_segment(void **state)
{
    static const uint8_t code[16] = {0xfc};
    struct bzc_oracle *oracle;

    (void)state;
    fill_flat();
    build_flat(0x0203, code, sizeof(code));
    oracle = sample_oracle(&file);
    assert_non_null(oracle);
    assert_int_equal(oracle->kind, BZC_PAYLOAD_FLAT);
    assert_int_equal(oracle->bits, 32);
    assert_int_equal(oracle->link_base, 0x100000);
    assert_int_equal(oracle->span, 0x2000);
    assert_int_equal(oracle->entry_offset, 0);
    assert_int_equal(oracle->segment_count, 1);
    assert_int_equal(oracle->segment[0].offset, 0);
    assert_int_equal(oracle->segment[0].memsz, 0x2000);
    assert_int_equal(oracle->segment[0].bytes.size, 0x2000);
    assert_memory_equal(oracle->segment[0].bytes.data, flat.data, flat.size);
    assert_int_equal(oracle->reloc_count, 0);
    assert_string_equal(oracle->banner, "Linux version 2.6.1");
    assert_string_equal(oracle->elf_problem, "");
    assert_string_equal(oracle->reloc_problem, "");
    bzc_oracle_free(oracle);
}

static const struct {
    uint16_t version;
    uint8_t code[32];
    unsigned bits;
    uint64_t link_base;
} flat_codes[] = {
    /* nop; ljmp $0x10,$0x1000000 */
    {0x0204, {0x90, 0xea, 0, 0, 0, 1, 0x10, 0}, 32, 0x1000000},
    /* ljmp $0x10,$0x1000 is the low copy's own jump */
    {0x0204, {0xea, 0, 0x10, 0, 0, 0x10, 0}, 32, 0x100000},
    /* two places: take what the protocol's time had */
    {0x0204, {0xea, 0, 0, 0, 1, 0x10, 0, 0xea, 0, 0, 0x20, 0, 0x10, 0}, 32, 0x100000},
    /* mov $0x400000,%ebx is nothing in the old decompressor, and the place in the new one */
    {0x0204, {0xbb, 0, 0, 0x40, 0}, 32, 0x100000},
    {0x0207, {0xbb, 0, 0, 0x40, 0}, 32, 0x400000},
    {0x0207, {0x90}, 32, 0},
    /* mov $0x200000,%ebx; mov $0xc0000080,%ecx; rdmsr */
    {0x0207, {0xbb, 0, 0, 0x20, 0, 0xb9, 0x80, 0, 0, 0xc0, 0x0f, 0x32}, 64, 0x200000},
};

static void flat_payload_takes_mode_and_place_from_the_decompressor(void **state)
{
    size_t i;

    (void)state;
    fill_flat();
    for (i = 0; i < sizeof(flat_codes) / sizeof(flat_codes[0]); i++) {
        struct bzc_oracle *oracle;

        build_flat(flat_codes[i].version, flat_codes[i].code, sizeof(flat_codes[i].code));
        oracle = sample_oracle(&file);
        assert_non_null(oracle);
        assert_int_equal(oracle->bits, flat_codes[i].bits);
        assert_int_equal(oracle->link_base, flat_codes[i].link_base);
        bzc_oracle_free(oracle);
    }
}

/* Slots every 0x400 bytes from `first` on, each holding the address of its own place plus 0x1000. */
static void build_relocatable_flat(uint32_t start, uint32_t first, bool table, uint32_t alignment)
{
    static const uint8_t code[16] = {0xfc};
    uint32_t offset;

    fill_flat();
    for (offset = first; offset < 0x2000; offset += 0x400)
        bzc_store32(flat.data + offset, start + offset + 0x1000);
    if (table) {
        sample_u32(&flat, 0);
        for (offset = first; offset < 0x2000; offset += 0x400)
            sample_u32(&flat, start + offset);
    }
    build_flat(0x0207, code, sizeof(code));
    bzc_store32(file.data + 0x230, alignment);
    file.data[0x234] = 1;
}

static void relocatable_flat_payload_has_a_table(void **state)
{
    static const struct {
        uint32_t start, link_base;
    } split[] = {{0xc0100000, 0x100000}, {0xc1000000, 0x1000000}, {0xb0100000, 0x100000}, {0x78400000, 0x400000}};
    struct bzc_oracle *oracle;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(split) / sizeof(split[0]); i++) {
        build_relocatable_flat(split[i].start, 0x10, true, 0x100000);
        oracle = sample_oracle(&file);
        assert_non_null(oracle);
        assert_int_equal(oracle->link_base, split[i].link_base);
        assert_int_equal(oracle->span, 0x2000);
        assert_int_equal(oracle->segment[0].bytes.size, 0x2000);
        assert_int_equal(oracle->reloc_count, 8);
        assert_reloc(oracle, 0, 0x10, BZC_RELOC_32);
        assert_reloc(oracle, 7, 0x1c10, BZC_RELOC_32);
        assert_string_equal(oracle->reloc_problem, "");
        bzc_oracle_free(oracle);
    }
    build_relocatable_flat(0xc0100000, 0x10, false, 0x100000);
    oracle = sample_oracle(&file);
    assert_int_equal(oracle->reloc_count, 0);
    assert_int_equal(oracle->link_base, 0);
    assert_int_equal(oracle->segment[0].bytes.size, 0x2000);
    assert_non_null(strstr(oracle->reloc_problem, "no relocation table"));
    bzc_oracle_free(oracle);
}

/* No slot in the first page, and an alignment of a page: the place is found by what the slots hold. */
static void start_of_a_flat_payload_is_found_by_its_pointers(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    build_relocatable_flat(0xc0100000, 0x1010, true, 0x1000);
    oracle = sample_oracle(&file);
    assert_int_equal(oracle->link_base, 0x100000);
    assert_int_equal(oracle->reloc_count, 4);
    assert_reloc(oracle, 0, 0x1010, BZC_RELOC_32);
    bzc_oracle_free(oracle);
}

static void payload_that_cannot_be_unpacked_is_an_error(void **state)
{
    struct bzc_oracle *oracle = NULL;
    struct bzc_error err = {BZC_OK, ""};
    struct bzc_image image;

    (void)state;
    sample_header(&file, 0x020f);
    bzc_image_parse(sample_bytes(&file), &image);
    assert_int_equal(bzc_oracle_new(&image, &oracle, &err), BZC_ERR_FORMAT);
    assert_null(oracle);
    assert_string_not_equal(err.message, "");
    bzc_oracle_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf_payload_is_read),
        cmocka_unit_test(two_lists_have_no_inverse_slots),
        cmocka_unit_test(empty_inverse_list_is_told_from_none),
        cmocka_unit_test(i386_table_is_read),
        cmocka_unit_test(no_table_and_empty_tables_are_fine),
        cmocka_unit_test(malformed_tables_are_told),
        cmocka_unit_test(the_last_slot_that_fits_is_inside),
        cmocka_unit_test(one_stray_byte_is_no_table),
        cmocka_unit_test(elf_problems_are_told),
        cmocka_unit_test(flat_payload_of_2_08_is_a_problem),
        cmocka_unit_test(flat_payload_is_one_segment),
        cmocka_unit_test(flat_payload_takes_mode_and_place_from_the_decompressor),
        cmocka_unit_test(relocatable_flat_payload_has_a_table),
        cmocka_unit_test(start_of_a_flat_payload_is_found_by_its_pointers),
        cmocka_unit_test(payload_that_cannot_be_unpacked_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
