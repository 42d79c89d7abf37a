/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"

/* Blank lines at either end say nothing. */
static void write_last_words(FILE *out, const char *words)
{
    char text[BZC_LAST_WORDS_MAX];
    size_t length;

    words += strspn(words, "\n ");
    snprintf(text, sizeof(text), "%s", words);
    length = strlen(text);
    while (length > 0 && strchr("\n ", text[length - 1]))
        text[--length] = '\0';
    if (length == 0)
        return;
    fputs("<figure class=\"code\"><figcaption>The guest's last words</figcaption><pre class=\"words\" tabindex=\"0\">",
          out);
    bzc_html_text(out, text);
    fputs("</pre></figure>\n", out);
}

void bzc_html_stop(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;
    const struct bzc_stop *stop = &run->stop;
    const struct bzc_regs *before = run->stage_count > 0 ? bzc_html_stage_regs(run, run->stage_count - 1) : NULL;

    if (bzc_html_run_arrived(run))
        return;
    fprintf(out,
            "<section class=\"stop%s\" aria-labelledby=\"%s-stop\"><h4 id=\"%s-stop\">Where it stopped</h4>\n<dl>\n",
            html->doubtful ? " doubt" : "", html->id, html->id);
    fputs("<dt>Reason</dt><dd>", out);
    bzc_html_put(out, "%s%s%s", bzc_stop_name(stop->reason), stop->detail[0] ? ": " : "", stop->detail);
    fputs("</dd>\n<dt>Instruction</dt><dd>", out);
    if (stop->phys_known)
        bzc_html_put(out, "0x%" PRIx64 " (linear 0x%" PRIx64 ")", stop->phys, stop->linear);
    else
        bzc_html_put(out, "linear 0x%" PRIx64 ", which is not mapped", stop->linear);
    fputs("</dd>\n", out);
    if (stop->has_target) {
        fputs("<dt>Access</dt><dd>", out);
        bzc_html_put(out, "%s of linear 0x%" PRIx64, bzc_access_name(stop->access), stop->target);
        fputs("</dd>\n", out);
    }
    fputs("</dl>\n", out);
    if (stop->line_count > 0)
        bzc_html_code(out, "Code around it", stop->lines, stop->line_count);
    write_last_words(out, run->last_words);
    fputs("<details><summary>Registers at the stop</summary>\n", out);
    bzc_html_registers(out, "Registers at the stop", before, &stop->regs);
    fputs("</details></section>\n", out);
}
