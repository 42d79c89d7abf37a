/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile guests are traced. Whatever is traced, the report about the run must be the same; the ways that control takes
 * must be the same at each level of counted runs, and a run that is not counted must tell no other ones. What
 * `bzcheck trace` writes of it, with options that the input chooses, must be whole: JSON Lines that parse, in order.
 */
#include "tests/fuzz/targets.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/trace.h"
#include "report/trace_collect.h"
#include "tests/fuzz/guests.h"

#define WAYS_MAX (1u << 16) /* a power of two */

/* ---- the ways that control takes, as a set ---- */

struct way {
    uint64_t from, from_phys, to, to_phys;
    bool used;
};

struct ways {
    struct way item[WAYS_MAX];
    size_t count;
    bool rewritten; /* a page was executed, written to, and executed again */
};

/* Pages that were executed, as ways from nowhere. */
static struct ways code;

static struct way *find_way(struct ways *ways, const struct way *way)
{
    uint64_t hash = (way->from * 31 + way->to) * 0x9e3779b97f4a7c15ull;

    for (size_t i = (size_t)(hash >> 40);; i++) {
        struct way *item = &ways->item[i % WAYS_MAX];

        if (!item->used || (item->from == way->from && item->from_phys == way->from_phys && item->to == way->to &&
                            item->to_phys == way->to_phys))
            return item;
    }
}

static void on_begin(void *context, const struct bzc_run_facts *run)
{
    struct ways *ways = context;

    (void)run;
    ways->count = code.count = 0;
    ways->rewritten = false;
    memset(ways->item, 0, sizeof(ways->item));
    memset(code.item, 0, sizeof(code.item));
}

static void note_code(struct ways *ways, uint64_t page)
{
    const struct way way = {0, 0, page, page, true};
    struct way *item = find_way(&code, &way);

    ways->rewritten |= item->used;
    if (item->used || code.count > WAYS_MAX / 2)
        return;
    *item = way;
    code.count++;
}

static void on_event(void *context, const struct bzc_event *event, const struct bzc_watched *watched)
{
    const struct way way = {event->b, event->c, event->ip, event->a, true};
    struct ways *ways = context;
    struct way *item;

    if ((event->kind == BZC_EVENT_INSN || event->kind == BZC_EVENT_EDGE) && !watched->regs)
        abort();
    if (event->kind == BZC_EVENT_CODE)
        note_code(ways, event->a & ~0xfffull);
    /* Of a block that has been overwritten the origin may be known at one level and not at another. */
    if (event->kind != BZC_EVENT_EDGE || event->b == 0 || ways->count > WAYS_MAX / 2)
        return;
    item = find_way(ways, &way);
    if (item->used)
        return;
    *item = way;
    ways->count++;
}

/* ---- runs ---- */

/* How the run ended matters for what may be compared. */
struct ending {
    bool budget, reset;
};

/* The report, or NULL when the image is not bootable. */
static char *run(const struct bzc_fuzz_guest *guest, const struct bzc_watcher *watcher, struct ending *ending)
{
    struct bzc_verify_options options = guest->options;
    struct bzc_verification verification;
    struct bzc_error err = {0};
    char *report;

    options.watcher = watcher;
    if (bzc_verify("image", guest->file, &options, &verification, &err) != BZC_OK)
        return NULL;
    report = bzc_fuzz_document(&verification, "image", "json");
    for (size_t i = 0; i < verification.facts.run_count && ending; i++) {
        ending->budget |= verification.facts.run[i].stop.reason == BZC_STOP_BUDGET;
        ending->reset |= verification.facts.run[i].stop.reason == BZC_STOP_RESET;
    }
    bzc_verification_free(&verification);
    return report;
}

static char *run_level(const struct bzc_fuzz_guest *guest, enum bzc_trace_level level, bool counted, struct ways *ways)
{
    const struct bzc_watcher watcher = {
        .context = ways, .counted = counted, .trace.level = level, .begin = on_begin, .event = on_event};

    /* A run that is refused does not begin. */
    on_begin(ways, NULL);
    return run(guest, &watcher, NULL);
}

static void expect_same_report(const char *one, const char *other, const char *what)
{
    if (strcmp(one, other) == 0)
        return;
    fprintf(stderr, "%s:\n%s\n---\n%s\n", what, one, other);
    abort();
}

static void expect_subset(struct ways *some, struct ways *all, const char *what)
{
    if (some->count > WAYS_MAX / 2 || all->count > WAYS_MAX / 2)
        return;
    for (size_t i = 0; i < WAYS_MAX; i++) {
        const struct way *way = &some->item[i];

        if (!way->used || find_way(all, way)->used)
            continue;
        fprintf(stderr, "%s: 0x%llx (0x%llx) -> 0x%llx (0x%llx)\n", what, (unsigned long long)way->from,
                (unsigned long long)way->from_phys, (unsigned long long)way->to, (unsigned long long)way->to_phys);
        abort();
    }
}

static void compare_levels(const struct bzc_fuzz_guest *guest, bool uncounted)
{
    static struct ways edges, other;
    struct ending ending = {0};
    char *plain, *traced;

    bzc_fuzz_guest_budgets(true);
    plain = run(guest, NULL, &ending);
    if (!plain)
        return;
    traced = run_level(guest, BZC_TRACE_EDGES, true, &edges);
    expect_same_report(plain, traced, "edges");
    free(traced);
    for (int level = BZC_TRACE_BRANCHES; level <= BZC_TRACE_INSNS; level++) {
        /*
         * The engine ends a block before it stops for a reset or a budget of events, or sees that the block's own code
         * has changed. With INSNS each instruction is an end, and long blocks are cut elsewhere.
         */
        bool differs = ending.reset || ending.budget || edges.rewritten;

        traced = run_level(guest, (enum bzc_trace_level)level, true, &other);
        differs = level == BZC_TRACE_INSNS && (differs || other.rewritten);
        if (!differs)
            expect_same_report(plain, traced, level == BZC_TRACE_BRANCHES ? "branches" : "insns");
        free(traced);
        if (differs)
            continue;
        expect_subset(&edges, &other, level == BZC_TRACE_BRANCHES ? "not told by branches" : "not told by insns");
        expect_subset(&other, &edges, level == BZC_TRACE_BRANCHES ? "told by branches only" : "told by insns only");
    }
    /* A run that a budget would end is only waited for, and then counted. */
    if (uncounted && !ending.budget) {
        bzc_fuzz_guest_budgets(false);
        traced = run_level(guest, BZC_TRACE_EDGES, false, &other);
        expect_same_report(plain, traced, "not counted");
        free(traced);
        expect_subset(&other, &edges, "an edge that nobody took");
    }
    free(plain);
}

/* ---- what `bzcheck trace` writes ---- */

static uint64_t choose_address(const uint8_t *control)
{
    static const uint64_t places[] = {0x10200, 0x100000, 0x100200, 0x1000000};

    return places[control[0] % 4] + control[1] * 2u;
}

static void choose_request(const uint8_t *control, struct bzc_trace_request *request)
{
    *request =
        (struct bzc_trace_request){.level = (enum bzc_trace_level)(control[0] % 4), .context = 1 + control[1] % 16};
    request->filter.kinds = control[0] & 0x10 ? UINT32_MAX >> (32 - BZC_RECORD_KINDS) : bzc_trace_kinds_default();
    request->filter.kinds |= bzc_trace_kinds_of_level(request->level);
    request->every = control[0] & 0x20;
    request->has_until = control[0] & 0x40;
    request->has_around = control[0] & 0x80;
    request->until = choose_address(control + 2);
    request->around = choose_address(control + 4);
    if (control[6] & 1)
        request->last = 1 + control[7], request->has_until = request->has_around = false;
    else
        request->count = 1 + control[7] * 16u;
    request->from_block = control[6] & 2 ? control[1] * 8u : 0;
    if (control[6] & 4)
        request->watch[request->watch_count++] = (struct bzc_trace_range){0x90000, 0x100000 + control[1] * 0x100u};
    if (control[6] & 8)
        request->filter.range[request->filter.range_count++] =
            (struct bzc_trace_range){choose_address(control + 2), choose_address(control + 2) + control[5] * 16u};
    if (control[6] & 16)
        request->filter.stage[request->filter.stage_count++] =
            bzc_trace_stage_find(control[6] & 32 ? "setup" : "kernel");
}

static void check_lines(char *text)
{
    json_int_t last = -1, records = 0;
    const char *type = "";
    json_t *line = NULL;
    json_error_t error;

    for (char *at = text, *end; *at; at = end + 1) {
        json_int_t seq;

        end = strchr(at, '\n');
        json_decref(line);
        line = end ? json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, &error) : NULL;
        type = json_string_value(json_object_get(line, "type"));
        if (!type || (at == text) != (strcmp(type, "trace") == 0))
            abort();
        if (!json_is_integer(json_object_get(line, "seq")))
            continue;
        seq = json_integer_value(json_object_get(line, "seq"));
        records++;
        if (seq < last)
            abort();
        last = seq;
    }
    if (*text && (strcmp(type, "end") != 0 || json_integer_value(json_object_get(line, "records")) != records))
        abort();
    json_decref(line);
}

static void write_trace(const struct bzc_fuzz_guest *guest, const uint8_t *control)
{
    struct bzc_verify_options options = guest->options;
    struct bzc_trace_text text = {0};
    struct bzc_trace_json json = {0};
    struct bzc_trace_writer writer[BZC_TRACE_WRITERS];
    struct bzc_trace_request request;
    struct bzc_trace_head head = {.path = "image", .level = "insns"};
    struct bzc_verification verification;
    struct bzc_watcher watcher;
    struct bzc_trace *trace;
    struct bzc_error err = {0};
    char *out[2] = {NULL, NULL};
    size_t size[2];

    choose_request(control, &request);
    head.counted = request.level >= BZC_TRACE_BRANCHES;
    text.out = open_memstream(&out[0], &size[0]);
    json.out = open_memstream(&out[1], &size[1]);
    if (!text.out || !json.out)
        abort();
    writer[0] = bzc_trace_text_writer(&text);
    writer[1] = bzc_trace_json_writer(&json);
    trace = bzc_trace_new(&request, &head, writer, 2);
    if (!trace)
        abort();
    watcher = bzc_trace_watcher(trace);
    options.watcher = &watcher;
    bzc_fuzz_guest_budgets(true);
    if (bzc_verify("image", guest->file, &options, &verification, &err) == BZC_OK) {
        if (!bzc_trace_finish(trace, &verification))
            abort();
        bzc_verification_free(&verification);
        fflush(json.out);
        check_lines(out[1]);
    }
    bzc_trace_free(trace);
    fclose(text.out);
    fclose(json.out);
    free(out[0]);
    free(out[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bzc_fuzz_guest guest;

    if (!bzc_fuzz_guest_make(data, size, &guest))
        return 0;
    if (data[4] % 2 == 0)
        compare_levels(&guest, data[5] % 2 == 0);
    else
        write_trace(&guest, data + 6);
    bzc_fuzz_guest_free(&guest);
    return 0;
}
