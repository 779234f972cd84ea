/* SPDX-License-Identifier: MIT
 *
 * The Internet checksum. A ones' complement sum may be taken in words of any width and octet order
 * and folded at the end (RFC 1071 section 2), so 64-bit words in the host's order are added up.
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

static uint32_t load32(const uint8_t *octets)
{
    uint32_t word;

    memcpy(&word, octets, sizeof(word));
    return word;
}

static uint64_t load64(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, sizeof(word));
    return word;
}

/* Adds with the carry kept aside: two instructions for eight octets. */
static void add(uint64_t *sum, uint64_t *carries, uint64_t word)
{
    *sum += word;
    *carries += *sum < word;
}

/* The last words and the octet without a partner, up to seven octets, in the host's order. */
static uint64_t rest_of(const uint8_t *octets, size_t len)
{
    uint64_t sum = 0;
    uint16_t word16;
    uint8_t pair[2] = {0, 0};

    if (len & 4) {
        sum += load32(octets);
        octets += 4;
    }
    if (len & 2) {
        memcpy(&word16, octets, sizeof(word16));
        sum += word16;
        octets += 2;
    }
    if (len & 1) {
        pair[0] = *octets;
        memcpy(&word16, pair, sizeof(word16));
        sum += word16;
    }
    return sum;
}

/* In the host's order, not folded. */
static uint64_t host_sum(const uint8_t *octets, size_t len)
{
    uint64_t even = 0, odd = 0, carries = 0; /* two sums, so that additions overlap */

    for (; len >= 32; octets += 32, len -= 32) {
        add(&even, &carries, load64(octets));
        add(&odd, &carries, load64(octets + 8));
        add(&even, &carries, load64(octets + 16));
        add(&odd, &carries, load64(octets + 24));
    }
    for (; len >= 8; octets += 8, len -= 8)
        add(&even, &carries, load64(octets));
    if (len > 0)
        add(&odd, &carries, rest_of(octets, len));
    return (even >> 32) + (even & 0xffffffff) + (odd >> 32) + (odd & 0xffffffff) + carries;
}

uint16_t fst_checksum_sum(const uint8_t *octets, size_t len)
{
    return to_network_order(fold(host_sum(octets, len)));
}

/* The pseudo-header without the length, in the host's order, not folded. */
static uint64_t pseudo_header_sum(const struct fst_segment *segment)
{
    static const uint8_t protocol[2] = {0, PROTOCOL_TCP};
    uint64_t sum = rest_of(protocol, sizeof(protocol));

    sum += (uint64_t)load32(segment->src) + load32(segment->dst);
    for (size_t i = 4; segment->ipv6 && i < sizeof(segment->src); i += 4)
        sum += (uint64_t)load32(segment->src + i) + load32(segment->dst + i);
    return sum;
}

/* The length of the pseudo-header, in the host's order: RFC 8200 section 8.1 has 32 bits. */
static uint64_t length_sum(uint32_t len)
{
    const uint8_t field[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                              (uint8_t)len};

    return load32(field);
}

enum fst_checksum fst_checksum_judge(const struct fst_segment *segment, const uint8_t *tcp,
                                     uint32_t len)
{
    uint64_t pseudo = pseudo_header_sum(segment), length = length_sum(len);
    uint16_t field;

    /* Folded it would be 0xffff, the same in either order: a multiple of that, and not 0, since the
     * pseudo-header is not. */
    if ((pseudo + length + host_sum(tcp, len)) % 0xffff == 0)
        return FST_CHECKSUM_GOOD;
    /* A card that also cuts the segment up may add each piece's length itself. */
    field = fst_be16(tcp + 16);
    return field == to_network_order(fold(pseudo + length)) ||
                   field == to_network_order(fold(pseudo))
               ? FST_CHECKSUM_OFFLOADED
               : FST_CHECKSUM_BAD;
}
