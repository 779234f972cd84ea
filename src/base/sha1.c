/* SPDX-License-Identifier: MIT */
#include "base/sha1.h"

#include <string.h>

#include "base/bytes.h"

#define BLOCK 64

static uint32_t rotate_left(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

static void put_be32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

/* The functions of the rounds: FIPS 180-4, 4.1.1. */

static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return z ^ (x & (y ^ z));
}

static uint32_t parity(uint32_t x, uint32_t y, uint32_t z)
{
    return x ^ y ^ z;
}

static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | (z & (x | y));
}

/** A round: its T becomes the new first word. The words stay where they are and change their names
 *  instead, so that nothing is moved: `e`, the last, is the next round's first. `added` is the
 * value of the function, the constant and the word of the message. */
static inline void turn(uint32_t a, uint32_t *b, uint32_t *e, uint32_t added)
{
    *e = *e + added + rotate_left(a, 5);
    *b = rotate_left(*b, 30);
}

typedef uint32_t round_function(uint32_t x, uint32_t y, uint32_t z);

/** Twenty rounds with one function and one constant. */
static inline __attribute__((always_inline)) void twenty(uint32_t v[5], const uint32_t w[20],
                                                         round_function *f, uint32_t k)
{
    uint32_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4];

    for (unsigned i = 0; i < 20; i += 5) {
        turn(a, &b, &e, f(b, c, d) + k + w[i]);
        turn(e, &a, &d, f(a, b, c) + k + w[i + 1]);
        turn(d, &e, &c, f(e, a, b) + k + w[i + 2]);
        turn(c, &d, &b, f(d, e, a) + k + w[i + 3]);
        turn(b, &c, &a, f(c, d, e) + k + w[i + 4]);
    }
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
    v[4] = e;
}

static void take_block(uint32_t hash[5], const uint8_t *block)
{
    uint32_t w[80], v[5];

    for (unsigned i = 0; i < 16; i++)
        w[i] = fst_be32(block + 4 * i);
    for (unsigned i = 16; i < 80; i++)
        w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

    memcpy(v, hash, sizeof(v));
    twenty(v, w, choose, 0x5a827999u); /* the constants: 4.2.1 */
    twenty(v, w + 20, parity, 0x6ed9eba1u);
    twenty(v, w + 40, majority, 0x8f1bbcdcu);
    twenty(v, w + 60, parity, 0xca62c1d6u);
    for (unsigned i = 0; i < 5; i++)
        hash[i] += v[i];
}

void fst_sha1(const uint8_t *data, size_t len, uint8_t digest[FST_SHA1_SIZE])
{
    uint32_t hash[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    uint8_t last[2 * BLOCK] = {0};
    size_t whole = len / BLOCK * BLOCK;
    size_t rest = len - whole;
    size_t padded = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;

    for (size_t at = 0; at < whole; at += BLOCK)
        take_block(hash, data + at);

    if (rest > 0)
        memcpy(last, data + whole, rest);
    last[rest] = 0x80;
    put_be32(last + padded - 8, (uint32_t)((uint64_t)len >> 29));
    put_be32(last + padded - 4, (uint32_t)((uint64_t)len << 3));
    for (size_t at = 0; at < padded; at += BLOCK)
        take_block(hash, last + at);

    for (unsigned i = 0; i < 5; i++)
        put_be32(digest + 4 * i, hash[i]);
}
