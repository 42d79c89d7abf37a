/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/policy_options.h"

#include <stdlib.h>

#include "base/file.h"
#include "tools/bzcheck/command.h"

const char bzc_policy_help[] = "  --fail-on SEVERITY    error, warning or note: the least that makes an image\n"
                               "                        fail (default: error)\n"
                               "  --error RULE        * take a rule (id or name) as an error,\n"
                               "  --warn RULE         * as a warning,\n"
                               "  --note RULE         * as a note,\n"
                               "  --off RULE          * or do not ask it\n"
                               "  --profile FILE      * the same from a file: lines 'error RULE',\n"
                               "                        'warning RULE', 'note RULE', 'off RULE',\n"
                               "                        'fail-on SEVERITY'\n";

static int read_profile(struct bzc_policy *policy, const char *path)
{
    struct bzc_error err = {0};
    struct bzc_bytes text = {0};
    enum bzc_status status;

    if (bzc_file_read(path, BZC_PROFILE_FILE_MAX, &text, &err) != BZC_OK) {
        bzc_complain("bzcheck", "--profile: %s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    status = bzc_policy_read(policy, text, &err);
    free((void *)(uintptr_t)text.data);
    if (status == BZC_OK)
        return -1;
    bzc_complain("bzcheck", "--profile: %s: %s", path, err.message);
    return BZC_EXIT_USAGE;
}

int bzc_policy_option_take(struct bzc_policy *policy, const char *about, int option, const char *text)
{
    static const char *const words[] = {"error", "warn", "note", "off"};
    struct bzc_error err = {0};
    const char *word;

    if (option == BZC_OPTION_PROFILE)
        return read_profile(policy, text);
    if (option == BZC_OPTION_FAIL_ON) {
        if (!bzc_severity_parse(text, &policy->fail_on))
            return bzc_usage_error(about, "--fail-on: '%s' is none of error, warning, note", text);
        return -1;
    }
    word = words[option - BZC_OPTION_ERROR];
    if (bzc_policy_set(policy, text, word, &err) != BZC_OK)
        return bzc_usage_error(about, "--%s: %s", word, err.message);
    return -1;
}
