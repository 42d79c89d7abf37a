/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about how a loader loads image and initrd: loadflags, code32_start, initrd_addr_max. */
#include "verify/rules_hdr.h"

#include <inttypes.h>
#include <stdio.h>

#include "loader/field_bits.h"

#define LOW_PART_MAX     0x80000u /* bytes: 0x10000 to 0x90000 */
#define LOW_CODE32_START 0x1000u  /* where setup moved a zImage to */
#define TWO_GIB          0x80000000u

bool bzc_hdr_field(const struct bzc_image_facts *facts, struct bzc_verdict *verdict, enum bzc_field_id id,
                   uint64_t *value)
{
    if (bzc_image_field(&facts->image, id, value))
        return true;
    bzc_skip(verdict, "the file ends before %s", bzc_field(id)->name);
    return false;
}

uint64_t bzc_hdr_value(const struct bzc_image_facts *facts, enum bzc_field_id id)
{
    uint64_t value;

    return bzc_image_field(&facts->image, id, &value) ? value : 0;
}

unsigned bzc_hdr_kernel_bits(const struct bzc_image_facts *facts)
{
    const struct bzc_oracle *oracle = facts->oracle;

    if (facts->system != BZC_SYSTEM_LINUX || !oracle || oracle->kind != BZC_PAYLOAD_ELF || !oracle->elf.load_count)
        return 0;
    return oracle->elf.bits;
}

/* ---- loadflags ---- */

static const char *low_load_problem(const struct bzc_image_facts *facts)
{
    const struct bzc_image *image = &facts->image;

    if (image->loadflags & BZC_LOADED_HIGH)
        return NULL;
    if (bzc_hdr_value(facts, BZC_FIELD_CODE32_START) == BZC_HIGH_LOAD_ADDRESS)
        return "code32_start is 0x100000, where only a bzImage is loaded";
    return image->relocatable ? "the kernel is relocatable, which no zImage is" : NULL;
}

/* HDR-018 looks at the size. */
static bool is_too_large_for_low_load(const struct bzc_image_facts *facts)
{
    return !(facts->image.loadflags & BZC_LOADED_HIGH) && facts->image.pm.size > LOW_PART_MAX;
}

const char *bzc_hdr_loadflags_fault(const struct bzc_image_facts *facts)
{
    if (is_too_large_for_low_load(facts))
        return "HDR-018";
    return low_load_problem(facts) ? "HDR-030" : NULL;
}

static void check_loaded_high(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    const char *problem = low_load_problem(facts);

    (void)run;
    if (!problem)
        return;
    if (is_too_large_for_low_load(facts)) {
        bzc_skip(verdict, "explained by HDR-018: the image is too large to be loaded low");
        return;
    }
    bzc_fail(verdict, "LOADED_HIGH is clear, but %s", problem);
    bzc_where(verdict, "loadflags");
    bzc_expected(verdict, "bit 0 set");
    bzc_actual(verdict, "0x%02x", facts->image.loadflags);
}

static void check_other_bits(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    unsigned others = facts->image.loadflags & ~BZC_LOADED_HIGH;
    char names[128] = "";
    size_t used = 0;

    (void)run;
    if (!others)
        return;
    for (unsigned mask = 1; mask <= others; mask <<= 1) {
        const struct bzc_field_bit *bit = bzc_field_bit(BZC_FIELD_LOADFLAGS, mask);

        if (others & mask && bit)
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", bit->name);
        else if (others & mask)
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%sreserved 0x%02x", used ? ", " : "", mask);
    }
    bzc_fail(verdict, "bits are set that no image may bring along: %s", names);
    bzc_where(verdict, "loadflags");
    bzc_expected(verdict, "0x%02x", facts->image.loadflags & BZC_LOADED_HIGH);
    bzc_actual(verdict, "0x%02x", facts->image.loadflags);
}

/* ---- code32_start ---- */

static void check_code32_start_set(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    uint64_t start;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_CODE32_START, &start) || start)
        return;
    if (facts->image.kind != BZC_IMAGE_BZIMAGE) {
        bzc_skip(verdict, "loaders enter a zImage through its real-mode part only");
        return;
    }
    bzc_fail(verdict, "code32_start is not set");
    bzc_where(verdict, "code32_start");
    bzc_expected(verdict, "0x%llx", BZC_HIGH_LOAD_ADDRESS);
    bzc_actual(verdict, "0x0");
}

static void check_code32_start(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    bool high = facts->image.kind == BZC_IMAGE_BZIMAGE;
    uint64_t start;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_CODE32_START, &start))
        return;
    if (!start) {
        bzc_skip(verdict, high ? "explained by HDR-032: code32_start is not set" : "code32_start is not set");
    } else if (bzc_hdr_loadflags_fault(facts)) {
        bzc_skip(verdict, "explained by %s: LOADED_HIGH is wrong", bzc_hdr_loadflags_fault(facts));
    } else if (facts->image.elf_head && start - BZC_HIGH_LOAD_ADDRESS < facts->image.pm.size) {
        return; /* the layout that was proposed in 2007: headers first, and the field says where the code is */
    } else if (high ? start != BZC_HIGH_LOAD_ADDRESS : start != LOW_CODE32_START && start != BZC_LOW_LOAD_ADDRESS) {
        bzc_fail(verdict, "code32_start is not the address where the protected-mode part is loaded");
        bzc_where(verdict, "code32_start");
        bzc_expected(verdict, high ? "0x100000" : "0x1000, or 0x10000 when setup does not move the part down");
        bzc_actual(verdict, "0x%" PRIx64, start);
    }
}

/* ---- initrd_addr_max ---- */

/* HDR-034: where the loaded image ends, an initrd_addr_max must lie above. */
static uint64_t loaded_end(const struct bzc_image *image)
{
    return image->pm.size + (image->kind == BZC_IMAGE_BZIMAGE ? BZC_HIGH_LOAD_ADDRESS : BZC_LOW_LOAD_ADDRESS);
}

static void check_initrd_addr_max(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                  struct bzc_verdict *verdict)
{
    uint64_t max, end = loaded_end(&facts->image);

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_INITRD_ADDR_MAX, &max) || max > end)
        return;
    bzc_fail(verdict, max ? "no initrd fits between the loaded image and initrd_addr_max" : "initrd_addr_max is 0");
    bzc_where(verdict, "initrd_addr_max");
    bzc_expected(verdict, "above 0x%" PRIx64 ", the end of the loaded image", end);
    bzc_actual(verdict, "0x%" PRIx64, max);
}

static void check_initrd_above_kernel(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                      struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    const char *fault;
    uint64_t max, init_size, start;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_INITRD_ADDR_MAX, &max) ||
        !bzc_hdr_field(facts, verdict, BZC_FIELD_INIT_SIZE, &init_size))
        return;
    if (max <= loaded_end(image)) {
        bzc_skip(verdict, "explained by HDR-034: initrd_addr_max lies below the end of the image");
        return;
    }
    fault = bzc_hdr_kernel_alignment_fault(facts);
    if (!fault)
        fault = bzc_hdr_pref_address_fault(facts);
    if (!fault)
        fault = bzc_hdr_init_size_fault(facts);
    if (fault) {
        bzc_skip(verdict, "explained by %s: the header does not tell where the kernel ends", fault);
    } else if (!bzc_image_runtime_start(image, BZC_HIGH_LOAD_ADDRESS, image->kernel_alignment, &start)) {
        bzc_skip(verdict, "the header does not tell where the kernel runs");
    } else if (max < start + init_size) {
        bzc_fail(verdict, "an initrd below initrd_addr_max lies where the kernel unpacks itself, or below it");
        bzc_where(verdict, "initrd_addr_max");
        bzc_expected(verdict, "at least 0x%" PRIx64 " (start of the kernel 0x%" PRIx64 " + init_size)",
                     start + init_size, start);
        bzc_actual(verdict, "0x%" PRIx64, max);
    }
}

static void check_initrd_last_byte(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                   struct bzc_verdict *verdict)
{
    uint64_t max;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_INITRD_ADDR_MAX, &max) || (max & 0xfff) == 0xfff)
        return;
    if (max <= loaded_end(&facts->image)) {
        bzc_skip(verdict, "explained by HDR-034: initrd_addr_max lies below the end of the image");
        return;
    }
    if (max >= TWO_GIB) {
        bzc_skip(verdict, "explained by HDR-037: initrd_addr_max lies above 2 GiB");
        return;
    }
    bzc_fail(verdict, "initrd_addr_max is not the last byte of a page");
    bzc_where(verdict, "initrd_addr_max");
    bzc_expected(verdict, "the address of the highest safe byte, as in 0x37ffffff");
    bzc_actual(verdict, "0x%" PRIx64, max);
}

static void check_initrd_two_gib(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    uint64_t max;

    (void)run;
    if (!bzc_hdr_field(facts, verdict, BZC_FIELD_INITRD_ADDR_MAX, &max) || max < TWO_GIB)
        return;
    bzc_fail(verdict, "initrd_addr_max lies above 2 GiB");
    bzc_where(verdict, "initrd_addr_max");
    bzc_expected(verdict, "at most 0x7fffffff");
    bzc_actual(verdict, "0x%" PRIx64, max);
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-030",
        .name = "loaded-high",
        .severity = BZC_SEVERITY_ERROR,
        .title = "LOADED_HIGH is set when the image is one that is loaded high",
        .spec = "boot.rst, Details of Header Fields: loadflags; Loading The Rest of The Kernel",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0200,
        .needs = BZC_NEEDS_HEADER,
        .check = check_loaded_high,
    },
    {
        .id = "HDR-031",
        .name = "loadflags-clean",
        .severity = BZC_SEVERITY_WARNING,
        .title = "no bit but LOADED_HIGH is set in loadflags of the file",
        .spec = "boot.rst, Details of Header Fields: loadflags",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0200,
        .needs = BZC_NEEDS_HEADER,
        .check = check_other_bits,
    },
    {
        .id = "HDR-032",
        .name = "code32-start-set",
        .severity = BZC_SEVERITY_WARNING,
        .title = "code32_start of a bzImage is set",
        .spec = "boot.rst, Details of Header Fields: code32_start",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0200,
        .needs = BZC_NEEDS_HEADER,
        .check = check_code32_start_set,
    },
    {
        .id = "HDR-033",
        .name = "code32-start",
        .severity = BZC_SEVERITY_ERROR,
        .title = "code32_start is the address where the protected-mode part is loaded",
        .spec = "boot.rst, Details of Header Fields: code32_start; Loading The Rest of The Kernel",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0200,
        .needs = BZC_NEEDS_HEADER,
        .check = check_code32_start,
    },
    {
        .id = "HDR-034",
        .name = "initrd-addr-max",
        .severity = BZC_SEVERITY_ERROR,
        .title = "initrd_addr_max leaves room for an initrd above the loaded image",
        .spec = "boot.rst, Details of Header Fields: initrd_addr_max",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0203,
        .needs = BZC_NEEDS_HEADER,
        .check = check_initrd_addr_max,
    },
    {
        .id = "HDR-035",
        .name = "initrd-above-kernel",
        .severity = BZC_SEVERITY_WARNING,
        .title = "initrd_addr_max lies above the memory in which the kernel unpacks itself",
        .spec = "boot.rst, Details of Header Fields: initrd_addr_max, init_size",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x020a,
        .needs = BZC_NEEDS_HEADER,
        .check = check_initrd_above_kernel,
    },
    {
        .id = "HDR-036",
        .name = "initrd-addr-max-last-byte",
        .severity = BZC_SEVERITY_NOTE,
        .title = "initrd_addr_max is an inclusive limit",
        .spec = "boot.rst, Details of Header Fields: initrd_addr_max",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0203,
        .needs = BZC_NEEDS_HEADER,
        .check = check_initrd_last_byte,
    },
    {
        .id = "HDR-037",
        .name = "initrd-below-2g",
        .severity = BZC_SEVERITY_NOTE,
        .title = "initrd_addr_max lies below 2 GiB",
        .spec = "arch/x86/boot/header.S: initrd_addr_max",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0203,
        .needs = BZC_NEEDS_HEADER,
        .check = check_initrd_two_gib,
    },
};

const struct bzc_rule_family bzc_rules_hdr_load = {rules, sizeof(rules) / sizeof(rules[0])};
