/* SPDX-License-Identifier: MIT */
#include "live/ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fst_ring {
    pthread_mutex_t lock;
    pthread_cond_t given_back;
    int fd; /* an eventfd, readable while `filled` is above 0 */
    size_t slot_count, filled, first;
    struct fst_slot *slots;
};

static bool make_slots(struct fst_ring *ring, size_t slots, size_t octets)
{
    ring->slots = calloc(slots, sizeof(*ring->slots));
    if (!ring->slots)
        return false;
    ring->slot_count = slots;
    for (size_t i = 0; i < slots; i++) {
        ring->slots[i].octets = malloc(octets);
        ring->slots[i].size = octets;
        if (!ring->slots[i].octets)
            return false;
    }
    return true;
}

struct fst_ring *fst_ring_new(size_t slots, size_t octets)
{
    struct fst_ring *ring = calloc(1, sizeof(*ring));

    if (!ring)
        return NULL;
    pthread_mutex_init(&ring->lock, NULL);
    pthread_cond_init(&ring->given_back, NULL);
    ring->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ring->fd < 0 || !make_slots(ring, slots, octets)) {
        fst_ring_free(ring);
        return NULL;
    }
    return ring;
}

void fst_ring_free(struct fst_ring *ring)
{
    if (!ring)
        return;
    for (size_t i = 0; i < ring->slot_count; i++)
        free(ring->slots[i].octets);
    free(ring->slots);
    if (ring->fd >= 0)
        close(ring->fd);
    pthread_cond_destroy(&ring->given_back);
    pthread_mutex_destroy(&ring->lock);
    free(ring);
}

/* ------------------------------------------------------------------------------------- filling --
 */

struct fst_slot *fst_ring_room(struct fst_ring *ring)
{
    struct fst_slot *slot;

    pthread_mutex_lock(&ring->lock);
    while (ring->filled == ring->slot_count)
        pthread_cond_wait(&ring->given_back, &ring->lock);
    slot = &ring->slots[(ring->first + ring->filled) % ring->slot_count];
    pthread_mutex_unlock(&ring->lock);
    slot->count = slot->used = 0; /* nobody else looks at it until it is put */
    slot->last = false;
    return slot;
}

bool fst_slot_add(struct fst_slot *slot, const struct fst_packet *packet)
{
    uint32_t len = packet->captured_len < slot->size ? packet->captured_len : (uint32_t)slot->size;
    struct fst_packet *copy = &slot->packets[slot->count];

    if (slot->count == FST_SLOT_PACKETS || len > slot->size - slot->used)
        return false;
    *copy = *packet;
    copy->captured_len = len;
    copy->data = slot->octets + slot->used;
    memcpy(slot->octets + slot->used, packet->data, len);
    slot->used += len;
    slot->count++;
    return true;
}

void fst_ring_put(struct fst_ring *ring)
{
    static const uint64_t one = 1;

    pthread_mutex_lock(&ring->lock);
    if (ring->filled++ == 0)
        while (write(ring->fd, &one, sizeof(one)) < 0 && errno == EINTR)
            continue;
    pthread_mutex_unlock(&ring->lock);
}

/* -------------------------------------------------------------------------------------- taking --
 */

int fst_ring_fd(const struct fst_ring *ring)
{
    return ring->fd;
}

struct fst_slot *fst_ring_take(struct fst_ring *ring)
{
    struct fst_slot *slot = NULL;
    uint64_t count;

    pthread_mutex_lock(&ring->lock);
    if (ring->filled > 0)
        slot = &ring->slots[ring->first];
    else
        while (read(ring->fd, &count, sizeof(count)) < 0 && errno == EINTR)
            continue; /* it may say "try again": it was not readable then */
    pthread_mutex_unlock(&ring->lock);
    return slot;
}

void fst_ring_give_back(struct fst_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    ring->first = (ring->first + 1) % ring->slot_count;
    ring->filled--;
    pthread_cond_signal(&ring->given_back);
    pthread_mutex_unlock(&ring->lock);
}

size_t fst_ring_filled(struct fst_ring *ring)
{
    size_t filled;

    pthread_mutex_lock(&ring->lock);
    filled = ring->filled;
    pthread_mutex_unlock(&ring->lock);
    return filled;
}
