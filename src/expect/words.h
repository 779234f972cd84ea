/* SPDX-License-Identifier: MIT
 *
 * A line of an expectation file as words, and the names those words may be. Each reading function
 * takes the next word and says what is wrong with it.
 */
#ifndef FST_EXPECT_WORDS_H
#define FST_EXPECT_WORDS_H

#include "expect/expectation.h"

#define FST_WORD_MAX 256

struct fst_words {
    const char *at, *end; /* what is left of the line */
    unsigned line;
    struct fst_expect_error *error;
    char word[FST_WORD_MAX]; /* the one taken last; "" at the end of the line */
};

typedef const char *(*fst_name_at)(const void *context, size_t index);

/** Take the next word. false at the end of the line, or with an error when it is too long. */
bool fst_words_next(struct fst_words *words);
/** Take the next word if it is this one. */
bool fst_words_skip(struct fst_words *words, const char *word);
/** Take the next word and complain if it is not this one, `what` it begins. */
bool fst_words_literal(struct fst_words *words, const char *word, const char *what);
/** Whether nothing is left. */
bool fst_words_at_end(struct fst_words *words);
/** Complain unless nothing is left. */
bool fst_words_finish(struct fst_words *words);

/** What is left, without blanks around it; to be freed. NULL when memory was short. */
char *fst_words_rest(struct fst_words *words);

/** Fill the error; @return false. */
bool fst_words_wrong(struct fst_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool fst_words_no_memory(struct fst_words *words);
/** Complain about the word taken last, naming the nearest that would do; @return false. */
bool fst_words_unknown(struct fst_words *words, const char *what, fst_name_at name_at);

/* Each takes one word and complains if it is none of its kind; `what` is what is expected here. */
bool fst_words_name(struct fst_words *words, const char *what, fst_name_at name_at, size_t *index);
bool fst_words_state(struct fst_words *words, enum fst_state *state);
bool fst_words_rule(struct fst_words *words, const struct fst_rule **rule);
bool fst_words_number(struct fst_words *words, uint64_t *number);
bool fst_words_compare(struct fst_words *words, enum fst_compare *compare);
/** "OP N"; complains of what holds always, or never. */
bool fst_words_comparison(struct fst_words *words, enum fst_compare *compare, uint64_t *number);
/** "50 ms", "50ms", "1.5 s": two words or one. */
bool fst_words_time(struct fst_words *words, int64_t *time_ns);

/* Names by index, NULL past the last: for the functions above and for suggestions. */
const char *fst_side_word_at(const void *context, size_t index);
const char *fst_state_word_at(const void *context, size_t index);
const char *fst_rule_word_at(const void *context, size_t index);
const char *fst_end_word_at(const void *context, size_t index);
const char *fst_class_word_at(const void *context, size_t index);

#endif
