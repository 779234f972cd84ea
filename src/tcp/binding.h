/* SPDX-License-Identifier: MIT
 *
 * The lives a segment is of and refers to, once they are chosen: binding them to each other,
 * showing one, and booking what the segment tells of its sender.
 */
#ifndef FST_TCP_BINDING_H
#define FST_TCP_BINDING_H

#include "tcp/context.h"

/** People are shown this life of `side` from now on. */
void fst_show_life(struct fst_context *c, unsigned side, unsigned index);

/** The segment is of this life of its sender. */
void fst_choose_life(struct fst_context *c, unsigned index);

/** Its ACK refers to this life of the receiver; FST_NO_LIFE if to none. */
void fst_choose_peer(struct fst_context *c, unsigned index);

/** Give the chosen life a place in the sequence space if it has none. */
void fst_place_segment(struct fst_context *c);

/** Bind the chosen life to the peer life it acknowledges. */
void fst_bind_peer(struct fst_context *c);

/** The chosen life is of a connection of its own, of which this is the first segment. */
void fst_begin_incarnation(struct fst_context *c);

/** Everything that holds for a segment once it counts: marks of the sender. */
void fst_book(struct fst_context *c);

/** ... once it was called illegal for what it acknowledges. */
void fst_book_accused(struct fst_context *c);

/** Prompt delivery, to the receiver and to the sender. */
void fst_settle_both(struct fst_context *c);

#endif
