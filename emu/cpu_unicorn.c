/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU interface on top of Unicorn. Only emu/cpu_unicorn* include Unicorn; what they rely on beyond Unicorn's
 * documentation is proved at every start (calibrate) and in tests/unit/test_unicorn_facts.c.
 */
#include "emu/cpu_unicorn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/*
 * Unicorn gives no access to the hidden parts of segment registers, and a write to CS on a 64-bit engine sets the
 * selector alone. Its CPU context is a copy of the emulator's own state, in which the six segment caches follow each
 * other after two words of derived flags. calibrate() finds them by their contents and refuses an engine where they are
 * not as described here.
 */
#define RAW_SEG_SIZE           24u /* selector u32, padding, base u64, limit u32, flags u32 */
#define RAW_HFLAGS_BEFORE_SEGS 8u

/*
 * The flags lie before the segments. Between runs one word holds all of them; when a run begins the engine takes the
 * arithmetic ones out into CC_SRC and the direction flag as a step, and puts them back when it ends. What a hook leaves
 * of them in that word during a run stays set for good: a guest's PUSHF would then see it.
 */
#define RAW_EFLAGS_BEFORE_SEGS 48u
#define RAW_CC_SRC_BEFORE_SEGS 32u
#define RAW_CC_OP_BEFORE_SEGS  16u
#define RAW_DF_BEFORE_SEGS     12u
#define RAW_CC_OP_EFLAGS       1u /* "the arithmetic flags are in CC_SRC" */
#define ARITHMETIC_FLAGS       (BZC_FLAG_CF | BZC_FLAG_PF | BZC_FLAG_AF | BZC_FLAG_ZF | BZC_FLAG_SF | BZC_FLAG_OF)

/*
 * Around the debug registers, found in the same way, lie what the engine knows of its last exception and the mark that
 * it has one under way. It takes that mark back only when it enters a handler by itself, which it never does here: left
 * alone, a guest's second exception would come as a double fault and the third not at all.
 */
#define RAW_ERROR_CODE_BEFORE_DRS 16u
#define RAW_IS_INT_BEFORE_DRS     12u
#define RAW_NEXT_IP_BEFORE_DRS    8u
#define RAW_UNDER_WAY_AFTER_DRS   96u
#define RAW_NOTHING_UNDER_WAY     0xffffffffu

/*
 * Space for translated code; Unicorn would take 1 GiB. When it is full, 2.1.1 crashes or hangs: so everything is
 * dropped before it can be, by an estimate of what an instruction takes at most on average. A whole boot of Linux
 * translates some ten thousand instructions.
 */
#define CODE_BUFFER_SIZE     (32u << 20)
#define CODE_PER_INSTRUCTION 512u
#define CODE_PER_RUN         64u /* instructions that one call may translate without on_translation() being told */

#define HF_CPL_MASK 3u
#define HF_CS32     (1u << 4)
#define HF_SS32     (1u << 5)
#define HF_ADDSEG   (1u << 6)
#define HF_LMA      (1u << 14)
#define HF_CS64     (1u << 15)

/*
 * LOOPE and LOOPNE leave wrong arithmetic flags when the count runs out: the engine's note of how to compute them is
 * not brought up to date on that path. A code hook on the instruction makes it do so before. Only real-mode code is
 * looked at: there these instructions are written by hand (Linux's own A20 test ends in one), while compilers emit
 * none.
 */
#define OPCODE_LOOPNE 0xe0
#define OPCODE_LOOPE  0xe1

/*
 * Instructions that the engine must not see. It has no hook for them, so they get code hooks, too.
 * RDTSC shows the host's clock: here it counts how often it is asked.
 * A write of DR7 that turns a breakpoint on makes 2.1.1 throw away the code that it is executing, and 2.1.4 hangs when
 * the breakpoint is met: hardware breakpoints do not exist here, the write is skipped.
 */
#define OPCODE_TWO_BYTES 0x0f
#define OPCODE_RDTSC     0x31
#define OPCODE_MOV_TO_DR 0x23
#define INSTRUCTION_MAX  15u
#define TSC_STEP         1000u /* ticks from one RDTSC to the next */

static const int gpr_ids[BZC_GPR_COUNT] = {
    UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP,
    UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
    UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15,
};

static enum bzc_status engine_error(struct bzc_error *err, const char *what, uc_err error)
{
    return bzc_error_set(err, BZC_ERR_ENGINE, "the CPU emulator failed: %s: %s", what, uc_strerror(error));
}

static uint64_t read_reg(struct bzc_cpu *cpu, int id)
{
    uint64_t value = 0;

    uc_reg_read(cpu->uc, id, &value);
    return value;
}

static uint64_t read_efer(struct bzc_cpu *cpu)
{
    uc_x86_msr msr = {.rid = 0xc0000080u};

    uc_reg_read(cpu->uc, UC_X86_REG_MSR, &msr);
    return msr.value;
}

/* Nothing to do: that a hook is there makes the engine bring its flags up to date. */
static void on_loop(uc_engine *uc, uint64_t linear, uint32_t size, void *user)
{
    (void)uc;
    (void)linear;
    (void)size;
    (void)user;
}

/* The host's copy of the byte at `phys` and of the rest of its page; NULL where nothing is mapped. */
static const uint8_t *host_memory(const struct bzc_cpu *cpu, uint64_t phys)
{
    for (size_t i = 0; i < cpu->mapping_count; i++)
        if (phys - cpu->mapping[i].phys < cpu->mapping[i].size)
            return cpu->mapping[i].host + (phys - cpu->mapping[i].phys);
    return NULL;
}

/* For code that runs, so that its pages have been asked for already. */
static bool read_code(struct bzc_cpu *cpu, uint64_t linear, uint8_t *code, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        struct bzc_translation translation;
        const uint8_t *byte;

        if (!cpu->client.translate(cpu->client.context, (linear + i) & BZC_PAGE_MASK, BZC_ACCESS_READ, &translation) ||
            !(byte = host_memory(cpu, translation.phys | ((linear + i) & ~BZC_PAGE_MASK))))
            return false;
        code[i] = *byte;
    }
    return true;
}

static bool is_prefix(uint8_t byte)
{
    static const uint8_t legacy[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};

    return (byte & 0xf0) == 0x40 /* REX */ || memchr(legacy, byte, sizeof(legacy)) != NULL;
}

/* DR5 is another name of DR7. */
static bool writes_dr7(uint8_t opcode, uint8_t modrm)
{
    return opcode == OPCODE_MOV_TO_DR && (modrm & 0x28) == 0x28;
}

static void on_kept_from_engine(uc_engine *uc, uint64_t linear, uint32_t size, void *user)
{
    struct bzc_cpu *cpu = user;
    uint8_t code[INSTRUCTION_MAX];
    uint32_t at = 0;

    if (cpu->has_exit || size < 2 || size > sizeof(code) || !read_code(cpu, linear, code, size))
        return;
    while (at < size - 2 && is_prefix(code[at]))
        at++;
    if (code[at] != OPCODE_TWO_BYTES)
        return;
    if (code[at + 1] == OPCODE_RDTSC) {
        uint64_t low = (uint32_t)cpu->tsc, high = cpu->tsc >> 32;

        bzc_cpu_unicorn_tell_insn(cpu, linear, size);
        cpu->tsc += TSC_STEP;
        uc_reg_write(uc, UC_X86_REG_RAX, &low);
        uc_reg_write(uc, UC_X86_REG_RDX, &high);
        cpu->step_over = size;
        uc_emu_stop(uc);
    } else if (at + 2 < size && writes_dr7(code[at + 1], code[at + 2])) {
        bzc_cpu_unicorn_tell_insn(cpu, linear, size);
        cpu->step_over = size;
        uc_emu_stop(uc);
    }
}

/* Once for each address; what does not fit any more goes without. */
static void hook_code(struct bzc_cpu *cpu, uint64_t linear, void (*callback)(uc_engine *, uint64_t, uint32_t, void *))
{
    size_t slot = (size_t)(linear * 0x9e3779b97f4a7c15ull >> 32) % CODE_HOOK_SLOTS;
    uc_hook handle;

    while (cpu->code_hook[slot] != 0) {
        if (cpu->code_hook[slot] == linear + 1)
            return;
        slot = (slot + 1) % CODE_HOOK_SLOTS;
    }
    if (cpu->code_hook_count < CODE_HOOKS_MAX &&
        uc_hook_add(cpu->uc, &handle, UC_HOOK_CODE, (void *)callback, cpu, linear, linear) == UC_ERR_OK) {
        cpu->code_hook[slot] = linear + 1;
        cpu->code_hook_count++;
    }
}

/* Hooks whatever may be a LOOPE or LOOPNE that jumps back. */
static void hook_loops(struct bzc_cpu *cpu, uint64_t linear, const uint8_t *page)
{
    for (unsigned at = 0; at < BZC_PAGE_SIZE; at++)
        if ((page[at] == OPCODE_LOOPE || page[at] == OPCODE_LOOPNE) &&
            (at + 1 == BZC_PAGE_SIZE || page[at + 1] >= 0x80))
            hook_code(cpu, linear + at, on_loop);
}

/* Hooks whatever may be an instruction that the engine must not see, with and without its prefixes. */
static void hook_kept_from_engine(struct bzc_cpu *cpu, uint64_t linear, const uint8_t *page)
{
    const uint8_t *end = page + BZC_PAGE_SIZE, *found = page;

    while ((found = memchr(found, OPCODE_TWO_BYTES, (size_t)(end - found))) != NULL) {
        size_t left = (size_t)(end - found);
        const uint8_t *start = found++;

        if (left >= 2 && start[1] != OPCODE_RDTSC && start[1] != OPCODE_MOV_TO_DR)
            continue;
        if (left >= 3 && start[1] == OPCODE_MOV_TO_DR && !writes_dr7(start[1], start[2]))
            continue;
        hook_code(cpu, linear + (uint64_t)(start - page), on_kept_from_engine);
        for (unsigned i = 1; i < INSTRUCTION_MAX - 1 && start > page && is_prefix(start[-1]); i++)
            hook_code(cpu, linear + (uint64_t)(--start - page), on_kept_from_engine);
    }
}

/* A page of code is about to be translated. */
static void hook_page(struct bzc_cpu *cpu, uint64_t linear, uint64_t phys)
{
    const uint8_t *page = host_memory(cpu, phys);

    if (!page)
        return;
    hook_kept_from_engine(cpu, linear, page);
    if (!(read_reg(cpu, UC_X86_REG_CR0) & BZC_CR0_PE))
        hook_loops(cpu, linear, page);
}

static bool on_tlb_fill(uc_engine *uc, uint64_t linear, uc_mem_type type, uc_tlb_entry *result, void *user)
{
    struct bzc_cpu *cpu = user;
    struct bzc_translation translation;
    enum bzc_access access = BZC_ACCESS_READ;

    (void)uc;
    if (type == UC_MEM_WRITE)
        access = BZC_ACCESS_WRITE;
    else if (type == UC_MEM_FETCH)
        access = BZC_ACCESS_FETCH;
    if (cpu->forgetting) {
        /* Unicorn looks up the physical page of code that bzc_cpu_forget_code() names. */
        if (linear != cpu->forget_linear || access != BZC_ACCESS_FETCH)
            return false;
        result->paddr = cpu->forget_phys;
        result->perms = UC_PROT_READ | UC_PROT_EXEC;
        return true;
    }
    if (cpu->quieting) {
        bool known = access == BZC_ACCESS_FETCH &&
                     cpu->client.translate(cpu->client.context, linear, access, &translation) && translation.execute;

        cpu->spoilt = cpu->spoilt || !known;
        result->paddr = known ? translation.phys : cpu->quiet_phys;
        result->perms = UC_PROT_READ | UC_PROT_EXEC;
        return true;
    }
    /* The first refusal is the cause: whatever is asked after it does not count. */
    if (cpu->has_exit)
        return false;
    if (!cpu->client.translate(cpu->client.context, linear, access, &translation) || cpu->has_exit) {
        if (!cpu->has_exit) {
            cpu->exit = (struct bzc_cpu_exit){.kind = BZC_EXIT_REFUSED, .linear = linear, .access = access};
            cpu->has_exit = true;
        }
        return false;
    }
    if (access == BZC_ACCESS_FETCH)
        hook_page(cpu, linear, translation.phys);
    result->paddr = translation.phys;
    result->perms = (translation.read ? UC_PROT_READ : 0) | (translation.write ? UC_PROT_WRITE : 0) |
                    (translation.execute ? UC_PROT_EXEC : 0);
    return true;
}

static const uint8_t *raw(const struct bzc_cpu *cpu)
{
    return (const uint8_t *)cpu->context;
}

/* What the engine says of the exception that it reports. It tells INT n from an exception nowhere else. */
struct raw_exception {
    bool is_int;
    uint32_t error_code;
    uint64_t next_ip; /* behind INT n */
};

static struct raw_exception read_exception(struct bzc_cpu *cpu)
{
    const uint8_t *drs = raw(cpu) + cpu->drs_offset;

    if (uc_context_save(cpu->uc, cpu->context) != UC_ERR_OK)
        return (struct raw_exception){false, 0, 0};
    return (struct raw_exception){.is_int = bzc_load32(drs - RAW_IS_INT_BEFORE_DRS) != 0,
                                  .error_code = bzc_load32(drs - RAW_ERROR_CODE_BEFORE_DRS),
                                  .next_ip = bzc_load64(drs - RAW_NEXT_IP_BEFORE_DRS)};
}

static void on_interrupt(uc_engine *uc, uint32_t vector, void *user)
{
    struct bzc_cpu *cpu = user;

    if (!cpu->has_exit) {
        struct raw_exception exception = read_exception(cpu);

        cpu->exit = (struct bzc_cpu_exit){.kind = exception.is_int ? BZC_EXIT_SOFT_INT : BZC_EXIT_EXCEPTION,
                                          .vector = (uint8_t)vector,
                                          .error_code = exception.is_int ? 0 : exception.error_code};
        cpu->has_exit = true;
    }
    uc_emu_stop(uc);
}

/* Unicorn reports vector 6 here, whether #UD or INT 6. */
static bool on_invalid(uc_engine *uc, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    if (!cpu->has_exit) {
        struct raw_exception exception = read_exception(cpu);

        cpu->exit = (struct bzc_cpu_exit){.kind = exception.is_int ? BZC_EXIT_SOFT_INT : BZC_EXIT_INVALID, .vector = 6};
        cpu->has_exit = true;
        cpu->skips = exception.is_int;
        cpu->next_ip = exception.next_ip;
    }
    return false;
}

static uint32_t on_in(uc_engine *uc, uint32_t port, int size, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    return cpu->client.in(cpu->client.context, (uint16_t)port, (unsigned)size);
}

static void on_out(uc_engine *uc, uint32_t port, int size, uint32_t value, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    cpu->client.out(cpu->client.context, (uint16_t)port, (unsigned)size, value);
}

static int on_cpuid(uc_engine *uc, void *user)
{
    static const int ids[4] = {UC_X86_REG_RAX, UC_X86_REG_RBX, UC_X86_REG_RCX, UC_X86_REG_RDX};
    struct bzc_cpu *cpu = user;
    uint32_t result[4];

    cpu->client.cpuid(cpu->client.context, (uint32_t)read_reg(cpu, UC_X86_REG_RAX),
                      (uint32_t)read_reg(cpu, UC_X86_REG_RCX), result);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t value = result[i];

        uc_reg_write(uc, ids[i], &value);
    }
    return 1;
}

/* Called between two blocks when one has been translated that was entered from another. */
static void on_translation(uc_engine *uc, uc_tb *block, uc_tb *previous, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)previous;
    cpu->translated += block->icount;
    cpu->translations += block->icount;
    if (cpu->translated < CODE_BUFFER_SIZE / CODE_PER_INSTRUCTION || cpu->full)
        return;
    cpu->full = true;
    uc_emu_stop(uc);
}

static void on_guarded_block(uc_engine *uc, uint64_t linear, uint32_t size, void *user)
{
    struct bzc_cpu *cpu = user;

    (void)uc;
    if (cpu->has_exit || cpu->client.guard(cpu->client.context, linear, size))
        return;
    cpu->exit =
        (struct bzc_cpu_exit){.kind = BZC_EXIT_REFUSED, .linear = linear & BZC_PAGE_MASK, .access = BZC_ACCESS_FETCH};
    cpu->has_exit = true;
    bzc_cpu_unicorn_halt_at(cpu, linear);
}

/* ---- raw state ---- */

static bool looks_like_segs(const uint8_t *p, const uint16_t selectors[BZC_SEG_COUNT])
{
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++, p += RAW_SEG_SIZE) {
        if (i == BZC_CS) /* cannot be set on the scratch engine: only its limit and type are known */
            continue;
        if (bzc_load32(p) != selectors[i] || bzc_load64(p + 8) != (uint64_t)selectors[i] * 16)
            return false;
    }
    return true;
}

static void store_flags(uint8_t *segs, uint64_t rflags)
{
    bzc_store64(segs - RAW_EFLAGS_BEFORE_SEGS, rflags | 2);
    bzc_store64(segs - RAW_CC_SRC_BEFORE_SEGS, rflags & ARITHMETIC_FLAGS);
    bzc_store32(segs - RAW_CC_OP_BEFORE_SEGS, RAW_CC_OP_EFLAGS);
    bzc_store32(segs - RAW_DF_BEFORE_SEGS, rflags & BZC_FLAG_DF ? 0xffffffffu : 1);
}

/* Whether the engine's own write of all the flags in question is found where store_flags() puts them. */
static bool flags_lie_there(const uint8_t *segs)
{
    return (bzc_load64(segs - RAW_EFLAGS_BEFORE_SEGS) & BZC_FLAG_IF) &&
           bzc_load64(segs - RAW_CC_SRC_BEFORE_SEGS) == ARITHMETIC_FLAGS &&
           bzc_load32(segs - RAW_CC_OP_BEFORE_SEGS) == RAW_CC_OP_EFLAGS &&
           bzc_load32(segs - RAW_DF_BEFORE_SEGS) == 0xffffffffu;
}

static bool looks_like_drs(const uint8_t *p, const uint32_t values[4])
{
    for (unsigned i = 0; i < 4; i++)
        if (bzc_load64(p + 8 * i) != values[i])
            return false;
    return bzc_load32(p + RAW_UNDER_WAY_AFTER_DRS) == RAW_NOTHING_UNDER_WAY;
}

/* Finds the debug registers in the saved state and clears them there. */
static bool find_drs(struct bzc_cpu *cpu, const uint32_t values[4])
{
    size_t matches = 0;

    for (size_t at = RAW_ERROR_CODE_BEFORE_DRS; at + RAW_UNDER_WAY_AFTER_DRS + 4 <= cpu->context_size; at += 4) {
        if (looks_like_drs(raw(cpu) + at, values)) {
            cpu->drs_offset = at;
            matches++;
        }
    }
    if (matches == 1)
        memset((uint8_t *)cpu->context + cpu->drs_offset, 0, 4 * sizeof(uint64_t));
    return matches == 1;
}

/*
 * Puts the main engine into real mode by way of a 16-bit scratch engine's state, and learns on the way where the
 * segment caches lie: the scratch engine's real-mode semantics give every selector a base that can be recognised.
 */
static enum bzc_status calibrate(struct bzc_cpu *cpu, uc_engine *scratch, struct bzc_error *err)
{
    static const uint16_t selectors[BZC_SEG_COUNT] = {0x1a11, 0, 0x1c33, 0x1d44, 0x1e55, 0x1f66};
    static const int ids[BZC_SEG_COUNT] = {UC_X86_REG_ES, UC_X86_REG_CS, UC_X86_REG_SS,
                                           UC_X86_REG_DS, UC_X86_REG_FS, UC_X86_REG_GS};
    static const uint32_t drs[4] = {0x0d00aa11, 0x0d11bb22, 0x0d22cc33, 0x0d33dd44};
    static const int dr_ids[4] = {UC_X86_REG_DR0, UC_X86_REG_DR1, UC_X86_REG_DR2, UC_X86_REG_DR3};
    static const uint32_t flags = ARITHMETIC_FLAGS | BZC_FLAG_DF | BZC_FLAG_IF | 2;
    size_t scratch_size = uc_context_size(scratch);
    size_t found = 0, matches = 0;
    uc_err error;

    if (scratch_size != cpu->context_size)
        return bzc_error_set(err, BZC_ERR_ENGINE, "this Unicorn keeps 16-bit and 64-bit CPU states of different size");
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        if (i != BZC_CS && (error = uc_reg_write(scratch, ids[i], &selectors[i])))
            return engine_error(err, "segment register", error);
    for (unsigned i = 0; i < 4; i++)
        if ((error = uc_reg_write(scratch, dr_ids[i], &drs[i])))
            return engine_error(err, "debug register", error);
    if ((error = uc_reg_write(scratch, UC_X86_REG_EFLAGS, &flags)))
        return engine_error(err, "flags", error);
    if ((error = uc_context_save(scratch, cpu->context)))
        return engine_error(err, "saving the state", error);
    for (size_t at = RAW_EFLAGS_BEFORE_SEGS; at + 6 * RAW_SEG_SIZE <= cpu->context_size; at += 4) {
        if (looks_like_segs(raw(cpu) + at, selectors)) {
            found = at;
            matches++;
        }
    }
    if (matches != 1)
        return bzc_error_set(err, BZC_ERR_ENGINE, "this Unicorn (%s) keeps its segment registers in an unknown way",
                             bzc_cpu_engine());
    cpu->segs_offset = found;
    if (bzc_load32(raw(cpu) + found - RAW_HFLAGS_BEFORE_SEGS) & (HF_LMA | HF_CS64 | HF_CS32))
        return bzc_error_set(err, BZC_ERR_ENGINE, "this Unicorn (%s) keeps its mode flags in an unknown way",
                             bzc_cpu_engine());
    if (!flags_lie_there(raw(cpu) + found))
        return bzc_error_set(err, BZC_ERR_ENGINE, "this Unicorn (%s) keeps its flags in an unknown way",
                             bzc_cpu_engine());
    store_flags((uint8_t *)cpu->context + found, 2);
    if (!find_drs(cpu, drs))
        return bzc_error_set(err, BZC_ERR_ENGINE, "this Unicorn (%s) keeps its debug registers in an unknown way",
                             bzc_cpu_engine());
    if ((error = uc_context_restore(cpu->uc, cpu->context)))
        return engine_error(err, "entering real mode", error);
    return BZC_OK;
}

static enum bzc_status add_hooks(struct bzc_cpu *cpu, struct bzc_error *err)
{
    const struct {
        int type;
        void *callback;
        int instruction;
    } hooks[] = {
        {UC_HOOK_TLB_FILL, (void *)on_tlb_fill, 0},          {UC_HOOK_INTR, (void *)on_interrupt, 0},
        {UC_HOOK_INSN_INVALID, (void *)on_invalid, 0},       {UC_HOOK_INSN, (void *)on_in, UC_X86_INS_IN},
        {UC_HOOK_INSN, (void *)on_out, UC_X86_INS_OUT},      {UC_HOOK_INSN, (void *)on_cpuid, UC_X86_INS_CPUID},
        {UC_HOOK_EDGE_GENERATED, (void *)on_translation, 0}, {UC_HOOK_BLOCK, (void *)bzc_cpu_unicorn_on_block, 0},
    };

    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        uc_hook handle;
        uc_err error;

        if (hooks[i].type == UC_HOOK_BLOCK && !cpu->client.block)
            continue;
        /* begin > end: everywhere */
        error = uc_hook_add(cpu->uc, &handle, hooks[i].type, hooks[i].callback, cpu, (uint64_t)1, (uint64_t)0,
                            hooks[i].instruction);
        if (error)
            return engine_error(err, "hook", error);
    }
    return BZC_OK;
}

enum bzc_status bzc_cpu_new(const struct bzc_cpu_client *client, struct bzc_cpu **out, struct bzc_error *err)
{
    struct bzc_cpu *cpu = calloc(1, sizeof(*cpu));
    uc_engine *scratch = NULL;
    enum bzc_status status;
    uc_err error;

    *out = NULL;
    if (!cpu)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the CPU");
    cpu->client = *client;
    status = BZC_OK;
    /* The model decides which instructions there are, and Unicorn's default for it differs between versions. */
    if ((error = uc_open(UC_ARCH_X86, UC_MODE_64, &cpu->uc)) ||
        (error = uc_ctl_set_tcg_buffer_size(cpu->uc, CODE_BUFFER_SIZE)) ||
        (error = uc_open(UC_ARCH_X86, UC_MODE_16, &scratch)) ||
        (error = uc_ctl_set_cpu_model(cpu->uc, UC_CPU_X86_QEMU64)) ||
        (error = uc_ctl_set_cpu_model(scratch, UC_CPU_X86_QEMU64)) ||
        (error = uc_ctl_tlb_mode(cpu->uc, UC_TLB_VIRTUAL)) || (error = uc_ctl_exits_enable(cpu->uc)) ||

        (error = uc_context_alloc(cpu->uc, &cpu->context)))
        status = engine_error(err, "start", error);
    if (status == BZC_OK) {
        cpu->context_size = uc_context_size(cpu->uc);
        cpu->mark = malloc(cpu->context_size);
        if (!cpu->mark)
            status = bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the CPU");
    }
    if (status == BZC_OK)
        status = calibrate(cpu, scratch, err);
    if (status == BZC_OK)
        status = add_hooks(cpu, err);
    if (scratch)
        uc_close(scratch);
    if (status != BZC_OK) {
        bzc_cpu_free(cpu);
        return status;
    }
    *out = cpu;
    return BZC_OK;
}

void bzc_cpu_free(struct bzc_cpu *cpu)
{
    if (!cpu)
        return;
    if (cpu->context)
        uc_context_free(cpu->context);
    free(cpu->mark);
    free(cpu->quiet);
    if (cpu->uc)
        uc_close(cpu->uc);
    free(cpu);
}

enum bzc_status bzc_cpu_map(struct bzc_cpu *cpu, uint64_t phys, uint64_t size, void *host, bool executable,
                            struct bzc_error *err)
{
    uc_err error = uc_mem_map_ptr(cpu->uc, phys, size, executable ? UC_PROT_ALL : UC_PROT_READ | UC_PROT_WRITE, host);

    if (cpu->mapping_count < MAPPINGS_MAX)
        cpu->mapping[cpu->mapping_count++] = (struct mapping){phys, size, host};
    return error ? engine_error(err, "mapping memory", error) : BZC_OK;
}

static struct bzc_segment load_segment(const uint8_t *p)
{
    uint32_t flags = bzc_load32(p + 20);

    return (struct bzc_segment){.selector = (uint16_t)bzc_load32(p),
                                .base = bzc_load64(p + 8),
                                .limit = bzc_load32(p + 16),
                                .access = (uint16_t)((flags >> 8) & 0xf0ff)};
}

enum bzc_status bzc_cpu_get(struct bzc_cpu *cpu, struct bzc_regs *regs, struct bzc_error *err)
{
    uc_x86_mmr table;
    uc_err error = uc_context_save(cpu->uc, cpu->context);

    if (error)
        return engine_error(err, "reading the state", error);
    memset(regs, 0, sizeof(*regs));
    for (unsigned i = 0; i < BZC_GPR_COUNT; i++)
        regs->gpr[i] = read_reg(cpu, gpr_ids[i]);
    regs->rip = read_reg(cpu, UC_X86_REG_RIP);
    regs->rflags = read_reg(cpu, UC_X86_REG_RFLAGS);
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        regs->seg[i] = load_segment(raw(cpu) + cpu->segs_offset + i * RAW_SEG_SIZE);
    uc_reg_read(cpu->uc, UC_X86_REG_GDTR, &table);
    regs->gdtr = (struct bzc_table){.base = table.base, .limit = (uint16_t)table.limit};
    uc_reg_read(cpu->uc, UC_X86_REG_IDTR, &table);
    regs->idtr = (struct bzc_table){.base = table.base, .limit = (uint16_t)table.limit};
    regs->cr0 = read_reg(cpu, UC_X86_REG_CR0);
    regs->cr2 = read_reg(cpu, UC_X86_REG_CR2);
    regs->cr3 = read_reg(cpu, UC_X86_REG_CR3);
    regs->cr4 = read_reg(cpu, UC_X86_REG_CR4);
    regs->efer = read_efer(cpu);
    return BZC_OK;
}

/* The engine's derived flags for a set of segments, as its own segment loads would leave them. */
static uint32_t derive_hflags(uint32_t hflags, const struct bzc_regs *regs)
{
    const struct bzc_segment *cs = &regs->seg[BZC_CS], *ss = &regs->seg[BZC_SS];

    hflags &= ~(HF_CS32 | HF_SS32 | HF_ADDSEG | HF_CS64 | HF_CPL_MASK);
    if (regs->cr0 & BZC_CR0_PE)
        hflags |= (ss->access >> 5) & HF_CPL_MASK;
    if ((hflags & HF_LMA) && (cs->access & BZC_SEG_L))
        return hflags | HF_CS32 | HF_SS32 | HF_CS64;
    if (cs->access & BZC_SEG_DB)
        hflags |= HF_CS32;
    if (ss->access & BZC_SEG_DB)
        hflags |= HF_SS32;
    if (!(regs->cr0 & BZC_CR0_PE) || !(hflags & HF_CS32) ||
        (regs->seg[BZC_DS].base | regs->seg[BZC_ES].base | ss->base) != 0)
        hflags |= HF_ADDSEG;
    return hflags;
}

void bzc_cpu_set_tsc(struct bzc_cpu *cpu, uint64_t ticks)
{
    cpu->tsc = ticks;
}

enum bzc_status bzc_cpu_set(struct bzc_cpu *cpu, const struct bzc_regs *regs, struct bzc_error *err)
{
    uint8_t *state = (uint8_t *)cpu->context;
    uint8_t *hflags = state + cpu->segs_offset - RAW_HFLAGS_BEFORE_SEGS;
    uc_x86_mmr table = {0};
    uc_err error = uc_context_save(cpu->uc, cpu->context);

    if (error)
        return engine_error(err, "reading the state", error);
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++) {
        const struct bzc_segment *segment = &regs->seg[i];
        uint8_t *p = state + cpu->segs_offset + i * RAW_SEG_SIZE;

        bzc_store32(p, segment->selector);
        bzc_store64(p + 8, segment->base);
        bzc_store32(p + 16, segment->limit);
        bzc_store32(p + 20, (uint32_t)segment->access << 8);
    }
    bzc_store32(hflags, derive_hflags(bzc_load32(hflags), regs));
    store_flags(state + cpu->segs_offset, regs->rflags);
    bzc_store32(state + cpu->drs_offset + RAW_UNDER_WAY_AFTER_DRS, RAW_NOTHING_UNDER_WAY);
    if ((error = uc_context_restore(cpu->uc, cpu->context)))
        return engine_error(err, "writing the state", error);
    for (unsigned i = 0; i < BZC_GPR_COUNT; i++)
        uc_reg_write(cpu->uc, gpr_ids[i], &regs->gpr[i]);
    uc_reg_write(cpu->uc, UC_X86_REG_RIP, &regs->rip);
    if (regs->cr2 != read_reg(cpu, UC_X86_REG_CR2)) {
        uint64_t cr3 = read_reg(cpu, UC_X86_REG_CR3);

        uc_reg_write(cpu->uc, UC_X86_REG_CR2, &regs->cr2);
        uc_reg_write(cpu->uc, UC_X86_REG_CR3, &cr3); /* 2.1.1 loads CR3 with the value for CR2 too */
    }
    table.base = regs->gdtr.base;
    table.limit = regs->gdtr.limit;
    uc_reg_write(cpu->uc, UC_X86_REG_GDTR, &table);
    table.base = regs->idtr.base;
    table.limit = regs->idtr.limit;
    uc_reg_write(cpu->uc, UC_X86_REG_IDTR, &table);
    return BZC_OK;
}

void bzc_cpu_paging(struct bzc_cpu *cpu, struct bzc_paging_regs *regs)
{
    memset(regs, 0, sizeof(*regs));
    regs->cr0 = read_reg(cpu, UC_X86_REG_CR0);
    if (!(regs->cr0 & BZC_CR0_PG))
        return;
    regs->cr3 = read_reg(cpu, UC_X86_REG_CR3);
    regs->cr4 = read_reg(cpu, UC_X86_REG_CR4);
    regs->efer = read_efer(cpu);
    regs->user = (read_reg(cpu, UC_X86_REG_CS) & 3) == 3;
}

enum bzc_status bzc_cpu_run(struct bzc_cpu *cpu, struct bzc_cpu_exit *exit, struct bzc_error *err)
{
    bool traced;
    uc_err error;

    cpu->has_exit = false;
    cpu->skips = false;
    if (atomic_exchange(&cpu->kicked, false)) {
        *exit = (struct bzc_cpu_exit){.kind = BZC_EXIT_KICKED};
        return BZC_OK;
    }
    do {
        if (cpu->full || cpu->translated >= CODE_BUFFER_SIZE / CODE_PER_INSTRUCTION) {
            uc_ctl_flush_tb(cpu->uc);
            cpu->full = false;
            cpu->translated = 0;
        }
        cpu->translated += CODE_PER_RUN;
        cpu->step_over = 0;
        traced = false;
        cpu->trace_halts = false;
        error = uc_emu_start(cpu->uc, read_reg(cpu, UC_X86_REG_RIP), 0, 0, 0);
        if (cpu->step_over) {
            uint64_t next_ip = read_reg(cpu, UC_X86_REG_RIP) + cpu->step_over;

            uc_reg_write(cpu->uc, UC_X86_REG_RIP, &next_ip);
            cpu->translations++; /* of those that take as long */
            if (cpu->client.stepped) {
                uint64_t to = bzc_cpu_linear_ip(cpu);

                cpu->client.stepped(cpu->client.context, to - cpu->step_over, to);
            }
        }
        if (!cpu->has_exit)
            traced = bzc_cpu_unicorn_traced(cpu);
    } while ((cpu->full || cpu->step_over || traced) && !cpu->has_exit && !error && !atomic_load(&cpu->kicked));
    if (cpu->skips)
        uc_reg_write(cpu->uc, UC_X86_REG_RIP, &cpu->next_ip);
    if (cpu->has_exit) {
        *exit = cpu->exit;
        return BZC_OK;
    }
    if (atomic_exchange(&cpu->kicked, false)) {
        *exit = (struct bzc_cpu_exit){.kind = BZC_EXIT_KICKED};
        return BZC_OK;
    }
    if (error)
        return engine_error(err, "execution", error);
    *exit = (struct bzc_cpu_exit){.kind = BZC_EXIT_HALT};
    return BZC_OK;
}

void bzc_cpu_kick(struct bzc_cpu *cpu)
{
    atomic_store(&cpu->kicked, true);
    uc_emu_stop(cpu->uc);
}

void bzc_cpu_stop(struct bzc_cpu *cpu)
{
    if (!cpu->has_exit) {
        cpu->exit = (struct bzc_cpu_exit){.kind = BZC_EXIT_KICKED};
        cpu->has_exit = true;
    }
    /*
     * Unicorn stops at the end of the block or behind a memory access, and there it can leave IP where it was long ago.
     * With no translation left the access asks for one before it is made, and that refusal leaves the state exact.
     */
    uc_ctl_flush_tlb(cpu->uc);
    uc_emu_stop(cpu->uc);
}

void bzc_cpu_flush(struct bzc_cpu *cpu)
{
    uc_ctl_flush_tlb(cpu->uc);
}

uint64_t bzc_cpu_translations(const struct bzc_cpu *cpu)
{
    return cpu->translations;
}

void bzc_cpu_forget_code(struct bzc_cpu *cpu, uint64_t linear, uint64_t phys, uint64_t offset, uint64_t size)
{
    cpu->forgetting = true;
    cpu->forget_linear = linear;
    cpu->forget_phys = phys;
    uc_ctl_remove_cache(cpu->uc, linear + offset, linear + offset + size);
    cpu->forgetting = false;
}

bool bzc_cpu_guard(struct bzc_cpu *cpu, uint64_t linear)
{
    uc_hook handle;

    return uc_hook_add(cpu->uc, &handle, UC_HOOK_BLOCK, (void *)on_guarded_block, cpu, linear,
                       linear + BZC_PAGE_SIZE - 1) == UC_ERR_OK;
}

unsigned bzc_cpu_bits(struct bzc_cpu *cpu)
{
    struct bzc_regs regs = {0};

    if (uc_context_save(cpu->uc, cpu->context) != UC_ERR_OK)
        return 0;
    regs.cr0 = read_reg(cpu, UC_X86_REG_CR0);
    regs.efer = read_efer(cpu);
    regs.seg[BZC_CS] = load_segment(raw(cpu) + cpu->segs_offset + BZC_CS * RAW_SEG_SIZE);
    return bzc_mode_bits(bzc_regs_mode(&regs));
}

uint64_t bzc_cpu_linear_ip(struct bzc_cpu *cpu)
{
    struct bzc_regs regs;

    return bzc_cpu_get(cpu, &regs, NULL) == BZC_OK ? bzc_regs_linear_ip(&regs) : 0;
}

void bzc_cpu_mark(struct bzc_cpu *cpu)
{
    cpu->has_mark = uc_context_save(cpu->uc, cpu->context) == UC_ERR_OK;
    cpu->mark_tsc = cpu->tsc;
    if (cpu->has_mark)
        memcpy(cpu->mark, cpu->context, cpu->context_size);
}

bool bzc_cpu_at_mark(struct bzc_cpu *cpu)
{
    return cpu->has_mark && cpu->tsc == cpu->mark_tsc && uc_context_save(cpu->uc, cpu->context) == UC_ERR_OK &&
           memcmp(cpu->context, cpu->mark, cpu->context_size) == 0;
}

const char *bzc_cpu_engine(void)
{
    static _Thread_local char name[sizeof("Unicorn 255.255.255")];
    unsigned major, minor;
    unsigned patch = uc_version(&major, &minor) >> 8 & 0xffu;

    snprintf(name, sizeof(name), "Unicorn %u.%u.%u", major & 0xffu, minor & 0xffu, patch);
    return name;
}
