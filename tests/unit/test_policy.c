/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What options and profiles make of the rules: severity, on or off, and what fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "verify/catalogue.h"
#include "verify/policy.h"

static struct bzc_policy policy;

static enum bzc_status read_text(const char *text, struct bzc_error *err)
{
    return bzc_policy_read(&policy, (struct bzc_bytes){(const uint8_t *)text, strlen(text)}, err);
}

/* "off", or the severity that counts for the rule. */
static const char *what_of(const char *id)
{
    const struct bzc_rule *rule = bzc_rule_find(id);
    enum bzc_severity severity;

    assert_non_null(rule);
    return bzc_policy_severity(&policy, rule, &severity) ? bzc_severity_name(severity) : "off";
}

static void expect(const char *id, const char *word)
{
    if (strcmp(what_of(id), word) != 0)
        fail_msg("%s is %s, expected %s", id, what_of(id), word);
}

static void set(const char *rule, const char *word)
{
    assert_int_equal(bzc_policy_set(&policy, rule, word, NULL), BZC_OK);
}

static void expect_error(enum bzc_status status, const struct bzc_error *err, const char *message)
{
    assert_int_equal(status, BZC_ERR_FORMAT);
    assert_int_equal(err->status, BZC_ERR_FORMAT);
    assert_string_equal(err->message, message);
}

static void nothing_is_changed_at_first(void **state)
{
    (void)state;
    bzc_policy_init(&policy);
    assert_int_equal(policy.fail_on, BZC_SEVERITY_ERROR);
    for (size_t i = 0; i < bzc_rule_count(); i++)
        expect(bzc_rule_at(i)->id, bzc_severity_name(bzc_rule_at(i)->severity));
}

static void a_rule_gets_a_severity_by_id_or_name(void **state)
{
    (void)state;
    bzc_policy_init(&policy);
    set("HDR-001", "note");
    set("pay-002", "warning");
    set("payload-size-word", "warn");
    set("ENT-004", "off");
    expect("HDR-001", "note");
    expect("PAY-002", "warning");
    expect("PAY-003", "warning");
    expect("ENT-004", "off");
    expect("PAY-001", "error");
    set("HDR-001", "error");
    expect("HDR-001", "error");
}

static void the_last_word_counts(void **state)
{
    (void)state;
    bzc_policy_init(&policy);
    for (int round = 0; round < BZC_POLICY_MAX; round++) {
        set("HDR-001", "off");
        set("image-complete", "warning");
    }
    expect("HDR-001", "warning");
    set("HDR-001", "off");
    expect("HDR-001", "off");
    assert_int_equal(policy.count, 1);
}

static void wrong_words_are_named(void **state)
{
    struct bzc_error err = {0};

    (void)state;
    bzc_policy_init(&policy);
    expect_error(bzc_policy_set(&policy, "HDR-999", "error", &err), &err,
                 "there is no rule 'HDR-999'; 'bzcheck rules' lists them");
    expect_error(bzc_policy_set(&policy, "", "off", &err), &err, "there is no rule ''; 'bzcheck rules' lists them");
    expect_error(bzc_policy_set(&policy, "HDR-001", "fatal", &err), &err,
                 "'fatal' is none of error, warning, note, off");
    expect_error(bzc_policy_set(&policy, "HDR-001", "", &err), &err, "'' is none of error, warning, note, off");
    expect("HDR-001", "error");
    assert_int_equal(policy.count, 0);
    policy = (struct bzc_policy){.count = BZC_POLICY_MAX};
    assert_int_equal(bzc_policy_set(&policy, "HDR-001", "off", &err), BZC_ERR_LIMIT);
}

static void a_profile_is_read(void **state)
{
    (void)state;
    bzc_policy_init(&policy);
    assert_int_equal(read_text("", NULL), BZC_OK);
    assert_int_equal(read_text("# bzcheck profile\n"
                               "\n"
                               "  error\tHDR-001   # the worst\r\n"
                               "warning PAY-002#why not\n"
                               "warn PAY-003\n"
                               "note payload-complete\n"
                               "off REL-001\n"
                               "fail-on note\n"
                               "off HDR-001",
                               NULL),
                     BZC_OK);
    expect("HDR-001", "off");
    expect("PAY-001", "note");
    expect("PAY-002", "warning");
    expect("PAY-003", "warning");
    expect("REL-001", "off");
    expect("REL-002", "error");
    assert_int_equal(policy.fail_on, BZC_SEVERITY_NOTE);
    assert_int_equal(read_text("fail-on warning\n", NULL), BZC_OK);
    assert_int_equal(policy.fail_on, BZC_SEVERITY_WARNING);
}

static void wrong_lines_are_named_by_number(void **state)
{
    static const char two_words[] = "a line has two words, 'error RULE', 'fail-on SEVERITY' or 'breaking KIND'";
    static const struct {
        const char *text, *line, *message;
    } cases[] = {
        {"error\n", "line 1", two_words},
        {"\n# a\n\nerror HDR-001 PAY-001\n", "line 4", two_words},
        {"note HDR-001\nerror HDR-998\n", "line 2", "there is no rule 'HDR-998'; 'bzcheck rules' lists them"},
        {"worst HDR-001", "line 1",
         "'worst' is none of error, warning, note, off, fail-on, breaking, notable, expected"},
        {"off HDR-001\nfail-on off\n", "line 2", "fail-on: 'off' is none of error, warning, note"},
        {"Error HDR-001\n", "line 1",
         "'Error' is none of error, warning, note, off, fail-on, breaking, notable, expected"},
    };
    char line[400], expected[256];
    struct bzc_error err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bzc_policy_init(&policy);
        snprintf(expected, sizeof(expected), "%s: %s", cases[i].line, cases[i].message);
        expect_error(read_text(cases[i].text, &err), &err, expected);
    }
    /* What is no text: a NUL, a line without end. */
    expect_error(bzc_policy_read(&policy, (struct bzc_bytes){(const uint8_t *)"\nno\0te\n", 7}, &err), &err,
                 "line 2: this is no text line of a profile");
    memset(line, ' ', sizeof(line));
    memcpy(line, "off HDR-001", 11);
    line[255] = '\0';
    bzc_policy_init(&policy);
    assert_int_equal(read_text(line, NULL), BZC_OK);
    expect("HDR-001", "off");
    line[255] = ' ';
    line[256] = '\0';
    expect_error(read_text(line, &err), &err, "line 1: this is no text line of a profile");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_changed_at_first), cmocka_unit_test(a_rule_gets_a_severity_by_id_or_name),
        cmocka_unit_test(the_last_word_counts),        cmocka_unit_test(wrong_words_are_named),
        cmocka_unit_test(a_profile_is_read),           cmocka_unit_test(wrong_lines_are_named_by_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
