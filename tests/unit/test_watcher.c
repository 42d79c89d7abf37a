/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a watcher is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "followed_run.h"

static struct sample payload;

static size_t count_told(int what, enum bzc_event_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < told_count; i++)
        count += (int)told[i].what == what && (what != TOLD_EVENT || told[i].event.kind == kind);
    return count;
}

static void watcher_hears_of_code_then_of_the_jump_there(void **state)
{
    /* tiny_guest.h tells the code; setup changes the mode twice */
    static const struct {
        const char *part;
        uint64_t offset;
        enum bzc_event_kind kind;
        size_t stages;
    } ways[] = {
        {"setup", 0x200, BZC_EVENT_CODE, 1},
        {"setup", 0x281, BZC_EVENT_EDGE, 1},
        {"setup", 0x289, BZC_EVENT_EDGE, 1},
        {"decompressor", 0, BZC_EVENT_CODE, 2},
        {"decompressor (relocated)", 0x1e, BZC_EVENT_CODE, 3},
        {"kernel", TINY_ENTRY, BZC_EVENT_CODE, 4},
    };
    uint64_t seq = 0;
    size_t at = 0;

    (void)state;
    watch(sample_bytes(&file));
    assert_int_equal(told[0].what, TOLD_BEGIN);
    assert_int_equal(told[0].stages, 0);
    for (size_t i = 1; i < told_count; i++) {
        const struct told *now = &told[i], *before = &told[i - 1];

        if (now->what == TOLD_EVENT) {
            assert_true(i == 1 || now->event.seq > seq);
            seq = now->event.seq;
        }
        if (now->what != TOLD_JUMP)
            continue;
        assert_int_equal(before->what, TOLD_EVENT);
        assert_in_range(at, 0, 5);
        assert_int_equal(before->event.kind, ways[at].kind);
        assert_int_equal(before->event.seq, now->jump.seq);
        assert_int_equal(before->event.ip, now->jump.linear);
        assert_string_equal(before->region, ways[at].part);
        assert_int_equal(before->offset, ways[at].offset);
        assert_true(before->has_regs);
        assert_int_equal(before->rip, now->jump.regs.rip);
        assert_string_equal(now->jump.to, ways[at].part);
        assert_string_equal(now->region, ways[at].part);
        assert_int_equal(now->stages, ways[at].stages);
        at++;
    }
    assert_int_equal(at, 6);
    assert_int_equal(told[1].first, 0xeb); /* the view shows memory as it is */
    assert_int_equal(count_told(TOLD_BEGIN, 0), 1);
    assert_int_equal(count_told(TOLD_EVENT, BZC_EVENT_STOP), 1);
    assert_int_equal(told[told_count - 1].event.kind, BZC_EVENT_STOP);
    assert_string_equal(told[told_count - 1].region, "kernel");
    assert_true(told[told_count - 1].has_regs);
    assert_int_equal(told[told_count - 1].block, 0); /* nobody counted */
    assert_non_null(run->picture);
}

/* The guest's IN and OUT at port 0x92. */
static void watcher_hears_of_ports(void **state)
{
    (void)state;
    watch(sample_bytes(&file));
    assert_int_equal(count_told(TOLD_EVENT, BZC_EVENT_PORT_IN), 1);
    assert_int_equal(count_told(TOLD_EVENT, BZC_EVENT_PORT_OUT), 1);
    assert_int_equal(count_told(TOLD_EVENT, BZC_EVENT_A20), 1);
}

/* The more is told the same are the jumps; and each instruction comes with its registers and the part it belongs to. */
static void jumps_are_the_same_at_each_level(void **state)
{
    struct bzc_region_jump jump[6];

    (void)state;
    for (int level = BZC_TRACE_CODE; level <= BZC_TRACE_INSNS; level++) {
        told_count = 0;
        watcher.trace.level = (enum bzc_trace_level)level;
        watch(sample_bytes(&file));
        assert_int_equal(run->picture->jump_count, 6);
        for (size_t i = 0; i < 6; i++) {
            const struct bzc_region_jump *now = &run->picture->jump[i];

            if (level == BZC_TRACE_CODE)
                jump[i] = *now;
            assert_int_equal(now->linear, jump[i].linear);
            assert_int_equal(now->from_linear, jump[i].from_linear);
            assert_int_equal(now->kind, jump[i].kind);
            assert_int_equal(now->mode_before, jump[i].mode_before);
            assert_int_equal(now->mode, jump[i].mode);
            assert_string_equal(now->instruction, jump[i].instruction);
            assert_memory_equal(now->regs.gpr, jump[i].regs.gpr, sizeof(jump[i].regs.gpr));
        }
        bzc_verification_free(&verification);
    }
}

static void instructions_come_with_registers_and_part(void **state)
{
    static const char *const parts[] = {"setup", "decompressor", "decompressor (relocated)"};
    size_t insns = 0, part = 0;

    (void)state;
    watcher.trace.level = BZC_TRACE_INSNS;
    watch(sample_bytes(&file));
    for (size_t i = 0; i < told_count; i++) {
        const struct told *now = &told[i];

        if (now->what != TOLD_EVENT || now->event.kind != BZC_EVENT_INSN)
            continue;
        insns++;
        assert_true(now->has_regs);
        assert_non_null(now->region);
        if (strcmp(now->region, parts[part]) != 0)
            part++;
        assert_in_range(part, 0, 2);
        assert_string_equal(now->region, parts[part]);
        assert_int_equal(now->offset, now->event.ip - (part == 0 ? 0x10000 : part == 1 ? 0x100000 : TINY_COPY));
        assert_int_equal(now->rip,
                         part == 0 && now->event.ip < 0x10289 ? now->event.ip - TINY_SETUP_ENTRY : now->event.ip);
    }
    assert_int_equal(part, 2);
    assert_in_range(insns, 30, 1000); /* a repeated string instruction may count each time */
}

/* The decompressor's writes to the first bytes of the kernel, by the copy of itself. */
static void watched_writes_come_from_a_part(void **state)
{
    size_t writes = 0;

    (void)state;
    watcher.trace.watch[0] = (struct bzc_trace_range){TINY_KERNEL, TINY_KERNEL + 16};
    watcher.trace.watch_count = 1;
    watch(sample_bytes(&file));
    for (size_t i = 0; i < told_count; i++) {
        const struct told *now = &told[i];

        if (now->what != TOLD_EVENT || now->event.kind != BZC_EVENT_WRITE)
            continue;
        assert_int_equal(now->event.a, TINY_KERNEL + writes);
        assert_string_equal(now->region, "decompressor (relocated)");
        assert_int_equal(now->offset, 46); /* rep movsb */
        assert_true(now->has_regs);
        writes++;
    }
    assert_int_equal(writes, 16);
}

static void endless_image(void)
{
    uint8_t code[sizeof(tiny_decompressor)];

    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store16(code + TINY_AT_JUMP, 0xfeeb);
    tiny_payload(&payload);
    tiny_image(&file, code, sizeof(code), &payload);
}

/* The watchdog ends the first attempt, and counting decides. */
static void run_that_is_repeated_begins_again(void **state)
{
    size_t second = 0;

    (void)state;
    endless_image();
    watch(sample_bytes(&file));
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_int_equal(count_told(TOLD_BEGIN, 0), 2);
    for (size_t i = 1; i < told_count; i++)
        if (told[i].what == TOLD_BEGIN)
            second = i;
    assert_int_equal(told[second].stages, 0);
    assert_int_equal(told[second + 1].what, TOLD_EVENT);
    assert_true(told[second + 1].event.seq < told[second - 1].event.seq);
    assert_in_range(told[told_count - 1].block, 1, UINT64_MAX);
    assert_int_equal(run->picture->jump_count, 4); /* of the second attempt alone */
    assert_int_equal(run->picture->stage_count, 2);
}

static void counted_run_begins_once_and_knows_its_blocks(void **state)
{
    uint64_t block = 0;

    (void)state;
    endless_image();
    watcher.counted = true;
    watch(sample_bytes(&file));
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_int_equal(count_told(TOLD_BEGIN, 0), 1);
    for (size_t i = 1; i < told_count; i++) {
        assert_true(told[i].block >= block);
        block = told[i].block;
    }
    assert_in_range(block, 1 << 16, UINT64_MAX); /* the first mark is not set earlier */
}

/* Two runs, whatever `jobs` says: one after the other. */
static void runs_are_watched_one_by_one(void **state)
{
    size_t begins = 0;

    (void)state;
    options.load_addr[options.load_addr_count++] = 0x300000;
    options.jobs = 4;
    watch(sample_bytes(&file));
    assert_int_equal(verification.facts.run_count, 2);
    for (size_t i = 0; i < told_count; i++) {
        if (told[i].what == TOLD_BEGIN) {
            begins++;
            assert_true(i == 0 || told[i - 1].event.kind == BZC_EVENT_STOP);
        }
    }
    assert_int_equal(begins, 2);
}

/* mov $'A',%al; out %al,$0xe9; cli; hlt: bzcheck looks at the entry, but the boot does not stop there. */
static void look_at_the_entry_is_not_told(void **state)
{
    static const uint8_t code[] = {0xb0, 'A', 0xe6, 0xe9, 0xfa, 0xf4};
    size_t entries = 0;

    (void)state;
    tiny_payload(&payload);
    memcpy(payload.data + 0x100 + TINY_ENTRY, code, sizeof(code));
    tiny_image(&file, tiny_relocating, sizeof(tiny_relocating), &payload);
    options.scenario[0] = bzc_scenario_find("payload-elf");
    watch(sample_bytes(&file));
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(count_told(TOLD_EVENT, BZC_EVENT_STOP), 1);
    for (size_t i = 0; i < told_count; i++)
        entries += told[i].what == TOLD_EVENT && told[i].event.kind == BZC_EVENT_CODE &&
                   told[i].event.ip == TINY_KERNEL + TINY_ENTRY;
    assert_int_equal(entries, 1);
    assert_int_equal(run->picture->jump_count, 4);
    assert_modes(1, BZC_MODE_REAL, BZC_MODE_PROT16);
    assert_modes(2, BZC_MODE_PROT16, BZC_MODE_PROT32);
    assert_jump(3, "loader", "kernel", TINY_KERNEL + TINY_ENTRY);
    assert_string_equal(run->last_words, "A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(watcher_hears_of_code_then_of_the_jump_there, fresh, done),
        cmocka_unit_test_setup_teardown(watcher_hears_of_ports, fresh, done),
        cmocka_unit_test_setup_teardown(jumps_are_the_same_at_each_level, fresh, done),
        cmocka_unit_test_setup_teardown(instructions_come_with_registers_and_part, fresh, done),
        cmocka_unit_test_setup_teardown(watched_writes_come_from_a_part, fresh, done),
        cmocka_unit_test_setup_teardown(run_that_is_repeated_begins_again, fresh, done),
        cmocka_unit_test_setup_teardown(counted_run_begins_once_and_knows_its_blocks, fresh, done),
        cmocka_unit_test_setup_teardown(runs_are_watched_one_by_one, fresh, done),
        cmocka_unit_test_setup_teardown(look_at_the_entry_is_not_told, fresh, done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
