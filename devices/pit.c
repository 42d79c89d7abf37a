/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/pit.h"

#include <string.h>

#include "base/seed.h"

#define LATCH_LOW  1u
#define LATCH_HIGH 2u
#define LATCH_BOTH 3u

static unsigned mode_of(const struct bzc_pit_counter *c)
{
    unsigned mode = c->control >> 1 & 7;

    return mode > 5 ? mode - 4 : mode; /* M2 is ignored where M1 is set */
}

static unsigned access_of(const struct bzc_pit_counter *c)
{
    return c->control >> 4 & 3;
}

/* GATE low stops these modes; it is a trigger for the others. */
static bool gate_holds(const struct bzc_pit_counter *c)
{
    unsigned mode = mode_of(c);

    return !c->gate && mode != 1 && mode != 5;
}

static bool waits_for_trigger(const struct bzc_pit_counter *c)
{
    unsigned mode = mode_of(c);

    return (mode == 1 || mode == 5) && !c->triggered;
}

static uint64_t elapsed(const struct bzc_pit_counter *c, uint64_t now)
{
    return gate_holds(c) ? c->frozen : now - c->start;
}

static uint16_t count_of(const struct bzc_pit_counter *c, uint64_t now)
{
    uint64_t ran = elapsed(c, now);
    uint32_t high;

    if (!c->loaded)
        return 0;
    if (waits_for_trigger(c))
        return (uint16_t)c->reload;
    switch (mode_of(c)) {
    case 2:
        return (uint16_t)(c->reload - ran % c->reload);
    case 3: /* counts down by two, twice a period: the half with OUT high is one tick longer when the count is odd */
        high = (c->reload + 1) / 2;
        ran %= c->reload;
        return (uint16_t)((c->reload & ~1u) - 2 * (ran < high ? ran : ran - high));
    default:
        return (uint16_t)(c->reload - ran);
    }
}

static bool out_of(const struct bzc_pit_counter *c, uint64_t now)
{
    uint64_t ran = elapsed(c, now);
    unsigned mode = mode_of(c);

    if (!c->loaded)
        return mode != 0;
    switch (mode) {
    case 0:
        return ran >= c->reload;
    case 1:
        return !c->triggered || ran >= c->reload;
    case 2:
        return gate_holds(c) || ran % c->reload != c->reload - 1;
    case 3:
        return gate_holds(c) || ran % c->reload < (c->reload + 1) / 2;
    default:
        return waits_for_trigger(c) || ran != c->reload;
    }
}

static uint64_t edges_of(const struct bzc_pit_counter *c, uint64_t now)
{
    uint64_t ran = elapsed(c, now);
    unsigned mode = mode_of(c);

    if (!c->loaded || waits_for_trigger(c))
        return 0;
    return mode == 2 || mode == 3 ? ran / c->reload : ran >= c->reload;
}

static void load(struct bzc_pit_counter *c, uint16_t value, uint64_t now)
{
    c->reload = value ? value : 0x10000;
    c->start = now;
    c->frozen = 0;
    c->edges = 0;
    c->triggered = false;
    c->loaded = true;
}

static void set_gate(struct bzc_pit_counter *c, bool gate, uint64_t now)
{
    unsigned mode = mode_of(c);

    if (gate == c->gate)
        return;
    if (!gate) {
        c->frozen = elapsed(c, now);
        c->gate = false;
        return;
    }
    c->gate = true;
    if (mode == 0 || mode == 4) { /* goes on where it stopped */
        c->start = now - c->frozen;
        return;
    }
    c->start = now;
    c->edges = 0;
    c->triggered = true;
}

static void latch_count(struct bzc_pit_counter *c, uint64_t now)
{
    if (c->count_latched)
        return;
    c->latch = count_of(c, now);
    c->count_latched = true;
    c->read_high = access_of(c) == LATCH_HIGH;
}

static void latch_status(struct bzc_pit_counter *c, uint64_t now)
{
    if (c->status_latched)
        return;
    c->status = (uint8_t)(c->control | (c->loaded ? 0 : 0x40) | (out_of(c, now) ? 0x80 : 0));
    c->status_latched = true;
}

static void control_out(struct bzc_pit *pit, uint8_t word)
{
    unsigned select = word >> 6;
    uint64_t now = pit->clock->ticks;

    if (select == 3) { /* read-back: bits 5 and 4 are active low */
        for (unsigned i = 0; i < 3; i++) {
            if (!(word >> (i + 1) & 1))
                continue;
            if (!(word & 0x20))
                latch_count(&pit->counter[i], now);
            if (!(word & 0x10))
                latch_status(&pit->counter[i], now);
        }
    } else if ((word & 0x30) == 0) {
        latch_count(&pit->counter[select], now);
    } else {
        struct bzc_pit_counter *c = &pit->counter[select];

        c->control = word & 0x3f;
        c->loaded = c->triggered = c->count_latched = c->status_latched = c->write_high = c->read_high = false;
        c->edges = 0;
    }
}

static void counter_out(struct bzc_pit_counter *c, uint8_t byte, uint64_t now)
{
    switch (access_of(c)) {
    case LATCH_LOW:
        load(c, byte, now);
        break;
    case LATCH_HIGH:
        load(c, (uint16_t)(byte << 8), now);
        break;
    default:
        if (c->write_high)
            load(c, (uint16_t)(byte << 8 | c->low), now);
        else
            c->low = byte;
        c->write_high = !c->write_high;
    }
}

static uint8_t counter_in(struct bzc_pit_counter *c, uint64_t now)
{
    unsigned access = access_of(c);
    uint16_t value = c->count_latched ? c->latch : count_of(c, now);
    bool high;

    if (c->status_latched) {
        c->status_latched = false;
        return c->status;
    }
    high = access == LATCH_HIGH || (access == LATCH_BOTH && c->read_high);
    if (access == LATCH_BOTH)
        c->read_high = !c->read_high;
    if (access != LATCH_BOTH || high)
        c->count_latched = false;
    return (uint8_t)(high ? value >> 8 : value);
}

static void pit_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_pit *pit = state;

    (void)size;
    if (offset == 3)
        control_out(pit, (uint8_t)value);
    else
        counter_out(&pit->counter[offset], (uint8_t)value, pit->clock->ticks);
}

static uint32_t pit_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_pit *pit = state;

    (void)size;
    return offset == 3 ? 0xff : counter_in(&pit->counter[offset], pit->clock->ticks);
}

static void port61_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_pit *pit = state;

    (void)offset;
    (void)size;
    pit->port61 = value & 0x0f;
    set_gate(&pit->counter[2], value & 1, pit->clock->ticks);
}

static uint32_t port61_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_pit *pit = state;

    (void)offset;
    (void)size;
    pit->refresh = !pit->refresh;
    return pit->port61 | (pit->refresh ? 0x10u : 0) | (out_of(&pit->counter[2], pit->clock->ticks) ? 0x20u : 0);
}

void bzc_pit_init(struct bzc_pit *pit, const struct bzc_clock *clock, uint64_t seed)
{
    static const uint8_t control[3] = {0x36, 0x14,
                                       0x36}; /* mode 3, mode 2 (low byte only), mode 3; as a BIOS sets them */
    static const uint16_t count[3] = {0, 18, 0x0533};
    uint64_t phase = bzc_seed_spread(seed);

    memset(pit, 0, sizeof(*pit));
    pit->clock = clock;
    for (unsigned i = 0; i < 3; i++) {
        struct bzc_pit_counter *c = &pit->counter[i];

        c->control = control[i];
        c->gate = i != 2;
        load(c, count[i], clock->ticks);
        c->start -= phase % c->reload;
        phase >>= 16;
    }
}

bool bzc_pit_attach(struct bzc_pit *pit, struct bzc_ports *ports)
{
    struct bzc_port_range timer = {
        .name = "PIT", .first = 0x40, .count = 4, .width = 1, .in = pit_in, .out = pit_out, .state = pit};
    struct bzc_port_range control = {
        .name = "port 61h", .first = 0x61, .count = 1, .width = 1, .in = port61_in, .out = port61_out, .state = pit};

    return bzc_ports_add(ports, &timer) && bzc_ports_add(ports, &control);
}

bool bzc_pit_irq0(struct bzc_pit *pit)
{
    struct bzc_pit_counter *c = &pit->counter[0];
    uint64_t edges = edges_of(c, pit->clock->ticks);
    bool risen = edges > c->edges;

    c->edges = edges;
    return risen;
}
