/* SPDX-License-Identifier: MIT
 *
 * The kinds of segment observer.c tells apart, each from its life to what it proves and delivers.
 */
#ifndef FST_TCP_OBSERVE_H
#define FST_TCP_OBSERVE_H

#include "tcp/context.h"

/** A SYN that acknowledges nothing; observe_syn.c. */
void fst_observe_bare_syn(struct fst_context *c);

void fst_observe_syn_ack(struct fst_context *c);

/** Text, FIN, ACK: neither SYN nor RST; observe_text.c. */
void fst_observe_synchronized(struct fst_context *c);

/** A RST; check_reset.c. */
void fst_observe_reset(struct fst_context *c);

#endif
