/* SPDX-License-Identifier: MIT
 *
 * What makes packets one connection: both addresses and ports, and what they were carried in. Both
 * directions give one key; the lower endpoint is side 0.
 */
#ifndef FST_FLOW_KEY_H
#define FST_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/siphash.h"
#include "decode/segment.h"
#include "flow/record.h"
#include "tcp/step.h"

struct fst_key {
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t kind; /* FST_KIND_KEY bits of a record */
};

/* Addresses come first: whether the sender is the higher, and whether both are the same. */
static inline bool fst_sender_is_higher(const struct fst_segment *segment, bool *same)
{
    uint64_t src = fst_be64(segment->src), dst = fst_be64(segment->dst);

    if (src == dst && segment->ipv6) {
        src = fst_be64(segment->src + 8);
        dst = fst_be64(segment->dst + 8);
    }
    *same = src == dst && segment->src_port == segment->dst_port;
    return src != dst ? src > dst : segment->src_port > segment->dst_port;
}

/** Make the key of a segment; returns the sender's side, or FST_NO_SIDE if both endpoints are the
 *  same, so that directions cannot be told apart. */
static inline unsigned fst_key_of(struct fst_key *key, const struct fst_segment *segment,
                                  uint32_t domain)
{
    bool same;
    unsigned side = fst_sender_is_higher(segment, &same);

    if (same)
        return FST_NO_SIDE;
    memcpy(key->address[side], segment->src, 16);
    memcpy(key->address[side ^ 1], segment->dst, 16);
    key->port[side] = segment->src_port;
    key->port[side ^ 1] = segment->dst_port;
    key->kind = domain | (segment->ipv6 ? FST_KIND_IPV6 : 0);
    return side;
}

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
static inline uint32_t fst_key_hash(const struct fst_key *key, const struct fst_key_secret *secret);

static inline uint64_t fst_product(const uint64_t secret[2], uint32_t one, uint32_t other)
{
    return (secret[0] + other) * (secret[1] + one);
}

/* Of the words of both addresses that begin with octet `at`. */
static inline uint64_t fst_address_product(const struct fst_key *key,
                                           const struct fst_key_secret *secret, unsigned at)
{
    return fst_product(secret->pairs[1 + at / 4], fst_le32(&key->address[0][at]),
                       fst_le32(&key->address[1][at]));
}

/* A permutation. Up to here the hash is linear in each word: endpoints in a row, as a scan has
 * them, are hashes in a row, which in one of fifty secrets lie in few heaps. */
static inline uint32_t fst_scatter(uint32_t hash)
{
    return (hash ^ hash >> 16) * UINT32_C(0x9e3779b1);
}

/* Of any two keys some pair of words differs, and its two words of the secret make every difference
 * between the upper halves of the sums equally likely, whatever the other products are. IPv4 and
 * IPv6, which has more pairs, differ in the kind. */
static inline uint32_t fst_key_hash(const struct fst_key *key, const struct fst_key_secret *secret)
{
    uint32_t ports = (uint32_t)key->port[0] << 16 | key->port[1];
    uint64_t sum = secret->last + fst_product(secret->pairs[0], ports, key->kind) +
                   fst_address_product(key, secret, 0);

    if (key->kind & FST_KIND_IPV6)
        sum += fst_address_product(key, secret, 4) + fst_address_product(key, secret, 8) +
               fst_address_product(key, secret, 12);
    return fst_scatter((uint32_t)(sum >> 32));
}

#endif
