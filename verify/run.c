/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/machine.h"
#include "verify/tracker.h"

#define TEXT_PAGE_PHYS 0xb8000u
#define TEXT_ROWS      25u
#define TEXT_COLUMNS   80u
/* Any seed spreads over the timer's phase; nokaslr runs use this one. */
#define SEED_NOKASLR 0u

/* Takes from the event stream what becomes facts. */
struct collector {
    struct bzc_run_facts *facts;
    char serial[BZC_LAST_WORDS_MAX]; /* the end of what went to a UART or the debug port */
    size_t serial_length;
};

static void collect_serial(struct collector *collector, uint8_t byte)
{
    if (byte != '\n' && (byte < 0x20 || byte > 0x7e))
        return;
    if (collector->serial_length == sizeof(collector->serial) - 1) {
        size_t half = sizeof(collector->serial) / 2;

        memmove(collector->serial, collector->serial + half, collector->serial_length - half);
        collector->serial_length -= half;
    }
    collector->serial[collector->serial_length++] = (char)byte;
}

static void collect(void *context, const struct bzc_event *event)
{
    struct collector *collector = context;
    struct bzc_run_facts *facts = collector->facts;

    switch (event->kind) {
    case BZC_EVENT_ROM_WRITE:
        if (facts->outside.count++ == 0) {
            facts->outside.first_phys = event->a;
            facts->outside.first_ip = event->ip;
        }
        break;
    case BZC_EVENT_CONSOLE:
        if (!event->b)
            collect_serial(collector, (uint8_t)event->a);
        break;
    case BZC_EVENT_PORT_IN:
    case BZC_EVENT_PORT_OUT:
        facts->unknown_ports += event->name == NULL;
        break;
    case BZC_EVENT_BIOS_CALL:
        facts->unknown_bios_calls += event->c != 0;
        facts->asked_for_e820 |= event->a == 0x15 && (event->b & 0xffff) == 0xe820;
        break;
    default:
        break;
    }
}

static void append(char *out, size_t *length, const char *text, size_t size)
{
    if (size > BZC_LAST_WORDS_MAX - 1 - *length)
        size = BZC_LAST_WORDS_MAX - 1 - *length;
    memcpy(out + *length, text, size);
    *length += size;
    out[*length] = '\0';
}

/* The lines on the screen, and behind them what went out by serial line. */
static void last_words(const struct bzc_machine *machine, const struct collector *collector, char *out)
{
    uint8_t page[TEXT_ROWS * TEXT_COLUMNS * 2];
    size_t length = 0;

    out[0] = '\0';
    if (!bzc_machine_read(machine, TEXT_PAGE_PHYS, page, sizeof(page)))
        memset(page, 0, sizeof(page));
    for (unsigned row = 0; row < TEXT_ROWS; row++) {
        char line[TEXT_COLUMNS + 1];
        unsigned end = 0;

        for (unsigned column = 0; column < TEXT_COLUMNS; column++) {
            uint8_t byte = page[(row * TEXT_COLUMNS + column) * 2];

            line[column] = byte >= 0x20 && byte <= 0x7e ? (char)byte : byte == 0 ? ' ' : '?';
            if (line[column] != ' ')
                end = column + 1;
        }
        if (end) {
            line[end++] = '\n';
            append(out, &length, line, end);
        }
    }
    append(out, &length, collector->serial, collector->serial_length);
    while (length > 0 && out[length - 1] == '\n')
        out[--length] = '\0';
}

static void compare_kept(const struct bzc_machine *machine, struct bzc_run_facts *facts)
{
    for (size_t i = 0; i < facts->plan.block_count; i++) {
        const struct bzc_block *block = &facts->plan.block[i];
        struct bzc_kept_block *kept = &facts->kept[facts->kept_count];
        struct bzc_bytes now;

        if (!block->keep)
            continue;
        now = bzc_machine_view(machine, block->phys, block->bytes.size);
        *kept = (struct bzc_kept_block){
            .role = block->role, .name = block->name, .phys = block->phys, .size = block->bytes.size};
        facts->kept_count++;
        /* The loader could put it there, so it can be looked at. */
        if (now.size == 0 || memcmp(now.data, block->bytes.data, now.size) == 0)
            continue;
        kept->changed = true;
        for (size_t at = 0; at < now.size; at++) {
            if (now.data[at] == block->bytes.data[at])
                continue;
            kept->first_difference = block->phys + at;
            kept->expected = block->bytes.data[at];
            kept->actual = now.data[at];
            break;
        }
    }
}

/* One attempt: normal, or counted after a normal one was interrupted. */
static enum bzc_status attempt(const struct bzc_run_request *request, bool counted, struct bzc_run_facts *facts,
                               bool *inconclusive, struct bzc_error *err)
{
    struct collector collector = {.facts = facts};
    struct bzc_tracker tracker;
    struct bzc_machine_config config = {
        .map = facts->map,
        .profile = facts->profile,
        .timer_seed = facts->kaslr ? facts->kaslr_seed : SEED_NOKASLR,
        .counted = counted,
        .observer = {&tracker, bzc_tracker_on_code},
        .sink = {&collector, collect},
    };
    struct bzc_machine *machine;
    enum bzc_status status;

    bzc_tracker_init(&tracker, request->image, facts);
    tracker.expects_linux = request->expects_linux;
    tracker.await_oracle = request->await_oracle;
    tracker.oracle_context = request->oracle_context;
    status = bzc_machine_new(&config, &machine, err);
    if (status != BZC_OK)
        return status;
    status = bzc_machine_load(machine, &facts->plan, err);
    if (status == BZC_OK)
        status = bzc_machine_run(machine, &facts->stop, inconclusive, err);
    if (status == BZC_OK && !*inconclusive) {
        const struct bzc_oracle *oracle = facts->entry.reached ? request->await_oracle(request->oracle_context) : NULL;

        if (oracle && tracker.base_known) {
            struct bzc_guest_view guest = bzc_machine_guest_view(machine);

            bzc_oracle_compare(oracle, &guest, facts->comparison.base, &facts->comparison);
            facts->compared = true;
        }
        compare_kept(machine, facts);
        last_words(machine, &collector, facts->last_words);
        facts->pages_touched = bzc_machine_pages_touched(machine);
    }
    bzc_machine_free(machine);
    return status;
}

/* The command line of the run: the user's, and "nokaslr" where KASLR is not wanted. NULL when out of memory. */
static char *run_cmdline(const struct bzc_run_request *request)
{
    const char *user = request->options->cmdline;
    bool add = !request->kaslr && !bzc_cmdline_has(user, "nokaslr");
    size_t size = strlen(user) + sizeof(" nokaslr");
    char *cmdline = malloc(size);

    if (!cmdline)
        return NULL;
    snprintf(cmdline, size, "%s%s%s", user, add && *user ? " " : "", add ? "nokaslr" : "");
    return cmdline;
}

enum bzc_status bzc_run_execute(const struct bzc_run_request *request, struct bzc_run_facts *facts,
                                struct bzc_error *err)
{
    struct bzc_plan_options options = {
        .load_addr = request->load_addr, .initrd = request->options->initrd, .map = &request->options->map};
    struct bzc_run_facts fresh;
    bool inconclusive = false;
    enum bzc_status status;
    char *cmdline;

    facts->scenario = request->scenario->name;
    facts->load_addr = request->load_addr;
    facts->kaslr = request->kaslr;
    facts->kaslr_seed = request->kaslr_seed;
    facts->profile = request->options->profile;
    facts->map = &request->options->map;
    cmdline = run_cmdline(request);
    if (!cmdline)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the command line");
    options.cmdline = cmdline;
    status = request->scenario->plan(request->image, &options, &facts->plan, &facts->plan_error);
    free(cmdline);
    if (status != BZC_OK)
        return status == BZC_ERR_MEMORY ? bzc_error_set(err, status, "%s", facts->plan_error.message) : BZC_OK;
    fresh = *facts;
    status = attempt(request, false, facts, &inconclusive, err);
    if (status == BZC_OK && inconclusive) {
        *facts = fresh; /* nothing of the interrupted attempt may show */
        status = attempt(request, true, facts, &inconclusive, err);
    }
    return status;
}
