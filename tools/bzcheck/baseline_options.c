/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/baseline_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tools/bzcheck/command.h"

const char bzc_baseline_help[] = "  --baseline FILE       findings that stand in this file do not count: only what\n"
                                 "                        is new makes an image fail\n"
                                 "  --update-baseline     write the findings to that file\n";

bool bzc_baseline_option_is(int option)
{
    return option == BZC_OPTION_BASELINE || option == BZC_OPTION_UPDATE_BASELINE;
}

void bzc_baseline_option_take(struct bzc_baseline_options *options, int option, const char *text)
{
    if (option == BZC_OPTION_BASELINE)
        options->path = text;
    else
        options->update = true;
}

int bzc_baseline_options_open(struct bzc_baseline_options *options, const char *about, struct bzc_policy *policy)
{
    struct bzc_error err = {0};
    struct bzc_bytes text = {0};
    enum bzc_status status;

    if (options->update && !options->path)
        return bzc_usage_error(about, "--update-baseline needs --baseline FILE");
    if (!options->path)
        return -1;
    if (bzc_baseline_new(&options->baseline, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    policy->baseline = options->baseline;
    /* The first update makes the file. */
    if (options->update && access(options->path, F_OK) != 0)
        return -1;
    if (bzc_file_read(options->path, BZC_BASELINE_FILE_MAX, &text, &err) != BZC_OK) {
        bzc_complain("bzcheck", "--baseline: %s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    status = bzc_baseline_read(options->baseline, text, &err);
    free((void *)(uintptr_t)text.data);
    if (status == BZC_OK)
        return -1;
    bzc_complain("bzcheck", "--baseline: %s: %s", options->path, err.message);
    return status == BZC_ERR_MEMORY ? BZC_EXIT_UNKNOWN : BZC_EXIT_USAGE;
}

bool bzc_baseline_options_add(struct bzc_baseline_options *options, const struct bzc_policy *policy,
                              struct bzc_verification *verification)
{
    const struct bzc_facts *facts = &verification->facts;
    struct bzc_error err = {0};
    enum bzc_status status = BZC_OK;

    if (!options->update)
        return true;
    status = bzc_baseline_update(options->baseline, facts->image.path, facts, &verification->findings, &err);
    if (status == BZC_OK)
        status = bzc_verification_judge(verification, policy, &err);
    if (status == BZC_OK)
        return true;
    bzc_complain("bzcheck", "--update-baseline: %s", err.message);
    options->update = false;
    return false;
}

bool bzc_baseline_options_write(const struct bzc_baseline_options *options)
{
    struct bzc_error err = {0};
    char *text;

    if (!options->update)
        return true;
    text = bzc_baseline_text(options->baseline);
    if (!text)
        bzc_error_set(&err, BZC_ERR_MEMORY, "no memory for the baseline");
    else
        bzc_file_write(options->path, text, strlen(text), &err);
    free(text);
    if (err.status != BZC_OK)
        bzc_complain("bzcheck", "--update-baseline: %s", err.message);
    return err.status == BZC_OK;
}

void bzc_baseline_options_free(struct bzc_baseline_options *options)
{
    bzc_baseline_free(options->baseline);
    options->baseline = NULL;
}
