/* SPDX-License-Identifier: MIT
 *
 * What is noted of a connection while its segments pass: when states were entered and left, the
 * order of its segments, octets sent. The rest is read from its view at the end.
 */
#ifndef FST_EXPECT_TRACK_H
#define FST_EXPECT_TRACK_H

#include "base/strbuf.h"
#include "expect/seen.h"

struct fst_track_side {
    enum fst_state state;
    int64_t since_ns;
    int64_t longest_ns[FST_STATE_COUNT];
    size_t step_count;
    struct fst_seen_step *steps;
    uint64_t octets;
    uint32_t stream_end; /* sequence number after the last octet of text */
    bool stream_known, sent_syn, sent_fin;
    uint32_t syn_seq;
};

struct fst_track {
    uint64_t last_packet;
    struct fst_track_side side[2];
    struct fst_strbuf segments; /* ">SYN <SYN-ACK >data" */
    size_t token_count;
    const char *last_kind; /* of the last token, and who sent it */
    enum fst_side last_from;
    struct fst_strbuf packets; /* one line each */
    size_t mark_count, mark_room;
    struct fst_seen_mark *marks; /* of the tokens, or of the lines */
    bool failed;
};

/** Begin with what the first segment shows. */
void fst_track_begin(struct fst_track *track, const struct fst_segment_event *event);
void fst_track_segment(struct fst_track *track, const struct fst_segment_event *event,
                       enum fst_level level);
/** The capture, or the connection, ends here: end the stays. */
void fst_track_end(struct fst_track *track, int64_t time_ns);
void fst_track_free(struct fst_track *track);

/** The order of segments as text, to be freed; NULL when memory was short. */
char *fst_track_take_segments(struct fst_track *track);

/** Fill a flow from its view and what was noted; false when memory is short. */
bool fst_seen_flow_fill(struct fst_seen_flow *flow, const struct fst_connection_view *view,
                        struct fst_track *track, enum fst_level level);

#endif
