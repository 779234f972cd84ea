/* SPDX-License-Identifier: MIT */
#include "flow/index.h"

#include <string.h>

#include "base/alloc.h"

#define SLOTS_FIRST 1024u

void fst_index_init(struct fst_index *index, const struct fst_allocator *allocator)
{
    memset(index, 0, sizeof(*index));
    index->allocator = allocator;
}

void fst_index_fini(struct fst_index *index)
{
    if (index->slots)
        fst_release(index->allocator, index->slots,
                    ((size_t)index->mask + 1) * sizeof(index->slots[0]));
    memset(index, 0, sizeof(*index));
}

static uint32_t home_of_slot(const struct fst_index *index, uint64_t slot)
{
    return (uint32_t)(slot >> 32) & index->mask;
}

static void place(struct fst_index *index, uint64_t slot)
{
    uint32_t at = home_of_slot(index, slot);

    while (index->slots[at] != 0) /* at most three quarters are used */
        at = (at + 1) & index->mask;
    index->slots[at] = slot;
}

bool fst_index_reserve(struct fst_index *index)
{
    struct fst_index bigger = *index;
    uint32_t slots = index->slots ? index->mask + 1 : 0, i;

    if (index->slots && index->used + 1 <= slots - slots / 4)
        return true;
    bigger.mask = (slots ? slots * 2 : SLOTS_FIRST) - 1;
    bigger.slots =
        fst_alloc_huge(index->allocator, ((size_t)bigger.mask + 1) * sizeof(bigger.slots[0]));
    if (!bigger.slots)
        return false;
    memset(bigger.slots, 0, ((size_t)bigger.mask + 1) * sizeof(bigger.slots[0]));
    for (i = 0; i < slots; i++)
        if (index->slots[i] != 0)
            place(&bigger, index->slots[i]);
    bigger.used = index->used;
    fst_index_fini(index);
    *index = bigger;
    return true;
}

void fst_index_add(struct fst_index *index, uint64_t hash, uint32_t record)
{
    place(index, fst_index_slot(hash, record));
    index->used++;
}

static uint32_t find(const struct fst_index *index, uint64_t hash, uint32_t record)
{
    uint64_t slot = fst_index_slot(hash, record);
    uint32_t at = fst_index_home(index, hash);

    while (index->slots[at] != slot && index->slots[at] != 0)
        at = (at + 1) & index->mask;
    return at;
}

void fst_index_replace(struct fst_index *index, uint64_t hash, uint32_t old, uint32_t record)
{
    uint32_t at = find(index, hash, old);

    if (index->slots[at] != 0)
        index->slots[at] = fst_index_slot(hash, record);
}

void fst_index_remove(struct fst_index *index, uint64_t hash, uint32_t record)
{
    uint32_t hole = find(index, hash, record), at;

    if (index->slots[hole] == 0)
        return;
    index->used--;
    /* Close the gap: move back whatever probed past it. */
    for (at = (hole + 1) & index->mask; index->slots[at] != 0; at = (at + 1) & index->mask) {
        uint32_t home = home_of_slot(index, index->slots[at]);

        if (((at - home) & index->mask) >= ((at - hole) & index->mask)) {
            index->slots[hole] = index->slots[at];
            hole = at;
        }
    }
    index->slots[hole] = 0;
}
