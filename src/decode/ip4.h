/* SPDX-License-Identifier: MIT
 *
 * The IPv4 header: addresses, lengths, fragments. Its checksum is not looked at: a wrong one is a
 * network card's work far more often than damage.
 */
#ifndef FST_DECODE_IP4_H
#define FST_DECODE_IP4_H

#include <string.h>

#include "decode/decoding.h"

#define FST_IP4_HEADER_MIN     20u
#define FST_IP4_MORE_FRAGMENTS 0x2000u
#define FST_IP4_OFFSET_MASK    0x1fffu

/* All 16 octets in one store: what reads them together would wait for two to reach the cache. */
static inline void fst_ip4_address(uint8_t to[16], const uint8_t *from)
{
    typedef uint32_t four_words __attribute__((vector_size(16)));
    const four_words address = {fst_load32(from), 0, 0, 0};

    memcpy(to, &address, sizeof(address));
}

/** The fields of the header that a segment has. */
static inline void fst_ip4_fill(struct fst_segment *segment, const uint8_t *header)
{
    segment->ipv6 = false;
    fst_ip4_address(segment->src, header + 12);
    fst_ip4_address(segment->dst, header + 16);
    segment->ip_id = fst_be16(header + 4);
    segment->ttl = header[8];
}

/** Take an IPv4 header with its options off; what is left is then as long as IP says. RFC 791. */
fst_next fst_ip4_decode(struct fst_decoding *decoding);

#endif
