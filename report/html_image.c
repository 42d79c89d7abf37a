/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The top of an image's report: the verdict, and what the image is. */
#include <inttypes.h>
#include <string.h>

#include "loader/uki.h"
#include "report/findings.h"
#include "report/html.h"
#include "report/page.h"
#include "report/text.h"

/* No more than is true: with findings below the threshold the file does not follow the protocol to the letter. */
static const char *what_passed(const struct bzc_verification *verification)
{
    if (verification->executed)
        return "The kernel is entered as the protocol says.";
    if (bzc_text_count(&verification->findings, BZC_OUTCOME_FAIL) > 0)
        return "No finding is severe enough to fail it.";
    return verification->facts.image.depth == BZC_DEPTH_HEADERS ? "The headers follow the protocol."
                                                                : "The file follows the protocol.";
}

#define RULES_NAMED 3u

static void write_failed_rules(FILE *out, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_rule *rule[RULES_NAMED];
    size_t count = bzc_text_failed_rules(&verification->findings, rule, RULES_NAMED);

    for (size_t i = 0; i < count && i < RULES_NAMED; i++) {
        fprintf(out, "%s<a href=\"#i%zu-%s\">%s", i > 0 ? ", " : "Failed: ", index, rule[i]->id, rule[i]->id);
        bzc_html_put(out, " %s", rule[i]->name);
        fputs("</a>", out);
    }
    if (count > RULES_NAMED)
        fprintf(out, " and %zu more rules", count - RULES_NAMED);
    fputs(".", out);
}

static void write_counts(FILE *out, const struct bzc_verification *verification)
{
    static const enum bzc_severity order[] = {BZC_SEVERITY_ERROR, BZC_SEVERITY_WARNING, BZC_SEVERITY_NOTE};
    const struct bzc_findings *findings = &verification->findings;
    size_t passed = bzc_text_count(findings, BZC_OUTCOME_PASS), skipped = bzc_text_count(findings, BZC_OUTCOME_SKIP);
    size_t unknown = bzc_text_count(findings, BZC_OUTCOME_UNKNOWN);
    char text[BZC_PAGE_NUMBER_SIZE];

    fputs("<ul class=\"counts\">", out);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        size_t count = bzc_text_count_failed(findings, order[i]);

        if (count > 0)
            fprintf(out, "<li class=\"%s\"><b>%s</b> %s%s</li>", bzc_severity_name(order[i]),
                    bzc_page_count(count, text), bzc_severity_name(order[i]), bzc_html_plural(count));
    }
    if (verification->executed)
        fprintf(out, "<li><b>%zu</b> run%s</li>", verification->facts.run_count,
                bzc_html_plural(verification->facts.run_count));
    if (unknown > 0)
        fprintf(out, "<li class=\"unknown\"><b>%s</b> check%s unknown</li>", bzc_page_count(unknown, text),
                bzc_html_plural(unknown));
    fprintf(out, "<li><b>%s</b> check%s passed</li>", bzc_page_count(passed, text), bzc_html_plural(passed));
    fprintf(out, "<li><b>%s</b> skipped</li></ul>\n", bzc_page_count(skipped, text));
}

static void write_verdict(FILE *out, const struct bzc_report_entry *entry, size_t index)
{
    static const char *const words[] = {"PASS", "FAIL", "UNKNOWN"};
    static const char *const signs[] = {"\xe2\x9c\x93", "\xe2\x9c\x95", "?"};
    const struct bzc_verification *verification = entry->verified ? entry->verification : NULL;
    enum bzc_image_verdict verdict = verification ? verification->verdict : BZC_VERDICT_UNKNOWN;

    fprintf(out, "<section class=\"verdict %s\"><p class=\"word\"><span aria-hidden=\"true\">%s</span>%s</p>\n<div>",
            bzc_verdict_name(verdict), signs[verdict], words[verdict]);
    fprintf(out, "<h2 id=\"i%zu-name\"><bdi>", index);
    bzc_html_text(out, entry->path);
    fputs("</bdi></h2>\n<p class=\"sentence\">", out);
    if (!verification)
        bzc_html_text(out, bzc_entry_reason(entry));
    else if (verdict == BZC_VERDICT_PASS)
        bzc_html_text(out, what_passed(verification));
    else if (verdict == BZC_VERDICT_FAIL)
        write_failed_rules(out, verification, index);
    else
        bzc_html_text(out, verification->reason);
    fputs("</p>\n", out);
    if (verification)
        write_counts(out, verification);
    fputs("</div></section>\n", out);
}

/* ---- what it is ---- */

static void write_name(FILE *out, const struct bzc_image_facts *facts)
{
    const char *name = facts->image.kernel_version;

    if (facts->system == BZC_SYSTEM_LINUX && !*name && facts->oracle)
        name = facts->oracle->banner;
    if (strncmp(name, "Linux version ", strlen("Linux version ")) == 0)
        name += strlen("Linux version ");
    fputs("<dt>System</dt><dd>", out);
    if (facts->system == BZC_SYSTEM_LINUX)
        bzc_html_put(out, "Linux %s", *name ? name : "(of a version that it does not tell)");
    else if (*name)
        bzc_html_put(out, "%sit calls itself %s",
                     facts->system == BZC_SYSTEM_NOT_LINUX ? "no Linux kernel recognised; " : "", name);
    else
        bzc_html_put(out, "%sit does not say what it is",
                     facts->system == BZC_SYSTEM_NOT_LINUX ? "no Linux kernel recognised; " : "");
    fputs("</dd>\n", out);
}

static void write_payload(FILE *out, const struct bzc_image_facts *facts)
{
    const struct bzc_oracle *oracle = facts->oracle;
    char size[BZC_PAGE_NUMBER_SIZE], count[BZC_PAGE_NUMBER_SIZE];

    /* What is not Linux need not have a payload, and nobody misses it. */
    if (facts->depth == BZC_DEPTH_HEADERS || (!oracle && facts->system != BZC_SYSTEM_LINUX))
        return;
    if (!oracle) {
        bzc_html_fact(out, "Payload", facts->oracle_error.message);
        return;
    }
    fputs("<dt>Payload</dt><dd>", out);
    bzc_html_put(out, "%s, %s unpacked", bzc_compression_name(facts->image.compression),
                 bzc_page_bytes(oracle->payload.size, size));
    if (oracle->kind == BZC_PAYLOAD_ELF)
        bzc_html_put(out, ", %u-bit ELF, %zu segment%s", oracle->bits, oracle->segment_count,
                     bzc_html_plural(oracle->segment_count));
    else
        bzc_html_put(out, ", flat");
    if (oracle->reloc_count > 0)
        bzc_html_put(out, ", %s relocation%s", bzc_page_count(oracle->reloc_count, count),
                     bzc_html_plural(oracle->reloc_count));
    if (facts->vmlinux.checked && !facts->vmlinux.problem[0] && facts->vmlinux.matches)
        bzc_html_put(out, "; it is the given vmlinux");
    fputs("</dd>\n", out);
}

/* Where the header wants the kernel. */
static void write_place(FILE *out, const struct bzc_image *image)
{
    char size[BZC_PAGE_NUMBER_SIZE];

    if (!image->has_header)
        return;
    fputs("<dt>Place</dt><dd>", out);
    bzc_html_put(out, image->relocatable ? "relocatable" : "not relocatable");
    if (image->kernel_alignment)
        bzc_html_put(out, ", aligned to 0x%" PRIx32, image->kernel_alignment);
    if (image->pref_address)
        bzc_html_put(out, ", prefers 0x%" PRIx64, image->pref_address);
    if (image->init_size)
        bzc_html_put(out, ", needs %s there", bzc_page_bytes(image->init_size, size));
    fputs("</dd>\n", out);
}

static void write_facts(FILE *out, const struct bzc_image_facts *facts, size_t index)
{
    const struct bzc_image *image = &facts->image;
    char protocol[8], size[BZC_PAGE_NUMBER_SIZE];

    fprintf(out, "<section class=\"card\" aria-labelledby=\"i%zu-image\"><h3 id=\"i%zu-image\">The image</h3>\n<dl>\n",
            index, index);
    fputs("<dt>Kind</dt><dd>", out);
    if (bzc_uki_is(&facts->pe)) {
        bzc_html_put(out, "unified kernel image, %u sections", facts->pe.number_of_sections);
    } else {
        bzc_image_protocol_text(image, protocol);
        bzc_html_put(out, "%s, %s%s%s", bzc_image_kind_name(image->kind),
                     image->has_header ? "protocol " : "without a setup header (protocol before 2.00)",
                     image->has_header ? protocol : "", image->elf_head ? ", ELF-wrapped" : "");
    }
    fputs("</dd>\n", out);
    bzc_html_fact(out, "Size", bzc_page_bytes(image->file.size, size));
    if (bzc_image_is_boot_image(image)) {
        write_name(out, facts);
        write_payload(out, facts);
        write_place(out, image);
    }
    if (facts->sha256[0]) {
        fputs("<dt>SHA-256</dt><dd><code class=\"hash\">", out);
        bzc_html_text(out, facts->sha256);
        fputs("</code></dd>\n", out);
    }
    fputs("</dl></section>\n", out);
}

void bzc_html_image(FILE *out, const struct bzc_report_entry *entry, size_t index)
{
    write_verdict(out, entry, index);
    if (entry->verified)
        write_facts(out, &entry->verification->facts.image, index);
}
