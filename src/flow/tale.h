/* SPDX-License-Identifier: MIT
 *
 * What a connection has been through: the path of states of each end and Zeek's history. Most
 * connections have been through the same as many others, so each tale is kept once, and a
 * connection names it by a number.
 */
#ifndef FST_FLOW_TALE_H
#define FST_FLOW_TALE_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/* Trie nodes, each 0 for "nothing yet". */
struct fst_tale {
    uint32_t path[2]; /* by side: states */
    uint32_t history; /* Zeek's letters */
};

/* As many are kept. */
#define FST_TALES_MOST (1u << 20)

#define FST_NO_TALE    0 /* nothing has happened yet */

struct fst_tales {
    const struct fst_allocator *allocator;
    struct fst_tale *tales; /* by number */
    uint32_t *slots;        /* open addressing: number, 0 is free */
    uint32_t count, room, mask;
};

void fst_tales_init(struct fst_tales *tales, const struct fst_allocator *allocator);
void fst_tales_fini(struct fst_tales *tales);

/** The number of a tale. False, and `number` as it was, when there are too many or memory is short.
 */
bool fst_tale_number(struct fst_tales *tales, const struct fst_tale *tale, uint32_t *number);

/** The tale of a number. */
struct fst_tale fst_tale_of(const struct fst_tales *tales, uint32_t number);

/** Make sure that so many more fit; false when memory is short or that is more than may be. */
bool fst_tales_make_room(struct fst_tales *tales, uint32_t more);

#endif
