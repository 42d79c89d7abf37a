/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Baselines: reading, writing, which findings are known, what is gone, hostile files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/baseline.h"
#include "verify/catalogue.h"
#include "verify/policy.h"
#include "verify/verification.h"

static struct bzc_baseline *baseline;
static struct bzc_run_facts run[3];
static struct bzc_facts facts;
static struct bzc_finding finding[8];
static struct bzc_findings findings;

static int fresh(void **state)
{
    (void)state;
    memset(run, 0, sizeof(run));
    memset(finding, 0, sizeof(finding));
    run[0].scenario = "bios";
    run[0].load_addr = 0x100000;
    run[1].scenario = "bios";
    run[1].kaslr = true;
    run[1].kaslr_seed = 7;
    run[2].scenario = "grub2";
    run[2].as_loader = true;
    snprintf(run[2].purpose, sizeof(run[2].purpose), "above 0x40000000");
    facts = (struct bzc_facts){.image.path = "some/folder/vmlinuz", .run = run, .run_count = 3};
    findings = (struct bzc_findings){.item = finding};
    return bzc_baseline_new(&baseline, NULL) == BZC_OK ? 0 : -1;
}

static int clear(void **state)
{
    (void)state;
    bzc_baseline_free(baseline);
    return 0;
}

static struct bzc_finding *add(const char *rule, int of_run, enum bzc_outcome outcome, const char *where)
{
    struct bzc_finding *added = &finding[findings.count++];

    added->rule = bzc_rule_find(rule);
    assert_non_null(added->rule);
    added->severity = BZC_SEVERITY_ERROR;
    added->run = of_run;
    added->outcome = outcome;
    snprintf(added->where, sizeof(added->where), "%s", where);
    return added;
}

static enum bzc_status read_text(const char *text, struct bzc_error *err)
{
    return bzc_baseline_read(baseline, (struct bzc_bytes){(const uint8_t *)text, strlen(text)}, err);
}

/* The text without the comment at its head. */
static void expect_text(const char *expected)
{
    char *text = bzc_baseline_text(baseline), *body = text;

    assert_non_null(text);
    while (*body == '#')
        body = strchr(body, '\n') + 1;
    assert_string_equal(body, expected);
    free(text);
}

static void update(void)
{
    assert_int_equal(bzc_baseline_update(baseline, facts.image.path, &facts, &findings, NULL), BZC_OK);
}

static void mark(const char *path)
{
    bzc_baseline_mark(baseline, path, &facts, &findings);
}

static void an_empty_baseline_knows_nothing(void **state)
{
    struct bzc_finding *failed = add("ENT-005", 0, BZC_OUTCOME_FAIL, "rsi");

    (void)state;
    failed->known = true;
    mark("vmlinuz");
    assert_false(failed->known);
    expect_text("");
}

static void failures_are_taken_over_sorted_and_without_addresses(void **state)
{
    (void)state;
    add("REL-002", 1, BZC_OUTCOME_FAIL, "64-bit slot at 0x14c03028 (base + 0x3028)");
    add("ENT-005", 2, BZC_OUTCOME_FAIL, "rsi");
    add("ENT-005", 0, BZC_OUTCOME_FAIL, "rsi");
    add("ENT-001", 0, BZC_OUTCOME_PASS, "rip");
    add("HDR-001", -1, BZC_OUTCOME_FAIL, "");
    add("ENT-002", 0, BZC_OUTCOME_SKIP, "");
    add("ENT-003", 0, BZC_OUTCOME_UNKNOWN, "");
    update();
    expect_text("\n[vmlinuz]\n"
                "ENT-005 entry-boot-params | as grub2 (above 0x#) | rsi\n"
                "ENT-005 entry-boot-params | bios | rsi\n"
                "HDR-001 image-complete | image\n"
                "REL-002 relocation-slots | bios, KASLR | 64-bit slot at 0x# (base + 0x#)\n");
}

static void what_is_known_is_that_of_image_rule_run_and_place(void **state)
{
    struct bzc_finding *same = add("ENT-005", 0, BZC_OUTCOME_FAIL, "rsi at 0x20");
    struct bzc_finding *other_rule = add("ENT-001", 0, BZC_OUTCOME_FAIL, "rsi at 0x20");
    struct bzc_finding *other_run = add("ENT-005", 1, BZC_OUTCOME_FAIL, "rsi at 0x20");
    struct bzc_finding *other_place = add("ENT-005", 0, BZC_OUTCOME_FAIL, "esi at 0x20");
    struct bzc_finding *passed = add("ENT-005", 0, BZC_OUTCOME_PASS, "rsi at 0x20");

    (void)state;
    assert_int_equal(read_text("# a comment\n\n[vmlinuz]\n  ENT-005 any-name | bios | rsi at 0x#\r\n", NULL), BZC_OK);
    mark("another/place/vmlinuz");
    assert_true(same->known);
    assert_false(other_rule->known);
    assert_false(other_run->known);
    assert_false(other_place->known);
    assert_false(passed->known);
    mark("vmlinuz-2");
    assert_false(same->known);
}

static void another_address_or_seed_is_the_same_finding(void **state)
{
    struct bzc_finding *failed = add("REL-002", 1, BZC_OUTCOME_FAIL, "slot at 0x100");

    (void)state;
    update();
    run[1].kaslr_seed = 8;
    run[1].load_addr = 0x200000;
    snprintf(failed->where, sizeof(failed->where), "slot at 0xfff0");
    mark("vmlinuz");
    assert_true(failed->known);
}

static void expect_gone(const char *const *lines, size_t count)
{
    struct bzc_baseline_gone gone;

    assert_int_equal(bzc_baseline_find_gone(baseline, facts.image.path, &facts, &findings, &gone, NULL), BZC_OK);
    assert_int_equal(gone.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(gone.line[i], lines[i]);
    bzc_baseline_gone_free(&gone);
    assert_null(gone.line);
}

static void only_what_was_asked_and_answered_is_gone(void **state)
{
    static const char *const lines[] = {"ENT-005 entry-boot-params | bios | rsi", "HDR-001 image-complete | image"};

    (void)state;
    assert_int_equal(read_text("[vmlinuz]\nENT-005 | bios | rsi\nENT-005 | entry32 | rsi\nHDR-001 | image\n"
                               "ENT-001 | bios\nENT-002 | bios\nREL-002 | bios | x\n[other]\nENT-005 | bios | rsi\n",
                               NULL),
                     BZC_OK);
    add("ENT-005", 0, BZC_OUTCOME_PASS, "rsi");  /* gone */
    add("HDR-001", -1, BZC_OUTCOME_FAIL, "end"); /* at another place: gone */
    add("ENT-001", 0, BZC_OUTCOME_SKIP, "");     /* not asked */
    add("ENT-002", 0, BZC_OUTCOME_UNKNOWN, "");  /* not answered */
    add("REL-002", 0, BZC_OUTCOME_FAIL, "x");    /* still there */
    expect_gone(lines, 2);
    update();
    expect_text("\n[other]\nENT-005 entry-boot-params | bios | rsi\n"
                "\n[vmlinuz]\nENT-001 entry-address | bios\nENT-002 entry-mode | bios\n"
                "ENT-005 entry-boot-params | entry32 | rsi\nHDR-001 image-complete | image | end\n"
                "REL-002 relocation-slots | bios | x\n");
    expect_gone(NULL, 0);
}

/* Whichever of both comes first. */
static void an_image_of_the_same_name_takes_nothing_out(void **state)
{
    (void)state;
    add("ENT-005", 0, BZC_OUTCOME_FAIL, "rsi");
    update();
    facts.image.path = "other/folder/vmlinuz";
    finding[0].outcome = BZC_OUTCOME_PASS;
    expect_gone(NULL, 0);
    update();
    expect_text("\n[vmlinuz]\nENT-005 entry-boot-params | bios | rsi\n");
}

static void what_is_written_is_read_again(void **state)
{
    char *first, *second;

    (void)state;
    facts.image.path = "dir/[odd] \xc3\xa9\n#| name ";
    add("ENT-005", 0, BZC_OUTCOME_FAIL, "a|b\\c\x01 ");
    add("HDR-001", -1, BZC_OUTCOME_FAIL, "");
    update();
    first = bzc_baseline_text(baseline);
    expect_text("\n[[odd] \\xc3\\xa9\\x0a#\\x7c name\\x20]\n"
                "ENT-005 entry-boot-params | bios | a\\x7cb\\x5cc\\x01\\x20\n"
                "HDR-001 image-complete | image\n");
    bzc_baseline_free(baseline);
    assert_int_equal(bzc_baseline_new(&baseline, NULL), BZC_OK);
    assert_int_equal(read_text(first, NULL), BZC_OK);
    second = bzc_baseline_text(baseline);
    assert_string_equal(second, first);
    mark(facts.image.path);
    assert_true(finding[0].known && finding[1].known);
    free(first);
    free(second);
}

static void expect_refusal(const char *text, const char *message)
{
    struct bzc_error err = {0};

    assert_int_equal(read_text(text, &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, message);
}

static void a_bad_line_is_named(void **state)
{
    static const char form[] = "a line is '[IMAGE]' or 'RULE | RUN | PLACE'";
    static char bytes[] = "[a]\nENT-001 | bi\0os\n";
    struct bzc_error err = {0};
    char text[256];

    (void)state;
    expect_refusal("[a]\n\nENT-999 x | bios\n", "line 3: there is no rule 'ENT-999'; 'bzcheck rules' lists them");
    expect_refusal("ENT-001 | bios\n", "line 1: a finding stands behind the '[IMAGE]' that it belongs to");
    expect_refusal("[a\n", "line 1: the name of an image stands in [ and ]");
    expect_refusal("[]\n", "line 1: the name of an image stands in [ and ]");
    for (size_t i = 0; i < 4; i++) {
        static const char *const lines[] = {"ENT-001", "ENT-001 |", "ENT-001 || x", "ENT-001 | a | b | c"};

        snprintf(text, sizeof(text), "[a]\n%s\n", lines[i]);
        snprintf(err.message, sizeof(err.message), "line 2: %s", form);
        expect_refusal(text, err.message);
    }
    assert_int_equal(bzc_baseline_read(baseline, (struct bzc_bytes){(const uint8_t *)bytes, sizeof(bytes) - 1}, &err),
                     BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 2: this is no text line of a baseline");
}

static void a_long_line_is_refused(void **state)
{
    size_t size = 5000;
    char *text = malloc(size);
    struct bzc_error err = {0};

    (void)state;
    assert_non_null(text);
    memset(text, 'a', size);
    assert_int_equal(bzc_baseline_read(baseline, (struct bzc_bytes){(const uint8_t *)text, size}, &err),
                     BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 1: this is no text line of a baseline");
    free(text);
}

/* With the rule's name the line would be longer than one that is read, and two findings one. */
static void a_long_part_is_refused(void **state)
{
    struct bzc_error err = {0};
    char text[4096];

    (void)state;
    snprintf(text, sizeof(text), "[i]\nHDR-002 | image | %01023d\n", 0);
    assert_int_equal(read_text(text, &err), BZC_OK);
    snprintf(text, sizeof(text), "[i]\nHDR-002 | image | %01024d\n", 0);
    assert_int_equal(read_text(text, &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 2: a run or a place is longer than 1023 bytes");
    snprintf(text, sizeof(text), "[i]\nHDR-002 | %01024d\n", 0);
    assert_int_equal(read_text(text, &err), BZC_ERR_FORMAT);
    snprintf(text, sizeof(text), "[%01024d]\n", 0);
    assert_int_equal(read_text(text, &err), BZC_ERR_FORMAT);
    assert_string_equal(err.message, "line 1: the name of an image is longer than 1023 bytes");
}

static void too_many_findings_are_refused(void **state)
{
    size_t size = 0, room = 64 + (BZC_BASELINE_MAX + 1) * 24ul;
    char *text = malloc(room);
    struct bzc_error err = {0};

    (void)state;
    assert_non_null(text);
    size += (size_t)snprintf(text, room, "[a]\n");
    for (unsigned i = 0; i <= BZC_BASELINE_MAX; i++)
        size += (size_t)snprintf(text + size, room - size, "ENT-001|%07u\n", i);
    assert_true(size <= BZC_BASELINE_FILE_MAX);
    assert_int_equal(bzc_baseline_read(baseline, (struct bzc_bytes){(const uint8_t *)text, size}, &err), BZC_ERR_LIMIT);
    assert_string_equal(err.message, "line 65538: more than 65536 findings");
    free(text);
}

/* ---- the verdict ---- */

static void known_findings_do_not_count(void **state)
{
    struct bzc_verification verification = {.facts = facts, .findings = findings};
    struct bzc_policy policy;

    (void)state;
    bzc_policy_init(&policy);
    add("HDR-001", -1, BZC_OUTCOME_FAIL, "end");
    add("HDR-002", -1, BZC_OUTCOME_PASS, "");
    verification.findings = findings;
    verification.facts.image.system = BZC_SYSTEM_LINUX;
    assert_int_equal(bzc_verification_judge(&verification, &policy, NULL), BZC_OK);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    policy.baseline = baseline;
    assert_int_equal(bzc_verification_judge(&verification, &policy, NULL), BZC_OK);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    assert_int_equal(read_text("[vmlinuz]\nHDR-001 | image | end\nHDR-002 | image | x\n", NULL), BZC_OK);
    assert_int_equal(bzc_verification_judge(&verification, &policy, NULL), BZC_OK);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    assert_true(finding[0].known);
    assert_int_equal(verification.gone.count, 1);
    assert_string_equal(verification.gone.line[0], "HDR-002 boot-flag | image | x");
    /* A new one beside it fails. */
    finding[1].outcome = BZC_OUTCOME_FAIL;
    assert_int_equal(bzc_verification_judge(&verification, &policy, NULL), BZC_OK);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    bzc_baseline_gone_free(&verification.gone);
}

#define BASELINE_TEST(name) cmocka_unit_test_setup_teardown(name, fresh, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BASELINE_TEST(an_empty_baseline_knows_nothing),
        BASELINE_TEST(failures_are_taken_over_sorted_and_without_addresses),
        BASELINE_TEST(what_is_known_is_that_of_image_rule_run_and_place),
        BASELINE_TEST(another_address_or_seed_is_the_same_finding),
        BASELINE_TEST(only_what_was_asked_and_answered_is_gone),
        BASELINE_TEST(an_image_of_the_same_name_takes_nothing_out),
        BASELINE_TEST(what_is_written_is_read_again),
        BASELINE_TEST(a_bad_line_is_named),
        BASELINE_TEST(a_long_line_is_refused),
        BASELINE_TEST(a_long_part_is_refused),
        BASELINE_TEST(too_many_findings_are_refused),
        BASELINE_TEST(known_findings_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
