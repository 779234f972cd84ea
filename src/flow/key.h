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

#define FST_KEY_PAIRS 5

/* Random words for fst_key_hash(): two for each pair of words of a key, and one more. */
struct fst_key_secret {
    uint64_t pairs[FST_KEY_PAIRS][2];
    uint64_t last;
};

void fst_key_secret_init(struct fst_key_secret *secret, const struct fst_siphash_key *seed);

/**
 * Two different keys have the same hash with one secret in 2^32. That holds for keys chosen without
 * seeing the secret or its effects, as those of a capture are.
 *
 * Source: Thorup, "High Speed Hashing for Integers and Strings", pair-multiply-shift.
 */
uint32_t fst_key_hash(const struct fst_key *key, const struct fst_key_secret *secret);

#endif
