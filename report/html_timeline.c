/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"

#define CHANGES_SHOWN 4u

/* How control got there: "far jump from setup". */
static void write_way(FILE *out, const struct bzc_html_run *html, size_t index)
{
    const struct bzc_region_jump *jump = bzc_html_stage_jump(html->run, index);

    if (jump && jump->kind == BZC_JUMP_START)
        bzc_html_put(out, "the loader starts the CPU");
    else if (jump && jump->from_known)
        bzc_html_put(out, "%s from 0x%" PRIx64, bzc_jump_kind_name(jump->kind), jump->from_phys);
    else if (jump && jump->from)
        bzc_html_put(out, "from %s", jump->from);
    else if (index == 0)
        bzc_html_put(out, "the loader starts the CPU");
}

/* The modes that the part itself brings the CPU into: "-> protected-16 at 0x102bb". */
static void write_changes(FILE *out, const struct bzc_run_facts *run, size_t index)
{
    const char *part = run->stage[index].name;
    size_t changes = 0;

    for (size_t i = 0; i < index; i++)
        if (strcmp(run->stage[i].name, part) == 0)
            return; /* told there */
    for (size_t i = 0; run->picture && i < run->picture->jump_count; i++) {
        const struct bzc_region_jump *jump = &run->picture->jump[i];

        if (!jump->from || strcmp(jump->from, part) != 0 || strcmp(jump->to, part) != 0)
            continue;
        if (changes++ < CHANGES_SHOWN)
            fprintf(out,
                    "<span class=\"faint\">\xe2\x86\x92 <span class=\"mode\">%s</span> at <code>0x%" PRIx64
                    "</code></span>",
                    bzc_mode_name(jump->mode), jump->phys);
    }
    if (changes > CHANGES_SHOWN)
        fprintf(out, "<span class=\"faint\">and %zu more changes of mode</span>", changes - CHANGES_SHOWN);
}

static void write_end(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;
    bool good = bzc_html_run_arrived(run) || (run->refusal[0] && run->expect == BZC_EXPECT_REFUSAL);
    const char *word = bzc_run_result(run);

    if (run->plan_error.status != BZC_OK)
        word = "not started";
    else if (run->running.printed)
        word = "it runs";
    else if (strcmp(word, "entry") == 0)
        word = "kernel reached";
    else if (strcmp(word, "running") == 0)
        word = "it runs";
    else if (run->refusal[0] && run->expect == BZC_EXPECT_REFUSAL)
        word = "refused, as expected";
    fprintf(out, "<li class=\"end %s\"><b>", good ? "good" : html->doubtful ? "doubt" : "bad");
    bzc_html_text(out, word);
    fputs("</b>", out);
    if (run->plan_error.status != BZC_OK)
        fputs("<span>what would have come of it is unknown</span>", out);
    else if (!good && run->stop.phys_known)
        fprintf(out, "<code>0x%" PRIx64 "</code>", run->stop.phys);
    else if (!good)
        fprintf(out, "<span>linear <code>0x%" PRIx64 "</code></span>", run->stop.linear);
    fputs("</li>\n", out);
}

void bzc_html_timeline(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;

    fprintf(out, "<section aria-labelledby=\"%s-time\"><h4 id=\"%s-time\">Timeline</h4>\n<ol class=\"timeline\">\n",
            html->id, html->id);
    for (size_t i = 0; i < run->stage_count; i++) {
        const struct bzc_stage *stage = &run->stage[i];

        fprintf(out, "<li class=\"stage s%u\" data-phys=\"0x%" PRIx64 "\" data-mode=\"%s\"><b class=\"name\">",
                bzc_html_stage_colour(i), stage->phys, bzc_mode_name(stage->mode));
        bzc_html_text(out, stage->name);
        fputs("</b>", out);
        bzc_html_address(out, stage->phys);
        if (stage->linear != stage->phys)
            fprintf(out, "<span class=\"faint\">linear 0x%" PRIx64 "</span>", stage->linear);
        fprintf(out, "<span class=\"mode\">%s</span><span class=\"faint\">", bzc_mode_name(stage->mode));
        write_way(out, html, i);
        fputs("</span>", out);
        write_changes(out, run, i);
        fputs("</li>\n", out);
    }
    write_end(out, html);
    fputs("</ol></section>\n", out);
}
