/* SPDX-License-Identifier: MIT
 *
 * The checks of one step, in the order observer.c runs them. Each trips rules of rules.def; those
 * that can say `illegal` carry the reason why no conforming endpoint is blamed.
 */
#ifndef FST_TCP_CHECKS_H
#define FST_TCP_CHECKS_H

#include "tcp/context.h"

/* check_form.c: what one segment shows by itself. */

/** Flags and header that no endpoint emits; true if it tripped one (the segment is then no
 * evidence). */
bool fst_check_form(struct fst_context *c);

/** Options in the wrong place; the segment still counts. */
void fst_check_options(struct fst_context *c);

/* check_numbers.c: positions in a life's sequence space. */

enum fst_position {
    FST_POSITION_FINE,
    FST_POSITION_ILLEGAL, /* said; not evidence */
    FST_POSITION_ANOTHER  /* belongs to a life nobody saw; not evidence of this one */
};

/** The RST of `life`, an abort, may hold the edge of the peer's window instead of the next number.
 */
bool fst_aborted_at_edge(const struct fst_life *life, const struct fst_life *peer);

/** Whether SEQ certainly is a number of the life: `in_run`. */
void fst_find_contact(struct fst_context *c);

enum fst_position fst_check_position(struct fst_context *c);

/** What an illegal segment claimed may be acknowledged, of whichever life. */
bool fst_is_claimed(const struct fst_context *c);

/** An ACK outside the peer's captured octets: says so and adopts them. */
void fst_check_unseen(struct fst_context *c);

/** Retransmission, reordering, keep-alive and the like. */
void fst_label_text(struct fst_context *c);

/* check_handshake.c */
void fst_label_new_syn(struct fst_context *c, const struct fst_life *old, bool *new_connection);
/** A SYN with a number that touches the one sent before: said; it is not evidence. */
bool fst_check_moved_syn(struct fst_context *c);
void fst_label_old_syn(struct fst_context *c);
void fst_label_syn_text(struct fst_context *c);
void fst_check_syn_ack(struct fst_context *c);
void fst_note_syn_options(struct fst_context *c);

/* check_close.c */
void fst_label_close(struct fst_context *c);

/* check_reset.c */

/** It sent a RST that ended it, as far as its state is understood. */
bool fst_ended_by_reset(const struct fst_life *life);

/** An endpoint that sends on after its own RST or its peer's. */
void fst_check_after_reset(struct fst_context *c);

/* rebirth.c: servers with SYN cookies. */
bool fst_is_passive(const struct fst_life *life);

/** The segment may bring its receiver back. */
void fst_recall(struct fst_context *c);

/** The sender sends from where it may have begun again: FST_COOKIE_REBORN. */
void fst_note_rebirth(struct fst_context *c);

/** It has, or sends nothing yet from where it may have. */
bool fst_may_be_reborn(const struct fst_context *c);

/** Nothing but its SYN was sent: the life has begun again. */
void fst_begin_again(struct fst_life *life);

/* check_window.c: windows, SACK, timestamps, sizes. */

/** Up to where the sender may have heard that it may send; the peer's window is known. */
uint32_t fst_farthest_edge(const struct fst_context *c);

/** The window that a bare SYN offers. */
void fst_note_syn_window(struct fst_context *c);

/** False if the segment was called illegal for what it sends: it is then no evidence. */
bool fst_check_window(struct fst_context *c);

#endif
