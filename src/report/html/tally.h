/* SPDX-License-Identifier: MIT
 *
 * What the charts of the HTML report count: over all connections, in memory that does not grow with
 * the capture.
 */
#ifndef FST_REPORT_HTML_TALLY_H
#define FST_REPORT_HTML_TALLY_H

#include "flowstate/flowstate.h"
#include "report/wording.h"

/** Columns of the chart of states over time. */
#define FST_TALLY_SLOTS      128

#define FST_TALLY_HANDSHAKES 13

struct fst_tally {
    uint64_t connections;
    uint64_t handshakes[FST_TALLY_HANDSHAKES]; /* by duration, see fst_tally_handshake_limit() */
    uint64_t no_handshake;                     /* its duration is not known */
    uint64_t ended[FST_END_UNKNOWN + 1][3];    /* by kind and enum fst_blame */
    uint32_t last_id;                          /* of the connection that began last */
    int64_t from_ns, slot_ns;                  /* of the slots; 0 before the first segment */
    int64_t now[FST_PHASE_COUNT], peak[FST_PHASE_COUNT]; /* endpoints in each phase */
    int64_t moves[FST_TALLY_SLOTS][FST_PHASE_COUNT]; /* endpoints more in the phase at its end */
};

void fst_tally_segment(struct fst_tally *tally, const struct fst_segment_event *event);

/** A connection is over, or the capture. */
void fst_tally_ended(struct fst_tally *tally, const struct fst_connection_view *view);

/** Durations in row `index` are at most this many nanoseconds; INT64_MAX for the last. */
int64_t fst_tally_handshake_limit(size_t index);

/** How many slots the capture reaches into. */
size_t fst_tally_slots(const struct fst_tally *tally, int64_t end_ns);

#endif
