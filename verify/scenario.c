/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/scenario.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/image_facts.h"
#include "verify/rules.h"
#include "verify/run.h"

#define DEFAULT_LOAD_ADDR  0x100000u
#define DEFAULT_KASLR_SEED 1u

const struct bzc_scenario bzc_scenarios[] = {
    {"bios",
     "16-bit entry: real-mode setup with BIOS calls, then the 32-bit entry, as BIOS boot loaders start a kernel",
     bzc_plan_bios},
};
const size_t bzc_scenario_count = sizeof(bzc_scenarios) / sizeof(bzc_scenarios[0]);

const struct bzc_scenario *bzc_scenario_find(const char *name)
{
    for (size_t i = 0; i < bzc_scenario_count; i++)
        if (strcmp(bzc_scenarios[i].name, name) == 0)
            return &bzc_scenarios[i];
    return NULL;
}

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
    enum bzc_status status; /* the first error */
    struct bzc_error error;
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
        if (status != BZC_OK && queue->status == BZC_OK) {
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
    size_t threads = 0;

    pthread_mutex_init(&queue->mutex, NULL);
    report_progress(queue, 0);
    while (threads + 1 < queue->count && threads + 1 < queue->options->jobs &&
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

struct choice {
    uint64_t load_addr;
    bool kaslr;
    uint64_t seed;
};

static size_t add_choice(struct choice *choice, size_t count, uint64_t load_addr, bool kaslr, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        if (choice[i].load_addr == load_addr && choice[i].kaslr == kaslr && choice[i].seed == seed)
            return count;
    if (count < BZC_RUNS_MAX)
        choice[count++] = (struct choice){load_addr, kaslr, seed};
    return count;
}

/* Every combination of what was asked for; what was not asked for suits the image. */
static size_t choose(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                     struct choice *choice)
{
    const struct bzc_image *image = &facts->image;
    uint64_t addresses[BZC_CHOICES_MAX] = {DEFAULT_LOAD_ADDR};
    size_t address_count = 1, count = 0;

    if (options->load_addr_count) {
        address_count = options->load_addr_count;
        memcpy(addresses, options->load_addr, address_count * sizeof(addresses[0]));
    } else if (image->relocatable && image->pref_address > DEFAULT_LOAD_ADDR) {
        addresses[address_count++] = image->pref_address;
    }
    for (size_t a = 0; a < address_count; a++) {
        /* A seed means nothing to a decompressor that knows no KASLR. */
        if (options->kaslr_seed_count == 0 || !facts->kaslr_build)
            count = add_choice(choice, count, addresses[a], false, 0);
        for (size_t s = 0; facts->kaslr_build && s < options->kaslr_seed_count; s++)
            count = add_choice(choice, count, addresses[a], true, options->kaslr_seed[s]);
    }
    if (options->kaslr_seed_count == 0 && options->load_addr_count == 0 && facts->kaslr_build &&
        !bzc_cmdline_has(options->cmdline, "nokaslr"))
        count = add_choice(choice, count, DEFAULT_LOAD_ADDR, true, DEFAULT_KASLR_SEED);
    return count;
}

static enum bzc_status run_all(struct bzc_verification *verification, const struct bzc_verify_options *options,
                               bool expects_linux, struct side_work *work, struct bzc_error *err)
{
    struct bzc_facts *facts = &verification->facts;
    struct bzc_run_request request[BZC_RUNS_MAX];
    struct choice choice[BZC_RUNS_MAX];
    size_t choices = choose(&facts->image, options, choice), count = 0;
    size_t scenarios = options->scenario_count ? options->scenario_count : 1;

    for (size_t s = 0; s < scenarios; s++) {
        for (size_t c = 0; c < choices && count < BZC_RUNS_MAX; c++) {
            request[count++] = (struct bzc_run_request){
                .scenario = options->scenario_count ? options->scenario[s] : &bzc_scenarios[0],
                .load_addr = choice[c].load_addr,
                .kaslr = choice[c].kaslr,
                .kaslr_seed = choice[c].seed,
                .options = options,
                .image = &facts->image.image,
                .expects_linux = expects_linux,
                .await_oracle = await_oracle,
                .oracle_context = work,
            };
        }
    }
    facts->run = calloc(count, sizeof(*facts->run));
    if (!facts->run)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the runs");
    facts->run_count = count;
    struct run_queue queue = {
        .request = request, .facts = facts->run, .count = count, .options = options, .path = facts->image.path};

    return execute_all(&queue, err);
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
