/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/text.h"

#define INDENT           4u
#define LAST_WORDS_LINES 8u

/* Where the columns of the stages' tables begin: the same in all runs of an image. */
struct columns {
    unsigned phys, mode;
};

const char *bzc_text_run_label(const struct bzc_run_facts *run, char label[BZC_TEXT_LABEL_SIZE])
{
    char kaslr[40] = "nokaslr";
    size_t length;

    if (run->kaslr)
        snprintf(kaslr, sizeof(kaslr), "KASLR seed %" PRIu64, run->kaslr_seed);
    length = (size_t)snprintf(label, BZC_TEXT_LABEL_SIZE, "%s%s", run->as_loader ? "as " : "", run->scenario);
    if (run->load_addr != 0)
        length += (size_t)snprintf(label + length, BZC_TEXT_LABEL_SIZE - length, " at 0x%" PRIx64, run->load_addr);
    snprintf(label + length, BZC_TEXT_LABEL_SIZE - length, "%s%s%s, %s", run->purpose[0] ? " (" : "", run->purpose,
             run->purpose[0] ? ")" : "", kaslr);
    return label;
}

static struct columns find_columns(const struct bzc_facts *facts)
{
    size_t name = 0, phys = 0;

    for (size_t r = 0; r < facts->run_count; r++) {
        const struct bzc_run_facts *run = &facts->run[r];

        if (bzc_text_is_quiet_probe(run))
            continue;
        for (size_t s = 0; s < run->stage_count; s++) {
            char address[BZC_PAGE_NUMBER_SIZE];
            size_t width = strlen(run->stage[s].name);

            name = width > name ? width : name;
            width = (size_t)snprintf(address, sizeof(address), "0x%" PRIx64, run->stage[s].phys);
            phys = width > phys ? width : phys;
        }
    }
    return (struct columns){.phys = INDENT + (unsigned)name + 2, .mode = INDENT + (unsigned)(name + phys) + 4};
}

static void write_stages(struct bzc_page *page, const struct bzc_run_facts *run, struct columns columns)
{
    for (size_t i = 0; i < run->stage_count; i++) {
        bzc_page_tab(page, INDENT);
        bzc_page_put(page, BZC_STYLE_PLAIN, run->stage[i].name);
        bzc_page_tab(page, columns.phys);
        bzc_page_printf(page, BZC_STYLE_PLAIN, "0x%" PRIx64, run->stage[i].phys);
        bzc_page_tab(page, columns.mode);
        bzc_page_put(page, BZC_STYLE_FAINT, bzc_mode_name(run->stage[i].mode));
        bzc_page_end_line(page);
    }
}

/* What came of the stages above. */
static void write_note(struct bzc_page *page, bool good, const char *text)
{
    bzc_page_tab(page, INDENT);
    bzc_page_put(page, good ? BZC_STYLE_PLAIN : BZC_STYLE_BAD, good ? "=" : "!");
    bzc_page_tab(page, INDENT + 2);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, INDENT + 2, text);
}

static size_t matching_segments(const struct bzc_comparison *comparison)
{
    size_t count = 0;

    for (size_t i = 0; i < comparison->segment_count; i++)
        count += comparison->segment[i].matches;
    return count;
}

static void write_kernel(struct bzc_page *page, const struct bzc_image_facts *image, const struct bzc_run_facts *run)
{
    const struct bzc_comparison *comparison = &run->comparison;
    size_t matches = matching_segments(comparison), segments = comparison->segment_count;
    bool good = matches == segments && comparison->bad_slots == 0;
    char text[400], total[BZC_PAGE_NUMBER_SIZE], sound[BZC_PAGE_NUMBER_SIZE];
    int64_t delta = comparison->virt_delta;
    int length;

    length = snprintf(text, sizeof(text), "base 0x%" PRIx64, comparison->base);
    if (image->oracle && image->oracle->link_base == comparison->base)
        length += snprintf(text + length, sizeof(text) - (size_t)length, " (as linked)");
    if (comparison->relocations > 0)
        length += snprintf(text + length, sizeof(text) - (size_t)length, ", virtual delta %s0x%" PRIx64,
                           delta < 0 ? "-" : "", delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta);
    bzc_page_count(comparison->relocations, total);
    bzc_page_count(comparison->relocations - comparison->bad_slots, sound);
    if (segments == 1 && good)
        length += snprintf(text + length, sizeof(text) - (size_t)length, "; its segment matches");
    else if (matches == segments)
        length += snprintf(text + length, sizeof(text) - (size_t)length, "; its %zu segments match", segments);
    else
        length +=
            snprintf(text + length, sizeof(text) - (size_t)length, "; %zu of %zu segments match", matches, segments);
    if (comparison->relocations > 0 && comparison->bad_slots == 0)
        snprintf(text + length, sizeof(text) - (size_t)length, ", %s relocations", total);
    else if (comparison->relocations > 0)
        snprintf(text + length, sizeof(text) - (size_t)length, ", %s of %s relocations", sound, total);
    write_note(page, good, text);
}

static void write_disassembly(struct bzc_page *page, const struct bzc_stop *stop)
{
    size_t address = 0, bytes = 0;

    for (size_t i = 0; i < stop->line_count; i++) {
        char text[BZC_PAGE_NUMBER_SIZE];
        size_t width = (size_t)snprintf(text, sizeof(text), "0x%" PRIx64, stop->lines[i].address);

        address = width > address ? width : address;
        bytes = strlen(stop->lines[i].bytes) > bytes ? strlen(stop->lines[i].bytes) : bytes;
    }
    for (size_t i = 0; i < stop->line_count; i++) {
        const struct bzc_disasm_line *line = &stop->lines[i];
        enum bzc_style style = line->current ? BZC_STYLE_HEAD : BZC_STYLE_FAINT;
        unsigned column = INDENT + 4 + (unsigned)address + 2;

        bzc_page_tab(page, INDENT);
        bzc_page_put(page, BZC_STYLE_BAD, line->current ? "-->" : "   ");
        bzc_page_tab(page, INDENT + 4);
        bzc_page_printf(page, style, "0x%" PRIx64, line->address);
        bzc_page_tab(page, column);
        bzc_page_put(page, style, line->bytes);
        column += (unsigned)bytes + 2;
        bzc_page_tab(page, column);
        bzc_page_wrap(page, style, column, line->text);
    }
}

/* The last lines of what the guest printed; blank ones at either end say nothing. */
static void write_last_words(struct bzc_page *page, const char *words)
{
    size_t end = strlen(words), begin;
    unsigned lines = 1;

    while (end > 0 && (words[end - 1] == '\n' || words[end - 1] == ' '))
        end--;
    if (end == 0)
        return;
    for (begin = end; begin > 0 && (words[begin - 1] != '\n' || lines < LAST_WORDS_LINES); begin--)
        lines += words[begin - 1] == '\n';
    while (words[begin] == '\n')
        begin++;
    bzc_page_tab(page, INDENT);
    bzc_page_put(page, BZC_STYLE_PLAIN, "the guest's last words:");
    bzc_page_end_line(page);
    while (begin < end) {
        char line[BZC_PAGE_WIDTH - INDENT - 2 + 1];
        size_t length = 0;

        /* A line of a screen is 80 columns wide; longer ones (from a UART) are continued. */
        while (begin < end && words[begin] != '\n' && length < sizeof(line) - 1)
            line[length++] = words[begin++];
        line[length] = '\0';
        if (words[begin] == '\n')
            begin++;
        bzc_page_tab(page, INDENT);
        bzc_page_put(page, BZC_STYLE_FAINT, "|");
        if (length > 0)
            bzc_page_tab(page, INDENT + 2);
        bzc_page_put(page, BZC_STYLE_PLAIN, line);
        bzc_page_end_line(page);
    }
}

static bool same_disassembly(const struct bzc_stop *a, const struct bzc_stop *b)
{
    if (a->line_count != b->line_count)
        return false;
    for (size_t i = 0; i < a->line_count; i++)
        if (a->lines[i].address != b->lines[i].address || strcmp(a->lines[i].bytes, b->lines[i].bytes) != 0)
            return false;
    return true;
}

/* The first run before `index` that stopped in the same way, saying the same; NULL when there is none. */
static const struct bzc_run_facts *same_stop(const struct bzc_facts *facts, size_t index)
{
    const struct bzc_run_facts *run = &facts->run[index];

    for (size_t i = 0; i < index; i++) {
        const struct bzc_run_facts *other = &facts->run[i];

        if (other->plan_error.status == BZC_OK && other->stop.reason == run->stop.reason &&
            other->stop.phys_known == run->stop.phys_known && other->stop.phys == run->stop.phys &&
            other->stop.linear == run->stop.linear && strcmp(other->stop.detail, run->stop.detail) == 0 &&
            same_disassembly(&other->stop, &run->stop) && strcmp(other->last_words, run->last_words) == 0)
            return other;
    }
    return NULL;
}

static void write_stop(struct bzc_page *page, const struct bzc_facts *facts, size_t index)
{
    const struct bzc_run_facts *run = &facts->run[index], *same = same_stop(facts, index);
    const struct bzc_stop *stop = &run->stop;
    char detail[sizeof(stop->detail) + BZC_TEXT_LABEL_SIZE], label[BZC_TEXT_LABEL_SIZE];

    bzc_page_tab(page, INDENT);
    bzc_page_put(page, BZC_STYLE_BAD, "stopped");
    bzc_page_printf(page, BZC_STYLE_PLAIN, ": %s", bzc_stop_name(stop->reason));
    if (run->stage_count > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " in %s", run->stage[run->stage_count - 1].name);
    if (stop->phys_known)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " at 0x%" PRIx64, stop->phys);
    if (!stop->phys_known || stop->linear != stop->phys)
        bzc_page_printf(page, BZC_STYLE_PLAIN, stop->phys_known ? " (linear 0x%" PRIx64 ")" : " at linear 0x%" PRIx64,
                        stop->linear);
    if (same)
        snprintf(detail, sizeof(detail), ": the same as in %s", bzc_text_run_label(same, label));
    else
        snprintf(detail, sizeof(detail), "%s%s", stop->detail[0] ? ": " : "", stop->detail);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, INDENT + 2, detail);
    if (same)
        return;
    write_disassembly(page, stop);
    write_last_words(page, run->last_words);
}

static void write_refusal(struct bzc_page *page, const struct bzc_run_facts *run)
{
    char text[sizeof(run->refusal) + 64];

    snprintf(text, sizeof(text), "refused by the image itself: \"%s\"", run->refusal);
    write_note(page, true, text);
}

static void write_beside(struct bzc_page *page, const struct bzc_run_facts *run)
{
    char pages[BZC_PAGE_NUMBER_SIZE], text[200];

    bzc_page_tab(page, INDENT);
    bzc_page_printf(page, BZC_STYLE_FAINT, "command line: ");
    bzc_page_wrap(page, BZC_STYLE_FAINT, INDENT + 2, run->plan.cmdline ? run->plan.cmdline : "");
    snprintf(text, sizeof(text),
             "%s pages of guest memory touched; ports that nobody answered: %" PRIu64
             " times, BIOS calls that nobody answered: %" PRIu64,
             bzc_page_count(run->pages_touched, pages), run->unknown_ports, run->unknown_bios_calls);
    bzc_page_tab(page, INDENT);
    bzc_page_wrap(page, BZC_STYLE_FAINT, INDENT + 2, text);
}

void bzc_text_runs(struct bzc_page *page, const struct bzc_facts *facts, bool verbose)
{
    struct columns columns = find_columns(facts);

    for (size_t i = 0; i < facts->run_count; i++) {
        const struct bzc_run_facts *run = &facts->run[i];
        char label[BZC_TEXT_LABEL_SIZE];

        if (bzc_text_is_quiet_probe(run) && !verbose)
            continue;
        bzc_page_end_line(page);
        bzc_page_tab(page, 2);
        bzc_page_put(page, BZC_STYLE_HEAD, bzc_text_run_label(run, label));
        bzc_page_end_line(page);
        if (run->plan_error.status != BZC_OK) {
            bzc_page_tab(page, INDENT);
            bzc_page_put(page, BZC_STYLE_DOUBT, "not started");
            bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
            bzc_page_wrap(page, BZC_STYLE_PLAIN, INDENT + 2, run->plan_error.message);
            continue;
        }
        write_stages(page, run, columns);
        if (run->compared)
            write_kernel(page, &facts->image, run);
        if (run->refusal[0] && run->expect == BZC_EXPECT_REFUSAL)
            write_refusal(page, run);
        else if (run->running.printed)
            write_note(page, true, "the kernel runs: it prints its first text");
        else if (run->stop.reason != BZC_STOP_OBSERVER)
            write_stop(page, facts, i);
        else if (run->running.reached)
            write_note(page, true, "the kernel runs: it has reached its own virtual mapping");
        else if (!run->entry.reached)
            write_note(page, true, "handed over to 32-bit code; what follows is not Linux and was not run");
        if (verbose)
            write_beside(page, run);
    }
    if (!verbose)
        bzc_text_probes(page, facts);
}
