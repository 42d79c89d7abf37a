/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linting and verifying: from an image and settings to a result. */
#include <stdlib.h>
#include <string.h>

#include "lib/handles.h"
#include "verify/lint.h"

/* An option that none of the scenarios asked for can obey. */
static enum bzcheck_status check_meaning(struct bzcheck *check)
{
    const struct bzc_verify_options *options = &check->options;

    if (options->load_addr_count && !bzc_verify_options_relocate(options))
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "a load address has no meaning for scenario %s",
                            options->scenario[0]->name);
    if (options->kaslr_seed_count && !bzc_verify_options_have_kaslr(options))
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "a KASLR seed has no meaning for scenario %s",
                            options->scenario[0]->name);
    if (options->kaslr_seed_count && bzc_cmdline_has(options->cmdline, "nokaslr"))
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT,
                            "a KASLR seed and nokaslr in the command line exclude each other");
    return BZCHECK_OK;
}

/* An empty result for the image; NULL when there is no memory. */
static struct bzcheck_result *make_result(const struct bzcheck *check, const struct bzcheck_image *image)
{
    struct bzcheck_result *result = calloc(1, sizeof(*result));

    if (!result)
        return NULL;
    result->cmdline = strdup(check->options.cmdline);
    if (!result->cmdline) {
        free(result);
        return NULL;
    }
    result->image = bzc_lib_image_ref(image);
    return result;
}

static enum bzc_status lint(const struct bzcheck *check, const struct bzcheck_image *image,
                            struct bzc_verification *verification, struct bzc_error *err)
{
    const struct bzc_lint_options options = {.policy = check->options.policy, .depth = BZC_DEPTH_KERNEL};

    return bzc_lint(image->name, image->file, &options, verification, err);
}

static enum bzcheck_status work(struct bzcheck *check, const struct bzcheck_image *image, bool execute,
                                struct bzcheck_result **result)
{
    struct bzcheck_result *made = make_result(check, image);
    struct bzc_error err = {0};
    enum bzc_status status;

    if (!made)
        return bzc_lib_fail(check, BZCHECK_ERR_MEMORY, "%s: no memory", image->name);
    if (execute) {
        struct bzc_verify_options options = check->options;

        options.cmdline = made->cmdline;
        status = bzc_verify(image->name, image->file, &options, &made->verification, &err);
    } else {
        status = lint(check, image, &made->verification, &err);
    }
    if (status == BZC_OK) {
        *result = made;
        return BZCHECK_OK;
    }
    /* After an error there is no verification to free. */
    bzcheck_image_close(made->image);
    free(made->cmdline);
    free(made);
    return bzc_lib_fail_error(check, &err);
}

enum bzcheck_status bzcheck_lint(struct bzcheck *check, const struct bzcheck_image *image,
                                 struct bzcheck_result **result)
{
    bzc_lib_begin(check);
    *result = NULL;
    return work(check, image, false, result);
}

enum bzcheck_status bzcheck_verify(struct bzcheck *check, const struct bzcheck_image *image,
                                   struct bzcheck_result **result)
{
    enum bzcheck_status status;

    bzc_lib_begin(check);
    *result = NULL;
    status = check_meaning(check);
    return status == BZCHECK_OK ? work(check, image, !image->is_uki, result) : status;
}
