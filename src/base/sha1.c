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

/** The function and the constant of a round: FIPS 180-4, 4.1.1 and 4.2.1. */
static uint32_t mix(unsigned round, const uint32_t v[5])
{
    if (round < 20)
        return ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5a827999u;
    if (round < 40)
        return (v[1] ^ v[2] ^ v[3]) + 0x6ed9eba1u;
    if (round < 60)
        return ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8f1bbcdcu;
    return (v[1] ^ v[2] ^ v[3]) + 0xca62c1d6u;
}

static void take_block(uint32_t hash[5], const uint8_t *block)
{
    uint32_t w[80], v[5];

    for (unsigned i = 0; i < 16; i++)
        w[i] = fst_be32(block + 4 * i);
    for (unsigned i = 16; i < 80; i++)
        w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

    memcpy(v, hash, sizeof(v));
    for (unsigned i = 0; i < 80; i++) {
        uint32_t next = rotate_left(v[0], 5) + mix(i, v) + v[4] + w[i];

        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate_left(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
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
