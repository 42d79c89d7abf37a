/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/page.h"

/* A page whose text is looked at: page.out is a memory stream. */
struct paper {
    struct bzc_page page;
    char *text;
    size_t size;
};

static void take(struct paper *paper, bool colour)
{
    *paper = (struct paper){.page = {.colour = colour}};
    paper->page.out = open_memstream(&paper->text, &paper->size);
    assert_non_null(paper->page.out);
}

static void expect(struct paper *paper, const char *text)
{
    assert_int_equal(fclose(paper->page.out), 0);
    assert_string_equal(paper->text, text);
    free(paper->text);
}

static void control_characters_never_get_through(void **state)
{
    struct paper paper;

    (void)state;
    take(&paper, false);
    /* ESC, newline, DEL, a C1 control as UTF-8 (CSI), the same as a bare byte, and two letters that must stay. */
    bzc_page_put(&paper.page, BZC_STYLE_BAD, "a\033[31m\n\x7f\xc2\x9b\x9b\xc3\xa4");
    assert_int_equal(paper.page.column, 11);
    expect(&paper, "a?[31m???\xef\xbf\xbd\xc3\xa4");

    take(&paper, false);
    bzc_page_wrap(&paper.page, BZC_STYLE_PLAIN, 0, "x\033]0;title\007 y\r\nz");
    expect(&paper, "x?]0;title? y?\nz\n");
}

static void colours_only_when_asked_for(void **state)
{
    struct paper paper;

    (void)state;
    take(&paper, true);
    bzc_page_put(&paper.page, BZC_STYLE_GOOD, "PASS");
    bzc_page_put(&paper.page, BZC_STYLE_PLAIN, " it");
    bzc_page_put(&paper.page, BZC_STYLE_BAD, "");
    assert_int_equal(paper.page.column, 7);
    expect(&paper, "\033[1;32mPASS\033[0m it");
}

static void tabs_and_lines(void **state)
{
    struct paper paper;

    (void)state;
    take(&paper, false);
    bzc_page_tab(&paper.page, 0);
    bzc_page_put(&paper.page, BZC_STYLE_PLAIN, "ab");
    bzc_page_tab(&paper.page, 4);
    bzc_page_put(&paper.page, BZC_STYLE_PLAIN, "cd");
    bzc_page_tab(&paper.page, 4);
    bzc_page_put(&paper.page, BZC_STYLE_PLAIN, "e");
    bzc_page_end_line(&paper.page);
    bzc_page_tab(&paper.page, 2);
    bzc_page_printf(&paper.page, BZC_STYLE_PLAIN, "%d", 7);
    expect(&paper, "ab  cd e\n  7");
}

static void wraps_between_words(void **state)
{
    char word[31], text[200] = "", longest[BZC_PAGE_WIDTH + 21], expected[400];
    struct paper paper;

    (void)state;
    memset(word, 'w', 30);
    word[30] = '\0';
    /* 4 + 30 + 1 + 30 + 1 + 34 = 100: the third word fills the line to its last column, the fourth does not fit. */
    snprintf(text, sizeof(text), "%s %s %swwww %s", word, word, word, "next");
    take(&paper, false);
    bzc_page_tab(&paper.page, 4);
    bzc_page_wrap(&paper.page, BZC_STYLE_PLAIN, 6, text);
    snprintf(expected, sizeof(expected), "    %s %s %swwww\n      next\n", word, word, word);
    expect(&paper, expected);

    /* One column more, and the third word moves. */
    take(&paper, false);
    bzc_page_tab(&paper.page, 5);
    bzc_page_wrap(&paper.page, BZC_STYLE_PLAIN, 6, text);
    snprintf(expected, sizeof(expected), "     %s %s\n      %swwww next\n", word, word, word);
    expect(&paper, expected);

    /* A word without end is cut at the width. */
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    take(&paper, false);
    bzc_page_wrap(&paper.page, BZC_STYLE_PLAIN, 2, longest);
    snprintf(expected, sizeof(expected), "%.*s\n  %s\n", BZC_PAGE_WIDTH, longest, "xxxxxxxxxxxxxxxxxxxx");
    expect(&paper, expected);
}

static void numbers(void **state)
{
    static const struct {
        uint64_t number;
        const char *count, *bytes;
    } row[] = {
        {0, "0", "0 bytes"},
        {999, "999", "999 bytes"},
        {1000, "1,000", "1000 bytes"},
        {1023, "1,023", "1023 bytes"},
        {1024, "1,024", "1.0 KiB"},
        {1536, "1,536", "1.5 KiB"},
        {327000, "327,000", "319.3 KiB"},
        {1048575, "1,048,575", "1023.9 KiB"},
        {14149568, "14,149,568", "13.4 MiB"}, /* 13.494 */
        {UINT64_C(5) << 30, "5,368,709,120", "5.0 GiB"},
        {UINT64_MAX, "18,446,744,073,709,551,615", "15.9 EiB"},
    };
    char text[BZC_PAGE_NUMBER_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        assert_string_equal(bzc_page_count(row[i].number, text), row[i].count);
        assert_string_equal(bzc_page_bytes(row[i].number, text), row[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_never_get_through),
        cmocka_unit_test(colours_only_when_asked_for),
        cmocka_unit_test(tabs_and_lines),
        cmocka_unit_test(wraps_between_words),
        cmocka_unit_test(numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
