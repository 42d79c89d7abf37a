/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/watchdog.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define POLL_MS 20

struct bzc_watchdog {
    pthread_t thread;
    clockid_t clock; /* CPU time of the watched thread */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stopping;
    bool barked;
    int64_t limit_ns;
    const atomic_uint_fast64_t *progress;
    void (*bark)(void *context);
    void *context;
};

static int64_t cpu_time(const struct bzc_watchdog *watchdog)
{
    struct timespec now = {0, 0};

    clock_gettime(watchdog->clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Waits one poll interval; false when the watch is over. */
static bool wait_a_little(struct bzc_watchdog *watchdog)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += POLL_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_mutex_lock(&watchdog->mutex);
    while (!watchdog->stopping && pthread_cond_timedwait(&watchdog->wake, &watchdog->mutex, &until) == 0)
        continue;
    stopping = watchdog->stopping;
    pthread_mutex_unlock(&watchdog->mutex);
    return !stopping;
}

static void *watch(void *argument)
{
    struct bzc_watchdog *watchdog = argument;
    uint_fast64_t seen = atomic_load_explicit(watchdog->progress, memory_order_relaxed);
    int64_t since = cpu_time(watchdog);

    while (wait_a_little(watchdog)) {
        uint_fast64_t now = atomic_load_explicit(watchdog->progress, memory_order_relaxed);

        if (now != seen) {
            seen = now;
            since = cpu_time(watchdog);
        } else if (cpu_time(watchdog) - since >= watchdog->limit_ns) {
            watchdog->barked = true;
            watchdog->bark(watchdog->context);
        }
    }
    return NULL;
}

struct bzc_watchdog *bzc_watchdog_start(unsigned limit_ms, const atomic_uint_fast64_t *progress,
                                        void (*bark)(void *context), void *context)
{
    struct bzc_watchdog *watchdog = calloc(1, sizeof(*watchdog));
    pthread_condattr_t attributes;

    if (!watchdog)
        return NULL;
    watchdog->limit_ns = (int64_t)limit_ms * 1000000;
    watchdog->progress = progress;
    watchdog->bark = bark;
    watchdog->context = context;
    pthread_mutex_init(&watchdog->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watchdog->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_getcpuclockid(pthread_self(), &watchdog->clock) != 0 ||
        pthread_create(&watchdog->thread, NULL, watch, watchdog) != 0) {
        pthread_cond_destroy(&watchdog->wake);
        pthread_mutex_destroy(&watchdog->mutex);
        free(watchdog);
        return NULL;
    }
    return watchdog;
}

bool bzc_watchdog_stop(struct bzc_watchdog *watchdog)
{
    bool barked;

    if (!watchdog)
        return false;
    pthread_mutex_lock(&watchdog->mutex);
    watchdog->stopping = true;
    pthread_cond_signal(&watchdog->wake);
    pthread_mutex_unlock(&watchdog->mutex);
    pthread_join(watchdog->thread, NULL);
    barked = watchdog->barked;
    pthread_cond_destroy(&watchdog->wake);
    pthread_mutex_destroy(&watchdog->mutex);
    free(watchdog);
    return barked;
}
