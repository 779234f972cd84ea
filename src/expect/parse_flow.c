/* SPDX-License-Identifier: MIT
 *
 * A flow of the recorded part: which connection is meant, and what is expected of it. Each aspect's
 * text is checked and brought to its canonical spelling.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "expect/parse.h"

/* --------------------------------------------------------------------------------- endpoints -- */

/** "10.0.0.9", "[2001:db8::9]" or "*". */
static bool read_address(struct fst_pattern *pattern, const char *text, size_t len)
{
    char address[FST_ADDRESS_TEXT_MAX + 2];

    if (len == 1 && *text == '*') {
        pattern->any_address = true;
        return true;
    }
    if (len < 2 || len >= sizeof(address))
        return false;
    pattern->address.ipv6 = text[0] == '[';
    if (pattern->address.ipv6 && text[len - 1] != ']')
        return false;
    if (pattern->address.ipv6) {
        text++;
        len -= 2;
    }
    memcpy(address, text, len);
    address[len] = '\0';
    return inet_pton(pattern->address.ipv6 ? AF_INET6 : AF_INET, address,
                     pattern->address.octets) == 1;
}

static bool read_port(struct fst_pattern *pattern, const char *text)
{
    unsigned long port = 0;

    if (strcmp(text, "*") == 0) {
        pattern->any_port = true;
        return true;
    }
    if (*text == '\0' || strlen(text) > 5 || text[strspn(text, "0123456789")] != '\0')
        return false;
    port = strtoul(text, NULL, 10);
    pattern->port = (uint16_t)port;
    return port <= UINT16_MAX;
}

bool fst_pattern_parse(struct fst_pattern *pattern, const char *text)
{
    const char *colon = strrchr(text, ':');

    *pattern = (struct fst_pattern){0};
    return colon && read_address(pattern, text, (size_t)(colon - text)) &&
           read_port(pattern, colon + 1);
}

static bool read_endpoint(struct fst_words *words, enum fst_side side, struct fst_pattern *pattern)
{
    static const char *const whats[] = {"client ADDRESS:PORT", "server ADDRESS:PORT"};

    if (!fst_words_literal(words, fst_side_word(side), whats[side]))
        return false;
    fst_words_next(words);
    if (fst_pattern_parse(pattern, words->word)) {
        pattern->text = strdup(words->word);
        return pattern->text || fst_words_no_memory(words);
    }
    return fst_words_wrong(words,
                           "\"%.80s\" where an endpoint is expected, such as 10.0.0.9:443, "
                           "[2001:db8::9]:443, 10.0.0.17:* or *:443",
                           words->word);
}

/** "db#1": a name and the order of opening. */
static bool read_name(struct fst_words *words, struct fst_expected_flow *flow)
{
    const char *hash;
    unsigned long number = 0;

    fst_words_next(words);
    hash = strrchr(words->word, '#');
    if (hash && hash != words->word && strlen(hash + 1) < 9 &&
        hash[1 + strspn(hash + 1, "0123456789")] == '\0')
        number = strtoul(hash + 1, NULL, 10);
    if (number == 0)
        return fst_words_wrong(words,
                               "\"%.80s\" where a flow's name is expected, such as db#1: the first "
                               "connection opened to this server",
                               words->word);
    flow->number = (uint32_t)number;
    flow->name = strdup(words->word);
    return flow->name || fst_words_no_memory(words);
}

static bool read_flow(struct fst_words *words, struct fst_expected_flow *flow)
{
    return read_name(words, flow) && read_endpoint(words, FST_CLIENT, &flow->side[FST_CLIENT]) &&
           read_endpoint(words, FST_SERVER, &flow->side[FST_SERVER]) && fst_words_finish(words);
}

bool fst_parse_flow(struct fst_parser *parser)
{
    struct fst_expectation *expectation = parser->expectation;
    struct fst_expected_flow *flows, flow = {.line = parser->words.line};

    if (!fst_parse_flow_finish(parser))
        return false;
    if (!read_flow(&parser->words, &flow)) {
        fst_expected_flow_free(&flow);
        return false;
    }
    flows = realloc(expectation->flows, (expectation->flow_count + 1) * sizeof(*flows));
    if (!flows) {
        fst_expected_flow_free(&flow);
        return fst_words_no_memory(&parser->words);
    }
    flows[expectation->flow_count++] = flow;
    expectation->flows = flows;
    return true;
}

/* --------------------------------------------------------------------------------- the texts -- */

static bool path_step(struct fst_words *words, bool broken, enum fst_state before,
                      enum fst_state after)
{
    struct fst_transition move;

    if (broken || fst_move_exists(before, after, &move))
        return true;
    return fst_words_wrong(words,
                           "impossible path: nothing leads from %s to %s (see: flowstate states "
                           "%s); a break in a recorded path is written \"" FST_PATH_BREAK "\"",
                           fst_state_name(before), fst_state_name(after), fst_state_name(before));
}

static bool read_path(struct fst_words *words, struct fst_strbuf *text)
{
    enum fst_state before = FST_CLOSED, state;
    bool first = true, broken = false;

    while (!fst_words_at_end(words)) {
        if (!first && fst_words_skip(words, FST_PATH_CUT)) {
            fst_strbuf_join(text, " ", FST_PATH_CUT);
            return fst_words_finish(words);
        }
        if (!first && !broken && fst_words_skip(words, FST_PATH_BREAK)) {
            fst_strbuf_join(text, " ", FST_PATH_BREAK);
            broken = true;
            continue;
        }
        if (!fst_words_state(words, &state) || (!first && !path_step(words, broken, before, state)))
            return false;
        fst_strbuf_join(text, " ", fst_state_name(state));
        before = state;
        first = broken = false;
    }
    if (first || broken)
        return fst_words_wrong(words, "a state is missing at the end of the line");
    return true;
}

static bool read_ended(struct fst_words *words, struct fst_strbuf *text)
{
    enum fst_end_kind kind;
    unsigned by;

    if (!fst_parse_ended(words, &kind, &by))
        return false;
    fst_strbuf_add(text, fst_end_kind_name(kind));
    if (by < FST_BY_NOBODY)
        fst_strbuf_print(text, " by %s", fst_side_word(by));
    return true;
}

#define FINDINGS_MAX 256 /* more than there are rules and sides */

/** Cut a comma off the end of the word taken last. @return whether there was one. */
static bool cut_comma(char *word)
{
    size_t len = strlen(word);

    if (len == 0 || word[len - 1] != ',')
        return false;
    word[len - 1] = '\0';
    return true;
}

static bool known_rule(struct fst_words *words)
{
    return fst_rule_find(words->word) || fst_words_unknown(words, "a rule", fst_rule_word_at);
}

/** "RULE [by SIDE]" and a comma if another follows. */
static bool read_finding(struct fst_words *words, char **item, bool *more)
{
    struct fst_strbuf text = {0};

    fst_words_next(words);
    *more = cut_comma(words->word);
    if (!known_rule(words))
        return false;
    fst_strbuf_add(&text, words->word);
    if (!*more && fst_words_skip(words, "by")) {
        fst_words_next(words);
        *more = cut_comma(words->word);
        if (strcmp(words->word, "client") != 0 && strcmp(words->word, "server") != 0) {
            fst_strbuf_free(&text);
            return fst_words_unknown(words, "client or server", fst_side_word_at);
        }
        fst_strbuf_print(&text, " by %s", words->word);
    }
    *item = fst_strbuf_take(&text);
    return *item || fst_words_no_memory(words);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool join_findings(struct fst_words *words, struct fst_strbuf *text, char **items,
                          size_t count)
{
    qsort(items, count, sizeof(*items), by_text);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(items[i - 1], items[i]) == 0)
            return fst_words_wrong(words, "%s is named twice", items[i]);
        fst_strbuf_join(text, ", ", items[i]);
    }
    return true;
}

static bool read_findings(struct fst_words *words, struct fst_strbuf *text)
{
    char *items[FINDINGS_MAX] = {NULL};
    size_t count = 0;
    bool more = true, good = true;

    if (fst_words_skip(words, "none")) {
        fst_strbuf_add(text, "none");
        return true;
    }
    while (good && more) {
        good = count < FINDINGS_MAX || fst_words_wrong(words, "too many findings");
        good = good && read_finding(words, &items[count], &more);
        count += good;
    }
    good = good && join_findings(words, text, items, count);
    while (count > 0)
        free(items[--count]);
    return good;
}

static const char *token_at(const void *context, size_t index)
{
    static const char *const names[] = {">SYN", "<SYN", ">SYN-ACK", "<SYN-ACK", ">data", "<data",
                                        ">FIN", "<FIN", ">RST",     "<RST",     "..."};

    (void)context;
    return index < 11 ? names[index] : NULL;
}

static bool read_segments(struct fst_words *words, struct fst_strbuf *text)
{
    size_t index;

    if (fst_words_skip(words, "none")) {
        fst_strbuf_add(text, "none");
        return true;
    }
    do {
        if (!fst_words_name(words, "a segment", token_at, &index))
            return false;
        fst_strbuf_join(text, " ", words->word);
    } while (!fst_words_at_end(words));
    return true;
}

static const char *direction_at(const void *context, size_t index)
{
    static const char *const names[] = {">", "<"};

    (void)context;
    return index < 2 ? names[index] : NULL;
}

static bool read_labelled_number(struct fst_words *words, struct fst_strbuf *text,
                                 const char *label)
{
    uint64_t number;

    if (!fst_words_literal(words, label, label) || !fst_words_number(words, &number))
        return false;
    fst_strbuf_print(text, " %s %llu", label, (unsigned long long)number);
    return true;
}

static bool read_labelled_state(struct fst_words *words, struct fst_strbuf *text, const char *label)
{
    enum fst_state state;

    if (!fst_words_literal(words, label, label) || !fst_words_state(words, &state))
        return false;
    fst_strbuf_print(text, " %s %s", label, fst_state_name(state));
    return true;
}

/** "opt none", "opt mss=1460,sack-permitted". */
static bool read_options(struct fst_words *words, struct fst_strbuf *text)
{
    if (!fst_words_literal(words, "opt", "opt OPTIONS"))
        return false;
    fst_words_next(words);
    if (words->word[0] == '\0' ||
        words->word[strspn(words->word, "abcdefghijklmnopqrstuvwxyz0123456789-=,")] != '\0')
        return fst_words_wrong(words,
                               "\"%.80s\" where options such as mss=1460,timestamps, or "
                               "none, are expected",
                               words->word);
    fst_strbuf_print(text, " opt %s", words->word);
    return true;
}

/** "> P. seq 1 ack 1 len 310 win 502 opt none client ESTABLISHED server ESTABLISHED". */
static bool read_packet(struct fst_words *words, struct fst_strbuf *text)
{
    static const char *const labels[] = {"seq", "ack", "len", "win"};
    size_t index;

    if (!fst_words_name(words, "> (from the client) or < (from the server)", direction_at, &index))
        return false;
    fst_strbuf_add(text, words->word);
    fst_words_next(words);
    if (strcmp(words->word, "none") != 0 &&
        (words->word[0] == '\0' || words->word[strspn(words->word, "FSRP.UEWe")] != '\0'))
        return fst_words_wrong(words, "\"%.80s\" where flags such as S or P. are expected",
                               words->word);
    fst_strbuf_join(text, " ", words->word);
    for (size_t i = 0; i < 4; i++)
        if (!read_labelled_number(words, text, labels[i]))
            return false;
    return read_options(words, text) && read_labelled_state(words, text, "client") &&
           read_labelled_state(words, text, "server");
}

/* ----------------------------------------------------------------------------------- aspects -- */

static const char *aspect_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_ASPECT_COUNT ? fst_aspect_name((enum fst_aspect)index) : NULL;
}

static bool read_text(struct fst_words *words, enum fst_aspect aspect, struct fst_strbuf *text)
{
    static bool (*const read[FST_ASPECT_COUNT])(struct fst_words *, struct fst_strbuf *) = {
        [FST_ASPECT_CLIENT] = read_path,       [FST_ASPECT_SERVER] = read_path,
        [FST_ASPECT_ENDED] = read_ended,       [FST_ASPECT_FINDINGS] = read_findings,
        [FST_ASPECT_SEGMENTS] = read_segments, [FST_ASPECT_PACKET] = read_packet};

    return read[aspect](words, text) && fst_words_finish(words);
}

static struct fst_expected_flow *last_flow(struct fst_parser *parser)
{
    struct fst_expectation *expectation = parser->expectation;

    if (expectation->flow_count > 0)
        return &expectation->flows[expectation->flow_count - 1];
    fst_words_wrong(&parser->words, "\"%s\" before the first \"flow\" line", parser->words.word);
    return NULL;
}

static bool add_text(struct fst_parser *parser, struct fst_expected_flow *flow,
                     enum fst_aspect aspect)
{
    struct fst_strbuf text = {0};

    if (!read_text(&parser->words, aspect, &text)) {
        fst_strbuf_free(&text);
        return false;
    }
    return fst_expected_flow_accept(flow, aspect, fst_strbuf_take(&text), parser->words.line) ||
           fst_words_no_memory(&parser->words);
}

/** Packets are many lines and one text, which is put together when the flow ends. */
static bool add_packet(struct fst_parser *parser)
{
    struct fst_strbuf text = {0};
    bool good = read_text(&parser->words, FST_ASPECT_PACKET, &text);

    if (good && parser->packets.len == 0)
        parser->packets_line = parser->words.line;
    if (good)
        fst_strbuf_join(&parser->packets, "\n", text.text ? text.text : "");
    fst_strbuf_free(&text);
    return good;
}

static void raise_level(struct fst_expectation *expectation, enum fst_aspect aspect)
{
    if (aspect == FST_ASPECT_PACKET)
        expectation->level = FST_LEVEL_EXACT;
    else if (aspect == FST_ASPECT_SEGMENTS && expectation->level == FST_LEVEL_STATES)
        expectation->level = FST_LEVEL_SEGMENTS;
}

static enum fst_aspect aspect_of(const char *word)
{
    size_t index = 0;

    while (index + 1 < FST_ASPECT_COUNT && strcmp(word, aspect_at(NULL, index)) != 0)
        index++;
    return (enum fst_aspect)index;
}

bool fst_parse_aspect(struct fst_parser *parser)
{
    enum fst_aspect aspect = aspect_of(parser->words.word);
    struct fst_expected_flow *flow = last_flow(parser);

    if (!flow)
        return false;
    raise_level(parser->expectation, aspect);
    if (aspect == FST_ASPECT_PACKET)
        return add_packet(parser);
    if (flow->aspect[aspect].count > 0)
        return fst_words_wrong(&parser->words,
                               "a second \"%s\" line of %s; write \"or %s\" to accept either",
                               fst_aspect_name(aspect), flow->name, fst_aspect_name(aspect));
    return add_text(parser, flow, aspect);
}

bool fst_parse_or(struct fst_parser *parser)
{
    struct fst_words *words = &parser->words;
    struct fst_expected_flow *flow = last_flow(parser);
    size_t index;

    if (!flow || !fst_words_name(words, "what may differ", aspect_at, &index))
        return false;
    if (index == FST_ASPECT_PACKET)
        return fst_words_wrong(words, "packets have no alternatives");
    if (flow->aspect[index].count == 0)
        return fst_words_wrong(words, "\"or %s\" without a \"%s\" line of %s before it",
                               words->word, words->word, flow->name);
    return add_text(parser, flow, (enum fst_aspect)index);
}

bool fst_parse_flow_finish(struct fst_parser *parser)
{
    struct fst_expected_flow *flow;

    if (parser->packets.len == 0 && !parser->packets.failed)
        return true;
    flow = last_flow(parser);
    return fst_expected_flow_accept(flow, FST_ASPECT_PACKET, fst_strbuf_take(&parser->packets),
                                    parser->packets_line) ||
           fst_words_no_memory(&parser->words);
}

/* -------------------------------------------------------------------------------- uniqueness -- */

static int by_server_and_number(const void *left, const void *right)
{
    const struct fst_expected_flow *a = *(struct fst_expected_flow *const *)left;
    const struct fst_expected_flow *b = *(struct fst_expected_flow *const *)right;
    int order = strcmp(a->side[FST_SERVER].text, b->side[FST_SERVER].text);

    if (order == 0)
        order = (a->number > b->number) - (a->number < b->number);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

bool fst_parse_flows_unique(struct fst_parser *parser)
{
    struct fst_expectation *expectation = parser->expectation;
    struct fst_expected_flow **flows =
        calloc(expectation->flow_count + 1, sizeof(struct fst_expected_flow *));
    bool good = true;

    if (!flows)
        return fst_words_no_memory(&parser->words);
    for (size_t i = 0; i < expectation->flow_count; i++)
        flows[i] = &expectation->flows[i];
    qsort(flows, expectation->flow_count, sizeof(*flows), by_server_and_number);
    for (size_t i = 1; good && i < expectation->flow_count; i++) {
        const struct fst_expected_flow *a = flows[i - 1], *b = flows[i];

        if (a->number == b->number &&
            strcmp(a->side[FST_SERVER].text, b->side[FST_SERVER].text) == 0) {
            parser->words.line = b->line;
            good = fst_words_wrong(&parser->words,
                                   "%s is connection %u to %s, and so is %s in line %u", b->name,
                                   b->number, b->side[FST_SERVER].text, a->name, a->line);
        }
    }
    free(flows);
    return good;
}
