/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "loader/pe.h"
#include "pe_builder.h"

static void reads_pe32_plus(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_pe pe;

    (void)state;
    bzc_pe_parse(build_pe(file), &pe);
    assert_true(pe.mz && pe.present && bzc_pe_is_plus(&pe));
    assert_false(pe.headers_cut || pe.section_table_cut);
    assert_int_equal(pe.e_lfanew, 0x80);
    assert_int_equal(pe.machine, BZC_PE_MACHINE_AMD64);
    assert_int_equal(pe.number_of_sections, 3);
    assert_int_equal(pe.number_of_symbols, 1);
    assert_int_equal(pe.size_of_optional_header, 0xa0);
    assert_int_equal(pe.characteristics, 0x0206);
    assert_int_equal(pe.optional_header_offset, 0x98);
    assert_int_equal(pe.magic, 0x20b);
    assert_int_equal(pe.size_of_code, 0x200);
    assert_int_equal(pe.address_of_entry_point, 0x1010);
    assert_int_equal(pe.image_base, 0x123400000);
    assert_int_equal(pe.section_alignment, 0x1000);
    assert_int_equal(pe.file_alignment, 0x200);
    assert_int_equal(pe.size_of_image, 0x5000);
    assert_int_equal(pe.size_of_headers, 0x200);
    assert_int_equal(pe.check_sum, 0xdeadbeef);
    assert_int_equal(pe.check_sum_offset, 0x98 + 64);
    assert_int_equal(pe.subsystem, BZC_PE_SUBSYSTEM_EFI_APPLICATION);
    assert_int_equal(pe.dll_characteristics, BZC_PE_NX_COMPAT);
    assert_int_equal(pe.number_of_rva_and_sizes, 6);
    assert_int_equal(pe.directory_count, 6);
    assert_int_equal(pe.directory_offset, 0x98 + 112);
    assert_int_equal(pe.section_table_offset, 0x138);
    assert_int_equal(pe.section_table_end, 0x138 + 3 * 40);
    assert_int_equal(pe.section_count, 3);
    assert_string_equal(pe.section[1].name, ".data");
    assert_int_equal(pe.section[1].virtual_size, 0x1800);
    assert_int_equal(pe.section[1].virtual_address, 0x2000);
    assert_int_equal(pe.section[1].size_of_raw_data, 0x200);
    assert_int_equal(pe.section[1].pointer_to_raw_data, 0x400);
    assert_int_equal(pe.section[1].characteristics, 0xc0000040);
    assert_int_equal(pe.section[1].header_offset, 0x138 + 40);
}

/* PE32 has BaseOfData, a 32-bit ImageBase, and four sizes of 32 bits instead of 64. */
static void reads_pe32(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);
    uint8_t *optional = file + BUILD_PE_OPTIONAL;
    struct bzc_pe pe;

    (void)state;
    bzc_store16(file + BUILD_PE_COFF, 0x14c);
    bzc_store16(optional, 0x10b);
    bzc_store32(optional + 24, 0x11111111); /* BaseOfData */
    bzc_store32(optional + 28, 0x400000);   /* ImageBase */
    bzc_store32(optional + 88, 0);          /* LoaderFlags */
    bzc_store32(optional + 92, 6);
    bzc_store32(optional + 96 + 4 * 8, 0x700); /* certificate table */
    bzc_store32(optional + 96 + 4 * 8 + 4, 0x10);
    bzc_pe_parse(bytes, &pe);
    assert_false(bzc_pe_is_plus(&pe));
    assert_int_equal(pe.image_base, 0x400000);
    assert_int_equal(pe.size_of_image, 0x5000);
    assert_int_equal(pe.number_of_rva_and_sizes, 6);
    assert_int_equal(pe.directory_offset, 0x98 + 96);
    assert_int_equal(bzc_pe_directory(&pe, BZC_PE_DIRECTORY_CERTIFICATE)->virtual_address, 0x700);
    assert_null(bzc_pe_directory(&pe, BZC_PE_DIRECTORY_BASE_RELOCATION));
}

static void other_files_are_no_pe(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);
    struct bzc_pe pe;

    (void)state;
    file[0x81] = 'X';
    bzc_pe_parse(bytes, &pe);
    assert_true(pe.mz);
    assert_false(pe.present);
    assert_int_equal(pe.e_lfanew, 0x80);
    build_pe(file);
    bzc_store32(file + 0x3c, 0xfffffffe);
    bzc_pe_parse(bytes, &pe);
    assert_false(pe.present);
    build_pe(file);
    file[0] = 'Z';
    bzc_pe_parse(bytes, &pe);
    assert_false(pe.mz);
    bzc_pe_parse((struct bzc_bytes){NULL, 0}, &pe);
    assert_false(pe.mz);
}

/* The header decides how long it is: fields behind it are not there. */
static void optional_header_ends_where_it_says(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);
    struct bzc_pe pe;

    (void)state;
    bzc_store16(file + BUILD_PE_COFF + 16, 112 + 4 * 8);
    bzc_pe_parse(bytes, &pe);
    assert_int_equal(pe.number_of_rva_and_sizes, 6);
    assert_int_equal(pe.directory_count, 4);
    bzc_store16(file + BUILD_PE_COFF + 16, 64);
    bzc_pe_parse(bytes, &pe);
    assert_int_equal(pe.size_of_headers, 0x200);
    assert_int_equal(pe.check_sum, 0);
    assert_int_equal(pe.directory_count, 0);
    build_pe(file);
    bzc_store32(file + BUILD_PE_OPTIONAL + 108, 0xffffffff);
    bzc_pe_parse(bytes, &pe);
    assert_int_equal(pe.number_of_rva_and_sizes, 0xffffffff);
    assert_int_equal(pe.directory_count, 6);
    build_pe(file);
    bzc_store16(file + BUILD_PE_OPTIONAL, 0x107); /* a ROM image */
    bzc_pe_parse(bytes, &pe);
    assert_int_equal(pe.magic, 0x107);
    assert_int_equal(pe.size_of_image, 0);
    assert_int_equal(pe.section_count, 3);
}

static void every_cut_is_survived(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    size_t size;
    struct bzc_pe pe;

    (void)state;
    build_pe(file);
    for (size = 0; size < BUILD_PE_SIZE; size++) {
        uint8_t *copy = malloc(size + 1); /* so that a sanitizer sees a read behind it */
        struct bzc_bytes bytes;

        assert_non_null(copy);
        memcpy(copy + 1, file, size);
        bytes.data = copy + 1;
        bytes.size = size;
        bzc_pe_parse(bytes, &pe);
        assert_int_equal(pe.present, size >= 0x84);
        if (pe.present) {
            assert_int_equal(pe.headers_cut, size < 0x138);
            assert_int_equal(pe.section_table_cut, size < 0x1b0);
            bzc_pe_compute_check_sum(&pe, bytes);
        }
        for (size_t i = 0; i < pe.section_count; i++)
            assert_true(bzc_pe_section_bytes(&pe.section[i], bytes).size <= size);
        free(copy);
    }
}

static void sections_are_bounded(void **state)
{
    enum { COUNT = 0xffff, SIZE = BUILD_PE_SECTIONS + COUNT * 40 };
    uint8_t *file = calloc(1, SIZE);
    struct bzc_pe *pe = malloc(sizeof(*pe));

    (void)state;
    assert_non_null(file);
    assert_non_null(pe);
    build_pe(file);
    bzc_store16(file + BUILD_PE_COFF + 2, COUNT);
    bzc_pe_parse((struct bzc_bytes){file, SIZE}, pe);
    assert_int_equal(pe->number_of_sections, COUNT);
    assert_int_equal(pe->section_count, BZC_PE_SECTIONS_MAX);
    assert_false(pe->section_table_cut);
    assert_int_equal(pe->section_table_end, SIZE);
    free(file);
    free(pe);
}

static void sections_are_found(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);
    struct bzc_pe pe;
    size_t index;

    (void)state;
    bzc_pe_parse(bytes, &pe);
    assert_ptr_equal(bzc_pe_section_by_name(&pe, ".data", 0, &index), &pe.section[1]);
    assert_int_equal(index, 1);
    assert_null(bzc_pe_section_by_name(&pe, ".data", 2, NULL));
    assert_null(bzc_pe_section_by_name(&pe, ".dat", 0, NULL));

    assert_null(bzc_pe_section_at(&pe, 0xfff));
    assert_ptr_equal(bzc_pe_section_at(&pe, 0x1000), &pe.section[0]);
    assert_ptr_equal(bzc_pe_section_at(&pe, 0x11ef), &pe.section[0]);
    assert_null(bzc_pe_section_at(&pe, 0x11f0));
    assert_ptr_equal(bzc_pe_section_at(&pe, 0x37ff), &pe.section[1]);
    assert_null(bzc_pe_section_at(&pe, 0x3800));

    assert_ptr_equal(bzc_pe_section_of_file(&pe, 0x200, 0x200), &pe.section[0]);
    assert_null(bzc_pe_section_of_file(&pe, 0x200, 0x201));
    assert_null(bzc_pe_section_of_file(&pe, 0x1ff, 1));
    assert_ptr_equal(bzc_pe_section_of_file(&pe, 0x5ff, 1), &pe.section[1]);

    /* The smaller of VirtualSize and SizeOfRawData. */
    assert_int_equal(bzc_pe_section_bytes(&pe.section[1], bytes).size, 0x200);
    assert_int_equal(bzc_pe_section_bytes(&pe.section[2], bytes).size, 0x11);
    assert_memory_equal(bzc_pe_section_bytes(&pe.section[2], bytes).data, "sbat,1,a", 8);
}

static void names_may_fill_their_field(void **state)
{
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);
    struct bzc_pe pe;

    (void)state;
    memcpy(file + BUILD_PE_SECTIONS, ".pcrpkey", 8);
    memcpy(file + BUILD_PE_SECTIONS + 40, ".a\n\xff z\0x", 8);
    bzc_pe_parse(bytes, &pe);
    assert_string_equal(pe.section[0].name, ".pcrpkey");
    assert_string_equal(pe.section[1].name, ".a???z");
}

/*
 * By hand: the 16-bit words of a file with little in it, folded, plus its size. "MZ" is 0x5a4d; then e_lfanew, "PE"
 * 0x4550, SizeOfOptionalHeader 0x48, Magic 0x20b. With e_lfanew 0x41 the last three and CheckSum lie on odd offsets, so
 * that their bytes change places.
 */
static void check_sum_by_hand(void **state)
{
    uint8_t file[0xa0];
    struct bzc_bytes bytes = {file, sizeof(file)};
    const uint32_t even = 0x5a4d + 0x40 + 0x4550 + 0x48 + 0x20b + 0x9c;
    const uint32_t odd = 0x5a4d + 0x41 + 0x5045 + 0x4800 + 0x0b02 + 0x9d;
    struct bzc_pe pe;

    (void)state;
    for (uint32_t at = 0x40; at <= 0x41; at++) {
        uint8_t *optional = file + at + 24;

        memset(file, 0, sizeof(file));
        memcpy(file, "MZ", 2);
        bzc_store32(file + 0x3c, at);
        memcpy(file + at, "PE", 2);
        bzc_store16(file + at + 20, 0x48);
        bzc_store16(optional, 0x20b);
        bytes.size = at + 24 + 68;
        bzc_pe_parse(bytes, &pe);
        assert_int_equal(pe.check_sum_offset, at + 24 + 64);
        /* "MZ" 0x5a4d, e_lfanew, "PE" 0x4550, 0x48, 0x20b; on odd offsets each with its bytes swapped. */
        assert_int_equal(bzc_pe_compute_check_sum(&pe, bytes), at == 0x40 ? even : odd);
        bzc_store32(optional + 64, 0xf00dcafe);
        bzc_pe_parse(bytes, &pe);
        assert_int_equal(pe.check_sum, 0xf00dcafe);
        assert_int_equal(bzc_pe_compute_check_sum(&pe, bytes), at == 0x40 ? even : odd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_pe32_plus),       cmocka_unit_test(reads_pe32),
        cmocka_unit_test(other_files_are_no_pe), cmocka_unit_test(optional_header_ends_where_it_says),
        cmocka_unit_test(every_cut_is_survived), cmocka_unit_test(sections_are_bounded),
        cmocka_unit_test(sections_are_found),    cmocka_unit_test(names_may_fill_their_field),
        cmocka_unit_test(check_sum_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
