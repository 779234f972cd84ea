/* SPDX-License-Identifier: MIT
 *
 * What a capture showed, as far as expectations ask for it: fed with the analyzer's events, it
 * keeps a description of every connection in the words of an expectation file.
 */
#ifndef FST_EXPECT_SEEN_H
#define FST_EXPECT_SEEN_H

#include "expect/expectation.h"

/** A step of a path: what led to the state. */
struct fst_seen_step {
    enum fst_state state;
    uint64_t packet; /* 0 if not known, as of the first state */
    int64_t time_ns;
    const char *why, *section; /* NULL if not known; static */
};

/** The packet that added a word or a line to a text. */
struct fst_seen_mark {
    uint64_t packet;
    int64_t time_ns;
};

struct fst_seen_side {
    struct fst_address address;
    uint16_t port;
    enum fst_state state;
    bool was_open;        /* it went through ESTABLISHED or a state only reached from there */
    uint64_t octets_sent; /* of the stream: retransmissions count once */
    int64_t longest_ns[FST_STATE_COUNT]; /* stay in each state, -1 if never in it */
    size_t step_count;
    struct fst_seen_step *steps; /* of the path */
};

/** One connection. */
struct fst_seen_flow {
    uint32_t id;
    struct fst_seen_side side[2];
    enum fst_end_kind end_kind;
    enum fst_blame end_by;
    int64_t handshake_ns; /* -1 if not known */
    uint64_t first_packet, last_packet;
    int64_t last_ns;
    size_t finding_count;
    struct fst_finding *findings;
    size_t mark_count; /* of the words of `segments`, or of the lines of `packet` */
    struct fst_seen_mark *marks;
    char *text[FST_ASPECT_COUNT]; /* NULL for aspects the level does not have */
};

/** All of a capture, in order of opening. */
struct fst_seen {
    enum fst_level level;
    int64_t ts_first; /* of the capture */
    size_t flow_count;
    struct fst_seen_flow *flows;
    size_t stray_count; /* findings that belong to no connection */
    struct fst_finding *strays;
};

struct fst_watch;

/** NULL when memory is short. */
struct fst_watch *fst_watch_new(enum fst_level level);
void fst_watch_free(struct fst_watch *watch);

/* The analyzer's events; `context` is the watch. */
void fst_watch_segment(void *context, const struct fst_segment_event *event);
void fst_watch_finding(void *context, const struct fst_finding *finding);
/** For each connection that ended, with its view; `end_ns` is the latest time that was captured. */
void fst_watch_ended(struct fst_watch *watch, const struct fst_connection_view *view,
                     int64_t end_ns);

/** All is seen. @return false when memory was short at any time; else free with fst_seen_free(). */
bool fst_watch_finish(struct fst_watch *watch, int64_t begin_ns, struct fst_seen *seen);
void fst_seen_free(struct fst_seen *seen);

/** Whether recordings below `exact` leave the rule out, as it varies from run to run. */
bool fst_rule_is_incidental(const struct fst_rule *rule);

/** An order of addresses and ports: below, at or above 0 as strcmp(). */
int fst_seen_compare_endpoints(const struct fst_seen_side *left, const struct fst_seen_side *right);

/** "10.0.0.9:5432", "[2001:db8::9]:443", or ":*" instead of the port. */
#define FST_SEEN_ENDPOINT_MAX (FST_ADDRESS_TEXT_MAX + 9)
void fst_seen_endpoint_text(const struct fst_seen_side *side, bool any_port,
                            char text[FST_SEEN_ENDPOINT_MAX]);

#endif
