/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found in memory in the end: the kernel's segments, and the blocks that are the loader's own. */
#include <inttypes.h>

#include "report/html.h"
#include "report/page.h"

static const char *const marks[] = {"<span class=\"bad\">\xe2\x9c\x95 no</span>",
                                    "<span class=\"good\">\xe2\x9c\x93 yes</span>"};

static const struct bzc_expected_segment *expected_segment(const struct bzc_oracle *oracle, unsigned index)
{
    for (size_t i = 0; oracle && i < oracle->segment_count; i++)
        if (oracle->segment[i].index == index)
            return &oracle->segment[i];
    return NULL;
}

static void write_difference(FILE *out, const struct bzc_segment_result *result)
{
    if (result->matches)
        return;
    if (result->zero)
        fputs("never written: all zero", out);
    else if (result->differences > 0)
        fprintf(out, "%" PRIu64 " bytes differ, the first at +0x%" PRIx64 " (0x%02x instead of 0x%02x)",
                result->differences, result->first_difference, result->actual, result->expected);
    if (result->found_elsewhere)
        fprintf(out, "; found at 0x%" PRIx64, result->found_phys);
}

static void write_segments(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_comparison *comparison = &html->run->comparison;
    char text[BZC_PAGE_NUMBER_SIZE];

    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The kernel's segments\"><table>"
          "<caption>The kernel's segments</caption>\n<thead><tr><th scope=\"col\">segment<th scope=\"col\">at"
          "<th scope=\"col\">size<th scope=\"col\">matches<th scope=\"col\">difference</thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < comparison->segment_count; i++) {
        const struct bzc_segment_result *result = &comparison->segment[i];
        const struct bzc_expected_segment *expected = expected_segment(html->image->oracle, result->index);

        fprintf(out, "<tr><th scope=\"row\">%u<td>0x%" PRIx64 "<td>%s<td>%s<td>", result->index, result->phys,
                expected ? bzc_page_bytes(expected->memsz, text) : "?", marks[result->matches]);
        write_difference(out, result);
        fputs("\n", out);
    }
    fputs("</tbody></table></div>\n", out);
    if (comparison->bad_slots > 0)
        fprintf(out,
                "<p><span class=\"bad\">%" PRIu64 " of %" PRIu64
                " relocations are wrong</span>, the first at +0x%" PRIx64 ": 0x%" PRIx64 " instead of 0x%" PRIx64
                ".</p>\n",
                comparison->bad_slots, comparison->relocations, comparison->first_bad_slot, comparison->bad_actual,
                comparison->bad_expected);
}

static void write_kept(FILE *out, const struct bzc_run_facts *run)
{
    char text[BZC_PAGE_NUMBER_SIZE];

    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Blocks that had to be kept\"><table>"
          "<caption>The loader's blocks that have to be kept</caption>\n<thead><tr><th scope=\"col\">block"
          "<th scope=\"col\">at<th scope=\"col\">size<th scope=\"col\">unchanged<th scope=\"col\">difference</thead>\n"
          "<tbody>\n",
          out);
    for (size_t i = 0; i < run->kept_count; i++) {
        const struct bzc_kept_block *kept = &run->kept[i];

        fputs("<tr><th scope=\"row\">", out);
        bzc_html_text(out, kept->name);
        fprintf(out, "<td>0x%" PRIx64 "<td>%s<td>%s<td>", kept->phys, bzc_page_bytes(kept->size, text),
                marks[!kept->changed]);
        if (kept->changed)
            fprintf(out, "at 0x%" PRIx64 ": 0x%02x instead of 0x%02x", kept->first_difference, kept->actual,
                    kept->expected);
        fputs("\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

void bzc_html_kernel(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;
    size_t changed = 0;

    if (!run->compared && run->kept_count == 0)
        return;
    for (size_t i = 0; i < run->kept_count; i++)
        changed += run->kept[i].changed;
    fputs("<details class=\"kernel\"><summary><b>What was found in memory</b> <span class=\"faint\">", out);
    if (run->compared)
        fprintf(out, "kernel at 0x%" PRIx64 ", ", run->comparison.base);
    fprintf(out, "%zu of %zu blocks kept</span></summary>\n", run->kept_count - changed, run->kept_count);
    if (run->compared)
        write_segments(out, html);
    if (run->kept_count > 0)
        write_kept(out, run);
    fputs("</details>\n", out);
}
