/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page around the images: nothing in it may load anything, and only its own script runs. */
#include "base/sha256.h"
#include "report/html.h"

#include <string.h>

static const char *const words[] = {"PASS", "FAIL", "UNKNOWN"};

static unsigned digit_value(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

void bzc_html_hash(const char *text, char hash[BZC_HTML_HASH_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[BZC_SHA256_HEX_SIZE + 2];
    size_t used = strlen("sha256-");

    bzc_sha256_hex(text, strlen(text), hex);
    /* 64 digits of 4 bits; two more bits of zero make 43 digits of 6 bits. */
    hex[64] = hex[65] = '0';
    memcpy(hash, "sha256-", used);
    for (unsigned i = 0; i < 43; i++) {
        unsigned bit = 6 * i, value = 0;

        for (unsigned b = bit; b < bit + 6; b++)
            value = value << 1 | (digit_value(hex[b / 4]) >> (3 - b % 4) & 1);
        hash[used++] = digits[value];
    }
    hash[used++] = '=';
    hash[used] = '\0';
}

static void write_overview(FILE *out, const struct bzc_html_line *line, size_t count)
{
    fprintf(out, "<nav class=\"overview\" aria-label=\"Images\"><h2>%zu images</h2><ol>\n", count);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "<li><span class=\"chip %s\">%s</span> <a href=\"#i%zu\"><bdi>", bzc_verdict_name(line[i].verdict),
                words[line[i].verdict], i);
        bzc_html_text(out, line[i].path);
        fputs("</bdi></a></li>\n", out);
    }
    fputs("</ol></nav>\n", out);
}

void bzc_html_begin(FILE *out, const struct bzc_html_line *line, size_t count)
{
    char style[BZC_HTML_HASH_SIZE], script[BZC_HTML_HASH_SIZE];

    bzc_html_hash(bzc_html_style.style, style);
    bzc_html_hash(bzc_html_style.script, script);
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
            "script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<meta name=\"generator\" content=\"bzcheck %s\">\n<link rel=\"icon\" href=\"data:,\">\n<title>",
            style, script, BZC_VERSION);
    if (count == 1) {
        bzc_html_put(out, "%s ", words[line[0].verdict]);
        bzc_html_text(out, line[0].path);
        fputs(" \xe2\x80\x93 bzcheck", out);
    } else {
        fprintf(out, "%zu images \xe2\x80\x93 bzcheck", count);
    }
    fputs("</title>\n<style>", out);
    fputs(bzc_html_style.style, out);
    fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
          "<header class=\"top\"><h1>bzcheck <span>boot report</span></h1><p>version ",
          out);
    bzc_html_text(out, BZC_VERSION);
    fputs("</p></header>\n<main id=\"main\">\n", out);
    if (count != 1)
        write_overview(out, line, count);
}

void bzc_html_end(FILE *out)
{
    fputs("</main>\n<footer class=\"bottom\"><p>Addresses are physical unless they are called linear. The same image "
          "and options give the same report. <code>bzcheck explain RULE</code> prints a rule's page.</p></footer>\n"
          "<script>",
          out);
    fputs(bzc_html_style.script, out);
    fputs("</script>\n</body>\n</html>\n", out);
}
