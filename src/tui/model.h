/* SPDX-License-Identifier: MIT
 *
 * The connections the screen knows: a row each, booked segment by segment and filled from the
 * analyzer when it is time to draw. A connection that is over stays a while, then only the totals
 * have it; a segment that comes later brings it back.
 */
#ifndef FST_TUI_MODEL_H
#define FST_TUI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"
#include "where/where.h"

#define FST_SECOND INT64_C(1000000000)

/** A change of state is news for so long. */
#define FST_NEWS_NS FST_SECOND
/** A connection that is over is shown for so long. */
#define FST_LINGER_NS (5 * FST_SECOND)
/** Nobody answered, and the SYN is not sent again: over after so long. Linux doubles its timeout
 *  from 1 s, so the sixth SYN comes 32 s after the fifth. */
#define FST_NO_ANSWER_NS (64 * FST_SECOND)
/** Assumes: TIME-WAIT is over after so long, as on Linux; RFC 9293 3.4.2 has 4 minutes. */
#define FST_TIME_WAIT_NS (60 * FST_SECOND)
/** So many seconds of resets are counted as recent. */
#define FST_RECENT_SECONDS 10

/** Rows at most; connections beyond are counted, not shown. */
#define FST_ROWS_MAX 131072

/** A change of state, for the line below the table. */
struct fst_tui_step {
    uint64_t packet;
    uint16_t flags; /* of that segment */
    uint8_t from;   /* enum fst_side, who sent it */
};

#define FST_STEPS_MAX 4

struct fst_tui_row {
    uint32_t id;
    bool filled;      /* once from the analyzer */
    bool dirty;       /* there is more to fetch */
    bool gone;        /* left the analyzer: as it was then */
    bool back;        /* the totals have it already */
    bool flipped;     /* an odd number of times was it learned that the client is the other one */
    bool inferred[2]; /* by enum fst_side: the state rests on presumed delivery */
    fst_state_set possible[2]; /* and the states it can be in */
    struct fst_where_flow flow;
    int64_t changed_ns; /* a state did, last; or it was opened */
    int64_t over_ns;    /* it ended; 0 while it goes on */
    uint32_t incarnation;
    enum fst_orientation oriented_by;
    size_t tag_count;
    uint32_t tags[FST_TAGS_MAX];
    enum fst_class worst; /* FST_CLASS_COUNT if nothing was found */
    const struct fst_rule *worst_rule;
    uint32_t finding_count;
    struct fst_tui_step step[FST_STEPS_MAX]; /* the last, oldest first */
    uint8_t step_count;
};

struct fst_tui_totals {
    uint64_t ended[FST_END_UNKNOWN + 1]; /* folded away, by enum fst_end_kind */
    uint64_t not_shown;                  /* came when FST_ROWS_MAX were there */
};

struct fst_tui_model {
    struct fst_tui_row *rows; /* ascending id */
    size_t count, room;
    uint32_t *slots; /* hash of ids: index + 1, 0 for free */
    size_t slot_count;
    uint32_t newest; /* highest id seen */
    bool failed;     /* memory was short: rows are missing */
    struct fst_tui_totals totals;
    struct {
        int64_t second;
        uint32_t count;
    } resets[FST_RECENT_SECONDS];
};

void fst_model_free(struct fst_tui_model *model);

/** A copy of what is shown: rows and totals. @return false when memory is short. */
bool fst_model_copy(struct fst_tui_model *to, const struct fst_tui_model *from);

/** Book a segment. @return its row, to be read until the next call; NULL if it has none. */
const struct fst_tui_row *fst_model_segment(struct fst_tui_model *model,
                                            struct fst_analyzer *analyzer,
                                            const struct fst_segment_event *event);

/** The connection leaves the analyzer: keep how it ended. */
void fst_model_ended(struct fst_tui_model *model, struct fst_analyzer *analyzer, uint32_t id);

/** Fill what changed, fold away what has been over for long enough. */
void fst_model_update(struct fst_tui_model *model, struct fst_analyzer *analyzer, int64_t now_ns);

const struct fst_tui_row *fst_model_find(const struct fst_tui_model *model, uint32_t id);

/** Whether it is to be listed: not over, or not for long. */
bool fst_row_lingers(const struct fst_tui_row *row, int64_t now_ns);

/** Resets in the last FST_RECENT_SECONDS. */
uint32_t fst_model_recent_resets(const struct fst_tui_model *model, int64_t now_ns);

/** What the header counts, of the rows that are not over; TIME-WAIT is counted by itself. */
struct fst_tui_counts {
    uint32_t established, opening, client_closing, server_closing, time_wait, other;
};
struct fst_tui_counts fst_model_counts(const struct fst_tui_model *model, int64_t now_ns);

#endif
