/* SPDX-License-Identifier: MIT
 *
 * From the text of an expression to its tree, by recursive descent. The words, and what is said of
 * wrong ones, are those of expectation files.
 *
 *     or         = and { "or" and }
 *     and        = not { "and" not }
 *     not        = "not" not | "(" or ")" | condition
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect/words.h"
#include "where/where_tree.h"

#define TEXT_MAX  1024
#define NOT_FOUND FST_WHERE_NODES

struct parser {
    struct fst_words words;
    struct fst_where *where;
    unsigned depth;
};

/* -------------------------------------------------------------------------------------- words --
 */

/** Octets of the operator or bracket at the front; 0 if there is none. */
static size_t symbol(const char *text)
{
    if (strchr("()", *text))
        return 1;
    if (strchr("<>!=", *text))
        return text[1] == '=' ? 2 : 1;
    return 0;
}

/** Set brackets and operators apart by blanks, so that the words are what blanks separate. */
static bool spread(const char *text, char spaced[TEXT_MAX])
{
    size_t len = 0;

    while (*text != '\0') {
        size_t octets = symbol(text);

        if (len + 5 > TEXT_MAX)
            return false;
        if (octets == 0) {
            spaced[len++] = *text++;
            continue;
        }
        spaced[len++] = ' ';
        memcpy(spaced + len, text, octets);
        len += octets;
        if (octets == 2 && text[0] == '=') /* "==" is "=" */
            len--;
        spaced[len++] = ' ';
        text += octets;
    }
    spaced[len] = '\0';
    return true;
}

/* -------------------------------------------------------------------------------------- nodes --
 */

/** Add a node. @return its number, or NOT_FOUND after a complaint. */
static unsigned add(struct parser *parser, const struct fst_where_node *node)
{
    struct fst_where *where = parser->where;

    if (where->count == FST_WHERE_NODES) {
        fst_words_wrong(&parser->words, "more than %d conditions", FST_WHERE_NODES / 2);
        return NOT_FOUND;
    }
    where->nodes[where->count] = *node;
    return where->count++;
}

static unsigned add_pair(struct parser *parser, enum fst_where_kind kind, unsigned left,
                         unsigned right)
{
    struct fst_where_node node = {.kind = kind, .left = left, .right = right};

    return left == NOT_FOUND || right == NOT_FOUND ? NOT_FOUND : add(parser, &node);
}

/* --------------------------------------------------------------------------------- conditions --
 */

static bool same_word(const char *a, const char *b)
{
    while (*a != '\0' && toupper((unsigned char)*a) == toupper((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

/** A state as people type it. */
static bool read_state_name(struct fst_words *words, enum fst_state *state)
{
    fst_words_next(words);
    for (unsigned i = 0; i < FST_STATE_COUNT; i++)
        if (same_word(words->word, fst_state_name((enum fst_state)i))) {
            *state = (enum fst_state)i;
            return true;
        }
    return fst_words_unknown(words, "a state of RFC 9293", fst_state_word_at);
}

static bool read_state(struct fst_words *words, struct fst_where_node *node)
{
    node->kind = FST_WHERE_STATE;
    node->time_ns = -1;
    if (!read_state_name(words, &node->state))
        return false;
    if (!fst_words_skip(words, "longer"))
        return true;
    return fst_words_skip(words, "than")
               ? fst_words_time(words, &node->time_ns)
               : fst_words_wrong(words, "\"than\" is missing after \"longer\"");
}

static bool read_prefix(const char *text, unsigned most, unsigned *prefix)
{
    unsigned long value = strtoul(text, NULL, 10);

    if (*text == '\0' || strlen(text) > 3 || text[strspn(text, "0123456789")] != '\0' ||
        value > most)
        return false;
    *prefix = (unsigned)value;
    return true;
}

static bool read_net(struct fst_words *words, struct fst_where_node *node)
{
    char text[FST_WORD_MAX];
    char *slash;

    node->kind = FST_WHERE_NET;
    fst_words_next(words);
    memcpy(text, words->word, sizeof(text));
    slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    node->address.ipv6 = strchr(text, ':') != NULL;
    node->prefix = node->address.ipv6 ? 128 : 32;
    if (inet_pton(node->address.ipv6 ? AF_INET6 : AF_INET, text, node->address.octets) == 1 &&
        (!slash || read_prefix(slash, node->prefix, &node->prefix)))
        return true;
    return words->word[0] == '\0'
               ? fst_words_wrong(words, "an address is missing at the end")
               : fst_words_wrong(words, "\"%.80s\" where an address such as 10.0.0.0/8 is expected",
                                 words->word);
}

static bool read_port(struct fst_words *words, struct fst_where_node *node)
{
    uint64_t number = 0;

    node->kind = FST_WHERE_PORT;
    if (!fst_words_number(words, &number))
        return false;
    node->port = (uint16_t)number;
    return number <= UINT16_MAX || fst_words_wrong(words, "there is no port %s", words->word);
}

static bool read_amount(struct fst_words *words, struct fst_where_node *node)
{
    return fst_words_compare(words, &node->compare) && fst_words_number(words, &node->number);
}

static bool read_sends(struct fst_words *words, struct fst_where_node *node)
{
    node->kind = FST_WHERE_SENDS;
    return read_amount(words, node) &&
           (fst_words_skip(words, "bytes") || fst_words_skip(words, "byte") || true);
}

static bool read_of_side(struct fst_words *words, struct fst_where_node *node);

static const char *by_at(const void *context, size_t index)
{
    static const char *const names[] = {"client", "server", "nobody"};

    (void)context;
    return index < 3 ? names[index] : NULL;
}

static bool read_by(struct fst_words *words, struct fst_where_node *node)
{
    size_t index;

    node->by = FST_BY_ANYBODY;
    if (!fst_words_skip(words, "by"))
        return true;
    if (!fst_words_name(words, "client, server or nobody", by_at, &index))
        return false;
    node->by = (unsigned)index;
    return true;
}

/** "ended" alone, or with the way it did. */
static bool read_ended(struct fst_words *words, struct fst_where_node *node)
{
    const char *before = words->at;
    const char *name;

    node->kind = FST_WHERE_ENDED;
    node->end_kind = FST_ANY_END;
    if (!fst_words_next(words) || strcmp(words->word, "and") == 0 ||
        strcmp(words->word, "or") == 0 || strcmp(words->word, ")") == 0 ||
        strcmp(words->word, "by") == 0) {
        words->at = before;
        return read_by(words, node);
    }
    for (unsigned i = 0; (name = fst_end_word_at(NULL, i)) != NULL; i++)
        if (strcmp(words->word, name) == 0) {
            node->end_kind = i;
            return read_by(words, node);
        }
    return fst_words_unknown(words, "a way to end", fst_end_word_at);
}

static bool read_rule(struct fst_words *words, struct fst_where_node *node)
{
    node->kind = FST_WHERE_RULE;
    return fst_words_rule(words, &node->rule) && read_by(words, node);
}

/** "findings", or the class that the word itself is. */
static bool read_class(struct fst_words *words, struct fst_where_node *node)
{
    node->kind = FST_WHERE_CLASS;
    node->classes = 0;
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++)
        if (strcmp(words->word, fst_class_name((enum fst_class)i)) == 0)
            node->classes = 1u << i;
    if (node->classes == 0)
        node->classes = (1u << FST_CLASS_COUNT) - 1;
    return true;
}

static bool read_time(struct fst_words *words, struct fst_where_node *node)
{
    node->kind = FST_WHERE_TIME;
    node->quantity = strcmp(words->word, "age") == 0    ? FST_WHERE_AGE
                     : strcmp(words->word, "idle") == 0 ? FST_WHERE_IDLE
                                                        : FST_WHERE_HANDSHAKE;
    return fst_words_compare(words, &node->compare) && fst_words_time(words, &node->time_ns);
}

static bool read_count(struct fst_words *words, struct fst_where_node *node)
{
    node->kind = FST_WHERE_COUNT;
    node->quantity = strcmp(words->word, "packets") == 0 ? FST_WHERE_PACKETS
                     : strcmp(words->word, "bytes") == 0 ? FST_WHERE_BYTES
                                                         : FST_WHERE_RETRANSMITS;
    return read_amount(words, node);
}

static const char *view_at(const void *context, size_t index)
{
    static const char *const names[] = {"complete", "midstream", "one-sided", "gaps"};

    (void)context;
    return index < 4 ? names[index] : NULL;
}

static bool read_view(struct fst_words *words, struct fst_where_node *node)
{
    size_t index;

    node->kind = FST_WHERE_VIEW;
    if (!fst_words_name(words, "how much was captured", view_at, &index))
        return false;
    node->view = view_at(NULL, index);
    return true;
}

struct condition {
    const char *word;
    bool (*read)(struct fst_words *words, struct fst_where_node *node);
};

static const struct condition conditions[] = {
    {"client", read_of_side},    {"server", read_of_side}, {"in", read_state},
    {"net", read_net},           {"host", read_net},       {"port", read_port},
    {"ended", read_ended},       {"rule", read_rule},      {"findings", read_class},
    {"illegal", read_class},     {"suspect", read_class},  {"anomaly", read_class},
    {"capture", read_class},     {"age", read_time},       {"idle", read_time},
    {"handshake", read_time},    {"packets", read_count},  {"bytes", read_count},
    {"retransmits", read_count}, {"view", read_view}};

#define CONDITION_COUNT (sizeof(conditions) / sizeof(conditions[0]))

/* What may follow "client" or "server". */
static const struct condition of_side[] = {{"in", read_state},
                                           {"net", read_net},
                                           {"host", read_net},
                                           {"port", read_port},
                                           {"sends", read_sends}};

#define OF_SIDE_COUNT (sizeof(of_side) / sizeof(of_side[0]))

static const char *of_side_at(const void *context, size_t index)
{
    (void)context;
    return index < OF_SIDE_COUNT ? of_side[index].word : NULL;
}

static bool read_of_side(struct fst_words *words, struct fst_where_node *node)
{
    size_t index;

    node->side = strcmp(words->word, "server") == 0 ? FST_SERVER : FST_CLIENT;
    return fst_words_name(words, "one of in net host port sends", of_side_at, &index) &&
           of_side[index].read(words, node);
}

static const char *condition_at(const void *context, size_t index)
{
    (void)context;
    return index < CONDITION_COUNT ? conditions[index].word : NULL;
}

bool fst_where_begins(const char *text)
{
    char spaced[TEXT_MAX];
    struct fst_expect_error error = {0};
    struct fst_words words = {.at = spaced, .line = 1, .error = &error};

    if (!spread(text, spaced))
        return false;
    words.end = spaced + strlen(spaced);
    if (!fst_words_next(&words))
        return false;
    if (strcmp(words.word, "(") == 0 || strcmp(words.word, "not") == 0)
        return true;
    for (size_t i = 0; i < CONDITION_COUNT; i++)
        if (strcmp(words.word, conditions[i].word) == 0)
            return true;
    return false;
}

/* ---------------------------------------------------------------------------------- the tree -- */

static unsigned read_or(struct parser *parser);

static unsigned read_condition(struct parser *parser)
{
    struct fst_where_node node = {.side = FST_ANY_SIDE, .by = FST_BY_ANYBODY};
    size_t index;

    if (!fst_words_name(&parser->words, "a condition", condition_at, &index) ||
        !conditions[index].read(&parser->words, &node))
        return NOT_FOUND;
    return add(parser, &node);
}

static unsigned read_brackets(struct parser *parser)
{
    unsigned node = read_or(parser);

    if (node != NOT_FOUND && !fst_words_skip(&parser->words, ")")) {
        fst_words_wrong(&parser->words, "a \")\" is missing");
        return NOT_FOUND;
    }
    return node;
}

static unsigned read_not(struct parser *parser)
{
    struct fst_where_node not_ = {.kind = FST_WHERE_NOT};
    unsigned node;

    if (parser->depth == FST_WHERE_DEPTH) {
        fst_words_wrong(&parser->words, "too many \"(\" and \"not\" in one another");
        return NOT_FOUND;
    }
    parser->depth++;
    if (fst_words_skip(&parser->words, "not")) {
        not_.left = read_not(parser);
        node = not_.left == NOT_FOUND ? NOT_FOUND : add(parser, &not_);
    } else if (fst_words_skip(&parser->words, "(")) {
        node = read_brackets(parser);
    } else {
        node = read_condition(parser);
    }
    parser->depth--;
    return node;
}

static unsigned read_and(struct parser *parser)
{
    unsigned left = read_not(parser);

    while (left != NOT_FOUND && fst_words_skip(&parser->words, "and"))
        left = add_pair(parser, FST_WHERE_AND, left, read_not(parser));
    return left;
}

static unsigned read_or(struct parser *parser)
{
    unsigned left = read_and(parser);

    while (left != NOT_FOUND && fst_words_skip(&parser->words, "or"))
        left = add_pair(parser, FST_WHERE_OR, left, read_and(parser));
    return left;
}

/** Read the whole; false after a complaint. */
static bool read_all(struct parser *parser)
{
    if (strchr(parser->words.at, '#')) /* which would begin a comment where these words come from */
        return fst_words_wrong(&parser->words, "\"#\" means nothing here");
    return read_or(parser) != NOT_FOUND && fst_words_finish(&parser->words);
}

int fst_where_parse(struct fst_where **out, const char *text, char *message)
{
    char spaced[TEXT_MAX];
    struct fst_expect_error error = {0};
    struct parser parser = {.words = {.at = spaced, .line = 1, .error = &error},
                            .where = calloc(1, sizeof(**out))};

    *out = NULL;
    if (!parser.where) {
        snprintf(message, FST_WHERE_MESSAGE_MAX, "%s", fst_error_text(FST_ENOMEM));
        return FST_ENOMEM;
    }
    if (!spread(text, spaced)) {
        spaced[0] = '\0';
        fst_words_wrong(&parser.words, "longer than %d letters", TEXT_MAX);
    }
    parser.words.end = spaced + strlen(spaced);
    if (error.line == 0 && read_all(&parser)) {
        *out = parser.where;
        return 0;
    }
    fst_where_free(parser.where);
    snprintf(message, FST_WHERE_MESSAGE_MAX, "%s", error.message);
    return FST_EINVAL;
}
