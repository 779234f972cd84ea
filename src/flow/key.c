/* SPDX-License-Identifier: MIT */
#include "flow/key.h"

#include <string.h>

#include "flow/record.h"
#include "tcp/step.h"

unsigned fst_key_of(struct fst_key *key, const struct fst_segment *segment, uint32_t domain)
{
    int order = memcmp(segment->src, segment->dst, sizeof(segment->src));
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

uint64_t fst_key_hash(const struct fst_key *key, const struct fst_siphash_key *secret)
{
    uint64_t words[5];

    if (key->kind & FST_KIND_IPV6) {
        memcpy(words, key->address, 32);
        words[4] = (uint64_t)key->port[0] << 48 | (uint64_t)key->port[1] << 32 | key->kind;
        return fst_siphash(secret, words, 5);
    }
    memcpy(&words[0], key->address[0], 4);
    memcpy((uint8_t *)&words[0] + 4, key->address[1], 4);
    words[1] = (uint64_t)key->port[0] << 48 | (uint64_t)key->port[1] << 32 | key->kind;
    return fst_siphash(secret, words, 2);
}
