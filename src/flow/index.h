/* SPDX-License-Identifier: MIT
 *
 * From a 4-tuple's hash to its record: slots of 8 octets (half of the hash, record number), linear
 * probing, grown by doubling. The keys themselves stand in the records.
 */
#ifndef FST_FLOW_INDEX_H
#define FST_FLOW_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

struct fst_index {
    const struct fst_allocator *allocator;
    uint64_t *slots; /* upper half: tag; lower half: record number + 1, 0 is free */
    uint32_t mask;   /* slots - 1; slots is a power of two */
    uint32_t used;
};

void fst_index_init(struct fst_index *index, const struct fst_allocator *allocator);
void fst_index_fini(struct fst_index *index);

/** Make sure one more fits; false when memory is short. */
bool fst_index_reserve(struct fst_index *index);

static inline uint32_t fst_index_home(const struct fst_index *index, uint64_t hash)
{
    return (uint32_t)(hash >> 32) & index->mask; /* from the tag: a slot alone tells its home */
}

static inline uint64_t fst_index_slot(uint64_t hash, uint32_t record)
{
    return (hash & UINT64_C(0xffffffff00000000)) | ((uint64_t)record + 1);
}

/** Enter a record. Room must have been reserved. */
void fst_index_add(struct fst_index *index, uint64_t hash, uint32_t record);

/** Put another record in the place of one that is there. */
void fst_index_replace(struct fst_index *index, uint64_t hash, uint32_t old, uint32_t record);

/** Take a record out; nothing happens if it is not there. */
void fst_index_remove(struct fst_index *index, uint64_t hash, uint32_t record);

#endif
