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

/* 64 MB: beyond that a letter is written only once. */
#define FST_TALLIES_MOST (1u << 20)

#endif
