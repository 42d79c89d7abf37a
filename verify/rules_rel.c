/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about relocation: where the kernel went, and that every slot knows. */
#include <inttypes.h>

#include "verify/rules.h"

#define KERNEL_IMAGE_SIZE_MAX (1ull << 30) /* arch/x86/include/asm/page_64_types.h, with RANDOMIZE_BASE */
/*
 * Addresses may point a little before or behind the kernel (sym + addend); and some are no addresses at all. In
 * distributed kernels fewer than 1 in 100.
 */
#define VALUE_SLACK     (1ull << 20)
#define STRANGE_PERCENT 10
#define X86_64_ALIGN    (2ull << 20) /* what 64-bit page tables need, whatever the header says */

bool bzc_runtime_start(const struct bzc_image *image, const struct bzc_oracle *oracle, const struct bzc_run_facts *run,
                       uint64_t *runtime_start)
{
    bool by_program_headers = bzc_path_enters_kernel(run->path);

    if ((!image->relocatable || by_program_headers) && oracle && oracle->link_base) {
        *runtime_start = oracle->link_base;
        return true;
    }
    return bzc_image_runtime_start(image, run->load_addr, run->plan.kernel_alignment, runtime_start);
}

static void check_table(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->oracle->reloc_problem[0]) {
        bzc_fail(verdict, "%s", facts->oracle->reloc_problem);
        bzc_where(verdict, "relocation table behind the payload");
    } else if (facts->oracle->reloc_count == 0) {
        bzc_skip(verdict, "the payload has no relocation table");
    }
}

static void check_has_table(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->oracle->bits != 64) {
        bzc_skip(verdict, "for 32-bit kernels relocatable_kernel says it: HDR-042");
    } else if (!facts->applies_relocs) {
        bzc_skip(verdict, "the decompressor has no code for a relocation table, as without KASLR");
    } else if (facts->oracle->reloc_problem[0]) {
        bzc_skip(verdict, "explained by REL-001: the relocation table cannot be read");
    } else if (facts->oracle->reloc_count == 0) {
        bzc_fail(verdict, "the decompressor applies a relocation table, but the payload has none");
        bzc_where(verdict, "end of the unpacked payload");
        bzc_expected(verdict, "a table behind the ELF file");
        bzc_actual(verdict, "the ELF file only");
    }
}

/* The link-time value of a slot, as an address. */
static bool linked_value(const struct bzc_oracle *oracle, const struct bzc_reloc *reloc, uint64_t *value)
{
    unsigned size = reloc->kind == BZC_RELOC_64 ? 8 : 4;

    for (size_t i = 0; i < oracle->segment_count; i++) {
        const struct bzc_expected_segment *segment = &oracle->segment[i];

        if (reloc->offset < segment->offset ||
            !bzc_bytes_uint(segment->bytes, reloc->offset - segment->offset, size, value))
            continue;
        if (size == 4 && oracle->bits == 64)
            *value = (uint64_t)(int64_t)(int32_t)(uint32_t)*value;
        return true;
    }
    return false;
}

static uint64_t base_vaddr(const struct bzc_oracle *oracle)
{
    for (size_t i = 0; i < oracle->segment_count; i++) {
        if (oracle->segment[i].offset == 0)
            return oracle->segment[i].vaddr;
    }
    return 0;
}

/* Whether a slot's value points into the kernel, by its virtual address or (before paging is on) its physical one. */
static bool is_address(const struct bzc_oracle *oracle, uint64_t start, uint64_t value)
{
    uint64_t room = oracle->span + 2 * VALUE_SLACK;

    return value - start + VALUE_SLACK < room || value - oracle->link_base + VALUE_SLACK < room;
}

static void check_values(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_oracle *oracle = facts->oracle;
    uint64_t value, start = base_vaddr(oracle), first = 0;
    size_t addresses = 0, strange = 0;

    (void)run;
    if (oracle->reloc_problem[0] || oracle->reloc_count == 0) {
        bzc_skip(verdict, oracle->reloc_count ? "explained by REL-001: the relocation table is damaged"
                                              : "the payload has no relocation table");
        return;
    }
    for (size_t i = 0; i < oracle->reloc_count; i++) {
        const struct bzc_reloc *reloc = &oracle->reloc[i];

        /* An inverse slot holds a distance, not an address. */
        if (reloc->kind == BZC_RELOC_INVERSE_32 || !linked_value(oracle, reloc, &value))
            continue;
        addresses++;
        if (is_address(oracle, start, value))
            continue;
        if (strange++ == 0)
            first = reloc->offset;
    }
    if (strange * 100 <= addresses * STRANGE_PERCENT)
        return;
    bzc_fail(verdict, "the relocation table is another kernel's: %zu of %zu slots hold no address of this one", strange,
             addresses);
    bzc_where(verdict, "the first at base + 0x%" PRIx64, first);
    bzc_expected(verdict, "addresses from 0x%" PRIx64 " to 0x%" PRIx64, start, start + oracle->span);
}

static void check_slots(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    static const char *const states[] = {"not relocated", "relocated twice", "neither"};
    static const char *const kinds[] = {"32-bit", "64-bit", "inverse 32-bit"};
    const struct bzc_comparison *comparison = &run->comparison;

    if (facts->oracle->reloc_count == 0) {
        bzc_skip(verdict, "the payload has no relocation table");
        return;
    }
    if (comparison->bad_slots == 0)
        return;
    for (size_t i = 0; i < comparison->segment_count; i++) {
        if (comparison->segment[i].found_elsewhere || comparison->segment[i].zero ||
            !comparison->segment[i].sha256[0]) {
            bzc_skip(verdict, "explained by MEM-005: segment %u is not in its place", comparison->segment[i].index);
            return;
        }
    }
    bzc_fail(verdict, "%" PRIu64 " of %" PRIu64 " relocation slots do not agree with the rest", comparison->bad_slots,
             comparison->relocations);
    bzc_where(verdict, "%s slot at 0x%" PRIx64 " (base + 0x%" PRIx64 ")", kinds[comparison->bad_kind],
              comparison->base + comparison->first_bad_slot, comparison->first_bad_slot);
    bzc_expected(verdict, "0x%" PRIx64, comparison->bad_expected);
    bzc_actual(verdict, "0x%" PRIx64 " (%s)", comparison->bad_actual, states[comparison->bad_state]);
}

/* KASLR knows only the alignment that the kernel was built with. */
static uint64_t required_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    const struct bzc_image *image = &facts->image;
    uint64_t effective = run->kaslr ? image->kernel_alignment : run->plan.kernel_alignment;
    uint64_t alignment = image->relocatable ? effective : 0x1000;

    if (facts->oracle->bits == 64 && alignment < X86_64_ALIGN)
        alignment = X86_64_ALIGN;
    return alignment ? alignment : 1;
}

/*
 * What boot.rst says of a relocatable kernel to the letter: at the load address, aligned. 32-bit kernels of Linux 3.x
 * run there; that they do not go below LOAD_PHYSICAL_ADDR came later.
 */
static uint64_t start_by_text(const struct bzc_image_facts *facts, const struct bzc_run_facts *run)
{
    uint64_t unit = run->plan.kernel_alignment, start = run->load_addr + facts->image.entry_shift;

    return facts->image.relocatable && unit != 0 ? (start + unit - 1) / unit * unit : 0;
}

static void check_base(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    uint64_t base = run->comparison.base, alignment = required_alignment(facts, run), runtime_start;

    bzc_where(verdict, "physical base");
    bzc_actual(verdict, "0x%" PRIx64, base);
    if (base % alignment != 0) {
        bzc_fail(verdict, "the kernel's physical base is not aligned");
        bzc_expected(verdict, "a multiple of 0x%" PRIx64, alignment);
    } else if (!bzc_memory_map_is_ram(&run->map, base, facts->oracle->span)) {
        bzc_fail(verdict, "the kernel does not lie wholly in usable RAM");
        bzc_expected(verdict, "0x%" PRIx64 " bytes of RAM", facts->oracle->span);
    } else if (!run->kaslr && bzc_runtime_start(&facts->image, facts->oracle, run, &runtime_start)) {
        if (base == runtime_start || (facts->oracle->bits == 32 && base == start_by_text(facts, run)))
            return;
        if (facts->image.relocatable && run->plan.kernel_alignment != facts->image.kernel_alignment) {
            bzc_skip(verdict, "explained by REL-007: the loader's kernel_alignment is not obeyed");
            return;
        }
        bzc_fail(verdict, "the kernel does not run where the protocol says it will");
        bzc_expected(verdict, "0x%" PRIx64, runtime_start);
    }
}

static void check_delta(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_oracle *oracle = facts->oracle;
    int64_t delta = run->comparison.virt_delta;
    uint64_t alignment = required_alignment(facts, run);

    if (oracle->reloc_count == 0) {
        bzc_skip(verdict, "the payload has no relocation table");
        return;
    }
    bzc_where(verdict, "virtual delta");
    bzc_actual(verdict, "%s0x%" PRIx64, delta < 0 ? "-" : "", delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta);
    if (oracle->bits == 32) {
        int64_t want = (int64_t)(run->comparison.base - oracle->link_base);

        if (oracle->link_base == 0 || delta == want)
            return;
        bzc_fail(verdict, "the relocation slots do not follow the physical base");
        bzc_expected(verdict, "%s0x%" PRIx64, want < 0 ? "-" : "", want < 0 ? 0 - (uint64_t)want : (uint64_t)want);
    } else if (!run->kaslr) {
        if (delta == 0)
            return;
        bzc_fail(verdict, "the kernel's virtual address moved although KASLR is off");
        bzc_expected(verdict, "0x0");
    } else if (delta % (int64_t)alignment != 0) {
        bzc_fail(verdict, "the virtual delta is not aligned");
        bzc_expected(verdict, "a multiple of 0x%" PRIx64, alignment);
    } else if (delta < 0 || oracle->link_base + (uint64_t)delta + oracle->span > KERNEL_IMAGE_SIZE_MAX) {
        bzc_fail(verdict, "the kernel's virtual addresses leave the kernel mapping");
        bzc_expected(verdict, "link address + delta + 0x%" PRIx64 " bytes within 1 GiB", oracle->span);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "REL-001",
        .name = "relocation-table",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the relocation table behind the payload is well-formed",
        .spec = "arch/x86/boot/compressed/misc.c, handle_relocations",
        .phase = BZC_PHASE_IMAGE,
        .reads = BZC_DEPTH_KERNEL,
        .needs = BZC_NEEDS_LINUX,
        .check = check_table,
    },
    {
        .id = "REL-002",
        .name = "relocation-slots",
        .severity = BZC_SEVERITY_ERROR,
        .title = "all relocation slots agree on one delta",
        .spec = "arch/x86/boot/compressed/misc.c, handle_relocations",
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_slots,
    },
    {
        .id = "REL-003",
        .name = "physical-base",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the kernel's physical base is aligned, in RAM and, without KASLR, where the protocol says",
        .spec = "boot.rst, Details of Header Fields: init_size (runtime_start), kernel_alignment, pref_address; "
                "arch/x86/boot/compressed/head_64.S and head_32.S (LOAD_PHYSICAL_ADDR)",
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_base,
    },
    {
        .id = "REL-004",
        .name = "virtual-delta",
        .severity = BZC_SEVERITY_ERROR,
        .title =
            "the virtual delta is zero without KASLR, else aligned and in range; 32-bit kernels move with their base",
        .spec = "arch/x86/boot/compressed/misc.c, handle_relocations; kaslr.c, find_random_virt_addr",
        .phase = BZC_PHASE_MEMORY,
        .needs = BZC_NEEDS_LINUX,
        .check = check_delta,
    },
    {
        .id = "REL-005",
        .name = "relocation-table-there",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the relocation table that a 64-bit decompressor applies is there",
        .spec = "arch/x86/boot/compressed/misc.c, handle_relocations; Makefile: vmlinux.relocs",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_has_table,
    },
    {
        .id = "REL-006",
        .name = "relocation-values",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the slots of the relocation table hold addresses of the kernel",
        .spec = "arch/x86/tools/relocs.c, do_reloc32 and do_reloc64",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_values,
    },
};

const struct bzc_rule_family bzc_rules_rel = {rules, sizeof(rules) / sizeof(rules[0])};
