/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about where a kernel may run: kernel_alignment, min_alignment, relocatable_kernel. */
#include "verify/rules_hdr.h"

#include <inttypes.h>

#define ALIGNMENT_64 21u /* log2: x86-64 maps the kernel with pages of 2 MiB */
#define ALIGNMENT_32 12u /* log2: a page */

static bool is_power_of_two(uint64_t value)
{
    return value && !(value & (value - 1));
}

/* log2 of the alignment without which this kernel does not run; 0 when it is not known. */
static unsigned needed_alignment(const struct bzc_image_facts *facts)
{
    if (facts->system != BZC_SYSTEM_LINUX)
        return 0;
    if (bzc_hdr_kernel_bits(facts) == 64)
        return ALIGNMENT_64;
    return !facts->oracle && facts->image.xloadflags & BZC_XLF_KERNEL_64 ? ALIGNMENT_64 : ALIGNMENT_32;
}

static bool is_usable_alignment(const struct bzc_image_facts *facts)
{
    uint64_t value = facts->image.kernel_alignment;

    return is_power_of_two(value) && value >= 1ull << needed_alignment(facts);
}

const char *bzc_hdr_kernel_alignment_fault(const struct bzc_image_facts *facts)
{
    return facts->image.relocatable && !is_usable_alignment(facts) ? "HDR-038" : NULL;
}

static void check_kernel_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    (void)run;
    if (!facts->image.relocatable) {
        bzc_skip(verdict, "the kernel is not relocatable");
    } else if (!is_usable_alignment(facts)) {
        bool power = is_power_of_two(facts->image.kernel_alignment);

        bzc_fail(verdict, power ? "the kernel does not run at every address that kernel_alignment allows"
                                : "kernel_alignment of a relocatable kernel is not a power of two");
        bzc_where(verdict, "kernel_alignment");
        bzc_expected(verdict, "a power of two, at least 0x%llx", 1ull << needed_alignment(facts));
        bzc_actual(verdict, "0x%" PRIx32, facts->image.kernel_alignment);
    }
}

static void check_alignment_for_all(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    uint64_t alignment;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_KERNEL_ALIGNMENT, &alignment))
        return;
    if (facts->image.relocatable) {
        bzc_skip(verdict, "the kernel is relocatable: HDR-038 asks for more");
    } else if (!is_power_of_two(facts->image.kernel_alignment)) {
        bzc_fail(verdict, "kernel_alignment is not a power of two, and some loaders round with it all the same");
        bzc_where(verdict, "kernel_alignment");
        bzc_expected(verdict, "a power of two, 0x1000 or more");
        bzc_actual(verdict, "0x%" PRIx32, facts->image.kernel_alignment);
    }
}

static void check_min_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    unsigned most, needed = needed_alignment(facts);
    uint64_t alignment;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_MIN_ALIGNMENT, &alignment))
        return;
    if (!image->relocatable) {
        bzc_skip(verdict, "the kernel is not relocatable");
        return;
    }
    if (bzc_hdr_kernel_alignment_fault(facts)) {
        bzc_skip(verdict, "explained by HDR-038: kernel_alignment is wrong");
        return;
    }
    if (!image->min_alignment) {
        bzc_skip(verdict, "explained by HDR-041: min_alignment is not set");
        return;
    }
    for (most = 0; (uint64_t)image->kernel_alignment >> (most + 1);)
        most++;
    if (image->min_alignment > most)
        bzc_fail(verdict, "min_alignment asks for more than kernel_alignment");
    else if (image->min_alignment < needed)
        bzc_fail(verdict, "the kernel does not run at every address that min_alignment allows");
    else
        return;
    bzc_where(verdict, "min_alignment");
    if (needed == most)
        bzc_expected(verdict, "%u (a power of two; kernel_alignment is 0x%" PRIx32 ")", most, image->kernel_alignment);
    else
        bzc_expected(verdict, "%u to %u (a power of two; kernel_alignment is 0x%" PRIx32 ")", needed, most,
                     image->kernel_alignment);
    bzc_actual(verdict, "%u", image->min_alignment);
}

static void check_min_alignment_set(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    uint64_t alignment;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_MIN_ALIGNMENT, &alignment))
        return;
    if (!facts->image.relocatable) {
        bzc_skip(verdict, "the kernel is not relocatable");
    } else if (!alignment) {
        bzc_fail(verdict, "min_alignment of a relocatable kernel is not set");
        bzc_where(verdict, "min_alignment");
        bzc_expected(verdict, "the least alignment with which the kernel runs, as a power of two");
        bzc_actual(verdict, "0");
    }
}

/* ---- relocatable_kernel ---- */

static void check_has_relocations(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                  struct bzc_verdict *verdict)
{
    (void)run;
    if (!facts->image.relocatable) {
        bzc_skip(verdict, "the kernel is not relocatable");
    } else if (facts->oracle->bits != 32) {
        bzc_skip(verdict, "an x86-64 kernel runs at another physical address without relocations");
    } else if (facts->oracle->elf_problem[0]) {
        bzc_skip(verdict, "explained by ELF-001: the payload's ELF file cannot be used");
    } else if (facts->oracle->reloc_problem[0]) {
        bzc_skip(verdict, "explained by REL-001: the relocation table cannot be read");
    } else if (!facts->oracle->reloc_count) {
        bzc_fail(verdict, "the header calls the i386 kernel relocatable, but its payload has no relocation table");
        bzc_where(verdict, "relocatable_kernel");
        bzc_expected(verdict, "0");
        bzc_actual(verdict, "%" PRIu64, bzc_hdr_value(facts, BZC_FIELD_RELOCATABLE_KERNEL));
    }
}

static void check_says_relocatable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->oracle->reloc_problem[0]) {
        bzc_skip(verdict, "explained by REL-001: the relocation table cannot be read");
    } else if (!facts->image.relocatable && facts->oracle->reloc_count) {
        bzc_fail(verdict, "the payload has a relocation table, but the kernel is not called relocatable");
        bzc_where(verdict, "relocatable_kernel");
        bzc_expected(verdict, "1");
        bzc_actual(verdict, "0 (the table has %zu relocations)", facts->oracle->reloc_count);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-038",
        .name = "kernel-alignment",
        .severity = BZC_SEVERITY_ERROR,
        .title = "kernel_alignment of a relocatable kernel is a power of two with which it can run",
        .spec = "boot.rst, Details of Header Fields: kernel_alignment, relocatable_kernel",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0205,
        .needs = BZC_NEEDS_HEADER,
        .check = check_kernel_alignment,
    },
    {
        .id = "HDR-039",
        .name = "kernel-alignment-plain",
        .severity = BZC_SEVERITY_NOTE,
        .title = "kernel_alignment is a power of two also when the kernel is not relocatable",
        .spec = "boot.rst, Details of Header Fields: kernel_alignment",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020b,
        .needs = BZC_NEEDS_HEADER,
        .check = check_alignment_for_all,
    },
    {
        .id = "HDR-040",
        .name = "min-alignment",
        .severity = BZC_SEVERITY_ERROR,
        .title = "min_alignment asks for no more than kernel_alignment and no less than the kernel needs",
        .spec = "boot.rst, Details of Header Fields: min_alignment",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_min_alignment,
    },
    {
        .id = "HDR-041",
        .name = "min-alignment-set",
        .severity = BZC_SEVERITY_WARNING,
        .title = "min_alignment of a relocatable kernel is set",
        .spec = "boot.rst, Details of Header Fields: min_alignment",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_min_alignment_set,
    },
    {
        .id = "HDR-042",
        .name = "relocatable-has-relocations",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a relocatable i386 kernel comes with a relocation table",
        .spec = "boot.rst, Details of Header Fields: relocatable_kernel",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0205,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_has_relocations,
    },
    {
        .id = "HDR-043",
        .name = "relocations-are-declared",
        .severity = BZC_SEVERITY_WARNING,
        .title = "a kernel with a relocation table is called relocatable",
        .spec = "boot.rst, Details of Header Fields: relocatable_kernel",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0205,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_says_relocatable,
    },
};

const struct bzc_rule_family bzc_rules_hdr_align = {rules, sizeof(rules) / sizeof(rules[0])};
