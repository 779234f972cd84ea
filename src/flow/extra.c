/* SPDX-License-Identifier: MIT */
#include "flow/extra.h"

#include <string.h>

#include "base/alloc.h"

#define BLOCK_SHIFT 10
#define BLOCK       (1u << BLOCK_SHIFT)

static const struct fst_extra nothing = {
    .findings = FST_NO_INDEX, .detail = FST_NO_INDEX, .dwell = FST_NO_INDEX, .incarnation = 1};

void fst_extras_init(struct fst_extras *extras, const struct fst_allocator *allocator)
{
    memset(extras, 0, sizeof(*extras));
    extras->allocator = allocator;
    extras->free = FST_NO_INDEX;
}

void fst_extras_fini(struct fst_extras *extras)
{
    uint32_t i;

    for (i = 0; i < extras->block_count; i++)
        fst_release(extras->allocator, extras->blocks[i], BLOCK * sizeof(struct fst_extra));
    fst_release(extras->allocator, extras->blocks, extras->block_room * sizeof(extras->blocks[0]));
    memset(extras, 0, sizeof(*extras));
}

static struct fst_extra *at(const struct fst_extras *extras, uint32_t index)
{
    return &extras->blocks[index >> BLOCK_SHIFT][index & (BLOCK - 1)];
}

static bool grow_list(struct fst_extras *extras, uint32_t wanted)
{
    uint32_t room = extras->block_room ? extras->block_room : 16;
    struct fst_extra **blocks;

    while (room < wanted)
        room *= 2;
    if (room == extras->block_room)
        return true;
    blocks = fst_resize(extras->allocator, extras->blocks, extras->block_room * sizeof(blocks[0]),
                        room * sizeof(blocks[0]));
    if (!blocks)
        return false;
    extras->blocks = blocks;
    extras->block_room = room;
    return true;
}

static bool grow(struct fst_extras *extras)
{
    if (!grow_list(extras, extras->block_count + 1))
        return false;
    extras->blocks[extras->block_count] =
        fst_resize(extras->allocator, NULL, 0, BLOCK * sizeof(struct fst_extra));
    if (!extras->blocks[extras->block_count])
        return false;
    extras->block_count++;
    return true;
}

bool fst_extras_reserve(struct fst_extras *extras)
{
    return extras->free != FST_NO_INDEX || extras->unused < extras->block_count << BLOCK_SHIFT ||
           grow(extras);
}

static uint32_t take(struct fst_extras *extras)
{
    uint32_t index = extras->free;

    if (index != FST_NO_INDEX) {
        extras->free = at(extras, index)->findings;
        return index;
    }
    return fst_extras_reserve(extras) ? extras->unused++ : FST_NO_INDEX;
}

const struct fst_extra *fst_extra_of(const struct fst_extras *extras,
                                     const struct fst_record *record)
{
    return record->extra == FST_NO_INDEX ? &nothing : at(extras, record->extra);
}

struct fst_extra *fst_extra_add(struct fst_extras *extras, struct fst_record *record)
{
    if (record->extra == FST_NO_INDEX) {
        record->extra = take(extras);
        if (record->extra == FST_NO_INDEX)
            return NULL;
        *at(extras, record->extra) = nothing;
    }
    return at(extras, record->extra);
}

/* One that is nobody's is given back. */
static void give_back(struct fst_extras *extras, uint32_t index)
{
    at(extras, index)->findings = extras->free;
    extras->free = index;
}

void fst_extra_drop(struct fst_extras *extras, struct fst_record *record)
{
    if (record->extra == FST_NO_INDEX)
        return;
    give_back(extras, record->extra);
    record->extra = FST_NO_INDEX;
}

bool fst_extras_make_room(struct fst_extras *extras, uint32_t blocks)
{
    return grow_list(extras, extras->block_count + blocks);
}

uint32_t fst_extras_absorb(struct fst_extras *extras, struct fst_extras *other)
{
    uint32_t base = extras->block_count << BLOCK_SHIFT, index;

    if (other->block_count == 0)
        return base;
    while (extras->unused < base)
        give_back(extras, extras->unused++);
    memcpy(extras->blocks + extras->block_count, other->blocks,
           other->block_count * sizeof(other->blocks[0]));
    extras->block_count += other->block_count;
    extras->unused = base + other->unused;
    while ((index = other->free) != FST_NO_INDEX) {
        other->free = at(other, index)->findings;
        give_back(extras, base + index);
    }
    other->block_count = 0;
    other->unused = 0;
    return base;
}
