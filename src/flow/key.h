/* SPDX-License-Identifier: MIT
 *
 * What makes packets one connection: both addresses and ports, and what they were carried in. Both
 * directions give one key; the lower endpoint is side 0.
 */
#ifndef FST_FLOW_KEY_H
#define FST_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "decode/segment.h"

struct fst_key {
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t kind; /* FST_KIND_KEY bits of a record */
};

/** Make the key of a segment; returns the sender's side, or FST_NO_SIDE if both endpoints are the
 *  same, so that directions cannot be told apart. */
unsigned fst_key_of(struct fst_key *key, const struct fst_segment *segment, uint32_t domain);

uint64_t fst_key_hash(const struct fst_key *key, const struct fst_siphash_key *secret);

#endif
