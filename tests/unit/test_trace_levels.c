/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each level of tracing tells of small guests: their instructions, jumps, registers and writes are worked out by
 * hand from the listings below (Intel SDM 2, the instructions' "Operation" and "Flags Affected").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "emu/machine.h"

#define CODE      0x10000u /* where programs are loaded; CS = DS = 0x1000 */
#define SECOND    0x12000u /* a page of code of its own: cli; hlt */
#define BIOS_DATA 0x9f000u /* from here on the BIOS has written */
#define TABLES    0x60000u /* page tables: PML4, PDPT, PD with the first 2 MiB 1:1 */
#define ALL       (BZC_FLAG_CF | BZC_FLAG_PF | BZC_FLAG_AF | BZC_FLAG_ZF | BZC_FLAG_SF | BZC_FLAG_OF)
#define NO_AF     (ALL & ~BZC_FLAG_AF) /* behind logic instructions AF is undefined */

/*
 * 10000 cli; mov $0x7f,%al; add $1,%al
 * 10005 lgdtl %cs:0x100; mov %cr0,%eax; or $1,%al; mov %eax,%cr0
 * 10014 ljmpl $8,$0x10020
 * 10020 mov $0x10,%eax; mov %eax,%ds; mov %eax,%ss; mov $0x18000,%esp; mov $5,%ebx
 * 10033 cmp $7,%ebx; jb 1f; hlt
 * 10039 1: push %ebx; movl $0x11223344,0x14000
 * 10044 mov %cr4,%eax; or $0x20,%al; mov %eax,%cr4; mov $0x60000,%eax; mov %eax,%cr3
 * 10054 mov $0xc0000080,%ecx; rdmsr; or $0x100,%eax; wrmsr
 * 10062 mov %cr0,%eax; or $0x80000000,%eax; mov %eax,%cr0; ljmp $0x18,$0x100a0
 * 100a0 movabs $0x123456789abcdef0,%r9; xor %eax,%eax; rdtsc; test %eax,%eax; call 2f
 * 100b5 hlt
 * 100b6 2: movb $0x5a,0x14004; mov $2,%ecx
 * 100c3 3: dec %ecx; jnz 3b; ret
 * 10100 gdtr: limit 0x1f, base 0x10108; 8: code 32, 0x10: data 32, 0x18: code 64
 */
static const uint8_t modes[] = {
    0xfa, 0xb0, 0x7f, 0x04, 0x01, 0x2e, 0x66, 0x0f, 0x01, 0x16, 0x00, 0x01, 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22,
    0xc0, 0x66, 0xea, 0x20, 0x00, 0x01, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0xb8, 0x10, 0x00, 0x00, 0x00, 0x8e,
    0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x80, 0x01, 0x00, 0xbb, 0x05, 0x00, 0x00, 0x00, 0x83, 0xfb, 0x07, 0x72, 0x01, 0xf4,
    0x53, 0xc7, 0x05, 0x00, 0x40, 0x01, 0x00, 0x44, 0x33, 0x22, 0x11, 0x0f, 0x20, 0xe0, 0x0c, 0x20, 0x0f, 0x22, 0xe0,
    0xb8, 0x00, 0x00, 0x06, 0x00, 0x0f, 0x22, 0xd8, 0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32, 0x0d, 0x00, 0x01, 0x00,
    0x00, 0x0f, 0x30, 0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, 0xea, 0xa0, 0x00, 0x01, 0x00,
    0x18, 0x00, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0x49, 0xb9, 0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12, 0x31,
    0xc0, 0x0f, 0x31, 0x85, 0xc0, 0xe8, 0x01, 0x00, 0x00, 0x00, 0xf4, 0xc6, 0x04, 0x25, 0x04, 0x40, 0x01, 0x00, 0x5a,
    0xb9, 0x02, 0x00, 0x00, 0x00, 0xff, 0xc9, 0x75, 0xfc, 0xc3};

/*
 * 10000 cli; lgdtl %cs:0x100; CR0 |= PE; 10010 ljmpl $8,$0x10020
 * 10020 mov $20000,%ecx
 * 10025 1: dec %ecx; 10026 jz 2f; test $1,%cl; 1002b jz 3f; 1002d nop
 * 1002e 3: jmp 1b
 * 10030 2: mov $0x12000,%eax; 10035 jmp *%eax
 */
static const uint8_t hot[] = {0xfa, 0x2e, 0x66, 0x0f, 0x01, 0x16, 0x00, 0x01, 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f,
                              0x22, 0xc0, 0x66, 0xea, 0x20, 0x00, 0x01, 0x00, 0x08, 0x00, 0,    0,    0,    0,
                              0,    0,    0,    0,    0xb9, 0x20, 0x4e, 0x00, 0x00, 0x49, 0x74, 0x08, 0xf6, 0xc1,
                              0x01, 0x74, 0x01, 0x90, 0xeb, 0xf5, 0xb8, 0x00, 0x20, 0x01, 0x00, 0xff, 0xe0};

/*
 * As `hot` to 10020 mov $20000,%ecx; then
 * 10025 1: dec %ecx; 10026 jnz 1b
 * 10028 push $8; 1002a push $0x10035; 1002f lret
 * 10035 mov $0x12000,%eax; 1003a jmp *%eax
 */
static const uint8_t hot_far[] = {0xfa, 0x2e, 0x66, 0x0f, 0x01, 0x16, 0x00, 0x01, 0x0f, 0x20, 0xc0, 0x0c,
                                  0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea, 0x20, 0x00, 0x01, 0x00, 0x08, 0x00,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0xb9, 0x20, 0x4e, 0x00,
                                  0x00, 0x49, 0x75, 0xfd, 0x6a, 0x08, 0x68, 0x35, 0x00, 0x01, 0x00, 0xcb,
                                  0,    0,    0,    0,    0,    0xb8, 0x00, 0x20, 0x01, 0x00, 0xff, 0xe0};

/*
 * As `hot` to 10020 mov $20000,%ecx; then
 * 10025 1: dec %ecx; 10026 jz 2f; test $1,%cl; 1002b jz 3f; 1002d nop
 * 1002e test %ecx,%ecx; 10030 js 2f; 10032 3: jmp 1b
 * 10034 2: mov $0x12000,%eax; 10039 jmp *%eax
 */
static const uint8_t hot_fork[] = {0xfa, 0x2e, 0x66, 0x0f, 0x01, 0x16, 0x00, 0x01, 0x0f, 0x20, 0xc0, 0x0c,
                                   0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea, 0x20, 0x00, 0x01, 0x00, 0x08, 0x00,
                                   0,    0,    0,    0,    0,    0,    0,    0,    0xb9, 0x20, 0x4e, 0x00,
                                   0x00, 0x49, 0x74, 0x0c, 0xf6, 0xc1, 0x01, 0x74, 0x05, 0x90, 0x85, 0xc9,
                                   0x78, 0x02, 0xeb, 0xf1, 0xb8, 0x00, 0x20, 0x01, 0x00, 0xff, 0xe0};

/*
 * 10000 cli; vector 0 = 0x1000:0x40; ES = 0xf000; 10016 movb $1,%es:0 (ROM); xor %cx,%cx; 1001e div %cx
 * 10040 movw $7,0x8000 (0x18000); 10046 ljmp $0x1200,$0
 */
static const uint8_t faults[] = {
    0xfa, 0x31, 0xc0, 0x8e, 0xc0, 0x26, 0xc7, 0x06, 0x00, 0x00, 0x40, 0x00, 0x26, 0x8c, 0x0e, 0x02, 0x00, 0xb8, 0x00,
    0xf0, 0x8e, 0xc0, 0x26, 0xc6, 0x06, 0x00, 0x00, 0x01, 0x31, 0xc9, 0xf7, 0xf1, 0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0xc7, 0x06, 0x00, 0x80, 0x07, 0x00, 0xea, 0x00, 0x00, 0x00, 0x12};

/*
 * 10000 cli; out %al,$0x92; mov $0x92,%dx; 10006 in (%dx),%al; mov $3,%cx; mov $0,%si; mov $0x80,%dx
 * 10010 rep outsb; jmp 1f; 10014 1: out %al,$0x80; mov $0x0e41,%ax; 10019 int $0x10
 * 1001b xor %bx,%bx; mov %bx,%es; pushf; lcall *%es:0x40 (the BIOS's INT 10h)
 * 10025 lgdtl %cs:0x100; CR0 |= PE; ljmpl $8,$0x10040
 * 10040 mov $0x10,%eax; mov %eax,%ds; mov %eax,%ss; mov $0x18000,%esp; 1004e out %al,$0x80
 * 10050 mov $2,%ecx; mov $0x10000,%esi; mov $0x80,%edx; 1005f rep outsb
 * 10061 CR4 |= PAE; CR3 = 0x60000; EFER |= LME; CR0 |= PG; ljmp $0x18,$0x100a0
 * 100a0 out %al,$0x80; nop; mov $2,%ecx; mov $0x80,%edx; mov $0x14000,%edi; 100b2 rep insb; hlt
 */
static const uint8_t ports[] = {
    0xfa, 0xe6, 0x92, 0xba, 0x92, 0x00, 0xec, 0xb9, 0x03, 0x00, 0xbe, 0x00, 0x00, 0xba, 0x80, 0x00, 0xf3, 0x6e, 0xeb,
    0x00, 0xe6, 0x80, 0xb8, 0x41, 0x0e, 0xcd, 0x10, 0x31, 0xdb, 0x8e, 0xc3, 0x9c, 0x26, 0xff, 0x1e, 0x40, 0x00, 0x2e,
    0x66, 0x0f, 0x01, 0x16, 0x00, 0x01, 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea, 0x40, 0x00, 0x01,
    0x00, 0x08, 0x00, 0,    0,    0,    0,    0xb8, 0x10, 0x00, 0x00, 0x00, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x80,
    0x01, 0x00, 0xe6, 0x80, 0xb9, 0x02, 0x00, 0x00, 0x00, 0xbe, 0x00, 0x00, 0x01, 0x00, 0xba, 0x80, 0x00, 0x00, 0x00,
    0xf3, 0x6e, 0x0f, 0x20, 0xe0, 0x0c, 0x20, 0x0f, 0x22, 0xe0, 0xb8, 0x00, 0x00, 0x06, 0x00, 0x0f, 0x22, 0xd8, 0xb9,
    0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32, 0x0d, 0x00, 0x01, 0x00, 0x00, 0x0f, 0x30, 0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00,
    0x00, 0x80, 0x0f, 0x22, 0xc0, 0xea, 0xa0, 0x00, 0x01, 0x00, 0x18, 0x00, 0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0xe6, 0x80, 0x90, 0xb9, 0x02, 0x00, 0x00, 0x00, 0xba, 0x80, 0x00,
    0x00, 0x00, 0xbf, 0x00, 0x40, 0x01, 0x00, 0xf3, 0x6c, 0xf4};

static const uint8_t gdt[] = {0x1f, 0,    0x08, 0x01, 0x01, 0,    0, 0,    0,    0,    0,    0,    0, 0,
                              0,    0,    0xff, 0xff, 0,    0,    0, 0x9b, 0xcf, 0,    0xff, 0xff, 0, 0,
                              0,    0x93, 0xcf, 0,    0xff, 0xff, 0, 0,    0,    0x9b, 0xaf, 0};

struct note {
    struct bzc_event event;
    uint64_t block;
    struct bzc_regs regs; /* of EDGE, INSN and WRITE */
};

struct run {
    struct bzc_machine *machine;
    struct bzc_stop stop;
    bool inconclusive;
    struct note *note;
    size_t count, room;
    uint64_t from, from_phys; /* of the first fetch from SECOND */
    size_t wanted;            /* events of tracing; 0: all */
    bool enough;
};

static void on_event(void *context, const struct bzc_event *event)
{
    struct run *run = context;
    struct note *note;

    if (run->count == run->room) {
        run->room = run->room ? 2 * run->room : 256;
        run->note = realloc(run->note, run->room * sizeof(*run->note));
        assert_non_null(run->note);
    }
    note = &run->note[run->count];
    assert_int_equal(event->seq, run->count);
    run->count++;
    memset(note, 0, sizeof(*note));
    note->event = *event;
    if (event->kind == BZC_EVENT_EDGE || event->kind == BZC_EVENT_INSN || event->kind == BZC_EVENT_WRITE) {
        assert_true(bzc_machine_regs(run->machine, &note->regs));
        note->block = bzc_machine_blocks(run->machine);
        if (run->wanted > 0 && --run->wanted == 0)
            run->enough = true;
    }
}

static bool on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    struct run *run = context;

    if (fetch->page == SECOND) {
        run->from = fetch->from;
        run->from_phys = fetch->from_phys;
        bzc_machine_begin_epoch(machine, 7);
    }
    return true;
}

static void real_segment(struct bzc_segment *segment, uint16_t selector, uint16_t access)
{
    *segment = (struct bzc_segment){selector, access, 0xffff, (uint64_t)selector << 4};
}

/* mov 0x8002,%ax (0x18002); mov %ax,0x8002; mov %ax,0x9000 (0x19000); mov 0xa000,%ax; cli; hlt */
static const uint8_t second[] = {0xa1, 0x02, 0x80, 0xa3, 0x02, 0x80, 0xa3, 0x00, 0x90, 0xa1, 0x00, 0xa0, 0xfa, 0xf4};

/* `wanted`: the first so many EDGE, INSN and WRITE, and what follows need not be told; 0: all. */
static struct run *run_wanted(const uint8_t *code, size_t size, const struct bzc_trace_config *trace, bool counted,
                              size_t wanted)
{
    static const uint8_t halt[] = {0xfa, 0xf4};
    static struct bzc_memory_map map;
    static uint8_t program[0x200], tables[3 * 4096];
    struct run *run = calloc(1, sizeof(*run));
    struct bzc_plan *plan = calloc(1, sizeof(*plan));
    struct bzc_machine_config config = {.map = &map,
                                        .profile = bzc_cpu_profile_find("x86-64"),
                                        .timer_seed = 42,
                                        .counted = counted,
                                        .block_budget = 1u << 24, /* for a proof that fails */
                                        .observer = {run, on_code},
                                        .sink = {run, on_event},
                                        .trace = *trace};
    struct bzc_bytes last =
        code == faults ? (struct bzc_bytes){second, sizeof(second)} : (struct bzc_bytes){halt, sizeof(halt)};
    struct bzc_error err = {0};

    assert_non_null(run);
    assert_non_null(plan);
    run->wanted = wanted;
    config.trace.enough = &run->enough;
    assert_int_equal(bzc_memory_map_default(16u << 20, &map, &err), BZC_OK);
    memset(program, 0, sizeof(program));
    memcpy(program, code, size);
    memcpy(program + 0x100, gdt, sizeof(gdt));
    bzc_store64(tables, TABLES + 0x1003);
    bzc_store64(tables + 0x1000, TABLES + 0x2003);
    bzc_store64(tables + 0x2000, 0x83);
    plan->block[0] = (struct bzc_block){.name = "program", .phys = CODE, .bytes = {program, sizeof(program)}};
    plan->block[1] = (struct bzc_block){.name = "page tables", .phys = TABLES, .bytes = {tables, sizeof(tables)}};
    plan->block[2] = (struct bzc_block){.name = "second page", .phys = SECOND, .bytes = last};
    plan->block_count = 3;
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        real_segment(&plan->start.seg[i], i == BZC_SS ? 0x2000 : 0x1000, i == BZC_CS ? 0x9b : 0x93);
    plan->start.gpr[BZC_RSP] = 0x1000;
    plan->start.rflags = 2;
    plan->start.idtr.limit = 0x3ff;
    plan->a20_open = true;
    if (bzc_machine_new(&config, &run->machine, &err) != BZC_OK || bzc_machine_load(run->machine, plan, &err) != BZC_OK)
        fail_msg("%s", err.message);
    if (bzc_machine_run(run->machine, &run->stop, &run->inconclusive, &err) != BZC_OK)
        fail_msg("%s", err.message);
    free(plan);
    return run;
}

static struct run *run_traced(const uint8_t *code, size_t size, const struct bzc_trace_config *trace, bool counted)
{
    return run_wanted(code, size, trace, counted, 0);
}

static struct run *run_level(const uint8_t *code, size_t size, enum bzc_trace_level level, bool counted)
{
    return run_traced(code, size, &(struct bzc_trace_config){.level = level}, counted);
}

static void free_run(struct run *run)
{
    bzc_machine_free(run->machine);
    free(run->note);
    free(run);
}

static const struct note *find(const struct run *run, enum bzc_event_kind kind, size_t nth)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->note[i].event.kind == kind && nth-- == 0)
            return &run->note[i];
    return NULL;
}

static size_t count_edges(const struct run *run, uint64_t from, uint64_t to)
{
    size_t count = 0;

    for (size_t i = 0; i < run->count; i++)
        count +=
            run->note[i].event.kind == BZC_EVENT_EDGE && run->note[i].event.b == from && run->note[i].event.ip == to;
    return count;
}

static size_t count_of(const struct run *run, enum bzc_event_kind kind)
{
    size_t count = 0;

    while (find(run, kind, count))
        count++;
    return count;
}

struct step {
    uint64_t ip;
    unsigned size;
    uint64_t cs_base;
    int gpr; /* -1: none to look at */
    uint64_t value;
    uint32_t seen, flags; /* of the arithmetic flags in `seen` */
};

/* RDTSC is an instruction like any other here, although the engine never sees it. */
static const struct step steps[] = {
    {0x10000, 1, CODE, BZC_RSP, 0x1000, ALL, 0},
    {0x10001, 2, CODE, -1, 0, ALL, 0},
    {0x10003, 2, CODE, BZC_RAX, 0x7f, ALL, 0},
    {0x10005, 7, CODE, BZC_RAX, 0x80, ALL, BZC_FLAG_OF | BZC_FLAG_SF | BZC_FLAG_AF},
    {0x1000c, 3, CODE, BZC_RAX, 0x80, ALL, BZC_FLAG_OF | BZC_FLAG_SF | BZC_FLAG_AF},
    {0x1000f, 2, CODE, -1, 0, ALL, BZC_FLAG_OF | BZC_FLAG_SF | BZC_FLAG_AF},
    {0x10011, 3, CODE, -1, 0, BZC_FLAG_OF | BZC_FLAG_SF | BZC_FLAG_CF | BZC_FLAG_ZF, 0},
    {0x10014, 8, CODE, -1, 0, BZC_FLAG_OF | BZC_FLAG_SF | BZC_FLAG_CF | BZC_FLAG_ZF, 0},
    {0x10020, 5, 0, -1, 0, 0, 0},
    {0x10025, 2, 0, BZC_RAX, 0x10, 0, 0},
    {0x10027, 2, 0, -1, 0, 0, 0},
    {0x10029, 5, 0, -1, 0, 0, 0},
    {0x1002e, 5, 0, BZC_RSP, 0x18000, 0, 0},
    {0x10033, 3, 0, BZC_RBX, 5, 0, 0},
    {0x10036, 2, 0, BZC_RBX, 5, ALL, BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF},
    {0x10039, 1, 0, BZC_RSP, 0x18000, ALL, BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF},
    {0x1003a, 10, 0, BZC_RSP, 0x17ffc, ALL, BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF},
    {0x10044, 3, 0, -1, 0, ALL, BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF},
    {0x10047, 2, 0, BZC_RAX, 0, ALL, BZC_FLAG_CF | BZC_FLAG_AF | BZC_FLAG_SF},
    {0x10049, 3, 0, BZC_RAX, 0x20, NO_AF, 0},
    {0x1004c, 5, 0, -1, 0, NO_AF, 0},
    {0x10051, 3, 0, BZC_RAX, 0x60000, NO_AF, 0},
    {0x10054, 5, 0, -1, 0, NO_AF, 0},
    {0x10059, 2, 0, BZC_RCX, 0xc0000080, NO_AF, 0},
    {0x1005b, 5, 0, BZC_RAX, 0, NO_AF, 0},
    {0x10060, 2, 0, BZC_RAX, 0x100, NO_AF, BZC_FLAG_PF}, /* 0x100: its low byte is 0, of even parity */
    {0x10062, 3, 0, -1, 0, NO_AF, BZC_FLAG_PF},
    {0x10065, 5, 0, -1, 0, NO_AF, BZC_FLAG_PF},
    {0x1006a, 3, 0, -1, 0, BZC_FLAG_SF | BZC_FLAG_ZF | BZC_FLAG_CF | BZC_FLAG_OF, BZC_FLAG_SF},
    {0x1006d, 7, 0, -1, 0, BZC_FLAG_SF | BZC_FLAG_ZF | BZC_FLAG_CF | BZC_FLAG_OF, BZC_FLAG_SF},
    {0x100a0, 10, 0, -1, 0, BZC_FLAG_SF | BZC_FLAG_ZF | BZC_FLAG_CF | BZC_FLAG_OF, BZC_FLAG_SF},
    {0x100aa, 2, 0, BZC_R9, 0x123456789abcdef0, 0, 0},
    {0x100ac, 2, 0, BZC_RAX, 0, NO_AF, BZC_FLAG_ZF | BZC_FLAG_PF},
    {0x100ae, 2, 0, -1, 0, NO_AF, BZC_FLAG_ZF | BZC_FLAG_PF},
    {0x100b0, 5, 0, BZC_RSP, 0x17ffc, BZC_FLAG_CF | BZC_FLAG_OF, 0},
    {0x100b6, 8, 0, BZC_RSP, 0x17ff4, BZC_FLAG_CF | BZC_FLAG_OF, 0},
    {0x100be, 5, 0, -1, 0, BZC_FLAG_CF | BZC_FLAG_OF, 0},
    {0x100c3, 2, 0, BZC_RCX, 2, 0, 0},
    {0x100c5, 2, 0, BZC_RCX, 1, ALL, 0},
    {0x100c3, 2, 0, BZC_RCX, 1, ALL, 0},
    {0x100c5, 2, 0, BZC_RCX, 0, ALL, BZC_FLAG_ZF | BZC_FLAG_PF},
    {0x100c7, 1, 0, BZC_RSP, 0x17ff4, ALL, BZC_FLAG_ZF | BZC_FLAG_PF},
    {0x100b5, 1, 0, BZC_RSP, 0x17ffc, ALL, BZC_FLAG_ZF | BZC_FLAG_PF},
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static const struct {
    uint64_t from, to;
} jumps[] = {{0x10014, 0x10020}, {0x10036, 0x10039}, {0x1006d, 0x100a0},
             {0x100b0, 0x100b6}, {0x100c5, 0x100c3}, {0x100c7, 0x100b5}};

static void check_regs(const struct bzc_regs *regs, const struct step *step)
{
    assert_int_equal(regs->rip, step->ip - step->cs_base);
    assert_int_equal(regs->seg[BZC_CS].base, step->cs_base);
    if (step->gpr >= 0) {
        uint64_t value = regs->gpr[step->gpr];

        /* Real-mode code here sets AL and SP alone. */
        assert_int_equal(step->gpr == BZC_RAX && step->cs_base ? value & 0xff : value, step->value);
    }
    if ((regs->rflags & step->seen) != step->flags)
        fail_msg("0x%llx: flags 0x%llx, expected 0x%x", (unsigned long long)step->ip,
                 (unsigned long long)regs->rflags & step->seen, step->flags);
}

static void every_instruction_with_its_registers_in_every_mode(void **state)
{
    struct run *run = run_level(modes, sizeof(modes), BZC_TRACE_INSNS, false);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.linear, 0x100b5);
    assert_false(run->inconclusive);
    assert_int_equal(count_of(run, BZC_EVENT_INSN), STEPS);
    for (size_t i = 0; i < STEPS; i++) {
        const struct note *note = find(run, BZC_EVENT_INSN, i);

        assert_int_equal(note->event.ip, steps[i].ip);
        assert_int_equal(note->event.a, steps[i].ip);
        assert_int_equal(note->event.size, steps[i].size);
        check_regs(&note->regs, &steps[i]);
    }
    free_run(run);
}

static bool is_jump(uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++)
        if (jumps[i].from == from && jumps[i].to == to)
            return true;
    return false;
}

/* Each edge comes between the instructions that it names; all jumps are edges, other edges go straight on. */
static void edges_lead_from_instruction_to_instruction(void **state)
{
    struct run *run = run_level(modes, sizeof(modes), BZC_TRACE_INSNS, true);
    const struct bzc_event *insn = NULL;
    size_t told = 0;

    (void)state;
    for (size_t i = 0; i < run->count; i++) {
        const struct bzc_event *event = &run->note[i].event;

        if (event->kind == BZC_EVENT_EDGE) {
            assert_non_null(insn);
            assert_int_equal(event->b, insn->ip);
            assert_int_equal(event->c, insn->ip);
            assert_int_equal(event->a, event->ip);
            assert_int_equal(run->note[i + 1].event.kind, BZC_EVENT_INSN);
            assert_int_equal(run->note[i + 1].event.ip, event->ip);
            assert_memory_equal(&run->note[i + 1].regs, &run->note[i].regs, sizeof(struct bzc_regs));
            assert_int_equal(run->note[i + 1].block, run->note[i].block);
            told += is_jump(event->b, event->ip);
            assert_true(is_jump(event->b, event->ip) || event->ip == insn->ip + insn->size);
        } else if (event->kind == BZC_EVENT_INSN) {
            /* no jump without its edge */
            assert_true(!insn || event->ip == insn->ip + insn->size || run->note[i - 1].event.kind == BZC_EVENT_EDGE);
            insn = event;
        }
    }
    assert_int_equal(told, sizeof(jumps) / sizeof(jumps[0]));
    free_run(run);
}

/* BRANCHES tell the same edges as INSNS; EDGES tell the same, each once, counted or not; the blocks are the same. */
static void levels_agree(void **state)
{
    static const struct {
        const uint8_t *code;
        size_t size;
    } programs[] = {{modes, sizeof(modes)}, {hot, sizeof(hot)}, {faults, sizeof(faults)}};

    (void)state;
    for (size_t p = 0; p < 3; p++) {
        struct run *plain = run_level(programs[p].code, programs[p].size, BZC_TRACE_CODE, true);
        struct run *insns = run_level(programs[p].code, programs[p].size, BZC_TRACE_INSNS, true);
        struct run *branches = run_level(programs[p].code, programs[p].size, BZC_TRACE_BRANCHES, false);
        size_t edges = count_of(plain, BZC_EVENT_EDGE), at = 0;

        assert_int_equal(edges, 0);
        for (size_t i = 0; i < insns->count; i++) {
            if (insns->note[i].event.kind != BZC_EVENT_EDGE)
                continue;
            while (branches->note[at].event.kind != BZC_EVENT_EDGE)
                at++;
            assert_int_equal(branches->note[at].event.ip, insns->note[i].event.ip);
            assert_int_equal(branches->note[at].event.b, insns->note[i].event.b);
            assert_int_equal(branches->note[at].block, insns->note[i].block);
            assert_memory_equal(&branches->note[at].regs, &insns->note[i].regs, sizeof(struct bzc_regs));
            at++;
        }
        assert_int_equal(bzc_machine_blocks(plain->machine), bzc_machine_blocks(insns->machine));
        assert_int_equal(bzc_machine_blocks(plain->machine), bzc_machine_blocks(branches->machine));
        for (unsigned counted = 0; counted < 2; counted++) {
            struct run *once = run_level(programs[p].code, programs[p].size, BZC_TRACE_EDGES, counted);
            size_t told = 0;

            for (size_t i = 0; i < branches->count; i++) {
                const struct bzc_event *event = &branches->note[i].event, *same = NULL;

                if (event->kind != BZC_EVENT_EDGE)
                    continue;
                for (size_t k = 0; k < told && !same; k++) {
                    const struct bzc_event *known = &find(once, BZC_EVENT_EDGE, k)->event;

                    same = known->ip == event->ip && known->b == event->b ? known : NULL;
                }
                if (same)
                    continue;
                assert_non_null(find(once, BZC_EVENT_EDGE, told));
                assert_int_equal(find(once, BZC_EVENT_EDGE, told)->event.ip, event->ip);
                assert_int_equal(find(once, BZC_EVENT_EDGE, told)->event.b, event->b);
                told++;
            }
            assert_int_equal(count_of(once, BZC_EVENT_EDGE), told);
            assert_int_equal(once->stop.reason, plain->stop.reason);
            assert_memory_equal(&once->stop.regs, &plain->stop.regs, sizeof(struct bzc_regs));
            if (counted)
                assert_int_equal(bzc_machine_blocks(plain->machine), bzc_machine_blocks(once->machine));
            free_run(once);
        }
        assert_memory_equal(&insns->stop.regs, &plain->stop.regs, sizeof(struct bzc_regs));
        assert_memory_equal(&branches->stop.regs, &plain->stop.regs, sizeof(struct bzc_regs));
        free_run(plain);
        free_run(insns);
        free_run(branches);
    }
}

/* The stack holds 8, so that nothing but the far return itself can say where it went: it was the last block told of. */
static void far_jumps_behind_hot_loops_are_told(void **state)
{
    (void)state;
    for (int counted = 0; counted < 2; counted++) {
        struct run *run = run_level(hot_far, sizeof(hot_far), BZC_TRACE_EDGES, counted);

        assert_int_equal(run->stop.reason, BZC_STOP_HALT);
        assert_int_equal(count_edges(run, 0x10026, 0x10025), 1);
        assert_int_equal(count_edges(run, 0x10026, 0x10028), 1);
        assert_int_equal(count_edges(run, 0x1002f, 0x10035), 1);
        assert_int_equal(count_edges(run, 0x1003a, SECOND), 1);
        free_run(run);
    }
}

/* Two hot blocks name the way out of the loop. Which of them went there only a counted run can tell: the one at 10026.
 */
static void ways_that_two_blocks_may_have_gone_are_not_told(void **state)
{
    struct run *counted = run_level(hot_fork, sizeof(hot_fork), BZC_TRACE_EDGES, true);
    struct run *run = run_level(hot_fork, sizeof(hot_fork), BZC_TRACE_EDGES, false);

    (void)state;
    assert_int_equal(count_edges(counted, 0x10026, 0x10034), 1);
    assert_int_equal(count_edges(counted, 0x10030, 0x10034), 0);
    for (size_t i = 0; i < run->count; i++)
        if (run->note[i].event.kind == BZC_EVENT_EDGE)
            assert_int_not_equal(run->note[i].event.ip, 0x10034);
    assert_int_equal(count_edges(run, 0x1002b, 0x1002d), 1);
    assert_int_equal(count_edges(run, 0x10030, 0x10032), 1);
    assert_int_equal(count_edges(run, 0x10039, SECOND), 1);
    free_run(counted);
    free_run(run);
}

/* From block n on the stream is the end of the whole stream, and its first edge is the one into block n. */
static void stream_begins_at_the_block_asked_for(void **state)
{
    (void)state;
    for (enum bzc_trace_level level = BZC_TRACE_BRANCHES; level <= BZC_TRACE_INSNS; level++) {
        struct run *whole = run_level(modes, sizeof(modes), level, true);

        for (uint64_t block = 1; block < bzc_machine_blocks(whole->machine); block++) {
            struct run *part =
                run_traced(modes, sizeof(modes), &(struct bzc_trace_config){.level = level, .from_block = block}, true);
            size_t all_edges = count_of(part, BZC_EVENT_EDGE), edges = 0, insns = count_of(part, BZC_EVENT_INSN);
            size_t all_insns = count_of(whole, BZC_EVENT_INSN);

            while (edges < all_edges && find(part, BZC_EVENT_EDGE, all_edges - edges - 1)->block >= block)
                edges++;
            assert_int_equal(edges, bzc_machine_blocks(whole->machine) - block);
            /* before it each edge is told once */
            for (size_t i = 0; i < all_edges - edges; i++)
                for (size_t k = 0; k < i; k++)
                    assert_false(find(part, BZC_EVENT_EDGE, i)->event.ip == find(part, BZC_EVENT_EDGE, k)->event.ip &&
                                 find(part, BZC_EVENT_EDGE, i)->event.b == find(part, BZC_EVENT_EDGE, k)->event.b);
            assert_int_equal(bzc_machine_blocks(part->machine), bzc_machine_blocks(whole->machine));
            for (size_t i = 0; i < edges; i++) {
                const struct note *note = find(part, BZC_EVENT_EDGE, all_edges - edges + i);
                const struct note *same = find(whole, BZC_EVENT_EDGE, (size_t)block - 1 + i);

                assert_int_equal(note->block, block + i);
                assert_int_equal(note->event.ip, same->event.ip);
                assert_int_equal(note->event.b, same->event.b);
                assert_memory_equal(&note->regs, &same->regs, sizeof(struct bzc_regs));
            }
            if (level == BZC_TRACE_INSNS)
                assert_int_equal(find(part, BZC_EVENT_INSN, 0)->event.ip,
                                 find(part, BZC_EVENT_EDGE, all_edges - edges)->event.ip);
            for (size_t i = 0; i < insns; i++) {
                const struct note *note = find(part, BZC_EVENT_INSN, i);
                const struct note *same = find(whole, BZC_EVENT_INSN, all_insns - insns + i);

                assert_int_equal(note->event.ip, same->event.ip);
                assert_int_equal(note->block, same->block);
                assert_memory_equal(&note->regs, &same->regs, sizeof(struct bzc_regs));
            }
            free_run(part);
        }
        free_run(whole);
    }
}

/*
 * An edge belongs to a range when it comes from there or goes there; an instruction when it lies there. Other edges are
 * told once, so that the changes of the mode are seen: those of the listing.
 */
static void ranges_limit_what_is_told(void **state)
{
    static const struct bzc_trace_config config = {
        .level = BZC_TRACE_INSNS, .range = {{0x100c3, 0x100c7}, {0x100c5, 0x100c7}}, .range_count = 2};
    static const uint64_t insns[] = {0x100c3, 0x100c5, 0x100c3, 0x100c5};
    struct run *run = run_traced(modes, sizeof(modes), &config, false);

    (void)state;
    assert_int_equal(count_of(run, BZC_EVENT_INSN), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(find(run, BZC_EVENT_INSN, i)->event.ip, insns[i]);
    /* the block at 100b6 runs into the loop: no edge leads to its beginning */
    assert_int_equal(count_edges(run, 0x100c5, 0x100c3), 1);
    assert_int_equal(count_edges(run, 0x100c5, 0x100c7), 1);
    assert_int_equal(count_edges(run, 0x10014, 0x10020), 1);
    assert_int_equal(count_edges(run, 0x1006d, 0x100a0), 1);
    assert_int_equal(count_edges(run, 0x100b0, 0x100b6), 1);
    free_run(run);
    /* 10000 times and more round the loop: each time in the range, once elsewhere */
    run = run_traced(
        hot, sizeof(hot),
        &(struct bzc_trace_config){.level = BZC_TRACE_BRANCHES, .range = {{0x1002d, 0x1002e}}, .range_count = 1}, true);
    assert_int_equal(count_edges(run, 0x1002b, 0x1002d), 10000);
    assert_int_equal(count_edges(run, 0x1002e, 0x10025), 1);
    assert_int_equal(count_edges(run, 0x10014, 0x10020), 0);
    assert_int_equal(count_edges(run, 0x10010, 0x10020), 1);
    assert_int_equal(count_edges(run, 0x10035, 0x12000), 1);
    free_run(run);
}

static void new_code_knows_where_control_came_from(void **state)
{
    (void)state;
    for (unsigned counted = 0; counted < 2; counted++) {
        struct run *run = run_level(hot, sizeof(hot), BZC_TRACE_EDGES, counted);

        assert_int_equal(run->from, 0x10035);
        assert_int_equal(run->from_phys, 0x10035);
        free_run(run);
        run = run_level(faults, sizeof(faults), BZC_TRACE_EDGES, counted);
        assert_int_equal(run->from, 0x10046);
        free_run(run);
        run = run_level(hot, sizeof(hot), BZC_TRACE_CODE, counted);
        assert_int_equal(run->from, 0);
        assert_int_equal(run->from_phys, 0);
        free_run(run);
    }
}

/* A refusal that the guest does not see tells nothing twice; an exception is an edge from its cause to the handler. */
static void interrupted_instructions_are_told_once(void **state)
{
    static const uint64_t expected[] = {0x10000, 0x10001, 0x10003, 0x10005, 0x1000c, 0x10011,
                                        0x10014, 0x10016, 0x1001c, 0x1001e, 0x10040, 0x10046,
                                        0x12000, 0x12003, 0x12006, 0x12009, 0x1200c, 0x1200d};
    struct run *run = run_level(faults, sizeof(faults), BZC_TRACE_INSNS, true);

    (void)state;
    assert_int_equal(run->stop.linear, 0x1200d);
    assert_int_equal(count_of(run, BZC_EVENT_INSN), sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(find(run, BZC_EVENT_INSN, i)->event.ip, expected[i]);
    assert_int_equal(count_of(run, BZC_EVENT_ROM_WRITE), 1);
    assert_int_equal(count_of(run, BZC_EVENT_EDGE), 2);
    assert_int_equal(find(run, BZC_EVENT_EDGE, 0)->event.b, 0x1001e);
    assert_int_equal(find(run, BZC_EVENT_EDGE, 0)->event.ip, 0x10040);
    assert_int_equal(find(run, BZC_EVENT_EDGE, 1)->event.b, 0x10046);
    assert_int_equal(find(run, BZC_EVENT_EDGE, 1)->event.ip, 0x12000);
    free_run(run);
}

/* ip, address, value and size of each write to the range, and no other. */
static void watched_writes_name_their_instructions(void **state)
{
    static const struct bzc_trace_config config = {
        .watch = {{0x14000, 0x14005}, {0x17ff8, 0x17ffd}, {0x17ff4, 0x17ff5}}, .watch_count = 3};
    static const struct bzc_event expected[] = {
        {.ip = 0x10039, .a = 0x17ffc, .b = 5, .c = 0x17ffc, .size = 4},
        {.ip = 0x1003a, .a = 0x14000, .b = 0x11223344, .c = 0x14000, .size = 4},
        {.ip = 0x100b0, .a = 0x17ff4, .b = 0x100b5, .c = 0x17ff4, .size = 8},
        {.ip = 0x100b6, .a = 0x14004, .b = 0x5a, .c = 0x14004, .size = 1},
    };
    struct run *run = run_traced(modes, sizeof(modes), &config, false);
    struct run *plain = run_level(modes, sizeof(modes), BZC_TRACE_CODE, true);

    (void)state;
    assert_int_equal(count_of(run, BZC_EVENT_WRITE), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct note *note = find(run, BZC_EVENT_WRITE, i);

        assert_int_equal(note->event.ip, expected[i].ip);
        assert_int_equal(note->event.a, expected[i].a);
        assert_int_equal(note->event.b, expected[i].b);
        assert_int_equal(note->event.c, expected[i].c);
        assert_int_equal(note->event.size, expected[i].size);
        assert_int_equal(note->regs.rip, expected[i].ip);
    }
    assert_int_equal(bzc_machine_blocks(run->machine), bzc_machine_blocks(plain->machine));
    assert_memory_equal(&run->stop.regs, &plain->stop.regs, sizeof(struct bzc_regs));
    free_run(run);
    free_run(plain);
    run = run_traced(modes, sizeof(modes),
                     &(struct bzc_trace_config){.watch = {{0x14004, 0x14008}, {0x17000, 0x17ff4}}, .watch_count = 2},
                     false);
    assert_int_equal(count_of(run, BZC_EVENT_WRITE), 1);
    assert_int_equal(find(run, BZC_EVENT_WRITE, 0)->event.ip, 0x100b6);
    free_run(run);
}

struct written {
    uint64_t phys, size;
    uint8_t epoch;
};

static struct written written[16];
static size_t written_count;

static void on_written(void *context, uint64_t phys, uint64_t size, uint8_t epoch)
{
    assert_non_null(context);
    assert_true(written_count < 16);
    if (phys >= CODE && phys < BIOS_DATA)
        written[written_count++] = (struct written){phys, size, epoch};
}

/* The observer begins epoch 7 when SECOND is to run: that writes to 0x18002, written before, and 0x19000, and reads
 * 0x1a000. */
static void pages_belong_to_the_epoch_of_their_last_write(void **state)
{
    /* 0x11000 was never written; the second page was, by the loader; the stack at 0x21000 by the exception */
    static const struct written expected[] = {
        {0x10000, 0x1000, 0}, {0x12000, 0x1000, 0}, {0x18000, 0x2000, 7}, {0x20000, 0x1000, 0}, {TABLES, 0x3000, 0}};

    (void)state;
    for (unsigned counted = 0; counted < 2; counted++) {
        struct run *run = run_traced(faults, sizeof(faults), &(struct bzc_trace_config){.page_writes = true}, counted);
        /* the exception's frame, the handler, and both writes of the second page; the BIOS owned page 0 before */
        static const uint64_t pages[] = {0x20000, 0x18000, 0x18000, 0x19000};

        written_count = 0;
        bzc_machine_written(run->machine, run, on_written);
        assert_int_equal(written_count, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(written[i].phys, expected[i].phys);
            assert_int_equal(written[i].size, expected[i].size);
            assert_int_equal(written[i].epoch, expected[i].epoch);
        }
        assert_int_equal(count_of(run, BZC_EVENT_PAGE_WRITE), 4);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(find(run, BZC_EVENT_PAGE_WRITE, i)->event.a, pages[i]);
        free_run(run);
    }
}

/* The stream ends where the sink says so; the run does not, and goes the same way. */
static void enough_is_enough(void **state)
{
    static const struct {
        const uint8_t *code;
        size_t size;
        struct bzc_trace_config trace;
        bool counted;
    } cases[] = {
        {modes, sizeof(modes), {.level = BZC_TRACE_INSNS}, true},
        {modes, sizeof(modes), {.level = BZC_TRACE_INSNS, .range = {{0x10020, 0x100b6}}, .range_count = 1}, true},
        {modes, sizeof(modes), {.level = BZC_TRACE_BRANCHES, .from_block = 3}, true},
        {modes, sizeof(modes), {.watch = {{0x14000, 0x18000}}, .watch_count = 1}, true},
        {modes, sizeof(modes), {.level = BZC_TRACE_EDGES}, false},
        {hot, sizeof(hot), {.level = BZC_TRACE_EDGES}, false},
        {hot, sizeof(hot), {.level = BZC_TRACE_EDGES}, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run *whole = run_traced(cases[i].code, cases[i].size, &cases[i].trace, cases[i].counted);
        size_t all =
            count_of(whole, BZC_EVENT_EDGE) + count_of(whole, BZC_EVENT_INSN) + count_of(whole, BZC_EVENT_WRITE);

        for (size_t wanted = 1; wanted < all && wanted < 100; wanted++) {
            struct run *part = run_wanted(cases[i].code, cases[i].size, &cases[i].trace, cases[i].counted, wanted);

            assert_int_equal(count_of(part, BZC_EVENT_EDGE) + count_of(part, BZC_EVENT_INSN) +
                                 count_of(part, BZC_EVENT_WRITE),
                             wanted);
            assert_int_equal(count_of(part, BZC_EVENT_CODE), count_of(whole, BZC_EVENT_CODE));
            assert_int_equal(part->stop.reason, whole->stop.reason);
            assert_memory_equal(&part->stop.regs, &whole->stop.regs, sizeof(struct bzc_regs));
            assert_int_equal(bzc_machine_blocks(part->machine), bzc_machine_blocks(whole->machine));
            if (cases[i].code == hot && wanted + 1 < all)
                assert_int_equal(part->from, 0);
            free_run(part);
        }
        free_run(whole);
    }
}

/* Of each access to a port, of a string instruction too, of what it does, and of calls of the BIOS. */
static void devices_know_the_instruction(void **state)
{
    static const uint64_t ips[] = {0x10001, 0x10006, 0x10010, 0x10010, 0x10010, 0x10014,
                                   0x1004e, 0x1005f, 0x1005f, 0x100a0, 0x100b2, 0x100b2};

    (void)state;
    for (enum bzc_trace_level level = BZC_TRACE_CODE; level <= BZC_TRACE_INSNS; level++) {
        struct run *run = run_level(ports, sizeof(ports), level, false);
        size_t count = 0;

        assert_int_equal(run->stop.reason, BZC_STOP_HALT);
        for (size_t i = 0; i < run->count; i++) {
            const struct bzc_event *event = &run->note[i].event;

            if (event->kind != BZC_EVENT_PORT_IN && event->kind != BZC_EVENT_PORT_OUT)
                continue;
            assert_in_range(count, 0, sizeof(ips) / sizeof(ips[0]) - 1);
            assert_int_equal(event->ip, level == BZC_TRACE_CODE ? 0 : ips[count]);
            count++;
        }
        assert_int_equal(count, sizeof(ips) / sizeof(ips[0]));
        assert_int_equal(find(run, BZC_EVENT_A20, 0)->event.ip, 0); /* the loader */
        assert_int_equal(find(run, BZC_EVENT_A20, 1)->event.ip, level == BZC_TRACE_CODE ? 0 : 0x10001);
        assert_int_equal(count_of(run, BZC_EVENT_BIOS_CALL), 2);
        assert_int_equal(find(run, BZC_EVENT_BIOS_CALL, 0)->event.ip, 0x10019);
        assert_int_equal(find(run, BZC_EVENT_CONSOLE, 0)->event.ip, 0x10019);
        assert_int_equal(find(run, BZC_EVENT_BIOS_CALL, 1)->event.ip, 0); /* a far call */
        assert_int_equal(find(run, BZC_EVENT_CONSOLE, 1)->event.ip, 0);
        free_run(run);
    }
}

/* jmp . : proved to be endless at the same block, whatever is told of it. */
static void an_endless_loop_ends_at_the_same_block(void **state)
{
    static const uint8_t code[] = {0xb9, 0x03, 0x00, 0x49, 0x75, 0xfd, 0xeb, 0xfe}; /* a short loop; jmp . */
    uint64_t blocks = 0;

    (void)state;
    for (enum bzc_trace_level level = BZC_TRACE_CODE; level <= BZC_TRACE_INSNS; level++) {
        struct run *run =
            run_traced(code, sizeof(code), &(struct bzc_trace_config){.level = level, .page_writes = true}, true);

        assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
        assert_string_equal(run->stop.detail,
                            "an endless loop: the whole CPU state came back with nothing written in between");
        if (level > BZC_TRACE_CODE)
            assert_int_equal(bzc_machine_blocks(run->machine), blocks);
        blocks = bzc_machine_blocks(run->machine);
        free_run(run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction_with_its_registers_in_every_mode),
        cmocka_unit_test(edges_lead_from_instruction_to_instruction),
        cmocka_unit_test(levels_agree),
        cmocka_unit_test(far_jumps_behind_hot_loops_are_told),
        cmocka_unit_test(ways_that_two_blocks_may_have_gone_are_not_told),
        cmocka_unit_test(stream_begins_at_the_block_asked_for),
        cmocka_unit_test(ranges_limit_what_is_told),
        cmocka_unit_test(new_code_knows_where_control_came_from),
        cmocka_unit_test(interrupted_instructions_are_told_once),
        cmocka_unit_test(watched_writes_name_their_instructions),
        cmocka_unit_test(pages_belong_to_the_epoch_of_their_last_write),
        cmocka_unit_test(enough_is_enough),
        cmocka_unit_test(devices_know_the_instruction),
        cmocka_unit_test(an_endless_loop_ends_at_the_same_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
