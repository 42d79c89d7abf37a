/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify IMAGE [SCENARIO]: boots an image with libbzcheck and prints what it does wrong. Exit status as `bzcheck
 * verify`: 0 pass, 1 fail, 3 could not tell.
 *
 *     cc verify.c $(pkg-config --cflags --libs bzcheck) -o verify
 */
#include <bzcheck.h>
#include <stdio.h>

/* What became of each run. */
static void print_runs(const struct bzcheck_result *result)
{
    for (size_t i = 0; i < bzcheck_result_run_count(result); i++) {
        struct bzcheck_run run;

        bzcheck_result_run(result, i, &run, sizeof(run));
        printf("run %zu: %s at 0x%llx: %s", i, run.scenario, (unsigned long long)run.load_addr, run.result);
        if (run.entered)
            printf(", kernel entered at 0x%llx", (unsigned long long)run.entry_phys);
        if (run.compared)
            printf(", base 0x%llx", (unsigned long long)run.base);
        if (run.detail[0])
            printf(" (%s)", run.detail);
        printf("\n");
    }
}

/* The rules that failed, each with where and why. */
static void print_findings(const struct bzcheck_result *result)
{
    static const char *const severities[] = {"note", "warning", "error"};

    for (size_t i = 0; i < bzcheck_result_finding_count(result); i++) {
        struct bzcheck_finding finding;

        bzcheck_result_finding(result, i, &finding, sizeof(finding));
        if (finding.outcome != BZCHECK_FAILED)
            continue;
        printf("%s: %s %s: %s\n", severities[finding.severity], finding.rule, finding.name, finding.message);
        if (finding.run >= 0)
            printf("    in run %d\n", (int)finding.run);
        if (finding.where[0])
            printf("    where    %s\n", finding.where);
        if (finding.expected[0])
            printf("    expected %s\n", finding.expected);
        if (finding.actual[0])
            printf("    actual   %s\n", finding.actual);
        printf("    source   %s\n", finding.source);
    }
}

static int verify(struct bzcheck *check, const struct bzcheck_image *image)
{
    static const char *const verdicts[] = {"PASS", "FAIL", "UNKNOWN"};
    static const int exit_status[] = {0, 1, 3};
    struct bzcheck_result *result;
    enum bzcheck_verdict verdict;

    if (bzcheck_verify(check, image, &result) != BZCHECK_OK) {
        fprintf(stderr, "verify: %s\n", bzcheck_error(check));
        return 3;
    }
    print_runs(result);
    print_findings(result);
    verdict = bzcheck_result_verdict(result);
    printf("%s %s %s\n", verdicts[verdict], bzcheck_image_name(image), bzcheck_result_reason(result));
    bzcheck_result_free(result);
    return exit_status[verdict];
}

int main(int argc, char **argv)
{
    struct bzcheck *check = bzcheck_new();
    struct bzcheck_image *image = NULL;
    int status = 3;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: verify IMAGE [SCENARIO]\n");
        status = 2;
    } else if (!check) {
        fprintf(stderr, "verify: no memory\n");
    } else if ((argc > 2 && bzcheck_add_scenario(check, argv[2]) != BZCHECK_OK) ||
               bzcheck_open_file(check, argv[1], &image) != BZCHECK_OK) {
        fprintf(stderr, "verify: %s\n", bzcheck_error(check));
    } else {
        status = verify(check, image);
    }
    bzcheck_image_close(image);
    bzcheck_free(check);
    return status;
}
