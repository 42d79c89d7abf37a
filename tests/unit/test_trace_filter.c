/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/trace_filter.h"

static struct bzc_trace_record record_at(enum bzc_record_kind kind, const char *stage, uint64_t linear)
{
    return (struct bzc_trace_record){.kind = kind, .count = 1, .at = {.known = true, .linear = linear, .stage = stage}};
}

static void filter_chooses_by_kind(void **state)
{
    struct bzc_trace_filter filter = {.kinds = 1u << BZC_RECORD_BIOS};
    struct bzc_trace_record bios = record_at(BZC_RECORD_BIOS, "setup", 0x10200);
    struct bzc_trace_record port = record_at(BZC_RECORD_PORT_IN, "setup", 0x10200);

    (void)state;
    assert_true(bzc_trace_filter_accepts(&filter, &bios));
    assert_false(bzc_trace_filter_accepts(&filter, &port));
}

static void filter_chooses_by_stage(void **state)
{
    struct bzc_trace_filter filter = {.kinds = UINT32_MAX, .stage = {"decompressor"}, .stage_count = 1};
    struct bzc_trace_record in = record_at(BZC_RECORD_INSN, "decompressor", 0x100000);
    struct bzc_trace_record copy = record_at(BZC_RECORD_INSN, "decompressor (relocated)", 0x1420000);
    struct bzc_trace_record nowhere = record_at(BZC_RECORD_INSN, NULL, 0x100000);
    struct bzc_trace_record leaving = record_at(BZC_RECORD_JUMP, "kernel", 0x1000000);

    (void)state;
    leaving.from = in.at;
    assert_true(bzc_trace_filter_accepts(&filter, &in));
    assert_false(bzc_trace_filter_accepts(&filter, &copy));
    assert_false(bzc_trace_filter_accepts(&filter, &nowhere));
    /* either end of a jump */
    assert_true(bzc_trace_filter_accepts(&filter, &leaving));
}

static void filter_chooses_by_address(void **state)
{
    struct bzc_trace_filter filter = {
        .kinds = UINT32_MAX, .range = {{0x1000, 0x1010}, {0x2000, 0x2001}}, .range_count = 2};
    static const struct {
        uint64_t linear;
        bool wanted;
    } cases[] = {{0xfff, false}, {0x1000, true}, {0x100f, true}, {0x1010, false}, {0x2000, true}, {0x2001, false}};
    struct bzc_trace_record unknown = {.kind = BZC_RECORD_CONSOLE};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_trace_record record = record_at(BZC_RECORD_INSN, "setup", cases[i].linear);

        assert_int_equal(bzc_trace_filter_accepts(&filter, &record), cases[i].wanted);
    }
    assert_false(bzc_trace_filter_accepts(&filter, &unknown));
}

static void names_of_stages_are_short_or_full(void **state)
{
    (void)state;
    assert_string_equal(bzc_trace_stage_find("relocated"), "decompressor (relocated)");
    assert_string_equal(bzc_trace_stage_find("decompressor (relocated)"), "decompressor (relocated)");
    assert_string_equal(bzc_trace_stage_find("virtual"), "kernel (virtual)");
    assert_string_equal(bzc_trace_stage_find("bios"), "BIOS");
    assert_null(bzc_trace_stage_find("decomp"));
    assert_null(bzc_trace_stage_find(""));
}

static void lists_of_events_are_read(void **state)
{
    const uint32_t port = 1u << BZC_RECORD_PORT_IN | 1u << BZC_RECORD_PORT_OUT;
    static const char *const wrong[] = {"", "port,", ",port", "ports", "port bios", "jump", "stop"};
    uint32_t kinds;

    (void)state;
    assert_true(bzc_trace_kinds_parse("port", &kinds));
    assert_int_equal(kinds, port);
    assert_true(bzc_trace_kinds_parse("bios,port", &kinds));
    assert_int_equal(kinds, port | 1u << BZC_RECORD_BIOS);
    assert_true(bzc_trace_kinds_parse("none", &kinds));
    assert_int_equal(kinds, 0);
    assert_true(bzc_trace_kinds_parse("all", &kinds));
    assert_int_equal(kinds, bzc_trace_kinds_default() | 1u << BZC_RECORD_CODE | 1u << BZC_RECORD_PAGE_WRITE);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(bzc_trace_kinds_parse(wrong[i], &kinds));
}

static void default_leaves_out_what_is_often(void **state)
{
    uint32_t kinds = bzc_trace_kinds_default();

    (void)state;
    assert_int_equal(kinds & (1u << BZC_RECORD_CODE | 1u << BZC_RECORD_PAGE_WRITE), 0);
    assert_int_not_equal(kinds & 1u << BZC_RECORD_PAGE_FAULT, 0);
    assert_int_equal(bzc_trace_kinds_of_level(BZC_TRACE_CODE), 1u << BZC_RECORD_JUMP);
    assert_int_equal(bzc_trace_kinds_of_level(BZC_TRACE_INSNS), 1u << BZC_RECORD_JUMP | 1u << BZC_RECORD_INSN);
}

/* ---- windows: what came out, as text: "3 4 ...2 7" ---- */

struct out {
    char text[512];
};

static void take(void *context, struct bzc_trace_record *record)
{
    struct out *out = context;
    size_t used = strlen(out->text);

    snprintf(out->text + used, sizeof(out->text) - used, "%s%d", used ? " " : "", (int)record->seq);
    bzc_trace_record_clear(record);
}

static void take_gap(void *context, uint64_t left_out)
{
    struct out *out = context;
    size_t used = strlen(out->text);

    snprintf(out->text + used, sizeof(out->text) - used, "%s...%d", used ? " " : "", (int)left_out);
}

/* Sends records 0 to `records - 1`; those of `marks` (which ends with -1) are marked. */
static void send(struct bzc_trace_window *window, struct out *out, int records, const int *marks)
{
    out->text[0] = '\0';
    window->emit = take;
    window->gap = take_gap;
    window->emit_context = out;
    assert_true(bzc_trace_window_begin(window));
    for (int i = 0; i < records; i++) {
        /* Something that a leak checker sees. */
        struct bzc_trace_record record = {.seq = (uint64_t)i, .text = strdup("text")};

        if (marks && *marks == i) {
            bzc_trace_window_mark(window, true);
            marks++;
        }
        bzc_trace_window_add(window, &record);
    }
    bzc_trace_window_end(window);
    bzc_trace_window_free(window);
}

static void window_without_limits_gives_everything(void **state)
{
    struct bzc_trace_window window = {0};
    struct out out;

    (void)state;
    send(&window, &out, 4, NULL);
    assert_string_equal(out.text, "0 1 2 3");
}

static void window_counts(void **state)
{
    struct bzc_trace_window window = {.count = 2};
    struct out out;

    (void)state;
    send(&window, &out, 5, NULL);
    assert_string_equal(out.text, "0 1");
    assert_true(bzc_trace_window_is_full(&window));
    send(&window, &out, 1, NULL);
    assert_string_equal(out.text, "0");
    assert_false(bzc_trace_window_is_full(&window));
}

static void window_keeps_the_last(void **state)
{
    struct bzc_trace_window window = {.last = 3};
    struct out out;

    (void)state;
    send(&window, &out, 8, NULL);
    assert_string_equal(out.text, "...5 5 6 7");
    send(&window, &out, 3, NULL);
    assert_string_equal(out.text, "0 1 2");
    send(&window, &out, 1, NULL);
    assert_string_equal(out.text, "0");
}

static void window_shows_what_is_around_marks(void **state)
{
    struct bzc_trace_window window = {.around = true, .context = 2};
    struct out out;

    (void)state;
    send(&window, &out, 20, (const int[]){5, -1});
    assert_string_equal(out.text, "...3 3 4 5 6 7");
    send(&window, &out, 20, (const int[]){5, 14, -1});
    assert_string_equal(out.text, "...3 3 4 5 6 7 ...4 12 13 14 15 16");
    /* stretches that touch or overlap */
    send(&window, &out, 12, (const int[]){1, 6, 7, -1});
    assert_string_equal(out.text, "0 1 2 3 4 5 6 7 8 9");
    send(&window, &out, 12, NULL);
    assert_string_equal(out.text, "");
    window.count = 3;
    send(&window, &out, 20, (const int[]){5, 14, -1});
    assert_string_equal(out.text, "...3 3 4 5");
}

static void marks_that_are_not_shown_count(void **state)
{
    struct bzc_trace_window window = {.around = true, .context = 1};
    struct bzc_trace_record record = {.seq = 1};
    struct out out = {""};

    (void)state;
    window.emit = take;
    window.gap = take_gap;
    window.emit_context = &out;
    assert_true(bzc_trace_window_begin(&window));
    bzc_trace_window_add(&window, &record);
    bzc_trace_window_mark(&window, false);
    for (record.seq = 2; record.seq < 5; record.seq++)
        bzc_trace_window_add(&window, &(struct bzc_trace_record){.seq = record.seq});
    bzc_trace_window_end(&window);
    bzc_trace_window_free(&window);
    assert_string_equal(out.text, "1 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_chooses_by_kind),
        cmocka_unit_test(filter_chooses_by_stage),
        cmocka_unit_test(filter_chooses_by_address),
        cmocka_unit_test(names_of_stages_are_short_or_full),
        cmocka_unit_test(lists_of_events_are_read),
        cmocka_unit_test(default_leaves_out_what_is_often),
        cmocka_unit_test(window_without_limits_gives_everything),
        cmocka_unit_test(window_counts),
        cmocka_unit_test(window_keeps_the_last),
        cmocka_unit_test(window_shows_what_is_around_marks),
        cmocka_unit_test(marks_that_are_not_shown_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
