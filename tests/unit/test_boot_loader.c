/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loader profiles: what each statement of loader/profiles/README.md sets, what is refused, how an image is judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "image_builder.h"
#include "loader/boot_loader.h"

#define HEAD "name own\ntitle My own\nsource here, a.c\ncommit 1234, 2026-01-01\n"

static struct bzc_boot_loader loader;

static enum bzc_status read_bytes(const char *text, size_t size, struct bzc_error *err)
{
    return bzc_boot_loader_read((struct bzc_bytes){(const uint8_t *)text, size}, &loader, err);
}

/* Reads a profile of HEAD and these lines. */
static void read_lines(const char *lines)
{
    struct bzc_error err = {0};
    char text[4096];

    snprintf(text, sizeof(text), HEAD "%s", lines);
    if (read_bytes(text, strlen(text), &err) != BZC_OK)
        fail_msg("%s: %s", lines, err.message);
}

/* The same with the path. */
static void read_statement(const char *path, const char *statement)
{
    char lines[1024];

    snprintf(lines, sizeof(lines), "path %s\n%s\n", path, statement);
    read_lines(lines);
}

/* Reads HEAD and these lines for a bzImage of this version. */
static void read_for(uint16_t version, const char *lines)
{
    static uint8_t file[BUILD_SIZE];
    static struct bzc_image image;
    static const struct bzc_pe pe;
    const struct bzc_subject subject = {.image = &image, .pe = &pe};
    struct bzc_error err = {0};
    static char text[4096];

    snprintf(text, sizeof(text), HEAD "%s", lines);
    bzc_image_parse(build_image(file, version), &image);
    if (bzc_boot_loader_read_for((struct bzc_bytes){(const uint8_t *)text, strlen(text)}, &subject, &loader, &err) !=
        BZC_OK)
        fail_msg("%s: %s", lines, err.message);
    assert_ptr_equal(loader.text.data, text);
}

/* Line 6 of a profile fails. */
static void expect_error(const char *statement, enum bzc_status expected, const char *message)
{
    struct bzc_error err = {0};
    char text[4096], whole[400];
    enum bzc_status status;

    snprintf(text, sizeof(text), HEAD "path entry32\n%s\n", statement);
    snprintf(whole, sizeof(whole), "line 6: %s", message);
    status = read_bytes(text, strlen(text), &err);
    if (status != expected || strcmp(err.message, whole) != 0)
        fail_msg("'%s': %s '%s', expected '%s'", statement, bzc_status_name(status), err.message, whole);
}

static void paths_have_names(void **state)
{
    static const char *const names[] = {"setup", "entry32", "entry64", "payload-elf", "pvh", "elf-wrapped", "pe"};
    enum bzc_path path = BZC_PATH_COUNT;

    (void)state;
    assert_int_equal(BZC_PATH_COUNT, 7);
    for (unsigned i = 0; i < BZC_PATH_COUNT; i++) {
        assert_string_equal(bzc_path_name((enum bzc_path)i), names[i]);
        assert_true(bzc_path_parse(names[i], &path));
        assert_int_equal(path, i);
    }
    assert_false(bzc_path_parse("entry16", &path));
    assert_string_equal(bzc_loader_verdict_name(BZC_LOADER_ACCEPTS), "accepts");
    assert_string_equal(bzc_loader_verdict_name(BZC_LOADER_REFUSES), "refuses");
    assert_string_equal(bzc_loader_verdict_name(BZC_LOADER_DANGEROUS), "dangerous");
}

/* The defaults of README.md, each from its row. */
static void expect_defaults(enum bzc_path path)
{
    assert_int_equal(loader.path_count, 1);
    assert_int_equal(loader.path[0].path, path);
    assert_int_equal(loader.path[0].when.count, 0);
    assert_int_equal(loader.demand_count, 0);
    assert_int_equal(loader.kernel_at_count, 1);
    assert_int_equal(loader.kernel_at[0].place.kind, BZC_PLACE_ADDRESS);
    assert_int_equal(loader.kernel_at[0].place.address, 0x100000);
    assert_int_equal(loader.kernel_at[0].when.count, 0);
    assert_int_equal(loader.kernel_room, BZC_ROOM_INIT_SIZE);
    assert_false(loader.kernel_align || loader.min_align || loader.write_alignment || loader.keep_code32_start);
    assert_int_equal(loader.setup_at, 0);
    assert_int_equal(loader.heap_end, 0);
    assert_int_equal(loader.boot_params_at, 0x10000);
    assert_int_equal(loader.copy, BZC_COPY_HEADER);
    assert_int_equal(loader.cmdline_at, path == BZC_PATH_SETUP ? 0 : 0x20000);
    assert_int_equal(loader.cmdline_max, 0);
    assert_false(loader.truncate_cmdline);
    assert_int_equal(loader.initrd_at.kind, BZC_PLACE_HIGHEST);
    assert_int_equal(loader.initrd_at.address, 0);
    assert_int_equal(loader.initrd_last, 0);
    assert_int_equal(loader.initrd_avoids, BZC_ROOM_INIT_SIZE);
    assert_int_equal(loader.write_count, 0);
    assert_false(loader.no_heap || loader.no_e820 || loader.alt_mem_k || loader.rng_seed || loader.screen_info);
    assert_int_equal(loader.e820_max, 128);
    assert_true(loader.e820_ext);
    assert_int_equal(loader.setup_data_at.kind, BZC_PLACE_ADDRESS);
    assert_int_equal(loader.setup_data_at.address, 0x30000);
    assert_false(loader.entry_is_first_byte || loader.interrupts_on);
    assert_int_equal(loader.entry_offset, path == BZC_PATH_ENTRY64 ? 0x200 : 0);
    assert_int_equal(loader.code_selector, 0x10);
    assert_int_equal(loader.data_selector, 0x18);
    assert_int_equal(loader.null_segments, 0);
    assert_int_equal(loader.reg_count, 0);
    assert_int_equal(loader.identity_end, 0);
}

static void what_is_not_said_is_as_the_protocol_says(void **state)
{
    static const char *const names[] = {"setup", "entry32", "entry64"};
    static const enum bzc_path paths[] = {BZC_PATH_SETUP, BZC_PATH_ENTRY32, BZC_PATH_ENTRY64};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        read_statement(names[i], "");
        expect_defaults(paths[i]);
        memset(&loader, 0xff, sizeof(loader));
        bzc_boot_loader_init(&loader, paths[i]);
        expect_defaults(paths[i]);
        assert_string_equal(loader.name, "");
    }
    /* with different ways in, 0 stands for the default of each */
    read_lines("path entry64 if kernel-64\npath entry32\n");
    assert_int_equal(loader.entry_offset, 0);
    assert_false(loader.entry_is_first_byte);
    assert_int_equal(loader.cmdline_at, 0);
    read_lines("path entry64 if kernel-64\npath entry64\n");
    assert_int_equal(loader.entry_offset, 0x200);
}

static void an_image_decides_between_the_defaults(void **state)
{
    static const char lines[] = "path entry64 if version >= 2.12\npath entry32 if version >= 2.05\npath setup\n";

    (void)state;
    read_for(0x020c, lines);
    assert_int_equal(loader.entry_offset, 0x200);
    assert_int_equal(loader.cmdline_at, 0x20000);
    read_for(0x0205, lines);
    assert_int_equal(loader.entry_offset, 0);
    assert_int_equal(loader.cmdline_at, 0x20000);
    read_for(0x0204, lines);
    assert_int_equal(loader.entry_offset, 0);
    assert_int_equal(loader.cmdline_at, 0);
    /* what is said counts */
    read_for(0x0205, "path entry64 if version >= 2.12\npath entry32\ncmdline-at 0x9000\nentry 0x100\n");
    assert_int_equal(loader.entry_offset, 0x100);
    assert_int_equal(loader.cmdline_at, 0x9000);
}

static void it_says_who_it_is(void **state)
{
    (void)state;
    read_lines("# a comment\n\n  \t\n  # another\npath setup # and one more\nnote  The first # line \"x\n"
               "note second.  \n");
    assert_string_equal(loader.name, "own");
    assert_string_equal(loader.title, "My own");
    assert_string_equal(loader.source, "here, a.c");
    assert_string_equal(loader.commit, "1234, 2026-01-01");
    assert_string_equal(loader.notes, "The first # line \"x second.");
}

static void paths_and_demands_keep_their_order(void **state)
{
    (void)state;
    read_lines("path entry64 if kernel-64\n"
               "path entry32 unless version < 2.05\n"
               "path setup\n"
               "refuse unless HdrS \"Not a \"bzImage\" # at all\" # comment\n"
               "danger if setup_sects > 4 and initrd \"too long\"\n");
    assert_int_equal(loader.path_count, 3);
    assert_int_equal(loader.path[0].path, BZC_PATH_ENTRY64);
    assert_int_equal(loader.path[0].when.count, 1);
    assert_false(loader.path[0].when.unless);
    assert_int_equal(loader.path[0].when.term[0].fact, BZC_FACT_KERNEL_64);
    assert_int_equal(loader.path[1].path, BZC_PATH_ENTRY32);
    assert_true(loader.path[1].when.unless);
    assert_int_equal(loader.path[1].when.term[0].op, BZC_OP_LT);
    assert_int_equal(loader.path[1].when.term[0].value, 0x0205);
    assert_int_equal(loader.path[2].when.count, 0);
    assert_int_equal(loader.demand_count, 2);
    assert_int_equal(loader.demand[0].verdict, BZC_LOADER_REFUSES);
    assert_true(loader.demand[0].when.unless);
    assert_string_equal(loader.demand[0].reason, "Not a \"bzImage\" # at all");
    assert_int_equal(loader.demand[1].verdict, BZC_LOADER_DANGEROUS);
    assert_int_equal(loader.demand[1].when.count, 2);
    assert_int_equal(loader.demand[1].when.term[0].field, BZC_FIELD_SETUP_SECTS);
    assert_string_equal(loader.demand[1].reason, "too long");
}

static void expect_place(const struct bzc_place *place, enum bzc_place_kind kind, uint64_t address)
{
    assert_int_equal(place->kind, kind);
    assert_int_equal(place->address, address);
}

static void placement_is_read(void **state)
{
    (void)state;
    read_statement("entry32", "kernel-at pref-address if relocatable\nkernel-at lowest 0x400000\n"
                              "kernel-at highest 0x80000000 unless above-4g\nkernel-at 0x200000");
    assert_int_equal(loader.kernel_at_count, 4);
    expect_place(&loader.kernel_at[0].place, BZC_PLACE_PREF_ADDRESS, 0);
    assert_int_equal(loader.kernel_at[0].when.term[0].fact, BZC_FACT_RELOCATABLE);
    expect_place(&loader.kernel_at[1].place, BZC_PLACE_LOWEST, 0x400000);
    expect_place(&loader.kernel_at[2].place, BZC_PLACE_HIGHEST, 0x80000000);
    assert_true(loader.kernel_at[2].when.unless);
    expect_place(&loader.kernel_at[3].place, BZC_PLACE_ADDRESS, 0x200000);
    read_statement("entry32", "kernel-at highest if relocatable");
    assert_int_equal(loader.kernel_at_count, 1);
    expect_place(&loader.kernel_at[0].place, BZC_PLACE_HIGHEST, 0);
    assert_int_equal(loader.kernel_at[0].when.count, 1);

    read_statement("entry32", "kernel-room file");
    assert_int_equal(loader.kernel_room, BZC_ROOM_FILE);
    read_statement("entry32", "kernel-room init-size");
    assert_int_equal(loader.kernel_room, BZC_ROOM_INIT_SIZE);
    read_statement("entry32", "kernel-align kernel-alignment");
    assert_true(loader.kernel_align && !loader.min_align);
    read_statement("entry32", "kernel-align min-alignment");
    assert_true(loader.kernel_align && loader.min_align);
    read_statement("entry32", "kernel-align none");
    assert_false(loader.kernel_align || loader.min_align);
    read_statement("entry32", "kernel-alignment write");
    assert_true(loader.write_alignment);
    read_statement("entry32", "kernel-alignment keep");
    assert_false(loader.write_alignment);
    read_statement("entry32", "code32-start keep");
    assert_true(loader.keep_code32_start);
    read_statement("entry32", "code32-start move");
    assert_false(loader.keep_code32_start);
    read_statement("setup", "setup-at 0x80000\nheap-end 0xffff");
    assert_int_equal(loader.setup_at, 0x80000);
    assert_int_equal(loader.heap_end, 0xffff);
    assert_false(loader.heap_to_cmdline);
    assert_int_equal(loader.setup_entry, BZC_SETUP_JUMP);
    read_statement("setup", "heap-end cmdline\nsetup-entry same-segment");
    assert_true(loader.heap_to_cmdline);
    assert_int_equal(loader.setup_entry, BZC_SETUP_SAME_SEGMENT);
    read_statement("setup", "setup-entry first-byte");
    assert_int_equal(loader.setup_entry, BZC_SETUP_FIRST_BYTE);
    read_statement("setup", "setup-entry jump");
    assert_int_equal(loader.setup_entry, BZC_SETUP_JUMP);
    read_statement("entry32", "boot-params-at 0x90000");
    assert_int_equal(loader.boot_params_at, 0x90000);
}

static void what_becomes_boot_params_is_read(void **state)
{
    (void)state;
    read_statement("entry32", "boot-params page");
    assert_int_equal(loader.copy, BZC_COPY_PAGE);
    read_statement("entry32", "boot-params struct 0x7b");
    assert_int_equal(loader.copy, BZC_COPY_STRUCT);
    assert_int_equal(loader.copy_size, 0x7b);
    read_statement("entry32", "boot-params header");
    assert_int_equal(loader.copy, BZC_COPY_HEADER);
}

static void command_line_and_initrd_are_read(void **state)
{
    (void)state;
    read_statement("setup", "cmdline-at 0x99000\ncmdline-max 1023\ncmdline-long truncate");
    assert_int_equal(loader.cmdline_at, 0x99000);
    assert_int_equal(loader.cmdline_max, 1023);
    assert_true(loader.truncate_cmdline);
    assert_int_equal(loader.cmdline_below, 0);
    read_statement("setup", "cmdline-at below 0x9a000");
    assert_int_equal(loader.cmdline_below, 0x9a000);
    assert_int_equal(loader.cmdline_at, 0);
    read_statement("setup", "cmdline-max cmdline-size\ncmdline-long refuse");
    assert_int_equal(loader.cmdline_max, 0);
    assert_false(loader.truncate_cmdline);

    read_statement("setup", "initrd-at 0x4000000\ninitrd-last 0x37ffffff\ninitrd-avoids file");
    expect_place(&loader.initrd_at, BZC_PLACE_ADDRESS, 0x4000000);
    assert_int_equal(loader.initrd_last, 0x37ffffff);
    assert_int_equal(loader.initrd_avoids, BZC_ROOM_FILE);
    read_statement("setup", "initrd-at lowest 0x800000\ninitrd-last none\ninitrd-avoids init-size");
    expect_place(&loader.initrd_at, BZC_PLACE_LOWEST, 0x800000);
    assert_true(loader.initrd_last == UINT64_MAX);
    assert_int_equal(loader.initrd_avoids, BZC_ROOM_INIT_SIZE);
    read_statement("setup", "initrd-at behind-kernel\ninitrd-last initrd-addr-max");
    expect_place(&loader.initrd_at, BZC_PLACE_BEHIND_KERNEL, 0);
    assert_int_equal(loader.initrd_last, 0);
    read_statement("setup", "initrd-at highest 0x38000000");
    expect_place(&loader.initrd_at, BZC_PLACE_HIGHEST, 0x38000000);

    read_statement("entry64", "setup-data-at behind-pm");
    expect_place(&loader.setup_data_at, BZC_PLACE_BEHIND_PM, 0);
    read_statement("entry64", "setup-data-at highest");
    expect_place(&loader.setup_data_at, BZC_PLACE_HIGHEST, 0);
    read_statement("entry64", "setup-data-at lowest 0x100000");
    expect_place(&loader.setup_data_at, BZC_PLACE_LOWEST, 0x100000);
    read_statement("entry64", "setup-data-at 0x9000");
    expect_place(&loader.setup_data_at, BZC_PLACE_ADDRESS, 0x9000);
}

static void writes_are_read(void **state)
{
    (void)state;
    read_statement("entry32", "write type_of_loader 0xff\nwrite vid_mode 0xffff if version >= 2.02\n"
                              "write ext_cmd_line_ptr 1\nwrite pref_address 0xffffffffffffffff");
    assert_int_equal(loader.write_count, 4);
    assert_true(loader.write[0].is_header);
    assert_int_equal(loader.write[0].field, BZC_FIELD_TYPE_OF_LOADER);
    assert_int_equal(loader.write[0].value, 0xff);
    assert_int_equal(loader.write[0].when.count, 0);
    assert_int_equal(loader.write[1].field, BZC_FIELD_VID_MODE);
    assert_int_equal(loader.write[1].when.term[0].value, 0x0202);
    assert_false(loader.write[2].is_header);
    assert_int_equal(loader.write[2].bp, BZC_BP_EXT_CMD_LINE_PTR);
    assert_int_equal(loader.write[2].value, 1);
    assert_true(loader.write[3].value == UINT64_MAX);

    read_statement("setup", "heap none");
    assert_true(loader.no_heap);
    read_statement("setup", "heap write");
    assert_false(loader.no_heap);
    read_statement("entry32", "e820 none\ne820-ext no\nalt-mem-k yes\nrng-seed yes\nscreen-info text");
    assert_true(loader.no_e820 && !loader.e820_ext && loader.alt_mem_k && loader.rng_seed && loader.screen_info);
    read_statement("entry32", "e820 table 32\ne820-ext yes\nalt-mem-k no\nrng-seed no\nscreen-info none");
    assert_false(loader.no_e820 || !loader.e820_ext || loader.alt_mem_k || loader.rng_seed || loader.screen_info);
    assert_int_equal(loader.e820_max, 32);
    read_statement("entry32", "e820 table");
    assert_int_equal(loader.e820_max, 128);
}

static void the_cpu_at_the_jump_is_read(void **state)
{
    (void)state;
    read_statement("entry32", "entry first-byte");
    assert_true(loader.entry_is_first_byte);
    assert_int_equal(loader.entry_offset, 0);
    read_statement("entry64", "entry first-byte");
    assert_true(loader.entry_is_first_byte);
    assert_int_equal(loader.entry_offset, 0);
    read_statement("entry32", "entry 0x200");
    assert_false(loader.entry_is_first_byte);
    assert_int_equal(loader.entry_offset, 0x200);
    read_statement("entry32", "entry code32-start");
    assert_false(loader.entry_is_first_byte);
    read_statement("entry32", "code-selector 0x60\ndata-selector 0x68\nnull-segments ds gs");
    assert_int_equal(loader.code_selector, 0x60);
    assert_int_equal(loader.data_selector, 0x68);
    assert_int_equal(loader.null_segments, 1u << BZC_DS | 1u << BZC_GS);
    assert_false(loader.other_gdt);
    read_statement("entry32", "other-gdt yes");
    assert_true(loader.other_gdt);
    read_statement("entry32", "null-segments es ss fs");
    assert_int_equal(loader.null_segments, 1u << BZC_ES | 1u << BZC_SS | 1u << BZC_FS);
    read_statement("entry32", "register rbx 0x1234\nregister r15 0\ninterrupts on\nidentity-map 0x40000000");
    assert_int_equal(loader.reg_count, 2);
    assert_int_equal(loader.reg[0].gpr, BZC_RBX);
    assert_int_equal(loader.reg[0].value, 0x1234);
    assert_int_equal(loader.reg[1].gpr, BZC_R15);
    assert_true(loader.interrupts_on);
    assert_int_equal(loader.identity_end, 0x40000000);
    read_statement("entry64", "interrupts off\nidentity-map needed");
    assert_false(loader.interrupts_on);
    assert_int_equal(loader.identity_end, 0);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    static const struct {
        const char *statement, *message;
    } cases[] = {
        {"krenel-at 5", "there is no statement 'krenel-at'"},
        {"path entry16", "'path': 'entry16' is none of: setup, entry32, entry64, payload-elf, pvh, elf-wrapped, pe"},
        {"path", "'path' lacks one of: setup, entry32, entry64, payload-elf, pvh, elf-wrapped, pe"},
        {"path setup when HdrS", "'path': 'when HdrS' is too much"},
        {"path setup if", "the condition ends where a name is missing"},
        {"path setup if HdrZ", "a condition knows no 'HdrZ'"},
        {"refuse if HdrS", "'refuse' lacks a reason in quotes"},
        {"refuse if HdrS \"open", "'refuse' lacks a reason in quotes"},
        {"refuse if HdrS \"\"", "'refuse': the reason is empty"},
        {"refuse if HdrS \"x\" y", "'refuse': nothing may stand behind the reason"},
        {"refuse \"x\"", "'refuse' lacks 'if' or 'unless' and a condition"},
        {"danger HdrS \"x\"", "'danger': 'HdrS' is too much"},
        {"danger if \"x\"", "the condition ends where a name is missing"},
        {"kernel-at", "'kernel-at': a place is missing"},
        {"kernel-at high", "'kernel-at': 'high' is not a place"},
        {"kernel-at behind-kernel", "'kernel-at': 'behind-kernel' is not a place"},
        {"kernel-at lowest", "'kernel-at': an address is missing"},
        {"kernel-at 0", "'kernel-at': 0 is not a place from 0x1 to 0xffffffffffffffff"},
        {"kernel-at 1x", "'kernel-at': '1x' is not a place"},
        {"kernel-at 0x100000 0x200000", "'kernel-at': '0x200000' is too much"},
        {"kernel-room all", "'kernel-room': 'all' is none of: init-size, file"},
        {"kernel-room file file", "'kernel-room': 'file' is too much"},
        {"kernel-align 16", "'kernel-align': '16' is none of: none, kernel-alignment, min-alignment"},
        {"setup-at 0x90008", "'setup-at': 0x90008 is no start of a segment, a multiple of 16"},
        {"setup-at 0x90001", "'setup-at': 0x90001 is no start of a segment, a multiple of 16"},
        {"setup-at 0x100000", "'setup-at': 0x100000 is not an address from 0x1 to 0xf0000"},
        {"heap-end 0x10001", "'heap-end': 0x10001 is not an offset from 0x1 to 0x10000"},
        {"setup-entry there", "'setup-entry': 'there' is none of: jump, same-segment, first-byte"},
        {"cmdline-at below", "'cmdline-at': an address is missing"},
        {"cmdline-at below 0x100001", "'cmdline-at': 0x100001 is not an address from 0x1 to 0x100000"},
        {"heap-end cmdline 5", "'heap-end': '5' is too much"},
        {"other-gdt perhaps", "'other-gdt': 'perhaps' is none of: no, yes"},
        {"boot-params struct", "'boot-params': a size is missing"},
        {"boot-params struct 4096", "'boot-params': 4096 is not a size from 0x1 to 0xe0f"},
        {"cmdline-max none", "'cmdline-max': 'none' is not a length"},
        {"cmdline-long cut", "'cmdline-long': 'cut' is none of: refuse, truncate"},
        {"initrd-at pref-address", "'initrd-at': 'pref-address' is not a place"},
        {"initrd-last max", "'initrd-last': 'max' is not an address"},
        {"setup-data-at behind-kernel", "'setup-data-at': 'behind-kernel' is not a place"},
        {"setup-at 0x90000 if HdrZ", "a condition knows no 'HdrZ'"},
        {"setup-at 0x90001 if HdrS", "'setup-at': 0x90001 is no start of a segment, a multiple of 16"},
        {"setup-at 0x90000 if", "'setup-at': 'if' is too much"},
        {"write", "'write': '' is no field of the setup header or boot_params"},
        {"write hdrs 5", "'write': 'hdrs' is no field of the setup header or boot_params"},
        {"write e820_table 5", "'write': 'e820_table' is no field of the setup header or boot_params"},
        {"write loadflags", "'write': a value is missing"},
        {"write loadflags 0x100", "'write': 0x100 is not a value from 0x0 to 0xff"},
        {"write sentinel 0x100", "'write': 0x100 is not a value from 0x0 to 0xff"},
        {"write loadflags 1 2", "'write': '2' is too much"},
        {"e820 table 129", "'e820': 129 is not a number of entries from 0x1 to 0x80"},
        {"e820 none 5", "'e820': '5' is too much"},
        {"e820-ext maybe", "'e820-ext': 'maybe' is none of: no, yes"},
        {"entry 0x100000000",
         "'entry': 0x100000000 is not code32-start, first-byte or an offset from 0x0 to 0xffffffff"},
        {"entry there", "'entry': 'there' is not code32-start, first-byte or an offset"},
        {"code-selector 0x10000", "'code-selector': 0x10000 is not a selector from 0x1 to 0xffff"},
        {"null-segments", "'null-segments' lacks one of: ds, es, ss, fs, gs"},
        {"null-segments ds cs", "'null-segments': 'cs' is none of: ds, es, ss, fs, gs"},
        {"register rbx", "'register': a value is missing"},
        {"identity-map all", "'identity-map': 'all' is not an address"},
        {"name own", "'name' stands here for the second time"},
        {"note", "'note' says nothing"},
        {"kernel-room \001", "this is no text line of a profile"},
        {"kernel-room file\r", "this is no text line of a profile"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_error(cases[i].statement, BZC_ERR_FORMAT, cases[i].message);
}

static void of_lines_with_conditions_the_first_that_holds_counts(void **state)
{
    const char lines[] = "path setup\n"
                         "setup-at 0x50000 if version >= 2.15\n"
                         "setup-at 0x60000 unless version < 2.10\n"
                         "setup-at 0x70000\n"
                         "initrd-avoids file if version < 2.10\n";

    (void)state;
    read_for(0x020f, lines);
    assert_int_equal(loader.setup_at, 0x50000);
    assert_int_equal(loader.initrd_avoids, BZC_ROOM_INIT_SIZE);
    read_for(0x020a, lines);
    assert_int_equal(loader.setup_at, 0x60000);
    read_for(0x0209, lines);
    assert_int_equal(loader.setup_at, 0x70000);
    assert_int_equal(loader.initrd_avoids, BZC_ROOM_FILE);
    /* what stands behind the first one that holds counts for nothing */
    read_for(0x020f, "path setup\nsetup-at 0x70000\nsetup-at 0x50000 if version >= 2.15\n");
    assert_int_equal(loader.setup_at, 0x70000);
    /* without an image no condition holds */
    read_lines(lines);
    assert_int_equal(loader.setup_at, 0x70000);
    assert_int_equal(loader.initrd_avoids, BZC_ROOM_INIT_SIZE);
    /* lists keep their conditions */
    read_for(0x0205, "path setup\nwrite loadflags 1 if version >= 2.10\nkernel-at 0x200000 if version >= 2.10\n");
    assert_int_equal(loader.write_count, 1);
    assert_int_equal(loader.kernel_at_count, 1);
}

static void a_statement_stands_once(void **state)
{
    struct bzc_error err = {0};
    const char text[] = HEAD "path setup\nheap none\n# between\nheap none\n";

    (void)state;
    assert_int_equal(read_bytes(text, sizeof(text) - 1, &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 8: 'heap' stands here for the second time");
}

/* `text` many times, then line `line` fails for being one too many. */
static void expect_limit(const char *text, unsigned most, const char *message)
{
    char lines[4096] = HEAD "path setup\n", expected[200];
    struct bzc_error err = {0};

    for (unsigned i = 0; i < most; i++)
        strcat(lines, text);
    if (read_bytes(lines, strlen(lines), &err) != BZC_OK)
        fail_msg("%u times '%s': %s", most, text, err.message);
    strcat(lines, text);
    snprintf(expected, sizeof(expected), "line %u: %s", 6 + most, message);
    assert_int_equal(read_bytes(lines, strlen(lines), &err), BZC_ERR_LIMIT);
    assert_string_equal(err.message, expected);
}

static void there_is_a_limit_to_everything(void **state)
{
    struct bzc_error err = {0};
    static char big[BZC_LOADER_PROFILE_MAX + 1];
    char line[1200];

    (void)state;
    expect_limit("path entry32\n", 3, "more than 4 lines 'path'");
    expect_limit("refuse if HdrS \"x\"\n", 24, "more than 24 lines 'refuse' and 'danger'");
    expect_limit("kernel-at 5\n", 4, "more than 4 lines 'kernel-at'");
    expect_limit("write loadflags 5\n", 16, "more than 16 lines 'write'");
    expect_limit("register rax 5\n", 4, "more than 4 lines 'register'");

    memset(big, '\n', sizeof(big));
    assert_int_equal(read_bytes(big, sizeof(big), &err), BZC_ERR_LIMIT);
    assert_string_equal(err.message, "a profile has 65537 bytes, more than 65536");
    memset(line, 'x', sizeof(line));
    assert_int_equal(read_bytes(line, sizeof(line), &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 1: this is no text line of a profile");

    /* texts: 159 characters are kept, 160 are too many */
    snprintf(line, sizeof(line), "title %0159d\n", 7);
    assert_int_equal(read_bytes(line, strlen(line), &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "a line 'name' is missing");
    assert_int_equal(strlen(loader.title), 159);
    snprintf(line, sizeof(line), "title %0160d\n", 7);
    assert_int_equal(read_bytes(line, strlen(line), &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 1: 'title' says more than 159 characters");
    snprintf(line, sizeof(line), "path setup\nrefuse if HdrS \"%0159d\"\n", 7);
    read_lines(line);
    assert_int_equal(strlen(loader.demand[0].reason), 159);
    snprintf(line, sizeof(line), "refuse if HdrS \"%0160d\"", 7);
    expect_error(line, BZC_ERR_FORMAT, "'refuse': the reason has more than 159 characters");
    snprintf(line, sizeof(line), "note %0300d\nnote %0338d\npath setup\n", 1, 2);
    read_lines(line);
    assert_int_equal(strlen(loader.notes), 639);
    snprintf(line, sizeof(line), "path setup\nnote %0300d\nnote %0339d\n", 1, 2);
    {
        char text[1400];

        snprintf(text, sizeof(text), HEAD "%s", line);
        assert_int_equal(read_bytes(text, strlen(text), &err), BZC_ERR_FORMAT);
        assert_string_equal(err.message, "line 7: 'note' says more than 338 characters");
    }
}

static void a_profile_has_all_that_it_must_have(void **state)
{
    static const char *const lines[] = {"name own\n", "title t\n", "source s\n", "commit c\n", "path setup\n"};
    static const char *const names[] = {"name", "title", "source", "commit", "path"};
    struct bzc_error err = {0};

    (void)state;
    for (size_t missing = 0; missing < 5; missing++) {
        char text[200] = "", message[64];

        for (size_t i = 0; i < 5; i++)
            strcat(text, i == missing ? "" : lines[i]);
        snprintf(message, sizeof(message), "a line '%s' is missing", names[missing]);
        assert_int_equal(read_bytes(text, strlen(text), &err), BZC_ERR_FORMAT);
        assert_string_equal(err.message, message);
    }
    assert_int_equal(read_bytes(NULL, 0, &err), BZC_ERR_FORMAT);
    assert_int_equal(read_bytes("name Own\n", 9, &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 1: 'name': 'Own' has more than a-z, 0-9 and hyphens");
    /* the last line needs no newline */
    read_lines("path setup\nheap none");
    assert_true(loader.no_heap);
}

/* ---- judging ---- */

static void judge(uint16_t version, const char *lines, struct bzc_judgement *judgement)
{
    static uint8_t file[BUILD_SIZE];
    static struct bzc_image image;
    static const struct bzc_pe pe;
    const struct bzc_subject subject = {.image = &image, .pe = &pe};

    bzc_image_parse(build_image(file, version), &image);
    read_lines(lines);
    bzc_boot_loader_judge(&loader, &subject, judgement);
}

static void expect_judgement(const char *lines, enum bzc_verdict_of_loader verdict, const char *reason)
{
    struct bzc_judgement judgement;

    judge(0x020f, lines, &judgement);
    if (judgement.verdict != verdict || strcmp(judgement.reason, reason) != 0)
        fail_msg("%s'%s': %s, '%s'", lines, reason, bzc_loader_verdict_name(judgement.verdict), judgement.reason);
}

static void the_first_refusal_wins_else_the_first_danger(void **state)
{
    (void)state;
    expect_judgement("path setup\n", BZC_LOADER_ACCEPTS, "");
    expect_judgement("path setup\nrefuse if initrd \"a\"\ndanger unless HdrS \"b\"\n", BZC_LOADER_ACCEPTS, "");
    expect_judgement("path setup\nrefuse if HdrS \"a\"\nrefuse if HdrS \"b\"\n", BZC_LOADER_REFUSES, "a");
    expect_judgement("path setup\nrefuse if initrd \"a\"\nrefuse if HdrS \"b\"\n", BZC_LOADER_REFUSES, "b");
    expect_judgement("path setup\ndanger if HdrS \"a\"\nrefuse if HdrS \"b\"\n", BZC_LOADER_REFUSES, "b");
    expect_judgement("path setup\ndanger if HdrS \"a\"\ndanger if HdrS \"b\"\nrefuse if initrd \"c\"\n",
                     BZC_LOADER_DANGEROUS, "a");
}

static void the_first_path_that_holds_is_taken(void **state)
{
    struct bzc_judgement judgement;
    const char lines[] = "path entry64 if kernel-64\npath entry32 if version >= 2.05\npath setup if HdrS\n";

    (void)state;
    judge(0x020c, lines, &judgement);
    assert_true(judgement.has_path);
    assert_int_equal(judgement.path, BZC_PATH_ENTRY64);
    judge(0x020b, lines, &judgement);
    assert_int_equal(judgement.path, BZC_PATH_ENTRY32);
    judge(0x0204, lines, &judgement);
    assert_int_equal(judgement.path, BZC_PATH_SETUP);
    /* a refused image keeps the path that it would have gone */
    judge(0x0204, "path setup\nrefuse if HdrS \"no\"\n", &judgement);
    assert_true(judgement.has_path);
    assert_int_equal(judgement.path, BZC_PATH_SETUP);
}

static void without_a_path_it_is_refused(void **state)
{
    struct bzc_judgement judgement;

    (void)state;
    judge(0x020b, "path entry64 if kernel-64\ndanger if HdrS \"a\"\n", &judgement);
    assert_int_equal(judgement.verdict, BZC_LOADER_REFUSES);
    assert_false(judgement.has_path);
    assert_string_equal(judgement.reason, "none of its ways in fits this image");
    /* what the loader itself says is better */
    judge(0x020b, "path entry64 if kernel-64\nrefuse unless kernel-64 \"not 64-bit\"\n", &judgement);
    assert_int_equal(judgement.verdict, BZC_LOADER_REFUSES);
    assert_string_equal(judgement.reason, "not 64-bit");
}

/* ---- the profiles of the program ---- */

static void every_profile_parses_and_says_who_it_is(void **state)
{
    (void)state;
    assert_true(bzc_loader_profile_count > 0);
    for (size_t i = 0; i < bzc_loader_profile_count; i++) {
        struct bzc_error err = {0};

        if (bzc_boot_loader_find(bzc_loader_profile_name[i], &loader, &err) != BZC_OK)
            fail_msg("%s: %s", bzc_loader_profile_name[i], err.message);
        assert_string_equal(loader.name, bzc_loader_profile_name[i]);
        if (i > 0 && strcmp(bzc_loader_profile_name[i - 1], bzc_loader_profile_name[i]) >= 0)
            fail_msg("%s is out of order", bzc_loader_profile_name[i]);
        /* a commit or a version, and when that was */
        if (!strstr(loader.commit, "20"))
            fail_msg("%s: '%s' has no date", loader.name, loader.commit);
    }
}

static void a_name_that_is_not_there_is_named(void **state)
{
    struct bzc_error err = {0};

    (void)state;
    assert_int_equal(bzc_boot_loader_find("lilo", &loader, &err), BZC_ERR_FORMAT);
    assert_non_null(strstr(err.message, "there is no loader 'lilo'; there is: "));
    assert_non_null(strstr(err.message, bzc_loader_profile_name[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_names),
        cmocka_unit_test(what_is_not_said_is_as_the_protocol_says),
        cmocka_unit_test(an_image_decides_between_the_defaults),
        cmocka_unit_test(it_says_who_it_is),
        cmocka_unit_test(paths_and_demands_keep_their_order),
        cmocka_unit_test(placement_is_read),
        cmocka_unit_test(what_becomes_boot_params_is_read),
        cmocka_unit_test(command_line_and_initrd_are_read),
        cmocka_unit_test(writes_are_read),
        cmocka_unit_test(the_cpu_at_the_jump_is_read),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(of_lines_with_conditions_the_first_that_holds_counts),
        cmocka_unit_test(a_statement_stands_once),
        cmocka_unit_test(there_is_a_limit_to_everything),
        cmocka_unit_test(a_profile_has_all_that_it_must_have),
        cmocka_unit_test(the_first_refusal_wins_else_the_first_danger),
        cmocka_unit_test(the_first_path_that_holds_is_taken),
        cmocka_unit_test(without_a_path_it_is_refused),
        cmocka_unit_test(every_profile_parses_and_says_who_it_is),
        cmocka_unit_test(a_name_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
