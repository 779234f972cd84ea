/* SPDX-License-Identifier: MIT
 *
 * SipHash-1-3 over 64-bit words: a keyed hash, so that nobody who does not know the key can choose
 * connections that collide. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF".
 */
#ifndef FST_BASE_SIPHASH_H
#define FST_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct fst_siphash_key {
    uint64_t low, high;
};

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

/** Hash of `count` whole words and up to seven octets more, in the low bytes of `tail`, whose top
 * byte is the length of all in octets. With a constant `count` it unrolls. */
static inline uint64_t fst_siphash_tailed(const struct fst_siphash_key *key, const uint64_t *words,
                                          size_t count, uint64_t tail)
{
    uint64_t v[4] = {key->low ^ 0x736f6d6570736575u, key->high ^ 0x646f72616e646f6du,
                     key->low ^ 0x6c7967656e657261u, key->high ^ 0x7465646279746573u};
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

/** Hash of `count` whole words. */
static inline uint64_t fst_siphash(const struct fst_siphash_key *key, const uint64_t *words,
                                   size_t count)
{
    return fst_siphash_tailed(key, words, count, (uint64_t)(count * 8) << 56);
}

#endif
