/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot_params as the kernel (or, before that, the decompressor) finds it: fields, who wrote them, e820_table. */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"
#include "report/info_field.h"
#include "report/page.h"

struct view {
    const struct bzc_html_run *html;
    const struct bzc_hand_over *now, *before; /* `before` is NULL when there is only one */
    struct bzc_bytes bytes;
};

static const struct bzc_plan_write *write_of(const struct bzc_plan *plan, bool header, unsigned field)
{
    for (size_t i = plan->write_count; i > 0; i--) {
        const struct bzc_plan_write *write = &plan->write[i - 1];

        if (write->is_header == header && (header ? (unsigned)write->field : (unsigned)write->bp) == field)
            return write;
    }
    return NULL;
}

static void write_row(FILE *out, const struct view *view, unsigned offset, unsigned size, const char *name,
                      uint64_t value, const char *writer, const char *meaning)
{
    bool changed = view->before && offset + size <= BZC_BOOT_PARAMS_SIZE &&
                   memcmp(view->before->boot_params + offset, view->now->boot_params + offset, size) != 0;

    fprintf(out, "<tr%s><td>0x%03x<th scope=\"row\">%s", changed ? " class=\"changed\"" : "", offset, name);
    if (changed)
        fputs(" <span class=\"mark\" title=\"changed since the protected-mode part was entered\">\xe2\x97\x8f</span>",
              out);
    fprintf(out, "<td>0x%" PRIx64 "<td>%s<td>", value, changed ? "the decompressor" : writer);
    bzc_html_text(out, meaning);
    fputs("\n", out);
}

/* Whoever is not the loader and not the file is the code that has run: setup in its own path. */
static const char *guest(const struct view *view)
{
    return view->html->run->plan.path == BZC_PATH_SETUP ? "setup" : "the boot code";
}

static void write_header_field(FILE *out, const struct view *view, const struct bzc_field *field)
{
    const struct bzc_image *image = &view->html->image->image;
    const struct bzc_plan_write *write = write_of(&view->html->run->plan, true, (unsigned)field->id);
    char meaning[BZC_INFO_FIELD_TEXT];
    uint64_t value, in_file;
    const char *writer;

    if (!bzc_field_read(view->bytes, image->version, field->id, &value))
        return;
    if (write && write->value == value)
        writer = "the loader";
    else if (image->file.data && bzc_image_field(image, field->id, &in_file) && in_file == value)
        writer = write ? "the loader" : "the image";
    else
        writer = guest(view);
    bzc_info_field_text(image, field->id, value, meaning);
    write_row(out, view, field->offset, field->size, field->name, value, writer, meaning);
}

static void write_other_field(FILE *out, const struct view *view, const struct bzc_bp_field *field)
{
    const struct bzc_plan_write *write = write_of(&view->html->run->plan, false, (unsigned)field->id);
    uint64_t value;

    /* What is zero and nobody wrote says nothing. */
    if (field->size > 8 || !bzc_bp_read(view->bytes, field->id, &value) || (value == 0 && !write))
        return;
    write_row(out, view, field->offset, field->size, field->name, value,
              write && write->value == value ? "the loader" : guest(view), "");
}

/* By rising offset: fields before the setup header, the header's, those behind it. */
static void write_fields(FILE *out, const struct view *view)
{
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Fields of boot_params\"><table>"
          "<caption>Fields</caption>\n<thead><tr><th scope=\"col\">offset<th scope=\"col\">field<th scope=\"col\">value"
          "<th scope=\"col\">written by<th scope=\"col\">meaning</thead>\n<tbody>\n",
          out);
    for (unsigned i = 0; i < BZC_BP_FIELD_COUNT; i++)
        if (bzc_bp_fields[i].offset < bzc_fields[0].offset)
            write_other_field(out, view, &bzc_bp_fields[i]);
    for (unsigned i = 0; i < BZC_FIELD_COUNT; i++)
        write_header_field(out, view, &bzc_fields[i]);
    for (unsigned i = 0; i < BZC_BP_FIELD_COUNT; i++)
        if (bzc_bp_fields[i].offset >= bzc_fields[0].offset)
            write_other_field(out, view, &bzc_bp_fields[i]);
    fputs("</tbody></table></div>\n", out);
}

static void write_e820(FILE *out, const struct view *view)
{
    static const char *const types[] = {"?", "RAM", "reserved", "ACPI", "ACPI NVS", "unusable"};
    struct bzc_memory_range range[BZC_BP_E820_MAX];
    size_t count = bzc_bp_e820(view->bytes, range, BZC_BP_E820_MAX);
    char text[BZC_PAGE_NUMBER_SIZE];

    if (count == 0) {
        fputs("<p class=\"faint\">e820_table has no entries.</p>\n", out);
        return;
    }
    fprintf(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"e820_table\"><table><caption>e820_table, "
        "%zu entr%s</caption>\n<thead><tr><th scope=\"col\">from<th scope=\"col\">to<th scope=\"col\">size"
        "<th scope=\"col\">type</thead>\n<tbody>\n",
        count, count == 1 ? "y" : "ies");
    for (size_t i = 0; i < count && i < BZC_BP_E820_MAX; i++)
        fprintf(out, "<tr><td>0x%" PRIx64 "<td>0x%" PRIx64 "<td>%s<td>%s (%" PRIu32 ")\n", range[i].start,
                range[i].start + range[i].size, bzc_page_bytes(range[i].size, text),
                types[range[i].type < sizeof(types) / sizeof(types[0]) ? range[i].type : 0], range[i].type);
    fputs("</tbody></table></div>\n", out);
}

void bzc_html_boot_params(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;
    struct view view = {.html = html};
    bool entry = run->entry.reached && run->entry.boot_params_in_ram;
    bool pm = run->pm_entry.reached && run->pm_entry.boot_params_in_ram;

    if (!entry && !pm)
        return;
    view.now = entry ? &run->entry : &run->pm_entry;
    view.before = entry && pm ? &run->pm_entry : NULL;
    view.bytes = (struct bzc_bytes){view.now->boot_params, BZC_BOOT_PARAMS_SIZE};
    fprintf(out,
            "<details class=\"boot-params\"><summary><b>boot_params</b> <span class=\"faint\">at 0x%" PRIx64
            ", as %s it</span></summary>\n",
            view.now->boot_params_phys, entry ? "the kernel finds" : "the protected-mode part found");
    write_fields(out, &view);
    write_e820(out, &view);
    fputs("</details>\n", out);
}
