/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the sizes in the setup header: setup_sects and syssize against the file and against what loaders take. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules.h"

#define SECTOR             512u
#define PARAGRAPH          16u
#define REALMODE_MAX       0x8000u  /* "The real-mode code can total up to 32K" */
#define LOW_PM_MAX         0x80000u /* from 0x10000 to the real-mode part at 0x90000 */
#define VERSION_WIDE_SIZE  0x0204   /* syssize has four bytes from here on */
#define VERSION_HEADER     0x0200
#define PARAGRAPHS_MODULUS 0x10000u /* syssize has two bytes before */

static uint64_t field(const struct bzc_image *image, enum bzc_field_id id)
{
    uint64_t value = 0;

    bzc_image_field(image, id, &value);
    return value;
}

static void check_setup_limit(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;

    (void)run;
    if (image->realmode_size <= REALMODE_MAX)
        return;
    bzc_fail(verdict, "boot sector and setup take 0x%" PRIx64 " bytes; there is room for 32 KiB", image->realmode_size);
    bzc_where(verdict, "setup_sects (offset 0x1f1)");
    bzc_expected(verdict, "at most %u sectors", REALMODE_MAX / SECTOR - 1);
    bzc_actual(verdict, "%u sectors", image->setup_sects);
}

static void check_setup_explicit(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    (void)run;
    if (field(&facts->image, BZC_FIELD_SETUP_SECTS) != 0)
        return;
    bzc_fail(verdict, "setup_sects is 0, which means 4; not every loader knows that");
    bzc_where(verdict, "setup_sects (offset 0x1f1)");
    bzc_expected(verdict, "%u", facts->image.setup_sects);
    bzc_actual(verdict, "0");
}

static void check_size_right(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t paragraphs = (image->file.size - image->realmode_size + PARAGRAPH - 1) / PARAGRAPH;

    (void)run;
    if (image->file.size <= image->realmode_size) {
        bzc_skip(verdict, "explained by %s: there is no protected-mode part", bzc_cut_rule(image));
    } else if (image->pm_declared_size == 0) {
        bzc_fail(verdict, "syssize is 0, so a loader that goes by it loads no protected-mode code");
        bzc_where(verdict, "syssize (offset 0x1f4)");
        bzc_expected(verdict, "0x%" PRIx64 " paragraphs up to the end of the file", paragraphs);
        bzc_actual(verdict, "0");
    } else if (facts->checksum.covers_file && bzc_payload_is_left_out(facts)) {
        bzc_skip(verdict, "explained by PAY-007: syssize does not even take in the payload");
    } else if (facts->checksum.covers_file) {
        bzc_fail(verdict, "syssize gives too early an end: the image's CRC-32 is right for the whole file");
        bzc_where(verdict, "syssize (offset 0x1f4)");
        bzc_expected(verdict, "0x%" PRIx64 " paragraphs up to the end of the file", paragraphs);
        bzc_actual(verdict, "0x%" PRIx64 " paragraphs", image->pm_declared_size / PARAGRAPH);
    }
}

/* Sections that firmware and shim read from the file; no other loader needs them in memory. */
static bool is_for_firmware(const struct bzc_pe_section *section)
{
    return strcmp(section->name, ".reloc") == 0 || strcmp(section->name, ".sbat") == 0;
}

/* Where the known bytes at file offset `at`, behind the protected-mode part, end; `at` when they are not known. */
static uint64_t skip_known(const struct bzc_pe *pe, uint64_t at)
{
    const struct bzc_pe_directory *certificates = bzc_pe_directory(pe, BZC_PE_DIRECTORY_CERTIFICATE);

    if (certificates && at >= certificates->virtual_address && at - certificates->virtual_address < certificates->size)
        return (uint64_t)certificates->virtual_address + certificates->size;
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_pe_section *section = &pe->section[i];

        if (is_for_firmware(section) && at >= section->pointer_to_raw_data &&
            at - section->pointer_to_raw_data < section->size_of_raw_data)
            return (uint64_t)section->pointer_to_raw_data + section->size_of_raw_data;
    }
    return at;
}

/* The first byte behind the protected-mode part that is neither zero nor known; false when there is none. */
static bool find_stray(const struct bzc_image_facts *facts, uint64_t pm_end, uint64_t *stray)
{
    struct bzc_bytes file = facts->image.file;
    uint64_t at = pm_end;

    while (at < file.size) {
        uint64_t next;

        if (file.data[at] == 0) {
            at++;
            continue;
        }
        next = skip_known(&facts->pe, at);
        if (next == at) {
            *stray = at;
            return true;
        }
        at = next;
    }
    return false;
}

static void check_size_tail(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t pm_end = image->realmode_size + image->pm_declared_size, stray;

    (void)run;
    if (pm_end >= image->file.size)
        return;
    if (image->pm_declared_size == 0) {
        bzc_skip(verdict, "explained by HDR-014: syssize is 0");
        return;
    }
    if (bzc_payload_is_left_out(facts)) {
        bzc_skip(verdict, "explained by PAY-007: syssize does not even take in the payload");
        return;
    }
    if (facts->checksum.covers_file) {
        bzc_skip(verdict, "explained by HDR-014: syssize gives too early an end");
        return;
    }
    if (!find_stray(facts, pm_end, &stray))
        return;
    bzc_fail(verdict,
             "what follows the protected-mode part is neither padding nor a signature nor for firmware alone: a loader "
             "that goes by syssize leaves it out");
    bzc_where(verdict, "offset 0x%" PRIx64, stray);
    bzc_expected(verdict, "end of the protected-mode part (syssize) at the end of the file, 0x%zx", image->file.size);
    bzc_actual(verdict, "0x%" PRIx64 ", 0x%" PRIx64 " bytes before", pm_end, image->file.size - pm_end);
}

/*
 * Before 2.04 the size of the protected-mode part is that of the rest of the file, whose end may be padding; syssize
 * has its low 16 bits. True when that holds or cannot be asked; else the paragraphs of the whole rest are in *whole.
 */
static bool is_narrow_size_right(const struct bzc_image *image, uint64_t *whole)
{
    uint64_t size = image->file.size - image->realmode_size, least = size, syssize;

    if (!bzc_image_field(image, BZC_FIELD_SYSSIZE, &syssize))
        return true;
    while (least > 0 && image->file.data[image->realmode_size + least - 1] == 0)
        least--;
    least = (least + PARAGRAPH - 1) / PARAGRAPH;
    *whole = (size + PARAGRAPH - 1) / PARAGRAPH;
    return (syssize - least) % PARAGRAPHS_MODULUS <= *whole - least;
}

/* True when this rule does not speak of the image, with the reason said. */
static bool has_no_narrow_size(const struct bzc_image *image, bool high, struct bzc_verdict *verdict)
{
    if (bzc_image_has_damaged_header(image->file))
        bzc_skip(verdict, "explained by HDR-003: the header's magic is damaged");
    else if (image->file.size < image->realmode_size)
        bzc_skip(verdict, "explained by HDR-001: the file ends inside setup");
    else if (image->has_header && image->version < VERSION_HEADER)
        bzc_skip(verdict, "explained by HDR-005: the version is not 2.x");
    else if (image->version >= VERSION_WIDE_SIZE)
        bzc_skip(verdict, "syssize has four bytes from protocol 2.04 on: see HDR-014");
    else if ((image->kind == BZC_IMAGE_BZIMAGE) != high)
        bzc_skip(verdict, high ? "the image is loaded low: see HDR-016" : "the image is loaded high: see HDR-017");
    else if (image->file.size == image->realmode_size && field(image, BZC_FIELD_SYSSIZE) != 0)
        bzc_skip(verdict, "explained by HDR-001: there is no protected-mode part");
    else
        return false;
    return true;
}

static void check_size_low(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    uint64_t whole;

    (void)run;
    if (has_no_narrow_size(&facts->image, false, verdict) || is_narrow_size_right(&facts->image, &whole))
        return;
    bzc_fail(verdict, "syssize is not the size of the protected-mode part");
    bzc_where(verdict, "syssize (offset 0x1f4)");
    bzc_expected(verdict, "0x%" PRIx64 " paragraphs (0x%" PRIx64 " bytes behind setup)", whole,
                 facts->image.file.size - facts->image.realmode_size);
    bzc_actual(verdict, "0x%" PRIx64 " paragraphs", field(&facts->image, BZC_FIELD_SYSSIZE));
}

static void check_size_wrapped(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    uint64_t whole;

    (void)run;
    if (has_no_narrow_size(&facts->image, true, verdict) || is_narrow_size_right(&facts->image, &whole))
        return;
    bzc_fail(verdict, "syssize is not what is left of the size of the protected-mode part in 16 bits");
    bzc_where(verdict, "syssize (offset 0x1f4)");
    bzc_expected(verdict, "0x%" PRIx64 " (0x%" PRIx64 " paragraphs behind setup)", whole % PARAGRAPHS_MODULUS, whole);
    bzc_actual(verdict, "0x%" PRIx64, field(&facts->image, BZC_FIELD_SYSSIZE));
}

static void check_low_load(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;

    (void)run;
    if (image->kind == BZC_IMAGE_BZIMAGE) {
        bzc_skip(verdict, "the image is loaded high");
        return;
    }
    if (image->pm.size <= LOW_PM_MAX)
        return;
    if (bzc_image_has_damaged_header(image->file)) {
        bzc_skip(verdict, "explained by HDR-003: the header's magic is damaged");
        return;
    }
    if (image->has_header && image->version < VERSION_HEADER) {
        bzc_skip(verdict, "explained by HDR-005: the version is not 2.x");
        return;
    }
    bzc_fail(verdict, "the protected-mode part does not fit where an image without LOADED_HIGH is loaded");
    bzc_where(verdict, image->has_header ? "loadflags, size of the protected-mode part" : "protected-mode part");
    bzc_expected(verdict, "at most 0x%x bytes, 0x10000 to 0x90000", LOW_PM_MAX);
    bzc_actual(verdict, "0x%zx bytes", image->pm.size);
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-012",
        .name = "setup-sects-limit",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot sector and setup take at most 32 KiB",
        .spec = "boot.rst, The Real-Mode Kernel Header",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_setup_limit,
    },
    {
        .id = "HDR-013",
        .name = "setup-sects-explicit",
        .severity = BZC_SEVERITY_WARNING,
        .title = "setup_sects holds a number of sectors, not 0 for 4",
        .spec = "boot.rst, Details of Header Fields: setup_sects",
        .phase = BZC_PHASE_IMAGE,
        .since = VERSION_HEADER,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_setup_explicit,
    },
    {
        .id = "HDR-014",
        .name = "syssize-right",
        .severity = BZC_SEVERITY_ERROR,
        .title = "from 2.04 on, syssize tells the size of the protected-mode part",
        .spec = "boot.rst, Details of Header Fields: syssize",
        .phase = BZC_PHASE_IMAGE,
        .since = VERSION_WIDE_SIZE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_size_right,
    },
    {
        .id = "HDR-015",
        .name = "syssize-tail",
        .severity = BZC_SEVERITY_NOTE,
        .title = "only padding, signatures and what is for firmware alone follow the protected-mode part",
        .spec = "boot.rst, Details of Header Fields: syssize",
        .phase = BZC_PHASE_IMAGE,
        .since = VERSION_WIDE_SIZE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_size_tail,
    },
    {
        .id = "HDR-016",
        .name = "syssize-low-loaded",
        .severity = BZC_SEVERITY_ERROR,
        .title = "before 2.04, syssize of an image that is loaded low is the size of its protected-mode part",
        .spec = "boot.rst, Details of Header Fields: syssize",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .reads = BZC_DEPTH_FILE,
        .check = check_size_low,
    },
    {
        .id = "HDR-017",
        .name = "syssize-wrapped",
        .severity = BZC_SEVERITY_NOTE,
        .title = "before 2.04, syssize of a bzImage has the low 16 bits of the size of its protected-mode part",
        .spec = "boot.rst, Details of Header Fields: syssize",
        .phase = BZC_PHASE_IMAGE,
        .since = VERSION_HEADER,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .reads = BZC_DEPTH_FILE,
        .check = check_size_wrapped,
    },
    {
        .id = "HDR-018",
        .name = "low-load-size",
        .severity = BZC_SEVERITY_ERROR,
        .title = "an image that is loaded low fits between 0x10000 and 0x90000",
        .spec = "boot.rst, Loading The Rest of The Kernel",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_low_load,
    },
};

const struct bzc_rule_family bzc_rules_hdr_size = {rules, sizeof(rules) / sizeof(rules[0])};
