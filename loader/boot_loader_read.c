/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "loader/boot_loader_parts.h"

#define LINE_SIZE 1024u

static const struct bzc_loader_statements *const groups[] = {&bzc_loader_image_statements,
                                                             &bzc_loader_state_statements};

/* The statement number `index`, counted through the groups; NULL behind the last. */
static const struct bzc_loader_statement *statement_at(size_t index)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (index < groups[i]->count)
            return &groups[i]->statement[index];
        index -= groups[i]->count;
    }
    return NULL;
}

/* Copies a line; false for what is no text. */
static bool copy_line(const uint8_t *bytes, size_t length, char line[LINE_SIZE])
{
    for (size_t i = 0; i < length; i++) {
        if ((bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7f)
            return false;
    }
    memcpy(line, bytes, length);
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    line[length] = '\0';
    return true;
}

/* Ends the text at a # that follows a blank and is not in quotes. */
static void cut_comment(char *text)
{
    bool quoted = false;

    for (char *at = text; *at; at++) {
        if (*at == '"')
            quoted = !quoted;
        if (*at == '#' && !quoted && (at == text || at[-1] == ' ' || at[-1] == '\t')) {
            *at = '\0';
            return;
        }
    }
}

/* What was read of the statements so far: a bit for each, by its number. */
struct progress {
    const struct bzc_subject *subject; /* the image that the profile is read for; NULL: any */
    uint64_t seen;                     /* without a condition, or of a kind that may be repeated */
    uint64_t settled;                  /* its first line whose condition holds has been taken */
};

/* Cuts the condition off a statement that may have one, and reads it. */
static enum bzc_status cut_condition(struct bzc_words *words, struct bzc_condition *when, bool *has_condition)
{
    static const char *const openings[] = {" if ", " unless "};
    enum bzc_status status = BZC_OK;

    *has_condition = false;
    for (unsigned i = 0; i < 2 && !*has_condition; i++) {
        char *opening = strstr(words->at, openings[i]);

        if (!opening)
            continue;
        *has_condition = true;
        status = bzc_condition_parse(opening + strlen(openings[i]), when, words->err);
        when->unless = i == 1;
        *opening = '\0';
    }
    return status;
}

/*
 * A statement that says one thing may stand in several lines with conditions: the first one that holds counts, as with
 * those that are lists by nature. What does not count is read all the same, so that no mistake hides in it.
 */
static enum bzc_status read_single(struct bzc_loader_reading *reading, const struct bzc_loader_statement *statement,
                                   uint64_t bit, struct progress *progress)
{
    struct bzc_condition when;
    struct bzc_boot_loader *unused;
    enum bzc_status status;
    bool has_condition, holds;

    status = cut_condition(&reading->words, &when, &has_condition);
    if (status != BZC_OK)
        return status;
    if (!has_condition && progress->seen & bit)
        return bzc_error_set(reading->words.err, BZC_ERR_FORMAT, "'%s' stands here for the second time",
                             statement->name);
    holds = !has_condition || (progress->subject && bzc_condition_holds(&when, progress->subject));
    progress->seen |= has_condition ? 0 : bit;
    if (holds && !(progress->settled & bit)) {
        progress->settled |= bit;
        return statement->take(reading);
    }
    unused = malloc(sizeof(*unused));
    if (!unused)
        return bzc_error_set(reading->words.err, BZC_ERR_MEMORY, "no memory for the profile");
    *unused = *reading->loader;
    reading->loader = unused;
    status = statement->take(reading);
    free(unused);
    return status;
}

static enum bzc_status read_line(struct bzc_loader_reading *reading, struct progress *progress)
{
    struct bzc_words *words = &reading->words;
    char *name = bzc_words_next(words);
    const struct bzc_loader_statement *statement;
    enum bzc_status status;
    size_t index = 0;

    if (!name || name[0] == '#')
        return BZC_OK;
    for (statement = statement_at(0); statement && strcmp(statement->name, name) != 0;)
        statement = statement_at(++index);
    if (!statement)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "there is no statement '%.60s'", name);
    words->statement = statement->name;
    if (!(statement->kind & BZC_STATEMENT_TEXT))
        cut_comment(words->at);
    if (statement->kind & (BZC_STATEMENT_MANY | BZC_STATEMENT_TEXT)) {
        if (progress->seen & 1ull << index && !(statement->kind & BZC_STATEMENT_MANY))
            return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s' stands here for the second time", name);
        progress->seen |= 1ull << index;
        status = statement->take(reading);
    } else {
        status = read_single(reading, statement, 1ull << index, progress);
    }
    return status == BZC_OK ? bzc_words_end(words) : status;
}

/* What is valid until a profile says something else. Lists are empty, so that a profile's lines are all of them. */
static void begin(struct bzc_boot_loader *loader)
{
    bzc_boot_loader_init(loader, BZC_PATH_SETUP);
    loader->path_count = loader->kernel_at_count = 0;
}

/* The way in that an image gets, or (without one) that all images get; false when there is no telling. */
static bool only_path(const struct bzc_boot_loader *loader, const struct bzc_subject *subject, enum bzc_path *path)
{
    bool same = true;

    *path = loader->path[0].path;
    for (size_t i = 0; i < loader->path_count; i++) {
        if (subject && bzc_condition_holds(&loader->path[i].when, subject)) {
            *path = loader->path[i].path;
            return true;
        }
        same = same && loader->path[i].path == *path;
    }
    return same;
}

static enum bzc_status complete(struct bzc_boot_loader *loader, const struct progress *progress, struct bzc_error *err)
{
    const struct bzc_loader_statement *statement;
    struct bzc_boot_loader protocol;
    enum bzc_path path;

    for (size_t i = 0; (statement = statement_at(i)) != NULL; i++) {
        if (statement->kind & BZC_STATEMENT_NEEDED && !(progress->seen & 1ull << i))
            return bzc_error_set(err, BZC_ERR_FORMAT, "a line '%s' is missing", statement->name);
    }
    bzc_boot_loader_init(&protocol, loader->path[0].path);
    if (loader->kernel_at_count == 0) {
        loader->kernel_at[0] = protocol.kernel_at[0];
        loader->kernel_at_count = 1;
    }
    /* Where the protocol's value depends on the way in and there are several, 0 stands for it. */
    if (!only_path(loader, progress->subject, &path))
        return BZC_OK;
    bzc_boot_loader_init(&protocol, path);
    if (loader->cmdline_at == 0)
        loader->cmdline_at = protocol.cmdline_at;
    if (loader->entry_offset == 0 && !loader->entry_is_first_byte)
        loader->entry_offset = protocol.entry_offset;
    return BZC_OK;
}

enum bzc_status bzc_boot_loader_read(struct bzc_bytes text, struct bzc_boot_loader *loader, struct bzc_error *err)
{
    return bzc_boot_loader_read_for(text, NULL, loader, err);
}

enum bzc_status bzc_boot_loader_read_for(struct bzc_bytes text, const struct bzc_subject *subject,
                                         struct bzc_boot_loader *loader, struct bzc_error *err)
{
    struct progress progress = {.subject = subject};
    size_t at = 0;

    begin(loader);
    if (text.size > BZC_LOADER_PROFILE_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "a profile has %zu bytes, more than %u", text.size,
                             BZC_LOADER_PROFILE_MAX);
    for (unsigned number = 1; at < text.size; number++) {
        const uint8_t *start = text.data + at, *end = memchr(start, '\n', text.size - at);
        size_t length = end ? (size_t)(end - start) : text.size - at;
        struct bzc_error problem = {0};
        char line[LINE_SIZE];
        struct bzc_loader_reading reading = {loader, {"", line, &problem}};

        at += length + 1;
        if (length >= sizeof(line) || !copy_line(start, length, line))
            return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: this is no text line of a profile", number);
        if (read_line(&reading, &progress) != BZC_OK)
            return bzc_error_set(err, problem.status, "line %u: %s", number, problem.message);
    }
    loader->text = text;
    return complete(loader, &progress, err);
}
