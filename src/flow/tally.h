/* SPDX-License-Identifier: MIT
 *
 * What the few connections need whose history repeats a letter: exact counts, and the numbers by
 * which a SYN, FIN or RST is known to be another one. Side storage, so that the others do not pay
 * for it.
 */
#ifndef FST_FLOW_TALLY_H
#define FST_FLOW_TALLY_H

#include <stdint.h>

#include "flow/tale.h"

struct fst_tally {
    struct fst_tale tale;
    uint32_t count[2][4];  /* by side: kinds of event written at 1, 10, 100 ... */
    uint32_t last[2][3];   /* by side: sequence number of its last SYN, FIN, RST */
    uint8_t last_known[2]; /* bits of `last` */
};

struct fst_tallies {
    const struct fst_allocator *allocator;
    struct fst_tally *items;
    uint32_t room, unused; /* items never used yet start at `unused` */
    uint32_t free;         /* heads the chain of given back ones, linked by `tale.history` */
};

void fst_tallies_init(struct fst_tallies *tallies, const struct fst_allocator *allocator);
void fst_tallies_fini(struct fst_tallies *tallies);

/** The tally at *index, made and zeroed if that is FST_NO_INDEX; NULL when memory is short or too
 * many are in use. Borrowed until the next call. */
struct fst_tally *fst_tally_of(struct fst_tallies *tallies, uint32_t *index);

/** Give one back. */
void fst_tally_drop(struct fst_tallies *tallies, uint32_t index);

#endif
