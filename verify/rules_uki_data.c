/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the sections of a unified kernel image that go on as they are: archives, keys, pictures. */
#include <inttypes.h>
#include <string.h>

#include "loader/uki.h"
#include "verify/rules_uki.h"

/* The kernel's own list: init/initramfs.c and lib/decompress.c. */
static bool is_initrd(struct bzc_bytes bytes)
{
    static const struct {
        const char *magic;
        size_t size;
    } known[] = {
        {"070701", 6},      {"070702", 6},     {"\037\213", 2}, {"\037\236", 2},         {"BZh", 3},
        {"\135\0\0", 3},    {"\3757zXZ\0", 6}, {"\211LZO", 4},  {"\002\041\114\030", 4}, {"\050\265\057\375", 4},
        {"\004\"M\030", 4},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (bzc_uki_starts_with(bytes, known[i].magic, known[i].size))
            return true;
    }
    return false;
}

static void check_initrd(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    static const char *const names[] = {".initrd", ".ucode"};
    bool found = false;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        const struct bzc_pe_section *section;
        size_t index = 0;

        for (; (section = bzc_pe_section_by_name(&facts->pe, names[n], index, &index)) != NULL; index++) {
            struct bzc_bytes bytes = bzc_uki_bytes(facts, section);
            /* Microcode is searched for before anything can be unpacked. */
            bool good = n == 0 ? is_initrd(bytes) : bzc_uki_starts_with(bytes, "07070", 5);

            found = true;
            if (good)
                continue;
            bzc_fail(verdict,
                     bytes.size == 0 ? "the section %s is empty" : "the section %s holds no archive of an initrd",
                     section->name);
            bzc_uki_where(verdict, facts, section);
            bzc_expected(verdict, n == 0 ? "a cpio archive, plain or compressed" : "a plain cpio archive (070701)");
            return;
        }
    }
    if (!found)
        bzc_skip(verdict, "there is no section .initrd or .ucode");
}

static void check_pcrsig(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section;
    struct bzc_error err;
    size_t index = 0;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!bzc_pe_section_by_name(&facts->pe, ".pcrsig", 0, NULL)) {
        bzc_skip(verdict, "there is no section .pcrsig");
        return;
    }
    for (; (section = bzc_pe_section_by_name(&facts->pe, ".pcrsig", index, &index)) != NULL; index++) {
        if (bzc_uki_check_pcrsig(bzc_uki_bytes(facts, section), &err) == BZC_OK)
            continue;
        bzc_fail(verdict, "the section .pcrsig cannot be used: %s", err.message);
        bzc_uki_where(verdict, facts, section);
        return;
    }
}

static void check_pcrpkey(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    static const char begin[] = "-----BEGIN PUBLIC KEY-----", end[] = "-----END PUBLIC KEY-----";
    const struct bzc_pe_section *section = bzc_pe_section_by_name(&facts->pe, ".pcrpkey", 0, NULL);
    struct bzc_bytes text;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!section) {
        bzc_skip(verdict, "there is no section .pcrpkey");
        return;
    }
    text = bzc_uki_text(facts, section);
    if (bzc_uki_starts_with(text, begin, sizeof(begin) - 1) && text.size >= sizeof(begin) + sizeof(end) &&
        memcmp(text.data + text.size - (sizeof(end) - 1), end, sizeof(end) - 1) == 0)
        return;
    bzc_fail(verdict, "the section .pcrpkey holds no public key in PEM");
    bzc_uki_where(verdict, facts, section);
    bzc_expected(verdict, "\"%s\" to \"%s\"", begin, end);
}

static void check_dtb(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    static const char *const names[] = {".dtb", ".dtbauto"};
    bool found = false;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        const struct bzc_pe_section *section;
        size_t index = 0;

        for (; (section = bzc_pe_section_by_name(&facts->pe, names[n], index, &index)) != NULL; index++) {
            struct bzc_bytes bytes = bzc_uki_bytes(facts, section);
            uint32_t size = 0;

            found = true;
            /* The header of a flattened devicetree is big-endian: magic, totalsize. */
            if (bytes.size >= 8)
                size = (uint32_t)bytes.data[4] << 24 | (uint32_t)bytes.data[5] << 16 | (uint32_t)bytes.data[6] << 8 |
                       bytes.data[7];
            if (bzc_uki_starts_with(bytes, "\320\015\376\355", 4) && size >= 8 && size <= bytes.size)
                continue;
            bzc_fail(verdict, "the section %s holds no devicetree, or not all of it", section->name);
            bzc_uki_where(verdict, facts, section);
            bzc_expected(verdict, "magic d00dfeed, totalsize at most 0x%zx", bytes.size);
            if (bytes.size >= 8)
                bzc_actual(verdict, "magic %02x%02x%02x%02x, totalsize 0x%" PRIx32, bytes.data[0], bytes.data[1],
                           bytes.data[2], bytes.data[3], size);
            return;
        }
    }
    if (!found)
        bzc_skip(verdict, "there is no section .dtb");
}

static void check_splash(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section = bzc_pe_section_by_name(&facts->pe, ".splash", 0, NULL);
    struct bzc_bytes bytes;
    uint32_t size;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!section) {
        bzc_skip(verdict, "there is no section .splash");
        return;
    }
    bytes = bzc_uki_bytes(facts, section);
    /* systemd-stub checks bfSize against the section, too. */
    if (bzc_uki_starts_with(bytes, "BM", 2) && bzc_bytes_u32(bytes, 2, &size) && size <= bytes.size)
        return;
    bzc_fail(verdict, "the section .splash holds no Windows bitmap, or not all of it");
    bzc_uki_where(verdict, facts, section);
    bzc_expected(verdict, "\"BM\" and a size of at most 0x%zx bytes", bytes.size);
}

static void check_sbat(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    (void)run;
    if (bzc_pe_section_by_name(&facts->pe, ".sbat", 0, NULL))
        return;
    bzc_fail(verdict, "the image has no section .sbat: shim does not start it");
    bzc_where(verdict, "section table");
    bzc_expected(verdict, "a section .sbat");
}

static const struct bzc_rule rules[] = {
    {
        .id = "UKI-008",
        .name = "uki-initrd",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the sections .initrd and .ucode hold archives that the kernel can read",
        .spec = "UAPI, Unified Kernel Image, UKI Components; kernel, buffer-format.rst",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_initrd,
    },
    {
        .id = "UKI-009",
        .name = "uki-pcrsig",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .pcrsig holds PCR signatures",
        .spec = "UAPI, Unified Kernel Image, JSON Format for .pcrsig",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_pcrsig,
    },
    {
        .id = "UKI-010",
        .name = "uki-pcrpkey",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .pcrpkey holds a public key in PEM",
        .spec = "UAPI, Unified Kernel Image, UKI Components",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_pcrpkey,
    },
    {
        .id = "UKI-011",
        .name = "uki-dtb",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the sections .dtb and .dtbauto hold whole devicetrees",
        .spec = "UAPI, Unified Kernel Image, UKI Components; Devicetree Specification, Header",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_dtb,
    },
    {
        .id = "UKI-012",
        .name = "uki-splash",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .splash holds a Windows bitmap",
        .spec = "systemd-stub(7), .splash",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_splash,
    },
    {
        .id = "UKI-013",
        .name = "uki-sbat",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the image has a section .sbat",
        .spec = "UAPI, Unified Kernel Image, UKI Components; shim, SBAT.md",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_sbat,
    },
};

const struct bzc_rule_family bzc_rules_uki_data = {rules, sizeof(rules) / sizeof(rules[0])};
