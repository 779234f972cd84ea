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
#include "tcp/step.h"

#define FST_PRECEDENT_BITS    11
#define FST_PRECEDENTS        (1u << FST_PRECEDENT_BITS)
#define FST_PRECEDENT_CHANGES 4
#define FST_SERIAL_MOST       ((UINT32_C(1) << 30) - 1)
#define FST_SEQUEL_BITS       9

/* All of a situation that the observer looks at. */
struct fst_situation {
    uint64_t from, to; /* `packed` of the sender and the receiver */
    uint64_t segment;  /* flags, options, and how its numbers lie; 0: not ordinary */
};

struct fst_precedent {
    struct fst_situation situation;
    uint64_t from, to; /* `packed` afterwards */
    uint32_t kind;     /* bits of the record, by sender and receiver */
    uint32_t serial;   /* from 1; no two have had the same */
    uint8_t change_count;
    bool establishes; /* a change leads to ESTABLISHED */
    bool corrects;    /* a change takes an earlier one back */
    bool moves_kind;  /* the record's bits are not as before */
    uint16_t changes[FST_PRECEDENT_CHANGES];
};

/* What following a precedent made of a tale, for connections that have been through the same. */
struct fst_sequel {
    uint32_t key; /* the precedent, and who sent; 0: empty */
    uint32_t tale, next;
};

struct fst_precedents {
    struct fst_precedent entries[FST_PRECEDENTS];
    struct fst_sequel sequels[1u << FST_SEQUEL_BITS];
    uint32_t learned;
};

/* In a shape: nothing but an ACK, perhaps with text, for steady.c. */
#define FST_SHAPE_STEADY ((uint64_t)1 << 63)

/* Text of this length is below every maximum segment size class that matters for a label. */
#define FST_STEADY_TEXT_MOST 2047

/** What of a segment goes into a situation whatever connection it is of; 0: not ordinary. */
uint64_t fst_shape_of(const struct fst_segment *segment);

/** The situation in which `side` of the record sends the segment, which has that shape. */
struct fst_situation fst_situation_of(const struct fst_record *record,
                                      const struct fst_segment *segment, uint64_t shape,
                                      unsigned side);

/** Do to the record what the observer did in the same situation, counts apart. NULL, with nothing
 *  done, if there is no precedent; borrowed until the next one is learned. */
const struct fst_precedent *fst_precedent_follow(const struct fst_precedents *precedents,
                                                 const struct fst_situation *situation,
                                                 struct fst_record *record,
                                                 const struct fst_segment *segment, unsigned side);

/** What happened when it was followed, but not why a state changed. */
void fst_precedent_tell(const struct fst_precedent *precedent, unsigned side,
                        struct fst_step *step);

/** What became of this tale when the precedent was followed before, by `side`, in a connection that
 *  was new if `fresh`. False, and `tale` as it was, if that is not known. */
bool fst_sequel_find(struct fst_precedents *precedents, const struct fst_precedent *precedent,
                     unsigned side, bool fresh, uint32_t *tale);
void fst_sequel_learn(struct fst_precedents *precedents, const struct fst_precedent *precedent,
                      unsigned side, bool fresh, uint32_t tale, uint32_t next);

/** The observer has taken the segment: `before` became `record`, and `step` is what it told. Kept
 *  if the same situation always ends like that. */
void fst_precedent_learn(struct fst_precedents *precedents, const struct fst_situation *situation,
                         const struct fst_record *before, const struct fst_record *record,
                         const struct fst_segment *segment, unsigned side,
                         const struct fst_step *step);

#endif
