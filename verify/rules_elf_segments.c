/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the PT_LOAD segments of the unpacked payload: can parse_elf() move them, and does the kernel fit them. */
#include <inttypes.h>

#include "verify/rules.h"

#define PF_X 1u
#define PF_W 2u

#define X86_64_ALIGN     (2ull << 20)
#define START_KERNEL_MAP 0xffffffff80000000ull /* arch/x86/include/asm/page_64_types.h */
#define KERNEL_MAP_END   0xffffffffc0000000ull /* with RANDOMIZE_BASE; the modules follow */
/* Linux c55b8550fa57, 4.17: the decompressor looks at p_align. */
#define ALIGN_CHECKED_MAJOR 4
#define ALIGN_CHECKED_MINOR 17

/* [start, start+size) */
struct range {
    uint64_t start, size;
};

static bool overlap(struct range a, struct range b)
{
    return a.size != 0 && b.size != 0 && a.start < b.start + b.size && b.start < a.start + a.size;
}

/* Whether the segments can be looked at one by one; otherwise one of them is ELF-001's finding. */
static bool is_usable(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    if (facts->oracle->elf_problem[0])
        bzc_skip(verdict, "explained by ELF-001: %.100s", facts->oracle->elf_problem);
    return !facts->oracle->elf_problem[0];
}

static void check_disjoint(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;

    (void)run;
    if (!is_usable(facts, verdict))
        return;
    for (size_t i = 0; i < elf->load_count; i++) {
        for (size_t k = i + 1; k < elf->load_count; k++) {
            const struct bzc_elf_segment *a = &elf->load[i], *b = &elf->load[k];
            bool physical = overlap((struct range){a->paddr, a->memsz}, (struct range){b->paddr, b->memsz});

            if (!physical && !overlap((struct range){a->vaddr, a->memsz}, (struct range){b->vaddr, b->memsz}))
                continue;
            bzc_fail(verdict, "two segments of the kernel share %s memory", physical ? "physical" : "virtual");
            bzc_where(verdict, "program headers %u and %u of the payload", a->index, b->index);
            bzc_expected(verdict, "disjoint [address, address + p_memsz)");
            bzc_actual(verdict, "0x%" PRIx64 "+0x%" PRIx64 " and 0x%" PRIx64 "+0x%" PRIx64,
                       physical ? a->paddr : a->vaddr, a->memsz, physical ? b->paddr : b->vaddr, b->memsz);
            return;
        }
    }
}

/* Where parse_elf() moves a segment inside the buffer that the payload was unpacked into. */
static struct range target_of(const struct bzc_elf *elf, size_t i)
{
    return (struct range){elf->load[i].paddr - elf->paddr_min, elf->load[i].filesz};
}

/* The relocation table in that buffer, which is read after all segments were moved. */
static struct range reloc_table(const struct bzc_oracle *oracle)
{
    if (oracle->reloc_count == 0)
        return (struct range){0, 0};
    return (struct range){oracle->elf.file_end, oracle->payload.size - oracle->elf.file_end};
}

static void check_in_place(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;

    (void)run;
    if (!is_usable(facts, verdict))
        return;
    for (size_t i = 0; i < elf->load_count; i++) {
        struct range target = target_of(elf, i), lost = reloc_table(facts->oracle);
        bool table = overlap(target, lost);
        size_t k;

        for (k = i + 1; k < elf->load_count && !table; k++) {
            lost = (struct range){elf->load[k].offset, elf->load[k].filesz};
            if (overlap(target, lost))
                break;
        }
        if (!table && k >= elf->load_count)
            continue;
        if (table)
            bzc_fail(verdict, "moving a segment to its place overwrites the relocation table before it is read");
        else
            bzc_fail(verdict, "moving a segment to its place overwrites the bytes of segment %u before it is moved",
                     elf->load[k].index);
        bzc_where(verdict, "program header %u of the payload", elf->load[i].index);
        bzc_expected(verdict, "a target outside of 0x%" PRIx64 "+0x%" PRIx64 " of the unpacked payload", lost.start,
                     lost.size);
        bzc_actual(verdict, "0x%" PRIx64 "+0x%" PRIx64, target.start, target.size);
        return;
    }
}

static void check_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    unsigned major, minor;

    (void)run;
    if (elf->bits != 64) {
        bzc_skip(verdict, "the decompressor of a 32-bit kernel does not look at p_align");
        return;
    }
    if (bzc_kernel_release(facts, &major, &minor) &&
        (major < ALIGN_CHECKED_MAJOR || (major == ALIGN_CHECKED_MAJOR && minor < ALIGN_CHECKED_MINOR))) {
        bzc_skip(verdict, "the decompressor of Linux %u.%u does not look at p_align", major, minor);
        return;
    }
    for (size_t i = 0; i < elf->load_count; i++) {
        if (elf->load[i].align % X86_64_ALIGN == 0)
            continue;
        bzc_fail(verdict, "the decompressor refuses a segment that is not aligned to 2 MiB");
        bzc_where(verdict, "program header %u of the payload: p_align", elf->load[i].index);
        bzc_expected(verdict, "a multiple of 0x%llx", X86_64_ALIGN);
        bzc_actual(verdict, "0x%" PRIx64, elf->load[i].align);
        return;
    }
}

static void check_congruent(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;

    (void)run;
    for (size_t i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *load = &elf->load[i];
        bool power = (load->align & (load->align - 1)) == 0;

        if (load->align < 2 || (power && (load->offset - load->vaddr) % load->align == 0))
            continue;
        bzc_where(verdict, "program header %u of the payload", load->index);
        if (power) {
            bzc_fail(verdict, "a segment's file offset and address differ modulo its alignment");
            bzc_expected(verdict, "p_offset = p_vaddr modulo p_align (0x%" PRIx64 ")", load->align);
            bzc_actual(verdict, "p_offset 0x%" PRIx64 ", p_vaddr 0x%" PRIx64, load->offset, load->vaddr);
        } else {
            bzc_fail(verdict, "a segment's alignment is not a power of two");
            bzc_expected(verdict, "0, 1 or a power of two in p_align");
            bzc_actual(verdict, "0x%" PRIx64, load->align);
        }
        return;
    }
}

/* The segment that holds the entry, by what the oracle found. */
static const struct bzc_elf_segment *entry_segment(const struct bzc_oracle *oracle)
{
    uint64_t paddr = oracle->link_base + oracle->entry_offset;

    for (size_t i = 0; i < oracle->elf.load_count; i++) {
        const struct bzc_elf_segment *load = &oracle->elf.load[i];

        if (paddr >= load->paddr && paddr - load->paddr < load->memsz)
            return load;
    }
    return NULL;
}

static void check_entry_bytes(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    const struct bzc_oracle *oracle = facts->oracle;
    const struct bzc_elf_segment *load;

    (void)run;
    if (!is_usable(facts, verdict))
        return;
    load = entry_segment(oracle);
    if (load == NULL || oracle->link_base + oracle->entry_offset - load->paddr < load->filesz)
        return;
    bzc_fail(verdict, "the kernel's entry lies where its segment has no bytes, only zeroed memory");
    bzc_where(verdict, "e_entry of the payload, program header %u", load->index);
    bzc_expected(verdict, "below 0x%" PRIx64, load->paddr + load->filesz);
    bzc_actual(verdict, "0x%" PRIx64, oracle->link_base + oracle->entry_offset);
}

static void check_entry_executable(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    const struct bzc_elf_segment *load;

    (void)run;
    if (!is_usable(facts, verdict))
        return;
    load = entry_segment(facts->oracle);
    if (load == NULL || load->flags & PF_X)
        return;
    bzc_fail(verdict, "the segment that holds the kernel's entry is not marked as executable");
    bzc_where(verdict, "program header %u of the payload: p_flags", load->index);
    bzc_expected(verdict, "PF_X (1) set");
    bzc_actual(verdict, "0x%" PRIx32, load->flags);
}

/* Per-CPU data of x86-64 is linked at 0, the vsyscall page near the end: neither is a part of the kernel's mapping. */
static bool is_outside_mapping(const struct bzc_elf *elf, const struct bzc_elf_segment *load)
{
    return elf->bits == 64 && (load->vaddr < START_KERNEL_MAP || load->vaddr >= KERNEL_MAP_END);
}

static void check_mapping(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;
    uint64_t offset = elf->load[0].vaddr - elf->load[0].paddr;

    (void)run;
    if (elf->bits == 64)
        offset = START_KERNEL_MAP;
    for (size_t i = 0; i < elf->load_count; i++) {
        const struct bzc_elf_segment *load = &elf->load[i];

        if ((load->paddr != elf->paddr_min && is_outside_mapping(elf, load)) || load->vaddr - load->paddr == offset)
            continue;
        bzc_fail(verdict, "a segment is not linked where the kernel maps it");
        bzc_where(verdict, "program header %u of the payload: p_vaddr", load->index);
        bzc_expected(verdict, "0x%" PRIx64 " (p_paddr + 0x%" PRIx64 ")", load->paddr + offset, offset);
        bzc_actual(verdict, "0x%" PRIx64, load->vaddr);
        return;
    }
}

static void check_write_execute(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_elf *elf = &facts->oracle->elf;

    (void)run;
    /* The last one: PHDRS in arch/x86/kernel/vmlinux.lds.S makes `init` writable and executable. */
    for (size_t i = 0; i + 1 < elf->load_count; i++) {
        if ((elf->load[i].flags & (PF_W | PF_X)) != (PF_W | PF_X))
            continue;
        bzc_fail(verdict, "a segment that is not the kernel's last, init, is both writable and executable");
        bzc_where(verdict, "program header %u of the payload: p_flags", elf->load[i].index);
        bzc_expected(verdict, "PF_W (2) or PF_X (1), not both");
        bzc_actual(verdict, "0x%" PRIx32, elf->load[i].flags);
        return;
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "ELF-004",
        .name = "segments-disjoint",
        .severity = BZC_SEVERITY_ERROR,
        .title = "no two segments of the kernel share memory",
        .spec = "System V ABI, Program Header: p_paddr, p_vaddr, p_memsz",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_disjoint,
    },
    {
        .id = "ELF-005",
        .name = "segments-in-place",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the segments can be moved to their places in the order of their program headers",
        .spec = "arch/x86/boot/compressed/misc.c: parse_elf, handle_relocations",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_in_place,
    },
    {
        .id = "ELF-006",
        .name = "segment-alignment",
        .severity = BZC_SEVERITY_ERROR,
        .title = "p_align of every segment of a 64-bit kernel is a multiple of 2 MiB",
        .spec = "arch/x86/boot/compressed/misc.c: parse_elf",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_alignment,
    },
    {
        .id = "ELF-007",
        .name = "segment-congruent",
        .severity = BZC_SEVERITY_WARNING,
        .title = "p_offset and p_vaddr of every segment are equal modulo p_align",
        .spec = "System V ABI, Program Header: p_align",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_congruent,
    },
    {
        .id = "ELF-008",
        .name = "entry-has-bytes",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the kernel's entry lies in the bytes of a segment, not in its zeroed memory",
        .spec = "System V ABI, ELF Header: e_entry; Program Header: p_filesz",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_entry_bytes,
    },
    {
        .id = "ELF-009",
        .name = "entry-executable",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the segment that holds the kernel's entry is marked as executable",
        .spec = "System V ABI, Program Header: p_flags",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_entry_executable,
    },
    {
        .id = "ELF-010",
        .name = "segment-mapping",
        .severity = BZC_SEVERITY_WARNING,
        .title = "every segment is linked where the kernel maps it",
        .spec = "arch/x86/kernel/vmlinux.lds.S: LOAD_OFFSET; arch/x86/include/asm/page_64_types.h: __START_KERNEL_map",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_mapping,
    },
    {
        .id = "ELF-011",
        .name = "segment-write-execute",
        .severity = BZC_SEVERITY_NOTE,
        .title = "no segment but the last, init, is both writable and executable",
        .spec = "arch/x86/kernel/vmlinux.lds.S: PHDRS",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_write_execute,
    },
};

const struct bzc_rule_family bzc_rules_elf_segments = {rules, sizeof(rules) / sizeof(rules[0])};
