/* SPDX-License-Identifier: MIT
 *
 * One segment under the observer's eye: who sent it, the lives it belongs to, what is new in it.
 * Made once by observer.c and read by the checks.
 */
#ifndef FST_TCP_CONTEXT_H
#define FST_TCP_CONTEXT_H

#include "decode/segment.h"
#include "tcp/observation.h"
#include "tcp/possible.h"
#include "tcp/step.h"

struct fst_context {
    struct fst_observation *o;
    const struct fst_segment *seg;
    struct fst_step *step;
    bool lossless;
    bool weak;     /* the segment may be damaged: nothing is illegal */
    unsigned x, y; /* sender's side, receiver's side */
    struct fst_observed_side *sender, *receiver;
    struct fst_life *life; /* of the sender, that the segment belongs to */
    unsigned life_index;
    struct fst_life *peer;   /* of the receiver, that its ACK refers to; NULL if none */
    uint32_t payload_len;    /* octets of text, padding taken off */
    uint32_t end;            /* SEQ + SEG.LEN */
    bool first;              /* the first segment captured of its life */
    bool in_run;             /* SEQ certainly is a number of `life` */
    bool only;               /* ... since no other life of its sender can have sent it */
    bool ack_captured;       /* ACK lies in captured octets of `peer` */
    bool ack_known;          /* ... or in octets it was taken to have sent */
    bool challenges;         /* a challenge ACK: its sender still has this life */
    bool anyones;            /* a RST outside the run of its life: may be of another */
    bool took_over;          /* a SYN captured after what follows it */
    bool repeats;            /* a SYN or FIN again: its sender waits for the answer */
    bool accused;            /* called illegal for what it acknowledges: its octets do not count */
    fst_state_set inherited; /* a SYN's: of lives whose marks may be its own */
    bool news_text, news_fin, news_ack, news_seq;
};

static inline bool fst_segment_has(const struct fst_context *c, unsigned flags)
{
    return (c->seg->flags & flags) != 0;
}

/** What only the state before the first answer sends again: the likely state was ahead of it. */
void fst_fall_back(struct fst_context *c, enum fst_event event);

/** Raise a finding against the sender of the segment, in its class for this mode. Rules that can be
 *  illegal are said once a life. */
void fst_report(struct fst_context *c, enum fst_rule_id rule, uint32_t first, uint32_t second,
                uint64_t because_packet);

/** As fst_report(), but in a class of the caller's choice. */
void fst_report_as(struct fst_context *c, enum fst_rule_id rule, enum fst_class class_,
                   uint32_t first, uint32_t second, uint64_t because_packet);

/** ... and of neither side: one of the two is to blame for it. */
void fst_report_of_either(struct fst_context *c, enum fst_rule_id rule, enum fst_class class_,
                          uint32_t first, uint32_t second, uint64_t because_packet);

/** Number relative to the ISS of a life, for messages; absolute if that is unknown. */
uint32_t fst_relative(const struct fst_life *life, uint32_t seq);

/** Move the likely state of the current life of `side` and record the change. */
void fst_set_likely(struct fst_context *c, unsigned side, struct fst_life *life,
                    struct fst_move move, bool inferred, bool corrected);

/** Prompt delivery: let everything the peer of `life` has sent reach it. */
void fst_settle(struct fst_context *c, unsigned side, struct fst_life *life);

/** The life that talks to `life` of `side`: its peer, else the other side's current one; may be
 * NULL. */
struct fst_life *fst_counterpart(struct fst_observation *o, unsigned side,
                                 const struct fst_life *life);

/** How far an ACK value goes towards a life: enum of facts.h, FST_FACT_ACK if it means another. */
unsigned fst_ack_grade(const struct fst_life *life, uint32_t ack);

/** Nobody but this life of the sender can have sent an ACK or a RST, if nothing was missed: another
 *  would have opened with a SYN that died before the capture point, and goes beyond SYN-SENT only
 *  when it meets a SYN of the peer that acknowledges nothing. */
bool fst_is_only_life(const struct fst_context *c);

/** Conditions of a life for the rows of transitions.def; those that lead to LISTEN are followed by
 *  fst_close_life() alone, since no segment but a SYN is evidence of who may listen. */
unsigned fst_conditions(const struct fst_context *c, const struct fst_life *life,
                        const struct fst_life *peer);

/** Close both sets of a life under its facts. */
void fst_close_life(struct fst_life *life);

/** Put the facts of the segment within reach of the receiver's lives. */
void fst_deliver(struct fst_context *c);

/** States that the numbers of the segment leave to its sender: of a FIN, both FINs known; proof.c.
 */
fst_state_set fst_proved_of_fins(const struct fst_context *c);

/** ... of any segment that is neither SYN nor RST. */
fst_state_set fst_proved_by_numbers(const struct fst_context *c);

/** Nothing can have acknowledged its SYN: that comes from the peer's life, or lies in its window
 *  (3.10.7.4 first, fifth). The peer has acknowledged nothing, and no other life lies there. */
bool fst_waits_for_ack_of_syn(const struct fst_context *c);

/** Use the segment as evidence: which states of the sender can have sent it. `allowed` is what its
 *  numbers prove. False if there is none: a violation, and the sets are as before. */
bool fst_narrow(struct fst_context *c, enum fst_event event, fst_state_set allowed);

/** After a violation: believe the segment. */
void fst_resynchronise(struct fst_context *c, enum fst_event event, fst_state_set allowed);

#endif
