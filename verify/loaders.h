/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who will boot this? Asks boot loaders about an image; nothing is executed. Of a unified kernel image a loader is
 * asked about what it would get: the PE file, or (`embedded`) the kernel in its section .linux.
 */
#ifndef BZC_VERIFY_LOADERS_H
#define BZC_VERIFY_LOADERS_H

#include "loader/boot_loader.h"
#include "verify/facts.h"

struct bzc_loaders_options {
    const struct bzc_boot_loader *const *loader; /* borrowed */
    size_t loader_count;
    uint64_t initrd_size;    /* bytes, 0: none */
    uint64_t cmdline_length; /* characters */
    bool digest;             /* compute the file's SHA-256 */
};

/* A kernel, or the PE file around it. */
struct bzc_loaders_subject {
    struct bzc_image_facts facts;
    struct bzc_oracle *oracle; /* owned; facts.oracle points here */
};

/* Free with bzc_loaders_free(). */
struct bzc_loaders_answer {
    struct bzc_loaders_options options;
    struct bzc_loaders_subject file;
    bool is_uki;
    struct bzc_loaders_subject embedded; /* valid when is_uki */
    struct bzc_judgement *judgement;     /* one a loader; owned */
    size_t count[3];                     /* of loaders, by enum bzc_verdict_of_loader */
};

/*
 * `path` and `file` stay borrowed. A payload that cannot be unpacked is no error: the loaders are then told that there
 * is no kernel. Errors: BZC_ERR_FORMAT (neither a boot image nor a unified kernel image), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_loaders_ask(const char *path, struct bzc_bytes file, const struct bzc_loaders_options *options,
                                struct bzc_loaders_answer **answer, struct bzc_error *err);
void bzc_loaders_free(struct bzc_loaders_answer *answer);

#endif
