/* SPDX-License-Identifier: MIT */
#include "flow/index.h"

#include <string.h>

#include "base/alloc.h"

#define HOMES_FIRST 1024u
#define SPARE_FIRST 256u

void fst_index_init(struct fst_index *index, const struct fst_allocator *allocator)
{
    memset(index, 0, sizeof(*index));
    index->allocator = allocator;
}

static size_t octets(uint32_t homes, uint32_t spare)
{
    return ((size_t)homes + spare) * sizeof(uint64_t);
}

void fst_index_fini(struct fst_index *index)
{
    fst_release(index->allocator, index->slots, octets(index->homes, index->spare));
    memset(index, 0, sizeof(*index));
}

/* ------------------------------------------------------------------------------ growing -- */

/* Place all slots anew in `homes` homes and as much to spare as before. Two passes through the same
 * memory: all go to its end, in order, then each to its home or behind the one before it. None is
 * overwritten before it is read, since those that follow it must fit behind its place; and none
 * comes to stand further behind the homes than before, since the way from a home to the end of the
 * homes only grew. */
static void spread(struct fst_index *index, uint32_t homes)
{
    size_t before = fst_index_slots(index), end = (size_t)homes + index->spare;
    size_t from = end, next = 0;
    uint64_t *slots = index->slots;

    for (size_t at = before; at-- > 0;) { /* a free one is overwritten by the next */
        slots[from - 1] = slots[at];
        from -= slots[at] != 0;
    }
    index->homes = homes;
    memset(slots, 0, from * sizeof(slots[0]));
    for (; from < end; from++, next++) {
        uint64_t slot = slots[from];
        size_t home = fst_index_home_of(index, slot);

        next = home > next ? home : next;
        slots[from] = 0;
        slots[next] = slot;
    }
}

static bool resize(struct fst_index *index, uint32_t homes, uint32_t spare)
{
    uint64_t *slots = fst_resize_huge(index->allocator, index->slots,
                                      octets(index->homes, index->spare), octets(homes, spare));

    if (!slots)
        return false;
    index->slots = slots;
    return true;
}

/* By a quarter: the table never takes more than 15 octets for each of its slots that is used. */
static bool add_homes(struct fst_index *index)
{
    uint32_t homes = index->homes + index->homes / 4;

    if (homes < index->homes || !resize(index, homes, index->spare))
        return false;
    spread(index, homes);
    return true;
}

/* So many homes at the end are in use together that what belongs there takes all that is to spare:
 * with a hash whose key is secret this does not happen. */
static bool add_spare(struct fst_index *index)
{
    size_t before = fst_index_slots(index);
    uint32_t spare = index->spare * 2;

    if (spare < index->spare || !resize(index, index->homes, spare))
        return false;
    memset(&index->slots[before], 0, index->spare * sizeof(index->slots[0]));
    index->spare = spare;
    return true;
}

bool fst_index_reserve(struct fst_index *index)
{
    if (!index->slots) {
        index->slots = fst_alloc(index->allocator, octets(HOMES_FIRST, SPARE_FIRST));
        if (!index->slots)
            return false;
        index->homes = HOMES_FIRST;
        index->spare = SPARE_FIRST;
        return true;
    }
    if (index->used >= index->homes - index->homes / 3 && !add_homes(index))
        return false;
    /* One more must be free, so that the last ones are, whatever is added. */
    return index->slots[fst_index_slots(index) - FST_INDEX_STRIDE - 1] == 0 || add_spare(index);
}

/* ---------------------------------------------------------------------- adding, removing -- */

/* All bits if so. */
static uint64_t mask(bool condition)
{
    return 0 - (uint64_t)condition;
}

void fst_index_add(struct fst_index *index, uint32_t hash, uint32_t record)
{
    uint64_t slot = fst_index_slot(hash, record);
    uint64_t *slots = &index->slots[fst_index_above(index, fst_index_home(index, hash), slot)];

    /* Up to the next free one, each takes the place of the one behind it. */
    for (; slot != 0; slots += FST_INDEX_STRIDE)
        for (unsigned i = 0; i < FST_INDEX_STRIDE; i++) {
            uint64_t moving = mask(slot != 0), before = slots[i];

            slots[i] = slot | (before & ~moving);
            slot = before & moving;
        }
    index->used++;
}

void fst_index_remove(struct fst_index *index, uint32_t hash, uint32_t record)
{
    uint64_t slot = fst_index_slot(hash, record), moving = mask(true);
    size_t at = fst_index_above(index, fst_index_home(index, hash), slot - 1);

    if (index->slots[at] != slot)
        return;
    index->used--;
    /* Whatever stands behind its home moves one nearer, and the last that does leaves its place. */
    for (; moving != 0; at += FST_INDEX_STRIDE)
        for (size_t i = at; i < at + FST_INDEX_STRIDE; i++) {
            uint64_t next = index->slots[i + 1];
            uint64_t follows = mask(next != 0) & mask(fst_index_home_of(index, next) != i + 1);

            index->slots[i] = (next & follows & moving) | (index->slots[i] & ~moving);
            moving &= follows;
        }
}

void fst_index_renumber(struct fst_index *index, uint32_t more)
{
    for (size_t at = 0; at < fst_index_slots(index); at++)
        if (index->slots[at] != 0)
            index->slots[at] += more;
}
