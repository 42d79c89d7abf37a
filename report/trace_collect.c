/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/trace_collect.h"

#include <stdlib.h>
#include <string.h>

#include "emu/disasm.h"

#define PENDING_MAX      32u /* records that may still be counted up */
#define PAGE_SHIFT       12u
#define PAGE_SIZE        4096u
#define PAGES            4096u /* remembered pages of code; a power of two */
#define INSTRUCTION_MAX  15u
#define TEXT_CACHE       4096u /* a power of two */
#define CONSOLE_LINE_MAX 256u

/* What is known of a page of code. */
struct code_page {
    uint64_t number; /* physical address >> 12, plus 1; 0: free */
    const char *stage;
    uint64_t base; /* physical address of the part's first byte */
    unsigned bits;
};

/* Text of an instruction: the same bytes at the same address need not be read twice. */
struct cached_text {
    uint64_t linear;
    unsigned bits;
    uint8_t size; /* 0: free */
    uint8_t bytes[INSTRUCTION_MAX];
    char text[BZC_TRACE_TEXT];
};

struct bzc_trace {
    const struct bzc_trace_request *request;
    const struct bzc_trace_head *head;
    struct bzc_trace_writer writer[BZC_TRACE_WRITERS];
    size_t writer_count;
    struct bzc_trace_window window;
    bool streams; /* records are written while the run goes on */
    bool begun, failed;
    bool reached, ended;
    bool enough;       /* no more control flow need be told */
    size_t times;      /* that control reached the address of `around` */
    uint64_t arrival;  /* where control was last seen, */
    uint32_t arrivals; /* and by which kinds of record: several of them may tell of the same moment */
    uint64_t blocks, written;

    struct bzc_trace_record pending[PENDING_MAX];
    size_t pending_count;
    struct bzc_trace_record *held; /* with the gaps before them in held_gap */
    uint64_t *held_gap;
    size_t held_count, held_room;
    uint64_t gap, left_out;

    bool has_regs;
    struct bzc_regs regs; /* of the last instruction told */
    const char *stage;    /* the part of the boot that control was last seen in, the BIOS left aside */
    struct code_page page[PAGES];
    bool knows_pages; /* any of `page` */
    struct cached_text cache[TEXT_CACHE];
    struct bzc_disassembler disassembler;
};

/* ---- the text of instructions ---- */

/* The text of the instruction whose bytes `code` begins with; "" for none. */
static const char *text_of(struct bzc_trace *trace, struct bzc_bytes bytes, uint64_t linear, unsigned bits)
{
    struct cached_text *cached = &trace->cache[(linear ^ linear >> 12) % TEXT_CACHE];
    struct bzc_disasm_line line;
    enum bzc_flow flow;

    if (bytes.size == 0)
        return "";
    if (cached->size != bytes.size || cached->linear != linear || cached->bits != bits ||
        memcmp(cached->bytes, bytes.data, bytes.size) != 0) {
        bzc_disassembler_one(&trace->disassembler, bytes, linear, bits, &line, &flow);
        *cached = (struct cached_text){.linear = linear, .bits = bits, .size = (uint8_t)bytes.size};
        memcpy(cached->bytes, bytes.data, bytes.size);
        snprintf(cached->text, sizeof(cached->text), "%.*s", (int)sizeof(cached->text) - 1, line.text);
    }
    return cached->text;
}

/* ---- where records go ---- */

static void write_record(struct bzc_trace *trace, struct bzc_trace_record *record)
{
    if (record->kind == BZC_RECORD_EDGE && record->code_size > 0 && !record->text)
        record->text = strdup(text_of(trace, (struct bzc_bytes){record->code, record->code_size}, record->from.linear,
                                      record->code_bits));
    trace->written++;
    for (size_t i = 0; i < trace->writer_count; i++)
        trace->writer[i].record(trace->writer[i].context, trace->head, record);
}

static void write_gap(struct bzc_trace *trace, uint64_t left_out)
{
    for (size_t i = 0; i < trace->writer_count; i++)
        trace->writer[i].gap(trace->writer[i].context, left_out);
}

static void write_begin(struct bzc_trace *trace, const struct bzc_run_facts *run)
{
    if (trace->begun)
        return;
    trace->begun = true;
    for (size_t i = 0; i < trace->writer_count; i++)
        trace->writer[i].begin(trace->writer[i].context, trace->head, run);
}

static bool grow(struct bzc_trace *trace)
{
    size_t room = trace->held_room ? 2 * trace->held_room : 256;
    struct bzc_trace_record *held = realloc(trace->held, room * sizeof(*held));
    uint64_t *gaps;

    if (held)
        trace->held = held;
    gaps = held ? realloc(trace->held_gap, room * sizeof(*gaps)) : NULL;
    if (gaps) {
        trace->held_gap = gaps;
        trace->held_room = room;
    }
    return gaps;
}

static void hold(struct bzc_trace *trace, struct bzc_trace_record *record)
{
    if (trace->held_count == BZC_TRACE_RECORDS_MAX) {
        trace->left_out += 1 + trace->gap;
    } else if (trace->held_count == trace->held_room && !grow(trace)) {
        trace->failed = true;
    } else {
        trace->held_gap[trace->held_count] = trace->gap;
        trace->held[trace->held_count++] = *record;
        trace->gap = 0;
        return;
    }
    trace->gap = 0;
    bzc_trace_record_clear(record);
}

static void take_record(void *context, struct bzc_trace_record *record)
{
    struct bzc_trace *trace = context;

    if (!trace->streams) {
        hold(trace, record);
        return;
    }
    write_record(trace, record);
    bzc_trace_record_clear(record);
}

static void take_gap(void *context, uint64_t left_out)
{
    struct bzc_trace *trace = context;

    /* Of a run that was told only from some block on nobody knows how much was before. */
    if ((trace->request->last && trace->head->counted) || (trace->request->from_block > 0 && trace->written == 0))
        return;
    if (trace->streams)
        write_gap(trace, left_out);
    else
        trace->gap += left_out;
}

/* ---- records that are alike are counted, as long as no control flow lies between them ---- */

static void flush(struct bzc_trace *trace)
{
    for (size_t i = 0; i < trace->pending_count; i++)
        bzc_trace_window_add(&trace->window, &trace->pending[i]);
    trace->pending_count = 0;
}

static bool counts(enum bzc_record_kind kind)
{
    return kind == BZC_RECORD_PORT_IN || kind == BZC_RECORD_PORT_OUT || kind == BZC_RECORD_BIOS ||
           kind == BZC_RECORD_INTERRUPT || kind == BZC_RECORD_ROM_WRITE || kind == BZC_RECORD_OPEN_BUS ||
           kind == BZC_RECORD_CODE;
}

static bool alike(const struct bzc_trace_record *a, const struct bzc_trace_record *b)
{
    /* A service of the BIOS is named by AH. */
    uint64_t other = a->kind == BZC_RECORD_BIOS ? (a->b ^ b->b) & 0xff00 : 0;

    return a->kind == b->kind && a->at.linear == b->at.linear && a->a == b->a && a->size == b->size &&
           a->name == b->name && other == 0;
}

static struct bzc_trace_record *find_alike(struct bzc_trace *trace, const struct bzc_trace_record *record)
{
    for (size_t i = trace->pending_count; i > 0 && counts(record->kind) && !trace->request->every; i--)
        if (alike(&trace->pending[i - 1], record))
            return &trace->pending[i - 1];
    return NULL;
}

static void add(struct bzc_trace *trace, struct bzc_trace_record *record)
{
    struct bzc_trace_record *same = find_alike(trace, record);

    if (same) {
        same->count++;
        same->differ |= same->b != record->b;
        bzc_trace_record_clear(record);
        return;
    }
    if (trace->pending_count == PENDING_MAX) {
        bzc_trace_window_add(&trace->window, &trace->pending[0]);
        memmove(trace->pending, trace->pending + 1, (PENDING_MAX - 1) * sizeof(trace->pending[0]));
        trace->pending_count--;
    }
    trace->pending[trace->pending_count++] = *record;
    if (record->kind <= BZC_RECORD_INSN)
        flush(trace);
}

/* A line that the guest prints is one record, however its characters come. True when the record is part of one. */
static bool add_to_line(struct bzc_trace *trace, const struct bzc_trace_record *record)
{
    char character = (char)record->a;

    for (size_t i = trace->pending_count; i > 0 && !trace->request->every; i--) {
        struct bzc_trace_record *line = &trace->pending[i - 1];
        size_t length;

        if (line->kind != BZC_RECORD_CONSOLE || line->b != record->b)
            continue;
        length = line->text ? strlen(line->text) : CONSOLE_LINE_MAX;
        if (length + 1 >= CONSOLE_LINE_MAX || line->text[length - 1] == '\n' || character == '\0')
            return false;
        line->text[length] = character;
        line->count++;
        return true;
    }
    return false;
}

static void add_console(struct bzc_trace *trace, struct bzc_trace_record *record)
{
    bool ends = record->a == '\n' || record->a == '\r';

    if (add_to_line(trace, record))
        return;
    /* Empty lines, and what ends a line twice. */
    if (ends && !trace->request->every)
        return;
    record->text = calloc(1, CONSOLE_LINE_MAX);
    if (record->text)
        record->text[0] = (char)record->a;
    else
        trace->failed = true;
    add(trace, record);
}

/* ---- code ---- */

static struct code_page *page_slot(struct bzc_trace *trace, uint64_t phys)
{
    uint64_t number = (phys >> PAGE_SHIFT) + 1;

    for (unsigned i = 0; i < 16; i++) {
        struct code_page *page = &trace->page[(number + i) % PAGES];

        if (page->number == number || page->number == 0)
            return page;
    }
    return &trace->page[number % PAGES];
}

static void note_stage(struct bzc_trace *trace, const char *stage)
{
    if (stage && strcmp(stage, "BIOS") != 0)
        trace->stage = stage;
}

static void learn_page(struct bzc_trace *trace, uint64_t phys, const struct bzc_watched *watched)
{
    struct code_page *page;

    if (!watched->region)
        return;
    note_stage(trace, watched->region);
    page = page_slot(trace, phys);
    page->number = (phys >> PAGE_SHIFT) + 1;
    trace->knows_pages = true;
    page->stage = watched->region;
    page->base = phys - watched->region_offset;
    if (watched->regs)
        page->bits = bzc_mode_bits(bzc_regs_mode(watched->regs));
}

static struct bzc_trace_place place_from(struct bzc_trace *trace, uint64_t linear, uint64_t phys)
{
    struct bzc_trace_place place = {.known = linear || phys, .linear = linear, .phys = phys};
    const struct code_page *page = page_slot(trace, phys);

    place.phys_known = place.known;
    if (place.known && page->number == (phys >> PAGE_SHIFT) + 1) {
        place.stage = page->stage;
        place.offset = phys - page->base;
    }
    return place;
}

static struct bzc_bytes code_at(const struct bzc_watched *watched, uint64_t phys, unsigned size)
{
    struct bzc_bytes code = watched->guest->view(watched->guest->context, phys, size);

    /* An instruction over the end of memory: what there is of it. */
    if (code.size == 0 && phys % PAGE_SIZE + size > PAGE_SIZE)
        code = watched->guest->view(watched->guest->context, phys, PAGE_SIZE - phys % PAGE_SIZE);
    return code;
}

static void fill_insn(struct bzc_trace *trace, const struct bzc_event *event, const struct bzc_watched *watched,
                      struct bzc_trace_record *record)
{
    struct bzc_trace_insn *insn = calloc(1, sizeof(*insn));
    unsigned size = event->size;
    struct bzc_bytes code;

    record->insn = insn;
    if (!insn || !watched->regs) {
        trace->failed |= !insn;
        return;
    }
    insn->mode = bzc_regs_mode(watched->regs);
    insn->first = !trace->has_regs;
    for (unsigned i = 0; i < BZC_TRACE_REGISTERS; i++) {
        insn->register_value[i] = bzc_trace_register_value(watched->regs, i);
        if (trace->has_regs && insn->register_value[i] != bzc_trace_register_value(&trace->regs, i))
            insn->changed |= 1u << i;
    }
    trace->has_regs = true;
    trace->regs = *watched->regs;
    code = code_at(watched, event->a, size && size <= INSTRUCTION_MAX ? size : INSTRUCTION_MAX);
    snprintf(insn->text, sizeof(insn->text), "%s", text_of(trace, code, event->ip, bzc_mode_bits(insn->mode)));
}

static void fill_edge(struct bzc_trace *trace, const struct bzc_event *event, const struct bzc_watched *watched,
                      struct bzc_trace_record *record)
{
    const struct code_page *page = page_slot(trace, event->c);
    struct bzc_bytes code;

    record->from = place_from(trace, event->b, event->c);
    if (!record->from.known)
        return;
    code = code_at(watched, event->c, INSTRUCTION_MAX);
    memcpy(record->code, code.data, code.size);
    record->code_size = (uint8_t)code.size;
    /* A page keeps its width until code of it is entered in another one. */
    record->code_bits = (uint8_t)(page->number == (event->c >> PAGE_SHIFT) + 1 && page->bits ? page->bits
                                  : watched->regs ? bzc_mode_bits(bzc_regs_mode(watched->regs))
                                                  : 32u);
    /* One of few edges may be read when it is written; branches are many, and mostly the same. */
    if (record->kind == BZC_RECORD_BRANCH)
        record->text = strdup(text_of(trace, code, event->b, record->code_bits));
}

/* ---- events ---- */

static bool kind_of(const struct bzc_trace *trace, enum bzc_event_kind kind, enum bzc_record_kind *record)
{
    static const enum bzc_record_kind kinds[] = {
        [BZC_EVENT_PORT_IN] = BZC_RECORD_PORT_IN,
        [BZC_EVENT_PORT_OUT] = BZC_RECORD_PORT_OUT,
        [BZC_EVENT_BIOS_CALL] = BZC_RECORD_BIOS,
        [BZC_EVENT_INTERRUPT] = BZC_RECORD_INTERRUPT,
        [BZC_EVENT_PAGE_FAULT] = BZC_RECORD_PAGE_FAULT,
        [BZC_EVENT_A20] = BZC_RECORD_A20,
        [BZC_EVENT_ROM_WRITE] = BZC_RECORD_ROM_WRITE,
        [BZC_EVENT_OPEN_BUS_READ] = BZC_RECORD_OPEN_BUS,
        [BZC_EVENT_CONSOLE] = BZC_RECORD_CONSOLE,
        [BZC_EVENT_RESET] = BZC_RECORD_RESET,
        [BZC_EVENT_CODE] = BZC_RECORD_CODE,
        [BZC_EVENT_EDGE] = BZC_RECORD_EDGE,
        [BZC_EVENT_INSN] = BZC_RECORD_INSN,
        [BZC_EVENT_PAGE_WRITE] = BZC_RECORD_PAGE_WRITE,
        [BZC_EVENT_WRITE] = BZC_RECORD_WRITE,
    };

    if (kind == BZC_EVENT_STOP)
        return false;
    *record = kinds[kind];
    if (kind == BZC_EVENT_EDGE && trace->request->level != BZC_TRACE_EDGES)
        *record = BZC_RECORD_BRANCH;
    return true;
}

static bool is_code(enum bzc_event_kind kind)
{
    return kind == BZC_EVENT_CODE || kind == BZC_EVENT_EDGE || kind == BZC_EVENT_INSN;
}

static struct bzc_trace_place place_of(const struct bzc_trace *trace, const struct bzc_event *event,
                                       const struct bzc_watched *watched)
{
    bool known = event->ip || is_code(event->kind);

    return (struct bzc_trace_place){
        .known = known,
        .linear = event->ip,
        .phys = is_code(event->kind) ? event->a : 0,
        .phys_known = is_code(event->kind),
        /* Devices do not see who speaks to them. */
        .stage = known || watched->region ? watched->region : trace->stage,
        .offset = watched->region_offset,
    };
}

static bool is_before_start(const struct bzc_trace *trace, const struct bzc_watched *watched)
{
    return trace->request->from_block > 0 && watched->block < trace->request->from_block;
}

/* Control reaches `linear`: marks it, and tells whether the trace ends with this. */
static bool note_control(struct bzc_trace *trace, enum bzc_record_kind kind, uint64_t linear, bool shown)
{
    const struct bzc_trace_request *request = trace->request;
    bool told = linear == trace->arrival && trace->arrivals && !(trace->arrivals & 1u << kind);

    trace->arrival = linear;
    trace->arrivals = (told ? trace->arrivals : 0) | 1u << kind;
    if (!told && request->has_around && linear == request->around &&
        (request->around_times == 0 || trace->times < request->around_times)) {
        trace->reached = true;
        trace->times++;
        flush(trace);
        bzc_trace_window_mark(&trace->window, shown);
    }
    if (!request->has_until || linear != request->until)
        return false;
    trace->reached = true;
    return true;
}

static void note_end(struct bzc_trace *trace, bool ends)
{
    const struct bzc_trace_request *request = trace->request;

    trace->ended =
        ends || (request->around_times > 0 && trace->times == request->around_times && trace->window.after == 0);
    trace->enough = trace->ended || bzc_trace_window_is_full(&trace->window);
}

static void on_event(void *context, const struct bzc_event *event, const struct bzc_watched *watched)
{
    struct bzc_trace *trace = context;
    struct bzc_trace_record record = {.seq = event->seq, .block = watched->block, .count = 1};
    bool ends = false, shown;

    if (event->kind == BZC_EVENT_STOP) {
        trace->blocks = watched->block;
        flush(trace);
    }
    if (trace->ended || bzc_trace_window_is_full(&trace->window) || !kind_of(trace, event->kind, &record.kind))
        return;
    record.at = place_of(trace, event, watched);
    record.size = event->size;
    record.a = event->a;
    record.b = event->b;
    record.c = event->c;
    record.name = event->name;
    if (event->kind == BZC_EVENT_EDGE)
        record.from = place_from(trace, event->b, event->c);
    shown = !is_before_start(trace, watched) && bzc_trace_filter_accepts(&trace->request->filter, &record);
    if (event->kind == BZC_EVENT_INSN || (event->kind == BZC_EVENT_EDGE && trace->request->level < BZC_TRACE_INSNS))
        ends = note_control(trace, record.kind, event->ip, shown);
    if (shown && event->kind == BZC_EVENT_EDGE)
        fill_edge(trace, event, watched, &record);
    if (is_code(event->kind))
        learn_page(trace, event->a, watched);
    if (shown && event->kind == BZC_EVENT_INSN)
        fill_insn(trace, event, watched, &record);
    if (shown && event->kind == BZC_EVENT_CONSOLE)
        add_console(trace, &record);
    else if (shown)
        add(trace, &record);
    note_end(trace, ends);
}

static void on_jump(void *context, const struct bzc_region_jump *jump, const struct bzc_watched *watched)
{
    struct bzc_trace *trace = context;
    struct bzc_trace_record record = {
        .kind = BZC_RECORD_JUMP,
        .seq = jump->seq,
        .block = watched->block,
        .count = 1,
        .at = {true, jump->linear, jump->phys, true, jump->to, watched->region_offset},
        .from = {jump->from_known, jump->from_linear, jump->from_phys, jump->from_known, jump->from, 0},
    };
    /* The way to the address of `until` belongs to the trace, whether it is told before or after the edge. */
    bool last = trace->ended && trace->request->has_until && jump->linear == trace->request->until;
    bool shown =
             (!trace->ended || last) && !bzc_trace_window_is_full(&trace->window) && !is_before_start(trace, watched),
         ends;

    note_stage(trace, jump->to);
    if (jump->from_known)
        record.from.offset = place_from(trace, jump->from_linear, jump->from_phys).offset;
    shown = shown && bzc_trace_filter_accepts(&trace->request->filter, &record);
    ends = trace->ended || note_control(trace, record.kind, jump->linear, shown);
    if (shown && !(record.jump = malloc(sizeof(*record.jump)))) {
        trace->failed = true;
        shown = false;
    }
    if (shown) {
        *record.jump = *jump;
        add(trace, &record);
    }
    note_end(trace, ends);
}

static void forget(struct bzc_trace *trace)
{
    for (size_t i = 0; i < trace->pending_count; i++)
        bzc_trace_record_clear(&trace->pending[i]);
    for (size_t i = 0; i < trace->held_count; i++)
        bzc_trace_record_clear(&trace->held[i]);
    trace->pending_count = trace->held_count = 0;
    trace->gap = trace->left_out = trace->blocks = 0;
    trace->reached = trace->ended = trace->enough = trace->has_regs = false;
    trace->times = 0;
    trace->arrivals = 0;
    trace->stage = NULL;
    if (trace->knows_pages)
        memset(trace->page, 0, sizeof(trace->page));
    trace->knows_pages = false;
}

static void on_begin(void *context, const struct bzc_run_facts *run)
{
    struct bzc_trace *trace = context;

    forget(trace);
    trace->failed |= !bzc_trace_window_begin(&trace->window);
    if (trace->streams)
        write_begin(trace, run);
}

/* ---- the whole ---- */

struct bzc_trace *bzc_trace_new(const struct bzc_trace_request *request, const struct bzc_trace_head *head,
                                const struct bzc_trace_writer *writer, size_t writer_count)
{
    struct bzc_trace *trace = calloc(1, sizeof(*trace));

    if (!trace)
        return NULL;
    trace->request = request;
    trace->head = head;
    trace->writer_count = writer_count < BZC_TRACE_WRITERS ? writer_count : BZC_TRACE_WRITERS;
    memcpy(trace->writer, writer, trace->writer_count * sizeof(*writer));
    /* Only a run that counts is never begun again. */
    trace->streams = head->counted && request->last == 0;
    trace->window = (struct bzc_trace_window){
        .count = request->count,
        .last = request->last,
        .around = request->has_around,
        .context = request->context,
        .emit = take_record,
        .gap = take_gap,
        .emit_context = trace,
    };
    return trace;
}

void bzc_trace_free(struct bzc_trace *trace)
{
    if (!trace)
        return;
    forget(trace);
    bzc_trace_window_free(&trace->window);
    free(trace->held);
    free(trace->held_gap);
    bzc_disassembler_finish(&trace->disassembler);
    free(trace);
}

/* No ranges: everything is told already. */
static void add_mark(struct bzc_trace_config *config, bool wanted, uint64_t address)
{
    if (wanted && config->range_count > 0)
        config->range[config->range_count++] = (struct bzc_trace_range){address, address + 1};
}

struct bzc_watcher bzc_trace_watcher(struct bzc_trace *trace)
{
    const struct bzc_trace_request *request = trace->request;
    const struct bzc_trace_filter *filter = &request->filter;
    struct bzc_watcher watcher = {
        .context = trace, .counted = trace->head->counted, .begin = on_begin, .event = on_event, .jump = on_jump};
    bool marks = request->has_until || request->has_around;

    watcher.trace.level = request->level;
    /* To see that control reaches an address takes edges. */
    if (marks && request->level < BZC_TRACE_EDGES)
        watcher.trace.level = BZC_TRACE_EDGES;
    /* Where other code is of no interest it need not be told. */
    if (request->level >= BZC_TRACE_BRANCHES && filter->range_count + 2 <= BZC_TRACE_RANGES_MAX) {
        memcpy(watcher.trace.range, filter->range, sizeof(filter->range));
        watcher.trace.range_count = filter->range_count;
        add_mark(&watcher.trace, request->has_until, request->until);
        add_mark(&watcher.trace, request->has_around, request->around);
    }
    watcher.trace.from_block = request->from_block;
    watcher.trace.enough = &trace->enough;
    memcpy(watcher.trace.watch, request->watch, sizeof(request->watch));
    watcher.trace.watch_count = request->watch_count;
    watcher.trace.page_writes = filter->kinds & 1u << BZC_RECORD_PAGE_WRITE;
    return watcher;
}

static void add_place(struct bzc_trace_places *places, uint64_t block)
{
    if (places->enough || (places->count > 0 && places->block[places->count - 1] == block))
        return;
    if (places->count == BZC_TRACE_PLACES_MAX)
        places->more = places->enough = true;
    else
        places->block[places->count++] = block;
}

static void find_place(void *context, const struct bzc_event *event, const struct bzc_watched *watched)
{
    struct bzc_trace_places *places = context;
    enum bzc_event_kind kind = places->level == BZC_TRACE_INSNS ? BZC_EVENT_INSN : BZC_EVENT_EDGE;

    if (event->kind == kind && event->ip == places->linear)
        add_place(places, watched->block);
}

/* The kernel's first instruction is never executed: all that is seen is the jump. */
static void find_place_by_jump(void *context, const struct bzc_region_jump *jump, const struct bzc_watched *watched)
{
    struct bzc_trace_places *places = context;

    if (jump->linear == places->linear)
        add_place(places, watched->block);
}

static void forget_places(void *context, const struct bzc_run_facts *run)
{
    struct bzc_trace_places *places = context;

    (void)run;
    places->count = 0;
    places->more = places->enough = false;
}

struct bzc_watcher bzc_trace_places_watcher(struct bzc_trace_places *places)
{
    return (struct bzc_watcher){
        .context = places,
        .trace = {.level = places->level,
                  .range = {{places->linear, places->linear + 1}},
                  .range_count = 1,
                  .enough = &places->enough},
        .counted = true,
        .begin = forget_places,
        .event = find_place,
        .jump = find_place_by_jump,
    };
}

bool bzc_trace_finish(struct bzc_trace *trace, const struct bzc_verification *verification)
{
    const struct bzc_facts *facts = &verification->facts;

    if (facts->run_count > 0)
        write_begin(trace, &facts->run[0]);
    flush(trace);
    bzc_trace_window_end(&trace->window);
    for (size_t i = 0; i < trace->held_count; i++) {
        if (trace->held_gap[i] > 0)
            write_gap(trace, trace->held_gap[i]);
        write_record(trace, &trace->held[i]);
    }
    if (trace->left_out > 0)
        write_gap(trace, trace->left_out);
    for (size_t i = 0; trace->begun && i < trace->writer_count; i++)
        trace->writer[i].end(trace->writer[i].context, trace->head, verification, trace->written);
    return !trace->failed;
}

bool bzc_trace_reached(const struct bzc_trace *trace)
{
    return trace->reached;
}

uint64_t bzc_trace_blocks(const struct bzc_trace *trace)
{
    return trace->blocks;
}

uint64_t bzc_trace_held(const struct bzc_trace *trace)
{
    return trace->window.ring_used;
}
