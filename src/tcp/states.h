/* SPDX-License-Identifier: MIT
 *
 * Sets of states as the observer keeps them: the eleven states of RFC 9293, with FIN-WAIT-1 and
 * CLOSING split in two. An endpoint that closes in SYN-RECEIVED (3.10.4) is in FIN-WAIT-1 with its
 * own SYN still unacknowledged: it must not send text yet, so the two are told apart inside and
 * shown as one outside.
 */
#ifndef FST_TCP_STATES_H
#define FST_TCP_STATES_H

#include <stdbool.h>

#include "flowstate/flowstate.h"

/* Continues enum fst_state. */
enum {
    FST_FIN_WAIT_1_SYN = FST_STATE_COUNT, /* FIN-WAIT-1, own SYN not yet acknowledged */
    FST_CLOSING_SYN,                      /* CLOSING, likewise */
    FST_INNER_STATES
};

#define FST_SET(state) ((fst_state_set)(1u << (state)))

#define FST_SET_ALL    ((fst_state_set)((1u << FST_INNER_STATES) - 1))

/* States with their own SYN unacknowledged, and received the peer's SYN. */
#define FST_SET_SYN_PENDING                                                                        \
    ((fst_state_set)(FST_SET(FST_SYN_RECEIVED) | FST_SET(FST_FIN_WAIT_1_SYN) |                     \
                     FST_SET(FST_CLOSING_SYN)))

/* States that have received the peer's FIN. */
#define FST_SET_GOT_FIN                                                                            \
    ((fst_state_set)(FST_SET(FST_CLOSE_WAIT) | FST_SET(FST_CLOSING) | FST_SET(FST_CLOSING_SYN) |   \
                     FST_SET(FST_LAST_ACK) | FST_SET(FST_TIME_WAIT)))

/* States that have not received the peer's SYN. */
#define FST_SET_NO_SYN                                                                             \
    ((fst_state_set)(FST_SET(FST_CLOSED) | FST_SET(FST_LISTEN) | FST_SET(FST_SYN_SENT)))

/* No transmission control block: nothing to be in. */
#define FST_SET_GONE ((fst_state_set)(FST_SET(FST_CLOSED) | FST_SET(FST_LISTEN)))

static inline bool fst_set_has(fst_state_set set, unsigned state)
{
    return (set >> state & 1) != 0;
}

/** The eleven states as users see them. */
static inline fst_state_set fst_set_shown(fst_state_set set)
{
    fst_state_set shown = set & (fst_state_set)((1u << FST_STATE_COUNT) - 1);

    if (fst_set_has(set, FST_FIN_WAIT_1_SYN))
        shown |= FST_SET(FST_FIN_WAIT_1);
    if (fst_set_has(set, FST_CLOSING_SYN))
        shown |= FST_SET(FST_CLOSING);
    return shown;
}

static inline enum fst_state fst_state_shown(unsigned state)
{
    if (state == FST_FIN_WAIT_1_SYN)
        return FST_FIN_WAIT_1;
    if (state == FST_CLOSING_SYN)
        return FST_CLOSING;
    return (enum fst_state)state;
}

#endif
