/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory map in words and numbers. */
#include <inttypes.h>

#include "report/html.h"
#include "report/page.h"

#define ROWS_MAX 48u /* of one bar */

/* The nearest block of the loader's that begins at or above `phys`, or NULL. */
static const struct bzc_block *next_block(const struct bzc_plan *plan, uint64_t phys)
{
    const struct bzc_block *next = NULL;

    for (size_t i = 0; i < plan->block_count; i++)
        if (plan->block[i].phys >= phys && plan->block[i].bytes.size > 0 && (!next || plan->block[i].phys < next->phys))
            next = &plan->block[i];
    return next;
}

static void write_margins(FILE *out, const struct bzc_html_run *html, const struct bzc_html_lanes *lanes)
{
    const struct bzc_run_facts *run = html->run;
    uint64_t start = lanes->room_start, end = start + lanes->room_size, top;
    const struct bzc_block *next;
    char text[BZC_PAGE_NUMBER_SIZE];

    if (!lanes->has_room)
        return;
    top = bzc_memory_map_ram_end(&run->map, start);
    next = next_block(&run->plan, end);
    fputs("<dl class=\"margins\">\n<dt>Room for the kernel</dt><dd>", out);
    bzc_html_put(out, "0x%" PRIx64 " to 0x%" PRIx64 ", %s (init_size)", start, end,
                 bzc_page_bytes(lanes->room_size, text));
    fputs("</dd>\n<dt>From there to the end of RAM</dt><dd>", out);
    if (top >= end)
        bzc_html_put(out, "%s (RAM ends at 0x%" PRIx64 ")", bzc_page_bytes(top - end, text), top);
    else
        bzc_html_put(out, "none: RAM ends at 0x%" PRIx64 ", %s too early", top, bzc_page_bytes(end - top, text));
    fputs("</dd>\n", out);
    if (next) {
        fputs("<dt>To what the loader placed above</dt><dd>", out);
        bzc_html_put(out, "%s (%s at 0x%" PRIx64 ")", bzc_page_bytes(next->phys - end, text), next->name, next->phys);
        fputs("</dd>\n", out);
    }
    if (run->compared) {
        fputs("<dt>The image went</dt><dd>", out);
        bzc_html_put(out, "from 0x%" PRIx64 " to base 0x%" PRIx64,
                     run->plan.has_pm ? run->plan.pm_phys : run->plan.elf_phys, run->comparison.base);
        fputs("</dd>\n", out);
    }
    fputs("</dl>\n", out);
}

/* ---- tables ---- */

/* From the end of a span to the next one of the same bar that begins there or above. */
static void write_gap(FILE *out, const struct bzc_html_lane *lane, const struct bzc_html_span *span)
{
    uint64_t end = span->phys + span->size, next = UINT64_MAX;
    bool overlapped = false;
    char text[BZC_PAGE_NUMBER_SIZE];

    for (size_t i = 0; i < lane->count; i++) {
        const struct bzc_html_span *other = &lane->span[i];

        /* The room is for the kernel: it is no neighbour of the kernel's. */
        if (other == span || other->colour == BZC_HTML_ROOM)
            continue;
        if (other->phys >= end)
            next = other->phys < next ? other->phys : next;
        else if (other->phys >= span->phys)
            overlapped = true;
    }
    if (overlapped && span->colour != BZC_HTML_ROOM)
        fputs("overlap", out);
    else if (next == UINT64_MAX || overlapped)
        fputs("\xe2\x80\x93", out);
    else
        fputs(bzc_page_bytes(next - end, text), out);
}

static void write_row(FILE *out, const struct bzc_html_lane *lane, const struct bzc_html_span *span)
{
    char text[BZC_PAGE_NUMBER_SIZE];

    fprintf(out, "<tr><td>0x%" PRIx64 "<td>0x%" PRIx64 "<td>%s<td>", span->phys, span->phys + span->size,
            bzc_page_bytes(span->size, text));
    bzc_html_text(out, span->name);
    fputs("<td>", out);
    write_gap(out, lane, span);
    fputs("\n", out);
}

static void write_lane(FILE *out, const struct bzc_html_lane *lane)
{
    size_t more = lane->left_out;

    if (lane->count == 0)
        return;
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", out);
    bzc_html_text(out, lane->caption);
    fputs("\"><table><caption>", out);
    bzc_html_text(out, lane->caption);
    fputs("</caption>\n<thead><tr><th scope=\"col\">from<th scope=\"col\">to<th scope=\"col\">size"
          "<th scope=\"col\">what, or written by<th scope=\"col\">free behind it</thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < lane->count && i < ROWS_MAX; i++)
        write_row(out, lane, &lane->span[i]);
    fputs("</tbody></table></div>\n", out);
    if (lane->count > ROWS_MAX)
        more += lane->count - ROWS_MAX;
    if (more > 0)
        fprintf(out, "<p class=\"faint\">%zu more ranges are not listed.</p>\n", more);
}

void bzc_html_map_tables(FILE *out, const struct bzc_html_run *run, const struct bzc_html_lanes *lanes)
{
    write_margins(out, run, lanes);
    fputs("<details class=\"numbers\"><summary>The memory map in numbers</summary>\n", out);
    for (size_t i = 0; i < lanes->count; i++)
        write_lane(out, &lanes->lane[i]);
    fputs("</details>\n", out);
}
