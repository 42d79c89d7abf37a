/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about what a kernel promises to loaders: xloadflags, handover_offset. */
#include "verify/rules_hdr.h"

#include <inttypes.h>
#include <string.h>

#define ENTRY_64       0x200u /* bytes from the start of the protected-mode part; xloadflags, bit 0 */
#define ENTRY_SIZE     16u    /* bytes of it that are looked at */
#define BOTH_HANDOVERS (BZC_XLF_EFI_HANDOVER_32 | BZC_XLF_EFI_HANDOVER_64)
#define NAMED_BITS     0xffu
#define ONLY_64_BIT    (BZC_XLF_EFI_KEXEC | BZC_XLF_5LEVEL | BZC_XLF_5LEVEL_ENABLED | BZC_XLF_MEM_ENCRYPTION)
#define BOTH_WIDTHS    0x020du /* first version whose kernels may set both handover bits */

static bool has(const struct bzc_image_facts *facts, unsigned bits)
{
    return (facts->image.xloadflags & bits) == bits;
}

static void fail_flags(struct bzc_verdict *verdict, const struct bzc_image_facts *facts, const char *message,
                       const char *expected)
{
    bzc_fail(verdict, "%s", message);
    bzc_where(verdict, "xloadflags");
    bzc_expected(verdict, "%s", expected);
    bzc_actual(verdict, "0x%04x", facts->image.xloadflags);
}

const char *bzc_hdr_kernel_64_fault(const struct bzc_image_facts *facts)
{
    if (has(facts, BZC_XLF_KERNEL_64))
        return NULL;
    if (has(facts, BZC_XLF_EFI_HANDOVER_64))
        return "PE-029";
    if (bzc_hdr_kernel_bits(facts) == 64)
        return "HDR-054";
    return has(facts, BZC_XLF_CAN_BE_LOADED_ABOVE_4G) ? "HDR-056" : NULL;
}

/* ---- XLF_KERNEL_64 ---- */

static bool is_32_bit_kernel_called_64(const struct bzc_image_facts *facts)
{
    return has(facts, BZC_XLF_KERNEL_64) && bzc_hdr_kernel_bits(facts) == 32;
}

static void check_named_bits(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->image.xloadflags & ~NAMED_BITS)
        fail_flags(verdict, facts, "bits are set that no released protocol gives a meaning to", "bits 8 to 15 clear");
}

static void check_kernel_is_64(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    (void)run;
    if (is_32_bit_kernel_called_64(facts))
        fail_flags(verdict, facts, "XLF_KERNEL_64 is set, but the payload is a 32-bit kernel", "bit 0 clear");
}

static void check_kernel_64_declared(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                     struct bzc_verdict *verdict)
{
    (void)run;
    if (has(facts, BZC_XLF_KERNEL_64) || bzc_hdr_kernel_bits(facts) != 64)
        return;
    if (has(facts, BZC_XLF_EFI_HANDOVER_64))
        bzc_skip(verdict, "explained by PE-029: XLF_EFI_HANDOVER_64 is set without XLF_KERNEL_64");
    else
        fail_flags(verdict, facts, "the payload is a 64-bit kernel, but XLF_KERNEL_64 is clear", "bit 0 set");
}

/* Opcodes that raise #UD in 64-bit mode (Intel SDM volume 2, "Invalid in 64-Bit Mode"). */
static bool is_invalid_opcode(uint8_t byte)
{
    static const uint8_t invalid[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37,
                                      0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce, 0xd4, 0xd5, 0xd6, 0xea};

    return memchr(invalid, byte, sizeof(invalid)) != NULL;
}

/* Why the bytes at the entry cannot be one; NULL when they may be. */
static const char *entry_problem(struct bzc_bytes code)
{
    size_t same = 1;

    if (code.size == 0)
        return "the protected-mode part ends before it";
    while (same < code.size && code.data[same] == code.data[0])
        same++;
    if (same == ENTRY_SIZE && code.data[0] == 0x00)
        return "there are only zeros";
    if (same == ENTRY_SIZE && (code.data[0] == 0xff || code.data[0] == 0xcc))
        return "there is only filling";
    return is_invalid_opcode(code.data[0]) ? "its first byte is no instruction of 64-bit mode" : NULL;
}

static bool payload_covers(const struct bzc_image *image, uint64_t offset)
{
    return image->payload_source == BZC_PAYLOAD_HEADER && image->payload_offset <= offset &&
           offset - image->payload_offset < image->payload_length;
}

static void check_entry_64(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    struct bzc_bytes code = bzc_bytes_slice(facts->image.pm, ENTRY_64, ENTRY_SIZE);
    const char *problem = entry_problem(code);

    (void)run;
    if (!has(facts, BZC_XLF_KERNEL_64)) {
        bzc_skip(verdict, "XLF_KERNEL_64 is clear: there is no 64-bit entry");
    } else if (is_32_bit_kernel_called_64(facts)) {
        bzc_skip(verdict, "explained by HDR-053: the kernel is a 32-bit one");
    } else if (!code.size && bzc_image_ends_early(&facts->image)) {
        bzc_skip(verdict, "explained by HDR-001: the file ends before the 64-bit entry");
    } else if (!code.size && bzc_payload_is_left_out(facts)) {
        bzc_skip(verdict, "explained by PAY-007: syssize does not even take in the payload");
    } else if (payload_covers(&facts->image, ENTRY_64) && !bzc_payload_fault(facts)) {
        bzc_skip(verdict, "explained by HDR-067: the payload lies where the entry should be");
    } else if (problem) {
        bzc_fail(verdict, "XLF_KERNEL_64 promises a 64-bit entry, but %s", problem);
        bzc_where(verdict, "offset 0x%x of the protected-mode part", ENTRY_64);
        bzc_expected(verdict, "code of the 64-bit entry");
        if (code.size)
            bzc_actual(verdict, "0x%02x ...", code.data[0]);
        else
            bzc_actual(verdict, "0x%zx bytes", facts->image.pm.size);
    }
}

/* ---- the other bits ---- */

static void check_above_4g(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const char *fault = bzc_hdr_kernel_64_fault(facts);

    (void)run;
    if (!has(facts, BZC_XLF_CAN_BE_LOADED_ABOVE_4G))
        return;
    if (fault && strcmp(fault, "HDR-056") != 0)
        bzc_skip(verdict, "explained by %s: XLF_KERNEL_64 is wrong", fault);
    else if (is_32_bit_kernel_called_64(facts))
        bzc_skip(verdict, "explained by HDR-053: the kernel is a 32-bit one");
    else if (fault)
        fail_flags(verdict, facts, "XLF_CAN_BE_LOADED_ABOVE_4G is set for a kernel that is not a 64-bit one",
                   "bit 1 clear, or bit 0 set");
    else if (!facts->image.relocatable)
        fail_flags(verdict, facts, "XLF_CAN_BE_LOADED_ABOVE_4G is set, but the kernel is not relocatable",
                   "bit 1 clear, or relocatable_kernel 1");
}

static void check_handover_declared(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                    struct bzc_verdict *verdict)
{
    uint64_t offset;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_HANDOVER_OFFSET, &offset) || !offset ||
        facts->image.xloadflags & BOTH_HANDOVERS)
        return;
    bzc_fail(verdict, "handover_offset is set, but xloadflags promises no EFI handover entry");
    bzc_where(verdict, "xloadflags");
    bzc_expected(verdict, "bit 2 or 3 set, or handover_offset 0");
    bzc_actual(verdict, "0x%04x, handover_offset 0x%" PRIx64, facts->image.xloadflags, offset);
}

static void check_handover_width(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const char *fault = bzc_hdr_kernel_64_fault(facts);

    (void)run;
    if (!(facts->image.xloadflags & BOTH_HANDOVERS))
        return;
    if (fault)
        bzc_skip(verdict, "explained by %s: XLF_KERNEL_64 is wrong", fault);
    else if (is_32_bit_kernel_called_64(facts))
        bzc_skip(verdict, "explained by HDR-053: the kernel is a 32-bit one");
    else if (has(facts, BZC_XLF_KERNEL_64) && !has(facts, BZC_XLF_EFI_HANDOVER_64))
        fail_flags(verdict, facts, "a 64-bit kernel offers the 32-bit EFI handover only", "bit 3 set");
    else if (has(facts, BOTH_HANDOVERS) && facts->image.version < BOTH_WIDTHS)
        fail_flags(verdict, facts, "both handover bits are set before protocol 2.13", "bit 2 or 3, not both");
}

static void check_only_64_bit(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    const char *fault = bzc_hdr_kernel_64_fault(facts);

    (void)run;
    if (!(facts->image.xloadflags & ONLY_64_BIT))
        return;
    if (fault)
        bzc_skip(verdict, "explained by %s: XLF_KERNEL_64 is wrong", fault);
    else if (is_32_bit_kernel_called_64(facts))
        bzc_skip(verdict, "explained by HDR-053: the kernel is a 32-bit one");
    else if (!has(facts, BZC_XLF_KERNEL_64))
        fail_flags(verdict, facts, "a kernel that is not a 64-bit one sets bits that only a 64-bit kernel has",
                   "bits 4 to 7 clear");
}

static void check_5level(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    (void)run;
    if (has(facts, BZC_XLF_5LEVEL_ENABLED) && !has(facts, BZC_XLF_5LEVEL))
        fail_flags(verdict, facts, "XLF_5LEVEL_ENABLED is set without XLF_5LEVEL", "bit 5 set, or bit 6 clear");
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-052",
        .name = "xloadflags-known",
        .severity = BZC_SEVERITY_NOTE,
        .title = "no bit of xloadflags is set that has no meaning",
        .spec = "boot.rst, Details of Header Fields: xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .check = check_named_bits,
    },
    {
        .id = "HDR-053",
        .name = "kernel-64-true",
        .severity = BZC_SEVERITY_ERROR,
        .title = "XLF_KERNEL_64 is set for 64-bit kernels only",
        .spec = "boot.rst, Details of Header Fields: xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_kernel_is_64,
    },
    {
        .id = "HDR-054",
        .name = "kernel-64-declared",
        .severity = BZC_SEVERITY_WARNING,
        .title = "XLF_KERNEL_64 is set for a 64-bit kernel",
        .spec = "boot.rst, Details of Header Fields: xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX | BZC_NEEDS_ELF,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_kernel_64_declared,
    },
    {
        .id = "HDR-055",
        .name = "entry-64-filled",
        .severity = BZC_SEVERITY_WARNING,
        .title = "there is code at the 64-bit entry",
        .spec = "boot.rst, Details of Header Fields: xloadflags; 64-bit Boot Protocol",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_entry_64,
    },
    {
        .id = "HDR-056",
        .name = "above-4g",
        .severity = BZC_SEVERITY_ERROR,
        .title = "only a relocatable 64-bit kernel says that it can be loaded above 4 GiB",
        .spec = "boot.rst, Details of Header Fields: xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .check = check_above_4g,
    },
    {
        .id = "HDR-057",
        .name = "handover-declared",
        .severity = BZC_SEVERITY_WARNING,
        .title = "an EFI handover entry is promised in xloadflags, too",
        .spec = "boot.rst, Details of Header Fields: xloadflags, handover_offset",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .check = check_handover_declared,
    },
    {
        .id = "HDR-058",
        .name = "handover-width",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the EFI handover entries fit the kernel and its protocol version",
        .spec = "boot.rst, Details of Header Fields: xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .check = check_handover_width,
    },
    {
        .id = "HDR-059",
        .name = "flags-for-64-bit",
        .severity = BZC_SEVERITY_WARNING,
        .title = "XLF_EFI_KEXEC, 5-level paging and memory encryption are promised by 64-bit kernels only",
        .spec = "boot.rst, Details of Header Fields: xloadflags; arch/x86/boot/header.S: XLF4 to XLF7",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .check = check_only_64_bit,
    },
    {
        .id = "HDR-060",
        .name = "paging-5level-flags",
        .severity = BZC_SEVERITY_WARNING,
        .title = "XLF_5LEVEL_ENABLED comes with XLF_5LEVEL",
        .spec = "arch/x86/boot/header.S: XLF56",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020c,
        .needs = BZC_NEEDS_HEADER,
        .check = check_5level,
    },
};

const struct bzc_rule_family bzc_rules_hdr_flags = {rules, sizeof(rules) / sizeof(rules[0])};
