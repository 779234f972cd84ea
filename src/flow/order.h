/* SPDX-License-Identifier: MIT
 *
 * Which record a connection is in, by its id, once records are used again and ids no longer follow
 * from their numbers. Ids only grow, so the list is sorted as it is written; entries of connections
 * that have gone stay until a quarter of the room are such.
 */
#ifndef FST_FLOW_ORDER_H
#define FST_FLOW_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/* Who is in a record. */
struct fst_tenant {
    uint32_t id;   /* 0: nobody */
    uint32_t hash; /* by which the index has it */
};

struct fst_order_entry {
    uint32_t id, number;
};

struct fst_order {
    struct fst_order_entry *entries;
    uint32_t count, room;
};

void fst_order_fini(struct fst_order *order, const struct fst_allocator *allocator);

/** Make room for one more, of which there are `alive`; `tenants` by record number tells which
 * entries still hold. `place` is one that somebody remembers: it becomes 0 when places change.
 * False when memory is short. */
bool fst_order_reserve(struct fst_order *order, const struct fst_allocator *allocator,
                       const struct fst_tenant *tenants, uint32_t alive, uint32_t *place);

/** Append the newest id; room must have been reserved. */
void fst_order_append(struct fst_order *order, uint32_t id, uint32_t number);

/** The place of the first entry with an id of at least `id`; `count` if there is none. */
uint32_t fst_order_at_least(const struct fst_order *order, uint32_t id);

#endif
