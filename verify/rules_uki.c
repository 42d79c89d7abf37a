/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about unified kernel images: the sections that the stub hands to the kernel. */
#include <inttypes.h>
#include <string.h>

#include "loader/uki.h"
#include "verify/rules_uki.h"

struct bzc_bytes bzc_uki_bytes(const struct bzc_image_facts *facts, const struct bzc_pe_section *section)
{
    return bzc_pe_section_bytes(section, facts->image.file);
}

struct bzc_bytes bzc_uki_text(const struct bzc_image_facts *facts, const struct bzc_pe_section *section)
{
    struct bzc_bytes text = bzc_uki_bytes(facts, section);

    while (text.size > 0 && text.data[text.size - 1] == 0)
        text.size--;
    while (text.size > 0 && (text.data[text.size - 1] == '\n' || text.data[text.size - 1] == '\r'))
        text.size--;
    return text;
}

void bzc_uki_where(struct bzc_verdict *verdict, const struct bzc_image_facts *facts,
                   const struct bzc_pe_section *section)
{
    bzc_where(verdict, "section %zu (%s)", (size_t)(section - facts->pe.section), section->name);
}

bool bzc_uki_starts_with(struct bzc_bytes bytes, const char *magic, size_t size)
{
    return bytes.size >= size && memcmp(bytes.data, magic, size) == 0;
}

bool bzc_uki_is_cut(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    return bzc_pe_explained(bzc_pe_end_fault(facts), "the file does not hold all sections", verdict);
}

/* What stands in .linux in the place of a bzImage. */
static const char *describe(const struct bzc_image *image)
{
    switch (image->kind) {
    case BZC_IMAGE_PE:
        return "a PE file without a setup header";
    case BZC_IMAGE_ELF:
        return "an ELF file";
    case BZC_IMAGE_OLD:
        return "a boot image without a valid setup header";
    default:
        return "no boot image at all";
    }
}

/* The embedded kernel as an image. False when .linux is empty. */
static bool find_kernel(const struct bzc_image_facts *facts, struct bzc_image *kernel)
{
    struct bzc_bytes bytes;

    if (!bzc_uki_linux(&facts->pe, facts->image.file, &bytes) || bytes.size == 0)
        return false;
    bzc_image_parse(bytes, kernel);
    return true;
}

/* ---- the kernel ---- */

static void check_kernel(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    struct bzc_image kernel;
    struct bzc_pe pe;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!find_kernel(facts, &kernel)) {
        bzc_fail(verdict, "the section .linux is empty");
    } else if (!bzc_image_is_boot_image(&kernel) || !kernel.has_header) {
        bzc_fail(verdict, "the section .linux does not hold a bzImage");
        bzc_actual(verdict, "%s", describe(&kernel));
    } else {
        bzc_pe_parse(kernel.file, &pe);
        if (pe.present)
            return;
        bzc_fail(verdict, "the kernel has no EFI stub: the stub of the image cannot start it");
    }
    bzc_where(verdict, "section .linux");
    bzc_expected(verdict, "a bzImage with PE headers (CONFIG_EFI_STUB)");
}

static void check_kernel_machine(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    struct bzc_image kernel;
    struct bzc_pe pe = {.present = false};

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (find_kernel(facts, &kernel))
        bzc_pe_parse(kernel.file, &pe);
    if (!pe.present) {
        bzc_skip(verdict, "explained by UKI-001: .linux holds no kernel with PE headers");
    } else if (pe.machine != facts->pe.machine) {
        bzc_fail(verdict, "kernel and stub are for different machines");
        bzc_where(verdict, "section .linux, Machine");
        bzc_expected(verdict, "0x%x (as the image)", facts->pe.machine);
        bzc_actual(verdict, "0x%x", pe.machine);
    }
}

/* ---- the sections ---- */

static void check_once(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    const struct bzc_pe *pe = &facts->pe;
    size_t profile = 0;

    (void)run;
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct bzc_uki_section *known = bzc_uki_section_find(pe->section[i].name);

        /* A .profile section begins another set. */
        if (strcmp(pe->section[i].name, ".profile") == 0)
            profile = i;
        for (size_t j = profile; known && !known->many && j < i; j++) {
            if (strcmp(pe->section[j].name, pe->section[i].name) != 0)
                continue;
            bzc_fail(verdict, "a section that may stand only once stands twice");
            bzc_uki_where(verdict, facts, &pe->section[i]);
            bzc_expected(verdict, "one %s in a profile; this is section %zu again", known->name, j);
            return;
        }
    }
}

/* Bytes of the UTF-8 sequence at the start; 0 when there is none (RFC 3629, "Syntax of UTF-8 Byte Sequences"). */
static size_t utf8_sequence(const uint8_t *p, size_t size)
{
    static const struct {
        uint8_t first, last, second_first, second_last;
        size_t size;
    } row[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (p[0] < row[i].first || p[0] > row[i].last || size < row[i].size)
            continue;
        if (row[i].size > 1 && (p[1] < row[i].second_first || p[1] > row[i].second_last))
            return 0;
        for (size_t k = 2; k < row[i].size; k++) {
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        }
        return row[i].size;
    }
    return 0;
}

/* What is wrong with a text, and where; NULL when nothing is. */
static const char *text_problem(struct bzc_bytes text, bool lines, size_t *at)
{
    size_t step;

    for (*at = 0; *at < text.size; *at += step) {
        uint8_t byte = text.data[*at];

        step = utf8_sequence(text.data + *at, text.size - *at);
        if (step == 0)
            return "is no UTF-8";
        if (byte == 0)
            return "has a NUL inside";
        if (!lines && (byte == '\n' || byte == '\r'))
            return "has more than one line";
        if (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t')
            return "has a control character";
    }
    return NULL;
}

static void check_text(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    static const struct {
        const char *name;
        bool lines;
    } texts[] = {{".osrel", true}, {".cmdline", false}, {".uname", false}, {".profile", true}};
    bool found = false;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        size_t index = 0, at;
        const struct bzc_pe_section *section;

        for (; (section = bzc_pe_section_by_name(&facts->pe, texts[t].name, index, &index)) != NULL; index++) {
            const char *problem = text_problem(bzc_uki_text(facts, section), texts[t].lines, &at);

            found = true;
            if (!problem)
                continue;
            bzc_fail(verdict, "the text in %s %s", section->name, problem);
            bzc_where(verdict, "section %zu (%s), offset 0x%zx", index, section->name, at);
            bzc_expected(verdict, "UTF-8 text without NUL%s", texts[t].lines ? "" : ", in one line");
            return;
        }
    }
    if (!found)
        bzc_skip(verdict, "there is no section with text");
}

static void check_cmdline_size(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section;
    struct bzc_image kernel;
    size_t index = 0;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!bzc_pe_section_by_name(&facts->pe, ".cmdline", 0, NULL)) {
        bzc_skip(verdict, "there is no section .cmdline");
        return;
    }
    if (!find_kernel(facts, &kernel) || !bzc_image_is_boot_image(&kernel)) {
        bzc_skip(verdict, "explained by UKI-001: there is no kernel that tells its cmdline_size");
        return;
    }
    for (; (section = bzc_pe_section_by_name(&facts->pe, ".cmdline", index, &index)) != NULL; index++) {
        size_t size = bzc_uki_text(facts, section).size;

        if (size <= kernel.cmdline_size)
            continue;
        bzc_fail(verdict, "the command line is longer than the kernel reads");
        bzc_uki_where(verdict, facts, section);
        bzc_expected(verdict, "at most 0x%" PRIx32 " bytes (cmdline_size)", kernel.cmdline_size);
        bzc_actual(verdict, "0x%zx bytes", size);
        return;
    }
}

/* Whether a line of the text begins with this key and has a value. */
static bool has_key(struct bzc_bytes text, const char *key)
{
    size_t size = strlen(key);

    for (size_t at = 0; at < text.size;) {
        struct bzc_bytes line = bzc_bytes_slice(text, at, text.size);
        const uint8_t *newline = memchr(line.data, '\n', line.size);

        if (newline)
            line.size = (size_t)(newline - line.data);
        if (bzc_uki_starts_with(line, key, size) && line.size > size)
            return true;
        at += line.size + 1;
    }
    return false;
}

static void check_osrel(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    static const char *const names[] = {"PRETTY_NAME=", "IMAGE_ID=", "NAME=", "ID="};
    const struct bzc_pe_section *section = bzc_pe_section_by_name(&facts->pe, ".osrel", 0, NULL);

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!section) {
        bzc_skip(verdict, "there is no section .osrel");
        return;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (has_key(bzc_uki_text(facts, section), names[i]))
            return;
    }
    bzc_fail(verdict, "the system in .osrel has no name: sd-boot does not list the image");
    bzc_uki_where(verdict, facts, section);
    bzc_expected(verdict, "one of PRETTY_NAME=, IMAGE_ID=, NAME=, ID=");
}

static void check_uname(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const struct bzc_pe_section *section = bzc_pe_section_by_name(&facts->pe, ".uname", 0, NULL);
    struct bzc_image kernel;
    struct bzc_bytes uname;
    size_t size;

    (void)run;
    if (bzc_uki_is_cut(facts, verdict))
        return;
    if (!section) {
        bzc_skip(verdict, "there is no section .uname");
        return;
    }
    if (!find_kernel(facts, &kernel) || kernel.kernel_version[0] == '\0') {
        bzc_skip(verdict, "the kernel does not tell its version");
        return;
    }
    uname = bzc_uki_text(facts, section);
    size = strcspn(kernel.kernel_version, " ");
    if (uname.size == size && memcmp(uname.data, kernel.kernel_version, size) == 0)
        return;
    bzc_fail(verdict, "the release in .uname is not that of the kernel");
    bzc_uki_where(verdict, facts, section);
    bzc_expected(verdict, "%.*s (kernel_version)", (int)size, kernel.kernel_version);
    bzc_actual(verdict, "%.*s", uname.size < 64 ? (int)uname.size : 64, (const char *)uname.data);
}

static const struct bzc_rule rules[] = {
    {
        .id = "UKI-001",
        .name = "uki-kernel",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the section .linux holds a kernel with an EFI stub",
        .spec = "UAPI, Unified Kernel Image, UKI Components",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_kernel,
    },
    {
        .id = "UKI-002",
        .name = "uki-kernel-machine",
        .severity = BZC_SEVERITY_ERROR,
        .title = "kernel and stub are for the same machine",
        .spec = "UAPI, Unified Kernel Image, UKI Components",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_kernel_machine,
    },
    {
        .id = "UKI-003",
        .name = "uki-sections-once",
        .severity = BZC_SEVERITY_WARNING,
        .title = "sections that may stand once in a profile stand once",
        .spec = "UAPI, Unified Kernel Image, UKI Components, Multi-Profile UKIs",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_HEADERS,
        .check = check_once,
    },
    {
        .id = "UKI-004",
        .name = "uki-text",
        .severity = BZC_SEVERITY_WARNING,
        .title = "sections with text hold plain UTF-8",
        .spec = "UAPI, Unified Kernel Image, UKI Components",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_text,
    },
    {
        .id = "UKI-005",
        .name = "uki-cmdline-size",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the command line is not longer than the kernel reads",
        .spec = "boot.rst, Details of Header Fields: cmdline_size",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_cmdline_size,
    },
    {
        .id = "UKI-006",
        .name = "uki-osrel",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .osrel names a system",
        .spec = "UAPI, Unified Kernel Image, UKI Components; os-release(5)",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_osrel,
    },
    {
        .id = "UKI-007",
        .name = "uki-uname",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the section .uname holds the kernel's release",
        .spec = "UAPI, Unified Kernel Image, UKI Components; boot.rst, kernel_version",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_UKI,
        .reads = BZC_DEPTH_FILE,
        .check = check_uname,
    },
};

const struct bzc_rule_family bzc_rules_uki = {rules, sizeof(rules) / sizeof(rules[0])};
