/* SPDX-License-Identifier: MIT
 *
 * The expressions of --where and of the live filter, which say of a connection whether it is meant:
 *
 *     server in CLOSE-WAIT and idle > 60s        net 10.0.0.0/8 and not ended
 *     ended reset by server                      rule data-after-fin or illegal
 *
 * They look at what the analysis says; what packets look like is the business of pcap-filter(7).
 * flowstate(1) has the grammar. The words are those of expectation files where both can say a
 * thing.
 */
#ifndef FST_WHERE_WHERE_H
#define FST_WHERE_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/** Rules of the catalogue as a set: a bit each, by index. */
#define FST_RULE_WORDS 2

struct fst_rule_set {
    uint64_t word[FST_RULE_WORDS];
};

void fst_rule_set_add(struct fst_rule_set *set, const struct fst_rule *rule);
bool fst_rule_set_has(const struct fst_rule_set *set, const struct fst_rule *rule);

/** What an expression can ask of a connection. */
struct fst_where_flow {
    struct {
        struct fst_address address;
        uint16_t port;
        enum fst_state state;
        bool heard;       /* else nothing is known of its state */
        int64_t since_ns; /* when it got into the state, 0 if that is not known */
        uint64_t packets, payload_bytes, retransmits;
    } side[2];                 /* by enum fst_side */
    int64_t ts_first, ts_last; /* of its packets */
    int64_t now_ns;            /* the end of the capture, or the present */
    bool over;                 /* nothing more is to come */
    enum fst_end_kind end_kind;
    enum fst_blame end_by;
    int64_t handshake_ns;         /* -1 unknown */
    const char *view;             /* fst_coverage_name() */
    struct fst_rule_set rules[3]; /* what was found, by enum fst_blame */
    unsigned classes;             /* and in which classes: 1 << enum fst_class */
};

/** What the view says, seen at `now_ns`. */
void fst_where_flow_of(struct fst_where_flow *flow, const struct fst_connection_view *view,
                       int64_t now_ns);

struct fst_where;

#define FST_WHERE_MESSAGE_MAX 256

/**
 * Understand an expression.
 *
 * @param out      Receives it, NULL on failure; free it with fst_where_free().
 * @param message  Receives what is wrong, in one line; holds FST_WHERE_MESSAGE_MAX.
 * @return 0, FST_EINVAL (it is no expression), FST_ENOMEM.
 */
int fst_where_parse(struct fst_where **out, const char *text, char *message);
void fst_where_free(struct fst_where *where);

bool fst_where_holds(const struct fst_where *where, const struct fst_where_flow *flow);

/** Whether a text begins as an expression does, rather than as a piece of an address or a name. */
bool fst_where_begins(const char *text);

#endif
