/* SPDX-License-Identifier: MIT
 *
 * The Internet checksum (RFC 1071) over a TCP segment and its pseudo-header.
 */
#ifndef FST_DECODE_CHECKSUM_H
#define FST_DECODE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "decode/segment.h"

/** The ones' complement sum of `len` octets as 16-bit words in network order, folded to 16 bits and
 *  not complemented. An odd octet at the end counts as if a zero followed. */
uint16_t fst_checksum_sum(const uint8_t *octets, size_t len);

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
