/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image_builder.h"
#include "loader/parts.h"
#include "pe_builder.h"

#define PM       BUILD_REALMODE_SIZE
#define ELF_SIZE 0x100u
#define TABLE    24u /* bytes behind the ELF file */

/* A 64-bit ELF file with one segment that ends at ELF_SIZE, and a relocation table behind it, as a payload at 0x1000.
 */
static struct bzc_bytes build_kernel(uint8_t file[BUILD_SIZE])
{
    struct bzc_bytes bytes = build_image(file, 0x020f);
    uint8_t *elf = file + PM + 0x1000;

    bzc_store32(file + 0x248, 0x1000);
    bzc_store32(file + 0x24c, ELF_SIZE + TABLE);
    memset(elf, 0, ELF_SIZE);
    memset(elf + ELF_SIZE, 0x77, TABLE);
    memcpy(elf,
           "\x7f"
           "ELF\2\1\1",
           7);
    bzc_store16(elf + 16, 2);
    bzc_store16(elf + 18, 62);
    bzc_store32(elf + 20, 1);
    bzc_store64(elf + 24, 0x1000000);
    bzc_store64(elf + 32, 64);
    bzc_store16(elf + 52, 64);
    bzc_store16(elf + 54, 56);
    bzc_store16(elf + 56, 1);
    elf += 64;
    bzc_store32(elf, 1);
    bzc_store64(elf + 8, 0x80);
    bzc_store64(elf + 24, 0x1000000);
    bzc_store64(elf + 32, ELF_SIZE - 0x80);
    bzc_store64(elf + 40, 0x1000);
    return bytes;
}

static void expect(const struct bzc_parts *parts, const char *name, const uint8_t *data, size_t size)
{
    const struct bzc_taken_part *part = bzc_parts_find(parts, name);

    assert_non_null(part);
    assert_string_equal(part->missing, "");
    assert_int_equal(part->bytes.size, size);
    assert_memory_equal(part->bytes.data, data, size);
}

static void expect_missing(const struct bzc_parts *parts, const char *name, const char *reason)
{
    const struct bzc_taken_part *part = bzc_parts_find(parts, name);

    assert_non_null(part);
    assert_int_equal(part->bytes.size, 0);
    if (!strstr(part->missing, reason))
        fail_msg("%s: '%s', expected: %s", name, part->missing, reason);
}

static void takes_a_boot_image_apart(void **state)
{
    uint8_t file[BUILD_SIZE];
    struct bzc_parts parts;

    (void)state;
    assert_int_equal(bzc_parts_read(build_kernel(file), &parts, NULL), BZC_OK);
    assert_int_equal(parts.count, 7);
    expect(&parts, "setup", file, PM);
    expect(&parts, "pm", file + PM, BUILD_PM_SIZE);
    expect(&parts, "payload", file + PM + 0x1000, ELF_SIZE + TABLE);
    expect(&parts, "unpacked", file + PM + 0x1000, ELF_SIZE + TABLE);
    expect(&parts, "vmlinux", file + PM + 0x1000, ELF_SIZE);
    expect(&parts, "relocations", file + PM + 0x1000 + ELF_SIZE, TABLE);
    expect_missing(&parts, "config", "CONFIG_IKCONFIG");
    assert_string_equal(bzc_parts_find(&parts, "payload")->file_name, "payload.elf");
    assert_null(bzc_parts_find(&parts, ".linux"));
    bzc_parts_free(&parts);
}

static void says_what_is_missing(void **state)
{
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_kernel(file);
    struct bzc_parts parts;
    struct bzc_error err = {0};

    (void)state;
    bzc_store32(file + 0x24c, ELF_SIZE);
    assert_int_equal(bzc_parts_read(bytes, &parts, NULL), BZC_OK);
    expect_missing(&parts, "relocations", "no relocation table");
    bzc_parts_free(&parts);

    bzc_store32(file + 0x248, 0);
    assert_int_equal(bzc_parts_read(bytes, &parts, NULL), BZC_OK);
    expect_missing(&parts, "payload", "the image has no payload");
    expect_missing(&parts, "vmlinux", "the image has no payload");
    expect_missing(&parts, "config", "the image has no payload");
    bzc_parts_free(&parts);

    build_kernel(file);
    assert_int_equal(bzc_parts_read((struct bzc_bytes){file, PM}, &parts, NULL), BZC_OK);
    expect_missing(&parts, "pm", "the file ends before");
    expect_missing(&parts, "payload", "the file ends before");
    bzc_parts_free(&parts);

    assert_int_equal(bzc_parts_read((struct bzc_bytes){(const uint8_t *)"text", 4}, &parts, &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "no boot image");
    bzc_parts_free(&parts);
}

/* Names in a section table are foreign text. */
static void names_of_sections_are_names_of_files(void **state)
{
    static const struct {
        const char *section, *name, *file_name;
    } cases[] = {
        {".linux", ".linux", "linux"},   {".dtbauto", ".dtbauto", "dtbauto"}, {".dtbauto", ".dtbauto#2", "dtbauto.2"},
        {"../../a", "../../a", "_.._a"}, {"...", "...", "section"},           {"/etc", "/etc", "_etc"},
        {"...", "...#2", "section.2"},   {"a b\\c", "a?b\\c", "a_b_c"},
    };
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    uint8_t file[BUILD_PE_SIZE + COUNT * 40];
    struct bzc_parts parts;

    (void)state;
    memset(file, 0, sizeof(file));
    build_pe(file);
    bzc_store16(file + BUILD_PE_COFF + 2, COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        build_section(file, i, cases[i].section, (const uint32_t[]){0x10, 0x1000 * (i + 1), 0x200, 0x600}, 0x40000040);
    assert_int_equal(bzc_parts_read((struct bzc_bytes){file, sizeof(file)}, &parts, NULL), BZC_OK);
    assert_int_equal(parts.count, COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_string_equal(parts.part[i].name, cases[i].name);
        assert_string_equal(parts.part[i].file_name, cases[i].file_name);
        assert_int_equal(parts.part[i].bytes.size, 0x10);
    }
    bzc_parts_free(&parts);
}

static void every_cut_is_survived(void **state)
{
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes whole = build_kernel(file);

    (void)state;
    for (size_t size = 0; size < whole.size; size += size < 0x300 ? 1 : 41) {
        uint8_t *copy = malloc(size + 1);
        struct bzc_parts parts;

        assert_non_null(copy);
        memcpy(copy, file, size);
        if (bzc_parts_read((struct bzc_bytes){copy, size}, &parts, NULL) == BZC_OK && size < PM + 0x1000)
            expect_missing(&parts, "vmlinux", "");
        bzc_parts_free(&parts);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_boot_image_apart),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(names_of_sections_are_names_of_files),
        cmocka_unit_test(every_cut_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
