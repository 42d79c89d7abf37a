/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/handles.h"

const char *bzcheck_version(void)
{
    return BZC_VERSION;
}

/* ---- errors ---- */

void bzc_lib_begin(struct bzcheck *check)
{
    check->error[0] = '\0';
}

enum bzcheck_status bzc_lib_fail(struct bzcheck *check, enum bzcheck_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(check->error, sizeof(check->error), format, arguments);
    va_end(arguments);
    return status;
}

enum bzcheck_status bzc_lib_fail_error(struct bzcheck *check, const struct bzc_error *err)
{
    static const enum bzcheck_status statuses[] = {
        [BZC_OK] = BZCHECK_OK,
        [BZC_ERR_IO] = BZCHECK_ERR_IO,
        [BZC_ERR_MEMORY] = BZCHECK_ERR_MEMORY,
        [BZC_ERR_FORMAT] = BZCHECK_ERR_FORMAT,
        [BZC_ERR_LIMIT] = BZCHECK_ERR_LIMIT,
        [BZC_ERR_UNSUPPORTED] = BZCHECK_ERR_UNSUPPORTED,
        [BZC_ERR_ENGINE] = BZCHECK_ERR_ENGINE,
    };

    return bzc_lib_fail(check, statuses[err->status], "%s", err->message);
}

const char *bzcheck_error(const struct bzcheck *check)
{
    return check->error;
}

/* ---- settings ---- */

struct bzcheck *bzcheck_new(void)
{
    struct bzcheck *check = calloc(1, sizeof(*check));

    if (!check)
        return NULL;
    bzc_verify_options_init(&check->options);
    bzc_memory_map_default(BZC_DEFAULT_MEMORY, &check->options.map, NULL);
    return check;
}

void bzcheck_free(struct bzcheck *check)
{
    if (!check)
        return;
    free(check->cmdline);
    free(check);
}

enum bzcheck_status bzcheck_add_scenario(struct bzcheck *check, const char *name)
{
    struct bzc_verify_options *options = &check->options;
    const struct bzc_scenario *scenario = name ? bzc_scenario_find(name) : NULL;

    bzc_lib_begin(check);
    if (!scenario)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "there is no scenario '%s'", name ? name : "");
    if (options->scenario_count == BZC_CHOICES_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_LIMIT, "more than %d scenarios", BZC_CHOICES_MAX);
    options->scenario[options->scenario_count++] = scenario;
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_add_load_addr(struct bzcheck *check, uint64_t phys)
{
    struct bzc_verify_options *options = &check->options;

    bzc_lib_begin(check);
    if (phys == 0 || phys > BZC_LOAD_ADDR_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "0x%llx is no address from 1 to 0x%llx",
                            (unsigned long long)phys, BZC_LOAD_ADDR_MAX);
    if (options->load_addr_count == BZC_CHOICES_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_LIMIT, "more than %d load addresses", BZC_CHOICES_MAX);
    options->load_addr[options->load_addr_count++] = phys;
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_add_kaslr_seed(struct bzcheck *check, uint64_t seed)
{
    struct bzc_verify_options *options = &check->options;

    bzc_lib_begin(check);
    if (seed > BZC_KASLR_SEED_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "0x%llx is no seed from 0 to 2^63-1",
                            (unsigned long long)seed);
    if (options->kaslr_seed_count == BZC_CHOICES_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_LIMIT, "more than %d KASLR seeds", BZC_CHOICES_MAX);
    options->kaslr_seed[options->kaslr_seed_count++] = seed;
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_set_cmdline(struct bzcheck *check, const char *cmdline)
{
    char *copy;

    bzc_lib_begin(check);
    if (!cmdline)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "the command line is missing");
    copy = strdup(cmdline);
    if (!copy)
        return bzc_lib_fail(check, BZCHECK_ERR_MEMORY, "no memory for the command line");
    free(check->cmdline);
    check->cmdline = copy;
    check->options.cmdline = copy;
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_set_memory(struct bzcheck *check, uint64_t size)
{
    struct bzc_memory_map map = {0};
    struct bzc_error err = {0};

    bzc_lib_begin(check);
    if (bzc_memory_map_default(size, &map, &err) != BZC_OK)
        return bzc_lib_fail_error(check, &err);
    check->options.map = map;
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_set_cpu(struct bzcheck *check, const char *name)
{
    const struct bzc_cpu_profile *profile = name ? bzc_cpu_profile_find(name) : NULL;

    bzc_lib_begin(check);
    if (!profile)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "there is no CPU '%s'", name ? name : "");
    check->options.profile = profile;
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_set_jobs(struct bzcheck *check, unsigned jobs)
{
    bzc_lib_begin(check);
    if (jobs < 1 || jobs > BZC_JOBS_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "%u is no number of jobs from 1 to %u", jobs, BZC_JOBS_MAX);
    check->options.jobs = jobs;
    return BZCHECK_OK;
}

enum bzcheck_severity bzc_lib_severity(enum bzc_severity severity)
{
    static const enum bzcheck_severity severities[] = {
        [BZC_SEVERITY_NOTE] = BZCHECK_NOTE,
        [BZC_SEVERITY_WARNING] = BZCHECK_WARNING,
        [BZC_SEVERITY_ERROR] = BZCHECK_ERROR,
    };

    return severities[severity];
}

enum bzcheck_status bzcheck_set_fail_on(struct bzcheck *check, enum bzcheck_severity severity)
{
    struct bzc_policy *policy = &check->options.policy;

    bzc_lib_begin(check);
    switch (severity) {
    case BZCHECK_NOTE:
        policy->fail_on = BZC_SEVERITY_NOTE;
        return BZCHECK_OK;
    case BZCHECK_WARNING:
        policy->fail_on = BZC_SEVERITY_WARNING;
        return BZCHECK_OK;
    case BZCHECK_ERROR:
        policy->fail_on = BZC_SEVERITY_ERROR;
        return BZCHECK_OK;
    default:
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "%d is no severity that can fail an image", (int)severity);
    }
}

enum bzcheck_status bzcheck_set_severity(struct bzcheck *check, const char *rule, enum bzcheck_severity severity)
{
    static const char *const words[] = {
        [BZCHECK_NOTE] = "note",
        [BZCHECK_WARNING] = "warning",
        [BZCHECK_ERROR] = "error",
        [BZCHECK_OFF] = "off",
    };
    struct bzc_error err = {0};

    bzc_lib_begin(check);
    if ((unsigned)severity >= sizeof(words) / sizeof(words[0]))
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "%d is no severity", (int)severity);
    if (!rule || !bzc_rule_find(rule))
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "there is no rule '%s'", rule ? rule : "");
    if (bzc_policy_set(&check->options.policy, rule, words[severity], &err) != BZC_OK)
        return bzc_lib_fail_error(check, &err);
    return BZCHECK_OK;
}
