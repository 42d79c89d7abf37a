/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "report/diff.h"
#include "report/page.h"

#define SUBJECT_COLUMN 12u /* behind the word for the importance */
#define VALUE_COLUMN   14u

static const enum bzc_style styles[BZC_IMPORTANCE_COUNT] = {BZC_STYLE_FAINT, BZC_STYLE_DOUBT, BZC_STYLE_BAD};

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- the images ---- */

static void write_image(struct bzc_page *page, const char *mark, const char *path, const struct bzc_diff_side *side)
{
    const struct bzc_image *image = side->kernel ? &side->kernel->facts.image : NULL;
    char size[BZC_PAGE_NUMBER_SIZE], protocol[8];

    bzc_page_put(page, BZC_STYLE_HEAD, mark);
    bzc_page_put(page, BZC_STYLE_PLAIN, " ");
    bzc_page_put(page, BZC_STYLE_HEAD, path);
    bzc_page_end_line(page);
    bzc_page_tab(page, 4);
    bzc_page_put(page, BZC_STYLE_PLAIN, bzc_diff_kind_of_file(side->file));
    if (image) {
        bzc_image_protocol_text(image, protocol);
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", protocol %s", protocol);
    }
    bzc_page_printf(page, BZC_STYLE_PLAIN, ", %s", bzc_page_bytes(side->file->file.size, size));
    bzc_page_end_line(page);
    if (image && *image->kernel_version) {
        bzc_page_tab(page, 4);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 6, image->kernel_version);
    }
}

/* ---- one difference ---- */

static void write_values(struct bzc_page *page, const struct bzc_difference *difference)
{
    char text[2 * BZC_DIFF_TEXT + 16];
    bool pair = *difference->before && *difference->after;

    if (pair)
        snprintf(text, sizeof(text), "%s -> %s", difference->before, difference->after);
    else if (*difference->after)
        snprintf(text, sizeof(text), "new: %s", difference->after);
    else
        snprintf(text, sizeof(text), "gone: %s", difference->before);
    if (page->column + 2 + strlen(text) <= BZC_PAGE_WIDTH) {
        bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, VALUE_COLUMN, text);
        return;
    }
    /* Long ones are easier to compare below each other. */
    bzc_page_put(page, BZC_STYLE_PLAIN, ":");
    bzc_page_end_line(page);
    bzc_page_tab(page, VALUE_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, VALUE_COLUMN, pair ? difference->before : text);
    if (pair) {
        bzc_page_tab(page, VALUE_COLUMN);
        bzc_page_put(page, BZC_STYLE_PLAIN, "-> ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, VALUE_COLUMN + 3, difference->after);
    }
}

/* "in bios, entry32". */
static void write_runs(struct bzc_page *page, const struct bzc_difference *difference,
                       const struct bzc_diff_side *before)
{
    char text[BZC_RUNS_MAX * (BZC_DIFF_RUN_LABEL + 2)], label[BZC_DIFF_RUN_LABEL];
    size_t used = 0;

    for (size_t at = 0; bzc_diff_next_run(difference, before, &at, label);)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "in ", label);
    if (used == 0)
        return;
    bzc_page_tab(page, VALUE_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_FAINT, VALUE_COLUMN + 3, text);
}

static void write_difference(struct bzc_page *page, const struct bzc_difference *difference,
                             const struct bzc_diff_side *before)
{
    enum bzc_importance importance = difference->importance;
    char text[BZC_DIFF_TEXT + 64];

    bzc_page_tab(page, 2);
    bzc_page_put(page, styles[importance], bzc_importance_name(importance));
    bzc_page_tab(page, SUBJECT_COLUMN);
    bzc_page_put(page, importance == BZC_IMPORTANCE_EXPECTED ? BZC_STYLE_PLAIN : BZC_STYLE_HEAD, difference->subject);
    write_values(page, difference);
    write_runs(page, difference, before);
    if (importance == BZC_IMPORTANCE_EXPECTED)
        return;
    bzc_page_tab(page, VALUE_COLUMN);
    snprintf(text, sizeof(text), "%s [%s]", difference->meaning, difference->kind->name);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, VALUE_COLUMN, text);
}

static void write_differences(struct bzc_page *page, const struct bzc_diff_entry *entry, enum bzc_importance least)
{
    const struct bzc_diff *diff = entry->diff;
    int section = -1;

    for (size_t i = 0; i < diff->count; i++) {
        const struct bzc_difference *difference = &diff->item[i];

        if (difference->importance < least)
            continue;
        if ((int)difference->kind->section != section) {
            section = (int)difference->kind->section;
            bzc_page_end_line(page);
            bzc_page_put(page, BZC_STYLE_HEAD, bzc_diff_section_name(difference->kind->section));
            bzc_page_end_line(page);
        }
        write_difference(page, difference, entry->side[0]);
    }
}

/* ---- the end ---- */

static void write_counts(struct bzc_page *page, const struct bzc_diff_entry *entry)
{
    const struct bzc_diff *diff = entry->diff;
    const char *separator = "";

    if (diff->identical) {
        bzc_page_put(page, BZC_STYLE_GOOD, "no differences");
        bzc_page_put(page, BZC_STYLE_PLAIN, ": the files hold the same bytes");
        bzc_page_end_line(page);
        return;
    }
    if (diff->by_importance[BZC_IMPORTANCE_BREAKING] == 0)
        bzc_page_put(page, BZC_STYLE_GOOD, "no breaking difference");
    for (int i = BZC_IMPORTANCE_COUNT - 1; i >= 0; i--) {
        size_t count = diff->by_importance[i];

        if (i == BZC_IMPORTANCE_BREAKING && count > 0)
            bzc_page_printf(page, BZC_STYLE_BAD, "%zu breaking difference%s", count, plural(count));
        else if (count > 0)
            bzc_page_printf(page, BZC_STYLE_PLAIN, "%s%zu %s", separator, count,
                            bzc_importance_name((enum bzc_importance)i));
        separator = ", ";
    }
    bzc_page_put(page, BZC_STYLE_PLAIN, " (");
    if (entry->executed)
        bzc_page_printf(page, BZC_STYLE_PLAIN, "%zu run%s of each compared", diff->runs_compared,
                        plural(diff->runs_compared));
    else
        bzc_page_put(page, BZC_STYLE_PLAIN, "only the files compared");
    if (diff->same_findings > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %zu finding%s in both", diff->same_findings,
                        plural(diff->same_findings));
    if (diff->left_out > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", %zu more not shown", diff->left_out);
    bzc_page_put(page, BZC_STYLE_PLAIN, ")");
    bzc_page_end_line(page);
}

void bzc_diff_text(const struct bzc_diff_entry *entry, const struct bzc_diff_text_options *options, FILE *out)
{
    struct bzc_page page = {.out = out, .colour = options->colour};

    if (!entry->diff)
        return;
    write_image(&page, "---", entry->path[0], entry->side[0]);
    write_image(&page, "+++", entry->path[1], entry->side[1]);
    write_differences(&page, entry, options->least);
    bzc_page_end_line(&page);
    write_counts(&page, entry);
}

void bzc_diff_list(const struct bzc_policy *policy, FILE *out)
{
    struct bzc_page page = {.out = out, .width = 80};

    for (size_t i = 0; i < BZC_DIFF_KIND_COUNT; i++) {
        const struct bzc_diff_kind *kind = &bzc_diff_kinds[i];

        bzc_page_put(&page, BZC_STYLE_PLAIN, bzc_importance_name(policy->difference[i]));
        bzc_page_tab(&page, 10);
        bzc_page_put(&page, BZC_STYLE_PLAIN, kind->name);
        bzc_page_end_line(&page);
        bzc_page_tab(&page, 14);
        bzc_page_wrap(&page, BZC_STYLE_PLAIN, 14, kind->meaning);
    }
}
