/* SPDX-License-Identifier: MIT
 *
 * What the observer did before, for ordinary segments of ordinary connections. Most segments of a
 * capture meet one of a few dozen situations: which packed states the two ends are in, which flags
 * and options the segment has, and how its numbers lie to those of the ends. What the observer made
 * of a situation is kept, and looked up when it comes again: a transition table that fills itself
 * from the one place where the model is written down.
 */
#ifndef FST_FLOW_PRECEDENT_H
#define FST_FLOW_PRECEDENT_H

#include "decode/segment.h"
#include "flow/record.h"
#include "flow/shape.h"
#include "tcp/step.h"

#define FST_PRECEDENT_BITS    13
#define FST_PRECEDENTS        (1u << FST_PRECEDENT_BITS)
#define FST_PRECEDENT_CHANGES 4
#define FST_SERIAL_MOST       ((UINT32_C(1) << 31) - 1)
#define FST_SEQUEL_BITS       9

/* All of a situation that the observer looks at. */
struct fst_situation {
    uint64_t from, to; /* `packed` of the sender and the receiver */
    uint64_t segment;  /* flags, options, and how its numbers lie; 0: not ordinary */
};

/* A change of state, by side. */
struct fst_told_change {
    uint8_t side, from, to;
    bool inferred, corrected;
};

struct fst_precedent {
    struct fst_situation situation;
    uint64_t from, to;   /* what changes in `packed` */
    uint32_t kind;       /* bits of the record afterwards */
    uint32_t serial;     /* from 1; no two have had the same */
    uint32_t tale, next; /* what it made of the tale it met last */
    bool takes_edge;     /* the edge of the sender's window is the segment's */
    bool notable;        /* there is more to book than counts */
    uint8_t established; /* sides that have become so, as bits */
    bool over;           /* it has ended the connection */
    bool corrects;       /* a change takes an earlier one back */
    bool may_recall;     /* with other numbers: see fst_ends_may_recall() */
    uint8_t change_count;
    bool finds;
    uint8_t owes_fin;      /* a side, before it, or FST_NO_SIDE: see dwell.h */
    bool because_of_first; /* the finding names the first packet */
    uint8_t rule, class_;  /* of the finding */
    fst_state_set states;
    struct fst_told_change changes[FST_PRECEDENT_CHANGES];
};

/* What following a precedent made of a tale, for connections that have been through the same. */
struct fst_sequel {
    uint32_t key; /* the precedent, and whether the connection was new; 0: empty */
    uint32_t tale, next;
};

struct fst_precedents {
    struct fst_precedent entries[FST_PRECEDENTS];
    struct fst_sequel sequels[1u << FST_SEQUEL_BITS];
    uint32_t learned;
};

/** Do to the record what the observer did when a segment of such a shape came from `side` in the
 *  same situation, counts apart. NULL, with nothing done, if there is no precedent; borrowed until
 *  the next one is learned. */
struct fst_precedent *fst_precedent_follow(struct fst_precedents *precedents,
                                           struct fst_record *record,
                                           const struct fst_segment *segment, uint64_t shape,
                                           unsigned side);

/** The same for the first segment of a connection, whose record is empty: NULL unless it is a bare
 *  SYN. */
struct fst_precedent *fst_precedent_open(struct fst_precedents *precedents,
                                         struct fst_record *record,
                                         const struct fst_segment *segment, uint64_t shape,
                                         unsigned side);

/** What happened when it was followed, but not why a state changed. `record` is as that left it,
 *  `first_packet` its connection's. */
void fst_precedent_tell(const struct fst_precedent *precedent, const struct fst_record *record,
                        uint32_t first_packet, const struct fst_segment *segment, unsigned side,
                        struct fst_step *step);

/** What became of this tale when the precedent was followed before, in a connection that was new if
 *  `fresh`. False, and `tale` as it was, if that is not known. */
bool fst_sequel_find(const struct fst_precedents *precedents, struct fst_precedent *precedent,
                     bool fresh, uint32_t *tale);
void fst_sequel_learn(struct fst_precedents *precedents, struct fst_precedent *precedent,
                      bool fresh, uint32_t tale, uint32_t next);

/** The observer has taken the segment: `before` became `record`, and `step` is what it told. Kept
 *  if the same situation always ends like that. */
void fst_precedent_learn(struct fst_precedents *precedents, const struct fst_record *before,
                         const struct fst_record *record, const struct fst_segment *segment,
                         uint64_t shape, unsigned side, const struct fst_step *step);

#endif
