/* SPDX-License-Identifier: MIT
 *
 * Side storage for what few connections need: items of one kind, by number, in one piece of memory
 * that grows up to a limit, since who sends can make any connection need one.
 */
#ifndef FST_FLOW_POOL_H
#define FST_FLOW_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/record.h"

struct fst_pool {
    const struct fst_allocator *allocator;
    uint8_t *items;
    uint32_t size;         /* octets of an item, at least 4 */
    uint32_t most;         /* items */
    uint32_t room, unused; /* items never used yet start at `unused` */
    uint32_t free;         /* heads the chain of those given back: each begins with the next one */
};

void fst_pool_init(struct fst_pool *pool, const struct fst_allocator *allocator, size_t size,
                   uint32_t most);
void fst_pool_fini(struct fst_pool *pool);

/** A zeroed item: its number, or FST_NO_INDEX when memory is short or as many as may be are in use.
 *  Pointers to others die. */
uint32_t fst_pool_take(struct fst_pool *pool);
void fst_pool_give_back(struct fst_pool *pool, uint32_t number);

/** Whether as many are in use, or were, as may be. */
static inline bool fst_pool_is_full(const struct fst_pool *pool)
{
    return pool->room == pool->most;
}

/** Borrowed until the next is taken. */
static inline void *fst_pool_at(const struct fst_pool *pool, uint32_t number)
{
    return pool->items + (size_t)number * pool->size;
}

/** Make sure that so many more can be taken before pointers die; false when memory is short or that
 *  is more than may be. */
bool fst_pool_make_room(struct fst_pool *pool, uint32_t more);

/** Take over the items of another pool of such, in use or not; room for them was made. Returns by
 *  how much their numbers grow. */
uint32_t fst_pool_absorb(struct fst_pool *pool, const struct fst_pool *other);

#endif
