/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the boot and the ways between them: a graph with one numbered arrow for each pair of parts (or a part
 * that changes the CPU's mode), and a list that says what the numbers stand for. Parts stand below each other; a way to
 * the next one is straight, ways further down go to the right, ways back to the left.
 */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"

#define NODES_MAX   34u
#define ARROWS_MAX  128u
#define WAYS_LISTED 4u
#define WIDTH       360u
#define NODE_X      96u
#define NODE_WIDTH  168u
#define NODE_HEIGHT 34u
#define NODE_STEP   66u
#define SIDE_WIDTH  84u /* room for the arrows beside the nodes */

struct arrow {
    size_t from, to; /* nodes */
    size_t ways;
    size_t lane; /* of those on its side, from the nodes outwards */
};

struct graph {
    const char *node[NODES_MAX];
    size_t node_count;
    struct arrow arrow[ARROWS_MAX];
    size_t arrow_count;
    size_t left, right; /* arrows on each side */
};

static const char start_name[] = "start";

static const char *from_name(const struct bzc_region_jump *jump)
{
    return jump->from ? jump->from : start_name;
}

static size_t node_of(struct graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (strcmp(graph->node[i], name) == 0)
            return i;
    if (graph->node_count == NODES_MAX)
        return NODES_MAX;
    graph->node[graph->node_count] = name;
    return graph->node_count++;
}

static void add_way(struct graph *graph, const struct bzc_region_jump *jump)
{
    size_t from = node_of(graph, from_name(jump)), to = node_of(graph, jump->to);

    if (from == NODES_MAX || to == NODES_MAX)
        return;
    for (size_t i = 0; i < graph->arrow_count; i++) {
        if (graph->arrow[i].from == from && graph->arrow[i].to == to) {
            graph->arrow[i].ways++;
            return;
        }
    }
    if (graph->arrow_count == ARROWS_MAX)
        return;
    graph->arrow[graph->arrow_count++] = (struct arrow){.from = from, .to = to, .ways = 1};
}

/* The shortest arrows next to the nodes. */
static void place_arrows(struct graph *graph)
{
    for (size_t span = 1; span < NODES_MAX; span++) {
        for (size_t i = 0; i < graph->arrow_count; i++) {
            struct arrow *arrow = &graph->arrow[i];

            if (arrow->to > arrow->from && arrow->to - arrow->from == span && span > 1)
                arrow->lane = graph->right++;
            else if (arrow->to < arrow->from && arrow->from - arrow->to == span)
                arrow->lane = graph->left++;
        }
    }
}

/* ---- the picture ---- */

static void write_badge(FILE *out, unsigned x, unsigned y, size_t number)
{
    fprintf(out,
            "<circle class=\"badge\" cx=\"%u\" cy=\"%u\" r=\"10\"/><text class=\"num\" x=\"%u\" y=\"%u\">%zu</text>\n",
            x, y, x, y + 4, number);
}

static void write_arrow(FILE *out, const struct graph *graph, size_t index)
{
    const struct arrow *arrow = &graph->arrow[index];
    bool back = arrow->to < arrow->from;
    unsigned middle = NODE_X + NODE_WIDTH / 2, y1, y2, x, edge, number = (unsigned)index + 1;

    if (arrow->to == arrow->from) {
        y1 = (unsigned)arrow->from * NODE_STEP + NODE_HEIGHT / 2 - 8;
        fprintf(out, "<path class=\"way\" d=\"M%u %uh-22v16h16\"/><path class=\"head\" d=\"M%u %ul-8 -5v10z\"/>",
                NODE_X, y1, NODE_X, y1 + 16);
        write_badge(out, NODE_X - 22, y1 + 8, number);
        return;
    }
    if (arrow->to == arrow->from + 1) {
        y1 = (unsigned)arrow->from * NODE_STEP + NODE_HEIGHT + 1;
        y2 = (unsigned)arrow->to * NODE_STEP;
        fprintf(out, "<path class=\"way\" d=\"M%u %uV%u\"/><path class=\"head\" d=\"M%u %ul-5 -8h10z\"/>", middle, y1,
                y2 - 6, middle, y2);
        write_badge(out, middle, (y1 + y2) / 2 - 3, number);
        return;
    }
    edge = back ? NODE_X : NODE_X + NODE_WIDTH;
    x = (unsigned)((arrow->lane + 1) * SIDE_WIDTH / ((back ? graph->left : graph->right) + 1));
    x = back ? edge - x : edge + x;
    /* Where arrows leave and enter a node, they keep apart. */
    y1 = (unsigned)arrow->from * NODE_STEP + (back ? 10 : NODE_HEIGHT - 10);
    y2 = (unsigned)arrow->to * NODE_STEP + (back ? NODE_HEIGHT - 8 : 8);
    fprintf(out, "<path class=\"way\" d=\"M%u %uH%uV%uH%u\"/><path class=\"head\" d=\"M%u %ul%d -5v10z\"/>", edge, y1,
            x, y2, back ? edge - 6 : edge + 6, edge, y2, back ? -8 : 8);
    write_badge(out, x, (y1 + y2) / 2 + (unsigned)(arrow->lane % 3) * 7, number);
}

static unsigned node_colour(const struct bzc_run_facts *run, const char *name)
{
    for (size_t i = 0; i < run->stage_count; i++)
        if (strcmp(run->stage[i].name, name) == 0)
            return bzc_html_stage_colour(i);
    return BZC_HTML_LOADER;
}

static void write_graph(FILE *out, const struct bzc_html_run *html, const struct graph *graph)
{
    unsigned height = (unsigned)(graph->node_count - 1) * NODE_STEP + NODE_HEIGHT + 2;

    fprintf(out, "<svg class=\"graph\" viewBox=\"0 -1 %u %u\" role=\"img\" aria-label=\"", WIDTH, height);
    bzc_html_put(out, "Graph of %zu parts of the boot and %zu arrows between them:", graph->node_count,
                 graph->arrow_count);
    for (size_t i = 0; i < graph->arrow_count; i++)
        bzc_html_put(out, "%s %zu from %s to %s", i > 0 ? "," : "", i + 1, graph->node[graph->arrow[i].from],
                     graph->node[graph->arrow[i].to]);
    fputs(". The list beside it tells of each.\">\n", out);
    for (size_t i = 0; i < graph->node_count; i++) {
        unsigned y = (unsigned)i * NODE_STEP;

        fprintf(out,
                "<rect class=\"node w%u\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"7\"/>"
                "<text class=\"node-name\" x=\"%u\" y=\"%u\">",
                node_colour(html->run, graph->node[i]), NODE_X, y, NODE_WIDTH, NODE_HEIGHT, NODE_X + NODE_WIDTH / 2,
                y + 22);
        bzc_html_text(out, graph->node[i]);
        fputs("</text>\n", out);
    }
    for (size_t i = 0; i < graph->arrow_count; i++)
        write_arrow(out, graph, i);
    fputs("</svg>\n", out);
}

/* ---- the list ---- */

static void write_kinds(FILE *out, const struct bzc_picture *picture, const struct graph *graph,
                        const struct arrow *arrow)
{
    size_t count[BZC_JUMP_EVENT + 1] = {0};
    bool any = false;

    for (size_t i = 0; i < picture->jump_count; i++) {
        const struct bzc_region_jump *jump = &picture->jump[i];

        if (strcmp(from_name(jump), graph->node[arrow->from]) == 0 && strcmp(jump->to, graph->node[arrow->to]) == 0 &&
            jump->kind <= BZC_JUMP_EVENT)
            count[jump->kind]++;
    }
    for (unsigned kind = 0; kind <= BZC_JUMP_EVENT; kind++) {
        if (count[kind] == 0)
            continue;
        fprintf(out, "%s%s", any ? ", " : "", bzc_jump_kind_name((enum bzc_jump_kind)kind));
        if (count[kind] > 1)
            fprintf(out, " \xc3\x97%zu", count[kind]);
        any = true;
    }
}

static void write_ways(FILE *out, const struct bzc_picture *picture, const struct graph *graph,
                       const struct arrow *arrow)
{
    size_t listed = 0;

    fputs("<ul>", out);
    for (size_t i = 0; i < picture->jump_count && listed < WAYS_LISTED; i++) {
        const struct bzc_region_jump *jump = &picture->jump[i];

        if (strcmp(from_name(jump), graph->node[arrow->from]) != 0 || strcmp(jump->to, graph->node[arrow->to]) != 0)
            continue;
        listed++;
        fputs("<li>", out);
        if (jump->from_known)
            fprintf(out, "<code>0x%" PRIx64 "</code> ", jump->from_phys);
        fprintf(out, "\xe2\x86\x92 <code>0x%" PRIx64 "</code> <span class=\"faint\">", jump->phys);
        if (jump->from_known && jump->mode_before != jump->mode)
            fprintf(out, "%s \xe2\x86\x92 ", bzc_mode_name(jump->mode_before));
        fputs(bzc_mode_name(jump->mode), out);
        if (jump->instruction[0]) {
            fputs(", </span><code>", out);
            bzc_html_text(out, jump->instruction);
            fputs("</code>", out);
        } else {
            fputs("</span>", out);
        }
        fputs("</li>", out);
    }
    if (arrow->ways > listed)
        fprintf(out, "<li class=\"faint\">and %zu more</li>", arrow->ways - listed);
    fputs("</ul>", out);
}

static void write_list(FILE *out, const struct bzc_picture *picture, const struct graph *graph)
{
    fputs("<ol class=\"ways\">\n", out);
    for (size_t i = 0; i < graph->arrow_count; i++) {
        const struct arrow *arrow = &graph->arrow[i];

        fputs("<li><b>", out);
        if (arrow->from == arrow->to)
            fputs("within ", out);
        bzc_html_text(out, graph->node[arrow->from]);
        if (arrow->from != arrow->to) {
            fputs(" \xe2\x86\x92 ", out);
            bzc_html_text(out, graph->node[arrow->to]);
        }
        fputs("</b> <span class=\"faint\">", out);
        if (arrow->from == arrow->to)
            fputs("change of mode: ", out);
        write_kinds(out, picture, graph, arrow);
        fputs("</span>", out);
        write_ways(out, picture, graph, arrow);
        fputs("</li>\n", out);
    }
    fputs("</ol>\n", out);
}

void bzc_html_jumps(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_picture *picture = html->run->picture;
    struct graph graph = {.node_count = 0};

    fprintf(out, "<section aria-labelledby=\"%s-jumps\"><h4 id=\"%s-jumps\">Ways between the parts</h4>\n", html->id,
            html->id);
    if (!picture || picture->jump_count == 0) {
        fputs("<p class=\"faint\">The jumps between the parts were not recorded.</p></section>\n", out);
        return;
    }
    for (size_t i = 0; i < picture->jump_count; i++)
        add_way(&graph, &picture->jump[i]);
    place_arrows(&graph);
    fputs("<div class=\"jumps\">\n", out);
    write_graph(out, html, &graph);
    write_list(out, picture, &graph);
    fputs("</div>\n", out);
    if (picture->jumps_left_out > 0)
        fprintf(out, "<p class=\"faint\">%zu more jumps were not recorded.</p>\n", picture->jumps_left_out);
    fputs("</section>\n", out);
}
