/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/html.h"

static void extend(struct bzc_html_lanes *lanes, uint64_t end)
{
    lanes->end = end > lanes->end ? end : lanes->end;
}

static struct bzc_html_lane *begin_lane(struct bzc_html_lanes *lanes)
{
    struct bzc_html_lane *lane = &lanes->lane[lanes->count++];

    lane->span = lanes->span + lanes->span_count;
    return lane;
}

static void add(struct bzc_html_lanes *lanes, struct bzc_html_lane *lane, struct bzc_html_span span)
{
    if (span.size == 0 || span.phys + span.size < span.phys)
        return;
    lanes->span[lanes->span_count++] = span;
    lane->count++;
    if (span.colour != BZC_HTML_RAM && span.colour != BZC_HTML_RESERVED)
        extend(lanes, span.phys + span.size);
}

/* ---- the lanes ---- */

static void add_ram(struct bzc_html_lanes *lanes, const struct bzc_memory_map *map)
{
    struct bzc_html_lane *lane = begin_lane(lanes);

    snprintf(lane->caption, sizeof(lane->caption), "Memory that the BIOS tells of");
    for (size_t i = 0; i < map->count; i++) {
        bool ram = map->range[i].type == BZC_E820_RAM;

        add(lanes, lane,
            (struct bzc_html_span){.phys = map->range[i].start,
                                   .size = map->range[i].size,
                                   .colour = ram ? BZC_HTML_RAM : BZC_HTML_RESERVED,
                                   .name = ram ? "RAM" : "reserved"});
    }
}

static void add_blocks(struct bzc_html_lanes *lanes, const struct bzc_plan *plan)
{
    struct bzc_html_lane *lane = begin_lane(lanes);

    snprintf(lane->caption, sizeof(lane->caption), "Before the start: what the loader placed");
    for (size_t i = 0; i < plan->block_count; i++)
        add(lanes, lane,
            (struct bzc_html_span){.phys = plan->block[i].phys,
                                   .size = plan->block[i].bytes.size,
                                   .colour = bzc_html_block_colour(plan->block[i].role),
                                   .name = plan->block[i].name,
                                   .target = true});
}

/* The loader's block that a range begins in, or that begins in it. */
static const struct bzc_block *block_at(const struct bzc_plan *plan, const struct bzc_picture_range *range)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];

        if (block->phys < range->phys + range->size && block->phys + block->bytes.size > range->phys)
            return block;
    }
    return NULL;
}

static void add_written(struct bzc_html_lanes *lanes, struct bzc_html_lane *lane, const struct bzc_run_facts *run,
                        const struct bzc_stage_picture *picture)
{
    for (size_t i = 0; i < picture->range_count; i++) {
        const struct bzc_picture_range *range = &picture->range[i];
        struct bzc_html_span span = {.phys = range->phys, .size = range->size, .name = "loader or BIOS"};
        const struct bzc_block *block;

        if (range->writer == 0) {
            block = block_at(&run->plan, range);
            span.colour = block ? bzc_html_block_colour(block->role) : BZC_HTML_LOADER;
            span.name = block ? block->name : span.name;
        } else {
            size_t stage = range->writer - 1u;

            span.colour = bzc_html_stage_colour(stage);
            span.name = stage < run->stage_count ? run->stage[stage].name : "?";
        }
        add(lanes, lane, span);
    }
    lane->left_out = picture->ranges_left_out;
}

static void add_stages(struct bzc_html_lanes *lanes, const struct bzc_run_facts *run)
{
    for (size_t i = 0; i < run->stage_count; i++) {
        const struct bzc_stage_picture *picture = bzc_html_stage_picture(run, i);
        struct bzc_html_lane *lane;

        if (!picture || i == 0)
            continue; /* nothing but the loader has written before the first stage */
        lane = begin_lane(lanes);
        snprintf(lane->caption, sizeof(lane->caption), "At the start of %s: who wrote what", run->stage[i].name);
        add_written(lanes, lane, run, picture);
        lanes->recorded = true;
    }
    /* A run that arrived ends where its last stage begins. */
    if (run->picture && run->picture->end.range_count > 0 && !(run->entry.reached && !run->running.reached)) {
        struct bzc_html_lane *lane = begin_lane(lanes);

        snprintf(lane->caption, sizeof(lane->caption), "At the end: who wrote what");
        add_written(lanes, lane, run, &run->picture->end);
        lanes->recorded = true;
    }
}

static const struct bzc_expected_segment *expected_segment(const struct bzc_oracle *oracle, unsigned index)
{
    for (size_t i = 0; oracle && i < oracle->segment_count; i++)
        if (oracle->segment[i].index == index)
            return &oracle->segment[i];
    return NULL;
}

static void add_kernel(struct bzc_html_lanes *lanes, const struct bzc_html_run *html)
{
    const struct bzc_comparison *comparison = &html->run->comparison;
    struct bzc_html_lane *lane;

    if (!html->run->compared && !lanes->has_room)
        return;
    lane = begin_lane(lanes);
    snprintf(lane->caption, sizeof(lane->caption), "%s%s", html->run->compared ? "Where the kernel lies" : "",
             !lanes->has_room      ? ""
             : html->run->compared ? ", and its room (init_size)"
                                   : "The kernel's room (init_size)");
    if (lanes->has_room)
        add(lanes, lane,
            (struct bzc_html_span){.phys = lanes->room_start,
                                   .size = lanes->room_size,
                                   .colour = BZC_HTML_ROOM,
                                   .name = "room for the kernel (init_size)",
                                   .target = true});
    for (size_t i = 0; html->run->compared && i < comparison->segment_count; i++) {
        const struct bzc_expected_segment *expected =
            expected_segment(html->image->oracle, comparison->segment[i].index);

        snprintf(lanes->segment_name[i], sizeof(lanes->segment_name[i]), "segment %u of the kernel",
                 comparison->segment[i].index);

        add(lanes, lane,
            (struct bzc_html_span){.phys = comparison->segment[i].phys,
                                   .size = expected ? expected->memsz : 0,
                                   .colour = BZC_HTML_KERNEL,
                                   .name = lanes->segment_name[i],
                                   .target = true});
    }
}

/* ---- the whole ---- */

static void find_room(struct bzc_html_lanes *lanes, const struct bzc_html_run *html)
{
    const struct bzc_plan *plan = &html->run->plan;

    if (!plan->has_pm || html->image->image.init_size == 0)
        return;
    /* A kernel that KASLR moved needs its room where it went. */
    if (html->run->compared && html->run->kaslr)
        lanes->room_start = html->run->comparison.base;
    else if (!bzc_image_runtime_start(&html->image->image, plan->pm_phys, plan->kernel_alignment, &lanes->room_start))
        return;
    lanes->room_size = html->image->image.init_size;
    lanes->has_room = lanes->room_start + lanes->room_size > lanes->room_start;
}

/* The kernel and its room; before it is anywhere, the image. */
static void find_kernel(struct bzc_html_lanes *lanes, bool image)
{
    const struct bzc_html_lane *last = &lanes->lane[image ? 1 : lanes->count - 1];
    uint64_t start = UINT64_MAX, end = 0;

    for (size_t i = 0; i < last->count; i++) {
        const struct bzc_html_span *span = &last->span[i];

        if (span->colour != BZC_HTML_KERNEL && span->colour != BZC_HTML_ROOM)
            continue;
        start = span->phys < start ? span->phys : start;
        end = span->phys + span->size > end ? span->phys + span->size : end;
    }
    lanes->kernel_start = end ? start : 0;
    lanes->kernel_end = end;
}

enum bzc_status bzc_html_lanes_make(const struct bzc_html_run *html, struct bzc_html_lanes *lanes,
                                    struct bzc_error *err)
{
    const struct bzc_run_facts *run = html->run;
    size_t most = run->map.count + run->plan.block_count + BZC_ELF_SEGMENTS_MAX + 1;

    memset(lanes, 0, sizeof(*lanes));
    for (size_t i = 0; run->picture && i < run->picture->stage_count; i++)
        most += run->picture->stage[i].range_count;
    if (run->picture)
        most += run->picture->end.range_count;
    lanes->span = calloc(most, sizeof(*lanes->span));
    if (!lanes->span)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the map of the HTML report");
    find_room(lanes, html);
    add_ram(lanes, &run->map);
    add_blocks(lanes, &run->plan);
    add_stages(lanes, run);
    add_kernel(lanes, html);
    find_kernel(lanes, !run->compared && !lanes->has_room);
    return BZC_OK;
}

void bzc_html_lanes_free(struct bzc_html_lanes *lanes)
{
    free(lanes->span);
    lanes->span = NULL;
}
