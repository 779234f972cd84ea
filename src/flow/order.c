/* SPDX-License-Identifier: MIT */
#include "flow/order.h"

#include "base/alloc.h"

#define ROOM_FIRST 1024u

void fst_order_fini(struct fst_order *order, const struct fst_allocator *allocator)
{
    fst_release(allocator, order->entries, order->room * sizeof(order->entries[0]));
    *order = (struct fst_order){0};
}

static void compact(struct fst_order *order, const struct fst_tenant *tenants)
{
    uint32_t kept = 0, i;

    for (i = 0; i < order->count; i++)
        if (tenants[order->entries[i].number].id == order->entries[i].id)
            order->entries[kept++] = order->entries[i];
    order->count = kept;
}

bool fst_order_reserve(struct fst_order *order, const struct fst_allocator *allocator,
                       const struct fst_tenant *tenants, uint32_t alive, uint32_t *place)
{
    uint32_t room = order->room ? order->room : ROOM_FIRST;
    struct fst_order_entry *entries;

    if (order->count < order->room)
        return true;
    if (order->room > 0 && alive < order->room - order->room / 4) {
        compact(order, tenants);
        *place = 0;
        return true;
    }
    while (room <= order->count || room <= alive)
        room += room / 2;
    entries = fst_resize(allocator, order->entries, order->room * sizeof(entries[0]),
                         room * sizeof(entries[0]));
    if (!entries)
        return false;
    order->entries = entries;
    order->room = room;
    return true;
}

void fst_order_append(struct fst_order *order, uint32_t id, uint32_t number)
{
    order->entries[order->count++] = (struct fst_order_entry){id, number};
}

uint32_t fst_order_at_least(const struct fst_order *order, uint32_t id)
{
    uint32_t low = 0, high = order->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (order->entries[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
