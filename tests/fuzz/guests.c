/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "emu/machine.h"
#include "report/format.h"
#include "tests/unit/tiny_guest.h"

#define BLOCK_BUDGET (1u << 14)
#define EVENT_BUDGET (1u << 14)
#define MEMORY       (32ull << 20)
#define CHANGE_HEAD  4u

/* By the lower bits of the first byte; NULL: the guest of a few instructions, which most inputs change. */
static const char *const images[8] = {[5] = "good32-2.01", [6] = "good32", [7] = "good64"};

/* ---- budgets: run.c leaves them to the machine, and the linker puts this before bzc_machine_new() ---- */

static bool always_counted;

enum bzc_status __real_bzc_machine_new(const struct bzc_machine_config *config, struct bzc_machine **machine,
                                       struct bzc_error *err);
enum bzc_status __wrap_bzc_machine_new(const struct bzc_machine_config *config, struct bzc_machine **machine,
                                       struct bzc_error *err);

enum bzc_status __wrap_bzc_machine_new(const struct bzc_machine_config *config, struct bzc_machine **machine,
                                       struct bzc_error *err)
{
    struct bzc_machine_config own = *config;

    own.block_budget = BLOCK_BUDGET;
    own.event_budget = EVENT_BUDGET;
    own.counted |= always_counted;
    return __real_bzc_machine_new(&own, machine, err);
}

void bzc_fuzz_guest_budgets(bool counted)
{
    always_counted = counted;
}

/* ---- images ---- */

static struct bzc_bytes base_image(size_t index)
{
    static struct bzc_bytes file[sizeof(images) / sizeof(images[0])];
    static struct sample tiny;
    char path[4096];
    struct bzc_error err = {0};

    if (!images[index]) {
        if (tiny.size == 0)
            tiny_good_image(&tiny);
        return sample_bytes(&tiny);
    }
    if (file[index].size == 0) {
        snprintf(path, sizeof(path), "%s/%s.bzImage", BZC_FUZZ_IMAGES, images[index]);
        if (bzc_file_read(path, BZC_IMAGE_FILE_MAX, &file[index], &err) != BZC_OK) {
            fprintf(stderr, "%s\n", err.message);
            abort();
        }
    }
    return file[index];
}

/* Where the changed part begins: setup's first instructions, the decompressor's, its 64-bit entry, the file. */
static size_t part_start(const uint8_t *file, uint8_t part)
{
    size_t pm = (file[0x1f1] + 1u) * 512u;

    switch (part % 4) {
    case 0:
        return 0x202u + file[0x201];
    case 1:
        return pm;
    case 2:
        return pm + 0x200;
    default:
        return 0;
    }
}

static void change(uint8_t *file, size_t file_size, struct bzc_bytes changes)
{
    size_t at = 0;

    while (changes.size - at > CHANGE_HEAD) {
        const uint8_t *head = changes.data + at;
        size_t start = part_start(file, head[0]) + bzc_load16(head + 1), length = 1 + head[3];

        at += CHANGE_HEAD;
        for (size_t i = 0; i < length && at < changes.size; i++, at++)
            file[(start + i) % file_size] = changes.data[at];
    }
}

static void choose_run(const uint8_t *control, struct bzc_verify_options *options)
{
    static const uint64_t addresses[] = {0x100000, 0x1000000, 0x1200000, 0x1400000};
    struct bzc_error err = {0};

    *options = (struct bzc_verify_options){.cmdline = "", .jobs = 1, .one_run = true};
    options->scenario[options->scenario_count++] = &bzc_scenarios[control[1] % bzc_scenario_count];
    options->load_addr[options->load_addr_count++] = addresses[control[2] % 4];
    options->profile = &bzc_cpu_profiles[control[3] % bzc_cpu_profile_count];
    bzc_policy_init(&options->policy);
    if (bzc_memory_map_default(MEMORY, &options->map, &err) != BZC_OK)
        abort();
}

bool bzc_fuzz_guest_make(const uint8_t *data, size_t size, struct bzc_fuzz_guest *guest)
{
    struct bzc_bytes base;
    uint8_t *file;

    if (size < BZC_FUZZ_GUEST_CONTROL)
        return false;
    base = base_image(data[0] % 8);
    file = malloc(base.size);
    if (!file)
        abort();
    memcpy(file, base.data, base.size);
    change(file, base.size, (struct bzc_bytes){data + BZC_FUZZ_GUEST_CONTROL, size - BZC_FUZZ_GUEST_CONTROL});
    guest->file = (struct bzc_bytes){file, base.size};
    choose_run(data, &guest->options);
    return true;
}

void bzc_fuzz_guest_free(struct bzc_fuzz_guest *guest)
{
    free((void *)(uintptr_t)guest->file.data);
}

/* ---- reports ---- */

char *bzc_fuzz_document(const struct bzc_verification *verification, const char *path, const char *name)
{
    const struct bzc_report_entry entry = {
        .path = path, .command = "verify", .verified = true, .verification = verification};
    const struct bzc_report_format *format = bzc_report_format_find(name);
    const struct bzc_format_options options = {.verbose = true};
    struct bzc_error err = {0};
    void *report = NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);

    if (!format || !memory || format->open(&options, memory, &report, &err) != BZC_OK ||
        format->add(report, &entry, &err) != BZC_OK || format->close(report, &err) != BZC_OK)
        abort();
    format->free(report);
    /* A byte 0 in it would end every reader's text. */
    if (fclose(memory) != 0 || strlen(text) != size)
        abort();
    return text;
}
