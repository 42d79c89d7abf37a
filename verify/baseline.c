/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/catalogue.h"

#define TEXT_SIZE 1024u /* of one part of a line, escaped */
#define LINE_SIZE (4 * TEXT_SIZE)

static const char no_run[] = "image"; /* in place of a run, for what is wrong with the file itself */

/* A finding as far as it counts; all texts as they stand in the file, that is escaped. */
struct entry {
    char *image; /* owned; the other members, too */
    const struct bzc_rule *rule;
    char *run, *where;
    bool confirmed; /* bzc_baseline_update() found it: an image of the same name without it must not take it out */
};

struct bzc_baseline {
    struct entry *item; /* sorted, each once */
    size_t count, capacity;
};

enum bzc_status bzc_baseline_new(struct bzc_baseline **baseline, struct bzc_error *err)
{
    *baseline = calloc(1, sizeof(**baseline));
    return *baseline ? BZC_OK : bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the baseline");
}

static void clear(struct entry *entry)
{
    free(entry->image);
    free(entry->run);
    free(entry->where);
}

void bzc_baseline_free(struct bzc_baseline *baseline)
{
    if (!baseline)
        return;
    for (size_t i = 0; i < baseline->count; i++)
        clear(&baseline->item[i]);
    free(baseline->item);
    free(baseline);
}

/* ---- the set ---- */

/* An entry whose texts are somebody else's. */
struct key {
    const char *image;
    const struct bzc_rule *rule;
    const char *run, *where;
};

static int compare(const struct entry *entry, const struct key *key)
{
    int order = strcmp(entry->image, key->image);

    if (order == 0)
        order = strcmp(entry->rule->id, key->rule->id);
    if (order == 0)
        order = strcmp(entry->run, key->run);
    return order != 0 ? order : strcmp(entry->where, key->where);
}

/* True: *index is the key's place; false: where it would be put in. */
static bool find(const struct bzc_baseline *baseline, const struct key *key, size_t *index)
{
    size_t low = 0, high = baseline->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(&baseline->item[middle], key);

        if (order == 0) {
            *index = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return false;
}

static enum bzc_status insert(struct bzc_baseline *baseline, const struct key *key, struct bzc_error *err)
{
    struct entry fresh;
    size_t index;

    if (find(baseline, key, &index))
        return BZC_OK;
    if (baseline->count == BZC_BASELINE_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "more than %u findings", BZC_BASELINE_MAX);
    if (baseline->count == baseline->capacity) {
        size_t capacity = baseline->capacity ? 2 * baseline->capacity : 64;
        struct entry *item = realloc(baseline->item, capacity * sizeof(*item));

        if (!item)
            return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the baseline");
        baseline->item = item;
        baseline->capacity = capacity;
    }
    fresh = (struct entry){strdup(key->image), key->rule, strdup(key->run), strdup(key->where), false};
    if (!fresh.image || !fresh.run || !fresh.where) {
        clear(&fresh);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the baseline");
    }
    memmove(&baseline->item[index + 1], &baseline->item[index], (baseline->count - index) * sizeof(fresh));
    baseline->item[index] = fresh;
    baseline->count++;
    return BZC_OK;
}

static void take_out(struct bzc_baseline *baseline, size_t index)
{
    clear(&baseline->item[index]);
    baseline->count--;
    memmove(&baseline->item[index], &baseline->item[index + 1], (baseline->count - index) * sizeof(baseline->item[0]));
}

/* ---- text as it stands in the file ---- */

/* What would break the format, or a terminal, as \xNN; cut where there is no room. */
static const char *escape(const char *text, char out[TEXT_SIZE])
{
    size_t used = 0;

    for (const char *at = text; *at && used + 5 < TEXT_SIZE; at++) {
        unsigned char byte = (unsigned char)*at;
        bool edge = byte == ' ' && (at == text || !at[1]);

        if (byte < 0x20 || byte > 0x7e || byte == '\\' || byte == '|' || edge)
            used += (size_t)snprintf(out + used, TEXT_SIZE - used, "\\x%02x", byte);
        else
            out[used++] = (char)byte;
    }
    out[used] = '\0';
    return out;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The same without addresses: each as "0x#". */
static const char *escape_place(const char *text, char out[TEXT_SIZE])
{
    char plain[BZC_FINDING_TEXT + 1];
    size_t used = 0;

    while (*text && used + 4 < sizeof(plain)) {
        if (text[0] == '0' && text[1] == 'x' && is_hex(text[2])) {
            memcpy(plain + used, "0x#", 3);
            used += 3;
            for (text += 2; is_hex(*text);)
                text++;
        } else {
            plain[used++] = *text++;
        }
    }
    plain[used] = '\0';
    return escape(plain, out);
}

static const char *image_name(const char *path, char out[TEXT_SIZE])
{
    const char *slash = strrchr(path, '/');

    return escape(slash && slash[1] ? slash + 1 : path, out);
}

struct key_text {
    char run[TEXT_SIZE], where[TEXT_SIZE];
};

static struct key key_of(const char *image, const struct bzc_facts *facts, const struct bzc_finding *finding,
                         struct key_text *text)
{
    struct key key = {.image = image, .rule = finding->rule, .run = no_run};

    if (finding->run >= 0 && (size_t)finding->run < facts->run_count) {
        const struct bzc_run_facts *run = &facts->run[finding->run];
        char label[BZC_FINDING_TEXT];

        snprintf(label, sizeof(label), "%s%s%s%s%s%s", run->as_loader ? "as " : "", run->scenario,
                 run->purpose[0] ? " (" : "", run->purpose, run->purpose[0] ? ")" : "", run->kaslr ? ", KASLR" : "");
        key.run = escape_place(label, text->run);
    }
    key.where = escape_place(finding->where, text->where);
    return key;
}

/* ---- reading ---- */

static char *trim(char *text)
{
    size_t length;

    while (*text == ' ' || *text == '\t')
        text++;
    length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* Up to the next '|', without the blanks around it; NULL behind the last one. */
static char *next_part(char **rest)
{
    char *part = *rest, *bar;

    if (!part)
        return NULL;
    bar = strchr(part, '|');
    *rest = bar ? bar + 1 : NULL;
    if (bar)
        *bar = '\0';
    return trim(part);
}

/* `line` is without blanks around it and not empty; `image` is that of the last "[...]", "" before it. */
static enum bzc_status read_line(struct bzc_baseline *baseline, char *line, char image[LINE_SIZE],
                                 struct bzc_error *err)
{
    size_t length = strlen(line);
    char *rest = line, *id, *run, *where;
    struct key key = {.image = image};

    if (line[0] == '[') {
        if (length < 3 || line[length - 1] != ']')
            return bzc_error_set(err, BZC_ERR_FORMAT, "the name of an image stands in [ and ]");
        if (length - 2 >= TEXT_SIZE)
            return bzc_error_set(err, BZC_ERR_FORMAT, "the name of an image is longer than %u bytes", TEXT_SIZE - 1);
        memcpy(image, line + 1, length - 2);
        image[length - 2] = '\0';
        return BZC_OK;
    }
    id = next_part(&rest);
    run = next_part(&rest);
    where = next_part(&rest);
    if (!run || !*run || rest)
        return bzc_error_set(err, BZC_ERR_FORMAT, "a line is '[IMAGE]' or 'RULE | RUN | PLACE'");
    /* Nothing longer is ever written, nor would it fit into a line with the rule's name. */
    if (strlen(run) >= TEXT_SIZE || (where && strlen(where) >= TEXT_SIZE))
        return bzc_error_set(err, BZC_ERR_FORMAT, "a run or a place is longer than %u bytes", TEXT_SIZE - 1);
    if (!*image)
        return bzc_error_set(err, BZC_ERR_FORMAT, "a finding stands behind the '[IMAGE]' that it belongs to");
    id[strcspn(id, " \t")] = '\0'; /* the rule's name is for people */
    key.rule = bzc_rule_find(id);
    if (!key.rule)
        return bzc_error_set(err, BZC_ERR_FORMAT, "there is no rule '%.64s'; 'bzcheck rules' lists them", id);
    key.run = run;
    key.where = where ? where : "";
    return insert(baseline, &key, err);
}

enum bzc_status bzc_baseline_read(struct bzc_baseline *baseline, struct bzc_bytes text, struct bzc_error *err)
{
    char image[LINE_SIZE] = "", line[LINE_SIZE];
    size_t at = 0;

    for (unsigned number = 1; at < text.size; number++) {
        const uint8_t *start = text.data + at, *end = memchr(start, '\n', text.size - at);
        size_t length = end ? (size_t)(end - start) : text.size - at;
        struct bzc_error problem = {0};
        enum bzc_status status = BZC_OK;
        char *trimmed;

        at += length + 1;
        if (length >= sizeof(line) || memchr(start, '\0', length))
            return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: this is no text line of a baseline", number);
        memcpy(line, start, length);
        line[length] = '\0';
        trimmed = trim(line);
        if (*trimmed && *trimmed != '#')
            status = read_line(baseline, trimmed, image, &problem);
        if (status != BZC_OK)
            return bzc_error_set(err, status, "line %u: %s", number, problem.message);
    }
    return BZC_OK;
}

/* ---- writing ---- */

static void describe(const struct entry *entry, char line[LINE_SIZE])
{
    snprintf(line, LINE_SIZE, "%s %s | %s%s%s", entry->rule->id, entry->rule->name, entry->run,
             *entry->where ? " | " : "", entry->where);
}

char *bzc_baseline_text(const struct bzc_baseline *baseline)
{
    const char *image = "";
    char *text = NULL, line[LINE_SIZE];
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    bool failed;

    if (!memory)
        return NULL;
    fputs("# Findings of bzcheck that are known and do not count. One a line: RULE NAME | RUN | PLACE, by image.\n"
          "# Written by --update-baseline; a line may be removed by hand, then its finding counts again.\n",
          memory);
    for (size_t i = 0; i < baseline->count; i++) {
        const struct entry *entry = &baseline->item[i];

        if (strcmp(entry->image, image) != 0)
            fprintf(memory, "\n[%s]\n", entry->image);
        image = entry->image;
        describe(entry, line);
        fprintf(memory, "%s\n", line);
    }
    failed = ferror(memory) != 0;
    if (fclose(memory) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* ---- findings ---- */

void bzc_baseline_mark(const struct bzc_baseline *baseline, const char *path, const struct bzc_facts *facts,
                       struct bzc_findings *findings)
{
    char image[TEXT_SIZE];
    size_t index;

    image_name(path, image);
    for (size_t i = 0; i < findings->count; i++) {
        struct bzc_finding *finding = &findings->item[i];
        struct key_text text;
        struct key key;

        finding->known = false;
        if (finding->outcome != BZC_OUTCOME_FAIL)
            continue;
        key = key_of(image, facts, finding, &text);
        finding->known = find(baseline, &key, &index);
    }
}

/* The rule answered about such a run, and never as the entry says; nor did it so about an image of the same name. */
static bool is_gone(const struct entry *entry, const struct bzc_facts *facts, const struct bzc_findings *findings)
{
    bool answered = false;

    if (entry->confirmed)
        return false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];
        struct key_text text;
        struct key key;

        if (finding->rule != entry->rule ||
            (finding->outcome != BZC_OUTCOME_PASS && finding->outcome != BZC_OUTCOME_FAIL))
            continue;
        key = key_of(entry->image, facts, finding, &text);
        if (strcmp(key.run, entry->run) != 0)
            continue;
        if (finding->outcome == BZC_OUTCOME_FAIL && strcmp(key.where, entry->where) == 0)
            return false;
        answered = true;
    }
    return answered;
}

enum bzc_status bzc_baseline_find_gone(const struct bzc_baseline *baseline, const char *path,
                                       const struct bzc_facts *facts, const struct bzc_findings *findings,
                                       struct bzc_baseline_gone *gone, struct bzc_error *err)
{
    char image[TEXT_SIZE], line[LINE_SIZE];

    *gone = (struct bzc_baseline_gone){0};
    image_name(path, image);
    for (size_t i = 0; i < baseline->count; i++) {
        char **grown;

        if (strcmp(baseline->item[i].image, image) != 0 || !is_gone(&baseline->item[i], facts, findings))
            continue;
        grown = realloc(gone->line, (gone->count + 1) * sizeof(*grown));
        if (grown) {
            gone->line = grown;
            describe(&baseline->item[i], line);
            gone->line[gone->count] = strdup(line);
        }
        if (!grown || !gone->line[gone->count]) {
            bzc_baseline_gone_free(gone);
            return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the baseline");
        }
        gone->count++;
    }
    return BZC_OK;
}

void bzc_baseline_gone_free(struct bzc_baseline_gone *gone)
{
    for (size_t i = 0; i < gone->count; i++)
        free(gone->line[i]);
    free(gone->line);
    *gone = (struct bzc_baseline_gone){0};
}

enum bzc_status bzc_baseline_update(struct bzc_baseline *baseline, const char *path, const struct bzc_facts *facts,
                                    const struct bzc_findings *findings, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    char image[TEXT_SIZE];
    size_t index;

    image_name(path, image);
    for (size_t i = baseline->count; i-- > 0;)
        if (strcmp(baseline->item[i].image, image) == 0 && is_gone(&baseline->item[i], facts, findings))
            take_out(baseline, i);
    for (size_t i = 0; i < findings->count && status == BZC_OK; i++) {
        struct key_text text;
        struct key key;

        if (findings->item[i].outcome != BZC_OUTCOME_FAIL)
            continue;
        key = key_of(image, facts, &findings->item[i], &text);
        status = insert(baseline, &key, err);
        if (status == BZC_OK && find(baseline, &key, &index))
            baseline->item[index].confirmed = true;
    }
    return status;
}
