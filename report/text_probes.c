/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs that probe load addresses: one line each, unless the kernel did not come to lie in memory as built. */
#include <inttypes.h>
#include <string.h>

#include "report/text.h"

#define INDENT       4u
#define COLUMNS      4u
#define OUTCOME_SIZE 192u

static const char *const heads[COLUMNS] = {"requested", "alignment", "aligned", "final"};

bool bzc_text_is_quiet_probe(const struct bzc_run_facts *run)
{
    const struct bzc_comparison *comparison = &run->comparison;

    if (!run->purpose[0] || run->plan_error.status != BZC_OK)
        return false;
    if (run->expect == BZC_EXPECT_REFUSAL && !run->entry.reached)
        return run->refusal[0];
    if (run->expect == BZC_EXPECT_FIXED && !run->entry.reached)
        return true;
    if (run->expect == BZC_EXPECT_RUNNING || !run->compared || comparison->bad_slots > 0)
        return false;
    for (size_t i = 0; i < comparison->segment_count; i++)
        if (!comparison->segment[i].matches)
            return false;
    return true;
}

static void describe(const struct bzc_image *image, const struct bzc_run_facts *run, char cell[COLUMNS][24])
{
    uint64_t aligned;

    snprintf(cell[0], 24, "0x%" PRIx64, run->load_addr);
    snprintf(cell[1], 24, "-");
    if (run->plan.kernel_alignment != 0)
        snprintf(cell[1], 24, "0x%" PRIx64 "%s", run->plan.kernel_alignment,
                 run->plan.kernel_alignment != image->kernel_alignment ? " *" : "");
    snprintf(cell[2], 24, "-");
    if (bzc_image_runtime_start(image, run->load_addr, run->plan.kernel_alignment, &aligned))
        snprintf(cell[2], 24, "0x%" PRIx64, aligned);
    snprintf(cell[3], 24, "-");
    if (run->compared)
        snprintf(cell[3], 24, "0x%" PRIx64, run->comparison.base);
}

static void write_row(struct bzc_page *page, enum bzc_style style, const unsigned column[COLUMNS + 1],
                      const char *const cell[COLUMNS + 1])
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        bzc_page_tab(page, column[i]);
        bzc_page_put(page, style, cell[i]);
    }
    bzc_page_tab(page, column[COLUMNS]);
    bzc_page_wrap(page, style, column[COLUMNS], cell[COLUMNS]);
}

/* What the addresses do not tell. */
static const char *outcome(const struct bzc_run_facts *run, char words[OUTCOME_SIZE])
{
    words[0] = '\0';
    if (run->refusal[0])
        snprintf(words, OUTCOME_SIZE, ": \"%s\"", run->refusal);
    else if (!run->entry.reached)
        snprintf(words, OUTCOME_SIZE, ": the kernel is not reached (%s)", bzc_stop_name(run->stop.reason));
    return words;
}

void bzc_text_probes(struct bzc_page *page, const struct bzc_facts *facts)
{
    const struct bzc_image *image = &facts->image.image;
    unsigned column[COLUMNS + 1] = {INDENT};
    size_t width[COLUMNS], count = 0;
    char cell[COLUMNS][24];
    bool rewritten = false;

    for (unsigned i = 0; i < COLUMNS; i++)
        width[i] = strlen(heads[i]);
    for (size_t r = 0; r < facts->run_count; r++) {
        if (!bzc_text_is_quiet_probe(&facts->run[r]))
            continue;
        count++;
        describe(image, &facts->run[r], cell);
        rewritten = rewritten || strchr(cell[1], '*');
        for (unsigned i = 0; i < COLUMNS; i++)
            width[i] = strlen(cell[i]) > width[i] ? strlen(cell[i]) : width[i];
    }
    if (count == 0)
        return;
    for (unsigned i = 0; i < COLUMNS; i++)
        column[i + 1] = column[i] + (unsigned)width[i] + 2;
    bzc_page_end_line(page);
    bzc_page_tab(page, 2);
    bzc_page_put(page, BZC_STYLE_HEAD, "other load addresses");
    if (rewritten)
        bzc_page_put(page, BZC_STYLE_FAINT, " (* kernel_alignment rewritten by the loader)");
    bzc_page_end_line(page);
    write_row(page, BZC_STYLE_FAINT, column,
              (const char *const[COLUMNS + 1]){heads[0], heads[1], heads[2], heads[3], "scenario and purpose"});
    for (size_t r = 0; r < facts->run_count; r++) {
        const struct bzc_run_facts *run = &facts->run[r];
        char words[OUTCOME_SIZE];
        char what[128 + BZC_PURPOSE_SIZE + sizeof(run->refusal)];

        if (!bzc_text_is_quiet_probe(run))
            continue;
        describe(image, run, cell);
        snprintf(what, sizeof(what), "%s: %s%s", run->scenario, run->purpose, outcome(run, words));
        write_row(page, BZC_STYLE_PLAIN, column,
                  (const char *const[COLUMNS + 1]){cell[0], cell[1], cell[2], cell[3], what});
    }
}
