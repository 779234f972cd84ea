/* SPDX-License-Identifier: MIT
 *
 * An expectation file in memory, and the way there from its text. What a flow is expected to show
 * is kept as text in one canonical spelling, the same in which a watched connection is described
 * (seen.h): equal text is equal meaning, and the text is what people read and machines get.
 *
 * The language is described in docs/man/flowstate-expect.5.scd.
 */
#ifndef FST_EXPECT_EXPECTATION_H
#define FST_EXPECT_EXPECTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/* What can be said of a flow: the word that begins the line. */
#define FST_ASPECT_MAP(X)                                                                          \
    X(CLIENT, "client")     /* states the client went through */                                   \
    X(SERVER, "server")     /* and the server */                                                   \
    X(ENDED, "ended")       /* how it ended, and by whom */                                        \
    X(FINDINGS, "findings") /* which rules it tripped, and who did */                              \
    X(SEGMENTS, "segments") /* order of SYN, data, FIN and RST: --record=segments */               \
    X(PACKET, "packet")     /* each segment, one a line: --record=exact */

enum fst_aspect {
#define FST_X(name, word) FST_ASPECT_##name,
    FST_ASPECT_MAP(FST_X)
#undef FST_X
        FST_ASPECT_COUNT
};

const char *fst_aspect_name(enum fst_aspect aspect);

/** "client" or "server", by enum fst_side. */
const char *fst_side_word(unsigned side);

/** What separates the words of an aspect's text. */
const char *fst_aspect_separator(enum fst_aspect aspect);

enum fst_level { FST_LEVEL_STATES, FST_LEVEL_SEGMENTS, FST_LEVEL_EXACT, FST_LEVEL_COUNT };

const char *fst_level_name(enum fst_level level);

/** Whether recordings of this level have this aspect. */
bool fst_level_has(enum fst_level level, enum fst_aspect aspect);

/** Marks a place where a path does not follow the moves of RFC 9293: the endpoint began anew, or
 *  the capture missed what lies between. */
#define FST_PATH_BREAK "|"
/** Stands for the rest of a path that is too long to be kept. */
#define FST_PATH_CUT "..."

/** Whether one segment or unseen event can lead from one state to the other. */
bool fst_move_exists(enum fst_state from, enum fst_state to, struct fst_transition *out);

/** Which endpoints are meant: "10.0.0.9:5432", "10.0.0.17:*", "*:443". */
struct fst_pattern {
    char *text;
    bool any_address, any_port;
    struct fst_address address;
    uint16_t port;
};

bool fst_pattern_matches(const struct fst_pattern *pattern, const struct fst_address *address,
                         uint16_t port);

/** One accepted text of an aspect: its own line, or an `or` line after it. */
struct fst_alternative {
    unsigned line;
    char *text;
};

struct fst_expected_flow {
    unsigned line;
    char *name;      /* "db#1" */
    uint32_t number; /* 1: order of opening among the connections of this server */
    struct fst_pattern side[2];
    struct {
        size_t count; /* 0: nothing is said about it */
        struct fst_alternative *any;
    } aspect[FST_ASPECT_COUNT];
};

/* -------------------------------------------------------------------------------- the asserts --
 */

enum fst_quantity { FST_NO_FLOW, FST_SOME_FLOW, FST_EVERY_FLOW, FST_FLOW_COUNT, FST_NO_CLASS };

enum fst_condition { FST_IF_ENDED, FST_IF_ESTABLISHED, FST_IF_IN_STATE, FST_IF_RULE, FST_IF_SENDS };

enum fst_compare { FST_EQ, FST_NE, FST_LT, FST_LE, FST_GT, FST_GE };

bool fst_compare_holds(enum fst_compare compare, uint64_t left, uint64_t right);

#define FST_BY_ANYBODY 3 /* beside enum fst_blame */

struct fst_assert {
    unsigned line;
    char *text; /* "assert every flow: ended closed by client", single blanks */
    enum fst_quantity quantity;
    enum fst_condition condition; /* of NO_FLOW, SOME_FLOW, EVERY_FLOW */
    enum fst_class class_;        /* of NO_CLASS */
    enum fst_compare compare;     /* of FLOW_COUNT and SENDS */
    uint64_t number;
    enum fst_end_kind end_kind;
    unsigned by; /* enum fst_blame, or FST_BY_ANYBODY */
    enum fst_side side;
    enum fst_state state;
    int64_t time_ns; /* within, longer than; -1 if not said */
    const struct fst_rule *rule;
};

/* ---------------------------------------------------------------------------------- the file -- */

struct fst_expectation {
    char *capture; /* as written, NULL if not said */
    char *only;    /* pcap-filter(7), NULL if not said */
    unsigned capture_line, only_line;
    bool lossless, allow_damaged;
    size_t allow_count;
    const struct fst_rule **allow; /* findings that fail nothing */
    size_t assert_count;
    struct fst_assert *asserts;
    bool recorded;          /* the double line is there */
    size_t recorded_offset; /* octets before it */
    unsigned recorded_line;
    enum fst_level level; /* of the recorded part */
    size_t flow_count;
    struct fst_expected_flow *flows;
};

/** What begins the line below which everything is recorded. */
#define FST_RECORDED_MARK "# ===="

/** Where and why a text is no expectation file. */
struct fst_expect_error {
    unsigned line; /* from 1 */
    bool out_of_memory;
    char message[256];
};

/**
 * Read an expectation file.
 *
 * @param text  Its octets; they need no NUL.
 * @return false with *error filled and nothing to free; else free with fst_expectation_free().
 */
bool fst_expectation_parse(struct fst_expectation *expectation, const char *text, size_t len,
                           struct fst_expect_error *error);

void fst_expectation_free(struct fst_expectation *expectation);
void fst_expected_flow_free(struct fst_expected_flow *flow);

/** Accept one more text of an aspect; takes `text`, also when it fails for lack of memory. */
bool fst_expected_flow_accept(struct fst_expected_flow *flow, enum fst_aspect aspect, char *text,
                              unsigned line);

/** Whether the text is a well-formed pattern. Its `text` is left to the caller. */
bool fst_pattern_parse(struct fst_pattern *pattern, const char *text);

#endif
