/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/info_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/info.h"

#define LINUX_VERSION "Linux version "

/* ---- how lines are set ---- */

void bzc_info_heading(struct bzc_page *page, const char *text)
{
    bzc_page_end_line(page);
    bzc_page_put(page, BZC_STYLE_PLAIN, "  ");
    bzc_page_put(page, BZC_STYLE_HEAD, text);
    bzc_page_end_line(page);
}

void bzc_info_line(struct bzc_page *page, const char *label, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    bzc_page_tab(page, BZC_INFO_INDENT);
    bzc_page_put(page, BZC_STYLE_PLAIN, label);
    bzc_page_tab(page, BZC_INFO_VALUE);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, BZC_INFO_VALUE, text);
}

void bzc_info_cell(struct bzc_page *page, unsigned column, bool right, const char *format, ...)
{
    char text[256];
    unsigned width, start;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    width = (unsigned)strlen(text);
    start = !right ? column : column > width ? column - width : 0;
    if (page->column > 0 && start <= page->column)
        start = page->column + 1;
    if (page->column > 0 && start + width > BZC_PAGE_WIDTH) {
        bzc_page_end_line(page);
        start = BZC_INFO_INDENT + 4;
    }
    bzc_page_tab(page, start);
    bzc_page_put(page, BZC_STYLE_PLAIN, text);
}

static bool is_text(struct bzc_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] == 0)
            return false;
    }
    return true;
}

void bzc_info_quote(struct bzc_page *page, unsigned indent, struct bzc_bytes text, size_t limit)
{
    size_t at = 0, end;

    /* Zeros fill a section up to its end, and do not belong to the text. */
    while (text.size > 0 && text.data[text.size - 1] == 0)
        text.size--;
    end = text.size < limit ? text.size : limit;
    if (!is_text(text)) {
        bzc_page_tab(page, indent);
        bzc_page_put(page, BZC_STYLE_PLAIN, "(not a text)");
        bzc_page_end_line(page);
        return;
    }
    while (at < end) {
        const uint8_t *newline = memchr(text.data + at, '\n', end - at);
        size_t length = newline ? (size_t)(newline - text.data) - at : end - at;
        char *line = strndup((const char *)text.data + at, length);

        bzc_page_tab(page, indent);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, indent, line ? line : "");
        free(line);
        at += length + (newline != NULL);
    }
    if (end < text.size) {
        bzc_page_tab(page, indent);
        bzc_page_printf(page, BZC_STYLE_PLAIN, "... (%zu bytes in all)", text.size);
        bzc_page_end_line(page);
    }
}

/* ---- what it is ---- */

static const char *kernel_name(const struct bzc_inspection *inspection)
{
    const char *name = inspection->facts.image.kernel_version;

    if (!*name && inspection->oracle)
        name = inspection->banner;
    return strncmp(name, LINUX_VERSION, strlen(LINUX_VERSION)) == 0 ? name + strlen(LINUX_VERSION) : name;
}

static void write_kind(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_image *image = &inspection->facts.image;
    char protocol[8], size[BZC_PAGE_NUMBER_SIZE], count[BZC_PAGE_NUMBER_SIZE];

    bzc_image_protocol_text(image, protocol);
    bzc_page_tab(page, 2);
    if (!inspection->is_image)
        bzc_page_put(page, BZC_STYLE_PLAIN, "unified kernel image");
    else if (image->has_header)
        bzc_page_printf(page, BZC_STYLE_PLAIN, "%s, protocol %s", bzc_image_kind_name(image->kind), protocol);
    else
        bzc_page_put(page, BZC_STYLE_PLAIN, "boot sector without a setup header (protocol before 2.00)");
    bzc_page_printf(page, BZC_STYLE_PLAIN, ", %s", bzc_page_bytes(inspection->file.size, size));
    if (inspection->file.size >= 1024)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " (%s bytes)", bzc_page_count(inspection->file.size, count));
    bzc_page_end_line(page);
}

static void write_name(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const char *name = kernel_name(inspection);

    if (!inspection->is_image)
        return;
    bzc_page_tab(page, 2);
    if (inspection->facts.system == BZC_SYSTEM_LINUX) {
        bzc_page_put(page, BZC_STYLE_PLAIN, "Linux ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, *name ? name : "(of a version that it does not tell)");
        return;
    }
    if (*name) {
        bzc_page_put(page, BZC_STYLE_PLAIN, "calls itself ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, name);
        bzc_page_tab(page, 2);
    }
    bzc_page_put(page, BZC_STYLE_PLAIN, "no Linux kernel was found in it");
    bzc_page_end_line(page);
}

/* ---- layout ---- */

#define OFFSET_END 60u
#define SIZE_END   76u
#define END_END    90u

static void write_layout(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    const struct bzc_layout *layout = &inspection->layout;

    bzc_info_heading(page, "What lies where");
    bzc_info_cell(page, OFFSET_END, true, "from");
    bzc_info_cell(page, SIZE_END, true, "up to");
    bzc_info_cell(page, END_END, true, "bytes");
    bzc_page_end_line(page);
    for (size_t i = 0; i < layout->count; i++) {
        const struct bzc_part *part = &layout->part[i];
        char count[BZC_PAGE_NUMBER_SIZE];

        bzc_info_cell(page, BZC_INFO_INDENT + 2 * part->depth, false, "%s%s", part->name,
                      part->cut ? " (cut off)" : "");
        bzc_info_cell(page, OFFSET_END, true, "0x%" PRIx64, part->offset);
        bzc_info_cell(page, SIZE_END, true, "0x%" PRIx64, part->offset + part->size);
        bzc_info_cell(page, END_END, true, "%s", bzc_page_count(part->size, count));
        bzc_page_end_line(page);
    }
}

/* ---- ways in ---- */

static void describe_entry(const struct bzc_inspection *inspection, enum bzc_entry_kind kind, char *text, size_t size)
{
    switch (kind) {
    case BZC_ENTRY_16BIT:
        snprintf(text, size, "real mode, for a loader that uses the BIOS");
        return;
    case BZC_ENTRY_32BIT:
        snprintf(text, size, "protected mode: code32_start 0x%" PRIx32, inspection->facts.image.code32_start);
        return;
    case BZC_ENTRY_64BIT:
        snprintf(text, size, "long mode: XLF_KERNEL_64");
        return;
    case BZC_ENTRY_EFI:
        snprintf(text, size, "EFI stub: AddressOfEntryPoint 0x%" PRIx32, inspection->facts.pe.address_of_entry_point);
        return;
    case BZC_ENTRY_HANDOVER_32:
        snprintf(text, size, "EFI stub from 32-bit firmware: XLF_EFI_HANDOVER_32");
        return;
    case BZC_ENTRY_HANDOVER_64:
        snprintf(text, size, "EFI stub from 64-bit firmware: XLF_EFI_HANDOVER_64");
        return;
    case BZC_ENTRY_COUNT:
        break;
    }
    text[0] = '\0';
}

static void write_entries(struct bzc_page *page, const struct bzc_inspection *inspection)
{
    if (inspection->entry_count == 0)
        return;
    bzc_info_heading(page, "Ways in");
    for (size_t i = 0; i < inspection->entry_count; i++) {
        const struct bzc_entry_point *entry = &inspection->entry[i];
        char text[160], place[32] = "not in the file";

        describe_entry(inspection, entry->kind, text, sizeof(text));
        if (entry->in_file)
            snprintf(place, sizeof(place), "0x%" PRIx64, entry->offset);
        bzc_info_cell(page, BZC_INFO_INDENT, false, "%s", bzc_entry_kind_name(entry->kind));
        bzc_info_cell(page, 28, false, "%s", place);
        bzc_info_cell(page, 42, false, "%s", text);
        bzc_page_end_line(page);
    }
}

/* ---- the whole ---- */

static void write_image(struct bzc_page *page, const char *path, const struct bzc_inspection *inspection)
{
    bzc_page_put(page, BZC_STYLE_HEAD, path);
    bzc_page_end_line(page);
    write_kind(page, inspection);
    write_name(page, inspection);
    bzc_page_tab(page, 2);
    bzc_page_printf(page, BZC_STYLE_PLAIN, "SHA-256 %s", inspection->sha256);
    bzc_page_end_line(page);
    write_layout(page, inspection);
    write_entries(page, inspection);
    if (inspection->is_image) {
        bzc_info_header(page, inspection);
        bzc_info_kernel(page, inspection);
    }
    bzc_info_pe(page, inspection);
}

static void write_embedded(struct bzc_page *page, const char *path, const struct bzc_inspection *inspection)
{
    for (size_t i = 0; i < inspection->embedded_count; i++) {
        char *name;

        if (asprintf(&name, inspection->embedded_count > 1 ? "%s:.linux (%zu)" : "%s:.linux", path, i + 1) < 0)
            return;
        bzc_page_end_line(page);
        write_image(page, name, inspection->embedded[i]);
        free(name);
    }
    if (*inspection->embedded_problem) {
        bzc_page_end_line(page);
        bzc_page_put(page, BZC_STYLE_HEAD, path);
        bzc_page_put(page, BZC_STYLE_HEAD, ":.linux");
        bzc_page_end_line(page);
        bzc_page_tab(page, 2);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 2, inspection->embedded_problem);
    }
}

void bzc_info_text(const char *path, const struct bzc_inspection *inspection, bool colour, FILE *out)
{
    struct bzc_page page = {.out = out, .colour = colour};

    write_image(&page, path, inspection);
    write_embedded(&page, path, inspection);
}
