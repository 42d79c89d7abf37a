/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the memory that the kernel takes while it starts: pref_address and init_size. */
#include "verify/rules_hdr.h"

#include <inttypes.h>
#include <string.h>

#define PAGE       4096u
#define MUCH_MORE  (8u << 20) /* bytes beyond what the file accounts for: bzip2 takes 4.3 MiB, others 0.6 MiB */
#define INIT_LIMIT (1u << 30) /* bytes: KERNEL_IMAGE_SIZE of Linux, the most that it maps for itself */

/* ---- pref_address ---- */

static bool is_linux(const struct bzc_image_facts *facts)
{
    return facts->system == BZC_SYSTEM_LINUX;
}

/* A kernel that is not relocatable runs at pref_address; one of Linux never runs below it. */
static bool needs_pref_address(const struct bzc_image_facts *facts)
{
    return !facts->image.relocatable || is_linux(facts);
}

static bool is_aligned(const struct bzc_image_facts *facts)
{
    uint64_t unit = facts->image.kernel_alignment;

    /* Linux computes LOAD_PHYSICAL_ADDR in the same way whether it is relocatable or not (asm/boot.h). */
    if (!facts->image.relocatable && !is_linux(facts))
        return true;
    return unit == 0 || unit & (unit - 1) || facts->image.pref_address % unit == 0;
}

/* HDR-045; where kernel_alignment itself is wrong, HDR-038 says so. */
static bool is_misaligned(const struct bzc_image_facts *facts)
{
    return !bzc_hdr_kernel_alignment_fault(facts) && !is_aligned(facts);
}

static bool ends_in_range(const struct bzc_image_facts *facts)
{
    const struct bzc_image *image = &facts->image;

    return image->pref_address <= BZC_FOUR_GIB && image->pref_address + image->init_size <= BZC_FOUR_GIB;
}

static bool is_linked_there(const struct bzc_image_facts *facts)
{
    const struct bzc_oracle *oracle = facts->oracle;

    if (!is_linux(facts) || !oracle || oracle->kind != BZC_PAYLOAD_ELF || oracle->elf.load_count == 0)
        return true;
    return facts->image.pref_address == oracle->elf.paddr_min;
}

const char *bzc_hdr_pref_address_fault(const struct bzc_image_facts *facts)
{
    uint64_t address;

    if (!bzc_image_field(&facts->image, BZC_FIELD_PREF_ADDRESS, &address))
        return NULL;
    if (!address)
        return needs_pref_address(facts) ? "HDR-044" : NULL;
    if (is_misaligned(facts))
        return "HDR-045";
    if (!ends_in_range(facts))
        return "HDR-046";
    return is_linked_there(facts) ? NULL : "HDR-047";
}

static void check_pref_address_set(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    uint64_t address;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_PREF_ADDRESS, &address) || address)
        return;
    if (!needs_pref_address(facts)) {
        bzc_skip(verdict, "the kernel is relocatable and prefers no address");
        return;
    }
    bzc_fail(verdict, facts->image.relocatable ? "the kernel names no address below which it never runs"
                                               : "the kernel is not relocatable but does not tell where it runs");
    bzc_where(verdict, "pref_address");
    bzc_expected(verdict, "the address that the kernel is linked to");
    bzc_actual(verdict, "0x0");
}

static void check_pref_address_aligned(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                       struct bzc_verdict *verdict)
{
    (void)run;
    if (bzc_hdr_kernel_alignment_fault(facts)) {
        bzc_skip(verdict, "explained by HDR-038: kernel_alignment is wrong");
    } else if (!is_aligned(facts)) {
        bzc_fail(verdict, "pref_address is not a multiple of kernel_alignment");
        bzc_where(verdict, "pref_address");
        bzc_expected(verdict, "a multiple of 0x%" PRIx32, facts->image.kernel_alignment);
        bzc_actual(verdict, "0x%" PRIx64, facts->image.pref_address);
    }
}

static void check_pref_address_range(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                     struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;

    (void)run;
    if (!image->pref_address) {
        bzc_skip(verdict, "pref_address is 0");
    } else if (ends_in_range(facts)) {
        return;
    } else if (is_misaligned(facts)) {
        bzc_skip(verdict, "explained by HDR-045: pref_address is not aligned");
    } else {
        bzc_fail(verdict, "the kernel's memory does not end below 4 GiB, where its 32-bit code starts it");
        bzc_where(verdict, "pref_address, init_size");
        bzc_expected(verdict, "pref_address + init_size at most 0x%llx", BZC_FOUR_GIB);
        bzc_actual(verdict, "0x%" PRIx64 " + 0x%" PRIx32, image->pref_address, image->init_size);
    }
}

static void check_pref_address_linked(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                      struct bzc_verdict *verdict)
{
    const char *fault = bzc_hdr_pref_address_fault(facts);

    (void)run;
    if (is_linked_there(facts))
        return;
    if (fault && strcmp(fault, "HDR-047") != 0) {
        bzc_skip(verdict, "explained by %s: pref_address is wrong already", fault);
        return;
    }
    bzc_fail(verdict, "pref_address is not the address that the kernel is linked to");
    bzc_where(verdict, "pref_address");
    bzc_expected(verdict, "0x%" PRIx64 ", the lowest p_paddr of the payload", facts->oracle->elf.paddr_min);
    bzc_actual(verdict, "0x%" PRIx64, facts->image.pref_address);
}

/* ---- init_size ---- */

/*
 * Bytes by which the output may run ahead of the input when a kernel is unpacked in place: the least that any kernel
 * with this format has counted with (arch/x86/boot/compressed/mkpiggy.c to 4.6, arch/x86/boot/header.S since).
 */
static uint64_t margin(const struct bzc_image_facts *facts)
{
    uint64_t unpacked = facts->oracle->payload.size;

    switch (facts->image.compression) {
    case BZC_COMPRESSION_NONE:
    case BZC_COMPRESSION_UNKNOWN:
        return 0;
    case BZC_COMPRESSION_GZIP:
    case BZC_COMPRESSION_BZIP2:
    case BZC_COMPRESSION_LZMA:
    case BZC_COMPRESSION_LZO:
        return (unpacked >> 12) + 32768 + 18;
    case BZC_COMPRESSION_XZ:
    case BZC_COMPRESSION_LZ4:
        return (unpacked >> 12) + 65536 + 128;
    case BZC_COMPRESSION_ZSTD:
        return (unpacked >> 8) + 131072;
    }
    return 0;
}

/*
 * The decompressor moves to the end of init_size bytes and unpacks to their start. What it has behind the payload,
 * code, data and .bss, keeps the payload away from the end. How much that is cannot be seen here: the file may go on
 * behind the end that the decompressor was linked to, with sections that the linker put there unasked.
 */
static uint64_t in_place_size(const struct bzc_image_facts *facts)
{
    uint64_t unpacked = facts->oracle->payload.size, packed = facts->image.payload_length, offset;

    offset = margin(facts) + (unpacked > packed ? unpacked - packed : 0);
    return facts->image.payload_offset + packed + (offset + PAGE - 1) / PAGE * PAGE;
}

static bool can_unpack_in_place(const struct bzc_image_facts *facts)
{
    if (!facts->oracle || !is_linux(facts) || facts->image.payload_source != BZC_PAYLOAD_HEADER)
        return true;
    return facts->image.init_size >= in_place_size(facts);
}

static bool holds_image(const struct bzc_image_facts *facts)
{
    return facts->image.init_size && facts->image.init_size >= facts->image.pm.size;
}

static bool holds_kernel(const struct bzc_image_facts *facts)
{
    return !facts->oracle || facts->image.init_size >= facts->oracle->span;
}

static bool is_excessive(const struct bzc_image_facts *facts)
{
    uint64_t needed;

    if (facts->image.init_size > INIT_LIMIT)
        return true;
    if (!facts->oracle || !is_linux(facts) || facts->image.payload_source != BZC_PAYLOAD_HEADER)
        return false;
    needed = in_place_size(facts);
    if (needed < facts->oracle->span)
        needed = facts->oracle->span;
    return facts->image.init_size > needed + MUCH_MORE;
}

const char *bzc_hdr_init_size_fault(const struct bzc_image_facts *facts)
{
    uint64_t size;

    if (!bzc_image_field(&facts->image, BZC_FIELD_INIT_SIZE, &size))
        return NULL;
    if (!holds_image(facts))
        return "HDR-048";
    if (!holds_kernel(facts))
        return "HDR-049";
    if (!can_unpack_in_place(facts))
        return "HDR-050";
    return is_excessive(facts) ? "HDR-051" : NULL;
}

static void too_small(const struct bzc_image_facts *facts, struct bzc_verdict *verdict, uint64_t needed)
{
    bzc_where(verdict, "init_size");
    bzc_expected(verdict, "at least 0x%" PRIx64, needed);
    bzc_actual(verdict, "0x%" PRIx32, facts->image.init_size);
}

static void check_init_size_image(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                  struct bzc_verdict *verdict)
{
    uint64_t size;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_INIT_SIZE, &size) || holds_image(facts))
        return;
    bzc_fail(verdict, size ? "init_size is less than the protected-mode part alone takes" : "init_size is not set");
    too_small(facts, verdict, facts->image.pm.size);
}

static void check_init_size_kernel(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    (void)run;
    if (!holds_image(facts)) {
        bzc_skip(verdict, "explained by HDR-048: init_size is less than the image takes");
    } else if (!holds_kernel(facts)) {
        bzc_fail(verdict, "init_size is less than the unpacked kernel takes with its .bss");
        too_small(facts, verdict, facts->oracle->span);
    }
}

static void check_init_size_in_place(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                     struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->image.payload_source != BZC_PAYLOAD_HEADER) {
        bzc_skip(verdict, "the header does not tell where the payload lies");
    } else if (!holds_image(facts) || !holds_kernel(facts)) {
        bzc_skip(verdict, "explained by %s: init_size is too small already", bzc_hdr_init_size_fault(facts));
    } else if (!can_unpack_in_place(facts)) {
        bzc_fail(verdict, "init_size leaves too little room to unpack the kernel in place: the output would overtake "
                          "its own input");
        too_small(facts, verdict, in_place_size(facts));
    }
}

static void check_init_size_excess(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    (void)run;
    if (!is_excessive(facts))
        return;
    if (facts->image.pref_address && !ends_in_range(facts) && !is_misaligned(facts)) {
        bzc_skip(verdict, "explained by HDR-046: the kernel's memory does not end below 4 GiB");
        return;
    }
    bzc_fail(verdict, "init_size is far more than the kernel takes: small machines cannot load it");
    bzc_where(verdict, "init_size");
    if (facts->image.init_size > INIT_LIMIT)
        bzc_expected(verdict, "at most 0x%x", INIT_LIMIT);
    else
        bzc_expected(verdict, "about 0x%" PRIx64 " (unpacked kernel 0x%" PRIx64 ", in-place unpacking 0x%" PRIx64 ")",
                     facts->oracle->span > in_place_size(facts) ? facts->oracle->span : in_place_size(facts),
                     facts->oracle->span, in_place_size(facts));
    bzc_actual(verdict, "0x%" PRIx32, facts->image.init_size);
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-044",
        .name = "pref-address-set",
        .severity = BZC_SEVERITY_WARNING,
        .title = "pref_address is set where a kernel is not free to run anywhere",
        .spec = "boot.rst, Details of Header Fields: pref_address",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_pref_address_set,
    },
    {
        .id = "HDR-045",
        .name = "pref-address-aligned",
        .severity = BZC_SEVERITY_ERROR,
        .title = "pref_address is a multiple of kernel_alignment",
        .spec = "boot.rst, Details of Header Fields: pref_address, kernel_alignment",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_pref_address_aligned,
    },
    {
        .id = "HDR-046",
        .name = "pref-address-range",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the init_size bytes from pref_address on end below 4 GiB",
        .spec = "boot.rst, Details of Header Fields: pref_address, init_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_pref_address_range,
    },
    {
        .id = "HDR-047",
        .name = "pref-address-linked",
        .severity = BZC_SEVERITY_ERROR,
        .title = "pref_address is the lowest physical address of the unpacked kernel",
        .spec = "boot.rst, Details of Header Fields: pref_address",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_pref_address_linked,
    },
    {
        .id = "HDR-048",
        .name = "init-size-holds-image",
        .severity = BZC_SEVERITY_ERROR,
        .title = "init_size covers at least the protected-mode part",
        .spec = "boot.rst, Details of Header Fields: init_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_init_size_image,
    },
    {
        .id = "HDR-049",
        .name = "init-size-holds-kernel",
        .severity = BZC_SEVERITY_ERROR,
        .title = "init_size covers the unpacked kernel with its .bss",
        .spec = "boot.rst, Details of Header Fields: init_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_init_size_kernel,
    },
    {
        .id = "HDR-050",
        .name = "init-size-unpacks-in-place",
        .severity = BZC_SEVERITY_ERROR,
        .title = "init_size leaves room to unpack the kernel in place",
        .spec = "boot.rst, Details of Header Fields: init_size; arch/x86/boot/header.S: INIT_SIZE",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_init_size_in_place,
    },
    {
        .id = "HDR-051",
        .name = "init-size-not-excessive",
        .severity = BZC_SEVERITY_NOTE,
        .title = "init_size is not far more than the kernel takes",
        .spec = "boot.rst, Details of Header Fields: init_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_init_size_excess,
    },
};

const struct bzc_rule_family bzc_rules_hdr_place = {rules, sizeof(rules) / sizeof(rules[0])};
