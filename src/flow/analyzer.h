/* SPDX-License-Identifier: MIT
 *
 * Inside of the analyzer, for the files of this folder.
 */
#ifndef FST_FLOW_ANALYZER_H
#define FST_FLOW_ANALYZER_H

#include "flow/batch.h"
#include "flow/precedent.h"
#include "flow/table.h"
#include "flow/twice.h"
#include "flow/zeek.h"

#define FST_ENDING_BITS 8
#define FST_ENDINGS     (1u << FST_ENDING_BITS)

/* What the end of the capture showed of a connection whose ends stand like this. */
struct fst_ending {
    uint64_t client, server; /* `packed` */
    uint32_t standing;       /* what else it depends on; 0: no entry */
    bool unfinished;
    bool owes_fin;                   /* a side does: how long is not known here */
    struct fst_step_finding finding; /* if unfinished */
    struct fst_outcome outcome;      /* if no finding came before */
};

struct fst_analyzer {
    struct fst_options options;
    const struct fst_allocator *allocator;
    struct fst_allocator noting; /* the same, and sets this when it had none to give */
    uint64_t shortages;          /* allocations that failed: what they were for is not kept */
    struct fst_table table;
    struct fst_analyzer *others[FST_PARTS_MOST - 1]; /* parts of the connections; see parts.h */
    unsigned parts;                                  /* this one included; 0 or 1: it has all */
    uint64_t last_packet; /* while there are parts: the greatest number taken */
    struct fst_stats stats;
    uint64_t rule_hits[FST_RULE_COUNT];
    bool finished;
    uint32_t ending;               /* the record that ends, until its `ended` callback has
                                      returned, else FST_NO_INDEX */
    uint32_t ending_id;            /* its id */
    bool expiring;                 /* that one leaves by its age */
    uint32_t sweep;                /* the id where the next look at ages begins */
    int64_t newest_ns[FST_NEWEST]; /* of the last packets */
    int64_t until_ns; /* the capture says that it lasted until then; 0 if it does not */
    struct fst_observation scratch;
    struct fst_step step;
    struct fst_precedents *precedents;
    struct fst_twice twice;
    struct fst_ending endings[FST_ENDINGS];
    struct fst_step_finding unfinished; /* of the connection at `ending`, if its rule is that */
    bool is_unfinished;
    bool has_outcome;
    struct fst_outcome outcome; /* of that connection, if so */
    struct fst_zeek_shown shown[FST_ZEEK_SHOWN];
    struct fst_decoder decoder; /* far from the rest: another thread may write to it */
};

/** Take batches that its decoder has decoded, in the order of their packets. Returns 0, or
 *  FST_ENOMEM: what lies behind is not taken. */
int fst_analyzer_take(struct fst_analyzer *analyzer, const struct fst_batch *batches, size_t count);

/** The two halves of that: what a batch counted, and those of its segments that are of this part
 *  of all connections. */
int fst_analyzer_book(struct fst_analyzer *analyzer, const struct fst_batch *batch);
int fst_analyzer_take_part(struct fst_analyzer *analyzer, unsigned part, unsigned parts,
                           const struct fst_batch *batches, size_t count);

/** What time it is in the capture: the middle one of the last three stamps, so that a single one
 *  that lies far off does not tell; or when the capture says that it ended. FST_NO_TIME before
 * there are two stamps. */
int64_t fst_analyzer_time(const struct fst_analyzer *analyzer);

/** Take a decoded segment into its connection, which `guess` may name. Returns 0 or FST_ENOMEM. */
int fst_connection_take(struct fst_analyzer *analyzer, const struct fst_item *item, uint32_t guess);

/** The capture has ended for this connection, or it is shed: last findings, then the callback.
 *  `now_ns` is the time by which it is told what has lasted. */
void fst_connection_end(struct fst_analyzer *analyzer, uint32_t number, uint32_t id,
                        int64_t now_ns);

/** The record of a connection, FST_NO_INDEX if it is not in the table. While `ended` tells of one
 *  it is. */
uint32_t fst_connection_number(struct fst_analyzer *analyzer, uint32_t id);

/** The other way round. */
uint32_t fst_connection_id(struct fst_analyzer *analyzer, uint32_t number);

/** The finding that the end has brought and that is not kept, since the record tells it: NULL if
 *  there is none, or the end has not come. Borrowed until the next call. */
const struct fst_step_finding *fst_connection_unfinished(struct fst_analyzer *analyzer,
                                                         uint32_t number);

/* ------------------------------------------------------------------------------- keep.c -- */

/** The observation of a record, in side storage or unpacked into the scratch. */
struct fst_observation *fst_observation_of(struct fst_analyzer *analyzer, uint32_t number);

/** Keep the observation where it fits. Returns whether the record took it whole. */
bool fst_observation_keep(struct fst_analyzer *analyzer, uint32_t number,
                          struct fst_observation *observation);

/** Unpacking takes it for granted that the scratch holds no more lives than a record can: after
 *  what it held was moved to side storage. */
void fst_observation_clean(struct fst_analyzer *analyzer);

/** The side storage of a record, or NULL. */
struct fst_detail *fst_detail_of(const struct fst_table *table, const struct fst_record *record);

/* ------------------------------------------------------------------------------ raise.c -- */

/** Count a finding. */
static inline void fst_count_finding(struct fst_analyzer *analyzer,
                                     const struct fst_step_finding *finding)
{
    analyzer->rule_hits[finding->rule]++;
    analyzer->stats.findings[finding->class_]++;
}

/** Count the findings of the step, keep them with the connection if `kept`, tell who listens. `out`
 *  receives them, for fst_raise_segment(). */
void fst_raise_findings(struct fst_analyzer *analyzer, uint32_t number, bool kept,
                        struct fst_finding *out);

/** Tell who listens of a segment. */
void fst_raise_segment(struct fst_analyzer *analyzer, uint32_t number,
                       const struct fst_observation *observation, const struct fst_segment *segment,
                       unsigned side, const struct fst_finding *findings);

#endif
