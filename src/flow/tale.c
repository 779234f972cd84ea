/* SPDX-License-Identifier: MIT */
#include "flow/tale.h"

#include <string.h>

#include "base/alloc.h"

#define ROOM_FIRST 64u

void fst_tales_init(struct fst_tales *tales, const struct fst_allocator *allocator)
{
    memset(tales, 0, sizeof(*tales));
    tales->allocator = allocator;
    tales->count = 1;
}

void fst_tales_fini(struct fst_tales *tales)
{
    fst_release(tales->allocator, tales->tales, tales->room * sizeof(tales->tales[0]));
    if (tales->slots)
        fst_release(tales->allocator, tales->slots,
                    ((size_t)tales->mask + 1) * sizeof(tales->slots[0]));
    memset(tales, 0, sizeof(*tales));
}

/* Nobody can choose trie nodes, which are numbered as they come, so the hash needs no key. */
static uint32_t home(const struct fst_tales *tales, const struct fst_tale *tale)
{
    uint64_t paths = (uint64_t)tale->path[0] << 32 | tale->path[1];
    uint64_t hash =
        (paths * UINT64_C(0x9e3779b97f4a7c15) ^ tale->history) * UINT64_C(0xd6e8feb86659fd93);

    return (uint32_t)(hash >> 32) & tales->mask;
}

static bool is_same(const struct fst_tale *one, const struct fst_tale *other)
{
    return one->path[0] == other->path[0] && one->path[1] == other->path[1] &&
           one->history == other->history;
}

/* Where the tale stands, or the free slot where it would. */
static uint32_t find(const struct fst_tales *tales, const struct fst_tale *tale)
{
    uint32_t at = home(tales, tale);

    while (tales->slots[at] != 0 && !is_same(&tales->tales[tales->slots[at]], tale))
        at = (at + 1) & tales->mask; /* at most half are used */
    return at;
}

static bool grow(struct fst_tales *tales)
{
    uint32_t room = tales->room ? tales->room * 2 : ROOM_FIRST, i;
    struct fst_tale *bigger;
    uint32_t *slots;

    if (room > FST_TALES_MOST)
        return false;
    slots = fst_alloc(tales->allocator, (size_t)room * 2 * sizeof(slots[0]));
    if (!slots)
        return false;
    bigger = fst_resize(tales->allocator, tales->tales, tales->room * sizeof(bigger[0]),
                        room * sizeof(bigger[0]));
    if (!bigger) {
        fst_release(tales->allocator, slots, (size_t)room * 2 * sizeof(slots[0]));
        return false;
    }
    if (tales->slots)
        fst_release(tales->allocator, tales->slots, ((size_t)tales->mask + 1) * sizeof(slots[0]));
    tales->tales = bigger;
    tales->room = room;
    tales->slots = slots;
    tales->mask = room * 2 - 1;
    for (i = 1; i < tales->count; i++)
        slots[find(tales, &bigger[i])] = i;
    return true;
}

bool fst_tale_number(struct fst_tales *tales, const struct fst_tale *tale, uint32_t *number)
{
    static const struct fst_tale none;
    uint32_t at;

    if (is_same(tale, &none)) {
        *number = FST_NO_TALE;
        return true;
    }
    if (!tales->slots && !grow(tales))
        return false;
    at = find(tales, tale);
    if (tales->slots[at] == 0) {
        if (tales->count == tales->room) {
            if (!grow(tales))
                return false;
            at = find(tales, tale);
        }
        tales->tales[tales->count] = *tale;
        tales->slots[at] = tales->count++;
    }
    *number = tales->slots[at];
    return true;
}

struct fst_tale fst_tale_of(const struct fst_tales *tales, uint32_t number)
{
    static const struct fst_tale none;

    return number == FST_NO_TALE ? none : tales->tales[number];
}

bool fst_tales_make_room(struct fst_tales *tales, uint32_t more)
{
    while (tales->room < tales->count + more)
        if (!grow(tales))
            return false;
    return true;
}
