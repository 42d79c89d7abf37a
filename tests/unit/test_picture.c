/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pictures show: of guests of a few instructions, and of a test image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "followed_run.h"
#include "report/format.h"

static struct sample payload;

static void nobody_asked_for_a_picture(void **state)
{
    (void)state;
    options.pictures = false;
    verify(sample_bytes(&file));
    assert_null(run->picture);
}

static void stages_are_pictured_before_their_first_instruction(void **state)
{
    /* tiny_guest.h tells the code */
    static const struct {
        uint64_t phys;
        const char *text;
        bool a20_open;
    } stages[] = {
        {TINY_SETUP_ENTRY, "jmp 0x26c", false},
        {0x100000, "call 0x100005", true},
        {TINY_COPY + 0x1e, "lea esi, [ebp + 0x17b]", true},
        {TINY_KERNEL + TINY_ENTRY, NULL, true},
    };
    const struct bzc_picture *picture;

    (void)state;
    verify(sample_bytes(&file));
    picture = run->picture;
    assert_non_null(picture);
    assert_int_equal(run->stage_count, 4);
    assert_int_equal(picture->stage_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct bzc_stage_picture *stage = &picture->stage[i];

        assert_int_equal(bzc_regs_linear_ip(&stage->regs), stages[i].phys);
        assert_int_equal(stage->a20_open, stages[i].a20_open);
        assert_in_range(stage->line_count, 1, BZC_DISASM_LINES_MAX);
        assert_int_equal(stage->lines[0].address, stages[i].phys);
        assert_true(stage->lines[0].current);
        if (stages[i].text)
            assert_string_equal(stage->lines[0].text, stages[i].text);
    }
    assert_int_equal(picture->stage[3].regs.gpr[BZC_RSI], TINY_BOOT_PARAMS);
    assert_int_equal(picture->stage[1].line_count, 8);
    assert_int_equal(picture->stage[0].from_line_count, 0);
    assert_memory_equal(&picture->end.regs, &run->stop.regs, sizeof(run->stop.regs));
    assert_true(picture->end.a20_open);
    assert_int_equal(picture->end.line_count, run->stop.line_count);
}

/* tiny_setup enters protected mode at 0x1027e and loads CS at 0x10281. */
static void assert_tiny_setup_changes_the_mode(size_t index)
{
    assert_jump(index, "setup", "setup", 0x10281);
    assert_way(index, BZC_JUMP_FALL, 0x1027e, "mov cr0, eax");
    assert_modes(index, BZC_MODE_REAL, BZC_MODE_PROT16);
    assert_jump(index + 1, "setup", "setup", 0x10289);
    assert_way(index + 1, BZC_JUMP_FAR_JUMP, 0x10281, "ljmp 0x10:0x10289");
    assert_modes(index + 1, BZC_MODE_PROT16, BZC_MODE_PROT32);
}

static void jumps_tell_the_instructions_that_led_there(void **state)
{
    const struct bzc_stage_picture *stage;

    (void)state;
    verify(sample_bytes(&file));
    assert_int_equal(run->picture->jump_count, 6);
    assert_int_equal(run->picture->jumps_left_out, 0);
    assert_jump(0, NULL, "setup", TINY_SETUP_ENTRY);
    assert_way(0, BZC_JUMP_START, 0, "");
    assert_modes(0, BZC_MODE_REAL, BZC_MODE_REAL);
    assert_tiny_setup_changes_the_mode(1);
    assert_jump(3, "setup", "decompressor", 0x100000);
    assert_way(3, BZC_JUMP_JUMP, 0x102a8, "jmp dword ptr [0x10214]");
    assert_modes(3, BZC_MODE_PROT32, BZC_MODE_PROT32);
    assert_int_equal(run->picture->jump[3].regs.gpr[BZC_RSI], TINY_BOOT_PARAMS);
    assert_jump(4, "decompressor", "decompressor (relocated)", TINY_COPY + 0x1e);
    assert_way(4, BZC_JUMP_JUMP, 0x10001c, "jmp eax");
    assert_jump(5, "decompressor (relocated)", "kernel", TINY_KERNEL + TINY_ENTRY);
    assert_way(5, BZC_JUMP_JUMP, TINY_COPY + 55, "jmp eax");
    assert_modes(5, BZC_MODE_PROT32, BZC_MODE_PROT32);
    assert_true(run->picture->jump[4].seq < run->picture->jump[5].seq);
    /* xor edi, edi; mov esi, 0x10000; jmp */
    stage = &run->picture->stage[1];
    assert_in_range(stage->from_line_count, 3, BZC_DISASM_LINES_MAX);
    assert_string_equal(stage->from_lines[stage->from_line_count - 1].text, "jmp dword ptr [0x10214]");
    assert_true(stage->from_lines[stage->from_line_count - 1].current);
    assert_string_equal(stage->from_lines[stage->from_line_count - 2].text, "mov esi, 0x10000");
}

/* tiny_setup's ljmpl, at 0x10281, as old setup code has it: straight from 16-bit code to the decompressor. */
static void far_jump_is_read_as_the_code_it_stands_in(void **state)
{
    (void)state;
    bzc_store32(file.data + 0x283, 0x100000);
    verify(sample_bytes(&file));
    assert_jump(2, "setup", "decompressor", 0x100000);
    assert_way(2, BZC_JUMP_FAR_JUMP, 0x10281, "ljmp 0x10:0x100000");
    assert_modes(2, BZC_MODE_PROT16, BZC_MODE_PROT32);
}

/*
 * A decompressor that goes to long mode and halts there; its page tables, of one page of 2 MiB, lie in zeroed memory.
 * The offsets are those from 0x100000.
 */
static void each_mode_on_the_way_is_told_once(void **state)
{
    static const uint8_t code[] = {
        0xbf, 0x00, 0x90, 0x00, 0x00,                               /* 00 mov $0x9000,%edi */
        0xc7, 0x07, 0x07, 0xa0, 0x00, 0x00,                         /* 05 movl $0xa007,(%edi) */
        0xc7, 0x05, 0x00, 0xa0, 0x00, 0x00, 0x07, 0xb0, 0x00, 0x00, /* 0b movl $0xb007,0xa000 */
        0xc7, 0x05, 0x00, 0xb0, 0x00, 0x00, 0x83, 0x00, 0x00, 0x00, /* 15 movl $0x83,0xb000 */
        0x0f, 0x22, 0xdf,                                           /* 1f mov %edi,%cr3 */
        0x0f, 0x20, 0xe0,                                           /* 22 mov %cr4,%eax */
        0x0c, 0x20,                                                 /* 25 or $0x20,%al */
        0x0f, 0x22, 0xe0,                                           /* 27 mov %eax,%cr4 */
        0xb9, 0x80, 0x00, 0x00, 0xc0,                               /* 2a mov $0xc0000080,%ecx */
        0x0f, 0x32,                                                 /* 2f rdmsr */
        0x0f, 0xba, 0xe8, 0x08,                                     /* 31 bts $8,%eax */
        0x0f, 0x30,                                                 /* 35 wrmsr */
        0x0f, 0x20, 0xc0,                                           /* 37 mov %cr0,%eax */
        0x0f, 0xba, 0xe8, 0x1f,                                     /* 3a bts $31,%eax */
        0x0f, 0x22, 0xc0,                                           /* 3e mov %eax,%cr0 */
        0x0f, 0x01, 0x15, 0x68, 0x00, 0x10, 0x00,                   /* 41 lgdt 0x100068 */
        0xea, 0x4f, 0x00, 0x10, 0x00, 0x08, 0x00,                   /* 48 ljmp $8,$0x10004f */
        0xfa, 0xf4,                                                 /* 4f cli; hlt */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,                   /* 51 */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,             /* 58 */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x9b, 0x20, 0x00,             /* 60 64-bit code */
        0x0f, 0x00, 0x58, 0x00, 0x10, 0x00,                         /* 68 limit and base */
    };
    static struct sample guest;

    (void)state;
    tiny_payload(&payload);
    tiny_image(&guest, code, sizeof(code), &payload);
    verify(sample_bytes(&guest));
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->picture->jump_count, 6);
    assert_tiny_setup_changes_the_mode(1);
    assert_jump(3, "setup", "decompressor", 0x100000);
    assert_modes(3, BZC_MODE_PROT32, BZC_MODE_PROT32);
    assert_jump(4, "decompressor", "decompressor", 0x100041);
    assert_way(4, BZC_JUMP_FALL, 0x10003e, "mov cr0, eax");
    assert_modes(4, BZC_MODE_PROT32, BZC_MODE_COMPAT32);
    assert_jump(5, "decompressor", "decompressor", 0x10004f);
    assert_way(5, BZC_JUMP_FAR_JUMP, 0x100048, "ljmp 8:0x10004f");
    assert_modes(5, BZC_MODE_COMPAT32, BZC_MODE_LONG);
}

static void trampoline_is_the_loader(void **state)
{
    const struct bzc_region_jump *jump;

    (void)state;
    options.scenario[0] = bzc_scenario_find("entry32");
    verify(sample_bytes(&file));
    assert_jump(0, NULL, "loader", run->plan.start.seg[BZC_CS].base);
    assert_string_equal(run->picture->jump[1].to, "loader");
    assert_modes(1, BZC_MODE_REAL, BZC_MODE_PROT16);
    assert_string_equal(run->picture->jump[2].to, "loader");
    assert_modes(2, BZC_MODE_PROT16, BZC_MODE_PROT32);
    assert_jump(3, "loader", "decompressor", 0x100000);
    jump = &run->picture->jump[3];
    assert_int_equal(jump->kind, BZC_JUMP_FAR_JUMP);
    assert_string_equal(jump->instruction, "ljmp 0x10:0x100000");
    assert_in_range(jump->from_phys, run->plan.start.seg[BZC_CS].base, run->plan.start.seg[BZC_CS].base + 0x1000);
}

static void memory_knows_who_wrote_it(void **state)
{
    const struct bzc_picture *picture;

    (void)state;
    verify(sample_bytes(&file));
    picture = run->picture;
    /* Before anything ran the loader has written all there is. */
    for (size_t i = 0; i < picture->stage[0].range_count; i++)
        assert_int_equal(picture->stage[0].range[i].writer, 0);
    assert_int_equal(writer_of(&picture->stage[0], 0x100000), 0);
    assert_int_equal(writer_of(&picture->stage[0], 0x10000), 0);
    assert_int_equal(writer_of(&picture->stage[0], TINY_COPY), -1);
    /* The decompressor wrote its copy, the copy wrote the kernel; nobody touched what was loaded. */
    assert_int_equal(writer_of(&picture->stage[2], TINY_COPY), 2);
    assert_int_equal(writer_of(&picture->stage[2], TINY_KERNEL), -1);
    assert_int_equal(writer_of(&picture->stage[3], TINY_KERNEL), 3);
    assert_int_equal(writer_of(&picture->stage[3], TINY_COPY), 2);
    assert_int_equal(writer_of(&picture->end, TINY_KERNEL), 3);
    assert_int_equal(writer_of(&picture->end, 0x100000), 0);
    assert_int_equal(writer_of(&picture->end, 0x100000 + 0x1000), -1);
    for (size_t i = 1; i < picture->end.range_count; i++)
        assert_true(picture->end.range[i - 1].phys + picture->end.range[i - 1].size <= picture->end.range[i].phys);
}

/* The JSON report of `verification`, which is freed; to be freed. */
static char *json_report(void)
{
    const struct bzc_report_format *json = bzc_report_format_find("json");
    const struct bzc_report_entry entry = {
        .path = "tiny", .command = "verify", .verified = true, .verification = &verification};
    const struct bzc_format_options format = {.verbose = true};
    struct bzc_error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    void *report;

    assert_non_null(out);
    assert_int_equal(json->open(&format, out, &report, &err), BZC_OK);
    assert_int_equal(json->add(report, &entry, &err), BZC_OK);
    assert_int_equal(json->close(report, &err), BZC_OK);
    json->free(report);
    fclose(out);
    bzc_verification_free(&verification);
    return text;
}

/* All runs that suit the image, each with a picture or without, and watched: the report is the same. */
static void pictures_change_nothing(void **state)
{
    char *text[3];

    (void)state;
    options.load_addr_count = options.scenario_count = 0;
    for (size_t i = 0; i < 3; i++) {
        struct bzc_error err;

        options.pictures = i == 1;
        options.watcher = i == 2 ? &watcher : NULL;
        assert_int_equal(bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err), BZC_OK);
        assert_in_range(verification.facts.run_count, 4, 64);
        assert_int_equal(verification.facts.run[0].picture != NULL, i > 0);
        text[i] = json_report();
    }
    assert_non_null(strstr(text[0], "\"stages\""));
    assert_string_equal(text[0], text[1]);
    assert_string_equal(text[0], text[2]);
    for (size_t i = 0; i < 3; i++)
        free(text[i]);
}

/* Each second page of 16 MiB: 2048 ranges. */
static void no_more_ranges_than_there_is_room_for(void **state)
{
    static struct sample many;
    static const uint8_t writes[] = {
        0xbf, 0x00, 0x00, 0x40, 0x01,       /* mov $0x1400000,%edi */
        0xb9, 0x00, 0x08, 0x00, 0x00,       /* mov $2048,%ecx */
        0x89, 0x3f,                         /* 1: mov %edi,(%edi) */
        0x81, 0xc7, 0x00, 0x20, 0x00, 0x00, /* add $0x2000,%edi */
        0xe2, 0xf6,                         /* loop 1b */
        0xfa, 0xf4,                         /* cli; hlt */
    };
    const struct bzc_stage_picture *end;

    (void)state;
    tiny_payload(&payload);
    tiny_image(&many, writes, sizeof(writes), &payload);
    verify(sample_bytes(&many));
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    end = &run->picture->end;
    assert_int_equal(end->range_count, BZC_PICTURE_RANGES_MAX);
    assert_in_range(end->ranges_left_out, 1024, 1024 + 32); /* and what lies below */
    assert_int_equal(writer_of(end, 0x1400000), 2);
    assert_int_equal(writer_of(end, 0x1401000), -1);
}

/* ---- a test image ---- */

static struct bzc_bytes test_image(const char *name)
{
    struct bzc_error err;
    struct bzc_bytes bytes;
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", getenv("BZC_IMAGES"), name);
    if (bzc_file_read(path, 16u << 20, &bytes, &err) != BZC_OK)
        fail_msg("%s", err.message);
    return bytes;
}

/* Offset of these bytes, which stand there once. */
static uint64_t find_once(const uint8_t *data, size_t data_size, const void *code, size_t size)
{
    const uint8_t *found = memmem(data, data_size, code, size);

    assert_non_null(found);
    assert_null(memmem(found + 1, data_size - (size_t)(found + 1 - data), code, size));
    return (uint64_t)(found - data);
}

static uint64_t size_of_setup(struct bzc_bytes image)
{
    return ((uint64_t)image.data[0x1f1] + 1) * 512;
}

/* In the protected-mode part. */
static uint64_t find_code(struct bzc_bytes image, const void *code, size_t size)
{
    uint64_t pm = size_of_setup(image);

    return find_once(image.data + pm, image.size - pm, code, size);
}

/*
 * tests/images/setup/jump.S ends with jmp *%edx; decompressor/head64.S goes to `relocated` by jmp *%rax, RBX being the
 * new place, and ends with movq %r15, %rsi; jmp *%rax.
 */
static void parts_of_the_test_image(void **state)
{
    struct bzc_bytes image = test_image("good64.bzImage"), vmlinux = test_image("good64.vmlinux");
    uint64_t to_copy = find_code(image, "\xff\xe0\x48\x8d\x05", 5),
             to_kernel = find_code(image, "\x4c\x89\xfe\xff\xe0", 5);
    uint64_t entry = bzc_load64(vmlinux.data + 24), copy;
    const struct bzc_picture *picture;
    size_t services = 0, at[4] = {0}, parts = 0;

    (void)state;
    options.cmdline = "quiet";
    verify(image);
    picture = run->picture;
    for (size_t i = 0; i < picture->jump_count; i++) {
        if (strcmp(picture->jump[i].to, "BIOS") != 0) {
            if (picture->jump[i].from && strcmp(picture->jump[i].from, picture->jump[i].to) == 0)
                continue;
            assert_in_range(parts, 0, 3);
            at[parts++] = i;
            continue;
        }
        assert_modes(i, BZC_MODE_REAL, BZC_MODE_REAL);
        assert_string_equal(picture->jump[i].from, "setup");
        assert_int_equal(picture->jump[i].kind, BZC_JUMP_INTERRUPT);
        services++;
    }
    /* setup.c calls INT 10h, 12h and 15h */
    assert_int_equal(services, 3);
    assert_int_equal(parts, 4);
    assert_jump(at[0], NULL, "setup", 0x10200);
    assert_jump(at[1], "setup", "decompressor", 0x100000);
    assert_int_equal(picture->jump[at[1]].kind, BZC_JUMP_JUMP);
    assert_string_equal(picture->jump[at[1]].instruction, "jmp edx");
    assert_memory_equal(image.data + picture->jump[at[1]].from_phys - 0x10000, "\xff\xe2", 2);
    copy = picture->jump[at[2]].regs.gpr[BZC_RBX];
    assert_jump(at[2], "decompressor", "decompressor (relocated)", copy + to_copy + 2);
    assert_way(at[2], BZC_JUMP_JUMP, 0x100000 + to_copy, "jmp rax");
    assert_jump(at[3], "decompressor (relocated)", "kernel", 0x1000000 + (entry & 0xfff));
    assert_way(at[3], BZC_JUMP_JUMP, copy + to_kernel + 3, "jmp rax");
    assert_int_equal(picture->jump[at[3]].mode, BZC_MODE_LONG);

    /* setup fills boot_params, the decompressor moves itself, and there unpacks the kernel. */
    assert_int_equal(writer_of(&picture->stage[0], run->entry.boot_params_phys), 0);
    assert_int_equal(writer_of(&picture->stage[1], run->entry.boot_params_phys), 1);
    assert_int_equal(writer_of(&picture->end, bzc_plan_block(&run->plan, BZC_BLOCK_CMDLINE)->phys), 0);
    assert_int_equal(writer_of(&picture->end, 0x100000), 0);
    assert_int_equal(writer_of(&picture->stage[2], copy), 2);
    assert_int_equal(writer_of(&picture->end, 0x1000000), 3);
    bzc_verification_free(&verification);
    free((void *)(uintptr_t)image.data);
    free((void *)(uintptr_t)vmlinux.data);
}

/*
 * setup/jump.S enters protected mode by "movl %eax, %cr0; ljmpl *flat_pointer" and goes on at `flat`, "movl $0x18,
 * %eax; movl %eax, %ss"; decompressor/head64.S enters compatibility mode by "movl $0x80000001, %eax; movl %eax, %cr0",
 * and long mode at startup_64, 0x200, by "lret".
 */
static void modes_of_the_test_image(void **state)
{
    struct bzc_bytes image = test_image("good64.bzImage");
    uint64_t to_protected = 0x10000 + find_once(image.data, size_of_setup(image), "\x0f\x22\xc0\x66\xff\x2e", 6);
    uint64_t flat = 0x10000 + find_once(image.data, size_of_setup(image), "\xb8\x18\x00\x00\x00\x8e\xd0", 7);
    uint64_t to_paging = 0x100005 + find_code(image, "\xb8\x01\x00\x00\x80\x0f\x22\xc0\xcb", 9);
    size_t at[4] = {0}, changes = 0;

    (void)state;
    options.cmdline = "quiet";
    verify(image);
    for (size_t i = 0; i < run->picture->jump_count; i++) {
        if (run->picture->jump[i].mode == run->picture->jump[i].mode_before)
            continue;
        assert_in_range(changes, 0, 3);
        at[changes++] = i;
    }
    assert_int_equal(changes, 4);
    assert_jump(at[0], "setup", "setup", to_protected + 3);
    assert_way(at[0], BZC_JUMP_FALL, to_protected, "mov cr0, eax");
    assert_modes(at[0], BZC_MODE_REAL, BZC_MODE_PROT16);
    assert_jump(at[1], "setup", "setup", flat);
    assert_int_equal(run->picture->jump[at[1]].kind, BZC_JUMP_FAR_JUMP);
    assert_int_equal(run->picture->jump[at[1]].from_linear, to_protected + 3);
    assert_modes(at[1], BZC_MODE_PROT16, BZC_MODE_PROT32);
    assert_jump(at[2], "decompressor", "decompressor", to_paging + 3);
    assert_way(at[2], BZC_JUMP_FALL, to_paging, "mov cr0, eax");
    assert_modes(at[2], BZC_MODE_PROT32, BZC_MODE_COMPAT32);
    assert_jump(at[3], "decompressor", "decompressor", 0x100200);
    assert_way(at[3], BZC_JUMP_FAR_RETURN, to_paging + 3, "retf");
    assert_modes(at[3], BZC_MODE_COMPAT32, BZC_MODE_LONG);
    bzc_verification_free(&verification);
    free((void *)(uintptr_t)image.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_asked_for_a_picture, fresh, done),
        cmocka_unit_test_setup_teardown(stages_are_pictured_before_their_first_instruction, fresh, done),
        cmocka_unit_test_setup_teardown(jumps_tell_the_instructions_that_led_there, fresh, done),
        cmocka_unit_test_setup_teardown(far_jump_is_read_as_the_code_it_stands_in, fresh, done),
        cmocka_unit_test_setup_teardown(each_mode_on_the_way_is_told_once, fresh, done),
        cmocka_unit_test_setup_teardown(trampoline_is_the_loader, fresh, done),
        cmocka_unit_test_setup_teardown(memory_knows_who_wrote_it, fresh, done),
        cmocka_unit_test_setup_teardown(pictures_change_nothing, fresh, done),
        cmocka_unit_test_setup_teardown(no_more_ranges_than_there_is_room_for, fresh, done),
        cmocka_unit_test_setup(parts_of_the_test_image, fresh),
        cmocka_unit_test_setup(modes_of_the_test_image, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
