/* SPDX-License-Identifier: MIT
 *
 * What only some connections need: findings, the packet of a FIN, an observation that does not fit
 * the record, counts beyond 32 bits. Side storage, so that the others do not pay for it.
 */
#ifndef FST_FLOW_EXTRA_H
#define FST_FLOW_EXTRA_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/record.h"

struct fst_extra {
    uint32_t findings;       /* newest of the connection, or FST_NO_INDEX */
    uint32_t detail;         /* whole observation, or FST_NO_INDEX */
    uint32_t dwell;          /* what lasts; or FST_NO_INDEX */
    uint32_t fin_packet[2];  /* of each side, 0: none */
    uint16_t incarnation;    /* of the 4-tuple, from 1 */
    uint8_t payload_high[2]; /* bits 32 to 39 of the record's `payload` */
};

struct fst_extras {
    const struct fst_allocator *allocator;
    struct fst_extra **blocks;
    uint32_t block_count, block_room;
    uint32_t unused; /* those never used yet start here */
    uint32_t free;   /* heads the chain of given back ones, linked by `findings` */
};

void fst_extras_init(struct fst_extras *extras, const struct fst_allocator *allocator);
void fst_extras_fini(struct fst_extras *extras);

/** Make sure that one can be added; false when memory is short. */
bool fst_extras_reserve(struct fst_extras *extras);

/** What there is of a record; if nothing was added, what that means. Borrowed until one is added or
 *  dropped. */
const struct fst_extra *fst_extra_of(const struct fst_extras *extras,
                                     const struct fst_record *record);

/** The same to be written, added if need be; NULL when memory is short. */
struct fst_extra *fst_extra_add(struct fst_extras *extras, struct fst_record *record);

/** Give back that of a record, if any. */
void fst_extra_drop(struct fst_extras *extras, struct fst_record *record);

/** Make sure that as many blocks of others can be taken over; false when memory is short. */
bool fst_extras_make_room(struct fst_extras *extras, uint32_t blocks);

/** Take them over; `other` has none then. Returns by how much their numbers grow. */
uint32_t fst_extras_absorb(struct fst_extras *extras, struct fst_extras *other);

#endif
