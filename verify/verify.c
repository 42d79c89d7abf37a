/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/verify.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/choices.h"
#include "verify/image_facts.h"
#include "verify/rules.h"
#include "verify/run.h"

/* ---- the oracle, beside the runs ---- */

struct side_work {
    struct bzc_bytes vmlinux;
    struct bzc_image_facts *facts;
    struct bzc_verification *verification;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;
    pthread_cond_t ready;
    bool done; /* the oracle is there, or known not to come */
};

static void *unpack(void *argument)
{
    struct side_work *work = argument;
    struct bzc_oracle *oracle = bzc_image_facts_unpack(work->facts);

    if (oracle)
        bzc_oracle_digest(oracle);
    pthread_mutex_lock(&work->mutex);
    work->verification->oracle = oracle;
    work->done = true;
    pthread_cond_broadcast(&work->ready);
    pthread_mutex_unlock(&work->mutex);
    bzc_sha256_hex(work->facts->image.file.data, work->facts->image.file.size, work->facts->sha256);
    if (oracle && work->vmlinux.size)
        bzc_oracle_compare_vmlinux(oracle, work->vmlinux, &work->facts->vmlinux);
    return NULL;
}

static const struct bzc_oracle *await_oracle(void *context)
{
    struct side_work *work = context;
    const struct bzc_oracle *oracle;

    pthread_mutex_lock(&work->mutex);
    while (!work->done)
        pthread_cond_wait(&work->ready, &work->mutex);
    oracle = work->facts->oracle;
    pthread_mutex_unlock(&work->mutex);
    return oracle;
}

static void start_side_work(struct side_work *work)
{
    pthread_mutex_init(&work->mutex, NULL);
    pthread_cond_init(&work->ready, NULL);
    work->started = pthread_create(&work->thread, NULL, unpack, work) == 0;
    if (!work->started)
        unpack(work);
}

static void finish_side_work(struct side_work *work)
{
    if (work->started)
        pthread_join(work->thread, NULL);
    pthread_cond_destroy(&work->ready);
    pthread_mutex_destroy(&work->mutex);
}

/* ---- the runs ---- */

struct run_queue {
    struct bzc_run_request *request;
    struct bzc_run_facts *facts;
    size_t count;
    const struct bzc_verify_options *options;
    const char *path;
    pthread_mutex_t mutex;
    size_t next, done;
    enum bzc_status status; /* of the first run, by its index, that failed */
    struct bzc_error error;
    size_t failed; /* that index; valid with an error */
};

static void report_progress(const struct run_queue *queue, size_t done)
{
    if (queue->options->progress)
        queue->options->progress(queue->options->progress_context, queue->path, done, queue->count);
}

static void *work_off(void *argument)
{
    struct run_queue *queue = argument;

    for (;;) {
        struct bzc_error error = {0};
        enum bzc_status status;
        size_t index;

        pthread_mutex_lock(&queue->mutex);
        index = queue->status == BZC_OK ? queue->next++ : queue->count;
        pthread_mutex_unlock(&queue->mutex);
        if (index >= queue->count)
            return NULL;
        status = bzc_run_execute(&queue->request[index], &queue->facts[index], &error);
        pthread_mutex_lock(&queue->mutex);
        if (status != BZC_OK && (queue->status == BZC_OK || index < queue->failed)) {
            queue->failed = index;
            queue->status = status;
            queue->error = error;
        }
        report_progress(queue, ++queue->done);
        pthread_mutex_unlock(&queue->mutex);
    }
}

static enum bzc_status execute_all(struct run_queue *queue, struct bzc_error *err)
{
    pthread_t thread[BZC_RUNS_MAX];
    size_t threads = 0, jobs = queue->options->watcher ? 1 : queue->options->jobs;

    pthread_mutex_init(&queue->mutex, NULL);
    report_progress(queue, 0);
    while (threads + 1 < queue->count && threads + 1 < jobs &&
           pthread_create(&thread[threads], NULL, work_off, queue) == 0)
        threads++;
    work_off(queue);
    while (threads > 0)
        pthread_join(thread[--threads], NULL);
    pthread_mutex_destroy(&queue->mutex);
    if (queue->status != BZC_OK)
        return bzc_error_set(err, queue->status, "%s", queue->error.message);
    return BZC_OK;
}

/* ---- which runs ---- */

/* What all choices lead to, in one array that grows: the follow-up runs come behind the first ones. */
static enum bzc_status run_choices(struct bzc_verification *verification, const struct bzc_choices *choices,
                                   const struct bzc_verify_options *options, bool expects_linux, struct side_work *work,
                                   struct bzc_error *err)
{
    struct bzc_facts *facts = &verification->facts;
    struct bzc_run_facts *run = realloc(facts->run, (facts->run_count + choices->count) * sizeof(*run));
    struct bzc_run_request *request = calloc(choices->count, sizeof(*request));
    enum bzc_status status;

    if (run)
        facts->run = run;
    if (!run || !request) {
        free(request);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the runs");
    }
    run = &facts->run[facts->run_count];
    memset(run, 0, choices->count * sizeof(*run));
    for (size_t i = 0; i < choices->count; i++) {
        request[i] = (struct bzc_run_request){
            .choice = &choices->choice[i],
            .options = options,
            .facts = &facts->image,
            .expects_linux = expects_linux,
            .await_oracle = await_oracle,
            .oracle_context = work,
        };
    }
    struct run_queue queue = {
        .request = request, .facts = run, .count = choices->count, .options = options, .path = facts->image.path};

    facts->run_count += choices->count;
    status = execute_all(&queue, err);
    free(request);
    return status;
}

/* Runs them, and those that only their results call for. */
static enum bzc_status run_with_follow_up(struct bzc_verification *verification, struct bzc_choices *choices,
                                          const struct bzc_verify_options *options, bool expects_linux,
                                          struct side_work *work, struct bzc_error *err)
{
    struct bzc_facts *facts = &verification->facts;
    enum bzc_status status = BZC_OK;

    for (;;) {
        size_t room = BZC_RUNS_MAX - facts->run_count;

        verification->runs_left_out += choices->left_out;
        if (choices->count > room) {
            verification->runs_left_out += choices->count - room;
            choices->count = room;
        }
        if (status != BZC_OK || choices->count == 0)
            return status;
        status = run_choices(verification, choices, options, expects_linux, work, err);
        if (status == BZC_OK)
            bzc_choices_follow_up(facts, options, choices);
    }
}

/* Only the first run that suits image and options. */
static enum bzc_status run_one(struct bzc_verification *verification, struct bzc_choices *choices,
                               const struct bzc_verify_options *options, bool expects_linux, struct side_work *work,
                               struct bzc_error *err)
{
    const struct bzc_image_facts *facts = &verification->facts.image;

    bzc_choices_make(facts, options, false, choices);
    if (choices->count == 0) {
        await_oracle(work);
        bzc_choices_make(facts, options, true, choices);
    }
    if (choices->count == 0)
        return BZC_OK;
    choices->count = 1;
    return run_choices(verification, choices, options, expects_linux, work, err);
}

static enum bzc_status run_all(struct bzc_verification *verification, const struct bzc_verify_options *options,
                               bool expects_linux, struct side_work *work, struct bzc_error *err)
{
    const struct bzc_image_facts *facts = &verification->facts.image;
    struct bzc_choices *choices = malloc(sizeof(*choices));
    enum bzc_status status;

    if (!choices)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the runs");
    if (options->one_run) {
        status = run_one(verification, choices, options, expects_linux, work, err);
        free(choices);
        return status;
    }
    bzc_choices_make(facts, options, false, choices);
    status = run_with_follow_up(verification, choices, options, expects_linux, work, err);
    if (status == BZC_OK) {
        await_oracle(work);
        bzc_choices_make(facts, options, true, choices);
        status = run_with_follow_up(verification, choices, options, expects_linux, work, err);
    }
    free(choices);
    return status;
}

enum bzc_status bzc_verify(const char *path, struct bzc_bytes file, const struct bzc_verify_options *options,
                           struct bzc_verification *verification, struct bzc_error *err)
{
    struct bzc_image_facts *image = &verification->facts.image;
    struct side_work work = {.vmlinux = options->vmlinux, .facts = image, .verification = verification};
    enum bzc_status status;
    bool expects_linux;
    uint64_t missing;

    memset(verification, 0, sizeof(*verification));
    verification->executed = true;
    status = bzc_image_facts_read(path, file, BZC_DEPTH_KERNEL, image, err);
    if (status != BZC_OK)
        return status;
    expects_linux = image->image.payload_source != BZC_PAYLOAD_ABSENT;
    start_side_work(&work);
    /* A file that ends too early is not run: what the guest makes of it says nothing more. */
    if (!bzc_image_is_cut(&image->image, &missing) && image->image.payload.size >= image->image.payload_length)
        status = run_all(verification, options, expects_linux, &work, err);
    finish_side_work(&work);
    bzc_image_facts_identify(image);
    if (status == BZC_OK)
        status = bzc_verification_conclude(verification, &options->policy, err);
    if (status != BZC_OK)
        bzc_verification_free(verification);
    return status;
}
