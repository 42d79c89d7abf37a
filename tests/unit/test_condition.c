/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on hand-made headers. Offsets and bits are boot.rst's, versions are written as it writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "image_builder.h"
#include "loader/condition.h"

static uint8_t file[BUILD_SIZE];
static struct bzc_image image;
static struct bzc_pe pe;
static struct bzc_elf kernel;
static struct bzc_subject subject;

/* System V ABI, Note Section; types from Xen's elfnote.h: GUEST_OS 6, XEN_VERSION 5, PHYS32_ENTRY 18. */
static const uint8_t guest_os[] = {4, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 'X', 'e', 'n', 0, 'l', 'n', 'x', 0};
static const uint8_t xen_version[] = {4, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 'X', 'e', 'n', 0, '3', '.', '0', 0};
static const uint8_t phys32_entry[] = {4, 0, 0, 0, 4, 0, 0, 0, 18, 0, 0, 0, 'X', 'e', 'n', 0, 0, 0, 0, 1};
/* An owner other than Xen whose type 18 means something else. */
static const uint8_t foreign[] = {4, 0, 0, 0, 4, 0, 0, 0, 18, 0, 0, 0, 'G', 'N', 'U', 0, 0, 0, 0, 1};

static void parse(void)
{
    bzc_image_parse((struct bzc_bytes){file, BUILD_SIZE}, &image);
    bzc_pe_parse((struct bzc_bytes){file, BUILD_SIZE}, &pe);
    subject = (struct bzc_subject){.image = &image, .pe = &pe};
}

static void build(uint16_t version)
{
    build_image(file, version);
    parse();
}

static bool holds(const char *text)
{
    struct bzc_condition condition;
    struct bzc_error err = {0};

    if (bzc_condition_parse(text, &condition, &err) != BZC_OK)
        fail_msg("'%s': %s", text, err.message);
    return bzc_condition_holds(&condition, &subject);
}

static void expect_true(const char *text)
{
    if (!holds(text))
        fail_msg("'%s' does not hold", text);
}

static void expect_false(const char *text)
{
    if (holds(text))
        fail_msg("'%s' holds", text);
}

static void each_operator_compares(void **state)
{
    (void)state;
    build(0x020f);
    expect_true("init_size = 0x345000");
    expect_false("init_size = 0x345001");
    expect_true("init_size != 0x345001");
    expect_false("init_size != 0x345000");
    expect_true("init_size < 0x345001");
    expect_false("init_size < 0x345000");
    expect_true("init_size <= 0x345000");
    expect_false("init_size <= 0x344fff");
    expect_true("init_size > 0x344fff");
    expect_false("init_size > 0x345000");
    expect_true("init_size >= 0x345000");
    expect_false("init_size >= 0x345001");
    expect_true("xloadflags & 0x41");
    expect_false("xloadflags & 0x80");
    expect_true("init_size");
    expect_false("setup_data");
    /* numbers in C notation, blanks as one likes */
    expect_true("min_alignment = 13");
    expect_true("min_alignment = 015");
    expect_true(" \tmin_alignment=0xd  ");
}

static void terms_are_joined_and_negated(void **state)
{
    (void)state;
    build(0x020f);
    expect_true("relocatable and init_size > 1 and min_alignment = 13 and HdrS");
    expect_false("relocatable and setup_data");
    expect_false("setup_data and relocatable");
    expect_true("not setup_data");
    expect_false("not relocatable");
    expect_true("not init_size = 1 and not setup_data");
    expect_false("relocatable and not init_size = 0x345000");
}

static void unless_turns_the_whole_condition_round(void **state)
{
    struct bzc_condition condition;

    (void)state;
    build(0x020f);
    assert_int_equal(bzc_condition_parse("relocatable and setup_data", &condition, NULL), BZC_OK);
    condition.unless = true;
    assert_true(bzc_condition_holds(&condition, &subject));
    assert_int_equal(bzc_condition_parse("relocatable and HdrS", &condition, NULL), BZC_OK);
    condition.unless = true;
    assert_false(bzc_condition_holds(&condition, &subject));
    /* without terms it holds */
    condition = (struct bzc_condition){0};
    assert_true(bzc_condition_holds(&condition, &subject));
}

static void a_version_is_written_as_the_protocol_writes_it(void **state)
{
    (void)state;
    build(0x020f);
    expect_true("version = 2.15");
    expect_true("version = 0x020f");
    expect_true("version > 2.09");
    expect_true("version >= 2.12");
    expect_false("version < 2.15");
    build(0x020a);
    expect_true("version = 2.10");
    expect_true("version > 2.09");
    expect_true("version < 2.11");
    /* without HdrS there is none, whatever stands at its place */
    memcpy(file + 0x202, "none", 4);
    parse();
    expect_true("version = 0x0");
    expect_false("version");
    expect_false("HdrS");
}

static void a_field_is_read_whatever_the_version_says(void **state)
{
    (void)state;
    build(0x0200);
    expect_true("init_size = 0x345000");
    expect_true("xloadflags = 0x7f");
    expect_true("syssize = 0x200");
    bzc_store32(file + 0x1f4, 0x12340200);
    parse();
    expect_true("syssize = 0x12340200");
    /* and what the facts say is what the version says */
    expect_false("relocatable");
    expect_false("kernel-64");
    expect_false("above-4g");
    bzc_store32(file + 0x248, 0x10);
    parse();
    expect_true("payload_offset");
    expect_false("payload");
    /* a file that ends before the field */
    bzc_image_parse((struct bzc_bytes){file, 0x262}, &image);
    expect_false("init_size");
    expect_true("pref_address = 0x1000000");
}

static void facts_come_with_their_version(void **state)
{
    (void)state;
    build(0x020c);
    expect_true("kernel-64");
    expect_true("above-4g");
    bzc_store16(file + 0x236, 0x01);
    parse();
    expect_true("kernel-64");
    expect_false("above-4g");
    bzc_store16(file + 0x236, 0x02);
    parse();
    expect_false("kernel-64");
    expect_true("above-4g");
    build(0x020b);
    expect_false("kernel-64");
    expect_false("above-4g");
    build(0x0205);
    expect_true("relocatable");
    build(0x0204);
    expect_false("relocatable");
    build(0x0208);
    expect_false("payload");
    bzc_store32(file + 0x248, 0x10);
    parse();
    expect_true("payload");
}

static void sizes_are_those_of_the_file(void **state)
{
    (void)state;
    build(0x020f);
    expect_true("setup-size = 2048");
    expect_true("pm-size = 8192");
    expect_true("file-size = 10240");
    expect_true("header-end = 0x26c");
    expect_true("loaded-high");
    file[0x201] = 0x20;
    file[0x1f1] = 0; /* means 4 */
    file[0x211] = 0x80;
    parse();
    expect_true("header-end = 0x222");
    expect_true("setup-size = 2560");
    expect_true("pm-size = 7680");
    expect_false("loaded-high");
    expect_true("loadflags = 0x80");
}

static void the_entry_may_have_moved(void **state)
{
    (void)state;
    build(0x020f);
    expect_false("moved-entry");
    bzc_store32(file + 0x214, 0x100200);
    parse();
    expect_true("moved-entry");
    /* a zImage is moved to 0x1000 */
    file[0x211] = 0;
    parse();
    expect_true("moved-entry");
    bzc_store32(file + 0x214, 0x1000);
    parse();
    expect_false("moved-entry");
}

static void the_protected_mode_part_may_be_an_elf_file(void **state)
{
    (void)state;
    build(0x020f);
    expect_false("elf-head");
    memcpy(file + BUILD_REALMODE_SIZE, "\177ELF", 4);
    parse();
    expect_true("elf-head");
}

static void pe_headers_count(void **state)
{
    (void)state;
    build(0x020f);
    expect_false("pe");
    expect_true("pe-machine = 0");
    memcpy(file, "MZ", 2);
    bzc_store32(file + 0x3c, 0x40);
    memcpy(file + 0x40, "PE\0\0", 4);
    bzc_store16(file + 0x44, 0x8664);
    parse();
    expect_true("pe");
    expect_true("pe-machine = 0x8664");
}

static void the_payload_and_its_notes_count(void **state)
{
    (void)state;
    build(0x020f);
    expect_false("payload-elf");
    expect_false("pvh-note");
    expect_false("xen-notes");
    kernel = (struct bzc_elf){.bits = 64, .note_count = 1};
    kernel.note[0] = (struct bzc_elf_note_segment){.bytes = {foreign, sizeof(foreign)}, .unit = 4};
    subject.kernel = &kernel;
    expect_true("payload-elf = 64");
    expect_false("pvh-note");
    expect_false("xen-notes");
    /* in the second segment, too */
    kernel.note[1] = (struct bzc_elf_note_segment){.bytes = {phys32_entry, sizeof(phys32_entry)}, .unit = 4};
    kernel.note_count = 2;
    expect_true("pvh-note");
    kernel.note[0].bytes = (struct bzc_bytes){guest_os, sizeof(guest_os)};
    expect_false("xen-notes");
    kernel.note[1].bytes = (struct bzc_bytes){xen_version, sizeof(xen_version)};
    expect_true("xen-notes");
    expect_false("pvh-note");
    kernel.bits = 32;
    expect_true("payload-elf = 32");
}

static void a_compression_has_a_name(void **state)
{
    /* the magic numbers that boot.rst lists under payload_offset */
    static const struct {
        const char *magic, *condition;
    } cases[] = {
        {"\x1f\x8b\x08", "compression = gzip"},     {"BZh9", "compression = bzip2"},
        {"\xfd\x37zXZ", "compression = xz"},        {"\x02\x21\x4c\x18", "compression = lz4"},
        {"\x28\xb5\x2f\xfd", "compression = zstd"}, {"\177ELF", "compression = none"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        build(0x020f);
        expect_true("compression != xz");
        bzc_store32(file + 0x248, 0x10);
        bzc_store32(file + 0x24c, 0x100);
        memset(file + BUILD_REALMODE_SIZE + 0x10, 0, 16);
        memcpy(file + BUILD_REALMODE_SIZE + 0x10, cases[i].magic, strlen(cases[i].magic));
        parse();
        expect_true(cases[i].condition);
        expect_false("compression = lzma");
    }
}

static void a_second_name_may_stand_for_the_number(void **state)
{
    (void)state;
    build(0x020f);
    /* 10240 bytes of file, 2048 of setup, 8192 of the rest */
    expect_true("file-size > pm-size");
    expect_false("setup-size >= pm-size");
    expect_true("pm-size < init_size");
    expect_true("pref_address > init_size and init_size != pref_address");
    expect_false("not file-size > pm-size");
    expect_true("version = raw-version");
}

static void the_version_field_counts_without_its_magic_number(void **state)
{
    (void)state;
    build(0x0203);
    memcpy(file + 0x202, "none", 4);
    parse();
    expect_true("raw-version = 0x203");
    expect_false("version");
}

static void a_file_may_be_shorter_than_it_says(void **state)
{
    (void)state;
    /* syssize counts 16 bytes: 2048 + 16 * 512 is all of the file */
    build(0x020f);
    expect_false("short-file");
    bzc_store32(file + 0x1f4, 513);
    parse();
    expect_true("short-file = 16");
    bzc_store32(file + 0x1f4, 511);
    parse();
    expect_false("short-file");
    bzc_store32(file + 0x1f4, 0xffffffff);
    parse();
    expect_true("short-file > 0xffffff00");
}

static void what_the_user_brings_counts(void **state)
{
    (void)state;
    build(0x020f);
    expect_false("initrd");
    expect_false("cmdline");
    subject.initrd_size = 0x5000;
    subject.cmdline_length = 300;
    expect_true("initrd = 0x5000");
    expect_true("cmdline > 255");
}

static void what_is_no_condition_is_named(void **state)
{
    static const struct {
        const char *text;
        enum bzc_status status;
        const char *message;
    } cases[] = {
        {"", BZC_ERR_FORMAT, "the condition ends where a name is missing"},
        {"not", BZC_ERR_FORMAT, "the condition ends where a name is missing"},
        {"HdrS and", BZC_ERR_FORMAT, "the condition ends where a name is missing"},
        {"init-size", BZC_ERR_FORMAT, "a condition knows no 'init-size'"},
        {"hdrs", BZC_ERR_FORMAT, "a condition knows no 'hdrs'"},
        {"not not HdrS", BZC_ERR_FORMAT, "a condition knows no 'not'"},
        {"= 5", BZC_ERR_FORMAT, "a condition knows no '='"},
        {"init_size == 5", BZC_ERR_FORMAT, "there is no operator '=='"},
        {"init_size =", BZC_ERR_FORMAT, "what 'init_size' is compared with is missing"},
        {"init_size = x", BZC_ERR_FORMAT, "'x' is no number"},
        {"init_size = -1", BZC_ERR_FORMAT, "'-1' is no number"},
        {"init_size = 5x", BZC_ERR_FORMAT, "'5x' is no number"},
        {"pref_address = 0x10000000000000000", BZC_ERR_FORMAT, "'0x10000000000000000' is no number"},
        {"init_size = 0x100000000", BZC_ERR_FORMAT, "0x100000000 does not fit into init_size, which has 4 bytes"},
        {"loadflags & 0x100", BZC_ERR_FORMAT, "0x100 does not fit into loadflags, which has 1 byte"},
        {"version = 2", BZC_ERR_FORMAT, "'2' is no protocol version such as 2.05"},
        {"version = 2.5", BZC_ERR_FORMAT, "'2.5' is no protocol version such as 2.05"},
        {"version = 2.005", BZC_ERR_FORMAT, "'2.005' is no protocol version such as 2.05"},
        {"version = x2.05", BZC_ERR_FORMAT, "'x2.05' is no protocol version such as 2.05"},
        {"version = 256.05", BZC_ERR_FORMAT, "'256.05' is no protocol version such as 2.05"},
        {"compression = gz", BZC_ERR_FORMAT, "there is no compression 'gz'"},
        {"compression < gzip", BZC_ERR_FORMAT, "'compression' is compared with = and != only"},
        {"HdrS or pe", BZC_ERR_FORMAT, "'or' stands where a condition has 'and' or ends"},
        {"init_size = 5 6", BZC_ERR_FORMAT, "'6' stands where a condition has 'and' or ends"},
        {"HdrS and pe and initrd and payload and cmdline", BZC_ERR_LIMIT, "a condition has more than 4 terms"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         BZC_ERR_FORMAT, "a condition knows no 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_condition condition;
        struct bzc_error err = {0};
        enum bzc_status status = bzc_condition_parse(cases[i].text, &condition, &err);

        if (status != cases[i].status || strcmp(err.message, cases[i].message) != 0)
            fail_msg("'%s': %s '%s', expected '%s'", cases[i].text, bzc_status_name(status), err.message,
                     cases[i].message);
    }
}

static void every_field_of_the_header_has_a_name(void **state)
{
    (void)state;
    build(0x020f);
    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        struct bzc_condition condition;
        char text[64];

        if (strcmp(bzc_fields[i].name, "version") == 0)
            continue; /* the fact has this name */
        snprintf(text, sizeof(text), "%s = 1", bzc_fields[i].name);
        assert_int_equal(bzc_condition_parse(text, &condition, NULL), BZC_OK);
        assert_true(condition.term[0].is_field);
        assert_int_equal(condition.term[0].field, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operator_compares),
        cmocka_unit_test(terms_are_joined_and_negated),
        cmocka_unit_test(unless_turns_the_whole_condition_round),
        cmocka_unit_test(a_version_is_written_as_the_protocol_writes_it),
        cmocka_unit_test(a_field_is_read_whatever_the_version_says),
        cmocka_unit_test(facts_come_with_their_version),
        cmocka_unit_test(sizes_are_those_of_the_file),
        cmocka_unit_test(the_entry_may_have_moved),
        cmocka_unit_test(the_protected_mode_part_may_be_an_elf_file),
        cmocka_unit_test(pe_headers_count),
        cmocka_unit_test(the_payload_and_its_notes_count),
        cmocka_unit_test(a_compression_has_a_name),
        cmocka_unit_test(a_second_name_may_stand_for_the_number),
        cmocka_unit_test(the_version_field_counts_without_its_magic_number),
        cmocka_unit_test(a_file_may_be_shorter_than_it_says),
        cmocka_unit_test(what_the_user_brings_counts),
        cmocka_unit_test(what_is_no_condition_is_named),
        cmocka_unit_test(every_field_of_the_header_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
