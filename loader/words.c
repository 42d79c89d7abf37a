/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char blanks[] = " \t";

char *bzc_words_next(struct bzc_words *words)
{
    char *word = words->at + strspn(words->at, blanks);
    char *end = word + strcspn(word, blanks);

    words->at = *end ? end + 1 : end;
    *end = '\0';
    return *word ? word : NULL;
}

bool bzc_words_take(struct bzc_words *words, const char *word)
{
    const char *next = words->at + strspn(words->at, blanks);
    size_t length = strcspn(next, blanks);

    if (strlen(word) != length || strncmp(next, word, length) != 0)
        return false;
    bzc_words_next(words);
    return true;
}

bool bzc_words_left(const struct bzc_words *words)
{
    return words->at[strspn(words->at, blanks)] != '\0';
}

bool bzc_words_no_number(const struct bzc_words *words)
{
    return !isdigit((unsigned char)words->at[strspn(words->at, blanks)]);
}

enum bzc_status bzc_words_end(const struct bzc_words *words)
{
    const char *rest = words->at + strspn(words->at, blanks);

    if (*rest)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': '%.60s' is too much", words->statement, rest);
    return BZC_OK;
}

enum bzc_status bzc_words_too_many(const struct bzc_words *words, unsigned most)
{
    return bzc_error_set(words->err, BZC_ERR_LIMIT, "more than %u lines '%s'", most, words->statement);
}

enum bzc_status bzc_words_number(struct bzc_words *words, const char *what, uint64_t least, uint64_t most,
                                 uint64_t *value)
{
    const char *word = bzc_words_next(words);

    if (!word)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': %s is missing", words->statement, what);
    if (!bzc_number_parse(word, value))
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': '%.60s' is not %s", words->statement, word, what);
    if (*value < least || *value > most)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': %.60s is not %s from 0x%" PRIx64 " to 0x%" PRIx64,
                             words->statement, word, what, least, most);
    return BZC_OK;
}

enum bzc_status bzc_words_number_or(struct bzc_words *words, const char *what, uint64_t most, const char *word,
                                    uint64_t value_of_word, uint64_t *value)
{
    if (!bzc_words_take(words, word))
        return bzc_words_number(words, what, 1, most, value);
    *value = value_of_word;
    return BZC_OK;
}

enum bzc_status bzc_words_choice(struct bzc_words *words, const char *const *names, size_t count, size_t *index)
{
    const char *word = bzc_words_next(words);
    char known[160] = "";

    for (size_t i = 0; word && i < count; i++) {
        if (strcmp(word, names[i]) == 0) {
            *index = i;
            return BZC_OK;
        }
    }
    for (size_t i = 0, used = 0; i < count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    if (!word)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s' lacks one of: %s", words->statement, known);
    return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s': '%.60s' is none of: %s", words->statement, word, known);
}

enum bzc_status bzc_words_flag(struct bzc_words *words, const char *clear, const char *set, bool *flag)
{
    const char *const names[] = {clear, set};
    size_t index = 0;
    enum bzc_status status = bzc_words_choice(words, names, 2, &index);

    *flag = index == 1;
    return status;
}

enum bzc_status bzc_words_text(struct bzc_words *words, char *out, size_t size)
{
    const char *text = words->at + strspn(words->at, blanks);
    size_t length = strlen(text);

    if (length == 0)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s' says nothing", words->statement);
    if (length >= size)
        return bzc_error_set(words->err, BZC_ERR_FORMAT, "'%s' says more than %zu characters", words->statement,
                             size - 1);
    memcpy(out, text, length + 1);
    words->at += strlen(words->at);
    return BZC_OK;
}
