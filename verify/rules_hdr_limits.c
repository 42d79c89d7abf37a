/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about what a loader passes to the kernel: cmdline_size, hardware_subarch; and where the payload lies. */
#include "verify/rules_hdr.h"

#include <inttypes.h>

#define CMDLINE_LEAST 255u    /* what every kernel takes */
#define CMDLINE_MOST  0xffffu /* a real-mode segment */
#define ENTRY_64      0x200u  /* bytes from the start of the protected-mode part */

/* ---- cmdline_size ---- */

static void check_cmdline_size(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    uint64_t size;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_CMDLINE_SIZE, &size) ||
        (size >= CMDLINE_LEAST && size <= CMDLINE_MOST))
        return;
    if (!size)
        bzc_fail(verdict, "cmdline_size is 0: no command line fits");
    else if (size < CMDLINE_LEAST)
        bzc_fail(verdict, "cmdline_size is less than what every kernel takes");
    else
        bzc_fail(verdict, "cmdline_size is more than what lies in one real-mode segment");
    bzc_where(verdict, "cmdline_size");
    bzc_expected(verdict, "%u to %u (2047 in Linux)", CMDLINE_LEAST, CMDLINE_MOST);
    bzc_actual(verdict, "%" PRIu64, size);
}

static void check_cmdline_nul(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    uint64_t size;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_CMDLINE_SIZE, &size) || size < CMDLINE_LEAST || size & (size - 1))
        return;
    bzc_fail(verdict, "cmdline_size is a power of two, as if it counted the terminating zero");
    bzc_where(verdict, "cmdline_size");
    bzc_expected(verdict, "%" PRIu64, size - 1);
    bzc_actual(verdict, "%" PRIu64, size);
}

/* ---- hardware_subarch ---- */

static void check_loaders_field(const struct bzc_image_facts *facts, struct bzc_verdict *verdict, enum bzc_field_id id,
                                const char *message)
{
    uint64_t value;

    if (!bzc_hdr_field(facts, verdict, id, &value) || !value)
        return;
    bzc_fail(verdict, "%s", message);
    bzc_where(verdict, "%s", bzc_field(id)->name);
    bzc_expected(verdict, "0x0");
    bzc_actual(verdict, "0x%" PRIx64, value);
}

static void check_subarch(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    (void)run;
    check_loaders_field(facts, verdict, BZC_FIELD_HARDWARE_SUBARCH,
                        "hardware_subarch is not that of a PC, and loaders leave it as it is");
}

static void check_subarch_data(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    (void)run;
    check_loaders_field(facts, verdict, BZC_FIELD_HARDWARE_SUBARCH_DATA,
                        "hardware_subarch_data holds a pointer before a loader wrote one");
}

/* ---- payload_offset, payload_length ---- */

static void check_payload_declared(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    uint64_t offset, length;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_PAYLOAD_OFFSET, &offset) ||
        !bzc_hdr_field(facts, verdict, BZC_FIELD_PAYLOAD_LENGTH, &length) || offset)
        return;
    if (length) {
        bzc_skip(verdict, "explained by HDR-066: only payload_offset is 0");
        return;
    }
    bzc_fail(verdict, "the image declares no payload");
    bzc_where(verdict, "payload_offset, payload_length");
    bzc_expected(verdict, "the place of the kernel that is packed into the image, if there is one");
    bzc_actual(verdict, "0x0, 0x0");
}

static void check_payload_pair(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    uint64_t offset, length;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_PAYLOAD_OFFSET, &offset) ||
        !bzc_hdr_field(facts, verdict, BZC_FIELD_PAYLOAD_LENGTH, &length))
        return;
    if (offset && !length) {
        bzc_skip(verdict, "explained by PAY-001: the payload is empty");
    } else if (!offset && length) {
        bzc_fail(verdict, "payload_length is set, but payload_offset says that there is no payload");
        bzc_where(verdict, "payload_offset");
        bzc_expected(verdict, "not 0x0, or payload_length 0x0");
        bzc_actual(verdict, "0x0, payload_length 0x%" PRIx64, length);
    }
}

static void check_payload_behind_entry(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                       struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    bool wide = image->xloadflags & BZC_XLF_KERNEL_64 && bzc_hdr_kernel_bits(facts) != 32;

    (void)run;
    if (image->payload_source != BZC_PAYLOAD_HEADER || !image->payload_length) {
        bzc_skip(verdict, "the header declares no payload");
    } else if (wide && image->payload_offset <= ENTRY_64 && ENTRY_64 - image->payload_offset < image->payload_length) {
        if (bzc_payload_fault(facts)) {
            bzc_skip(verdict, "explained by %s: the payload is not there", bzc_payload_fault(facts));
            return;
        }
        bzc_fail(verdict, "the payload lies over the 64-bit entry");
        bzc_where(verdict, "payload_offset");
        bzc_expected(verdict, "more than 0x%x", ENTRY_64);
        bzc_actual(verdict, "0x%" PRIx64, image->payload_offset);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-061",
        .name = "cmdline-size",
        .severity = BZC_SEVERITY_WARNING,
        .title = "cmdline_size is at least 255 and not more than a loader can pass",
        .spec = "boot.rst, Details of Header Fields: cmdline_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0206,
        .needs = BZC_NEEDS_HEADER,
        .check = check_cmdline_size,
    },
    {
        .id = "HDR-062",
        .name = "cmdline-size-without-nul",
        .severity = BZC_SEVERITY_NOTE,
        .title = "cmdline_size does not count the terminating zero",
        .spec = "boot.rst, Details of Header Fields: cmdline_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0206,
        .needs = BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .check = check_cmdline_nul,
    },
    {
        .id = "HDR-063",
        .name = "hardware-subarch",
        .severity = BZC_SEVERITY_ERROR,
        .title = "hardware_subarch of the file is that of a PC",
        .spec = "boot.rst, Details of Header Fields: hardware_subarch",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0207,
        .needs = BZC_NEEDS_HEADER,
        .check = check_subarch,
    },
    {
        .id = "HDR-064",
        .name = "hardware-subarch-data",
        .severity = BZC_SEVERITY_WARNING,
        .title = "hardware_subarch_data of the file is 0",
        .spec = "boot.rst, Details of Header Fields: hardware_subarch_data",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0207,
        .needs = BZC_NEEDS_HEADER,
        .check = check_subarch_data,
    },
    {
        .id = "HDR-065",
        .name = "payload-declared",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the header tells where the payload lies",
        .spec = "boot.rst, Details of Header Fields: payload_offset",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0208,
        .needs = BZC_NEEDS_HEADER,
        .check = check_payload_declared,
    },
    {
        .id = "HDR-066",
        .name = "payload-fields-agree",
        .severity = BZC_SEVERITY_ERROR,
        .title = "payload_length is 0 where payload_offset is 0",
        .spec = "boot.rst, Details of Header Fields: payload_offset, payload_length",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0208,
        .needs = BZC_NEEDS_HEADER,
        .check = check_payload_pair,
    },
    {
        .id = "HDR-067",
        .name = "payload-behind-entry",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload does not lie over the 64-bit entry",
        .spec = "boot.rst, Details of Header Fields: payload_offset, xloadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0208,
        .needs = BZC_NEEDS_HEADER,
        .check = check_payload_behind_entry,
    },
};

const struct bzc_rule_family bzc_rules_hdr_limits = {rules, sizeof(rules) / sizeof(rules[0])};
