/* SPDX-License-Identifier: MIT
 *
 * assert flows OP N, assert no CLASS, assert no|some|every flow: CONDITION.
 */
#include <stdlib.h>
#include <string.h>

#include "expect/parse.h"

static const char *by_at(const void *context, size_t index)
{
    static const char *const names[] = {"client", "server", "nobody"};

    (void)context;
    return index < 3 ? names[index] : NULL;
}

bool fst_parse_by(struct fst_words *words, unsigned *by)
{
    size_t index;

    *by = FST_BY_ANYBODY;
    if (!fst_words_skip(words, "by"))
        return true;
    if (!fst_words_name(words, "client, server or nobody", by_at, &index))
        return false;
    *by = (unsigned)index;
    return true;
}

bool fst_parse_ended(struct fst_words *words, enum fst_end_kind *kind, unsigned *by)
{
    size_t index;

    if (!fst_words_name(words, "a way to end", fst_end_word_at, &index))
        return false;
    *kind = (enum fst_end_kind)index;
    return fst_parse_by(words, by);
}

/* --------------------------------------------------------------------------------- conditions --
 */

static bool read_established(struct fst_words *words, struct fst_assert *assert_)
{
    assert_->condition = FST_IF_ESTABLISHED;
    return fst_words_at_end(words) || (fst_words_literal(words, "within", "within TIME") &&
                                       fst_words_time(words, &assert_->time_ns));
}

static bool read_reset(struct fst_words *words, struct fst_assert *assert_)
{
    assert_->condition = FST_IF_ENDED;
    assert_->end_kind = FST_END_RESET;
    if (!fst_parse_by(words, &assert_->by))
        return false;
    return assert_->by != FST_BY_ANYBODY ||
           fst_words_wrong(words, "\"reset\" is followed by \"by client\" or \"by server\"; any "
                                  "reset is \"ended reset\"");
}

static bool read_rule(struct fst_words *words, struct fst_assert *assert_)
{
    assert_->condition = FST_IF_RULE;
    return fst_words_rule(words, &assert_->rule) && fst_parse_by(words, &assert_->by);
}

static bool read_sends(struct fst_words *words, struct fst_assert *assert_)
{
    bool plain = !fst_words_at_end(words) && !strchr("=!<>", *words->at);

    assert_->condition = FST_IF_SENDS;
    assert_->compare = FST_EQ;
    return (plain ? fst_words_number(words, &assert_->number)
                  : fst_words_comparison(words, &assert_->compare, &assert_->number)) &&
           (fst_words_skip(words, "byte") || fst_words_literal(words, "bytes", "bytes"));
}

static const char *verb_at(const void *context, size_t index)
{
    static const char *const names[] = {"in", "sends"};

    (void)context;
    return index < 2 ? names[index] : NULL;
}

static bool read_side(struct fst_words *words, struct fst_assert *assert_)
{
    size_t index;

    assert_->side = strcmp(words->word, "server") == 0 ? FST_SERVER : FST_CLIENT;
    if (!fst_words_name(words, "\"in STATE\" or \"sends N bytes\"", verb_at, &index))
        return false;
    if (index == 1)
        return read_sends(words, assert_);
    assert_->condition = FST_IF_IN_STATE;
    if (!fst_words_state(words, &assert_->state))
        return false;
    return fst_words_at_end(words) || (fst_words_literal(words, "longer", "longer than TIME") &&
                                       fst_words_literal(words, "than", "than TIME") &&
                                       fst_words_time(words, &assert_->time_ns));
}

static bool read_ended(struct fst_words *words, struct fst_assert *assert_)
{
    assert_->condition = FST_IF_ENDED;
    return fst_parse_ended(words, &assert_->end_kind, &assert_->by);
}

static const struct {
    const char *word;
    bool (*read)(struct fst_words *words, struct fst_assert *assert_);
} conditions[] = {{"ended", read_ended}, {"established", read_established},
                  {"client", read_side}, {"server", read_side},
                  {"reset", read_reset}, {"rule", read_rule}};

#define CONDITION_COUNT (sizeof(conditions) / sizeof(conditions[0]))

static const char *condition_at(const void *context, size_t index)
{
    (void)context;
    return index < CONDITION_COUNT ? conditions[index].word : NULL;
}

static bool read_condition(struct fst_words *words, struct fst_assert *assert_)
{
    size_t index;

    return fst_words_name(words, "a condition", condition_at, &index) &&
           conditions[index].read(words, assert_);
}

/* --------------------------------------------------------------------------------- quantities --
 */

static bool read_flow_count(struct fst_words *words, struct fst_assert *assert_)
{
    assert_->quantity = FST_FLOW_COUNT;
    return fst_words_comparison(words, &assert_->compare, &assert_->number);
}

static const char *after_no_at(const void *context, size_t index)
{
    return index == 0 ? "flow:" : fst_class_word_at(context, index - 1);
}

static bool read_no(struct fst_words *words, struct fst_assert *assert_)
{
    size_t index;

    if (!fst_words_name(words, "\"flow:\" or a class of finding", after_no_at, &index))
        return false;
    if (index == 0) {
        assert_->quantity = FST_NO_FLOW;
        return read_condition(words, assert_);
    }
    assert_->quantity = FST_NO_CLASS;
    assert_->class_ = (enum fst_class)(index - 1);
    return true;
}

static bool read_of_flow(struct fst_words *words, struct fst_assert *assert_)
{
    assert_->quantity = strcmp(words->word, "some") == 0 ? FST_SOME_FLOW : FST_EVERY_FLOW;
    return fst_words_literal(words, "flow:", "flow:") && read_condition(words, assert_);
}

static const struct {
    const char *word;
    bool (*read)(struct fst_words *words, struct fst_assert *assert_);
} quantities[] = {
    {"flows", read_flow_count}, {"no", read_no}, {"every", read_of_flow}, {"some", read_of_flow}};

#define QUANTITY_COUNT (sizeof(quantities) / sizeof(quantities[0]))

static const char *quantity_at(const void *context, size_t index)
{
    (void)context;
    return index < QUANTITY_COUNT ? quantities[index].word : NULL;
}

/** The statement as it is shown, its words a blank apart. */
static char *assert_text(const struct fst_words *words, const char *begin)
{
    struct fst_expect_error ignored = {0};
    struct fst_words again = {begin, words->end, words->line, &ignored, ""};
    struct fst_strbuf text = {0};

    fst_strbuf_add(&text, "assert");
    while (fst_words_next(&again))
        fst_strbuf_join(&text, " ", again.word);
    return fst_strbuf_take(&text);
}

static bool keep(struct fst_parser *parser, const struct fst_assert *assert_)
{
    struct fst_expectation *expectation = parser->expectation;
    struct fst_assert *asserts;

    for (size_t i = 0; i < expectation->assert_count; i++)
        if (strcmp(expectation->asserts[i].text, assert_->text) == 0)
            return fst_words_wrong(&parser->words, "the same assert stands in line %u",
                                   expectation->asserts[i].line);
    asserts = realloc(expectation->asserts, (expectation->assert_count + 1) * sizeof(*asserts));
    if (!asserts)
        return fst_words_no_memory(&parser->words);
    asserts[expectation->assert_count++] = *assert_;
    expectation->asserts = asserts;
    return true;
}

bool fst_parse_assert(struct fst_parser *parser)
{
    struct fst_words *words = &parser->words;
    struct fst_assert assert_ = {
        .line = words->line, .by = FST_BY_ANYBODY, .time_ns = -1, .class_ = FST_CLASS_COUNT};
    const char *begin = words->at;
    size_t index;

    if (!fst_words_name(words, "\"flows\", \"no\", \"every\" or \"some\"", quantity_at, &index) ||
        !quantities[index].read(words, &assert_) || !fst_words_finish(words))
        return false;
    assert_.text = assert_text(words, begin);
    if (!assert_.text)
        return fst_words_no_memory(words);
    if (keep(parser, &assert_))
        return true;
    free(assert_.text);
    return false;
}
