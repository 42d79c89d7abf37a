/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writes parts of an image or a new image: `extract` and `wrap`. A wrapped image is wrapped, and not again. */
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

#include "loader/elf.h"
#include "loader/parts.h"
#include "loader/wrap.h"

/* Defined by libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void take_apart(struct bzc_bytes file)
{
    struct bzc_parts parts;
    uint8_t byte;

    if (bzc_parts_read(file, &parts, NULL) == BZC_OK) {
        for (size_t i = 0; i < parts.count; i++) {
            const struct bzc_taken_part *part = &parts.part[i];

            if (strchr(part->file_name, '/') || part->file_name[0] == '.' || part->file_name[0] == '\0' ||
                (part->missing[0] == '\0') != (part->bytes.size > 0))
                abort();
            /* Memory that is there: a sanitizer looks on. */
            if (part->bytes.size &&
                (!bzc_bytes_u8(part->bytes, 0, &byte) || !bzc_bytes_u8(part->bytes, part->bytes.size - 1, &byte)))
                abort();
        }
    }
    bzc_parts_free(&parts);
}

static void wrap(struct bzc_bytes file, bool legacy_safe)
{
    const struct bzc_wrap_options options = {.legacy_safe = legacy_safe};
    struct bzc_wrapped wrapped, again;
    struct bzc_image image;
    struct bzc_elf elf;

    if (bzc_wrap_elf(file, &options, &wrapped, NULL) != BZC_OK)
        return;
    bzc_image_parse(wrapped.file, &image);
    if (!image.elf_head || image.entry_shift != wrapped.shift || bzc_elf_parse(image.pm, &elf, NULL) != BZC_OK ||
        elf.load_count != wrapped.segment_count || elf.entry != wrapped.elf_entry ||
        bzc_wrap_elf(wrapped.file, &options, &again, NULL) == BZC_OK)
        abort();
    bzc_wrap_free(&wrapped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bzc_bytes file = {data, size};

    take_apart(file);
    wrap(file, false);
    wrap(file, true);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (seed % 2 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    bzc_fuzz_change_field(data, size, seed / 2);
    return size;
}
