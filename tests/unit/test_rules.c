/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every rule with hand-made facts: one thing wrong, and that rule alone says so, where, and what it should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules_worlds.h"

static struct world world;
static struct bzc_policy policy;

/* ---- what can go wrong ---- */

static void file_is_a_byte_short(void)
{
    world.image->file.size = WORLD_REALMODE + WORLD_PM - 16; /* 15 bytes may be missing: syssize is rounded up */
}

static void there_is_only_setup(void)
{
    world.image->file.size = WORLD_REALMODE;
    world.image->pm.size = 0;
    world.image->pm_declared_size = 0;
}

static void there_is_no_payload(void)
{
    world.image->payload_source = BZC_PAYLOAD_ABSENT;
    world.image->payload_length = world.image->payload.size = 0;
    world_without_oracle(&world, BZC_ERR_FORMAT, "no payload");
}

static void payload_is_cut(void)
{
    world.image->payload.size = 0x1bfff;
    world_without_oracle(&world, BZC_ERR_FORMAT, "cut off");
    world.facts.run_count = 0;
}

static void payload_is_damaged(void)
{
    world_without_oracle(&world, BZC_ERR_FORMAT, "gzip payload: incorrect data check at packed offset 0x10");
}

static void size_word_is_wrong(void)
{
    world.oracle.end.declared_size = WORLD_UNPACKED + 1;
}

static void payload_goes_on_behind_its_stream(void)
{
    world.oracle.end.stream_size = WORLD_PAYLOAD - 0x10;
}

static void size_word_is_missing(void)
{
    world.image->compression = BZC_COMPRESSION_XZ;
    world.oracle.end.declared_size = 0;
}

static void vmlinux_is_another(void)
{
    struct bzc_vmlinux_result *vmlinux = &world.facts.image.vmlinux;

    vmlinux->matches = false;
    vmlinux->segment = 2;
    vmlinux->paddr = 0x1010004;
    vmlinux->expected = 0x0f;
    vmlinux->actual = 0x1f;
    strcpy(vmlinux->what, "a byte differs");
}

static void elf_is_unusable(void)
{
    strcpy(world.oracle.elf_problem, "the payload's entry lies in no segment");
}

static void guest_halts(void)
{
    world_stop(&world, BZC_STOP_HALT, "HLT with interrupts off");
}

static void guest_strays_unmapped(void)
{
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#PF on a fetch of 0xdead0000: there is no IDT");
    world.run.stop.phys_known = false;
    world.run.stop.linear = 0xdead0000;
    world.run.stage_count = 0;
}

static void guest_reads_outside(void)
{
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "fetch");
    world.run.stop.access = BZC_ACCESS_FETCH;
}

static void entered_at_the_base(void)
{
    world.run.entry.phys = world.run.entry.linear = WORLD_BASE;
}

static void entered_behind_the_entry(void)
{
    world.run.entry.phys = world.run.entry.linear = WORLD_BASE + WORLD_ENTRY + 0x20;
    world.run.stage_count = 1;
}

static void entered_in_32_bit_mode(void)
{
    world.run.entry.regs.efer = 0;
    world.run.entry.regs.seg[BZC_CS].access = 0xc09b;
}

static void entered_in_long_mode(void)
{
    world.run.entry.regs.efer = 0x500;
    world.run.entry.regs.seg[BZC_CS].access = 0xa09b;
}

static void entered_with_paging(void)
{
    world.run.entry.regs.cr0 = 0x80000011u;
    world.run.entry.regs.cr3 = 0x1025000;
}

static void entered_at_a_high_address(void)
{
    world.run.entry.linear = 0xffffffff81000140;
}

static void entered_with_interrupts(void)
{
    world.run.entry.regs.rflags = 0x202;
}

static void pointer_is_garbage(void)
{
    world.run.entry.boot_params_phys = 0xdeadbeef;
    world.run.entry.boot_params_in_ram = false;
}

static void code_segment_has_a_base(void)
{
    world.run.entry.regs.seg[BZC_CS].base = 0x1000;
}

static void data_segment_is_read_only(void)
{
    world.run.entry.regs.seg[BZC_DS].access = 0xc091;
}

static void a20_is_closed_by_the_decompressor(void)
{
    world.run.entry.a20_open = false;
}

static void setup_stays_in_16_bit_mode(void)
{
    world.run.pm_entry.regs.seg[BZC_CS].access = 0x809b;
}

static void setup_turns_paging_on(void)
{
    world.run.pm_entry.regs.cr0 = 0x80000011u;
}

static void setup_uses_another_code_selector(void)
{
    world.run.pm_entry.regs.seg[BZC_CS].selector = 0x08;
}

static void setup_code_segment_is_small(void)
{
    world.run.pm_entry.regs.seg[BZC_CS].limit = 0xffff;
}

static void setup_code_segment_is_not_readable(void)
{
    world.run.pm_entry.regs.seg[BZC_CS].access = 0xc099;
}

static void setup_uses_another_data_selector(void)
{
    world.run.pm_entry.regs.seg[BZC_DS].selector = 0x20;
}

static void setup_points_elsewhere(void)
{
    world.run.pm_entry.regs.gpr[BZC_RSI] = 0xffffffff00090000; /* only ESI counts */
    memset(world.run.pm_entry.boot_params + 0x202, 0, 4);
}

static void setup_points_outside_ram(void)
{
    world.run.pm_entry.regs.gpr[BZC_RSI] = 0xc0000000;
    world.run.pm_entry.boot_params_in_ram = false;
}

static void setup_leaves_interrupts_on(void)
{
    world.run.pm_entry.regs.rflags = 0x246;
}

static void setup_leaves_a20_closed(void)
{
    world.run.pm_entry.a20_open = world.run.entry.a20_open = false;
}

static void setup_es_is_real_mode_like(void)
{
    world.run.pm_entry.regs.seg[BZC_ES] = (struct bzc_segment){0x1000, 0x93, 0xffff, 0x10000};
}

static void setup_ss_is_code(void)
{
    world.run.pm_entry.regs.seg[BZC_SS] = world_segment(0x18, 0xc09b);
}

static void setup_leaves_ebx(void)
{
    world.run.pm_entry.regs.gpr[BZC_RBX] = 1;
}

static void setup_leaves_ebp(void)
{
    world.run.pm_entry.regs.gpr[BZC_RBP] = 0x7ff0;
}

static void setup_leaves_edi(void)
{
    world.run.pm_entry.regs.gpr[BZC_RDI] = 0x80000000u;
}

static void setup_jumps_before_the_code(void)
{
    world.run.pm_entry.linear = 0xf0000;
}

static void setup_jumps_behind_the_code(void)
{
    world.run.pm_entry.linear = 0x100000 + world.image->pm.size;
}

static void identity_mapping_has_a_gap(void)
{
    world.run.identity.broken = true;
    world.run.identity.linear = 0x1400000;
}

static void identity_mapping_leads_elsewhere(void)
{
    world.run.identity.broken = world.run.identity.mapped = true;
    world.run.identity.linear = 0x1400000;
    world.run.identity.phys = 0x1600000;
}

static void payload_has_no_length(void)
{
    world.image->payload_length = 0;
    world.image->payload.size = 0;
}

static void e820_entry_is_lost(void)
{
    world.run.entry.boot_params[0x1e8] = 3;
}

static void e820_entry_has_another_type(void)
{
    bzc_store32(world.run.entry.boot_params + 0x2d0 + 20 + 16, 1);
}

static void e820_entry_has_another_size(void)
{
    bzc_store64(world.run.entry.boot_params + 0x2d0 + 40 + 8, 0x1ff00001);
}

static void e820_entry_has_another_start(void)
{
    bzc_store64(world.run.entry.boot_params + 0x2d0, 0x1000);
}

static void cmd_line_ptr_is_another(void)
{
    /* in the loader's own header too, so that nothing else is wrong */
    bzc_store32(world.realmode + 0x228, 0x1f000);
    bzc_store32(world.run.entry.boot_params + 0x228, 0x1f000);
    world.run.plan.write_count = 2;
}

static void old_command_line_is_elsewhere(void)
{
    world.image->version = 0x0201;
    world.run.plan.cmdline_phys = 0x98000;
    bzc_store16(world.run.entry.boot_params + 0x20, 0xa33f);
    bzc_store16(world.run.entry.boot_params + 0x22, 0x7000);
}

static void loader_type_is_lost_by_setup(void)
{
    world.run.pm_entry.boot_params[0x210] = world.run.entry.boot_params[0x210] = 0;
}

static void heap_flag_is_lost(void)
{
    world.run.entry.boot_params[0x211] = 0x01;
}

static void alignment_is_changed(void)
{
    bzc_store32(world.run.entry.boot_params + 0x230, 0x1000000);
}

static void command_line_is_overwritten(void)
{
    world.run.kept[0].changed = true;
    world.run.kept[0].first_difference = WORLD_CMDLINE + 3;
    world.run.kept[0].expected = 'a';
    world.run.kept[0].actual = '!';
}

static void initrd_is_overwritten(void)
{
    world.run.kept[1].changed = true;
    world.run.kept[1].first_difference = WORLD_INITRD;
    world.run.kept[1].actual = 0xff;
}

static void ramdisk_size_is_zeroed(void)
{
    bzc_store32(world.run.entry.boot_params + 0x21c, 0);
}

static void guest_writes_outside(void)
{
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "a write");
    world.run.stop.access = BZC_ACCESS_WRITE;
    world.run.stop.target_phys = 0xc0000000;
}

static void guest_writes_outside_at_once(void)
{
    guest_writes_outside();
    world.run.stage_count = 0;
}

static void guest_writes_to_rom(void)
{
    world.run.outside = (struct bzc_outside_write){.count = 2, .first_phys = 0xf1000, .first_ip = 0x10240};
}

static void byte_of_the_kernel_is_wrong(void)
{
    struct bzc_segment_result *segment = &world.run.comparison.segment[1];

    segment->matches = false;
    segment->differences = 1;
    segment->first_difference = segment->last_difference = 0x24;
    segment->expected = 0x90;
    segment->actual = 0x91;
}

static void segment_was_never_written(void)
{
    byte_of_the_kernel_is_wrong();
    world.run.comparison.segment[1].differences = 0x3ff0;
    world.run.comparison.segment[1].actual = 0;
    world.run.comparison.segment[1].zero = true;
}

static void segment_is_a_page_too_high(void)
{
    byte_of_the_kernel_is_wrong();
    world.run.comparison.segment[1].found_elsewhere = true;
    world.run.comparison.segment[1].found_phys = 0x1011000;
}

static void segment_is_outside_ram(void)
{
    byte_of_the_kernel_is_wrong();
    world.run.comparison.segment[1].first_difference = 0;
    world.run.comparison.segment[1].differences = 0x4000;
    world.run.comparison.segment[1].sha256[0] = '\0';
}

static void relocation_table_is_damaged(void)
{
    strcpy(world.oracle.reloc_problem, "relocation 3 lies in no segment");
    world.oracle.reloc_count = 0;
}

static void slot_is(enum bzc_slot_state state, enum bzc_reloc_kind kind, uint64_t expected, uint64_t actual)
{
    struct bzc_comparison *comparison = &world.run.comparison;

    comparison->bad_slots = 1;
    comparison->first_bad_slot = 0x3028;
    comparison->bad_state = state;
    comparison->bad_kind = kind;
    comparison->bad_expected = expected;
    comparison->bad_actual = actual;
    comparison->segment[0].matches = false;
}

static void slot_is_forgotten(void)
{
    slot_is(BZC_SLOT_NOT_RELOCATED, BZC_RELOC_64, 0xffffffff82000000, 0xffffffff81000000);
}

static void slot_is_relocated_twice(void)
{
    slot_is(BZC_SLOT_RELOCATED_TWICE, BZC_RELOC_32, 0x82000000, 0x83000000);
}

static void inverse_slot_is_garbage(void)
{
    slot_is(BZC_SLOT_WRONG, BZC_RELOC_INVERSE_32, 0xff000010, 0x1234);
}

static void move_kernel(uint64_t base)
{
    world.run.comparison.base = base;
    for (size_t i = 0; i < 2; i++)
        world.run.comparison.segment[i].phys = base + world.oracle.segment[i].offset;
    world.run.entry.phys = world.run.entry.linear = world.run.entry.regs.rip = base + WORLD_ENTRY;
}

static void turn_kaslr_on(int64_t delta)
{
    world.run.kaslr = true;
    world.run.kaslr_seed = 1;
    world.run.comparison.virt_delta = delta;
}

static void base_is_not_aligned(void)
{
    turn_kaslr_on(0);
    move_kernel(0x1100000);
}

/* 64-bit page tables map 2 MiB at a time, whatever the header says. */
static void base_is_not_aligned_for_64_bits(void)
{
    world.image->relocatable = false;
    world.oracle.link_base = WORLD_BASE + 0x100000;
    move_kernel(WORLD_BASE + 0x100000);
}

static void base_is_at_the_end_of_ram(void)
{
    turn_kaslr_on(0);
    world.oracle.span = 0x200001;
    move_kernel(0x1fe00000);
}

static void base_is_not_the_promised_one(void)
{
    move_kernel(0x1200000);
}

static void kernel_moves_without_kaslr(void)
{
    world.run.comparison.virt_delta = 0x200000;
}

static void delta_is_not_aligned(void)
{
    turn_kaslr_on(0x100000);
}

static void delta_is_negative(void)
{
    turn_kaslr_on(-0x200000);
}

static void kernel_leaves_its_mapping(void)
{
    turn_kaslr_on(0x3f000000); /* 0x1000000 + 0x3f000000 is 1 GiB, and the kernel begins there */
}

static void slots_do_not_follow_the_base(void)
{
    world.run.kaslr = true;
    move_kernel(0x5000000);
    world.run.comparison.virt_delta = 0x3000000;
}

static void slots_move_down_alone(void)
{
    world.run.comparison.virt_delta = -0x1000;
}

/* ---- the same by other ways in: each of these makes its own world ---- */

static void entry32_loader_leaves_es_null(void)
{
    world_entry32(&world);
    world.run.pm_entry.regs.seg[BZC_ES] = (struct bzc_segment){0};
}

/* The loader's fault explains that the kernel is not reached. */
static void entry32_loader_leaves_es_null_and_the_guest_halts(void)
{
    entry32_loader_leaves_es_null();
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "a write");
    world.run.stop.access = BZC_ACCESS_WRITE;
}

static void entry32_loader_jumps_to_an_elf_header(void)
{
    world_entry32(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#UD");
    memcpy(world.pm, "\177ELF", 4);
}

static void zimage_is_entered_where_it_was_loaded(void)
{
    world_entry32(&world);
    world.image->loadflags = 0;
}

static void loader_moves_what_is_not_relocatable(void)
{
    world_as_loader(&world);
    world.image->relocatable = false;
    world.run.load_addr = world.run.plan.pm_phys = world.run.plan.pm_entry_phys = 0x300000;
    world.run.plan.block[1].phys = 0x300000;
    world.run.pm_entry.linear = world.run.pm_entry.phys = 0x300000;
}

static void entry32_of_a_zimage(void)
{
    world_entry32(&world);
    world.image->loadflags = 0;
}

static void entry32_without_a_header(void)
{
    world_entry32(&world);
    world.image->has_header = false;
}

static void loader_moves_a_fixed_kernel(void)
{
    world_entry32(&world);
    world.run.as_loader = true;
    world.image->relocatable = false;
    world.run.plan.has_pm = true;
    world.run.plan.pm_phys = world.run.plan.pm_entry_phys = 0x400000;
    world.run.pm_entry.phys = world.run.pm_entry.linear = 0x400000;
}

/* A code32_start in the image that leads nowhere: one fault, whoever jumps there. */
static void setup_jumps_to_nothing_and_the_guest_strays(void)
{
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "a write");
    world.run.stop.access = BZC_ACCESS_WRITE;
    world.run.pm_entry.linear = world.run.pm_entry.phys = 0;
}

static void entry32_loader_jumps_to_nothing_and_the_guest_strays(void)
{
    world_entry32(&world);
    setup_jumps_to_nothing_and_the_guest_strays();
}

static void setup_moves_over_the_ebda(void)
{
    world.run.plan.moved_end = 0x9fff0;
}

static void entry64_is_not_promised(void)
{
    world_entry64(&world);
    bzc_store16(world.realmode + 0x236, 0);
    bzc_store16(world.zero_page + 0x236, 0);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#GP");
}

/* Code for another mode that happens to come to the kernel. */
static void entry64_is_not_promised_and_goes_astray(void)
{
    world_entry64(&world);
    bzc_store16(world.realmode + 0x236, 0);
    bzc_store16(world.zero_page + 0x236, 0);
    world.run.entry.phys = world.run.entry.linear = WORLD_BASE;
    world.run.entry.boot_params_phys = 0x12ca220;
    world.run.comparison.virt_delta = 0x3ef095f0;
}

static void entry64_in_compatibility_mode(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.seg[BZC_CS].access = 0xc09b;
}

static void entry64_with_another_code_selector(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.seg[BZC_CS].selector = 0x08;
}

static void entry64_with_a_null_ss(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.seg[BZC_SS] = (struct bzc_segment){0};
}

static void entry64_with_another_data_selector(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.seg[BZC_DS].selector = 0x10;
}

static void entry64_with_a_small_es(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.seg[BZC_ES].limit = 0xffff;
}

static void entry64_with_interrupts(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.rflags = 0x246;
}

static void entry64_pointer_is_too_short(void)
{
    world_entry64(&world);
    world.run.pm_entry.regs.gpr[BZC_RSI] = 0x100014790;
    world.run.pm_entry.boot_params_phys = world.run.entry.boot_params_phys = 0x100014790;
    world.run.pm_entry.boot_params_in_ram = world.run.entry.boot_params_in_ram = false;
}

static void entry64_command_line_is_not_mapped(void)
{
    world_entry64(&world);
    world.run.loader_identity =
        (struct bzc_identity){.broken = true, .linear = WORLD_CMDLINE, .what = "the command line"};
}

static void entry64_kernel_is_mapped_elsewhere(void)
{
    world_entry64(&world);
    world.run.loader_identity =
        (struct bzc_identity){.broken = true, .mapped = true, .linear = 0x1000000, .phys = 0x1200000};
}

static void payload_elf_is_entered_behind_its_entry(void)
{
    world_payload_elf(&world);
    world.run.entry.phys = world.run.entry.linear = WORLD_BASE + WORLD_ENTRY + 0x20;
}

static void payload_elf_gets_another_pointer(void)
{
    world_payload_elf(&world);
    world.run.entry.boot_params_phys = 0x90000;
}

static void payload_elf_does_not_get_going(void)
{
    world_payload_elf(&world);
    world.run.running.reached = false;
    world.run.stop.reason = BZC_STOP_TRIPLE_FAULT;
    world.run.stop.phys = 0x1000200;
    world.run.stop.phys_known = true;
    strcpy(world.run.stop.detail, "#PF");
}

/* The entry is reached, the goal is not. */
static void payload_elf_writes_outside(void)
{
    payload_elf_does_not_get_going();
    world.run.stop.reason = BZC_STOP_OUTSIDE_MEMORY;
    world.run.stop.access = BZC_ACCESS_WRITE;
    world.run.stop.linear = 0xc0100000;
    world.run.stop.target_phys = 0x20000000;
    world.run.stage[1].name = "kernel";
}

static void pvh_writes_outside(void)
{
    world_pvh(&world);
    world.run.running.reached = false;
    world.run.stop.reason = BZC_STOP_OUTSIDE_MEMORY;
    world.run.stop.access = BZC_ACCESS_WRITE;
    world.run.stop.linear = 0x1000900;
    world.run.stop.target_phys = 0x20000000;
}

static void segments_of_the_payload_overlap(void)
{
    payload_elf_does_not_get_going();
    world_block(&world.run.plan, BZC_BLOCK_SEGMENT, WORLD_BASE + 0x7000, NULL, 0x2000);
}

static void start_info_is_not_in_ebx(void)
{
    world_pvh(&world);
    world.run.entry.regs.gpr[BZC_RBX] = 0;
}

static void start_info_has_no_magic_number(void)
{
    world_pvh(&world);
    world.start_info[0] = 0;
}

static void pvh_with_pae(void)
{
    world_pvh(&world);
    world.run.entry.regs.cr4 = 0x20;
}

static void pvh_with_write_protection(void)
{
    world_pvh(&world);
    world.run.entry.regs.cr0 = 0x10011;
}

static void pvh_code_segment_ends_early(void)
{
    world_pvh(&world);
    world.run.entry.regs.seg[BZC_CS].limit = 0xfffff;
}

static void pvh_es_is_null(void)
{
    world_pvh(&world);
    world.run.entry.regs.seg[BZC_ES] = (struct bzc_segment){0};
}

static void pvh_with_trap_flag(void)
{
    world_pvh(&world);
    world.run.entry.regs.rflags = 0x102;
}

static void loader_drops_an_e820_entry(void)
{
    world_entry32(&world);
    world.zero_page[0x1e8] = world.run.pm_entry.boot_params[0x1e8] = world.run.entry.boot_params[0x1e8] = 3;
    for (size_t i = 0; i < world.run.plan.write_count; i++)
        if (!world.run.plan.write[i].is_header && world.run.plan.write[i].bp == BZC_BP_E820_ENTRIES)
            world.run.plan.write[i].value = 3;
    memset(world.zero_page + 0x2d0 + 60, 0, 20);
}

/* The fourth entry goes into SETUP_E820_EXT, but its size is wrong there. */
static void e820_ext_is_wrong(void)
{
    loader_drops_an_e820_entry();
    bzc_store32(world.node + 8, 1);
    bzc_store32(world.node + 12, 20);
    bzc_store64(world.node + 16, 0xfffc0000u);
    bzc_store64(world.node + 24, 0x30000);
    bzc_store32(world.node + 32, 2);
}

static void ext_cmd_line_ptr_is_stale(void)
{
    world_entry64(&world);
    bzc_store32(world.run.entry.boot_params + 0xc8, 0x5a5a);
}

static void decompressor_changes_the_alignment(void)
{
    world_entry32(&world);
    bzc_store32(world.run.entry.boot_params + 0x230, 0x1000000);
}

static void boot_params_are_not_cleared(void)
{
    world_entry32(&world);
    world.zero_page[0x1ef] = world.run.pm_entry.boot_params[0x1ef] = 0xff;
    memset(world.zero_page + 0x300 + 80, 0xcc, 16);     /* the rest of what was copied */
    bzc_store64(world.run.entry.boot_params + 0x70, 0); /* what Linux does about it */
    world.run.plan.write[world.run.plan.write_count++] =
        (struct bzc_plan_write){.bp = BZC_BP_EXT_RAMDISK_IMAGE, .value = 1};
}

static void rsdp_is_another(void)
{
    world_entry32(&world);
    bzc_store64(world.run.entry.boot_params + 0x70, 0xe0000);
}

static void upper_half_of_the_initrd_is_lost(void)
{
    world_entry64(&world);
    world.run.plan.block[3].phys = 0x100000000ull + WORLD_INITRD;
}

static void boot_params_have_a_stray_byte(void)
{
    world_entry32(&world);
    world.zero_page[0x2d0 + 80] = 0xeb;
}

static void boot_params_have_a_stray_byte_behind_the_header(void)
{
    world_entry32(&world);
    world.zero_page[0x290] = 0x80; /* edd_mbr_sig_buffer */
}

static void header_copy_ends_early(void)
{
    world_entry32(&world);
    bzc_store32(world.realmode + 0x260, 0x100000); /* init_size */
}

static void memory_size_is(uint32_t kib)
{
    world_stop(&world, BZC_STOP_BUDGET, "for(;;)");
    bzc_store32(world.run.pm_entry.boot_params + 0x1e0, kib);
    strcpy(world.run.refusal, "Less than 4MB of memory");
}

static void loader_tells_no_memory_size(void)
{
    world_entry32_of_2_04(&world);
    memory_size_is(0);
}

static void loader_tells_a_kib_too_little(void)
{
    world_entry32_of_2_04(&world);
    memory_size_is(3071); /* misc.c: below 3 * 1024 it is "Less than 4MB of memory" */
    bzc_store16(world.run.pm_entry.boot_params + 2, 3070);
}

static void setup_data_is_overwritten(void)
{
    world.run.kept[2].changed = true;
    world.run.kept[2].first_difference = WORLD_SETUP_DATA + 0x10;
    world.run.kept[2].expected = 1;
}

static void start_info_is_overwritten(void)
{
    world_pvh(&world);
    world.run.kept[2].changed = true;
    world.run.kept[2].first_difference = WORLD_START_INFO;
    world.run.kept[2].expected = 0x78;
}

static void initrd_lies_in_the_kernel(void)
{
    world.run.plan.block[3].phys = 0x10ffffc; /* the kernel's memory ends at 0x1100000 */
    initrd_is_overwritten();
}

static void setup_data_lies_in_the_initrd(void)
{
    world_entry32(&world);
    world.run.plan.block[4].phys = WORLD_INITRD + 0x1200;
    setup_data_is_overwritten();
}

static void page_tables_lie_in_the_kernel(void)
{
    world_entry64(&world);
    world_block(&world.run.plan, BZC_BLOCK_PAGE_TABLES, 0x1001000, NULL, 0x1000);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#PF");
}

static void initrd_lies_in_the_bss(void)
{
    world_pvh(&world);
    world.run.plan.block[3].phys = WORLD_BASE + WORLD_SPAN - 1;
}

static void loaders_alignment_is_not_obeyed(void)
{
    world_realigned(&world);
    world_move(&world, 0x1400000);
}

static void loaders_alignment_is_rounded_down(void)
{
    world_realigned(&world);
    world_move(&world, 0x1200000);
}

static void image_dies_after_its_message(void)
{
    world_refused(&world);
    world.run.stop.reason = BZC_STOP_TRIPLE_FAULT;
}

static void image_accepts_too_high_an_address(void)
{
    struct bzc_hand_over at;

    world_refused(&world);
    at = (struct bzc_hand_over){.reached = true, .phys = 0x38000140};
    world.run.entry = at;
}

static void image_dies_of_the_address(void)
{
    world_refused(&world);
    world.run.stop.reason = BZC_STOP_TRIPLE_FAULT;
    strcpy(world.run.last_words, "Decompressing Linux...\nParsing ELF...");
}

static void image_halts_with_another_message(void)
{
    world_refused(&world);
    strcpy(world.run.last_words, "Decompressing Linux...");
}

static void image_halts_for_another_reason(void)
{
    world_refused(&world);
    strcpy(world.run.last_words, "Decompressing Linux...\n\nNot a gzip file\n\n -- System halted");
    strcpy(world.run.refusal, "Not a gzip file");
}

static void fixed_kernel_moves(void)
{
    world_fixed(&world);
    world_move(&world, 0x1200000);
}

/* ---- and what the rules say ---- */

static const struct breach {
    const char *rule;
    unsigned bits;
    void (*spoil)(void);
    const char *message, *where, *expected, *actual;
    const char *also; /* another rule that fails for the same reason */
} breaches[] = {
    {"HDR-001", 64, file_is_a_byte_short, "the file ends before the end that its header declares", "end of file",
     "at least 0x207f1 bytes (setup_sects, syssize)", "0x207f0 bytes", NULL},
    {"HDR-001", 64, there_is_only_setup, "the file ends before the end that its header declares", "end of file",
     "protected-mode code behind the 0x800 bytes of setup", "0x800 bytes", "ENT-027"},
    {"PAY-001", 64, there_is_no_payload, "there is no payload", "payload_offset, payload_length", "", "", NULL},
    {"PAY-001", 64, payload_is_cut, "the payload runs past the end of the image", "payload_length",
     "0x1c000 bytes from offset 0x300 of the protected-mode part", "0x1bfff bytes are there", NULL},
    {"PAY-002", 64, payload_is_damaged, "gzip payload: incorrect data check at packed offset 0x10", "payload (gzip)",
     "", "", NULL},
    {"PAY-003", 64, size_word_is_wrong, "the size word behind the payload is not the size of the unpacked kernel",
     "last 4 bytes of the payload", "0x40000", "0x40001", NULL},
    {"PAY-006", 64, payload_goes_on_behind_its_stream, "the payload holds more than its compressed stream",
     "payload_length", "0x1bff0", "0x1c000", NULL},
    {"PAY-006", 64, size_word_is_missing, "the payload has no size word behind its compressed stream", "payload_length",
     "0x1c004", "0x1c000", NULL},
    {"PAY-004", 64, vmlinux_is_another, "the payload is not the build's vmlinux: a byte differs",
     "segment 2, physical 0x1010004", "0x0f", "0x1f", NULL},
    {"ELF-001", 64, elf_is_unusable, "the payload's entry lies in no segment", "unpacked payload", "", "", NULL},
    {"RUN-001", 64, guest_halts, "the kernel is not reached: halt in decompressor (HLT with interrupts off)",
     "0x100020", "the kernel's first instruction", "halt", NULL},
    {"RUN-001", 64, guest_strays_unmapped,
     "the kernel is not reached: triple-fault in the loader (#PF on a fetch of 0xdead0000: there is no IDT)",
     "0xdead0000", "the kernel's first instruction", "triple-fault", NULL},
    {"RUN-001", 64, guest_reads_outside, "the kernel is not reached: outside-memory in decompressor (fetch)",
     "0x100020", "the kernel's first instruction", "outside-memory", NULL},
    {"ENT-001", 64, entered_at_the_base, "control enters the kernel at the wrong place, 0x140 bytes before its entry",
     "jump from the decompressor", "0x1000140 = base 0x1000000 + 0x140", "0x1000000", NULL},
    {"ENT-001", 32, entered_behind_the_entry,
     "control enters the kernel at the wrong place, 0x20 bytes behind its entry", "jump from the decompressor",
     "0x1000140 = base 0x1000000 + 0x140", "0x1000160", NULL},
    {"ENT-002", 64, entered_in_32_bit_mode, "the kernel is entered in the wrong CPU mode", "CPU mode at 0x1000140",
     "long", "protected-32", NULL},
    {"ENT-002", 32, entered_in_long_mode, "the kernel is entered in the wrong CPU mode", "CPU mode at 0x1000140",
     "protected-32", "long", NULL},
    {"ENT-003", 32, entered_with_paging, "the 32-bit kernel is entered with paging on", "CR0.PG", "0",
     "1 (CR0 0x80000011, CR3 0x1025000)", NULL},
    {"ENT-003", 64, entered_at_a_high_address, "the 64-bit kernel is not entered through an identity mapping",
     "RIP 0xffffffff81000140", "linear = physical", "physical 0x1000140", NULL},
    {"ENT-004", 64, entered_with_interrupts, "interrupts are on", "RFLAGS.IF at 0x1000140", "0", "1 (RFLAGS 0x202)",
     NULL},
    {"ENT-005", 64, pointer_is_garbage, "RSI does not hold the boot_params pointer that setup handed over", "rsi",
     "0x14790", "0xdeadbeef", NULL},
    {"ENT-005", 32, pointer_is_garbage, "ESI does not hold the boot_params pointer that setup handed over", "esi",
     "0x14790", "0xdeadbeef", NULL},
    {"ENT-006", 32, code_segment_has_a_base, "cs is not a flat 4 GiB segment", "cs",
     "base 0, limit 0xffffffff, readable code", "selector 0x10, base 0x1000, limit 0xffffffff, access 0xc09b", NULL},
    {"ENT-006", 32, data_segment_is_read_only, "ds is not the segment that the protocol names", "ds",
     "base 0, limit 0xffffffff, writable data", "selector 0x18, base 0x0, limit 0xffffffff, access 0xc091", NULL},
    {"ENT-007", 64, a20_is_closed_by_the_decompressor, "A20 is closed: every odd megabyte is another's shadow",
     "A20 at 0x1000140", "open", "closed", NULL},
    {"ENT-020", 64, setup_stays_in_16_bit_mode,
     "the 32-bit entry is not reached in 32-bit protected mode without paging", "CPU mode at 0x100000",
     "protected-32, paging off", "protected-16, paging off", NULL},
    {"ENT-020", 64, setup_turns_paging_on, "the 32-bit entry is not reached in 32-bit protected mode without paging",
     "CPU mode at 0x100000", "protected-32, paging off", "protected-32, paging on", NULL},
    {"ENT-021", 64, setup_uses_another_code_selector, "cs is not the segment that the protocol names", "cs",
     "selector 0x10 (__BOOT_CS), base 0, limit 0xffffffff, readable code",
     "selector 0x8, base 0x0, limit 0xffffffff, access 0xc09b", NULL},
    {"ENT-021", 64, setup_code_segment_is_small, "cs is not a flat 4 GiB segment", "cs",
     "selector 0x10 (__BOOT_CS), base 0, limit 0xffffffff, readable code",
     "selector 0x10, base 0x0, limit 0xffff, access 0xc09b", NULL},
    {"ENT-021", 64, setup_code_segment_is_not_readable, "cs is not the segment that the protocol names", "cs",
     "selector 0x10 (__BOOT_CS), base 0, limit 0xffffffff, readable code",
     "selector 0x10, base 0x0, limit 0xffffffff, access 0xc099", NULL},
    {"ENT-022", 64, setup_points_elsewhere, "ESI does not point to boot_params: no setup header is there",
     "ESI at 0x100000", "the address of a boot_params that holds \"HdrS\" at offset 0x202", "0x90000", NULL},
    {"ENT-022", 64, setup_points_outside_ram, "ESI does not point to boot_params: no setup header is there",
     "ESI at 0x100000", "the address of a boot_params that holds \"HdrS\" at offset 0x202",
     "0xc0000000, where there is no RAM", NULL},
    {"ENT-023", 64, setup_leaves_interrupts_on, "interrupts are on", "RFLAGS.IF at 0x100000", "0", "1 (RFLAGS 0x246)",
     NULL},
    {"ENT-024", 64, setup_leaves_a20_closed, "A20 is closed: every odd megabyte is another's shadow", "A20 at 0x100000",
     "open", "closed", NULL},
    {"ENT-025", 64, setup_es_is_real_mode_like, "es is not a flat 4 GiB segment", "es",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x1000, base 0x10000, limit 0xffff, access 0x93", NULL},
    {"ENT-025", 64, setup_ss_is_code, "ss is not the segment that the protocol names", "ss",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x18, base 0x0, limit 0xffffffff, access 0xc09b", NULL},
    {"ENT-025", 64, setup_uses_another_data_selector, "ds is not the segment that the protocol names", "ds",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x20, base 0x0, limit 0xffffffff, access 0xc093", NULL},
    {"ENT-026", 64, setup_leaves_ebx, "ebx is not zero at the 32-bit entry", "ebx", "0x0", "0x1", NULL},
    {"ENT-026", 64, setup_leaves_ebp, "ebp is not zero at the 32-bit entry", "ebp", "0x0", "0x7ff0", NULL},
    {"ENT-026", 64, setup_leaves_edi, "edi is not zero at the 32-bit entry", "edi", "0x0", "0x80000000", NULL},
    {"ENT-027", 64, setup_jumps_before_the_code, "the 32-bit entry does not lie in the protected-mode part",
     "code32_start", "0x100000 to 0x11ffff", "0xf0000", NULL},
    {"ENT-027", 64, setup_jumps_behind_the_code, "the 32-bit entry does not lie in the protected-mode part",
     "code32_start", "0x100000 to 0x11ffff", "0x120000", NULL},
    {"ENT-003", 64, identity_mapping_has_a_gap, "the identity mapping does not cover the whole kernel",
     "linear 0x1400000", "physical 0x1400000", "not mapped", NULL},
    {"ENT-003", 64, identity_mapping_leads_elsewhere, "the identity mapping does not cover the whole kernel",
     "linear 0x1400000", "physical 0x1400000", "physical 0x1600000", NULL},
    {"PAY-001", 64, payload_has_no_length, "the payload is empty", "payload_length", "not 0x0", "0x0", NULL},
    {"BPR-001", 64, e820_entry_is_lost, "the e820 map does not have the BIOS's number of entries",
     "boot_params.e820_entries", "4", "3", NULL},
    {"BPR-001", 64, e820_entry_has_another_type, "an e820 entry is not what the BIOS gave", "boot_params.e820_table[1]",
     "0x9fc00, 0x60400 bytes, type 2", "0x9fc00, 0x60400 bytes, type 1", NULL},
    {"BPR-001", 64, e820_entry_has_another_size, "an e820 entry is not what the BIOS gave", "boot_params.e820_table[2]",
     "0x100000, 0x1ff00000 bytes, type 1", "0x100000, 0x1ff00001 bytes, type 1", NULL},
    {"BPR-001", 64, e820_entry_has_another_start, "an e820 entry is not what the BIOS gave",
     "boot_params.e820_table[0]", "0x0, 0x9fc00 bytes, type 1", "0x1000, 0x9fc00 bytes, type 1", NULL},
    {"BPR-002", 64, cmd_line_ptr_is_another, "boot_params does not lead to the loader's command line",
     "boot_params.hdr.cmd_line_ptr", "0x1e000", "0x1f000", NULL},
    {"BPR-002", 32, old_command_line_is_elsewhere, "boot_params does not lead to the loader's command line",
     "boot_params.cl_offset", "0x98000", "0x97000", NULL},
    {"BPR-003", 64, loader_type_is_lost_by_setup,
     "the setup header in boot_params is not the one in the image as the loader completed it",
     "boot_params.hdr.type_of_loader", "0xff", "0x0", NULL},
    {"BPR-003", 64, heap_flag_is_lost,
     "the setup header in boot_params is not the one in the image as the loader completed it",
     "boot_params.hdr.loadflags", "0x81", "0x1", NULL},
    {"BPR-003", 64, alignment_is_changed,
     "the setup header in boot_params is not the one in the image as the loader completed it",
     "boot_params.hdr.kernel_alignment", "0x200000", "0x1000000", NULL},
    {"MEM-001", 64, command_line_is_overwritten,
     "the loader's command line was overwritten before the kernel was entered",
     "0x1e003, 3 bytes into the command line", "0x61", "0x21", NULL},
    {"MEM-002", 64, initrd_is_overwritten, "the loader's initrd was overwritten before the kernel was entered",
     "0x1fffe000, 0 bytes into the initrd", "0x00", "0xff", NULL},
    {"MEM-003", 64, ramdisk_size_is_zeroed, "a header field that the loader wrote was changed after setup",
     "boot_params.hdr.ramdisk_size", "0x1234", "0x0", NULL},
    {"MEM-004", 64, guest_writes_outside, "the guest writes outside RAM, in decompressor", "instruction at 0x100020",
     "only RAM of the memory map is written", "a write to 0xc0000000", NULL},
    {"MEM-004", 64, guest_writes_outside_at_once, "the guest writes outside RAM, in its first code",
     "instruction at 0x100020", "only RAM of the memory map is written", "a write to 0xc0000000", NULL},
    {"MEM-004", 64, payload_elf_writes_outside, "the guest writes outside RAM, in kernel", "instruction at 0xc0100000",
     "only RAM of the memory map is written", "a write to 0x20000000", NULL},
    {"MEM-004", 64, pvh_writes_outside, "the guest writes outside RAM, in kernel", "instruction at 0x1000900",
     "only RAM of the memory map is written", "a write to 0x20000000", NULL},
    {"MEM-004", 64, guest_writes_to_rom, "the guest writes to ROM", "instruction at 0x10240",
     "only RAM of the memory map is written", "a write to the page at 0xf1000", NULL},
    {"MEM-005", 64, byte_of_the_kernel_is_wrong, "1 byte of the kernel in memory is not as built",
     "segment 2 at 0x1010000, first at 0x1010024", "0x90", "0x91", NULL},
    {"MEM-005", 64, segment_was_never_written,
     "16368 bytes of the kernel in memory are not as built: the segment was never written",
     "segment 2 at 0x1010000, first at 0x1010024", "0x90", "0x00", NULL},
    {"MEM-005", 64, segment_is_a_page_too_high, "a segment of the kernel lies in the wrong place",
     "segment 2 at 0x1010000, first at 0x1010024", "0x1010000", "0x1011000", NULL},
    {"MEM-005", 64, segment_is_outside_ram, "a segment of the kernel does not lie in RAM",
     "segment 2 at 0x1010000, first at 0x1010000", "0x4000 bytes of RAM at 0x1010000", "there is none", NULL},
    {"REL-001", 64, relocation_table_is_damaged, "relocation 3 lies in no segment",
     "relocation table behind the payload", "", "", NULL},
    {"REL-002", 64, slot_is_forgotten, "1 of 5 relocation slots do not agree with the rest",
     "64-bit slot at 0x1003028 (base + 0x3028)", "0xffffffff82000000", "0xffffffff81000000 (not relocated)", NULL},
    {"REL-002", 32, slot_is_relocated_twice, "1 of 5 relocation slots do not agree with the rest",
     "32-bit slot at 0x1003028 (base + 0x3028)", "0x82000000", "0x83000000 (relocated twice)", NULL},
    {"REL-002", 64, inverse_slot_is_garbage, "1 of 5 relocation slots do not agree with the rest",
     "inverse 32-bit slot at 0x1003028 (base + 0x3028)", "0xff000010", "0x1234 (neither)", NULL},
    {"REL-003", 64, base_is_not_aligned, "the kernel's physical base is not aligned", "physical base",
     "a multiple of 0x200000", "0x1100000", NULL},
    {"REL-003", 64, base_is_not_aligned_for_64_bits, "the kernel's physical base is not aligned", "physical base",
     "a multiple of 0x200000", "0x1100000", NULL},
    {"REL-003", 64, base_is_at_the_end_of_ram, "the kernel does not lie wholly in usable RAM", "physical base",
     "0x200001 bytes of RAM", "0x1fe00000", NULL},
    {"REL-003", 64, base_is_not_the_promised_one, "the kernel does not run where the protocol says it will",
     "physical base", "0x1000000", "0x1200000", NULL},
    {"REL-004", 64, kernel_moves_without_kaslr, "the kernel's virtual address moved although KASLR is off",
     "virtual delta", "0x0", "0x200000", NULL},
    {"REL-004", 64, delta_is_not_aligned, "the virtual delta is not aligned", "virtual delta", "a multiple of 0x200000",
     "0x100000", NULL},
    {"REL-004", 64, delta_is_negative, "the kernel's virtual addresses leave the kernel mapping", "virtual delta",
     "link address + delta + 0x30000 bytes within 1 GiB", "-0x200000", NULL},
    {"REL-004", 64, kernel_leaves_its_mapping, "the kernel's virtual addresses leave the kernel mapping",
     "virtual delta", "link address + delta + 0x30000 bytes within 1 GiB", "0x3f000000", NULL},
    {"REL-004", 32, slots_do_not_follow_the_base, "the relocation slots do not follow the physical base",
     "virtual delta", "0x4000000", "0x3000000", NULL},
    {"REL-004", 32, slots_move_down_alone, "the relocation slots do not follow the physical base", "virtual delta",
     "0x0", "-0x1000", NULL},
    {"ENT-025", 32, entry32_loader_leaves_es_null, "es is not a flat 4 GiB segment", "es",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x0, base 0x0, limit 0x0, access 0x0", NULL},
    {"ENT-025", 32, entry32_loader_leaves_es_null_and_the_guest_halts, "es is not a flat 4 GiB segment", "es",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x0, base 0x0, limit 0x0, access 0x0", NULL},
    {"ENT-028", 32, entry32_loader_jumps_to_an_elf_header,
     "the 32-bit entry is an ELF header, and that does not work as code: triple-fault", "entry at 0x100000",
     "the decompressor's first instruction", "7f 45 4c 46, the head of an ELF file", NULL},
    {"ENT-027", 32, setup_jumps_to_nothing_and_the_guest_strays,
     "the 32-bit entry does not lie in the protected-mode part", "code32_start", "0x100000 to 0x11ffff", "0x0", NULL},
    {"ENT-027", 32, entry32_loader_jumps_to_nothing_and_the_guest_strays,
     "the 32-bit entry does not lie in the protected-mode part", "code32_start", "0x100000 to 0x11ffff", "0x0", NULL},
    {"ENT-029", 32, zimage_is_entered_where_it_was_loaded,
     "the loader enters 32-bit code that the image does not promise", "entry at 0x100000", "a zImage at 0x1000",
     "a jump past setup, to 0x100000", NULL},
    {"MEM-009", 32, loader_moves_what_is_not_relocatable, "the loader moves a kernel that is not relocatable",
     "protected-mode part", "0x100000", "0x300000", NULL},
    {"ENT-029", 32, entry32_of_a_zimage, "the loader enters 32-bit code that the image does not promise",
     "entry at 0x100000", "a zImage at 0x1000", "a jump past setup, to 0x100000", NULL},
    {"ENT-029", 32, entry32_without_a_header, "the loader enters 32-bit code that the image does not promise",
     "entry at 0x100000", "the 16-bit entry: the image has no setup header", "a jump past setup, to 0x100000", NULL},
    {"ENT-030", 64, entry64_is_not_promised, "the loader enters 64-bit code that the image does not promise",
     "entry at 0x100200", "the 32-bit entry: xloadflags has no XLF_KERNEL_64",
     "a jump to 0x200 bytes behind the load address, in long mode", NULL},
    {"ENT-030", 64, entry64_is_not_promised_and_goes_astray,
     "the loader enters 64-bit code that the image does not promise", "entry at 0x100200",
     "the 32-bit entry: xloadflags has no XLF_KERNEL_64", "a jump to 0x200 bytes behind the load address, in long mode",
     NULL},
    {"ENT-031", 64, entry64_in_compatibility_mode, "the 64-bit entry is not reached in 64-bit mode",
     "CPU mode at 0x100200", "long, paging on", "compatibility-32, paging on", NULL},
    {"ENT-032", 64, entry64_with_another_code_selector, "cs is not the segment that the protocol names", "cs",
     "selector 0x10 (__BOOT_CS), readable code", "selector 0x8, base 0x0, limit 0xffffffff, access 0xa09b", NULL},
    {"ENT-033", 64, entry64_with_a_null_ss, "ss is not a flat 4 GiB segment", "ss",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x0, base 0x0, limit 0x0, access 0x0", NULL},
    {"ENT-033", 64, entry64_with_another_data_selector, "ds is not the segment that the protocol names", "ds",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x10, base 0x0, limit 0xffffffff, access 0xc093", NULL},
    {"ENT-033", 64, entry64_with_a_small_es, "es is not a flat 4 GiB segment", "es",
     "selector 0x18 (__BOOT_DS), base 0, limit 0xffffffff, writable data",
     "selector 0x18, base 0x0, limit 0xffff, access 0xc093", NULL},
    {"ENT-034", 64, entry64_with_interrupts, "interrupts are on", "RFLAGS.IF at 0x100200", "0", "1 (RFLAGS 0x246)",
     NULL},
    {"ENT-035", 64, entry64_pointer_is_too_short, "RSI does not point to boot_params: no setup header is there",
     "RSI at 0x100200", "the address of a boot_params that holds \"HdrS\" at offset 0x202",
     "0x100014790, where there is no RAM", NULL},
    {"ENT-036", 64, entry64_command_line_is_not_mapped, "the loader's identity mapping does not cover the command line",
     "linear 0x1e000", "physical 0x1e000", "not mapped", NULL},
    {"ENT-036", 64, entry64_kernel_is_mapped_elsewhere,
     "the loader's identity mapping does not cover what the protocol names", "linear 0x1000000", "physical 0x1000000",
     "physical 0x1200000", NULL},
    {"ENT-001", 64, payload_elf_is_entered_behind_its_entry,
     "control enters the kernel at the wrong place, 0x20 bytes behind its entry", "jump from the loader",
     "0x1000140 = base 0x1000000 + 0x140", "0x1000160", NULL},
    {"ENT-005", 64, payload_elf_gets_another_pointer,
     "RSI does not hold the boot_params pointer that the loader handed over", "rsi", "0x14790", "0x90000", NULL},
    {"RUN-002", 64, payload_elf_does_not_get_going, "the kernel does not get going: triple-fault in kernel (#PF)",
     "0x1000200", "an instruction at the kernel's virtual address, or its first message", "triple-fault", NULL},
    {"RUN-002", 64, segments_of_the_payload_overlap, "the kernel does not get going: triple-fault in kernel (#PF)",
     "0x1000200", "an instruction at the kernel's virtual address, or its first message", "triple-fault", NULL},
    {"ENT-040", 64, start_info_is_not_in_ebx, "EBX does not point to hvm_start_info", "EBX at 0x1000850",
     "0x18000, with the magic number 0x336ec578", "0x0, with 0x0", NULL},
    {"ENT-040", 64, start_info_has_no_magic_number, "EBX points to something else than hvm_start_info",
     "EBX at 0x1000850", "0x18000, with the magic number 0x336ec578", "0x18000, with 0x336ec500", NULL},
    {"ENT-041", 64, pvh_with_pae, "the PVH entry is not reached in plain 32-bit protected mode",
     "CPU mode at 0x1000850", "protected-32, CR0 with PE alone, CR4 0x0", "protected-32, CR0 0x11, CR4 0x20", NULL},
    {"ENT-041", 64, pvh_with_write_protection, "the PVH entry is not reached in plain 32-bit protected mode",
     "CPU mode at 0x1000850", "protected-32, CR0 with PE alone, CR4 0x0", "protected-32, CR0 0x10011, CR4 0x0", NULL},
    {"ENT-042", 64, pvh_code_segment_ends_early, "cs is not a flat 4 GiB segment", "cs",
     "base 0, limit 0xffffffff, readable code", "selector 0x8, base 0x0, limit 0xfffff, access 0xc09b", NULL},
    {"ENT-043", 64, pvh_es_is_null, "es is not a flat 4 GiB segment", "es", "base 0, limit 0xffffffff, writable data",
     "selector 0x0, base 0x0, limit 0x0, access 0x0", NULL},
    {"ENT-044", 64, pvh_with_trap_flag, "IF, TF or VM is set at the PVH entry", "EFLAGS at 0x1000850",
     "IF, TF and VM clear", "0x102", NULL},
    {"BPR-001", 32, loader_drops_an_e820_entry, "the e820 map does not have the PC's number of entries",
     "boot_params.e820_entries", "4", "3", NULL},
    {"BPR-001", 32, e820_ext_is_wrong, "an e820 entry is not what the PC has", "SETUP_E820_EXT[0]",
     "0xfffc0000, 0x40000 bytes, type 2", "0xfffc0000, 0x30000 bytes, type 2", NULL},
    {"BPR-002", 64, ext_cmd_line_ptr_is_stale, "boot_params does not lead to the loader's command line",
     "boot_params.ext_cmd_line_ptr", "0x1e000", "0x5a5a0001e000", NULL},
    {"BPR-003", 32, decompressor_changes_the_alignment,
     "the setup header in boot_params is not the one in the image as the loader completed it",
     "boot_params.hdr.kernel_alignment", "0x200000", "0x1000000", NULL},
    {"BPR-004", 32, boot_params_are_not_cleared,
     "the loader did not clear boot_params: more than the setup header was copied from the file",
     "boot_params.sentinel", "0x0", "0xff", NULL},
    {"BPR-005", 32, rsdp_is_another, "a field of boot_params that the loader wrote was changed",
     "boot_params.acpi_rsdp_addr", "0xf5b00", "0xe0000", NULL},
    {"BPR-006", 64, upper_half_of_the_initrd_is_lost,
     "boot_params does not lead to the initrd: the upper 32 bits are wrong", "boot_params.ext_ramdisk_image",
     "0x11fffe000, 0x1234 bytes", "0x1fffe000, 0x1234 bytes", NULL},
    {"BPR-007", 32, boot_params_have_a_stray_byte,
     "boot_params has a byte that the loader neither cleared nor wrote on purpose", "boot_params + 0x320", "0x00",
     "0xeb", NULL},
    {"BPR-007", 32, boot_params_have_a_stray_byte_behind_the_header,
     "boot_params has a byte that the loader neither cleared nor wrote on purpose", "boot_params + 0x290", "0x00",
     "0x80", NULL},
    {"BPR-008", 32, header_copy_ends_early, "the loader did not copy the whole setup header",
     "boot_params.hdr.init_size", "0x100000, as in the image", "0x0", NULL},
    {"BPR-009", 32, loader_tells_no_memory_size, "the loader does not tell an old kernel how much memory there is",
     "boot_params.alt_mem_k, boot_params.ext_mem_k", "one of them at least 3072 (KiB above 1 MiB)", "0 and 0", NULL},
    {"BPR-009", 32, loader_tells_a_kib_too_little, "the loader does not tell an old kernel how much memory there is",
     "boot_params.alt_mem_k, boot_params.ext_mem_k", "one of them at least 3072 (KiB above 1 MiB)", "3071 and 3070",
     NULL},
    {"MEM-006", 64, setup_data_is_overwritten, "the loader's setup_data was overwritten before the kernel was entered",
     "0x30010, 16 bytes into the setup_data", "0x01", "0x00", NULL},
    {"MEM-007", 64, start_info_is_overwritten,
     "the loader's hvm_start_info was overwritten before the kernel was entered",
     "0x18000, 0 bytes into the hvm_start_info", "0x78", "0x00", NULL},
    {"MEM-008", 64, initrd_lies_in_the_kernel, "the loader puts the initrd where the kernel unpacks itself",
     "initrd at 0x10ffffc, 0x1234 bytes", "clear of 0x1000000 to 0x10fffff (init_size from runtime_start on)",
     "0x10ffffc to 0x110122f", NULL},
    {"MEM-008", 32, setup_data_lies_in_the_initrd, "the loader puts the initrd and the setup_data into the same memory",
     "setup_data at 0x1ffff200, 0x30 bytes", "clear of 0x1fffe000 to 0x1ffff233", "0x1ffff200 to 0x1ffff22f", NULL},
    {"MEM-008", 64, page_tables_lie_in_the_kernel, "the loader puts the page tables where the kernel unpacks itself",
     "page tables at 0x1001000, 0x1000 bytes", "clear of 0x1000000 to 0x10fffff (init_size from runtime_start on)",
     "0x1001000 to 0x1001fff", NULL},
    {"MEM-008", 64, initrd_lies_in_the_bss, "the loader puts the initrd where the kernel unpacks itself",
     "initrd at 0x102ffff, 0x1234 bytes", "clear of 0x1000000 to 0x102ffff (the kernel's program headers)",
     "0x102ffff to 0x1031232", NULL},
    {"MEM-008", 64, setup_moves_over_the_ebda, "the loader has setup move itself over memory that is not RAM",
     "setup_move_size", "RAM from 0x90000 to 0x9ffef", "RAM ends at 0x9fbff", NULL},
    {"MEM-009", 32, loader_moves_a_fixed_kernel, "the loader moves a kernel that is not relocatable",
     "protected-mode part", "0x100000", "0x400000", NULL},
    {"REL-007", 32, loaders_alignment_is_not_obeyed,
     "the kernel does not keep to the kernel_alignment that the loader wrote", "physical base, loaded at 0x1300000",
     "0x1300000, aligned to 0x100000", "0x1400000 (the image says 0x200000)", NULL},
    {"REL-007", 32, loaders_alignment_is_rounded_down,
     "the kernel does not keep to the kernel_alignment that the loader wrote", "physical base, loaded at 0x1300000",
     "0x1300000, aligned to 0x100000", "0x1200000 (the image says 0x200000)", NULL},
    {"REL-008", 32, image_dies_after_its_message, "the image does not refuse the address, but dies of it: triple-fault",
     "0x100020, load address 0x38000000", "\"Destination address too large\", then \"-- System halted\"",
     "last line \" -- System halted\"", NULL},
    {"REL-008", 32, image_accepts_too_high_an_address,
     "the image accepts a load address that its own check must refuse", "load address 0x38000000",
     "\"Destination address too large\", then \"-- System halted\"", "the kernel is entered at 0x38000140", NULL},
    {"REL-008", 32, image_dies_of_the_address, "the image does not refuse the address, but dies of it: triple-fault",
     "0x100020, load address 0x38000000", "\"Destination address too large\", then \"-- System halted\"",
     "last line \"Parsing ELF...\"", NULL},
    {"REL-008", 32, image_halts_with_another_message, "the image does not refuse the address, but dies of it: halt",
     "0x100020, load address 0x38000000", "\"Destination address too large\", then \"-- System halted\"",
     "last line \"Decompressing Linux...\"", NULL},
    {"REL-008", 32, image_halts_for_another_reason, "the image halts, but not because of its address",
     "0x100020, load address 0x38000000", "\"Destination address too large\", then \"-- System halted\"",
     "the message \"Not a gzip file\"", NULL},
    {"REL-009", 32, fixed_kernel_moves, "the kernel moves with its load address, but says that it is not relocatable",
     "relocatable_kernel; loaded at 0x300000", "physical base 0x1000000", "physical base 0x1200000", NULL},
};

/* ---- the tests ---- */

static struct bzc_findings ask(void)
{
    struct bzc_findings findings = {0};
    struct bzc_error err = {0};

    assert_int_equal(bzc_catalogue_run(&world.facts, &policy, &findings, &err), BZC_OK);
    return findings;
}

static void check_finding(const struct breach *breach, const struct bzc_finding *finding)
{
    assert_string_equal(finding->message, breach->message);
    assert_string_equal(finding->where, breach->where);
    assert_string_equal(finding->expected, breach->expected);
    assert_string_equal(finding->actual, breach->actual);
    assert_int_equal(finding->run, finding->rule->phase == BZC_PHASE_IMAGE ? -1 : 0);
}

static void each_breach_fails_its_rule_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
        const struct breach *breach = &breaches[i];
        struct bzc_findings findings;
        unsigned found = 0;

        world_init(&world, breach->bits);
        breach->spoil();
        findings = ask();
        for (size_t k = 0; k < findings.count; k++) {
            const struct bzc_finding *finding = &findings.item[k];

            if (strcmp(finding->rule->id, breach->rule) == 0) {
                if (finding->outcome != BZC_OUTCOME_FAIL)
                    fail_msg("breach %zu: %s does not fail but %s: %s", i, breach->rule,
                             bzc_outcome_name(finding->outcome), finding->message);
                check_finding(breach, finding);
                found++;
            } else if ((finding->outcome == BZC_OUTCOME_FAIL || finding->outcome == BZC_OUTCOME_UNKNOWN) &&
                       !(breach->also && strcmp(finding->rule->id, breach->also) == 0)) {
                fail_msg("breach %zu of %s: %s too: %s", i, breach->rule, finding->rule->id, finding->message);
            }
        }
        assert_int_equal(found, 1);
        bzc_findings_free(&findings);
    }
}

/* A rule without a breach in the table is a rule that nobody has seen failing. */
static void every_rule_has_a_breach(void **state)
{
    (void)state;
    for (size_t f = 0; f < bzc_rule_family_count; f++) {
        for (size_t r = 0; r < bzc_rule_families[f]->count; r++) {
            const char *id = bzc_rule_families[f]->rule[r].id;
            bool found = false;

            for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++)
                found = found || strcmp(breaches[i].rule, id) == 0;
            if (!found && world_has_facts_for(&bzc_rule_families[f]->rule[r]))
                fail_msg("%s has no breach in this test", id);
        }
    }
}

/* First the clean world is clean: every rule passes; only the segments of a 64-bit kernel are nobody's business. */
static void all_rules_pass_where_nothing_is_wrong(void **state)
{
    static const unsigned bits[] = {64, 32};
    size_t rules = 0;

    (void)state;
    for (size_t f = 0; f < bzc_rule_family_count; f++)
        rules += bzc_rule_families[f]->count;
    for (size_t i = 0; i < 2; i++) {
        struct bzc_findings findings;

        world_init(&world, bits[i]);
        findings = ask();
        assert_int_equal(findings.count, rules);
        for (size_t k = 0; k < findings.count; k++) {
            const struct bzc_rule *rule = findings.item[k].rule;

            if (!world_has_facts_for(rule) || world_is_elsewhere(rule) ||
                (bits[i] == 64 && strcmp(rule->id, "ENT-006") == 0)) {
                assert_int_equal(findings.item[k].outcome, BZC_OUTCOME_SKIP);
                continue;
            }
            if (findings.item[k].outcome != BZC_OUTCOME_PASS)
                fail_msg("%s: %s", rule->id, findings.item[k].message);
            assert_string_equal(findings.item[k].message, "");
        }
        bzc_findings_free(&findings);
    }
}

/* The other ways in, and other expectations: nothing fails, and what the first world skips passes in one of them. */
static void other_worlds_are_clean_and_ask_the_rest(void **state)
{
    static void (*const worlds[])(struct world *) = {world_entry32,     world_as_loader, world_entry64,
                                                     world_payload_elf, world_pvh,       world_realigned,
                                                     world_refused,     world_fixed,     world_entry32_of_2_04};
    bool passed[1000] = {false};

    (void)state;
    assert_true(bzc_rule_count() < sizeof(passed) / sizeof(passed[0]));
    for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
        struct bzc_findings findings;

        worlds[i](&world);
        findings = ask();
        for (size_t k = 0; k < findings.count; k++) {
            const struct bzc_finding *finding = &findings.item[k];

            if (finding->outcome == BZC_OUTCOME_FAIL || finding->outcome == BZC_OUTCOME_UNKNOWN)
                fail_msg("world %zu: %s: %s", i, finding->rule->id, finding->message);
            if (strstr(finding->message, "explained by"))
                fail_msg("world %zu: %s: %s", i, finding->rule->id, finding->message);
            for (size_t r = 0; r < bzc_rule_count(); r++)
                passed[r] = passed[r] || (finding->outcome == BZC_OUTCOME_PASS && bzc_rule_at(r) == finding->rule);
        }
        bzc_findings_free(&findings);
    }
    for (size_t r = 0; r < bzc_rule_count(); r++)
        if (world_is_elsewhere(bzc_rule_at(r)) && !passed[r])
            fail_msg("%s passes in no world", bzc_rule_at(r)->id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_rules_pass_where_nothing_is_wrong),
        cmocka_unit_test(other_worlds_are_clean_and_ask_the_rest),
        cmocka_unit_test(each_breach_fails_its_rule_alone),
        cmocka_unit_test(every_rule_has_a_breach),
    };

    world_policy(&policy);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
