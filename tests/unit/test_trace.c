/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces of events made by hand: no machine. Instructions are bytes with their text from the Intel SDM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/trace_collect.h"

#define CODE_PHYS 0x100000u

/* cld; mov eax, 5; jmp -2 (to itself); push eax, which in 16-bit code is push ax */
static const uint8_t code[4096] = {0xfc, 0xb8, 5, 0, 0, 0, 0xeb, 0xfe, 0x50};

static struct bzc_bytes view(void *context, uint64_t phys, uint64_t size)
{
    (void)context;
    if (phys < CODE_PHYS || phys - CODE_PHYS + size > sizeof(code))
        return (struct bzc_bytes){0};
    return (struct bzc_bytes){code + (phys - CODE_PHYS), size};
}

/* A trace of events, and what it wrote. */
struct scene {
    struct bzc_trace_request request;
    struct bzc_trace_head head;
    struct bzc_trace *trace;
    struct bzc_watcher watcher;
    struct bzc_verification verification;
    struct bzc_run_facts run;
    struct bzc_guest_view guest;
    struct bzc_regs regs;
    const char *region;
    uint64_t seq, block;
    struct bzc_trace_text text;
    struct bzc_trace_json json;
    char *text_data, *json_data;
    size_t text_size, json_size;
};

static void open_scene(struct scene *scene, enum bzc_trace_level level)
{
    scene->request.level = level;
    if (scene->request.filter.kinds == 0)
        scene->request.filter.kinds = bzc_trace_kinds_default() | bzc_trace_kinds_of_level(level);
    scene->head = (struct bzc_trace_head){.path = "image", .level = "insns", .counted = level >= BZC_TRACE_BRANCHES};
    scene->run.scenario = "bios";
    scene->run.load_addr = 0x100000;
    scene->run.stop.reason = BZC_STOP_HALT;
    scene->run.stop.linear = 0x100007;
    scene->verification.facts.run = &scene->run;
    scene->verification.facts.run_count = 1;
    scene->verification.executed = true;
    scene->guest.view = view;
    scene->region = "decompressor";
    /* flat 32-bit code */
    scene->regs.cr0 = BZC_CR0_PE;
    scene->regs.seg[BZC_CS] = (struct bzc_segment){.selector = 0x10, .access = 0xc09b, .limit = UINT32_MAX};
    scene->text.out = open_memstream(&scene->text_data, &scene->text_size);
    scene->json.out = open_memstream(&scene->json_data, &scene->json_size);
    assert_non_null(scene->text.out);
    assert_non_null(scene->json.out);
    scene->trace = bzc_trace_new(
        &scene->request, &scene->head,
        (const struct bzc_trace_writer[]){bzc_trace_text_writer(&scene->text), bzc_trace_json_writer(&scene->json)}, 2);
    assert_non_null(scene->trace);
    scene->watcher = bzc_trace_watcher(scene->trace);
    scene->watcher.begin(scene->watcher.context, &scene->run);
}

static struct bzc_watched watched_at(const struct scene *scene, uint64_t linear)
{
    return (struct bzc_watched){.run = &scene->run,
                                .guest = &scene->guest,
                                .region = scene->region,
                                .region_offset = linear - CODE_PHYS,
                                .regs = &scene->regs,
                                .block = scene->block};
}

static void tell(struct scene *scene, struct bzc_event event)
{
    struct bzc_watched watched = watched_at(scene, event.ip);

    event.seq = scene->seq++;
    if (event.ip == 0)
        watched.region = NULL;
    if (event.kind != BZC_EVENT_EDGE && event.kind != BZC_EVENT_INSN)
        watched.regs = NULL;
    scene->watcher.event(scene->watcher.context, &event, &watched);
}

static void tell_insn(struct scene *scene, uint64_t address, unsigned size)
{
    tell(scene, (struct bzc_event){.kind = BZC_EVENT_INSN, .ip = address, .a = address, .size = size});
}

static void tell_edge(struct scene *scene, uint64_t from, uint64_t to)
{
    tell(scene, (struct bzc_event){.kind = BZC_EVENT_EDGE, .ip = to, .a = to, .b = from, .c = from});
}

static void tell_port(struct scene *scene, uint64_t port, uint64_t value)
{
    tell(scene, (struct bzc_event){.kind = BZC_EVENT_PORT_OUT, .a = port, .b = value, .size = 1, .name = "COM1"});
}

static void tell_text(struct scene *scene, const char *text)
{
    for (; *text; text++)
        tell(scene, (struct bzc_event){.kind = BZC_EVENT_CONSOLE, .a = (uint8_t)*text, .b = 1});
}

static void tell_change(struct scene *scene, uint64_t linear, enum bzc_mode mode_before)
{
    struct bzc_region_jump jump = {.seq = scene->seq,
                                   .from = "setup",
                                   .to = "decompressor",
                                   .kind = BZC_JUMP_FAR_JUMP,
                                   .from_known = true,
                                   .from_linear = 0x10abc,
                                   .from_phys = 0x10abc,
                                   .instruction = "ljmp 0x10:0x100000",
                                   .linear = linear,
                                   .phys = linear,
                                   .mode_before = mode_before,
                                   .mode = BZC_MODE_PROT32,
                                   .regs = scene->regs};
    struct bzc_watched watched = watched_at(scene, linear);

    scene->watcher.jump(scene->watcher.context, &jump, &watched);
}

static void tell_jump(struct scene *scene, uint64_t linear)
{
    tell_change(scene, linear, BZC_MODE_PROT32);
}

static void close_scene(struct scene *scene)
{
    tell(scene, (struct bzc_event){.kind = BZC_EVENT_STOP, .ip = 0x100007});
    assert_true(bzc_trace_finish(scene->trace, &scene->verification));
    bzc_trace_free(scene->trace);
    fclose(scene->text.out);
    fclose(scene->json.out);
}

static void free_scene(struct scene *scene)
{
    free(scene->text_data);
    free(scene->json_data);
}

static void expect_text(const struct scene *scene, const char *part)
{
    if (!strstr(scene->text_data, part))
        fail_msg("'%s' is not in:\n%s", part, scene->text_data);
}

static void expect_no_text(const struct scene *scene, const char *part)
{
    if (strstr(scene->text_data, part))
        fail_msg("'%s' is in:\n%s", part, scene->text_data);
}

static void expect_json(const struct scene *scene, const char *part)
{
    if (!strstr(scene->json_data, part))
        fail_msg("'%s' is not in:\n%s", part, scene->json_data);
}

/* Lines of the JSON trace that hold `part`. */
static unsigned json_lines(const struct scene *scene, const char *part)
{
    unsigned count = 0;

    for (const char *at = scene->json_data; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

/* ---- levels ---- */

static void instructions_have_text_and_changes(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_INSNS);
    scene.regs.gpr[BZC_RBX] = 0x1234;
    tell_insn(&scene, 0x100000, 1);
    tell_insn(&scene, 0x100001, 5);
    scene.regs.gpr[BZC_RAX] = 5;
    tell_insn(&scene, 0x100006, 2);
    tell_insn(&scene, 0x100006, 2);
    close_scene(&scene);
    expect_text(&scene, "in decompressor\n");
    expect_text(&scene, "  0x100000    cld");
    expect_text(&scene, "rbx=0x1234");
    expect_text(&scene, "  0x100001    mov eax, 5\n");
    expect_text(&scene, "  0x100006    jmp 0x100006");
    expect_text(&scene, " rax=0x5\n");
    expect_text(&scene, "  0x100006    jmp 0x100006\n");
    expect_json(&scene, "\"instruction\":\"mov eax, 5\",\"mode\":\"protected-32\",\"changed\":{}");
    expect_json(&scene, "\"changed\":{\"rax\":\"0x5\"}");
    assert_int_equal(json_lines(&scene, "\"type\":\"insn\""), 4);
    expect_json(&scene, "{\"type\":\"end\",\"records\":4,");
    free_scene(&scene);
}

static void the_mode_tells_how_code_is_read(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_INSNS);
    tell_insn(&scene, 0x100008, 1);
    /* the same byte in 16-bit code */
    scene.regs.seg[BZC_CS].access = 0x809b;
    tell_insn(&scene, 0x100008, 1);
    close_scene(&scene);
    expect_text(&scene, "push eax");
    expect_text(&scene, "push ax");
    free_scene(&scene);
}

static void edges_have_both_ends(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_EDGES);
    tell_edge(&scene, 0, 0x100000);
    tell_edge(&scene, 0x100006, 0x100006);
    close_scene(&scene);
    expect_text(&scene, "  ?           -> 0x100000\n");
    expect_text(&scene, "  0x100006    -> 0x100006     jmp 0x100006\n");
    expect_json(&scene, "\"from\":null,\"instruction\":null");
    expect_json(&scene, "\"type\":\"edge\"");
    expect_json(&scene, "\"from\":{\"linear\":\"0x100006\",\"phys\":\"0x100006\",\"stage\":\"decompressor\"");
    assert_int_equal(json_lines(&scene, "\"block\":null"), 2);
    free_scene(&scene);
}

static void branches_are_told_with_their_block(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_BRANCHES);
    scene.block = 77;
    tell_edge(&scene, 0x100006, 0x100006);
    tell_edge(&scene, 0x100006, 0x100006);
    tell_insn(&scene, 0x100006, 2);
    close_scene(&scene);
    assert_int_equal(json_lines(&scene, "\"type\":\"branch\",\"seq\":"), 2);
    assert_int_equal(json_lines(&scene, "\"block\":77"), 2);
    assert_int_equal(json_lines(&scene, "\"type\":\"insn\""), 0);
    free_scene(&scene);
}

static void jumps_have_reason_and_registers(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    assert_int_equal(scene.watcher.trace.level, BZC_TRACE_CODE);
    assert_false(scene.watcher.counted);
    scene.regs.gpr[BZC_RSI] = 0x107c0;
    tell_jump(&scene, 0x100000);
    tell_edge(&scene, 0, 0x100000);
    close_scene(&scene);
    expect_text(&scene, "setup 0x10abc -> decompressor 0x100000\n    far-jump: ljmp 0x10:0x100000, protected-32\n");
    expect_text(&scene, "rsi 0x107c0");
    expect_text(&scene, "cs 0x10");
    expect_text(&scene, "cr0 0x1");
    expect_no_text(&scene, "r15");
    expect_json(&scene, "\"reason\":\"far-jump\",\"instruction\":\"ljmp 0x10:0x100000\","
                        "\"mode_before\":\"protected-32\",\"mode\":\"protected-32\"");
    expect_json(&scene, "\"r15\":\"0x0\"");
    assert_int_equal(json_lines(&scene, "\"type\":\"edge\""), 0);
    free_scene(&scene);
}

static void jumps_tell_both_modes(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    tell_change(&scene, 0x100000, BZC_MODE_REAL);
    close_scene(&scene);
    expect_text(&scene, "    far-jump: ljmp 0x10:0x100000, real -> protected-32\n");
    expect_json(&scene, "\"mode_before\":\"real\",\"mode\":\"protected-32\"");
    free_scene(&scene);
}

/* ---- events ---- */

static void events_that_are_alike_are_counted(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    tell_port(&scene, 0x3f8, 'a');
    tell_port(&scene, 0x80, 0);
    tell_port(&scene, 0x3f8, 'b');
    tell_port(&scene, 0x80, 0);
    tell_port(&scene, 0x80, 0);
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_PORT_OUT, .a = 0x80, .size = 2, .name = "COM1"});
    tell_jump(&scene, 0x100000);
    tell_port(&scene, 0x80, 0);
    close_scene(&scene);
    expect_text(&scene, "port 0x3f8 gets 0x61 first, 1 byte: COM1  (2 times)\n");
    expect_text(&scene, "port 0x80 gets 0x0, 1 byte: COM1  (3 times)\n");
    expect_text(&scene, "port 0x80 gets 0x0, 1 byte: COM1\n");
    expect_json(&scene, "\"count\":3");
    assert_int_equal(json_lines(&scene, "\"type\":\"port-out\""), 4);
    free_scene(&scene);
}

static void every_event_has_a_record_of_its_own(void **state)
{
    struct scene scene = {.request = {.every = true}};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    tell_port(&scene, 0x80, 0);
    tell_port(&scene, 0x80, 0);
    tell_text(&scene, "ab");
    close_scene(&scene);
    assert_int_equal(json_lines(&scene, "\"type\":\"port-out\""), 2);
    assert_int_equal(json_lines(&scene, "\"type\":\"console\""), 2);
    assert_int_equal(json_lines(&scene, "\"count\":1,"), 4);
    free_scene(&scene);
}

static void printed_lines_are_records(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    tell_text(&scene, "one\r\n\r\ntw");
    tell_port(&scene, 0x80, 0);
    tell_text(&scene, "o\033[2J\n");
    close_scene(&scene);
    expect_text(&scene, "screen: one\n");
    expect_text(&scene, "screen: two?[2J\n");
    assert_int_equal(json_lines(&scene, "\"type\":\"console\""), 2);
    expect_json(&scene, "\"device\":\"screen\",\"text\":\"one\\r\\n\"");
    free_scene(&scene);
}

static void events_say_what_happened(void **state)
{
    struct scene scene = {.request = {.filter = {.kinds = UINT32_MAX}}};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_BIOS_CALL, .a = 0x15, .b = 0xe820, .name = "memory map"});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_BIOS_CALL, .a = 0x17, .b = 0x200, .c = 1});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_PORT_IN, .a = 0x1234, .b = 0xffff, .size = 2});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_INTERRUPT, .a = 8, .b = 0x12345});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_PAGE_FAULT, .ip = 0x100001, .a = 0xdead000, .b = 2});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_A20, .a = 1, .name = "port 92h"});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_ROM_WRITE, .ip = 0x100002, .a = 0xf1000});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_OPEN_BUS_READ, .ip = 0x100003, .a = 0xc0000000});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_PAGE_WRITE, .a = 0x7000});
    tell(&scene,
         (struct bzc_event){.kind = BZC_EVENT_WRITE, .ip = 0x100004, .a = 0x1f1, .c = 0x101f1, .b = 0x27, .size = 1});
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_RESET, .name = "port CF9h"});
    close_scene(&scene);
    expect_text(&scene, "  bios                    int 0x15 with eax 0xe820: memory map\n");
    expect_text(&scene, "int 0x17 with eax 0x200: nobody answers\n");
    expect_text(&scene, "port 0x1234 gives 0xffff, 2 bytes: nobody answers\n");
    expect_text(&scene, "vector 0x8, handler at 0x12345\n");
    expect_text(&scene, "  page-fault  0x100001    at 0xdead000, error code 0x2\n");
    expect_text(&scene, "opened by port 92h\n");
    expect_text(&scene, "write to the ROM page 0xf1000\n");
    expect_text(&scene, "read of the page 0xc0000000, where nothing is\n");
    expect_text(&scene, "first write to the page 0x7000\n");
    expect_text(&scene, "  write       0x100004    0x1f1 gets 0x27, 1 byte\n");
    expect_text(&scene, "by port CF9h\n");
    expect_json(&scene, "\"service\":null,\"answered\":false");
    expect_json(&scene, "\"target\":\"0x1f1\",\"target_phys\":\"0x101f1\",\"value\":\"0x27\",\"size\":1");
    expect_json(&scene, "{\"type\":\"end\",\"records\":11,");
    free_scene(&scene);
}

/* ---- stretches ---- */

static void a_repeated_run_is_told_once(void **state)
{
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_EDGES);
    tell_edge(&scene, 0, 0x100000);
    tell_port(&scene, 0x80, 0);
    scene.watcher.begin(scene.watcher.context, &scene.run);
    tell_edge(&scene, 0, 0x100001);
    close_scene(&scene);
    expect_no_text(&scene, "-> 0x100000");
    expect_no_text(&scene, "port");
    expect_text(&scene, "-> 0x100001");
    assert_int_equal(json_lines(&scene, "\"type\":\"trace\""), 1);
    free_scene(&scene);
}

static void until_ends_the_trace(void **state)
{
    struct scene scene = {.request = {.has_until = true, .until = 0x100006}};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    /* Stages alone do not show where control goes. */
    assert_int_equal(scene.watcher.trace.level, BZC_TRACE_EDGES);
    tell_port(&scene, 0x80, 0);
    tell_edge(&scene, 0, 0x100006);
    tell_port(&scene, 0x81, 0);
    tell_jump(&scene, 0x100000);
    tell_jump(&scene, 0x100006);
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_STOP});
    assert_true(bzc_trace_reached(scene.trace));
    close_scene(&scene);
    expect_text(&scene, "port 0x80");
    expect_no_text(&scene, "port 0x81");
    expect_no_text(&scene, "decompressor 0x100000");
    expect_text(&scene, "decompressor 0x100006");
    expect_no_text(&scene, "-> 0x100006 ");
    free_scene(&scene);
}

static void around_shows_neighbours(void **state)
{
    struct scene scene = {.request = {.has_around = true, .around = 0x100006, .context = 1}};

    (void)state;
    open_scene(&scene, BZC_TRACE_INSNS);
    for (unsigned i = 0; i < 4; i++)
        tell_insn(&scene, 0x100000, 1);
    tell_insn(&scene, 0x100001, 5);
    tell_insn(&scene, 0x100006, 2);
    tell_insn(&scene, 0x100000, 1);
    tell_insn(&scene, 0x100001, 5);
    assert_true(bzc_trace_reached(scene.trace));
    close_scene(&scene);
    expect_text(&scene, "  ... 4 records left out\n");
    assert_int_equal(json_lines(&scene, "\"type\":\"insn\""), 3);
    assert_int_equal(json_lines(&scene, "{\"type\":\"gap\",\"left_out\":4}"), 1);
    free_scene(&scene);
}

static void last_leaves_out_what_was_before_its_block(void **state)
{
    struct scene scene = {.request = {.last = 2, .from_block = 10}};

    (void)state;
    open_scene(&scene, BZC_TRACE_INSNS);
    assert_int_equal(scene.watcher.trace.from_block, 10);
    scene.block = 9;
    tell_port(&scene, 0x80, 0);
    scene.block = 10;
    tell_insn(&scene, 0x100001, 5);
    tell(&scene, (struct bzc_event){.kind = BZC_EVENT_STOP});
    assert_int_equal(bzc_trace_held(scene.trace), 1);
    assert_int_equal(bzc_trace_blocks(scene.trace), 10);
    close_scene(&scene);
    expect_no_text(&scene, "port");
    expect_text(&scene, "mov eax, 5");
    free_scene(&scene);
}

static void only_wanted_code_is_asked_for(void **state)
{
    struct scene scene = {.request = {.filter = {.range = {{0x1000, 0x2000}}, .range_count = 1}}};

    (void)state;
    open_scene(&scene, BZC_TRACE_INSNS);
    assert_true(scene.watcher.counted);
    assert_int_equal(scene.watcher.trace.range_count, 1);
    assert_int_equal(scene.watcher.trace.range[0].end, 0x2000);
    assert_false(scene.watcher.trace.page_writes);
    close_scene(&scene);
    free_scene(&scene);
}

static void devices_are_spoken_to_from_the_present_stage(void **state)
{
    struct scene scene = {.request = {.filter = {.stage = {"decompressor"}, .stage_count = 1}}};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    tell_port(&scene, 0x80, 0);
    tell_jump(&scene, 0x100000);
    tell_port(&scene, 0x81, 0);
    close_scene(&scene);
    expect_no_text(&scene, "port 0x80");
    expect_text(&scene, "port 0x81");
    expect_json(&scene, "\"at\":{\"linear\":null,\"phys\":null,\"stage\":\"decompressor\"");
    free_scene(&scene);
}

static void the_end_says_what_came_of_it(void **state)
{
    static const struct bzc_rule rule = {.id = "RUN-901", .name = "sample", .severity = BZC_SEVERITY_ERROR};
    struct bzc_finding finding = {.rule = &rule, .severity = BZC_SEVERITY_ERROR, .outcome = BZC_OUTCOME_FAIL};
    struct scene scene = {0};

    (void)state;
    open_scene(&scene, BZC_TRACE_CODE);
    snprintf(finding.message, sizeof(finding.message), "it is not reached");
    snprintf(scene.run.stop.detail, sizeof(scene.run.stop.detail), "nothing can wake it");
    scene.run.stage[0].name = "decompressor";
    scene.run.stage_count = 1;
    scene.verification.findings.item = &finding;
    scene.verification.findings.count = 1;
    scene.verification.verdict = BZC_VERDICT_FAIL;
    close_scene(&scene);
    expect_text(&scene, "image\n  bios at 0x100000, nokaslr\n\n");
    expect_text(&scene, "stopped: halt in decompressor at 0x100007: nothing can wake it\n"
                        "error RUN-901 sample: it is not reached\n"
                        "FAIL  image: 0 records of one run\n");
    expect_json(&scene,
                "\"findings\":[{\"rule\":\"RUN-901\",\"name\":\"sample\",\"severity\":\"error\",\"message\":\"it "
                "is not reached\"}],\"verdict\":\"fail\",\"reason\":null}");
    free_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_have_text_and_changes),
        cmocka_unit_test(the_mode_tells_how_code_is_read),
        cmocka_unit_test(edges_have_both_ends),
        cmocka_unit_test(branches_are_told_with_their_block),
        cmocka_unit_test(jumps_have_reason_and_registers),
        cmocka_unit_test(jumps_tell_both_modes),
        cmocka_unit_test(events_that_are_alike_are_counted),
        cmocka_unit_test(every_event_has_a_record_of_its_own),
        cmocka_unit_test(printed_lines_are_records),
        cmocka_unit_test(events_say_what_happened),
        cmocka_unit_test(a_repeated_run_is_told_once),
        cmocka_unit_test(until_ends_the_trace),
        cmocka_unit_test(around_shows_neighbours),
        cmocka_unit_test(last_leaves_out_what_was_before_its_block),
        cmocka_unit_test(only_wanted_code_is_asked_for),
        cmocka_unit_test(devices_are_spoken_to_from_the_present_stage),
        cmocka_unit_test(the_end_says_what_came_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
