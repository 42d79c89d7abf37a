/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report formats for CI servers, from verifications made by hand; whole documents are expected by hand, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format.h"
#include "report/utf8.h"
#include "report_samples.h"

/* What the format writes about these entries. */
static char *document(const char *name, const struct bzc_format_options *options,
                      const struct bzc_report_entry *const entry[], size_t count)
{
    const struct bzc_report_format *format = bzc_report_format_find(name);
    struct bzc_error err = {0};
    void *report = NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_non_null(format);
    assert_int_equal(format->open(options, out, &report, &err), BZC_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(format->add(report, entry[i], &err), BZC_OK);
    assert_int_equal(format->close(report, &err), BZC_OK);
    format->free(report);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static char *document_of(const char *name, const struct bzc_report_entry *entry)
{
    const struct bzc_report_entry *const entries[] = {entry};

    return document(name, &(struct bzc_format_options){0}, entries, 1);
}

static void expect_part(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("there is no\n%s\nin\n%s", part, text);
}

static void expect_no_part(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("there is\n%s\nin\n%s", part, text);
}

/* One run; an error in it, a warning that does not count, a skipped and a passed check of the file. */
static void sample_small(struct sample *sample, const char *path)
{
    struct bzc_finding *finding;

    sample_init(sample, path, 1);
    sample_reach(sample, 0, 0x1000000, 0);
    sample_finding(sample, &sample_image_rule, -1, BZC_OUTCOME_PASS, "");
    sample_finding(sample, &sample_note_rule, -1, BZC_OUTCOME_SKIP, "not asked");
    finding = sample_finding(sample, &sample_entry_rule, 0, BZC_OUTCOME_FAIL, "RSI is wrong");
    sample_details(finding, "rsi", "0x14000", "0xbad");
    sample_finding(sample, &sample_warning_rule, 0, BZC_OUTCOME_FAIL, "a write");
    sample->verification.fail_on = BZC_SEVERITY_ERROR;
    sample->verification.verdict = BZC_VERDICT_FAIL;
}

/* Everything that some format takes for its own. */
#define HOSTILE "a&<b>\"']]>%0A,:|`#\\{x}@y*_[z](u)\033[1m\xff\n::error::"

static void sample_hostile(struct sample *sample)
{
    sample_small(sample, HOSTILE);
    snprintf(sample->finding[2].message, BZC_FINDING_TEXT, "%s", HOSTILE);
    sample_details(&sample->finding[2], HOSTILE, HOSTILE, HOSTILE);
}

static const struct bzc_report_entry unreadable = {
    .path = "gone", .command = "verify", .error = {.status = BZC_ERR_IO, .message = "gone: no such file"}};

/* ---- words ---- */

static void test_printable(void **state)
{
    char *text = bzc_utf8_printable("a\tb\nc\x7f\xc2\x85\xff\xef\xbf\xbe\xc3\xa4", false);

    (void)state;
    assert_string_equal(text, "a?b?c??\xef\xbf\xbd?\xc3\xa4");
    free(text);
    text = bzc_utf8_printable("a\r\nb", true);
    assert_string_equal(text, "a?\nb");
    free(text);
}

static void test_words(void **state)
{
    static struct sample sample;
    char *words;

    (void)state;
    sample_fail(&sample);
    /* findings: image, memory in the runs 0 to 2, entry in 0 and 1, note in 2 */
    words = bzc_finding_words(&sample.verification, 1, BZC_RUNS_OF_GROUP);
    assert_string_equal(words, "something is outside\nin: every run\nwhere: 0x9f000\nsource: boot.rst, Memory Layout");
    free(words);
    words = bzc_finding_words(&sample.verification, 5, BZC_RUNS_OF_GROUP);
    assert_string_equal(words, "RSI is not what it must be\nin: bios at 0x200000, nokaslr\nwhere: rsi\n"
                               "expected: 0x14000\nactual: 0xbad\nsource: boot.rst, 64-bit BOOT PROTOCOL");
    free(words);
    words = bzc_finding_words(&sample.verification, 0, BZC_RUNS_OF_GROUP);
    assert_string_equal(words, "the header is as it must be");
    free(words);
    assert_true(bzc_finding_is_first(&sample.verification.findings, 1));
    assert_false(bzc_finding_is_first(&sample.verification.findings, 2));
    sample.finding[2].known = true;
    assert_true(bzc_finding_is_first(&sample.verification.findings, 2));
}

static void test_what_fails(void **state)
{
    static struct sample sample;
    struct bzc_finding *error = &sample.finding[2], *warning = &sample.finding[3];

    (void)state;
    sample_small(&sample, "x");
    assert_true(bzc_finding_fails(&sample.verification, error));
    assert_false(bzc_finding_fails(&sample.verification, warning));
    assert_false(bzc_finding_fails(&sample.verification, &sample.finding[0]));
    sample.verification.fail_on = BZC_SEVERITY_WARNING;
    assert_true(bzc_finding_fails(&sample.verification, warning));
    error->known = true;
    assert_false(bzc_finding_fails(&sample.verification, error));
    /* Of what is not Linux nobody can say that it fails. */
    sample.verification.verdict = BZC_VERDICT_UNKNOWN;
    assert_false(bzc_finding_fails(&sample.verification, warning));
}

/* ---- the list ---- */

static void test_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < bzc_report_format_count; i++) {
        assert_ptr_equal(bzc_report_format_find(bzc_report_formats[i]->name), bzc_report_formats[i]);
        if (i > 0)
            assert_true(strcmp(bzc_report_formats[i - 1]->name, bzc_report_formats[i]->name) < 0);
        bzc_report_formats[i]->free(NULL);
    }
    assert_null(bzc_report_format_find("xml"));
}

/* A stream that takes nothing gives BZC_ERR_IO at the latest when the document is closed. */
static void test_full(void **state)
{
    static const char *const names[] = {"github", "junit", "ktap", "markdown", "sarif", "tap"};
    static struct sample sample;

    (void)state;
    sample_small(&sample, "x");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct bzc_report_format *format = bzc_report_format_find(names[i]);
        const struct bzc_format_options options = {0};
        struct bzc_error err = {0};
        void *report = NULL;
        FILE *out = fopen("/dev/full", "w");

        assert_non_null(out);
        assert_int_equal(format->open(&options, out, &report, &err), BZC_OK);
        assert_int_equal(format->add(report, &sample.entry, &err), BZC_OK);
        assert_int_equal(format->close(report, &err), BZC_ERR_IO);
        format->free(report);
        fclose(out);
    }
}

/* ---- JUnit ---- */

static void test_junit(void **state)
{
    static struct sample sample;
    const struct bzc_report_entry *const entry[] = {&sample.entry, &unreadable};
    char *text;

    (void)state;
    sample_small(&sample, "boot/vmlinuz");
    text = document("junit", &(struct bzc_format_options){0}, entry, 2);
    assert_string_equal(
        text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<testsuites name=\"bzcheck\">\n"
              "  <testsuite name=\"boot/vmlinuz\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\">\n"
              "    <properties>\n"
              "      <property name=\"bzcheck.version\" value=\"" BZC_VERSION "\"/>\n"
              "      <property name=\"bzcheck.command\" value=\"verify\"/>\n"
              "      <property name=\"bzcheck.verdict\" value=\"fail\"/>\n"
              "    </properties>\n"
              "    <testcase classname=\"boot/vmlinuz\" name=\"HDR-901 sample-header\"/>\n"
              "    <testcase classname=\"boot/vmlinuz\" name=\"RUN-904 sample-note\">\n"
              "      <skipped type=\"skip\" message=\"not asked\"/>\n"
              "    </testcase>\n"
              "  </testsuite>\n"
              "  <testsuite name=\"boot/vmlinuz: bios at 0x100000, nokaslr\" tests=\"2\" failures=\"1\" errors=\"0\""
              " skipped=\"0\">\n"
              "    <properties>\n"
              "      <property name=\"bzcheck.result\" value=\"entry\"/>\n"
              "    </properties>\n"
              "    <testcase classname=\"boot/vmlinuz: bios at 0x100000, nokaslr\" name=\"ENT-902 sample-entry\">\n"
              "      <failure type=\"error\" message=\"RSI is wrong\">RSI is wrong\n"
              "where: rsi\n"
              "expected: 0x14000\n"
              "actual: 0xbad\n"
              "source: boot.rst, 64-bit BOOT PROTOCOL</failure>\n"
              "    </testcase>\n"
              "    <testcase classname=\"boot/vmlinuz: bios at 0x100000, nokaslr\" name=\"MEM-903 sample-memory\">\n"
              "      <system-out>warning: a write\n"
              "source: boot.rst, Memory Layout</system-out>\n"
              "    </testcase>\n"
              "  </testsuite>\n"
              "  <testsuite name=\"gone\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n"
              "    <testcase classname=\"gone\" name=\"verdict\">\n"
              "      <error type=\"unknown\" message=\"no such file\"/>\n"
              "    </testcase>\n"
              "  </testsuite>\n"
              "</testsuites>\n");
    free(text);
}

static void test_junit_unknown(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_unknown(&sample);
    text = document_of("junit", &sample.entry);
    expect_part(text, "<testcase classname=\"odd\xef\xbf\xbd?[31m?\" name=\"verdict\">\n"
                      "      <error type=\"unknown\" message=\"this is not a Linux kernel\"/>");
    expect_part(text, "tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"0\">");
    expect_part(text, "<error type=\"unknown\" message=\"nobody looked\"/>");
    free(text);
}

static void test_junit_hostile(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_hostile(&sample);
    text = document_of("junit", &sample.entry);
    expect_part(text,
                "  <testsuite name=\"a&amp;&lt;b&gt;&quot;']]&gt;%0A,:|`#\\{x}@y*_[z](u)?[1m\xef\xbf\xbd?::error::\"");
    expect_part(text, "\nwhere: a&amp;&lt;b&gt;&quot;']]&gt;%0A,:|`#\\{x}@y*_[z](u)?[1m\xef\xbf\xbd\n::error::\n");
    free(text);
}

/* ---- KTAP and TAP ---- */

static void test_ktap(void **state)
{
    static struct sample sample;
    const struct bzc_report_entry *const entry[] = {&sample.entry, &unreadable};
    char *text;

    (void)state;
    sample_small(&sample, "boot/#1");
    sample_finding(&sample, &sample_note_rule, 0, BZC_OUTCOME_UNKNOWN, "no evidence # none");
    text = document("ktap", &(struct bzc_format_options){0}, entry, 2);
    assert_string_equal(text, "KTAP version 1\n"
                              "1..2\n"
                              "  KTAP version 1\n"
                              "  1..2\n"
                              "    KTAP version 1\n"
                              "    1..2\n"
                              "    ok 1 HDR-901 sample-header\n"
                              "    ok 2 RUN-904 sample-note # SKIP not asked\n"
                              "  ok 1 file\n"
                              "    KTAP version 1\n"
                              "    1..3\n"
                              "    # ENT-902 error: RSI is wrong\n"
                              "    # ENT-902 error: where: rsi\n"
                              "    # ENT-902 error: expected: 0x14000\n"
                              "    # ENT-902 error: actual: 0xbad\n"
                              "    # ENT-902 error: source: boot.rst, 64-bit BOOT PROTOCOL\n"
                              "    not ok 1 ENT-902 sample-entry\n"
                              "    # MEM-903 warning: a write\n"
                              "    # MEM-903 warning: source: boot.rst, Memory Layout\n"
                              "    ok 2 MEM-903 sample-memory\n"
                              "    not ok 3 RUN-904 sample-note # ERROR no evidence # none\n"
                              "  not ok 2 bios at 0x100000, nokaslr\n"
                              "not ok 1 boot/?1\n"
                              "not ok 2 gone # ERROR no such file\n");
    free(text);
}

static void test_tap(void **state)
{
    static struct sample sample;
    const struct bzc_report_entry *const entry[] = {&sample.entry, &unreadable};
    char *text;

    (void)state;
    sample_small(&sample, "boot/#1\\");
    sample_details(&sample.finding[2], "a \"b\" \\", "", "");
    text = document("tap", &(struct bzc_format_options){0}, entry, 2);
    assert_string_equal(text, "TAP version 14\n"
                              "1..2\n"
                              "# Subtest: boot/\\#1\\\\\n"
                              "    1..2\n"
                              "    # Subtest: file\n"
                              "        1..2\n"
                              "        ok 1 - HDR-901 sample-header\n"
                              "        ok 2 - RUN-904 sample-note # SKIP not asked\n"
                              "    ok 1 - file\n"
                              "    # Subtest: bios at 0x100000, nokaslr\n"
                              "        1..2\n"
                              "        not ok 1 - ENT-902 sample-entry\n"
                              "          ---\n"
                              "          message: \"RSI is wrong\"\n"
                              "          severity: \"error\"\n"
                              "          where: \"a \\\"b\\\" \\\\\"\n"
                              "          source: \"boot.rst, 64-bit BOOT PROTOCOL\"\n"
                              "          ...\n"
                              "        ok 2 - MEM-903 sample-memory\n"
                              "          ---\n"
                              "          message: \"a write\"\n"
                              "          severity: \"warning\"\n"
                              "          source: \"boot.rst, Memory Layout\"\n"
                              "          ...\n"
                              "    not ok 2 - bios at 0x100000, nokaslr\n"
                              "not ok 1 - boot/\\#1\\\\\n"
                              "not ok 2 - gone\n"
                              "  ---\n"
                              "  message: \"no such file\"\n"
                              "  severity: \"unknown\"\n"
                              "  ...\n");
    free(text);
}

/* A run that nothing is asked about has no plan of none. */
static void test_empty_suite(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_init(&sample, "x", 1);
    sample_finding(&sample, &sample_image_rule, -1, BZC_OUTCOME_PASS, "");
    text = document_of("ktap", &sample.entry);
    expect_part(text, "  ok 2 bios at 0x100000, nokaslr # SKIP no check was asked\nok 1 x\n");
    free(text);
    text = document_of("tap", &sample.entry);
    expect_part(text, "    ok 2 - bios at 0x100000, nokaslr # SKIP no check was asked\nok 1 - x\n");
    free(text);
}

/* ---- GitHub ---- */

static void test_github(void **state)
{
    static struct sample sample;
    const struct bzc_report_entry *const entry[] = {&sample.entry, &unreadable};
    char *text;

    (void)state;
    sample_fail(&sample);
    snprintf(sample.finding[1].message, BZC_FINDING_TEXT, "100 %%\n50 %%: x, y");
    text = document("github", &(struct bzc_format_options){0}, entry, 2);
    assert_string_equal(text, "::error file=boot/broken,title=ENT-902 sample-entry::RSI is not what it must be"
                              "%0Ain: bios at 0x200000, nokaslr%0Awhere: rsi%0Aexpected: 0x14000%0Aactual: 0xbad"
                              "%0Asource: boot.rst, 64-bit BOOT PROTOCOL\n"
                              "::warning file=boot/broken,title=MEM-903 sample-memory::100 %25%0A50 %25: x, y"
                              "%0Ain: bios at 0x100000, nokaslr%0Awhere: 0x9f000%0Asource: boot.rst, Memory Layout\n"
                              "::warning file=boot/broken,title=MEM-903 sample-memory::something is outside"
                              "%0Ain: bios at 0x200000, nokaslr; bios at 0x300000, nokaslr%0Awhere: 0x9f000"
                              "%0Asource: boot.rst, Memory Layout\n"
                              "::error file=gone,title=bzcheck could not tell::no such file\n");
    free(text);
    sample.finding[5].known = true;
    text = document_of("github", &sample.entry);
    expect_part(text, "\n::notice file=boot/broken,title=ENT-902 sample-entry::RSI is not what it must be%0Ain: ");
    expect_part(text, "%0Aknown: it is in the baseline\n");
    free(text);
    sample_pass(&sample);
    text = document_of("github", &sample.entry);
    assert_string_equal(text, "");
    free(text);
}

static void test_github_hostile(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_hostile(&sample);
    text = document_of("github", &sample.entry);
    expect_part(text,
                "::error file=a&<b>\"']]>%250A%2C%3A|`#\\{x}@y*_[z](u)?[1m\xef\xbf\xbd%0A%3A%3Aerror%3A%3A,title=");
    expect_part(text,
                "title=ENT-902 sample-entry::a&<b>\"']]>%250A,:|`#\\{x}@y*_[z](u)?[1m\xef\xbf\xbd%0A::error::%0A");
    expect_no_part(text, "\n::error::");
    free(text);
}

/* ---- Markdown ---- */

static void test_markdown(void **state)
{
    static struct sample sample;
    const struct bzc_report_entry *const entry[] = {&sample.entry, &unreadable};
    char *text;

    (void)state;
    sample_small(&sample, "boot/vmlinuz");
    snprintf(sample.run[0].stop.detail, sizeof(sample.run[0].stop.detail), "what the end of a good run was like");
    text = document("markdown", &(struct bzc_format_options){0}, entry, 2);
    assert_string_equal(
        text, "## bzcheck\n\n"
              "**FAIL** <code>boot/vmlinuz</code> (1 error, 1 warning, 1 run, 1 check passed)\n\n"
              "| severity | rule | finding | where | expected | actual |\n"
              "|---|---|---|---|---|---|\n"
              "| error | ENT-902 sample-entry | RSI is wrong | <code>rsi</code> | <code>0x14000</code> |"
              " <code>0xbad</code> |\n"
              "| warning | MEM-903 sample-memory | a write |  |  |  |\n\n"
              "<details><summary>1 run</summary>\n\n"
              "| run | result | stages | kernel at |\n"
              "|---|---|---|---|\n"
              "| bios at 0x100000, nokaslr | entry | setup 0x10200 real<br>decompressor 0x100000 protected-32<br>"
              "decompressor, relocated 0x3f8a000 long<br>kernel 0x1200040 long | 0x1000000 |\n\n"
              "</details>\n\n"
              "**UNKNOWN** <code>gone</code>: no such file\n\n");
    free(text);
}

static void test_markdown_ways(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_ways(&sample);
    text = document_of("markdown", &sample.entry);
    expect_part(text,
                "<details><summary>3 load addresses probed</summary>\n\n"
                "| scenario and purpose | requested | alignment | aligned | final | result |\n"
                "|---|---|---|---|---|---|\n"
                "| entry32: aligned up | 0x1210000 | 0x200000 | 0x1400000 | 0x1400000 | entry |\n"
                "| entry32: kept | 0x1210000 | 0x10000 | 0x1210000 | 0x1210000 | entry |\n"
                "| entry32: too high | 0x38000000 | 0x200000 | 0x38000000 | - | Destination address too large |\n");
    free(text);
    sample_fail(&sample);
    text = document_of("markdown", &sample.entry);
    expect_part(text, "| bios at 0x100000, nokaslr | halt<br>HLT while interrupts are disabled | ");
    expect_part(text, "| bios at 0x300000, nokaslr | not-started<br>the initrd does not fit |  | - |\n");
    free(text);
}

static void test_markdown_hostile(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_hostile(&sample);
    text = document_of("markdown", &sample.entry);
    expect_part(text, "**FAIL** <code>a&#38;&#60;b&#62;&#34;&#39;&#93;&#93;&#62;%0A,:&#124;&#96;&#35;&#92;&#123;x&#125;"
                      "&#64;y&#42;&#95;&#91;z&#93;(u)?&#91;1m\xef\xbf\xbd<br>::error::</code> (");
    expect_part(text, "&#125;&#64;&#8203;y");
    expect_no_part(text, "<b>");
    expect_no_part(text, "`");
    free(text);
}

/* ---- SARIF ---- */

static void test_sarif(void **state)
{
    static struct sample sample;
    const struct bzc_report_entry *const entry[] = {&sample.entry, &unreadable};
    char *text;

    (void)state;
    sample_fail(&sample);
    sample.verification.fail_on = BZC_SEVERITY_ERROR;
    sample.finding[5].known = true;
    snprintf(sample.finding[3].message, BZC_FINDING_TEXT, "something else is outside");
    sample_details(&sample.finding[5], "rsi (offset 0x1fe)", "0x14000", "0xbad"); /* no offset in the file */
    text = document("sarif", &(struct bzc_format_options){0}, entry, 2);
    expect_part(text, "{\n  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n      \"tool\": {\n        \"driver\": {\n"
                      "          \"name\": \"bzcheck\",\n          \"version\": \"" BZC_VERSION "\",\n");
    expect_part(text,
                "\"exitCode\": 3,\n          \"exitCodeDescription\": \"could not tell\",\n"
                "          \"toolExecutionNotifications\": [\n            {\n              \"level\": \"error\",\n"
                "              \"message\": {\n                \"text\": \"no such file\"");
    expect_part(text, "\"executionSuccessful\": false");
    expect_part(text, "\"uri\": \"boot/broken\"\n          },\n          \"roles\": [\n            \"analysisTarget\"\n"
                      "          ],\n          \"length\": 2097152,\n          \"hashes\": {\n"
                      "            \"sha-256\": \"" SHA_FILE "\"");
    /* The same warning of two runs is one result, another of the same rule the second; what is unknown is open. */
    expect_part(text, "\"ruleId\": \"MEM-903\",\n          \"ruleIndex\": 0,\n          \"kind\": \"fail\",\n"
                      "          \"level\": \"warning\"");
    expect_part(text, "\"bzcheckRuleAndRun/v1\": \"MEM-903 bios at 0x100000, nokaslr\"\n          },\n"
                      "          \"occurrenceCount\": 2,");
    expect_part(text, "        },\n        {\n          \"ruleId\": \"MEM-903\",\n          \"ruleIndex\": 0,\n");
    expect_part(text, "\"bzcheckRuleAndRun/v1\": \"MEM-903 bios at 0x300000, nokaslr\"\n          },\n"
                      "          \"occurrenceCount\": 1,");
    expect_part(text, "\"suppressions\": [\n            {\n              \"kind\": \"external\",\n"
                      "              \"status\": \"accepted\"");
    expect_part(text, "\"ruleId\": \"RUN-904\",\n          \"ruleIndex\": 2,\n          \"kind\": \"open\",\n"
                      "          \"level\": \"none\"");
    expect_no_part(text, "HDR-901");
    expect_no_part(text, "byteOffset");
    free(text);
    text = document("sarif", &(struct bzc_format_options){.verbose = true}, entry, 1);
    expect_part(text, "\"ruleId\": \"HDR-901\",\n          \"ruleIndex\": 0,\n          \"kind\": \"pass\"");
    expect_part(text, "\"exitCode\": 1,\n          \"exitCodeDescription\": \"findings\"");
    free(text);
}

static void test_sarif_hostile(void **state)
{
    static struct sample sample;
    char *text;

    (void)state;
    sample_hostile(&sample);
    sample_finding(&sample, &sample_image_rule, -1, BZC_OUTCOME_FAIL, "bad");
    sample_details(&sample.finding[4], "boot_flag (offset 0x1fe)", "", "");
    text = document_of("sarif", &sample.entry);
    expect_part(text, "\"uri\": \"a%26%3Cb%3E%22%27%5D%5D%3E%250A%2C%3A%7C%60%23%5C%7Bx%7D%40y%2A_%5Bz%5D%28u%29"
                      "%1B%5B1m%FF%0A%3A%3Aerror%3A%3A\"");
    expect_part(text, "\"text\": \"a&<b>\\\"']]>%0A,:|`#\\\\{{x}}@y*_[z](u)?[1m\xef\xbf\xbd\\n::error::\\nwhere: a&");
    expect_part(text, "\"byteOffset\": 510\n");
    free(text);
    sample.entry.path = "/boot/vmlinuz";
    text = document_of("sarif", &sample.entry);
    expect_part(text, "\"uri\": \"file:///boot/vmlinuz\"");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printable),      cmocka_unit_test(test_words),
        cmocka_unit_test(test_what_fails),     cmocka_unit_test(test_list),
        cmocka_unit_test(test_full),           cmocka_unit_test(test_junit),
        cmocka_unit_test(test_junit_unknown),  cmocka_unit_test(test_junit_hostile),
        cmocka_unit_test(test_ktap),           cmocka_unit_test(test_tap),
        cmocka_unit_test(test_empty_suite),    cmocka_unit_test(test_github),
        cmocka_unit_test(test_github_hostile), cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_markdown_ways),  cmocka_unit_test(test_markdown_hostile),
        cmocka_unit_test(test_sarif),          cmocka_unit_test(test_sarif_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
