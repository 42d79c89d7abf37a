/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the setup header and the file as a whole. */
#include <inttypes.h>

#include "verify/rules.h"

bool bzc_image_is_cut(const struct bzc_image *image, uint64_t *missing)
{
    uint64_t present = image->file.size, declared = image->realmode_size + image->pm_declared_size;

    /* syssize counts paragraphs of 16 bytes and is rounded up: the last one may be incomplete. */
    if (image->pm_declared_size >= 16)
        declared -= 15;
    *missing = present < declared ? declared - present : 0;
    return *missing > 0;
}

static void check_complete(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t missing;

    (void)run;
    if (!bzc_image_is_cut(image, &missing) && image->pm.size > 0)
        return;
    if (image->payload.size < image->payload_length) {
        bzc_skip(verdict, "explained by PAY-001: the end that is missing belongs to the payload");
        return;
    }
    bzc_fail(verdict, "the file ends before the end that its header declares");
    bzc_where(verdict, "end of file");
    if (missing)
        bzc_expected(verdict, "at least 0x%" PRIx64 " bytes (setup_sects, syssize)", image->file.size + missing);
    else
        bzc_expected(verdict, "protected-mode code behind the 0x%" PRIx64 " bytes of setup", image->realmode_size);
    bzc_actual(verdict, "0x%zx bytes", image->file.size);
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-001",
        .name = "image-complete",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the file holds the whole real-mode and protected-mode part",
        .spec = "boot.rst, Details of Header Fields: setup_sects, syssize",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_complete,
    },
};

const struct bzc_rule_family bzc_rules_hdr = {rules, sizeof(rules) / sizeof(rules[0])};
