/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/seed.h"
#include "devices/pc.h"
#include "emu/interrupts.h"
#include "emu/soft_tlb.h"
#include "emu/tracer.h"
#include "emu/watchdog.h"

/* Bits of a spread seed that make no start of the time-stamp counter: what is left counts up to an hour or two. */
#define TSC_UNUSED_BITS 20u
#define CODE_BEFORE     48u
#define CODE_AFTER      32u
#define OPCODE_INT      0xcdu
#define INT_SIZE        2u /* bytes of INT n */
/* How long a halted guest with interrupts on may sleep: two rounds of the slowest timer. */
#define HALT_TICKS_STEP 1024u
/* A HLT that only the timer ends, so often at the same place, is how a guest waits for nothing: a quarter of a minute.
 */
#define HALTS_MAX      256u
#define HALT_TICKS_MAX (4u * 65536u)

/* Pages of code that nobody ever wrote: a guest that has lost its way runs through zeros, at a millisecond a page. */
#define BLANK_PAGES_MAX 64u

/*
 * What else keeps the emulator busy, in basic blocks. As with the budget itself, so little that no host gets through
 * the budget before a watchdog would bark: else the host's speed could decide what is reported.
 */
#define BYTES_PER_BLOCK        16u /* of straight code */
#define BLOCKS_PER_FILL        64u /* a translated address */
#define BLOCKS_PER_TRANSLATION 64u /* a translated instruction */
#define BLOCKS_PER_HOST_WRITE  8u  /* a write on the guest's behalf */

/* Comparing states takes longer than any block: a loop that comes by the mark more often than this is no short one. */
#define LOOKS_AT_MARK_MAX (1u << 17)

struct bzc_machine {
    struct bzc_machine_config config;
    struct bzc_cpu *cpu;
    struct bzc_memory *memory;
    struct bzc_pc *pc;
    struct bzc_soft_tlb tlb;
    struct bzc_tracer tracer;
    uint64_t seq;
    uint64_t cause;  /* linear address of the instruction that the devices serve; 0: not known */
    uint64_t traced; /* events that only tracing makes: they are none of the guest's doing */
    uint64_t events; /* those that count against BZC_EVENT_BUDGET */
    bool over_budget;
    bool reset;
    const char *reset_by;
    /* counting */
    uint64_t blocks, blocks_at_progress;
    uint64_t progress_seen;
    uint64_t work, work_at_progress; /* in blocks, with what else takes time */
    uint64_t mark_at, mark_linear;   /* next block count to take a mark at; where the present mark is */
    uint64_t mark_writes, mark_events;
    unsigned mark_looks; /* comparisons with the present mark */
    uint64_t reports;    /* ROM writes and open-bus reads: events that change nothing and stand against no proof */
    bool marked;
    unsigned blank_pages; /* of code that nobody wrote */
    uint64_t halt_linear; /* of the last HLT */
    unsigned halts;       /* how often it was the same one in a row */
    bool endless;         /* proved: the state came back with nothing written in between */
};

/* ---- events ---- */

static void emit(struct bzc_machine *machine, struct bzc_event event)
{
    event.seq = machine->seq++;
    if (machine->config.sink.event)
        machine->config.sink.event(machine->config.sink.context, &event);
}

/* What takes the emulator far longer than a basic block, and what an endless guest could do without end. */
static void count_event(struct bzc_machine *machine)
{
    if (++machine->events >= machine->config.event_budget && !machine->over_budget) {
        machine->over_budget = true;
        bzc_cpu_stop(machine->cpu);
    }
}

static void emit_traced(void *context, struct bzc_event event)
{
    struct bzc_machine *machine = context;

    machine->traced++;
    emit(machine, event);
}

static void on_page_written(void *context, uint64_t phys)
{
    emit_traced(context, (struct bzc_event){.kind = BZC_EVENT_PAGE_WRITE, .a = phys});
}

static void emit_counted(struct bzc_machine *machine, struct bzc_event event)
{
    emit(machine, event);
    count_event(machine);
}

/* ---- the board's view of the machine ---- */

static bool host_read(void *context, uint64_t phys, void *data, size_t size)
{
    struct bzc_machine *machine = context;

    return bzc_memory_read(machine->memory, phys, data, size);
}

static bool host_write(void *context, uint64_t phys, const void *data, size_t size)
{
    struct bzc_machine *machine = context;

    return bzc_soft_tlb_write_phys(&machine->tlb, phys, data, size);
}

static void host_set_a20(void *context, bool open, const char *by)
{
    struct bzc_machine *machine = context;

    if (machine->tlb.a20_open == open)
        return;
    bzc_soft_tlb_set_a20(&machine->tlb, open);
    emit(machine, (struct bzc_event){.kind = BZC_EVENT_A20, .ip = machine->cause, .a = open, .name = by});
}

static void host_reset(void *context, const char *by)
{
    struct bzc_machine *machine = context;

    machine->reset = true;
    machine->reset_by = by;
    emit(machine, (struct bzc_event){.kind = BZC_EVENT_RESET, .ip = machine->cause, .name = by});
    bzc_cpu_stop(machine->cpu);
}

static void host_console(void *context, enum bzc_console source, uint8_t byte)
{
    struct bzc_machine *machine = context;

    emit(machine, (struct bzc_event){
                      .kind = BZC_EVENT_CONSOLE, .ip = machine->cause, .a = byte, .b = source == BZC_CONSOLE_INT10});
}

/* ---- the CPU's view of the machine ---- */

static bool cpu_translate(void *context, uint64_t linear, enum bzc_access access, struct bzc_translation *translation)
{
    struct bzc_machine *machine = context;

    if (!bzc_soft_tlb_translate(&machine->tlb, linear, access, translation))
        return false;
    if (translation->write)
        bzc_tracer_mapped(&machine->tracer, linear, translation->phys);
    return true;
}

static bool cpu_guard(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_machine *machine = context;

    return bzc_soft_tlb_guard(&machine->tlb, linear, size);
}

static uint32_t cpu_in(void *context, uint16_t port, unsigned size)
{
    struct bzc_machine *machine = context;
    const char *name;
    uint32_t value;

    machine->cause = bzc_tracer_port_ip(&machine->tracer);
    value = bzc_pc_in(machine->pc, port, size, &name);
    emit_counted(
        machine,
        (struct bzc_event){
            .kind = BZC_EVENT_PORT_IN, .ip = machine->cause, .a = port, .b = value, .size = size, .name = name});
    return value;
}

static void cpu_out(void *context, uint16_t port, unsigned size, uint32_t value)
{
    struct bzc_machine *machine = context;
    const char *name;

    machine->cause = bzc_tracer_port_ip(&machine->tracer);
    bzc_pc_out(machine->pc, port, size, value, &name);
    emit_counted(
        machine,
        (struct bzc_event){
            .kind = BZC_EVENT_PORT_OUT, .ip = machine->cause, .a = port, .b = value, .size = size, .name = name});
}

static void cpu_cpuid(void *context, uint32_t leaf, uint32_t subleaf, uint32_t result[4])
{
    const struct bzc_machine *machine = context;

    (void)subleaf; /* no profile has leaves with subleaves */
    bzc_cpuid(machine->config.profile, leaf, result);
}

static void cpu_enter(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_machine *machine = context;

    bzc_tracer_enter(&machine->tracer, linear, size);
}

static void cpu_insn(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_machine *machine = context;

    bzc_tracer_insn(&machine->tracer, linear, size);
}

static void cpu_wrote(void *context, uint64_t phys, unsigned size, uint64_t value)
{
    struct bzc_machine *machine = context;

    bzc_tracer_wrote(&machine->tracer, phys, size, value);
}

static void cpu_stepped(void *context, uint64_t from, uint64_t to)
{
    struct bzc_machine *machine = context;

    bzc_tracer_resume(&machine->tracer, from, to);
}

/* What happened in the guest so far. What only tracing tells, or changes nothing, stands against no proof. */
static uint64_t happened(const struct bzc_machine *machine)
{
    return machine->seq - machine->reports - machine->traced;
}

/* All that the guest has kept the emulator busy with, measured in basic blocks. */
static uint64_t work_so_far(const struct bzc_machine *machine)
{
    return machine->work + BLOCKS_PER_FILL * machine->tlb.fills + BLOCKS_PER_HOST_WRITE * machine->tlb.host_writes +
           BLOCKS_PER_TRANSLATION * bzc_cpu_translations(machine->cpu);
}

/*
 * Counting, and the proof that a loop is endless: a mark is taken now and then, all translations are dropped so that
 * any later write shows up as a request, and when the complete state comes back with no write and no event in between,
 * it will come back forever.
 */
static bool cpu_block(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_machine *machine = context;
    uint64_t progress = atomic_load_explicit(&machine->tlb.progress, memory_order_relaxed);
    uint64_t writes = machine->tlb.write_fills + machine->tlb.host_writes;

    bzc_tracer_count(&machine->tracer, machine->blocks++);
    machine->work += 1 + size / BYTES_PER_BLOCK;
    if (progress != machine->progress_seen) {
        machine->progress_seen = progress;
        machine->blocks_at_progress = machine->blocks;
        machine->work_at_progress = work_so_far(machine);
        machine->mark_at = machine->blocks + (1u << 16);
        machine->marked = false;
        return true;
    }
    if (machine->marked && linear == machine->mark_linear && machine->mark_writes == writes &&
        machine->mark_events == happened(machine) && machine->mark_looks++ < LOOKS_AT_MARK_MAX &&
        bzc_cpu_at_mark(machine->cpu)) {
        machine->endless = true;
        return false;
    }
    if (machine->blocks >= machine->mark_at) {
        bzc_cpu_flush(machine->cpu);
        bzc_cpu_mark(machine->cpu);
        machine->marked = true;
        machine->mark_looks = 0;
        machine->mark_linear = linear;
        machine->mark_writes = writes;
        machine->mark_events = happened(machine);
        machine->mark_at = machine->blocks + 2 * (machine->blocks - machine->blocks_at_progress);
    }
    return work_so_far(machine) - machine->work_at_progress < machine->config.block_budget;
}

/* ---- life ---- */

static void install_bios(struct bzc_machine *machine)
{
    uint8_t *rom = malloc(BZC_BIOS_ROM_SIZE);

    if (!rom)
        return;
    bzc_bios_rom(rom);
    bzc_memory_fill_rom(machine->memory, BZC_BIOS_ROM_PHYS, rom, BZC_BIOS_ROM_SIZE);
    free(rom);
}

/* What takes many times as long must not be ended by a watchdog. */
static bool is_counted(const struct bzc_machine_config *config)
{
    return config->counted || config->trace.level >= BZC_TRACE_BRANCHES || config->trace.watch_count > 0;
}

enum bzc_status bzc_machine_new(const struct bzc_machine_config *config, struct bzc_machine **out,
                                struct bzc_error *err)
{
    struct bzc_machine *machine = calloc(1, sizeof(*machine));
    struct bzc_cpu_client client = {.context = machine,
                                    .translate = cpu_translate,
                                    .guard = cpu_guard,
                                    .in = cpu_in,
                                    .out = cpu_out,
                                    .cpuid = cpu_cpuid,
                                    .block = is_counted(config) ? cpu_block : NULL,
                                    .enter = cpu_enter,
                                    .insn = cpu_insn,
                                    .wrote = cpu_wrote,
                                    .stepped = cpu_stepped};
    struct bzc_pc_config pc = {
        .map = config->map,
        .host = {machine, host_read, host_write, host_set_a20, host_reset, host_console},
        .timer_seed = config->timer_seed,
    };
    enum bzc_status status;

    *out = NULL;
    if (!machine)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the machine");
    machine->config = *config;
    machine->config.counted = is_counted(config);
    if (machine->config.block_budget == 0)
        machine->config.block_budget = BZC_BLOCK_BUDGET;
    if (machine->config.event_budget == 0)
        machine->config.event_budget = BZC_EVENT_BUDGET;
    status = bzc_cpu_new(&client, &machine->cpu, err);
    if (status == BZC_OK)
        status = bzc_memory_new(config->map, machine->cpu, &machine->memory, err);
    if (status == BZC_OK) {
        bzc_cpu_set_tsc(machine->cpu, bzc_seed_spread(config->timer_seed) >> TSC_UNUSED_BITS);
        machine->tlb.cpu = machine->cpu;
        machine->tlb.memory = machine->memory;
        machine->tlb.asks_mappings = config->observe_mappings;
        machine->tlb.split_writes = machine->config.counted; /* the proof of an endless loop needs every first write */
        machine->tracer = (struct bzc_tracer){.cpu = machine->cpu,
                                              .tlb = &machine->tlb,
                                              .config = config->trace,
                                              .context = machine,
                                              .emit = emit_traced};
        status = bzc_tracer_begin(&machine->tracer, machine->config.counted, err);
    }
    if (status == BZC_OK) {
        install_bios(machine);
        machine->pc = bzc_pc_new(&pc);
        if (!machine->pc)
            status = bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the machine");
    }
    if (status != BZC_OK) {
        bzc_machine_free(machine);
        return status;
    }
    *out = machine;
    return BZC_OK;
}

void bzc_machine_free(struct bzc_machine *machine)
{
    if (!machine)
        return;
    bzc_pc_free(machine->pc);
    bzc_soft_tlb_finish(&machine->tlb);
    bzc_tracer_finish(&machine->tracer);
    bzc_cpu_free(machine->cpu);
    bzc_memory_free(machine->memory);
    free(machine);
}

enum bzc_status bzc_machine_load(struct bzc_machine *machine, const struct bzc_plan *plan, struct bzc_error *err)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];

        if (block->bytes.size == 0)
            continue;
        if (!bzc_soft_tlb_write_phys(&machine->tlb, block->phys, block->bytes.data, block->bytes.size))
            return bzc_error_set(err, BZC_ERR_LIMIT, "the %s does not fit into guest memory at 0x%" PRIx64, block->name,
                                 block->phys);
    }
    bzc_pc_set_a20(machine->pc, plan->a20_open);
    return bzc_cpu_set(machine->cpu, &plan->start, err);
}

/* ---- stops ---- */

static void disassemble(struct bzc_machine *machine, struct bzc_stop *stop)
{
    uint8_t code[CODE_BEFORE + CODE_AFTER];
    uint64_t start = stop->linear > CODE_BEFORE ? stop->linear - CODE_BEFORE : 0;
    size_t size = 0;

    /* Bytes before the instruction may be missing; then begin at the instruction itself. */
    if (!bzc_soft_tlb_read(&machine->tlb, start, code, (size_t)(stop->linear - start)))
        start = stop->linear;
    size = (size_t)(stop->linear - start);
    for (unsigned tail = CODE_AFTER; tail > 0; tail /= 2) {
        if (bzc_soft_tlb_read(&machine->tlb, stop->linear, code + size, tail)) {
            size += tail;
            break;
        }
    }
    stop->line_count = bzc_disasm_around((struct bzc_bytes){code, size}, start, stop->linear,
                                         bzc_mode_bits(bzc_regs_mode(&stop->regs)), 3, 2, stop->lines);
}

static struct bzc_stop *make_stop(struct bzc_machine *machine, struct bzc_stop *stop, enum bzc_stop_reason reason,
                                  const struct bzc_regs *regs, uint64_t linear)
{
    memset(stop, 0, sizeof(*stop));
    stop->reason = reason;
    stop->regs = *regs;
    stop->linear = linear;
    stop->phys_known = bzc_soft_tlb_lookup(&machine->tlb, linear, &stop->phys);
    disassemble(machine, stop);
    emit(machine, (struct bzc_event){.kind = BZC_EVENT_STOP, .a = reason, .ip = linear});
    return stop;
}

/* The exact address of the access that was refused in a page. */
static uint64_t exact_access(struct bzc_machine *machine, const struct bzc_regs *regs, uint64_t page,
                             enum bzc_access access)
{
    uint8_t code[16];
    uint64_t ip = bzc_regs_linear_ip(regs);

    if (access == BZC_ACCESS_FETCH)
        return (ip & BZC_PAGE_MASK) == page ? ip : page;
    for (size_t size = sizeof(code); size > 0; size--)
        if (bzc_soft_tlb_read(&machine->tlb, ip, code, size))
            return bzc_disasm_access((struct bzc_bytes){code, size}, regs, page);
    return page;
}

static void set_target(struct bzc_stop *stop, uint64_t target, uint64_t target_phys, enum bzc_access access)
{
    stop->has_target = true;
    stop->target = target;
    stop->target_phys = target_phys;
    stop->access = access;
}

/* ---- the loop ---- */

enum step { STEP_GO_ON, STEP_STOP, STEP_ENGINE_ERROR };

static enum step resume_with(struct bzc_machine *machine, const struct bzc_regs *regs, struct bzc_error *err)
{
    return bzc_cpu_set(machine->cpu, regs, err) == BZC_OK ? STEP_GO_ON : STEP_ENGINE_ERROR;
}

/* True when the handler of a real-mode exception is the BIOS's own stub: the guest has not taken the vector. */
static bool is_bios_handler(const struct bzc_regs *regs)
{
    uint8_t vector;

    return bzc_bios_trap(bzc_regs_linear_ip(regs), &vector);
}

/* An instruction that the chosen CPU does not have is no fault of the code's bytes: "(the CPU profile x has no y)". */
static void tell_missing_extension(struct bzc_machine *machine, const struct bzc_regs *regs, struct bzc_stop *stop)
{
    const struct bzc_cpu_profile *profile = machine->config.profile;
    unsigned bits = bzc_mode_bits(bzc_regs_mode(regs));
    const char *missing = NULL;
    uint8_t code[15];

    for (size_t size = sizeof(code); size > 0; size--)
        if (bzc_soft_tlb_read(&machine->tlb, stop->linear, code, size)) {
            missing = bzc_disasm_missing_extension((struct bzc_bytes){code, size}, bits, profile);
            break;
        }
    if (missing) {
        size_t used = strlen(stop->detail);

        snprintf(stop->detail + used, sizeof(stop->detail) - used, " (the CPU profile %s has no %s)", profile->name,
                 missing);
    }
}

/* An exception: to the guest's handler when there is one, else a stop. `what` describes its cause. */
static enum step take_exception(struct bzc_machine *machine, struct bzc_regs *regs, struct bzc_interrupt interrupt,
                                const char *what, struct bzc_stop *stop, struct bzc_error *err)
{
    struct bzc_regs before = *regs;
    const char *why = NULL;
    uint64_t linear = bzc_regs_linear_ip(&before);
    bool delivered = bzc_interrupt_deliver(&machine->tlb, regs, &interrupt, &why);
    enum bzc_stop_reason reason;

    if (delivered && !((regs->cr0 & BZC_CR0_PE) == 0 && is_bios_handler(regs))) {
        emit_counted(machine, (struct bzc_event){.kind = BZC_EVENT_INTERRUPT,
                                                 .a = interrupt.vector,
                                                 .b = bzc_regs_linear_ip(regs),
                                                 .ip = linear});
        bzc_tracer_resume(&machine->tracer, linear, bzc_regs_linear_ip(regs));
        return resume_with(machine, regs, err);
    }
    if (delivered)
        why = "no handler";
    reason = !(before.cr0 & BZC_CR0_PE) ? BZC_STOP_FAULT : BZC_STOP_TRIPLE_FAULT;
    if (interrupt.vector == 6)
        reason = BZC_STOP_INVALID_INSTRUCTION;
    make_stop(machine, stop, reason, &before, linear);
    snprintf(stop->detail, sizeof(stop->detail), "%s%s: %s", bzc_exception_name(interrupt.vector), what, why);
    if (interrupt.vector == 6)
        tell_missing_extension(machine, &before, stop);
    return STEP_STOP;
}

static enum step serve_new_code(struct bzc_machine *machine, const struct bzc_refusal *refusal, struct bzc_regs *regs,
                                struct bzc_stop *stop)
{
    struct bzc_fetch fetch = {.linear = bzc_regs_linear_ip(regs), .page = refusal->phys, .regs = regs};

    if (!bzc_soft_tlb_lookup(&machine->tlb, fetch.linear, &fetch.phys))
        fetch.phys = refusal->phys;
    if (bzc_tracer_before(&machine->tracer, fetch.linear, &fetch.from) &&
        !bzc_soft_tlb_lookup(&machine->tlb, fetch.from, &fetch.from_phys))
        fetch.from = 0;
    emit(machine, (struct bzc_event){.kind = BZC_EVENT_CODE, .a = fetch.phys, .ip = fetch.linear});
    if (machine->config.observer.on_code &&
        !machine->config.observer.on_code(machine->config.observer.context, machine, &fetch)) {
        make_stop(machine, stop, BZC_STOP_OBSERVER, regs, fetch.linear);
        return STEP_STOP;
    }
    if (!(*bzc_memory_flags(machine->memory, refusal->phys) & BZC_PAGE_WRITTEN) &&
        ++machine->blank_pages > BLANK_PAGES_MAX) {
        make_stop(machine, stop, BZC_STOP_BUDGET, regs, fetch.linear);
        snprintf(stop->detail, sizeof(stop->detail), "runs through memory that nobody has written: %u pages",
                 BLANK_PAGES_MAX);
        return STEP_STOP;
    }
    bzc_soft_tlb_allow_code(&machine->tlb, refusal->linear, refusal->phys);
    return STEP_GO_ON;
}

static enum step serve_refusal(struct bzc_machine *machine, struct bzc_regs *regs, struct bzc_stop *stop,
                               struct bzc_error *err)
{
    struct bzc_refusal refusal = machine->tlb.refusal;
    uint64_t exact;
    enum step step;
    char what[64];

    if (refusal.kind == BZC_REFUSED_NEW_CODE) {
        count_event(machine);
        return serve_new_code(machine, &refusal, regs, stop);
    }
    if (refusal.kind == BZC_REFUSED_STALE) {
        count_event(machine);
        bzc_tracer_again(&machine->tracer, bzc_regs_linear_ip(regs));
        bzc_soft_tlb_drop_stale(&machine->tlb);
        return STEP_GO_ON;
    }
    if (refusal.kind == BZC_REFUSED_REPORT) {
        emit_counted(machine, (struct bzc_event){.kind = refusal.access == BZC_ACCESS_WRITE ? BZC_EVENT_ROM_WRITE
                                                                                            : BZC_EVENT_OPEN_BUS_READ,
                                                 .a = refusal.phys,
                                                 .ip = bzc_regs_linear_ip(regs)});
        machine->reports++;
        bzc_tracer_again(&machine->tracer, bzc_regs_linear_ip(regs));
        bzc_soft_tlb_let_pass(&machine->tlb);
        return STEP_GO_ON;
    }
    exact = exact_access(machine, regs, refusal.linear, refusal.access);
    if (refusal.kind == BZC_REFUSED_OUTSIDE) {
        make_stop(machine, stop, BZC_STOP_OUTSIDE_MEMORY, regs, bzc_regs_linear_ip(regs));
        set_target(stop, exact, refusal.phys | (exact & ~BZC_PAGE_MASK), refusal.access);
        snprintf(stop->detail, sizeof(stop->detail), "%s 0x%" PRIx64 ", where there is no memory",
                 refusal.access == BZC_ACCESS_WRITE ? "a write to" : "a jump to", stop->target_phys);
        return STEP_STOP;
    }
    if (refusal.kind == BZC_REFUSED_NOT_CANONICAL) {
        /* By way of the stack it would be #SS(0). No early handler looks at either. */
        snprintf(what, sizeof(what), " on a %s of 0x%" PRIx64 ", not canonical", bzc_access_name(refusal.access),
                 exact);
        step = take_exception(machine, regs, (struct bzc_interrupt){13, true, 0}, what, stop, err);
        if (step == STEP_STOP)
            set_target(stop, exact, 0, refusal.access);
        return step;
    }
    emit_counted(machine, (struct bzc_event){.kind = BZC_EVENT_PAGE_FAULT,
                                             .a = exact,
                                             .b = refusal.error_code,
                                             .ip = bzc_regs_linear_ip(regs)});
    regs->cr2 = exact;
    snprintf(what, sizeof(what), " on a %s of 0x%" PRIx64, bzc_access_name(refusal.access), exact);
    step = take_exception(machine, regs, (struct bzc_interrupt){14, true, refusal.error_code}, what, stop, err);

    if (step == STEP_STOP)
        set_target(stop, exact, 0, refusal.access);
    return step;
}

/* The INT that led to the frame at `frame`; 0 when it was none, but an exception or a far call. */
static uint64_t calling_int(struct bzc_machine *machine, uint64_t frame, uint8_t vector)
{
    uint8_t raw[4], code[INT_SIZE];
    uint64_t linear;

    if (!bzc_soft_tlb_read(&machine->tlb, frame, raw, sizeof(raw)))
        return 0;
    linear = ((uint64_t)bzc_load16(raw + 2) << 4) + (uint16_t)(bzc_load16(raw) - INT_SIZE);
    if (!bzc_soft_tlb_read(&machine->tlb, linear, code, sizeof(code)) || code[0] != OPCODE_INT || code[1] != vector)
        return 0;
    return linear;
}

/* The BIOS serves an interrupt at the HLT of one of its stubs; FLAGS lie in the frame that IRET will pop. */
static enum step serve_bios(struct bzc_machine *machine, uint8_t vector, struct bzc_regs *regs, struct bzc_stop *stop,
                            struct bzc_error *err)
{
    uint64_t frame = regs->seg[BZC_SS].base + ((regs->gpr[BZC_RSP] + 4) & 0xffff);
    uint8_t flags[2] = {0};
    const char *name = NULL;
    enum bzc_bios_result result;
    struct bzc_bios_regs call;

    bzc_soft_tlb_read(&machine->tlb, frame, flags, sizeof(flags));
    machine->cause = calling_int(machine, regs->seg[BZC_SS].base + (regs->gpr[BZC_RSP] & 0xffff), vector);
    call = (struct bzc_bios_regs){
        .eax = (uint32_t)regs->gpr[BZC_RAX],
        .ebx = (uint32_t)regs->gpr[BZC_RBX],
        .ecx = (uint32_t)regs->gpr[BZC_RCX],
        .edx = (uint32_t)regs->gpr[BZC_RDX],
        .esi = (uint32_t)regs->gpr[BZC_RSI],
        .edi = (uint32_t)regs->gpr[BZC_RDI],
        .ebp = (uint32_t)regs->gpr[BZC_RBP],
        .ds = regs->seg[BZC_DS].selector,
        .es = regs->seg[BZC_ES].selector,
        .flags = bzc_load16(flags),
    };
    result = bzc_bios_call(bzc_pc_bios(machine->pc), vector, &call, &name);
    emit_counted(machine, (struct bzc_event){.kind = BZC_EVENT_BIOS_CALL,
                                             .ip = machine->cause,
                                             .a = vector,
                                             .b = regs->gpr[BZC_RAX],
                                             .c = result,
                                             .name = name});
    if (result == BZC_BIOS_WAITS) {
        make_stop(machine, stop, BZC_STOP_BIOS_WAIT, regs, bzc_regs_linear_ip(regs) - 1);
        snprintf(stop->detail, sizeof(stop->detail), "waits in %s for something that never comes",
                 name ? name : "the BIOS");
        return STEP_STOP;
    }
    regs->gpr[BZC_RAX] = call.eax;
    regs->gpr[BZC_RBX] = call.ebx;
    regs->gpr[BZC_RCX] = call.ecx;
    regs->gpr[BZC_RDX] = call.edx;
    regs->gpr[BZC_RSI] = call.esi;
    regs->gpr[BZC_RDI] = call.edi;
    regs->gpr[BZC_RBP] = call.ebp;
    regs->seg[BZC_DS].selector = call.ds;
    regs->seg[BZC_DS].base = (uint64_t)call.ds << 4;
    regs->seg[BZC_ES].selector = call.es;
    regs->seg[BZC_ES].base = (uint64_t)call.es << 4;
    bzc_store16(flags, call.flags);
    bzc_soft_tlb_write(&machine->tlb, frame, flags, sizeof(flags));
    return resume_with(machine, regs, err);
}

static enum step serve_halt(struct bzc_machine *machine, struct bzc_regs *regs, struct bzc_stop *stop,
                            struct bzc_error *err)
{
    uint64_t linear = bzc_regs_linear_ip(regs) - 1;
    uint64_t phys;
    uint8_t vector;
    const char *why;

    if (!(regs->cr0 & BZC_CR0_PE) && bzc_soft_tlb_lookup(&machine->tlb, linear, &phys) && bzc_bios_trap(phys, &vector))
        return serve_bios(machine, vector, regs, stop, err);
    machine->halts = linear == machine->halt_linear ? machine->halts + 1 : 0;
    machine->halt_linear = linear;
    if ((regs->rflags & BZC_FLAG_IF) && machine->halts < HALTS_MAX) {
        for (unsigned ticks = 0; ticks < HALT_TICKS_MAX; ticks += HALT_TICKS_STEP) {
            struct bzc_interrupt interrupt = {0};

            bzc_pc_advance(machine->pc, HALT_TICKS_STEP);
            if (!bzc_pc_interrupt(machine->pc, &vector))
                continue;
            interrupt.vector = vector;
            if (!bzc_interrupt_deliver(&machine->tlb, regs, &interrupt, &why))
                break;
            emit_counted(machine,
                         (struct bzc_event){
                             .kind = BZC_EVENT_INTERRUPT, .a = vector, .b = bzc_regs_linear_ip(regs), .ip = linear});
            bzc_tracer_resume(&machine->tracer, linear, bzc_regs_linear_ip(regs));
            return resume_with(machine, regs, err);
        }
    }
    make_stop(machine, stop, BZC_STOP_HALT, regs, linear);
    snprintf(stop->detail, sizeof(stop->detail), "%s",
             !(regs->rflags & BZC_FLAG_IF) ? "HLT with interrupts off"
             : machine->halts == HALTS_MAX ? "HLT in a loop, and only the timer wakes the CPU"
                                           : "HLT, and no interrupt that could wake the CPU");
    return STEP_STOP;
}

static enum step serve_soft_interrupt(struct bzc_machine *machine, uint8_t vector, struct bzc_regs *regs,
                                      struct bzc_stop *stop, struct bzc_error *err)
{
    struct bzc_interrupt interrupt = {.vector = vector};
    uint64_t linear = bzc_regs_linear_ip(regs);
    const char *why = NULL;

    if (bzc_interrupt_deliver(&machine->tlb, regs, &interrupt, &why)) {
        count_event(machine);
        return resume_with(machine, regs, err);
    }
    make_stop(machine, stop, BZC_STOP_TRIPLE_FAULT, regs, linear);
    snprintf(stop->detail, sizeof(stop->detail), "INT 0x%02x: %s", vector, why);
    return STEP_STOP;
}

static enum step serve_kick(struct bzc_machine *machine, const struct bzc_regs *regs, struct bzc_stop *stop)
{
    uint64_t linear = bzc_regs_linear_ip(regs);

    if (machine->reset) {
        make_stop(machine, stop, BZC_STOP_RESET, regs, linear);
        snprintf(stop->detail, sizeof(stop->detail), "the guest reset the PC by %s", machine->reset_by);
        return STEP_STOP;
    }
    make_stop(machine, stop, BZC_STOP_BUDGET, regs, linear);
    if (machine->over_budget)
        snprintf(stop->detail, sizeof(stop->detail),
                 "%llu port accesses, interrupts and changes of code without an end",
                 (unsigned long long)machine->config.event_budget);
    else if (machine->endless)
        snprintf(stop->detail, sizeof(stop->detail),
                 "an endless loop: the whole CPU state came back with nothing written in between");
    else
        snprintf(stop->detail, sizeof(stop->detail), "the work of %llu basic blocks without touching a new page",
                 (unsigned long long)machine->config.block_budget);
    return STEP_STOP;
}

static enum step serve(struct bzc_machine *machine, const struct bzc_cpu_exit *exit, struct bzc_stop *stop,
                       struct bzc_error *err)
{
    struct bzc_regs regs;
    struct bzc_interrupt interrupt = {.vector = exit->vector};

    if (bzc_cpu_get(machine->cpu, &regs, err) != BZC_OK)
        return STEP_ENGINE_ERROR;
    switch (exit->kind) {
    case BZC_EXIT_REFUSED:
        return serve_refusal(machine, &regs, stop, err);
    case BZC_EXIT_SOFT_INT:
        return serve_soft_interrupt(machine, exit->vector, &regs, stop, err);
    case BZC_EXIT_EXCEPTION:
    case BZC_EXIT_INVALID:
        interrupt.has_error_code = (regs.cr0 & BZC_CR0_PE) && bzc_exception_has_error_code(exit->vector);
        interrupt.error_code = exit->error_code;
        return take_exception(machine, &regs, interrupt, "", stop, err);
    case BZC_EXIT_HALT:
        return serve_halt(machine, &regs, stop, err);
    case BZC_EXIT_KICKED:
        return serve_kick(machine, &regs, stop);
    }
    return STEP_ENGINE_ERROR;
}

static void bark(void *context)
{
    bzc_cpu_kick(context);
}

enum bzc_status bzc_machine_run(struct bzc_machine *machine, struct bzc_stop *stop, bool *inconclusive,
                                struct bzc_error *err)
{
    bool counted = machine->config.counted;
    struct bzc_watchdog *watchdog =
        counted ? NULL : bzc_watchdog_start(BZC_WATCHDOG_MS, &machine->tlb.progress, bark, machine->cpu);
    enum step step = STEP_GO_ON;
    bool barked;

    if (machine->config.trace.page_writes) { /* from here on: what the loader wrote is told by the plan */
        machine->tlb.page_written = on_page_written;
        machine->tlb.page_written_context = machine;
    }
    if (!counted && !watchdog)
        return bzc_error_set(err, BZC_ERR_ENGINE, "no thread for the watchdog");
    while (step == STEP_GO_ON) {
        struct bzc_cpu_exit exit;

        if (machine->over_budget || machine->reset)
            exit = (struct bzc_cpu_exit){.kind = BZC_EXIT_KICKED};
        else if (bzc_cpu_run(machine->cpu, &exit, err) != BZC_OK)
            step = STEP_ENGINE_ERROR;
        if (step == STEP_GO_ON)
            step = serve(machine, &exit, stop, err);
    }
    barked = bzc_watchdog_stop(watchdog);
    if (step == STEP_ENGINE_ERROR)
        return BZC_ERR_ENGINE;
    /* A budget that the watchdog or a count ended first depends on the host; only the counted repetition decides. */
    *inconclusive = !counted && (barked || machine->over_budget) && stop->reason == BZC_STOP_BUDGET;
    return BZC_OK;
}

struct bzc_bytes bzc_machine_view(const struct bzc_machine *machine, uint64_t phys, uint64_t size)
{
    return bzc_memory_view(machine->memory, phys, size);
}

bool bzc_machine_read(const struct bzc_machine *machine, uint64_t phys, void *data, size_t size)
{
    return bzc_memory_read(machine->memory, phys, data, size);
}

bool bzc_machine_a20(const struct bzc_machine *machine)
{
    return machine->tlb.a20_open;
}

bool bzc_machine_lookup(struct bzc_machine *machine, uint64_t linear, uint64_t *phys)
{
    return bzc_soft_tlb_lookup(&machine->tlb, linear, phys);
}

uint64_t bzc_machine_pages_touched(const struct bzc_machine *machine)
{
    return bzc_memory_touched(machine->memory);
}

uint64_t bzc_machine_blocks(const struct bzc_machine *machine)
{
    return machine->tracer.in_event && machine->blocks > 0 ? machine->blocks - 1 : machine->blocks;
}

bool bzc_machine_regs(struct bzc_machine *machine, struct bzc_regs *regs)
{
    if (bzc_cpu_get(machine->cpu, regs, NULL) != BZC_OK)
        return false;
    if (machine->tracer.in_event) {
        bool long_mode = bzc_regs_mode(regs) == BZC_MODE_LONG;

        regs->rip = machine->tracer.now - (long_mode ? 0 : regs->seg[BZC_CS].base);
        if (!long_mode)
            regs->rip = (uint32_t)regs->rip;
    }
    return true;
}

void bzc_machine_begin_epoch(struct bzc_machine *machine, uint8_t epoch)
{
    bzc_memory_begin_epoch(machine->memory, epoch);
    bzc_cpu_flush(machine->cpu);
}

void bzc_machine_written(const struct bzc_machine *machine, void *context,
                         void (*range)(void *context, uint64_t phys, uint64_t size, uint8_t epoch))
{
    bzc_memory_written(machine->memory, context, range);
}
