/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mkbzimage/describe.h"

#include <inttypes.h>

#include "loader/fields.h"
#include "loader/image.h"
#include "loader/pe.h"

void bzc_describe_fields(FILE *out)
{
    static const char *const access[] = {
        [BZC_FIELD_READ] = "read",
        [BZC_FIELD_WRITE] = "write",
        [BZC_FIELD_MODIFY] = "modify",
        [BZC_FIELD_INTERNAL] = "internal",
    };

    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        const struct bzc_field *field = &bzc_fields[i];
        char since[16] = "all";

        if (field->since > 0)
            snprintf(since, sizeof(since), "%u.%02u", field->since >> 8, field->since & 0xffu);
        fprintf(out, "%s 0x%x %u %s %s\n", field->name, field->offset, field->size, since, access[field->access]);
    }
}

static void place(FILE *out, const char *name, uint64_t offset)
{
    fprintf(out, "%s 0x%" PRIx64 "\n", name, offset);
}

void bzc_describe_places(struct bzc_bytes file, FILE *out)
{
    struct bzc_image image;
    struct bzc_pe pe;

    bzc_image_parse(file, &image);
    bzc_pe_parse(file, &pe);
    place(out, "setup", 0);
    if (bzc_image_is_boot_image(&image))
        place(out, "pm", image.realmode_size);
    if (image.payload_source != BZC_PAYLOAD_ABSENT) {
        place(out, "payload", image.realmode_size + image.payload_offset);
        place(out, "payload_end", image.realmode_size + image.payload_offset + image.payload_length);
    }
    if (pe.present)
        place(out, "pe", pe.e_lfanew);
    place(out, "end", file.size);
}
