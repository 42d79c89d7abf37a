/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/info_field.h"
#include "report/info_text.h"

#define NAME_COLUMN   13u
#define ACCESS_COLUMN 35u
#define VALUE_COLUMN  44u
#define TEXT_COLUMN   56u

static void write_field(struct bzc_page *page, const struct bzc_image *image, const struct bzc_field *field)
{
    char words[BZC_INFO_FIELD_TEXT], text[BZC_INFO_FIELD_TEXT + 96];
    uint64_t value;

    bzc_info_cell(page, BZC_INFO_INDENT, false, "0x%03x/%u", (unsigned)field->offset, (unsigned)field->size);
    bzc_info_cell(page, NAME_COLUMN, false, "%s", field->name);
    bzc_info_cell(page, ACCESS_COLUMN, false, "%s", bzc_info_access_name(field->access));
    if (bzc_image_field(image, field->id, &value)) {
        bzc_info_field_text(image, field->id, value, words);
        bzc_info_cell(page, VALUE_COLUMN, false, "0x%" PRIx64, value);
        snprintf(text, sizeof(text), "%s%s%s", field->meaning, *words ? ": " : "", words);
    } else {
        bzc_info_field_absence(image, field->id, words);
        bzc_info_cell(page, VALUE_COLUMN, false, "-");
        snprintf(text, sizeof(text), "%s: %s", field->meaning, words);
    }
    bzc_page_tab(page, TEXT_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, TEXT_COLUMN, text);
}

static void write_kernel_info(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_kernel_info *info = &inspection->facts.kernel_info;

    if (!inspection->facts.has_kernel_info)
        return;
    bzc_info_heading(page, "kernel_info");
    bzc_info_line(page, "place", "0x%" PRIx64 " of the file, \"LToP\"", info->file_offset);
    bzc_info_line(page, "size", "%" PRIu32 " bytes", info->size);
    bzc_info_line(page, "size_total", "%" PRIu32 " bytes", info->size_total);
    if (info->has_setup_type_max)
        bzc_info_line(page, "setup_type_max", "0x%" PRIx32 ": highest type of struct setup_data that the kernel takes",
                      info->setup_type_max);
}

void bzc_info_header(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_image *image = &inspection->facts.image;

    bzc_info_heading(page, "Setup header");
    bzc_page_tab(page, BZC_INFO_INDENT);
    bzc_page_wrap(page, BZC_STYLE_FAINT, BZC_INFO_INDENT,
                  "(read: from the kernel to the loader; write: the loader fills it in; modify: the loader may change "
                  "it; internal: not for loaders)");
    for (size_t i = 0; i < BZC_FIELD_COUNT; i++)
        write_field(page, image, &bzc_fields[i]);
    write_kernel_info(page, inspection);
}
