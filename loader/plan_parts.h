/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the loader: what the planners of the different paths share. */
#ifndef BZC_LOADER_PLAN_PARTS_H
#define BZC_LOADER_PLAN_PARTS_H

#include "loader/plan.h"

/* What one planner works on. */
struct bzc_planning {
    const struct bzc_boot_loader *loader;
    const struct bzc_image *image;
    const struct bzc_plan_options *options;
    struct bzc_plan *plan;
    struct bzc_error *err;
    struct bzc_subject subject; /* for the loader's conditions */
};

/* ---- one planner a path; on error the caller frees the plan ---- */
enum bzc_status bzc_plan_setup(const struct bzc_planning *planning);       /* setup */
enum bzc_status bzc_plan_entry(const struct bzc_planning *planning);       /* entry32, entry64 */
enum bzc_status bzc_plan_payload_elf(const struct bzc_planning *planning); /* payload-elf, pvh */
enum bzc_status bzc_plan_elf_wrapped(const struct bzc_planning *planning); /* elf-wrapped */

/* ---- blocks ---- */

/* Adds a block of borrowed bytes. Asserts that there is room for one more. */
struct bzc_block *bzc_plan_add(struct bzc_plan *plan, enum bzc_block_role role, uint64_t phys, struct bzc_bytes bytes);
/* Zeroed memory that the plan owns; NULL when there is none. */
void *bzc_plan_alloc(struct bzc_plan *plan, size_t size);

/* ---- placement ---- */

/* [start, end) in physical bytes */
struct bzc_area {
    uint64_t start, end;
};
/* The highest place (multiple of `align`, a power of two) for `size` bytes in RAM of the map, inside [floor, ceiling),
 * that meets none of the areas. False when there is none. */
bool bzc_place_highest(const struct bzc_memory_map *map, uint64_t floor, uint64_t ceiling, uint64_t size,
                       uint64_t align, const struct bzc_area *avoid, size_t avoid_count, uint64_t *phys);
/* The lowest such place. */
bool bzc_place_lowest(const struct bzc_memory_map *map, uint64_t floor, uint64_t ceiling, uint64_t size, uint64_t align,
                      const struct bzc_area *avoid, size_t avoid_count, uint64_t *phys);

/*
 * Where the protected-mode part goes (options->load_addr, else the loader's places) into plan->pm_phys, with
 * plan->kernel_alignment and plan->code32_start. `ceiling` is the end of what the entry can reach: 4 GiB or more.
 * Errors: BZC_ERR_UNSUPPORTED, BZC_ERR_LIMIT.
 */
enum bzc_status bzc_plan_place_pm(const struct bzc_planning *planning, uint64_t ceiling);
/* True when the protected-mode part lies above 4 GiB: then what belongs to it may, too. */
bool bzc_plan_is_high(const struct bzc_plan *plan);
/* What the kernel uses while it unpacks itself when its protected-mode part lies at plan->pm_phys, for a loader that
 * keeps `room` for it. */
struct bzc_area bzc_plan_kernel_area(const struct bzc_planning *planning, enum bzc_room room);
/*
 * Where the initrd goes, into plan->initrd_phys; adds its block. Everything that lies in its way must have been placed.
 * Without initrd nothing happens. Errors: BZC_ERR_LIMIT.
 */
enum bzc_status bzc_plan_place_initrd(const struct bzc_planning *planning);
/* Adds the command line's block at plan->cmdline_phys: plan->cmdline is set by bzc_plan_take_cmdline(). */
enum bzc_status bzc_plan_take_cmdline(const struct bzc_planning *planning);
void bzc_plan_add_cmdline(struct bzc_plan *plan);

/* ---- what the loader writes ---- */

/* Both store into `header` (file offset 0 = start of boot_params) and note it in the plan. */
void bzc_plan_set_field(struct bzc_plan *plan, uint8_t *header, enum bzc_field_id id, uint64_t value);
void bzc_plan_set_bp(struct bzc_plan *plan, uint8_t *boot_params, enum bzc_bp_field_id id, uint64_t value);
/* The loader's own `write` lines, after everything else. */
void bzc_plan_extra_writes(const struct bzc_planning *planning, uint8_t *header);

/* boot.rst, "Special Command Line Options": vga= and mem=. */
uint16_t bzc_cmdline_vid_mode(const char *cmdline);
uint64_t bzc_cmdline_mem_limit(const char *cmdline);

/* ---- boot_params, for paths that bypass setup ---- */

/*
 * Builds boot_params as the loader does and adds its block and those of the setup_data list: the header's copy, command
 * line, initrd, e820 map, ext_* fields. plan->boot_params_phys, cmdline_phys and initrd_phys are set.
 * Errors: BZC_ERR_MEMORY, BZC_ERR_LIMIT (no room for a setup_data node).
 */
enum bzc_status bzc_plan_boot_params(const struct bzc_planning *planning);

/*
 * Adds the blocks of the setup_data list (the user's nodes, SETUP_E820_EXT, a seed of random numbers) and leads the
 * header's field to it; nothing when there are no nodes. Errors: BZC_ERR_UNSUPPORTED (before 2.09), BZC_ERR_LIMIT.
 */
enum bzc_status bzc_plan_setup_data(const struct bzc_planning *planning, uint8_t *header);

/* ---- the loader's last code ---- */

/*
 * Adds the trampoline: 16-bit code that loads a GDT, switches to 32-bit protected mode (and on to long mode through the
 * identity mapping whose blocks it adds), loads the segments and registers that path and loader say, and jumps to
 * plan->jump. `esi` is the pointer handed over in ESI/RSI, `ebx` that in EBX (pvh). Sets plan->start.
 * Errors: BZC_ERR_MEMORY, BZC_ERR_LIMIT (too much to map).
 */
struct bzc_handed_over {
    uint64_t rsi, rbx;
    const struct bzc_area *mapped; /* long mode: what the identity mapping covers, besides the trampoline itself */
    size_t mapped_count;
};
enum bzc_status bzc_plan_trampoline(const struct bzc_planning *planning, const struct bzc_handed_over *handed_over);

#endif
