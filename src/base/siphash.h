/* SPDX-License-Identifier: MIT
 *
 * SipHash-1-3 over 64-bit words: a keyed hash, so that nobody who does not know the key can choose
 * what collides. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF".
 */
#ifndef FST_BASE_SIPHASH_H
#define FST_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct fst_siphash_key {
    uint64_t low, high;
};

static inline struct fst_siphash_key fst_siphash_key(const uint8_t octets[16])
{
    return (struct fst_siphash_key){fst_le64(octets), fst_le64(octets + 8)};
}

static inline uint64_t fst_rotate_left(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline void fst_siphash_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = fst_rotate_left(v[1], 13) ^ v[0];
    v[3] = fst_rotate_left(v[3], 16) ^ v[2];
    v[0] = fst_rotate_left(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = fst_rotate_left(v[1], 17) ^ v[2];
    v[3] = fst_rotate_left(v[3], 21) ^ v[0];
    v[2] = fst_rotate_left(v[2], 32);
}

/** Hash of `count` words, at most 31 of them: their length in octets is the top byte of what is
 *  hashed last. */
static inline uint64_t fst_siphash(const struct fst_siphash_key *key, const uint64_t *words,
                                   size_t count)
{
    uint64_t v[4] = {key->low ^ 0x736f6d6570736575u, key->high ^ 0x646f72616e646f6du,
                     key->low ^ 0x6c7967656e657261u, key->high ^ 0x7465646279746573u};
    uint64_t tail = (uint64_t)(count * 8) << 56;
    size_t i;

    for (i = 0; i < count; i++) {
        v[3] ^= words[i];
        fst_siphash_round(v);
        v[0] ^= words[i];
    }
    v[3] ^= tail;
    fst_siphash_round(v);
    v[0] ^= tail;
    v[2] ^= 0xff;
    fst_siphash_round(v);
    fst_siphash_round(v);
    fst_siphash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
