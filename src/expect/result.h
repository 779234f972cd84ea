/* SPDX-License-Identifier: MIT
 *
 * What came of comparing a capture with what is expected of it: one item for each assert, each
 * flow, each connection and each finding that nobody expected. Formats print this and know nothing
 * else.
 */
#ifndef FST_EXPECT_RESULT_H
#define FST_EXPECT_RESULT_H

#include "expect/expectation.h"
#include "expect/seen.h"

/* What differs. The words are public: SARIF rules, kinds in NDJSON. */
#define FST_DIFFERENCE_MAP(X)                                                                      \
    X(PATH, "path", "an endpoint went through other states than expected")                         \
    X(ENDED, "ended", "a flow ended otherwise than expected")                                      \
    X(FINDINGS, "findings", "a flow tripped other rules than expected")                            \
    X(SEGMENTS, "segments", "the order of SYN, data, FIN and RST is not as expected")              \
    X(PACKET, "packet", "the segments are not as expected")                                        \
    X(CLIENT, "client-address", "the client is another host than expected")                        \
    X(MISSING, "missing-flow", "an expected flow is not in the capture")                           \
    X(UNEXPECTED, "unexpected-flow", "a connection of the capture is not expected")                \
    X(ASSERT, "assert", "an assert does not hold")                                                 \
    X(FINDING, "finding", "a finding of a class that fails the check")

enum fst_difference_kind {
#define FST_X(name, word, meaning) FST_DIFFERS_##name,
    FST_DIFFERENCE_MAP(FST_X)
#undef FST_X
        FST_DIFFERENCE_KINDS
};

const char *fst_difference_name(enum fst_difference_kind kind);
const char *fst_difference_meaning(enum fst_difference_kind kind);

#define FST_NO_CARET SIZE_MAX

/** One thing that is not as expected. */
struct fst_difference {
    enum fst_difference_kind kind;
    unsigned side;               /* of a path: enum fst_side; else FST_BY_NOBODY */
    unsigned line;               /* of what expects it, 0 if nothing in a file does */
    char *expected, *got;        /* one line each, NULL where there is none */
    char *note;                  /* where they part and why, or NULL */
    size_t caret;                /* octets into `got` where they part, or FST_NO_CARET */
    uint64_t packet;             /* 0 if no packet shows it */
    const struct fst_rule *rule; /* of a finding, else NULL */
};

enum fst_item_kind { FST_ITEM_ASSERT, FST_ITEM_FLOW, FST_ITEM_UNEXPECTED, FST_ITEM_FINDING };

/** "assert", "flow", "unexpected-flow", "finding". */
const char *fst_item_kind_name(enum fst_item_kind kind);

struct fst_check_item {
    enum fst_item_kind kind;
    unsigned line;           /* 0 if no line of a file is about it */
    char *title;             /* "flow db#1", "assert flows = 1" */
    uint32_t connection;     /* the one that was compared, 0 if none */
    size_t difference_count; /* 0: as expected */
    struct fst_difference *differences;
};

struct fst_comparison {
    size_t item_count;
    struct fst_check_item *items; /* asserts, then flows, then what nobody expected */
    size_t failed;
    bool out_of_memory;
};

struct fst_compare_options {
    bool findings_fail; /* those nobody expected, of class fail_on or worse */
    enum fst_class fail_on;
};

/**
 * Compare. The comparison is always to be freed.
 *
 * @param pairs  Receives, for each expected flow, the index of the seen flow it was compared with,
 * or SIZE_MAX; room for flow_count of them.
 */
void fst_compare(struct fst_comparison *comparison, const struct fst_expectation *expectation,
                 const struct fst_seen *seen, const struct fst_compare_options *options,
                 size_t *pairs);

/** Whether the absence of any connection is what the file asks for. */
bool fst_expects_nothing(const struct fst_expectation *expectation);

void fst_comparison_free(struct fst_comparison *comparison);

/* ------------------------------------------------------------- for the parts of the comparison --
 */

/** A new item; NULL, and out_of_memory set, when memory is short. Takes `title`. */
struct fst_check_item *fst_comparison_add(struct fst_comparison *comparison,
                                          enum fst_item_kind kind, unsigned line, char *title);

/** A new difference of an item, with no texts yet; NULL as above. */
struct fst_difference *fst_item_add(struct fst_comparison *comparison, struct fst_check_item *item,
                                    enum fst_difference_kind kind, unsigned line);

/** Whether a flow shows what is expected of it. */
bool fst_flow_as_expected(const struct fst_expected_flow *expected,
                          const struct fst_seen_flow *seen);
/** Describe all that differs. */
void fst_flow_differences(struct fst_comparison *comparison, struct fst_check_item *item,
                          const struct fst_expected_flow *expected, const struct fst_seen *seen,
                          const struct fst_seen_flow *flow);

/** Describe where two texts of an aspect part; also what `flowstate diff` prints. */
void fst_difference_of_texts(struct fst_difference *difference, enum fst_aspect aspect,
                             const char *expected, const char *got, const struct fst_seen *seen,
                             const struct fst_seen_flow *flow);

/** Find, for each expected flow, the seen flow to compare it with. @return false without memory. */
bool fst_pair_flows(const struct fst_expectation *expectation, const struct fst_seen *seen,
                    size_t *pairs);

/** Evaluate one assert into an item. */
void fst_compare_assert(struct fst_comparison *comparison,
                        const struct fst_expectation *expectation, const struct fst_assert *assert_,
                        const struct fst_seen *seen, const size_t *pairs);

/** The name a seen flow has in the file, or would have if it were recorded; to be freed. */
char *fst_seen_flow_name(const struct fst_expectation *expectation, const struct fst_seen *seen,
                         const size_t *pairs, size_t index);

#endif
