/* SPDX-License-Identifier: MIT
 *
 * What the parts of the parser share.
 */
#ifndef FST_EXPECT_PARSE_H
#define FST_EXPECT_PARSE_H

#include "base/strbuf.h"
#include "expect/words.h"

struct fst_parser {
    struct fst_expectation *expectation;
    struct fst_words words;
    size_t skipped; /* octets before the first line */
    bool begun;     /* the version has been read */
    bool lossless_said;
    struct fst_strbuf packets; /* of the flow being read */
    unsigned packets_line;
};

/* Each reads what follows the statement's word, which is in `words.word`. */
bool fst_parse_assert(struct fst_parser *parser);
bool fst_parse_flow(struct fst_parser *parser);
bool fst_parse_aspect(struct fst_parser *parser);
bool fst_parse_or(struct fst_parser *parser);

/** The flow read last is complete. */
bool fst_parse_flow_finish(struct fst_parser *parser);
/** Each server and number is named once. */
bool fst_parse_flows_unique(struct fst_parser *parser);

/** "KIND [by SIDE]"; `by` is FST_BY_ANYBODY if it is not said. */
bool fst_parse_ended(struct fst_words *words, enum fst_end_kind *kind, unsigned *by);
/** "[by client|server|nobody]". */
bool fst_parse_by(struct fst_words *words, unsigned *by);

#endif
