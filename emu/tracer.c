/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/tracer.h"

#include <stdlib.h>
#include <string.h>

#include "emu/disasm.h"
#include "emu/port_insn.h"

#define BLOCK_MAX    (2 * BZC_PAGE_SIZE) /* the engine's blocks are shorter */
#define BLOCKS_MAX   (1u << 18)
#define FIRST_ROOM   1024u
#define DOUBTS_MAX   8u                   /* how often to look at a way that cannot be told */
#define SETTLE       (4 * BZC_TRACER_HOT) /* entries to wait for more hot blocks after the first */
#define PER_BLOCK    16u /* entries to wait besides for each block: retiring has those translated again that stay */
#define WARM         (BZC_TRACER_HOT / 8)  /* entries from which a block is retired with the hot ones */
#define HOT_ELSE     (32 * BZC_TRACER_HOT) /* of a block whose way cannot be told afterwards */
#define FNV_OFFSET   0xcbf29ce484222325ull
#define FNV_PRIME    0x100000001b3ull
#define DATA_ALIASES (BZC_DATA_PHYS - 1)

static bool is_done(struct bzc_tracer *tracer)
{
    if (tracer->done)
        return true;
    if (!tracer->config.enough || !*tracer->config.enough)
        return false;
    tracer->done = true;
    tracer->follows = tracer->waits = false;
    bzc_cpu_trace_end(tracer->cpu);
    return true;
}

static void tell(struct bzc_tracer *tracer, uint64_t now, struct bzc_event event)
{
    tracer->now = now;
    tracer->in_event = true;
    tracer->emit(tracer->context, event);
    tracer->in_event = false;
}

static uint64_t phys_of(struct bzc_tracer *tracer, uint64_t linear)
{
    uint64_t phys;

    return bzc_soft_tlb_lookup(tracer->tlb, linear, &phys) ? phys : 0;
}

/* ---- blocks ---- */

/* `bits`: the width of code at present. */
static struct bzc_tracer_block *block_of(struct bzc_tracer *tracer, uint64_t linear, uint32_t size, unsigned bits)
{
    struct bzc_pair *pair = bzc_pair_map_add(&tracer->index, linear, size), *newest;

    if (!pair)
        return NULL;
    if (pair->value != 0)
        return &tracer->block[pair->value - 1];
    if (tracer->block_count == tracer->block_room) {
        size_t room = tracer->block_room ? 2 * tracer->block_room : FIRST_ROOM;
        struct bzc_tracer_block *block = room <= BLOCKS_MAX ? realloc(tracer->block, room * sizeof(*block)) : NULL;

        if (!block)
            return NULL;
        tracer->block = block;
        tracer->block_room = room;
    }
    newest = bzc_pair_map_add(&tracer->index, linear, 0);
    tracer->block[tracer->block_count++] =
        (struct bzc_tracer_block){.linear = linear, .size = size, .bits = (uint8_t)bits};
    if (newest)
        newest->value = (uint32_t)tracer->block_count;
    bzc_pair_map_add(&tracer->index, linear, size)->value = (uint32_t)tracer->block_count;
    return &tracer->block[tracer->block_count - 1];
}

static uint64_t hash_of(const uint8_t *data, size_t size)
{
    uint64_t hash = FNV_OFFSET;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * FNV_PRIME;
    return hash;
}

/* Finds the block's last instruction, when that is not known of these bytes already. */
static bool decode(struct bzc_tracer *tracer, struct bzc_tracer_block *block)
{
    uint8_t code[BLOCK_MAX];
    uint64_t hash;
    size_t at;

    if (block->size > sizeof(code) || !bzc_soft_tlb_read(tracer->tlb, block->linear, code, block->size))
        return false;
    hash = hash_of(code, block->size);
    if (block->decoded && block->hash == hash)
        return true;
    block->decoded = bzc_disassembler_last(&tracer->disassembler, (struct bzc_bytes){code, block->size}, block->linear,
                                           block->bits, &block->last);
    block->hash = hash;
    if (!block->decoded)
        return false;
    at = (size_t)(block->last - block->linear);
    block->successors = bzc_successors_of((struct bzc_bytes){code + at, block->size - at}, block->last, block->bits);
    return true;
}

/* The `nth` instruction of the block that accesses a port. */
static bool find_port(struct bzc_tracer *tracer, const struct bzc_tracer_block *block, unsigned nth, uint64_t *linear)
{
    uint8_t code[BLOCK_MAX];

    return block->size <= sizeof(code) && bzc_soft_tlb_read(tracer->tlb, block->linear, code, block->size) &&
           bzc_port_insn_find((struct bzc_bytes){code, block->size}, block->linear, block->bits, nth, linear);
}

/* ---- which block came before ---- */

/* Where control is; reading the registers takes time, so only when they are asked for. */
struct arrival {
    uint64_t to;
    unsigned bits;
    bool has_regs;
    struct bzc_regs regs;
};

/* Whether the registers and the stack still say that the block's last instruction went there. */
static bool went_to(struct bzc_tracer *tracer, const struct bzc_tracer_block *block, struct arrival *arrival)
{
    const struct bzc_successors *successors = &block->successors;
    unsigned word = successors->bits / 8;
    uint8_t raw[8] = {0};
    uint64_t stack;

    if (successors->way != BZC_WAY_REGISTER && successors->way != BZC_WAY_RETURN)
        return bzc_successors_name(successors, arrival->to);
    if (!arrival->has_regs && bzc_cpu_get(tracer->cpu, &arrival->regs, NULL) != BZC_OK)
        return false;
    arrival->has_regs = true;
    if (successors->way == BZC_WAY_REGISTER)
        return arrival->regs.gpr[successors->reg] == arrival->to;
    stack = arrival->regs.gpr[BZC_RSP] - successors->pops - word;
    return bzc_soft_tlb_read(tracer->tlb, stack, raw, word) && bzc_load64(raw) == arrival->to;
}

/* Whether a quiet block can have run between the end of this one and the next that the engine tells of. */
static bool may_fall_silent(const struct bzc_tracer *tracer, const struct bzc_tracer_block *block)
{
    enum bzc_way way = block->successors.way;

    if (way != BZC_WAY_ON && way != BZC_WAY_JUMP && way != BZC_WAY_BRANCH)
        return true;
    for (size_t i = 0; i < tracer->quiet_listed; i++)
        if (bzc_successors_name(&block->successors, tracer->quiet[i].linear))
            return true;
    return false;
}

/*
 * The block that was left for the present one: the last one that the engine told of, or a quiet one. Told only when a
 * single one comes into question. Of a far jump and the like it cannot be told afterwards where it went: it was the
 * last one that did, when no quiet block can have. A quiet block goes to code of its own width, or it is one of those.
 */
static struct bzc_tracer_block *block_before(struct bzc_tracer *tracer, uint64_t to, unsigned bits)
{
    struct bzc_tracer_block *last = block_of(tracer, tracer->last, tracer->last_size, bits);
    struct bzc_tracer_block *found = NULL;
    struct arrival arrival = {.to = to, .bits = bits};

    if (tracer->quiet_count == 0 || !last)
        return last;
    if (decode(tracer, last)) {
        if (last->successors.way == BZC_WAY_ELSE || went_to(tracer, last, &arrival))
            found = last;
        if (!may_fall_silent(tracer, last))
            return found;
    }
    for (size_t i = 0; i < tracer->quiet_listed; i++) {
        struct bzc_tracer_block *block = &tracer->block[tracer->quiet[i].place];

        if (!block->quiet || block == last)
            continue;
        if (block->successors.way == BZC_WAY_ELSE)
            return NULL;
        if (block->bits != bits || !went_to(tracer, block, &arrival))
            continue;
        if (found && found->last != block->last)
            return NULL;
        found = block;
    }
    return found;
}

bool bzc_tracer_before(struct bzc_tracer *tracer, uint64_t to, uint64_t *linear)
{
    struct bzc_tracer_block *block;

    if (!tracer->follows)
        return false;
    if (tracer->resumes && tracer->resume_at == to) {
        *linear = tracer->resume_from;
        return tracer->tells;
    }
    block = tracer->last_size ? block_before(tracer, to, bzc_cpu_bits(tracer->cpu)) : NULL;
    if (!block || !decode(tracer, block))
        return false;
    *linear = block->last;
    return true;
}

/* ---- edges ---- */

/* Whether a way from an instruction in [from, from_end) to `to` is told each time. */
static bool tells_each(const struct bzc_tracer *tracer, uint64_t from, uint64_t from_end, uint64_t to)
{
    const struct bzc_trace_config *config = &tracer->config;

    if (tracer->once || tracer->waits)
        return false;
    for (size_t i = 0; i < config->range_count; i++) {
        const struct bzc_trace_range *range = &config->range[i];

        if ((to >= range->start && to < range->end) || (from < range->end && from_end > range->start))
            return true;
    }
    return config->range_count == 0;
}

static void tell_edge(struct bzc_tracer *tracer, bool known, uint64_t from, uint64_t to)
{
    if (!tells_each(tracer, from, known ? from + 1 : from, to)) {
        struct bzc_pair *pair = bzc_pair_map_add(&tracer->told, known ? from : ~0ull, to);

        if (!pair || pair->value++ > 0)
            return;
    }
    tell(tracer, to,
         (struct bzc_event){.kind = BZC_EVENT_EDGE,
                            .ip = to,
                            .a = phys_of(tracer, to),
                            .b = known ? from : 0,
                            .c = known ? phys_of(tracer, from) : 0});
}

/* What ran may be no more than what the engine told of: then only a sure way is told. */
static void follow(struct bzc_tracer *tracer, uint64_t to, unsigned bits)
{
    struct bzc_pair *pair = NULL;
    struct bzc_tracer_block *block = block_before(tracer, to, bits);
    bool sure = block && decode(tracer, block);

    if (sure || tracer->quiet_count == 0)
        tell_edge(tracer, sure, sure ? block->last : 0, to);
    if (!tells_each(tracer, tracer->last, tracer->last + tracer->last_size, to) &&
        (tracer->quiet_count == 0 || (sure && block->linear == tracer->last) ||
         !(pair = bzc_pair_map_add(&tracer->doubts, tracer->last, to)) || ++pair->value > DOUBTS_MAX))
        bzc_pair_map_add(&tracer->seen, tracer->last, to);
}

/*
 * Has the engine be quiet about the blocks that are entered over and over: telling of each entry would cost far more
 * than the blocks themselves.
 */
static bool is_hot(struct bzc_tracer *tracer, struct bzc_tracer_block *block, uint32_t entries, unsigned bits)
{
    uint64_t port;

    if (block->quiet || block->bits != bits || !decode(tracer, block) || find_port(tracer, block, 0, &port))
        return false;
    return block->successors.way != BZC_WAY_ELSE || entries >= HOT_ELSE;
}

static void list_quiet(struct bzc_tracer *tracer)
{
    struct bzc_tracer_quiet *list = realloc(tracer->quiet, (tracer->quiet_count + 1) * sizeof(*list));

    if (!list)
        return;
    tracer->quiet = list;
    tracer->quiet_listed = 0;
    for (size_t i = 0; i < tracer->block_count; i++)
        if (tracer->block[i].quiet)
            list[tracer->quiet_listed++] = (struct bzc_tracer_quiet){tracer->block[i].linear, i};
}

static void retire(struct bzc_tracer *tracer)
{
    struct bzc_trace_range *quiet;
    unsigned bits = bzc_cpu_bits(tracer->cpu);

    tracer->retire_at = 0;
    for (size_t i = 0; i < tracer->seen.capacity && bits != 16; i++) {
        struct bzc_pair *pair = &tracer->seen.slot[i], *place;
        struct bzc_tracer_block *block;

        if (!pair->used || pair->value < WARM || !(place = bzc_pair_map_find(&tracer->index, pair->b, 0)))
            continue;
        block = &tracer->block[place->value - 1];
        if (is_hot(tracer, block, pair->value, bits)) {
            block->quiet = true;
            tracer->quiet_count++;
        }
        if (block->quiet)
            pair->value = 0;
    }
    list_quiet(tracer);
    quiet = calloc(tracer->quiet_listed + 1, sizeof(*quiet));
    for (size_t i = 0; quiet && i < tracer->quiet_listed; i++) {
        const struct bzc_tracer_block *block = &tracer->block[tracer->quiet[i].place];

        quiet[i] = (struct bzc_trace_range){block->linear, block->linear + block->size};
    }
    if (quiet)
        bzc_cpu_quiet(tracer->cpu, quiet, tracer->quiet_listed);
    free(quiet);
}

static void enter_unknown(struct bzc_tracer *tracer, uint64_t linear, uint32_t size)
{
    unsigned bits = bzc_cpu_bits(tracer->cpu);
    struct bzc_tracer_block *block = block_of(tracer, linear, size, bits);

    if (block) { /* by now it may be read in another mode */
        block->decoded = block->decoded && block->bits == bits;
        block->bits = (uint8_t)bits;
    }
    if (block && block->quiet) { /* translated again, and so it is told of again */
        block->quiet = false;
        tracer->quiet_count--;
    }
    if (tracer->resumes) {
        tracer->resumes = false;
        if (linear == tracer->resume_at) {
            if (tracer->tells)
                tell_edge(tracer, true, tracer->resume_from, linear);
            return;
        }
    }
    if (tracer->last_size > 0)
        follow(tracer, linear, bits);
}

void bzc_tracer_enter(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_tracer *tracer = context;
    struct bzc_pair *pair = NULL;

    if (is_done(tracer))
        return;
    if (!tracer->resumes && tracer->seen.capacity > 0 &&
        !tells_each(tracer, tracer->last, tracer->last + tracer->last_size, linear)) {
        pair = &tracer->seen.slot[bzc_pair_slot(&tracer->seen, tracer->last, linear)];
        if (pair->a != tracer->last || pair->b != linear || !pair->used)
            pair = bzc_pair_map_find(&tracer->seen, tracer->last, linear);
    }
    if (!pair)
        enter_unknown(tracer, linear, size);
    else if (tracer->retires && ++pair->value == BZC_TRACER_HOT && tracer->retire_at == 0)
        tracer->retire_at = tracer->entered + SETTLE + PER_BLOCK * tracer->block_count;
    tracer->last = linear;
    tracer->last_size = size;
    if (++tracer->entered == tracer->retire_at)
        retire(tracer);
}

void bzc_tracer_resume(struct bzc_tracer *tracer, uint64_t from, uint64_t to)
{
    tracer->resumes = tracer->tells = true;
    tracer->resume_from = from;
    tracer->resume_at = to;
}

void bzc_tracer_again(struct bzc_tracer *tracer, uint64_t linear)
{
    tracer->resumes = true;
    tracer->tells = false;
    tracer->resume_from = tracer->resume_at = linear;
    tracer->retold = tracer->told_insn == linear;
}

/* ---- instructions and writes ---- */

void bzc_tracer_insn(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_tracer *tracer = context;
    bool retold = tracer->retold && tracer->told_insn == linear;

    if (is_done(tracer))
        return;
    tracer->retold = false;
    tracer->told_insn = linear;
    if (!retold && !tracer->waits)
        tell(tracer, linear,
             (struct bzc_event){.kind = BZC_EVENT_INSN, .ip = linear, .a = phys_of(tracer, linear), .size = size});
}

static bool is_watched_page(const struct bzc_trace_config *config, uint64_t page)
{
    for (size_t i = 0; i < config->watch_count; i++)
        if (page + BZC_PAGE_SIZE > config->watch[i].start && page < config->watch[i].end)
            return true;
    return false;
}

void bzc_tracer_mapped(struct bzc_tracer *tracer, uint64_t linear, uint64_t phys)
{
    struct bzc_pair *pair;

    if (tracer->config.watch_count == 0 || !is_watched_page(&tracer->config, linear) ||
        !(pair = bzc_pair_map_add(&tracer->watched, phys & DATA_ALIASES, 0)))
        return;
    if (pair->value == 0 && tracer->watched_count == tracer->watched_room) {
        size_t room = tracer->watched_room ? 2 * tracer->watched_room : FIRST_ROOM;
        uint64_t *page = realloc(tracer->watched_page, room * sizeof(*page));

        if (!page)
            return;
        tracer->watched_page = page;
        tracer->watched_room = room;
    }
    if (pair->value == 0)
        pair->value = (uint32_t)++tracer->watched_count;
    tracer->watched_page[pair->value - 1] = linear;
}

void bzc_tracer_wrote(void *context, uint64_t phys, unsigned size, uint64_t value)
{
    struct bzc_tracer *tracer = context;
    uint64_t at = phys & DATA_ALIASES, linear;
    struct bzc_pair *pair = bzc_pair_map_find(&tracer->watched, at & BZC_PAGE_MASK, 0);
    struct bzc_regs regs;

    if (is_done(tracer))
        return;
    if (pair && pair->value) {
        linear = tracer->watched_page[pair->value - 1] | (at & ~BZC_PAGE_MASK);
    } else { /* it may run over into a watched page */
        pair = bzc_pair_map_find(&tracer->watched, (at + size - 1) & BZC_PAGE_MASK, 0);
        if (!pair || !pair->value)
            return;
        linear = tracer->watched_page[pair->value - 1] - (BZC_PAGE_SIZE - (at & ~BZC_PAGE_MASK));
    }
    for (size_t i = 0; i < tracer->config.watch_count; i++) {
        if (linear + size <= tracer->config.watch[i].start || linear >= tracer->config.watch[i].end)
            continue;
        if (bzc_cpu_get(tracer->cpu, &regs, NULL) != BZC_OK)
            return;
        tell(tracer, bzc_regs_linear_ip(&regs),
             (struct bzc_event){.kind = BZC_EVENT_WRITE,
                                .ip = bzc_regs_linear_ip(&regs),
                                .a = linear,
                                .b = value,
                                .c = at,
                                .size = size});
        return;
    }
}

/* ---- life ---- */

enum bzc_status bzc_tracer_begin(struct bzc_tracer *tracer, bool counted, struct bzc_error *err)
{
    const struct bzc_trace_config *config = &tracer->config;
    enum bzc_status status = BZC_OK;

    tracer->follows = config->level >= BZC_TRACE_EDGES;
    tracer->once = config->level == BZC_TRACE_EDGES;
    tracer->retires = tracer->once && !counted;
    tracer->waits = config->level >= BZC_TRACE_BRANCHES && counted && config->from_block > 0;
    if (tracer->follows)
        status = bzc_cpu_trace_blocks(tracer->cpu, err);
    if (status == BZC_OK && config->level == BZC_TRACE_INSNS && !tracer->waits)
        status = bzc_cpu_trace_insns(tracer->cpu, config->range, config->range_count, err);
    if (status == BZC_OK && config->watch_count > 0)
        status = bzc_cpu_trace_writes(tracer->cpu, err);
    return status;
}

/*
 * The engine's IP is not up to date there. But a block runs from its first instruction to its last, and each port
 * instruction of it accesses a port once: one that is repeated begins a block of its own each time.
 */
uint64_t bzc_tracer_port_ip(struct bzc_tracer *tracer)
{
    const struct bzc_pair *pair = bzc_pair_map_find(&tracer->index, tracer->last, tracer->last_size);
    uint64_t linear = 0;

    if (!tracer->follows || tracer->last_size == 0 || !pair || pair->value == 0)
        return 0;
    if (tracer->ports_at != tracer->entered)
        tracer->ports = 0;
    tracer->ports_at = tracer->entered;
    return find_port(tracer, &tracer->block[pair->value - 1], tracer->ports++, &linear) ? linear : 0;
}

void bzc_tracer_count(struct bzc_tracer *tracer, uint64_t block)
{
    if (!tracer->waits || block < tracer->config.from_block)
        return;
    tracer->waits = false;
    if (tracer->config.level == BZC_TRACE_INSNS)
        bzc_cpu_trace_insns(tracer->cpu, tracer->config.range, tracer->config.range_count, NULL);
}

void bzc_tracer_finish(struct bzc_tracer *tracer)
{
    bzc_disassembler_finish(&tracer->disassembler);
    bzc_pair_map_free(&tracer->seen);
    bzc_pair_map_free(&tracer->doubts);
    bzc_pair_map_free(&tracer->told);
    bzc_pair_map_free(&tracer->index);
    bzc_pair_map_free(&tracer->watched);
    free(tracer->block);
    free(tracer->quiet);
    free(tracer->watched_page);
    tracer->block = NULL;
    tracer->quiet = NULL;
    tracer->watched_page = NULL;
}
