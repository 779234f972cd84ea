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

void fst_key_secret_init(struct fst_key_secret *secret, const struct fst_siphash_key *seed)
{
    uint64_t count = 0;

    for (size_t i = 0; i < FST_KEY_PAIRS; i++)
        for (size_t j = 0; j < 2; j++, count++)
            secret->pairs[i][j] = fst_siphash(seed, &count, 1);
    secret->last = fst_siphash(seed, &count, 1);
}

static uint64_t product(const uint64_t secret[2], uint32_t one, uint32_t other)
{
    return (secret[0] + other) * (secret[1] + one);
}

/* A permutation. Up to here the hash is linear in each word: endpoints in a row, as a scan has
 * them, are hashes in a row, which in one of fifty secrets lie in few heaps. */
static uint32_t scatter(uint32_t hash)
{
    return (hash ^ hash >> 16) * UINT32_C(0x9e3779b1);
}

/* Of any two keys some pair of words differs, and its two words of the secret make every difference
 * between the upper halves of the sums equally likely, whatever the other products are. IPv4 and
 * IPv6, which has more pairs, differ in the kind. */
uint32_t fst_key_hash(const struct fst_key *key, const struct fst_key_secret *secret)
{
    size_t octets = key->kind & FST_KIND_IPV6 ? 16 : 4;
    uint64_t sum = secret->last + product(secret->pairs[0],
                                          (uint32_t)key->port[0] << 16 | key->port[1], key->kind);

    for (size_t i = 0; i < octets; i += 4)
        sum += product(secret->pairs[1 + i / 4], fst_le32(&key->address[0][i]),
                       fst_le32(&key->address[1][i]));
    return scatter((uint32_t)(sum >> 32));
}
