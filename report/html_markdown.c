/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few parts of Markdown that the rules' pages use: headings, paragraphs, lists with "* ", indented code, `code`. */
#include <string.h>

#include "report/html.h"

#define LINE_SIZE 512u

enum block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_LIST, BLOCK_CODE };

static void close_block(FILE *out, enum block block)
{
    static const char *const ends[] = {"", "</p>\n", "</li></ul>\n", "</code></pre>\n"};

    fputs(ends[block], out);
}

/* Text in which `...` is code. */
static void write_words(FILE *out, const char *text, size_t length, bool *code)
{
    char piece[LINE_SIZE];

    for (size_t used = 0, i = 0; i <= length; i++) {
        if (i < length && text[i] != '`' && used + 1 < sizeof(piece)) {
            piece[used++] = text[i];
            continue;
        }
        piece[used] = '\0';
        bzc_html_text(out, piece);
        used = 0;
        if (i < length && text[i] == '`') {
            fputs(*code ? "</code>" : "<code>", out);
            *code = !*code;
        } else if (i < length) {
            piece[used++] = text[i];
        }
    }
}

static void write_heading(FILE *out, const char *line, size_t length)
{
    unsigned level = 0;
    bool code = false;

    while (level < length && line[level] == '#')
        level++;
    while (level < length && line[level] == ' ')
        line++, length--;
    fprintf(out, "<h%u>", level == 1 ? 4 : 5);
    write_words(out, line + level, length - level, &code);
    fprintf(out, "%s</h%u>\n", code ? "</code>" : "", level == 1 ? 4 : 5);
}

/* The block that a line belongs to, given the one before it. */
static enum block block_of(const char *line, size_t length, enum block before, bool after_blank)
{
    bool indented = length >= 4 && strncmp(line, "    ", 4) == 0;

    if (indented && before != BLOCK_PARAGRAPH && (before != BLOCK_LIST || after_blank))
        return BLOCK_CODE;
    if (length >= 2 && strncmp(line, "* ", 2) == 0)
        return BLOCK_LIST;
    return before == BLOCK_LIST && !after_blank ? BLOCK_LIST : BLOCK_PARAGRAPH;
}

void bzc_html_markdown(FILE *out, const char *text)
{
    enum block block = BLOCK_NONE;
    bool code = false, blank = true;

    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *line = text;
        enum block next;

        text += length + (text[length] == '\n');
        if (length == 0) {
            /* A list and code may go on behind it. */
            if (block == BLOCK_PARAGRAPH) {
                close_block(out, block);
                block = BLOCK_NONE;
            }
            blank = true;
            continue;
        }
        next = line[0] == '#' ? BLOCK_NONE : block_of(line, length, block, blank);
        if (next != block) {
            if (code)
                fputs("</code>", out);
            code = false;
            close_block(out, block);
            fputs(next == BLOCK_PARAGRAPH ? "<p>" : next == BLOCK_CODE ? "<pre tabindex=\"0\"><code>" : "", out);
        } else if (next == BLOCK_CODE && blank) {
            fputc('\n', out);
        }
        if (next == BLOCK_LIST && line[0] == '*') {
            fputs(block == BLOCK_LIST ? "</li>\n<li>" : "<ul>\n<li>", out);
            line += 2;
            length -= 2;
        }
        if (next == BLOCK_NONE) {
            write_heading(out, line, length);
        } else if (next == BLOCK_CODE) {
            bool none = false;

            /* A ` in code is itself: written piece by piece without a look at it. */
            for (size_t i = 4, end; i < length; i = end) {
                for (end = i + 1; end < length && line[end] != '`' && line[end - 1] != '`'; end++)
                    ;
                if (line[i] == '`')
                    fputc('`', out);
                else
                    write_words(out, line + i, end - i, &none);
            }
            fputc('\n', out);
        } else {
            write_words(out, line, length, &code);
            fputc('\n', out);
        }
        block = next;
        blank = false;
    }
    if (code)
        fputs("</code>", out);
    close_block(out, block);
}
