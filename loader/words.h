/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the loader: the words of one statement of a text format. */
#ifndef BZC_LOADER_WORDS_H
#define BZC_LOADER_WORDS_H

#include <stddef.h>

#include "base/number.h"
#include "base/status.h"

struct bzc_words {
    const char *statement; /* its first word, for messages */
    char *at;              /* what has not been read yet; words are ended in place */
    struct bzc_error *err;
};

/* The next word, separated by blanks and tabs; NULL at the end. */
char *bzc_words_next(struct bzc_words *words);
/* True, and the word is read, when the next one is `word`. */
bool bzc_words_take(struct bzc_words *words, const char *word);
/* True when there is a next word. */
bool bzc_words_left(const struct bzc_words *words);
/* True when nothing is left, or the next word begins with something else than a digit. */
bool bzc_words_no_number(const struct bzc_words *words);

/* The following fail with one sentence that names the statement; BZC_ERR_FORMAT if nothing else is said. */

/* Nothing may be left. */
enum bzc_status bzc_words_end(const struct bzc_words *words);
/* BZC_ERR_LIMIT: there are more lines with this statement than `most`. */
enum bzc_status bzc_words_too_many(const struct bzc_words *words, unsigned most);
/* A number from `least` to `most`; `what` it is ("an address"). */
enum bzc_status bzc_words_number(struct bzc_words *words, const char *what, uint64_t least, uint64_t most,
                                 uint64_t *value);
/* A number from 1 to `most`, or `word`, which stands for `value_of_word`. */
enum bzc_status bzc_words_number_or(struct bzc_words *words, const char *what, uint64_t most, const char *word,
                                    uint64_t value_of_word, uint64_t *value);
/* One of the `count` names; *index tells which. */
enum bzc_status bzc_words_choice(struct bzc_words *words, const char *const *names, size_t count, size_t *index);
/* One of two words: `clear`, or `set`, which sets the flag. */
enum bzc_status bzc_words_flag(struct bzc_words *words, const char *clear, const char *set, bool *flag);
/* The rest of the line, which may not be empty and has room in `out` (with its NUL). */
enum bzc_status bzc_words_text(struct bzc_words *words, char *out, size_t size);

#endif
