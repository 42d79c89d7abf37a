/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory map as a picture: one bar a moment, all to the same scale. It is drawn three times, for the whole of what
 * is used, around the kernel and for the first megabyte; the script shows one of them and zooms. The unit of the
 * drawing is a page, so that an SVG's numbers are exact up to 64 GiB.
 */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"
#include "report/page.h"

#define PAGE            4096u
#define CAPTION_HEIGHT  18u
#define BAR_HEIGHT      22u
#define LANE_HEIGHT     48u
#define AXIS_HEIGHT     22u
#define TICKS_MAX       4u
#define CHARACTER_WIDTH 19u /* of a label, in thousandths of a narrow picture's width */

struct view {
    const char *name;
    uint64_t start, end; /* physical, whole pages */
};

/* An address in pages, to a thousandth. */
static void write_pages(FILE *out, uint64_t bytes)
{
    unsigned rest = (unsigned)(bytes % PAGE * 1000 / PAGE);

    fprintf(out, "%" PRIu64, bytes / PAGE);
    if (rest > 0)
        fprintf(out, ".%03u", rest);
}

/* Where an address lies in a view, in hundredths of a percent. */
static unsigned place(const struct view *view, uint64_t phys)
{
    if (phys <= view->start)
        return 0;
    if (phys >= view->end)
        return 10000;
    /* Pages, so that nothing overflows. */
    return (unsigned)((phys - view->start) / 16 * 10000 / ((view->end - view->start) / 16));
}

static void write_percent(FILE *out, unsigned hundredths)
{
    fprintf(out, "%u.%02u%%", hundredths / 100, hundredths % 100);
}

/* ---- a bar ---- */

/* What is drawn of one colour: the same colour in one path. */
static void write_path(FILE *out, const struct bzc_html_lane *lane, unsigned colour)
{
    bool any = false;

    for (size_t i = 0; i < lane->count; i++) {
        const struct bzc_html_span *span = &lane->span[i];

        if (span->colour != colour)
            continue;
        if (!any)
            fprintf(out, "<path class=\"w%u\" d=\"", colour);
        any = true;
        fputs("M", out);
        write_pages(out, span->phys);
        fputs(" 0h", out);
        write_pages(out, span->size);
        fputs("v1h-", out);
        write_pages(out, span->size);
        fputs("z", out);
    }
    if (any)
        fputs("\"/>", out);
}

static void write_label(FILE *out, const struct view *view, const struct bzc_html_span *span, unsigned y)
{
    unsigned from = place(view, span->phys), to = place(view, span->phys + span->size);
    size_t length = strlen(span->name);
    bool quiet = span->colour == BZC_HTML_ROOM; /* segments are drawn over it */
    bool fits = !quiet && to > from && (to - from) / 10 >= (length + 1) * CHARACTER_WIDTH;

    fputs("<text class=\"bl\" x=\"", out);
    write_percent(out, from + (to - from) / 2);
    fprintf(out, "\" y=\"%u\" data-a=\"", y);
    write_pages(out, span->phys);
    fputs("\" data-z=\"", out);
    write_pages(out, span->size);
    fprintf(out, "\"%s%s>", quiet ? " data-quiet=\"\"" : "", fits ? "" : " display=\"none\"");
    bzc_html_text(out, span->name);
    fputs("</text>", out);
}

/* The first picture defines a bar, the others use it again. */
static void write_lane(FILE *out, const struct bzc_html_run *run, const struct view *view,
                       const struct bzc_html_lane *lane, size_t index, bool define)
{
    unsigned y = (unsigned)index * LANE_HEIGHT;

    fprintf(out, "<text class=\"cap\" x=\"0\" y=\"%u\">", y + CAPTION_HEIGHT - 5);
    bzc_html_text(out, lane->caption);
    fprintf(out,
            "</text>\n<rect class=\"bg\" x=\"0\" y=\"%u\" width=\"100%%\" height=\"%u\"/>"
            "<svg class=\"bar\" x=\"0\" y=\"%u\" width=\"100%%\" height=\"%u\" preserveAspectRatio=\"none\" "
            "viewBox=\"%" PRIu64 " 0 %" PRIu64 " 1\">",
            y + CAPTION_HEIGHT, BAR_HEIGHT, y + CAPTION_HEIGHT, BAR_HEIGHT, view->start / PAGE,
            (view->end - view->start) / PAGE);
    if (define) {
        fprintf(out, "<g id=\"%s-l%zu\">", run->id, index);
        for (int colour = BZC_HTML_ROOM; colour >= 0; colour--)
            write_path(out, lane, (unsigned)colour);
        fputs("</g>", out);
    } else {
        fprintf(out, "<use href=\"#%s-l%zu\"/>", run->id, index);
    }
    fputs("</svg>\n", out);
    for (size_t i = 0; i < lane->count; i++)
        if (lane->span[i].target)
            write_label(out, view, &lane->span[i], y + CAPTION_HEIGHT + 15);
}

static void write_axis(FILE *out, const struct view *view, unsigned y)
{
    uint64_t step = PAGE;

    while ((view->end - view->start) / step > TICKS_MAX)
        step *= 2;
    fputs("<g class=\"ticks\">", out);
    for (uint64_t at = (view->start + step - 1) / step * step; at <= view->end; at += step) {
        unsigned x = place(view, at);

        fputs("<line x1=\"", out);
        write_percent(out, x);
        fputs("\" x2=\"", out);
        write_percent(out, x);
        fprintf(out, "\" y1=\"0\" y2=\"%u\"/><text x=\"", y + 4);
        write_percent(out, x);
        fprintf(out, "\" y=\"%u\"%s>0x%" PRIx64 "</text>", y + 17,
                x < 600    ? " class=\"first\""
                : x > 9400 ? " class=\"last\""
                           : "",
                at);
    }
    fputs("</g>\n", out);
}

static void write_view(FILE *out, const struct bzc_html_run *run, const struct bzc_html_lanes *lanes,
                       const struct view *view, bool define)
{
    unsigned height = (unsigned)lanes->count * LANE_HEIGHT;
    char size[BZC_PAGE_NUMBER_SIZE];

    fprintf(out, "<figure class=\"map\" data-lo=\"%" PRIu64 "\" data-hi=\"%" PRIu64 "\"><figcaption>",
            view->start / PAGE, view->end / PAGE);
    bzc_html_text(out, view->name);
    fprintf(out, "</figcaption>\n<svg width=\"100%%\" height=\"%u\" role=\"img\" aria-label=\"", height + AXIS_HEIGHT);
    bzc_html_put(out, "Memory map, %s: 0x%" PRIx64 " to 0x%" PRIx64 " (%s), %zu bars to scale", view->name, view->start,
                 view->end, bzc_page_bytes(view->end - view->start, size), lanes->count);
    for (size_t i = 0; i < lanes->count; i++)
        bzc_html_put(out, "%s%s", i == 0 ? ": " : "; ", lanes->lane[i].caption);
    fputs(". The same in numbers stands below.\">\n", out);
    write_axis(out, view, height);
    for (size_t i = 0; i < lanes->count; i++)
        write_lane(out, run, view, &lanes->lane[i], i, define);
    fputs("</svg></figure>\n", out);
}

/* ---- the legend ---- */

static void write_swatch(FILE *out, unsigned colour, const char *name)
{
    fprintf(out,
            "<li><svg class=\"swatch\" width=\"14\" height=\"14\" aria-hidden=\"true\"><rect class=\"w%u\" x=\"1\" "
            "y=\"1\" width=\"12\" height=\"12\"/></svg>",
            colour);
    bzc_html_text(out, name);
    fputs("</li>", out);
}

static bool is_drawn(const struct bzc_html_lanes *lanes, unsigned colour)
{
    for (size_t i = 0; i < lanes->span_count; i++)
        if (lanes->span[i].colour == colour)
            return true;
    return false;
}

static void write_legend(FILE *out, const struct bzc_run_facts *run, const struct bzc_html_lanes *lanes)
{
    static const struct {
        unsigned colour;
        const char *name;
    } rows[] = {
        {BZC_HTML_RAM, "RAM"},
        {BZC_HTML_RESERVED, "reserved"},
        {BZC_HTML_LOADER, "loader: small blocks"},
        {BZC_HTML_KERNEL, "kernel image, kernel"},
        {BZC_HTML_INITRD, "initrd"},
        {BZC_HTML_ROOM, "room for the kernel"},
    };

    fputs("<ul class=\"legend\">", out);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (is_drawn(lanes, rows[i].colour))
            write_swatch(out, rows[i].colour, rows[i].name);
    for (size_t i = 0; i < run->stage_count && i < BZC_HTML_STAGE_COLOURS; i++) {
        char name[96];

        if (!is_drawn(lanes, bzc_html_stage_colour(i)))
            continue;
        snprintf(name, sizeof(name), "written by %s", run->stage[i].name);
        write_swatch(out, bzc_html_stage_colour(i), name);
    }
    fputs("</ul>\n", out);
}

/* ---- the whole ---- */

/* Whole pages, a little more than [start, end). */
static struct view make_view(const char *name, uint64_t start, uint64_t end, uint64_t limit)
{
    uint64_t margin = (end - start) / 32, step = PAGE;
    struct view view = {.name = name};

    while (step * 256 < end - start)
        step *= 2;
    view.start = start > margin ? (start - margin) / step * step : 0;
    view.end = (end + margin + step - 1) / step * step;
    if (limit && view.end > limit && limit >= end)
        view.end = (limit + PAGE - 1) / PAGE * PAGE;
    return view;
}

enum bzc_status bzc_html_map(FILE *out, const struct bzc_html_run *run, struct bzc_error *err)
{
    struct bzc_html_lanes lanes;
    enum bzc_status status = bzc_html_lanes_make(run, &lanes, err);
    struct view all, kernel, low = {.name = "the first megabyte", .end = 1u << 20};

    if (status != BZC_OK)
        return status;
    /* Beyond 64 TiB nothing can be; what a damaged header says is cut off there. */
    lanes.end = lanes.end > 1ull << 46 ? 1ull << 46 : lanes.end;
    lanes.kernel_end = lanes.kernel_end > 1ull << 46 ? 1ull << 46 : lanes.kernel_end;
    all = make_view("all that is used", 0, lanes.end > 1u << 20 ? lanes.end : 1u << 20, 0);
    fprintf(out, "<section class=\"maps\" id=\"%s-map\" aria-labelledby=\"%s-map-h\"><h4 id=\"%s-map-h\">Memory</h4>\n",
            run->id, run->id, run->id);
    if (!lanes.recorded)
        fputs("<p class=\"faint\">Who wrote what during the boot was not recorded.</p>\n", out);
    write_legend(out, run->run, &lanes);
    fputs("<div class=\"views\">\n", out);
    write_view(out, run, &lanes, &all, true);
    if (lanes.kernel_end > lanes.kernel_start) {
        kernel = make_view("around the kernel", lanes.kernel_start, lanes.kernel_end, 0);
        write_view(out, run, &lanes, &kernel, false);
    }
    write_view(out, run, &lanes, &low, false);
    fputs("</div>\n", out);
    bzc_html_map_tables(out, run, &lanes);
    fputs("</section>\n", out);
    bzc_html_lanes_free(&lanes);
    return BZC_OK;
}
