/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/collector.h"

#include <string.h>

#define TEXT_PAGE_PHYS 0xb8000u
#define TEXT_ROWS      25u
#define TEXT_COLUMNS   80u

static void collect_serial(struct bzc_collector *collector, uint8_t byte)
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

/* Services of which AH is only the family. */
static bool counts_al(uint64_t vector, unsigned ah)
{
    static const uint8_t memory_and_power[] = {0x24, 0x53, 0xe8, 0xec}, video[] = {0x10, 0x11, 0x12, 0x4f};
    const uint8_t *family = vector == 0x15 ? memory_and_power : video;

    return (vector == 0x15 || vector == 0x10) && memchr(family, (int)ah, sizeof(video));
}

static struct bzc_talk talk_of(const struct bzc_event *event)
{
    struct bzc_talk talk = {.name = event->name};

    if (event->kind == BZC_EVENT_BIOS_CALL) {
        unsigned ah = event->b >> 8 & 0xff;

        talk.kind = BZC_TALK_BIOS;
        talk.vector = (uint8_t)event->a;
        talk.whole_ax = counts_al(event->a, ah);
        talk.number = talk.whole_ax ? (uint16_t)event->b : (uint16_t)ah;
    } else {
        talk.kind = event->kind == BZC_EVENT_PORT_IN ? BZC_TALK_PORT_IN : BZC_TALK_PORT_OUT;
        talk.number = (uint16_t)event->a;
    }
    return talk;
}

static void collect_talk(struct bzc_run_facts *facts, const struct bzc_event *event)
{
    struct bzc_talk talk = talk_of(event);

    for (size_t i = 0; i < facts->conversation_count; i++) {
        struct bzc_talk *known = &facts->conversation[i];

        if (known->kind == talk.kind && known->number == talk.number && known->vector == talk.vector &&
            known->whole_ax == talk.whole_ax) {
            known->count++;
            return;
        }
    }
    if (facts->conversation_count == BZC_CONVERSATION_MAX) {
        facts->conversation_left_out++;
        return;
    }
    talk.count = 1;
    facts->conversation[facts->conversation_count++] = talk;
}

void bzc_collector_event(void *context, const struct bzc_event *event)
{
    struct bzc_collector *collector = context;
    struct bzc_run_facts *facts = collector->facts;

    switch (event->kind) {
    case BZC_EVENT_ROM_WRITE:
        if (facts->outside.count++ == 0) {
            facts->outside.first_phys = event->a;
            facts->outside.first_ip = event->ip;
        }
        break;
    case BZC_EVENT_CONSOLE:
        if (collector->kernel_runs && !facts->running.reached)
            facts->running.reached = facts->running.printed = true;
        if (!event->b)
            collect_serial(collector, (uint8_t)event->a);
        break;
    case BZC_EVENT_PORT_IN:
    case BZC_EVENT_PORT_OUT:
        collect_talk(facts, event);
        facts->unknown_ports += event->name == NULL;
        break;
    case BZC_EVENT_BIOS_CALL:
        collect_talk(facts, event);
        facts->unknown_bios_calls += event->c != 0;
        facts->asked_for_e820 |= event->a == 0x15 && (event->b & 0xffff) == 0xe820;
        break;
    default:
        break;
    }
}

/* What came first makes place. */
static void append(char *out, size_t *length, const char *text, size_t size)
{
    size_t room = BZC_LAST_WORDS_MAX - 1 - *length;

    if (size > room) {
        size_t lost = size - room;

        if (lost > *length)
            lost = *length;
        memmove(out, out + lost, *length - lost);
        *length -= lost;
    }
    memcpy(out + *length, text, size);
    *length += size;
    out[*length] = '\0';
}

/* The lines on the screen, and behind them what went out by serial line. */
static void last_words(const struct bzc_collector *collector, const struct bzc_guest_view *guest, char *out)
{
    static const uint8_t blank[TEXT_ROWS * TEXT_COLUMNS * 2];
    struct bzc_bytes screen = guest->view(guest->context, TEXT_PAGE_PHYS, sizeof(blank));
    const uint8_t *page = screen.size == sizeof(blank) ? screen.data : blank;
    size_t length = 0;

    out[0] = '\0';
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

/* misc.c, error(): the message on a line of its own, an empty line, and then these words. */
static void find_refusal(struct bzc_run_facts *facts)
{
    static const char halted[] = "-- System halted";
    const char *end = strstr(facts->last_words, halted), *start;
    size_t length;

    if (!end || facts->entry.reached)
        return;
    while (end > facts->last_words && (end[-1] == '\n' || end[-1] == ' '))
        end--;
    for (start = end; start > facts->last_words && start[-1] != '\n';)
        start--;
    length = (size_t)(end - start);
    if (length >= sizeof(facts->refusal))
        length = sizeof(facts->refusal) - 1;
    memcpy(facts->refusal, start, length);
}

/* A kernel that panics halts or spins; one that ends like this has not got going, whatever it said before. */
static bool is_death(enum bzc_stop_reason reason)
{
    return reason == BZC_STOP_TRIPLE_FAULT || reason == BZC_STOP_INVALID_INSTRUCTION || reason == BZC_STOP_FAULT ||
           reason == BZC_STOP_OUTSIDE_MEMORY || reason == BZC_STOP_RESET;
}

void bzc_collector_finish(const struct bzc_collector *collector, const struct bzc_guest_view *guest)
{
    last_words(collector, guest, collector->facts->last_words);
    find_refusal(collector->facts);
    if (collector->facts->running.printed && is_death(collector->facts->stop.reason))
        collector->facts->running.reached = collector->facts->running.printed = false;
}
