/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the payload: the compressed kernel inside the protected-mode part. */
#include <inttypes.h>

#include "verify/rules.h"

static void check_complete(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;

    (void)run;
    if (image->payload_source == BZC_PAYLOAD_ABSENT) {
        bzc_fail(verdict, "there is no payload");
        bzc_where(verdict, "payload_offset, payload_length");
    } else if (image->payload_length == 0) {
        bzc_fail(verdict, "the payload is empty");
        bzc_where(verdict, "payload_length");
        bzc_expected(verdict, "not 0x0");
        bzc_actual(verdict, "0x0");
    } else if (image->payload_source == BZC_PAYLOAD_HEADER && image->payload.size < image->payload_length) {
        bzc_fail(verdict, "the payload runs past the end of the image");
        bzc_where(verdict, "payload_length");
        bzc_expected(verdict, "0x%" PRIx64 " bytes from offset 0x%" PRIx64 " of the protected-mode part",
                     image->payload_length, image->payload_offset);
        bzc_actual(verdict, "0x%zx bytes are there", image->payload.size);
    }
}

static bool is_incomplete(const struct bzc_image *image)
{
    return image->payload_source == BZC_PAYLOAD_ABSENT || image->payload_length == 0 ||
           image->payload.size < image->payload_length;
}

static void check_intact(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->oracle)
        return;
    if (is_incomplete(&facts->image)) {
        bzc_skip(verdict, "explained by PAY-001: the payload is not complete");
    } else if (facts->oracle_error.status == BZC_ERR_FORMAT) {
        bzc_fail(verdict, "%s", facts->oracle_error.message);
        bzc_where(verdict, "payload (%s)", bzc_compression_name(facts->image.compression));
    } else {
        bzc_unknown(verdict, "%s", facts->oracle_error.message);
    }
}

static void check_size_word(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->image.payload_source != BZC_PAYLOAD_HEADER || facts->oracle->declared_size == 0) {
        bzc_skip(verdict, "the payload has no size word");
    } else if (facts->oracle->declared_size != (uint32_t)facts->oracle->payload.size) {
        bzc_fail(verdict, "the size word behind the payload is not the size of the unpacked kernel");
        bzc_where(verdict, "last 4 bytes of the payload");
        bzc_expected(verdict, "0x%zx", facts->oracle->payload.size);
        bzc_actual(verdict, "0x%" PRIx32, facts->oracle->declared_size);
    }
}

static void check_vmlinux(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const struct bzc_vmlinux_result *vmlinux = &facts->vmlinux;

    (void)run;
    if (vmlinux->problem[0]) {
        bzc_unknown(verdict, "%s", vmlinux->problem);
    } else if (!vmlinux->checked) {
        bzc_skip(verdict, "no --vmlinux given");
    } else if (!vmlinux->matches) {
        bzc_fail(verdict, "the payload is not the build's vmlinux: %s", vmlinux->what);
        bzc_where(verdict, "segment %u, physical 0x%" PRIx64, vmlinux->segment, vmlinux->paddr);
        bzc_expected(verdict, "0x%02x", vmlinux->expected);
        bzc_actual(verdict, "0x%02x", vmlinux->actual);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "PAY-001",
        .name = "payload-complete",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload lies inside the image",
        .spec = "boot.rst, Details of Header Fields: payload_offset, payload_length",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .check = check_complete,
    },
    {
        .id = "PAY-002",
        .name = "payload-intact",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload unpacks and passes its format's own checks",
        .spec = "boot.rst, Details of Header Fields: payload_offset",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_intact,
    },
    {
        .id = "PAY-003",
        .name = "payload-size-word",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the word behind the payload is the size of the unpacked kernel",
        .spec = "arch/x86/boot/compressed/Makefile and scripts/Makefile.lib: size_append",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_size_word,
    },
    {
        .id = "PAY-004",
        .name = "payload-is-vmlinux",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload is the build's own vmlinux",
        .spec = "boot.rst, Details of Header Fields: payload_offset",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_vmlinux,
    },
};

const struct bzc_rule_family bzc_rules_pay = {rules, sizeof(rules) / sizeof(rules[0])};
