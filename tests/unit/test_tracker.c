/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tracker follows a guest of a few instructions, from setup to the kernel's first one or wherever it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "emu/cpuid.h"
#include "tiny_guest.h"
#include "verify/scenario.h"

struct stage {
    const char *name;
    uint64_t phys;
    enum bzc_mode mode;
};

static struct sample file, payload;
static struct bzc_verification verification;
static const struct bzc_run_facts *run;

/* One run of `file`, at 1 MiB. */
static void boot(bool kaslr)
{
    struct bzc_verify_options options = {
        .load_addr = {0x100000}, .load_addr_count = 1, .cmdline = "", .jobs = 1, .policy.fail_on = BZC_SEVERITY_ERROR};
    struct bzc_error err = {0};

    options.kaslr_seed[0] = 1;
    options.kaslr_seed_count = kaslr;
    options.profile = bzc_cpu_profile_find("x86-64");
    assert_int_equal(bzc_memory_map_default(64u << 20, &options.map, &err), BZC_OK);
    if (bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err) != BZC_OK)
        fail_msg("%s", err.message);
    assert_int_equal(verification.facts.run_count, 1);
    run = &verification.facts.run[0];
}

static void boot_code(const void *code, size_t size)
{
    tiny_payload(&payload);
    tiny_image(&file, code, size, &payload);
    boot(false);
}

/* The tiny decompressor with `value` stored at offset `at`. */
static void boot_patched(unsigned at, uint32_t value)
{
    uint8_t code[sizeof(tiny_decompressor)];

    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store32(code + at, value);
    boot_code(code, sizeof(code));
}

static void assert_stages(const struct stage *stage, size_t count)
{
    for (size_t i = 0; i < count && i < run->stage_count; i++) {
        assert_string_equal(run->stage[i].name, stage[i].name);
        assert_int_equal(run->stage[i].phys, stage[i].phys);
        assert_int_equal(run->stage[i].linear, stage[i].phys);
        assert_int_equal(run->stage[i].mode, stage[i].mode);
    }
    assert_int_equal(run->stage_count, count);
}

static void assert_outcome(const char *rule, enum bzc_outcome outcome)
{
    for (size_t i = 0; i < verification.findings.count; i++) {
        const struct bzc_finding *finding = &verification.findings.item[i];

        if (strcmp(finding->rule->id, rule) != 0)
            continue;
        if (finding->outcome != outcome)
            fail_msg("%s: %s: %s", rule, bzc_outcome_name(finding->outcome), finding->message);
        return;
    }
    fail_msg("no finding of %s", rule);
}

static void good_guest_goes_straight_to_the_kernel(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32},
                                          {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}};

    (void)state;
    boot_code(tiny_decompressor, sizeof(tiny_decompressor));
    assert_stages(stages, 3);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_true(run->setup.reached);
    assert_int_equal(run->setup.phys, 0x100000);
    assert_int_equal(run->setup.regs.gpr[BZC_RSI], TINY_BOOT_PARAMS);
    assert_int_equal(run->setup.regs.seg[BZC_CS].selector, 0x10);
    assert_int_equal(run->setup.regs.seg[BZC_SS].selector, 0x18);
    assert_true(run->setup.a20_open);
    assert_true(run->setup.boot_params_in_ram);
    assert_int_equal(run->setup.boot_params[0x210], 0xff);
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(run->entry.boot_params_phys, TINY_BOOT_PARAMS);
    assert_int_equal(run->entry.regs.rip, TINY_KERNEL + TINY_ENTRY);
    /* before the kernel's first instruction: EAX is still what the decompressor jumped with */
    assert_int_equal(run->entry.regs.gpr[BZC_RAX], TINY_KERNEL + TINY_ENTRY);
    assert_true(run->compared);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_int_equal(run->comparison.relocations, 2);
    assert_false(run->asked_for_e820);
    bzc_verification_free(&verification);
}

static void decompressor_that_moves_is_recognised(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32},
                                          {"decompressor (relocated)", TINY_COPY + 0x1e, BZC_MODE_PROT32},
                                          {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}};

    (void)state;
    boot_code(tiny_relocating, sizeof(tiny_relocating));
    assert_stages(stages, 4);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    bzc_verification_free(&verification);
}

static void code_of_unknown_origin_is_named_so(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32},
                                          {"unknown code", TINY_LOW_CODE, BZC_MODE_PROT32},
                                          {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}};

    (void)state;
    boot_code(tiny_low_jump, sizeof(tiny_low_jump));
    assert_stages(stages, 4);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    bzc_verification_free(&verification);
}

/* The base is known from where the kernel must be, and the entry shows where control really came in. */
static void wrong_entry_inside_the_kernel_is_found(void **state)
{
    (void)state;
    boot_patched(TINY_AT_TARGET, TINY_KERNEL + 0x90);
    assert_int_equal(run->entry.phys, TINY_KERNEL + 0x90);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_outcome("ENT-001", BZC_OUTCOME_FAIL);
    assert_outcome("MEM-005", BZC_OUTCOME_PASS);
    bzc_verification_free(&verification);
}

/* 32 MiB too high and entered there, with slots that do not know. */
static void kernel_in_a_wrong_place_is_found_by_its_bytes(void **state)
{
    uint8_t code[sizeof(tiny_decompressor)];

    (void)state;
    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store32(code + TINY_AT_DESTINATION, TINY_KERNEL + 0x2000000);
    bzc_store32(code + TINY_AT_TARGET, TINY_KERNEL + 0x2000000 + TINY_ENTRY);
    boot_code(code, sizeof(code));
    assert_int_equal(run->comparison.base, TINY_KERNEL + 0x2000000);
    assert_outcome("ENT-001", BZC_OUTCOME_PASS);
    assert_outcome("MEM-005", BZC_OUTCOME_PASS);
    assert_outcome("REL-003", BZC_OUTCOME_FAIL);
    assert_outcome("REL-004", BZC_OUTCOME_FAIL);
    bzc_verification_free(&verification);

    /* entered at a wrong place on top of that, where KASLR leaves no place to expect it at */
    bzc_store32(code + TINY_AT_TARGET, TINY_KERNEL + 0x2000000 + 0x90);
    tiny_image(&file, code, sizeof(code), &payload);
    boot(true);
    assert_int_equal(run->comparison.base, TINY_KERNEL + 0x2000000);
    assert_int_equal(run->entry.phys, TINY_KERNEL + 0x2000000 + 0x90);
    assert_outcome("ENT-001", BZC_OUTCOME_FAIL);
    bzc_verification_free(&verification);
}

static void kernel_that_was_never_written_is_entered_all_the_same(void **state)
{
    uint8_t code[sizeof(tiny_decompressor)];

    (void)state;
    memcpy(code, tiny_decompressor, sizeof(code));
    code[TINY_AT_MOVE] = code[TINY_AT_MOVE + 1] = 0x90;
    boot_code(code, sizeof(code));
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_true(run->comparison.segment[0].zero);
    assert_outcome("MEM-005", BZC_OUTCOME_FAIL);
    bzc_verification_free(&verification);
}

/* A payload that cannot be unpacked tells nothing of the kernel but where it ought to run. */
static void without_a_payload_the_kernel_is_known_by_its_place(void **state)
{
    (void)state;
    tiny_payload(&payload);
    tiny_image(&file, tiny_decompressor, sizeof(tiny_decompressor), &payload);
    file.data[SAMPLE_REALMODE + TINY_PAYLOAD + 5] = 9; /* EI_DATA: an ELF file of no known byte order */
    boot(false);
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    bzc_verification_free(&verification);
}

/* jmp . instead of jmp *%eax */
static void endless_loop_is_a_budget_stop(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32}};
    uint8_t code[sizeof(tiny_decompressor)];

    (void)state;
    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store16(code + TINY_AT_JUMP, 0xfeeb);
    boot_code(code, sizeof(code));
    assert_stages(stages, 2);
    assert_false(run->entry.reached);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_int_equal(run->stop.linear, 0x100000 + TINY_AT_JUMP);
    assert_outcome("RUN-001", BZC_OUTCOME_FAIL);
    assert_outcome("ENT-004", BZC_OUTCOME_SKIP);
    bzc_verification_free(&verification);
}

/* No payload is declared: what follows setup is not ours to judge, and is not run. */
static void foreign_image_ends_at_the_hand_over(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32}};

    (void)state;
    tiny_good_image(&file);
    bzc_store64(file.data + 0x248, 0);
    boot(false);
    assert_stages(stages, 2);
    assert_true(run->setup.reached);
    assert_false(run->entry.reached);
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_outcome("ENT-020", BZC_OUTCOME_PASS);
    assert_outcome("RUN-001", BZC_OUTCOME_SKIP);
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN);
    bzc_verification_free(&verification);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_guest_goes_straight_to_the_kernel),
        cmocka_unit_test(decompressor_that_moves_is_recognised),
        cmocka_unit_test(code_of_unknown_origin_is_named_so),
        cmocka_unit_test(wrong_entry_inside_the_kernel_is_found),
        cmocka_unit_test(kernel_in_a_wrong_place_is_found_by_its_bytes),
        cmocka_unit_test(kernel_that_was_never_written_is_entered_all_the_same),
        cmocka_unit_test(without_a_payload_the_kernel_is_known_by_its_place),
        cmocka_unit_test(endless_loop_is_a_budget_stop),
        cmocka_unit_test(foreign_image_ends_at_the_hand_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
