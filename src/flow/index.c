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
    size_t before = (size_t)index->homes + index->spare, end = (size_t)homes + index->spare;
    size_t from = end, next = 0;

    for (size_t at = before; at-- > 0;)
        if (index->slots[at] != 0)
            index->slots[--from] = index->slots[at];
    index->homes = homes;
    for (; from < end; from++) {
        uint64_t slot = index->slots[from];
        size_t home = fst_index_home_of(index, slot);

        while (next < home)
            index->slots[next++] = 0;
        index->slots[next++] = slot;
    }
    memset(&index->slots[next], 0, (end - next) * sizeof(index->slots[0]));
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
    size_t before = (size_t)index->homes + index->spare;
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
    /* The last but one must be free, so that the last one is, whatever is added. */
    return index->slots[(size_t)index->homes + index->spare - 2] == 0 || add_spare(index);
}

/* ---------------------------------------------------------------------- adding, removing -- */

void fst_index_add(struct fst_index *index, uint32_t hash, uint32_t record)
{
    uint64_t slot = fst_index_slot(hash, record), moved;
    size_t at = fst_index_home(index, hash);

    while (index->slots[at] - 1 < slot) /* a free one is the greatest */
        at++;
    for (; slot != 0; slot = moved, at++) {
        moved = index->slots[at];
        index->slots[at] = slot;
    }
    index->used++;
}

void fst_index_remove(struct fst_index *index, uint32_t hash, uint32_t record)
{
    uint64_t slot = fst_index_slot(hash, record);
    size_t at = fst_index_home(index, hash);

    while (index->slots[at] - 1 < slot - 1)
        at++;
    if (index->slots[at] != slot)
        return;
    index->used--;
    /* Whatever stands behind its home moves one nearer. */
    for (; index->slots[at + 1] != 0 && fst_index_home_of(index, index->slots[at + 1]) != at + 1;
         at++)
        index->slots[at] = index->slots[at + 1];
    index->slots[at] = 0;
}
