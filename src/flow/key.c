/* SPDX-License-Identifier: MIT */
#include "flow/key.h"

#include <string.h>

#include "base/bytes.h"
#include "flow/record.h"
#include "tcp/step.h"

/* As memcmp(): below, equal or above 0. */
static int compare_addresses(const uint8_t one[16], const uint8_t other[16])
{
    uint64_t high[2] = {fst_be64(one), fst_be64(other)};
    uint64_t low[2] = {fst_be64(one + 8), fst_be64(other + 8)};

    if (high[0] != high[1])
        return high[0] < high[1] ? -1 : 1;
    return (low[0] > low[1]) - (low[0] < low[1]);
}

static_assert(FST_KIND_KEY < 1u << 24, "fits the tail of the hash");

unsigned fst_key_of(struct fst_key *key, const struct fst_segment *segment, uint32_t domain)
{
    int order = compare_addresses(segment->src, segment->dst);
    unsigned side;

    if (order == 0 && segment->src_port == segment->dst_port)
        return FST_NO_SIDE;
    side = order > 0 || (order == 0 && segment->src_port > segment->dst_port);
    memcpy(key->address[side], segment->src, 16);
    memcpy(key->address[!side], segment->dst, 16);
    key->port[side] = segment->src_port;
    key->port[!side] = segment->dst_port;
    key->kind = domain | (segment->ipv6 ? FST_KIND_IPV6 : 0);
    return side;
}

/* The ports and the kind, below 2^24, take seven octets. */
static uint64_t tail_of(const struct fst_key *key, size_t octets)
{
    return (uint64_t)octets << 56 | (uint64_t)key->kind << 32 | (uint64_t)key->port[0] << 16 |
           key->port[1];
}

uint64_t fst_key_hash(const struct fst_key *key, const struct fst_siphash_key *secret)
{
    uint64_t words[4];

    if (key->kind & FST_KIND_IPV6) {
        memcpy(words, key->address, 32);
        return fst_siphash_tailed(secret, words, 4, tail_of(key, 39));
    }
    memcpy(&words[0], key->address[0], 4);
    memcpy((uint8_t *)&words[0] + 4, key->address[1], 4);
    return fst_siphash_tailed(secret, words, 1, tail_of(key, 15));
}
