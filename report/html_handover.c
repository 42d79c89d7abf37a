/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code and registers on both sides of each hand-over. */
#include <inttypes.h>

#include "report/html.h"

static void write_summary(FILE *out, const struct bzc_run_facts *run, size_t index)
{
    const struct bzc_region_jump *jump = bzc_html_stage_jump(run, index);
    const struct bzc_stage *stage = &run->stage[index];

    fputs("<summary><b>", out);
    if (index == 0)
        fputs("start", out);
    else
        bzc_html_text(out, jump && jump->from ? jump->from : run->stage[index - 1].name);
    fputs(" \xe2\x86\x92 ", out);
    bzc_html_text(out, stage->name);
    fputs("</b> <span class=\"faint\">", out);
    if (jump && jump->from_known && jump->instruction[0])
        bzc_html_put(out, "%s at 0x%" PRIx64, jump->instruction, jump->from_phys);
    else
        bzc_html_put(out, "to 0x%" PRIx64 ", %s", stage->phys, bzc_mode_name(stage->mode));
    fputs("</span></summary>\n", out);
}

static void write_code(FILE *out, const struct bzc_stage_picture *picture, const struct bzc_stage *stage)
{
    char caption[160];

    if (!picture) {
        fputs("<p class=\"faint\">The code was not recorded.</p>\n", out);
        return;
    }
    fputs("<div class=\"pair\">\n", out);
    if (picture->from_line_count > 0)
        bzc_html_code(out, "The instruction that led there", picture->from_lines, picture->from_line_count);
    snprintf(caption, sizeof(caption), "First instruction of %s", stage->name);
    bzc_html_code(out, caption, picture->lines, picture->line_count);
    fputs("</div>\n", out);
}

void bzc_html_hand_overs(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;

    if (run->stage_count == 0)
        return;
    fprintf(out, "<section aria-labelledby=\"%s-hand\"><h4 id=\"%s-hand\">Hand-overs</h4>\n", html->id, html->id);
    for (size_t i = 0; i < run->stage_count; i++) {
        const struct bzc_stage_picture *picture = bzc_html_stage_picture(run, i);
        const struct bzc_regs *regs = bzc_html_stage_regs(run, i);
        const struct bzc_regs *before = i > 0 ? bzc_html_stage_regs(run, i - 1) : NULL;
        char caption[160];

        fprintf(out, "<details class=\"hand\" id=\"%s-h%zu\">", html->id, i);
        write_summary(out, run, i);
        write_code(out, picture, &run->stage[i]);
        snprintf(caption, sizeof(caption), "Registers before the first instruction of %s", run->stage[i].name);
        if (regs)
            bzc_html_registers(out, caption, before, regs);
        else
            fputs("<p class=\"faint\">The registers were not recorded.</p>\n", out);
        fputs("</details>\n", out);
    }
    fputs("</section>\n", out);
}
