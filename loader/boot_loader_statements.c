/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "loader/boot_loader_parts.h"

#define REALMODE_SPACE 0x100000u /* what a segment can address, without the wrap */
#define SEGMENT_SIZE   0x10000u
#define HEADER_START   0x1f1u

static const char an_address[] = "an address";

/* ---- parts of statements ---- */

enum bzc_status bzc_loader_take_condition(struct bzc_loader_reading *reading, struct bzc_condition *when)
{
    struct bzc_words *words = &reading->words;
    bool unless = bzc_words_take(words, "unless");
    enum bzc_status status;

    *when = (struct bzc_condition){0};
    if (!unless && !bzc_words_take(words, "if"))
        return bzc_words_end(words);
    status = bzc_condition_parse(words->at, when, words->err);
    when->unless = unless;
    words->at += strlen(words->at);
    return status;
}

static enum bzc_status take_room(struct bzc_loader_reading *reading, enum bzc_room *room)
{
    bool file;
    enum bzc_status status = bzc_words_flag(&reading->words, "init-size", "file", &file);

    *room = file ? BZC_ROOM_FILE : BZC_ROOM_INIT_SIZE;
    return status;
}

/* `allowed` has a bit 1 << enum bzc_place_kind for each that the statement knows. */
static enum bzc_status take_place(struct bzc_loader_reading *reading, unsigned allowed, struct bzc_place *place)
{
    static const char *const names[] = {
        [BZC_PLACE_ADDRESS] = NULL,
        [BZC_PLACE_PREF_ADDRESS] = "pref-address",
        [BZC_PLACE_CODE32_START] = "code32-start",
        [BZC_PLACE_LOWEST] = "lowest",
        [BZC_PLACE_HIGHEST] = "highest",
        [BZC_PLACE_BEHIND_KERNEL] = "behind-kernel",
        [BZC_PLACE_BEHIND_PM] = "behind-pm",
    };
    struct bzc_words *words = &reading->words;

    *place = (struct bzc_place){BZC_PLACE_ADDRESS, 0};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i] && allowed & 1u << i && bzc_words_take(words, names[i]))
            place->kind = (enum bzc_place_kind)i;
    }
    if (place->kind == BZC_PLACE_HIGHEST ? bzc_words_no_number(words)
                                         : place->kind != BZC_PLACE_ADDRESS && place->kind != BZC_PLACE_LOWEST)
        return BZC_OK;
    return bzc_words_number(words, place->kind == BZC_PLACE_ADDRESS ? "a place" : an_address, 1, UINT64_MAX,
                            &place->address);
}

/* ---- who it is ---- */

static enum bzc_status take_name(struct bzc_loader_reading *reading)
{
    struct bzc_boot_loader *loader = reading->loader;
    enum bzc_status status = bzc_words_text(&reading->words, loader->name, sizeof(loader->name));

    if (status == BZC_OK && loader->name[strspn(loader->name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        status = bzc_error_set(reading->words.err, BZC_ERR_FORMAT, "'name': '%s' has more than a-z, 0-9 and hyphens",
                               loader->name);
    return status;
}

static enum bzc_status take_title(struct bzc_loader_reading *reading)
{
    return bzc_words_text(&reading->words, reading->loader->title, sizeof(reading->loader->title));
}

static enum bzc_status take_source(struct bzc_loader_reading *reading)
{
    return bzc_words_text(&reading->words, reading->loader->source, sizeof(reading->loader->source));
}

static enum bzc_status take_commit(struct bzc_loader_reading *reading)
{
    return bzc_words_text(&reading->words, reading->loader->commit, sizeof(reading->loader->commit));
}

static enum bzc_status take_note(struct bzc_loader_reading *reading)
{
    char *notes = reading->loader->notes;
    size_t used = strlen(notes);

    if (used > 0 && used < sizeof(reading->loader->notes) - 1) {
        notes[used++] = ' ';
        notes[used] = '\0';
    }
    return bzc_words_text(&reading->words, notes + used, sizeof(reading->loader->notes) - used);
}

/* ---- whether and which way ---- */

static enum bzc_status take_image(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "file", "embedded", &reading->loader->embedded);
}

static enum bzc_status take_path(struct bzc_loader_reading *reading)
{
    struct bzc_boot_loader *loader = reading->loader;
    const char *names[BZC_PATH_COUNT];
    size_t index = 0;
    enum bzc_status status;

    if (loader->path_count == BZC_LOADER_PATHS_MAX)
        return bzc_words_too_many(&reading->words, BZC_LOADER_PATHS_MAX);
    for (unsigned i = 0; i < BZC_PATH_COUNT; i++)
        names[i] = bzc_path_name((enum bzc_path)i);
    status = bzc_words_choice(&reading->words, names, BZC_PATH_COUNT, &index);
    if (status != BZC_OK)
        return status;
    loader->path[loader->path_count].path = (enum bzc_path)index;
    return bzc_loader_take_condition(reading, &loader->path[loader->path_count++].when);
}

/* Cuts "REASON" off the end of the line. */
static enum bzc_status take_reason(struct bzc_loader_reading *reading, char reason[BZC_LOADER_TEXT])
{
    struct bzc_words *words = &reading->words;
    char *first = strchr(words->at, '"'), *last = strrchr(words->at, '"');

    if (!first || first == last)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s' lacks a reason in quotes", words->statement);
    if (last[1 + strspn(last + 1, " \t")] != '\0')
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': nothing may stand behind the reason", words->statement);
    *last = '\0';
    for (char *end = first; end >= words->at && (*end == '"' || *end == ' ' || *end == '\t'); end--)
        *end = '\0';
    if (last - first > BZC_LOADER_TEXT)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': the reason has more than %d characters",
                             words->statement, BZC_LOADER_TEXT - 1);
    if (first[1] == '\0')
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': the reason is empty", words->statement);
    memcpy(reason, first + 1, (size_t)(last - first));
    return BZC_OK;
}

static enum bzc_status take_demand(struct bzc_loader_reading *reading, enum bzc_verdict_of_loader verdict)
{
    struct bzc_boot_loader *loader = reading->loader;
    struct bzc_demand *demand = &loader->demand[loader->demand_count];
    enum bzc_status status;

    if (loader->demand_count == BZC_LOADER_DEMANDS_MAX)
        return bzc_error_set(reading->words.err, BZC_ERR_LIMIT, "more than %d lines 'refuse' and 'danger'",
                             BZC_LOADER_DEMANDS_MAX);
    *demand = (struct bzc_demand){.verdict = verdict};
    status = take_reason(reading, demand->reason);
    if (status == BZC_OK)
        status = bzc_loader_take_condition(reading, &demand->when);
    if (status == BZC_OK && demand->when.count == 0)
        status = bzc_error_set(reading->words.err, BZC_ERR_FORMAT, "'%s' lacks 'if' or 'unless' and a condition",
                               reading->words.statement);
    loader->demand_count += status == BZC_OK;
    return status;
}

static enum bzc_status take_refuse(struct bzc_loader_reading *reading)
{
    return take_demand(reading, BZC_LOADER_REFUSES);
}

static enum bzc_status take_danger(struct bzc_loader_reading *reading)
{
    return take_demand(reading, BZC_LOADER_DANGEROUS);
}

/* ---- placement ---- */

static enum bzc_status take_kernel_at(struct bzc_loader_reading *reading)
{
    const unsigned allowed =
        1u << BZC_PLACE_PREF_ADDRESS | 1u << BZC_PLACE_CODE32_START | 1u << BZC_PLACE_LOWEST | 1u << BZC_PLACE_HIGHEST;
    struct bzc_boot_loader *loader = reading->loader;
    enum bzc_status status;

    if (loader->kernel_at_count == BZC_LOADER_PLACES_MAX)
        return bzc_words_too_many(&reading->words, BZC_LOADER_PLACES_MAX);
    status = take_place(reading, allowed, &loader->kernel_at[loader->kernel_at_count].place);
    if (status != BZC_OK)
        return status;
    return bzc_loader_take_condition(reading, &loader->kernel_at[loader->kernel_at_count++].when);
}

static enum bzc_status take_kernel_room(struct bzc_loader_reading *reading)
{
    return take_room(reading, &reading->loader->kernel_room);
}

static enum bzc_status take_kernel_align(struct bzc_loader_reading *reading)
{
    static const char *const names[] = {"none", "kernel-alignment", "min-alignment"};
    size_t index = 0;
    enum bzc_status status = bzc_words_choice(&reading->words, names, 3, &index);

    reading->loader->kernel_align = index >= 1;
    reading->loader->min_align = index == 2;
    return status;
}

static enum bzc_status take_kernel_alignment(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "keep", "write", &reading->loader->write_alignment);
}

static enum bzc_status take_code32_start(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "move", "keep", &reading->loader->keep_code32_start);
}

static enum bzc_status take_setup_at(struct bzc_loader_reading *reading)
{
    uint64_t *setup_at = &reading->loader->setup_at;
    enum bzc_status status = bzc_words_number(&reading->words, an_address, 1, REALMODE_SPACE - SEGMENT_SIZE, setup_at);

    if (status == BZC_OK && *setup_at % 16 != 0)
        status = bzc_error_set(reading->words.err, BZC_ERR_FORMAT,
                               "'setup-at': 0x%" PRIx64 " is no start of a segment, a multiple of 16", *setup_at);
    return status;
}

static enum bzc_status take_heap_end(struct bzc_loader_reading *reading)
{
    uint64_t offset = 0;
    enum bzc_status status;

    reading->loader->heap_to_cmdline = bzc_words_take(&reading->words, "cmdline");
    if (reading->loader->heap_to_cmdline)
        return BZC_OK;
    status = bzc_words_number(&reading->words, "an offset", 1, SEGMENT_SIZE, &offset);

    reading->loader->heap_end = (uint32_t)offset;
    return status;
}

static enum bzc_status take_setup_entry(struct bzc_loader_reading *reading)
{
    static const char *const names[] = {
        [BZC_SETUP_JUMP] = "jump", [BZC_SETUP_SAME_SEGMENT] = "same-segment", [BZC_SETUP_FIRST_BYTE] = "first-byte"};
    size_t index = 0;
    enum bzc_status status = bzc_words_choice(&reading->words, names, 3, &index);

    reading->loader->setup_entry = (enum bzc_setup_entry)index;
    return status;
}

static enum bzc_status take_boot_params_at(struct bzc_loader_reading *reading)
{
    return bzc_words_number(&reading->words, an_address, 1, UINT64_MAX, &reading->loader->boot_params_at);
}

static enum bzc_status take_boot_params(struct bzc_loader_reading *reading)
{
    static const char *const names[] = {
        [BZC_COPY_HEADER] = "header", [BZC_COPY_STRUCT] = "struct", [BZC_COPY_PAGE] = "page"};
    size_t index = 0;
    uint64_t size = 0;
    enum bzc_status status = bzc_words_choice(&reading->words, names, 3, &index);

    reading->loader->copy = (enum bzc_copy)index;
    if (status == BZC_OK && reading->loader->copy == BZC_COPY_STRUCT)
        status = bzc_words_number(&reading->words, "a size", 1, BZC_BOOT_PARAMS_SIZE - HEADER_START, &size);
    reading->loader->copy_size = (uint32_t)size;
    return status;
}

static enum bzc_status take_cmdline_at(struct bzc_loader_reading *reading)
{
    if (bzc_words_take(&reading->words, "below"))
        return bzc_words_number(&reading->words, an_address, 1, REALMODE_SPACE, &reading->loader->cmdline_below);
    return bzc_words_number(&reading->words, an_address, 1, UINT64_MAX, &reading->loader->cmdline_at);
}

static enum bzc_status take_cmdline_max(struct bzc_loader_reading *reading)
{
    return bzc_words_number_or(&reading->words, "a length", UINT32_MAX, "cmdline-size", 0,
                               &reading->loader->cmdline_max);
}

static enum bzc_status take_cmdline_long(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "refuse", "truncate", &reading->loader->truncate_cmdline);
}

static enum bzc_status take_initrd_at(struct bzc_loader_reading *reading)
{
    return take_place(reading, 1u << BZC_PLACE_LOWEST | 1u << BZC_PLACE_HIGHEST | 1u << BZC_PLACE_BEHIND_KERNEL,
                      &reading->loader->initrd_at);
}

static enum bzc_status take_initrd_last(struct bzc_loader_reading *reading)
{
    if (bzc_words_take(&reading->words, "none")) {
        reading->loader->initrd_last = UINT64_MAX;
        return BZC_OK;
    }
    return bzc_words_number_or(&reading->words, an_address, UINT64_MAX - 1, "initrd-addr-max", 0,
                               &reading->loader->initrd_last);
}

static enum bzc_status take_initrd_avoids(struct bzc_loader_reading *reading)
{
    return take_room(reading, &reading->loader->initrd_avoids);
}

static enum bzc_status take_setup_data_at(struct bzc_loader_reading *reading)
{
    return take_place(reading, 1u << BZC_PLACE_BEHIND_PM | 1u << BZC_PLACE_HIGHEST | 1u << BZC_PLACE_LOWEST,
                      &reading->loader->setup_data_at);
}

/* ---- their table ---- */

static const struct bzc_loader_statement statements[] = {
    {"name", take_name, BZC_STATEMENT_TEXT | BZC_STATEMENT_NEEDED},
    {"title", take_title, BZC_STATEMENT_TEXT | BZC_STATEMENT_NEEDED},
    {"source", take_source, BZC_STATEMENT_TEXT | BZC_STATEMENT_NEEDED},
    {"commit", take_commit, BZC_STATEMENT_TEXT | BZC_STATEMENT_NEEDED},
    {"path", take_path, BZC_STATEMENT_MANY | BZC_STATEMENT_NEEDED},
    {"note", take_note, BZC_STATEMENT_TEXT | BZC_STATEMENT_MANY},
    {"image", take_image, 0},
    {"refuse", take_refuse, BZC_STATEMENT_MANY},
    {"danger", take_danger, BZC_STATEMENT_MANY},
    {"kernel-at", take_kernel_at, BZC_STATEMENT_MANY},
    {"kernel-room", take_kernel_room, 0},
    {"kernel-align", take_kernel_align, 0},
    {"kernel-alignment", take_kernel_alignment, 0},
    {"code32-start", take_code32_start, 0},
    {"setup-at", take_setup_at, 0},
    {"heap-end", take_heap_end, 0},
    {"setup-entry", take_setup_entry, 0},
    {"boot-params-at", take_boot_params_at, 0},
    {"boot-params", take_boot_params, 0},
    {"cmdline-at", take_cmdline_at, 0},
    {"cmdline-max", take_cmdline_max, 0},
    {"cmdline-long", take_cmdline_long, 0},
    {"initrd-at", take_initrd_at, 0},
    {"initrd-last", take_initrd_last, 0},
    {"initrd-avoids", take_initrd_avoids, 0},
    {"setup-data-at", take_setup_data_at, 0},
};

const struct bzc_loader_statements bzc_loader_image_statements = {statements,
                                                                  sizeof(statements) / sizeof(statements[0])};
