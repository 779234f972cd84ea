/* SPDX-License-Identifier: MIT */
#include "flow/key.h"

#include <string.h>

#include "base/bytes.h"
#include "flow/record.h"
#include "tcp/step.h"

/* Of two endpoints that are not one, whether the sender is the higher; addresses come first. */
static bool is_higher(const struct fst_segment *segment, bool *same)
{
    uint64_t src = fst_be64(segment->src), dst = fst_be64(segment->dst);

    *same = false;
    if (src != dst)
        return src > dst;
    src = fst_be64(segment->src + 8);
    dst = fst_be64(segment->dst + 8);
    if (src != dst)
        return src > dst;
    *same = segment->src_port == segment->dst_port;
    return segment->src_port > segment->dst_port;
}

static_assert(FST_KIND_KEY < 1u << 24, "fits the tail of the hash");

unsigned fst_key_of(struct fst_key *key, const struct fst_segment *segment, uint32_t domain)
{
    bool same;
    unsigned side = is_higher(segment, &same);

    if (same)
        return FST_NO_SIDE;
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
