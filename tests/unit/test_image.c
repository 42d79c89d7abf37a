/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "compression_samples.h"
#include "image_builder.h"
#include "loader/image.h"

static void decodes_a_modern_header(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    char text[8];
    uint64_t value;

    (void)state;
    bzc_image_parse(build_image(file, 0x020f), &image);
    assert_int_equal(image.kind, BZC_IMAGE_BZIMAGE);
    assert_string_equal(bzc_image_kind_name(image.kind), "bzImage");
    assert_true(image.has_header);
    assert_int_equal(image.version, 0x020f);
    bzc_image_protocol_text(&image, text);
    assert_string_equal(text, "2.15");
    assert_int_equal(image.setup_sects, 3);
    assert_int_equal(image.realmode_size, 2048);
    assert_ptr_equal(image.realmode.data, file);
    assert_int_equal(image.realmode.size, 2048);
    assert_ptr_equal(image.pm.data, file + 2048);
    assert_int_equal(image.pm.size, 8192);
    assert_int_equal(image.pm_declared_size, 8192);
    assert_string_equal(image.kernel_version, "6.1.0-test");
    assert_int_equal(image.loadflags, 1);
    assert_int_equal(image.xloadflags, 0x7f);
    assert_int_equal(image.code32_start, 0x100000);
    assert_true(image.relocatable);
    assert_int_equal(image.kernel_alignment, 0x200000);
    assert_int_equal(image.min_alignment, 13);
    assert_int_equal(image.cmdline_size, 2047);
    assert_int_equal(image.pref_address, 0x1000000);
    assert_int_equal(image.init_size, 0x345000);
    assert_int_equal(image.initrd_addr_max, 0x7fffffff);
    assert_true(bzc_image_field(&image, BZC_FIELD_VERSION, &value));
    assert_int_equal(value, 0x020f);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_ABSENT);
}

/* The values that boot.rst gives for versions without the field; the bytes in the file say something else. */
static void absent_fields_have_the_old_values(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    char text[8];
    uint64_t value;

    (void)state;
    bzc_image_parse(build_image(file, 0x0202), &image);
    bzc_image_protocol_text(&image, text);
    assert_string_equal(text, "2.02");
    assert_int_equal(image.pm_declared_size, 0);
    assert_int_equal(image.pm.size, 8192);
    assert_int_equal(image.initrd_addr_max, 0x37ffffff);
    assert_int_equal(image.cmdline_size, 255);
    assert_false(image.relocatable);
    assert_int_equal(image.kernel_alignment, 0);
    assert_int_equal(image.min_alignment, 0);
    assert_int_equal(image.xloadflags, 0);
    assert_int_equal(image.pref_address, 0);
    assert_int_equal(image.init_size, 0);
    assert_false(bzc_image_field(&image, BZC_FIELD_INITRD_ADDR_MAX, &value));
    bzc_image_parse(build_image(file, 0x0209), &image);
    assert_true(image.relocatable);
    assert_int_equal(image.min_alignment, 0);
    assert_int_equal(image.init_size, 0);
    /* "ASSUME SAME AS 2.13" */
    bzc_image_parse(build_image(file, 0x020e), &image);
    assert_int_equal(image.xloadflags, 0x7f);
    assert_false(bzc_image_field(&image, BZC_FIELD_KERNEL_INFO_OFFSET, &value));
}

static void setup_sects_0_means_4(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);

    (void)state;
    file[0x1f1] = 0;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.setup_sects, 4);
    assert_int_equal(image.realmode_size, 2560);
    assert_int_equal(image.pm.size, 8192 - 512);
}

static void syssize_cuts_what_follows(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x0204);

    (void)state;
    bzc_store32(file + 0x1f4, 0x100);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.pm_declared_size, 4096);
    assert_int_equal(image.pm.size, 4096);
    bzc_store32(file + 0x1f4, 0x10000);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.pm_declared_size, 0x100000);
    assert_int_equal(image.pm.size, 8192);
    bzc_store32(file + 0x1f4, 0xffffffff);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.pm_declared_size, 0xffffffff0ull);
    bzc_store32(file + 0x1f4, 0);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.pm_declared_size, 0);
    assert_int_equal(image.pm.size, 8192);
}

static void truncated_files_give_what_is_there(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);
    uint64_t value;

    (void)state;
    bytes.size = 2047;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_BZIMAGE);
    assert_int_equal(image.realmode_size, 2048);
    assert_int_equal(image.realmode.size, 2047);
    assert_int_equal(image.pm.size, 0);
    bytes.size = 0x238;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_BZIMAGE);
    assert_int_equal(image.xloadflags, 0x7f);
    assert_int_equal(image.cmdline_size, 255);
    assert_string_equal(image.kernel_version, "");
    assert_false(bzc_image_field(&image, BZC_FIELD_CMDLINE_SIZE, &value));
    bytes.size = 0x206;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_ZIMAGE);
    assert_int_equal(image.version, 0);
    bytes.size = 0x205;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_NONE);
}

static void zimage_is_told_by_loadflags_and_version(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x0201);
    uint64_t value;
    char text[8];

    (void)state;
    file[0x211] = 0x80;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_ZIMAGE);
    assert_string_equal(bzc_image_kind_name(image.kind), "zImage");
    assert_int_equal(image.code32_start, 0x100000);
    bytes = build_image(file, 0x0000);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_ZIMAGE);
    assert_int_equal(image.code32_start, 0x1000);
    assert_true(image.has_header);
    bzc_image_protocol_text(&image, text);
    assert_string_equal(text, "0.00");
    assert_true(bzc_image_field(&image, BZC_FIELD_VERSION, &value));
    assert_false(bzc_image_field(&image, BZC_FIELD_LOADFLAGS, &value));
}

static void odd_version_pointers_give_no_text(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);

    (void)state;
    bzc_store16(file + 0x20e, 0);
    bzc_image_parse(bytes, &image);
    assert_string_equal(image.kernel_version, "");
    bzc_store16(file + 0x20e, 0xffff);
    bzc_image_parse(bytes, &image);
    assert_string_equal(image.kernel_version, "");
    bzc_store16(file + 0x20e, 0x800 - 0x200); /* 0x90 without a NUL */
    bzc_image_parse(bytes, &image);
    assert_string_equal(image.kernel_version, "");
}

/* First bytes of arch/i386/boot/bootsect.S, the same in Linux 2.2.6 and memtest86+; ends with "jmpi go,INITSEG". */
static const uint8_t bootsect[] = {0xb8, 0xc0, 0x07, 0x8e, 0xd8, 0xb8, 0x00, 0x90, 0x8e, 0xc0, 0xb9, 0x00, 0x01,
                                   0x29, 0xf6, 0x29, 0xff, 0xfc, 0xf3, 0xa5, 0xea, 0x19, 0x00, 0x00, 0x90};

static struct bzc_bytes build_old(uint8_t file[BUILD_SIZE])
{
    const struct bzc_bytes bytes = {file, BUILD_SIZE};

    memset(file, 0, BUILD_SIZE);
    memcpy(file, bootsect, sizeof(bootsect));
    file[0x1f1] = 4;
    bzc_store16(file + 0x1fe, 0xaa55);
    return bytes;
}

static enum bzc_image_kind kind_of(struct bzc_bytes bytes)
{
    struct bzc_image image;

    bzc_image_parse(bytes, &image);
    return image.kind;
}

/* A kernel whose "HdrS" is damaged is one, also with PE headers; a PE file without a header is none. */
static void damaged_magic_is_recognised(void **state)
{
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);

    (void)state;
    assert_false(bzc_image_has_damaged_header(bytes));
    bzc_store16(file + 0x1fe, 0xaa55);
    bzc_store16(file + 0x200, 0x6aeb);
    bzc_store16(file, 0x5a4d);
    bzc_store32(file + 0x3c, 0x40);
    bzc_store32(file + 0x40, 0x00004550);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_BZIMAGE);
    assert_false(bzc_image_has_damaged_header(bytes));
    file[0x202] = 'h';
    assert_true(bzc_image_has_damaged_header(bytes));
    assert_int_equal(kind_of(bytes), BZC_IMAGE_OLD);
    bzc_store16(file + 0x206, 0x0300);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_PE);
    bzc_store16(file + 0x206, 0x020f);
    bzc_store16(file + 0x200, 0x6ae9);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_PE);
    bzc_store16(file + 0x200, 0x6aeb);
    bzc_store16(file + 0x1fe, 0);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_PE);
}

static void old_images_are_recognised(void **state)
{
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_old(file);
    uint64_t value;
    char text[8];

    (void)state;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.kind, BZC_IMAGE_OLD);
    assert_string_equal(bzc_image_kind_name(image.kind), "old");
    assert_false(image.has_header);
    assert_int_equal(image.version, 0);
    assert_int_equal(image.setup_sects, 4);
    assert_int_equal(image.pm.size, BUILD_SIZE - 5 * 512);
    assert_int_equal(image.code32_start, 0x1000);
    assert_int_equal(image.cmdline_size, 255);
    bzc_image_protocol_text(&image, text);
    assert_string_equal(text, "old");
    assert_false(bzc_image_field(&image, BZC_FIELD_HEADER, &value));
    assert_true(bzc_image_field(&image, BZC_FIELD_SETUP_SECTS, &value));
    /* Another boot sector, whose syssize agrees with the file: 7680 bytes are 480 paragraphs. */
    memset(file, 0xf4, 0x1f1);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    bzc_store16(file + 0x1f4, 480);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_OLD);
    bytes.size -= 15;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_OLD);
    bytes.size -= 1;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
}

static void other_boot_sectors_are_not_linux(void **state)
{
    static uint8_t large[70 * 512];
    /* A FAT12 volume (jmp short, OEM name), a boot record (cli; xor ax,ax; mov ss,ax; mov sp,0x7c00), all zeros. */
    static const uint8_t fat[] = {0xeb, 0x3c, 0x90, 'M', 'S', 'D', 'O', 'S', '5', '.', '0', 0x00, 0x02, 0x01};
    static const uint8_t mbr[] = {0xfa, 0x33, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0x8b, 0xf4, 0x50, 0x07, 0x50, 0x1f};
    struct bzc_image image;
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_old(file);
    uint32_t seed = 1;
    size_t i;

    (void)state;
    memset(file, 0, sizeof(bootsect));
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    memcpy(file, fat, sizeof(fat));
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    memcpy(file, mbr, sizeof(mbr));
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    for (i = 0; i < BUILD_SIZE; i++) {
        seed = seed * 1664525u + 1013904223u;
        file[i] = (uint8_t)(seed >> 24);
    }
    bzc_store16(file + 0x1fe, 0xaa55);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    bzc_image_parse(bytes, &image);
    assert_ptr_equal(image.file.data, file);
    assert_int_equal(image.pm.size, 0);
    assert_string_equal(bzc_image_kind_name(image.kind), "none");
    /* The right code, but a boot sector alone, no boot_flag, or a setup larger than 32 KiB. */
    bytes = build_old(file);
    bytes.size = 2560;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    bytes = build_old(file);
    file[0x1fe] = 0;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    memcpy(large, build_old(file).data, BUILD_SIZE);
    bytes = (struct bzc_bytes){large, sizeof(large)};
    large[0x1f1] = 64;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_OLD);
    large[0x1f1] = 65;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    bytes = (struct bzc_bytes){NULL, 0};
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
}

static void pe_and_elf_files_are_named(void **state)
{
    uint8_t file[BUILD_SIZE] = {'M', 'Z', [0x3c] = 0x80, [0x80] = 'P', 'E', 0, 0};
    struct bzc_bytes bytes = {file, sizeof(file)};

    (void)state;
    assert_int_equal(kind_of(bytes), BZC_IMAGE_PE);
    assert_string_equal(bzc_image_kind_name(BZC_IMAGE_PE), "pe");
    bzc_store32(file + 0x3c, 0xfffffffe);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_NONE);
    memcpy(file, "\177ELF", 4);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_ELF);
    assert_string_equal(bzc_image_kind_name(BZC_IMAGE_ELF), "elf");
    /* A kernel with an EFI stub is a PE file, but first of all it is a bzImage. */
    bytes = build_image(file, 0x020f);
    memcpy(file, "MZ", 2);
    bzc_store32(file + 0x3c, 0x80);
    memcpy(file + 0x80, "PE\0", 4);
    assert_int_equal(kind_of(bytes), BZC_IMAGE_BZIMAGE);
}

/* The payload as the kernel build makes it: an xz stream and the size word. */
static struct bzc_bytes build_with_payload(uint8_t file[BUILD_SIZE])
{
    struct bzc_bytes bytes = build_image(file, 0x020f);

    memcpy(file + BUILD_REALMODE_SIZE + 0x100, sample_xz_x86, sizeof(sample_xz_x86));
    bzc_store32(file + BUILD_REALMODE_SIZE + 0x100 + sizeof(sample_xz_x86), SAMPLE_SIZE);
    bzc_store32(file + 0x248, 0x100);
    bzc_store32(file + 0x24c, sizeof(sample_xz_x86) + 4);
    return bytes;
}

static void header_gives_the_payload(void **state)
{
    uint8_t file[BUILD_SIZE], expected[SAMPLE_SIZE];
    struct bzc_bytes output, bytes = build_with_payload(file);
    struct bzc_image image;
    struct bzc_error err;
    struct bzc_payload_end end;

    (void)state;
    sample_fill(expected);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_HEADER);
    assert_int_equal(image.payload_offset, 0x100);
    assert_int_equal(image.payload_length, sizeof(sample_xz_x86) + 4);
    assert_ptr_equal(image.payload.data, file + 2048 + 0x100);
    assert_int_equal(image.payload.size, sizeof(sample_xz_x86) + 4);
    assert_int_equal(image.compression, BZC_COMPRESSION_XZ);
    assert_int_equal(bzc_image_unpack(&image, &output, &end, &err), BZC_OK);
    assert_int_equal(output.size, SAMPLE_SIZE);
    assert_memory_equal(output.data, expected, SAMPLE_SIZE);
    assert_int_equal(end.declared_size, SAMPLE_SIZE);
    assert_int_equal(end.stream_size, sizeof(sample_xz_x86));
    bzc_decompress_free(output);
    /* Without the size word there is no declared size. */
    bzc_store32(file + 0x24c, sizeof(sample_xz_x86));
    bzc_image_parse(bytes, &image);
    assert_int_equal(bzc_image_unpack(&image, &output, &end, &err), BZC_OK);
    assert_int_equal(end.declared_size, 0);
    bzc_decompress_free(output);
}

static void gzip_declares_its_size_itself(void **state)
{
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes output, bytes = build_with_payload(file);
    struct bzc_image image;
    struct bzc_payload_end end;

    (void)state;
    memcpy(file + BUILD_REALMODE_SIZE + 0x100, sample_gzip, sizeof(sample_gzip));
    bzc_store32(file + 0x24c, sizeof(sample_gzip) + 9);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.compression, BZC_COMPRESSION_GZIP);
    assert_int_equal(bzc_image_unpack(&image, &output, &end, NULL), BZC_OK);
    assert_int_equal(end.declared_size, SAMPLE_SIZE);
    assert_int_equal(end.stream_size, sizeof(sample_gzip));
    bzc_decompress_free(output);
}

static void unpack_errors(void **state)
{
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes output, bytes = build_with_payload(file);
    struct bzc_image image;
    struct bzc_error err;

    (void)state;
    bzc_store32(file + 0x24c, 0x10000);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_length, 0x10000);
    assert_int_equal(image.payload.size, BUILD_PM_SIZE - 0x100);
    assert_int_equal(bzc_image_unpack(&image, &output, NULL, &err), BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "cut off"));
    bzc_store32(file + 0x248, 0xffffffff);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload.size, 0);
    assert_int_equal(bzc_image_unpack(&image, &output, NULL, &err), BZC_ERR_FORMAT);
    bytes = build_with_payload(file);
    file[BUILD_REALMODE_SIZE + 0x100] = 0;
    bzc_image_parse(bytes, &image);
    assert_int_equal(bzc_image_unpack(&image, &output, NULL, &err), BZC_ERR_UNSUPPORTED);
    bytes = build_with_payload(file);
    file[BUILD_REALMODE_SIZE + 0x100 + 60] ^= 1;
    bzc_image_parse(bytes, &image);
    assert_int_equal(bzc_image_unpack(&image, &output, NULL, &err), BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "xz"));
    bytes = build_image(file, 0x020f);
    bzc_image_parse(bytes, &image);
    assert_int_equal(bzc_image_unpack(&image, &output, NULL, &err), BZC_ERR_FORMAT);
    assert_int_equal(output.size, 0);
}

/* gzip's magic number stands by chance at two places before the stream, once with reserved flags set. */
static void older_payloads_are_found_by_scanning(void **state)
{
    static const uint8_t decoy[] = {0x1f, 0x8b, 0x08, 0x00}, reserved[] = {0x1f, 0x8b, 0x08, 0xff};
    uint8_t file[BUILD_SIZE], big[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x0207);
    struct bzc_image image;

    (void)state;
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_ABSENT);
    memcpy(file + BUILD_REALMODE_SIZE + 0x10, decoy, 4);
    memcpy(file + BUILD_REALMODE_SIZE + 0x40, reserved, 4);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_ABSENT);
    /* Data that is over within 4096 bytes is no kernel. */
    memcpy(file + BUILD_REALMODE_SIZE + 0x71, sample_gzip, sizeof(sample_gzip));
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_ABSENT);
    /* A stored deflate block (RFC 1951, 3.2.4) of 5000 bytes. */
    memcpy(big, decoy, 4);
    memset(big + 4, 0, 6);
    memcpy(big + 10, (const uint8_t[]){0x01, 0x88, 0x13, 0x77, 0xec}, 5);
    memset(big + 15, 'k', 5000);
    memcpy(file + BUILD_REALMODE_SIZE + 0x71, big, 5015);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_SCANNED);
    assert_int_equal(image.payload_offset, 0x71);
    assert_int_equal(image.payload_length, BUILD_PM_SIZE - 0x71);
    assert_int_equal(image.compression, BZC_COMPRESSION_GZIP);
    /* From 2.08 on only the header tells. */
    bzc_store16(file + 0x206, 0x0208);
    bzc_image_parse(bytes, &image);
    assert_int_equal(image.payload_source, BZC_PAYLOAD_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_a_modern_header),
        cmocka_unit_test(absent_fields_have_the_old_values),
        cmocka_unit_test(setup_sects_0_means_4),
        cmocka_unit_test(syssize_cuts_what_follows),
        cmocka_unit_test(truncated_files_give_what_is_there),
        cmocka_unit_test(zimage_is_told_by_loadflags_and_version),
        cmocka_unit_test(odd_version_pointers_give_no_text),
        cmocka_unit_test(damaged_magic_is_recognised),
        cmocka_unit_test(old_images_are_recognised),
        cmocka_unit_test(other_boot_sectors_are_not_linux),
        cmocka_unit_test(pe_and_elf_files_are_named),
        cmocka_unit_test(header_gives_the_payload),
        cmocka_unit_test(gzip_declares_its_size_itself),
        cmocka_unit_test(unpack_errors),
        cmocka_unit_test(older_payloads_are_found_by_scanning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
