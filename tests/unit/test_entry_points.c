/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_builder.h"
#include "loader/entry_points.h"
#include "loader/field_bits.h"
#include "pe_builder.h"

static size_t read_entries(struct bzc_bytes file, struct bzc_entry_point entry[BZC_ENTRY_COUNT])
{
    struct bzc_image image;
    struct bzc_pe pe;

    bzc_image_parse(file, &image);
    bzc_pe_parse(file, &pe);
    return bzc_entry_points_read(file, bzc_image_is_boot_image(&image) ? &image : NULL, &pe, entry);
}

static void assert_entry(const struct bzc_entry_point *entry, enum bzc_entry_kind kind, uint64_t offset)
{
    assert_int_equal(entry->kind, kind);
    assert_true(entry->in_file);
    assert_int_equal(entry->offset, offset);
}

/* boot.rst: 16-bit at 0x200; 32-bit at the start of the protected-mode part (here 2048), 64-bit 0x200 behind it. */
static void follows_the_flags(void **state)
{
    struct bzc_entry_point entry[BZC_ENTRY_COUNT];
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);

    (void)state;
    bzc_store32(file + 0x264, 0x1190);
    assert_int_equal(read_entries(bytes, entry), 5);
    assert_entry(&entry[0], BZC_ENTRY_16BIT, 0x200);
    assert_entry(&entry[1], BZC_ENTRY_32BIT, 2048);
    assert_entry(&entry[2], BZC_ENTRY_64BIT, 2048 + 0x200);
    assert_entry(&entry[3], BZC_ENTRY_HANDOVER_32, 2048 + 0x1190);
    assert_entry(&entry[4], BZC_ENTRY_HANDOVER_64, 2048 + 0x1390);
    bzc_store16(file + 0x236, 0x08);
    assert_int_equal(read_entries(bytes, entry), 3);
    assert_entry(&entry[2], BZC_ENTRY_HANDOVER_64, 2048 + 0x1390);
    bzc_store32(file + 0x264, BUILD_PM_SIZE - 0x100);
    assert_int_equal(read_entries(bytes, entry), 3);
    assert_false(entry[2].in_file);
    bzc_store32(file + 0x264, 0);
    assert_int_equal(read_entries(bytes, entry), 2);
    file[0x211] = 0; /* a zImage runs low: its 32-bit entry is setup's affair */
    assert_int_equal(read_entries(bytes, entry), 1);
}

/* docs/elf-wrapped.md: the part begins with an ELF header, and code32_start says where the 32-bit entry is. */
static void follows_code32_start_behind_an_elf_header(void **state)
{
    struct bzc_entry_point entry[BZC_ENTRY_COUNT];
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);

    (void)state;
    bzc_store32(file + 2048, 0x464c457f);
    bzc_store32(file + 0x214, 0x100ff0);
    assert_int_equal(read_entries(bytes, entry), 3);
    assert_entry(&entry[1], BZC_ENTRY_32BIT, 2048 + 0xff0);
    assert_entry(&entry[2], BZC_ENTRY_64BIT, 2048 + 0x200);
    bzc_store32(file + 0x214, 0x100000 + BUILD_PM_SIZE);
    read_entries(bytes, entry);
    assert_entry(&entry[1], BZC_ENTRY_32BIT, 2048);
    bzc_store32(file + 0x214, 0xff000);
    read_entries(bytes, entry);
    assert_entry(&entry[1], BZC_ENTRY_32BIT, 2048);
}

/* The entry of pe_builder.h, RVA 0x1010, lies in .text, which is at RVA 0x1000 and in the file at 0x200. */
static void finds_the_pe_entry(void **state)
{
    struct bzc_entry_point entry[BZC_ENTRY_COUNT];
    uint8_t file[BUILD_PE_SIZE];
    struct bzc_bytes bytes = build_pe(file);

    (void)state;
    assert_int_equal(read_entries(bytes, entry), 1);
    assert_entry(&entry[0], BZC_ENTRY_EFI, 0x210);
    /* In the part of .data that only memory has. */
    bzc_store32(file + BUILD_PE_OPTIONAL + 16, 0x2300);
    assert_int_equal(read_entries(bytes, entry), 1);
    assert_false(entry[0].in_file);
    /* In the headers, and nowhere. */
    bzc_store32(file + BUILD_PE_OPTIONAL + 16, 0x1ff);
    assert_int_equal(read_entries(bytes, entry), 1);
    assert_entry(&entry[0], BZC_ENTRY_EFI, 0x1ff);
    bzc_store32(file + BUILD_PE_OPTIONAL + 16, 0x200);
    assert_int_equal(read_entries(bytes, entry), 1);
    assert_false(entry[0].in_file);
}

static void names_bits(void **state)
{
    (void)state;
    assert_string_equal(bzc_field_bit(BZC_FIELD_LOADFLAGS, 0x80)->name, "CAN_USE_HEAP");
    assert_string_equal(bzc_field_bit(BZC_FIELD_XLOADFLAGS, 0x10)->name, "XLF_EFI_KEXEC");
    assert_null(bzc_field_bit(BZC_FIELD_LOADFLAGS, 0x04));
    assert_null(bzc_field_bit(BZC_FIELD_XLOADFLAGS, 0x8000));
    assert_true(bzc_field_has_bits(BZC_FIELD_XLOADFLAGS));
    assert_false(bzc_field_has_bits(BZC_FIELD_ROOT_FLAGS));
    for (size_t i = 0; i < bzc_field_bit_count; i++) {
        const struct bzc_field_bit *bit = &bzc_field_bits[i];

        assert_ptr_equal(bzc_field_bit(bit->field, bit->mask), bit);
        assert_true(bit->mask != 0 && (bit->mask & (bit->mask - 1)) == 0);
        assert_true(bzc_field_has_bits(bit->field));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_flags),
        cmocka_unit_test(follows_code32_start_behind_an_elf_header),
        cmocka_unit_test(finds_the_pe_entry),
        cmocka_unit_test(names_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
