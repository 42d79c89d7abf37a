/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/verify.h"

void bzc_verify_options_init(struct bzc_verify_options *options)
{
    *options = (struct bzc_verify_options){.cmdline = "", .profile = bzc_cpu_profile_find(BZC_DEFAULT_CPU), .jobs = 1};
    bzc_policy_init(&options->policy);
}

/* Where nothing was asked for, the image's own scenarios follow. */
static bool some_scenario(const struct bzc_verify_options *options, bool (*obeys)(const struct bzc_scenario *))
{
    for (size_t i = 0; i < options->scenario_count; i++)
        if (obeys(options->scenario[i]))
            return true;
    return options->scenario_count == 0;
}

static bool relocates(const struct bzc_scenario *scenario)
{
    return scenario->relocates;
}

/* Where the loader enters the kernel itself, no decompressor draws an address. */
static bool has_kaslr(const struct bzc_scenario *scenario)
{
    return scenario->expect != BZC_EXPECT_RUNNING;
}

bool bzc_verify_options_relocate(const struct bzc_verify_options *options)
{
    return some_scenario(options, relocates);
}

bool bzc_verify_options_have_kaslr(const struct bzc_verify_options *options)
{
    return some_scenario(options, has_kaslr);
}
