/* SPDX-License-Identifier: MIT
 *
 * A map from the ids of connections to small numbers, such as the places of a list.
 */
#ifndef FST_LIVE_IDS_H
#define FST_LIVE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FST_IDS_NONE UINT32_MAX

/** Zeroed is empty. */
struct fst_ids {
    struct fst_ids_slot *slots;
    uint32_t count, mask;
};

void fst_ids_fini(struct fst_ids *ids);

/** FST_IDS_NONE if it is not there. */
uint32_t fst_ids_find(const struct fst_ids *ids, uint32_t id);
/** Add an id (from 1) that is not there. @return false when memory is short. */
bool fst_ids_add(struct fst_ids *ids, uint32_t id, uint32_t number);
/** Fine if it is not there. */
void fst_ids_remove(struct fst_ids *ids, uint32_t id);

#endif
