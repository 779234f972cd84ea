/* SPDX-License-Identifier: MIT
 *
 * Packets on their way from the thread that captures to the one that analyses: a ring of slots,
 * each a batch of packets with copies of their octets. When all are full the capturing thread
 * waits, so that what then is lost is lost in the system's buffer, where it is counted; nothing is
 * lost here.
 */
#ifndef FST_LIVE_RING_H
#define FST_LIVE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

#define FST_SLOT_PACKETS 512

struct fst_slot {
    size_t count;
    struct fst_packet packets[FST_SLOT_PACKETS];
    uint8_t *octets;
    size_t used, size;
    bool last; /* nothing comes after it */
};

struct fst_ring;

/** @param octets  Of each slot: a packet is cut to what fits. NULL when memory is short. */
struct fst_ring *fst_ring_new(size_t slots, size_t octets);
/** Both threads must have let go of it; NULL is fine. */
void fst_ring_free(struct fst_ring *ring);

/* The capturing thread: */

/** An empty slot to fill; waits for one. */
struct fst_slot *fst_ring_room(struct fst_ring *ring);
/** Copy a packet into the slot. @return false if it has no room left; an empty one always has. */
bool fst_slot_add(struct fst_slot *slot, const struct fst_packet *packet);
/** Hand on what fst_ring_room() gave. */
void fst_ring_put(struct fst_ring *ring);

/* The analysing thread: */

/** Readable while there may be something to take. */
int fst_ring_fd(const struct fst_ring *ring);
/** The oldest full slot, or NULL; never waits. */
struct fst_slot *fst_ring_take(struct fst_ring *ring);
/** Give back what fst_ring_take() gave. */
void fst_ring_give_back(struct fst_ring *ring);
/** Full slots, the one taken included. */
size_t fst_ring_filled(struct fst_ring *ring);

#endif
