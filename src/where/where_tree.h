/* SPDX-License-Identifier: MIT
 *
 * An expression as the parser leaves it to the evaluation: a tree in an array, children before
 * their parent.
 */
#ifndef FST_WHERE_WHERE_TREE_H
#define FST_WHERE_WHERE_TREE_H

#include "expect/expectation.h"
#include "where/where.h"

#define FST_WHERE_NODES 64
#define FST_WHERE_DEPTH 32 /* of parentheses and nots */

enum fst_where_kind {
    FST_WHERE_AND,
    FST_WHERE_OR,
    FST_WHERE_NOT,
    FST_WHERE_STATE,
    FST_WHERE_NET,
    FST_WHERE_PORT,
    FST_WHERE_SENDS,
    FST_WHERE_ENDED,
    FST_WHERE_RULE,
    FST_WHERE_CLASS,
    FST_WHERE_TIME,
    FST_WHERE_COUNT,
    FST_WHERE_VIEW
};

enum fst_where_quantity {
    FST_WHERE_AGE,
    FST_WHERE_IDLE,
    FST_WHERE_HANDSHAKE,
    FST_WHERE_PACKETS,
    FST_WHERE_BYTES,
    FST_WHERE_RETRANSMITS
};

#define FST_ANY_SIDE 2
#define FST_ANY_END  (FST_END_UNKNOWN + 1)

struct fst_where_node {
    enum fst_where_kind kind;
    unsigned left, right; /* of AND, OR; NOT has left */
    unsigned side;        /* enum fst_side or FST_ANY_SIDE */
    unsigned by;          /* enum fst_blame or FST_BY_ANYBODY */
    enum fst_state state;
    unsigned end_kind; /* enum fst_end_kind or FST_ANY_END */
    struct fst_address address;
    unsigned prefix;
    uint16_t port;
    enum fst_compare compare;
    enum fst_where_quantity quantity;
    int64_t time_ns; /* of "longer than": -1 if not said */
    uint64_t number;
    const struct fst_rule *rule;
    unsigned classes;
    const char *view;
};

struct fst_where {
    unsigned count;
    struct fst_where_node nodes[FST_WHERE_NODES]; /* the last is the root */
};

#endif
