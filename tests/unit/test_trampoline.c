/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loader's last code: its listing, and what a CPU that ran it looks like at the kernel's entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "emu/disasm.h"
#include "emu/machine.h"
#include "loader/page_tables.h"

#define LOW_KERNEL  0x100000u
#define HIGH_KERNEL 0x100200000ull /* in the RAM above 4 GiB */
#define ZERO_PAGE   0x7000u

/* A loader, what it boots, and the machine in which its last code ran. */
struct world {
    struct bzc_memory_map map;
    struct bzc_boot_loader loader;
    struct bzc_plan_options options;
    struct bzc_plan plan;
    struct bzc_error err;
    struct bzc_planning planning;
    struct bzc_handed_over handed_over;
    struct bzc_area mapped[2];
    struct bzc_machine *machine;
    struct bzc_stop stop;
    uint64_t stop_page; /* physical; the observer stops before code of this page runs */
};

/* push eax/rax; pop edx/rdx; hlt: the same bytes in 32-bit and 64-bit code */
static const uint8_t kernel_code[] = {0x50, 0x5a, 0xf4};
static const uint8_t reads_task_register[] = {0x0f, 0x00, 0xca, 0xf4}; /* str edx; hlt */

static struct world *new_world(enum bzc_path path, enum bzc_mode mode, uint64_t entry)
{
    static const char map_text[] = "0x0 0x9fbff usable\n0x9fc00 0x9ffff reserved\n0x100000 0x3ffffff usable\n"
                                   "0x100000000 0x103ffffff usable\n";
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    assert_int_equal(bzc_memory_map_parse((struct bzc_bytes){(const uint8_t *)map_text, sizeof(map_text) - 1},
                                          &world->map, &world->err),
                     BZC_OK);
    world->loader.code_selector = 0x10;
    world->loader.data_selector = 0x18;
    world->options = (struct bzc_plan_options){.cmdline = "", .map = &world->map};
    world->plan.path = path;
    world->plan.jump = (struct bzc_jump){mode, entry};
    world->planning = (struct bzc_planning){
        .loader = &world->loader, .options = &world->options, .plan = &world->plan, .err = &world->err};
    world->mapped[0] = (struct bzc_area){entry & ~0xfffull, (entry & ~0xfffull) + 0x300000};
    world->mapped[1] = (struct bzc_area){ZERO_PAGE, ZERO_PAGE + 0x1000};
    world->handed_over = (struct bzc_handed_over){.rsi = ZERO_PAGE, .mapped = world->mapped, .mapped_count = 2};
    return world;
}

static void free_world(struct world *world)
{
    bzc_machine_free(world->machine);
    bzc_plan_free(&world->plan);
    free(world);
}

static enum bzc_status add_trampoline(struct world *world)
{
    return bzc_plan_trampoline(&world->planning, &world->handed_over);
}

static bool on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    const struct world *world = context;

    (void)machine;
    return fetch->page != world->stop_page;
}

static void run(struct world *world, bool counted)
{
    struct bzc_machine_config config = {.map = &world->map,
                                        .profile = bzc_cpu_profile_find("x86-64"),
                                        .counted = counted,
                                        .observer = {world, on_code}};
    bool inconclusive = true;

    bzc_machine_free(world->machine);
    world->machine = NULL;
    if (bzc_machine_new(&config, &world->machine, &world->err) != BZC_OK ||
        bzc_machine_load(world->machine, &world->plan, &world->err) != BZC_OK ||
        bzc_machine_run(world->machine, &world->stop, &inconclusive, &world->err) != BZC_OK)
        fail_msg("%s", world->err.message);
    assert_false(inconclusive);
}

/* Runs the trampoline to just before the kernel's first instruction. */
static void run_to_entry(struct world *world, bool counted)
{
    const uint64_t entry = world->plan.jump.linear;

    world->stop_page = entry & ~0xfffull;
    run(world, counted);
    assert_int_equal(world->stop.reason, BZC_STOP_OBSERVER);
    assert_int_equal(world->stop.linear, entry);
    assert_true(world->stop.phys_known);
    assert_int_equal(world->stop.phys, entry);
}

static void add_kernel(struct world *world, const void *code, size_t size)
{
    bzc_plan_add(&world->plan, BZC_BLOCK_SEGMENT, world->plan.jump.linear, (struct bzc_bytes){code, size});
}

/* ---- the listing ---- */

struct line {
    unsigned bits;
    const char *text;
};

static void check_listing(const struct world *world, const struct line *expected, size_t count)
{
    const struct bzc_block *block = bzc_plan_block(&world->plan, BZC_BLOCK_TRAMPOLINE);
    uint64_t address;

    assert_non_null(block);
    address = block->phys;
    for (size_t i = 0; i < count; i++) {
        struct bzc_disasm_line line[BZC_DISASM_LINES_MAX];

        assert_int_equal(bzc_disasm_around(block->bytes, block->phys, address, expected[i].bits, 0, 0, line), 1);
        assert_string_equal(line[0].text, expected[i].text);
        address += line[0].size;
    }
    for (uint64_t at = address - block->phys; at < 0x1000; at++)
        assert_int_equal(block->bytes.data[at], 0);
}

static const struct line entry32_listing[] = {
    {16, "cli"},
    {16, "lidt [0x1088]"},
    {16, "lgdt [0x1080]"},
    {16, "mov eax, 0x11"},
    {16, "mov cr0, eax"},
    {16, "ljmp 0x10:0x801d"},
    {32, "mov eax, 0x18"},
    {32, "mov ds, eax"},
    {32, "mov eax, 0x18"},
    {32, "mov es, eax"},
    {32, "mov eax, 0x18"},
    {32, "mov ss, eax"},
    {32, "mov eax, 0x18"},
    {32, "mov fs, eax"},
    {32, "mov eax, 0x18"},
    {32, "mov gs, eax"},
    {32, "mov eax, 0xbad00000"},
    {32, "mov ecx, 0xbad00001"},
    {32, "mov edx, 0xbad00002"},
    {32, "mov ebx, 0"},
    {32, "mov esp, 0xa000"},
    {32, "mov ebp, 0"},
    {32, "mov esi, 0x7000"},
    {32, "mov edi, 0"},
    {32, "ljmp 0x10:0x100000"},
};

static const struct line pvh_listing[] = {
    {16, "cli"},
    {16, "lidt [0x1088]"},
    {16, "lgdt [0x1080]"},
    {16, "mov eax, 0x11"},
    {16, "mov cr0, eax"},
    {16, "ljmp 0x10:0x801d"},
    {32, "mov eax, 0x18"},
    {32, "mov ds, eax"},
    {32, "mov eax, 0x18"},
    {32, "mov es, eax"},
    {32, "mov eax, 0x18"},
    {32, "mov ss, eax"},
    {32, "mov eax, 0"},
    {32, "mov fs, eax"},
    {32, "mov eax, 0"},
    {32, "mov gs, eax"},
    {32, "mov eax, 0x78"},
    {32, "ltr ax"},
    {32, "mov eax, 0xbad00000"},
    {32, "mov ecx, 0xbad00001"},
    {32, "mov edx, 0xbad00002"},
    {32, "mov ebx, 0x6000"},
    {32, "mov esp, 0xa000"},
    {32, "mov ebp, 0xbad00005"},
    {32, "mov esi, 0xbad00006"},
    {32, "mov edi, 0xbad00007"},
    {32, "ljmp 0x10:0x100010"},
};

static const struct line entry64_listing[] = {
    {16, "cli"},
    {16, "lidt [0x1088]"},
    {16, "lgdt [0x1080]"},
    {16, "mov eax, 0x11"},
    {16, "mov cr0, eax"},
    {16, "ljmp 0x78:0x801d"},
    {32, "mov eax, 0x20"},
    {32, "mov cr4, eax"},
    {32, "mov eax, 0x40000"},
    {32, "mov cr3, eax"},
    {32, "mov ecx, 0xc0000080"},
    {32, "mov eax, 0x100"},
    {32, "mov edx, 0"},
    {32, "wrmsr"},
    {32, "mov eax, 0x80000011"},
    {32, "mov cr0, eax"},
    {32, "ljmp 0x10:0x804d"},
    {64, "mov eax, 0x18"},
    {64, "mov ds, eax"},
    {64, "mov eax, 0x18"},
    {64, "mov es, eax"},
    {64, "mov eax, 0x18"},
    {64, "mov ss, eax"},
    {64, "mov eax, 0x18"},
    {64, "mov fs, eax"},
    {64, "mov eax, 0x18"},
    {64, "mov gs, eax"},
    {64, "movabs rax, 0xbad0000000000000"},
    {64, "movabs rcx, 0xbad0000000000001"},
    {64, "movabs rdx, 0xbad0000000000002"},
    {64, "movabs rbx, 0xbad0000000000003"},
    {64, "movabs rsp, 0xa000"},
    {64, "movabs rbp, 0xbad0000000000005"},
    {64, "movabs rsi, 0x7000"},
    {64, "movabs rdi, 0xbad0000000000007"},
    {64, "movabs r8, 0xbad0000000000008"},
    {64, "movabs r9, 0xbad0000000000009"},
    {64, "movabs r10, 0xbad000000000000a"},
    {64, "movabs r11, 0xbad000000000000b"},
    {64, "movabs r12, 0xbad000000000000c"},
    {64, "movabs r13, 0xbad000000000000d"},
    {64, "movabs r14, 0xbad000000000000e"},
    {64, "movabs r15, 0xbad000000000000f"},
    {64, "sti"},
    {64, "jmp qword ptr [rip + 0xf79]"},
};

static void listings(void **state)
{
    struct world *world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);

    (void)state;
    assert_int_equal(add_trampoline(world), BZC_OK);
    check_listing(world, entry32_listing, sizeof(entry32_listing) / sizeof(entry32_listing[0]));
    assert_null(bzc_plan_block(&world->plan, BZC_BLOCK_PAGE_TABLES));
    free_world(world);

    world = new_world(BZC_PATH_PVH, BZC_MODE_PROT32, LOW_KERNEL + 0x10);
    world->handed_over = (struct bzc_handed_over){.rbx = 0x6000};
    world->loader.null_segments = 1u << BZC_FS | 1u << BZC_GS;
    assert_int_equal(add_trampoline(world), BZC_OK);
    check_listing(world, pvh_listing, sizeof(pvh_listing) / sizeof(pvh_listing[0]));
    free_world(world);

    world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, HIGH_KERNEL + 0x200);
    world->loader.interrupts_on = true;
    assert_int_equal(add_trampoline(world), BZC_OK);
    check_listing(world, entry64_listing, sizeof(entry64_listing) / sizeof(entry64_listing[0]));
    free_world(world);
}

/* ---- the state at the entry ---- */

static void check_segment(const struct bzc_segment *segment, uint16_t selector, uint16_t access)
{
    assert_int_equal(segment->selector, selector);
    assert_int_equal(segment->base, 0);
    assert_int_equal(segment->limit, 0xffffffff);
    assert_int_equal(segment->access, access);
}

/* boot.rst: CS execute/read, DS, ES and SS read/write, all flat 4 GiB. */
static void check_flat_segments(const struct bzc_regs *regs, uint16_t code_access)
{
    check_segment(&regs->seg[BZC_CS], 0x10, code_access);
    check_segment(&regs->seg[BZC_DS], 0x18, 0xc093);
    check_segment(&regs->seg[BZC_ES], 0x18, 0xc093);
    check_segment(&regs->seg[BZC_SS], 0x18, 0xc093);
}

/* The GDT in guest memory gives exactly the expected descriptors at two selectors, and null elsewhere but at 0x78. */
static void check_gdt(const struct world *world, uint64_t code, uint64_t data, uint64_t own)
{
    const struct bzc_table *gdtr = &world->stop.regs.gdtr;

    assert_int_equal(gdtr->limit, 0x7f);
    for (unsigned selector = 0; selector <= gdtr->limit; selector += 8) {
        uint64_t expected = selector == 0x78 ? own : selector == 0x10 ? code : selector == 0x18 ? data : 0;
        uint8_t raw[8] = {0};

        assert_true(bzc_machine_read(world->machine, gdtr->base + selector, raw, sizeof(raw)));
        assert_int_equal(bzc_load64(raw), expected);
    }
}

static void entry32(void **state)
{
    (void)state;
    for (unsigned counted = 0; counted < 2; counted++) {
        struct world *world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);
        const struct bzc_regs *regs = &world->stop.regs;

        add_kernel(world, kernel_code, sizeof(kernel_code));
        assert_int_equal(add_trampoline(world), BZC_OK);
        assert_true(world->plan.a20_open);
        assert_int_equal(bzc_regs_mode(&world->plan.start), BZC_MODE_REAL);
        assert_int_equal(world->plan.start.rflags, 2);
        assert_int_equal(world->plan.start.seg[BZC_SS].base, 0x8000);
        assert_int_equal(world->plan.start.gpr[BZC_RSP], 0x2000);
        run_to_entry(world, counted);
        assert_int_equal(bzc_regs_mode(regs), BZC_MODE_PROT32);
        assert_int_equal(regs->cr0, 0x11); /* PE, and ET, which is always 1 */
        assert_int_equal(regs->cr4, 0);
        assert_int_equal(regs->efer, 0);
        check_flat_segments(regs, 0xc09b);
        check_segment(&regs->seg[BZC_FS], 0x18, 0xc093);
        check_segment(&regs->seg[BZC_GS], 0x18, 0xc093);
        check_gdt(world, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0);
        assert_int_equal(regs->gpr[BZC_RSI], ZERO_PAGE);
        assert_int_equal(regs->gpr[BZC_RBX], 0);
        assert_int_equal(regs->gpr[BZC_RBP], 0);
        assert_int_equal(regs->gpr[BZC_RDI], 0);
        assert_int_equal(regs->gpr[BZC_RAX], 0xbad00000);
        assert_int_equal(regs->rflags, 2); /* IF, TF, DF and VM are off */
        assert_int_equal(regs->idtr.limit, 0);

        world->stop_page = 1; /* none: on to the HLT */
        run(world, counted);
        assert_int_equal(world->stop.reason, BZC_STOP_HALT);
        assert_int_equal(regs->gpr[BZC_RDX], 0xbad00000); /* by way of the stack */
        free_world(world);
    }
}

/* Xen, docs/misc/pvh.pandoc, "x86/HVM direct boot ABI" */
static void pvh(void **state)
{
    struct world *world = new_world(BZC_PATH_PVH, BZC_MODE_PROT32, LOW_KERNEL + 0x1d0);
    const struct bzc_regs *regs = &world->stop.regs;

    (void)state;
    world->handed_over = (struct bzc_handed_over){.rbx = 0x6000};
    add_kernel(world, reads_task_register, sizeof(reads_task_register));
    assert_int_equal(add_trampoline(world), BZC_OK);
    run_to_entry(world, false);
    assert_int_equal(bzc_regs_mode(regs), BZC_MODE_PROT32);
    assert_int_equal(regs->cr0, 0x11);
    assert_int_equal(regs->cr4, 0);
    assert_int_equal(regs->gpr[BZC_RBX], 0x6000);
    assert_int_equal(regs->gpr[BZC_RSI], 0xbad00006);
    assert_int_equal(regs->rflags & (BZC_FLAG_IF | BZC_FLAG_TF | 1u << 17), 0);
    check_flat_segments(regs, 0xc09b);
    /* the TSS is busy: base 0, limit 0x67 */
    check_gdt(world, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00008b0000000067);

    world->stop_page = 1;
    run(world, false);
    assert_int_equal(world->stop.reason, BZC_STOP_HALT);
    assert_int_equal(regs->gpr[BZC_RDX], 0x78);
    free_world(world);
}

static void check_mapped(const struct world *world, uint64_t linear, bool expected)
{
    uint64_t phys = ~linear;

    assert_int_equal(bzc_machine_lookup(world->machine, linear, &phys), expected);
    if (expected)
        assert_int_equal(phys, linear);
}

/* Everything of [start, end) is mapped to itself, and nothing next to it. */
static void check_mapping(const struct world *world, uint64_t start, uint64_t end)
{
    if (start != 0)
        check_mapped(world, start - 1, false);
    for (uint64_t linear = start; linear < end; linear += 0x1ff000)
        check_mapped(world, linear, true);
    check_mapped(world, end - 1, true);
    check_mapped(world, end, false);
}

static void check_long_mode(const struct world *world)
{
    const struct bzc_regs *regs = &world->stop.regs;

    assert_int_equal(bzc_regs_mode(regs), BZC_MODE_LONG);
    assert_int_equal(regs->cr0, 0x80000011);
    assert_int_equal(regs->cr4, 0x20);   /* PAE */
    assert_int_equal(regs->efer, 0x500); /* LME and LMA */
    check_flat_segments(regs, 0xa09b);   /* L and G */
    check_gdt(world, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff);
    assert_int_equal(regs->gpr[BZC_RAX], 0xbad0000000000000);
    assert_int_equal(regs->gpr[BZC_R15], 0xbad000000000000f);
}

static void entry64(void **state)
{
    (void)state;
    for (unsigned counted = 0; counted < 2; counted++) {
        struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x1000200);
        const struct bzc_block *tables, *block;

        add_kernel(world, kernel_code, sizeof(kernel_code));
        assert_int_equal(add_trampoline(world), BZC_OK);
        run_to_entry(world, counted);
        check_long_mode(world);
        assert_int_equal(world->stop.regs.gpr[BZC_RSI], ZERO_PAGE);
        assert_int_equal(world->stop.regs.rflags, 2);
        tables = bzc_plan_block(&world->plan, BZC_BLOCK_PAGE_TABLES);
        assert_non_null(tables);
        assert_int_equal(tables->bytes.size, 3 * 4096);
        assert_int_equal(world->stop.regs.cr3, tables->phys);
        check_mapping(world, 0, 0x200000); /* trampoline and boot_params */
        check_mapping(world, 0x1000000, 0x1400000);

        world->stop_page = 1;
        run(world, counted);
        assert_int_equal(world->stop.reason, BZC_STOP_HALT);
        assert_int_equal(world->stop.regs.gpr[BZC_RDX], 0xbad0000000000000);
        /* neither the GDT nor the mapping changed while they were used */
        block = bzc_plan_block(&world->plan, BZC_BLOCK_TRAMPOLINE);
        assert_memory_equal(bzc_machine_view(world->machine, block->phys, 0x1100).data, block->bytes.data, 0x1100);
        assert_memory_equal(bzc_machine_view(world->machine, tables->phys, tables->bytes.size).data, tables->bytes.data,
                            tables->bytes.size);
        free_world(world);
    }
}

static void entry64_above_4_gib(void **state)
{
    struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, HIGH_KERNEL + 0x100200);

    (void)state;
    world->handed_over.rsi = HIGH_KERNEL + 0x300000;
    add_kernel(world, kernel_code, sizeof(kernel_code));
    assert_int_equal(add_trampoline(world), BZC_OK);
    run_to_entry(world, false);
    check_long_mode(world);
    assert_int_equal(world->stop.regs.gpr[BZC_RSI], HIGH_KERNEL + 0x300000);
    check_mapping(world, 0, 0x200000);
    check_mapping(world, 0x100200000, 0x100600000); /* 0x100300000 to 0x1005fffff, rounded outwards */
    free_world(world);
}

/* A kernel's first instruction outside the mapping is a page fault, as with a real loader. */
static void unmapped_entry_faults(void **state)
{
    struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x1000200);

    (void)state;
    world->handed_over.mapped_count = 0;
    add_kernel(world, kernel_code, sizeof(kernel_code));
    assert_int_equal(add_trampoline(world), BZC_OK);
    world->stop_page = 1;
    run(world, false);
    assert_int_equal(world->stop.reason, BZC_STOP_TRIPLE_FAULT);
    assert_int_equal(world->stop.linear, 0x1000200);
    free_world(world);
}

static void identity_end_is_mapped_too(void **state)
{
    struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x1000200);

    (void)state;
    world->loader.identity_end = 1ull << 32;
    add_kernel(world, kernel_code, sizeof(kernel_code));
    assert_int_equal(add_trampoline(world), BZC_OK);
    assert_int_equal(bzc_plan_block(&world->plan, BZC_BLOCK_PAGE_TABLES)->bytes.size, 6 * 4096);
    run_to_entry(world, false);
    check_mapping(world, 0, 1ull << 32);
    free_world(world);
}

/* ---- what a loader's profile may say ---- */

static void other_selectors_and_registers(void **state)
{
    struct world *world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);
    const struct bzc_regs *regs = &world->stop.regs;

    (void)state;
    world->loader.code_selector = 0x8;
    world->loader.data_selector = 0x78;
    world->loader.null_segments = 1u << BZC_FS | 1u << BZC_GS;
    world->loader.interrupts_on = true;
    world->loader.reg_count = 2;
    world->loader.reg[0].gpr = BZC_RAX;
    world->loader.reg[0].value = 0x12345678;
    world->loader.reg[1].gpr = BZC_RBX;
    world->loader.reg[1].value = 7;
    add_kernel(world, kernel_code, sizeof(kernel_code));
    assert_int_equal(add_trampoline(world), BZC_OK);
    run_to_entry(world, false);
    check_segment(&regs->seg[BZC_CS], 0x8, 0xc09b);
    check_segment(&regs->seg[BZC_SS], 0x78, 0xc093);
    assert_int_equal(regs->seg[BZC_FS].selector, 0);
    assert_int_equal(regs->seg[BZC_FS].access & BZC_SEG_P, 0);
    assert_int_equal(regs->seg[BZC_GS].selector, 0);
    assert_int_equal(regs->gpr[BZC_RAX], 0x12345678);
    assert_int_equal(regs->gpr[BZC_RBX], 7);
    assert_int_equal(regs->rflags, 0x202);
    free_world(world);
}

/* The 32-bit code on the way to long mode needs a selector that the loader has no other use for. */
/* coreboot, util/cbfstool/linux_trampoline.S: another GDT, and no segment register is loaded from it. */
static void other_gdt_behind_the_selectors(void **state)
{
    static const uint8_t loads_boot_ds[] = {0xb8, 0x18, 0,    0,
                                            0,    0x8e, 0xd8, 0xf4}; /* mov eax, 0x18; mov ds, eax; hlt */
    struct world *world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);
    const struct bzc_regs *regs = &world->stop.regs;

    (void)state;
    world->loader.code_selector = 0x08;
    world->loader.data_selector = 0x10;
    world->loader.other_gdt = true;
    add_kernel(world, loads_boot_ds, sizeof(loads_boot_ds));
    assert_int_equal(add_trampoline(world), BZC_OK);
    run_to_entry(world, false);
    check_segment(&regs->seg[BZC_CS], 0x08, 0xc09b);
    check_segment(&regs->seg[BZC_DS], 0x10, 0xc093);
    check_segment(&regs->seg[BZC_SS], 0x10, 0xc093);
    assert_int_equal(regs->gdtr.limit, 0x1f);
    for (unsigned i = 0; i < 4; i++) {
        static const uint64_t expected[] = {0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff};
        uint8_t raw[8] = {0};

        assert_true(bzc_machine_read(world->machine, regs->gdtr.base + 8 * i, raw, sizeof(raw)));
        assert_int_equal(bzc_load64(raw), expected[i]);
    }
    assert_int_equal(regs->gpr[BZC_RSI], ZERO_PAGE);
    assert_int_equal(regs->gpr[BZC_RSP], 0xa000);

    world->stop_page = 1;
    run(world, false);
    assert_int_equal(world->stop.reason, BZC_STOP_HALT);
    check_segment(&regs->seg[BZC_DS], 0x18, 0xc093);
    free_world(world);
}

static void long_mode_with_other_selectors(void **state)
{
    static const uint16_t selectors[][2] = {{0x8, 0x10}, {0x78, 0x70}, {0x10, 0x78}};

    (void)state;
    for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
        struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x1000200);

        world->loader.code_selector = selectors[i][0];
        world->loader.data_selector = selectors[i][1];
        add_kernel(world, kernel_code, sizeof(kernel_code));
        assert_int_equal(add_trampoline(world), BZC_OK);
        run_to_entry(world, false);
        assert_int_equal(bzc_regs_mode(&world->stop.regs), BZC_MODE_LONG);
        check_segment(&world->stop.regs.seg[BZC_CS], selectors[i][0], 0xa09b);
        check_segment(&world->stop.regs.seg[BZC_DS], selectors[i][1], 0xc093);
        free_world(world);
    }
}

static void long_mode_with_null_segments(void **state)
{
    struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x1000200);

    (void)state;
    world->loader.code_selector = 0x8;
    world->loader.data_selector = 0;
    add_kernel(world, kernel_code, sizeof(kernel_code));
    assert_int_equal(add_trampoline(world), BZC_OK);
    run_to_entry(world, false);
    assert_int_equal(bzc_regs_mode(&world->stop.regs), BZC_MODE_LONG);
    assert_int_equal(world->stop.regs.seg[BZC_CS].selector, 0x8);
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        if (i != BZC_CS)
            assert_int_equal(world->stop.regs.seg[i].selector, 0);
    world->stop_page = 1;
    run(world, false);
    assert_int_equal(world->stop.reason, BZC_STOP_HALT);
    free_world(world);
}

static void refusals(void **state)
{
    static const struct {
        uint16_t code_selector, data_selector;
        unsigned null_segments;
        enum bzc_mode mode;
        uint64_t entry, rsi, identity_end;
        enum bzc_status status;
        const char *text;
    } cases[] = {
        {0x13, 0x18, 0, BZC_MODE_LONG, 0x1000200, 0, 0, BZC_ERR_UNSUPPORTED, "code selector 0x13"},
        {0, 0x18, 0, BZC_MODE_LONG, 0x1000200, 0, 0, BZC_ERR_UNSUPPORTED, "code selector 0x0"},
        {0x10, 0x80, 0, BZC_MODE_LONG, 0x1000200, 0, 0, BZC_ERR_UNSUPPORTED, "data selector 0x80"},
        {0x10, 0x10, 0, BZC_MODE_LONG, 0x1000200, 0, 0, BZC_ERR_UNSUPPORTED, "not the same"},
        {0x10, 0x18, 1u << BZC_SS, BZC_MODE_PROT32, 0x100000, 0, 0, BZC_ERR_UNSUPPORTED, "SS cannot be null"},
        {0x10, 0, 0, BZC_MODE_PROT32, 0x100000, 0, 0, BZC_ERR_UNSUPPORTED, "SS cannot be null"},
        {0x10, 0x18, 0, BZC_MODE_PROT32, 1ull << 32, 0, 0, BZC_ERR_LIMIT, "below 4 GiB"},
        {0x10, 0x18, 0, BZC_MODE_PROT32, 0x100000, 1ull << 32, 0, BZC_ERR_LIMIT, "below 4 GiB"},
        {0x10, 0x18, 0, BZC_MODE_LONG, 0x1000200, 0, 512ull << 30, BZC_ERR_LIMIT, "more than 128 page tables"},
        {0x10, 0x18, 0, BZC_MODE_LONG, 0x1000200, 0, 100ull << 30, BZC_ERR_LIMIT, "no room for 102 page tables"},
        {0x10, 0x18, 0, BZC_MODE_LONG, 0x1000200, 0, UINT64_MAX, BZC_ERR_LIMIT, "linear addresses end at"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world *world = new_world(BZC_PATH_ENTRY32, cases[i].mode, cases[i].entry);

        world->loader.code_selector = cases[i].code_selector;
        world->loader.data_selector = cases[i].data_selector;
        world->loader.null_segments = cases[i].null_segments;
        world->loader.identity_end = cases[i].identity_end;
        world->handed_over.rsi = cases[i].rsi;
        assert_int_equal(add_trampoline(world), cases[i].status);
        if (!strstr(world->err.message, cases[i].text))
            fail_msg("case %zu: %s", i, world->err.message);
        free_world(world);
    }
}

static void registers_that_32_bit_code_lacks(void **state)
{
    static const struct {
        enum bzc_gpr gpr;
        uint64_t value;
    } cases[] = {{BZC_R8, 1}, {BZC_RAX, 1ull << 32}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world *world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);

        world->loader.reg_count = 1;
        world->loader.reg[0].gpr = cases[i].gpr;
        world->loader.reg[0].value = cases[i].value;
        assert_int_equal(add_trampoline(world), BZC_ERR_UNSUPPORTED);
        assert_non_null(strstr(world->err.message, "in 32-bit protected mode"));
        world->plan.jump.mode = BZC_MODE_LONG;
        assert_int_equal(add_trampoline(world), BZC_OK);
        free_world(world);
    }
}

static void other_blocks_are_avoided(void **state)
{
    static const uint8_t page[4096];
    struct world *world = new_world(BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x1000200);
    const struct bzc_block *block;

    (void)state;
    add_kernel(world, kernel_code, sizeof(kernel_code));
    bzc_plan_add(&world->plan, BZC_BLOCK_BOOT_PARAMS, 0x9000, (struct bzc_bytes){page, sizeof(page)});
    bzc_plan_add(&world->plan, BZC_BLOCK_CMDLINE, 0x42ffe, (struct bzc_bytes){page, 3});
    assert_int_equal(add_trampoline(world), BZC_OK);
    block = bzc_plan_block(&world->plan, BZC_BLOCK_TRAMPOLINE);
    assert_int_equal(block->phys, 0xa000);
    block = bzc_plan_block(&world->plan, BZC_BLOCK_PAGE_TABLES);
    assert_int_equal(block->phys, 0x44000);
    run_to_entry(world, false);
    assert_int_equal(world->stop.regs.gpr[BZC_RSP], 0xc000);
    assert_int_equal(world->stop.regs.cr3, 0x44000);
    free_world(world);

    /* behind boot_params, or before it when there is no room behind */
    for (uint64_t boot_params = 0x10000; boot_params < 0xa0000; boot_params += 0x8e000) {
        world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);
        world->handed_over.rsi = boot_params;
        bzc_plan_add(&world->plan, BZC_BLOCK_BOOT_PARAMS, boot_params, (struct bzc_bytes){page, sizeof(page)});
        assert_int_equal(add_trampoline(world), BZC_OK);
        block = bzc_plan_block(&world->plan, BZC_BLOCK_TRAMPOLINE);
        assert_int_equal(block->phys, boot_params == 0x10000 ? 0x11000 : 0x8000);
        free_world(world);
    }

    world = new_world(BZC_PATH_ENTRY32, BZC_MODE_PROT32, LOW_KERNEL);
    world->map.range[0].size = 0x9000; /* all low memory there is */
    assert_int_equal(add_trampoline(world), BZC_ERR_LIMIT);
    assert_non_null(strstr(world->err.message, "no room for the loader's last code"));
    free_world(world);
}

/* ---- page tables ---- */

static void tables_are_counted(void **state)
{
    static const struct {
        struct bzc_area area[2];
        size_t count;
        enum bzc_status status;
        size_t tables; /* one for all, one for each 512 GiB, one for each GiB */
    } cases[] = {
        {{{0, 0}}, 1, BZC_OK, 1},
        {{{0, 1}}, 1, BZC_OK, 3},
        {{{5, 4}}, 1, BZC_OK, 1},
        {{{0x3fffffff, 0x40000001}}, 1, BZC_OK, 4},
        {{{0x3fffffff, 0x40000000}}, 1, BZC_OK, 3},
        {{{512 * (1ull << 30) - 1, 512 * (1ull << 30) + 1}}, 1, BZC_OK, 5},
        {{{0, 4ull << 30}, {1ull << 30, 3ull << 30}}, 2, BZC_OK, 6},
        {{{1ull << 30, 3ull << 30}, {0, 4ull << 30}}, 2, BZC_OK, 6},
        {{{0, 64ull << 30}}, 1, BZC_OK, 66},
        {{{0, 126ull << 30}}, 1, BZC_OK, 128},
        {{{0, (126ull << 30) + 1}}, 1, BZC_ERR_LIMIT, 0},
        {{{0, 512ull << 30}}, 1, BZC_ERR_LIMIT, 0},
        {{{0, 1ull << 47}}, 1, BZC_ERR_LIMIT, 0},
        {{{(1ull << 47) - 1, 1ull << 47}}, 1, BZC_OK, 3},
        {{{(1ull << 47) - 1, (1ull << 47) + 1}}, 1, BZC_ERR_LIMIT, 0},
        {{{0, UINT64_MAX}}, 1, BZC_ERR_LIMIT, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_error err = {0};
        size_t tables = 0;

        assert_int_equal(bzc_page_tables_count(cases[i].area, cases[i].count, &tables, &err), cases[i].status);
        if (cases[i].status == BZC_OK)
            assert_int_equal(tables, cases[i].tables);
    }
}

/* Intel SDM volume 3A: P 0x1, R/W 0x2, A 0x20, D 0x40, PS 0x80 */
static void tables_are_filled(void **state)
{
    static const struct bzc_area areas[] = {{0x3fffffff, 0x40000001}, {0x3fe00000, 0x3fe00001}};
    static const struct {
        size_t offset;
        uint64_t entry;
    } expected[] = {
        {0x0000, 0x51023}, {0x1000, 0x52023}, {0x1008, 0x53023}, {0x2000 + 511 * 8, 0x3fe000e3}, {0x3000, 0x400000e3}};
    static uint8_t tables[4 * 4096], copy[4 * 4096];

    (void)state;
    memset(tables, 0, sizeof(tables));
    memset(copy, 0, sizeof(copy));
    bzc_page_tables_fill(areas, 2, 0x50000, tables, 4);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        bzc_store64(copy + expected[i].offset, expected[i].entry);
    assert_memory_equal(tables, copy, sizeof(tables));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listings),
        cmocka_unit_test(entry32),
        cmocka_unit_test(pvh),
        cmocka_unit_test(entry64),
        cmocka_unit_test(entry64_above_4_gib),
        cmocka_unit_test(unmapped_entry_faults),
        cmocka_unit_test(identity_end_is_mapped_too),
        cmocka_unit_test(other_selectors_and_registers),
        cmocka_unit_test(other_gdt_behind_the_selectors),
        cmocka_unit_test(long_mode_with_other_selectors),
        cmocka_unit_test(long_mode_with_null_segments),
        cmocka_unit_test(refusals),
        cmocka_unit_test(registers_that_32_bit_code_lacks),
        cmocka_unit_test(other_blocks_are_avoided),
        cmocka_unit_test(tables_are_counted),
        cmocka_unit_test(tables_are_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
