/* SPDX-License-Identifier: MIT */
#include "expect/words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

/* ------------------------------------------------------------------------------------ words -- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct fst_words *words)
{
    while (words->at < words->end && is_blank(*words->at))
        words->at++;
    if (words->at < words->end && *words->at == '#') /* a word that begins so is a comment */
        words->at = words->end;
}

bool fst_words_at_end(struct fst_words *words)
{
    skip_blanks(words);
    return words->at == words->end;
}

bool fst_words_next(struct fst_words *words)
{
    size_t len = 0;

    words->word[0] = '\0';
    if (fst_words_at_end(words))
        return false;
    while (words->at + len < words->end && !is_blank(words->at[len]))
        len++;
    if (len >= sizeof(words->word))
        return fst_words_wrong(words, "a word of %zu letters is too long", len);
    memcpy(words->word, words->at, len);
    words->word[len] = '\0';
    words->at += len;
    return true;
}

bool fst_words_skip(struct fst_words *words, const char *word)
{
    const char *before = words->at;

    if (fst_words_next(words) && strcmp(words->word, word) == 0)
        return true;
    words->at = before;
    return false;
}

bool fst_words_finish(struct fst_words *words)
{
    if (fst_words_at_end(words))
        return true;
    if (fst_words_next(words))
        fst_words_wrong(words, "\"%s\" is too much here", words->word);
    return false;
}

char *fst_words_rest(struct fst_words *words)
{
    const char *end = words->end;

    while (words->at < end && is_blank(*words->at))
        words->at++;
    while (words->at < end && is_blank(end[-1]))
        end--;
    return strndup(words->at, (size_t)(end - words->at));
}

/* ------------------------------------------------------------------------------- complaints -- */

bool fst_words_wrong(struct fst_words *words, const char *format, ...)
{
    va_list arguments;

    if (words->error->line) /* the first fault is the one to tell */
        return false;
    words->error->line = words->line;
    va_start(arguments, format);
    vsnprintf(words->error->message, sizeof(words->error->message), format, arguments);
    va_end(arguments);
    return false;
}

bool fst_words_no_memory(struct fst_words *words)
{
    words->error->out_of_memory = true;
    return fst_words_wrong(words, "%s", fst_error_text(FST_ENOMEM));
}

bool fst_words_unknown(struct fst_words *words, const char *what, fst_name_at name_at)
{
    const char *nearest = fst_suggest(words->word, name_at, NULL);

    if (words->word[0] == '\0')
        return fst_words_wrong(words, "%s is missing at the end of the line", what);
    if (nearest)
        return fst_words_wrong(words, "\"%.80s\" where %s is expected; did you mean \"%s\"?",
                               words->word, what, nearest);
    return fst_words_wrong(words, "\"%.80s\" where %s is expected", words->word, what);
}

/* ------------------------------------------------------------------------------------ names -- */

const char *fst_side_word_at(const void *context, size_t index)
{
    (void)context;
    return index < 2 ? fst_side_word((unsigned)index) : NULL;
}

const char *fst_state_word_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_STATE_COUNT ? fst_state_name((enum fst_state)index) : NULL;
}

const char *fst_rule_word_at(const void *context, size_t index)
{
    const struct fst_rule *rule = fst_rule_at(index);

    (void)context;
    return rule ? rule->slug : NULL;
}

const char *fst_end_word_at(const void *context, size_t index)
{
    (void)context;
    return index <= FST_END_UNKNOWN ? fst_end_kind_name((enum fst_end_kind)index) : NULL;
}

const char *fst_class_word_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_CLASS_COUNT ? fst_class_name((enum fst_class)index) : NULL;
}

bool fst_words_name(struct fst_words *words, const char *what, fst_name_at name_at, size_t *index)
{
    const char *name;

    fst_words_next(words);
    for (*index = 0; (name = name_at(NULL, *index)) != NULL; (*index)++)
        if (strcmp(words->word, name) == 0)
            return true;
    return fst_words_unknown(words, what, name_at);
}

bool fst_words_state(struct fst_words *words, enum fst_state *state)
{
    size_t index;

    if (!fst_words_name(words, "a state of RFC 9293", fst_state_word_at, &index))
        return false;
    *state = (enum fst_state)index;
    return true;
}

bool fst_words_rule(struct fst_words *words, const struct fst_rule **rule)
{
    size_t index;

    if (!fst_words_name(words, "a rule", fst_rule_word_at, &index))
        return false;
    *rule = fst_rule_at(index);
    return true;
}

static const char *the_word_at(const void *context, size_t index)
{
    return index == 0 ? context : NULL;
}

bool fst_words_literal(struct fst_words *words, const char *word, const char *what)
{
    if (fst_words_skip(words, word))
        return true;
    fst_words_next(words);
    if (words->word[0] == '\0')
        return fst_words_wrong(words, "\"%s\" is missing at the end of the line", what);
    if (fst_suggest(words->word, the_word_at, word))
        return fst_words_wrong(words, "\"%.80s\" where \"%s\" is expected; did you mean \"%s\"?",
                               words->word, what, word);
    return fst_words_wrong(words, "\"%.80s\" where \"%s\" is expected", words->word, what);
}

/* ---------------------------------------------------------------------------------- numbers -- */

static const char *compare_at(const void *context, size_t index)
{
    static const char *const names[] = {"=", "!=", "<", "<=", ">", ">="};

    (void)context;
    return index < 6 ? names[index] : NULL;
}

bool fst_words_compare(struct fst_words *words, enum fst_compare *compare)
{
    size_t index;

    if (!fst_words_name(words, "one of = != < <= > >=", compare_at, &index))
        return false;
    *compare = (enum fst_compare)index;
    return true;
}

/** The decimal number at the front of `text`, at most 10^15. @return octets read, 0 if none. */
static size_t leading_number(const char *text, uint64_t *number)
{
    size_t len = 0;

    for (*number = 0; len < 15 && isdigit((unsigned char)text[len]); len++)
        *number = *number * 10 + (uint64_t)(text[len] - '0');
    return isdigit((unsigned char)text[len]) ? 0 : len;
}

bool fst_words_number(struct fst_words *words, uint64_t *number)
{
    size_t len;

    fst_words_next(words);
    len = leading_number(words->word, number);
    if (len == 0 || words->word[len] != '\0')
        return fst_words_wrong(words, "\"%.80s\" where a number is expected", words->word);
    return true;
}

bool fst_words_comparison(struct fst_words *words, enum fst_compare *compare, uint64_t *number)
{
    if (!fst_words_compare(words, compare) || !fst_words_number(words, number))
        return false;
    if (*number > 0 || (*compare != FST_GE && *compare != FST_LT))
        return true;
    return fst_words_wrong(words, "\"%s 0\" holds %s, so it tests nothing",
                           compare_at(NULL, *compare), *compare == FST_GE ? "always" : "never");
}

static const struct {
    const char *name;
    int64_t ns;
} units[] = {{"ns", 1},         {"us", 1000},         {"ms", 1000000},
             {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000}};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

static const char *unit_at(const void *context, size_t index)
{
    (void)context;
    return index < UNIT_COUNT ? units[index].name : NULL;
}

/* A year: longer stays need no test, and the product stays far inside the type. */
#define TIME_MAX_NS ((int64_t)366 * 86400 * 1000000000)

/** Digits after the point, as a part of one unit. */
static size_t fraction(const char *text, int64_t unit_ns, int64_t *ns)
{
    size_t len = 0;

    for (*ns = 0; isdigit((unsigned char)text[len]); len++) {
        unit_ns /= 10;
        *ns += (text[len] - '0') * unit_ns;
    }
    return len;
}

bool fst_words_time(struct fst_words *words, int64_t *time_ns)
{
    char number[FST_WORD_MAX];
    uint64_t whole;
    int64_t part = 0;
    size_t len, index, digits;

    fst_words_next(words);
    memcpy(number, words->word, sizeof(number));
    len = leading_number(number, &whole);
    digits = number[len] == '.' ? len + 1 + strspn(number + len + 1, "0123456789") : len;
    if (len == 0 || digits == len + 1)
        return fst_words_wrong(words, "\"%.80s\" where a time such as 50 ms is expected", number);
    if (number[digits] != '\0') /* the unit stands in the same word: look at it alone */
        memmove(words->word, words->word + digits, strlen(words->word + digits) + 1);
    else
        fst_words_next(words);
    for (index = 0; index < UNIT_COUNT && strcmp(words->word, units[index].name) != 0; index++)
        continue;
    if (index == UNIT_COUNT)
        return fst_words_unknown(words, "a unit of time (ns us ms s min h)", unit_at);
    if (whole > (uint64_t)(TIME_MAX_NS / units[index].ns))
        return fst_words_wrong(words, "%.80s %s is longer than a year", number, words->word);
    if (digits > len)
        fraction(number + len + 1, units[index].ns, &part);
    *time_ns = (int64_t)whole * units[index].ns + part;
    return true;
}
