/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scenarios: a row and, where the protocol's own loader is not enough, what is special. */
#include "verify/scenario.h"

#include <string.h>

#include "loader/elf_notes.h"

#define SINCE_ESI        0x0202u
#define SINCE_XLOADFLAGS 0x020cu

/* ---- which images promise it ---- */

static const char *not_high(const struct bzc_image_facts *facts)
{
    return facts->image.kind == BZC_IMAGE_BZIMAGE ? NULL : "only a bzImage (LOADED_HIGH) is loaded at 1 MiB";
}

static const char *not_low(const struct bzc_image_facts *facts)
{
    return facts->image.kind == BZC_IMAGE_BZIMAGE ? "LOADED_HIGH is set: the protected-mode part is loaded high" : NULL;
}

static const char *no_entry32(const struct bzc_image_facts *facts)
{
    if (not_high(facts))
        return "a zImage is only started by its setup";
    if (facts->image.version < SINCE_ESI)
        return "before protocol 2.02 setup hands over boot_params at a fixed place";
    return facts->image.payload_source == BZC_PAYLOAD_ABSENT
               ? "the image has no payload: other systems than Linux count on their setup"
               : NULL;
}

static bool has_64(const struct bzc_image *image, uint16_t flag)
{
    return image->kind == BZC_IMAGE_BZIMAGE && image->version >= SINCE_XLOADFLAGS && image->xloadflags & flag;
}

static const char *no_entry64(const struct bzc_image_facts *facts)
{
    return has_64(&facts->image, BZC_XLF_KERNEL_64) ? NULL : "XLF_KERNEL_64 is not set";
}

/* The payload as an ELF file that was read; NULL when there is none. */
static const struct bzc_elf *payload_elf(const struct bzc_image_facts *facts)
{
    const struct bzc_oracle *oracle = facts->oracle;

    return bzc_oracle_elf(oracle);
}

static const char *no_payload_elf(const struct bzc_image_facts *facts)
{
    uint64_t offset;

    if (!bzc_image_field(&facts->image, BZC_FIELD_PAYLOAD_OFFSET, &offset) || offset == 0)
        return "the header names no payload (2.08)";
    return payload_elf(facts) ? NULL : "the payload is no ELF file";
}

static const char *no_pvh(const struct bzc_image_facts *facts)
{
    const char *reason = no_payload_elf(facts);
    struct bzc_elf_note note;

    if (reason)
        return reason;
    return bzc_elf_find_note(payload_elf(facts), "Xen", BZC_NOTE_XEN_PHYS32_ENTRY, &note)
               ? NULL
               : "the payload has no Xen note PHYS32_ENTRY";
}

static const char *not_wrapped(const struct bzc_image_facts *facts)
{
    return facts->image.elf_head ? NULL : "the protected-mode part does not begin with an ELF header";
}

/* ---- the loaders ---- */

/* What setup would have found out, and a list of setup_data that must survive. */
static void adapt_entry(struct bzc_boot_loader *loader)
{
    loader->alt_mem_k = true;
    loader->rng_seed = true;
}

/* A text screen, too: without paging the decompressor's messages can be seen there. */
static void adapt_entry32(struct bzc_boot_loader *loader)
{
    adapt_entry(loader);
    loader->screen_info = true;
}

static void adapt_legacy(struct bzc_boot_loader *loader)
{
    adapt_entry32(loader);
    loader->entry_is_first_byte = true;
}

const struct bzc_scenario bzc_scenarios[] = {
    {
        .name = "bios",
        .summary = "16-bit entry: real-mode setup with BIOS calls, then the 32-bit entry, as BIOS boot loaders start "
                   "a kernel",
        .promised_by = "every bzImage",
        .path = BZC_PATH_SETUP,
        .relocates = true,
        .missing = not_high,
    },
    {
        .name = "zimage",
        .summary = "16-bit entry of an image that is loaded low: protected-mode part at 0x10000, real-mode part at "
                   "0x90000",
        .promised_by = "images without LOADED_HIGH, and those from before protocol 2.00",
        .path = BZC_PATH_SETUP,
        .missing = not_low,
    },
    {
        .name = "entry32",
        .summary = "32-bit entry: setup is bypassed as kexec and GRUB do; the loader builds boot_params and jumps to "
                   "code32_start",
        .promised_by = "bzImages with a payload from protocol 2.02 on",
        .path = BZC_PATH_ENTRY32,
        .relocates = true,
        .adapt = adapt_entry32,
        .missing = no_entry32,
    },
    {
        .name = "entry64",
        .summary =
            "64-bit entry: long mode, an identity mapping of what the protocol names, the entry 0x200 behind the "
            "load address",
        .promised_by = "bzImages with XLF_KERNEL_64; above 4 GiB those with XLF_CAN_BE_LOADED_ABOVE_4G",
        .path = BZC_PATH_ENTRY64,
        .relocates = true,
        .adapt = adapt_entry,
        .missing = no_entry64,
    },
    {
        .name = "payload-elf",
        .summary = "Xen's way: the unpacked payload is loaded by its program headers and entered at e_entry with "
                   "boot_params",
        .promised_by = "bzImages whose payload (2.08) is an ELF file",
        .path = BZC_PATH_PAYLOAD_ELF,
        .expect = BZC_EXPECT_RUNNING,
        .adapt = adapt_entry,
        .missing = no_payload_elf,
        .needs_payload = true,
    },
    {
        .name = "pvh",
        .summary = "the payload entered at its Xen note PHYS32_ENTRY with hvm_start_info",
        .promised_by = "bzImages whose payload has that note",
        .path = BZC_PATH_PVH,
        .expect = BZC_EXPECT_RUNNING,
        .missing = no_pvh,
        .needs_payload = true,
    },
    {
        .name = "elf-wrapped",
        .summary = "the layout that was proposed in 2007: the ELF file at the head of the protected-mode part, loaded "
                   "by its program headers",
        .promised_by = "images made by `bzcheck wrap --elf`",
        .path = BZC_PATH_ELF_WRAPPED,
        .adapt = adapt_entry,
        .missing = not_wrapped,
    },
    {
        .name = "elf-wrapped-legacy",
        .summary = "the same image, started by a loader that jumps to the first byte behind setup",
        .promised_by = "images made by `bzcheck wrap --elf --legacy-safe`",
        .path = BZC_PATH_ENTRY32,
        .on_request = true,
        .relocates = true,
        .adapt = adapt_legacy,
        .missing = not_wrapped,
    },
};
const size_t bzc_scenario_count = sizeof(bzc_scenarios) / sizeof(bzc_scenarios[0]);

const struct bzc_scenario *bzc_scenario_find(const char *name)
{
    for (size_t i = 0; i < bzc_scenario_count; i++)
        if (strcmp(bzc_scenarios[i].name, name) == 0)
            return &bzc_scenarios[i];
    return NULL;
}
