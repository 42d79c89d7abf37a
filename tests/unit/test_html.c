/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/html.h"
#include "report_samples.h"

#define WRONG "\xef\xbf\xbd" /* U+FFFD */

static char *written_text;
static size_t written_size;

static FILE *begin(void)
{
    FILE *out = open_memstream(&written_text, &written_size);

    assert_non_null(out);
    return out;
}

/* What was written, to be freed. */
static char *end(FILE *out)
{
    assert_int_equal(fclose(out), 0);
    return written_text;
}

/* ---- escaping ---- */

static void expect_text(const char *text, const char *html)
{
    FILE *out = begin();
    char *result;

    bzc_html_text(out, text);
    result = end(out);
    assert_string_equal(result, html);
    free(result);
}

static void markup_is_escaped(void **state)
{
    (void)state;
    expect_text("<script>alert(\"1\")</script>", "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect_text("a' onload='x", "a&#39; onload=&#39;x");
    expect_text("&lt;&amp;", "&amp;lt;&amp;amp;");
    expect_text("]]><!--", "]]&gt;&lt;!--");
    expect_text("", "");
}

static void what_nobody_should_see_is_replaced(void **state)
{
    (void)state;
    expect_text("a\xff!", "a" WRONG "!");
    expect_text("\xc0\xbcscript", WRONG WRONG "script"); /* an over-long '<' */
    expect_text("\xed\xa0\x80", WRONG WRONG WRONG);      /* a surrogate */
    expect_text("\x1b[31m\r\x01\x7f", "?[31m???");
    expect_text("\xc2\x85\xc2\x9b", "??");                                    /* C1: NEL, CSI */
    expect_text("\xef\xb7\x90\xef\xbf\xbe", WRONG WRONG);                     /* noncharacters U+FDD0, U+FFFE */
    expect_text("\xf4\x8f\xbf\xbf", WRONG);                                   /* noncharacter U+10FFFF */
    expect_text("gnp\xe2\x80\xae.exe\xe2\x81\xa6", "gnp" WRONG ".exe" WRONG); /* right-to-left override, isolate */
    expect_text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\n\t", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\n\t");
}

static void long_formats_are_cut(void **state)
{
    char path[3000];
    char *result;
    FILE *out = begin();

    (void)state;
    memset(path, '<', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    bzc_html_put(out, "%s", path);
    result = end(out);
    assert_int_equal(strlen(result), 1023 * strlen("&lt;"));
    free(result);
}

/* ---- the policy's hashes: by `openssl dgst -sha256 -binary | base64` ---- */

static void hashes_are_those_of_openssl(void **state)
{
    char hash[BZC_HTML_HASH_SIZE];

    (void)state;
    bzc_html_hash("", hash);
    assert_string_equal(hash, "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    bzc_html_hash("alert(1)", hash);
    assert_string_equal(hash, "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=");
    bzc_html_hash("body { margin: 0; }\n", hash);
    assert_string_equal(hash, "sha256-6sDnkFc/tkJOYAjJ86G98mKt1rskYKABu4lUn7Hd9II=");
}

/* ---- rule pages ---- */

static void expect_page(const char *text, const char *html)
{
    FILE *out = begin();
    char *result;

    bzc_html_markdown(out, text);
    result = end(out);
    assert_string_equal(result, html);
    free(result);
}

static void pages_become_html(void **state)
{
    (void)state;
    expect_page("# HDR-001 name\n\nSome `code` and <b>.\nMore.\n\n## Next\n",
                "<h4>HDR-001 name</h4>\n<p>Some <code>code</code> and &lt;b&gt;.\nMore.\n</p>\n<h5>Next</h5>\n");
    expect_page("* one\n  goes on\n* two\n", "<ul>\n<li>one\n  goes on\n</li>\n<li>two\n</li></ul>\n");
    expect_page("Do:\n\n    $ a `b` <c>\n\n    d\n\nEnd.\n",
                "<p>Do:\n</p>\n<pre tabindex=\"0\"><code>$ a `b` &lt;c&gt;\n\nd\n</code></pre>\n<p>End.\n</p>\n");
    expect_page("open `code\n", "<p>open <code>code\n</code></p>\n");
    expect_page("", "");
}

/* ---- whole pages ---- */

static char *page_of(const struct bzc_report_entry *const entry[], size_t count)
{
    const struct bzc_report_format *html = bzc_report_format_find("html");
    const struct bzc_format_options options = {.verbose = false};
    struct bzc_error err = {0};
    FILE *out = begin();
    void *report;

    assert_non_null(html);
    assert_int_equal(html->open(&options, out, &report, &err), BZC_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(html->add(report, entry[i], &err), BZC_OK);
    assert_int_equal(html->close(report, &err), BZC_OK);
    html->free(report);
    return end(out);
}

static void expect_in(const char *page, const char *text)
{
    if (!strstr(page, text))
        fail_msg("the page has no %s", text);
}

static void expect_not_in(const char *page, const char *text)
{
    if (strstr(page, text))
        fail_msg("the page has %s", text);
}

static void a_hostile_image_writes_no_markup(void **state)
{
    static const char evil[] = "\"><script>evil()</script>'<!--\xff";
    struct sample sample;
    struct bzc_stop *stop = &sample.run[0].stop;
    struct bzc_finding *finding;
    char *page, words[sizeof(evil)];

    (void)state;
    memcpy(words, evil, sizeof(evil));
    sample_fail(&sample);
    sample.entry.path = evil;
    sample.verification.facts.image.path = evil;
    sample.run[0].plan.cmdline = words;
    snprintf(sample.run[0].last_words, sizeof(sample.run[0].last_words), "%s", evil);
    snprintf(sample.verification.facts.image.image.kernel_version, 256, "%s", evil);
    snprintf(stop->detail, sizeof(stop->detail), "%s", evil);
    snprintf(stop->lines[0].text, sizeof(stop->lines[0].text), "%s", evil);
    snprintf(sample.run[2].plan_error.message, sizeof(sample.run[2].plan_error.message), "%s", evil);
    finding = sample_finding(&sample, &sample_image_rule, -1, BZC_OUTCOME_FAIL, evil);
    sample_details(finding, evil, evil, evil);
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_not_in(page, "<script>evil");
    expect_not_in(page, "\"><script");
    expect_not_in(page, "<!--");
    expect_not_in(page, "\xff");
    expect_in(page, "&lt;script&gt;evil()&lt;/script&gt;");
    expect_in(page, "Where it stopped");
    free(page);
}

static void an_unknown_image_says_what_it_is_not(void **state)
{
    struct sample sample;
    char *page;

    (void)state;
    sample_unknown(&sample);
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_in(page, "<bdi>odd" WRONG "?[31m\n</bdi>");
    expect_in(page, "no Linux kernel recognised; it calls itself Otherware 3.1");
    expect_in(page, "without a setup header");
    expect_in(page, "<p class=\"sentence\">this is not a Linux kernel</p>");
    free(page);
}

static void what_was_not_recorded_is_said(void **state)
{
    struct sample sample;
    char *page;

    (void)state;
    sample_ways(&sample);
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_in(page, "Who wrote what during the boot was not recorded.");
    expect_in(page, "The jumps between the parts were not recorded.");
    expect_in(page, "The code was not recorded.");
    expect_in(page, "Destination address too large");
    free(page);
}

static void an_image_that_was_not_verified_has_its_reason(void **state)
{
    struct bzc_report_entry entry = {.path = "boot/none", .command = "verify"};
    char *page;

    (void)state;
    bzc_error_set(&entry.error, BZC_ERR_IO, "boot/none: cannot open: no such file");
    page = page_of((const struct bzc_report_entry *const[]){&entry}, 1);
    expect_in(page, "<p class=\"sentence\">cannot open: no such file</p>");
    expect_in(page, "UNKNOWN boot/none");
    free(page);
}

/* A picture of two stages and three jumps, one of them back. */
static void pictures_are_drawn(void **state)
{
    struct bzc_picture_range range[2] = {{0x10000, 0x2000, 0}, {0x400000, 0x300800, 1}};
    struct bzc_stage_picture stage[4] = {{.a20_open = false}};
    struct bzc_region_jump jump[6] = {
        {.to = "setup", .kind = BZC_JUMP_START, .linear = 0x10200, .phys = 0x10200},
        {.from = "setup", .to = "BIOS", .kind = BZC_JUMP_INTERRUPT, .instruction = "int 0x15", .from_known = true},
        {.from = "setup", .to = "BIOS", .kind = BZC_JUMP_INTERRUPT, .linear = 0xf8001, .from_known = true},
        {.from = "setup",
         .to = "setup",
         .kind = BZC_JUMP_FALL,
         .from_known = true,
         .phys = 0x102bb,
         .mode_before = BZC_MODE_REAL,
         .mode = BZC_MODE_PROT16,
         .instruction = "mov cr0, eax"},
        {.from = "BIOS", .to = "setup", .kind = BZC_JUMP_INTERRUPT_RETURN, .linear = 0x10333},
        {.from = "setup",
         .to = "decompressor",
         .kind = BZC_JUMP_FAR_JUMP,
         .from_known = true,
         .from_phys = 0x10abc,
         .linear = 0x100000,
         .phys = 0x100000},
    };
    struct bzc_picture picture = {.stage = stage, .stage_count = 4, .jump = jump, .jump_count = 6};
    struct sample sample;
    char *page;

    (void)state;
    sample_pass(&sample);
    sample_plan(&sample.run[0], 0x100000);
    sample.run[0].picture = &picture;
    stage[1].range = range;
    stage[1].range_count = 2;
    stage[1].from_line_count = stage[1].line_count = 1;
    stage[1].from_lines[0] = (struct bzc_disasm_line){0x10abc, 2, true, "ff 2c", "jmp far [si]"};
    stage[1].lines[0] = (struct bzc_disasm_line){0x100000, 1, true, "fc", "cld"};
    stage[1].regs.gpr[BZC_RSI] = 0x14780;
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    /* 0x400000 is page 1024, 0x300800 bytes are 768.5 pages; stage 0 has the colour w3. */
    expect_in(page, "<path class=\"w3\" d=\"M1024 0h768.500v1h-768.500z\"/>");
    expect_in(page, "<tr><td>0x400000<td>0x700800<td>3.0 MiB<td>setup<td>");
    expect_in(page, "jmp far [si]");
    expect_in(page, "<span class=\"now\">\xe2\x86\x92 <i>0x100000</i>  <i>fc</i>  cld</span>");
    expect_in(page,
              "<tr class=\"changed\"><th scope=\"row\">rsi <span class=\"mark\" title=\"changed\">\xe2\x97\x8f</span>"
              "<td>0x0<td>0x14780<td>");
    expect_in(page,
              "Graph of 4 parts of the boot and 5 arrows between them: 1 from start to setup, 2 from setup to BIOS, "
              "3 from setup to setup, 4 from BIOS to setup, 5 from setup to decompressor.");
    expect_in(page, "far-jump from 0x10abc");
    expect_in(page, "<span class=\"faint\">the loader starts the CPU</span>"
                    "<span class=\"faint\">\xe2\x86\x92 <span class=\"mode\">protected-16</span> at "
                    "<code>0x102bb</code></span></li>");
    assert_null(strstr(page, "more changes of mode"));
    expect_in(page, "<b>within setup</b> <span class=\"faint\">change of mode: fall</span>");
    expect_in(page, "real \xe2\x86\x92 protected-16, </span><code>mov cr0, eax</code>");
    expect_in(page, "setup \xe2\x86\x92 BIOS</b> <span class=\"faint\">interrupt \xc3\x97"
                    "2</span>");
    free(page);
}

/* Of boot.rst and zero-page.rst: ext_mem_k at 0x002, header "HdrS" at 0x202, version 0x206, cmd_line_ptr 0x228. */
static void boot_params_say_who_wrote_them(void **state)
{
    static uint8_t file[0x400];
    struct sample sample;
    struct bzc_image *image = &sample.verification.facts.image.image;
    struct bzc_run_facts *run = &sample.run[0];
    char *page;

    (void)state;
    sample_pass(&sample);
    sample_plan(run, 0x100000);
    image->file = (struct bzc_bytes){file, sizeof(file)};
    memcpy(file + 0x202, "HdrS\x0f\x02", 6);
    memcpy(run->entry.boot_params + 0x202, "HdrS\x0f\x02", 6);
    memcpy(run->entry.boot_params + 0x228, "\x00\x00\x02\x00", 4); /* as in the plan's writes */
    memcpy(run->entry.boot_params + 0x224, "\x34\x12", 2);         /* heap_end_ptr: neither file nor loader */
    memcpy(run->entry.boot_params + 0x002, "\x00\xfc", 2);
    run->pm_entry = run->entry;
    run->pm_entry.boot_params[0x225] = 0x99;
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_in(page, "<tr><td>0x002<th scope=\"row\">ext_mem_k<td>0xfc00<td>the boot code<td>");
    expect_in(page, "<tr><td>0x206<th scope=\"row\">version<td>0x20f<td>the image<td>");
    expect_in(page, "<tr><td>0x228<th scope=\"row\">cmd_line_ptr<td>0x20000<td>the loader<td>");
    expect_in(page, "<tr class=\"changed\"><td>0x224<th scope=\"row\">heap_end_ptr ");
    expect_in(page, "<td>0x1234<td>the decompressor<td>");
    free(page);
}

static void distances_are_told(void **state)
{
    struct bzc_error err = {0};
    struct sample sample;
    char *page;

    (void)state;
    sample_ways(&sample);
    sample.verification.facts.image.image.init_size = 0x800000;
    assert_int_equal(bzc_memory_map_default(32u << 20, &sample.run[0].map, &err), BZC_OK);
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    /* From 0x20008 to 0x100000 there are 0xdfff8 bytes. */
    expect_in(page, "<tr><td>0x20000<td>0x20008<td>8 bytes<td>command line<td>895.9 KiB\n");
    expect_in(page, "<dd>0x1000000 to 0x1800000, 8.0 MiB (init_size)</dd>");
    expect_in(page, "<dd>8.0 MiB (RAM ends at 0x2000000)</dd>");
    expect_in(page, "<dd>from 0x100000 to base 0x1000000</dd>");
    free(page);
}

/* Run 0 ends well, though a rule cannot be decided; run 1 was not started. */
static void what_was_not_started_is_unknown(void **state)
{
    struct sample sample;
    char *page;

    (void)state;
    sample_pass(&sample);
    bzc_error_set(&sample.run[1].plan_error, BZC_ERR_UNSUPPORTED, "there is no room");
    sample.run[1].compared = sample.run[1].entry.reached = false;
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_in(page,
              "<details class=\"run\"><summary><span class=\"dot pass\" aria-hidden=\"true\">\xe2\x9c\x93</span>");
    expect_in(page, "<details class=\"run\" open><summary><span class=\"dot unknown\" aria-hidden=\"true\">?</span>");
    expect_in(page, "<span class=\"faint\">unknown: not started</span></summary>");
    expect_in(page, "<li class=\"end doubt\"><b>not started</b>");
    expect_in(page, "<li class=\"end good\"><b>kernel reached</b>");
    free(page);
    sample_finding(&sample, &sample_note_rule, 0, BZC_OUTCOME_UNKNOWN, "nobody knows");
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_not_in(page, "<span class=\"dot pass\"");
    expect_in(page, "<li class=\"unknown\"><b>1</b> check unknown</li>");
    expect_in(page, "<li class=\"end good\"><b>kernel reached</b>");
    free(page);
    sample_finding(&sample, &sample_note_rule, 1, BZC_OUTCOME_FAIL, "it is wrong")->severity = BZC_SEVERITY_ERROR;
    page = page_of((const struct bzc_report_entry *const[]){&sample.entry}, 1);
    expect_in(page, "<details class=\"run\" open><summary><span class=\"dot error\" aria-hidden=\"true\">!</span>");
    free(page);
}

static void several_images_have_an_overview(void **state)
{
    struct sample pass, fail;
    char *page, *again;

    (void)state;
    sample_pass(&pass);
    sample_fail(&fail);
    page = page_of((const struct bzc_report_entry *const[]){&pass.entry, &fail.entry}, 2);
    expect_in(page, "<h2>2 images</h2>");
    expect_in(page, "<span class=\"chip pass\">PASS</span> <a href=\"#i0\"><bdi>boot/vmlinuz</bdi></a>");
    expect_in(page, "<span class=\"chip fail\">FAIL</span> <a href=\"#i1\"><bdi>boot/broken</bdi></a>");
    again = page_of((const struct bzc_report_entry *const[]){&pass.entry, &fail.entry}, 2);
    assert_string_equal(page, again);
    free(again);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(what_nobody_should_see_is_replaced),
        cmocka_unit_test(long_formats_are_cut),
        cmocka_unit_test(hashes_are_those_of_openssl),
        cmocka_unit_test(pages_become_html),
        cmocka_unit_test(a_hostile_image_writes_no_markup),
        cmocka_unit_test(an_unknown_image_says_what_it_is_not),
        cmocka_unit_test(what_was_not_recorded_is_said),
        cmocka_unit_test(an_image_that_was_not_verified_has_its_reason),
        cmocka_unit_test(pictures_are_drawn),
        cmocka_unit_test(boot_params_say_who_wrote_them),
        cmocka_unit_test(distances_are_told),
        cmocka_unit_test(what_was_not_started_is_unknown),
        cmocka_unit_test(several_images_have_an_overview),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
