/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which runs an image gets, what they boot with, and how findings become a verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "emu/cpuid.h"
#include "tiny_guest.h"
#include "verify/verify.h"

struct expected_run {
    uint64_t load_addr;
    uint64_t seed; /* 0: nokaslr */
};

static struct sample file, payload;
static struct bzc_verify_options options;
static struct bzc_verification verification;
static const char *without_kaslr; /* command line of such a run, the user's being empty */

/* These tests change header fields to see what is run then, not what lint makes of the header; and the tiny kernel runs
 * at 0x1000000 wherever it is loaded, which the probes of relocation notice (tests/unit/test_relocation has those). */
static void only_runs_count(void)
{
    bzc_policy_init(&options.policy);
    for (size_t i = 0; i < bzc_rule_count(); i++) {
        const char *id = bzc_rule_at(i)->id;
        struct bzc_error err = {0};

        if ((strncmp(id, "HDR-", 4) == 0 && strcmp(id, "HDR-001") != 0) || strncmp(id, "REL-", 4) == 0)
            assert_int_equal(bzc_policy_set(&options.policy, id, "off", &err), BZC_OK);
    }
}

/* Options of somebody who gave none. */
static int fresh(void **state)
{
    struct bzc_error err = {0};

    (void)state;
    memset(&options, 0, sizeof(options));
    options.scenario[options.scenario_count++] = bzc_scenario_find("bios");
    options.cmdline = "";
    options.jobs = 1;
    only_runs_count();
    options.profile = bzc_cpu_profile_find("x86-64");
    tiny_good_image(&file);
    without_kaslr = "";
    return bzc_memory_map_default(64u << 20, &options.map, &err) == BZC_OK ? 0 : -1;
}

static void verify(void)
{
    struct bzc_error err = {0};

    if (bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err) != BZC_OK)
        fail_msg("%s", err.message);
}

static const struct bzc_finding *finding_of(const char *rule)
{
    for (size_t i = 0; i < verification.findings.count; i++)
        if (strcmp(verification.findings.item[i].rule->id, rule) == 0)
            return &verification.findings.item[i];
    fail_msg("no finding of %s", rule);
    return NULL;
}

/* Verifies, and compares the runs with those expected. */
static void assert_runs(const struct expected_run *expected, size_t count)
{
    size_t i = 0;

    verify();
    for (size_t r = 0; r < verification.facts.run_count; r++) {
        const struct bzc_run_facts *run = &verification.facts.run[r];

        assert_string_equal(run->scenario, "bios");
        /* Those that probe relocation are tests/unit/test_relocation's. */
        if (run->purpose[0] && strcmp(run->purpose, "pref_address") != 0)
            continue;
        assert_true(i < count);
        assert_int_equal(run->load_addr, expected[i].load_addr);
        assert_int_equal(run->plan.pm_phys, expected[i].load_addr);
        assert_int_equal(run->kaslr, expected[i].seed != 0);
        assert_int_equal(run->kaslr_seed, expected[i].seed);
        assert_string_equal(run->plan.cmdline, expected[i].seed ? "" : without_kaslr);
        assert_true(run->entry.reached);
        i++;
    }
    assert_int_equal(i, count);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    assert_string_equal(verification.reason, "");
    bzc_verification_free(&verification);
}

/* Makes the decompressor look like one with CONFIG_RANDOMIZE_BASE. */
static void know_nokaslr(void)
{
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD - 10, "nokaslr", 8);
    without_kaslr = "nokaslr";
}

static void relocatable_image_runs_at_two_addresses(void **state)
{
    static const struct expected_run runs[] = {{0x100000, 0}, {0x1000000, 0}};

    (void)state;
    assert_runs(runs, 2);
}

static void others_run_at_one_mib_alone(void **state)
{
    static const struct expected_run runs[] = {{0x100000, 0}};

    (void)state;
    file.data[0x234] = 0; /* relocatable_kernel */
    assert_runs(runs, 1);
    tiny_good_image(&file);
    bzc_store64(file.data + 0x258, 0x100000); /* pref_address is where it is loaded anyway */
    bzc_store32(file.data + 0x230, 0x1000000);
    assert_runs(runs, 1);
    bzc_store64(file.data + 0x258, 0); /* none given */
    assert_runs(runs, 1);
}

static void kaslr_build_runs_with_a_seed_too(void **state)
{
    static const struct expected_run runs[] = {{0x100000, 0}, {0x1000000, 0}, {0x100000, 1}};

    (void)state;
    know_nokaslr();
    assert_runs(runs, 3);
}

/* The kernel proper knows the word in any build. */
static void the_word_in_the_payload_does_not_count(void **state)
{
    static const struct expected_run runs[] = {{0x100000, 0}, {0x1000000, 0}};

    (void)state;
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD + 0x1c0, "nokaslr", 8);
    without_kaslr = "nokaslr"; /* nobody asks for whom the word is */
    assert_runs(runs, 2);
}

static void options_take_the_place_of_what_suits(void **state)
{
    static const struct expected_run addresses[] = {{0x200000, 0}, {0x300000, 0}};
    static const struct expected_run seeds[] = {{0x100000, 7}, {0x100000, 8}, {0x1000000, 7}, {0x1000000, 8}};
    static const struct expected_run both[] = {{0x200000, 9}};

    (void)state;
    know_nokaslr();
    options.load_addr_count = 3;
    options.load_addr[0] = options.load_addr[2] = 0x200000; /* twice the same is one run */
    options.load_addr[1] = 0x300000;
    assert_runs(addresses, 2);
    options.load_addr_count = 0;
    options.kaslr_seed_count = 2;
    options.kaslr_seed[0] = 7;
    options.kaslr_seed[1] = 8;
    assert_runs(seeds, 4);
    options.load_addr_count = options.kaslr_seed_count = 1;
    options.kaslr_seed[0] = 9;
    options.scenario[0] = bzc_scenario_find("bios");
    options.scenario_count = 1;
    assert_runs(both, 1);
}

static void scenarios_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(bzc_scenario_find("bios"), &bzc_scenarios[0]);
    assert_null(bzc_scenario_find("BIOS"));
    assert_null(bzc_scenario_find(""));
}

static void nokaslr_is_added_where_it_is_missing(void **state)
{
    static const struct {
        const char *user, *placed;
    } cases[] = {
        {"", "nokaslr"},
        {"quiet", "quiet nokaslr"},
        {"nokaslr", "nokaslr"},
        {"quiet nokaslr ro", "quiet nokaslr ro"},
        {"nokaslrx", "nokaslrx nokaslr"},
        {"xnokaslr", "xnokaslr nokaslr"},
        {"nokaslr=1 nokaslr", "nokaslr=1 nokaslr"},
    };

    (void)state;
    know_nokaslr();
    options.load_addr_count = 1;
    options.load_addr[0] = 0x100000;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        options.cmdline = cases[i].user;
        options.kaslr_seed_count = 0;
        verify();
        assert_string_equal(verification.facts.run[0].plan.cmdline, cases[i].placed);
        bzc_verification_free(&verification);
    }
}

/* A loader may cut the end off; what makes the run what it is comes first. */
static void nokaslr_comes_first_for_a_loader(void **state)
{
    static const struct {
        const char *user, *placed;
    } cases[] = {{"", "nokaslr"}, {"quiet", "nokaslr quiet"}, {"quiet nokaslr", "quiet nokaslr"}};
    static struct bzc_boot_loader loader;
    struct bzc_error err = {0};

    (void)state;
    know_nokaslr();
    assert_int_equal(bzc_boot_loader_find("qemu", &loader, &err), BZC_OK);
    options.scenario_count = 0;
    options.as[options.as_count++] = &loader;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        options.cmdline = cases[i].user;
        verify();
        assert_int_equal(verification.facts.run_count, 1);
        assert_string_equal(verification.facts.run[0].plan.cmdline, cases[i].placed);
        bzc_verification_free(&verification);
    }
}

/* A decompressor without the word cannot look for it. */
static void nokaslr_is_not_added_where_nobody_knows_it(void **state)
{
    static char full_line[256];

    (void)state;
    memset(full_line, 'a', sizeof(full_line) - 1);
    options.cmdline = full_line; /* cmdline_size is 255 */
    verify();
    assert_string_equal(verification.facts.run[0].plan.cmdline, full_line);
    assert_true(verification.facts.run[0].entry.reached);
    bzc_verification_free(&verification);
}

/* What a CPU cannot do no loader can ask of it. */
static void cpu_without_long_mode_is_not_entered_in_it(void **state)
{
    (void)state;
    bzc_store16(file.data + 0x236, 1); /* XLF_KERNEL_64 */
    options.scenario[0] = bzc_scenario_find("entry64");
    options.load_addr_count = 1;
    options.load_addr[0] = 0x100000;
    verify();
    assert_int_equal(verification.facts.run[0].plan_error.status, BZC_OK);
    bzc_verification_free(&verification);
    options.profile = bzc_cpu_profile_find("i686");
    verify();
    assert_int_equal(verification.facts.run_count, 1);
    assert_int_equal(verification.facts.run[0].plan_error.status, BZC_ERR_UNSUPPORTED);
    assert_string_equal(verification.facts.run[0].plan_error.message, "the CPU i686 has no long mode");
    assert_int_equal(verification.facts.run[0].plan.block_count, 0);
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN);
    bzc_verification_free(&verification);
    options.scenario[0] = bzc_scenario_find("bios");
    verify();
    assert_int_equal(verification.facts.run[0].plan_error.status, BZC_OK);
    bzc_verification_free(&verification);
}

/* With KASLR the command line is the user's alone; a seed means nothing to a decompressor that knows no KASLR. */
static void nokaslr_is_not_added_with_kaslr(void **state)
{
    (void)state;
    options.cmdline = "quiet";
    options.load_addr_count = 1;
    options.load_addr[0] = 0x100000;
    options.kaslr_seed_count = 1;
    verify();
    assert_int_equal(verification.facts.run_count, 1);
    assert_false(verification.facts.run[0].kaslr);
    assert_string_equal(verification.facts.run[0].plan.cmdline, "quiet");
    bzc_verification_free(&verification);
    know_nokaslr();
    verify();
    assert_int_equal(verification.facts.run_count, 1);
    assert_true(verification.facts.run[0].kaslr);
    assert_string_equal(verification.facts.run[0].plan.cmdline, "quiet");
    bzc_verification_free(&verification);
}

static void initrd_and_vmlinux_are_used(void **state)
{
    static const uint8_t initrd[5000] = {1, 2, 3};

    (void)state;
    tiny_payload(&payload);
    options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    options.vmlinux = sample_bytes(&payload);
    verify();
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN); /* the tiny kernel has no build ID to compare */
    assert_int_equal(finding_of("PAY-004")->outcome, BZC_OUTCOME_UNKNOWN);
    assert_string_equal(verification.reason, finding_of("PAY-004")->message);
    assert_int_equal(finding_of("MEM-002")->outcome, BZC_OUTCOME_PASS);
    assert_true(verification.facts.run[0].plan.initrd_phys != 0);
    assert_int_equal(verification.facts.run[0].kept_count, 3); /* command line, initrd, fields in boot_params */
    bzc_verification_free(&verification);
}

/* ---- the verdict ---- */

static void any_error_fails_the_image(void **state)
{
    static const enum bzc_severity thresholds[] = {BZC_SEVERITY_NOTE, BZC_SEVERITY_WARNING, BZC_SEVERITY_ERROR};

    (void)state;
    file.data[SAMPLE_REALMODE + TINY_AT_RELOCATING_TARGET] = 0x60;
    for (unsigned i = 0; i < 3; i++) {
        options.policy.fail_on = thresholds[i];
        verify();
        assert_int_equal(finding_of("ENT-001")->outcome, BZC_OUTCOME_FAIL);
        assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
        assert_string_equal(verification.reason, "");
        bzc_verification_free(&verification);
    }
}

/* Where a failure is certain, that something else is not known does not matter. */
static void failure_outweighs_unknown(void **state)
{
    (void)state;
    tiny_payload(&payload);
    options.vmlinux = sample_bytes(&payload);
    file.data[SAMPLE_REALMODE + TINY_AT_RELOCATING_TARGET] = 0x60;
    verify();
    assert_int_equal(finding_of("PAY-004")->outcome, BZC_OUTCOME_UNKNOWN);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    bzc_verification_free(&verification);
}

static void run_that_cannot_start_leaves_the_verdict_open(void **state)
{
    static char long_line[300];

    (void)state;
    memset(long_line, 'a', sizeof(long_line) - 1); /* cmdline_size is 255 */
    options.cmdline = long_line;
    verify();
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN);
    assert_int_equal(finding_of("RUN-001")->outcome, BZC_OUTCOME_UNKNOWN);
    assert_string_equal(verification.reason, finding_of("RUN-001")->message);
    assert_int_not_equal(verification.facts.run[0].plan_error.status, BZC_OK);
    bzc_verification_free(&verification);
}

static void kernel_without_the_banner_is_not_linux(void **state)
{
    (void)state;
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD + 0x180, "Minix", 5);
    verify();
    assert_int_equal(verification.facts.image.system, BZC_SYSTEM_NOT_LINUX);
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN);
    assert_string_equal(verification.reason,
                        "this is not a Linux kernel: only its hand-over to 32-bit code could be checked");
    bzc_verification_free(&verification);
}

/* What is not Linux has no kernel to judge, but a file that is cut off is damaged whatever it is. */
static void damaged_image_of_another_system_fails(void **state)
{
    (void)state;
    bzc_store64(file.data + 0x248, 0);
    file.size -= 64;
    verify();
    assert_int_equal(verification.facts.image.system, BZC_SYSTEM_NOT_LINUX);
    assert_int_equal(finding_of("HDR-001")->outcome, BZC_OUTCOME_FAIL);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    bzc_verification_free(&verification);
}

static void image_that_is_cut_is_not_run(void **state)
{
    (void)state;
    file.size -= 64;
    verify();
    assert_int_equal(verification.facts.run_count, 0);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    assert_int_equal(finding_of("HDR-001")->outcome, BZC_OUTCOME_FAIL);
    assert_int_equal(finding_of("PAY-001")->outcome, BZC_OUTCOME_SKIP);
    bzc_verification_free(&verification);
}

static void what_is_no_boot_image_is_refused(void **state)
{
    static const uint8_t elf[64] = {0x7f, 'E', 'L', 'F', 1, 1, 1}, text[] = "not an image";
    static const struct {
        struct bzc_bytes bytes;
        const char *message;
    } cases[] = {
        {{NULL, 0}, "the file is empty"},
        {{text, sizeof(text)}, "not a Linux/x86 boot image"},
        {{elf, sizeof(elf)}, "an ELF file (a vmlinux?), not a boot image: give the bzImage"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_error err = {0};

        assert_int_equal(bzc_verify("x", cases[i].bytes, &options, &verification, &err), BZC_ERR_FORMAT);
        assert_string_equal(err.message, cases[i].message);
    }
}

/* ---- runs in parallel ---- */

struct progress {
    size_t calls, last_done, total;
};

static void on_progress(void *context, const char *path, size_t done, size_t total)
{
    struct progress *progress = context;

    assert_string_equal(path, "tiny");
    if (progress->calls++ > 0)
        assert_int_equal(done, progress->last_done + 1);
    else
        assert_int_equal(done, 0);
    progress->last_done = done;
    progress->total = total;
}

static void number_of_jobs_changes_nothing(void **state)
{
    static const unsigned jobs[] = {1, 2, 3, 64};
    static struct bzc_findings first;

    (void)state;
    know_nokaslr();
    file.data[SAMPLE_REALMODE + TINY_AT_RELOCATING_TARGET] = 0x60;
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        struct progress progress = {0};

        options.jobs = jobs[i];
        options.progress = on_progress;
        options.progress_context = &progress;
        verify();
        /* 1 MiB, pref_address, with a KASLR seed, and three probes of relocation */
        assert_int_equal(progress.calls, 7);
        assert_int_equal(progress.last_done, 6);
        assert_int_equal(progress.total, 6);
        assert_int_equal(verification.facts.run_count, 6);
        if (i == 0) {
            first = verification.findings;
            verification.findings = (struct bzc_findings){0};
        } else {
            assert_int_equal(verification.findings.count, first.count);
            assert_memory_equal(verification.findings.item, first.item, first.count * sizeof(*first.item));
        }
        bzc_verification_free(&verification);
    }
    bzc_findings_free(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(relocatable_image_runs_at_two_addresses, fresh),
        cmocka_unit_test_setup(others_run_at_one_mib_alone, fresh),
        cmocka_unit_test_setup(kaslr_build_runs_with_a_seed_too, fresh),
        cmocka_unit_test_setup(the_word_in_the_payload_does_not_count, fresh),
        cmocka_unit_test_setup(options_take_the_place_of_what_suits, fresh),
        cmocka_unit_test_setup(scenarios_are_found_by_name, fresh),
        cmocka_unit_test_setup(nokaslr_is_added_where_it_is_missing, fresh),
        cmocka_unit_test_setup(nokaslr_is_not_added_with_kaslr, fresh),
        cmocka_unit_test_setup(nokaslr_comes_first_for_a_loader, fresh),
        cmocka_unit_test_setup(nokaslr_is_not_added_where_nobody_knows_it, fresh),
        cmocka_unit_test_setup(cpu_without_long_mode_is_not_entered_in_it, fresh),
        cmocka_unit_test_setup(initrd_and_vmlinux_are_used, fresh),
        cmocka_unit_test_setup(any_error_fails_the_image, fresh),
        cmocka_unit_test_setup(failure_outweighs_unknown, fresh),
        cmocka_unit_test_setup(run_that_cannot_start_leaves_the_verdict_open, fresh),
        cmocka_unit_test_setup(kernel_without_the_banner_is_not_linux, fresh),
        cmocka_unit_test_setup(damaged_image_of_another_system_fails, fresh),
        cmocka_unit_test_setup(image_that_is_cut_is_not_run, fresh),
        cmocka_unit_test_setup(what_is_no_boot_image_is_refused, fresh),
        cmocka_unit_test_setup(number_of_jobs_changes_nothing, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
