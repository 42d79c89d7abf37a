/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/scenario.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

const char *bzc_verdict_name(enum bzc_image_verdict verdict)
{
    static const char *const names[] = {"pass", "fail", "unknown"};

    return names[verdict];
}

/* ---- the oracle, beside the runs ---- */

struct side_work {
    const struct bzc_image *image;
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
    struct bzc_oracle *oracle = NULL;
    struct bzc_error error = {0};

    if (bzc_oracle_new(work->image, &oracle, &error) != BZC_OK)
        oracle = NULL;
    pthread_mutex_lock(&work->mutex);
    work->verification->oracle = oracle;
    work->facts->oracle = oracle;
    work->facts->oracle_error = error;
    work->done = true;
    pthread_cond_broadcast(&work->ready);
    pthread_mutex_unlock(&work->mutex);
    bzc_sha256_hex(work->image->file.data, work->image->file.size, work->facts->sha256);
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

static bool find_text(struct bzc_bytes bytes, const char *text)
{
    return bytes.size > 0 && memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

/* CONFIG_RANDOMIZE_BASE: only then does the decompressor look for this word on the command line. */
static bool is_kaslr_build(const struct bzc_image *image)
{
    uint64_t end = image->payload_offset + image->payload.size;

    if (image->payload_source == BZC_PAYLOAD_ABSENT)
        return false;
    return find_text(bzc_bytes_slice(image->pm, 0, image->payload_offset), "nokaslr") ||
           find_text(bzc_bytes_slice(image->pm, end, image->pm.size), "nokaslr");
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

/* ---- the verdict ---- */

/* What could be said about an image of another system. */
static const char *why_not_linux(const struct bzc_facts *facts)
{
    for (size_t i = 0; i < facts->run_count; i++) {
        if (facts->run[i].plan_error.status != BZC_OK)
            return facts->run[i].plan_error.message;
        if (facts->run[i].setup.reached)
            return "this is not a Linux kernel: only its hand-over to 32-bit code could be checked";
    }
    return "this is not a Linux kernel, and it did not come to the hand-over to 32-bit code that could be checked";
}

static void decide(struct bzc_verification *verification, const struct bzc_verify_options *options)
{
    const struct bzc_finding *unknown = NULL;
    bool failed = false, damaged = false;

    for (size_t i = 0; i < verification->findings.count; i++) {
        const struct bzc_finding *finding = &verification->findings.item[i];

        if (finding->outcome == BZC_OUTCOME_FAIL && finding->rule->severity >= options->fail_on) {
            failed = true;
            damaged = damaged || finding->rule->phase == BZC_PHASE_IMAGE;
        }
        if (finding->outcome == BZC_OUTCOME_UNKNOWN && !unknown)
            unknown = finding;
    }
    if (verification->facts.image.system == BZC_SYSTEM_NOT_LINUX && !damaged) {
        verification->verdict = BZC_VERDICT_UNKNOWN;
        snprintf(verification->reason, sizeof(verification->reason), "%s", why_not_linux(&verification->facts));
    } else if (failed) {
        verification->verdict = BZC_VERDICT_FAIL;
    } else if (unknown) {
        verification->verdict = BZC_VERDICT_UNKNOWN;
        snprintf(verification->reason, sizeof(verification->reason), "%s", unknown->message);
    } else {
        verification->verdict = BZC_VERDICT_PASS;
    }
}

/* After unpacking: the payload's own banner decides; without it, what the header declares. */
static enum bzc_system identify(const struct bzc_image_facts *facts, bool expects_linux)
{
    if (facts->oracle)
        return facts->oracle->is_linux ? BZC_SYSTEM_LINUX : BZC_SYSTEM_NOT_LINUX;
    return expects_linux ? BZC_SYSTEM_LINUX : BZC_SYSTEM_NOT_LINUX;
}

static enum bzc_status refuse(const struct bzc_image *image, struct bzc_error *err)
{
    switch (image->kind) {
    case BZC_IMAGE_PE:
        return bzc_error_set(err, BZC_ERR_FORMAT, "a PE file without a Linux setup header: not a bzImage");
    case BZC_IMAGE_ELF:
        return bzc_error_set(err, BZC_ERR_FORMAT, "an ELF file (a vmlinux?), not a boot image: give the bzImage");
    default:
        return bzc_error_set(err, BZC_ERR_FORMAT, "not a Linux/x86 boot image");
    }
}

enum bzc_status bzc_verify(const char *path, struct bzc_bytes file, const struct bzc_verify_options *options,
                           struct bzc_verification *verification, struct bzc_error *err)
{
    struct bzc_image_facts *image = &verification->facts.image;
    struct side_work work = {.vmlinux = options->vmlinux, .facts = image, .verification = verification};
    enum bzc_status status = BZC_OK;
    bool expects_linux;
    uint64_t missing;

    memset(verification, 0, sizeof(*verification));
    image->path = path;
    bzc_image_parse(file, &image->image);
    if (image->image.kind != BZC_IMAGE_BZIMAGE && image->image.kind != BZC_IMAGE_ZIMAGE &&
        image->image.kind != BZC_IMAGE_OLD)
        return refuse(&image->image, err);
    work.image = &image->image;
    expects_linux = image->image.payload_source != BZC_PAYLOAD_ABSENT;
    image->kaslr_build = is_kaslr_build(&image->image);
    start_side_work(&work);
    /* A file that ends too early is not run: what the guest makes of it says nothing more. */
    if (!bzc_image_is_cut(&image->image, &missing) && image->image.payload.size >= image->image.payload_length)
        status = run_all(verification, options, expects_linux, &work, err);
    finish_side_work(&work);
    image->system = identify(image, expects_linux);
    if (status == BZC_OK)
        status = bzc_catalogue_run(&verification->facts, &verification->findings, err);
    if (status != BZC_OK) {
        bzc_verification_free(verification);
        return status;
    }
    decide(verification, options);
    return BZC_OK;
}

void bzc_verification_free(struct bzc_verification *verification)
{
    for (size_t i = 0; i < verification->facts.run_count; i++)
        bzc_plan_free(&verification->facts.run[i].plan);
    free(verification->facts.run);
    bzc_findings_free(&verification->findings);
    bzc_oracle_free(verification->oracle);
    memset(verification, 0, sizeof(*verification));
}
