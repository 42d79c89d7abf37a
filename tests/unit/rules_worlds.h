/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world of rules_world.h entered by other ways, and with other expectations; nothing is wrong in them, either. */
#ifndef BZC_TESTS_UNIT_RULES_WORLDS_H
#define BZC_TESTS_UNIT_RULES_WORLDS_H

#include "rules_world.h"

/* A loader that bypasses setup: it builds boot_params, and hands over at `entry` in `mode`. */
static inline void world_bypass_setup(struct world *world, enum bzc_path path, enum bzc_mode mode, uint64_t entry)
{
    struct bzc_run_facts *run = &world->run;
    struct bzc_plan *plan = &run->plan;

    run->path = plan->path = path;
    run->asked_for_e820 = false;
    plan->jump = (struct bzc_jump){mode, entry};
    plan->boot_params_phys = WORLD_BOOT_PARAMS;
    world_boot_params(world, &run->entry);
    bzc_store64(run->entry.boot_params + 0x70, WORLD_RSDP);
    run->entry.boot_params[0] = 7; /* the cursor moves */
    memcpy(world->zero_page, run->entry.boot_params, sizeof(world->zero_page));
    world->zero_page[0] = 0;
    plan->block[0] = (struct bzc_block){.role = BZC_BLOCK_BOOT_PARAMS,
                                        .name = "boot_params",
                                        .phys = WORLD_BOOT_PARAMS,
                                        .bytes = {world->zero_page, sizeof(world->zero_page)}};
    plan->write[plan->write_count++] = (struct bzc_plan_write){.bp = BZC_BP_E820_ENTRIES, .value = 4};
    plan->write[plan->write_count++] = (struct bzc_plan_write){.bp = BZC_BP_ORIG_X, .value = 0};
    plan->write[plan->write_count++] = (struct bzc_plan_write){.bp = BZC_BP_ACPI_RSDP_ADDR, .value = WORLD_RSDP};
    memcpy(run->pm_entry.boot_params, world->zero_page, sizeof(world->zero_page));
    world->realmode[0x210] = 0; /* type_of_loader in the file */
    run->stage[0].name = "loader";
}

static inline void world_entry32(struct world *world)
{
    world_init(world, 32);
    world->run.scenario = "entry32";
    world_bypass_setup(world, BZC_PATH_ENTRY32, BZC_MODE_PROT32, 0x100000);
}

/* A kernel from before 2.6.20, whose decompressor asks boot_params for the size of memory: 511 MiB above 1 MiB. */
static inline void world_entry32_of_2_04(struct world *world)
{
    world_entry32(world);
    world->image->version = 0x0204;
    world->image->relocatable = false;
    world->image->kernel_alignment = world->run.plan.kernel_alignment = 0;
    world->image->pref_address = 0;
    world->image->init_size = 0;
    world->oracle.reloc_count = 0;
    world->run.comparison.relocations = 0;
    world->run.plan.write[world->run.plan.write_count++] =
        (struct bzc_plan_write){.bp = BZC_BP_ALT_MEM_K, .value = 0x7fc00};
    bzc_store32(world->zero_page + 0x1e0, 0x7fc00);
    bzc_store32(world->run.pm_entry.boot_params + 0x1e0, 0x7fc00);
    bzc_store32(world->run.entry.boot_params + 0x1e0, 0x7fc00);
}

/* A boot loader that exists takes the same way. */
static inline void world_as_loader(struct world *world)
{
    world_entry32(world);
    world->run.scenario = "grub-linux";
    world->run.as_loader = true;
}

static inline void world_entry64(struct world *world)
{
    struct bzc_hand_over *at = &world->run.pm_entry;

    world_init(world, 64);
    world->run.scenario = "entry64";
    bzc_store16(world->realmode + 0x236, 0x3); /* xloadflags */
    world->image->xloadflags = 3;
    world_bypass_setup(world, BZC_PATH_ENTRY64, BZC_MODE_LONG, 0x100200);
    at->regs.cr0 = 0x80000011u;
    at->regs.cr4 = 0x20;
    at->regs.efer = 0x500;
    at->regs.seg[BZC_CS] = world_segment(0x10, 0xa09b);
    at->regs.rip = at->linear = at->phys = 0x100200;
}

/* The kernel is entered by the loader itself. */
static inline void world_without_decompressor(struct world *world)
{
    struct bzc_run_facts *run = &world->run;

    run->expect = BZC_EXPECT_RUNNING;
    run->running.reached = true;
    run->running.linear = 0xffffffff81000140;
    run->running.phys = WORLD_BASE + WORLD_ENTRY;
    run->pm_entry = (struct bzc_hand_over){0};
    run->load_addr = 0;
    run->plan.has_pm = false;
    run->plan.pm_phys = run->plan.pm_entry_phys = 0;
    run->plan.block[1] = (struct bzc_block){
        .role = BZC_BLOCK_SEGMENT, .name = "ELF segment", .phys = WORLD_BASE, .bytes = {world->pm, 0x8000}};
    run->stage[1].name = "kernel";
    run->stage_count = 2;
}

static inline void world_payload_elf(struct world *world)
{
    world_init(world, 64);
    world->run.scenario = "payload-elf";
    world_bypass_setup(world, BZC_PATH_PAYLOAD_ELF, BZC_MODE_LONG, WORLD_BASE + WORLD_ENTRY);
    world_without_decompressor(world);
}

static inline void world_pvh(struct world *world)
{
    struct bzc_hand_over *at = &world->run.entry;
    struct bzc_plan *plan = &world->run.plan;

    world_init(world, 64);
    world->run.scenario = "pvh";
    world_bypass_setup(world, BZC_PATH_PVH, BZC_MODE_PROT32, WORLD_BASE + 0x850);
    world_without_decompressor(world);
    bzc_store32(world->start_info, 0x336ec578); /* XEN_HVM_START_MAGIC_VALUE */
    plan->block[0] = (struct bzc_block){.role = BZC_BLOCK_START_INFO,
                                        .name = "hvm_start_info",
                                        .phys = WORLD_START_INFO,
                                        .bytes = {world->start_info, sizeof(world->start_info)}};
    plan->boot_params_phys = 0;
    plan->start_info_phys = WORLD_START_INFO;
    plan->write_count = 0;
    memset(at, 0, sizeof(*at));
    at->reached = at->a20_open = true;
    at->phys = at->linear = at->regs.rip = WORLD_BASE + 0x850;
    at->regs.cr0 = 0x11;
    at->regs.rflags = 2;
    at->regs.gpr[BZC_RBX] = WORLD_START_INFO;
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        at->regs.seg[i] = world_segment(0x10, 0xc093);
    at->regs.seg[BZC_CS] = world_segment(0x08, 0xc09b);
    world->run.kept[2] = (struct bzc_kept_block){
        .role = BZC_BLOCK_START_INFO, .name = "hvm_start_info", .phys = WORLD_START_INFO, .size = 56};
}

static inline void world_move(struct world *world, uint64_t base)
{
    struct bzc_run_facts *run = &world->run;

    run->comparison.base = base;
    run->comparison.virt_delta = world->oracle.bits == 32 ? (int64_t)(base - WORLD_BASE) : 0;
    for (size_t i = 0; i < 2; i++)
        run->comparison.segment[i].phys = base + world->oracle.segment[i].offset;
    run->entry.phys = run->entry.linear = run->entry.regs.rip = base + WORLD_ENTRY;
}

/* Loaded at an odd megabyte, which the loader told the image. */
static inline void world_realigned(struct world *world)
{
    world_init(world, 32);
    world->run.load_addr = world->run.plan.pm_phys = world->run.plan.pm_entry_phys = 0x1300000;
    world->run.plan.block[1].phys = 0x1300000;
    world->run.pm_entry.linear = world->run.pm_entry.phys = 0x1300000;
    world->run.plan.kernel_alignment = 0x100000;
    bzc_store32(world->realmode + 0x230, 0x100000);
    bzc_store32(world->run.pm_entry.boot_params + 0x230, 0x100000);
    bzc_store32(world->run.entry.boot_params + 0x230, 0x100000);
    world_move(world, 0x1300000);
}

/* 0x38000000 - 128 MiB - 1 = 0x37ffffff is the limit of a 32-bit kernel whose addresses begin at 3 GiB. */
static inline void world_refused(struct world *world)
{
    static const char message[] = "Destination address too large";

    world_init(world, 32);
    world_stop(world, BZC_STOP_HALT, "HLT with interrupts off");
    memcpy(world->pm + 0x1000, message, sizeof(message));
    bzc_store32(world->pm + WORLD_PM - 0x100, 0x37ffffff); /* cmp eax, 0x37ffffff */
    world->run.expect = BZC_EXPECT_REFUSAL;
    world->run.load_addr = 0x38000000;
    strcpy(world->run.last_words, "Destination address too large\n\n -- System halted");
    strcpy(world->run.refusal, "Destination address too large");
}

static inline void world_fixed(struct world *world)
{
    world_init(world, 32);
    world->image->relocatable = false;
    world->run.expect = BZC_EXPECT_FIXED;
    world->run.load_addr = 0x300000;
}

#endif
