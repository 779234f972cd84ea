/* SPDX-License-Identifier: MIT
 *
 * The packets of the last while, by connection, so that a connection's earlier packets can still be
 * written once it turns out to be worth it. A fixed number of octets; the oldest packet of all
 * makes room for the newest.
 */
#ifndef FST_LIVE_HELD_H
#define FST_LIVE_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

struct fst_held;

/** Takes a packet, with the comment that was kept with it or NULL. */
typedef void fst_held_taker(void *context, uint32_t connection, const struct fst_packet *packet,
                            const char *comment);

/**
 * @param squeezed  Told of a connection's newest packet when that makes room for others, and
 * nothing of the connection is kept any more; NULL for nobody.
 * @return NULL when memory is short.
 */
struct fst_held *fst_held_new(size_t octets, fst_held_taker *squeezed, void *context);
void fst_held_free(struct fst_held *held);

/** Keep a copy, with a comment or NULL. @return false if it is not kept: it is too large, or memory
 *  for the list of connections is short; nothing else of the connection is kept then. */
bool fst_held_add(struct fst_held *held, uint32_t connection, const struct fst_packet *packet,
                  const char *comment);

/** Hand out those of a connection, oldest first. */
void fst_held_walk(const struct fst_held *held, uint32_t connection, fst_held_taker *taker,
                   void *context);

/** Hand out the newest one of a connection. @return false if none is kept. */
bool fst_held_newest(const struct fst_held *held, uint32_t connection, fst_held_taker *taker,
                     void *context);

/** Those of this connection are not needed any more. */
void fst_held_forget(struct fst_held *held, uint32_t connection);

#endif
