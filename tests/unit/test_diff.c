/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between two images, with facts made by hand: which kinds, which values, how much it matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/diff.h"

/* One of the two images and what belongs to it. */
static struct side {
    uint8_t header[0x400];
    struct bzc_inspection inspection;
    struct bzc_oracle oracle;
    struct bzc_run_facts run[2];
    struct bzc_finding finding[4];
    struct bzc_verification verification;
    struct bzc_diff_side side;
} sides[2];
static struct bzc_policy policy;
static struct bzc_diff diff;

static void put(unsigned which, unsigned offset, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        sides[which].header[offset + i] = (uint8_t)(value >> 8 * i);
}

/* A 64-bit bzImage of protocol 2.15 with one run by `bios` that goes well. Offsets: boot.rst. */
static void make(unsigned which)
{
    struct side *side = &sides[which];
    struct bzc_image *image = &side->inspection.facts.image;

    put(which, 0x1f1, 1, 1);          /* setup_sects */
    put(which, 0x1fe, 2, 0xaa55);     /* boot_flag */
    put(which, 0x200, 2, 0x6aeb);     /* jump */
    put(which, 0x202, 4, 0x53726448); /* "HdrS" */
    put(which, 0x206, 2, 0x020f);     /* version */
    put(which, 0x211, 1, 1);          /* loadflags */
    put(which, 0x214, 4, 0x100000);   /* code32_start */
    put(which, 0x22c, 4, 0x7fffffff); /* initrd_addr_max */
    put(which, 0x230, 4, 0x200000);   /* kernel_alignment */
    put(which, 0x234, 1, 1);          /* relocatable_kernel */
    put(which, 0x235, 1, 21);         /* min_alignment */
    put(which, 0x236, 2, 0x003f);     /* xloadflags */
    put(which, 0x238, 4, 2047);       /* cmdline_size */
    put(which, 0x258, 8, 0x1000000);  /* pref_address */
    put(which, 0x260, 4, 0x800000);   /* init_size */
    put(which, 0x264, 4, 0x190);      /* handover_offset */
    side->oracle = (struct bzc_oracle){.bits = 64, .link_base = 0x1000000, .span = 0x400000};
    side->inspection.oracle = &side->oracle;
    side->inspection.is_image = true;
    side->inspection.file = (struct bzc_bytes){side->header, sizeof(side->header)};
    snprintf(side->inspection.sha256, sizeof(side->inspection.sha256), "%064u", which + 1);
    image->file = side->inspection.file;
    side->run[0].scenario = "bios";
    side->run[0].entry.reached = side->run[0].compared = true;
    side->run[0].entry.phys = side->run[0].comparison.base = 0x1000000;
    side->run[0].stage[0] = (struct bzc_stage){.name = "setup", .phys = 0x10200};
    side->run[0].stage[1] = (struct bzc_stage){.name = "kernel", .phys = 0x1000000, .mode = BZC_MODE_LONG};
    side->run[0].stage_count = 2;
    side->verification.facts.run = side->run;
    side->verification.facts.run_count = 1;
    side->verification.findings.item = side->finding;
    side->verification.executed = true;
    side->side = (struct bzc_diff_side){
        .file = &side->inspection, .kernel = &side->inspection, .kernel_is = &side->verification};
}

static int fresh(void **state)
{
    (void)state;
    memset(sides, 0, sizeof(sides));
    make(0);
    make(1);
    bzc_policy_init(&policy);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    bzc_diff_free(&diff);
    return 0;
}

static void compare(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct bzc_image *image = &sides[i].inspection.facts.image;

        if (sides[i].inspection.is_image)
            bzc_image_parse(sides[i].inspection.file, image);
    }
    bzc_diff_free(&diff);
    assert_int_equal(bzc_diff_make(&sides[0].side, &sides[1].side, &policy, &diff, NULL), BZC_OK);
}

/* The only difference of this kind; the digest always differs and is no matter here. */
static const struct bzc_difference *the(const char *kind)
{
    const struct bzc_difference *found = NULL;

    for (size_t i = 0; i < diff.count; i++) {
        if (strcmp(diff.item[i].kind->name, kind) != 0)
            continue;
        if (found)
            fail_msg("%s stands twice", kind);
        found = &diff.item[i];
    }
    if (!found) {
        for (size_t i = 0; i < diff.count; i++)
            print_message("  %s %s: %s -> %s\n", diff.item[i].kind->name, diff.item[i].subject, diff.item[i].before,
                          diff.item[i].after);
        fail_msg("there is no %s", kind);
    }
    return found;
}

static void expect(const char *kind, const char *importance, const char *subject, const char *before, const char *after)
{
    const struct bzc_difference *difference = the(kind);

    assert_string_equal(bzc_importance_name(difference->importance), importance);
    assert_string_equal(difference->subject, subject);
    assert_string_equal(difference->before, before);
    assert_string_equal(difference->after, after);
    assert_true(difference->meaning[0]);
}

/* How many there are besides the digest of the file. */
/* `runs`: their labels with ", " between them. */
static void expect_runs(const char *kind, const char *runs)
{
    char label[BZC_DIFF_RUN_LABEL], text[2048] = "";
    size_t used = 0;

    for (size_t at = 0; bzc_diff_next_run(the(kind), &sides[0].side, &at, label);)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "", label);
    assert_string_equal(text, runs);
}

static void expect_count(size_t count)
{
    the("file.sha256");
    if (diff.count != count + 1) {
        for (size_t i = 0; i < diff.count; i++)
            print_message("  %s %s: %s -> %s\n", diff.item[i].kind->name, diff.item[i].subject, diff.item[i].before,
                          diff.item[i].after);
        fail_msg("%zu differences, expected %zu", diff.count - 1, count);
    }
}

static void the_same_bytes_have_no_differences(void **state)
{
    (void)state;
    memcpy(sides[1].inspection.sha256, sides[0].inspection.sha256, sizeof(sides[0].inspection.sha256));
    put(1, 0x260, 4, 1); /* nobody looks */
    compare();
    assert_true(diff.identical);
    assert_int_equal(diff.count, 0);
}

static void equal_facts_differ_in_nothing_but_the_digest(void **state)
{
    (void)state;
    compare();
    expect_count(0);
    assert_false(diff.identical);
    assert_int_equal(diff.runs_compared, 1);
    assert_int_equal(diff.by_importance[BZC_IMPORTANCE_EXPECTED], 1);
    assert_int_equal(diff.by_importance[BZC_IMPORTANCE_BREAKING], 0);
}

/* One number of the header each. */
static void a_number_of_the_header_is_told_by_its_direction(void **state)
{
    static const struct {
        unsigned offset, size;
        uint64_t before, after;
        const char *kind, *importance, *subject, *old_text, *new_text;
    } rows[] = {
        {0x260, 4, 0x800000, 0x900000, "header.init-size-grew", "notable", "init_size", "0x800000", "0x900000"},
        {0x260, 4, 0x800000, 0x700000, "header.init-size-shrank", "notable", "init_size", "0x800000", "0x700000"},
        {0x258, 8, 0x1000000, 0x2000000, "header.pref-address", "notable", "pref_address", "0x1000000", "0x2000000"},
        {0x230, 4, 0x200000, 0x1000000, "header.kernel-alignment", "notable", "kernel_alignment", "0x200000",
         "0x1000000"},
        {0x235, 1, 21, 13, "header.min-alignment", "notable", "min_alignment", "21", "13"},
        {0x238, 4, 2047, 255, "header.cmdline-size-shrank", "breaking", "cmdline_size", "2047", "255"},
        {0x238, 4, 255, 2047, "header.cmdline-size-grew", "notable", "cmdline_size", "255", "2047"},
        {0x22c, 4, 0x7fffffff, 0x37ffffff, "header.initrd-addr-max-lowered", "notable", "initrd_addr_max", "0x7fffffff",
         "0x37ffffff"},
        {0x22c, 4, 0x37ffffff, 0x7fffffff, "header.initrd-addr-max-raised", "notable", "initrd_addr_max", "0x37ffffff",
         "0x7fffffff"},
        {0x234, 1, 1, 0, "header.relocatable-lost", "breaking", "relocatable_kernel", "yes", "no"},
        {0x234, 1, 0, 1, "header.relocatable-gained", "notable", "relocatable_kernel", "no", "yes"},
        {0x264, 4, 0x190, 0, "header.handover-offset-gone", "breaking", "handover_offset", "0x190", "0x0"},
        {0x264, 4, 0x190, 0x200, "header.sizes", "expected", "handover_offset", "0x190", "0x200"},
        {0x214, 4, 0x100000, 0x200000, "header.code32-start", "notable", "code32_start", "0x100000", "0x200000"},
        {0x1fc, 2, 0, 0x801, "header.other", "notable", "root_dev", "0x0", "0x801"},
        {0x23c, 4, 0, 3, "header.hardware-subarch", "notable", "hardware_subarch", "0x0", "0x3"},
        {0x211, 1, 1, 0x21, "header.loadflags", "notable", "loadflags", "0x01 LOADED_HIGH",
         "0x21 LOADED_HIGH QUIET_FLAG"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fresh(NULL);
        put(0, rows[i].offset, rows[i].size, rows[i].before);
        put(1, rows[i].offset, rows[i].size, rows[i].after);
        compare();
        expect(rows[i].kind, rows[i].importance, rows[i].subject, rows[i].old_text, rows[i].new_text);
        expect_count(1);
    }
}

static void each_bit_of_xloadflags_is_a_promise(void **state)
{
    (void)state;
    put(0, 0x236, 2, 0x003e);
    put(1, 0x236, 2, 0x003d);
    compare();
    expect("header.xloadflags-lost", "breaking", "XLF_CAN_BE_LOADED_ABOVE_4G", "set", "clear");
    expect("header.xloadflags-gained", "notable", "XLF_KERNEL_64", "clear", "set");
    assert_non_null(strstr(the("header.xloadflags-lost")->meaning, "above 4 GiB"));
    expect("scenario.gained", "notable", "entry64", "", "promised");
    expect_count(3);
}

static void an_older_protocol_loses_fields(void **state)
{
    (void)state;
    put(1, 0x206, 2, 0x020e); /* 2.14: no kernel_info_offset */
    compare();
    expect("header.version-down", "breaking", "protocol version", "2.15", "2.14");
    expect("header.field-gone", "expected", "kernel_info_offset", "0x0", "");
    expect_count(2);
    put(1, 0x206, 2, 0x020f);
    put(0, 0x206, 2, 0x020e);
    compare();
    expect("header.version-up", "notable", "protocol version", "2.14", "2.15");
    expect("header.field-new", "expected", "kernel_info_offset", "", "0x0");
    expect_count(2);
}

static void a_profile_says_what_breaks(void **state)
{
    static const char text[] = "breaking header.init-size-grew\nerror ENT-001\n";
    static const char bad[] = "breaking header.no-such\n";
    struct bzc_error err = {0};

    (void)state;
    put(1, 0x260, 4, 0x900000);
    assert_int_equal(bzc_policy_read(&policy, (struct bzc_bytes){(const uint8_t *)text, sizeof(text) - 1}, &err),
                     BZC_OK);
    compare();
    expect("header.init-size-grew", "breaking", "init_size", "0x800000", "0x900000");
    assert_int_equal(diff.by_importance[BZC_IMPORTANCE_BREAKING], 1);
    assert_int_equal(bzc_policy_read(&policy, (struct bzc_bytes){(const uint8_t *)bad, sizeof(bad) - 1}, &err),
                     BZC_ERR_FORMAT);
    assert_string_equal(err.message,
                        "line 1: there is no kind of difference 'header.no-such'; 'bzcheck diff --list' has them");
}

static void parts_of_the_file(void **state)
{
    struct bzc_layout *before = &sides[0].inspection.layout, *after = &sides[1].inspection.layout;

    (void)state;
    before->part[0] = (struct bzc_part){.kind = BZC_PART_SETUP, .name = "setup", .size = 512};
    before->part[1] = (struct bzc_part){.kind = BZC_PART_PAYLOAD, .name = "payload", .offset = 512, .size = 100};
    before->part[2] = (struct bzc_part){.kind = BZC_PART_CHECKSUM, .name = "CRC-32", .offset = 612, .size = 4};
    before->part[3] = (struct bzc_part){.kind = BZC_PART_ZEROS, .name = "zeros", .offset = 616, .size = 4};
    before->count = 4;
    after->part[0] = before->part[0];
    after->part[1] = before->part[1];
    after->part[1].size = 120;
    after->part[2] = (struct bzc_part){.kind = BZC_PART_TRAILING, .name = "trailing bytes", .offset = 632, .size = 9};
    after->count = 3;
    compare();
    expect("layout.part-size", "expected", "payload", "100 bytes at 0x200", "120 bytes at 0x200");
    expect("layout.part-gone", "notable", "CRC-32", "4 bytes at 0x264", "");
    expect("layout.part-new", "notable", "trailing bytes", "", "9 bytes at 0x278");
    expect_count(3);
}

/* What signing does to a file counts once, as the signature. */
static void signing_counts_once(void **state)
{
    struct bzc_layout *before = &sides[0].inspection.layout, *after = &sides[1].inspection.layout;

    (void)state;
    before->count = 1;
    before->part[0] = after->part[0] = (struct bzc_part){.kind = BZC_PART_SETUP, .name = "setup", .size = 512};
    after->part[1] = (struct bzc_part){.kind = BZC_PART_CERTIFICATES, .name = "table", .offset = 512, .size = 20};
    after->count = 2;
    sides[0].inspection.facts.checksum.state = BZC_CHECKSUM_GOOD;
    sides[1].inspection.facts.checksum.state = BZC_CHECKSUM_UNSIGNED;
    sides[1].inspection.signatures.count = 1;
    compare();
    expect("file.checksum-signed", "expected", "CRC-32 of the image", "holds", "held before the image was signed");
    expect("layout.signature", "expected", "table", "", "20 bytes at 0x200");
    expect("signature.new", "notable", "signatures", "0", "1");
    expect_count(3);
    /* A table without a signature in it, and a CRC that nothing explains. */
    sides[1].inspection.signatures.count = 0;
    sides[1].inspection.facts.checksum.state = BZC_CHECKSUM_WRONG;
    compare();
    expect("file.checksum", "notable", "CRC-32 of the image", "holds", "none that holds");
    expect("layout.part-new", "notable", "table", "", "20 bytes at 0x200");
    expect_count(2);
}

static void the_kernel_and_its_relocations(void **state)
{
    (void)state;
    sides[0].inspection.relocations[BZC_RELOC_64] = sides[0].oracle.reloc_count = 10;
    sides[1].inspection.relocations[BZC_RELOC_64] = sides[1].oracle.reloc_count = 9;
    sides[0].inspection.facts.kaslr_build = true;
    sides[1].oracle.link_base = 0x2000000;
    compare();
    expect("kernel.relocations", "expected", "64-bit relocations", "10", "9");
    expect("kernel.kaslr-lost", "notable", "KASLR", "yes", "no");
    expect("kernel.link-address", "notable", "link address", "0x1000000", "0x2000000");
    expect_count(3);
    sides[1].inspection.relocations[BZC_RELOC_64] = sides[1].oracle.reloc_count = 0;
    compare();
    expect("kernel.relocations-gone", "notable", "64-bit relocations", "10", "0");
    expect_count(3);
}

static void segments_and_notes(void **state)
{
    static const uint8_t name[] = "Xen", desc[] = {1, 2, 0xff};
    struct bzc_elf_tables *before = &sides[0].inspection.elf, *after = &sides[1].inspection.elf;

    (void)state;
    sides[0].inspection.has_elf = sides[1].inspection.has_elf = true;
    before->bits = after->bits = 64;
    before->program[0] = (struct bzc_elf_program){.type = 1, .flags = 5, .vaddr = 0x100, .memsz = 7, .align = 16};
    before->program_count = 1;
    after->program[0] = before->program[0];
    after->program[0].memsz = 9;
    after->program[0].flags = 7;
    after->program[1] = (struct bzc_elf_program){.type = 1, .vaddr = 0x200};
    after->program_count = 2;
    before->entry = 0x10;
    after->entry = 0x20;
    sides[0].inspection.note[0] = (struct bzc_elf_note){
        .name = {name, sizeof(name)}, .type = BZC_NOTE_XEN_PHYS32_ENTRY, .desc = {desc, sizeof(desc)}};
    /* xen/include/public/elfnote.h: XEN_ELFNOTE_ENTRY is 1; it has no 40. */
    sides[0].inspection.note[1] = sides[0].inspection.note[0];
    sides[0].inspection.note[1].type = 1;
    sides[1].inspection.note[0] = sides[0].inspection.note[0];
    sides[1].inspection.note[0].type = 40;
    sides[0].inspection.note_count = 2;
    sides[1].inspection.note_count = 1;
    compare();
    expect("kernel.segment", "expected", "segment LOAD 0", "0x100 at 0x0, 0 bytes in the file, 7 in memory",
           "0x100 at 0x0, 0 bytes in the file, 9 in memory");
    expect("kernel.segment-flags", "notable", "segment LOAD 0", "r-x, aligned to 0x10", "rwx, aligned to 0x10");
    expect("kernel.segment-new", "notable", "segment LOAD 1", "", "0x200 at 0x0, 0 bytes in the file, 0 in memory");
    expect("kernel.entry", "notable", "e_entry", "0x10", "0x20");
    expect("kernel.pvh-gone", "breaking", "note Xen PHYS32_ENTRY", "0102ff", "");
    expect("kernel.note-gone", "notable", "note Xen ENTRY", "0102ff", "");
    expect("kernel.note-new", "notable", "note Xen 40", "", "0102ff");
    expect_count(7);
}

static void pe_headers_and_signatures(void **state)
{
    (void)state;
    sides[0].inspection.facts.pe.present = true;
    sides[0].inspection.signatures.count = 1;
    compare();
    expect("pe.gone", "breaking", "PE headers (EFI stub)", "there", "");
    expect("signature.gone", "breaking", "signatures", "1", "0");
    expect_count(2);
    sides[1].inspection.facts.pe.present = true;
    sides[1].inspection.signatures.count = 1;
    sides[1].inspection.match[0] = BZC_SIGNATURE_DIFFERS;
    sides[1].inspection.facts.pe.subsystem = 10;
    compare();
    expect("signature.broken", "breaking", "signature", "for this image", "for other bytes");
    expect("pe.subsystem", "breaking", "Subsystem", "0", "10");
    expect_count(2);
}

static void another_kind_of_file(void **state)
{
    (void)state;
    sides[1].inspection.is_image = false;
    sides[1].side.kernel = NULL;
    sides[1].side.kernel_is = NULL;
    compare();
    expect("file.kind", "breaking", "kind of file", "bzImage", "unified kernel image");
    expect("file.system", "breaking", "system", "Linux", "no kernel");
    expect_count(2);
}

static void a_run_that_breaks_says_nothing_else(void **state)
{
    struct bzc_run_facts *run = &sides[1].run[0];

    (void)state;
    run->entry.reached = run->compared = false;
    run->stage_count = 1;
    run->stop.reason = BZC_STOP_TRIPLE_FAULT;
    snprintf(run->stop.detail, sizeof(run->stop.detail), "#PF on a read of 0x0");
    run->conversation[0] = (struct bzc_talk){.kind = BZC_TALK_PORT_OUT, .number = 0x80, .count = 1};
    run->conversation_count = 1;
    compare();
    expect("run.broken", "breaking", "result", "reaches the kernel", "triple-fault in setup");
    expect_runs("run.broken", "bios");
    assert_non_null(strstr(the("run.broken")->meaning, "#PF on a read of 0x0"));
    expect_count(1);
    assert_int_equal(diff.runs_compared, 1);
}

static void a_run_that_is_mended(void **state)
{
    (void)state;
    sides[0].run[0].entry.reached = false;
    sides[0].run[0].stop.reason = BZC_STOP_HALT;
    compare();
    expect("run.mended", "notable", "result", "halt in kernel", "reaches the kernel");
    expect_count(1);
}

static void the_file_of_a_run_that_is_missing_was_cut_off(void **state)
{
    (void)state;
    sides[1].verification.facts.run_count = 0;
    compare();
    expect("run.broken", "breaking", "result", "reaches the kernel", "not run");
    expect_count(1);
    assert_int_equal(diff.runs_compared, 0);
}

static void stages_addresses_and_registers(void **state)
{
    struct bzc_run_facts *before = &sides[0].run[0], *after = &sides[1].run[0];

    (void)state;
    after->stage[0].phys = 0x20200;
    after->comparison.base = 0x2000000;
    after->comparison.virt_delta = 0x1000000;
    after->entry.phys = after->stage[1].phys = 0x2000100;
    after->entry.regs.rflags = BZC_FLAG_IF;
    after->entry.boot_params_phys = 0x90000;
    before->pm_entry.reached = after->pm_entry.reached = true;
    before->pm_entry.a20_open = true;
    after->pm_entry.regs.gpr[BZC_RBX] = 3;
    compare();
    expect("run.stage-address", "expected", "stage setup", "0x10200", "0x20200");
    expect("run.kernel-address", "notable", "address of the kernel", "0x1000000", "0x2000000");
    expect("run.virtual-address", "notable", "virtual distance", "0x0", "0x1000000");
    expect("run.entry-address", "notable", "entry, from the kernel's address", "0x0", "0x100");
    expect("run.entry-state", "notable", "interrupts at the kernel's entry", "off", "on");
    expect("run.boot-params-address", "expected", "boot_params at the kernel's entry", "0x0", "0x90000");
    assert_int_equal(diff.count, 1 + 6 + 2); /* and A20 and EBX at the protected-mode entry */
    before->kaslr = after->kaslr = true;
    after->comparison.virt_delta = 0;
    compare();
    expect("run.random-address", "expected", "address of the kernel", "0x1000000", "0x2000000");
    assert_int_equal(diff.count, 1 + 5 + 2);
    after->comparison.virt_delta = 0x1000000;
    after->comparison.base = before->comparison.base;
    compare();
    expect("run.random-address", "expected", "virtual distance", "0x0", "0x1000000");
    after->stage[1].mode = BZC_MODE_COMPAT32;
    compare();
    expect("run.stages", "notable", "stages", "setup (real), kernel (long)", "setup (real), kernel (compatibility-32)");
}

static void talk(unsigned which, unsigned run, enum bzc_talk_kind kind, uint16_t number, uint64_t count)
{
    struct bzc_run_facts *facts = &sides[which].run[run];

    facts->conversation[facts->conversation_count++] = (struct bzc_talk){.kind = kind,
                                                                         .vector = kind == BZC_TALK_BIOS ? 0x15 : 0,
                                                                         .number = number,
                                                                         .whole_ax = kind == BZC_TALK_BIOS,
                                                                         .name = "someone",
                                                                         .count = count};
}

static void what_is_asked_of_the_pc(void **state)
{
    (void)state;
    talk(0, 0, BZC_TALK_BIOS, 0xe820, 4);
    talk(0, 0, BZC_TALK_BIOS, 0xe801, 1);
    talk(0, 0, BZC_TALK_PORT_OUT, 0x92, 1);
    talk(0, 0, BZC_TALK_PORT_IN, 0x64, 9);
    talk(1, 0, BZC_TALK_BIOS, 0xe820, 5);
    talk(1, 0, BZC_TALK_PORT_IN, 0x92, 1);
    talk(1, 0, BZC_TALK_PORT_IN, 0x64, 9);
    talk(1, 0, BZC_TALK_BIOS, 0x2401, 1);
    compare();
    expect("conversation.count", "expected", "INT 15h AX=E820h (someone)", "4 times", "5 times");
    expect("bios.gone", "notable", "INT 15h AX=E801h (someone)", "1 time", "");
    expect("bios.new", "notable", "INT 15h AX=2401h (someone)", "", "1 time");
    expect("port.gone", "notable", "write to port 0x92 (someone)", "1 time", "");
    expect("port.new", "notable", "read of port 0x92 (someone)", "", "1 time");
    expect_count(5);
}

/* Names as devices/ has them; what the calls are told apart by need not be what the name says. */
static void a_bios_call_has_one_name(void **state)
{
    static const struct {
        uint16_t number;
        bool whole_ax;
        const char *name, *subject;
    } calls[] = {
        {0xe9, false, "INT 15h AX=E980h", "INT 15h AX=E980h"},
        {0xe820, true, "INT 15h AX=E820h", "INT 15h AX=E820h"},
        {0x88, false, "INT 15h AH=88h", "INT 15h AH=88h"},
        {0x1203, true, "INT 15h AH=12h", "INT 15h AX=1203h"},
        {0x02, false, "INT 15h printer", "INT 15h AH=02h (printer)"},
        {0x5f, false, NULL, "INT 15h AH=5Fh (nobody answers)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        sides[0].run[0].conversation_count = 0;
        talk(0, 0, BZC_TALK_BIOS, calls[i].number, 1);
        sides[0].run[0].conversation[0].whole_ax = calls[i].whole_ax;
        sides[0].run[0].conversation[0].name = calls[i].name;
        compare();
        expect("bios.gone", "notable", calls[i].subject, "1 time", "");
    }
}

static void the_order_of_first_use(void **state)
{
    (void)state;
    talk(0, 0, BZC_TALK_BIOS, 0xe820, 1);
    talk(0, 0, BZC_TALK_PORT_OUT, 0x92, 1);
    talk(1, 0, BZC_TALK_PORT_OUT, 0x92, 1);
    talk(1, 0, BZC_TALK_BIOS, 0xe820, 1);
    compare();
    expect("conversation.order", "expected", "order of first use", "INT 15h AX=E820h (someone)",
           "write to port 0x92 (someone)");
    expect_count(1);
}

static void a_list_that_is_full_proves_no_absence(void **state)
{
    (void)state;
    talk(0, 0, BZC_TALK_BIOS, 0xe820, 1);
    sides[1].run[0].conversation_left_out = 1;
    compare();
    expect_count(0);
}

static void runs_with_the_same_difference_are_named_together(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        sides[i].run[1] = sides[i].run[0];
        sides[i].run[1].scenario = "entry32";
        sides[i].verification.facts.run_count = 2;
    }
    talk(1, 0, BZC_TALK_PORT_OUT, 0x80, 1);
    talk(1, 1, BZC_TALK_PORT_OUT, 0x80, 1);
    compare();
    expect("port.new", "notable", "write to port 0x80 (someone)", "", "1 time");
    expect_runs("port.new", "bios, entry32");
    expect_count(1);
    assert_int_equal(diff.runs_compared, 2);
}

static void no_run_is_left_out_of_many(void **state)
{
    enum { RUNS = 40 };
    char expected[2048] = "";
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct bzc_facts *facts = &sides[i].verification.facts;

        facts->run_count = RUNS;
        facts->run = test_calloc(RUNS, sizeof(*facts->run));
        for (unsigned k = 0; k < RUNS; k++) {
            facts->run[k] = sides[i].run[0];
            facts->run[k].load_addr = (k + 1) * 0x1000000u;
            facts->run[k].conversation[0] =
                (struct bzc_talk){.kind = BZC_TALK_PORT_OUT, .number = 0x80 + i, .count = 1};
            facts->run[k].conversation_count = 1;
        }
    }
    for (unsigned k = 1; k <= RUNS; k++)
        used +=
            (size_t)snprintf(expected + used, sizeof(expected) - used, "%sbios at 0x%x000000", k > 1 ? ", " : "", k);
    compare();
    expect_runs("port.new", expected);
    expect_runs("port.gone", expected);
    expect_count(2);
    test_free(sides[0].verification.facts.run);
    test_free(sides[1].verification.facts.run);
}

static struct bzc_finding *find(unsigned which, const char *rule, int run, enum bzc_outcome outcome,
                                enum bzc_severity severity)
{
    struct bzc_verification *verification = &sides[which].verification;
    struct bzc_finding *finding = &sides[which].finding[verification->findings.count++];

    finding->rule = bzc_rule_find(rule);
    assert_non_null(finding->rule);
    finding->run = run;
    finding->outcome = outcome;
    finding->severity = severity;
    if (outcome == BZC_OUTCOME_FAIL)
        snprintf(finding->message, sizeof(finding->message), "it is wrong");
    return finding;
}

static void findings_come_go_and_stay(void **state)
{
    (void)state;
    find(0, "HDR-001", -1, BZC_OUTCOME_PASS, BZC_SEVERITY_ERROR);
    find(0, "HDR-002", -1, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    find(0, "ENT-001", 0, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    find(0, "ENT-002", 0, BZC_OUTCOME_SKIP, BZC_SEVERITY_WARNING);
    find(1, "ENT-002", 0, BZC_OUTCOME_FAIL, BZC_SEVERITY_WARNING);
    find(1, "ENT-001", 0, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    find(1, "HDR-002", -1, BZC_OUTCOME_PASS, BZC_SEVERITY_ERROR);
    snprintf(find(1, "HDR-001", -1, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR)->actual, 8, "7");
    compare();
    expect("finding.new-error", "breaking", "HDR-001 image-complete", "pass", "error: 7");
    assert_string_equal(the("finding.new-error")->meaning, "it is wrong");
    expect_runs("finding.new-error", "");
    expect("finding.new-warning", "notable", "ENT-002 entry-mode", "skip", "warning");
    expect_runs("finding.new-warning", "bios");
    expect("finding.gone", "notable", "HDR-002 boot-flag", "error", "pass");
    assert_string_equal(the("finding.gone")->meaning, "what was wrong before: it is wrong");
    expect_count(3);
    assert_int_equal(diff.same_findings, 1);
}

static void a_finding_belongs_to_its_run(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        sides[i].run[1] = sides[i].run[0];
        sides[i].run[1].scenario = "entry32";
        sides[i].verification.facts.run_count = 2;
    }
    find(0, "ENT-001", 0, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    find(0, "ENT-001", 1, BZC_OUTCOME_PASS, BZC_SEVERITY_ERROR);
    find(1, "ENT-001", 0, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    find(1, "ENT-001", 1, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR);
    compare();
    expect("finding.new-error", "breaking", "ENT-001 entry-address", "pass", "error");
    expect_runs("finding.new-error", "entry32");
    assert_int_equal(diff.same_findings, 1);
    expect_count(1);
}

/* Registers and addresses in which runs differ make no second fault of it; another sentence does. */
static void a_rule_that_says_the_same_counts_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        sides[i].run[1] = sides[i].run[0];
        sides[i].run[1].scenario = "entry32";
        sides[i].verification.facts.run_count = 2;
        for (int run = 0; run < 2; run++)
            find(i, "ENT-004", run, i ? BZC_OUTCOME_FAIL : BZC_OUTCOME_PASS, BZC_SEVERITY_ERROR);
    }
    snprintf(sides[1].finding[0].actual, BZC_FINDING_TEXT, "1 (RFLAGS 0x200202)");
    snprintf(sides[1].finding[1].actual, BZC_FINDING_TEXT, "1 (RFLAGS 0x202)");
    compare();
    expect("finding.new-error", "breaking", "ENT-004 entry-interrupts-off", "pass",
           "error: 1 (RFLAGS 0x200202); other runs differ");
    expect_runs("finding.new-error", "bios, entry32");
    expect_count(1);
    snprintf(sides[1].finding[1].actual, BZC_FINDING_TEXT, "1 (RFLAGS 0x200202)");
    compare();
    expect("finding.new-error", "breaking", "ENT-004 entry-interrupts-off", "pass", "error: 1 (RFLAGS 0x200202)");
    snprintf(sides[1].finding[1].message, BZC_FINDING_TEXT, "something else is wrong");
    compare();
    expect_count(2);
}

/* The same rule about a unified kernel image and about the kernel inside: two findings. */
static void findings_of_file_and_kernel_stay_apart(void **state)
{
    struct bzc_finding around[2] = {{.rule = bzc_rule_find("HDR-001"), .run = -1},
                                    {.rule = bzc_rule_find("HDR-001"), .run = -1, .outcome = BZC_OUTCOME_FAIL}};
    struct bzc_verification of_file[2];

    (void)state;
    memset(of_file, 0, sizeof(of_file));
    for (unsigned i = 0; i < 2; i++) {
        of_file[i].findings.item = &around[i];
        of_file[i].findings.count = 1;
        sides[i].side.file_is = &of_file[i];
    }
    find(0, "HDR-001", -1, BZC_OUTCOME_PASS, BZC_SEVERITY_NOTE);
    find(1, "HDR-001", -1, BZC_OUTCOME_FAIL, BZC_SEVERITY_NOTE);
    compare();
    expect_count(2);
}

static void a_finding_with_other_values_is_no_new_one(void **state)
{
    (void)state;
    snprintf(find(0, "HDR-001", -1, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR)->actual, 8, "6");
    snprintf(find(1, "HDR-001", -1, BZC_OUTCOME_FAIL, BZC_SEVERITY_ERROR)->actual, 8, "7");
    find(0, "HDR-002", -1, BZC_OUTCOME_PASS, BZC_SEVERITY_ERROR);
    find(1, "HDR-002", -1, BZC_OUTCOME_UNKNOWN, BZC_SEVERITY_ERROR);
    compare();
    expect("finding.changed", "expected", "HDR-001 image-complete", "error: 6", "error: 7");
    expect("finding.unknown", "notable", "HDR-002 boot-flag", "pass", "unknown");
    expect_count(2);
}

static void every_kind_stands_at_its_index_with_a_name_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < BZC_DIFF_KIND_COUNT; i++) {
        assert_int_equal(bzc_diff_kinds[i].id, i);
        assert_true(bzc_diff_kinds[i].meaning[0]);
        assert_int_equal(policy.difference[i], bzc_diff_kinds[i].importance);
        assert_ptr_equal(bzc_diff_kind_find(bzc_diff_kinds[i].name), &bzc_diff_kinds[i]);
        if (i > 0)
            assert_true(bzc_diff_kinds[i].section >= bzc_diff_kinds[i - 1].section);
    }
    assert_null(bzc_diff_kind_find("header"));
}

#define DIFF_TEST(name) cmocka_unit_test_setup_teardown(name, fresh, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIFF_TEST(the_same_bytes_have_no_differences),
        DIFF_TEST(equal_facts_differ_in_nothing_but_the_digest),
        DIFF_TEST(a_number_of_the_header_is_told_by_its_direction),
        DIFF_TEST(each_bit_of_xloadflags_is_a_promise),
        DIFF_TEST(an_older_protocol_loses_fields),
        DIFF_TEST(a_profile_says_what_breaks),
        DIFF_TEST(parts_of_the_file),
        DIFF_TEST(signing_counts_once),
        DIFF_TEST(the_kernel_and_its_relocations),
        DIFF_TEST(segments_and_notes),
        DIFF_TEST(pe_headers_and_signatures),
        DIFF_TEST(another_kind_of_file),
        DIFF_TEST(a_run_that_breaks_says_nothing_else),
        DIFF_TEST(a_run_that_is_mended),
        DIFF_TEST(the_file_of_a_run_that_is_missing_was_cut_off),
        DIFF_TEST(stages_addresses_and_registers),
        DIFF_TEST(what_is_asked_of_the_pc),
        DIFF_TEST(a_bios_call_has_one_name),
        DIFF_TEST(the_order_of_first_use),
        DIFF_TEST(a_list_that_is_full_proves_no_absence),
        DIFF_TEST(runs_with_the_same_difference_are_named_together),
        DIFF_TEST(no_run_is_left_out_of_many),
        DIFF_TEST(findings_come_go_and_stay),
        DIFF_TEST(a_rule_that_says_the_same_counts_once),
        DIFF_TEST(findings_of_file_and_kernel_stay_apart),
        DIFF_TEST(a_finding_belongs_to_its_run),
        DIFF_TEST(a_finding_with_other_values_is_no_new_one),
        DIFF_TEST(every_kind_stands_at_its_index_with_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
