/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"

void bzc_html_code(FILE *out, const char *caption, const struct bzc_disasm_line *line, size_t count)
{
    int bytes = 0;

    fputs("<figure class=\"code\"><figcaption>", out);
    bzc_html_text(out, caption);
    fputs("</figcaption>", out);
    if (count == 0) {
        fputs("<p class=\"faint\">not recorded</p></figure>\n", out);
        return;
    }
    for (size_t i = 0; i < count; i++)
        bytes = (int)strlen(line[i].bytes) > bytes ? (int)strlen(line[i].bytes) : bytes;
    fputs("<pre tabindex=\"0\">", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "<span class=\"%s\">%s ", line[i].current ? "now" : "near",
                line[i].current ? "\xe2\x86\x92" : " ");
        fprintf(out, "<i>0x%" PRIx64 "</i>  <i>", line[i].address);
        bzc_html_put(out, "%-*s", bytes, line[i].bytes);
        fputs("</i>  ", out);
        bzc_html_text(out, line[i].text);
        fputs("</span>\n", out);
    }
    fputs("</pre></figure>\n", out);
}
