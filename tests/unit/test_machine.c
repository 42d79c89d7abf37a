/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "emu/machine.h"

#define CODE   0x10000u /* where programs are loaded; CS = 0x1000 */
#define EVENTS 256

struct run {
    struct bzc_machine *machine;
    struct bzc_stop stop;
    bool inconclusive;
    struct bzc_event event[EVENTS];
    size_t event_count;
};

struct program {
    const void *code;
    size_t size;
    bool counted;
    uint64_t block_budget, event_budget;
    uint64_t stop_at; /* the observer stops when this physical page is to be executed; 0: never */
};

static void on_event(void *context, const struct bzc_event *event)
{
    struct run *run = context;

    assert_int_equal(event->seq, run->event_count);
    if (run->event_count < EVENTS)
        run->event[run->event_count] = *event;
    run->event_count++;
}

static uint64_t stop_page;
static unsigned asked; /* how often about stop_page */

static bool on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    (void)context;
    assert_non_null(machine);
    assert_int_equal(fetch->page & 0xfff, 0);
    asked += fetch->page == stop_page;
    return fetch->page != stop_page;
}

static void real_segment(struct bzc_segment *segment, uint16_t selector, uint16_t access)
{
    *segment = (struct bzc_segment){selector, access, 0xffff, (uint64_t)selector << 4};
}

/* Loads the program at 0x1000:0 with a stack at 0x2000:0x1000 and runs it. */
static struct run *run_program(const struct program *program)
{
    static struct bzc_memory_map map;
    struct run *run = calloc(1, sizeof(*run));
    struct bzc_plan *plan = calloc(1, sizeof(*plan));
    struct bzc_machine_config config = {.map = &map,
                                        .profile = bzc_cpu_profile_find("x86-64"),
                                        .timer_seed = 42,
                                        .counted = program->counted,
                                        .block_budget = program->block_budget,
                                        .event_budget = program->event_budget,
                                        .observer = {run, on_code},
                                        .sink = {run, on_event}};
    struct bzc_error err = {0};

    assert_non_null(run);
    assert_non_null(plan);
    stop_page = program->stop_at ? program->stop_at : 1;
    assert_int_equal(bzc_memory_map_default(16u << 20, &map, &err), BZC_OK);
    plan->block[0] = (struct bzc_block){
        .role = BZC_BLOCK_REALMODE, .name = "program", .phys = CODE, .bytes = {program->code, program->size}};
    plan->block_count = 1;
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        real_segment(&plan->start.seg[i], i == BZC_SS ? 0x2000 : 0x1000, i == BZC_CS ? 0x9b : 0x93);
    plan->start.gpr[BZC_RSP] = 0x1000;
    plan->start.rflags = 2;
    plan->start.idtr.limit = 0x3ff;
    if (bzc_machine_new(&config, &run->machine, &err) != BZC_OK ||
        bzc_machine_load(run->machine, plan, &err) != BZC_OK ||
        bzc_machine_run(run->machine, &run->stop, &run->inconclusive, &err) != BZC_OK)
        fail_msg("%s", err.message);
    free(plan);
    return run;
}

static struct run *run_code(const void *code, size_t size)
{
    return run_program(&(struct program){.code = code, .size = size});
}

static void free_run(struct run *run)
{
    bzc_machine_free(run->machine);
    free(run);
}

static const struct bzc_event *find_event(const struct run *run, enum bzc_event_kind kind, size_t nth)
{
    for (size_t i = 0; i < run->event_count && i < EVENTS; i++)
        if (run->event[i].kind == kind && nth-- == 0)
            return &run->event[i];
    return NULL;
}

static uint32_t read_u32(const struct run *run, uint64_t phys)
{
    uint8_t raw[4] = {0};

    assert_true(bzc_machine_read(run->machine, phys, raw, 4));
    return bzc_load32(raw);
}

static void halt_with_interrupts_off(void **state)
{
    static const uint8_t code[] = {0xfa, 0xb8, 0x34, 0x12, 0xf4}; /* cli; mov $0x1234,%ax; hlt */
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_false(run->inconclusive);
    assert_int_equal(run->stop.linear, CODE + 4);
    assert_true(run->stop.phys_known);
    assert_int_equal(run->stop.phys, CODE + 4);
    assert_int_equal(run->stop.regs.gpr[BZC_RAX], 0x1234);
    assert_string_equal(run->stop.detail, "HLT with interrupts off");
    assert_false(run->stop.has_target);
    assert_int_equal(run->stop.line_count, 6); /* three before, three from the instruction on */
    assert_string_equal(run->stop.lines[0].text, "add byte ptr [bx + si], al"); /* zeros before the program */
    assert_string_equal(run->stop.lines[1].text, "cli");
    assert_string_equal(run->stop.lines[2].text, "mov ax, 0x1234");
    assert_string_equal(run->stop.lines[3].text, "hlt");
    assert_true(run->stop.lines[3].current);
    assert_int_equal(run->event_count, 2);
    assert_int_equal(run->event[0].kind, BZC_EVENT_CODE);
    assert_int_equal(run->event[0].a, CODE);
    assert_int_equal(run->event[1].kind, BZC_EVENT_STOP);
    assert_int_equal(run->event[1].a, BZC_STOP_HALT);
    free_run(run);
}

static void observer_stops_before_the_first_instruction(void **state)
{
    static const uint8_t code[] = {0xb0, 1, 0xea, 0x10, 0x00, 0x00, 0x30}; /* mov $1,%al; ljmp $0x3000,$0x10 */
    struct run *run = run_program(&(struct program){.code = code, .size = sizeof(code), .stop_at = 0x30000});

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_int_equal(run->stop.linear, 0x30010);
    assert_int_equal(run->stop.phys, 0x30010);
    assert_int_equal(run->stop.regs.seg[BZC_CS].selector, 0x3000);
    assert_int_equal(run->stop.regs.gpr[BZC_RAX], 1);
    free_run(run);
}

/* The observer's stop is no end: the same fetch comes again, and when it is let through the guest goes on. */
static void machine_runs_on_after_the_observer(void **state)
{
    static uint8_t code[0x2000 + 5] = {0xea, 0, 0, 0, 0x12};     /* ljmp $0x1200,$0 */
    static const uint8_t end[] = {0xb8, 0x34, 0x12, 0xfa, 0xf4}; /* mov $0x1234,%ax; cli; hlt */
    struct bzc_error err = {0};
    struct run *run;

    (void)state;
    memcpy(code + 0x2000, end, sizeof(end));
    for (unsigned counted = 0; counted < 2; counted++) {
        asked = 0;
        run = run_program(
            &(struct program){.code = code, .size = sizeof(code), .counted = counted, .stop_at = CODE + 0x2000});
        assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
        assert_int_equal(run->stop.linear, CODE + 0x2000);
        assert_int_equal(asked, 1);
        assert_int_equal(bzc_machine_run(run->machine, &run->stop, &run->inconclusive, &err), BZC_OK);
        assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
        assert_int_equal(run->stop.linear, CODE + 0x2000);
        assert_int_equal(run->stop.regs.gpr[BZC_RAX], 0);
        assert_int_equal(asked, 2);
        stop_page = 1;
        assert_int_equal(bzc_machine_run(run->machine, &run->stop, &run->inconclusive, &err), BZC_OK);
        assert_int_equal(run->stop.reason, BZC_STOP_HALT);
        assert_int_equal(run->stop.linear, CODE + 0x2004);
        assert_int_equal(run->stop.regs.gpr[BZC_RAX], 0x1234);
        assert_false(run->inconclusive);
        free_run(run);
    }
}

static void endless_loop_is_proved_by_counting(void **state)
{
    static const uint8_t code[] = {0xeb, 0xfe}; /* jmp . */
    struct program program = {.code = code, .size = sizeof(code)};
    struct run *run = run_program(&program);

    (void)state;
    assert_true(run->inconclusive);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    free_run(run);
    program.counted = true;
    run = run_program(&program);
    assert_false(run->inconclusive);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_string_equal(run->stop.detail,
                        "an endless loop: the whole CPU state came back with nothing written in between");
    assert_int_equal(run->stop.linear, CODE);
    free_run(run);
}

/* What changes memory each time round is no proof, whoever writes: the guest, or the CPU entering a handler. */
static void loops_that_write_end_by_their_budget(void **state)
{
    static const uint8_t counter[] = {0xff, 0x06, 0x00, 0x80, 0xeb, 0xfa}; /* 1: incw 0x8000; jmp 1b */
    /* INT 60h to the IRET behind the loop: ...; movw $0x14,%es:0x180; movw %cs,%es:0x182; 1: int $0x60; jmp 1b; iret */
    static const uint8_t interrupts[] = {0x31, 0xc0, 0x8e, 0xc0, 0x26, 0xc7, 0x06, 0x80, 0x01, 0x14, 0x00,
                                         0x26, 0x8c, 0x0e, 0x82, 0x01, 0xcd, 0x60, 0xeb, 0xfc, 0xcf};
    struct program program = {.code = counter, .size = sizeof(counter), .counted = true, .block_budget = 100000};
    struct run *run = run_program(&program);

    (void)state;
    assert_false(run->inconclusive);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_string_equal(run->stop.detail, "the work of 100000 basic blocks without touching a new page");
    free_run(run);
    program.code = interrupts;
    program.size = sizeof(interrupts);
    run = run_program(&program);
    assert_string_equal(run->stop.detail, "the work of 100000 basic blocks without touching a new page");
    free_run(run);
}

static void loops_that_only_look_are_proved_endless(void **state)
{
    /* mov $0xc000,%ax; mov %ax,%ds; 1: mov 0,%al; mov %al,1; jmp 1b: waits for a ROM to change */
    static const uint8_t code[] = {0xb8, 0x00, 0xc0, 0x8e, 0xd8, 0xa0, 0, 0, 0xa2, 1, 0, 0xeb, 0xf8};
    struct run *run = run_program(&(struct program){.code = code, .size = sizeof(code), .counted = true});

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_string_equal(run->stop.detail,
                        "an endless loop: the whole CPU state came back with nothing written in between");
    free_run(run);
}

static void port_loops_end_by_the_event_budget(void **state)
{
    static const uint8_t code[] = {0xe4, 0x64, 0xeb, 0xfc}; /* 1: in $0x64,%al; jmp 1b */
    struct program program = {.code = code, .size = sizeof(code), .event_budget = 1000};
    struct run *run = run_program(&program);

    (void)state;
    assert_true(run->inconclusive);
    free_run(run);
    program.counted = true;
    run = run_program(&program);
    assert_false(run->inconclusive);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_string_equal(run->stop.detail, "1000 port accesses, interrupts and changes of code without an end");
    assert_in_range(run->stop.linear, CODE, CODE + 2);
    free_run(run);
}

/* What leaves the engine each time round takes far longer than a block, and ends by the event budget, too. */
static void interrupts_and_changed_code_count_as_events(void **state)
{
    /* xor %ax,%ax; mov %ax,%es; movw $0x14,%es:0x180; movw %cs,%es:0x182; 1: int $0x60; jmp 1b; iret */
    static const uint8_t interrupts[] = {0x31, 0xc0, 0x8e, 0xc0, 0x26, 0xc7, 0x06, 0x80, 0x01, 0x14, 0x00,
                                         0x26, 0x8c, 0x0e, 0x82, 0x01, 0xcd, 0x60, 0xeb, 0xfc, 0xcf};
    static const uint8_t changed[] = {0xfe, 0x06, 5, 0, 0xb0, 0, 0xeb, 0xf8}; /* 1: incb 5; mov $0,%al; jmp 1b */
    struct program program = {.code = interrupts, .size = sizeof(interrupts), .counted = true, .event_budget = 1000};
    struct run *run = run_program(&program);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_string_equal(run->stop.detail, "1000 port accesses, interrupts and changes of code without an end");
    free_run(run);
    program.code = changed;
    program.size = sizeof(changed);
    run = run_program(&program);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_string_equal(run->stop.detail, "1000 port accesses, interrupts and changes of code without an end");
    free_run(run);
}

/* The budget is for time: 16 bytes of straight code are as much as a block, a look-up in the page tables is 64. */
static void slow_blocks_count_for_more(void **state)
{
    static const uint8_t look_up[] = {0x66, 0xff, 0x06, 0x00, 0x80, 0x0f,
                                      0x01, 0x3e, 0x00, 0x80, 0xeb, 0xf4}; /* 1: incl 0x8000; invlpg 0x8000; jmp 1b */
    uint8_t straight[168];
    struct program program = {.code = straight, .size = sizeof(straight), .counted = true, .block_budget = 1000000};
    struct run *run;

    (void)state;
    memset(straight, 0x90, sizeof(straight));
    memcpy(straight, look_up, 5);
    memcpy(straight + sizeof(straight) - 3, (uint8_t[]){0xe9, 0x58, 0xff}, 3); /* jmp back by 168 */
    run = run_program(&program);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_in_range(read_u32(run, CODE + 0x8000), 1000000 / 11 - 500, 1000000 / 11 + 1);
    free_run(run);
    program.code = look_up;
    program.size = sizeof(look_up);
    run = run_program(&program);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_in_range(read_u32(run, CODE + 0x8000), 1000000 / (2 * 64 + 2) - 100, 1000000 / 64);
    free_run(run);
}

/* ljmp $0x3000,$0: zeros are "add %al,(%bx,%si)", and there are 16 MiB of them. */
static void a_run_through_blank_memory_is_cut_short(void **state)
{
    static const uint8_t code[] = {0xea, 0x00, 0x00, 0x00, 0x30};
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_false(run->inconclusive);
    assert_string_equal(run->stop.detail, "runs through memory that nobody has written: 64 pages");
    /* before the block that runs over into the page after the last one */
    assert_in_range(run->stop.linear, 0x30000 + 63 * 4096, 0x30000 + 64 * 4096);
    free_run(run);
}

static void int10_prints(void **state)
{
    /* mov $0x0e41,%ax; int $0x10; mov $0x42,%al; int $0x10; cli; hlt */
    static const uint8_t code[] = {0xb8, 0x41, 0x0e, 0xcd, 0x10, 0xb0, 0x42, 0xcd, 0x10, 0xfa, 0xf4};
    struct run *run = run_code(code, sizeof(code));
    const struct bzc_event *event;

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.linear, CODE + 10);
    assert_int_equal(run->stop.regs.gpr[BZC_RSP], 0x1000); /* IRET took everything back */
    event = find_event(run, BZC_EVENT_CONSOLE, 0);
    assert_non_null(event);
    assert_int_equal(event->a, 'A');
    assert_int_equal(event->b, 1);
    event = find_event(run, BZC_EVENT_CONSOLE, 1);
    assert_non_null(event);
    assert_int_equal(event->a, 'B');
    event = find_event(run, BZC_EVENT_BIOS_CALL, 0);
    assert_non_null(event);
    assert_int_equal(event->a, 0x10);
    assert_int_equal(event->b & 0xffff, 0x0e41);
    assert_int_equal(event->c, 0);
    free_run(run);
}

static void bios_services_return_registers_and_flags(void **state)
{
    /* cli; int $0x12 (KiB of low memory); mov %ax,%bx; mov $0x99ff,%ax (unknown); clc; int $0x15; sbb %cx,%cx; hlt */
    /* cli; mov $0x1234,%bx; mov $0xe801,%ax; int $0x15; hlt */
    static const uint8_t extended[] = {0xfa, 0xbb, 0x34, 0x12, 0xb8, 0x01, 0xe8, 0xcd, 0x15, 0xf4};
    static const uint8_t code[] = {0xfa, 0xcd, 0x12, 0x89, 0xc3, 0xb8, 0xff, 0x99, 0xf8, 0xcd, 0x15, 0x19, 0xc9, 0xf4};
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.regs.gpr[BZC_RBX] & 0xffff, 639); /* 0x9fc00 / 1024 */
    assert_int_equal(run->stop.regs.gpr[BZC_RCX] & 0xffff, 0xffff);
    free_run(run);
    run = run_code(extended, sizeof(extended));
    assert_int_equal(run->stop.regs.gpr[BZC_RAX] & 0xffff, 15 * 1024); /* KiB from 1 MiB to 16 MiB */
    assert_int_equal(run->stop.regs.gpr[BZC_RBX] & 0xffff, 0);         /* 64 KiB blocks above */
    free_run(run);
}

static void waiting_for_a_key_is_a_stop(void **state)
{
    static const uint8_t code[] = {0x31, 0xc0, 0xcd, 0x16}; /* xor %ax,%ax; int $0x16 */
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_BIOS_WAIT);
    assert_true(strstr(run->stop.detail, "16h") != NULL);
    free_run(run);
}

static void own_handlers_are_called(void **state)
{
    /* movw $handler,%es:0x180 with ES = 0; movw %cs,%es:0x182; int $0x60; cli; hlt; handler: inc %cx; iret */
    static const uint8_t code[] = {0x31, 0xc0, 0x8e, 0xc0, 0x26, 0xc7, 0x06, 0x80, 0x01, 0x14, 0x00,
                                   0x26, 0x8c, 0x0e, 0x82, 0x01, 0xcd, 0x60, 0xfa, 0xf4, 0x41, 0xcf};
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.linear, CODE + 0x13);
    assert_int_equal(run->stop.regs.gpr[BZC_RCX], 1);
    assert_int_equal(run->stop.regs.gpr[BZC_RSP], 0x1000);
    free_run(run);
}

static void ports_are_events(void **state)
{
    /* mov $0x4321,%dx; in (%dx),%al; out %al,$0x80; cli; hlt */
    static const uint8_t code[] = {0xba, 0x21, 0x43, 0xec, 0xe6, 0x80, 0xfa, 0xf4};
    struct run *run = run_code(code, sizeof(code));
    const struct bzc_event *event = find_event(run, BZC_EVENT_PORT_IN, 0);

    (void)state;
    assert_non_null(event);
    assert_int_equal(event->a, 0x4321);
    assert_int_equal(event->b, 0xff);
    assert_int_equal(event->size, 1);
    assert_null(event->name); /* nobody there */
    event = find_event(run, BZC_EVENT_PORT_OUT, 0);
    assert_non_null(event);
    assert_int_equal(event->a, 0x80);
    assert_int_equal(event->b, 0xff);
    assert_non_null(event->name);
    free_run(run);
}

static void real_mode_faults(void **state)
{
    static const uint8_t invalid[] = {0x90, 0x0f, 0x0b};      /* nop; ud2 */
    static const uint8_t divide[] = {0x31, 0xc9, 0xf7, 0xf1}; /* xor %cx,%cx; div %cx */
    struct run *run = run_code(invalid, sizeof(invalid));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_INVALID_INSTRUCTION);
    assert_int_equal(run->stop.linear, CODE + 1);
    assert_string_equal(run->stop.detail, "#UD: no handler");
    free_run(run);
    run = run_code(divide, sizeof(divide));
    assert_int_equal(run->stop.reason, BZC_STOP_FAULT);
    assert_int_equal(run->stop.linear, CODE + 2);
    assert_string_equal(run->stop.detail, "#DE: no handler");
    free_run(run);
}

/* The guest's own handler steps over the instruction, again and again: every #DE must come as a #DE. */
static void real_mode_handler_takes_exceptions(void **state)
{
    /* es:0 <- handler:cs; mov $5,%bp; 1: xor %cx,%cx; div %cx; dec %bp; jnz 1b; cli; hlt
       handler (0x1f): inc %di; mov %sp,%bx; addw $2,%ss:(%bx); iret */
    static const uint8_t code[] = {0x31, 0xc0, 0x8e, 0xc0, 0x26, 0xc7, 0x06, 0x00, 0x00, 0x1f, 0x00, 0x26, 0x8c,
                                   0x0e, 0x02, 0x00, 0xbd, 0x05, 0x00, 0x31, 0xc9, 0xf7, 0xf1, 0x4d, 0x75, 0xf9,
                                   0xfa, 0xf4, 0x90, 0x90, 0x90, 0x47, 0x89, 0xe3, 0x36, 0x83, 0x07, 0x02, 0xcf};
    struct run *run = run_code(code, sizeof(code));
    const struct bzc_event *event = find_event(run, BZC_EVENT_INTERRUPT, 4);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.regs.gpr[BZC_RDI], 5);
    assert_non_null(event);
    assert_int_equal(event->a, 0);
    assert_int_equal(event->b, CODE + 0x1f);
    assert_int_equal(event->ip, CODE + 0x15);
    free_run(run);
}

/*
 * 0x000: cli; load GDTR and IDTR (at 0x100, 0x106); enter protected mode; jump to 0x01f
 * 0x01f: load DS, ES, SS; %esp = 0x30000; jmp *entry (at 0x038)
 * 0x03c: out '!',$0xe9; hlt        0x041: ud2        0x043: xor %ecx,%ecx; div %ecx
 * 0x047: %cr3 = 0x20000, CR4.PSE, CR0.PG and WP; %ebx = 0x55aa1234; mov %ebx,0x400010; mov 0x400010,%ecx;
 *        mov 0x400ffe,%edx; cli; hlt
 * 0x07b: page-fault handler: stores CR2 and the error code at 0x30100 + 8 * %ebp++; maps the page in the table at
 *        0x21000 to its linear address - 0x3c0000; iret
 * 0x0bd: CR4.PAE, %cr3 = 0x22000, EFER.LME, CR0.PG; 64-bit code: movabs $0x1122334455667788,%r15; hlt
 * 0x0f8: mov %eax,0xf0001234
 * 0x110: GDT: code 32, data 32, code 64; 0x130: IDT
 */
static const uint8_t protected_mode[] = {
    0xfa, 0x2e, 0x66, 0x0f, 0x01, 0x16, 0x00, 0x01, 0x2e, 0x66, 0x0f, 0x01, 0x1e, 0x06, 0x01, 0x0f, 0x20, 0xc0, 0x0c,
    0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea, 0x1f, 0x00, 0x01, 0x00, 0x08, 0x00, 0xb8, 0x10, 0x00, 0x00, 0x00, 0x8e, 0xd8,
    0x8e, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x00, 0x03, 0x00, 0xff, 0x25, 0x38, 0x00, 0x01, 0x00, 0x0f, 0x1f, 0x00, 0x3c,
    0x00, 0x01, 0x00, 0xb0, 0x21, 0xe6, 0xe9, 0xf4, 0x0f, 0x0b, 0x31, 0xc9, 0xf7, 0xf1, 0xb8, 0x00, 0x00, 0x02, 0x00,
    0x0f, 0x22, 0xd8, 0xb8, 0x10, 0x00, 0x00, 0x00, 0x0f, 0x22, 0xe0, 0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x01, 0x80,
    0x0f, 0x22, 0xc0, 0xbb, 0x34, 0x12, 0xaa, 0x55, 0x89, 0x1d, 0x10, 0x00, 0x40, 0x00, 0x8b, 0x0d, 0x10, 0x00, 0x40,
    0x00, 0x8b, 0x15, 0xfe, 0x0f, 0x40, 0x00, 0xfa, 0xf4, 0x0f, 0x20, 0xd7, 0x89, 0x3c, 0xed, 0x00, 0x01, 0x03, 0x00,
    0x8f, 0x04, 0xed, 0x04, 0x01, 0x03, 0x00, 0x45, 0x89, 0xfe, 0xc1, 0xee, 0x0c, 0x81, 0xe6, 0xff, 0x03, 0x00, 0x00,
    0x81, 0xe7, 0x00, 0xf0, 0xff, 0xff, 0x81, 0xef, 0x00, 0x00, 0x3c, 0x00, 0x83, 0xcf, 0x03, 0x89, 0x3c, 0xb5, 0x00,
    0x10, 0x02, 0x00, 0x0f, 0x01, 0x3d, 0x00, 0x00, 0x40, 0x00, 0x0f, 0x01, 0x3d, 0x00, 0x10, 0x40, 0x00, 0xcf, 0xb8,
    0x20, 0x00, 0x00, 0x00, 0x0f, 0x22, 0xe0, 0xb8, 0x00, 0x20, 0x02, 0x00, 0x0f, 0x22, 0xd8, 0xb9, 0x80, 0x00, 0x00,
    0xc0, 0x0f, 0x32, 0x0d, 0x00, 0x01, 0x00, 0x00, 0x0f, 0x30, 0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f,
    0x22, 0xc0, 0xea, 0xed, 0x00, 0x01, 0x00, 0x18, 0x00, 0x49, 0xbf, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
    0xf4, 0xa3, 0x34, 0x12, 0x00, 0xf0, 0x0f, 0x1f, 0x00, 0x1f, 0x00, 0x10, 0x01, 0x01, 0x00, 0x00, 0x00, 0x30, 0x01,
    0x01, 0x00, 0x0f, 0x1f, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00,
    0x9b, 0xcf, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x93, 0xcf, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xaf, 0x00,
};
#define HALT32    0x03cu
#define INVALID32 0x041u
#define DIVIDE32  0x043u
#define PAGES32   0x047u
#define HANDLER   0x07bu
#define LONG_MODE 0x0bdu
#define OUTSIDE32 0x0f8u
#define IDT       0x130u
#define SIZE      0x14000u /* of the program with its tables: 0x10000 to 0x23fff */

static uint8_t protected_image[SIZE];

/* The image that goes to `entry`, with an IDT of `idt_limit` + 1 bytes. */
static struct run *run_protected(uint32_t entry, uint16_t idt_limit, bool counted)
{
    uint8_t *image = protected_image;

    memset(image, 0, SIZE);
    memcpy(image, protected_mode, sizeof(protected_mode));
    bzc_store32(image + 0x38, CODE + entry);
    bzc_store16(image + 0x106, idt_limit);
    bzc_store32(image + IDT + 14 * 8, 0x08 << 16 | ((CODE + HANDLER) & 0xffff));
    bzc_store32(image + IDT + 14 * 8 + 4, ((CODE + HANDLER) & 0xffff0000) | 0x8e00);
    bzc_store32(image + 0x10000, 0x83);    /* page directory: 4 MiB 1:1 */
    bzc_store32(image + 0x10004, 0x21003); /* and a table, empty */
    bzc_store64(image + 0x12000, 0x23003); /* PML4 */
    bzc_store64(image + 0x13000, 0x83);    /* 1 GiB 1:1 */
    return run_program(&(struct program){.code = image, .size = SIZE, .counted = counted});
}

static void protected_mode_is_entered(void **state)
{
    struct run *run = run_protected(HALT32, 0, false);
    const struct bzc_event *event = find_event(run, BZC_EVENT_CONSOLE, 0);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.linear, CODE + HALT32 + 4);
    assert_int_equal(bzc_regs_mode(&run->stop.regs), BZC_MODE_PROT32);
    assert_int_equal(run->stop.regs.seg[BZC_DS].limit, 0xffffffff);
    assert_non_null(event);
    assert_int_equal(event->a, '!');
    assert_int_equal(event->b, 0);
    free_run(run);
}

static void long_mode_is_entered(void **state)
{
    struct run *run = run_protected(LONG_MODE, 0, false);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(bzc_regs_mode(&run->stop.regs), BZC_MODE_LONG);
    assert_int_equal(run->stop.regs.gpr[BZC_R15], 0x1122334455667788ull);
    assert_int_equal(run->stop.linear, CODE + OUTSIDE32 - 1);
    free_run(run);
}

static void exceptions_without_an_idt(void **state)
{
    struct run *run = run_protected(DIVIDE32, 0, false);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_TRIPLE_FAULT);
    assert_int_equal(run->stop.linear, CODE + DIVIDE32 + 2);
    assert_string_equal(run->stop.detail, "#DE: there is no IDT");
    free_run(run);
    run = run_protected(INVALID32, 0, false);
    assert_int_equal(run->stop.reason, BZC_STOP_INVALID_INSTRUCTION);
    assert_int_equal(run->stop.linear, CODE + INVALID32);
    assert_string_equal(run->stop.detail, "#UD: there is no IDT");
    free_run(run);
    run = run_protected(PAGES32, 0, false);
    assert_int_equal(run->stop.reason, BZC_STOP_TRIPLE_FAULT);
    assert_string_equal(run->stop.detail, "#PF on a write of 0x400010: there is no IDT");
    assert_true(run->stop.has_target);
    assert_int_equal(run->stop.target, 0x400010);
    assert_int_equal(run->stop.access, BZC_ACCESS_WRITE);
    free_run(run);
}

static void page_faults_reach_the_guests_handler(void **state)
{
    struct run *run = run_protected(PAGES32, 0x7f, false);
    const struct bzc_event *event;

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.regs.gpr[BZC_RBP], 2);
    assert_int_equal(read_u32(run, 0x30100), 0x400010); /* CR2 */
    assert_int_equal(read_u32(run, 0x30104), 2);        /* error code: not present, write */
    assert_int_equal(read_u32(run, 0x30108), 0x401000); /* the second page of a read at 0x400ffe */
    assert_int_equal(read_u32(run, 0x3010c), 0);
    assert_int_equal(run->stop.regs.gpr[BZC_RCX], 0x55aa1234);
    assert_int_equal(read_u32(run, 0x40010), 0x55aa1234); /* where the handler mapped it */
    assert_int_equal(read_u32(run, 0x21000), 0x40063);    /* accessed and dirty */
    assert_int_equal(read_u32(run, 0x21004), 0x41023);    /* accessed */
    assert_int_equal(run->stop.regs.gpr[BZC_RSP], 0x30000);
    event = find_event(run, BZC_EVENT_PAGE_FAULT, 0);
    assert_non_null(event);
    assert_int_equal(event->a, 0x400010);
    assert_int_equal(event->b, 2);
    assert_int_equal(event->ip, CODE + 0x67);
    free_run(run);
}

static void writes_outside_memory_stop(void **state)
{
    struct run *run = run_protected(OUTSIDE32, 0, false);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_OUTSIDE_MEMORY);
    assert_int_equal(run->stop.linear, CODE + OUTSIDE32);
    assert_true(run->stop.has_target);
    assert_int_equal(run->stop.target, 0xf0001234);
    assert_int_equal(run->stop.target_phys, 0xf0001234);
    assert_int_equal(run->stop.access, BZC_ACCESS_WRITE);
    assert_string_equal(run->stop.detail, "a write to 0xf0001234, where there is no memory");
    free_run(run);
}

static void rom_writes_are_events_at_the_instruction(void **state)
{
    /* mov $0xf000,%ax; mov %ax,%es; mov $3,%cx; 1: nop; loop 1b; nop; mov %al,%es:0x123; cli; hlt */
    static const uint8_t code[] = {0xb8, 0x00, 0xf0, 0x8e, 0xc0, 0xb9, 3,    0,    0x90,
                                   0xe2, 0xfd, 0x90, 0x26, 0xa2, 0x23, 0x01, 0xfa, 0xf4};
    struct run *run = run_code(code, sizeof(code));
    const struct bzc_event *event = find_event(run, BZC_EVENT_ROM_WRITE, 0);

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_non_null(event);
    assert_int_equal(event->a, 0xf0000);
    assert_int_equal(event->ip, CODE + 12);
    assert_null(find_event(run, BZC_EVENT_ROM_WRITE, 1));
    free_run(run);
}

static void reset_by_the_keyboard_controller(void **state)
{
    static const uint8_t code[] = {0xb0, 0xfe, 0xe6, 0x64, 0xeb, 0xfe}; /* mov $0xfe,%al; out %al,$0x64; jmp . */
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_RESET);
    assert_false(run->inconclusive);
    assert_in_range(run->stop.linear, CODE + 2, CODE + 4);
    assert_non_null(find_event(run, BZC_EVENT_RESET, 0));
    free_run(run);
}

static void a20_opens_by_port_92(void **state)
{
    static const uint8_t code[] = {0xb0, 2, 0xe6, 0x92, 0xfa, 0xf4}; /* mov $2,%al; out %al,$0x92; cli; hlt */
    struct run *run = run_code(code, sizeof(code));
    const struct bzc_event *event = find_event(run, BZC_EVENT_A20, 0);

    (void)state;
    assert_non_null(event);
    assert_int_equal(event->a, 1);
    assert_string_equal(event->name, "port 92h");
    assert_true(bzc_machine_a20(run->machine));
    free_run(run);
}

static void timer_wakes_a_halted_cpu(void **state)
{
    static const uint8_t code[] = {0xfb, 0xf4, 0xfa, 0xf4}; /* sti; hlt; cli; hlt */
    struct run *run = run_code(code, sizeof(code));

    (void)state;
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.linear, CODE + 3);
    assert_non_null(find_event(run, BZC_EVENT_BIOS_CALL, 0));
    assert_int_equal(find_event(run, BZC_EVENT_BIOS_CALL, 0)->a, 8);
    assert_int_equal(run->stop.regs.gpr[BZC_RSP], 0x1000);
    free_run(run);
}

static void the_same_program_gives_the_same_events(void **state)
{
    (void)state;
    for (unsigned counted = 0; counted < 2; counted++) {
        struct run *one = run_protected(PAGES32, 0x7f, counted), *two = run_protected(PAGES32, 0x7f, counted);

        assert_int_equal(one->event_count, two->event_count);
        assert_in_range(one->event_count, 5, EVENTS);
        for (size_t i = 0; i < one->event_count; i++) {
            assert_int_equal(one->event[i].kind, two->event[i].kind);
            assert_int_equal(one->event[i].ip, two->event[i].ip);
            assert_int_equal(one->event[i].a, two->event[i].a);
            assert_int_equal(one->event[i].b, two->event[i].b);
            assert_int_equal(one->event[i].c, two->event[i].c);
            assert_int_equal(one->event[i].size, two->event[i].size);
        }
        assert_memory_equal(one->stop.regs.gpr, two->stop.regs.gpr, sizeof(one->stop.regs.gpr));
        assert_int_equal(bzc_machine_pages_touched(one->machine), bzc_machine_pages_touched(two->machine));
        free_run(one);
        free_run(two);
    }
}

static void blocks_outside_memory_are_an_error(void **state)
{
    static const uint8_t byte = 0;
    struct bzc_plan *plan = calloc(1, sizeof(*plan));
    struct bzc_machine *machine = NULL;
    struct bzc_memory_map map;
    struct bzc_error err = {0};

    (void)state;
    assert_non_null(plan);
    assert_int_equal(bzc_memory_map_default(16u << 20, &map, &err), BZC_OK);
    assert_int_equal(bzc_machine_new(&(struct bzc_machine_config){.map = &map, .profile = bzc_cpu_profile_find("i686")},
                                     &machine, &err),
                     BZC_OK);
    plan->block[0] = (struct bzc_block){.name = "initrd", .phys = 16u << 20, .bytes = {&byte, 1}};
    plan->block_count = 1;
    assert_int_equal(bzc_machine_load(machine, plan, &err), BZC_ERR_LIMIT);
    assert_string_equal(err.message, "the initrd does not fit into guest memory at 0x1000000");
    bzc_machine_free(machine);
    free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halt_with_interrupts_off),
        cmocka_unit_test(observer_stops_before_the_first_instruction),
        cmocka_unit_test(machine_runs_on_after_the_observer),
        cmocka_unit_test(endless_loop_is_proved_by_counting),
        cmocka_unit_test(loops_that_write_end_by_their_budget),
        cmocka_unit_test(loops_that_only_look_are_proved_endless),
        cmocka_unit_test(port_loops_end_by_the_event_budget),
        cmocka_unit_test(interrupts_and_changed_code_count_as_events),
        cmocka_unit_test(slow_blocks_count_for_more),
        cmocka_unit_test(a_run_through_blank_memory_is_cut_short),
        cmocka_unit_test(int10_prints),
        cmocka_unit_test(bios_services_return_registers_and_flags),
        cmocka_unit_test(waiting_for_a_key_is_a_stop),
        cmocka_unit_test(own_handlers_are_called),
        cmocka_unit_test(ports_are_events),
        cmocka_unit_test(real_mode_faults),
        cmocka_unit_test(real_mode_handler_takes_exceptions),
        cmocka_unit_test(protected_mode_is_entered),
        cmocka_unit_test(long_mode_is_entered),
        cmocka_unit_test(exceptions_without_an_idt),
        cmocka_unit_test(page_faults_reach_the_guests_handler),
        cmocka_unit_test(writes_outside_memory_stop),
        cmocka_unit_test(rom_writes_are_events_at_the_instruction),
        cmocka_unit_test(reset_by_the_keyboard_controller),
        cmocka_unit_test(a20_opens_by_port_92),
        cmocka_unit_test(timer_wakes_a_halted_cpu),
        cmocka_unit_test(the_same_program_gives_the_same_events),
        cmocka_unit_test(blocks_outside_memory_are_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
