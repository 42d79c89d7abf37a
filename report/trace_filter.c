/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/trace_filter.h"

#include <stdlib.h>
#include <string.h>

#define KIND(kind) (1u << (kind))

/* ---- what a record has to be ---- */

static bool stage_is_wanted(const struct bzc_trace_filter *filter, const struct bzc_trace_place *place)
{
    for (size_t i = 0; i < filter->stage_count; i++)
        if (place->stage && strcmp(place->stage, filter->stage[i]) == 0)
            return true;
    return filter->stage_count == 0;
}

static bool address_is_wanted(const struct bzc_trace_filter *filter, const struct bzc_trace_place *place)
{
    for (size_t i = 0; i < filter->range_count; i++)
        if (place->known && place->linear >= filter->range[i].start && place->linear < filter->range[i].end)
            return true;
    return filter->range_count == 0;
}

static bool place_is_wanted(const struct bzc_trace_filter *filter, const struct bzc_trace_place *place)
{
    return stage_is_wanted(filter, place) && address_is_wanted(filter, place);
}

bool bzc_trace_filter_accepts(const struct bzc_trace_filter *filter, const struct bzc_trace_record *record)
{
    return (filter->kinds & KIND(record->kind)) &&
           (place_is_wanted(filter, &record->at) || place_is_wanted(filter, &record->from));
}

static const struct {
    const char *name, *stage;
} stages[] = {
    {"loader", "loader"},
    {"setup", "setup"},
    {"decompressor", "decompressor"},
    {"relocated", "decompressor (relocated)"},
    {"kernel", "kernel"},
    {"virtual", "kernel (virtual)"},
    {"bios", "BIOS"},
    {"unknown", "unknown code"},
};
const char bzc_trace_stages_known[] = "loader, setup, decompressor, relocated, kernel, virtual, bios, unknown";

const char *bzc_trace_stage_find(const char *name)
{
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
        if (strcmp(name, stages[i].name) == 0 || strcmp(name, stages[i].stage) == 0)
            return stages[i].stage;
    return NULL;
}

static const struct {
    const char *name;
    uint32_t kinds;
    bool by_default;
} events[] = {
    {"port", KIND(BZC_RECORD_PORT_IN) | KIND(BZC_RECORD_PORT_OUT), true},
    {"bios", KIND(BZC_RECORD_BIOS), true},
    {"interrupt", KIND(BZC_RECORD_INTERRUPT), true},
    {"page-fault", KIND(BZC_RECORD_PAGE_FAULT), true},
    {"a20", KIND(BZC_RECORD_A20), true},
    {"rom-write", KIND(BZC_RECORD_ROM_WRITE), true},
    {"open-bus", KIND(BZC_RECORD_OPEN_BUS), true},
    {"console", KIND(BZC_RECORD_CONSOLE), true},
    {"reset", KIND(BZC_RECORD_RESET), true},
    {"write", KIND(BZC_RECORD_WRITE), true},
    {"code", KIND(BZC_RECORD_CODE), false},
    {"page-write", KIND(BZC_RECORD_PAGE_WRITE), false},
};
#define EVENTS (sizeof(events) / sizeof(events[0]))
const char bzc_trace_kinds_known[] = "port, bios, interrupt, page-fault, a20, rom-write, open-bus, console, reset, "
                                     "write, code, page-write, all, none";

static bool is_word(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(word, name, length) == 0;
}

bool bzc_trace_kinds_parse(const char *list, uint32_t *kinds)
{
    *kinds = 0;
    for (;;) {
        size_t length = strcspn(list, ",");
        bool found = is_word(list, length, "none");

        for (size_t i = 0; i < EVENTS; i++) {
            if (!is_word(list, length, "all") && !is_word(list, length, events[i].name))
                continue;
            *kinds |= events[i].kinds;
            found = true;
        }
        if (!found)
            return false;
        if (list[length] == '\0')
            return true;
        list += length + 1;
    }
}

uint32_t bzc_trace_kinds_default(void)
{
    uint32_t kinds = 0;

    for (size_t i = 0; i < EVENTS; i++)
        kinds |= events[i].by_default ? events[i].kinds : 0;
    return kinds;
}

uint32_t bzc_trace_kinds_of_level(enum bzc_trace_level level)
{
    static const uint32_t kinds[] = {
        [BZC_TRACE_CODE] = KIND(BZC_RECORD_JUMP),
        [BZC_TRACE_EDGES] = KIND(BZC_RECORD_JUMP) | KIND(BZC_RECORD_EDGE),
        [BZC_TRACE_BRANCHES] = KIND(BZC_RECORD_JUMP) | KIND(BZC_RECORD_BRANCH),
        [BZC_TRACE_INSNS] = KIND(BZC_RECORD_JUMP) | KIND(BZC_RECORD_INSN),
    };

    return kinds[level];
}

/* ---- a stretch of the trace ---- */

bool bzc_trace_window_begin(struct bzc_trace_window *window)
{
    bzc_trace_window_free(window);
    window->emitted = window->skipped = window->after = 0;
    window->ring_size = window->last ? window->last : window->around ? window->context : 0;
    if (window->ring_size > 0)
        window->ring = calloc(window->ring_size, sizeof(*window->ring));
    return window->ring_size == 0 || window->ring;
}

static void push(struct bzc_trace_window *window, struct bzc_trace_record *record)
{
    struct bzc_trace_record *slot;

    if (window->ring_size == 0) {
        bzc_trace_record_clear(record);
        window->skipped++;
        return;
    }
    slot = &window->ring[(window->ring_first + window->ring_used) % window->ring_size];
    if (window->ring_used == window->ring_size) {
        bzc_trace_record_clear(slot);
        window->ring_first = (window->ring_first + 1) % window->ring_size;
        window->skipped++;
    } else {
        window->ring_used++;
    }
    *slot = *record;
}

static void emit(struct bzc_trace_window *window, struct bzc_trace_record *record)
{
    if (bzc_trace_window_is_full(window)) {
        bzc_trace_record_clear(record);
        return;
    }
    if (window->skipped > 0)
        window->gap(window->emit_context, window->skipped);
    window->skipped = 0;
    window->emitted++;
    window->emit(window->emit_context, record);
}

static void flush(struct bzc_trace_window *window)
{
    for (; window->ring_used > 0; window->ring_used--) {
        emit(window, &window->ring[window->ring_first]);
        window->ring_first = (window->ring_first + 1) % window->ring_size;
    }
}

void bzc_trace_window_mark(struct bzc_trace_window *window, bool shown)
{
    if (!window->around)
        return;
    flush(window);
    window->after = window->context + shown;
}

void bzc_trace_window_add(struct bzc_trace_window *window, struct bzc_trace_record *record)
{
    if (window->last || (window->around && window->after == 0)) {
        push(window, record);
        return;
    }
    if (window->around)
        window->after--;
    emit(window, record);
}

bool bzc_trace_window_is_full(const struct bzc_trace_window *window)
{
    return window->count > 0 && window->emitted >= window->count;
}

void bzc_trace_window_end(struct bzc_trace_window *window)
{
    if (window->last)
        flush(window);
}

void bzc_trace_window_free(struct bzc_trace_window *window)
{
    for (size_t i = 0; i < window->ring_used; i++)
        bzc_trace_record_clear(&window->ring[(window->ring_first + i) % window->ring_size]);
    free(window->ring);
    window->ring = NULL;
    window->ring_size = window->ring_first = window->ring_used = 0;
}
