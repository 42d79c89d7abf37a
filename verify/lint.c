/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/lint.h"

#include <string.h>

#include "verify/image_facts.h"

enum bzc_status bzc_lint(const char *path, struct bzc_bytes file, const struct bzc_lint_options *options,
                         struct bzc_verification *verification, struct bzc_error *err)
{
    struct bzc_image_facts *image = &verification->facts.image;
    enum bzc_status status;

    memset(verification, 0, sizeof(*verification));
    status = bzc_image_facts_read(path, file, options->depth, image, err);
    if (status != BZC_OK)
        return status;
    if (options->depth != BZC_DEPTH_HEADERS) {
        if (bzc_image_is_boot_image(&image->image))
            verification->oracle = bzc_image_facts_unpack(image);
        if (verification->oracle && options->vmlinux.size)
            bzc_oracle_compare_vmlinux(verification->oracle, options->vmlinux, &image->vmlinux);
        if (options->digest)
            bzc_sha256_hex(file.data, file.size, image->sha256);
    }
    bzc_image_facts_identify(image);
    status = bzc_verification_conclude(verification, &options->policy, err);
    if (status != BZC_OK)
        bzc_verification_free(verification);
    return status;
}
