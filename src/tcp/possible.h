/* SPDX-License-Identifier: MIT
 *
 * Sets of states under the rows of transitions.def.
 */
#ifndef FST_TCP_POSSIBLE_H
#define FST_TCP_POSSIBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/states.h"

/* What a captured segment says its sender did. */
enum fst_event {
    FST_EVENT_SYN,
    FST_EVENT_SYN_ACK,
    FST_EVENT_ACK,  /* no text, nothing but news in SEQ or ACK */
    FST_EVENT_TEXT, /* octets above all seen before */
    FST_EVENT_FIN,  /* its first FIN */
    FST_EVENT_RST
};

/* Conditions of rows, as bits. */
enum {
    FST_IF_ALWAYS = 1,
    FST_IF_NOT_BEGUN = 2, /* the life has sent no SYN yet: a begun one never opens again */
    FST_IF_FAST_OPEN = 4, /* the peer's SYN asked for Fast Open */
    FST_IF_NO_ACK = 8,    /* the segment has no ACK flag */
    FST_IF_PASSIVE =
        16 /* the life sent no SYN of its own accord: a begun active one never listens */
};

/* Which of the two sets of a life is meant. */
enum fst_width { FST_SHOWN, FST_WIDE };

/** All states reachable from `set` by the facts deliverable and by unseen moves. */
fst_state_set fst_set_close(fst_state_set set, uint32_t facts, unsigned conditions,
                            enum fst_width width);

/** The states after sending: SENDS rows of every state in `set`. Empty if none may send it. */
fst_state_set fst_set_after_sending(fst_state_set set, enum fst_event event, unsigned conditions);

/** The states of `set` that may send it. */
fst_state_set fst_set_senders(fst_state_set set, enum fst_event event, unsigned conditions);

/* One move of an endpoint's likely state and the row that names it. */
struct fst_move {
    unsigned state; /* where it leads; the state itself if no row applies */
    const char *why;
    const char *section;
};

/** Where one delivered fact mask leads the likely state, at most one row. */
struct fst_move fst_move_delivered(unsigned state, unsigned mask, unsigned conditions);

/** Where sending leads it. */
struct fst_move fst_move_sending(unsigned state, enum fst_event event, unsigned conditions);

#endif
