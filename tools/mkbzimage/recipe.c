/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mkbzimage/recipe.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_SIZE 256

static bool parse_number(const char *text, uint64_t *value, const char **end)
{
    char *stop;

    errno = 0;
    *value = strtoull(text, &stop, 0);
    *end = stop;
    return stop != text && !errno && text[0] != '-';
}

static bool parse_whole_number(const char *text, uint64_t limit, uint64_t *value)
{
    const char *end;

    return parse_number(text, value, &end) && !*end && *value <= limit;
}

static bool parse_yes_no(const char *text, bool *value)
{
    *value = !strcmp(text, "yes");
    return *value || !strcmp(text, "no");
}

static bool parse_protocol(const char *text, uint16_t *value)
{
    const char *end;
    uint64_t major, minor;

    if (!parse_number(text, &major, &end) || *end != '.' || major > 255)
        return false;
    text = end + 1;
    /* Minor versions are written with two decimal digits: 2.08, which is no octal number. */
    while (*text == '0' && text[1])
        text++;
    if (!parse_whole_number(text, 255, &minor))
        return false;
    *value = (uint16_t)(major << 8 | minor);
    return true;
}

static bool parse_compression(const char *text, struct bzc_recipe *recipe)
{
    static const enum bzc_compression known[] = {BZC_COMPRESSION_NONE, BZC_COMPRESSION_GZIP, BZC_COMPRESSION_LZ4};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!strcmp(text, bzc_compression_name(known[i]))) {
            recipe->compression = known[i];
            return true;
        }
    }
    return false;
}

static bool parse_pe(const char *text, enum bzc_pe_style *style)
{
    static const char *const name[] = {"no", "packed", "paged"};

    for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
        if (!strcmp(text, name[i])) {
            *style = (enum bzc_pe_style)i;
            return true;
        }
    }
    return false;
}

/* "payload+0x20": sets place and offset, *end points behind. */
static bool parse_place(const char *text, struct bzc_damage *damage, const char **end)
{
    static const char *const name[] = {"file+", "pm+", "payload+"};

    for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
        size_t size = strlen(name[i]);

        if (!strncmp(text, name[i], size)) {
            damage->place = (enum bzc_place)i;
            return parse_number(text + size, &damage->offset, end);
        }
    }
    return false;
}

/* "^ 0x20", then the end of the string or " in ". */
static bool parse_mask(const char *text, uint8_t *mask, const char **end)
{
    uint64_t value;

    while (*text == ' ')
        text++;
    if (*text++ != '^')
        return false;
    while (*text == ' ')
        text++;
    if (!parse_number(text, &value, end) || !value || value > 255)
        return false;
    *mask = (uint8_t)value;
    return true;
}

static bool parse_damage(const char *key, const char *value, struct bzc_damage *damage)
{
    const char *end;

    memset(damage, 0, sizeof(*damage));
    if (!strcmp(key, "truncate")) {
        damage->kind = BZC_DAMAGE_TRUNCATE;
        return parse_place(value, damage, &end) && !*end;
    }
    if (!strcmp(key, "flip")) {
        damage->kind = BZC_DAMAGE_FLIP;
        return parse_place(value, damage, &end) && parse_mask(end, &damage->mask, &end) && !*end;
    }
    /* flip_text = 4 ^ 0x20 in some text */
    damage->kind = BZC_DAMAGE_FLIP_TEXT;
    if (!parse_number(value, &damage->offset, &end) || !parse_mask(end, &damage->mask, &end) ||
        strncmp(end, " in ", 4) != 0)
        return false;
    end += 4;
    if (!*end || strlen(end) >= sizeof(damage->text) || damage->offset >= strlen(end))
        return false;
    memcpy(damage->text, end, strlen(end) + 1);
    return true;
}

static bool is_foreign(const char *key)
{
    return !strcmp(key, "arch") || !strcmp(key, "setup_fault") || !strcmp(key, "stub_fault") ||
           !strcmp(key, "kernel_fault") || !strncmp(key, "expect_", 7) || !strncmp(key, "verify_", 7);
}

static enum bzc_status apply(const char *key, const char *value, unsigned line, struct bzc_recipe *recipe,
                             struct bzc_error *err)
{
    bool good;

    if (is_foreign(key))
        return BZC_OK;
    if (!strcmp(key, "protocol")) {
        good = parse_protocol(value, &recipe->protocol);
    } else if (!strcmp(key, "compression")) {
        good = parse_compression(value, recipe);
    } else if (!strcmp(key, "style")) {
        recipe->flat = strcmp(value, "elf") != 0;
        good = !recipe->flat || !strcmp(value, "flat") || !strcmp(value, "low-buffer") || !strcmp(value, "zimage");
    } else if (!strcmp(key, "level")) {
        uint64_t level = 0;

        good = parse_whole_number(value, 9, &level);
        recipe->level = (unsigned)level;
    } else if (!strcmp(key, "relocatable")) {
        good = parse_yes_no(value, &recipe->relocatable);
    } else if (!strcmp(key, "relocs")) {
        good = parse_yes_no(value, &recipe->relocs);
    } else if (!strcmp(key, "kaslr")) {
        good = parse_yes_no(value, &recipe->kaslr);
    } else if (!strcmp(key, "crc")) {
        recipe->wrong_crc = !strcmp(value, "wrong");
        recipe->crc = true;
        good = recipe->wrong_crc || parse_yes_no(value, &recipe->crc);
    } else if (!strcmp(key, "pe")) {
        good = parse_pe(value, &recipe->pe);
    } else if (!strcmp(key, "sbat")) {
        good = parse_yes_no(value, &recipe->sbat);
    } else if (!strncmp(key, "hdr.", 4)) {
        const struct bzc_field *field = bzc_field_by_name(key + 4);
        struct bzc_recipe_field *slot = &recipe->field[recipe->field_count];
        uint64_t limit;

        if (!field)
            return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: no setup-header field is called %s", line, key + 4);
        if (recipe->field_count == BZC_RECIPE_FIELDS_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "line %u: more than %d fields", line, BZC_RECIPE_FIELDS_MAX);
        limit = field->size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * field->size)) - 1;
        good = parse_whole_number(value, limit, &slot->value);
        slot->id = field->id;
        recipe->field_count++;
    } else if (!strcmp(key, "flip") || !strcmp(key, "flip_text") || !strcmp(key, "truncate")) {
        if (recipe->damage_count == BZC_RECIPE_DAMAGES_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "line %u: more than %d damages", line, BZC_RECIPE_DAMAGES_MAX);
        good = parse_damage(key, value, &recipe->damage[recipe->damage_count++]);
    } else {
        return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: unknown key %s", line, key);
    }
    if (!good)
        return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: bad value for %s: %s", line, key, value);
    return BZC_OK;
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && isspace((unsigned char)end[-1]))
        *--end = 0;
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

static enum bzc_status parse_line(char *text, unsigned line, struct bzc_recipe *recipe, struct bzc_error *err)
{
    char *equals;

    text = trim(text);
    if (!*text || *text == '#')
        return BZC_OK;
    equals = strchr(text, '=');
    if (!equals)
        return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: not \"key = value\": %s", line, text);
    *equals = 0;
    return apply(trim(text), trim(equals + 1), line, recipe, err);
}

enum bzc_status bzc_recipe_parse(struct bzc_bytes text, struct bzc_recipe *recipe, struct bzc_error *err)
{
    char buffer[LINE_MAX_SIZE];
    size_t start = 0;

    memset(recipe, 0, sizeof(*recipe));
    recipe->protocol = 0x020f;
    recipe->compression = BZC_COMPRESSION_LZ4;
    recipe->level = 9;
    recipe->relocatable = true;
    recipe->crc = true;
    for (unsigned line = 1; start < text.size; line++) {
        size_t size = 0;
        enum bzc_status status;

        while (start + size < text.size && text.data[start + size] != '\n')
            size++;
        if (size >= sizeof(buffer))
            return bzc_error_set(err, BZC_ERR_FORMAT, "line %u: longer than %d bytes", line, LINE_MAX_SIZE - 1);
        memcpy(buffer, text.data + start, size);
        buffer[size] = 0;
        status = parse_line(buffer, line, recipe, err);
        if (status != BZC_OK)
            return status;
        start += size + 1;
    }
    return BZC_OK;
}
