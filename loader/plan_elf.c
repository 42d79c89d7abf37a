/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans that load an ELF file by its program headers, as Xen's domain builder does: the unpacked payload, entered with
 * boot_params or by PVH, and the file at the head of an ELF-wrapped protected-mode part.
 *
 * Sources: System V ABI, "Program Loading"; boot.rst, "32-bit Boot Protocol", "64-bit Boot Protocol"; Xen,
 * docs/misc/pvh.pandoc and xen/include/public/arch-x86/hvm/start_info.h.
 */
#include <string.h>

#include "loader/elf_notes.h"
#include "loader/plan_parts.h"

#define HIGH_MEMORY 0x100000ull
#define FOUR_GIB    0x100000000ull
#define PAGE        4096ull

#define EM_386    3u
#define EM_X86_64 62u

/* Half of the plan's blocks: the rest is for what the loader makes. */
#define SEGMENTS_MAX (BZC_PLAN_BLOCKS_MAX / 2)

/* Where loaders that do not say otherwise put things. */
#define BOOT_PARAMS_AT 0x10000u
#define CMDLINE_AT     0x20000u

/* hvm_start_info, and behind it its two tables; offsets in bytes. */
#define START_MAGIC        0x336ec578u
#define START_VERSION      1u /* with a memory map */
#define START_SIZE         56u
#define MODULES_AT         64u
#define MODULE_SIZE        32u
#define MEMMAP_AT          (MODULES_AT + MODULE_SIZE)
#define MEMMAP_ENTRY_SIZE  24u
#define START_MAGIC_AT     0u
#define START_VERSION_AT   4u
#define START_NR_MODULES   12u
#define START_MODLIST      16u
#define START_CMDLINE      24u
#define START_RSDP         32u
#define START_MEMMAP       40u
#define START_MEMMAP_COUNT 48u

/* ---- the ELF file's segments ---- */

static enum bzc_status check_class(const struct bzc_elf *elf, struct bzc_error *err)
{
    if (elf->machine == (elf->bits == 64 ? EM_X86_64 : EM_386))
        return BZC_OK;
    return bzc_error_set(err, BZC_ERR_UNSUPPORTED,
                         "the ELF file is of class ELFCLASS%u and for machine %u: no mode to enter it in follows",
                         elf->bits, elf->machine);
}

static enum bzc_status check_place(const struct bzc_planning *planning, const struct bzc_elf *elf)
{
    uint64_t load_addr = planning->options->load_addr;

    if (load_addr == 0 || load_addr == elf->paddr_min)
        return BZC_OK;
    return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                         "an ELF file is loaded where its program headers say, at 0x%llx, and not at 0x%llx",
                         (unsigned long long)elf->paddr_min, (unsigned long long)load_addr);
}

/* What lies behind p_filesz is zero as all of the guest's RAM is; it only has to be there. */
static enum bzc_status add_segments(const struct bzc_planning *planning, const struct bzc_elf *elf)
{
    if (elf->load_count > SEGMENTS_MAX)
        return bzc_error_set(planning->err, BZC_ERR_LIMIT, "the ELF file has %zu segments to load, more than %d",
                             elf->load_count, SEGMENTS_MAX);
    planning->plan->elf_phys = elf->paddr_min;
    planning->plan->elf_end = elf->paddr_end;
    for (size_t i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *segment = &elf->load[i];

        if (!bzc_memory_map_is_ram(planning->options->map, segment->paddr, segment->memsz))
            return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                                 "the memory map has no RAM for ELF program header %u: 0x%llx bytes from 0x%llx on; "
                                 "--memory or --memory-map gives more",
                                 segment->index, (unsigned long long)segment->memsz,
                                 (unsigned long long)segment->paddr);
        if (segment->filesz != 0)
            bzc_plan_add(planning->plan, BZC_BLOCK_SEGMENT, segment->paddr,
                         bzc_bytes_slice(elf->file, segment->offset, segment->filesz));
    }
    return BZC_OK;
}

static bool meets(const struct bzc_elf_segment *segment, const struct bzc_block *block)
{
    return segment->paddr < block->phys + block->bytes.size && block->phys < segment->paddr + segment->memsz;
}

/* Nothing that the loader made may lie outside RAM or where the ELF file wants to lie. */
static enum bzc_status check_apart(const struct bzc_planning *planning, const struct bzc_elf *elf)
{
    const struct bzc_plan *plan = planning->plan;

    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];

        if (block->role == BZC_BLOCK_SEGMENT || block->bytes.size == 0)
            continue;
        if (!bzc_memory_map_is_ram(planning->options->map, block->phys, block->bytes.size))
            return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                                 "the memory map has no RAM for the %s: 0x%zx bytes from 0x%llx on", block->name,
                                 block->bytes.size, (unsigned long long)block->phys);
        for (size_t s = 0; s < elf->load_count; s++)
            if (elf->load[s].memsz != 0 && meets(&elf->load[s], block))
                return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                                     "ELF program header %u (0x%llx bytes from 0x%llx on) overlaps the %s at 0x%llx",
                                     elf->load[s].index, (unsigned long long)elf->load[s].memsz,
                                     (unsigned long long)elf->load[s].paddr, block->name,
                                     (unsigned long long)block->phys);
    }
    return BZC_OK;
}

/* ---- the loader's own blocks ---- */

static uint64_t boot_params_at(const struct bzc_planning *planning)
{
    return planning->loader->boot_params_at != 0 ? planning->loader->boot_params_at : BOOT_PARAMS_AT;
}

static enum bzc_status place_cmdline(const struct bzc_planning *planning)
{
    struct bzc_plan *plan = planning->plan;
    enum bzc_status status = bzc_plan_take_cmdline(planning);

    if (status != BZC_OK)
        return status;
    plan->cmdline_phys = planning->loader->cmdline_at != 0 ? planning->loader->cmdline_at : CMDLINE_AT;
    bzc_plan_add_cmdline(plan);
    return BZC_OK;
}

/* ---- entered with boot_params ---- */

/* Everything but the segments. `kernel` is what the kernel uses besides them. */
static enum bzc_status enter_with_boot_params(const struct bzc_planning *planning, const struct bzc_elf *elf,
                                              struct bzc_area kernel)
{
    struct bzc_plan *plan = planning->plan;
    struct bzc_area mapped[SEGMENTS_MAX + 3];
    struct bzc_handed_over handed_over = {.mapped = mapped};
    enum bzc_status status;
    uint64_t paddr, vaddr;
    size_t count = 0;

    status = check_class(elf, planning->err);
    if (status != BZC_OK)
        return status;
    if (!bzc_elf_entry(elf, &paddr, &vaddr))
        return bzc_error_set(planning->err, BZC_ERR_FORMAT, "the ELF file's entry 0x%llx lies in none of its segments",
                             (unsigned long long)elf->entry);
    plan->jump = (struct bzc_jump){elf->bits == 64 ? BZC_MODE_LONG : BZC_MODE_PROT32, paddr};
    plan->boot_params_phys = boot_params_at(planning);
    status = place_cmdline(planning);
    if (status == BZC_OK)
        status = bzc_plan_place_initrd(planning);
    if (status == BZC_OK)
        status = bzc_plan_boot_params(planning);
    if (status != BZC_OK)
        return status;
    mapped[count++] = kernel;
    for (size_t i = 0; i < elf->load_count; i++)
        mapped[count++] = (struct bzc_area){elf->load[i].paddr, elf->load[i].paddr + elf->load[i].memsz};
    mapped[count++] = (struct bzc_area){plan->boot_params_phys, plan->boot_params_phys + BZC_BOOT_PARAMS_SIZE};
    mapped[count++] = (struct bzc_area){plan->cmdline_phys, plan->cmdline_phys + strlen(plan->cmdline) + 1};
    handed_over.mapped_count = count;
    handed_over.rsi = plan->boot_params_phys;
    status = bzc_plan_trampoline(planning, &handed_over);
    return status == BZC_OK ? check_apart(planning, elf) : status;
}

/* ---- PVH ---- */

static bool find_pvh_entry(const struct bzc_elf *elf, uint64_t *entry)
{
    struct bzc_elf_note note;

    return bzc_elf_find_note(elf, "Xen", BZC_NOTE_XEN_PHYS32_ENTRY, &note) && bzc_elf_note_number(&note, entry);
}

static bool is_in_segment(const struct bzc_elf *elf, uint64_t paddr)
{
    for (size_t i = 0; i < elf->load_count; i++)
        if (paddr >= elf->load[i].paddr && paddr - elf->load[i].paddr < elf->load[i].memsz)
            return true;
    return false;
}

static enum bzc_status add_start_info(const struct bzc_planning *planning)
{
    const struct bzc_plan_options *options = planning->options;
    struct bzc_plan *plan = planning->plan;
    uint64_t at = boot_params_at(planning);
    size_t entries = planning->loader->no_e820 ? 0 : options->map->count;
    size_t size = MEMMAP_AT + BZC_MEMORY_MAP_MAX * MEMMAP_ENTRY_SIZE;
    uint8_t *info = bzc_plan_alloc(plan, size);

    if (!info)
        return bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for hvm_start_info");
    if (entries > planning->loader->e820_max)
        entries = planning->loader->e820_max;
    bzc_store32(info + START_MAGIC_AT, START_MAGIC);
    bzc_store32(info + START_VERSION_AT, START_VERSION);
    bzc_store64(info + START_CMDLINE, plan->cmdline_phys);
    bzc_store64(info + START_RSDP, options->acpi_rsdp_addr);
    if (options->initrd.size != 0) {
        bzc_store32(info + START_NR_MODULES, 1);
        bzc_store64(info + START_MODLIST, at + MODULES_AT);
        bzc_store64(info + MODULES_AT, plan->initrd_phys);
        bzc_store64(info + MODULES_AT + 8, options->initrd.size);
    }
    if (entries != 0)
        bzc_store64(info + START_MEMMAP, at + MEMMAP_AT);
    bzc_store32(info + START_MEMMAP_COUNT, (uint32_t)entries);
    for (size_t i = 0; i < entries; i++) {
        uint8_t *entry = info + MEMMAP_AT + i * MEMMAP_ENTRY_SIZE;

        bzc_store64(entry, options->map->range[i].start);
        bzc_store64(entry + 8, options->map->range[i].size);
        bzc_store32(entry + 16, options->map->range[i].type);
    }
    plan->start_info_phys = at;
    bzc_plan_add(plan, BZC_BLOCK_START_INFO, at, (struct bzc_bytes){info, MEMMAP_AT + entries * MEMMAP_ENTRY_SIZE});
    return BZC_OK;
}

static enum bzc_status enter_by_pvh(const struct bzc_planning *planning, const struct bzc_elf *elf)
{
    struct bzc_plan *plan = planning->plan;
    struct bzc_handed_over handed_over = {0};
    enum bzc_status status;
    uint64_t entry;

    if (!find_pvh_entry(elf, &entry))
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                             "the kernel has no PVH entry: there is no Xen note PHYS32_ENTRY in its ELF file");
    if (!is_in_segment(elf, entry) || entry >= FOUR_GIB)
        return bzc_error_set(planning->err, BZC_ERR_FORMAT,
                             "the PVH entry 0x%llx (Xen note PHYS32_ENTRY) lies in no segment below 4 GiB",
                             (unsigned long long)entry);
    plan->jump = (struct bzc_jump){BZC_MODE_PROT32, entry};
    status = place_cmdline(planning);
    if (status == BZC_OK)
        status = bzc_plan_place_initrd(planning);
    if (status == BZC_OK)
        status = add_start_info(planning);
    if (status != BZC_OK)
        return status;
    handed_over.rbx = plan->start_info_phys;
    status = bzc_plan_trampoline(planning, &handed_over);
    return status == BZC_OK ? check_apart(planning, elf) : status;
}

/* ---- the planners ---- */

static uint64_t written_alignment(const struct bzc_planning *planning)
{
    return planning->options->kernel_alignment != 0 ? planning->options->kernel_alignment
                                                    : planning->image->kernel_alignment;
}

enum bzc_status bzc_plan_payload_elf(const struct bzc_planning *planning)
{
    const struct bzc_elf *elf = planning->options->kernel;
    struct bzc_plan *plan = planning->plan;
    enum bzc_status status;

    if (!elf || elf->load_count == 0)
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "the image has no payload that is an ELF file");
    plan->a20_open = true;
    plan->kernel_alignment = written_alignment(planning);
    status = check_place(planning, elf);
    if (status == BZC_OK)
        status = add_segments(planning, elf);
    if (status != BZC_OK)
        return status;
    if (plan->path == BZC_PATH_PVH)
        return enter_by_pvh(planning, elf);
    return enter_with_boot_params(planning, elf, (struct bzc_area){elf->paddr_min, elf->paddr_end});
}

/* Where byte 0 of the protected-mode part lies when the ELF file in it lies where its program headers say. */
static enum bzc_status find_pm(const struct bzc_planning *planning, const struct bzc_elf *elf)
{
    const struct bzc_elf_segment *first = &elf->load[0];
    struct bzc_plan *plan = planning->plan;

    for (size_t i = 1; i < elf->load_count; i++)
        if (elf->load[i].paddr < first->paddr)
            first = &elf->load[i];
    if (first->offset > first->paddr)
        return bzc_error_set(planning->err, BZC_ERR_FORMAT,
                             "ELF program header %u: offset 0x%llx in the file cannot lie at address 0x%llx",
                             first->index, (unsigned long long)first->offset, (unsigned long long)first->paddr);
    plan->has_pm = true;
    plan->pm_phys = first->paddr - first->offset;
    plan->pm_entry_phys = plan->pm_phys;
    return BZC_OK;
}

enum bzc_status bzc_plan_elf_wrapped(const struct bzc_planning *planning)
{
    const struct bzc_image *image = planning->image;
    struct bzc_plan *plan = planning->plan;
    enum bzc_status status;
    struct bzc_area kernel;
    struct bzc_elf elf;

    if (!bzc_elf_is(image->pm))
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED,
                             "the protected-mode part does not begin with an ELF file");
    status = bzc_elf_parse(image->pm, &elf, planning->err);
    if (status == BZC_OK)
        status = check_place(planning, &elf);
    if (status == BZC_OK)
        status = add_segments(planning, &elf);
    if (status == BZC_OK)
        status = find_pm(planning, &elf);
    if (status != BZC_OK)
        return status;
    plan->a20_open = true;
    plan->kernel_alignment = written_alignment(planning);
    /* As a loader of bzImages moves it, that the header says what it would say there. */
    plan->code32_start = (uint32_t)(image->code32_start - HIGH_MEMORY + plan->pm_phys);
    kernel = bzc_plan_kernel_area(planning, BZC_ROOM_INIT_SIZE);
    if (image->init_size != 0 &&
        !bzc_memory_map_is_ram(planning->options->map, kernel.start, kernel.end - kernel.start))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT,
                             "the kernel needs 0x%llx bytes of RAM from 0x%llx on (init_size), and the memory map does "
                             "not have them",
                             (unsigned long long)(kernel.end - kernel.start), (unsigned long long)kernel.start);
    return enter_with_boot_params(planning, &elf, kernel);
}
