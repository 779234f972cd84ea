/* SPDX-License-Identifier: MIT */
#include "live/ids.h"

#include <stdlib.h>

#define ROOM_FIRST 1024u

struct fst_ids_slot {
    uint32_t id; /* 0 is empty */
    uint32_t number;
};

/* Ids come one after the other: a product spreads them. Nobody outside chooses them. */
static uint32_t home(const struct fst_ids *ids, uint32_t id)
{
    return (uint32_t)(((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & ids->mask;
}

void fst_ids_fini(struct fst_ids *ids)
{
    free(ids->slots);
    *ids = (struct fst_ids){0};
}

/** The slot of the id, or the empty one where it would be. */
static uint32_t slot_of(const struct fst_ids *ids, uint32_t id)
{
    uint32_t at = home(ids, id);

    while (ids->slots[at].id != 0 && ids->slots[at].id != id)
        at = (at + 1) & ids->mask;
    return at;
}

uint32_t fst_ids_find(const struct fst_ids *ids, uint32_t id)
{
    uint32_t at;

    if (!ids->slots)
        return FST_IDS_NONE;
    at = slot_of(ids, id);
    return ids->slots[at].id == id ? ids->slots[at].number : FST_IDS_NONE;
}

static bool grow(struct fst_ids *ids)
{
    struct fst_ids before = *ids;
    uint32_t room = before.slots ? (before.mask + 1) * 2 : ROOM_FIRST;
    struct fst_ids_slot *slots = calloc(room, sizeof(*slots));

    if (!slots)
        return false;
    ids->slots = slots;
    ids->mask = room - 1;
    for (uint32_t i = 0; before.slots && i <= before.mask; i++)
        if (before.slots[i].id != 0)
            ids->slots[slot_of(ids, before.slots[i].id)] = before.slots[i];
    free(before.slots);
    return true;
}

bool fst_ids_add(struct fst_ids *ids, uint32_t id, uint32_t number)
{
    if ((!ids->slots || ids->count >= (ids->mask + 1) / 2) && !grow(ids))
        return false;
    ids->slots[slot_of(ids, id)] = (struct fst_ids_slot){id, number};
    ids->count++;
    return true;
}

/* Those behind it that would not be found over the gap move up. */
static void close_gap(struct fst_ids *ids, uint32_t gap)
{
    for (uint32_t at = (gap + 1) & ids->mask; ids->slots[at].id != 0; at = (at + 1) & ids->mask) {
        uint32_t from = home(ids, ids->slots[at].id);

        if (((at - from) & ids->mask) < ((at - gap) & ids->mask))
            continue;
        ids->slots[gap] = ids->slots[at];
        gap = at;
    }
    ids->slots[gap].id = 0;
}

void fst_ids_remove(struct fst_ids *ids, uint32_t id)
{
    uint32_t at;

    if (!ids->slots)
        return;
    at = slot_of(ids, id);
    if (ids->slots[at].id != id)
        return;
    ids->count--;
    close_gap(ids, at);
}
