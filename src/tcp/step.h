/* SPDX-License-Identifier: MIT
 *
 * What one segment showed, as the observer hands it to whoever keeps connections.
 */
#ifndef FST_TCP_STEP_H
#define FST_TCP_STEP_H

#include "flowstate/flowstate.h"
#include "rules/catalogue.h"

#define FST_STEP_FINDINGS_MAX 12

/* Nobody in particular; otherwise a side, 0 or 1. */
#define FST_NO_SIDE 2

struct fst_step_finding {
    uint8_t rule;         /* enum fst_rule_id */
    uint8_t class_;       /* enum fst_class */
    uint8_t side;         /* who sent the packet: 0, 1 or FST_NO_SIDE */
    uint16_t incarnation; /* of the connection it belongs to, from 1 */
    fst_state_set states;
    uint32_t number[2];
    uint64_t packet;
    uint64_t because_packet;
    int64_t time_ns;
};

struct fst_step_change {
    uint8_t side;
    uint8_t from, to; /* enum fst_state, as shown */
    bool inferred;    /* rests on presumed delivery */
    bool corrected;   /* it never was in `from`: an inference that its own segment refutes */
    const char *why;
    const char *section;
};

struct fst_step {
    uint16_t incarnation;     /* the connection of this 4-tuple that the segment belongs to */
    bool opened;              /* it is the first of that incarnation */
    bool evidence;            /* it was used as evidence of its sender */
    bool duplicate;           /* the frame before, captured twice: it counts for nothing */
    bool said_before;         /* a rule that is said once held again, and is not in `findings` */
    bool sender_origin_known; /* relative_seq and relative_ack mean something */
    bool receiver_origin_known;
    uint32_t relative_seq, relative_ack;
    size_t change_count;
    struct fst_step_change changes[FST_CHANGES_MAX];
    size_t finding_count;
    struct fst_step_finding findings[FST_STEP_FINDINGS_MAX];
};

/** The sides, as bits, that the step has made ESTABLISHED. */
static inline unsigned fst_step_established(const struct fst_step *step)
{
    unsigned sides = 0;

    for (size_t i = 0; i < step->change_count; i++)
        if (step->changes[i].to == FST_ESTABLISHED)
            sides |= 1u << step->changes[i].side;
    return sides;
}

#endif
