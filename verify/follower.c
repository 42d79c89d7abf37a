/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/follower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/snapshot.h"

#define PAGE_SHIFT     12u
#define WAYS_MAX       (2u * BZC_PICTURE_JUMPS_MAX)
#define BLOCK_SIZE_MAX 4096u /* how far before an instruction the entry of its code is looked for */
#define LINES_BEFORE   6u
#define LINES_AFTER    7u
#define BIOS_ROM_PHYS  0xf0000u
#define BIOS_ROM_SIZE  0x10000u
#define BIOS_NAME      "BIOS"

/* One end of a jump. */
struct jump_end {
    const char *part;
    uint64_t linear, phys;
    enum bzc_mode mode;
};

/* ---- the parts of the boot ---- */

static bool in_bios(uint64_t phys)
{
    return phys - BIOS_ROM_PHYS < BIOS_ROM_SIZE;
}

/* The part that the tracker has found in the page; NULL for memory that nobody has executed. */
static const struct bzc_part *part_at(const struct bzc_follower *follower, uint64_t phys)
{
    static const struct bzc_part bios = {.name = BIOS_NAME};
    const struct bzc_pair *page;

    if (in_bios(phys))
        return &bios;
    page = bzc_pair_map_find(&follower->pages, phys >> PAGE_SHIFT, 0);
    return page && page->value ? &follower->part[page->value - 1] : NULL;
}

static const char *part_name(const struct bzc_follower *follower, uint64_t phys)
{
    const struct bzc_part *part = part_at(follower, phys);

    return part ? part->name : NULL;
}

/* The part's place in the list, from 1; 0 when the list is full. */
static uint32_t place_of_part(struct bzc_follower *follower, const struct bzc_part *part)
{
    for (size_t i = 0; i < follower->part_count; i++) {
        const struct bzc_part *known = &follower->part[i];

        if (strcmp(known->name, part->name) == 0 && known->has_start == part->has_start && known->start == part->start)
            return (uint32_t)i + 1;
    }
    if (follower->part_count == BZC_PARTS_MAX)
        return 0;
    follower->part[follower->part_count++] = *part;
    return (uint32_t)follower->part_count;
}

/* Every page of code comes by the tracker before it runs, and again whenever it was changed. */
static void note_part(struct bzc_follower *follower, const struct bzc_fetch *fetch)
{
    struct bzc_pair *page = bzc_pair_map_add(&follower->pages, fetch->page >> PAGE_SHIFT, 0);
    struct bzc_part part = {.name = follower->tracker->stage_name};

    part.has_start = bzc_tracker_part_start(follower->tracker, fetch->phys, &part.start);
    if (!part.has_start)
        part.start = 0;
    if (page)
        page->value = place_of_part(follower, &part);
}

/* ---- the mode of code ---- */

/* Of a block's value: the mode it last ran in, and above it a bit for each mode it ever ran in. */
#define LAST_MODE_BITS 4u

static void note_block(struct bzc_follower *follower, uint64_t linear, enum bzc_mode mode)
{
    struct bzc_pair *block = bzc_pair_map_add(&follower->blocks, linear, 0);

    if (block)
        block->value = (block->value >> LAST_MODE_BITS | 1u << mode) << LAST_MODE_BITS | (uint32_t)mode;
}

/*
 * Code of one mode follows where it was entered. `likely` when nobody saw that, and when it ran in this mode at some
 * time: not every way is told each time it is taken.
 */
static enum bzc_mode mode_at(const struct bzc_follower *follower, uint64_t linear, enum bzc_mode likely)
{
    for (uint64_t back = 0; back < BLOCK_SIZE_MAX && back <= linear; back++) {
        const struct bzc_pair *block = bzc_pair_map_find(&follower->blocks, linear - back, 0);

        if (block && block->value >> LAST_MODE_BITS & 1u << likely)
            return likely;
        if (block)
            return (enum bzc_mode)(block->value & ((1u << LAST_MODE_BITS) - 1));
    }
    return likely;
}

/* ---- telling ---- */

static struct bzc_watched look(struct bzc_follower *follower, const struct bzc_part *part, uint64_t phys,
                               const struct bzc_regs *regs)
{
    return (struct bzc_watched){
        .run = follower->facts,
        .guest = &follower->guest,
        .region = part ? part->name : NULL,
        .region_offset = part && part->has_start ? phys - part->start : 0,
        .regs = regs,
        .block = follower->machine ? bzc_machine_blocks(follower->machine) : 0,
    };
}

/* Where event->ip lies; false when it has none, or none that is mapped. */
static bool place_of(struct bzc_follower *follower, const struct bzc_event *event, uint64_t *phys)
{
    const struct bzc_stop *stop = &follower->facts->stop;

    switch (event->kind) {
    case BZC_EVENT_CODE:
    case BZC_EVENT_EDGE:
    case BZC_EVENT_INSN:
        *phys = event->a;
        return true;
    case BZC_EVENT_STOP:
        *phys = stop->phys;
        return stop->phys_known;
    default:
        return event->ip && follower->machine && bzc_machine_lookup(follower->machine, event->ip, phys);
    }
}

static bool has_regs(enum bzc_event_kind kind)
{
    return kind == BZC_EVENT_EDGE || kind == BZC_EVENT_INSN || kind == BZC_EVENT_WRITE || kind == BZC_EVENT_STOP;
}

static void tell(struct bzc_follower *follower, const struct bzc_event *event, const struct bzc_regs *regs)
{
    const struct bzc_part *part = NULL;
    struct bzc_watched watched;
    struct bzc_regs now;
    uint64_t phys = 0;

    if (!follower->watcher || !follower->watcher->event)
        return;
    if (place_of(follower, event, &phys))
        part = part_at(follower, phys);
    if (!regs && has_regs(event->kind) && follower->machine && bzc_machine_regs(follower->machine, &now))
        regs = &now;
    watched = look(follower, part, phys, regs);
    follower->watcher->event(follower->watcher->context, event, &watched);
}

/* ---- jumps ---- */

static enum bzc_jump_kind kind_of(enum bzc_flow flow, const struct bzc_disasm_line *line, uint64_t to)
{
    bool goes_on = to == line->address + line->size;

    switch (flow) {
    case BZC_FLOW_NEXT:
        return goes_on ? BZC_JUMP_FALL : BZC_JUMP_UNKNOWN;
    case BZC_FLOW_BRANCH:
        return goes_on ? BZC_JUMP_FALL : BZC_JUMP_JUMP;
    case BZC_FLOW_JUMP:
        return BZC_JUMP_JUMP;
    case BZC_FLOW_FAR_JUMP:
        return BZC_JUMP_FAR_JUMP;
    case BZC_FLOW_CALL:
        return BZC_JUMP_CALL;
    case BZC_FLOW_RETURN:
        return BZC_JUMP_RETURN;
    case BZC_FLOW_FAR_RETURN:
        return BZC_JUMP_FAR_RETURN;
    case BZC_FLOW_INTERRUPT:
        return BZC_JUMP_INTERRUPT;
    case BZC_FLOW_INTERRUPT_RETURN:
        return BZC_JUMP_INTERRUPT_RETURN;
    }
    return BZC_JUMP_UNKNOWN;
}

static void describe(struct bzc_follower *follower, struct bzc_region_jump *jump)
{
    const struct bzc_code_place place = {jump->from_linear, jump->from_phys, bzc_mode_bits(jump->mode_before)};
    struct bzc_disasm_line line;
    enum bzc_flow flow;

    bzc_snapshot_instruction(follower->machine, &follower->disassembler, &place, &line, &flow);
    snprintf(jump->instruction, sizeof(jump->instruction), "%.*s", (int)sizeof(jump->instruction) - 1, line.text);
    jump->kind = kind_of(flow, &line, jump->linear);
}

static void keep_jump(struct bzc_follower *follower, const struct bzc_region_jump *jump)
{
    struct bzc_picture *picture = follower->facts->picture;

    if (picture->jump_count == BZC_PICTURE_JUMPS_MAX)
        picture->jumps_left_out++;
    else
        picture->jump[picture->jump_count++] = *jump;
}

static bool is_new_way(struct bzc_follower *follower, uint64_t from, uint64_t to)
{
    struct bzc_pair *way = follower->ways.count < WAYS_MAX ? bzc_pair_map_add(&follower->ways, from, to) : NULL;

    return way && way->value++ == 0;
}

/*
 * Control came from `from` to `to`. `from` has a part of NULL at the start of the run, and a linear address of 0 where
 * the instruction is not known. `is_event`: an exception or a hardware interrupt came between.
 */
static void note_jump(struct bzc_follower *follower, uint64_t seq, const struct jump_end *from,
                      const struct jump_end *to, bool is_event, const struct bzc_regs *regs)
{
    bool known = from->linear != 0;
    struct bzc_region_jump jump = {.seq = seq,
                                   .from = from->part,
                                   .to = to->part,
                                   .from_known = known,
                                   .from_linear = from->linear,
                                   .from_phys = from->phys,
                                   .linear = to->linear,
                                   .phys = to->phys,
                                   .mode_before = from->mode,
                                   .mode = to->mode,
                                   .regs = *regs};

    if (!is_new_way(follower, in_bios(to->phys) ? 0 : from->linear, to->linear))
        return;
    if (known)
        describe(follower, &jump);
    if (is_event)
        jump.kind = BZC_JUMP_EVENT;
    else if (!from->part)
        jump.kind = BZC_JUMP_START;
    keep_jump(follower, &jump);
    if (follower->watcher && follower->watcher->jump) {
        struct bzc_watched watched = look(follower, part_at(follower, to->phys), to->phys, regs);

        follower->watcher->jump(follower->watcher->context, &jump, &watched);
    }
}

/* True when the way is none to tell of: inside one part and one mode, or back from the BIOS to whom it served. */
static bool is_inside(struct bzc_follower *follower, const struct jump_end *from, const struct jump_end *to)
{
    if (!from->part || !to->part)
        return true;
    if (strcmp(from->part, to->part) == 0)
        return from->mode == to->mode;
    if (in_bios(to->phys))
        follower->bios_caller = from->part;
    return in_bios(from->phys) && follower->bios_caller && strcmp(follower->bios_caller, to->part) == 0;
}

/* The interrupt whose handler begins at `linear` came between: it tells where control was before. */
static bool take_interrupt(struct bzc_follower *follower, uint64_t linear, struct jump_end *from)
{
    if (!follower->interrupted)
        return false;
    follower->interrupted = false;
    if (linear != follower->handler || !bzc_machine_lookup(follower->machine, follower->interrupt_ip, &from->phys))
        return false;
    from->linear = follower->interrupt_ip;
    return true;
}

/* Where each edge is told whenever it is taken it is looked at once for its modes, as it is where it is told once. */
static bool is_new_edge(struct bzc_follower *follower, const struct bzc_event *event)
{
    struct bzc_pair *edge;

    if (!follower->watcher || follower->watcher->trace.level <= BZC_TRACE_EDGES)
        return true;
    edge = bzc_pair_map_add(&follower->edges, event->b, event->ip);
    return edge && edge->value++ == 0;
}

static void follow_edge(struct bzc_follower *follower, const struct bzc_event *event, bool is_new,
                        const struct bzc_regs *regs)
{
    struct jump_end to = {.linear = event->ip, .phys = event->a, .mode = bzc_regs_mode(regs)};
    struct jump_end from = {.linear = event->b, .phys = event->c, .mode = to.mode};
    bool is_event = take_interrupt(follower, event->ip, &from);

    if (is_new || is_event) {
        from.mode = mode_at(follower, from.linear, to.mode);
        note_block(follower, to.linear, to.mode);
    }
    if (from.linear == 0 || (from.phys >> PAGE_SHIFT == to.phys >> PAGE_SHIFT && from.mode == to.mode))
        return;
    from.part = part_name(follower, from.phys);
    to.part = part_name(follower, to.phys);
    if (!is_inside(follower, &from, &to))
        note_jump(follower, event->seq, &from, &to, is_event, regs);
}

static void take_edge(struct bzc_follower *follower, const struct bzc_event *event)
{
    bool is_new = is_new_edge(follower, event), is_watched = follower->watcher && follower->watcher->event;
    struct bzc_regs regs;

    /* To read the registers costs more than all the rest, and there may be millions of edges. */
    if (!is_new && !is_watched && !follower->interrupted && event->c >> PAGE_SHIFT == event->a >> PAGE_SHIFT)
        return;
    if (!bzc_machine_regs(follower->machine, &regs))
        return;
    tell(follower, event, &regs);
    follow_edge(follower, event, is_new, &regs);
}

/* ---- the machine's calls ---- */

void bzc_follower_event(void *context, const struct bzc_event *event)
{
    struct bzc_follower *follower = context;

    bzc_collector_event(follower->collector, event);
    switch (event->kind) {
    case BZC_EVENT_CODE: /* which part it is will be known in a moment */
        follower->code = *event;
        follower->code_waits = !follower->paused;
        follower->paused = false;
        return;
    case BZC_EVENT_STOP:
        /* Not the end: bzcheck itself only looks at the kernel before it goes on. */
        if (follower->facts->expect == BZC_EXPECT_RUNNING && event->a == BZC_STOP_OBSERVER &&
            !follower->facts->running.reached) {
            follower->paused = true;
            return;
        }
        break;
    case BZC_EVENT_INTERRUPT:
        follower->interrupted = true;
        follower->interrupt_ip = event->ip;
        follower->handler = event->b;
        break;
    default:
        break;
    }
    if (event->kind == BZC_EVENT_EDGE && follower->machine)
        take_edge(follower, event);
    else
        tell(follower, event, NULL);
}

static void take_stage(struct bzc_follower *follower, size_t index, const struct bzc_fetch *fetch,
                       const struct jump_end *from)
{
    struct bzc_picture *picture = follower->facts->picture;
    struct bzc_stage_picture *stage = &picture->stage[index];
    const struct bzc_code_place here = {fetch->linear, fetch->phys, bzc_mode_bits(bzc_regs_mode(fetch->regs))};
    const struct bzc_code_place there = {from->linear, from->phys, bzc_mode_bits(from->mode)};

    picture->stage_count = index + 1;
    stage->regs = *fetch->regs;
    stage->line_count = bzc_snapshot_code(follower->machine, &here, 0, LINES_AFTER, stage->lines);
    if (from->linear)
        stage->from_line_count = bzc_snapshot_code(follower->machine, &there, LINES_BEFORE, 0, stage->from_lines);
    if (!bzc_snapshot_memory(follower->machine, stage))
        follower->failed = true;
    bzc_machine_begin_epoch(follower->machine, (uint8_t)(index + 1));
}

bool bzc_follower_on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    struct bzc_follower *follower = context;
    size_t stages = follower->facts->stage_count;
    const char *before = follower->tracker->stage_name;
    struct jump_end to = {.linear = fetch->linear, .phys = fetch->phys, .mode = bzc_regs_mode(fetch->regs)};
    struct jump_end from = {.linear = fetch->from, .phys = fetch->from_phys, .mode = to.mode};
    bool run = bzc_tracker_on_code(follower->tracker, machine, fetch);
    bool is_event = take_interrupt(follower, fetch->linear, &from);

    to.part = follower->tracker->stage_name;
    from.part = from.linear ? part_name(follower, from.phys) : NULL;
    if (!from.part)
        from.part = before;
    if (from.linear)
        from.mode = mode_at(follower, from.linear, to.mode);
    note_part(follower, fetch);
    if (follower->facts->stage_count > stages && !follower->skips_stages)
        take_stage(follower, stages, fetch, &from);
    note_block(follower, to.linear, to.mode);
    if (follower->code_waits)
        tell(follower, &follower->code, fetch->regs);
    follower->code_waits = false;
    if (!before || !is_inside(follower, &from, &to))
        note_jump(follower, follower->code.seq, &from, &to, is_event, fetch->regs);
    return run;
}

/* ---- life ---- */

static struct bzc_bytes no_memory(void *context, uint64_t phys, uint64_t size)
{
    (void)context;
    (void)phys;
    (void)size;
    return (struct bzc_bytes){0};
}

enum bzc_status bzc_follower_init(struct bzc_follower *follower, const struct bzc_watcher *watcher,
                                  struct bzc_run_facts *facts, struct bzc_tracker *tracker,
                                  struct bzc_collector *collector, struct bzc_error *err)
{
    *follower = (struct bzc_follower){
        .watcher = watcher, .facts = facts, .tracker = tracker, .collector = collector, .guest.view = no_memory};
    facts->picture = bzc_picture_new();
    if (facts->picture) {
        facts->picture->stage = calloc(BZC_STAGES_MAX, sizeof(*facts->picture->stage));
        facts->picture->jump = calloc(BZC_PICTURE_JUMPS_MAX, sizeof(*facts->picture->jump));
    }
    if (!facts->picture || !facts->picture->stage || !facts->picture->jump)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the picture of the run");
    if (watcher && watcher->begin)
        watcher->begin(watcher->context, facts);
    return BZC_OK;
}

void bzc_follower_attach(struct bzc_follower *follower, struct bzc_machine *machine)
{
    follower->machine = machine;
    follower->guest = bzc_machine_guest_view(machine);
}

enum bzc_status bzc_follower_finish(struct bzc_follower *follower, struct bzc_error *err)
{
    const struct bzc_stop *stop = &follower->facts->stop;
    struct bzc_stage_picture *end = &follower->facts->picture->end;

    if (follower->skips_stages)
        return BZC_OK;
    end->regs = stop->regs;
    memcpy(end->lines, stop->lines, sizeof(end->lines));
    end->line_count = stop->line_count;
    if (!bzc_snapshot_memory(follower->machine, end) || follower->failed)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the picture of the run");
    return BZC_OK;
}

void bzc_follower_free(struct bzc_follower *follower)
{
    bzc_pair_map_free(&follower->pages);
    bzc_pair_map_free(&follower->blocks);
    bzc_pair_map_free(&follower->edges);
    bzc_pair_map_free(&follower->ways);
    bzc_disassembler_finish(&follower->disassembler);
}
