/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libbzcheck by its public header alone. Images and the findings that they must give: tests/images/README.md. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bzcheck.h>

static struct bzcheck_image *open_image(struct bzcheck *check, const char *name)
{
    struct bzcheck_image *image;
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s.bzImage", getenv("BZC_IMAGES"), name);
    assert_int_equal(bzcheck_open_file(check, path, &image), BZCHECK_OK);
    assert_string_equal(bzcheck_image_name(image), path);
    return image;
}

/* One quick run. */
static struct bzcheck *one_run(void)
{
    struct bzcheck *check = bzcheck_new();

    assert_non_null(check);
    assert_int_equal(bzcheck_add_scenario(check, "bios"), BZCHECK_OK);
    assert_int_equal(bzcheck_add_load_addr(check, 0x100000), BZCHECK_OK);
    assert_int_equal(bzcheck_add_kaslr_seed(check, 1), BZCHECK_OK);
    return check;
}

/* The index of the first finding about the rule that failed, or the number of findings. */
static size_t find_failed(const struct bzcheck_result *result, const char *rule, struct bzcheck_finding *finding)
{
    size_t i;

    for (i = 0; i < bzcheck_result_finding_count(result); i++) {
        assert_int_equal(bzcheck_result_finding(result, i, finding, sizeof(*finding)), BZCHECK_OK);
        if (finding->outcome == BZCHECK_FAILED && strcmp(finding->rule, rule) == 0)
            break;
    }
    return i;
}

static void test_settings_refuse_nonsense(void **state)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_image *image = (struct bzcheck_image *)&state;

    assert_string_equal(bzcheck_error(check), "");
    assert_int_equal(bzcheck_add_scenario(check, "no-such"), BZCHECK_ERR_ARGUMENT);
    assert_non_null(strstr(bzcheck_error(check), "no-such"));
    assert_int_equal(bzcheck_add_scenario(check, NULL), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_add_load_addr(check, 0), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_add_load_addr(check, 1ull << 52), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_add_kaslr_seed(check, 1ull << 63), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_cmdline(check, NULL), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_memory(check, 1 << 20), BZCHECK_ERR_LIMIT);
    assert_int_equal(bzcheck_set_cpu(check, "8086"), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_jobs(check, 0), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_jobs(check, 1025), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_fail_on(check, BZCHECK_OFF), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_severity(check, "XXX-001", BZCHECK_NOTE), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_set_severity(check, "HDR-001", (enum bzcheck_severity)4), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_open_file(check, "/nonexistent/image", &image), BZCHECK_ERR_IO);
    assert_null(image);
    assert_non_null(strstr(bzcheck_error(check), "/nonexistent/image"));
    assert_int_equal(bzcheck_open_memory(check, "x", NULL, 1, &image), BZCHECK_ERR_ARGUMENT);
    for (int i = 0; i < 32; i++)
        assert_int_equal(bzcheck_add_scenario(check, "bios"), BZCHECK_OK);
    assert_int_equal(bzcheck_add_scenario(check, "bios"), BZCHECK_ERR_LIMIT);
    /* What went well has no error. */
    assert_int_equal(bzcheck_set_jobs(check, 1024), BZCHECK_OK);
    assert_string_equal(bzcheck_error(check), "");
    bzcheck_free(check);
}

static void test_settings_that_exclude_each_other(void **state)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_image *image = open_image(check, "good64");
    struct bzcheck_result *result = (struct bzcheck_result *)state;

    bzcheck_add_scenario(check, "payload-elf");
    bzcheck_add_load_addr(check, 0x1000000);
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_ERR_ARGUMENT);
    assert_null(result);
    bzcheck_free(check);
    check = one_run();
    bzcheck_set_cmdline(check, "quiet nokaslr");
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_ERR_ARGUMENT);
    assert_non_null(strstr(bzcheck_error(check), "nokaslr"));
    bzcheck_image_close(image);
    bzcheck_free(check);
}

static void test_no_image(void **state)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_result *result = (struct bzcheck_result *)state;
    struct bzcheck_image *image, *kernel = (struct bzcheck_image *)state;

    assert_int_equal(bzcheck_open_memory(check, "garbage", "garbage", 7, &image), BZCHECK_OK);
    assert_int_equal(bzcheck_lint(check, image, &result), BZCHECK_ERR_FORMAT);
    assert_null(result);
    assert_string_not_equal(bzcheck_error(check), "");
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_ERR_FORMAT);
    assert_int_equal(bzcheck_open_kernel(check, image, &kernel), BZCHECK_ERR_FORMAT);
    assert_null(kernel);
    bzcheck_image_close(image);
    assert_int_equal(bzcheck_open_memory(check, "nothing", NULL, 0, &image), BZCHECK_OK);
    assert_int_equal(bzcheck_lint(check, image, &result), BZCHECK_ERR_FORMAT);
    bzcheck_image_close(image);
    bzcheck_image_close(NULL);
    bzcheck_result_free(NULL);
    bzcheck_free(check);
    bzcheck_free(NULL);
}

/* good64's kernel is linked to 16 MiB and entered 0x100 behind that: tests/images/kernel. */
static void test_verify_good_image(void **state)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_image *image = open_image(check, "good64");
    struct bzcheck_result *result;
    struct bzcheck_run run;

    (void)state;
    bzcheck_add_scenario(check, "bios");
    bzcheck_add_load_addr(check, 0x100000);
    bzcheck_set_cmdline(check, "quiet");
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_OK);
    /* The result needs neither of them any more. */
    bzcheck_image_close(image);
    bzcheck_free(check);
    assert_int_equal(bzcheck_result_verdict(result), BZCHECK_PASS);
    assert_string_equal(bzcheck_result_reason(result), "");
    assert_int_equal(bzcheck_result_run_count(result), 1);
    assert_int_equal(bzcheck_result_run(result, 0, &run, sizeof(run)), BZCHECK_OK);
    assert_string_equal(run.scenario, "bios");
    assert_string_equal(run.result, "entry");
    assert_int_equal(run.load_addr, 0x100000);
    assert_int_equal(run.kaslr, 0);
    assert_int_equal(run.entered, 1);
    assert_int_equal(run.entry_phys, 0x1000100);
    assert_int_equal(run.compared, 1);
    assert_int_equal(run.base, 0x1000000);
    assert_int_equal(run.virt_delta, 0);
    assert_int_equal(bzcheck_result_run(result, 1, &run, sizeof(run)), BZCHECK_ERR_ARGUMENT);
    bzcheck_result_free(result);
}

static void test_verify_broken_image(void **state)
{
    struct bzcheck *check = one_run();
    struct bzcheck_image *image = open_image(check, "bad-reloc-skip");
    struct bzcheck_result *result;
    struct bzcheck_finding finding;
    size_t count, index;

    (void)state;
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_OK);
    assert_int_equal(bzcheck_result_verdict(result), BZCHECK_FAIL);
    count = bzcheck_result_finding_count(result);
    index = find_failed(result, "REL-002", &finding);
    assert_true(index < count);
    assert_string_equal(finding.name, "relocation-slots");
    assert_int_equal(finding.severity, BZCHECK_ERROR);
    assert_int_equal(finding.run, 0);
    assert_non_null(strstr(finding.actual, "not relocated"));
    assert_string_not_equal(finding.message, "");
    assert_string_not_equal(finding.where, "");
    assert_string_not_equal(finding.source, "");
    assert_int_equal(bzcheck_result_finding(result, count, &finding, sizeof(finding)), BZCHECK_ERR_ARGUMENT);
    assert_null(finding.rule);
    bzcheck_result_free(result);

    /* The same with the rule taken as a warning, and switched off. */
    assert_int_equal(bzcheck_set_severity(check, "rel-002", BZCHECK_WARNING), BZCHECK_OK);
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_OK);
    assert_int_equal(bzcheck_result_verdict(result), BZCHECK_PASS);
    find_failed(result, "REL-002", &finding);
    assert_int_equal(finding.severity, BZCHECK_WARNING);
    bzcheck_result_free(result);
    assert_int_equal(bzcheck_set_fail_on(check, BZCHECK_WARNING), BZCHECK_OK);
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_OK);
    assert_int_equal(bzcheck_result_verdict(result), BZCHECK_FAIL);
    bzcheck_result_free(result);
    assert_int_equal(bzcheck_set_severity(check, "relocation-slots", BZCHECK_OFF), BZCHECK_OK);
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_OK);
    assert_int_equal(find_failed(result, "REL-002", &finding), bzcheck_result_finding_count(result));
    bzcheck_result_free(result);
    bzcheck_image_close(image);
    bzcheck_free(check);
}

/* A caller that was built with a shorter or a longer struct than the library. */
static void test_struct_sizes(void **state)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_image *image = open_image(check, "good64");
    struct bzcheck_result *result;
    struct {
        struct bzcheck_finding finding;
        uint64_t later;
    } longer = {.later = 5};
    struct bzcheck_finding finding = {.title = "untouched"};

    (void)state;
    assert_int_equal(bzcheck_lint(check, image, &result), BZCHECK_OK);
    assert_int_equal(bzcheck_result_run_count(result), 0);
    assert_int_equal(bzcheck_result_finding(result, 0, &longer.finding, sizeof(longer)), BZCHECK_OK);
    assert_int_equal(longer.later, 0);
    assert_string_equal(longer.finding.rule, "HDR-001");
    assert_int_equal(longer.finding.run, -1);
    assert_int_equal(bzcheck_result_finding(result, 0, &finding, 2 * sizeof(char *)), BZCHECK_OK);
    assert_string_equal(finding.name, "image-complete");
    assert_string_equal(finding.title, "untouched");
    bzcheck_result_free(result);
    bzcheck_image_close(image);
    bzcheck_free(check);
}

static void test_unified_kernel_image(void **state)
{
    struct bzcheck *check = one_run();
    struct bzcheck_image *image = open_image(check, "good-uki"), *kernel;
    struct bzcheck_result *result;
    const char *colon;

    (void)state;
    assert_int_equal(bzcheck_verify(check, image, &result), BZCHECK_OK);
    assert_int_equal(bzcheck_result_run_count(result), 0);
    bzcheck_result_free(result);
    assert_int_equal(bzcheck_open_kernel(check, image, &kernel), BZCHECK_OK);
    bzcheck_image_close(image);
    colon = strrchr(bzcheck_image_name(kernel), ':');
    assert_non_null(colon);
    assert_string_equal(colon, ":.linux");
    assert_int_equal(bzcheck_verify(check, kernel, &result), BZCHECK_OK);
    assert_int_equal(bzcheck_result_run_count(result), 1);
    assert_int_equal(bzcheck_result_verdict(result), BZCHECK_PASS);
    bzcheck_image_close(kernel);
    bzcheck_result_free(result);
    bzcheck_free(check);
}

static void test_catalogue(void **state)
{
    struct bzcheck_scenario scenario;
    struct bzcheck_rule rule;
    size_t found = 0;

    (void)state;
    assert_true(bzcheck_rule_count() > 100);
    for (size_t i = 0; i < bzcheck_rule_count(); i++) {
        char heading[64];

        assert_int_equal(bzcheck_rule(i, &rule, sizeof(rule)), BZCHECK_OK);
        snprintf(heading, sizeof(heading), "# %s %s\n", rule.id, rule.name);
        assert_memory_equal(rule.page, heading, strlen(heading));
        assert_true(rule.severity == BZCHECK_NOTE || rule.severity == BZCHECK_WARNING ||
                    rule.severity == BZCHECK_ERROR);
        if (strcmp(rule.id, "REL-002") == 0)
            found += rule.image == 0 && rule.severity == BZCHECK_ERROR;
        if (strcmp(rule.id, "HDR-002") == 0)
            found += rule.image == 1 && strcmp(rule.name, "boot-flag") == 0;
    }
    assert_int_equal(found, 2);
    assert_int_equal(bzcheck_rule(bzcheck_rule_count(), &rule, sizeof(rule)), BZCHECK_ERR_ARGUMENT);
    assert_int_equal(bzcheck_scenario(0, &scenario, sizeof(scenario)), BZCHECK_OK);
    assert_string_equal(scenario.name, "bios");
    assert_int_equal(bzcheck_scenario(bzcheck_scenario_count(), &scenario, sizeof(scenario)), BZCHECK_ERR_ARGUMENT);
    assert_true(bzcheck_version()[0] >= '0' && bzcheck_version()[0] <= '9');
}

static void *verify_and_close(void *argument)
{
    struct bzcheck *check = one_run();
    struct bzcheck_result *result = NULL;

    if (bzcheck_verify(check, argument, &result) != BZCHECK_OK)
        result = NULL;
    bzcheck_free(check);
    return result;
}

static void test_threads_share_an_image(void **state)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_image *image = open_image(check, "bad-reloc-skip");
    pthread_t thread[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, verify_and_close, image), 0);
    for (int i = 0; i < 3; i++) {
        struct bzcheck_finding finding;
        void *result;

        pthread_join(thread[i], &result);
        assert_non_null(result);
        assert_true(find_failed(result, "REL-002", &finding) < bzcheck_result_finding_count(result));
        bzcheck_result_free(result);
    }
    bzcheck_image_close(image);
    bzcheck_free(check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_refuse_nonsense),
        cmocka_unit_test(test_settings_that_exclude_each_other),
        cmocka_unit_test(test_no_image),
        cmocka_unit_test(test_verify_good_image),
        cmocka_unit_test(test_verify_broken_image),
        cmocka_unit_test(test_struct_sizes),
        cmocka_unit_test(test_unified_kernel_image),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_threads_share_an_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
