/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/loaders.h"

#include <stdlib.h>

#include "loader/uki.h"
#include "verify/image_facts.h"

/* The payload's ELF file, or NULL. */
static const struct bzc_elf *kernel_of(const struct bzc_oracle *oracle)
{
    return bzc_oracle_elf(oracle);
}

static void unpack(struct bzc_loaders_subject *subject)
{
    if (bzc_image_is_boot_image(&subject->facts.image))
        subject->oracle = bzc_image_facts_unpack(&subject->facts);
    bzc_image_facts_identify(&subject->facts);
}

static void judge(struct bzc_loaders_answer *answer, size_t index)
{
    const struct bzc_boot_loader *loader = answer->options.loader[index];
    const struct bzc_loaders_subject *given = answer->is_uki && loader->embedded ? &answer->embedded : &answer->file;
    const struct bzc_subject subject = {
        .image = &given->facts.image,
        .pe = &given->facts.pe,
        .kernel = kernel_of(given->oracle),
        .initrd_size = answer->options.initrd_size,
        .cmdline_length = answer->options.cmdline_length,
    };

    bzc_boot_loader_judge(loader, &subject, &answer->judgement[index]);
    answer->count[answer->judgement[index].verdict]++;
}

static enum bzc_status read_image(const char *path, struct bzc_bytes file, struct bzc_loaders_answer *answer,
                                  struct bzc_error *err)
{
    struct bzc_loaders_subject *embedded = &answer->embedded;
    struct bzc_bytes linux_image;
    enum bzc_status status = bzc_image_facts_read(path, file, BZC_DEPTH_KERNEL, &answer->file.facts, err);

    if (status != BZC_OK)
        return status;
    unpack(&answer->file);
    if (answer->options.digest)
        bzc_sha256_hex(file.data, file.size, answer->file.facts.sha256);
    answer->is_uki = bzc_uki_linux(&answer->file.facts.pe, file, &linux_image);
    /* What is no boot image in there is the loaders' to refuse. */
    if (answer->is_uki && bzc_image_facts_read(path, linux_image, BZC_DEPTH_KERNEL, &embedded->facts, NULL) == BZC_OK)
        unpack(embedded);
    return BZC_OK;
}

enum bzc_status bzc_loaders_ask(const char *path, struct bzc_bytes file, const struct bzc_loaders_options *options,
                                struct bzc_loaders_answer **answer, struct bzc_error *err)
{
    struct bzc_loaders_answer *fresh = calloc(1, sizeof(*fresh));
    enum bzc_status status;

    *answer = NULL;
    if (fresh)
        fresh->judgement = calloc(options->loader_count ? options->loader_count : 1, sizeof(*fresh->judgement));
    if (!fresh || !fresh->judgement) {
        bzc_loaders_free(fresh);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory");
    }
    fresh->options = *options;
    status = read_image(path, file, fresh, err);
    if (status != BZC_OK) {
        bzc_loaders_free(fresh);
        return status;
    }
    for (size_t i = 0; i < options->loader_count; i++)
        judge(fresh, i);
    *answer = fresh;
    return BZC_OK;
}

void bzc_loaders_free(struct bzc_loaders_answer *answer)
{
    if (!answer)
        return;
    bzc_oracle_free(answer->file.oracle);
    bzc_oracle_free(answer->embedded.oracle);
    free(answer->judgement);
    free(answer);
}
