/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block, instruction and write hooks of Unicorn for the CPU interface's tracing. */
#include "emu/cpu_unicorn.h"

#include <stdlib.h>
#include <string.h>

static enum bzc_status hook(struct bzc_cpu *cpu, uc_hook *handle, int type, void *callback, uint64_t begin,
                            uint64_t end, struct bzc_error *err)
{
    uc_err error = uc_hook_add(cpu->uc, handle, type, callback, cpu, begin, end);

    return error ? bzc_error_set(err, BZC_ERR_ENGINE, "the CPU emulator failed: hook: %s", uc_strerror(error)) : BZC_OK;
}

/* A hook of instructions or writes. */
static enum bzc_status trace_hook(struct bzc_cpu *cpu, int type, void *callback, uint64_t begin, uint64_t end,
                                  struct bzc_error *err)
{
    enum bzc_status status = hook(cpu, &cpu->trace_hook[cpu->trace_hooks], type, callback, begin, end, err);

    cpu->trace_hooks += status == BZC_OK;
    return status;
}

void bzc_cpu_unicorn_halt_at(struct bzc_cpu *cpu, uint64_t linear)
{
    struct bzc_regs regs;
    uint64_t ip;

    if (bzc_cpu_get(cpu, &regs, NULL) == BZC_OK) {
        ip = linear - (bzc_regs_mode(&regs) == BZC_MODE_LONG ? 0 : regs.seg[BZC_CS].base);
        if (bzc_regs_mode(&regs) != BZC_MODE_LONG)
            ip = (uint32_t)ip;
        uc_reg_write(cpu->uc, UC_X86_REG_RIP, &ip);
    }
    uc_emu_stop(cpu->uc);
}

static void halt_to_trace(struct bzc_cpu *cpu, uint64_t linear)
{
    cpu->trace_halts = true;
    bzc_cpu_unicorn_halt_at(cpu, linear);
}

/* ---- blocks ---- */

void bzc_cpu_unicorn_on_block(uc_engine *uc, uint64_t linear, uint32_t size, void *user)
{
    struct bzc_cpu *cpu = user;
    bool counted = cpu->counted_once;

    (void)uc;
    if (cpu->has_exit)
        return;
    cpu->counted_once = false;
    if (!counted) {
        bool goes_on;

        cpu->in_block = true;
        goes_on = cpu->client.block(cpu->client.context, linear, size);
        cpu->in_block = false;
        if (!goes_on) {
            bzc_cpu_stop(cpu);
            return;
        }
    }
    if (cpu->arming || cpu->ending) {
        cpu->counted_once = true;
        halt_to_trace(cpu, linear);
        return;
    }
    if (cpu->traces_blocks)
        cpu->client.enter(cpu->client.context, linear, size);
}

static void on_enter(uc_engine *uc, uint64_t linear, uint32_t size, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    if (cpu->has_exit)
        return;
    if (cpu->hushing || cpu->ending)
        halt_to_trace(cpu, linear);
    else
        cpu->client.enter(cpu->client.context, linear, size);
}

static enum bzc_status add_enter_hook(struct bzc_cpu *cpu, struct bzc_error *err)
{
    enum bzc_status status = hook(cpu, &cpu->enter_hook, UC_HOOK_BLOCK, (void *)on_enter, 1, 0, err);

    cpu->has_enter_hook = status == BZC_OK;
    return status;
}

enum bzc_status bzc_cpu_trace_blocks(struct bzc_cpu *cpu, struct bzc_error *err)
{
    cpu->traces_blocks = true;
    return cpu->client.block ? BZC_OK : add_enter_hook(cpu, err);
}

void bzc_cpu_quiet(struct bzc_cpu *cpu, const struct bzc_trace_range *block, size_t count)
{
    struct bzc_trace_range *quiet = cpu->has_enter_hook ? calloc(count + 1, sizeof(*quiet)) : NULL;

    if (!quiet)
        return;
    memcpy(quiet, block, count * sizeof(*quiet));
    free(cpu->quiet);
    cpu->quiet = quiet;
    cpu->quiet_count = count;
    cpu->hushing = true;
}

static bool may_run(struct bzc_cpu *cpu, uint64_t linear, uint64_t *phys)
{
    struct bzc_translation translation;

    if (!cpu->client.translate(cpu->client.context, linear & BZC_PAGE_MASK, BZC_ACCESS_FETCH, &translation))
        return false;
    *phys = translation.phys;
    return true;
}

/*
 * The engine decides when it translates a block whether it will call a hook. So the hook is taken away, which drops
 * what was translated with it, the blocks are translated, and the hook is set again for all others.
 */
static void hush(struct bzc_cpu *cpu)
{
    cpu->hushing = false;
    cpu->quieting = true;
    cpu->spoilt = false;
    uc_hook_del(cpu->uc, cpu->enter_hook);
    for (size_t i = 0; i < cpu->quiet_count && !cpu->spoilt; i++) {
        const struct bzc_trace_range *block = &cpu->quiet[i];
        uint64_t phys;
        uc_tb tb;

        if (!may_run(cpu, block->end - 1, &phys) || !may_run(cpu, block->start, &cpu->quiet_phys))
            continue;
        /* uc_ctl_request_cache() shifts a signed number too far */
        if (uc_ctl(cpu->uc, UC_CTL(UC_CTL_TB_REQUEST_CACHE, 2u, (unsigned)UC_CTL_IO_READ_WRITE), block->start, &tb) !=
            UC_ERR_OK)
            continue;
        cpu->translated += tb.icount;
    }
    cpu->quieting = false;
    if (cpu->spoilt) {
        uc_ctl_flush_tb(cpu->uc);
        uc_ctl_flush_tlb(cpu->uc);
        cpu->translated = 0;
    }
    add_enter_hook(cpu, NULL);
}

/* ---- instructions ---- */

static void on_insn(uc_engine *uc, uint64_t linear, uint32_t size, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    if (cpu->has_exit)
        return;
    cpu->insn_at = linear;
    cpu->client.insn(cpu->client.context, linear, size);
}

static bool is_traced(const struct bzc_cpu *cpu, uint64_t linear)
{
    for (size_t i = 0; i < cpu->insn_ranges; i++)
        if (linear >= cpu->insns[i].start && linear < cpu->insns[i].end)
            return true;
    return cpu->insn_ranges == 0;
}

/* Its own hook stops the engine, and when that is the older one, on_insn() is not called any more. */
void bzc_cpu_unicorn_tell_insn(struct bzc_cpu *cpu, uint64_t linear, uint32_t size)
{
    if (cpu->traces_insns && cpu->insn_at != linear && is_traced(cpu, linear))
        cpu->client.insn(cpu->client.context, linear, size);
    cpu->insn_at = UINT64_MAX;
}

static enum bzc_status add_insn_hooks(struct bzc_cpu *cpu, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;

    cpu->traces_insns = true;
    cpu->insn_at = UINT64_MAX;
    if (cpu->insn_ranges == 0)
        return trace_hook(cpu, UC_HOOK_CODE, (void *)on_insn, 1, 0, err);
    for (size_t i = 0; i < cpu->insn_ranges && status == BZC_OK; i++)
        status = trace_hook(cpu, UC_HOOK_CODE, (void *)on_insn, cpu->insns[i].start, cpu->insns[i].end - 1, err);
    return status;
}

static int by_start(const void *a, const void *b)
{
    const struct bzc_trace_range *left = a, *right = b;

    return (left->start > right->start) - (left->start < right->start);
}

enum bzc_status bzc_cpu_trace_insns(struct bzc_cpu *cpu, const struct bzc_trace_range *range, size_t count,
                                    struct bzc_error *err)
{
    struct bzc_trace_range sorted[BZC_TRACE_RANGES_MAX];
    size_t used = 0;

    if (count > BZC_TRACE_RANGES_MAX)
        return bzc_error_set(err, BZC_ERR_ENGINE, "too many ranges to trace");
    memcpy(sorted, range, count * sizeof(*range));
    qsort(sorted, count, sizeof(*sorted), by_start);
    for (size_t i = 0; i < count; i++) { /* without overlaps, or an instruction would be told twice */
        if (used > 0 && sorted[i].start <= cpu->insns[used - 1].end) {
            if (sorted[i].end > cpu->insns[used - 1].end)
                cpu->insns[used - 1].end = sorted[i].end;
        } else if (sorted[i].end > sorted[i].start) {
            cpu->insns[used++] = sorted[i];
        }
    }
    cpu->insn_ranges = used;
    if (count > 0 && used == 0)
        return BZC_OK;
    if (cpu->in_block) {
        cpu->arming = true;
        return BZC_OK;
    }
    return add_insn_hooks(cpu, err);
}

/* ---- writes ---- */

static void on_write(uc_engine *uc, uc_mem_type type, uint64_t phys, int size, int64_t value, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    (void)type;
    if (!cpu->has_exit)
        cpu->client.wrote(cpu->client.context, phys, (unsigned)size, (uint64_t)value);
}

enum bzc_status bzc_cpu_trace_writes(struct bzc_cpu *cpu, struct bzc_error *err)
{
    return trace_hook(cpu, UC_HOOK_MEM_WRITE, (void *)on_write, 1, 0, err);
}

/* ---- the end ---- */

void bzc_cpu_trace_end(struct bzc_cpu *cpu)
{
    cpu->ending = cpu->traces_blocks || cpu->traces_insns || cpu->trace_hooks > 0;
    cpu->arming = cpu->hushing = false;
}

/* What was translated with the hooks is dropped: the engine would call them still, or look for them. */
static void end_tracing(struct bzc_cpu *cpu)
{
    cpu->ending = cpu->traces_blocks = cpu->traces_insns = false;
    cpu->quieting = true; /* to take a hook away the engine looks up the pages of code that called it */
    for (size_t i = 0; i < cpu->trace_hooks; i++)
        uc_hook_del(cpu->uc, cpu->trace_hook[i]);
    if (cpu->has_enter_hook)
        uc_hook_del(cpu->uc, cpu->enter_hook);
    cpu->quieting = cpu->has_enter_hook = false;
    cpu->trace_hooks = 0;
    uc_ctl_flush_tb(cpu->uc);
    uc_ctl_flush_tlb(cpu->uc);
    cpu->translated = 0;
}

bool bzc_cpu_unicorn_traced(struct bzc_cpu *cpu)
{
    if (!cpu->trace_halts)
        return false;
    if (cpu->ending) {
        end_tracing(cpu);
        return true;
    }
    if (cpu->arming) {
        cpu->arming = false;
        uc_ctl_flush_tb(cpu->uc);
        cpu->translated = 0;
        add_insn_hooks(cpu, NULL);
        return true;
    }
    if (cpu->hushing) {
        hush(cpu);
        return true;
    }
    return false;
}
