/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loader's last code: from real mode to the mode of the entry. It is guest code, so that the CPU gets there as on
 * a PC, and the kernel finds the hidden parts of the segments as a GDT gives them.
 *
 * What the kernel must find: boot.rst, "32-bit Boot Protocol", "64-bit Boot Protocol"; for path pvh Xen,
 * docs/misc/pvh.pandoc, "x86/HVM direct boot ABI". What these do not promise is left as nothing that a kernel could
 * count on: registers hold 0xbad00000 (in long mode 0xbad0000000000000, which is no address) plus their number, the GDT
 * holds nothing else but one descriptor of the trampoline's own at its end, and there is no IDT.
 */
#include <assert.h>
#include <string.h>

#include "loader/page_tables.h"
#include "loader/plan_parts.h"

/*
 * Two pages: code, and behind it what is read and written. Kept apart because a page that changes from one to the other
 * costs the emulator time. The rest of the second page is the stack.
 */
#define CODE_SIZE       0x1000u
#define DATA_OFFSET     CODE_SIZE
#define GDT_OFFSET      (DATA_OFFSET + 0x00)
#define GDT_SIZE        0x80u                /* 16 descriptors */
#define GDTR_OFFSET     (DATA_OFFSET + 0x80) /* limit, base */
#define IDTR_OFFSET     (DATA_OFFSET + 0x88) /* all 0: no vector */
#define TARGET_OFFSET   (DATA_OFFSET + 0x90) /* long mode: where to jump */
#define OTHER_GDT       (DATA_OFFSET + 0xa0) /* null, unused, __BOOT_CS, __BOOT_DS */
#define OTHER_GDT_SIZE  0x20u
#define OTHER_GDTR      (DATA_OFFSET + 0xc0)
#define TRAMPOLINE_SIZE 0x2000u
#define STACK_OFFSET    TRAMPOLINE_SIZE /* grows down */

#define TRAMPOLINE_FLOOR 0x8000ull
#define TABLES_FLOOR     0x40000ull
#define LOW_MEMORY_END   0xa0000ull
#define FOUR_GIB         0x100000000ull

/* Intel SDM volume 3A, "Segment Descriptors" and "TSS Descriptor": base 0; accessed, since loading would set it. */
#define DESCRIPTOR_CODE32 0x00cf9b000000ffffull /* execute/read, 32-bit, 4 GiB */
#define DESCRIPTOR_CODE64 0x00af9b000000ffffull /* execute/read, L */
#define DESCRIPTOR_DATA   0x00cf93000000ffffull /* read/write, 32-bit, 4 GiB */
#define DESCRIPTOR_TSS32  0x0000890000000067ull /* available 32-bit TSS, limit 0x67 */

#define CR0_ET       (1ull << 4)
#define MSR_EFER     0xc0000080u
#define RFLAGS_FIXED (1u << 1)

#define UNDEFINED_32 0xbad00000ull
#define UNDEFINED_64 0xbad0000000000000ull

/* ---- instructions ---- */

struct code {
    uint8_t *bytes; /* CODE_SIZE of them */
    uint64_t phys;
    size_t size;
};

static void put(struct code *code, unsigned size, uint64_t value)
{
    assert(size <= CODE_SIZE - code->size);
    for (unsigned i = 0; i < size; i++)
        code->bytes[code->size++] = (uint8_t)(value >> 8 * i);
}

static unsigned hex_digit(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* "0f 22 c0" */
static void put_hex(struct code *code, const char *hex)
{
    for (; hex[0] != '\0'; hex += hex[2] == ' ' ? 3 : 2)
        put(code, 1, hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
}

/* Far jump to the next instruction, by which CS is loaded. In 16-bit code the caller puts the prefix before it. */
static void put_jump_into(struct code *code, uint16_t selector)
{
    put_hex(code, "ea"); /* jmp selector:next */
    put(code, 4, code->phys + code->size + 6);
    put(code, 2, selector);
}

/* In protected and in long mode, where it clears the upper half of RAX. */
static void put_mov_eax(struct code *code, uint64_t value)
{
    put_hex(code, "b8"); /* mov eax, value */
    put(code, 4, value);
}

/* ---- what to load ---- */

struct trampoline {
    const struct bzc_planning *planning;
    const struct bzc_handed_over *handed_over;
    uint64_t phys, page_tables;
    bool long_mode;
    uint16_t code_selector, data_selector; /* what the kernel is entered with */
    uint16_t own_selector;                 /* no other's: 32-bit code on the way to long mode, or path pvh's TSS */
};

static bool is_selector(uint16_t selector)
{
    return selector % 8 == 0 && selector < GDT_SIZE;
}

static enum bzc_status check(const struct trampoline *trampoline)
{
    const struct bzc_planning *planning = trampoline->planning;
    const struct bzc_boot_loader *loader = planning->loader;
    const struct bzc_plan *plan = planning->plan;

    if (!is_selector(loader->code_selector) || !is_selector(loader->data_selector) || loader->code_selector == 0 ||
        loader->code_selector == loader->data_selector)
        return bzc_error_set(
            planning->err, BZC_ERR_UNSUPPORTED,
            "code selector 0x%x and data selector 0x%x: each a multiple of 8 below 0x%x, not the same, "
            "and the first not 0",
            loader->code_selector, loader->data_selector, GDT_SIZE);
    if (trampoline->long_mode)
        return BZC_OK;
    if (loader->data_selector == 0 || (loader->null_segments & 1u << BZC_SS))
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "SS cannot be null in 32-bit protected mode");
    for (size_t i = 0; i < loader->reg_count; i++)
        if (loader->reg[i].gpr >= BZC_R8 || loader->reg[i].value >= FOUR_GIB)
            return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "%s cannot hold 0x%llx in 32-bit protected mode",
                                 bzc_gpr_name(loader->reg[i].gpr), (unsigned long long)loader->reg[i].value);
    if (plan->jump.linear >= FOUR_GIB || trampoline->handed_over->rsi >= FOUR_GIB ||
        trampoline->handed_over->rbx >= FOUR_GIB)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "a 32-bit entry and what is handed over to it must lie below 4 GiB");
    return BZC_OK;
}

/* What a register holds when the kernel is entered. */
static uint64_t register_value(const struct trampoline *trampoline, enum bzc_gpr gpr)
{
    const struct bzc_boot_loader *loader = trampoline->planning->loader;
    bool pvh = trampoline->planning->plan->path == BZC_PATH_PVH;

    for (size_t i = 0; i < loader->reg_count; i++)
        if (loader->reg[i].gpr == gpr)
            return loader->reg[i].value;
    if (gpr == BZC_RSP)
        return trampoline->phys + STACK_OFFSET;
    if (gpr == BZC_RSI && !pvh)
        return trampoline->handed_over->rsi;
    if (gpr == BZC_RBX && pvh)
        return trampoline->handed_over->rbx;
    if (trampoline->long_mode)
        return UNDEFINED_64 + gpr;
    if (!pvh && (gpr == BZC_RBX || gpr == BZC_RBP || gpr == BZC_RDI))
        return 0;
    return UNDEFINED_32 + gpr;
}

static void fill_data(const struct trampoline *trampoline, uint8_t *block)
{
    uint8_t *gdt = block + GDT_OFFSET;

    bzc_store64(gdt + trampoline->code_selector, trampoline->long_mode ? DESCRIPTOR_CODE64 : DESCRIPTOR_CODE32);
    if (trampoline->data_selector != 0)
        bzc_store64(gdt + trampoline->data_selector, DESCRIPTOR_DATA);
    if (trampoline->long_mode)
        bzc_store64(gdt + trampoline->own_selector, DESCRIPTOR_CODE32);
    else if (trampoline->planning->plan->path == BZC_PATH_PVH)
        bzc_store64(gdt + trampoline->own_selector, DESCRIPTOR_TSS32);
    bzc_store16(block + GDTR_OFFSET, GDT_SIZE - 1);
    bzc_store32(block + GDTR_OFFSET + 2, (uint32_t)(trampoline->phys + GDT_OFFSET));
    bzc_store64(block + TARGET_OFFSET, trampoline->planning->plan->jump.linear);
    if (!trampoline->planning->loader->other_gdt || trampoline->long_mode)
        return;
    bzc_store64(block + OTHER_GDT + 0x10, DESCRIPTOR_CODE32);
    bzc_store64(block + OTHER_GDT + 0x18, DESCRIPTOR_DATA);
    bzc_store16(block + OTHER_GDTR, OTHER_GDT_SIZE - 1);
    bzc_store32(block + OTHER_GDTR + 2, (uint32_t)(trampoline->phys + OTHER_GDT));
}

/* ---- the code ---- */

static void put_real_mode(struct code *code, const struct trampoline *trampoline)
{
    put_hex(code, "fa");       /* cli */
    put_hex(code, "0f 01 1e"); /* lidt [IDTR_OFFSET] */
    put(code, 2, IDTR_OFFSET);
    put_hex(code, "66 0f 01 16"); /* lgdt [GDTR_OFFSET], with 32 bits of base */
    put(code, 2, GDTR_OFFSET);
    put_hex(code, "66 b8"); /* mov eax, PE | ET */
    put(code, 4, BZC_CR0_PE | CR0_ET);
    put_hex(code, "0f 22 c0"); /* mov cr0, eax */
    put_hex(code, "66");
    put_jump_into(code, trampoline->long_mode ? trampoline->own_selector : trampoline->code_selector);
}

static void put_long_mode(struct code *code, const struct trampoline *trampoline)
{
    put_mov_eax(code, BZC_CR4_PAE);
    put_hex(code, "0f 22 e0"); /* mov cr4, eax */
    put_mov_eax(code, trampoline->page_tables);
    put_hex(code, "0f 22 d8"); /* mov cr3, eax */
    put_hex(code, "b9");       /* mov ecx, MSR_EFER */
    put(code, 4, MSR_EFER);
    put_mov_eax(code, BZC_EFER_LME);
    put_hex(code, "ba 00 00 00 00"); /* mov edx, 0 */
    put_hex(code, "0f 30");          /* wrmsr */
    put_mov_eax(code, BZC_CR0_PG | CR0_ET | BZC_CR0_PE);
    put_hex(code, "0f 22 c0"); /* mov cr0, eax */
    put_jump_into(code, trampoline->code_selector);
}

static void put_segments(struct code *code, const struct trampoline *trampoline)
{
    static const enum bzc_seg order[] = {BZC_DS, BZC_ES, BZC_SS, BZC_FS, BZC_GS};
    unsigned null_segments = trampoline->planning->loader->null_segments;

    for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        put_mov_eax(code, null_segments >> order[i] & 1 ? 0 : trampoline->data_selector);
        put_hex(code, "8e"); /* mov ds/es/ss/fs/gs, eax */
        put(code, 1, 0xc0u | (unsigned)order[i] << 3);
    }
}

static void put_registers(struct code *code, const struct trampoline *trampoline)
{
    for (unsigned gpr = 0; gpr < (trampoline->long_mode ? BZC_GPR_COUNT : BZC_R8); gpr++) {
        uint64_t value = register_value(trampoline, gpr);

        if (trampoline->long_mode)
            put(code, 1, gpr >= BZC_R8 ? 0x49 : 0x48); /* REX.W, with B for r8 to r15 */
        put(code, 1, 0xb8 + gpr % 8);                  /* mov register, value */
        put(code, trampoline->long_mode ? 8 : 4, value);
    }
}

static void put_jump(struct code *code, const struct trampoline *trampoline)
{
    uint64_t linear = trampoline->planning->plan->jump.linear;

    if (trampoline->long_mode) {
        put_hex(code, "ff 25"); /* jmp qword ptr [rip + distance to TARGET_OFFSET] */
        put(code, 4, TARGET_OFFSET - (code->size + 4));
    } else if (trampoline->planning->loader->other_gdt) {
        put_hex(code, "0f 01 15"); /* lgdt [OTHER_GDTR] */
        put(code, 4, trampoline->phys + OTHER_GDTR);
        put_hex(code, "e9"); /* jmp linear: CS stays */
        put(code, 4, (uint32_t)(linear - (code->phys + code->size + 4)));
    } else {
        put_hex(code, "ea"); /* jmp code_selector:linear */
        put(code, 4, linear);
        put(code, 2, trampoline->code_selector);
    }
}

static void fill_code(const struct trampoline *trampoline, uint8_t *block)
{
    const struct bzc_planning *planning = trampoline->planning;
    struct code code = {block, trampoline->phys, 0};

    put_real_mode(&code, trampoline);
    if (trampoline->long_mode)
        put_long_mode(&code, trampoline);
    put_segments(&code, trampoline);
    if (planning->plan->path == BZC_PATH_PVH) {
        put_mov_eax(&code, trampoline->own_selector);
        put_hex(&code, "0f 00 d8"); /* ltr ax */
    }
    put_registers(&code, trampoline);
    if (planning->loader->interrupts_on)
        put_hex(&code, "fb"); /* sti */
    put_jump(&code, trampoline);
}

/* ---- the plan ---- */

/* The lowest pages of low memory from `floor` on that no block uses: everything else has its place by now. */
static bool place_low(const struct bzc_planning *planning, uint64_t floor, uint64_t size, uint64_t *phys)
{
    const struct bzc_plan *plan = planning->plan;
    struct bzc_area used[BZC_PLAN_BLOCKS_MAX];

    for (size_t i = 0; i < plan->block_count; i++)
        used[i] = (struct bzc_area){plan->block[i].phys, plan->block[i].phys + plan->block[i].bytes.size};
    return bzc_place_lowest(planning->options->map, floor, LOW_MEMORY_END, size, BZC_PAGE_TABLE_SIZE, used,
                            plan->block_count, phys);
}

static enum bzc_status add_page_tables(struct trampoline *trampoline)
{
    const struct bzc_planning *planning = trampoline->planning;
    const struct bzc_handed_over *handed_over = trampoline->handed_over;
    struct bzc_area areas[2 * BZC_PLAN_BLOCKS_MAX + 2];
    /* A loader that says how far it maps maps that and no more. */
    bool needed = planning->loader->identity_end == 0;
    size_t area_count = 0, table_count;
    enum bzc_status status;
    uint8_t *tables;

    assert(handed_over->mapped_count <= BZC_PLAN_BLOCKS_MAX);
    areas[area_count++] = (struct bzc_area){trampoline->phys, trampoline->phys + TRAMPOLINE_SIZE};
    if (planning->loader->identity_end != 0)
        areas[area_count++] = (struct bzc_area){0, planning->loader->identity_end};
    for (size_t i = 0; i < handed_over->mapped_count && needed; i++)
        areas[area_count++] = handed_over->mapped[i];
    /*
     * boot.rst does not name setup_data, but Linux 6.1 reads the list before it has tables of its own
     * (arch/x86/boot/compressed/ident_map_64.c, initialize_identity_maps()) and faults without end when it cannot.
     */
    for (size_t i = 0; i < planning->plan->block_count && needed; i++) {
        const struct bzc_block *block = &planning->plan->block[i];

        if (block->role == BZC_BLOCK_SETUP_DATA)
            areas[area_count++] = (struct bzc_area){block->phys, block->phys + block->bytes.size};
    }
    status = bzc_page_tables_count(areas, area_count, &table_count, planning->err);
    if (status != BZC_OK)
        return status;
    if (!place_low(planning, TABLES_FLOOR, table_count * BZC_PAGE_TABLE_SIZE, &trampoline->page_tables))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "no room for %zu page tables (%zu KiB) between 256 and 640 KiB", table_count,
                             table_count * BZC_PAGE_TABLE_SIZE / 1024);
    tables = bzc_plan_alloc(planning->plan, table_count * BZC_PAGE_TABLE_SIZE);
    if (!tables)
        return bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for the page tables");
    bzc_page_tables_fill(areas, area_count, trampoline->page_tables, tables, table_count);
    bzc_plan_add(planning->plan, BZC_BLOCK_PAGE_TABLES, trampoline->page_tables,
                 (struct bzc_bytes){tables, table_count * BZC_PAGE_TABLE_SIZE});
    return BZC_OK;
}

/* From the end of the GDT: a kernel that loads 0x10 or 0x18 shall find there what the loader has there, or nothing. */
static uint16_t free_selector(const struct bzc_boot_loader *loader)
{
    uint16_t selector = GDT_SIZE - 8;

    while (selector == loader->code_selector || selector == loader->data_selector)
        selector = (uint16_t)(selector - 8);
    return selector;
}

/* Real mode, interrupts off, all segments on the trampoline. */
static void set_start(struct bzc_regs *regs, uint64_t phys)
{
    uint16_t selector = (uint16_t)(phys >> 4);

    memset(regs, 0, sizeof(*regs));
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        regs->seg[i] = (struct bzc_segment){
            .selector = selector, .access = i == BZC_CS ? 0x9b : 0x93, .limit = 0xffff, .base = phys};
    regs->gpr[BZC_RSP] = STACK_OFFSET;
    regs->rflags = RFLAGS_FIXED;
    regs->cr0 = CR0_ET;
    regs->gdtr.limit = 0xffff;
    regs->idtr.limit = 0x3ff; /* the interrupt vector table of real mode */
}

/*
 * Behind boot_params where there is room: kernels before protocol 2.05 unpack themselves into the low memory from
 * 0x2000 to what ESI points to (arch/i386/boot/compressed/misc.c, LOW_BUFFER_START), and then load CS from this GDT
 * once more.
 */
static bool place_trampoline(const struct bzc_planning *planning, uint64_t boot_params, uint64_t *phys)
{
    return (boot_params >= TRAMPOLINE_FLOOR && boot_params < LOW_MEMORY_END &&
            place_low(planning, boot_params, TRAMPOLINE_SIZE, phys)) ||
           place_low(planning, TRAMPOLINE_FLOOR, TRAMPOLINE_SIZE, phys);
}

enum bzc_status bzc_plan_trampoline(const struct bzc_planning *planning, const struct bzc_handed_over *handed_over)
{
    struct bzc_plan *plan = planning->plan;
    struct trampoline trampoline = {.planning = planning,
                                    .handed_over = handed_over,
                                    .long_mode = plan->jump.mode == BZC_MODE_LONG,
                                    .code_selector = planning->loader->code_selector,
                                    .data_selector = planning->loader->data_selector,
                                    .own_selector = free_selector(planning->loader)};
    enum bzc_status status;
    uint8_t *block;

    assert(trampoline.long_mode || plan->jump.mode == BZC_MODE_PROT32);
    status = check(&trampoline);
    if (status != BZC_OK)
        return status;
    if (!place_trampoline(planning, handed_over->rsi, &trampoline.phys))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "no room for the loader's last code (%u bytes) between 32 and 640 KiB", TRAMPOLINE_SIZE);
    block = bzc_plan_alloc(plan, TRAMPOLINE_SIZE);
    if (!block)
        return bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for the loader's last code");
    bzc_plan_add(plan, BZC_BLOCK_TRAMPOLINE, trampoline.phys, (struct bzc_bytes){block, TRAMPOLINE_SIZE});
    if (trampoline.long_mode) {
        status = add_page_tables(&trampoline);
        if (status != BZC_OK)
            return status;
    }
    fill_data(&trampoline, block);
    fill_code(&trampoline, block);
    set_start(&plan->start, trampoline.phys);
    plan->a20_open = true;
    return BZC_OK;
}
