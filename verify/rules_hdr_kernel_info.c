/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about kernel_info, which protocol 2.15 added. */
#include "verify/rules_hdr.h"

#include <inttypes.h>

#define SETUP_INDIRECT      0x80000000u
#define SETUP_TYPE_OF_FIRST 6u      /* SETUP_JAILHOUSE, the last type of the first kernel with kernel_info */
#define SETUP_TYPE_ODD      0x1000u /* 7.0 has 10 types */

static bool is_inside(const struct bzc_image_facts *facts, uint64_t offset)
{
    return bzc_bytes_has(facts->image.pm, offset, BZC_KERNEL_INFO_SIZE_LEAST);
}

static bool lies_in_payload(const struct bzc_image *image, uint64_t offset)
{
    return image->payload_source == BZC_PAYLOAD_HEADER && offset + BZC_KERNEL_INFO_SIZE_LEAST > image->payload_offset &&
           offset < image->payload_offset + image->payload_length;
}

/* What ends at this offset, behind the end of the file, is there when the file is whole. */
static bool is_cut_off(const struct bzc_image *image, uint64_t end)
{
    return bzc_image_ends_early(image) && (image->pm_declared_size == 0 || end <= image->pm_declared_size);
}

/* The file holds kernel_info, and it is syssize that leaves it out. */
static bool is_left_out(const struct bzc_image_facts *facts, uint64_t offset)
{
    return bzc_payload_is_left_out(facts) &&
           bzc_bytes_has(facts->image.file, facts->image.realmode_size + offset, BZC_KERNEL_INFO_SIZE_LEAST);
}

static void say_outside(const struct bzc_image_facts *facts, struct bzc_verdict *verdict, uint64_t offset)
{
    if (is_left_out(facts, offset))
        bzc_skip(verdict, "explained by PAY-007: syssize does not even take in the payload");
    else if (is_cut_off(&facts->image, offset + BZC_KERNEL_INFO_SIZE_LEAST))
        bzc_skip(verdict, "explained by HDR-001: the file ends before kernel_info");
    else
        bzc_skip(verdict, "explained by HDR-071: kernel_info does not lie in the protected-mode part");
}

/* HDR-072, or what fails because it is the payload's place that is wrong. */
static void say_in_payload(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    const char *fault = bzc_payload_fault(facts);

    if (fault)
        bzc_skip(verdict, "explained by %s: the payload is not where the header says", fault);
    else
        bzc_skip(verdict, "explained by HDR-072: kernel_info_offset points into the payload");
}

/* Skips, with the reason, where kernel_info is not there to be looked at. */
static bool is_there(const struct bzc_image_facts *facts, struct bzc_verdict *verdict, uint64_t *offset)
{
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_KERNEL_INFO_OFFSET, offset))
        return false;
    if (*offset == 0)
        bzc_skip(verdict, "explained by HDR-070: kernel_info_offset is 0");
    else if (!is_inside(facts, *offset))
        say_outside(facts, verdict, *offset);
    else
        return true;
    return false;
}

static bool is_readable(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    uint64_t offset;

    if (!is_there(facts, verdict, &offset))
        return false;
    /* A kernel_info that is there where the payload should be shows that it is the payload that is not. */
    if (lies_in_payload(&facts->image, offset) && (!facts->has_kernel_info || !bzc_payload_fault(facts)))
        say_in_payload(facts, verdict);
    else if (!facts->has_kernel_info)
        bzc_skip(verdict, "explained by HDR-073: there is no kernel_info at kernel_info_offset");
    else
        return true;
    return false;
}

static void check_offset_set(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    uint64_t offset;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_KERNEL_INFO_OFFSET, &offset) || offset)
        return;
    bzc_fail(verdict, "protocol 2.15 promises kernel_info, but kernel_info_offset is 0");
    bzc_where(verdict, "kernel_info_offset");
    bzc_expected(verdict, "offset of kernel_info in the protected-mode part");
    bzc_actual(verdict, "0x0");
}

static void check_inside(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    uint64_t offset;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_KERNEL_INFO_OFFSET, &offset))
        return;
    if (offset == 0) {
        bzc_skip(verdict, "explained by HDR-070: kernel_info_offset is 0");
    } else if (is_inside(facts, offset)) {
        return;
    } else if (is_left_out(facts, offset) || is_cut_off(&facts->image, offset + BZC_KERNEL_INFO_SIZE_LEAST)) {
        say_outside(facts, verdict, offset);
    } else {
        bzc_fail(verdict, "kernel_info does not lie in the protected-mode part");
        bzc_where(verdict, "kernel_info_offset");
        bzc_expected(verdict, "%u bytes at 0x%zx or before", BZC_KERNEL_INFO_SIZE_LEAST, facts->image.pm.size);
        bzc_actual(verdict, "0x%" PRIx64, offset);
    }
}

static void check_outside_payload(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                  struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t offset;

    (void)run;
    if (!is_there(facts, verdict, &offset) || !lies_in_payload(image, offset))
        return;
    if (bzc_payload_fault(facts)) {
        say_in_payload(facts, verdict);
        return;
    }
    bzc_fail(verdict, "kernel_info_offset points into the compressed payload");
    bzc_where(verdict, "kernel_info_offset");
    bzc_expected(verdict, "outside 0x%" PRIx64 " to 0x%" PRIx64, image->payload_offset,
                 image->payload_offset + image->payload_length);
    bzc_actual(verdict, "0x%" PRIx64, offset);
}

static void check_magic(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    uint64_t offset;
    uint32_t magic = 0;

    (void)run;
    if (!is_there(facts, verdict, &offset) || facts->has_kernel_info)
        return;
    if (lies_in_payload(&facts->image, offset)) {
        say_in_payload(facts, verdict);
        return;
    }
    bzc_bytes_u32(facts->image.pm, offset, &magic);
    bzc_fail(verdict, "kernel_info does not begin with \"LToP\"");
    bzc_where(verdict, "offset 0x%" PRIx64 " of the protected-mode part", offset);
    bzc_expected(verdict, "0x%08x", BZC_KERNEL_INFO_MAGIC);
    bzc_actual(verdict, "0x%08" PRIx32, magic);
}

static bool sizes_are_right(const struct bzc_image_facts *facts)
{
    const struct bzc_kernel_info *info = &facts->kernel_info;

    return info->size >= BZC_KERNEL_INFO_SIZE_LEAST && info->size <= info->size_total &&
           bzc_bytes_has(facts->image.pm, info->file_offset - facts->image.realmode_size, info->size_total);
}

/* size_total goes behind the end of the file, but not behind what syssize declares. */
static bool are_sizes_cut_off(const struct bzc_image_facts *facts)
{
    const struct bzc_kernel_info *info = &facts->kernel_info;

    return info->size >= BZC_KERNEL_INFO_SIZE_LEAST && info->size <= info->size_total &&
           is_cut_off(&facts->image, info->file_offset - facts->image.realmode_size + info->size_total);
}

static void check_sizes(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_kernel_info *info = &facts->kernel_info;

    (void)run;
    if (!is_readable(facts, verdict) || sizes_are_right(facts))
        return;
    if (are_sizes_cut_off(facts)) {
        bzc_skip(verdict, "explained by HDR-001: the file ends inside kernel_info");
        return;
    }
    if (info->size < BZC_KERNEL_INFO_SIZE_LEAST)
        bzc_fail(verdict, "kernel_info is too short for setup_type_max");
    else if (info->size > info->size_total)
        bzc_fail(verdict, "size of kernel_info is more than its size_total");
    else
        bzc_fail(verdict, "kernel_info runs past the end of the protected-mode part");
    bzc_where(verdict, "kernel_info: size, size_total");
    bzc_expected(verdict, "%u <= size <= size_total <= 0x%" PRIx64, BZC_KERNEL_INFO_SIZE_LEAST,
                 facts->image.pm.size - (info->file_offset - facts->image.realmode_size));
    bzc_actual(verdict, "0x%" PRIx32 ", 0x%" PRIx32, info->size, info->size_total);
}

static void check_setup_type_max(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    uint32_t value = facts->kernel_info.setup_type_max, type = value & ~SETUP_INDIRECT;

    (void)run;
    if (!is_readable(facts, verdict))
        return;
    if (!facts->kernel_info.has_setup_type_max) {
        bzc_skip(verdict, "explained by HDR-074: kernel_info is too short for it");
        return;
    }
    if (value & SETUP_INDIRECT && type >= SETUP_TYPE_OF_FIRST && type < SETUP_TYPE_ODD)
        return;
    bzc_fail(verdict, value & SETUP_INDIRECT ? "setup_type_max names no type that is or may soon be defined"
                                             : "setup_type_max leaves out SETUP_INDIRECT, which came with it");
    bzc_where(verdict, "kernel_info: setup_type_max");
    bzc_expected(verdict, "SETUP_INDIRECT | last type, 0x%08x or a little more", SETUP_INDIRECT | SETUP_TYPE_OF_FIRST);
    bzc_actual(verdict, "0x%08" PRIx32, value);
}

static void check_chunks(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_kernel_info *info = &facts->kernel_info;

    (void)run;
    if (!is_readable(facts, verdict))
        return;
    if (!sizes_are_right(facts)) {
        bzc_skip(verdict, "explained by %s: the sizes of kernel_info are wrong",
                 are_sizes_cut_off(facts) ? "HDR-001" : "HDR-074");
    } else if (!info->chunks_whole) {
        bzc_fail(verdict, "a chunk of kernel_info's variable part is not well-formed: %s", info->chunks_problem);
        bzc_where(verdict, "offset 0x%" PRIx64 " of the file", info->bad_chunk);
        bzc_expected(verdict, "four characters, a size that covers itself, and data, up to size_total");
        bzc_actual(verdict, "%u well-formed chunks before it", info->chunk_count);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-070",
        .name = "kernel-info-offset-set",
        .severity = BZC_SEVERITY_WARNING,
        .title = "an image of protocol 2.15 has a kernel_info",
        .spec = "boot.rst, Details of Header Fields: kernel_info_offset",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .check = check_offset_set,
    },
    {
        .id = "HDR-071",
        .name = "kernel-info-inside",
        .severity = BZC_SEVERITY_ERROR,
        .title = "kernel_info lies in the protected-mode part",
        .spec = "boot.rst, Details of Header Fields: kernel_info_offset",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .check = check_inside,
    },
    {
        .id = "HDR-072",
        .name = "kernel-info-uncompressed",
        .severity = BZC_SEVERITY_ERROR,
        .title = "kernel_info does not lie in the payload",
        .spec = "boot.rst, Details of Header Fields: kernel_info_offset",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .check = check_outside_payload,
    },
    {
        .id = "HDR-073",
        .name = "kernel-info-magic",
        .severity = BZC_SEVERITY_ERROR,
        .title = "kernel_info begins with LToP",
        .spec = "boot.rst, Details of the kernel_info Fields: header",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_magic,
    },
    {
        .id = "HDR-074",
        .name = "kernel-info-sizes",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the sizes in kernel_info agree with each other and with the image",
        .spec = "boot.rst, Details of the kernel_info Fields: size, size_total",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_sizes,
    },
    {
        .id = "HDR-075",
        .name = "setup-type-max",
        .severity = BZC_SEVERITY_WARNING,
        .title = "setup_type_max names the last type of setup_data with SETUP_INDIRECT",
        .spec = "boot.rst, Details of the kernel_info Fields: setup_type_max",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_setup_type_max,
    },
    {
        .id = "HDR-076",
        .name = "kernel-info-chunks",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the variable part of kernel_info is a row of whole chunks",
        .spec = "boot.rst, The kernel_info",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020f,
        .needs = BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_chunks,
    },
};

const struct bzc_rule_family bzc_rules_hdr_kernel_info = {rules, sizeof(rules) / sizeof(rules[0])};
