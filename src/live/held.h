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

/** NULL when memory is short. */
struct fst_held *fst_held_new(size_t octets);
void fst_held_free(struct fst_held *held);

/** Keep a copy. One that is larger than all the memory is not kept, nor is any while memory for
 *  the list of connections is short. */
void fst_held_add(struct fst_held *held, uint32_t connection, const struct fst_packet *packet);

/** Hand out those of a connection, oldest first. */
void fst_held_walk(const struct fst_held *held, uint32_t connection,
                   void (*each)(void *context, const struct fst_packet *packet), void *context);

/** Those of this connection are not needed any more. */
void fst_held_forget(struct fst_held *held, uint32_t connection);

#endif
