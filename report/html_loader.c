/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loader did before it jumped. */
#include <inttypes.h>

#include "report/html.h"
#include "report/page.h"

static void write_blocks(FILE *out, const struct bzc_plan *plan)
{
    char text[BZC_PAGE_NUMBER_SIZE];

    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Blocks that the loader placed\"><table>"
          "<caption>Blocks that it placed</caption>\n<thead><tr><th scope=\"col\">block<th scope=\"col\">from"
          "<th scope=\"col\">to<th scope=\"col\">size<th scope=\"col\">has to be kept</thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];

        fputs("<tr><th scope=\"row\">", out);
        bzc_html_text(out, block->name);
        fprintf(out, "<td>0x%" PRIx64 "<td>0x%" PRIx64 "<td>%s<td>%s\n", block->phys, block->phys + block->bytes.size,
                bzc_page_bytes(block->bytes.size, text), block->keep ? "yes" : "no");
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_writes(FILE *out, const struct bzc_plan *plan)
{
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Fields that the loader wrote\"><table>"
          "<caption>Fields that it wrote</caption>\n<thead><tr><th scope=\"col\">field<th scope=\"col\">value"
          "<th scope=\"col\">in</thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < plan->write_count; i++) {
        const struct bzc_plan_write *write = &plan->write[i];

        fprintf(out, "<tr><th scope=\"row\">%s<td>0x%" PRIx64 "<td>%s\n",
                write->is_header ? bzc_field(write->field)->name : bzc_bp_field(write->bp)->name, write->value,
                write->is_header ? "setup header" : "boot_params");
    }
    fputs("</tbody></table></div>\n", out);
}

void bzc_html_loader(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_plan *plan = &html->run->plan;

    fprintf(out,
            "<details class=\"loader\"><summary><b>What the loader did</b> <span class=\"faint\">%zu block%s, %zu "
            "field%s</span></summary>\n<p>Path <code>%s</code>; it leaves the A20 line %s and hands over in %s mode at "
            "linear <code>0x%" PRIx64 "</code>.</p>\n",
            plan->block_count, bzc_html_plural(plan->block_count), plan->write_count,
            bzc_html_plural(plan->write_count), bzc_path_name(plan->path), plan->a20_open ? "open" : "closed",
            bzc_mode_name(plan->jump.mode), plan->jump.linear);
    if (plan->block_count > 0)
        write_blocks(out, plan);
    if (plan->write_count > 0)
        write_writes(out, plan);
    fputs("</details>\n", out);
}
