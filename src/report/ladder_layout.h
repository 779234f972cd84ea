/* SPDX-License-Identifier: MIT
 *
 * The ladder of one connection: its segments as rows between two lanes, the client's states on one
 * side and the server's on the other. Data is folded, long silences are rows of their own, findings
 * stand at their packet. Knows no output format: text, SVG and others draw the same rows.
 *
 *     fst_ladder_init -> fst_ladder_add for each segment -> fst_ladder_finish -> read the rows
 */
#ifndef FST_REPORT_LADDER_LAYOUT_H
#define FST_REPORT_LADDER_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/** A silence of this length is a row of its own. */
#define FST_LADDER_GAP_NS INT64_C(5000000000)

/** Findings a connection's view can have. */
#define FST_LADDER_FINDINGS_MAX 64

enum fst_ladder_kind {
    FST_LADDER_START,    /* the states both endpoints began in */
    FST_LADDER_SEGMENT,  /* one segment */
    FST_LADDER_DATA,     /* segments of one side and the ACKs they got, nothing else to tell */
    FST_LADDER_EXCHANGE, /* the same for both sides taking turns */
    FST_LADDER_REST,     /* the ladder is full: all that came after */
    FST_LADDER_GAP,      /* nobody said anything from time_ns to last_time_ns */
    FST_LADDER_END       /* the connection was not over when the capture ended, or it was dropped */
};

/** One endpoint at a row, after it. */
struct fst_ladder_lane {
    enum fst_state state;
    bool inferred; /* rests on presumed delivery, no proof yet */
    bool news;     /* state or certainty differ from the row before */
    bool unknown;  /* the capture began later: `state` says nothing */
};

struct fst_ladder_traffic {
    uint64_t segments; /* with data */
    uint64_t octets;
    uint64_t acks; /* segments without */
};

struct fst_ladder_row {
    enum fst_ladder_kind kind;
    enum fst_side from;
    uint64_t packet, last_packet; /* 0 where no segment is */
    int64_t time_ns, last_time_ns;
    uint16_t flags;
    uint16_t wnd_raw;
    uint32_t seq, ack; /* of the first segment, relative unless asked otherwise */
    struct fst_tcp_options options;
    struct fst_ladder_traffic sent[2];
    struct fst_ladder_lane lane[2];
    size_t change_first, change_count;   /* into ladder->changes */
    size_t finding_first, finding_count; /* into ladder->findings */
};

struct fst_ladder_change {
    uint64_t packet;
    struct fst_change change;
};

struct fst_ladder {
    bool packets;                    /* a row for each segment, nothing folded */
    bool absolute;                   /* sequence numbers as on the wire */
    bool ongoing;                    /* the end is the present, not that of a capture */
    size_t rows_max;                 /* what comes after goes into one last row */
    bool failed;                     /* memory was short: rows are missing */
    struct fst_connection_view view; /* valid after fst_ladder_finish(), but for its findings */
    struct fst_ladder_row *rows;
    size_t row_count, row_room;
    struct fst_ladder_change *changes;
    size_t change_count, change_room;
    struct fst_finding findings[FST_LADDER_FINDINGS_MAX]; /* by row, in capture order */
    size_t finding_count;
    struct fst_ladder_lane now[2]; /* private from here: where both stand */
    struct {
        const struct fst_rule *rule;
        enum fst_blame by;
        unsigned times;
    } seen[FST_LADDER_FINDINGS_MAX]; /* findings that kept a row to themselves */
    size_t seen_count;
};

/** An empty ladder that folds. Set `packets`, `absolute`, `ongoing` and `rows_max` before the first
 *  segment.
 */
void fst_ladder_init(struct fst_ladder *ladder);

/** Take the next segment of the connection. */
void fst_ladder_add(struct fst_ladder *ladder, const struct fst_segment_event *event);

/** What was called the client is the server, and the other way round, in all rows so far. */
void fst_ladder_flip(struct fst_ladder *ladder);

/** The connection is over, or the capture at `end_ns`: put the start, the end and the findings in
 *  place. The rows can be read from now on. */
void fst_ladder_finish(struct fst_ladder *ladder, const struct fst_connection_view *view,
                       int64_t end_ns);

/** Whether the side was in the state at some time. */
bool fst_ladder_visited(const struct fst_ladder *ladder, enum fst_side side, enum fst_state state);

void fst_ladder_free(struct fst_ladder *ladder);

#endif
