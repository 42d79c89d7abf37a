/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/text.h"

#include <string.h>

#include "report/report.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- what the image is ---- */

static void write_uki(struct bzc_page *page, const struct bzc_image_facts *facts)
{
    char size[BZC_PAGE_NUMBER_SIZE];

    bzc_page_tab(page, 2);
    bzc_page_printf(page, BZC_STYLE_PLAIN, "unified kernel image, %u section%s, %s", facts->pe.number_of_sections,
                    plural(facts->pe.number_of_sections), bzc_page_bytes(facts->image.file.size, size));
    bzc_page_end_line(page);
}

static void write_kind(struct bzc_page *page, const struct bzc_image *image)
{
    char protocol[8], size[BZC_PAGE_NUMBER_SIZE];

    bzc_image_protocol_text(image, protocol);
    bzc_page_tab(page, 2);
    bzc_page_put(page, BZC_STYLE_PLAIN, bzc_image_kind_name(image->kind));
    if (image->has_header)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", protocol %s", protocol);
    else
        bzc_page_put(page, BZC_STYLE_PLAIN, ", without a setup header (protocol before 2.00)");
    bzc_page_printf(page, BZC_STYLE_PLAIN, ", %s", bzc_page_bytes(image->file.size, size));
    if (image->elf_head)
        bzc_page_put(page, BZC_STYLE_PLAIN, ", ELF-wrapped");
    bzc_page_end_line(page);
}

static void write_name(struct bzc_page *page, const struct bzc_image_facts *facts)
{
    const char *name = facts->image.kernel_version;

    bzc_page_tab(page, 2);
    if (facts->system == BZC_SYSTEM_LINUX) {
        if (!*name && facts->oracle)
            name = facts->oracle->banner;
        /* The banner in the payload begins with these words, the string in the header does not. */
        if (strncmp(name, "Linux version ", strlen("Linux version ")) == 0)
            name += strlen("Linux version ");
        bzc_page_put(page, BZC_STYLE_PLAIN, "Linux ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, *name ? name : "(of a version that it does not tell)");
    } else if (facts->system == BZC_SYSTEM_UNKNOWN) {
        bzc_page_put(page, BZC_STYLE_PLAIN, *name ? "it calls itself " : "it does not say what it is");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, name);
    } else {
        bzc_page_put(page, BZC_STYLE_DOUBT, "no Linux kernel recognised");
        bzc_page_put(page, BZC_STYLE_PLAIN, *name ? ": it calls itself " : "; it does not say what it is");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, name);
    }
}

static void write_payload(struct bzc_page *page, const struct bzc_image_facts *facts)
{
    const struct bzc_oracle *oracle = facts->oracle;
    char size[BZC_PAGE_NUMBER_SIZE], count[BZC_PAGE_NUMBER_SIZE];
    const char *compression = bzc_compression_name(facts->image.compression);

    /* What is not Linux need not have a payload, and nobody misses it. */
    if (facts->depth == BZC_DEPTH_HEADERS || (!oracle && facts->system != BZC_SYSTEM_LINUX))
        return;
    bzc_page_tab(page, 2);
    if (!oracle) {
        bzc_page_put(page, BZC_STYLE_BAD, "payload");
        if (facts->image.payload_source != BZC_PAYLOAD_ABSENT)
            bzc_page_printf(page, BZC_STYLE_PLAIN, " %s", compression);
        bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, facts->oracle_error.message);
        return;
    }
    bzc_page_printf(page, BZC_STYLE_PLAIN, "payload %s, %s unpacked", compression,
                    bzc_page_bytes(oracle->payload.size, size));
    if (oracle->kind == BZC_PAYLOAD_ELF)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %u-bit ELF, %zu segment%s", oracle->bits, oracle->segment_count,
                        plural(oracle->segment_count));
    else
        bzc_page_put(page, BZC_STYLE_PLAIN, ", flat");
    if (oracle->reloc_count > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %s relocation%s", bzc_page_count(oracle->reloc_count, count),
                        plural(oracle->reloc_count));
    bzc_page_end_line(page);
    if (facts->vmlinux.checked && !facts->vmlinux.problem[0] && facts->vmlinux.matches) {
        bzc_page_tab(page, 2);
        bzc_page_put(page, BZC_STYLE_PLAIN, "the payload is the given vmlinux");
        bzc_page_end_line(page);
    }
}

static void write_image(struct bzc_page *page, const struct bzc_image_facts *facts)
{
    if (!bzc_image_is_boot_image(&facts->image)) {
        write_uki(page, facts);
        return;
    }
    write_kind(page, &facts->image);
    write_name(page, facts);
    write_payload(page, facts);
}

/* ---- the verdict: one line, however long ---- */

static void write_verdict(struct bzc_page *page, enum bzc_image_verdict verdict, const char *path)
{
    static const char *const words[] = {"PASS", "FAIL", "UNKNOWN"};
    static const enum bzc_style styles[] = {BZC_STYLE_GOOD, BZC_STYLE_BAD, BZC_STYLE_DOUBT};

    bzc_page_put(page, styles[verdict], words[verdict]);
    bzc_page_put(page, BZC_STYLE_PLAIN, "  ");
    bzc_page_put(page, BZC_STYLE_PLAIN, path);
    bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
}

/* "1 error, 2 warnings" into `text`; "" when nothing failed. */
static void describe_failed(const struct bzc_findings *findings, char *text, size_t size)
{
    static const enum bzc_severity order[] = {BZC_SEVERITY_ERROR, BZC_SEVERITY_WARNING, BZC_SEVERITY_NOTE};
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        size_t count = bzc_text_count_failed(findings, order[i]);

        if (count > 0)
            used += (size_t)snprintf(text + used, size - used, "%s%zu %s%s", used > 0 ? ", " : "", count,
                                     bzc_severity_name(order[i]), plural(count));
    }
}

#define RULES_NAMED 3u

/* "ENT-001 entry-address, REL-002 slots and 4 more". */
static void write_failed_rules(struct bzc_page *page, const struct bzc_findings *findings)
{
    const struct bzc_rule *rule[RULES_NAMED];
    size_t count = bzc_text_failed_rules(findings, rule, RULES_NAMED);

    for (size_t i = 0; i < count && i < RULES_NAMED; i++)
        bzc_page_printf(page, BZC_STYLE_PLAIN, "%s%s %s", i > 0 ? ", " : "", rule[i]->id, rule[i]->name);
    if (count > RULES_NAMED)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " and %zu more", count - RULES_NAMED);
}

static size_t rules_off(const struct bzc_findings *findings)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->item[i].off && findings->item[i].run <= 0;
    return count;
}

/* No more than is true: with findings below the threshold the file does not follow the protocol to the letter. */
static const char *what_passed(const struct bzc_verification *verification)
{
    for (size_t i = 0; i < verification->findings.count; i++)
        if (verification->findings.item[i].known && verification->findings.item[i].severity >= verification->fail_on)
            return "nothing is wrong that was not known";
    if (verification->executed)
        return "the kernel is entered as the protocol says";
    if (bzc_text_count(&verification->findings, BZC_OUTCOME_FAIL) > 0)
        return "no finding is severe enough to fail it";
    return verification->facts.image.depth == BZC_DEPTH_HEADERS ? "the headers follow the protocol"
                                                                : "the file follows the protocol";
}

static void write_result(struct bzc_page *page, const struct bzc_verification *verification, const char *path)
{
    const struct bzc_findings *findings = &verification->findings;
    size_t runs = verification->facts.run_count, passed = bzc_text_count(findings, BZC_OUTCOME_PASS);
    size_t off = rules_off(findings), known = bzc_text_count_known(findings);
    char failed[128];

    write_verdict(page, verification->verdict, path);
    if (verification->verdict == BZC_VERDICT_PASS)
        bzc_page_put(page, BZC_STYLE_PLAIN, what_passed(verification));
    else if (verification->verdict == BZC_VERDICT_FAIL)
        write_failed_rules(page, findings);
    else
        bzc_page_put(page, BZC_STYLE_PLAIN, verification->reason);
    describe_failed(findings, failed, sizeof(failed));
    bzc_page_printf(page, BZC_STYLE_PLAIN, " (%s%s", failed, *failed ? "; " : "");
    if (verification->executed)
        bzc_page_printf(page, BZC_STYLE_PLAIN, "%zu run%s, ", runs, plural(runs));
    bzc_page_printf(page, BZC_STYLE_PLAIN, "%zu check%s passed", passed, plural(passed));
    if (verification->facts.image.depth == BZC_DEPTH_HEADERS)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %zu skipped", bzc_text_count(findings, BZC_OUTCOME_SKIP));
    if (known > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %zu known finding%s", known, plural(known));
    if (off > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %zu rule%s switched off", off, plural(off));
    bzc_page_put(page, BZC_STYLE_PLAIN, ")");
    bzc_page_end_line(page);
}

/* "PATH: cannot open: ..." already begins with the path. */
static const char *without_path(const char *message, const char *path)
{
    size_t length = strlen(path);

    return strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0 ? message + length + 2
                                                                                          : message;
}

bool bzc_report_is_long(const struct bzc_report_entry *entry, const struct bzc_text_options *options)
{
    const struct bzc_verification *verification = entry->verification;

    return entry->verified && (verification->executed || options->verbose ||
                               bzc_text_count(&verification->findings, BZC_OUTCOME_FAIL) > 0 ||
                               bzc_text_count(&verification->findings, BZC_OUTCOME_UNKNOWN) > 0);
}

void bzc_report_text(const struct bzc_report_entry *entry, const struct bzc_text_options *options, FILE *out)
{
    struct bzc_page page = {.out = out, .colour = options->colour};

    if (!entry->verified) {
        write_verdict(&page, BZC_VERDICT_UNKNOWN, entry->path);
        bzc_page_put(&page, BZC_STYLE_PLAIN, without_path(entry->error.message, entry->path));
        bzc_page_end_line(&page);
        return;
    }
    const struct bzc_verification *verification = entry->verification;
    const struct bzc_image_facts *image = &verification->facts.image;

    if (bzc_report_is_long(entry, options)) {
        bzc_page_put(&page, BZC_STYLE_HEAD, entry->path);
        bzc_page_end_line(&page);
        write_image(&page, image);
        bzc_text_runs(&page, &verification->facts, options->verbose);
        bzc_text_findings(&page, verification, options->verbose);
        bzc_page_end_line(&page);
    }
    write_result(&page, verification, entry->path);
}
