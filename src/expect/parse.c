/* SPDX-License-Identifier: MIT
 *
 * The text of an expectation file, a statement a line: the head (what to read and how), and the
 * order in which things may come. Asserts are read in parse_assert.c, flows in parse_flow.c.
 */
#include "expect/parse.h"

#include <stdlib.h>
#include <string.h>

#include "expect/words.h"

/* ------------------------------------------------------------------------------------- head -- */

static bool read_version(struct fst_parser *parser)
{
    struct fst_words *words = &parser->words;
    uint64_t version;

    if (!fst_words_skip(words, "flowstate-expect"))
        return fst_words_wrong(words, "the file must begin with \"flowstate-expect 1\"");
    if (!fst_words_number(words, &version))
        return false;
    if (version != 1)
        return fst_words_wrong(words, "this flowstate reads version 1 of the language, not %llu",
                               (unsigned long long)version);
    parser->begun = true;
    return fst_words_finish(words);
}

/** A statement whose argument is the rest of the line, whatever it holds. */
static bool read_rest(struct fst_parser *parser, const char *what, char **rest)
{
    struct fst_words *words = &parser->words;

    if (*rest)
        return fst_words_wrong(words, "a second \"%s\" line", what);
    *rest = fst_words_rest(words);
    if (!*rest)
        return fst_words_no_memory(words);
    return **rest != '\0' || fst_words_wrong(words, "nothing follows \"%s\"", what);
}

static bool read_capture(struct fst_parser *parser)
{
    parser->expectation->capture_line = parser->words.line;
    return read_rest(parser, "capture", &parser->expectation->capture);
}

static bool read_only(struct fst_parser *parser)
{
    parser->expectation->only_line = parser->words.line;
    return read_rest(parser, "only", &parser->expectation->only);
}

static const char *yes_or_no_at(const void *context, size_t index)
{
    static const char *const names[] = {"no", "yes"};

    (void)context;
    return index < 2 ? names[index] : NULL;
}

static bool read_lossless(struct fst_parser *parser)
{
    struct fst_words *words = &parser->words;
    size_t index;

    if (parser->lossless_said)
        return fst_words_wrong(words, "a second \"lossless\" line");
    parser->lossless_said = true;
    if (!fst_words_name(words, "yes or no", yes_or_no_at, &index))
        return false;
    parser->expectation->lossless = index == 1;
    return fst_words_finish(words);
}

static const char *allowed_at(const void *context, size_t index)
{
    return index == 0 ? "damaged" : fst_rule_word_at(context, index - 1);
}

static bool read_allow(struct fst_parser *parser)
{
    struct fst_expectation *expectation = parser->expectation;
    struct fst_words *words = &parser->words;
    const struct fst_rule **allow, *rule;
    size_t index;

    if (!fst_words_name(words, "\"damaged\" or a rule", allowed_at, &index))
        return false;
    rule = index == 0 ? NULL : fst_rule_at(index - 1);
    for (size_t i = 0; i < expectation->allow_count; i++)
        if (expectation->allow[i] == rule)
            index = SIZE_MAX;
    if (index == SIZE_MAX || (!rule && expectation->allow_damaged))
        return fst_words_wrong(words, "%s is allowed twice", words->word);
    if (!rule) {
        expectation->allow_damaged = true;
        return fst_words_finish(words);
    }
    allow = realloc(expectation->allow, (expectation->allow_count + 1) * sizeof(*allow));
    if (!allow)
        return fst_words_no_memory(words);
    allow[expectation->allow_count++] = rule;
    expectation->allow = allow;
    return fst_words_finish(words);
}

/* ------------------------------------------------------------------------------- statements -- */

/* In which part of the file a statement may stand. */
enum part { ABOVE, BELOW };

static const struct {
    const char *word;
    bool (*read)(struct fst_parser *parser);
    enum part part;
} statements[] = {{"capture", read_capture, ABOVE},
                  {"only", read_only, ABOVE},
                  {"lossless", read_lossless, ABOVE},
                  {"allow", read_allow, ABOVE},
                  {"assert", fst_parse_assert, ABOVE},
                  {"flow", fst_parse_flow, BELOW},
                  {"or", fst_parse_or, BELOW},
#define FST_X(name, word) {word, fst_parse_aspect, BELOW},
                  FST_ASPECT_MAP(FST_X)
#undef FST_X
};

#define STATEMENT_COUNT (sizeof(statements) / sizeof(statements[0]))

static const char *statement_at(const void *context, size_t index)
{
    (void)context;
    return index < STATEMENT_COUNT ? statements[index].word : NULL;
}

static bool read_statement(struct fst_parser *parser)
{
    struct fst_words *words = &parser->words;
    size_t index;

    if (!parser->begun)
        return read_version(parser);
    if (!fst_words_name(words, "a statement", statement_at, &index))
        return false;
    if (statements[index].part == ABOVE && parser->expectation->recorded)
        return fst_words_wrong(words,
                               "\"%s\" stands below the line that begins with \"" FST_RECORDED_MARK
                               "\", where --update rewrites everything; move it above",
                               words->word);
    if (statements[index].part == BELOW && !parser->expectation->recorded)
        return fst_words_wrong(words,
                               "\"%s\" stands above the line that begins with \"" FST_RECORDED_MARK
                               "\"; move it below",
                               words->word);
    return statements[index].read(parser);
}

static bool is_mark(const char *line, size_t len)
{
    return len >= strlen(FST_RECORDED_MARK) &&
           memcmp(line, FST_RECORDED_MARK, strlen(FST_RECORDED_MARK)) == 0;
}

static bool begin_recorded(struct fst_parser *parser, size_t offset)
{
    struct fst_expectation *expectation = parser->expectation;

    if (!parser->begun)
        return read_version(parser);
    if (expectation->recorded)
        return fst_words_wrong(&parser->words,
                               "a second line that begins with \"" FST_RECORDED_MARK "\"");
    expectation->recorded = true;
    expectation->recorded_offset = offset;
    expectation->recorded_line = parser->words.line;
    return true;
}

static bool read_lines(struct fst_parser *parser, const char *text, size_t len)
{
    struct fst_words *words = &parser->words;
    size_t next;

    for (size_t at = 0; at < len; at = next) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t stop = end ? (size_t)(end - text) : len;

        next = stop + (end != NULL);
        words->line++;
        words->at = text + at;
        words->end = text + stop;
        if (memchr(words->at, '\0', stop - at))
            return fst_words_wrong(words, "a NUL octet; this is no text file");
        if (is_mark(words->at, stop - at) ? !begin_recorded(parser, at)
                                          : !fst_words_at_end(words) && !read_statement(parser))
            return false;
    }
    return true;
}

/** What can only be said of the whole file. */
static bool check_whole(struct fst_parser *parser)
{
    const struct fst_expectation *expectation = parser->expectation;
    struct fst_words *words = &parser->words;

    if (words->line == 0)
        words->line = 1;
    if (!parser->begun)
        return fst_words_wrong(words, "the file is empty; it must begin with "
                                      "\"flowstate-expect 1\"");
    if (!fst_parse_flow_finish(parser) || !fst_parse_flows_unique(parser))
        return false;
    if (expectation->assert_count == 0 && expectation->flow_count == 0)
        return fst_words_wrong(words, "the file expects nothing: it has neither an assert nor a "
                                      "flow, so no capture could fail it");
    return true;
}

bool fst_expectation_parse(struct fst_expectation *expectation, const char *text, size_t len,
                           struct fst_expect_error *error)
{
    struct fst_parser parser = {.expectation = expectation, .words = {.error = error}};

    memset(expectation, 0, sizeof(*expectation));
    memset(error, 0, sizeof(*error));
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) /* some editors begin UTF-8 so */
        parser.skipped = 3;
    if (read_lines(&parser, text + parser.skipped, len - parser.skipped) && check_whole(&parser)) {
        expectation->recorded_offset += parser.skipped;
        return true;
    }
    fst_strbuf_free(&parser.packets);
    fst_expectation_free(expectation);
    return false;
}
