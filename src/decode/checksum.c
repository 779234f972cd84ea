/* SPDX-License-Identifier: MIT
 *
 * The Internet checksum. A ones' complement sum may be taken in words of any width and octet order
 * and folded at the end (RFC 1071 section 2), so 32-bit words in the host's order are added up in
 * 64-bit lanes that cannot overflow. The shape of the loops is for the compiler's vectors.
 */
#include "decode/checksum.h"

#include <string.h>

#include "base/bytes.h"

#define PROTOCOL_TCP 6

static uint16_t fold(uint64_t sum)
{
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

/* A sum of words in the host's order, as one of words in network order: RFC 1071 2 (B). */
static uint16_t to_network_order(uint16_t sum)
{
    uint8_t octets[2];

    memcpy(octets, &sum, sizeof(octets));
    return fst_be16(octets);
}

#define LANES 8

uint16_t fst_checksum_sum(const uint8_t *octets, size_t len)
{
    uint64_t lanes[LANES] = {0}, sum = 0;
    uint32_t words[LANES], word;

    for (; len >= sizeof(words); octets += sizeof(words), len -= sizeof(words)) {
        memcpy(words, octets, sizeof(words));
        for (size_t i = 0; i < LANES; i++)
            lanes[i] += words[i];
    }
    for (; len >= sizeof(word); octets += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, octets, sizeof(word));
        sum += word;
    }
    if (len > 0) {
        word = 0;
        memcpy(&word, octets, len);
        sum += word;
    }
    for (size_t i = 0; i < LANES; i++)
        sum += lanes[i];
    return to_network_order(fold(sum));
}

/* The pseudo-header without the length. The unused octets of an IPv4 address are 0. */
static uint16_t pseudo_header_sum(const struct fst_segment *segment)
{
    size_t len = segment->ipv6 ? 16 : 4;

    return fold((uint64_t)fst_checksum_sum(segment->src, len) +
                fst_checksum_sum(segment->dst, len) + PROTOCOL_TCP);
}

enum fst_checksum fst_checksum_judge(const struct fst_segment *segment, const uint8_t *tcp,
                                     uint32_t len)
{
    uint16_t without_len = pseudo_header_sum(segment);
    uint16_t pseudo = fold((uint64_t)without_len + len);
    uint16_t field = fst_be16(tcp + 16);

    if (fold((uint64_t)pseudo + fst_checksum_sum(tcp, len)) == 0xffff)
        return FST_CHECKSUM_GOOD;
    /* A card that also cuts the segment up adds each piece's length itself. */
    if (field == pseudo || field == without_len)
        return FST_CHECKSUM_OFFLOADED;
    return FST_CHECKSUM_BAD;
}
