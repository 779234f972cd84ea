/* SPDX-License-Identifier: MIT
 *
 * From a 4-tuple's hash to its record: slots of 8 octets (hash, record number), in ascending order.
 * A slot's home is its share of the way through the table, so that order and home agree: a search
 * looks from the home on and ends at the first slot that is greater, and a table grows in small
 * steps where it stands. The keys themselves stand in the records.
 */
#ifndef FST_FLOW_INDEX_H
#define FST_FLOW_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/* So many slots are looked at together, without a branch between them: how far a slot stands from
 * its home is nothing that a processor can foresee. */
#define FST_INDEX_STRIDE 4

struct fst_index {
    const struct fst_allocator *allocator;
    uint64_t *slots; /* upper half: hash; lower half: record number + 1, 0 is free */
    uint32_t homes;  /* as many slots are somebody's home */
    uint32_t spare;  /* as many stand behind them; the last FST_INDEX_STRIDE of them are free */
    uint32_t used;
};

void fst_index_init(struct fst_index *index, const struct fst_allocator *allocator);
void fst_index_fini(struct fst_index *index);

/** Make sure one more fits; false when memory is short. */
bool fst_index_reserve(struct fst_index *index);

static inline size_t fst_index_home(const struct fst_index *index, uint32_t hash)
{
    return (size_t)((uint64_t)hash * index->homes >> 32);
}

static inline size_t fst_index_home_of(const struct fst_index *index, uint64_t slot)
{
    return fst_index_home(index, (uint32_t)(slot >> 32));
}

static inline uint64_t fst_index_slot(uint32_t hash, uint32_t record)
{
    return (uint64_t)hash << 32 | ((uint64_t)record + 1);
}

static inline size_t fst_index_slots(const struct fst_index *index)
{
    return (size_t)index->homes + index->spare;
}

/** Where the first slot from `at` on stands that is above `bound`, or a free one, which is the
 *  greatest: behind it none is below a slot whose home is before it. */
static inline size_t fst_index_above(const struct fst_index *index, size_t at, uint64_t bound)
{
    size_t below;

    do {
        const uint64_t *slots = &index->slots[at];

        below = (size_t)(slots[0] - 1 < bound) + (size_t)(slots[1] - 1 < bound) +
                (size_t)(slots[2] - 1 < bound) + (size_t)(slots[3] - 1 < bound);
        at += below;
    } while (below == FST_INDEX_STRIDE);
    return at;
}

/** Where the first slot with this hash stands, or would; compare with fst_index_is_match(). */
static inline size_t fst_index_first(const struct fst_index *index, uint32_t hash)
{
    return fst_index_above(index, fst_index_home(index, hash), (uint64_t)hash << 32);
}

/** Whether a slot holds a record with this hash. */
static inline bool fst_index_is_match(uint64_t slot, uint32_t hash)
{
    return slot != 0 && slot >> 32 == hash;
}

/** Enter a record. Room must have been reserved. */
void fst_index_add(struct fst_index *index, uint32_t hash, uint32_t record);

/** Take a record out; nothing happens if it is not there. */
void fst_index_remove(struct fst_index *index, uint32_t hash, uint32_t record);

/** Have the records of all slots go by numbers that are greater by so much. */
void fst_index_renumber(struct fst_index *index, uint32_t more);

#endif
