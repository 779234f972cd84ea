/* SPDX-License-Identifier: MIT */
#include "flow/tally.h"

#include <string.h>

#include "base/alloc.h"
#include "flow/record.h"

/* 64 MB: beyond that a letter is written only once. */
#define ROOM_MOST (1u << 20)

void fst_tallies_init(struct fst_tallies *tallies, const struct fst_allocator *allocator)
{
    memset(tallies, 0, sizeof(*tallies));
    tallies->allocator = allocator;
    tallies->free = FST_NO_INDEX;
}

void fst_tallies_fini(struct fst_tallies *tallies)
{
    fst_release(tallies->allocator, tallies->items, tallies->room * sizeof(tallies->items[0]));
    memset(tallies, 0, sizeof(*tallies));
}

static bool grow(struct fst_tallies *tallies)
{
    uint32_t room = tallies->room ? tallies->room * 2 : 16;
    struct fst_tally *items;

    if (room > ROOM_MOST)
        return false;
    items = fst_resize(tallies->allocator, tallies->items, tallies->room * sizeof(items[0]),
                       room * sizeof(items[0]));
    if (!items)
        return false;
    tallies->items = items;
    tallies->room = room;
    return true;
}

static uint32_t take(struct fst_tallies *tallies)
{
    uint32_t index = tallies->free;

    if (index != FST_NO_INDEX) {
        tallies->free = tallies->items[index].tale.history;
        return index;
    }
    if (tallies->unused == tallies->room && !grow(tallies))
        return FST_NO_INDEX;
    return tallies->unused++;
}

struct fst_tally *fst_tally_of(struct fst_tallies *tallies, uint32_t *index)
{
    if (*index == FST_NO_INDEX) {
        *index = take(tallies);
        if (*index == FST_NO_INDEX)
            return NULL;
        memset(&tallies->items[*index], 0, sizeof(tallies->items[0]));
    }
    return &tallies->items[*index];
}

void fst_tally_drop(struct fst_tallies *tallies, uint32_t index)
{
    tallies->items[index].tale.history = tallies->free;
    tallies->free = index;
}
