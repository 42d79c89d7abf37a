/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image builder. Header offsets are typed here by hand from boot.rst; the relocation table of real kernels is
 * compared with readelf's list in tests/images/check_images, this file covers what such kernels do not have.
 */
#include "tools/mkbzimage/compose.h"
#include "tools/mkbzimage/describe.h"
#include "tools/mkbzimage/pack.h"
#include "tools/mkbzimage/recipe.h"
#include "tools/mkbzimage/relocs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bzc_bytes text_bytes(const char *text)
{
    return (struct bzc_bytes){.data = (const uint8_t *)text, .size = strlen(text)};
}

static enum bzc_status parse(const char *text, struct bzc_recipe *recipe, struct bzc_error *err)
{
    return bzc_recipe_parse(text_bytes(text), recipe, err);
}

static void recipe_defaults(void **state)
{
    struct bzc_recipe recipe;
    (void)state;

    assert_int_equal(parse("", &recipe, NULL), BZC_OK);
    assert_int_equal(recipe.protocol, 0x020f);
    assert_int_equal(recipe.compression, BZC_COMPRESSION_LZ4);
    assert_true(recipe.relocatable && recipe.crc);
    assert_false(recipe.relocs || recipe.kaslr || recipe.flat || recipe.wrong_crc);
    assert_int_equal(recipe.field_count + recipe.damage_count, 0);
}

static void recipe_keys(void **state)
{
    struct bzc_recipe recipe;
    (void)state;

    assert_int_equal(parse("# comment = 1\n\n  protocol=2.08 \r\ncompression = none\nlevel = 3\nrelocatable = no\n"
                           "relocs = yes\nkaslr = yes\ncrc = wrong\nstyle = low-buffer\nhdr.init_size = 0x123\n"
                           "hdr.setup_data = 0xffffffffffffffff\nflip = payload+0x10 ^ 0x80\nflip = file+1^1\n"
                           "flip_text = 2 ^ 0x20 in two words\ntruncate = pm+7\n"
                           "pe = packed\nsbat = yes\narch = i386\nstub_fault = x\nexpect_rule = y\nverify_options = z",
                           &recipe, NULL),
                     BZC_OK);
    assert_int_equal(recipe.protocol, 0x0208);
    assert_int_equal(recipe.compression, BZC_COMPRESSION_NONE);
    assert_int_equal(recipe.level, 3);
    assert_false(recipe.relocatable);
    assert_true(recipe.relocs && recipe.kaslr && recipe.crc && recipe.wrong_crc && recipe.flat);
    assert_int_equal(recipe.pe, BZC_PE_STYLE_PACKED);
    assert_true(recipe.sbat);
    assert_int_equal(recipe.field_count, 2);
    assert_int_equal(recipe.field[0].id, BZC_FIELD_INIT_SIZE);
    assert_int_equal(recipe.field[0].value, 0x123);
    assert_true(recipe.field[1].value == UINT64_MAX);
    assert_int_equal(recipe.damage_count, 4);
    assert_int_equal(recipe.damage[0].place, BZC_PLACE_PAYLOAD);
    assert_int_equal(recipe.damage[0].offset, 16);
    assert_int_equal(recipe.damage[0].mask, 0x80);
    assert_int_equal(recipe.damage[1].place, BZC_PLACE_FILE);
    assert_int_equal(recipe.damage[2].kind, BZC_DAMAGE_FLIP_TEXT);
    assert_string_equal(recipe.damage[2].text, "two words");
    assert_int_equal(recipe.damage[3].kind, BZC_DAMAGE_TRUNCATE);
    assert_int_equal(recipe.damage[3].place, BZC_PLACE_PM);
}

static void recipe_refuses(void **state)
{
    static const char *const bad[] = {
        "no equals sign",
        "colour = red",
        "protocol = 2",
        "protocol = 2.256",
        "compression = xz", /* the test decompressor does not know it */
        "level = 10",
        "level = -1",
        "relocs = maybe",
        "style = round",
        "hdr.no_such_field = 1",
        "hdr.setup_sects = 256", /* one byte */
        "hdr.init_size = 0x100000000",
        "hdr.init_size = 12x",
        "flip = payload+1",
        "flip = payload+1 ^ 0", /* would flip nothing */
        "flip = payload+1 ^ 256",
        "flip = nowhere+1 ^ 1",
        "flip_text = 3 ^ 1 in abc", /* behind the text */
        "flip_text = 0 ^ 1 in",
        "truncate = payload",
        "truncate = payload+1 2",
    };
    struct bzc_recipe recipe;
    struct bzc_error err;
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];

        snprintf(text, sizeof(text), "\n\n%s\n", bad[i]);
        if (parse(text, &recipe, &err) != BZC_ERR_FORMAT)
            fail_msg("accepted: %s", bad[i]);
        assert_memory_equal(err.message, "line 3: ", 8);
    }
}

static void recipe_limits(void **state)
{
    char fields[32 * (BZC_RECIPE_FIELDS_MAX + 1)] = "", damages[32 * (BZC_RECIPE_DAMAGES_MAX + 1)] = "", line[400];
    struct bzc_recipe recipe;
    (void)state;

    for (size_t i = 0; i <= BZC_RECIPE_FIELDS_MAX; i++)
        strcat(fields, "hdr.vid_mode = 1\n");
    assert_int_equal(parse(fields, &recipe, NULL), BZC_ERR_LIMIT);
    for (size_t i = 0; i <= BZC_RECIPE_DAMAGES_MAX; i++)
        strcat(damages, "flip = file+1 ^ 1\n");
    assert_int_equal(parse(damages, &recipe, NULL), BZC_ERR_LIMIT);
    memset(line, 'x', sizeof(line));
    assert_int_equal(bzc_recipe_parse((struct bzc_bytes){.data = (uint8_t *)line, .size = sizeof(line)}, &recipe, NULL),
                     BZC_ERR_FORMAT);
}

/* A kernel with one PT_LOAD of 256 bytes at 0x1000000, 512 bytes in memory (ELF-64 Object File Format, figures 2, 3,
 * 8). */
#define ELF_SIZE (64 + 56 + 256)
static void make_kernel(uint8_t elf[ELF_SIZE])
{
    memset(elf, 0, ELF_SIZE);
    memcpy(elf, "\177ELF\2\1\1", 7);
    bzc_store16(elf + 16, 2);  /* ET_EXEC */
    bzc_store16(elf + 18, 62); /* EM_X86_64 */
    bzc_store32(elf + 20, 1);
    bzc_store64(elf + 24, 0x1000010); /* e_entry */
    bzc_store64(elf + 32, 64);        /* e_phoff */
    bzc_store16(elf + 52, 64);
    bzc_store16(elf + 54, 56);
    bzc_store16(elf + 56, 1);
    bzc_store32(elf + 64, 1); /* PT_LOAD */
    bzc_store32(elf + 68, 5);
    bzc_store64(elf + 72, 120);                 /* p_offset */
    bzc_store64(elf + 80, 0xffffffff81000000u); /* p_vaddr */
    bzc_store64(elf + 88, 0x1000000);           /* p_paddr */
    bzc_store64(elf + 96, 256);                 /* p_filesz */
    bzc_store64(elf + 104, 512);                /* p_memsz */
    bzc_store64(elf + 112, 1);
    for (unsigned i = 0; i < 256; i++)
        elf[120 + i] = (uint8_t)i;
}

/* Parts as simple as the builder takes them. */
struct fixture {
    uint8_t setup[0x270], stub[100], kernel[ELF_SIZE];
    struct bzc_parts parts;
};

static void make_parts(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    memset(f->setup, 0xee, 0x1f1);
    f->setup[0x200] = 0xeb;
    f->setup[0x201] = 0x6a;
    bzc_store16(f->setup + 0x20e, 0x1234); /* kernel_version: setup's own business */
    memcpy(f->stub + 0x10, "bzcstub1", 8);
    bzc_store32(f->stub + 0x10 + 40, 0x2000); /* work area */
    bzc_store32(f->stub + 0x10 + 44, 0x50);   /* kernel_info */
    make_kernel(f->kernel);
    f->parts.setup = (struct bzc_bytes){.data = f->setup, .size = sizeof(f->setup)};
    f->parts.stub = (struct bzc_bytes){.data = f->stub, .size = sizeof(f->stub)};
    f->parts.kernel = (struct bzc_bytes){.data = f->kernel, .size = sizeof(f->kernel)};
}

static enum bzc_status compose(const struct fixture *f, const char *text, uint8_t **image, size_t *size,
                               struct bzc_error *err)
{
    struct bzc_recipe recipe;

    assert_int_equal(parse(text, &recipe, NULL), BZC_OK);
    return bzc_compose(&recipe, &f->parts, image, size, err);
}

static void compose_header(void **state)
{
    struct fixture f;
    uint8_t *image;
    size_t size;
    (void)state;

    make_parts(&f);
    assert_int_equal(compose(&f, "compression = none\nhdr.vid_mode = 0x317", &image, &size, NULL), BZC_OK);
    /* 0x270 bytes of setup are two sectors; 100 bytes of stub end at 112; 112 + 376 + 4 round up to 496. */
    assert_int_equal(size, 1024 + 496);
    assert_int_equal(image[0x1f1], 1);
    assert_int_equal(bzc_load32(image + 0x1f4), 496 / 16);
    assert_int_equal(bzc_load16(image + 0x1fa), 0x317);
    assert_int_equal(bzc_load16(image + 0x206), 0x020f);
    assert_int_equal(bzc_load16(image + 0x20e), 0x1234);
    assert_int_equal(image[0x211], 1);
    assert_int_equal(bzc_load32(image + 0x214), 0x100000);
    assert_int_equal(bzc_load32(image + 0x230), 0x200000);
    assert_int_equal(image[0x234], 1);
    assert_int_equal(bzc_load16(image + 0x236), 1);
    assert_int_equal(bzc_load32(image + 0x248), 112);
    assert_int_equal(bzc_load32(image + 0x24c), ELF_SIZE);
    assert_true(bzc_load64(image + 0x258) == 0x1000000);
    /* 4096 for the image, 0x2000 for the work area, 376/256 + 131072 rounded up to pages for safe unpacking. */
    assert_int_equal(bzc_load32(image + 0x260), 0x1000 + 0x2000 + 0x21000);
    assert_int_equal(bzc_load32(image + 0x268), 0x50);
    assert_memory_equal(image + 1024 + 112, f.kernel, ELF_SIZE);
    free(image);
}

/* Offsets as Microsoft's "PE Format" has them for PE32+ with its signature at 0x40. */
static void compose_pe(void **state)
{
    struct fixture f;
    uint8_t *image;
    size_t size;
    (void)state;

    make_parts(&f);
    assert_int_equal(compose(&f, "compression = none\npe = paged\nsbat = yes", &image, &size, NULL), BZC_OK);
    /* Two pages of setup; 112 + 376 bytes of code and payload in one page, .sbat in one, one sector of .data. */
    assert_int_equal(size, 0x2000 + 0x2000 + 0x200);
    assert_int_equal(image[0x1f1], 15);
    assert_int_equal(bzc_load32(image + 0x1f4), 0x2200 / 16);
    assert_int_equal(bzc_load16(image + 0x236), 0x9);
    assert_int_equal(bzc_load32(image + 0x264), 0x200);
    assert_memory_equal(image, "MZ", 2);
    assert_int_equal(bzc_load32(image + 0x3c), 0x40);
    assert_memory_equal(image + 0x40, "PE\0\0\x64\x86\4", 8);
    assert_int_equal(bzc_load16(image + 0x58), 0x20b);
    assert_int_equal(bzc_load32(image + 0x68), 0x2400);
    assert_int_equal(bzc_load32(image + 0x78), 0x1000);
    /* Code, payload and .data end at 0x2200, the work area of 0x2000 bytes begins on the next page. */
    assert_int_equal(bzc_load32(image + 0x90), 0x2000 + 0x3000 + 0x2000);
    assert_int_equal(bzc_load32(image + 0x94), 0x1000);
    assert_memory_equal(image + 0xf8, ".setup", 7);
    assert_memory_equal(image + 0x120, ".text", 6);
    assert_int_equal(bzc_load32(image + 0x120 + 20), 0x2000);
    assert_memory_equal(image + 0x148, ".sbat", 6);
    assert_int_equal(bzc_load32(image + 0x148 + 12), 0x3000);
    assert_memory_equal(image + 0x170, ".data", 6);
    assert_int_equal(bzc_load32(image + 0x170 + 8), 0x7000 - 0x4000);
    assert_int_equal(bzc_load32(image + 0x170 + 16), 0x200);
    assert_int_equal(bzc_load32(image + 0x170 + 20), 0x4000);
    assert_memory_equal(image + 0x3000, "sbat,1,", 7);
    free(image);

    assert_int_equal(compose(&f, "compression = none\npe = packed", &image, &size, NULL), BZC_OK);
    /* 0x270 bytes of setup, .reloc and .compat; 496 bytes are 512 when rounded up to 32. */
    assert_int_equal(size, 1024 + 512);
    assert_int_equal(bzc_load16(image + 0x236), 0xd);
    assert_int_equal(bzc_load32(image + 0x78), 0x20);
    assert_int_equal(bzc_load32(image + 0x90), bzc_load32(image + 0x260) + 0x200000);
    assert_memory_equal(image + 0x3e0, "\1\10\x4c\1\0\x8\0\0\0", 9);
    free(image);
}

static void compose_old_header(void **state)
{
    struct fixture f;
    uint8_t *image;
    size_t size;
    (void)state;

    make_parts(&f);
    assert_int_equal(compose(&f, "protocol = 2.04\ncrc = no\nstyle = flat\ncompression = none", &image, &size, NULL),
                     BZC_OK);
    assert_int_equal(size, 1024 + 112 + 256);
    assert_int_equal(bzc_load16(image + 0x206), 0x0204);
    assert_int_equal(bzc_load32(image + 0x22c), 0x7fffffff);
    for (size_t i = 0x230; i < 0x26c; i++)
        assert_int_equal(image[i], 0); /* younger than 2.04 */
    assert_memory_equal(image + 1024 + 112, f.kernel + 120, 256);
    free(image);
}

static void compose_damage(void **state)
{
    struct fixture f;
    uint8_t *clean, *damaged;
    size_t clean_size, size;
    (void)state;

    make_parts(&f);
    memcpy(f.kernel + 200, "needle", 6);
    assert_int_equal(compose(&f, "compression = none\ncrc = no", &clean, &clean_size, NULL), BZC_OK);
    assert_int_equal(compose(&f,
                             "compression = none\ncrc = no\nflip = payload+3 ^ 0x40\n"
                             "flip_text = 2 ^ 1 in needle\ntruncate = payload+0x100",
                             &damaged, &size, NULL),
                     BZC_OK);
    assert_int_equal(size, 1024 + 112 + 0x100);
    for (size_t i = 0; i < size; i++) {
        uint8_t mask = i == 1024 + 112 + 3 ? 0x40 : i == 1024 + 112 + 202 ? 1 : 0;

        assert_int_equal(damaged[i], clean[i] ^ mask);
    }
    free(clean);
    free(damaged);
    assert_int_equal(compose(&f, "compression = none\ntruncate = pm+0x20", &damaged, &size, NULL), BZC_OK);
    assert_int_equal(size, 1024 + 0x20);
    free(damaged);
}

static void compose_crc(void **state)
{
    struct fixture f;
    uint8_t *image;
    size_t size;
    uint32_t good;
    (void)state;

    /* RFC 1952's CRC-32 has a well-known check value. */
    assert_int_equal(bzc_pack_crc32(text_bytes("123456789")), 0xcbf43926);
    make_parts(&f);
    assert_int_equal(compose(&f, "", &image, &size, NULL), BZC_OK);
    /* boot.rst: the CRC over all, checksum included, is 0 before the final inversion. */
    assert_int_equal(bzc_pack_crc32((struct bzc_bytes){.data = image, .size = size}), 0xffffffff);
    good = bzc_load32(image + size - 4);
    free(image);
    assert_int_equal(compose(&f, "crc = wrong", &image, &size, NULL), BZC_OK);
    assert_int_equal(bzc_load32(image + size - 4), ~good);
    free(image);
}

static void compose_refuses(void **state)
{
    struct fixture f;
    struct bzc_error err;
    uint8_t *image;
    size_t size;
    (void)state;

    make_parts(&f);
    assert_int_equal(compose(&f, "flip_text = 0 ^ 1 in absent", &image, &size, &err), BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "absent"));
    assert_int_equal(compose(&f, "flip = file+0x10000 ^ 1", &image, &size, NULL), BZC_ERR_FORMAT);
    assert_int_equal(compose(&f, "truncate = pm+0x10000", &image, &size, NULL), BZC_ERR_FORMAT);
    assert_int_equal(compose(&f, "relocs = yes", &image, &size, NULL), BZC_ERR_FORMAT);
    f.stub[0x10] = 0;
    assert_int_equal(compose(&f, "", &image, &size, NULL), BZC_ERR_FORMAT);
    make_parts(&f);
    f.parts.setup.size = 0x26b;
    assert_int_equal(compose(&f, "", &image, &size, NULL), BZC_ERR_FORMAT);
    make_parts(&f);
    f.kernel[0] = 0;
    assert_int_equal(compose(&f, "", &image, &size, NULL), BZC_ERR_FORMAT);
}

/*
 * An i386 file with a null section, names, symbols, .data (allocated) and .rel.data. Symbols: 1 in .data, 2 absolute, 3
 * undefined.
 */
#define RELOC_FILE_SIZE 512
static void make_reloc_file(uint8_t file[RELOC_FILE_SIZE], const uint32_t (*relocs)[2], unsigned count)
{
    static const struct {
        uint32_t type, flags, offset, size, link, info;
    } section[5] = {
        {0, 0, 0, 0, 0, 0}, {3, 0, 300, 1, 0, 0}, {2, 0, 304, 64, 1, 0}, {1, 2, 400, 16, 0, 0}, {9, 0, 420, 0, 2, 3},
    };

    memset(file, 0, RELOC_FILE_SIZE);
    memcpy(file, "\177ELF\1\1\1", 7);
    bzc_store16(file + 16, 2);
    bzc_store16(file + 18, 3);
    bzc_store32(file + 32, 64); /* e_shoff */
    bzc_store16(file + 46, 40);
    bzc_store16(file + 48, 5);
    bzc_store16(file + 50, 1);
    for (unsigned i = 0; i < 5; i++) {
        uint8_t *at = file + 64 + 40 * i;

        bzc_store32(at + 4, section[i].type);
        bzc_store32(at + 8, section[i].flags);
        bzc_store32(at + 16, section[i].offset);
        bzc_store32(at + 20, i == 4 ? 8 * count : section[i].size);
        bzc_store32(at + 24, section[i].link);
        bzc_store32(at + 28, section[i].info);
    }
    bzc_store16(file + 304 + 16 + 14, 3);
    bzc_store16(file + 304 + 32 + 14, 0xfff1);
    for (unsigned i = 0; i < count; i++) {
        bzc_store32(file + 420 + 8 * i, relocs[i][0]);
        bzc_store32(file + 420 + 8 * i + 4, relocs[i][1]);
    }
}

static void relocs_sorted(void **state)
{
    /* R_386_32 is 1, R_386_PC32 2; r_info is the symbol in the upper 24 bits and the type in the lower 8. */
    static const uint32_t relocs[4][2] = {
        {0xc1000008, 0x101}, {0xc1000004, 0x102}, {0xc1000000, 0x101}, {0xc100000c, 0x301}};
    static const uint8_t expected[12] = {0, 0, 0, 0, 0, 0, 0, 0xc1, 8, 0, 0, 0xc1};
    uint8_t file[RELOC_FILE_SIZE], *table;
    size_t size;
    (void)state;

    make_reloc_file(file, relocs, 4);
    assert_int_equal(bzc_relocs_make((struct bzc_bytes){.data = file, .size = sizeof(file)}, &table, &size, NULL),
                     BZC_OK);
    assert_int_equal(size, sizeof(expected));
    assert_memory_equal(table, expected, sizeof(expected));
    free(table);
}

static void relocs_refuse(void **state)
{
    static const uint32_t absolute[1][2] = {{0xc1000000, 0x201}}, strange[1][2] = {{0xc1000000, 0x109}},
                          no_symbol[1][2] = {{0xc1000000, 0x901}}, good[1][2] = {{0xc1000000, 0x101}};
    uint8_t file[RELOC_FILE_SIZE], *table;
    struct bzc_bytes bytes = {.data = file, .size = sizeof(file)};
    size_t size;
    (void)state;

    make_reloc_file(file, absolute, 1);
    assert_int_equal(bzc_relocs_make(bytes, &table, &size, NULL), BZC_ERR_FORMAT);
    make_reloc_file(file, strange, 1);
    assert_int_equal(bzc_relocs_make(bytes, &table, &size, NULL), BZC_ERR_FORMAT);
    make_reloc_file(file, no_symbol, 1);
    assert_int_equal(bzc_relocs_make(bytes, &table, &size, NULL), BZC_ERR_FORMAT);
    /* Cut anywhere before its last byte that counts, it must be refused, and never read behind its end. */
    make_reloc_file(file, good, 1);
    for (bytes.size = 0; bytes.size < 428; bytes.size++) {
        uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
        struct bzc_bytes cut = {.data = copy, .size = bytes.size};

        memcpy(copy, file, bytes.size);
        assert_int_equal(bzc_relocs_make(cut, &table, &size, NULL), BZC_ERR_FORMAT);
        free(copy);
    }
    assert_int_equal(bzc_relocs_make(bytes, &table, &size, NULL), BZC_OK);
    free(table);
}

/* ---- what other programs ask ---- */

/* One line a field; sizes, versions and types from boot.rst. */
static void fields_are_described(void **state)
{
    static const char *const lines[] = {
        "setup_sects 0x1f1 1 all read\n",           "syssize 0x1f4 4 all read\n",
        "ram_size 0x1f8 2 all internal\n",          "\ntype_of_loader 0x210 1 2.00 write\n",
        "\nloadflags 0x211 1 2.00 modify\n",        "\npref_address 0x258 8 2.10 read\n",
        "\nkernel_info_offset 0x268 4 2.15 read\n",
    };
    char *text = NULL;
    size_t size, count = 0;
    FILE *out = open_memstream(&text, &size);
    (void)state;

    assert_non_null(out);
    bzc_describe_fields(out);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (!strstr(text, lines[i]))
            fail_msg("no line %s", lines[i]);
    for (const char *at = text; *at; at++)
        count += *at == '\n';
    assert_int_equal(count, BZC_FIELD_COUNT);
    free(text);
}

static void expect_places(const uint8_t *file, size_t size, const char *expected)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    bzc_describe_places((struct bzc_bytes){file, size}, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

/* Two sectors of setup, so 0x600 bytes before the protected-mode part; "PE" at 0x80; a payload 0x100 bytes into it. */
static void places_are_described(void **state)
{
    static uint8_t file[0x1000];
    (void)state;

    expect_places(file, sizeof(file), "setup 0x0\nend 0x1000\n");
    file[0x1f1] = 2;
    file[0x1fe] = 0x55;
    file[0x1ff] = 0xaa;
    memcpy(file + 0x202, "HdrS\x08\x02", 6);
    file[0x211] = 1; /* LOADED_HIGH */
    expect_places(file, sizeof(file), "setup 0x0\npm 0x600\nend 0x1000\n");
    file[0x1f5] = 1;    /* syssize 0x100 */
    file[0x249] = 1;    /* payload_offset 0x100 */
    file[0x24c] = 0x34; /* payload_length 0x234 */
    file[0x24d] = 2;
    memcpy(file, "MZ", 2);
    file[0x3c] = 0x80;
    memcpy(file + 0x80, "PE\0", 4);
    expect_places(file, sizeof(file), "setup 0x0\npm 0x600\npayload 0x700\npayload_end 0x934\npe 0x80\nend 0x1000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipe_defaults),      cmocka_unit_test(recipe_keys),
        cmocka_unit_test(recipe_refuses),       cmocka_unit_test(recipe_limits),
        cmocka_unit_test(compose_header),       cmocka_unit_test(compose_old_header),
        cmocka_unit_test(compose_pe),           cmocka_unit_test(compose_damage),
        cmocka_unit_test(compose_crc),          cmocka_unit_test(compose_refuses),
        cmocka_unit_test(relocs_sorted),        cmocka_unit_test(relocs_refuse),
        cmocka_unit_test(fields_are_described), cmocka_unit_test(places_are_described),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
