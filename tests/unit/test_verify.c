/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the runs are worked off. bzc_run_execute() is this file's own here: nothing is emulated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "emu/cpuid.h"
#include "tiny_guest.h"
#include "verify/run.h"
#include "verify/verify.h"

static struct sample file;
static struct bzc_verify_options options;
static struct bzc_verification verification;

/* The run at 0x100000 fails when the one at 0x200000 has failed, if `failing`. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t later_failed;
    bool failing, failed;
} play = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};

enum bzc_status bzc_run_execute(const struct bzc_run_request *request, struct bzc_run_facts *facts,
                                struct bzc_error *err)
{
    bool first = request->choice->load_addr == 0x100000;

    facts->scenario = request->choice->name;
    facts->profile = request->options->profile;
    facts->load_addr = request->choice->load_addr;
    if (!play.failing)
        return BZC_OK;
    pthread_mutex_lock(&play.mutex);
    while (first && !play.failed)
        pthread_cond_wait(&play.later_failed, &play.mutex);
    pthread_mutex_unlock(&play.mutex);
    return bzc_error_set(err, BZC_ERR_ENGINE, "the %s run", first ? "first" : "second");
}

/* Called when a run is through, its outcome being noted. */
static void on_progress(void *context, const char *path, size_t done, size_t total)
{
    (void)context;
    (void)path;
    (void)total;
    if (done == 0)
        return;
    pthread_mutex_lock(&play.mutex);
    play.failed = true;
    pthread_cond_broadcast(&play.later_failed);
    pthread_mutex_unlock(&play.mutex);
}

/* No rule has a say in the verdict. */
static int fresh(void **state)
{
    (void)state;
    memset(&options, 0, sizeof(options));
    options.scenario[options.scenario_count++] = bzc_scenario_find("bios");
    options.cmdline = "";
    options.jobs = 2;
    options.profile = bzc_cpu_profile_find("x86-64");
    bzc_policy_init(&options.policy);
    for (size_t i = 0; i < bzc_rule_count(); i++) {
        struct bzc_error err = {0};

        assert_int_equal(bzc_policy_set(&options.policy, bzc_rule_at(i)->id, "off", &err), BZC_OK);
    }
    tiny_good_image(&file);
    memcpy(file.data + SAMPLE_REALMODE + TINY_PAYLOAD - 10, "nokaslr", 8);
    play.failing = play.failed = false;
    return bzc_memory_map_default(64u << 20, &options.map, NULL) == BZC_OK ? 0 : -1;
}

static void verify(void)
{
    struct bzc_error err = {0};

    if (bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err) != BZC_OK)
        fail_msg("%s", err.message);
}

static void add_addresses(size_t addresses, size_t seeds)
{
    for (size_t i = 0; i < addresses; i++)
        options.load_addr[options.load_addr_count++] = 0x100000 * (i + 1);
    for (size_t i = 0; i < seeds; i++)
        options.kaslr_seed[options.kaslr_seed_count++] = i;
}

static void runs_that_are_left_out_leave_the_verdict_open(void **state)
{
    (void)state;
    add_addresses(32, 8);
    verify();
    assert_int_equal(verification.facts.run_count, 256);
    assert_int_equal(verification.runs_left_out, 0);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    bzc_verification_free(&verification);
    options.scenario[options.scenario_count++] = bzc_scenario_find("entry32");
    verify();
    assert_int_equal(verification.facts.run_count, 256);
    assert_int_equal(verification.runs_left_out, 256);
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN);
    assert_string_equal(verification.reason, "256 runs were left out: more than 256");
    bzc_verification_free(&verification);
}

/* Those that need the unpacked payload come last: 256 others leave no room for them. */
static void runs_of_the_payload_count_too(void **state)
{
    (void)state;
    add_addresses(32, 8);
    options.scenario[options.scenario_count++] = bzc_scenario_find("payload-elf");
    verify();
    assert_int_equal(verification.facts.run_count, 256);
    assert_int_equal(verification.runs_left_out, 1);
    assert_string_equal(verification.reason, "1 run was left out: more than 256");
    bzc_verification_free(&verification);
}

static void error_of_the_first_run_is_the_error(void **state)
{
    struct bzc_error err = {0};

    (void)state;
    add_addresses(2, 0);
    options.progress = on_progress;
    play.failing = true;
    assert_int_equal(bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err), BZC_ERR_ENGINE);
    assert_string_equal(err.message, "the first run");
}

/* Of all that the image promises only the first, where a loader puts it by itself; with a choice, its first. */
static void one_run_is_the_first_of_all(void **state)
{
    const struct bzc_run_facts *run;

    (void)state;
    options.scenario_count = 0;
    verify();
    assert_in_range(verification.facts.run_count, 2, 256);
    bzc_verification_free(&verification);
    options.one_run = true;
    verify();
    run = verification.facts.run;
    assert_int_equal(verification.facts.run_count, 1);
    assert_string_equal(run->scenario, "bios");
    assert_int_equal(run->load_addr, 0x100000);
    assert_int_equal(verification.runs_left_out, 0);
    bzc_verification_free(&verification);
    add_addresses(32, 8);
    for (const char *const *name = (const char *const[]){"entry32", "bios", NULL}; *name; name++)
        options.scenario[options.scenario_count++] = bzc_scenario_find(*name);
    verify();
    assert_int_equal(verification.facts.run_count, 1);
    assert_string_equal(verification.facts.run[0].scenario, "entry32");
    assert_int_equal(verification.facts.run[0].load_addr, 0x100000);
    assert_int_equal(verification.runs_left_out, 0);
    bzc_verification_free(&verification);
}

/* A run that needs the unpacked payload is the first one when there is no other. */
static void one_run_may_be_one_of_the_payload(void **state)
{
    (void)state;
    options.one_run = true;
    options.scenario[0] = bzc_scenario_find("payload-elf");
    verify();
    assert_int_equal(verification.facts.run_count, 1);
    assert_string_equal(verification.facts.run[0].scenario, "payload-elf");
    bzc_verification_free(&verification);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(runs_that_are_left_out_leave_the_verdict_open, fresh),
        cmocka_unit_test_setup(runs_of_the_payload_count_too, fresh),
        cmocka_unit_test_setup(error_of_the_first_run_is_the_error, fresh),
        cmocka_unit_test_setup(one_run_is_the_first_of_all, fresh),
        cmocka_unit_test_setup(one_run_may_be_one_of_the_payload, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
