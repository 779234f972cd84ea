/* SPDX-License-Identifier: MIT */
#include "flow/pool.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

#define ROOM_FIRST 16u

void fst_pool_init(struct fst_pool *pool, const struct fst_allocator *allocator, size_t size,
                   uint32_t most)
{
    assert(size >= sizeof(uint32_t) && size <= UINT32_MAX);
    *pool = (struct fst_pool){
        .allocator = allocator, .size = (uint32_t)size, .most = most, .free = FST_NO_INDEX};
}

static size_t octets(const struct fst_pool *pool, uint32_t items)
{
    return (size_t)items * pool->size;
}

void fst_pool_fini(struct fst_pool *pool)
{
    fst_release(pool->allocator, pool->items, octets(pool, pool->room));
    memset(pool, 0, sizeof(*pool));
}

/* So that as many fit as are `wanted`. */
static bool grow(struct fst_pool *pool, uint32_t wanted)
{
    uint32_t room = pool->room ? pool->room : ROOM_FIRST;
    uint8_t *items;

    while (room < wanted && room < pool->most)
        room *= 2;
    if (room > pool->most)
        room = pool->most;
    if (room < wanted)
        return false;
    items = fst_resize(pool->allocator, pool->items, octets(pool, pool->room), octets(pool, room));
    if (!items)
        return false;
    pool->items = items;
    pool->room = room;
    return true;
}

uint32_t fst_pool_take(struct fst_pool *pool)
{
    uint32_t number = pool->free;

    if (number != FST_NO_INDEX)
        memcpy(&pool->free, fst_pool_at(pool, number), sizeof(pool->free));
    else if (pool->unused < pool->room || grow(pool, pool->room + 1))
        number = pool->unused++;
    else
        return FST_NO_INDEX;
    memset(fst_pool_at(pool, number), 0, pool->size);
    return number;
}

void fst_pool_give_back(struct fst_pool *pool, uint32_t number)
{
    memcpy(fst_pool_at(pool, number), &pool->free, sizeof(pool->free));
    pool->free = number;
}

bool fst_pool_make_room(struct fst_pool *pool, uint32_t more)
{
    return pool->room - pool->unused >= more || grow(pool, pool->unused + more);
}

uint32_t fst_pool_absorb(struct fst_pool *pool, const struct fst_pool *other)
{
    uint32_t base = pool->unused, number = other->free;

    if (other->unused == 0)
        return base;
    memcpy(fst_pool_at(pool, base), other->items, octets(other, other->unused));
    pool->unused += other->unused;
    while (number != FST_NO_INDEX) {
        uint32_t next;

        memcpy(&next, fst_pool_at(other, number), sizeof(next));
        fst_pool_give_back(pool, base + number);
        number = next;
    }
    return base;
}
