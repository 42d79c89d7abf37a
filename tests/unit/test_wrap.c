/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers are worked out by hand from docs/elf-wrapped.md; offsets of headers stand as boot.rst and the PE and ELF
 * specifications print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image_builder.h"
#include "loader/pe.h"
#include "loader/wrap.h"
#include "pe_builder.h"

#define ROOM (BUILD_SIZE + 64)
#define PM   BUILD_REALMODE_SIZE

/* A relocatable 64-bit kernel of protocol 2.15 with 0x800 bytes of payload at 0x1000. */
static struct bzc_bytes build_kernel(uint8_t file[ROOM])
{
    struct bzc_bytes bytes = build_image(file, 0x020f);

    bzc_store32(file + 0x248, 0x1000);
    bzc_store32(file + 0x24c, 0x800);
    bzc_store32(file + 0x264, 0x300);
    bzc_store32(file + 0x268, 0x1c00);
    memcpy(file + PM + 0x1000, "\x1f\x8b\x08\x00", 4);
    return bytes;
}

/* The same as a PE file: .setup in front, .text and .data of the protected-mode part, a certificate table at the end.
 */
static struct bzc_bytes build_efi_kernel(uint8_t file[ROOM])
{
    struct bzc_bytes bytes = build_kernel(file);
    uint8_t headers[BUILD_PE_SIZE];

    build_pe(headers);
    bzc_store32(headers + BUILD_PE_OPTIONAL + 4, 0x1800);
    bzc_store32(headers + BUILD_PE_OPTIONAL + 20, 0x1000);
    build_section(headers, 0, ".setup", (const uint32_t[]){0x600, 0x200, 0x600, 0x200}, 0x42000040);
    build_section(headers, 1, ".text", (const uint32_t[]){0x1800, 0x1000, 0x1800, PM}, 0x60000020);
    build_section(headers, 2, ".data", (const uint32_t[]){0x2000, 0x3000, 0x800, PM + 0x1800}, 0xc0000040);
    memcpy(file, headers, BUILD_PE_SECTIONS + 3 * 40);
    memset(file + BUILD_SIZE, 0xab, 16);
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4 * 8, BUILD_SIZE);
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4 * 8 + 4, 16);
    bytes.size += 16;
    return bytes;
}

static struct bzc_wrapped wrap(struct bzc_bytes file, bool legacy_safe)
{
    const struct bzc_wrap_options options = {.legacy_safe = legacy_safe};
    struct bzc_error err = {0};
    struct bzc_wrapped wrapped;

    if (bzc_wrap_elf(file, &options, &wrapped, &err) != BZC_OK)
        fail_msg("%s", err.message);
    return wrapped;
}

static void moves_the_protected_mode_part(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes old = build_kernel(file);
    struct bzc_wrapped wrapped = wrap(old, false);
    const uint8_t *new = wrapped.file.data;

    (void)state;
    assert_int_equal(wrapped.file.size, BUILD_SIZE + 0x1000);
    assert_int_equal(wrapped.shift, 0x1000);
    assert_memory_equal(new + PM + 0x1000, file + PM, BUILD_PM_SIZE);
    assert_int_equal(bzc_load32(new + 0x1f4), (BUILD_PM_SIZE + 0x1000) / 16);
    assert_int_equal(bzc_load32(new + 0x214), 0x100ff0);
    assert_int_equal(bzc_load32(new + 0x248), 0x2000);
    assert_int_equal(bzc_load32(new + 0x24c), 0x800);
    assert_int_equal(bzc_load32(new + 0x260), 0x345000 + 0x200000);
    assert_int_equal(bzc_load32(new + 0x264), 0x1300);
    assert_int_equal(bzc_load32(new + 0x268), 0x2c00);
    /* Nothing else of boot sector and setup is touched. */
    for (size_t i = 0; i < PM; i++) {
        bool changed = (i >= 0x1f4 && i < 0x1f8) || (i >= 0x214 && i < 0x218) || (i >= 0x248 && i < 0x24c) ||
                       (i >= 0x260 && i < 0x26c);

        if (!changed && new[i] != file[i])
            fail_msg("byte 0x%zx became 0x%02x", i, new[i]);
    }
    assert_int_equal(wrapped.change_count, 6);
    assert_string_equal(wrapped.change[0].name, "syssize");
    assert_int_equal(wrapped.change[0].before, 0x200);
    assert_int_equal(wrapped.change[0].after, 0x300);
    assert_int_equal(wrapped.certificates, 0);
    assert_int_equal(wrapped.checksum, BZC_WRAP_CHECKSUM_NONE);
    bzc_wrap_free(&wrapped);
}

static void fields_without_value_stay(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes old = build_kernel(file);
    struct bzc_wrapped wrapped;

    (void)state;
    bzc_store32(file + 0x264, 0);
    bzc_store32(file + 0x268, 0);
    file[0x234] = 0; /* not relocatable: nothing runs higher than before */
    wrapped = wrap(old, false);
    assert_int_equal(bzc_load32(wrapped.file.data + 0x264), 0);
    assert_int_equal(bzc_load32(wrapped.file.data + 0x268), 0);
    assert_int_equal(bzc_load32(wrapped.file.data + 0x260), 0x345000);
    assert_int_equal(bzc_load32(wrapped.file.data + 0x214), 0x101000);
    assert_false(wrapped.may_run_higher);
    bzc_wrap_free(&wrapped);
}

static void writes_elf64(void **state)
{
    static const struct {
        uint32_t flags;
        uint64_t offset, paddr, filesz, memsz;
    } rows[] = {
        {5, 0, 0x100000, 0x2000, 0x2000},
        {4, 0x2000, 0x102000, 0x800, 0x800},
        {7, 0x2800, 0x102800, 0x800, 0x343800}, /* to 0x101000 + init_size */
        {7, 0, 0x1000000, 0, 0x345000},         /* pref_address, init_size */
    };
    uint8_t file[ROOM];
    struct bzc_wrapped wrapped = wrap(build_kernel(file), false);
    const uint8_t *elf = wrapped.file.data + PM;

    (void)state;
    assert_memory_equal(elf,
                        "\x7f"
                        "ELF\2\1\1",
                        7);
    assert_int_equal(bzc_load16(elf + 16), 2);
    assert_int_equal(bzc_load16(elf + 18), 62);
    assert_int_equal(bzc_load32(elf + 20), 1);
    assert_int_equal(bzc_load64(elf + 24), 0x100200);
    assert_int_equal(bzc_load64(elf + 32), 0x50);
    assert_int_equal(bzc_load64(elf + 40), 0);
    assert_int_equal(bzc_load32(elf + 48), 0);
    assert_int_equal(bzc_load16(elf + 52), 64);
    assert_int_equal(bzc_load16(elf + 54), 56);
    assert_int_equal(bzc_load16(elf + 56), 4);
    assert_int_equal(bzc_load64(elf + 58) & 0xffffffffffff, 0);
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *row = elf + 0x50 + i * 56;

        assert_int_equal(bzc_load32(row), 1);
        assert_int_equal(bzc_load32(row + 4), rows[i].flags);
        assert_int_equal(bzc_load64(row + 8), rows[i].offset);
        assert_int_equal(bzc_load64(row + 16), rows[i].paddr);
        assert_int_equal(bzc_load64(row + 24), rows[i].paddr);
        assert_int_equal(bzc_load64(row + 32), rows[i].filesz);
        assert_int_equal(bzc_load64(row + 40), rows[i].memsz);
        assert_int_equal(bzc_load64(row + 48), 0x1000);
    }
    bzc_wrap_free(&wrapped);
}

/* Where the kernel's room begins within the room of the loaded image, the last segment covers both. */
static void writes_elf32(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes old = build_kernel(file);
    struct bzc_wrapped wrapped;
    const uint8_t *elf;

    (void)state;
    bzc_store16(file + 0x236, 0);
    bzc_store64(file + 0x258, 0x200000);
    wrapped = wrap(old, false);
    elf = wrapped.file.data + PM;
    assert_memory_equal(elf,
                        "\x7f"
                        "ELF\1\1\1",
                        7);
    assert_int_equal(bzc_load16(elf + 16), 2);
    assert_int_equal(bzc_load16(elf + 18), 3);
    assert_int_equal(bzc_load32(elf + 24), 0x100ff0);
    assert_int_equal(bzc_load32(elf + 28), 0x50);
    assert_int_equal(bzc_load16(elf + 40), 52);
    assert_int_equal(bzc_load16(elf + 42), 32);
    assert_int_equal(bzc_load16(elf + 44), 3);
    elf += 0x50 + 2 * 32;
    assert_int_equal(bzc_load32(elf), 1);
    assert_int_equal(bzc_load32(elf + 4), 0x2800);
    assert_int_equal(bzc_load32(elf + 12), 0x102800);
    assert_int_equal(bzc_load32(elf + 16), 0x800);
    assert_int_equal(bzc_load32(elf + 20), 0x200000 + 0x345000 - 0x102800);
    assert_int_equal(bzc_load32(elf + 24), 7);
    assert_int_equal(wrapped.entry64_jump, 0);
    assert_int_equal(elf[0x200 - (0x50 + 2 * 32)], 0xcc);
    bzc_wrap_free(&wrapped);
}

static void adjusts_pe_headers(void **state)
{
    uint8_t file[ROOM];
    struct bzc_wrapped wrapped = wrap(build_efi_kernel(file), false);
    struct bzc_pe pe;

    (void)state;
    assert_int_equal(wrapped.file.size, BUILD_SIZE + 0x1000);
    assert_int_equal(wrapped.certificates, 16);
    bzc_pe_parse(wrapped.file, &pe);
    assert_null(bzc_pe_directory(&pe, BZC_PE_DIRECTORY_CERTIFICATE));
    assert_int_equal(pe.size_of_code, 0x2800);
    assert_int_equal(pe.address_of_entry_point, 0x2010);
    assert_int_equal(pe.size_of_image, 0x6000);
    assert_int_equal(bzc_load32(wrapped.file.data + BUILD_PE_OPTIONAL + 20), 0x1000);
    assert_int_equal(pe.section[0].virtual_address, 0x200);
    assert_int_equal(pe.section[0].size_of_raw_data, 0x600);
    assert_int_equal(pe.section[1].virtual_address, 0x1000);
    assert_int_equal(pe.section[1].pointer_to_raw_data, PM);
    assert_int_equal(pe.section[1].virtual_size, 0x2800);
    assert_int_equal(pe.section[1].size_of_raw_data, 0x2800);
    assert_int_equal(pe.section[2].virtual_address, 0x4000);
    assert_int_equal(pe.section[2].pointer_to_raw_data, PM + 0x2800);
    assert_int_equal(pe.section[2].virtual_size, 0x2000);
    assert_int_equal(pe.section[2].size_of_raw_data, 0x800);
    assert_int_equal(pe.check_sum, bzc_pe_compute_check_sum(&pe, wrapped.file));
    bzc_wrap_free(&wrapped);
}

/* An image in which the kernel is unpacked in place has init_size bytes: it gets room for the larger one. */
static void grows_pe_image_that_is_room(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes old = build_efi_kernel(file);
    struct bzc_wrapped wrapped;
    struct bzc_pe pe;

    (void)state;
    bzc_store32(file + BUILD_PE_OPTIONAL + 56, 0x348000);
    bzc_store32(file + BUILD_PE_SECTIONS + 2 * 40 + 8, 0x345000);
    bzc_store32(file + BUILD_PE_OPTIONAL + 64, 0);
    wrapped = wrap(old, false);
    bzc_pe_parse(wrapped.file, &pe);
    assert_int_equal(pe.size_of_image, 0x348000 + 0x1000 + 0x200000);
    assert_int_equal(pe.section[2].virtual_size, 0x545000);
    assert_int_equal(pe.check_sum, 0);
    bzc_wrap_free(&wrapped);
}

static void moves_entry_points_for_other_machines(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes old = build_efi_kernel(file);
    struct bzc_wrapped wrapped;

    (void)state;
    memcpy(file + BUILD_PE_SECTIONS, ".compat\0", 8);
    memset(file + 0x280, 0, 0x100);
    build_section(file, 0, ".compat", (const uint32_t[]){0x20, 0x280, 0x20, 0x280}, 0x42000040);
    memcpy(file + 0x280, "\x01\x08\x4c\x01\x34\x12\x00\x00", 8);
    wrapped = wrap(old, false);
    assert_int_equal(bzc_load32(wrapped.file.data + 0x284), 0x2234);
    assert_int_equal(wrapped.file.data[0x288], 0);
    bzc_wrap_free(&wrapped);
}

/* The CRC of the kernel's build: register of ISO 3309, bit by bit, without the last inversion. */
static uint32_t crc(const uint8_t *data, size_t size)
{
    uint32_t value = 0xffffffff;

    for (size_t i = 0; i < size; i++) {
        value ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
    }
    return value;
}

static void renews_a_right_crc(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes old = build_efi_kernel(file);
    struct bzc_wrapped wrapped;

    (void)state;
    /* As the build makes it; the signer then changes CheckSum and the directory entry. */
    bzc_store32(file + BUILD_PE_OPTIONAL + 64, 0);
    bzc_store64(file + BUILD_PE_OPTIONAL + 112 + 4 * 8, 0);
    bzc_store32(file + BUILD_SIZE - 4, crc(file, BUILD_SIZE - 4));
    assert_int_equal(crc(file, BUILD_SIZE), 0);
    bzc_store32(file + BUILD_PE_OPTIONAL + 64, 0x12345);
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4 * 8, BUILD_SIZE);
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4 * 8 + 4, 16);
    wrapped = wrap(old, false);
    assert_int_equal(wrapped.checksum, BZC_WRAP_CHECKSUM_RENEWED);
    assert_int_equal(crc(wrapped.file.data, wrapped.file.size), 0);
    assert_int_equal(bzc_load32(wrapped.file.data + BUILD_PE_OPTIONAL + 64), 0);
    bzc_wrap_free(&wrapped);
}

static void refuse(struct bzc_bytes file, bool legacy_safe, const char *part)
{
    const struct bzc_wrap_options options = {.legacy_safe = legacy_safe};
    struct bzc_error err = {0};
    struct bzc_wrapped wrapped;

    if (bzc_wrap_elf(file, &options, &wrapped, &err) == BZC_OK) {
        bzc_wrap_free(&wrapped);
        fail_msg("wrapped, expected: %s", part);
    }
    assert_null(wrapped.file.data);
    if (!strstr(err.message, part))
        fail_msg("'%s', expected: %s", err.message, part);
}

static void refuses_what_cannot_be_moved(void **state)
{
    static const struct {
        unsigned at, size;
        uint32_t value;
        const char *part;
    } faults[] = {
        {0x202, 1, 'h', "not a bzImage"},
        {0x211, 1, 0, "not a bzImage"},
        {0x206, 2, 0x0204, "protocol 2.04: the decompressor is linked to run at 0x100000"},
        {0x214, 4, 0x100200, "32-bit entry is at 0x100200"},
        {0x1f4, 4, 0, "syssize is 0"},
        {0x1f4, 4, BUILD_PM_SIZE / 16 + 1, "cut off"},
        {0x248, 4, 0, "no compressed kernel"},
        {PM + 0x1000, 4, 0, "no compressed kernel"},
        {0x24c, 4, 0x1001, "does not lie in the protected-mode part"},
        {0x248, 4, 0xfffff000, "no compressed kernel"},
        {0x230, 4, 0x300000, "kernel_alignment is 0x300000"},
        {0x230, 4, 0x800, "kernel_alignment is 0x800"},
        {0x260, 4, 0xfff00000, "init_size is too large"},
        {0x260, 4, 0xff200000, "0xff200000 bytes of memory from 0x1000000 on"},
        {0x25c, 4, 1, "0x345000 bytes of memory from 0x101000000 on"},
        {0x268, 4, 0xfffff800, "kernel_info_offset is too large"},
        {PM, 4, 0x464c457f, "wrapped already"},
    };
    uint8_t file[ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct bzc_bytes bytes = build_kernel(file);

        if (faults[i].size == 1)
            file[faults[i].at] = (uint8_t)faults[i].value;
        else if (faults[i].size == 2)
            bzc_store16(file + faults[i].at, (uint16_t)faults[i].value);
        else
            bzc_store32(file + faults[i].at, faults[i].value);
        refuse(bytes, false, faults[i].part);
    }
    build_kernel(file);
    bzc_store16(file + 0x236, 0);
    refuse((struct bzc_bytes){file, BUILD_SIZE}, true, "--legacy-safe is not possible for a 32-bit kernel");
    refuse((struct bzc_bytes){NULL, 0}, false, "not a bzImage");
}

static void refuses_pe_headers_that_it_cannot_adjust(void **state)
{
    static const struct {
        unsigned at;
        uint32_t value;
        const char *part;
    } faults[] = {
        {BUILD_PE_SECTIONS + 40 + 20, PM + 16, "no section of its PE headers holds the start"},
        {BUILD_PE_SECTIONS + 2 * 40 + 12, 0x800, "another order in the file than in memory"},
        {BUILD_PE_OPTIONAL + 112 + 6 * 8 - 8, 0x1000, "base relocations"},
        {BUILD_PE_OPTIONAL + 112 + 4 * 8 + 4, 8, "certificate table is not at the end"},
        {BUILD_PE_OPTIONAL + 32, 0x1800, "SectionAlignment is 0x1800"},
        {BUILD_PE_COFF, 0x00618664, "PE headers are damaged"},
    };
    uint8_t file[ROOM];
    struct bzc_bytes bytes;

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        bytes = build_efi_kernel(file);
        bzc_store32(file + faults[i].at, faults[i].value);
        if (i == 2)
            bzc_store32(file + faults[i].at + 4, 12);
        refuse(bytes, false, faults[i].part);
    }
    bytes = build_efi_kernel(file);
    bzc_store32(file + BUILD_PE_OPTIONAL + 112 + 4, 8);
    refuse(bytes, false, "a data directory (0)");
    bytes = build_efi_kernel(file);
    memcpy(file + BUILD_PE_SECTIONS + 2 * 40, ".linux\0", 8);
    refuse(bytes, false, "unified kernel image");
}

static void every_cut_is_survived(void **state)
{
    uint8_t file[ROOM];
    struct bzc_bytes whole = build_efi_kernel(file);

    (void)state;
    for (size_t size = 0; size < whole.size; size += size < 0x300 ? 1 : 37) {
        const struct bzc_wrap_options options = {.legacy_safe = true};
        struct bzc_wrapped wrapped;
        uint8_t *copy = malloc(size + 1);

        assert_non_null(copy);
        memcpy(copy, file, size);
        if (bzc_wrap_elf((struct bzc_bytes){copy, size}, &options, &wrapped, NULL) == BZC_OK)
            fail_msg("%zu of %zu bytes are wrapped", size, whole.size);
        free(copy);
    }
}

/* Whatever the headers hold: a refusal, or an image whose protected-mode part is an ELF file with the old part in it.
 */
static void random_headers_are_survived(void **state)
{
    uint32_t random = 1;
    unsigned wrapped_count = 0;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        const struct bzc_wrap_options options = {.legacy_safe = round & 1};
        uint8_t file[ROOM];
        struct bzc_bytes bytes = round & 2 ? build_efi_kernel(file) : build_kernel(file);
        struct bzc_wrapped wrapped;

        for (unsigned i = 0; i < 1 + round % 3; i++) {
            random = random * 1664525 + 1013904223;
            file[(random >> 8) % 0x270] = (uint8_t)(random >> 24);
        }
        if (bzc_wrap_elf(bytes, &options, &wrapped, NULL) != BZC_OK)
            continue;
        wrapped_count++;
        assert_true(wrapped.file.size >= BUILD_SIZE + wrapped.shift);
        assert_memory_equal(wrapped.file.data + ((file[0x1f1] ? file[0x1f1] : 4) + 1) * 512,
                            "\x7f"
                            "ELF",
                            4);
        bzc_wrap_free(&wrapped);
    }
    assert_in_range(wrapped_count, 5000, 19000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_the_protected_mode_part),
        cmocka_unit_test(fields_without_value_stay),
        cmocka_unit_test(writes_elf64),
        cmocka_unit_test(writes_elf32),
        cmocka_unit_test(adjusts_pe_headers),
        cmocka_unit_test(grows_pe_image_that_is_room),
        cmocka_unit_test(moves_entry_points_for_other_machines),
        cmocka_unit_test(renews_a_right_crc),
        cmocka_unit_test(refuses_what_cannot_be_moved),
        cmocka_unit_test(refuses_pe_headers_that_it_cannot_adjust),
        cmocka_unit_test(every_cut_is_survived),
        cmocka_unit_test(random_headers_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
