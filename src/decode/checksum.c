/* SPDX-License-Identifier: MIT
 *
 * The Internet checksum. A ones' complement sum may be taken in words of any width and octet order
 * and folded at the end (RFC 1071 section 2), so 64-bit words in the host's order are added up.
 */
#include "decode/checksum.h"

#include "base/bytes.h"

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

/* The last words and the octet without a partner, up to seven octets, in the host's order. */
static uint64_t rest_of(const uint8_t *octets, size_t len)
{
    uint64_t sum = 0;
    uint16_t word16;
    uint8_t pair[2] = {0, 0};

    if (len & 4) {
        sum += fst_load32(octets);
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

uint64_t fst_checksum_host_sum(const uint8_t *octets, size_t len)
{
    struct fst_sum even = {0, 0}, odd = {0, 0}; /* two, so that additions overlap */

    for (; len >= 32; octets += 32, len -= 32) {
        fst_sum_add(&even, fst_load64(octets));
        fst_sum_add(&odd, fst_load64(octets + 8));
        fst_sum_add(&even, fst_load64(octets + 16));
        fst_sum_add(&odd, fst_load64(octets + 24));
    }
    for (; len >= 8; octets += 8, len -= 8)
        fst_sum_add(&even, fst_load64(octets));
    if (len > 0)
        fst_sum_add(&odd, rest_of(octets, len));
    return fst_sum_of(&even) + fst_sum_of(&odd);
}

uint16_t fst_checksum_sum(const uint8_t *octets, size_t len)
{
    return to_network_order(fold(fst_checksum_host_sum(octets, len)));
}

enum fst_checksum fst_checksum_judge(const struct fst_segment *segment, const uint8_t *tcp,
                                     uint32_t len)
{
    uint64_t addresses = fst_checksum_addresses(segment),
             pseudo = addresses + fst_checksum_pseudo(len);
    uint16_t field;

    if (fst_checksum_is_good(pseudo + fst_checksum_host_sum(tcp, len)))
        return FST_CHECKSUM_GOOD;
    /* A card that also cuts the segment up may add each piece's length itself. */
    field = fst_be16(tcp + 16);
    return field == to_network_order(fold(pseudo)) ||
                   field == to_network_order(fold(addresses + fst_checksum_pseudo(0)))
               ? FST_CHECKSUM_OFFLOADED
               : FST_CHECKSUM_BAD;
}
