/* SPDX-License-Identifier: MIT
 *
 * Inside of the analyzer, for the files of this folder.
 */
#ifndef FST_FLOW_ANALYZER_H
#define FST_FLOW_ANALYZER_H

#include "decode/packet.h"
#include "flow/precedent.h"
#include "flow/table.h"

struct fst_analyzer {
    struct fst_options options;
    const struct fst_allocator *allocator;
    struct fst_fragments *fragments;
    struct fst_table table;
    struct fst_stats stats;
    uint64_t rule_hits[FST_RULE_COUNT];
    int64_t last_time_ns;
    bool finished;
    uint32_t ending; /* the record whose `ended` callback runs, else FST_NO_INDEX */
    bool expiring;   /* that one leaves by its age */
    uint32_t sweep;  /* the record where the next look at ages begins */
    struct fst_observation scratch;
    struct fst_step step;
    struct fst_precedents *precedents;
};

/** Take a decoded segment into its connection. Returns 0 or FST_ENOMEM. */
int fst_connection_take(struct fst_analyzer *analyzer, const struct fst_segment *segment,
                        const struct fst_key *key, uint64_t hash, unsigned side);

/** The capture has ended for this connection, or it is shed: last findings, then the callback. */
void fst_connection_end(struct fst_analyzer *analyzer, uint32_t number);

#endif
