/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs: without a script one below the other, each folded; the script makes tabs of them. */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"
#include "report/page.h"
#include "report/text.h"

/* ---- what the other parts ask for ---- */

unsigned bzc_html_stage_colour(size_t stage)
{
    return BZC_HTML_STAGE + (unsigned)(stage % BZC_HTML_STAGE_COLOURS);
}

unsigned bzc_html_block_colour(enum bzc_block_role role)
{
    if (role == BZC_BLOCK_PM || role == BZC_BLOCK_SEGMENT)
        return BZC_HTML_KERNEL;
    return role == BZC_BLOCK_INITRD ? BZC_HTML_INITRD : BZC_HTML_LOADER;
}

const struct bzc_stage_picture *bzc_html_stage_picture(const struct bzc_run_facts *run, size_t index)
{
    return run->picture && index < run->picture->stage_count ? &run->picture->stage[index] : NULL;
}

const struct bzc_regs *bzc_html_stage_regs(const struct bzc_run_facts *run, size_t index)
{
    const struct bzc_stage_picture *picture = bzc_html_stage_picture(run, index);

    if (picture)
        return &picture->regs;
    if (index >= run->stage_count)
        return NULL;
    if (run->entry.reached && index + 1 == run->stage_count && run->entry.phys == run->stage[index].phys)
        return &run->entry.regs;
    if (run->pm_entry.reached && run->pm_entry.phys == run->stage[index].phys)
        return &run->pm_entry.regs;
    return index == 0 ? &run->plan.start : NULL;
}

const struct bzc_region_jump *bzc_html_stage_jump(const struct bzc_run_facts *run, size_t index)
{
    const struct bzc_stage *stage = &run->stage[index];

    for (size_t i = 0; run->picture && i < run->picture->jump_count; i++) {
        const struct bzc_region_jump *jump = &run->picture->jump[i];

        if (jump->linear == stage->linear && strcmp(jump->to, stage->name) == 0)
            return jump;
    }
    return NULL;
}

bool bzc_html_run_arrived(const struct bzc_run_facts *run)
{
    if (run->plan_error.status != BZC_OK)
        return false;
    return run->running.reached || run->running.printed || run->stop.reason == BZC_STOP_OBSERVER;
}

/* ---- the outcome in words ---- */

static void write_kernel(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;
    const struct bzc_comparison *comparison = &run->comparison;
    int64_t delta = comparison->virt_delta;
    size_t matches = 0;
    char text[BZC_PAGE_NUMBER_SIZE];

    for (size_t i = 0; i < comparison->segment_count; i++)
        matches += comparison->segment[i].matches;
    bzc_html_put(out, "The kernel lies at base 0x%" PRIx64 "%s", comparison->base,
                 html->image->oracle && html->image->oracle->link_base == comparison->base ? ", as linked" : "");
    if (delta != 0)
        bzc_html_put(out, ", its virtual addresses moved by %s0x%" PRIx64, delta < 0 ? "-" : "",
                     delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta);
    bzc_html_put(out, "; %zu of %zu segment%s match%s", matches, comparison->segment_count,
                 bzc_html_plural(comparison->segment_count), comparison->segment_count == 1 ? "es" : "");
    if (comparison->relocations > 0) {
        bzc_html_put(out, ", %s of ", bzc_page_count(comparison->relocations - comparison->bad_slots, text));
        bzc_html_put(out, "%s relocations are right", bzc_page_count(comparison->relocations, text));
    }
    fputs(". ", out);
}

static void write_outcome(FILE *out, const struct bzc_html_run *html)
{
    const struct bzc_run_facts *run = html->run;

    fputs("<p class=\"outcome\">", out);
    if (run->plan_error.status != BZC_OK)
        bzc_html_put(out, "Not started: %s.", run->plan_error.message);
    else if (run->refusal[0] && run->expect == BZC_EXPECT_REFUSAL)
        bzc_html_put(out, "Refused by the image itself, as it has to: \xe2\x80\x9c%s\xe2\x80\x9d.", run->refusal);
    else if (run->running.printed)
        bzc_html_put(out, "The kernel runs: it prints its first text.");
    else if (run->running.reached)
        bzc_html_put(out, "The kernel runs: it has reached its own virtual mapping at linear 0x%" PRIx64 ".",
                     run->running.linear);
    else if (run->stop.reason == BZC_STOP_OBSERVER && run->entry.reached)
        bzc_html_put(out, "The kernel is entered at 0x%" PRIx64 ". ", run->entry.phys);
    else if (run->stop.reason == BZC_STOP_OBSERVER)
        bzc_html_put(out, "Handed over to 32-bit code; what follows is not Linux and was not run.");
    else
        bzc_html_put(out, "Stopped: %s%s%s%s%s. ", bzc_stop_name(run->stop.reason), run->stage_count > 0 ? " in " : "",
                     run->stage_count > 0 ? run->stage[run->stage_count - 1].name : "", run->stop.detail[0] ? ": " : "",
                     run->stop.detail);
    if (run->compared)
        write_kernel(out, html);
    fputs("</p>\n", out);
}

/* ---- the head of a run, which becomes its tab ---- */

/* What all rules together say of a run, the better the lower. */
enum state { STATE_GOOD, STATE_NOTE, STATE_UNKNOWN, STATE_WARNING, STATE_ERROR };

static enum state state_of(const struct bzc_verification *verification, size_t run, size_t *count)
{
    static const enum state states[] = {STATE_NOTE, STATE_WARNING, STATE_ERROR}; /* by severity */
    const struct bzc_findings *findings = &verification->findings;
    /* Whatever the policy leaves of the rules: what was not started proves nothing. */
    enum state worst = verification->facts.run[run].plan_error.status == BZC_OK ? STATE_GOOD : STATE_UNKNOWN;

    *count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];
        enum state state = finding->outcome == BZC_OUTCOME_FAIL ? states[finding->severity] : STATE_UNKNOWN;

        if ((finding->outcome != BZC_OUTCOME_FAIL && finding->outcome != BZC_OUTCOME_UNKNOWN) || finding->run < 0 ||
            (size_t)finding->run != run)
            continue;
        *count += finding->outcome == BZC_OUTCOME_FAIL;
        worst = state > worst ? state : worst;
    }
    return worst;
}

static void write_head(FILE *out, const struct bzc_verification *verification, size_t index)
{
    static const char *const words[] = {"pass", "note", "unknown", "warning", "error"};
    static const char *const signs[] = {"\xe2\x9c\x93", "!", "?", "!", "!"};
    const struct bzc_run_facts *run = &verification->facts.run[index];
    char label[BZC_TEXT_LABEL_SIZE];
    size_t count;
    enum state state = state_of(verification, index, &count);

    fprintf(out, "<span class=\"dot %s\" aria-hidden=\"true\">%s</span><span class=\"label\">", words[state],
            signs[state]);
    bzc_html_text(out, bzc_text_run_label(run, label));
    fputs("</span> <span class=\"faint\">", out);
    if (count > 0)
        fprintf(out, "%zu finding%s", count, bzc_html_plural(count));
    else if (run->plan_error.status != BZC_OK)
        fputs("unknown: not started", out);
    else if (run->compared)
        fprintf(out, "base 0x%" PRIx64, run->comparison.base);
    else if (state == STATE_UNKNOWN)
        bzc_html_put(out, "unknown: %s", bzc_run_result(run));
    else
        bzc_html_text(out, run->refusal[0] ? "refused" : bzc_run_result(run));
    fputs("</span>", out);
}

/* ---- a run ---- */

static void write_beside(FILE *out, const struct bzc_run_facts *run)
{
    char pages[BZC_PAGE_NUMBER_SIZE];

    fputs("<dl class=\"beside\">\n", out);
    bzc_html_fact(out, "Command line", run->plan.cmdline && *run->plan.cmdline ? run->plan.cmdline : "(empty)");
    fputs("<dt>Guest</dt><dd>", out);
    fprintf(out,
            "%s pages of memory touched; ports that nobody answered: %" PRIu64
            ", BIOS calls that nobody answered: %" PRIu64 "</dd>\n</dl>\n",
            bzc_page_count(run->pages_touched, pages), run->unknown_ports, run->unknown_bios_calls);
}

static enum bzc_status write_run(FILE *out, const struct bzc_verification *verification, size_t image, size_t index,
                                 bool open, struct bzc_error *err)
{
    struct bzc_html_run html = {.image = &verification->facts.image, .run = &verification->facts.run[index]};
    enum bzc_status status = BZC_OK;
    size_t count;

    html.doubtful = state_of(verification, index, &count) == STATE_UNKNOWN;
    snprintf(html.id, sizeof(html.id), "i%zu-r%zu", image, index);
    fprintf(out, "<details class=\"run\"%s><summary>", open ? " open" : "");
    write_head(out, verification, index);
    fprintf(out, "</summary>\n<div class=\"body\" id=\"%s\" tabindex=\"-1\">\n", html.id);
    write_outcome(out, &html);
    bzc_html_timeline(out, &html);
    if (html.run->plan_error.status == BZC_OK) {
        bzc_html_stop(out, &html);
        status = bzc_html_map(out, &html, err);
        bzc_html_jumps(out, &html);
        bzc_html_hand_overs(out, &html);
        bzc_html_kernel(out, &html);
        bzc_html_boot_params(out, &html);
        bzc_html_loader(out, &html);
        write_beside(out, html.run);
    }
    fputs("</div></details>\n", out);
    return status;
}

/* The run to show first: the first of the worst ones. What is only worth a note is no reason. */
static size_t first_run(const struct bzc_verification *verification)
{
    enum state worst = STATE_NOTE;
    size_t first = 0, count;

    for (size_t i = 0; i < verification->facts.run_count; i++) {
        enum state state = state_of(verification, i, &count);

        if (state <= worst)
            continue;
        worst = state;
        first = i;
    }
    return first;
}

enum bzc_status bzc_html_runs(FILE *out, const struct bzc_verification *verification, size_t index,
                              struct bzc_error *err)
{
    size_t count = verification->facts.run_count, first = first_run(verification);
    enum bzc_status status = BZC_OK;

    if (count == 0)
        return BZC_OK;
    fprintf(out,
            "<section class=\"runs\" aria-labelledby=\"i%zu-runs\"><h3 id=\"i%zu-runs\">Boots "
            "<span class=\"faint\">%zu run%s</span></h3>\n",
            index, index, count, bzc_html_plural(count));
    if (verification->runs_left_out > 0)
        fprintf(out, "<p>%zu more runs were asked for and not made.</p>\n", verification->runs_left_out);
    for (size_t i = 0; i < count && status == BZC_OK; i++)
        status = write_run(out, verification, index, i, i == first, err);
    fputs("</section>\n", out);
    return status;
}
