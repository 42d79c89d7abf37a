/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "emu/watchdog.h"

static atomic_uint barks;
static atomic_uint_fast64_t progress;

static void bark(void *context)
{
    assert_ptr_equal(context, &barks);
    atomic_fetch_add(&barks, 1);
}

static int64_t now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Uses `ms` of this thread's CPU time, with or without progress; ends early when the dog has barked `enough` times. */
static void work(int64_t ms, bool getting_on, unsigned enough)
{
    int64_t end = now_ms(CLOCK_THREAD_CPUTIME_ID) + ms;

    while (now_ms(CLOCK_THREAD_CPUTIME_ID) < end && atomic_load(&barks) < enough)
        if (getting_on)
            atomic_fetch_add(&progress, 1);
}

static int begin(void **state)
{
    (void)state;
    atomic_store(&barks, 0);
    return 0;
}

static void barks_again_and_again_at_a_loop(void **state)
{
    struct bzc_watchdog *watchdog = bzc_watchdog_start(50, &progress, bark, &barks);
    int64_t start = now_ms(CLOCK_THREAD_CPUTIME_ID);

    (void)state;
    assert_non_null(watchdog);
    work(10000, false, 3);
    assert_int_equal(atomic_load(&barks) >= 3, 1);
    assert_true(now_ms(CLOCK_THREAD_CPUTIME_ID) - start >= 50);
    assert_true(bzc_watchdog_stop(watchdog));
}

static void is_quiet_while_there_is_progress(void **state)
{
    struct bzc_watchdog *watchdog = bzc_watchdog_start(60, &progress, bark, &barks);

    (void)state;
    work(400, true, 1);
    assert_int_equal(atomic_load(&barks), 0);
    work(10000, false, 1); /* and notices when it ends */
    assert_true(bzc_watchdog_stop(watchdog));
}

/* A busy host or a stopped process is no endless loop: only the watched thread's own CPU time counts. */
static void waiting_is_not_working(void **state)
{
    struct bzc_watchdog *watchdog = bzc_watchdog_start(50, &progress, bark, &barks);
    struct timespec pause = {0, 300 * 1000 * 1000};

    (void)state;
    nanosleep(&pause, NULL);
    assert_false(bzc_watchdog_stop(watchdog));
    assert_int_equal(atomic_load(&barks), 0);
}

static void stops_at_once(void **state)
{
    int64_t start = now_ms(CLOCK_MONOTONIC);

    (void)state;
    for (unsigned i = 0; i < 50; i++)
        assert_false(bzc_watchdog_stop(bzc_watchdog_start(60000, &progress, bark, &barks)));
    assert_in_range(now_ms(CLOCK_MONOTONIC) - start, 0, 900); /* 50 poll intervals would be 1 s */
    assert_false(bzc_watchdog_stop(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(barks_again_and_again_at_a_loop, begin),
        cmocka_unit_test_setup(is_quiet_while_there_is_progress, begin),
        cmocka_unit_test_setup(waiting_is_not_working, begin),
        cmocka_unit_test_setup(stops_at_once, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
