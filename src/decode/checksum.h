/* SPDX-License-Identifier: MIT
 *
 * The Internet checksum (RFC 1071) over a TCP segment and its pseudo-header.
 */
#ifndef FST_DECODE_CHECKSUM_H
#define FST_DECODE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "decode/segment.h"

#define FST_CHECKSUM_PROTOCOL 6 /* TCP, in the pseudo-header */

/* Adds with the carry kept aside: two instructions for eight octets. */
struct fst_sum {
    uint64_t words, carries;
};

static inline void fst_sum_add(struct fst_sum *sum, uint64_t word)
{
    sum->words += word;
    sum->carries += sum->words < word;
}

/** As few bits as add up without a thought: below 2^36 for less than 2^35 words. */
static inline uint64_t fst_sum_of(const struct fst_sum *sum)
{
    return (sum->words >> 32) + (sum->words & 0xffffffff) + sum->carries;
}

/** The ones' complement sum of `len` octets as 16-bit words in network order, folded to 16 bits and
 *  not complemented. An odd octet at the end counts as if a zero followed. */
uint16_t fst_checksum_sum(const uint8_t *octets, size_t len);

/** The ones' complement sum of `len` octets in the host's order, not folded, below 2^36. */
uint64_t fst_checksum_host_sum(const uint8_t *octets, size_t len);

/** The addresses of the pseudo-header, as fst_checksum_host_sum() would add them up. */
static inline uint64_t fst_checksum_ip4(const uint8_t *src, const uint8_t *dst)
{
    return (uint64_t)fst_load32(src) + fst_load32(dst);
}

static inline uint64_t fst_checksum_ip6(const uint8_t *src, const uint8_t *dst)
{
    struct fst_sum sum = {0, 0};

    fst_sum_add(&sum, fst_load64(src));
    fst_sum_add(&sum, fst_load64(src + 8));
    fst_sum_add(&sum, fst_load64(dst));
    fst_sum_add(&sum, fst_load64(dst + 8));
    return fst_sum_of(&sum);
}

static inline uint64_t fst_checksum_addresses(const struct fst_segment *segment)
{
    return segment->ipv6 ? fst_checksum_ip6(segment->src, segment->dst)
                         : fst_checksum_ip4(segment->src, segment->dst);
}

/** The rest of it, for a segment of `len` octets: RFC 8200 section 8.1 has 32 bits for that. */
static inline uint64_t fst_checksum_pseudo(uint32_t len)
{
    const uint8_t field[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                              (uint8_t)len};
    const uint8_t protocol[4] = {0, FST_CHECKSUM_PROTOCOL, 0, 0};

    return (uint64_t)fst_load32(field) + fst_load32(protocol);
}

/** Whether a sum of a segment with its pseudo-header, not folded, tells that all is well. Folded it
 *  would be 0xffff, the same in either order: a multiple of that, and not 0, since the
 * pseudo-header is not. */
static inline bool fst_checksum_is_good(uint64_t sum)
{
    return sum % 0xffff == 0;
}

/**
 * Judge the checksum of a whole TCP segment.
 *
 * @param segment  Its addresses are the pseudo-header's.
 * @param tcp      The segment from the first octet of its header, `len` octets, at least 20.
 * @return FST_CHECKSUM_GOOD, FST_CHECKSUM_OFFLOADED or FST_CHECKSUM_BAD.
 *
 * Source: RFC 9293 section 3.1, RFC 8200 section 8.1.
 */
enum fst_checksum fst_checksum_judge(const struct fst_segment *segment, const uint8_t *tcp,
                                     uint32_t len);

#endif
